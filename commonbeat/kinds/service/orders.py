"""A work order out of a finding: another department mends the place, its end comes back to the survey."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commonbeat.cases.actions import act
from commonbeat.cases.custody import PHOTOS
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, CaseLink, Task
from commonbeat.cases.offshoots import OFFSHOOTS
from commonbeat.cases.projections import PROJECTIONS
from commonbeat.community.agency import close_of, local_day
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.service.models import Finding
from commonbeat.kinds.service.survey import finding_of

REGISTER = "observation"
"""Conditions of places stand there until somebody has seen to them."""
LOOK_AFTER = dt.timedelta(days=3)
NOBODY = N_("Choose who gets it: a team, or another agency by name.")
RUNNING = N_("There is a work order for this already. Its reference is on the list.")
REASON = N_("A security survey found this.")

ORDER_FIELDS = (
    Field("finding", N_("Finding"), required=True, source="survey_finding"),
    Field("sort", N_("What it is"), required=True, source="hazard_sort"),
    Field("text", N_("What has to be done"), "text", required=True, maximum=600,
          hint=N_("Only the place. No people, and nothing about who asked.")),
    Field("place_only", N_("I looked again: this is about the place, and about no person"), "boolean"),
    Field("team", N_("Team or partner"), source="team", hint=N_("They find it in their queue.")),
    Field("agency", N_("Or another agency"), maximum=200, hint=N_("It is told by you; here it is noted.")),
    Field("their_reference", N_("Their reference"), maximum=60),
    Field("photos", N_("Photos of how it is now"), "photos", hint=PHOTOS.hint),
    Field("recheck_on", N_("Look again on"), "datetime", hint=N_("Empty means the usual day for what it is.")),
)  # fmt: skip


def order(deed: Deed) -> None:
    """Put what was found on the register of places, and hand it to whoever has to see to it."""
    finding, given = finding_of(deed), deed.data
    if not given.get("team") and not given.get("agency"):
        raise Invalid([Problem("team", NOBODY)])
    if finding.order and finding.order.closed_at is None:
        raise Invalid([Problem("finding", RUNNING)])
    deed.facts |= {"finding": finding.pk}
    deed.personal["text"] = given["text"]
    deed.later.append(lambda: _begin(deed.case, finding, given, actor=deed.actor, at=deed.at))


def _begin(case: Case, finding: Finding, given: Any, *, actor: Actor, at: dt.datetime) -> None:
    answers = {
        "sort": given["sort"], "text": given["text"], "harm": finding.severity, "address": case.address,
        "lat": case.lat, "long": case.long, "area": case.area_id, "recheck_on": given.get("recheck_on"),
        "place_only": given.get("place_only"),
    }  # fmt: skip
    photos = tuple(given.get("photos") or ())
    made = OFFSHOOTS[REGISTER].start(answers, uploads=photos, actor=actor, at=at, language=case.language).case
    Finding.objects.filter(pk=finding.pk).update(order=made, ordered_at=at, order_ended_at=None)
    CaseLink.objects.create(one=case, other=made, relation=CaseLink.Relation.RELATED, created_at=at)
    act(made, "confirm", data={"harm": finding.severity, "charge": "city"} | _again(given), actor=actor, at=at)
    if given.get("team"):
        act(made, "assign", data={"team": given["team"]}, actor=actor, at=at)
    if given.get("agency"):
        told = {"agency": given["agency"], "reason": REASON, "their_reference": given.get("their_reference")}
        act(made, "hand_over", data=told | _again(given), actor=actor, at=at)


def _again(given: Any) -> dict[str, Any]:
    return {"recheck_on": given["recheck_on"]} if given.get("recheck_on") else {}


def follow_order(case: Case, known: Any, *, at: dt.datetime) -> None:
    """A work order ended: somebody looks at the place, and asks the resident what they see now."""
    if case.closed_at is None:
        return
    rows = Finding.objects.filter(order=case).exclude(order_ended_at=case.closed_at).select_related("survey__case")
    for finding in rows:
        Finding.objects.filter(pk=finding.pk).update(order_ended_at=case.closed_at)
        _look(finding.survey.case, at=at)


def _look(case: Case, *, at: dt.datetime) -> None:
    due = close_of(local_day(at) + LOOK_AFTER)
    task = Task.objects.filter(case=case, sort="survey", done_at=None).order_by("due_at").first()
    if task is None:
        owner = case.assignee_id or case.survey.walked_by_id
        Task.objects.create(case=case, sort="survey", text="", owner_id=owner, due_at=due, created_at=at)
    elif task.due_at is None or task.due_at > due:
        Task.objects.filter(pk=task.pk).update(due_at=due)


PROJECTIONS.append(follow_order)
