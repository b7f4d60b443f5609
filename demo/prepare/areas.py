"""Make the demo city's outline, community areas, beats and populations from the raw boundary files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import shapely
from shapely.geometry.base import BaseGeometry

REVISION = "2010"
SIMPLIFY = 0.0002  # degrees; about 20 m. Neighbours are simplified together, so no gaps or overlaps appear.
DECIMALS = 5  # about 1 m
IRREGULAR_NAMES = {"OHARE": "O'Hare", "MCKINLEY PARK": "McKinley Park"}


def make_areas(raw: Path, out: Path) -> None:
    """Write areas.geojson, beats.geojson, city.geojson and population.csv from `raw` into `out`."""
    population = read_population(raw / "chicago_commpop.csv")
    rows = parquet.read_table(raw / "chicago_community_areas.parquet").to_pylist()
    rows.sort(key=lambda row: row["area_id"])
    shapes = simplify_together([shapely.from_wkb(row["geometry"]) for row in rows])
    features = [
        feature(
            shape,
            code=str(row["area_id"]),
            name=proper_name(row["community"]),
            level="community_area",
            population_2000=population[row["area_id"]][1],
            population_2010=population[row["area_id"]][2],
            revision=REVISION,
        )
        for row, shape in zip(rows, shapes, strict=True)
    ]
    write_features(out / "areas.geojson", features)
    city = feature(
        rounded(shapely.coverage_union_all(shapes)),
        code="chicago", name="Chicago", level="city",
        population_2000=sum(counts[1] for counts in population.values()),
        population_2010=sum(counts[2] for counts in population.values()),
        revision=REVISION,
    )  # fmt: skip
    write_features(out / "city.geojson", [city])
    write_features(out / "beats.geojson", beats(raw / "chicago_police_beats.parquet"))
    write_population(out / "population.csv", population)


def beats(path: Path) -> list[dict[str, Any]]:
    """One feature per beat; the parts of a beat that comes in several rows (3100) become one multipolygon."""
    rows = parquet.read_table(path).to_pylist()
    rows.sort(key=lambda row: row["beat_num"])
    shapes = simplify_together([shapely.from_wkb(row["geometry"]) for row in rows])
    parts: dict[str, list[BaseGeometry]] = {}
    district: dict[str, str] = {}
    for row, shape in zip(rows, shapes, strict=True):
        parts.setdefault(row["beat_num"], []).append(shape)
        district[row["beat_num"]] = row["district"]
    return [
        feature(
            rounded(shapely.coverage_union_all(shapes_of_beat)),
            code=code, name=f"Beat {code}", level="beat", district=district[code], revision=REVISION,
        )
        for code, shapes_of_beat in parts.items()
    ]  # fmt: skip


def simplify_together(shapes: list[BaseGeometry]) -> list[BaseGeometry]:
    """Simplify and round neighbouring polygons so that shared borders stay shared; fails on a broken result."""
    simple = [rounded(shape) for shape in shapely.coverage_simplify(shapes, SIMPLIFY)]
    broken = [index for index, shape in enumerate(simple) if not shape.is_valid or shape.is_empty]
    if broken or not shapely.coverage_is_valid(simple):
        raise ValueError(f"Simplifying broke the polygons {broken}; choose a smaller tolerance.")
    return simple


def rounded(shape: BaseGeometry) -> BaseGeometry:
    """The same shape with coordinates rounded to DECIMALS, as polygon or multipolygon."""
    return shapely.transform(shape, lambda xy: xy.round(DECIMALS))


def proper_name(name: str) -> str:
    """A community area's name as people write it; the raw files have capitals only."""
    return IRREGULAR_NAMES.get(name, name.title())


def feature(shape: BaseGeometry, **properties: str | int) -> dict[str, Any]:
    """A GeoJSON feature; a multipolygon of one part becomes a plain polygon, rings wound as RFC 7946 asks."""
    if shape.geom_type == "MultiPolygon" and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    wound = shapely.orient_polygons(shape, exterior_cw=False)
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(wound)}


def write_features(path: Path, features: list[dict[str, Any]]) -> None:
    """Write one feature per line, so that a change shows in a diff."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in features)
    path.write_text('{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n", encoding="utf-8")


def read_population(path: Path) -> dict[int, tuple[str, int, int]]:
    """Area code to (name, population in 2000, population in 2010)."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            int(row["NID"]): (proper_name(row["community"]), int(row["POP2000"]), int(row["POP2010"]))
            for row in csv.DictReader(file)
        }


def write_population(path: Path, population: dict[int, tuple[str, int, int]]) -> None:
    """Write the populations ordered by area code."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "name", "population_2000", "population_2010"])
        for code in sorted(population):
            writer.writerow([code, *population[code]])
