"""Reads counts by area and period from a table (CSV): for agencies whose data lie elsewhere, and for reports."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from commonbeat.evidence.stats.panel import Panel, PanelError
from commonbeat.evidence.stats.phrase import N_, Phrase, phrase

MOST_ROWS = 1_000_000
MOST_CELLS = 2_000_000
NAMES: Mapping[str, tuple[str, ...]] = {
    "area": ("area", "unit", "place", "beat", "ward"),
    "period": ("period", "month", "week", "date", "quarter", "year"),
    "count": ("count", "events", "outcome", "n"),
    "population": ("population", "residents", "exposure"),
    "x": ("x",), "y": ("y",), "lat": ("lat", "latitude"), "long": ("long", "lon", "longitude"),
}  # fmt: skip
METRES_PER_DEGREE = 111_320.0


class BadTable(ValueError):
    """The table cannot be read; `problem` says where and what to do, ready to be translated."""

    def __init__(self, problem: Phrase) -> None:
        super().__init__(problem.said())
        self.problem = problem


def read_table(text: str, *, absent: float | None = None, count: str = "", **names: Any) -> Panel:
    """A panel from CSV with the columns area, period, count and, if known, population, x and y or lat and long.

    `count` names another column of numbers that takes the place of `count`: a further outcome.

    One row per area and period, periods written so that they sort (2026-01, 2026-W05). A missing row is an error unless
    `absent` says what its count is. `names` are outcome_name, unit_name and period_name. Raises BadTable.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text)))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise BadTable(phrase(N_("The table is empty. Its first line names the columns: area, period, count.")))
    if len(rows) > MOST_ROWS:
        raise BadTable(phrase(N_("The table has more than {most} rows. Use longer periods."), most=MOST_ROWS))
    where = _columns(rows[0], count)
    column = {name: _column(rows[1:], at, name) for name, at in where.items()}
    units, periods = len(set(column["area"])), len(set(column["period"]))
    if units * periods > MOST_CELLS:
        raise BadTable(phrase(N_("{units} areas × {periods} periods are too many."), units=units, periods=periods))
    table: dict[str, Any] = {"area": np.array(column["area"]), "period": np.array(column["period"])}
    table |= {name: _numbers(column[name], name) for name in column if name not in ("area", "period")}
    table["nobody"] = np.zeros(len(rows) - 1)
    try:
        panel = Panel.from_long(
            table, unit="area", period="period", outcome="count", treated="nobody", absent=absent,
            population="population" if "population" in table else None, **names,
        )  # fmt: skip
    except PanelError as wrong:
        raise BadTable(phrase("{problem}", problem=str(wrong)))
    return _placed(panel, table)


def write_table(panel: Panel) -> str:
    """The same table as CSV; reading it again gives an equal panel."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = ["area", "period", "count"]
    heads += ["population"] if panel.population is not None else []
    heads += ["x", "y"] if panel.coordinates is not None else []
    writer.writerow(heads)
    for row, unit in enumerate(panel.units):
        for at, period in enumerate(panel.periods):
            cells: list[Any] = [unit, period, _short(panel.outcome[row, at])]
            if panel.population is not None:
                cells.append(_short(panel.population[row, at]))
            if panel.coordinates is not None:
                cells += [repr(float(value)) for value in panel.coordinates[row]]
            writer.writerow(cells)
    return out.getvalue()


def _short(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def columns_of(text: str) -> list[str]:
    """The columns of a table that could be counted besides `count`: those that hold a number in the first rows."""
    rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text)) if row][:50]
    if len(rows) < 2:
        return []
    known = {word for words in NAMES.values() for word in words}
    return [
        head.strip() for at, head in enumerate(rows[0])
        if head.strip() and head.strip().lower() not in known and all(_is_number(row, at) for row in rows[1:])
    ]  # fmt: skip


def _is_number(row: list[str], at: int) -> bool:
    try:
        return at < len(row) and math.isfinite(float(row[at]))
    except ValueError:
        return False


def _columns(heads: list[str], count: str = "") -> dict[str, int]:
    given = [head.strip().lower() for head in heads]
    found = {}
    for name, also in NAMES.items():
        at = next((given.index(word) for word in also if word in given), None)
        if at is not None:
            found[name] = at
    if count:
        found["count"] = given.index(count.lower()) if count.lower() in given else -1
    for name in ("area", "period", "count"):
        if found.get(name, -1) < 0:
            raise BadTable(
                phrase(
                    N_("The table has no column “{name}”. It has: {heads}. Rename one of them."),
                    name=count if name == "count" and count else name, heads=", ".join(given[:12]),
                )
            )  # fmt: skip
    return found


def _column(rows: Iterable[list[str]], at: int, name: str) -> list[str]:
    cells = []
    for number, row in enumerate(rows, 2):
        cell = row[at].strip() if at < len(row) else ""
        if not cell:
            raise BadTable(phrase(N_("Line {line} has no {name}."), line=number, name=name))
        cells.append(cell)
    return cells


def _numbers(cells: list[str], name: str) -> np.ndarray:
    values = np.empty(len(cells))
    for number, cell in enumerate(cells):
        try:
            values[number] = float(cell)
        except ValueError:
            values[number] = math.nan
        if not math.isfinite(values[number]) or (name in ("count", "population") and values[number] < 0):
            raise BadTable(
                phrase(
                    N_("Line {line}: “{cell}” is no {name}. Write a number from 0 on, without spaces."),
                    line=number + 2, cell=cell, name=name,
                )
            )  # fmt: skip
    return values


def _placed(panel: Panel, table: Mapping[str, Any]) -> Panel:
    """With positions in metres, where the table has them: those of each area's first row."""
    if {"x", "y"} <= table.keys():
        across, up = table["x"], table["y"]
    elif {"lat", "long"} <= table.keys():
        up = table["lat"] * METRES_PER_DEGREE
        across = table["long"] * METRES_PER_DEGREE * math.cos(math.radians(float(np.mean(table["lat"]))))
    else:
        return panel
    first: dict[str, int] = {}
    for row, unit in enumerate(table["area"]):
        first.setdefault(str(unit), row)
    at = [first[unit] for unit in panel.units]
    return replace(panel, coordinates=np.column_stack([across[at], up[at]]))
