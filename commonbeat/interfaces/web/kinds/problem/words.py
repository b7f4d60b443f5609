"""What the panels of a problem say, read in a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext, ngettext

from commonbeat.cases.kind import KINDS
from commonbeat.cases.story import Story
from commonbeat.community.agency import local_day
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Choice
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.evidence.measures import measures
from commonbeat.evidence.studies import telling
from commonbeat.evidence.studies import words as study_says
from commonbeat.evidence.studies.actions import READERS as STUDY_READERS
from commonbeat.evidence.studies.models import Study
from commonbeat.evidence.surveys.release import released
from commonbeat.interfaces.web.desk.words import Words, outcome_label
from commonbeat.interfaces.web.evidence.shared import READERS
from commonbeat.interfaces.web.kinds.problem.lists import problem_of
from commonbeat.interfaces.web.kinds.problem.variants import (
    ABOUT,
    FORWARD,
    LOOKING_BACK,
    ROWS,
    SECTIONS,
    STANDS,
    TYPE_LABELS,
)
from commonbeat.kinds.problem import counting, gates
from commonbeat.kinds.problem.joint_vocabulary import PERMIT_STATES
from commonbeat.kinds.problem.library import TYPES_OF, past_uses
from commonbeat.kinds.problem.models import Problem
from commonbeat.kinds.problem.studied import standing
from commonbeat.kinds.problem.vocabulary import (
    ACTION_STATES,
    CARRIED_OUT,
    DECISIONS,
    DISPLACEMENT,
    HYPOTHESIS_STATES,
    ORIGINS,
    PRIORITIES,
    SUBSTEPS,
    TRIANGLE,
    label,
    techniques,
)

LISTS = {
    "scanning": N_("Scanning"), "analysis": N_("Analysis"), "response": N_("Response"), "assessment": N_("Assessment"),
}  # fmt: skip
"""Names of the four phases of SARA, as the checklist has them."""
WIDTH = 100
"""Of drawings, in their own units."""
TONES = {"planned": "waiting", "doing": "active", "done": "done", "dropped": "neutral"}


def say(choices: Iterable[Choice], key: str) -> str:
    """A choice in the reader's language; empty for no answer."""
    return gettext(label(tuple(choices), key)) if key else ""


def phases(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """Where the problem stands, and what is missing before it goes on."""
    state, flow = story.case.state, KINDS[story.case.kind].workflow
    problem = problem_of(story.case)
    ahead = FORWARD[story.case.kind].get(state)
    order = [one.slug for one in flow.states if not one.closed]
    here = order.index(state) if state in order else len(order)
    return {
        "phases": [
            {"label": gettext(flow.state(slug).label), "done": number < here, "current": number == here}
            for number, slug in enumerate(order)
        ],
        "missing": [
            {"words": gettext(need.words), "step": need.step}
            for need in (gates.missing(problem, ahead, at=shown.at) if ahead else ())
        ],
        "ahead": gettext(flow.named(ahead).label) if ahead else "",  # type: ignore[union-attr]
        "heading": gettext(STANDS[story.case.kind]), "forward": ahead or "",
        "sections": [(slug, anchor, gettext(label)) for slug, anchor, label in SECTIONS],
        "alarm": problem.alarm_count, "watched": state == "monitored",
    }  # fmt: skip


def overview(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """What is known of the problem as such, and the checklist of sub-steps."""
    problem, kind = problem_of(story.case), story.case.kind
    ticked = set(problem.substeps)
    lists = [
        {
            "label": gettext(LISTS[phase]),
            "rows": [{"text": gettext(choice.label), "done": choice.key in ticked} for choice in choices],
        }
        for phase, choices in (SUBSTEPS.items() if KINDS[kind].workflow.named("tick") else ())
    ]
    done = sum(choice.key in ticked for choices in SUBSTEPS.values() for choice in choices)
    rows = [(gettext(TYPE_LABELS[kind]), say(TYPES_OF[kind], problem.type))]
    rows += [(gettext(term), _answer(name, getattr(problem, name))) for name, term in ROWS[kind]]
    return {
        "heading": gettext(ABOUT[kind]),
        "rows": [{"term": term, "text": text} for term, text in rows if text],
        "lists": lists, "done": done, "all": sum(len(choices) for choices in SUBSTEPS.values()),
    }  # fmt: skip


def _answer(name: str, value: Any) -> str:
    """What a column says: the words of a choice, a day, or text as it is."""
    choices = {"priority": PRIORITIES, "origin": ORIGINS}.get(name)
    return say(choices, value) if choices else f"{value:%Y-%m-%d}" if isinstance(value, dt.date) else value or ""


def counts(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """How often: by month, before and after, and where it comes back."""
    problem, at = problem_of(story.case), shown.at
    until = story.case.closed_at or at
    query = counting.Query.of(problem)
    if problem.baseline:
        ends, before = problem.baseline["ends"], problem.baseline["series"]["concerns"]
        months = list(zip(ends, before, [False] * len(ends), strict=False))
        months += [
            (local_day(end).isoformat(), count, True) for end, count in counting.months_since(problem, until=until)
        ]
    else:
        spans = counting.months_before(at)
        found = counting.count_cases(query, spans)
        months = [(local_day(end).isoformat(), count, False) for (_, end), count in zip(spans, found, strict=True)]
    return {
        "empty": query.is_empty, "months": bars(months), "total": sum(count for _, count, _ in months),
        "categories": ", ".join(sorted(shown.category(pk) for pk in problem.categories)),
        "areas": ", ".join(sorted(shown.area(pk) for pk in problem.areas)), "radius": query.radius_m,
        "frozen": shown.local(dt.datetime.fromisoformat(problem.baseline["at"])) if problem.baseline else "",
        "comparison": comparison_words(counting.compare(problem, until=until)),
        "measures": measure_words(problem, actor=actor, at=at),
        "around": comparison_words(counting.compare_around(problem, until=until)),
        "again": [
            {"where": where, "times": times}
            for where, times in counting.places_again(problem, actor=actor, at=at)
        ],
    }  # fmt: skip


def measure_words(problem: Problem, *, actor: Actor, at: dt.datetime) -> list[dict[str, Any]]:
    """The chosen measures of the last two years, each with its months; what is not counted any more is left out."""
    if not problem.measures:
        return []
    names = {one.slug: gettext(one.name) for one in measures()}
    found = counting.measured(problem, since=local_day(at - relativedelta(months=24)).replace(day=1))
    started = local_day(problem.started_at).isoformat() if problem.started_at else ""
    return [
        {
            "name": names[slug], "url": f"/desk/evidence/look/{slug}/trend/" if actor.has(*READERS) else "",
            "months": bars([(day[:7], round(value), bool(started) and day >= started) for day, value in months]),
        }
        for slug, months in found.items() if slug in names
    ]  # fmt: skip


def bars(months: Sequence[tuple[str, int, bool]]) -> list[dict[str, Any]]:
    """Bars of a drawing 100 wide and 40 high, with the numbers that the table beside it says."""
    most, step = max((count for _, count, _ in months), default=0) or 1, WIDTH / max(len(months), 1)
    return [
        {
            "until": end, "count": count, "after": after, "x": f"{number * step + step * 0.1:.2f}",
            "width": f"{step * 0.8:.2f}", "height": f"{count / most * 36:.2f}", "y": f"{40 - count / most * 36:.2f}",
        }
        for number, (end, count, after) in enumerate(months)
    ]  # fmt: skip


def signed(percent: float) -> str:
    """A change in whole percent, with its sign."""
    return f"{percent:+.0f}".replace("-", "−")


def comparison_words(found: counting.Comparison | None) -> dict[str, Any] | None:
    """Before and after in words, with what the comparison cannot say."""
    if found is None:
        return None
    interval = found.interval
    months = max(0, round(found.months_after))
    return {
        "before": f"{found.rate_before:.1f}", "after": f"{found.rate_after:.1f}",
        "n_before": found.before, "n_after": found.after,
        "months": ngettext("%(n)s month", "%(n)s months", months) % {"n": months},
        "change": signed(found.change) if found.change is not None else "",
        "low": signed(interval[0]) if interval else "", "high": signed(interval[1]) if interval else "",
        "too_early": found.too_early, "chance": found.could_be_chance,
    }  # fmt: skip


def analysis(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """The triangle, what is done now, and the hypotheses with what speaks for and against them."""
    problem = problem_of(story.case)
    sides = [
        {
            "who": gettext(who), "controller": gettext(controller), "known": problem.triangle.get(inner, ""),
            "control": problem.triangle.get(outer, ""),
        }
        for inner, outer, who, controller in TRIANGLE
    ]  # fmt: skip
    hypotheses = [
        {
            "pk": row.pk, "text": row.text, "whys": row.whys, "state": say(HYPOTHESIS_STATES, row.state),
            "tone": {"supported": "done", "rejected": "neutral"}.get(row.state, "waiting"), "reason": row.reason,
            "pro": [e for e in row.evidence.all() if e.speaks == "for"],
            "contra": [e for e in row.evidence.all() if e.speaks == "against"],
        }
        for row in problem.hypotheses.order_by("pk").prefetch_related("evidence")
    ]  # fmt: skip
    return {
        "sides": sides, "known": any(side["known"] or side["control"] for side in sides),
        "present": problem.present_response, "hypotheses": hypotheses,
    }  # fmt: skip


def response(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """The options with earlier uses of their techniques, and the objective."""
    problem = problem_of(story.case)
    rows = list(problem.options.order_by("pk"))
    used = past_uses(actor=actor, besides=problem.pk, among={row.technique for row in rows}) if rows else {}
    options = [
        {
            "pk": row.pk, "text": row.text, "technique": say(techniques(), row.technique), "reason": row.reason,
            "decision": say(DECISIONS, row.decision),
            "tone": {"chosen": "done", "aside": "neutral"}.get(row.decision, "waiting"),
            "past": [
                {"reference": reference(use.case_id), "text": use.text,
                 "outcome": outcome_label("problem", use.outcome) if use.outcome else gettext("not closed yet")}
                for use in used.get(row.technique, [])[:5]
            ],
        }
        for row in rows
    ]  # fmt: skip
    return {
        "options": options, "objective": problem.objective, "measure": problem.measure, "target": problem.target,
        "target_on": problem.target_on,
    }  # fmt: skip


def plan(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """The actions as a list with a bar of time for each."""
    problem, today = problem_of(story.case), local_day(shown.at)
    rows = list(problem.actions.order_by("starts_on", "due_on", "pk").select_related("owner", "organisation", "after"))
    if not rows and story.case.state == KINDS[story.case.kind].workflow.start:
        return None
    return {"actions": action_words(problem, rows, today=today), "today": today}


def action_words(problem: Problem, rows: Sequence[Any], *, today: dt.date) -> list[dict[str, Any]]:
    """Actions in words, with where they lie between the first day of the plan and the last."""
    if not rows:
        return []
    first, last = min(row.starts_on for row in rows), max(row.due_on for row in rows)
    days = max((last - first).days, 1)

    def place(day: dt.date) -> float:
        return min(max((day - first).days / days, 0), 1) * WIDTH

    return [
        {
            "pk": row.pk, "text": row.text, "state": say(ACTION_STATES, row.state), "tone": TONES[row.state],
            "who": ", ".join(one.name for one in (row.organisation, row.owner) if one),
            "starts": row.starts_on, "due": row.due_on, "done_on": row.done_on, "note": row.note,
            "after": row.after.text if row.after else "", "reply": row.reply,
            "asked": bool(row.question_id), "open": row.state in {"planned", "doing"},
            "late": row.state in {"planned", "doing"} and row.due_on < today,
            "x": f"{place(row.starts_on):.1f}", "width": f"{max(place(row.due_on) - place(row.starts_on), 2):.1f}",
            "now": f"{place(today):.1f}" if first <= today <= last else "",
        }
        for row in rows
    ]  # fmt: skip


def study(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """The study of the outcome: how far it is, and what it found; None before a response is planned."""
    problem = problem_of(story.case)
    if problem.study_id is None and story.case.state not in {"response", "acting", "assessment"}:
        return None
    row = Study.objects.filter(pk=problem.study_id).first() if problem.study_id else None
    return {"study": study_words(row, actor) if row else None, "started": problem.started_at is not None}


def study_words(row: Study, actor: Actor) -> dict[str, Any]:
    """A study in words: its title, how far it is, and its answer with the sentence that keeps it honest."""
    known = standing(row)
    result = known.result
    return {
        "title": row.title, "url": f"/desk/studies/{row.pk}/" if actor.has(*STUDY_READERS) else "",
        "number": known.number, "registered": known.registered,
        "verdict": study_says.verdict(result, gettext) if result else None,
        "finding": study_says.finding(result, "first", gettext) if result else "",
        "others": _others(result) if result else [],
    }  # fmt: skip


def _others(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """Further outcomes of a study; of surveys only what everybody may read."""
    hidden = telling.unseen(result, set(released().values_list("pk", flat=True)) if result.get("outcomes") else ())
    rows = telling.outcomes(result, gettext, hidden=hidden)
    # What is withheld or declined does not say by itself what it is about.
    return [
        {"name": one["name"], "finding": f"{one['head']}: {one['finding']}" if one["head"] else one["finding"]}
        for one in rows if not one["counts"]
    ]  # fmt: skip


def assessment(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """Every assessment, the latest first."""
    problem = problem_of(story.case)
    rows = [
        {
            "at": shown.local(row.made_at), "who": row.made_by.name if row.made_by else "",
            "carried_out": say(CARRIED_OUT, row.carried_out), "process": row.process, "result": row.result,
            "displacement": say(DISPLACEMENT, row.displacement), "displacement_words": row.displacement_words,
            "grade": outcome_label(story.case.kind, row.grade), "lessons": row.lessons,
            "study": study_words(row.study, actor) if row.study else None,
            "comparison": comparison_words(counting.Comparison(**row.counts)) if row.counts else None,
        }
        for row in problem.assessments.order_by("-made_at", "-pk").select_related("made_by", "study")
    ]  # fmt: skip
    step = KINDS[story.case.kind].workflow.named("appraise")
    labels = {name: gettext(text) for name, text in LOOKING_BACK[story.case.kind].items()}
    return {"rows": rows, "labels": labels} if rows or (step and story.case.state in step.at) else None


def permits(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """The permits of a joint project, and which of them are over or soon will be."""
    return {"rows": permit_words(problem_of(story.case), today=local_day(shown.at))}


def permit_words(problem: Problem, *, today: dt.date) -> list[dict[str, Any]]:
    """Permits in words."""
    tones = {"granted": "done", "refused": "problem", "asked": "active", "dropped": "neutral"}
    return [
        {
            "pk": row.pk, "what": row.what, "authority": row.authority, "reference": row.reference, "note": row.note,
            "state": gettext("Expired") if row.expired(today) else say(PERMIT_STATES, row.state),
            "tone": "problem" if row.expired(today) else tones.get(row.state, "waiting"),
            "asked_on": row.asked_on, "decided_on": row.decided_on, "expires_on": row.expires_on,
        }
        for row in problem.permits.order_by("pk")
    ]  # fmt: skip
