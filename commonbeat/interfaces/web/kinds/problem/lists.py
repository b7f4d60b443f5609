"""The lists that steps of a problem choose from, and what their forms say before anybody types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import get_language, gettext
from shapely.geometry import shape

from commonbeat.cases.categories import categories, offered
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.community.agency import local_day
from commonbeat.community.models import Organisation
from commonbeat.community.places import places
from commonbeat.core.actor import SYSTEM
from commonbeat.evidence.measures import COUNT, measures
from commonbeat.evidence.studies.models import Study
from commonbeat.interfaces.web.forms import Options
from commonbeat.kinds.problem.counting import compare
from commonbeat.kinds.problem.effects import DESCRIBED
from commonbeat.kinds.problem.library import past_uses
from commonbeat.kinds.problem.models import Action, Hypothesis, Option, Permit, Problem
from commonbeat.kinds.problem.residents import questions
from commonbeat.kinds.problem.vocabulary import OTHER_TECHNIQUE, SIDES, SUBSTEPS, TECHNIQUES

SHORT = 90


def problem_of(case: Case) -> Problem:
    """The problem of a case, read once for each case that is in hand."""
    return case.problem  # type: ignore[attr-defined,no-any-return]


def category_list(case: Case) -> Options:
    """Categories that can count, those that count already first; no kind behind a wall."""
    chosen, language = set(problem_of(case).categories), get_language() or "en"
    rows = {known.row.pk: known for known in offered()} | {pk: categories()[pk] for pk in chosen if pk in categories()}
    countable = [known for known in rows.values() if known.row.kind in KINDS and not KINDS[known.row.kind].walled]
    named = [(known.row.pk, known.text(language).name) for known in countable]
    return sorted(named, key=lambda row: (row[0] not in chosen, row[1]))


def area_list(case: Case) -> Options:
    """The areas that count already, the problem's own, and those next to it."""
    known = places().areas
    wanted = {*problem_of(case).areas, *([case.area_id] if case.area_id else [])}
    if case.area_id in known:
        here = shape(known[case.area_id].geometry).buffer(0.001)
        wanted |= {area.pk for area in places().serving if here.intersects(shape(area.geometry))}
    return sorted(((pk, known[pk].name) for pk in wanted if pk in known), key=lambda row: row[1])


def organisation_list(case: Case) -> Options:
    """Organisations that we know."""
    return list(Organisation.objects.filter(retired_at=None).order_by("name").values_list("pk", "name"))


def measure_list(case: Case) -> Options:
    """Measures of the evidence in use; those that share their areas' numbers, not shares of something."""
    return [(one.slug, gettext(one.name)) for one in measures() if one.sort == COUNT]


def study_list(case: Case) -> Options:
    """Studies of outcomes, the latest first."""
    return list(Study.objects.order_by("-pk").values_list("pk", "title")[:200])


def question_list(case: Case) -> Options:
    """Questions that residents were asked, with their survey."""
    return [(one.pk, f"{one.series.name}: {one.text}") for one in questions()]


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}…"


def _named(rows: Iterable[Model]) -> Options:
    return [(row.pk, _short(row.text)) for row in rows]  # type: ignore[attr-defined]


def hypothesis_list(case: Case) -> Options:
    """The hypotheses of a problem."""
    return _named(Hypothesis.objects.filter(problem_id=case.pk).order_by("pk"))


def option_list(case: Case) -> Options:
    """The options of a problem."""
    return _named(Option.objects.filter(problem_id=case.pk).order_by("pk"))


def action_list(case: Case) -> Options:
    """The actions of a problem."""
    return _named(Action.objects.filter(problem_id=case.pk).order_by("starts_on", "pk"))


def technique_list(case: Case) -> Options:
    """The 25 techniques by what they do, each with how often it was chosen here before and how often that helped."""
    used = past_uses(actor=SYSTEM, besides=case.pk)

    def name(choice: Any) -> tuple[str, str]:
        uses = used.get(choice.key, [])
        if not uses:
            return choice.key, gettext(choice.label)
        ended = [use for use in uses if use.outcome]
        words = {"name": gettext(choice.label), "n": len(uses), "helped": sum(use.helped for use in ended)}
        return choice.key, gettext("%(name)s (chosen before: %(n)s, helped: %(helped)s)") % words

    groups = [(gettext(group), [name(choice) for choice in choices]) for group, choices in TECHNIQUES.items()]
    return [*groups, name(OTHER_TECHNIQUE)]


# --- how things stand ------------------------------------------------------------------------------


def describe(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The description as it stands."""
    problem = problem_of(case)
    return {"title": case.detail("title"), "text": case.text} | {name: getattr(problem, name) for name in DESCRIBED}


def gather(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """What counts now."""
    problem = problem_of(case)
    return {"categories": problem.categories, "areas": problem.areas, "radius_m": problem.radius_m or "",
            "measures": problem.measures}  # fmt: skip


def tick(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The sub-steps that are ticked off."""
    done = set(problem_of(case).substeps)
    return {phase: [choice.key for choice in choices if choice.key in done] for phase, choices in SUBSTEPS.items()}


def triangle(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The triangle as it stands."""
    return {side: problem_of(case).triangle.get(side, "") for side in SIDES}


def inventory(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is listed now."""
    return {"present_response": problem_of(case).present_response}


def objective(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The objective as it stands."""
    problem = problem_of(case)
    day = problem.target_on.isoformat() if problem.target_on else ""
    return {"objective": problem.objective, "measure": problem.measure, "target": problem.target, "target_on": day}


def row_of(rows: Any, given: Mapping[str, Any], field: str) -> Any:
    """The row that the address names, if it is one of these."""
    number = str(given.get(field, ""))
    return rows.filter(pk=int(number)).first() if number.isascii() and number.isdigit() and len(number) < 15 else None


def judge(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The judgement as it stands."""
    row = row_of(Hypothesis.objects.filter(problem_id=case.pk), given, "hypothesis")
    return {"state": row.state, "reason": row.reason} if row else {}


def choose(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The decision as it stands."""
    row = row_of(Option.objects.filter(problem_id=case.pk), given, "option")
    return {"decision": row.decision, "reason": row.reason} if row else {}


def plan(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """A new action starts today unless somebody says otherwise."""
    return {"starts_on": local_day(timezone.now()).isoformat()}


def progress(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """How far the action is now."""
    row = row_of(Action.objects.filter(problem_id=case.pk), given, "action")
    return {"state": row.state, "note": row.note, "due_on": row.due_on.isoformat()} if row else {}


def ask_partner(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The address of the organisation that does the action, and a question about it."""
    row = row_of(Action.objects.filter(problem_id=case.pk).select_related("organisation"), given, "action")
    if row is None:
        return {}
    question = gettext("We agreed on this: %(action)s. Is it done? If not, by when?") % {"action": row.text}
    return {"email": row.organisation.email if row.organisation else "", "question": question}


def appraise(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The study of the problem, where it has one."""
    return {"study": problem_of(case).study_id or ""}


def draft_study(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The problem's name as a question's beginning, and the records that were counted for it."""
    counted = problem_of(case).incident_counts.select_related("source").order_by("pk").first()
    words = {"title": (gettext("Did it help? %(problem)s") % {"problem": case.detail("title", "")})[:120]}
    if counted is None or counted.source is None:
        return words
    return words | {"source": counted.source.slug, "sorts": "; ".join(counted.sorts)}


def permit_list(case: Case) -> Options:
    """The permits of a project."""
    return list(Permit.objects.filter(problem_id=case.pk).order_by("pk").values_list("pk", "what"))


def change_permit(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The permit as it stands."""
    row = row_of(Permit.objects.filter(problem_id=case.pk), given, "permit")
    if row is None:
        return {}
    days = {name: getattr(row, name) for name in ("asked_on", "decided_on", "expires_on")}
    return {name: getattr(row, name) for name in ("what", "authority", "reference", "state", "note")} | {
        name: day.isoformat() if day else "" for name, day in days.items()
    }


def close(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The title, and an alarm half-way between the cases of 90 days before the response and since it began."""
    found = compare(problem_of(case), until=timezone.now())
    words = {"title": case.detail("title", "")}
    if found is None or not found.before:
        return words
    return words | {"alarm_count": max(3, round((found.rate_before + found.rate_after) / 2 * 3))}
