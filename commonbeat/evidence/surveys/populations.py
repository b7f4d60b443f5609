"""Populations and other denominators from files: area × group → number, with source and year, for one set of areas."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from commonbeat.community.models import Area
from commonbeat.community.reference import touch
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.protected_views import names_views
from commonbeat.core.text import N_
from commonbeat.evidence import store
from commonbeat.evidence.areas import area_set
from commonbeat.evidence.models import Denominator
from commonbeat.evidence.surveys.actions import NOT_NOW, forget_upload, whole
from commonbeat.evidence.surveys.columns import MOST_CATEGORIES, VIEWS
from commonbeat.evidence.surveys.models import PopulationCount, PopulationTable
from commonbeat.journal import history
from commonbeat.journal.verbs import record

SUBJECT = "population"
NO_AREA, NO_GROUP, NO_NUMBER, BELOW_ZERO, TWICE, BROKEN = (
    "no-area", "no-group", "no-number", "below-zero", "twice", "broken"
)  # fmt: skip
REASONS = {
    NO_AREA: N_("Its area is not one of the chosen areas."),
    NO_GROUP: N_("It names no group."),
    NO_NUMBER: N_("Its number cannot be read."),
    BELOW_ZERO: N_("Its number is below zero."),
    TWICE: N_("The same area and group stands in an earlier row; the earlier one counts."),
    BROKEN: N_("It has more or fewer columns than the heading."),
}
_SHOWN = 200
NO_COLUMN = N_("Choose the column that holds this.")
SAME_FILE = N_("This file was brought in for this year already. Nothing was brought in twice.")
NO_ROWS = N_("No row could be used. Look at the columns and the areas you chose.")
NOT_LATEST = N_("A later table of residents for the same year counts now. Take that one back first.")
NOT_DONE = N_("This table does not count.")
TOO_MANY = N_("This column has %(count)s different values: too many to be groups.")


@dataclass(frozen=True)
class AboutTable:
    """What is said of a table when it is brought in."""

    name: str
    credit: str
    year: int
    residents: bool = True
    areas: str = ""
    group: str = ""


def bring(about: AboutTable, file: Any, *, name: str, actor: Actor, at: dt.datetime) -> PopulationTable:
    """Keep a file and guess its columns. Raises `BadTable`, and `Invalid` when it is there already."""
    if word := names_views(about.group):
        raise Invalid([Problem("group", VIEWS, {"word": word})])
    sha, _size = store.keep_upload(file)
    doubled = PopulationTable.objects.filter(file_sha=sha, state=PopulationTable.DONE, year=about.year,
                                             areas=about.areas, group=about.group, residents=about.residents,
                                             name=about.name)  # fmt: skip
    if doubled.exists():
        forget_upload(sha)
        raise Invalid([Problem("file", SAME_FILE)])
    table = whole(sha)[0]
    return PopulationTable.objects.create(
        slug=slugify(about.name)[:40] or "population", name=about.name, credit=about.credit, year=about.year,
        residents=about.residents, areas=about.areas, group=about.group, file_name=Path(name).name[:200],
        file_sha=sha, columns=guess(table, about), by_id=actor.user_id, by_name=actor.name, created_at=at,
    )  # fmt: skip


def guess(table: Mapping[str, Sequence[str]], about: AboutTable) -> dict[str, str]:
    """Which column holds areas, groups and numbers."""
    names, found = list(table), {"area": "", "group": "", "number": ""}
    if about.areas:
        known = _codes(about.areas)
        found["area"] = max(names, key=lambda name: sum(text.strip().casefold() in known for text in table[name][:500]))
    some = {name: table[name][:500] for name in names if name != found["area"]}
    numbers = [name for name, texts in some.items() if sum(_number(t) is not None for t in texts) > 0.9 * len(texts)]
    words = re.compile(r"pop|count|number|total|resid|people|value|^n$", re.I)
    wanted = [name for name in numbers if str(about.year) in name] or [name for name in numbers if words.search(name)]
    found["number"] = (wanted or numbers or [""])[0]
    if about.group:
        rest = [name for name in names if name not in found.values()]
        found["group"] = next((name for name in rest if about.group.casefold() in name.casefold()), (rest or [""])[0])
    return found


def _codes(areas: str) -> dict[str, Area]:
    rows = area_set(areas).rows
    return {area.name.casefold(): area for area in rows} | {area.code.casefold(): area for area in rows}


def _number(text: str) -> float | None:
    plain = text.strip().replace(" ", "").replace(",", "")
    try:
        return float(plain)
    except ValueError:
        return None


@dataclass(frozen=True)
class Found:
    """What a file says: numbers by area and group, and the rows that cannot be used."""

    read: int
    values: dict[tuple[int | None, str], float]
    rejected: list[tuple[int, str]]


def try_out(table: PopulationTable, columns: Mapping[str, str]) -> Found:
    """Read the file without storing anything. Raises `Invalid` and `BadTable`."""
    content, rows, broken = whole(table.file_sha)
    needed = ["number", *(["area"] if table.areas else []), *(["group"] if table.group else [])]
    if missing := [part for part in needed if columns.get(part) not in content]:
        raise Invalid([Problem(part, NO_COLUMN) for part in missing])
    groups = content[columns["group"]] if table.group else [""] * len(rows)
    if table.group and (count := len({text.strip().casefold() for text in groups})) > MOST_CATEGORIES:
        raise Invalid([Problem("group", TOO_MANY, {"count": count})])
    if word := next(filter(None, map(names_views, set(groups))), ""):
        raise Invalid([Problem("group", VIEWS, {"word": word})])
    known = _codes(table.areas) if table.areas else {}
    where = content[columns["area"]] if table.areas else [""] * len(rows)
    values: dict[tuple[int | None, str], float] = {}
    rejected = [(number, BROKEN) for number in broken]
    for row, place, group, text in zip(rows, where, groups, content[columns["number"]], strict=True):
        area, number = known.get(place.strip().casefold()), _number(text)
        key = (area.pk if area else None, group.strip()[:60])
        reason = _reason(table, area, key, number, values)
        if reason or number is None:
            rejected.append((int(row), reason))
        else:
            values[key] = number
    return Found(len(rows) + len(broken), values, sorted(rejected))


def _reason(
    table: PopulationTable, area: Area | None, key: tuple[int | None, str], number: float | None,
    values: Mapping[tuple[int | None, str], float],
) -> str:  # fmt: skip
    if table.areas and area is None:
        return NO_AREA
    if table.group and not key[1]:
        return NO_GROUP
    if number is None or number != number or number == float("inf"):
        return NO_NUMBER
    if number < 0:
        return BELOW_ZERO
    return TWICE if key in values else ""


@transaction.atomic
def confirm(table: PopulationTable, columns: Mapping[str, str], *, actor: Actor, at: dt.datetime) -> None:
    """Take the numbers in. Those by area alone are what rates are counted per from now on. Raises what is wrong."""
    table = PopulationTable.objects.select_for_update().get(pk=table.pk)
    if table.state != PopulationTable.DRAFT:
        raise Invalid([Problem("file", NOT_NOW)])
    found = try_out(table, columns)
    if not found.values:
        raise Invalid([Problem("file", NO_ROWS)])
    PopulationCount.objects.bulk_create(
        PopulationCount(table=table, area_id=area, category=group, value=value)
        for (area, group), value in found.values.items()
    )
    reasons = Counter(reason for _, reason in found.rejected)
    table.columns, table.state = dict(columns), PopulationTable.DONE
    table.counts = {"read": found.read, "taken": len(found.values), "rejected": len(found.rejected)}
    table.reasons, table.rejected = dict(reasons), [list(one) for one in found.rejected[:_SHOWN]]
    # Groups may leave people out (adults by age), so rates of residents are counted per tables by area alone.
    counts_all = bool(table.areas) and not (table.residents and table.group)
    table.before = _use(table, found, actor=actor, at=at) if counts_all else {}
    table.save()
    record(SUBJECT, table.pk, "population.imported", actor=actor, at=at,
           data={"name": table.name, "year": table.year, "file": table.file_sha, "counts": table.counts})  # fmt: skip
    transaction.on_commit(lambda: forget_upload(table.file_sha))


def _use(table: PopulationTable, found: Found, *, actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """Make totals by area what rates are counted per; returns what they take the place of."""
    totals: Counter[int] = Counter()
    for (where, _group), value in found.values.items():
        totals[where or 0] += value  # type: ignore[assignment]
    year, before = str(table.year), {}
    if table.residents:
        for area in Area.objects.filter(pk__in=totals):
            before[str(area.pk)] = area.population.get(year)
            wanted = area.population | {year: round(totals[area.pk])}
            history.change(area, {"population": wanted}, actor=actor, at=at)
        touch("areas")
        return before
    for pk, total in totals.items():
        row = Denominator.objects.filter(slug=table.slug, area_id=pk, year=table.year).first()
        before[str(pk)] = row.value if row else None
        Denominator.objects.update_or_create(
            slug=table.slug, area_id=pk, year=table.year, defaults={"name": table.name, "value": float(total)}
        )
    return before


@transaction.atomic
def undo(table: PopulationTable, *, actor: Actor, at: dt.datetime) -> None:
    """Take a table back: rates are counted as before it. Raises `Invalid`."""
    table = PopulationTable.objects.select_for_update().get(pk=table.pk)
    if table.state != PopulationTable.DONE:
        raise Invalid([Problem("file", NOT_DONE)])
    same = PopulationTable.objects.filter(state=PopulationTable.DONE, year=table.year, areas=table.areas,
                                          residents=table.residents, pk__gt=table.pk)  # fmt: skip
    if table.before and same.filter(**({"group": ""} if table.residents else {"slug": table.slug})).exists():
        raise Invalid([Problem("file", NOT_LATEST)])
    for pk, value in table.before.items():
        if not table.residents:
            rows = Denominator.objects.filter(slug=table.slug, area_id=int(pk), year=table.year)
            rows.delete() if value is None else rows.update(value=value)
        elif area := Area.objects.filter(pk=int(pk)).first():
            years = {year: count for year, count in area.population.items() if year != str(table.year)}
            history.change(area, {"population": years if value is None else years | {str(table.year): value}},
                           actor=actor, at=at)  # fmt: skip
    touch("areas")
    table.rows.all().delete()
    table.state = PopulationTable.UNDONE
    table.save()
    record(SUBJECT, table.pk, "population.undone", actor=actor, at=at, data={"name": table.name, "year": table.year})


def give_up(table: PopulationTable) -> None:
    """Forget a file that was brought in and not confirmed."""
    if PopulationTable.objects.filter(pk=table.pk, state=PopulationTable.DRAFT).delete()[0]:
        forget_upload(table.file_sha)


def margin(table: PopulationTable, *, by_area: bool) -> dict[str, float]:
    """What a survey is weighted to: totals by area code, or by group."""
    totals: dict[str, float] = {}
    for code, category, value in table.rows.values_list("area__code", "category", "value"):
        name = code if by_area else category
        if name:
            totals[name] = totals.get(name, 0.0) + value
    return totals
