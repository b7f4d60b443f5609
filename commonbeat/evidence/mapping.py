"""Which column is what: guessed from names and contents, corrected by a person, remembered per source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

ORDERS = ("ymd", "mdy", "dmy")
ZONES = ("local", "utc")

_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M:%S %p", " %I:%M %p")
_DAYS = {
    "ymd": ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d"),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"),
    "dmy": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y"),
}

_NAMES: dict[str, tuple[str, ...]] = {
    "date": (
        r"^date$", r"^month$", r"occur.*(date|from|start)", r"^date.?(of|occur|time)", r"incident.?date",
        r"(created|creation|received|reported|report|open).*(date|dt|time)", r"date.?(reported|received)",
        r"date.*received", r"date", r"^dt$", r"time.?stamp",
    ),
    "time": (r"^time$", r"^(occur|incident).*time$", r"^hour$"),
    "lat": (r"^lat(itude)?$", r"\blat(itude)?\b", r"lat"),
    "long": (r"^(lon|lng|long|longitude)$", r"\b(lon|lng|long|longitude)\b", r"lon"),
    "point": (r"^(location|point|geo.?location|the_geom|geometry|coordinates)",),
    "category": (
        r"^crime.?type$", r"primary.?type", r"^(offen[cs]e|crime).*(type|category|desc|name)?$", r"^iucr$",
        r"^type$", r"type.*request|request.*type", r"^(category|kind|nature|problem)$", r"call.?type",
        r"incident.?type", r"type", r"description", r"category|_cat$",
    ),
    "key": (
        r"^(id|case.?(number|no|id)|incident.?(number|no|id)|crime.?id|event.?(number|id))$",
        r"service.?request.?(no|number|id)", r"(number|_no|id)$",
    ),
    "address": (r"^(block|address|street.?address)$", r"address", r"^block", r"^location$", r"street"),
}  # fmt: skip
_LOCATION = re.compile(r"^\s*(?:POINT\s*\(|\()\s*-?\d+\.\d+[ ,]+-?\d+\.\d+\s*\)\s*$", re.I)
_STAMP = re.compile(r"^\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?")


class BadTable(ValueError):
    """The file cannot be read as a table; the message says what to do."""


class BadMapping(ValueError):
    """The mapping does not say enough, or names columns that the file does not have; by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class ColumnMapping:
    """The column of each part of an incident; empty where the file has none. `since`: earlier rows are left out."""

    date: str = ""
    time: str = ""
    lat: str = ""
    long: str = ""
    point: str = ""
    category: str = ""
    key: str = ""
    address: str = ""
    order: str = "ymd"
    zone: str = "local"
    since: str = ""

    def as_dict(self) -> dict[str, str]:
        """What JSON stores."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> ColumnMapping:
        """What `as_dict` wrote; unknown names are dropped."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: str(value) for name, value in stored.items() if name in known})

    @property
    def formats(self) -> list[str]:
        """How moments are written, most telling first."""
        days = _DAYS[self.order]
        stamps = [day + clock for day in days for clock in reversed(_CLOCKS)]
        return [*stamps, "%Y-%m"] if self.order == "ymd" else stamps

    def fits(self, columns: Sequence[str]) -> bool:
        """Whether a file has every column that is named."""
        return bool(self.date) and all(name in columns for name in self.columns())

    def columns(self) -> list[str]:
        """The columns that are named."""
        names = (self.date, self.time, self.lat, self.long, self.point, self.category, self.key, self.address)
        return [name for name in names if name]

    def check(self, columns: Sequence[str]) -> None:
        """Raise `BadMapping` when a file with these columns cannot be read so."""
        problems = {}
        for name, column in asdict(self).items():
            if name not in {"order", "zone", "since"} and column and column not in columns:
                problems[name] = f"The file has no column “{column}”."
        if not self.date:
            problems["date"] = "Say which column holds the date: nothing can be counted without it."
        if bool(self.lat) != bool(self.long):
            problems["long" if self.lat else "lat"] = "Latitude and longitude belong together: choose both columns."
        if self.order not in ORDERS:
            problems["order"] = "The order of day, month and year is not known."
        if self.since and not re.fullmatch(r"\d{4}-\d\d-\d\d", self.since):
            problems["since"] = "Write the day as 2012-01-31."
        if problems:
            raise BadMapping(problems)


def guess(sample: pa.Table, *, country: str = "US") -> ColumnMapping:
    """The likeliest mapping, by the names of columns and by what stands in them."""
    columns = sample.column_names
    texts = {name: [text for text in sample[name].to_pylist()[:200] if text and text.strip()] for name in columns}
    found: dict[str, str] = {}
    for part in ("date", "lat", "long", "key", "category", "time", "address"):
        for pattern in _NAMES[part]:
            names = [name for name in columns if re.search(pattern, name.replace("_", " ").strip(), re.I)
                     or re.search(pattern, name, re.I)]  # fmt: skip
            fit = next((n for n in names if n not in found.values() and _holds(part, texts[n])), None)
            if fit:
                found[part] = fit
                break
    if "lat" not in found or "long" not in found:
        found.pop("lat", None), found.pop("long", None)
        point = next((name for name in columns if texts[name] and all(map(_LOCATION.match, texts[name][:50]))), "")
        if point:
            found["point"] = point
            if found.get("address") == point:
                del found["address"]
    order = _order(texts.get(found.get("date", ""), []), country)
    return ColumnMapping(**found, order=order)


def _holds(part: str, texts: list[str]) -> bool:
    """Whether a column's contents can be this part."""
    if not texts:
        return part in {"category", "address"}
    if part in {"lat", "long"}:
        numbers = [_number(text) for text in texts]
        most = 90 if part == "lat" else 180
        return sum(n is not None and abs(n) <= most for n in numbers) > len(numbers) * 0.8
    if part == "date":
        return sum(bool(_STAMP.match(text)) or (text.isdigit() and len(text) == 8) for text in texts) > len(texts) / 2
    if part == "time":
        return sum(bool(re.match(r"^\d{1,2}:\d\d", text)) for text in texts) > len(texts) / 2
    if part == "key":
        return len(set(texts)) >= len(texts) * 0.8
    if part == "category":
        return len(set(texts)) <= max(3, len(texts) * 0.6)
    return not all(_number(text) is not None for text in texts)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _order(texts: list[str], country: str) -> str:
    """In which order day, month and year stand; where both readings fit, as the country writes."""
    parts = [re.split(r"[-/. T]", text)[:2] for text in texts]
    first = [int(p[0]) for p in parts if p and p[0].isdigit()]
    second = [int(p[1]) for p in parts if len(p) > 1 and p[1].isdigit()]
    if not first or sum(number > 31 for number in first) > len(first) / 2:
        return "ymd"
    too_large = [sum(12 < number <= 31 for number in numbers) for numbers in (first, second)]
    if too_large[0] != too_large[1]:  # a few impossible dates must not decide
        return "dmy" if too_large[0] > too_large[1] else "mdy"
    return "mdy" if country == "US" else "dmy"
