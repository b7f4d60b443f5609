"""What the tables of missing persons hold about people."""

from __future__ import annotations

from commonbeat.cases.personal import PERSONAL, PersonalTable

PERSONAL.add(
    PersonalTable(
        "missing.Bulletin",
        apart=dict.fromkeys(
            ("name", "words", "agreed_by", "returned", "why"),
            "It is about whoever is missing, not about who reported it; the public loses it when they are found.",
        ),
    )
)
PERSONAL.add(
    PersonalTable(
        "missing.Sighting", participant="participant", told=("text", "place", "seen", "sent_at"),
        erased=("text", "place", "seen"),
        kept={"sent_at": "When something was seen helps the search; it names nobody."},
        apart={"reason": "What staff think of a sighting, for colleagues."},
    )
)  # fmt: skip
