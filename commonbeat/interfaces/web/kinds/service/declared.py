"""Declares what the desk shows of a security survey: its findings by principle, with advice and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.community.agency import zone
from commonbeat.core.actor import Actor
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.panels import FILLINGS, PANELS, SOURCES, Filling, Panel, Source
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.interfaces.web.forms import Options
from commonbeat.interfaces.web.public.papers import PAPERS, Paper
from commonbeat.kinds.service.checklist import QUESTIONS, SEVERITIES, STATES, TOPICS, label, question_of
from commonbeat.kinds.service.models import Finding, Survey
from commonbeat.kinds.service.survey import counts

TONES = {"high": "problem", "medium": "waiting", "low": "neutral"}
STATE_TONES = {"open": "neutral", "done": "done", "partly": "waiting", "not_done": "problem"}
SORT_OF = {
    "lighting": "dark", "sightlines": "no_view", "plants": "growth", "fence": "fence", "graffiti": "graffiti",
    "litter": "dumping", "neighbors": "vacant", "signs": "sign",
}  # fmt: skip
"""Questions of the checklist whose answer says what is wrong with a place, as the register calls it."""
_ORDER = {choice.key: number for number, choice in enumerate(SEVERITIES)}


def survey_words(case_id: int, shown: Words) -> dict[str, Any] | None:
    """The survey of a case in words; None before somebody has walked through."""
    survey = Survey.objects.filter(pk=case_id).select_related("walked_by").first()
    if survey is None:
        return None
    rows = sorted(survey.findings.all(), key=lambda row: (_ORDER.get(row.severity, 9), row.pk))
    return {
        "walked": shown.local(survey.walked_at), "who": survey.walked_by.name if survey.walked_by else "",
        "told": shown.local(survey.told_at) if survey.told_at else "", "again": survey.again_on,
        "topics": [
            {"title": gettext(topic.label), "rows": [finding_words(row) for row in rows if row.topic == topic.key]}
            for topic in TOPICS if any(row.topic == topic.key for row in rows)
        ],
        "good": [gettext(one.label) for one in QUESTIONS if survey.answers.get(one.key) == "good"],
        **counts(survey),
    }  # fmt: skip


def finding_words(row: Finding) -> dict[str, Any]:
    """One finding in words."""
    question = question_of(row.question)
    return {
        "number": row.pk, "seen": row.seen,
        "question": gettext("Not so yet: %(what)s") % {"what": gettext(question.label)} if question else "",
        "advice": gettext(row.advice) if question and row.advice == question.advice else row.advice,
        "severity": gettext(label(SEVERITIES, row.severity)), "tone": TONES.get(row.severity, "neutral"),
        "state": gettext(label(STATES, row.state)) if row.state != "open" else "",
        "state_tone": STATE_TONES.get(row.state, "neutral"), "note": row.note, "looked_on": row.looked_on,
    }  # fmt: skip


def panel(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """The survey with its work orders, or that nobody has walked through yet."""
    survey = survey_words(story.case.pk, shown)
    if survey:
        orders = orders_of(story.case.pk, actor, shown)
        for row in (row for topic in survey["topics"] for row in topic["rows"]):
            row["order"] = orders.get(row["number"])
    return {"survey": survey}


def orders_of(case_id: int, actor: Actor, shown: Words) -> dict[int, dict[str, Any]]:
    """Finding → its work order with the photos of before and after, as far as this reader may see it."""
    rows = Finding.objects.filter(survey_id=case_id, order__in=Case.objects.visible_to(actor).values("pk"))
    found = {}
    for row in rows.select_related("order__team").prefetch_related("order__files"):
        case = row.order
        assert case is not None
        photos = [(file.pk, bool(case.closed_at and file.created_at >= case.closed_at)) for file in case.files.all()]
        found[row.pk] = {
            "reference": case.reference, "state": say.state_label(case.kind, case.state),
            "tone": say.tone(case.kind, case.state), "outcome": say.outcome_label(case.kind, case.outcome),
            "who": case.team.name if case.team else case.detail("agency_responsible") or "",
            "ended": shown.local(case.closed_at) if case.closed_at else "",
            "before": [pk for pk, after in photos if not after], "after": [pk for pk, after in photos if after],
        }  # fmt: skip
    return found


def findings(case: Case) -> Options:
    """The findings of a survey, the worst first."""
    rows = sorted(Finding.objects.filter(survey_id=case.pk), key=lambda row: (_ORDER.get(row.severity, 9), row.pk))
    return [(row.pk, finding_words(row)["question"] or row.advice[:90]) for row in rows]


def has_list(case: Case) -> bool:
    """True once the resident was given the list."""
    return Survey.objects.filter(pk=case.pk, told_at__isnull=False).exists()


def the_walk(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of the walk before, or now."""
    survey = Survey.objects.filter(pk=case.pk).first()
    at = survey.walked_at if survey else timezone.now()
    answers = survey.answers if survey else {}
    return {f"q_{key}": value for key, value in answers.items()} | {
        "walked_at": f"{at.astimezone(zone()):%Y-%m-%dT%H:%M}"
    }


def the_finding(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """How a finding stands."""
    number = str(given.get("finding", ""))
    known = number.isascii() and number.isdigit() and len(number) < 15
    row = Finding.objects.filter(survey_id=case.pk, pk=int(number)).first() if known else None
    if row is None:
        return {}
    advice = finding_words(row)["advice"]
    return {
        "severity": row.severity, "seen": row.seen, "advice": advice, "note": row.note, "text": advice,
        "state": row.state if row.state != "open" else "", "sort": SORT_OF.get(row.question, "other"),
    }  # fmt: skip


PANELS.add(
    Panel(
        "security_survey", "pages/desk/service/survey.html", panel, kinds=frozenset({"service"}), procedure="survey",
        steps=("survey", "advise", "add_finding", "order", "hand_list", "follow_up"),
    )
)  # fmt: skip
SOURCES.add(Source("survey_finding", findings))
FILLINGS.add(Filling("service.survey", the_walk))
FILLINGS.add(Filling("service.advise", the_finding))
FILLINGS.add(Filling("service.follow_up", the_finding))
FILLINGS.add(Filling("service.order", the_finding))
PAPERS.add(Paper("my_survey", N_("What would make your place safer (PDF)"), "service", has_list))
