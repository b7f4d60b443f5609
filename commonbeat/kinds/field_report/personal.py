"""What the tables of field reports hold about people: who it is stands with participants, the rest is staff's words."""

from commonbeat.cases.personal import PERSONAL, PersonalTable, nobody

WORDS = "Words of staff on what happened; they name people by their role, and go with the case."

PERSONAL.add(PersonalTable("field_report.Party", participant="participant", told=("note",), erased=("note",)))
PERSONAL.add(
    PersonalTable(
        "field_report.FieldReport",
        apart=dict.fromkeys(("told", "saw", "did", "after", "not_now", "answers", "number", "comments"), WORDS),
    )
)
PERSONAL.add(PersonalTable("field_report.Item", apart=dict.fromkeys(("what", "marks", "place"), WORDS)))
PERSONAL.add(PersonalTable("field_report.Supplement", apart=dict.fromkeys(("text", "reason"), WORDS)))
PERSONAL.add(PersonalTable("field_report.SwornCall", apart=dict.fromkeys(("note", "incident"), WORDS)))
nobody("The department's own words on sorts of incidents.", "field_report.IncidentSort")
PERSONAL.add(PersonalTable("field_report.DispatchCall", apart=dict.fromkeys(("number", "source", "why"), WORDS)))
