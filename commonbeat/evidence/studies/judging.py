"""Judges a finished study as a reader must: which checks it passed, and how far its number can be believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from commonbeat.evidence import stats
from commonbeat.evidence.stats import planning
from commonbeat.evidence.stats.checks import denominator, dropped, few_units, sizes, small_counts
from commonbeat.evidence.stats.did import placebo_start
from commonbeat.evidence.stats.effect import Check, Effect, Result, State
from commonbeat.evidence.stats.panel import Panel
from commonbeat.evidence.stats.phrase import N_, Value, phrase
from commonbeat.evidence.studies.plan import Plan
from commonbeat.evidence.studies.programmes import caveat_of

NOTICEABLE = 0.03
FAR_APART = 2.0


class Verdict(StrEnum):
    """What a chief may say about a study."""

    NO_ANSWER = "no-answer"
    UNRELIABLE = "unreliable"
    UNCLEAR = "unclear"
    NOTHING_LARGE = "nothing-large"
    DOUBTFUL = "doubtful"
    CLEAR = "clear"


@dataclass(frozen=True)
class Facts:
    """What the checks of a study look at, beside the results of its designs."""

    plan: Plan
    panel: Panel
    """The study's own panel."""
    registered: bool
    """Whether the plan was frozen before any period from the start on was in the data."""
    unchanged: bool | None
    """Whether the history is the one that the plan was frozen with; None when there was no stamp."""
    version: int
    detectable: planning.Planned
    regression: planning.Expected
    delivered: float | None
    """Amount per period that was delivered on average; None where nobody wrote it down."""
    reported: Mapping[str, float] | None = None
    """How residents' reports from the treated areas changed in the same time: change, low, high in percent. Empty where
    there are too few, None where they are not on record."""


def own_checks(facts: Facts, first: Result, second: Result, naive: Result) -> tuple[Check, ...]:
    """Checks of the study as a whole; those of the designs come with their results."""
    return (
        _registered(facts), _unchanged(facts), _complete(facts), _regression(facts, first), _detectable(facts, first),
        _agreement(first, second), _naive(naive, first), _dose(facts), _reporting(facts), *_pitfalls(facts),
        *(() if facts.plan.further else (_one_outcome(facts),)),
    )  # fmt: skip


def missing(panel: Panel, checks: Iterable[Check]) -> tuple[Check, ...]:
    """What every report says and no design of this one did: each design looks at what matters to it alone."""
    there = {check.slug for check in checks}
    sizes_of = sizes(panel, dropped=int((panel.outcome.sum(axis=1) == 0).sum()))
    made = [small_counts(sizes_of), few_units(panel), dropped(sizes_of.dropped, panel), denominator(panel)]
    if panel.starts and panel.starts[0] > 1:
        made.append(placebo_start(panel))
    said = phrase(
        N_("The path before and after the start could not be drawn step by step, so nobody knows how much departure "
           "from parallel paths would undo the result.")
    )  # fmt: skip
    made.append(Check("breakdown", State.NOTE, said))
    # The designs do not lean on these, so they are no reason for doubt; a placebo that fails is one.
    calm = (replace(check, state=State.NOTE) if check.state is State.WARN else check for check in made)
    return tuple(check for check in calm if check.slug not in there)


def _registered(facts: Facts) -> Check:
    if facts.registered and facts.version == 1:
        said = phrase(N_("The plan was frozen before the outcome was known."))
        return Check("registered", State.PASS, said)
    if facts.registered:
        said = phrase(
            N_("The plan was changed {times} times, each time before the outcome was known. All versions are kept."),
            times=facts.version - 1,
        )
        return Check("registered", State.PASS, said)
    said = phrase(
        N_("The study looks back: the outcome could be known when the plan was frozen. Whoever chose the areas, dates "
           "and design may have known what they would show.")
    )  # fmt: skip
    return Check("registered", State.WARN, said)


def _unchanged(facts: Facts) -> Check:
    if facts.unchanged is None:
        return Check("unchanged", State.NOTE, phrase(N_("The history was not stamped.")))
    if facts.unchanged:
        said = phrase(N_("The numbers from before the start are those that the plan was frozen with."))
        return Check("unchanged", State.PASS, said)
    said = phrase(
        N_("The numbers from before the start are not those that the plan was frozen with: records were added or "
           "corrected since. Find out which.")
    )  # fmt: skip
    return Check("unchanged", State.WARN, said)


def _complete(facts: Facts) -> Check:
    found = sum(label >= facts.plan.start for label in facts.panel.periods)
    if found >= facts.plan.length:
        said = phrase(N_("All {planned} planned {periods} were measured."), planned=facts.plan.length,
                      periods=facts.panel.period_name)  # fmt: skip
        return Check("complete", State.PASS, said)
    said = phrase(
        N_("{found} of {planned} planned {periods} were measured: this is a look in between. Stopping when the number "
           "is good makes chance look like success."),
        found=found, planned=facts.plan.length, periods=facts.panel.period_name,
    )  # fmt: skip
    return Check("complete", State.WARN, said)


def _regression(facts: Facts, first: Result) -> Check:
    expected = facts.regression
    if isinstance(expected, stats.Refusal):
        said = phrase(N_("The history is too short to say how much places like these change by themselves."))
        return Check("regression", State.WARN, said)
    values = {"net": 100 * expected.net, "low": 100 * expected.low, "high": 100 * expected.high}
    if abs(expected.net) < NOTICEABLE:
        said = phrase(
            N_("Places like these change by {net:+z.1f} % against the others without any programme: little."), **values
        )
        return Check("regression", State.PASS, said)
    found = _share(first)
    if _clear(first) and found and _explains(expected, found[0] / 100):
        said = phrase(
            N_("Places like these change by {net:+z.0f} % against the others without any programme (between "
               "{low:+z.0f} % and {high:+z.0f} %). That alone explains the result, or half of it: a return to normal."),
            **values,
        )  # fmt: skip
        return Check("regression", State.FAIL, said)
    said = phrase(
        N_("Places like these change by {net:+z.0f} % against the others without any programme (between {low:+z.0f} % "
           "and {high:+z.0f} %). Take that off before you call anything a success."),
        **values,
    )  # fmt: skip
    return Check("regression", State.WARN, said)


def _explains(expected: planning.Regression, change: float) -> bool:
    """Whether a change lies within what nothing at all does to such places, or is at least half of it."""
    same_side = (change < 0) == (expected.net < 0)
    return same_side and (expected.low <= change <= expected.high or 2 * abs(expected.net) >= abs(change))


def _detectable(facts: Facts, first: Result) -> Check:
    found = facts.detectable
    if isinstance(found, stats.Refusal):
        return Check("detectable", State.WARN, phrase(N_("Nobody could say beforehand what this study can see.")))
    if found.reduction is None:
        return Check("detectable", State.FAIL, phrase(N_("The study is too small to see anything at all.")))
    values = {"smallest": 100 * found.reduction, "hoped": abs(facts.plan.expected)}
    if 100 * found.reduction <= abs(facts.plan.expected):
        said = phrase(
            N_(
                "The study is large enough for the expected change of {hoped:.0f} %: it finds {smallest:.0f} % or more."
            ),
            **values,
        )
        return Check("detectable", State.PASS, said)
    said = phrase(
        N_("The study is too small for the expected change of {hoped:.0f} %: it only finds {smallest:.0f} % or more. "
           "“No clear difference” then says little."),
        **values,
    )  # fmt: skip
    return Check("detectable", State.WARN, said)


def _share(result: Result) -> tuple[float, float, float] | None:
    """Estimate and interval as a change in percent, whatever the scale; None where that cannot be said."""
    if not isinstance(result, Effect):
        return None
    if result.percent is not None and result.percent_interval is not None:
        return result.percent, *result.percent_interval
    base = result.sizes.after - result.events if result.events is not None else 0.0
    if result.events is None or result.events_interval is None or base <= 0:
        return None
    return (
        100 * result.events / base, 100 * result.events_interval[0] / base, 100 * result.events_interval[1] / base
    )  # fmt: skip


def _agreement(first: Result, second: Result) -> Check:
    mine, other = _share(first), _share(second)
    if mine is None or other is None:
        said = phrase(N_("Only one of the two designs gave an answer, so there is no second opinion."))
        return Check("agreement", State.WARN, said)
    apart = mine[1] > other[2] or other[1] > mine[2]
    values = {"first": mine[0], "second": other[0]}
    if apart:
        said = phrase(N_("The two designs contradict each other: {first:+z.0f} % and {second:+z.0f} %."), **values)
        return Check("agreement", State.FAIL, said)
    same_answer = _clear(first) == _clear(second)
    same_side = (mine[0] < 0) == (other[0] < 0)
    if same_answer and (same_side or not _clear(first)):
        said = phrase(N_("Both designs say the same: {first:+z.0f} % and {second:+z.0f} %."), **values)
        return Check("agreement", State.PASS, said)
    said = phrase(
        N_("The two designs differ in how sure they are: {first:+z.0f} % and {second:+z.0f} %. The one that was named "
           "first in the plan counts."),
        **values,
    )  # fmt: skip
    return Check("agreement", State.WARN, said)


def _clear(result: Result) -> bool:
    return isinstance(result, Effect) and result.clear


def _naive(naive: Result, first: Result) -> Check:
    if not isinstance(naive, Effect) or naive.percent is None:
        return Check("naive", State.NOTE, phrase(N_("Before and after cannot be compared simply.")))
    real = _share(first)
    if real is None:
        said = phrase(
            N_("A mere before and after would have said {naive:+z.0f} %. Do not use it: nothing was compared with it."),
            naive=naive.percent,
        )
    else:
        said = phrase(
            N_("A mere before and after would have said {naive:+z.0f} %, not {real:+z.0f} % against the others."),
            naive=naive.percent, real=real[0],
        )  # fmt: skip
    return Check("naive", State.NOTE, said)


def _dose(facts: Facts) -> Check:
    plan = facts.plan
    if not plan.dose:
        return Check("dose", State.WARN, phrase(N_("Nobody planned to count how much of the programme was delivered.")))
    if facts.delivered is None:
        said = phrase(
            N_("It was not written down how many {dose} were delivered. Without that, no result says anything about "
               "the programme."),
            dose=plan.dose,
        )  # fmt: skip
        return Check("dose", State.WARN, said)
    values: dict[str, Value] = {"dose": plan.dose, "delivered": facts.delivered, "planned": plan.dose_planned}
    if not plan.dose_planned:
        return Check("dose", State.NOTE, phrase(N_("{delivered:.0f} {dose} per period were delivered."), **values))
    state = State.PASS if facts.delivered >= 0.8 * plan.dose_planned else State.WARN
    if facts.delivered < 0.2 * plan.dose_planned:
        state = State.FAIL
    said = phrase(
        N_("{delivered:.0f} of {planned:.0f} planned {dose} per period were delivered.")
        if state is State.PASS
        else N_("Only {delivered:.0f} of {planned:.0f} planned {dose} per period were delivered: the programme hardly "
                "took place as planned."),
        **values,
    )  # fmt: skip
    return Check("dose", state, said)


def _one_outcome(facts: Facts) -> Check:
    said = phrase(N_("One outcome was named beforehand ({outcome}), so nothing has to be corrected for several."),
                  outcome=facts.panel.outcome_name)  # fmt: skip
    return Check("one-outcome", State.NOTE, said)


def _pitfalls(facts: Facts) -> tuple[Check, ...]:
    caveat = caveat_of(facts.plan.sort)
    return (Check("programme", State.NOTE, phrase(caveat)),) if caveat else ()


def _reporting(facts: Facts) -> Check:
    if facts.reported is None:
        said = phrase(
            N_("Recorded events also change when people report more or less. More trust can raise the numbers.")
        )
        return Check("reporting", State.NOTE, said)
    if not facts.reported:
        said = phrase(
            N_("Recorded events also change when people report more or less. Residents sent too few reports from the "
               "treated areas to tell whether they did.")
        )  # fmt: skip
        return Check("reporting", State.NOTE, said)
    values = dict(facts.reported)
    if values["low"] <= 0 <= values["high"]:
        said = phrase(
            N_("Reports of residents from the treated areas changed by {change:+z.0f} % in the same time (between "
               "{low:+z.0f} % and {high:+z.0f} %), which chance explains. They are counted apart from recorded "
               "events."),
            **values,
        )  # fmt: skip
        return Check("reporting", State.PASS, said)
    said = phrase(
        N_("Reports of residents from the treated areas changed by {change:+z.0f} % in the same time (between "
           "{low:+z.0f} % and {high:+z.0f} %). Recorded events may have changed because people report differently."),
        **values,
    )  # fmt: skip
    return Check("reporting", State.WARN, said)


def verdict(first: Result, checks: Iterable[Check], plan: Plan) -> Verdict:
    """How far the result can be believed: failed checks outweigh any number."""
    states = [check.state for check in checks]
    if not isinstance(first, Effect):
        return Verdict.NO_ANSWER
    if State.FAIL in states:
        return Verdict.UNRELIABLE
    if not first.clear:
        found = _share(first)
        hoped = plan.expected
        excluded = found is not None and (hoped < found[1] if hoped < 0 else hoped > found[2])
        return Verdict.NOTHING_LARGE if excluded else Verdict.UNCLEAR
    if not first.causal or states.count(State.WARN) > 2:
        return Verdict.DOUBTFUL
    return Verdict.CLEAR


def as_share(result: Result) -> tuple[float, float, float] | None:
    """Estimate, low and high in percent of what was expected, where that can be said."""
    found = _share(result)
    return None if found is None or not np.isfinite(found).all() else found


def unique(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Each check once; of two with the same name the worse one."""
    order = {State.FAIL: 0, State.WARN: 1, State.PASS: 2, State.NOTE: 3}
    kept: dict[str, Check] = {}
    for check in checks:
        if check.slug not in kept or order[check.state] < order[kept[check.slug].state]:
            kept[check.slug] = replace(check)
    return tuple(kept.values())
