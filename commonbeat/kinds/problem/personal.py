"""What the tables of problems hold about people: partners who answered; the rest is about places and times."""

from commonbeat.cases.personal import PERSONAL, PersonalTable, nobody

PERSONAL.add(
    PersonalTable(
        "problem.Action", participant="question__participant", told=("reply",), erased=("reply",),
        apart=dict.fromkeys(("text", "note"), "Work that was planned; it is about a place."),
    )
)  # fmt: skip
nobody(
    "Where concerns keep coming back: an address and their numbers, forgotten after a year.",
    "problem.Recurrence",
)
nobody(
    "A problem is about places, times and what is done there; its forms ask to name nobody.",
    "problem.Problem", "problem.Place", "problem.Hypothesis", "problem.Evidence", "problem.Option",
    "problem.Assessment", "problem.Partner", "problem.IncidentCount", "problem.Permit",
)  # fmt: skip
