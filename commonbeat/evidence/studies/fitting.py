"""What a plan means in given data: which areas, which periods, who is treated when. Nothing of Django."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from commonbeat.evidence.stats.matching import within
from commonbeat.evidence.stats.panel import Panel
from commonbeat.evidence.stats.phrase import N_, Phrase, phrase
from commonbeat.evidence.studies.plan import Plan, same_shape


class PlanProblem(ValueError):
    """A plan does not fit the data; `field` is where to mend it."""

    def __init__(self, place: str, problem: Phrase) -> None:
        super().__init__(problem.said())
        self.field, self.problem = place, problem


def check(plan: Plan, panel: Panel) -> None:
    """Raise PlanProblem for the first thing in the plan that these data cannot mean."""
    known = set(panel.units)
    if not plan.treated:
        raise PlanProblem("treated", phrase(N_("Say where the programme runs: choose at least one area.")))
    for place, names in (("treated", plan.treated), ("comparison", plan.comparison), ("starts", tuple(plan.starts))):
        strange = [name for name in names if name not in known]
        if strange:
            raise PlanProblem(place, phrase(N_("“{name}” is not among the areas of the data."), name=strange[0]))
    both = set(plan.treated) & set(plan.comparison)
    if both:
        raise PlanProblem(
            "comparison", phrase(N_("“{name}” cannot be treated and compared with."), name=sorted(both)[0])
        )
    late = [name for name in plan.starts if name not in plan.treated]
    if late:
        raise PlanProblem("starts", phrase(N_("“{name}” has a start but is not treated."), name=late[0]))
    if not plan.start:
        raise PlanProblem("start", phrase(N_("Say when the programme starts.")))
    for place, period in (
        ("start", plan.start),
        ("first", plan.first),
        *(("starts", at) for at in plan.starts.values()),
    ):
        if period and not same_shape(period, panel.periods[-1]):
            raise PlanProblem(
                place, phrase(N_("Write the period like those of the data, such as {last}."), last=panel.periods[-1])
            )
    if min(plan.start, *plan.starts.values(), plan.start) <= panel.periods[0]:
        raise PlanProblem(
            "start",
            phrase(N_("The data begin in {first}. The programme has to start after that."), first=panel.periods[0]),
        )
    for split in plan.splits:
        strange = [name for name in split.areas if name not in known]
        if strange:
            raise PlanProblem("areas", phrase(N_("“{name}” is not among the areas of the data."), name=strange[0]))
    if plan.length < 1:
        raise PlanProblem("length", phrase(N_("At least one period has to be measured.")))


def history_of(plan: Plan, panel: Panel) -> Panel:
    """All areas over the periods before anybody starts: what may be looked at while planning."""
    begin = min([plan.start, *plan.starts.values()])
    window = [n for n, label in enumerate(panel.periods) if plan.first <= label < begin]
    if not window:
        raise PlanProblem("start", phrase(N_("There is no period before the start in the data.")))
    return replace(panel.take(periods=window), treated=np.zeros((len(panel.units), len(window)), dtype=bool))


def compared(plan: Plan, panel: Panel) -> tuple[str, ...]:
    """The comparison areas: those that the plan names, or every other one out of the programme's reach."""
    if plan.comparison or plan.rule != "all":
        return plan.comparison
    chosen = np.isin(panel.units, plan.treated)
    near = {panel.units[n] for n in within(panel, chosen, plan.reach)}
    return tuple(unit for unit in panel.units if unit not in near and unit not in plan.treated)


def study_panel(plan: Plan, panel: Panel, *, everywhere: bool = False) -> Panel:
    """What the designs read: treated and comparison areas (or all), the planned periods, and who was treated when."""
    check(plan, panel)
    wanted = set(panel.units if everywhere else (*plan.treated, *compared(plan, panel)))
    units = [n for n, unit in enumerate(panel.units) if unit in wanted]
    since = [n for n, label in enumerate(panel.periods) if label >= plan.start]
    until = since[min(plan.length, len(since)) - 1] if since else len(panel.periods) - 1
    window = [n for n, label in enumerate(panel.periods) if label >= plan.first and n <= until]
    cut = panel.take(units=units, periods=window)
    mask = np.zeros(cut.shape, dtype=bool)
    for row, unit in enumerate(cut.units):
        if unit in plan.treated:
            begin = plan.starts.get(unit, plan.start)
            mask[row] = [label >= begin for label in cut.periods]
    return replace(cut, treated=mask)


def periods_after(plan: Plan, panel: Panel) -> int:
    """How many periods from the start on the data hold already."""
    return sum(label >= plan.start for label in panel.periods)
