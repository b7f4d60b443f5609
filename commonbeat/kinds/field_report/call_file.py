"""Calls from dispatch as a table (CSV): each line is taken or refused alone, so a mended file is sent again whole."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass

from commonbeat.community.agency import wall_clock
from commonbeat.community.places import places
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.field_report.call_intake import RETURN, NewCall, Taken, take_call

REQUIRED = ("number", "sort", "text", "happened_at")
COLUMNS = (*REQUIRED, "address", "area", "lat", "long", "in_progress", "caller", "phone", "language", "unfit")
MOST = 2000
"""Lines of one file."""

NO_COLUMNS = N_("These columns are missing: %(columns)s. The first line names the columns.")
TOO_MANY = N_("The file has more than %(most)s lines. Send it in parts.")
NOT_UTF8 = N_("The file is no text in UTF-8. Save it as “CSV UTF-8”.")
NOT_A_MOMENT = N_("Enter a day and a time such as 2026-03-14 22:30.")
NOT_A_NUMBER = N_("Enter latitude and longitude in degrees, such as 41.88 and -87.63.")
NO_AREA = N_("There is no area called “%(area)s”.")
YES = frozenset({"1", "yes", "true", "y", "x"})


@dataclass(frozen=True)
class Line:
    """One line of a file: what was taken, or what is wrong with it."""

    number: int
    call: str
    taken: Taken | None = None
    problems: tuple[Problem, ...] = ()


def take_file(content: bytes, *, source: str, actor: Actor, at: dt.datetime) -> list[Line]:
    """Take every line that can be taken; the others say what is wrong. Raises `Invalid` where the file is no table."""
    rows = _rows(content)
    return [_take(number, row, source=source, actor=actor, at=at) for number, row in enumerate(rows, start=2)]


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid([Problem("file", NOT_UTF8)]) from None
    if "\x00" in text:
        raise Invalid([Problem("file", NOT_UTF8)])
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    names = {name: (name or "").strip().lower() for name in reader.fieldnames or ()}
    if lacking := [name for name in REQUIRED if name not in names.values()]:
        raise Invalid([Problem("file", NO_COLUMNS, {"columns": ", ".join(lacking)})])
    rows = [{names[name]: (row[name] or "").strip() for name in names} for row in reader]
    if len(rows) > MOST:
        raise Invalid([Problem("file", TOO_MANY, {"most": MOST})])
    return [row for row in rows if any(row.values())]


def _take(number: int, row: dict[str, str], *, source: str, actor: Actor, at: dt.datetime) -> Line:
    try:
        return Line(number, row["number"], take_call(_read(row), source=source, actor=actor, at=at))
    except Invalid as refused:
        return Line(number, row["number"], problems=refused.problems)


def _read(row: dict[str, str]) -> NewCall:
    area, name = None, row.get("area", "")
    if name:
        found = [one for one in places().serving if name.casefold() in {one.name.casefold(), one.code.casefold()}]
        if not found:
            raise Invalid([Problem("area", NO_AREA, {"area": name})])
        area = found[0].pk
    return NewCall(
        number=row["number"], sort=row["sort"], text=row["text"], happened_at=_moment(row["happened_at"]),
        address=row.get("address", "")[:300], lat=_degrees(row.get("lat", ""), 90),
        long=_degrees(row.get("long", ""), 180), area_id=area, in_progress=row.get("in_progress", "").lower() in YES,
        caller=row.get("caller", "")[:200], phone=row.get("phone", "")[:40], language=row.get("language") or "en",
        unfit=row.get("unfit") or RETURN,
    )  # fmt: skip


def _moment(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Invalid([Problem("happened_at", NOT_A_MOMENT)]) from None
    return found if found.tzinfo else wall_clock(found.isoformat())


def _degrees(text: str, most: int) -> float | None:
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        raise Invalid([Problem("lat", NOT_A_NUMBER)]) from None
    if not -most <= found <= most:
        raise Invalid([Problem("lat", NOT_A_NUMBER)])
    return found
