"""The map of a public measure: one year of the published table by area, in shades. Areas only, never a point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from commonbeat.core.numbers import show
from commonbeat.evidence.looks.asking import PER, Painted, number
from commonbeat.evidence.looks.by_area import SHADES, class_edges, class_names, features, painted_picture
from commonbeat.evidence.panels import RESIDENTS, CannotCount, denominator
from commonbeat.evidence.public_numbers import PublicNumbers

HIDDEN_COLOUR = "#ffffff"


@dataclass(frozen=True)
class YearMap:
    """One year of the table as a map. Hidden numbers have a class of their own and take no part in the others."""

    found: PublicNumbers
    year: str
    rate: bool
    painted: Painted
    title: str
    values: tuple[float, ...]
    """By area, NaN where hidden."""
    may_rate: bool
    """Whether residents of every area are known."""

    @property
    def decimals(self) -> int:
        """As many as its numbers are told with."""
        return 1 if self.rate else 0

    def picture(self) -> dict[str, Any]:
        """As Vega-Lite draws it."""
        return painted_picture(self.found.areas, self.painted, self.title)

    def geojson(self) -> dict[str, Any]:
        """Areas with the published number (null where it is hidden), its class and colour."""
        told = features(self.found.areas, self.painted)
        for name, feature in zip(self.found.names, told["features"], strict=True):
            cell = self.found.table.cells[name][self.year]
            feature["properties"] |= {"year": self.year, "count": cell if isinstance(cell, int) else None}
        return told | {"name": self.found.row.name, "description": self.title}


def year_map(found: PublicNumbers, year: str = "", *, rate: bool = False) -> YearMap | None:
    """The map of a year, the last unless one is named; None for a year or rate that there is not.

    `found` needs outlines. Classes are made of shown numbers alone, so that no border tells a hidden one.
    """
    year = year or found.years[-1]
    if year not in found.years:
        return None
    cells = [found.table.cells[name][year] for name in found.names]
    values = np.array([float(cell) if isinstance(cell, int) else np.nan for cell in cells])
    people = _residents(found, year)
    if rate and people is None:
        return None
    if rate and people is not None:
        values = np.divide(values * PER, people, out=np.full(len(people), np.nan), where=people > 0)
    decimals = 1 if rate else 0
    words = {"noun": found.row.noun, "year": year}
    title = _("%(noun)s per 1,000 residents, %(year)s") % words if rate else _("%(noun)s, %(year)s") % words
    known = np.isfinite(values)
    edges = class_edges(values) if known.any() else []
    names = (class_names(edges, decimals) or [number(edges[0], decimals)]) if edges else []
    inner = np.searchsorted(edges, values, side="right") - 1 if edges else np.zeros(len(values))
    place = np.clip(inner, 0, max(len(names) - 1, 0))
    classes = list(zip(SHADES[-len(names) :], names, strict=True)) if names else []
    if not known.all():
        classes.append((HIDDEN_COLOUR, _("not shown (*)")))
    said = [
        f"{number(value, decimals)} ({title})" if ok else f"{show(cell)} ({title})"
        for value, ok, cell in zip(values, known, cells, strict=True)
    ]
    places = [int(p) if ok else len(names) for p, ok in zip(place, known, strict=True)]
    told = Painted(places, said, classes)
    return YearMap(found, year, rate, told, title, tuple(values.tolist()), people is not None)


def _residents(found: PublicNumbers, year: str) -> NDArray[np.float64] | None:
    try:
        return denominator(RESIDENTS, found.areas, (int(year) + 0.5,))[:, 0]
    except CannotCount:
        return None
