"""Components that show what is on record: tables, timelines, summaries, states, files, maps."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commonbeat.interfaces.web.components import Component

MOMENT = dt.datetime(2026, 3, 4, 14, 30, tzinfo=dt.UTC)
PIXEL = "/static/commonbeat/mark.svg"


def _clock(state: str) -> dict[str, Any]:
    return {"state": state, "at": MOMENT}


RECORDS: tuple[Component, ...] = (
    Component(
        "table",
        {
            "caption": "what the table shows",
            "columns": "list of {label, number, sort_url, sorted}",
            "rows": "list of {cells: [{text, url, number, label, status, clock}], unread}",
            "empty": "words for no rows",
            "stacked": "becomes a list on small screens; cells need a label",
            "compact": "less space",
            "hide_caption": "only screen readers get the caption",
        },
        (
            {
                "caption": "Open concerns",
                "stacked": True,
                "columns": [
                    {"label": "Concern"},
                    {"label": "Status"},
                    {"label": "Clock"},
                    {"label": "Messages", "number": True, "sort_url": "#sort", "sorted": "descending"},
                ],
                "rows": [
                    {
                        "unread": True,
                        "cells": [
                            {"text": "CB-7F3K-9Q Noise on Ellis Avenue", "url": "#case"},
                            {"label": "Status", "status": {"tone": "active", "label": "In work"}},
                            {"label": "Clock", "clock": _clock("overdue")},
                            {"label": "Messages", "text": "3", "number": True},
                        ],
                    },
                    {
                        "cells": [
                            {"text": "CB-2M8T-4H Abandoned vehicle", "url": "#case2"},
                            {
                                "label": "Status",
                                "status": {"tone": "waiting", "label": "Waiting for the reporter"},
                            },
                            {"label": "Clock", "clock": _clock("paused")},
                            {"label": "Messages", "text": "0", "number": True},
                        ]
                    },
                ],
            },
            {"caption": "Nothing found", "columns": [{"label": "Concern"}], "rows": []},
        ),
    ),
    Component(
        "timeline",
        {"items": "list of {what, at, who, text, icon, tone: quiet|done|problem, internal, link}"},
        (
            {
                "items": [
                    {
                        "what": "You told us",
                        "at": MOMENT,
                        "icon": "campaign",
                        "text": "The lamp at the corner has been dark for a week.",
                    },
                    {
                        "what": "Note",
                        "at": MOMENT,
                        "who": "Officer Lee",
                        "icon": "edit",
                        "tone": "quiet",
                        "internal": True,
                        "text": "Asked the electricity department.",
                    },
                    {
                        "what": "Solved",
                        "at": MOMENT,
                        "icon": "check_circle",
                        "tone": "done",
                        "link": {"url": "#done", "label": "Read the outcome"},
                    },
                ]
            },
        ),
    ),
    Component(
        "summary_list",
        {"rows": "list of {term, text, url, change_url}"},
        (
            {
                "rows": [
                    {"term": "What", "text": "Noise at night", "change_url": "#what"},
                    {"term": "Where", "text": "5100 South Ellis Avenue", "change_url": "#where"},
                    {"term": "Photo", "text": ""},
                ]
            },
        ),
    ),
    Component(
        "status",
        {
            "label": "the state in words",
            "tone": "new, active, waiting, done, problem or neutral",
            "icon": "another icon",
        },
        tuple(
            {"tone": tone, "label": label}
            for tone, label in (
                ("new", "New"),
                ("active", "In work"),
                ("waiting", "Waiting for you"),
                ("done", "Solved"),
                ("problem", "Reopened"),
                ("neutral", "Withdrawn"),
            )
        ),
    ),
    Component(
        "clock",
        {"state": "due, soon, overdue, paused or met", "at": "the moment it runs out", "text": "other words"},
        (
            *(_clock(state) for state in ("due", "soon", "overdue", "met")),
            {"state": "paused", "text": "Paused"},
        ),
    ),
    Component(
        "files",
        {"items": "list of {name, url, thumb_url, alt, size in bytes, note, action: {url, label}}"},
        (
            {
                "items": [
                    {
                        "name": "lamp.jpg",
                        "url": "#lamp",
                        "thumb_url": PIXEL,
                        "alt": "A dark street lamp",
                        "size": 120_000,
                        "action": {"url": "#redact", "label": "Cover parts of"},
                    },
                    {"name": "letter.pdf", "url": "#letter", "size": 42_000, "note": "From the landlord"},
                ]
            },
        ),
    ),
    Component(
        "map",
        {
            "mode": "areas, pick or cards",
            "label": "what the map shows",
            "areas_url": "GeoJSON of outlines (name, code, url; fill and said for a map of values)",
            "cards_url": "GeoJSON of points (title, url, status, text, tone)",
            "basemap_url": "PMTiles file of our own",
            "area": "code of the area to stress",
            "bounds": "west,south,east,north",
            "lat_id": "id of the latitude's input",
            "long_id": "id of the longitude's input",
            "says_id": "id for the line that says where the point is",
            "locate": "offer the device's place",
            "attribution": "words to show on it",
            "instead": "words without JavaScript",
            "picture": "address of a picture without JavaScript, with picture_words as its text",
            "picture_words": "what the picture shows",
        },
        ({"mode": "areas", "label": "Areas of the city"},),
    ),
    Component(
        "definitions",
        {"rows": "list of {term, text, url}"},
        (
            {
                "rows": [
                    {"term": "Officer", "text": "Dana Lee", "url": "#lee"},
                    {"term": "Area", "text": "Hyde Park"},
                ]
            },
        ),
    ),
    Component(
        "redact",
        {
            "image_url": "the photo",
            "alt": "what it shows",
            "name": "inputs' name, sent as x,y,w,h in fractions",
            "regions": "optional: boxes that are there already, x y w h in per cent",
        },
        ({"image_url": PIXEL, "alt": "A badge"},),
    ),
)
