"""Addresses are read however people write them."""

from __future__ import annotations

import pytest

from commonbeat.core.addresses import Address, read_address

ELLIS = Address(5100, "ellis", "s", "ave")


@pytest.mark.parametrize(
    "written",
    [
        "5100 S Ellis Ave", "5100 S. ELLIS AVENUE", "  5100 south ellis av ", "5100 S Ellis Ave, Chicago, IL 60615",
        "5100-5104 S Ellis Ave", "5100 S Ellis Ave Apt 3", "5100 S Ellis Ave #2, rear", "5100 block of S Ellis Ave",
    ],
)  # fmt: skip
def test_one_house_written_in_many_ways(written: str) -> None:
    found = read_address(written)
    assert found is not None and (found.number, found.name, found.direction) == (5100, "ellis", "s")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("5100 Ellis", Address(5100, "ellis")),
        ("1200 W 79th St", Address(1200, "79th", "w", "st")),
        ("10 North Avenue", Address(10, "avenue", "n")),
        ("Calle Mayor 12", Address(12, "calle mayor")),
        ("12 Peña Blvd", Address(12, "pena", "", "blvd")),
        ("١٢ شارع النيل", None),
    ],
)
def test_what_is_missing_stays_open_and_other_orders_are_read(written: str, meant: Address | None) -> None:
    assert read_address(written) == meant


@pytest.mark.parametrize("written", ["", "5100", "Ellis Ave", "near the bus stop", ",", "12345678 Long Rd", "\x00 1"])
def test_what_is_no_address_is_none(written: str) -> None:
    assert read_address(written) is None


def test_a_street_says_what_is_known_of_it() -> None:
    assert ELLIS.street == "s ellis ave" and Address(1, "ellis").street == "ellis"
