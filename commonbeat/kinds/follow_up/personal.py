"""What the tables of follow-ups hold about people: all of it is about the person harmed, who may read and erase it."""

from __future__ import annotations

from commonbeat.cases.models import Participant
from commonbeat.cases.personal import PERSONAL, PersonalTable

THEIRS = (Participant.Role.THIRD_PARTY,)

PERSONAL.add(
    PersonalTable(
        "follow_up.FollowUp", case="case", roles=THEIRS,
        told=("consent", "consent_at", "consent_words", "ways", "times", "careful", "needs", "last_word"),
        erased=("consent_words", "ways", "times", "careful", "needs", "last_word"),
        kept=dict.fromkeys(("consent", "consent_at"), "What somebody agreed to is the ground of what was done."),
        apart={"field_number": "A number of the records system, which answers for itself."},
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "follow_up.CallBack", case="case", roles=THEIRS, told=("way", "held_at", "outcome", "text"), erased=("text",),
        kept=dict.fromkeys(("way", "held_at", "outcome"), "That we tried to be in touch, and when."),
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "follow_up.Support", case="case", roles=THEIRS, told=("need", "what", "answer", "made_at"), erased=("what",),
        kept=dict.fromkeys(("need", "answer", "made_at"), "That help was offered, and when."),
    )
)  # fmt: skip
_RECORD = "To whom something was told, on which ground: the law asks for this record."
PERSONAL.add(
    PersonalTable(
        "follow_up.Referral", case="case", roles=THEIRS,
        told=("service", "how", "shares", "signed_on", "until", "revoked_at", "result"),
        kept=dict.fromkeys(("service", "how", "shares", "signed_on", "until", "revoked_at", "result"), _RECORD),
    )
)  # fmt: skip
