"""What the tables of activities hold about people: nobody by name. Attendance is a count."""

from commonbeat.cases.personal import nobody

nobody(
    "What the department announces and reports of its own meetings, in words for everybody; who came is only counted, "
    "and the internal note is emptied when its time is over.",
    "activities.Activity", "activities.AgendaItem",
)  # fmt: skip
nobody("It says which case or promise came of which meeting, and holds no words.", "activities.CameOf")
