"""A panel counts what was imported: exactly, for one revision of areas, and says what it left out."""

from __future__ import annotations

import datetime as dt

import pytest

from commonbeat.community.models import Area
from commonbeat.evidence.panels import CannotCount, PanelRequest, build_panel, count_panel, data_fingerprint
from tests import make
from tests.conftest import City
from tests.evidence.incidents import source

FORCED, ATTEMPT = "FORCIBLE ENTRY", "ATTEMPT"
NOWHERE = (10.0, 10.0)
ROWS = [
    (dt.datetime(2012, 1, 1, 0, 0), make.NORTH, FORCED),
    (dt.datetime(2012, 1, 31, 23, 59), make.NORTH, ATTEMPT),
    (dt.datetime(2012, 2, 1, 0, 0), make.SOUTH, FORCED),
    (dt.datetime(2012, 2, 29, 12, 0), make.SOUTH, FORCED),
    (dt.datetime(2012, 2, 3, 12, 0), None, FORCED),
    (dt.datetime(2012, 2, 3, 12, 0), NOWHERE, FORCED),
    (dt.datetime(2012, 4, 1, 0, 0), make.NORTH, FORCED),
]
START = dt.date(2012, 1, 1)


def _request(**changes: object) -> PanelRequest:
    values = {"source": "burglary", "outcome": None, "areas": "community_area@1", "start": START, "periods": 3}
    return PanelRequest(**values | changes)  # type: ignore[arg-type]


def test_months_count_local_days_and_the_rest_is_said(city: City) -> None:
    source(ROWS)
    counted = count_panel(_request(treated={"south": 1}))
    panel = counted.panel
    assert panel.units == ("north", "south") and panel.periods == ("2012-01", "2012-02", "2012-03")
    assert panel.outcome.tolist() == [[2, 0, 0], [0, 2, 0]]
    assert (counted.placeless, counted.outside) == (1, 1)
    assert panel.treated.tolist() == [[False] * 3, [False, True, True]]
    assert panel.population is not None and set(panel.population.ravel()) == {50_000}
    assert panel.outcome_name == "burglaries"
    assert abs(panel.coordinates[0, 1] - panel.coordinates[1, 1]) == pytest.approx(0.1 * 111_195)  # type: ignore[index]


@pytest.mark.parametrize(
    "period, periods, north, south",
    [
        ("day", 60, {0: 1, 30: 1}, {31: 1, 59: 1}),
        ("week", 9, {0: 1, 4: 1}, {4: 1, 8: 1}),
        ("quarter", 2, {0: 2, 1: 1}, {0: 2}),
    ],
)
def test_days_weeks_and_quarters(
    city: City, period: str, periods: int, north: dict[int, int], south: dict[int, int]
) -> None:
    source(ROWS)
    panel = build_panel(_request(period=period, periods=periods))
    for counts, wanted in zip(panel.outcome, (north, south), strict=True):
        assert {i: int(n) for i, n in enumerate(counts) if n} == wanted


def test_categories_and_residents_between_two_censuses(city: City) -> None:
    source(ROWS)
    Area.objects.filter(code="north").update(population={"2010": 100, "2014": 300})
    panel = build_panel(_request(outcome=(ATTEMPT,)))
    assert panel.outcome.sum() == 1
    assert panel.population is not None and panel.population[0, 0] == pytest.approx(202.1, abs=0.1)


def test_a_panel_never_mixes_revisions_and_the_fingerprint_tells_them_apart(city: City) -> None:
    source(ROWS)
    before = data_fingerprint(_request())
    Area.objects.update(retired_at=make.NOW)
    make.area("North", at=make.SOUTH, revision="2")
    old, new = build_panel(_request()), build_panel(_request(areas="community_area@2"))
    assert old.units == ("north", "south") and old.outcome.sum() == 4
    assert new.units == ("north",) and new.outcome.sum() == 2
    assert data_fingerprint(_request()) == before != data_fingerprint(_request(areas="community_area@2"))


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"source": "tax"}, "Sources: burglary"),
        ({"areas": "ward@1"}, "community_area@1"),
        ({"outcome": ("ARSON",)}, "no category “ARSON”"),
        ({"start": dt.date(2012, 1, 2)}, "first of a month"),
        ({"periods": 0}, "At least one period"),
        ({"treated": {"east": 1}}, "“east”"),
        ({"treated": {"south": 3}}, "outside the panel"),
        ({"population": "homes"}, "2 areas have no number of homes"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_words(city: City, changes: dict[str, object], words: str) -> None:
    source(ROWS)
    with pytest.raises(CannotCount, match=words):
        build_panel(_request(**changes))


def test_monthly_sources_have_no_weeks(city: City) -> None:
    source(ROWS, precision="month")
    with pytest.raises(CannotCount, match="only the month"):
        build_panel(_request(period="week"))
