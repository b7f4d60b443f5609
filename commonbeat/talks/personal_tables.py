"""What the tables of talks hold about people, and what of it a side's request reaches."""

from commonbeat.cases.models import Participant
from commonbeat.cases.personal import PERSONAL, PersonalTable

EVERYBODYS = "It is what every side agreed on; it is theirs as well."
SIDES = (Participant.Role.REPORTER, Participant.Role.THIRD_PARTY)

PERSONAL.add(
    PersonalTable(
        "talks.Side", participant="participant", told=("called", "language", "needs", "needs_text", "answer"),
        erased=("called", "needs", "needs_text"),
        kept={"language": "The others' words to them are read by it.", "answer": "The talks rest on every side's yes."},
    )
)  # fmt: skip
PERSONAL.add(PersonalTable("talks.Point", case="case", roles=SIDES, told=("text",), kept={"text": EVERYBODYS}))
PERSONAL.add(PersonalTable("talks.Check", participant="side__participant", told=("found", "text", "at"),
                           erased=("text",), kept={"found": "Whether agreements last is counted.",
                                                   "at": "Whether agreements last is counted."}))  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "talks.Session", case="case", roles=SIDES, told=("place", "starts_at"),
        kept={"place": EVERYBODYS, "starts_at": EVERYBODYS},
        apart=dict.fromkeys(("sides", "came"), "They hold numbers of rows, and who came is the others' as well."),
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "talks.SealedNote",
        apart={"held": "Sealed under a key; nobody but who wrote it can read it, and it is soon destroyed."},
    )
)
