"""Categories, areas and public cards, for programs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from commonbeat.cases.categories import Known, by_code, categories
from commonbeat.cases.kind import KINDS
from commonbeat.community.places import places
from commonbeat.core.fields import Field as Asked
from commonbeat.interfaces.api.v1 import keyset
from commonbeat.interfaces.api.v1.api import ERRORS, Key
from commonbeat.interfaces.api.v1.schemas import Card, Cards, Categories, Code, Text
from commonbeat.publishing.finding import CardQuery, find_cards
from commonbeat.publishing.models import PublicCase

router = Router()
Number = Annotated[int, Field(ge=1, le=2**62)]
Limit = Annotated[int, Field(ge=1, le=500)]


def question_of(item: Asked, language: str) -> dict[str, Any]:
    """A question in a language."""
    when = item.show_when
    return {
        "code": item.code, "label": item.labels.get(language) or _(item.label), "datatype": item.datatype,
        "required": item.required, "hint": item.hints.get(language) or (_(item.hint) if item.hint else ""),
        "choices": [{"key": c.key, "label": c.labels.get(language) or _(c.label)} for c in item.choices],
        "show_when": {"question": when.code, "in": sorted(when.among)} if when else None,
    }  # fmt: skip


def _category(known: Known, language: str) -> dict[str, Any]:
    text = known.text(language)
    asked = (KINDS[known.row.kind].intake.fields if known.row.kind in KINDS else ()) + known.fields
    return {
        "code": known.row.code, "kind": known.row.kind, "language": text.language, "group": text.group,
        "name": text.name, "description": text.description, "keywords": text.keywords,
        "questions": [question_of(item, language) for item in asked], "retired": known.row.retired_at is not None,
    }  # fmt: skip


@router.get("/categories", auth=Key("categories:read"), response={200: Categories, **ERRORS}, url_name="categories")
def list_categories(request: HttpRequest, language: Text = "en", retired: bool = False) -> Any:
    """Every category with its questions, in one language; retired ones only if asked for."""
    shown = [known for known in categories().values() if retired or known.row.retired_at is None]
    return {"categories": [_category(known, language.lower()) for known in shown]}


@router.get("/areas", auth=Key("areas:read"), response={200: dict[str, Any], **ERRORS}, url_name="areas")
def list_areas(request: HttpRequest, level: Text = "", geometry: bool = True) -> Any:
    """Areas as a GeoJSON FeatureCollection, EPSG:4326; without `geometry` the features have none."""
    features = [
        {
            "type": "Feature", "id": area.pk, "geometry": area.geometry if geometry else None,
            "properties": {
                "code": area.code, "level": area.level, "name": area.name, "parent": area.parent_id,
                "revision": area.revision, "population": area.population, "serves": area.serves,
            },
        }
        for area in sorted(places().areas.values(), key=lambda a: (a.level, a.name, a.pk))
        if not level or area.level == level
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def _card(card: PublicCase, codes: dict[int, str]) -> Card:
    return Card.model_construct(
        reference=card.reference, kind=card.kind, category=codes.get(card.category_id or 0), area=card.area_id,
        state=card.state, closed=card.closed, outcome=card.outcome or None, text=card.text, answer=card.answer,
        lat=card.lat, long=card.long, opened_at=card.opened_at, changed_at=card.changed_at, closed_at=card.closed_at,
        expected_at=card.expected_at, agency=card.agency,
    )  # fmt: skip


@router.get("/cards", auth=Key("cards:read"), response={200: Cards, **ERRORS}, url_name="cards")
def list_cards(
    request: HttpRequest,
    category: Code = "",
    area: Number | None = None,
    closed: bool | None = None,
    changed_since: Annotated[dt.datetime | None, Query()] = None,
    cursor: Text = "",
    limit: Limit = 100,
) -> Any:
    """Public cards, newest first: what anybody may know of cases."""
    known = by_code(category) if category else None
    query = CardQuery(
        category_ids=((known.row.pk,) if known else ()) if category else None,
        area_ids=None if area is None else (area,), closed=closed, changed_since=aware(changed_since),
    )  # fmt: skip
    rows, following = keyset.page(find_cards(query, at=timezone.now()), cursor=cursor, limit=limit)
    codes = {pk: known.row.code for pk, known in categories().items()}
    return {"cards": [_card(card, codes) for card in rows], "next": following}


def aware(moment: dt.datetime | None) -> dt.datetime | None:
    """A moment with a zone: without one it is UTC. What no calendar can hold is refused as out of range."""
    if moment is None:
        return None
    if not 1900 <= moment.year <= 2200:
        from commonbeat.interfaces.api.v1.problems import Refusal

        raise Refusal(422, _("Send a moment between the years 1900 and 2200."))
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
