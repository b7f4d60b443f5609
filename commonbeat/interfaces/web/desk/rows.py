"""Rows of the inbox as HTML: fifty at a time and many times a second, too many for template tags.

Every value is escaped here; words that are the same in every row are looked up once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from commonbeat.core.text import N_

_ROW = (
    "<tr data-row>{box}"
    '<th scope="row"><a href="/desk/{reference}/">{reference}</a> <strong>{category}</strong><br>'
    '<span class="muted small" dir="auto">{snippet}</span>{tags}</th>'
    "{where}"
    '<td data-label="{l_state}"><span class="status status--{tone}"><svg class="icon" aria-hidden="true" '
    'focusable="false"><use href="{icons}#{icon}"></use></svg><span>{state}</span></span></td>'
    "{clock}{who}"
    '<td data-label="{l_opened}" class="numbers"><span class="nowrap">{day}</span> '
    '<span class="muted small">{time}</span></td></tr>'
)
_TAG = ' <span class="status">{name}</span>'
_BOX = (
    '<td><input class="check" type="checkbox" name="case" value="{id}" data-bulk-item '
    'aria-label="{choose} {reference}"></td>'
)
_MAY_BE_EMPTY = {"where": N_("Where"), "clock": N_("Clock"), "who": N_("With")}


def render_rows(rows: Iterable[Mapping[str, Any]], *, boxes: bool) -> SafeString:
    """The table's rows; with `boxes`, each can be chosen."""
    words = {
        "l_state": escape(gettext("State")), "l_opened": escape(gettext("Opened")),
        "icons": static("commonbeat/icons.svg"),
    }  # fmt: skip
    labels = {name: escape(gettext(label)) for name, label in _MAY_BE_EMPTY.items()}
    choose, nobody = escape(gettext("Choose")), f'<span class="muted">{escape(gettext("Nobody yet"))}</span>'
    made = (_cells(row, choose if boxes else "", nobody) for row in rows)
    return mark_safe("".join(_ROW.format(**cells | _labelled(cells, labels), **words) for cells in made))


def _labelled(cells: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    """Cells that may be empty: on a telephone, where each stands under its label, an empty one has none."""
    return {
        name: f'<td data-label="{label}">{cells[name]}</td>' if cells[name] else "<td></td>"
        for name, label in labels.items()
    }


def _cells(row: Mapping[str, Any], choose: str, nobody: str) -> dict[str, str]:
    area, clock, due = row["area"] if row["area"] != row["where"] else "", row["clock"], escape(row["clock_words"])
    below = f'{"<br>" * bool(row["where"])}<span class="muted small">{escape(area)}</span>' if area else ""
    day, _, time = row["opened"].partition(" ")
    return {
        "box": _BOX.format(id=row["id"], choose=choose, reference=row["reference"]) if choose else "",
        "reference": row["reference"], "category": escape(row["category"]), "snippet": escape(row["snippet"]),
        "tags": "<br>" * bool(row["tags"]) + "".join(_TAG.format(name=escape(name)) for name in row["tags"]),
        "where": escape(row["where"]) + below,
        "tone": row["tone"], "icon": row["icon"], "state": escape(row["state"]),
        "clock": f'<span class="clock clock--{clock}"><span>{due}</span></span>' if clock else "",
        "who": escape(row["who"]) or (nobody if row["open"] else ""), "day": day, "time": time,
    }  # fmt: skip
