"""Addresses are found in the agency's own list: for one's officer, and for the area of a report."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from commonbeat.cases.models import Case
from commonbeat.community.addresses import find_address
from commonbeat.community.models import HouseNumber
from commonbeat.interfaces.cli.import_.addresses import addresses
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City

pytestmark = pytest.mark.django_db
NORTH, SOUTH = f"{make.NORTH[0]},{make.NORTH[1]}", f"{make.SOUTH[0]},{make.SOUTH[1]}"
LIST = f"""Address,Latitude,Longitude
5051 S ELLIS AVE,{SOUTH}
5132 S ELLIS AVE,{SOUTH}
5100 N ELLIS AVE,{NORTH}
12 N MAIN ST,{NORTH}
14 W FAR RD,45.0,-93.0
no address,{NORTH}
77 N MAIN ST,here,there
5132 S Ellis Avenue,{SOUTH}
"""


def bring(tmp_path: Path, text: str = LIST, name: str = "addresses.csv.gz") -> Any:
    """Bring in a list by the command line."""
    file = tmp_path / name
    file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return CliRunner().invoke(addresses, [str(file)])


def asked(client: Client, address: str) -> str:
    """The page of one's officer for an address."""
    return client.get("/officers/", {"address": address}).content.decode()


def test_an_address_leads_to_the_officer(city: City, client: Client, tmp_path: Path) -> None:
    said = bring(tmp_path)
    assert said.exit_code == 0 and "5 addresses are known now. 2 lines could not be read." in said.output
    assert "Omar Officer" in asked(client, "12 North Main Street, Apt 4")
    assert "Olga" in asked(client, "5100 south ellis")  # nobody lists this house; its neighbours are known
    assert "Omar Officer" in asked(client, "14 N Main Blvd")  # sorts of streets are mixed up
    assert "outside the area" in asked(client, "14 W Far Rd")
    assert "Omar Officer" in asked(client, "9 Nowhere Rd, North")  # the area's name still helps
    for unknown in ("9 Nowhere Rd", "900 N Main St", "12 S Main St", "Main St"):
        page = asked(client, unknown)
        assert "We do not know this address" in page and unknown in page


def test_of_several_streets_one_chooses(city: City, client: Client, tmp_path: Path) -> None:
    bring(tmp_path)
    page = asked(client, "5100 Ellis")
    assert "More than one place has this address" in page
    assert f"?area={city.north.pk}" in page and f"?area={city.south.pk}" in page and "5100 N ELLIS AVE" in page


def test_a_report_with_an_address_finds_its_area(city: City, client: Client, tmp_path: Path) -> None:
    bring(tmp_path)
    typed = {"category": "noise", "text": "The music again.", "who": "anonymous", "page": "where", "go": "next"}
    alone = client.post("/report/", typed | {"address": "900 Unknown St"}).content.decode()
    assert "Choose the area that this address is in" in alone
    found = client.post("/report/", typed | {"address": "5132 S. Ellis Ave"}).content.decode()
    assert f'name="area" value="{city.south.pk}"' in found and "Choose the area" not in found
    chosen = client.post("/report/", typed | {"address": "5132 S Ellis Ave", "area": city.north.pk}).content.decode()
    assert f'name="area" value="{city.north.pk}"' in chosen  # what somebody chose stands
    client.post("/report/concern/", typed | {"address": "5132 S. Ellis Ave", "area": city.south.pk})
    assert Case.objects.get().area_id == city.south.pk


def test_the_next_list_takes_the_place_of_the_last_and_a_bad_one_changes_nothing(city: City, tmp_path: Path) -> None:
    bring(tmp_path)
    assert bring(tmp_path, f"address,lat,long\n1 N NEW ST,{NORTH}\n", "new.csv").exit_code == 0
    assert [row.name for row in HouseNumber.objects.all()] == ["new"]
    for text, problem in (
        ("street,town\nMain,X\n", "columns address, lat and long"),
        ("address,lat,long\nx,1,2\n", "No line"),
    ):
        refused = bring(tmp_path, text, "bad.csv")
        assert refused.exit_code == 1 and problem in refused.output
    (tmp_path / "broken.csv.gz").write_bytes(b"\xff\xfe nothing")
    assert "Export it anew" in CliRunner().invoke(addresses, [str(tmp_path / "broken.csv.gz")]).output
    assert HouseNumber.objects.count() == 1
    told = Entry.objects.filter(verb="addresses.replaced").order_by("number")
    assert [(row.number, row.data["source"], row.data["known"]) for row in told] == [
        (1, "addresses.csv.gz", 5), (2, "new.csv", 1),
    ]  # fmt: skip


def test_a_look_is_one_statement_and_what_is_typed_is_no_pattern(
    city: City, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    bring(tmp_path)
    find_address("12 N Main St")
    with django_assert_num_queries(1):
        assert find_address("12 N Main St")[0].area_id == city.north.pk
    for hostile in ("12 %", "12 N M_in St", "12 ' OR 1=1 --", "9" * 400 + " Main", "12 " + "x" * 400):
        assert find_address(hostile) == []
