"""What the desk shows of a complaint: allegations with their findings, who was heard, appeals, and who is kept out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext

from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.cases.walls import KEPT_OUT
from commonbeat.community.models import User
from commonbeat.core.actor import Actor, Role
from commonbeat.core.fields import Choice
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.bar import PAGES, Page
from commonbeat.interfaces.web.desk.counter import COUNTERS, Counter
from commonbeat.interfaces.web.desk.panels import MAIN, PANELS, SOURCES, TOP, Panel, Source
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.interfaces.web.forms import Options
from commonbeat.interfaces.web.public.papers import PAPERS, Paper
from commonbeat.kinds.complaint.deeds import standing
from commonbeat.kinds.complaint.kind import COMPLAINT
from commonbeat.kinds.complaint.letter import has_letter
from commonbeat.kinds.complaint.models import Allegation, Appeal, Interview, Recommendation
from commonbeat.kinds.complaint.vocabulary import ALLEGATIONS, LEVELS, finding, label

SLUG = COMPLAINT.slug
SHORT = 80


def _investigators(case: Case) -> Options:
    """People of professional standards who are not kept out. Who is not offered is refused as well."""
    out = case.participants.filter(role__in=KEPT_OUT).values("user")
    rows = User.objects.holding(Role.STANDARDS).exclude(pk__in=out).order_by("name")
    return list(rows.values_list("pk", "name"))


def _officers(case: Case) -> Options:
    """Everybody of the department, also who has left: what they did stays theirs."""
    rows = User.objects.filter(grants__isnull=False).distinct().order_by("name")
    return [(pk, f"{name}, {badge}" if badge else name) for pk, name, badge in rows.values_list("pk", "name", "badge")]


def _allegations(case: Case) -> Options:
    return [(row.pk, f"{gettext(label(ALLEGATIONS, row.sort))}: {_short(row)}") for row in standing(case.pk)]


def _short(row: Allegation) -> str:
    who = row.officer.name if row.officer else row.described
    return f"{who} – {row.text[:SHORT]}{'…' if len(row.text) > SHORT else ''}"


def _choices(step: str, field: str) -> Iterable[Choice]:
    found = COMPLAINT.workflow.named(step)
    return next((item.choices for item in found.fields if item.code == field), ()) if found else ()


def overview(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """Level, allegations with findings, and who is kept out."""
    case = story.case
    level = case.detail("level", "")
    rows = standing(case.pk)
    return {
        "level": gettext(label(LEVELS, level)) if level else "",
        "allegations": [_allegation(row, shown) for row in rows],
        "open": sum(not row.finding for row in rows),
        "kept_out": [row["user"] for row in story.people if row["role"] in KEPT_OUT and row["user"]],
        "letter": has_letter(case),
        "appeal_until": case.detail("appeal_until", "") if not case.is_open else "",
    }  # fmt: skip


def _allegation(row: Allegation, shown: Words) -> dict[str, Any]:
    found = finding(row.finding)
    return {
        "key": str(row.pk), "about": gettext(label(ALLEGATIONS, row.sort)), "text": row.text,
        "officer": row.officer.name if row.officer else "", "described": row.described,
        "finding": gettext(found.label) if found else "", "reason": row.reason,
        "found": f"{shown.local(row.found_at)}, {row.found_by.name if row.found_by else ''}" if row.found_at else "",
    }  # fmt: skip


def work(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """Interviews, appeals and recommendations; nothing where there are none yet."""
    case = story.case
    roles, ways = _choices("interview", "role"), _choices("interview", "how")
    interviews = [
        {
            "role": gettext(label(roles, row.role)), "how": gettext(label(ways, row.how)), "name": row.name,
            "held": shown.local(row.held_at), "text": row.text, "by": row.made_by.name,
        }
        for row in Interview.objects.filter(case=case).select_related("made_by").order_by("held_at", "pk")
    ]  # fmt: skip
    appeals = [
        {"asked": shown.local(row.asked_at), "text": row.text, "result": _result(row, shown)}
        for row in Appeal.objects.filter(case=case).select_related("decided_by").order_by("pk")
    ]
    lessons = list(Recommendation.objects.filter(case=case).order_by("pk").values("about", "text"))
    if not (interviews or appeals or lessons):
        return None
    return {"interviews": interviews, "appeals": appeals, "lessons": lessons}


def _result(row: Appeal, shown: Words) -> str:
    if row.decided_at is None:
        return ""
    said = gettext("The decision stands") if row.upheld else gettext("It is looked into again")
    return f"{said}: {shown.local(row.decided_at)}, {row.decided_by.name if row.decided_by else ''}"


COUNTERS.add(Counter("take_complaint", N_("Complaint")))
PAGES.add(Page("recommendations", N_("Recommendations"), "recommendations"))
SOURCES.add(Source("investigator", _investigators))
SOURCES.add(Source("officer", _officers))
SOURCES.add(Source("allegation", _allegations))
ONLY = frozenset({SLUG})
PANELS.add(
    Panel(
        "complaint", "pages/desk/complaint/overview.html", overview, kinds=ONLY, place=TOP,
        steps=("allege", "find", "identify", "strike", "decide"),
    )
)  # fmt: skip
PANELS.add(
    Panel(
        "complaint_work", "pages/desk/complaint/work.html", work, kinds=ONLY, place=MAIN,
        steps=("uphold", "grant"),
    )
)  # fmt: skip
PAPERS.add(Paper("complaint_letter", N_("Read and print our letter"), SLUG, has_letter))
PAPERS.add(Paper("complaint_statement", N_("Your own copy of your statement"), SLUG, lambda case: bool(case.text)))
