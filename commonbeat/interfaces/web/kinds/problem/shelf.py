"""The library of problems: those at work and those that ended, by type, technique, state, grade and words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from commonbeat.cases.kind import KINDS
from commonbeat.core.actor import INSIDERS
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.kinds.problem.starting import STARTERS
from commonbeat.interfaces.web.kinds.problem.words import comparison_words
from commonbeat.interfaces.web.kinds.problem.words import say as choice
from commonbeat.kinds.problem import counting
from commonbeat.kinds.problem.library import KINDS_WITH_LESSONS, TYPES_OF, Wanted, problems
from commonbeat.kinds.problem.models import Problem
from commonbeat.kinds.problem.vocabulary import OTHER_TECHNIQUE, TECHNIQUES, techniques

PAGE = 25
READERS = tuple(sorted(INSIDERS))


@staff(*READERS)
@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """The list, those that changed last first."""
    actor, shown = actor_of(request), say.words(at=timezone.now())
    wanted = Wanted(**{name: request.GET.get(name, "")[:200] for name in Wanted.__dataclass_fields__})
    number = request.GET.get("page", "1")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 5 else 1
    start = (page - 1) * PAGE
    found = list(problems(wanted, actor=actor).prefetch_related("options", "assessments")[start : start + PAGE + 1])
    filters = {name: value for name in Wanted.__dataclass_fields__ if (value := getattr(wanted, name))}
    context = {
        "rows": [_row(problem, shown) for problem in found[:PAGE]], "wanted": wanted, "section": "problems",
        "older_url": "?" + urlencode(filters | {"page": page + 1}) if len(found) > PAGE else "",
        "newer_url": "?" + urlencode(filters | {"page": page - 1}) if page > 1 else "", "narrowed": bool(filters),
        "kinds": [(slug, gettext(KINDS[slug].plural)) for slug in KINDS_WITH_LESSONS],
        "types": [
            (gettext(KINDS[kind].plural), [(one.key, gettext(one.label)) for one in types])
            for kind, types in TYPES_OF.items()
        ],
        "techniques": [
            (gettext(group), [(one.key, gettext(one.label)) for one in choices])
            for group, choices in {**TECHNIQUES, OTHER_TECHNIQUE.label: (OTHER_TECHNIQUE,)}.items()
        ],
        "states": [
            (gettext(KINDS[kind].plural), [(state.slug, gettext(state.label)) for state in KINDS[kind].workflow.states])
            for kind in KINDS_WITH_LESSONS
        ],
        "grades": [
            (gettext(KINDS[kind].plural),
             [(end.slug, gettext(end.label)) for end in KINDS[kind].workflow.outcomes if end.offered])
            for kind in KINDS_WITH_LESSONS
        ],
        "may_start": actor.has(*STARTERS),
    }  # fmt: skip
    return render(request, "pages/desk/problem/shelf.html", context)


def _row(problem: Problem, shown: say.Words) -> dict[str, Any]:
    """One problem: what it was, what was chosen, what came of it."""
    case = problem.case
    last = max(problem.assessments.all(), key=lambda row: (row.made_at, row.pk), default=None)
    chosen = [row.technique for row in problem.options.all() if row.decision == "chosen"]
    return {
        "reference": case.reference, "title": case.detail("title", case.reference), "area": shown.area(case.area_id),
        "type": choice(TYPES_OF[case.kind], problem.type), "kind": gettext(KINDS[case.kind].label),
        "state": say.state_label(case.kind, case.state),
        "tone": say.tone(case.kind, case.state), "outcome": say.outcome_label(case.kind, case.outcome),
        "techniques": [choice(techniques(), slug) for slug in dict.fromkeys(chosen)],
        "lessons": last.lessons if last else "", "who": case.assignee.name if case.assignee else "",
        "comparison": comparison_words(counting.Comparison(**last.counts)) if last and last.counts else None,
    }  # fmt: skip
