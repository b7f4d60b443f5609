"""The brief of a problem: everything on a few pages to print and take to a meeting, as a tagged PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commonbeat.cases import story as stories
from commonbeat.cases.story import NoSuchCase, Story
from commonbeat.community.agency import current, local_day
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.kinds.problem import heard, linked, words
from commonbeat.interfaces.web.papers import pdf_answer, tagged_pdf
from commonbeat.journal.verbs import log_access
from commonbeat.kinds.problem.models import Problem

TEMPLATE = Path(__file__).with_name("brief.typ")
READERS = tuple(sorted(INSIDERS))


@staff(*READERS)
@never_cache
@require_safe
def brief(request: HttpRequest, reference: str) -> HttpResponse:
    """The PDF; that it was taken away is logged. Other cases have no brief."""
    actor, at = actor_of(request), timezone.now()
    try:
        story = stories.read(reference, actor=actor)
    except NoSuchCase:
        raise Http404 from None
    if not Problem.objects.filter(pk=story.case.pk).exists():
        raise Http404
    log_access("case", story.case.pk, "exported", actor=actor, at=at, reason="brief")
    document = render_brief(brief_words(story, actor=actor, shown=say.words(at=at)))
    return pdf_answer(document, story.case.reference)


def render_brief(said: dict[str, Any]) -> bytes:
    """The PDF/UA-1 document of a brief's words."""
    return tagged_pdf(TEMPLATE, said)


def brief_words(story: Story, *, actor: Actor, shown: say.Words) -> dict[str, Any]:
    """What the brief says: the panels' words as headings, paragraphs, lists and tables."""
    case, problem = story.case, Problem.objects.get(pk=story.case.pk)
    counts, plan = words.counts(story, actor, shown), words.plan(story, actor, shown) or {"actions": []}
    facts = [
        (gettext("State"), " · ".join(filter(None, (
            say.state_label(case.kind, case.state), say.outcome_label(case.kind, case.outcome))))),
        (gettext("Where"), ", ".join(filter(None, (case.address, shown.area(case.area_id))))),
        (gettext("With"), story.assignee or story.team or gettext("nobody yet")),
        (gettext("Opened"), shown.local(case.opened_at)),
    ]  # fmt: skip
    overview = words.overview(story, actor, shown)
    return {
        "language": (get_language() or "en").split("-")[0], "title": case.detail("title", case.reference),
        "reference": case.reference, "agency": current().name, "printed": shown.local(shown.at),
        "facts": facts + [(row["term"], row["text"]) for row in overview["rows"]],
        "statement": case.text, "labels": _labels(),
        **_linked(problem), **_permitted(problem, shown),
        "months": [
            (bar["until"], bar["count"], gettext("after") if bar["after"] else gettext("before"))
            for bar in counts["months"]
        ] if not counts["empty"] else [],
        "comparison": _comparison(counts["comparison"]),
        "again": [f"{row['where']}: {row['times']}" for row in counts["again"]],
        **_thoughts(story, actor, shown),
        "actions": [
            (row["text"], row["who"], f"{row['starts']:%Y-%m-%d} – {row['due']:%Y-%m-%d}", row["state"])
            for row in plan["actions"]
        ],
        **_judged(story, actor, shown),
    }  # fmt: skip


def _linked(problem: Problem) -> dict[str, Any]:
    return {
        "places": [(row["name"], row["role"], row["area"], row["note"]) for row in linked.place_words(problem)],
        "partners": [(row["name"], row["role"], row["note"]) for row in linked.partner_words(problem)],
        "incidents": [
            (row["source"], row["where"], row["sorts"], f"{row['from']:%Y-%m-%d} – {row['until']:%Y-%m-%d}",
             f"{row['n']} ({row['on']:%Y-%m-%d})")
            for row in linked.count_words(problem)
        ],
    }  # fmt: skip


def _permitted(problem: Problem, shown: say.Words) -> dict[str, Any]:
    return {
        "permits": [
            (row["what"], " ".join(filter(None, (row["authority"], row["reference"]))), row["state"],
             f"{row['expires_on']:%Y-%m-%d}" if row["expires_on"] else "–")
            for row in words.permit_words(problem, today=local_day(shown.at))
        ]
    }  # fmt: skip


def _thoughts(story: Story, actor: Actor, shown: say.Words) -> dict[str, Any]:
    analysis, response = words.analysis(story, actor, shown), words.response(story, actor, shown)
    return {
        "triangle": [
            (side["who"], side["known"] or "–", side["controller"], side["control"] or "–")
            for side in analysis["sides"]
        ] if analysis["known"] else [],
        "present": analysis["present"],
        "hypotheses": [
            {"text": row["text"], "state": row["state"], "whys": row["whys"],
             "pro": [found.text for found in row["pro"]], "contra": [found.text for found in row["contra"]]}
            for row in analysis["hypotheses"]
        ],
        "options": [(row["text"], row["technique"], row["decision"], row["reason"]) for row in response["options"]],
        "objective": [
            (gettext("Objective"), response["objective"]), (gettext("How it is measured"), response["measure"]),
            (gettext("Target"), response["target"]),
        ] if response["objective"] else [],
    }  # fmt: skip


def _judged(story: Story, actor: Actor, shown: say.Words) -> dict[str, Any]:
    found = words.assessment(story, actor, shown)
    last = found["rows"][0] if found and found["rows"] else None
    known, said = words.study(story, actor, shown), heard.residents(story, actor, shown)
    asked = [said["question"].text, said["told"].sentence] if said and said.get("told") else []
    studied = (known or {}).get("study") or (last or {}).get("study")
    if found is None or last is None:
        return {"assessment": [], "study": _studied(studied), "residents": asked}
    return {
        "assessment": [
            (gettext("Grade"), last["grade"]),
            (found["labels"]["carried_out"], f"{last['carried_out']}. {last['process']}"),
            (found["labels"]["result"], last["result"]),
            *([(gettext("Did it move?"), f"{last['displacement']}. {last['displacement_words']}")]
              if last["displacement"] else []),
            (gettext("Lessons"), last["lessons"]),
        ],
        "study": _studied(studied), "residents": asked,
    }  # fmt: skip


def _studied(found: dict[str, Any] | None) -> list[str]:
    """The study's title, and its answer with what it cannot say."""
    if not found:
        return []
    said = [found["verdict"]["title"], found["finding"], found["verdict"]["text"]] if found["verdict"] else []
    return [found["title"], *said, *(one["finding"] for one in found["others"])]


def _comparison(found: dict[str, Any] | None) -> str:
    if found is None:
        return ""
    told = gettext("%(before)s cases a month before, %(after)s since the response began.") % found
    if found["too_early"]:
        return f"{told} {gettext('Too early to tell.')}"
    return f"{told} {gettext('A simple before and after cannot say what caused a change.')}"


def _labels() -> dict[str, str]:
    """Headings of the brief."""
    return {
        "problem": gettext("Problem"), "statement": gettext("What it is about"), "places": gettext("Places"),
        "place": gettext("Place"), "role": gettext("What it has to do with it"), "area": gettext("Area"),
        "note": gettext("Note"), "partners": gettext("Organisations"), "partner": gettext("Organisation"),
        "permits": gettext("Permits"), "permit": gettext("Permit for what"), "authority": gettext("Authority"),
        "until": gettext("Valid until"),
        "incidents": gettext("Recorded incidents"), "records": gettext("Records"), "where": gettext("Where"),
        "sorts": gettext("Sorts"), "counted": gettext("Count, as of"),
        "counts": gettext("How often"), "month": gettext("Month until"), "cases": gettext("Cases"),
        "again": gettext("Where it comes back"), "analysis": gettext("Analysis"),
        "triangle": gettext("Problem triangle"), "present": gettext("What is done about it now"),
        "hypotheses": gettext("Hypotheses"), "pro": gettext("For it"), "contra": gettext("Against it"),
        "response": gettext("Response"), "options": gettext("Options"), "plan": gettext("Plan of action"),
        "action": gettext("Action"), "who": gettext("Who"), "when": gettext("When"), "state": gettext("State"),
        "option": gettext("Option"), "technique": gettext("Technique"), "decision": gettext("Decision"),
        "study": gettext("Study of the outcome"), "residents": gettext("What residents say"),
        "assessment": gettext("Assessment"), "side": gettext("Side"), "known": gettext("What is known"),
        "inside": gettext("For work only: not for the public"), "printed": gettext("Printed"),
    }  # fmt: skip
