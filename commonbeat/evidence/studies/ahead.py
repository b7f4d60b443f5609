"""Before a programme starts: who to compare with, what the study can see, and what happens without any programme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from commonbeat.evidence import stats
from commonbeat.evidence.stats import Situation, planning
from commonbeat.evidence.stats.panel import Panel
from commonbeat.evidence.stats.phrase import N_, Phrase, phrase
from commonbeat.evidence.studies.fitting import PlanProblem, check, compared, history_of, periods_after
from commonbeat.evidence.studies.plan import Plan

MANY = 5
"""Treated areas from which on areas themselves can vouch for the error."""
POOL = 20


@dataclass(frozen=True)
class Ahead:
    """What a plan promises. Everything is text and numbers that JSON can hold."""

    detectable: planning.Planned
    regression: planning.Expected
    primary: str
    second: str
    why: Phrase
    treated_level: float
    compared_level: float
    compared_count: int
    treated_trend: float
    compared_trend: float
    history: int
    known_after: int
    """Periods after the start that are already in the data: above 0 the study looks back."""

    def as_dict(self) -> dict[str, Any]:
        """What JSON stores: both forecasts with their numbers, and the choice of designs."""
        return {
            "detectable": numbers(self.detectable), "regression": numbers(self.regression),
            "primary": self.primary, "second": self.second, "known_after": self.known_after,
            "treated_level": self.treated_level, "compared_level": self.compared_level,
            "compared": self.compared_count, "treated_trend": self.treated_trend,
            "compared_trend": self.compared_trend, "history": self.history, "why": self.why.as_dict(),
        }  # fmt: skip


def numbers(found: Any) -> dict[str, Any]:
    """A forecast as JSON stores it, with its sentence; or why there is none."""
    if isinstance(found, stats.Refusal):
        return found.as_dict()
    return {"sort": type(found).__name__.lower(), **vars(found), "said": found.phrase.as_dict()}


def described(slug: str) -> dict[str, str]:
    """A design in words that can be stored: pages that show them need not load the statistics."""
    design = stats.DESIGNS[slug]
    return {"slug": slug, "title": design.title, "question": design.question, "compares": design.compares}


def detectable_from(stored: Mapping[str, Any]) -> planning.Planned:
    """What `as_dict` wrote."""
    told = {name: value for name, value in stored.items() if name != "said"}
    if told.pop("sort") == "refusal":
        return stats.Refusal.from_dict(dict(stored))
    return planning.Detectable(**told)


def regression_from(stored: Mapping[str, Any]) -> planning.Expected:
    """What `as_dict` wrote."""
    told = {name: value for name, value in stored.items() if name != "said"}
    if told.pop("sort") == "refusal":
        return stats.Refusal.from_dict(dict(stored))
    return planning.Regression(**told)


def propose_comparison(plan: Plan, panel: Panel) -> tuple[str, ...]:
    """Names of the areas that are most like the treated ones and out of the programme's reach."""
    history = history_of(plan, panel)
    chosen = np.isin(history.units, plan.treated)
    near = stats.within(history, chosen, plan.reach)
    return tuple(history.units[n] for n in stats.alike(history, chosen, each=plan.each, out_of_reach=near))


_CHOICES: tuple[tuple[Situation, tuple[str, ...], Phrase], ...] = (
    (Situation.STAGGERED, ("staggered-poisson", "callaway-santanna"),
     phrase(N_("The areas start at different times, so each is compared with those that have not started."))),
    (Situation.NO_CONTROL, ("interrupted-time-series", "e-test"),
     phrase(N_("There is nothing to compare with. The answer will only describe, not say what caused it."))),
    (Situation.ONE_AREA, ("synthetic-did", "synthetic-control", "wdd"),
     phrase(N_("One area: a mixture of others with the same past stands in for it."))),
    (Situation.FEW_AREAS, ("synthetic-control", "synthetic-did", "wdd", "poisson-did"),
     phrase(N_("A few areas and many others: a mixture with the same past stands in for them."))),
    (Situation.MANY_AREAS, ("poisson-did", "randomisation", "synthetic-control", "event-study", "wdd"),
     phrase(N_("Many areas with one start: rates are compared, and a second design looks at them anew."))),
)  # fmt: skip
"""By situation: designs in the order in which they are proposed, and why."""


def situation_of(treated: int, pool: int, starts: int) -> Situation:
    """What the department has in its hands."""
    if pool == 0:
        return Situation.NO_CONTROL
    if starts > 1:
        return Situation.STAGGERED
    if treated == 1:
        return Situation.ONE_AREA
    return Situation.FEW_AREAS if treated < MANY and pool >= POOL else Situation.MANY_AREAS


def propose_designs(plan: Plan, panel: Panel) -> tuple[str, str, Phrase]:
    """The design that is declared first, the second opinion, and why.

    Of those for the situation, the first two that would not refuse: tried on the history with a start pretended so
    late in it that the rest is no longer than the time to be measured. Reads nothing from the real start on.
    """
    history = history_of(plan, panel)
    pretended = _pretend(plan, history)
    starts = len({plan.starts.get(unit, plan.start) for unit in plan.treated})
    treated = len(plan.treated)
    situation = situation_of(treated, len(pretended.units) - treated, starts)
    slugs, why = next((slugs, why) for one, slugs, why in _CHOICES if one is situation)
    willing = [slug for slug in slugs if situation is Situation.STAGGERED or _would_answer(slug, pretended)]
    order = list(dict.fromkeys([*willing, *slugs]))
    return order[0], order[1], why


def _pretend(plan: Plan, history: Panel) -> Panel:
    names = {*plan.treated, *compared(plan, history)}
    units = [n for n, unit in enumerate(history.units) if unit in names]
    cut = history.take(units=units)
    start = max(1, len(cut.periods) - max(1, min(plan.length, len(cut.periods) // 3)))
    mask = np.zeros(cut.shape, dtype=bool)
    mask[np.isin(cut.units, plan.treated), start:] = True
    return replace(cut, treated=mask)


def _would_answer(slug: str, panel: Panel) -> bool:
    return not any(need.shortfall(panel) for need in stats.design(slug).preconditions())


def season_of(periods: tuple[str, ...]) -> int:
    """Periods in a year, by how the labels look: 2026-01 is a month, 2026-W05 a week, anything else is unknown."""
    last = periods[-1]
    if len(last) == 7 and last[4] == "-" and last[5:].isdigit():
        return 12
    return 52 if len(last) == 8 and last[4:6] == "-W" else 0


def complete(plan: Plan, panel: Panel) -> Plan:
    """The plan with what the studio proposes where nothing was chosen: comparison areas, both designs, options."""
    check(plan, panel)
    if plan.rule == "alike":
        plan = replace(plan, comparison=propose_comparison(plan, panel))
    elif plan.rule == "all":
        plan = replace(plan, comparison=())
    primary, second, _ = propose_designs(plan, panel)
    first = plan.design or primary
    other = plan.second or (second if second != first else primary)
    season = season_of(panel.periods)
    options: dict[str, dict[str, Any]] = {}
    if "interrupted-time-series" in (first, other):
        options["interrupted-time-series"] = {"season": season}
    if plan.reach > 0 and panel.coordinates is not None:
        options["wdd-rings"] = {"rings": [plan.reach, 2 * plan.reach]}
    return replace(plan, design=first, second=other, options=options, outcome=panel.outcome_name)


def look_ahead(plan: Plan, panel: Panel) -> Ahead:
    """Everything that is known before the start. Reads nothing from the start on."""
    history = history_of(plan, panel)
    chosen = np.isin(history.units, plan.treated)
    if not history.outcome[chosen].sum():
        raise PlanProblem("treated", phrase(N_("The chosen areas had no events before the start: nothing can fall.")))
    names = compared(plan, panel)
    against = np.isin(history.units, names)
    used = history.take(units=chosen | against)
    mine = np.isin(used.units, plan.treated)
    primary, second, why = propose_designs(plan, panel)
    past = history_of(replace(plan, first=""), panel)  # also what the study itself does not use tells what happens
    window = max(1, min(plan.looked_back, len(past.periods)))
    ranks = planning.ranks_of(chosen, past.outcome[:, -window:].sum(axis=1))
    found = stats.likeness(history, chosen) if len(history.periods) > 1 else None
    return Ahead(
        detectable=planning.detectable(
            used, mine, before=len(history.periods), after=plan.length, level=plan.level
        ),
        regression=planning.regression_to_the_mean(past, ranks, window=window, after=plan.length),
        primary=primary, second=second, why=why,
        treated_level=float(found.level[chosen].mean()) if found else 0.0,
        compared_level=float(found.level[against].mean()) if found and against.any() else 0.0,
        compared_count=int(against.sum()),
        treated_trend=_trend(history, chosen), compared_trend=_trend(history, against),
        history=len(history.periods), known_after=periods_after(plan, panel),
    )  # fmt: skip


def _trend(history: Panel, units: np.ndarray) -> float:
    """Change of the total from the first half of the history to the second, as a share."""
    middle = len(history.periods) // 2
    if not units.any() or not middle:
        return 0.0
    first, second = history.outcome[units, :middle].mean(), history.outcome[units, middle:].mean()
    return float(second / first - 1) if first > 0 else 0.0
