"""What the table of commendations holds about people."""

from commonbeat.cases.personal import PERSONAL, PersonalTable

PERSONAL.add(
    PersonalTable(
        "commendation.Praise", case="case", told=("words", "approved_at"),
        kept=dict.fromkeys(
            ("words", "approved_at"), "It stands on the file of whoever was praised, without who wrote it."
        ),
    )
)  # fmt: skip
