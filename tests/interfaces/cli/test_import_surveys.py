"""Answers and populations from the command line: guessed, corrected, tried without storing, refused in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from click.testing import CliRunner

from commonbeat.community.models import Area
from commonbeat.evidence.surveys.models import PopulationTable, SurveySeries, SurveyWave
from commonbeat.interfaces.cli.import_ import command
from tests.conftest import City
from tests.evidence import surveying
from tests.evidence.surveying import as_csv, rows


def _run(*args: str) -> Any:
    return CliRunner().invoke(command, list(args))


def _survey(path: Path, *more: str) -> Any:
    return _run("survey", str(path), "--survey", "trust", "--wave", "Spring", "--from", "2025-03-01", "--to",
                "2025-03-28", "--sampling", "probability", "--areas", surveying.AREAS, *more)  # fmt: skip


def test_a_wave_is_tried_then_imported_and_not_doubled(city: City, tmp_path: Path) -> None:
    Area.objects.update(revision="2010")
    path = tmp_path / "answers.csv"
    path.write_bytes(as_csv(rows(80), tail=surveying.BROKEN))
    tried = _survey(path, "--dry-run")
    assert tried.exit_code == 0 and "Nothing was stored." in tried.output and not SurveySeries.objects.exists()
    assert "point at a person" in tried.output and "more or fewer columns" in tried.output
    done = _survey(path, "--map", "Language=out")
    assert done.exit_code == 0 and "80 answers" in done.output, done.output
    assert SurveyWave.objects.get().groups == {"age": "Age"}
    again = _survey(path)
    assert again.exit_code == 1 and "already" in again.output


def test_what_cannot_be_is_refused_in_plain_words(city: City, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(as_csv(rows(30)))
    assert "There are no areas" in _survey(path).output  # the city's areas are of another revision
    Area.objects.update(revision="2010")
    assert "COLUMN=ROLE" in _survey(path, "--map", "Age=shoes").output
    assert "point at a person" in _survey(path, "--map", "Name=group").output
    assert not SurveySeries.objects.exists()


def test_a_population_is_imported_by_area_and_group(city: City, tmp_path: Path) -> None:
    Area.objects.update(revision="2010")
    path = tmp_path / "census.csv"
    path.write_text("code,age,people\nnorth,young,10\nnorth,old,20\nsouth,old,5\nnowhere,old,5\n")
    said = _run("population", str(path), "--name", "Residents", "--year", "2020", "--credit", "Census", "--areas",
                surveying.AREAS, "--group", "Age")  # fmt: skip
    assert (
        said.exit_code == 0 and "3 numbers, 1 rows left out" in said.output and "not one of the chosen" in said.output
    )
    assert "2020" not in Area.objects.get(code="north").population  # groups may leave people out
    assert PopulationTable.objects.get().rows.count() == 3
    refused = _run("population", str(path), "--name", "R", "--year", "2020", "--credit", "Census")
    assert refused.exit_code == 2 and "tells the rows apart" in refused.output
