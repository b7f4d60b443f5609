"""Weighted displacement difference as a design: totals before and after, with or without rings around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from . import preconditions
from .design import Design, Situation, register
from .effect import Check, Effect, Scale, Series, Sizes, State
from .panel import Floats, Integers, Panel
from .phrase import N_, Phrase, phrase
from .refusal import Precondition
from .totals import NOTHING, Displacement, Totals, dispersion_of_change, wdd

ENOUGH = 10
"""Comparison units from which the dispersion of changes is worth estimating."""


@dataclass(frozen=True)
class Windows:
    """Each unit's events in the time after the start and in the time before it."""

    before: Floats
    after: Floats
    past: Floats
    """Mean per period before the start, over everything known: what units are matched on."""
    periods: Totals

    @classmethod
    def of(cls, panel: Panel) -> Windows:
        """All periods after the start, and as many before it as there are, at most as many as after."""
        start = panel.starts[0]
        length = min(start, len(panel.periods) - start)
        counts = panel.outcome
        return cls(
            counts[:, start - length : start].sum(axis=1), counts[:, start:].sum(axis=1),
            counts[:, :start].mean(axis=1), (float(length), float(len(panel.periods) - start)),
        )  # fmt: skip

    def totals(self, units: Integers) -> Totals:
        """Events of some units before and after."""
        return float(self.before[units].sum()), float(self.after[units].sum())


@dataclass(frozen=True)
class Areas:
    """Which units are compared with which (as indices)."""

    treated: Integers
    control: Integers
    rings: tuple[Integers, ...] = ()
    ring_controls: tuple[Integers, ...] = ()
    labels: tuple[str, ...] = ()
    """What each ring is called: “0–500 m”."""


@dataclass(frozen=True)
class _Wdd(Design):
    matches: int = 1
    """Comparison units for each treated one, nearest in their mean before. More are less like the treated ones."""
    dispersion: float | None = None
    """φ, when it is known from elsewhere; None estimates it from the comparison units' own changes."""
    level: float = 0.95

    def _base(self) -> tuple[Precondition, ...]:
        return (
            preconditions.treated_units(1),
            preconditions.one_start(),
            preconditions.absorbing(),
            preconditions.periods_before(1),
            preconditions.periods_after(1),
            preconditions.counts(),
            preconditions.comparison_units(1),
            preconditions.events_in_every_corner(),
        )

    def _effect(self, panel: Panel, areas: Areas, estimand: Phrase) -> Effect:
        windows = Windows.of(panel)
        spare = np.setdiff1d(np.flatnonzero(~panel.ever_treated), np.concatenate([*areas.rings, areas.treated]))
        phi, freedom, said = _phi(self.dispersion, windows, spare)
        ring, ring_control = _joined(areas.rings), _joined(areas.ring_controls)
        treated = windows.totals(areas.treated)
        control = windows.totals(areas.control)
        share = len(areas.control) / len(areas.treated)
        ring_share = len(ring_control) / len(ring) if len(ring) else 1.0
        found = wdd(
            treated=treated, control=control, displacement=windows.totals(ring) if len(ring) else NOTHING,
            displacement_control=windows.totals(ring_control) if len(ring) else NOTHING, periods=windows.periods,
            matches=share, displacement_matches=ring_share, dispersion=phi, freedom=freedom, level=self.level,
        )  # fmt: skip
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=estimand,
            scale=Scale.DIFFERENCE,
            estimate=found.total,
            interval=found.interval,
            p=found.p,
            sizes=Sizes(
                treated=len(areas.treated), compared=len(areas.control) + len(ring_control), dropped=0,
                periods_before=int(windows.periods[0]), periods_after=int(windows.periods[1]),
                before=treated[0], after=treated[1],
            ),
            outcome=panel.outcome_name,
            level=self.level,
            events=found.total,
            events_interval=found.interval,
            series=self._rings(windows, areas, phi, freedom),
            checks=(said, _alike(windows, areas), _enough(treated, control), *_moved(found, areas)),
            extra={
                "local": found.local,
                "local_error": found.local_error,
                "displaced": found.displaced,
                "displaced_error": found.displaced_error,
                "standard_error": found.error,
                "z": found.z,
                "dispersion": phi,
            },
        )  # fmt: skip

    def _rings(self, windows: Windows, areas: Areas, phi: float, freedom: float) -> tuple[Series, ...]:
        if not areas.rings:
            return ()
        named = [(N_("Treated"), areas.treated, areas.control)]
        pairs = zip(areas.labels, areas.rings, areas.ring_controls, strict=True)
        named += [(label, ring, control) for label, ring, control in pairs if len(ring)]
        found = [
            wdd(
                treated=windows.totals(unit), control=windows.totals(control), periods=windows.periods,
                matches=len(control) / len(unit), dispersion=phi, freedom=freedom, level=self.level,
            )
            for _, unit, control in named
        ]  # fmt: skip
        return (
            Series(
                "rings", phrase(N_("Change compared with the control")), "rings", tuple(name for name, _, _ in named),
                tuple(one.total for one in found), tuple(one.interval[0] for one in found),
                tuple(one.interval[1] for one in found),
            ),
        )  # fmt: skip


@register
@dataclass(frozen=True)
class WeightedDisplacement(_Wdd):
    """Change in the treated areas minus change in matched others, with the real scatter of changes."""

    slug: ClassVar[str] = "wdd"
    title: ClassVar[str] = N_("Weighted displacement difference")
    question: ClassVar[str] = N_("Did events in the treated areas change by more than in similar ones?")
    compares: ClassVar[str] = N_("Other areas with as many events before")
    situations: ClassVar[tuple[Situation, ...]] = (Situation.FOUR_TOTALS, Situation.MANY_AREAS)

    def preconditions(self) -> tuple[Precondition, ...]:
        """Totals of treated and other areas before and after."""
        return self._base()

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        """The change in events over the time after."""
        treated = np.flatnonzero(panel.ever_treated)
        pool = np.flatnonzero(~panel.ever_treated)
        areas = Areas(treated, nearest(Windows.of(panel).past, treated, pool, self.matches))
        estimand = phrase(
            N_("Change in {outcome} in the treated units since {start}, minus the change in similar ones."),
            outcome=panel.outcome_name, start=panel.periods[panel.starts[0]],
        )  # fmt: skip
        return self._effect(panel, areas, estimand)


@register
@dataclass(frozen=True)
class DisplacementRings(_Wdd):
    """The same with rings around the treated areas, which count too and are never part of the control."""

    rings: tuple[float, ...] = (500.0, 1000.0)
    """Outer edges in metres, from the nearest treated unit."""

    slug: ClassVar[str] = "wdd-rings"
    title: ClassVar[str] = N_("Weighted displacement difference by ring")
    question: ClassVar[str] = N_("Did events move around the corner, or did the neighbourhood gain too?")
    compares: ClassVar[str] = N_("Areas farther away with as many events before")
    situations: ClassVar[tuple[Situation, ...]] = (Situation.DISPLACEMENT,)

    def preconditions(self) -> tuple[Precondition, ...]:
        """Totals, positions, neighbours in the rings and others beyond them."""
        return (*self._base(), preconditions.positions(), neighbours(self.rings), beyond(self.rings))

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        """The change in treated areas and rings together; each ring by itself is in the series."""
        treated = np.flatnonzero(panel.ever_treated)
        ring = ring_of(panel, self.rings)
        past = Windows.of(panel).past
        rings = tuple(np.flatnonzero(ring == number) for number in range(len(self.rings)))
        far = np.flatnonzero(ring == len(self.rings))
        control = nearest(past, treated, far, self.matches)
        ring_controls: list[Integers] = []
        for units in rings:
            left = np.setdiff1d(far, np.concatenate([control, *ring_controls]))
            ring_controls.append(nearest(past, units, left if len(left) >= len(units) else far, self.matches))
        labels = tuple(f"{low:g}–{high:g} m" for low, high in zip((0.0, *self.rings), self.rings, strict=False))
        estimand = phrase(
            N_("Change in {outcome} in the treated units and within {metres:.0f} m of them since {start}, minus the "
               "change in similar ones farther away."),
            outcome=panel.outcome_name, metres=self.rings[-1], start=panel.periods[panel.starts[0]],
        )  # fmt: skip
        return self._effect(panel, Areas(treated, control, rings, tuple(ring_controls), labels), estimand)


def nearest(past: Floats, units: Integers, pool: Integers, matches: int) -> Integers:
    """For each unit `matches` others of the pool with the nearest mean before, busiest units first; nobody twice."""
    each = max(1, min(matches, len(pool) // max(1, len(units))))
    left, chosen = pool, []
    for unit in units[np.argsort(-past[units], kind="stable")]:
        order = np.argsort(np.abs(past[left] - past[unit]), kind="stable")[:each]
        chosen.append(left[order])
        left = np.delete(left, order)
    return np.sort(np.concatenate(chosen)).astype(np.int64) if chosen else np.empty(0, dtype=np.int64)


def ring_of(panel: Panel, edges: tuple[float, ...]) -> Integers:
    """By unit: the number of its ring, len(edges) beyond the last edge, −1 where it was treated itself."""
    assert panel.coordinates is not None
    ever = panel.ever_treated
    away = panel.coordinates[:, None, :] - panel.coordinates[None, ever, :]
    distance = np.sqrt((away**2).sum(axis=2)).min(axis=1)
    return np.where(ever, -1, np.searchsorted(np.asarray(edges), distance, side="left")).astype(np.int64)


def neighbours(edges: tuple[float, ...]) -> Precondition:
    """Some untreated unit lies in the rings."""

    def check(panel: Panel) -> Phrase | None:
        if panel.coordinates is None or not panel.ever_treated.any():
            return phrase(N_("No unit is known to be near a treated one."))
        ring = ring_of(panel, edges)
        found = int(((ring >= 0) & (ring < len(edges))).sum())
        if found:
            return None
        return phrase(N_("No unit lies within {metres:.0f} m of a treated one."), metres=edges[-1])

    return Precondition("neighbours", phrase(N_("at least one, or wider rings.")), check)


def beyond(edges: tuple[float, ...]) -> Precondition:
    """As many units beyond the rings as treated and in them."""

    def check(panel: Panel) -> Phrase | None:
        if panel.coordinates is None or not panel.ever_treated.any():
            return phrase(N_("No unit is known to be far from the treated ones."))
        ring = ring_of(panel, edges)
        far = int((ring == len(edges)).sum())
        if far >= len(ring) - far:
            return None
        return phrase(
            N_("{far} units lie beyond the rings, {near} are treated or in them."), far=far, near=len(ring) - far
        )

    return Precondition("units-beyond", phrase(N_("at least as many beyond, or narrower rings.")), check)


def _joined(groups: tuple[Integers, ...]) -> Integers:
    return np.concatenate(groups) if groups else np.empty(0, dtype=np.int64)


def _phi(given: float | None, windows: Windows, others: Integers) -> tuple[float, float, Check]:
    """φ, its degrees of freedom and what to say of it."""
    if given is not None:
        return given, float("inf"), Check(
            "dispersion", State.NOTE, phrase(N_("The dispersion φ = {phi:.2f} was given."), phi=given)
        )  # fmt: skip
    live = int(((windows.before + windows.after)[others] > 0).sum())
    if live < ENOUGH:
        meaning = phrase(
            N_("{units} areas are too few to see how much changes scatter, so counts were taken as Poisson. Real "
               "counts scatter more (φ is often 1.2 to 1.6): the interval is too narrow."),
            units=live,
        )  # fmt: skip
        return 1.0, float("inf"), Check("dispersion", State.WARN, meaning)
    phi = dispersion_of_change(windows.before[others], windows.after[others])
    meaning = phrase(
        N_("Changes in {units} untreated areas scatter {phi:.2f} times as much as Poisson chance; the interval allows "
           "for it."),
        units=live, phi=phi,
    )  # fmt: skip
    return phi, float(live - 1), Check("dispersion", State.PASS if phi < 3 else State.WARN, meaning)


def _alike(windows: Windows, areas: Areas) -> Check:
    mine = float(windows.before[areas.treated].mean())
    theirs = float(windows.before[areas.control].mean())
    apart = 100 * (theirs / mine - 1) if mine else 0.0
    meaning = phrase(
        N_("Before the start the control had {apart:+.0f} % events per area compared with the treated ones."),
        apart=apart,
    )
    return Check("alike-before", State.PASS if abs(apart) <= 20 else State.WARN, meaning)


def _enough(treated: Totals, control: Totals) -> Check:
    least = min(*treated, *control)
    meaning = phrase(
        N_("The smallest of the totals is {least:.0f}; below 10 the normal approximation is rough."), least=least
    )
    return Check("small-counts", State.PASS if least >= 10 else State.WARN, meaning)


def _moved(found: Displacement, areas: Areas) -> tuple[Check, ...]:
    if not areas.rings:
        return ()
    z = found.displaced / found.displaced_error if found.displaced_error else 0.0
    if z > 1.96:
        said, state = (
            N_("Events in the rings rose by {moved:+.0f} more than elsewhere: some may have moved."),
            State.WARN,
        )
    elif z < -1.96:
        said, state = N_("Events in the rings fell too ({moved:+.0f} compared with elsewhere)."), State.NOTE
    else:
        said, state = N_("No clear movement into the rings ({moved:+.0f} compared with elsewhere)."), State.PASS
    return (Check("displacement", state, phrase(said, moved=found.displaced)),)
