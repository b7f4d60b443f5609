"""Reads areas (beats, districts, wards) from GeoJSON files as people export them; says what is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_AREAS: Final = 20_000
MAX_CORNERS: Final = 3_000_000
MOST_PROBLEMS: Final = 20

_NAME_KEYS: Final = ("name", "title", "label", "community", "neighborhood", "neighbourhood", "nombre")
_NUMBER_KEYS: Final = (
    "id",
    "number",
    "code",
    "beat_num",
    "beat",
    "district",
    "dist_num",
    "ward",
    "objectid",
    "fid",
)
_WGS84: Final = ("crs84", "epsg:4326", "epsg::4326", "epsg:4979", "wgs84", "wgs 84")
_DEGREE_M: Final = 111_195.0


@dataclass(frozen=True, slots=True)
class AreaProblem:
    """One thing wrong with a file, for the web layer to word.

    Codes: too-large, not-json, not-geojson, no-areas, too-many-areas, too-many-corners, wrong-crs (`detail`
    names it), projected (coordinates in metres or feet), swapped (latitude before longitude), off-globe,
    not-a-polygon (`detail` is the type found), no-shape, broken-shape, empty-shape, no-name.
    `area` counts from 1 and is None where the whole file is meant.
    """

    code: str
    area: int | None = None
    detail: str = ""


class BadAreas(ValueError):
    """The file cannot be used; `problems` lists the first twenty reasons."""

    def __init__(self, problems: Sequence[AreaProblem]) -> None:
        super().__init__("; ".join(f"area {p.area}: {p.code} {p.detail}".strip() for p in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class AreaShape:
    """One area: a valid MultiPolygon in degrees (x is longitude), its name and what else the file said.

    `notes` tells what was mended: repaired (crossing lines), flattened (heights dropped), numbered (no name
    in the file, so its number serves).
    """

    name: str
    external_id: str
    geometry: shapely.MultiPolygon
    properties: Mapping[str, Any]
    notes: tuple[str, ...] = ()


def parse_geojson_areas(
    data: bytes | str | Mapping[str, Any],
    *,
    name_key: str | None = None,
    near: tuple[float, float] | None = None,
) -> list[AreaShape]:
    """The areas of a GeoJSON FeatureCollection, Feature or geometry (RFC 7946), in file order.

    `name_key` names the property that holds the name; otherwise the usual ones are tried. `near` is a
    (latitude, longitude) inside the town: with it, swapped coordinates are noticed wherever they land.
    Lines that cross are repaired and noted. Raises BadAreas with every problem found, never half a list.
    """
    document = _document(data)
    features = list(_features(document))
    if not features:
        raise BadAreas([AreaProblem("no-areas")])
    if len(features) > MAX_AREAS:
        raise BadAreas([AreaProblem("too-many-areas", detail=str(len(features)))])
    areas: list[AreaShape] = []
    problems: list[AreaProblem] = []
    corners = 0
    for number, feature in enumerate(features, start=1):
        try:
            area = _area(feature, number=number, name_key=name_key, near=near)
        except BadAreas as refusal:
            problems.extend(refusal.problems)
            if len(problems) >= MOST_PROBLEMS:
                break
            continue
        corners += int(shapely.get_num_coordinates(area.geometry))
        if corners > MAX_CORNERS:
            raise BadAreas([AreaProblem("too-many-corners", detail=str(MAX_CORNERS))])
        areas.append(area)
    if problems:
        raise BadAreas(problems[:MOST_PROBLEMS])
    return areas


def simplify(areas: Sequence[AreaShape], *, tolerance_m: float) -> list[AreaShape]:
    """The areas with fewer corners, each line moved by at most about `tolerance_m`.

    Neighbours keep their common border where the areas fit together without gaps; where they overlap each is
    simplified alone. For drawing: locate points with the full shapes.
    """
    shapes = np.array([area.geometry for area in areas], dtype=object)
    if not len(shapes):
        return []
    degrees = tolerance_m / _DEGREE_M
    if shapely.coverage_is_valid(shapes):
        simple = shapely.coverage_simplify(shapes, degrees)
    else:
        simple = shapely.simplify(shapes, degrees, preserve_topology=True)
    return [replace(area, geometry=_multi(drawn)) for area, drawn in zip(areas, simple, strict=True)]


def _document(data: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        if len(data) > MAX_BYTES:
            raise BadAreas([AreaProblem("too-large", detail=str(MAX_BYTES))])
        try:
            text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise BadAreas([AreaProblem("not-json")]) from None
    if not isinstance(data, Mapping) or not isinstance(data.get("type"), str):
        raise BadAreas([AreaProblem("not-geojson")])
    crs = data.get("crs")
    if crs and not any(known in json.dumps(crs, default=str).lower() for known in _WGS84):
        raise BadAreas([AreaProblem("wrong-crs", detail=_crs_name(crs))])
    return data


def _crs_name(crs: Any) -> str:
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else crs
    return str(name)[:100]


def _features(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    kind = document["type"]
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list) or not all(isinstance(feature, Mapping) for feature in features):
            raise BadAreas([AreaProblem("not-geojson")])
        yield from features
    elif kind == "Feature":
        yield document
    elif "coordinates" in document or "geometries" in document:
        yield {"type": "Feature", "geometry": document, "properties": {}}
    else:
        raise BadAreas([AreaProblem("not-geojson")])


def _area(
    feature: Mapping[str, Any], *, number: int, name_key: str | None, near: tuple[float, float] | None
) -> AreaShape:
    def refuse(code: str, detail: str = "") -> BadAreas:
        return BadAreas([AreaProblem(code, number, detail)])

    geometry = feature.get("geometry")
    if not isinstance(geometry, Mapping):
        raise refuse("no-shape")
    if geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        raise refuse("not-a-polygon", str(geometry.get("type"))[:40])
    try:
        drawn: BaseGeometry = shape(geometry)
    except Exception:  # shapely raises many kinds of errors for malformed coordinates
        raise refuse("broken-shape") from None
    if drawn.is_empty:
        raise refuse("empty-shape")
    misplaced = _misplaced(drawn, near)
    if misplaced:
        raise refuse(misplaced)
    notes: list[str] = []
    if drawn.has_z:
        drawn = shapely.force_2d(drawn)
        notes.append("flattened")
    if not drawn.is_valid:
        drawn = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
        notes.append("repaired")
    outline = _multi(drawn)
    if outline.is_empty or not outline.area:
        raise refuse("empty-shape")
    properties = feature.get("properties")
    properties = dict(properties) if isinstance(properties, Mapping) else {}
    external_id = _text(feature.get("id")) or _pick(properties, _NUMBER_KEYS)
    name = _text(properties.get(name_key)) if name_key else _pick(properties, _NAME_KEYS)
    if not name and name_key is None and external_id:
        name = external_id
        notes.append("numbered")
    if not name:
        raise refuse("no-name", name_key or "")
    return AreaShape(name, external_id, outline, properties, tuple(notes))


def _misplaced(drawn: BaseGeometry, near: tuple[float, float] | None) -> str:
    """Why the coordinates cannot be degrees of longitude and latitude in this order; empty when they can."""
    corners = shapely.get_coordinates(drawn)
    if not np.isfinite(corners).all():
        return "broken-shape"
    x, y = np.abs(corners[:, 0]).max(), np.abs(corners[:, 1]).max()
    if max(x, y) > 360:
        return "projected"
    if y > 90:
        return "swapped" if x <= 90 and y <= 180 else "off-globe"
    if x > 180:
        return "off-globe"
    middle_x, middle_y = float(corners[:, 0].mean()), float(corners[:, 1].mean())
    if near is not None:
        straight = math.hypot(middle_y - near[0], middle_x - near[1])
        crossed = math.hypot(middle_x - near[0], middle_y - near[1])
        return "swapped" if straight > 5 and crossed < 5 else ""
    # Nobody polices the land south of 60°; American longitudes read as latitudes often end up there.
    return "swapped" if middle_y < -60 and abs(middle_x) <= 75 else ""


def _multi(drawn: BaseGeometry) -> shapely.MultiPolygon:
    """The polygons of a geometry, whatever else a repair has left in it."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(drawn)) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon([part for part in parts if not part.is_empty])


def _pick(properties: Mapping[str, Any], keys: Sequence[str]) -> str:
    lower = {str(key).lower(): value for key, value in properties.items()}
    return next((text for key in keys if (text := _text(lower.get(key)))), "")


def _text(value: Any) -> str:
    """The value as a short line; numbers lose a meaningless `.0`, everything else is no text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())[:200]
