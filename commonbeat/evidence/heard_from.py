"""Whom the department has heard from, beside who lives here: reports of residents by area, language and channel.

A report is not a person and the census is not everybody, so nothing here is about who somebody is: it shows where and
in which languages few reports come in for how many people live there. Small numbers are hidden from all readers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale
from django.conf import settings
from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonbeat.cases.models import Case
from commonbeat.community.agency import setting, zone
from commonbeat.core.numbers import SuppressedTable, suppress_table
from commonbeat.core.registry import Registry
from commonbeat.core.text import N_
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.looks.asking import CannotLook, Shown, number
from commonbeat.evidence.observing import serving_set
from commonbeat.evidence.panels import RESIDENTS, CannotCount, denominator
from commonbeat.evidence.record_measures import KIND
from commonbeat.evidence.reporting_measures import NOT_HEARD, OLD
from commonbeat.evidence.surveys.models import PopulationTable
from commonbeat.evidence.surveys.populations import margin


@dataclass(frozen=True)
class Heard:
    """What is asked: from the first to the last day, of one dimension."""

    by: str
    first: dt.date
    last: dt.date
    channel_name: Callable[[str], str] = str
    """How readers call a channel."""

    @property
    def period(self) -> str:
        """In words."""
        return _("%(first)s to %(last)s") % {"first": date_format(self.first), "last": date_format(self.last)}


@dataclass(frozen=True)
class Dimension:
    """By what reports are told apart: the column of a case, names of its values, and who lives here."""

    slug: str
    title: str
    noun: str
    column: str
    says: str
    old: bool = False
    """Whether requests that were brought in from other systems count."""


DIMENSIONS: Registry[Dimension] = Registry("dimension")
for _one in (
    Dimension("area", N_("By area"), N_("Area"), "area_id", N_("Reports and residents of each area."), old=True),
    Dimension(
        "language",
        N_("By language"),
        N_("Language"),
        "language",
        N_("Languages of reports, beside those spoken at home."),
    ),
    Dimension("channel", N_("By channel"), N_("Channel"), "channel", N_("Ways in which reports come in.")),
):
    DIMENSIONS.add(_one)


def counts(heard: Heard) -> dict[Any, int]:
    """Reports by value of the dimension; None for those without one."""
    start = dt.datetime.combine(heard.first, dt.time.min, tzinfo=zone())
    end = dt.datetime.combine(heard.last + dt.timedelta(days=1), dt.time.min, tzinfo=zone())
    dimension = DIMENSIONS[heard.by]
    silent = NOT_HEARD if dimension.old else (*NOT_HEARD, OLD)
    rows = Case.objects.filter(kind=KIND, opened_at__gte=start, opened_at__lt=end).exclude(channel__in=silent)
    column = dimension.column
    return {row[column]: row["n"] for row in rows.values(column).annotate(n=Count("pk")).order_by()}


def look(heard: Heard) -> Shown:
    """Reports beside residents: shares of both, and how many times as many as if all were heard alike.

    Raises `CannotLook`.
    """
    found = counts(heard)
    if not sum(found.values()):
        raise CannotLook(_("No report of a resident came in on these days."))
    if heard.by == "area":
        areas = serving_set()
        if areas is None:
            raise CannotLook(_("There are no areas yet that reports are filed under."))
        return _by_area(heard, areas, found)
    named = _languages(found) if heard.by == "language" else {heard.channel_name(key): n for key, n in found.items()}
    people, credit = _speakers() if heard.by == "language" else ({}, "")
    lost = 0
    if people:
        lost = sum(n for name, n in named.items() if name.casefold() not in {p.casefold() for p in people})
    return _beside(heard, named, people, DIMENSIONS[heard.by], credit, lost)


def _by_area(heard: Heard, areas: AreaSet, found: Mapping[Any, int]) -> Shown:
    middle = heard.first + (heard.last - heard.first) / 2
    try:
        people = denominator(RESIDENTS, areas, (middle.year + (middle.timetuple().tm_yday - 1) / 365.25,))[:, 0]
    except CannotCount:
        raise CannotLook(_("Residents of these areas are not known. Bring in a population table first.")) from None
    named = {area.name: found.get(area.pk, 0) for area in areas.rows}
    lost = sum(found.values()) - sum(named.values())
    residents = dict(zip(named, people, strict=True))
    return _beside(heard, named, residents, DIMENSIONS["area"], "", lost)


def _languages(found: Mapping[Any, int]) -> dict[str, int]:
    names = dict(settings.LANGUAGES)
    told: dict[str, int] = {}
    for key, n in found.items():
        name = str(names.get(key, key))
        told[name] = told.get(name, 0) + n
    return told


def _speakers() -> tuple[dict[str, float], str]:
    """The newest population table by language, under the names that this product uses."""
    rows = PopulationTable.objects.filter(state=PopulationTable.DONE, residents=True).order_by("-year", "-pk")
    table = next((row for row in rows if row.group.casefold().startswith(("language", "idioma"))), None)
    if table is None:
        return {}, ""
    english = {code: Locale.parse(code.replace("-", "_")).get_display_name("en") for code, _name in settings.LANGUAGES}
    known = {alias.casefold(): name for code, name in settings.LANGUAGES for alias in (code, name, english[code] or "")}
    people: dict[str, float] = {}
    for category, value in margin(table, by_area=False).items():
        name = known.get(category.casefold(), category)
        people[name] = people.get(name, 0.0) + value
    return people, f"{table}, {table.credit}"


def _beside(
    heard: Heard, named: Mapping[str, int], people: Mapping[str, float], dimension: Dimension, credit: str, lost: int
) -> Shown:
    minimum = int(setting("minimum_count"))
    names = list(dict.fromkeys([*people, *named])) if people else sorted(named, key=lambda name: -named[name])
    table = suppress_table({name: {"n": named.get(name, 0)} for name in names}, minimum=minimum)
    shown = {name: n for name in names if isinstance(n := table.cells[name]["n"], int)}
    total, living = sum(named.values()) - (lost if people else 0), sum(people.values())
    columns = [_(dimension.noun), _("Reports"), _("Percent of reports")]
    rows: list[list[Any]] = []
    for name in names:
        row: list[Any] = [name, *_share(shown.get(name), sum(named.values()))]
        if people:
            row += _compared(shown.get(name), total, people.get(name, 0.0), living)
        rows.append(row)
    if people:
        columns += [_("Residents"), _("Percent of residents"), _("Times as many as if heard alike"), _("from"), _("to"),
                    _("In words")]  # fmt: skip
        rows.sort(key=lambda row: (row[5] == "", row[5] if isinstance(row[5], float) else 0))
    n = sum(named.values())
    return Shown(
        _sentence(heard, rows, bool(people), dimension, n), columns, rows, _picture(rows, dimension, bool(people)), n,
        heard.period, _left_out(table, names, lost if people or heard.by == "area" else 0, minimum),
        [*_cautions(heard), *([credit] if credit else [])], frozenset(range(1, 8)), 40,
    )  # fmt: skip


def _share(n: int | None, total: int) -> list[Any]:
    return ["*", ""] if n is None else [n, round(100 * n / total, 1)]


def _compared(n: int | None, total: int, people: float, living: float) -> list[Any]:
    """Residents, their share, the ratio of both shares with its exact interval, and words for it."""
    from scipy.stats import chi2

    told: list[Any] = [round(people), round(100 * people / living, 1) if living else ""]
    if n is None or not people or not living or not total:
        return [*told, "", "", "", ""]
    expected = total * people / living
    low = float(chi2.ppf(0.025, 2 * n) / 2) if n else 0.0
    high = float(chi2.ppf(0.975, 2 * (n + 1)) / 2)
    words = _("heard less") if high < expected else _("heard more") if low > expected else _("about alike")
    return [*told, round(n / expected, 2), round(low / expected, 2), round(high / expected, 2), words]


_NONE = N_(
    "%(period)s: %(n)s reports of residents. None of %(many)s is clearly heard less than its residents would have it."
)
_SOME = N_(
    "%(period)s: %(n)s reports of residents. %(less)s of %(many)s are clearly heard less than their residents would "
    "have it; “%(name)s” least, %(times)s times as often as if all were heard alike."
)
_AT_HOME = N_(
    "The language of a report is the one its form was filled in with; many people write in English who speak another "
    "language at home."
)


def _sentence(heard: Heard, rows: list[list[Any]], compared: bool, dimension: Dimension, n: int) -> str:
    words: dict[str, Any] = {"period": heard.period, "n": number(n)}
    if not compared:
        first = next((row for row in rows if row[1] != "*"), None)
        if first is None:
            return _("%(period)s: %(n)s reports of residents, too few of each sort to be told apart.") % words
        words |= {"name": first[0], "share": number(first[2])}
        return _("%(period)s: %(n)s reports of residents; “%(name)s” brought most, %(share)s %%.") % words
    less = [row for row in rows if row[-1] == _("heard less")]
    words["many"] = number(len(rows))
    if not less:
        return _(_NONE) % words
    words |= {"less": number(len(less)), "name": less[0][0], "times": number(less[0][5], 2 if less[0][5] else 0)}
    return _(_SOME) % words


def _left_out(table: SuppressedTable[str, str], names: list[str], lost: int, minimum: int) -> list[str]:
    told = []
    hidden = sum(1 for name in names if not isinstance(table.cells[name]["n"], int))
    if hidden:
        words = ngettext("%(n)s number is hidden: under %(least)s, or so that such a one cannot be worked out.",
                         "%(n)s numbers are hidden: under %(least)s, or so that such a one cannot be worked out.",
                         hidden)  # fmt: skip
        told.append(words % {"n": number(hidden), "least": minimum})
    if lost >= minimum:
        words = ngettext("%(n)s report belongs to none of these.", "%(n)s reports belong to none of these.", lost)
        told.append(words % {"n": number(lost)})
    return told


def _cautions(heard: Heard) -> list[str]:
    told = [_("A report is not a person: some people report often. More reports may mean more trouble, or more trust.")]
    if heard.by == "language":
        told.append(_(_AT_HOME))
    told.append(
        _("Requests that were brought in from other systems count.")
        if DIMENSIONS[heard.by].old
        else _("Requests that were brought in from other systems do not count: they name no language and channel.")
    )
    return told


def _picture(rows: list[list[Any]], dimension: Dimension, compared: bool) -> dict[str, Any] | None:
    place = 5 if compared else 2
    values = [{"name": str(row[0]), "value": row[place], "low": row[6] if compared else row[place],
               "high": row[7] if compared else row[place]} for row in rows if row[place] != ""][:40]  # fmt: skip
    if not values:
        return None
    y = {"field": "name", "type": "nominal", "sort": None, "title": None}
    title = _("Times as many as if heard alike") if compared else _("Percent of reports")
    x = {"field": "value", "type": "quantitative", "title": title}
    point = {"mark": {"type": "point", "filled": True, "size": 60, "color": "#1b3a5c"}, "encoding": {"y": y, "x": x}}
    if not compared:
        return {"width": 440, "height": {"step": 22}, "data": {"values": values},
                "layer": [{"mark": {"type": "bar", "color": "#2f6fad"}, "encoding": {"y": y, "x": x}}]}  # fmt: skip
    rule = {"mark": {"type": "rule", "color": "#5b6468"},
            "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}}  # fmt: skip
    alike = {"mark": {"type": "rule", "strokeDash": [4, 3]}, "encoding": {"x": {"datum": 1}}}
    return {"width": 440, "height": {"step": 18}, "data": {"values": values}, "layer": [alike, rule, point]}
