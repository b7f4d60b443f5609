"""Checks that several designs share: each looks at one way in which an estimate can mislead, and says so."""

from __future__ import annotations

from .effect import Check, Sizes, State
from .panel import Panel
from .phrase import N_, phrase
from .preconditions import first_start

CERTAIN = 0.05
DOUBTFUL = 0.10
FEW_EVENTS = 30
FEW_UNITS = 6
DOMINANT = 0.5


def state_of(p: float) -> State:
    """A check that something is absent: fails when it is clearly there, warns when it may be."""
    return State.FAIL if p < CERTAIN else State.WARN if p < DOUBTFUL else State.PASS


def sizes(panel: Panel, dropped: int = 0) -> Sizes:
    """What stands behind an estimate from this panel; before and after are seen from the first start."""
    start, ever = first_start(panel), panel.ever_treated
    return Sizes(
        treated=int(ever.sum()),
        compared=int((~ever).sum()),
        dropped=dropped,
        periods_before=start,
        periods_after=len(panel.periods) - start,
        before=float(panel.outcome[ever, :start].sum()),
        after=float(panel.outcome[ever, start:].sum()),
    )


def small_counts(sizes: Sizes) -> Check:
    """Whether so few events stand behind the estimate that the interval itself is rough."""
    least = min(sizes.before, sizes.after)
    state = State.WARN if least < FEW_EVENTS else State.PASS
    template = (
        N_("The treated places had {before:.0f} before and {after:.0f} after: few, so the interval itself is rough.")
        if state is State.WARN
        else N_("The treated places had {before:.0f} before and {after:.0f} after.")
    )
    return Check("small-counts", state, phrase(template, before=sizes.before, after=sizes.after))


def few_units(panel: Panel) -> Check:
    """Whether so few treated units stand behind the estimate that they must look alike for it to hold."""
    found = int(panel.ever_treated.sum())
    if found >= FEW_UNITS:
        return Check(
            "few-units", State.PASS, phrase(N_("{found} treated {units}."), found=found, units=panel.unit_name)
        )
    meaning = phrase(
        N_("Only {found} treated {units}: the interval leans on their being alike. Read it with the second opinion."),
        found=found, units=panel.unit_name,
    )  # fmt: skip
    return Check("few-units", State.WARN, meaning)


def dominance(share: float, unit: str) -> Check:
    """Whether one unit carries the result."""
    if share <= DOMINANT:
        meaning = phrase(N_("The largest treated place, {unit}, carries {percent:.0f} % of the treated events."),
                         unit=unit, percent=100 * share)  # fmt: skip
        return Check("dominance", State.PASS, meaning)
    meaning = phrase(
        N_("{unit} alone carries {percent:.0f} % of the treated events: the result is mostly about that place."),
        unit=unit, percent=100 * share,
    )  # fmt: skip
    return Check("dominance", State.WARN, meaning)


def dropped(count: int, panel: Panel) -> Check:
    """How many units had nothing to tell."""
    if not count:
        return Check("dropped", State.PASS, phrase(N_("No {units} were left out."), units=panel.unit_name))
    meaning = phrase(
        N_("{count} {units} had no {outcome} in any period and were left out; they cannot change the estimate."),
        count=count, units=panel.unit_name, outcome=panel.outcome_name,
    )  # fmt: skip
    return Check("dropped", State.NOTE, meaning)


def denominator(panel: Panel) -> Check:
    """What the rates are divided by."""
    if panel.population is None:
        meaning = phrase(N_("No population was given: counts are compared, as if nobody had moved in or out."))
        return Check("denominator", State.WARN, meaning)
    return Check("denominator", State.PASS, phrase(N_("Rates are per head of the population that was given.")))


def overdispersion(phi: float) -> Check:
    """How much more variable the counts are than chance alone."""
    meaning = phrase(
        N_("The counts vary {phi:.1f} times as much as pure chance would; the interval allows for that."), phi=phi
    )
    return Check("dispersion", State.NOTE, meaning)
