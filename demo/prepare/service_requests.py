"""Turn the city's raw 311 tables into GeoReport Bulk CSV files, with every fault of the originals kept."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as parquet

CHICAGO = ZoneInfo("America/Chicago")
WINDOW = (datetime(2012, 4, 1), datetime(2013, 7, 17))
COLUMNS = [
    "service_request_id", "requested_datetime", "updated_datetime", "closed_date", "status", "status_notes",
    "source", "service_name", "service_subtype", "description", "agency_responsible", "address", "zipcode",
    "lat", "long",
]  # fmt: skip
LIGHT_TYPES = {"Alley Light Out", "Street Lights - All/Out", "Street Light - 1/Out"}
ELSEWHERE = LIGHT_TYPES | {"Sanitation Code Violation"}  # complete in files of their own
SUBTYPES = ("What Is The Nature Of This Code Violation?", "If Yes, Where Is The Debris Located?",
            "Location Of Trees", "Where Is The Graffiti Located?")  # fmt: skip
FACTS = ("Vehicle Make/Model", "Vehicle Color", "How Many Days Has The Vehicle Been Reported As Parked?",
         "What Type Of Surface Is The Graffiti On?", "Number Of Black Carts Delivered",
         "Number Of Potholes Filled On Block", "Number Of Premises Baited",
         "Number Of Premises With Garbage", "Number Of Premises With Rats")  # fmt: skip
Row = dict[str, Any]


def make_requests(raw: Path, out: Path) -> None:
    """Write the four request files into `out`."""
    out.mkdir(exist_ok=True)
    for name, source, created, convert in (
        ("lights", "chicago_311_lights_2012_2013", "Created Date", light),
        ("sanitation", "chicago_311_sanitation_2011_2014_2017q1", "Creation_Date", sanitation),
        ("other_types", "chicago_311_multitype_2011_2013_sample", "Creation Date", other_type),
    ):
        rows = parquet.read_table(raw / f"{source}.parquet").to_pylist()
        kept = [row for row in rows if WINDOW[0] <= row[created] <= WINDOW[1]]
        write_bulk(out / f"{name}.csv.gz", by_day(kept, created), convert)
    vehicles = parquet.read_table(raw / "chicago_311_abandoned_vehicles_2016_09.parquet").to_pylist()
    write_bulk(out / "abandoned_vehicles_2016.csv.gz", by_day(vehicles, "CreationDt"), abandoned_vehicle)


def by_day(rows: list[Row], created: str) -> list[Row]:
    """Rows in order of their day; rows of one day keep the order of the raw file."""
    return sorted(rows, key=lambda row: row[created])


def light(row: Row) -> Row:
    """A street or alley light; the status note is what the crew did."""
    return {
        "service_request_id": row["Service Request No"],
        "requested_datetime": local_day(row["Created Date"]),
        "closed_date": local_day(row["Completed Date"]),
        "status": "closed",
        "status_notes": row["Outcome"],
        "source": "dssg/411-on-311",
        "service_name": row["Type"],
        "address": row["Location"],
        "zipcode": whole(row["zip_code"]),
        "lat": row["latitude"],
        "long": row["longitude"],
    }


def sanitation(row: Row) -> Row:
    """A sanitation code violation; the subtype is its nature as the caller gave it."""
    return {
        "service_request_id": row["Service_Request_Number"],
        "requested_datetime": local_day(row["Creation_Date"]),
        "closed_date": local_day(row["Completion_Date"]),
        "status": "open" if row["Status"].startswith("Open") else "closed",
        "status_notes": row["Status"],
        "source": f"{SANITATION_SOURCES[row['source']]}",
        "service_name": row["Type_of_Service_Request"],
        "service_subtype": row["What_is_the_Nature_of_this_Code_Violation"],
        "address": row["Street_Address"],
        "zipcode": whole(row["ZIP_Code"]),
        "lat": row["Latitude"],
        "long": row["Longitude"],
    }


SANITATION_SOURCES = {
    "food-inspections-evaluation": "Chicago/food-inspections-evaluation",
    "ran-bi": "ran-bi/Machine-Learning-for-Public-Policy",
}


def other_type(row: Row) -> Row | None:
    """A row of the sample of many types; None for the types that have a complete file of their own."""
    if row["Type Of Service Request"] in ELSEWHERE:
        return None
    notes = [row["Status"], row["Current Activity"], row["Most Recent Action"]]
    return {
        "service_request_id": row["Service Request Number"],
        "requested_datetime": local_day(row["Creation Date"]),
        "closed_date": local_day(row["Completion Date"]),
        "status": "open" if row["Status"].startswith("Open") else "closed",
        "status_notes": "; ".join(note for note in notes if note),
        "source": "OrPolyzos/311-chicago-incidents",
        "service_name": row["Type Of Service Request"],
        "service_subtype": next((row[name] for name in SUBTYPES if row[name]), None),
        "description": "; ".join(f"{name.rstrip('?')}: {row[name]}" for name in FACTS if row[name] is not None),
        "address": row["Street Address"],
        "zipcode": whole(row["ZIP Code"]),
        "lat": row["Latitude"],
        "long": row["Longitude"],
    }


def abandoned_vehicle(row: Row) -> Row:
    """An abandoned vehicle of September 2016: no number, no closing day, state unknown and so left as open."""
    return {
        "requested_datetime": local_day(row["CreationDt"]),
        "status": "open",
        "source": "spatialanalysis/geodaData",
        "service_name": "Abandoned Vehicle Complaint",
        "address": row["Address"],
        "zipcode": whole(row["ZIPCode"]),
        "lat": row["Latitude"],
        "long": row["Longitude"],
    }


def local_day(day: datetime | None) -> str | None:
    """Midnight in Chicago as W3C-DTF with zone; the city gives days only."""
    return None if day is None else day.replace(tzinfo=CHICAGO).isoformat(timespec="seconds")


def whole(number: float | None) -> str | None:
    """A ZIP code that the raw file holds as a number."""
    return None if number is None else str(int(number))


def write_bulk(path: Path, rows: Iterable[Row], convert: Callable[[Row], Row | None]) -> None:
    """Write the converted rows as gzipped CSV that is the same, byte by byte, on every run."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")  # RFC 4180
    writer.writeheader()
    for row in rows:
        item = convert(row)
        if item is not None:
            writer.writerow({"updated_datetime": item.get("closed_date"), **item})
    with path.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as packed:
        packed.write(text.getvalue().encode("utf-8"))
