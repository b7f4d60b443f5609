"""Before a programme starts: how small a change a study could see, and how large a drop to expect from nothing."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.special import ndtri, stdtrit

from .panel import Bools, Floats, Integers, Panel
from .phrase import N_, Phrase, Translate, as_written, phrase
from .refusal import Refusal, Shortfall

LEAST_DATES = 12
"""Past dates at which a selection must be repeatable before its average says anything."""


@dataclass(frozen=True)
class Detectable:
    """The smallest reduction that a comparison of before and after, treated and others, finds with the given power."""

    reduction: float | None
    """As a share: 0.3 is 30 % fewer. None when not even the loss of every event would be found."""
    treated_events: float
    """Events expected in the treated places in the time before."""
    compared_events: float
    dispersion: float
    power: float
    level: float
    outcome: str = "events"

    def sentence(self, translate: Translate = as_written) -> str:
        """What the study can and cannot see, for people."""
        return self.phrase.said(translate)

    @property
    def phrase(self) -> Phrase:
        """What `sentence` says, to be stored."""
        values: dict[str, Any] = asdict(self) | {"power": 100 * self.power}
        if self.reduction is None:
            template = N_(
                "With {treated_events:.0f} {outcome} in the chosen places, this study could not show even a complete "
                "stop. Choose more places, a longer time or an outcome that happens more often."
            )
            return Phrase(template, values)
        template = N_(
            "With {treated_events:.0f} {outcome} in the chosen places, this study finds a reduction of {percent:.0f} % "
            "or more in {power:.0f} of 100 cases; a smaller one will usually look like nothing."
        )
        return Phrase(template, values | {"percent": 100 * self.reduction})


@dataclass(frozen=True)
class Regression:
    """What places of the same ranks did at past dates, when no programme started."""

    change: float
    """Their events after a date divided by those before it, minus 1, over all dates."""
    net: float
    """The same relative to all places together: what a comparison with the city would mistake for an effect."""
    low: float
    high: float
    """Between these lay `net` at nine of ten dates."""
    dates: int
    window: int
    outcome: str = "events"

    def sentence(self, translate: Translate = as_written) -> str:
        """What to expect of the places without a programme, for people."""
        return self.phrase.said(translate)

    @property
    def phrase(self) -> Phrase:
        """What `sentence` says, to be stored."""
        template = N_(
            "Places like these changed by {change:+z.0f} % by themselves: average over {dates} past dates without a "
            "programme (relative to all places {net:+z.0f} %, between {low:+z.0f} % and {high:+z.0f} % nine times in "
            "ten)."
        )
        percent = {name: 100 * getattr(self, name) for name in ("change", "net", "low", "high")}
        return Phrase(template, {"dates": self.dates, **percent})


Planned: TypeAlias = "Detectable | Refusal"
Expected: TypeAlias = "Regression | Refusal"


def smallest_detectable(
    treated: float,
    compared: float,
    *,
    after: float = 1.0,
    dispersion: float = 1.0,
    power: float = 0.8,
    level: float = 0.95,
    freedom: int | None = None,
) -> float | None:
    """The smallest reduction (a share) that is found, or None when even 1 is not.

    `treated` and `compared` are the events expected before; `compared` may be infinite. `after` is the length of the
    time after, divided by that of the time before. Counts are Poisson times `dispersion`; the comparison group is
    scaled to the treated one, as in the weighted displacement difference. With `freedom` (treated places − 1) Student's
    t takes the place of the normal distribution.
    """  # fmt: skip
    if treated <= 0 or compared <= 0:
        return None
    due = after * treated
    reach = _reach(power, level, freedom) ** 2 * dispersion
    fixed = due * (1 + after) + due**2 * (1 + 1 / after) / compared
    # (reduction × due)² = reach × (fixed − reduction × due): the positive root of a quadratic.
    fewer = (-reach + math.sqrt(reach**2 + 4 * reach * fixed)) / 2
    return fewer / due if fewer <= due else None


def events_needed(
    reduction: float, *, pool: float = 1.0, dispersion: float = 1.0, power: float = 0.8, level: float = 0.95
) -> float:
    """Events before, in the treated places, with which a reduction is found; equally long before and after.

    `pool` is how many times as many events the comparison places have: 1 for as many, infinite for a whole country.
    """
    if not 0 < reduction <= 1:
        raise ValueError(f"A reduction is a share above 0 and up to 1, not {reduction}.")
    if pool <= 0:
        raise ValueError(f"The comparison places need events: {pool} times as many is impossible.")
    return _reach(power, level, None) ** 2 * dispersion * (2 - reduction + 2 / pool) / reduction**2


def detectable(
    history: Panel, chosen: Bools, *, before: int, after: int, power: float = 0.8, level: float = 0.95
) -> Planned:
    """What a study of the `chosen` units could see, judged by the latest periods of a history without the programme."""
    found = len(history.periods)
    missing = []
    if found < max(before, 2):
        missing.append(_short("periods-before", max(before, 2), found, history.period_name))
    for slug, units in (("treated-units", int(chosen.sum())), ("comparison-units", int((~chosen).sum()))):
        if units < 2:
            missing.append(_short(slug, 2, units, history.unit_name))
    if missing:
        return Refusal("detectable", tuple(missing))
    latest = history.outcome[:, found - before :].sum(axis=1)
    phi = max(1.0, window_dispersion(history.outcome, min(before, after, found // 2)))
    treated, compared = float(latest[chosen].sum()), float(latest[~chosen].sum())
    freedom = int(min(chosen.sum(), (~chosen).sum())) - 1
    reduction = smallest_detectable(
        treated, compared, after=after / before, dispersion=phi, power=power, level=level, freedom=freedom
    )
    return Detectable(reduction, treated, compared, phi, power, level, history.outcome_name)


def window_dispersion(outcome: Floats, window: int) -> float:
    """φ of the change between two neighbouring windows: how much more units vary than Poisson chance, on average.

    Pearson's χ² of the table units × (before, after) over its degrees of freedom, averaged over all dates. Slow ups and
    downs of single areas are in it, which φ from period to period would miss.
    """
    sums = np.cumsum(np.pad(outcome, ((0, 0), (1, 0))), axis=1)
    totals = sums[:, window:] - sums[:, :-window]
    first, second = totals[:, :-window], totals[:, window:]
    both = first + second
    heard = both > 0
    share = second.sum(axis=0) / np.maximum(both.sum(axis=0), 1e-300)
    spread = both * share * (1 - share)
    chi = np.divide((second - both * share) ** 2, spread, out=np.zeros_like(both), where=spread > 0).sum(axis=0)
    free = heard.sum(axis=0) - 1
    return float((chi[free > 0] / free[free > 0]).mean()) if (free > 0).any() else 1.0


def ranks_of(chosen: Bools, before: Floats) -> Integers:
    """Which places in order of events before (0 is the highest) the chosen units have."""
    order = np.argsort(-before, kind="stable")
    return np.flatnonzero(chosen[order])


def regression_to_the_mean(history: Panel, ranks: Integers, *, window: int, after: int | None = None) -> Expected:
    """What happens by itself to places that are chosen for what they had in the last `window` periods.

    Repeats the choice at every past date: takes the units with these ranks by events in the window before it, and looks
    at the window after (of the same length, unless `after` says otherwise; rates per period are compared).
    """
    after = after or window
    dates = len(history.periods) - window - after + 1
    if dates < LEAST_DATES:
        needed = window + after + LEAST_DATES - 1
        return Refusal(
            "regression-to-the-mean", (_short("periods-before", needed, len(history.periods), history.period_name),)
        )
    sums = np.cumsum(np.pad(history.outcome, ((0, 0), (1, 0))), axis=1)
    starts = np.arange(window, window + dates)
    before = (sums[:, starts] - sums[:, starts - window]) / window
    later = (sums[:, starts + after] - sums[:, starts]) / after
    order = np.argsort(-before, axis=0, kind="stable")[ranks]
    ours, theirs = (np.take_along_axis(table, order, axis=0).sum(axis=0) for table in (before, later))
    city = later.sum(axis=0) / before.sum(axis=0)
    each = theirs / ours / city - 1
    low, high = np.quantile(each[np.isfinite(each)], [0.05, 0.95])
    return Regression(
        change=float(theirs.sum() / ours.sum() - 1),
        net=float((theirs.sum() / later.sum()) / (ours.sum() / before.sum()) - 1),
        low=float(low), high=float(high), dates=dates, window=window, outcome=history.outcome_name,
    )  # fmt: skip


def _reach(power: float, level: float, freedom: int | None) -> float:
    """Standard errors between “nothing” and an effect that is found with this power."""
    tail = 0.5 + level / 2
    if freedom is None:
        return float(ndtri(tail) + ndtri(power))
    return float(stdtrit(freedom, tail) + stdtrit(freedom, power))


def _short(slug: str, least: int, found: int, noun: str) -> Shortfall:
    return Shortfall(
        slug, phrase(N_("at least {least}."), least=least), phrase(N_("{found} {noun}."), found=found, noun=noun)
    )
