"""`commonbeat import areas`: the map of the town, from a GeoJSON file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from django.db import transaction
from django.utils import timezone

from commonbeat.community.models import Area
from commonbeat.core.actor import SYSTEM
from commonbeat.core.area_files import AreaShape, BadAreas, parse_geojson_areas
from commonbeat.core.fields import Invalid
from commonbeat.journal import history
from commonbeat.journal.area_changes import Upload, add_areas, area_codes, set_populations

WORDS: Mapping[str, str] = {
    "too-large": "the file is larger than 64 MB; simplify the boundaries first",
    "not-json": "the file is not JSON; export it as GeoJSON",
    "not-geojson": "the file is JSON, but not GeoJSON; export it as a FeatureCollection",
    "no-areas": "the file holds no areas",
    "too-many-areas": "the file holds too many areas",
    "too-many-corners": "the boundaries have too many corners; simplify them first",
    "wrong-crs": "the coordinates are in another system; export them as WGS 84 (EPSG:4326)",
    "projected": "the coordinates are metres or feet; export them as degrees, WGS 84 (EPSG:4326)",
    "swapped": "latitude comes before longitude; GeoJSON wants longitude first",
    "off-globe": "the coordinates are not on the globe",
    "not-a-polygon": "it is no polygon",
    "no-shape": "it has no shape",
    "broken-shape": "its shape cannot be read",
    "empty-shape": "its shape is empty",
    "no-name": "it has no name; say with --name-key which property holds it",
}


def populations(codes: Sequence[str], shapes: Sequence[AreaShape]) -> str:
    """Lines of code, year, residents from properties such as `population_2020`."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    for code, shape in zip(codes, shapes, strict=True):
        for name, value in shape.properties.items():
            year = str(name).removeprefix("population_")
            if str(name).startswith("population_") and year.isdigit() and isinstance(value, int | float):
                writer.writerow([code, year, int(value)])
    return lines.getvalue()


@transaction.atomic
def store(upload: Upload, *, serves: bool, parent_level: str | None = None) -> list[Area]:
    """Store the areas of a file with their populations, under the areas of `parent_level`. Raises `Invalid`."""
    at = timezone.now()
    made = add_areas(upload, serves=serves, actor=SYSTEM, at=at)
    lines = populations(area_codes(upload.shapes), upload.shapes)
    if lines:
        set_populations(lines, level=upload.level, actor=SYSTEM, at=at)
    if parent_level:
        from shapely.geometry import shape

        parents = [
            (area, shape(area.geometry)) for area in Area.objects.filter(level=parent_level, retired_at__isnull=True)
        ]
        for area, item in zip(made, upload.shapes, strict=True):
            inner = item.geometry.representative_point()
            parent = next((p for p, outline in parents if outline.covers(inner)), None)
            if parent:
                history.change(area, {"parent": parent.pk}, actor=SYSTEM, at=at)
    return made


def read_shapes(path: Path, name_key: str | None = None) -> list[AreaShape]:
    """The areas of a file; raises a sentence for each thing that is wrong with it."""
    try:
        return parse_geojson_areas(path.read_bytes(), name_key=name_key)
    except BadAreas as refusal:
        lines = []
        for problem in refusal.problems:
            where = f"Area {problem.area}: " if problem.area else ""
            said = WORDS.get(problem.code, problem.code) + (f" ({problem.detail})" if problem.detail else "")
            lines.append(where + said if where else said[0].upper() + said[1:])
        raise click.ClickException(f"{path} cannot be used.\n  " + ".\n  ".join(lines) + ".")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--level", required=True, help="What these areas are: beat, district, community_area, city …")
@click.option("--revision", default="1", show_default=True, help="Name of this state of the boundaries, such as 2027.")
@click.option("--serves", is_flag=True, help="File concerns under the areas of this level, and of no other.")
@click.option("--name-key", help="Property that holds the name, where it is an unusual one.")
@click.option("--parent", "parent_level", help="Level that these areas lie inside, such as city.")
def areas(file: Path, level: str, revision: str, serves: bool, name_key: str | None, parent_level: str | None) -> None:
    """Add the areas of a GeoJSON file as a new revision of their level.

    Codes come from a feature's id or its id, code, number or beat property; populations from properties such as
    population_2020. Areas of the same level that are in use are retired; officers and teams follow the code.
    """
    shapes = read_shapes(file, name_key)
    try:
        made = store(Upload(shapes, level, revision), serves=serves, parent_level=parent_level)
    except Invalid as refused:
        raise click.ClickException(" ".join(str(problem) for problem in refused.problems))
    click.echo(f"Added {len(made):,} areas of level {level}, revision {revision}.")
    notes = {note for shape in shapes for note in shape.notes}
    if "repaired" in notes:
        click.echo("Some boundaries crossed themselves and were repaired. Look at them on the map in the office.")
    if "numbered" in notes:
        click.echo("Some areas have no name in the file; their number serves as name.")
