"""Units × periods with outcomes, population and who was treated when: what every design reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]

NEVER = -1
"""Stands in `Panel.adoption` for a unit that was never treated."""
_SHOWN = 3


class PanelError(ValueError):
    """The numbers do not make a panel; the message names the first offending units and periods."""


@dataclass(frozen=True, eq=False)
class Panel:
    """A complete rectangle of observations. Rows are units (areas), columns are periods in time's order.

    `outcome` is a count of events, or any other number for designs that do not count. `population` is the number
    of residents (or homes, or street metres), by unit or by unit and period; None where nobody knows. `treated`
    is true while the programme runs in a unit. `coordinates` are x and y in metres of one projection.
    `covariates` are numbers by unit that do not change (median income, share of renters). Arrays are copied and
    locked: a panel never changes.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    outcome: Floats
    treated: Bools
    population: Floats | None = None
    coordinates: Floats | None = None
    covariates: Mapping[str, Floats] = field(default_factory=dict)
    outcome_name: str = "events"
    """In the plural, as a sentence needs it: “burglaries”."""
    unit_name: str = "areas"
    period_name: str = "periods"

    def __post_init__(self) -> None:
        shape = (len(self.units), len(self.periods))
        put = object.__setattr__  # the only moment at which a frozen value may be set
        put(self, "units", tuple(str(u) for u in self.units))
        put(self, "periods", tuple(str(p) for p in self.periods))
        _refuse_empty(self.units, self.periods)
        _refuse_doubles("unit", self.units)
        _refuse_doubles("period", self.periods)
        put(self, "outcome", _locked("outcome", self.outcome, shape, self))
        put(self, "treated", _mask(self.treated, shape))
        if self.population is not None:
            put(self, "population", self._checked_population(shape))
        if self.coordinates is not None:
            put(self, "coordinates", _locked("coordinates", self.coordinates, (shape[0], 2), self))
        covariates = {
            name: _locked(f"covariate “{name}”", values, (shape[0],), self) for name, values in self.covariates.items()
        }
        put(self, "covariates", covariates)

    def _checked_population(self, shape: tuple[int, int]) -> Floats:
        given = np.asarray(self.population, dtype=np.float64)
        if given.shape == (shape[0],):
            given = np.repeat(given[:, None], shape[1], axis=1)
        population = _locked("population", given, shape, self)
        if (population < 0).any():
            raise PanelError(f"The population is below zero in {_cells(self, population < 0)}.")
        impossible = (population == 0) & (self.outcome != 0)
        if impossible.any():
            raise PanelError(
                f"The population is zero but the outcome is not in {_cells(self, impossible)}. "
                "Use another denominator, or leave these units out."
            )
        return population

    @classmethod
    def from_long(
        cls,
        table: Mapping[str, Any],
        *,
        unit: str = "unit",
        period: str = "period",
        outcome: str = "outcome",
        treated: str = "treated",
        starts: Mapping[str, Any] | None = None,
        population: str | None = None,
        covariates: Sequence[str] = (),
        absent: float | None = None,
        **names: Any,
    ) -> Panel:
        """A panel from one row per unit and period; `table` gives columns by name (a data frame does).

        Units and periods are put in order. `starts` (the first treated period of each treated unit) may take the
        place of the column `treated`. A unit and period without a row is an error unless `absent` says what its
        outcome is (0 for counts of events); its population and treatment then come from the unit's other rows,
        which only works where these do not change. `names` are outcome_name, unit_name, period_name.
        """
        rows = _Rows(_column(table, unit), _column(table, period))
        values = rows.spread(_column(table, outcome), outcome, absent=absent)
        if starts is not None:
            mask = rows.running(starts)
        else:
            mask = rows.spread(_column(table, treated), treated, steady=absent is not None)
        people = None
        if population is not None:
            people = rows.spread(_column(table, population), population, steady=absent is not None)
        return cls(
            units=rows.units,
            periods=rows.periods,
            outcome=values,
            treated=_mask(mask, rows.shape),
            population=people,
            covariates={name: rows.constant(_column(table, name), name) for name in covariates},
            **names,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Units, periods."""
        return len(self.units), len(self.periods)

    @cached_property
    def adoption(self) -> Integers:
        """By unit: the index of the first treated period, or NEVER."""
        return np.where(self.treated.any(axis=1), self.treated.argmax(axis=1), NEVER).astype(np.int64)

    @property
    def ever_treated(self) -> Bools:
        """By unit: whether the programme ever ran there."""
        return np.asarray(self.adoption != NEVER)

    @property
    def absorbing(self) -> bool:
        """Whether no unit left the programme once it had joined."""
        return bool((np.diff(self.treated.astype(np.int8), axis=1) >= 0).all())

    @property
    def starts(self) -> tuple[int, ...]:
        """The different periods (as indices) in which units joined."""
        return tuple(int(start) for start in np.unique(self.adoption[self.ever_treated]))

    @property
    def exposure(self) -> Floats:
        """The population, or ones where nobody knows it."""
        return np.ones(self.shape) if self.population is None else self.population

    def take(self, units: ArrayLike | None = None, periods: ArrayLike | None = None) -> Panel:
        """The panel of some units and periods: indices or a mask, in the order given."""
        rows = np.arange(len(self.units))[slice(None) if units is None else np.asarray(units)]
        columns = np.arange(len(self.periods))[slice(None) if periods is None else np.asarray(periods)]
        cut = np.ix_(rows, columns)
        return replace(
            self,
            units=tuple(self.units[u] for u in rows),
            periods=tuple(self.periods[p] for p in columns),
            outcome=self.outcome[cut],
            treated=self.treated[cut],
            population=None if self.population is None else self.population[cut],
            coordinates=None if self.coordinates is None else self.coordinates[rows],
            covariates={name: values[rows] for name, values in self.covariates.items()},
        )

    def in_order(self) -> Panel:
        """The same panel with units sorted by name, so that results do not depend on the order of rows."""
        order = sorted(range(len(self.units)), key=self.units.__getitem__)
        return self if order == list(range(len(self.units))) else self.take(units=order)

    def fingerprint(self) -> str:
        """A hash of every number in the panel, the same whatever the order of its units."""
        panel = self.in_order()
        digest = hashlib.sha256()
        for words in (panel.units, panel.periods, tuple(panel.covariates)):
            digest.update("\x1f".join(words).encode() + b"\x1e")
        arrays = [panel.outcome, panel.treated, panel.population, panel.coordinates, *panel.covariates.values()]
        for array in arrays:
            digest.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


class _Rows:
    """Where each row of a long table belongs in the rectangle."""

    def __init__(self, unit: NDArray[Any], period: NDArray[Any]) -> None:
        names, self.row = np.unique(unit, return_inverse=True)
        times, self.column = np.unique(period, return_inverse=True)
        self.units = tuple(str(u) for u in names)
        self.periods = tuple(str(p) for p in times)
        self.shape = (len(self.units), len(self.periods))
        seen = np.zeros(self.shape, dtype=np.int64)
        np.add.at(seen, (self.row, self.column), 1)
        self.missing = seen == 0
        if (seen > 1).any():
            raise PanelError(f"More than one row for {_cells(self, seen > 1)}. Add them up or remove doubles first.")

    def spread(self, values: NDArray[Any], name: str, *, absent: float | None = None, steady: bool = False) -> Floats:
        """The column as a rectangle."""
        numbers = self._numbers(values, name)
        whole = np.full(self.shape, np.nan if absent is None else absent)
        if steady and self.missing.any():
            whole = np.repeat(self.constant(numbers, name)[:, None], self.shape[1], axis=1)
        elif absent is None and self.missing.any():
            raise PanelError(f"No row for {_cells(self, self.missing)}. Say what an absent row means (absent=0).")
        whole[self.row, self.column] = numbers
        return whole

    def constant(self, values: NDArray[Any], name: str) -> Floats:
        """The column as one number by unit; an error where a unit has two."""
        numbers = self._numbers(values, name)
        first = np.full(self.shape[0], np.nan)
        first[self.row[::-1]] = numbers[::-1]
        changed = (first[self.row] != numbers) & ~np.isnan(numbers)
        if changed.any():
            raise PanelError(f"The column “{name}” changes within {self.units[self.row[changed.argmax()]]}.")
        return first

    def running(self, starts: Mapping[str, Any]) -> Floats:
        """1 from each unit's start on."""
        running = np.zeros(self.shape)
        for unit, period in starts.items():
            for noun, name, known in (("unit", str(unit), self.units), ("period", str(period), self.periods)):
                if name not in known:
                    raise PanelError(f"A programme starts in the {noun} “{name}”, which has no row.")
            running[self.units.index(str(unit)), self.periods.index(str(period)) :] = 1
        return running

    def _numbers(self, values: NDArray[Any], name: str) -> Floats:
        try:
            numbers = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            raise PanelError(f"The column “{name}” holds something that is not a number.") from None
        if numbers.shape != self.row.shape:
            raise PanelError(f"The column “{name}” has {len(numbers)} rows, the others have {len(self.row)}.")
        return numbers


def _cells(named: Panel | _Rows, mask: Bools) -> str:
    where = np.argwhere(mask)
    shown = ", ".join(f"{named.units[u]} / {named.periods[p]}" for u, p in where[:_SHOWN])
    return shown if len(where) <= _SHOWN else f"{shown} and {len(where) - _SHOWN} more"


def _column(table: Mapping[str, Any], name: str) -> NDArray[Any]:
    try:
        return np.asarray(table[name])
    except KeyError:
        known = ", ".join(str(k) for k in _names(table))
        raise PanelError(f"There is no column “{name}”. Columns: {known}.") from None


def _names(table: Any) -> Iterable[Any]:
    return getattr(table, "columns", table)  # type: ignore[no-any-return]


def _refuse_empty(units: Sequence[str], periods: Sequence[str]) -> None:
    if not units or not periods:
        raise PanelError("A panel needs at least one unit and one period.")


def _refuse_doubles(noun: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise PanelError(f"The {noun} “{name}” stands twice.")
        seen.add(name)


def _locked(name: str, values: Any, shape: tuple[int, ...], panel: Panel) -> Floats:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise PanelError(f"The {name} holds something that is not a number.") from None
    if array.shape != shape:
        wanted = " × ".join(str(n) for n in shape)
        found = " × ".join(str(n) for n in array.shape)
        raise PanelError(f"The {name} is {found}; {wanted} is needed (units × periods).")
    if not np.isfinite(array).all():
        first = np.argwhere(~np.isfinite(array))[0]
        place = " / ".join([panel.units[first[0]], *([panel.periods[first[1]]] if shape == panel.shape else [])])
        raise PanelError(f"The {name} is missing or not finite in {place}.")
    array.flags.writeable = False
    return array


def _mask(values: Any, shape: tuple[int, int]) -> Bools:
    array = np.array(values)
    if array.shape == (shape[0],):
        raise PanelError("The treated mask needs one value per unit and period, not one per unit.")
    if array.shape != shape:
        raise PanelError(f"The treated mask is {array.shape}; {shape} is needed (units × periods).")
    if array.dtype != np.bool_ and not np.isin(array, (0, 1)).all():
        raise PanelError("The treated mask holds something other than true and false (or 1 and 0).")
    mask = array.astype(np.bool_)
    mask.flags.writeable = False
    return mask
