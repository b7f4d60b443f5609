"""A complaint goes over to mediation: the mediator gets the two sides and a few words, never the complaint itself."""

from __future__ import annotations

from commonbeat.cases.actions import Report, act, open_case
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, Participant
from commonbeat.core.actor import SYSTEM
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.complaint.models import Allegation

TALKS = "mediation"
NOBODY_NAMED = N_("Name the officer of an allegation first: mediation needs to know who the other side is.")
NOT_REACHED = N_("Whoever complained gave no way to reach them, so nobody can ask them. Ask for one with a question.")


def divert(deed: Deed) -> Case:
    """Open the mediation with both sides and the wall around them; they are asked there once more, one by one."""
    rows = Allegation.objects.filter(case=deed.case, struck_at=None, officer__isnull=False)
    officers = sorted(set(rows.values_list("officer_id", flat=True)))
    if not officers:
        raise Invalid([Problem("both", NOBODY_NAMED)])
    part = deed.case.participants.filter(role=Participant.Role.REPORTER).select_related("person").first()
    person = part.person if part else None
    if part is None or person is None or person.shredded_at or not (person.email or person.phone):
        raise Invalid([Problem("both", NOT_REACHED)])
    report = Report(
        text=str(deed.data["about"]), area_id=deed.case.area_id, channel=deed.case.channel,
        answers={"about": "police", "other": str(deed.data["about"]), "afraid": "no"},
        name=person.name, email=person.email, phone=person.phone, told_by=part.told_by, hidden=part.hidden,
        language=person.language or deed.case.language, extra={"origin": deed.case.pk},
    )  # fmt: skip
    talks = open_case(TALKS, report, actor=deed.actor, at=deed.at).case
    act(talks, "divert", data={"officers": [str(number) for number in officers]}, actor=SYSTEM, at=deed.at)
    return talks
