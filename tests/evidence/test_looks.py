"""What looks compute: expected ranges, incomplete months, and percentages that too few cases stand behind."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from commonbeat.cases.models import Case
from commonbeat.evidence.areas import area_set
from commonbeat.evidence.looks import Ask, CannotLook, make
from commonbeat.evidence.looks.over_time import expected_range
from commonbeat.evidence.looks.unusual import surprise
from commonbeat.evidence.measures import measure
from commonbeat.evidence.observing import refresh_records, refresh_source
from commonbeat.evidence.offences import code_of
from tests import make as rows
from tests.conftest import City
from tests.evidence.incidents import source
from tests.evidence.test_observing import _measure


def test_the_expected_range_knows_season_and_level_and_holds_what_it_promises() -> None:
    rng = np.random.default_rng(8)
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(120) / 12)
    inside = []
    for _ in range(40):
        counts = rng.poisson(200 * season * np.linspace(1.2, 0.8, 120))
        expected, low, high = expected_range(counts.astype(float))
        assert np.isnan(expected[:24]).all() and not np.isnan(expected[24:]).any()
        inside.append(((counts >= low) & (counts <= high))[36:].mean())
    assert 0.92 < float(np.mean(inside)) < 0.99
    jump = (200 * season).astype(float)
    jump[-1] *= 2
    _, _, high = expected_range(jump)
    assert jump[-1] > high[-1]


def test_what_is_out_of_the_ordinary_is_found_and_chance_is_not() -> None:
    rng, season = np.random.default_rng(23), 1 + 0.4 * np.sin(2 * np.pi * np.arange(72) / 12)
    levels = rng.gamma(1.0, 12.0, (200, 1))
    fair = [surprise(rng.poisson(levels * season).astype(float))[1] for _ in range(10)]
    assert 0.02 < float((np.concatenate(fair) <= 0.05).mean()) < 0.06
    rough = rng.poisson(levels * season * rng.gamma(2.0, 0.5, (200, 72))).astype(float)
    assert float((surprise(rough)[1] <= 0.05).mean()) < 0.09  # scatter of its own is no alarm
    jump = rng.poisson(20 * season * np.ones((77, 1))).astype(float)
    jump[5, -1] = 60
    expected, chance = surprise(jump)
    assert chance[5] < 1e-6 and expected[5] == pytest.approx(20 * season[-1], rel=0.35)
    empty = np.zeros((3, 72))
    empty[0] = 10
    empty[1, -1] = 1
    assert surprise(empty)[1][1] < 0.1 and surprise(empty)[1][2] == 1


def test_the_look_names_the_area_that_stands_out_and_needs_two_years(city: City) -> None:
    days = [dt.datetime(2010, 1, 3, 12) + dt.timedelta(days=n) for n in range(0, 1456, 3)]
    rows_ = [(day, place, "A") for day in days for place in (rows.NORTH, rows.SOUTH)]
    rows_ += [(dt.datetime(2013, 12, 2 + n, 9), rows.SOUTH, "A") for n in range(28)]
    _measure(row := source([*rows_, (dt.datetime(2013, 12, 31), rows.NORTH, "A")]))
    refresh_source(row.pk, at=rows.NOW)
    ask = Ask(measure("burglary"), area_set("community_area"))
    shown = make("unusual", ask)
    assert "In December 2013, 1 of 2 areas had clearly more burglaries" in shown.sentence and "South" in shown.sentence
    assert [row[5] for row in shown.rows] == ["more than expected", "not clear"]
    assert shown.painted is not None and list(shown.painted.place) == [1, 0]
    assert not np.isnan(surprise(np.eye(3, 40))[1]).any()  # months without any event in any area
    with pytest.raises(CannotLook, match="Two whole years"):
        make("unusual", Ask(measure("burglary"), area_set("community_area"), first=dt.date(2012, 6, 1)))


def test_a_month_that_has_just_begun_is_not_taken_for_a_drop(city: City) -> None:
    days = [dt.datetime(2010, 1, 1, 12) + dt.timedelta(days=n) for n in range(1400)]
    row = source([(day, rows.NORTH, "A") for day in days if day < dt.datetime(2013, 10, 6)])
    _measure(row)
    refresh_source(row.pk, at=rows.NOW)
    shown = make("trend", Ask(measure("burglary"), area_set("community_area")))
    assert shown.rows[0][0] == "October 2013" and shown.rows[0][-1] == "not complete"
    assert "September 2013" in shown.sentence and "within the expected" in shown.sentence


def test_a_percentage_needs_cases_behind_it(city: City) -> None:
    for place in [rows.NORTH] * 12 + [rows.SOUTH]:
        case = rows.concern(city.noise, place=place).case
        Case.objects.filter(pk=case.pk).update(
            state="resolved", outcome="resolved", closed_at=rows.NOW,
            clocks={"respond": {"due": "2026-03-11T15:00:00+00:00", "met": "2026-03-11T14:00:00+00:00"}},
        )  # fmt: skip
    refresh_records(at=rows.NOW)
    ask = Ask(measure("concerns-on-time"), area_set("community_area"))
    shown = make("map", ask)
    assert [row[3] for row in shown.rows] == [100.0, None]
    assert shown.left_out[0] == "1 area has fewer than 10 cases and shows no percentage."
    with pytest.raises(CannotLook, match="needs incidents"):
        make("clock", ask)


@pytest.mark.parametrize(
    "said, nibrs, policeuk",
    [("BURGLARY", "220", "burglary"), ("Violence and sexual offences", "", "violent-crime"),
     ("13a", "13A", "violent-crime"),
     ("MOTOR VEHICLE THEFT", "240", "vehicle-crime"), ("Anti-social behaviour", "", "anti-social-behaviour"),
     ("NARCOTICS", "35A", "drugs"), ("Aggravated Assault", "13A", "violent-crime")],
)  # fmt: skip
def test_words_of_sources_have_codes(said: str, nibrs: str, policeuk: str) -> None:
    code = code_of(said)
    assert code is not None and (code.nibrs, code.policeuk) == (nibrs, policeuk)


def test_words_that_fit_nothing_have_no_code() -> None:
    assert code_of("Street Lights - All/Out") is None


def test_areas_without_any_do_not_drown_the_map() -> None:
    from commonbeat.evidence.looks.by_area import class_edges

    values = np.array([0.0] * 70 + [3.0, 8.0, 20.0, 30.0, 447.0, np.nan])
    assert class_edges(values) == [0, 3, 8, 20, 30, 447]
    assert class_edges(np.arange(11.0)) == pytest.approx([0, 2, 4, 6, 8, 10]), (
        "classes of as many areas where that is possible"
    )
    assert class_edges(np.array([4.0, 4.0])) == [4]
