"""Importing areas and categories."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

from commonbeat.cases.categories import Category
from commonbeat.community.models import Area
from commonbeat.community.places import places
from commonbeat.interfaces.cli.import_ import command
from commonbeat.journal.models import Entry
from tests import make

Run = Callable[..., Result]


def geojson(path: Path, *features: tuple[str, dict[str, Any]], **properties: Any) -> Path:
    listed = [
        {"type": "Feature", "geometry": shape, "properties": {"code": code, "name": f"Area {code}", **properties}}
        for code, shape in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}))
    return path


def test_areas_come_with_populations_parents_and_the_level_that_serves(db: None, run: Run, tmp_path: Path) -> None:
    city = geojson(tmp_path / "city.json", ("c", make.square(41.85, -87.7, side=1)))
    assert run(command, "areas", city, "--level", "city").exit_code == 0
    beats = geojson(
        tmp_path / "b.json", ("1", make.square(*make.NORTH)), ("2", make.square(*make.SOUTH)), population_2020=900
    )
    result = run(command, "areas", beats, "--level", "beat", "--serves", "--parent", "city")
    assert result.exit_code == 0 and "Added 2 areas" in result.output, result.output
    north = Area.objects.get(level="beat", code="1")
    assert north.population == {"2020": 900} and north.parent == Area.objects.get(level="city") and north.serves
    assert places().index.locate(*make.NORTH, level="beat") == [north.pk]
    assert Entry.objects.filter(verb="area.added").count() == 3


def test_the_same_revision_twice_is_refused_and_a_new_one_retires_the_old(db: None, run: Run, tmp_path: Path) -> None:
    path = geojson(tmp_path / "b.json", ("1", make.square(*make.NORTH)))
    run(command, "areas", path, "--level", "beat", "--serves")
    again = run(command, "areas", path, "--level", "beat")
    assert again.exit_code == 1 and "exists already" in again.output
    assert run(command, "areas", path, "--level", "beat", "--revision", "2027").exit_code == 0
    assert Area.objects.get(revision="1").retired_at and Area.objects.get(revision="2027").serves


def test_a_file_that_is_no_map_says_what_to_do(db: None, run: Run, tmp_path: Path) -> None:
    feet = geojson(tmp_path / "x.json", ("1", make.square(1_900_000, 1_100_000, side=500)))
    result = run(command, "areas", feet, "--level", "beat")
    assert (
        result.exit_code == 1
        and "metres or feet; export them as degrees" in result.output
        and not Area.objects.exists()
    )


CATEGORY: dict[str, Any] = {
    "code": "pothole", "group": {"en": "Streets", "es": "Calles"}, "name": {"en": "Pothole", "es": "Bache"},
    "keywords": {"en": ["hole"]}, "danger": "possible", "emergency_words": {"en": ["car fell in"]},
    "questions": [{"code": "deep", "datatype": "number", "label": {"en": "How deep?"}, "minimum": 0, "maximum": 200}],
}  # fmt: skip


def test_categories_are_added_changed_and_kept_in_the_history(db: None, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"categories": [CATEGORY]}))
    assert "1 new categories" in run(command, "categories", path).output
    row = Category.objects.get()
    assert row.danger_words == {"en": ["car fell in"]} and row.texts.count() == 2
    assert "1 as they were" in run(command, "categories", path).output
    path.write_text(json.dumps([CATEGORY | {"respond_hours": 40}]))
    assert "1 changed" in run(command, "categories", path).output
    assert [e.verb for e in Entry.objects.about("category", row.pk)] == ["category.added", "category.changed"]


def test_a_category_that_cannot_work_stores_nothing(db: None, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    bad = CATEGORY | {
        "code": "b",
        "outcomes": ["vanished"],
        "questions": [{"code": "x", "datatype": "colour", "label": {}}],
    }
    path.write_text(json.dumps([CATEGORY, bad]))
    result = run(command, "categories", path)
    assert result.exit_code == 1 and "Category b: “colour” is not a data type." in result.output
    assert not Category.objects.exists()
