"""What a source calls an incident, as codes that others use: NIBRS of the FBI, categories of police.uk; all as data."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "codes"


@dataclass(frozen=True)
class Code:
    """The codes of a sort of incident; empty where a scheme has none."""

    nibrs: str
    name: str
    policeuk: str


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def names() -> dict[str, str]:
    """Every NIBRS code with its name."""
    return {row["code"]: row["name"] for row in _rows("nibrs.csv")}


def against(nibrs: str) -> str:
    """Whom or what an offence of NIBRS is against: Person, Property or Society; empty for unknown codes."""
    return _against().get(nibrs, "")


@cache
def _against() -> dict[str, str]:
    return {row["code"]: row["against"] for row in _rows("nibrs.csv")}


@cache
def _crosswalk() -> list[tuple[re.Pattern[str], str, str]]:
    return [(re.compile(row["pattern"], re.I), row["nibrs"], row["policeuk"]) for row in _rows("crosswalk.csv")]


def code_of(category: str) -> Code | None:
    """The codes of a category: by its NIBRS code if it is one, by words otherwise; None where nothing fits."""
    given = category.strip()
    if given.upper() in names():
        policeuk = next((uk for _, nibrs, uk in _crosswalk() if nibrs == given.upper()), "")
        return Code(given.upper(), names()[given.upper()], policeuk)
    for pattern, nibrs, policeuk in _crosswalk():
        if pattern.search(given):
            return Code(nibrs, names().get(nibrs, ""), policeuk)
    return None
