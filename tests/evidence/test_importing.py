"""Files of incidents come in as people have them; every row is accounted for, and importing again doubles nothing."""

from __future__ import annotations

import csv
import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from commonbeat.evidence import actions, store
from commonbeat.evidence.importing import holes
from commonbeat.evidence.mapping import guess
from commonbeat.evidence.models import CountedMeasure, IncidentImport, IncidentSource
from commonbeat.evidence.reading import open_table
from commonbeat.interfaces.cli.import_ import command
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City

HEAD = "Case Number,Date,Block,Primary Type,Latitude,Longitude\n"
GOOD = [
    'HX1,01/03/2012 11:45:00 PM,"012XX N DEMO ST, REAR",BURGLARY,41.9,-87.7',
    "HX2,01/14/2012 12:00:00 AM,004XX S DEMO AVE,ROBBERY,41.8,-87.7",
    "HX3,02/01/2012 01:05:00 PM,004XX S DEMO AVE,BURGLARY,41.8,-87.7",
]
BAD = [
    "HX4,,001XX S DEMO AVE,BURGLARY,41.8,-87.7",
    "HX5,13/45/2012,001XX S DEMO AVE,BURGLARY,41.8,-87.7",
    "HX6,01/03/2199 10:00:00 AM,001XX S DEMO AVE,BURGLARY,41.8,-87.7",
    "HX7,01/05/2012 10:00:00 AM,001XX S DEMO AVE",
    "HX8,01/05/2012 10:00:00 AM,001XX S DEMO AVE,BURGLARY,,",
    "HX9,01/05/2012 10:00:00 AM,001XX S DEMO AVE,BURGLARY,4641.8,-87.7",
    "HX1,01/04/2012 11:00:00 PM,012XX N DEMO ST,BURGLARY,41.9,-87.7",
]


def _csv(path: Path, *lines: str) -> Path:
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def _import(path: Path, *more: str, slug: str = "crime") -> Any:
    return CliRunner().invoke(command, ["incidents", str(path), "--source", slug, *more])


def _rows(slug: str = "crime") -> list[dict[str, Any]]:
    source = IncidentSource.objects.get(slug=slug)
    return pq.read_table(store.points_of(slug, source.content)).to_pylist()


def test_a_file_comes_in_with_a_guessed_mapping_and_every_other_row_has_its_reason(city: City, tmp_path: Path) -> None:
    said = _import(_csv(tmp_path / "crimes.csv", *GOOD, *BAD), "--name", "Crimes", "--noun", "crimes")
    assert said.exit_code == 0, said.output
    source, brought = IncidentSource.objects.get(), IncidentImport.objects.get()
    assert brought.counts == {"read": 10, "added": 5, "replaced": 0, "same": 0, "rejected": 5, "placeless": 2}
    assert brought.reasons == {
        "no-date": 1, "bad-date": 1, "future": 1, "broken": 1, "no-place": 1, "bad-place": 1, "doubled": 1
    }  # fmt: skip
    assert (source.rows, source.placed, source.noun) == (5, 3, "crimes")
    assert (source.first_on, source.last_on) == (dt.date(2012, 1, 4), dt.date(2012, 2, 1))
    assert source.categories == {"BURGLARY": 4, "ROBBERY": 1} and source.precision == "moment"
    with (store.folder("crime") / f"{brought.rejects}.csv").open(encoding="utf-8") as file:
        told = {(row["row"], row["reason"]) for row in csv.DictReader(file)}
    assert told == {("1", "doubled"), ("4", "no-date"), ("5", "bad-date"), ("6", "future"), ("7", "broken"),
                    ("8", "no-place"), ("9", "bad-place")}  # fmt: skip
    first = next(row for row in _rows() if row["key"] == "HX1")
    assert first["moment"] == dt.datetime(2012, 1, 4, 23, 0) and first["category"] == "BURGLARY"
    assert not list((store.folder("uploads")).iterdir())
    assert CountedMeasure.objects.get().source == source
    assert Entry.objects.filter(subject_kind="source", verb="source.imported").count() == 1


def test_a_second_import_replaces_by_number_doubles_nothing_and_can_be_undone(city: City, tmp_path: Path) -> None:
    _import(_csv(tmp_path / "one.csv", *GOOD))
    content = IncidentSource.objects.get().content
    _import(_csv(tmp_path / "one.csv", *GOOD))
    again = IncidentImport.objects.latest("pk")
    assert again.counts["same"] == 3 and again.counts["added"] == 0
    assert IncidentSource.objects.get().content == content and not actions.can_undo(again)

    _import(_csv(tmp_path / "two.csv", GOOD[1].replace("ROBBERY", "ASSAULT"), GOOD[2].replace("HX3", "HX30")))
    later = IncidentImport.objects.latest("pk")
    assert (later.counts["replaced"], later.counts["added"]) == (1, 1)
    assert {row["key"]: row["category"] for row in _rows()}["HX2"] == "ASSAULT" and len(_rows()) == 4

    actions.undo(later, actor=city.actor(city.sam), at=make.NOW)
    source = IncidentSource.objects.get()
    assert source.content == content and source.rows == 3 and source.categories["ROBBERY"] == 1


def test_rows_without_a_number_stay_as_many_as_the_file_holds(city: City, tmp_path: Path) -> None:
    lines = "Month,Longitude,Latitude,Crime type\n" + "2020-08,-0.57,51.2,Burglary\n" * 3 + "2020-10,-0.57,51.2,Drugs\n"
    path = tmp_path / "street.csv"
    path.write_text(lines)
    for _ in range(2):
        assert _import(path, slug="uk").exit_code == 0
    source = IncidentSource.objects.get()
    assert source.rows == 4 and IncidentImport.objects.latest("pk").counts["same"] == 4


def test_a_dry_run_stores_nothing_and_a_wrong_column_is_named(city: City, tmp_path: Path) -> None:
    path = _csv(tmp_path / "crimes.csv", *GOOD, *BAD)
    said = _import(path, "--dry-run")
    assert said.exit_code == 0 and "Nothing was stored" in said.output
    assert not IncidentSource.objects.exists() and not list(store.folder("crime").glob("*.parquet"))
    wrong = _import(path, "--map", "category=Offence")
    assert wrong.exit_code == 1 and "no column “Offence”" in wrong.output
    odd = _import(path, "--map", "colour=red")
    assert odd.exit_code == 2 and "PART=COLUMN" in odd.output


def test_a_file_without_a_usable_row_fails_and_the_source_stays(city: City, tmp_path: Path) -> None:
    _import(_csv(tmp_path / "one.csv", *GOOD))
    failed = _import(_csv(tmp_path / "two.csv", *BAD[:3]))
    assert failed.exit_code == 0  # what was there before stays, and the report tells that no row was new
    assert IncidentImport.objects.latest("pk").counts["added"] == 0
    empty = _import(_csv(tmp_path / "three.csv", *BAD[:3]), slug="other")
    assert empty.exit_code == 1 and "No row of the file could be used" in empty.output
    assert IncidentSource.objects.get(slug="other").content == ""


def _excel(path: Path) -> Path:
    """A workbook as spreadsheet programs write them: dates are numbers with a style, texts are shared."""
    cells = [["Incident No", "Date", "Type", "Latitude", "Longitude"], ["1", 40911.5, "Burglary", 41.9, -87.7],
             ["2", 40912.25, "Burglary", 41.8, -87.7]]  # fmt: skip

    def cell(column: int, row: int, value: Any) -> str:
        place = f"{'ABCDE'[column]}{row}"
        if isinstance(value, float):
            return f'<c r="{place}" s="{1 if column == 1 else 0}"><v>{value}</v></c>'
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'

    rows = "".join(
        f'<row r="{r}">' + "".join(cell(c, r, v) for c, v in enumerate(line)) + "</row>"
        for r, line in enumerate(cells, start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Data" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/>'
        "</cellXfs></styleSheet>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return path


def _archive(path: Path) -> Path:
    head = "Crime ID,Month,Longitude,Latitude,Location,LSOA code,Crime type\n"
    with zipfile.ZipFile(path, "w") as archive:
        for month in ("2020-08", "2020-09"):
            lines = (
                head + f"a{month},{month},-87.7,41.9,On or near Demo St,E01,Burglary\n,{month},,,No Location,,Drugs\n"
            )
            archive.writestr(f"{month}/{month}-surrey-street.csv", lines)
            archive.writestr(f"{month}/{month}-surrey-outcomes.csv", "Crime ID,Outcome\n1,none\n")
    return path


def _socrata(path: Path) -> Path:
    rows = [{"id": n, "date": f"2012-01-0{n}T10:00:00.000", "primary_type": "THEFT",
             "location": {"latitude": "41.9", "longitude": "-87.7"}} for n in (1, 2)]  # fmt: skip
    path.write_text(json.dumps(rows))
    return path


def _socrata_csv(path: Path) -> Path:
    path.write_text('id,date,type,location\n1,2012-01-01T10:00:00.000,THEFT,POINT (-87.7 41.9)\n'
                    '2,2012-01-02T10:00:00.000,THEFT,POINT (-87.7 41.8)\n')  # fmt: skip
    return path


def _parquet(path: Path) -> Path:
    stamps = pa.array([dt.datetime(2012, 1, 1, 6), dt.datetime(2012, 1, 2, 6)], pa.timestamp("us", "UTC"))
    kinds = pa.array(["A", "A"]).dictionary_encode()
    pq.write_table(
        pa.table({"date": stamps, "kind": kinds, "latitude": [41.9, 41.8], "longitude": [-87.7, -87.7]}), path
    )
    return path


def _latin(path: Path) -> Path:
    path.write_bytes("id;fecha date;tipo type;lat;lon\n1;31/12/2012;Daños;41.9;-87.7\n2;30/12/2012;Daños;41.8;-87.7\n"
                     .encode("latin-1"))  # fmt: skip
    return path


@pytest.mark.parametrize("make_file", [_excel, _archive, _socrata, _socrata_csv, _parquet, _latin])
def test_each_format_comes_in_whole(city: City, tmp_path: Path, make_file: Any) -> None:
    said = _import(make_file(tmp_path / "file"))
    assert said.exit_code == 0, said.output
    rows = _rows()
    assert len(rows) == (4 if make_file is _archive else 2)
    placed = [(round(row["lat"], 3), round(row["long"], 3)) for row in rows if row["lat"] is not None]
    assert set(placed) <= {make.NORTH, make.SOUTH} and len(placed) == 2
    if make_file is _excel:
        assert [row["moment"] for row in rows] == [dt.datetime(2012, 1, 3, 12), dt.datetime(2012, 1, 4, 6)]
    if make_file is _latin:
        assert rows[1]["category"] == "Daños" and rows[1]["moment"] == dt.datetime(2012, 12, 31)
    if make_file is _archive:
        assert IncidentSource.objects.get().precision == "month" or IncidentSource.objects.get().rows < 20


def test_moments_told_in_utc_become_the_departments_time(city: City, tmp_path: Path) -> None:
    assert _import(_parquet(tmp_path / "file"), "--map", "zone=utc").exit_code == 0
    assert _rows()[0]["moment"] == dt.datetime(2012, 1, 1, 0, 0)


@pytest.mark.parametrize("content, words", [(b"\x00\x01\x02", "not a table"), (b"", "not a table"),
                                            (b"PAR1 broken", "cannot be read"), (b"only one column\n1\n", "one column"),
                                            (b"PK\x03\x04broken", "cannot be read")])  # fmt: skip
def test_what_is_no_table_is_refused_with_words(city: City, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    said = _import(path)
    assert said.exit_code == 1 and words in said.output


def test_day_first_and_month_first_are_told_apart_by_their_numbers_then_by_the_country(tmp_path: Path) -> None:
    def order(*days: str, country: str = "US") -> str:
        path = tmp_path / "file.csv"
        path.write_text("date,type\n" + "".join(f"{day},A\n" for day in days))
        return guess(open_table(path).sample(), country=country).order

    assert order("31/12/2012", "01/02/2012") == "dmy" and order("12/31/2012") == "mdy"
    assert order("2012-12-31") == "ymd"
    assert order("01/02/2012") == "mdy" and order("01/02/2012", country="GB") == "dmy"


def test_holes_are_stretches_that_chance_does_not_leave_empty() -> None:
    days = [dt.date(2012, 1, 1) + dt.timedelta(days=n) for n in range(400) if not 100 <= n < 130]
    assert holes(days, 4000, "day") == [["2012-04-10", "2012-05-09"]]
    months = [dt.date(2020, m, 1) for m in (8, 9, 12)]
    assert holes(months, 300, "month") == [["2020-10-01", "2020-11-30"]]
    rare = [dt.date(2012, 1, 1) + dt.timedelta(days=n * 9 + n % 3) for n in range(60)]
    assert holes(rare, 60, "day") == []
