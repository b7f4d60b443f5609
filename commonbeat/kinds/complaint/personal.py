"""What the tables of complaints hold about people, and what of it a complainant's request reaches."""

from commonbeat.cases.personal import PERSONAL, PersonalTable, nobody

LAW = "The law keeps the record of a complaint until its time is over."
OTHERS = "It is about the officer, whose file it is; the complainant gets the finding in the letter."

PERSONAL.add(
    PersonalTable(
        "complaint.Appeal", case="case", told=("text", "asked_at"),
        kept={"text": LAW, "asked_at": LAW},
    )
)  # fmt: skip
PERSONAL.add(
    PersonalTable(
        "complaint.Interview", case="case", where={"role": "complainant"}, told=("name", "text", "held_at"),
        kept={"name": LAW, "text": LAW, "held_at": LAW},
    )
)  # fmt: skip
PERSONAL.add(PersonalTable("complaint.Allegation", apart=dict.fromkeys(("described", "text", "reason"), OTHERS)))
nobody("What policies should learn; it names nobody.", "complaint.Recommendation")
