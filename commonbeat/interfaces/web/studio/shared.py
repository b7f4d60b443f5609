"""What the pages of the studio share: finding a study, saying where it stands, its history."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from commonbeat.core.fields import Choice
from commonbeat.core.text import N_
from commonbeat.evidence.studies.actions import PLANNERS, SUBJECT
from commonbeat.evidence.studies.models import PlanVersion, Run, Study, StudyPage
from commonbeat.evidence.studies.programmes import PROGRAMMES
from commonbeat.interfaces.access import actor_of
from commonbeat.interfaces.web.desk import words as say
from commonbeat.journal.models import Entry

CHANGED = N_("Somebody else changed this study in the meantime. What you typed is below; look at it again and save.")
SORTS = tuple(Choice(one.slug, one.name) for one in PROGRAMMES)
"""The sorts of programme, to be chosen from when a study begins and while its plan is worked on."""
DEEDS = {
    "study.started": N_("Study started"),
    "study.planned": N_("Plan changed"),
    "study.frozen": N_("Plan frozen"),
    "study.explored": N_("Groups to look at named afterwards"),
    "study.unexplored": N_("Groups named afterwards left out"),
    "study.data": N_("Newer data chosen"),
    "study.dose": N_("Delivery written down"),
    "study.run_asked": N_("Run asked for"),
    "study.run_cancelled": N_("Run cancelled"),
    "study.run_done": N_("Run finished"),
    "study.run_failed": N_("Run failed"),
    "study.page_written": N_("Public page written"),
    "study.published": N_("Public page published"),
    "study.withdrawn": N_("Public page withdrawn"),
}
ICONS = {"study.frozen": "lock", "study.run_done": "check_circle", "study.run_failed": "error"}


def find_study(number: int) -> Study:
    """The study, or 404."""
    found = Study.objects.select_related("dataset", "created_by", "page").filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def page_of(study: Study) -> StudyPage | None:
    """Its public page, if somebody wrote one."""
    try:
        return study.page
    except StudyPage.DoesNotExist:
        return None


def may_plan(request: HttpRequest) -> bool:
    """Whether this reader also plans and runs."""
    return actor_of(request).has(*PLANNERS)


def version_given(request: HttpRequest) -> int:
    """The version that the form was shown with; 0 when it says nothing sensible."""
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def status_of(plan: PlanVersion | None, runs: set[str], page: StudyPage | None) -> dict[str, str]:
    """Where a study stands, as tone and label; `runs` are the states of the runs of its latest plan."""
    if page and page.state == StudyPage.State.PUBLISHED:
        return {"tone": "done", "label": gettext("Published")}
    if Run.State.DONE in runs:
        return {"tone": "active", "label": gettext("Result is here")}
    if runs & {Run.State.WAITING, Run.State.RUNNING}:
        return {"tone": "active", "label": gettext("Running")}
    if plan:
        return {"tone": "waiting", "label": gettext("Plan frozen")}
    return {"tone": "new", "label": gettext("Being planned")}


def history(study: Study) -> list[dict[str, Any]]:
    """Everything that happened to a study, the latest first."""
    shown = say.words(at=timezone.now())
    return [
        {
            "what": _what(row), "at": row.at, "iso": row.at.isoformat(), "when": shown.local(row.at),
            "who": row.actor_name, "text": row.data.get("reason", ""), "icon": ICONS.get(row.verb, "schedule"),
        }
        for row in Entry.objects.about(SUBJECT, study.pk).order_by("-number")
    ]  # fmt: skip


def _what(row: Entry) -> str:
    label = gettext(DEEDS.get(row.verb, row.verb))
    if row.verb == "study.frozen":
        return f"{label} ({gettext('version')} {row.data['number']})"
    return label
