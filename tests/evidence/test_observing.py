"""Stored observations are what a panel counts, are counted again when something changed, and only then."""

from __future__ import annotations

import datetime as dt

import pytest

from commonbeat.cases.models import Case
from commonbeat.community.models import Area
from commonbeat.evidence.areas import area_set
from commonbeat.evidence.measures import NoMeasure, measure, measures
from commonbeat.evidence.models import CountedMeasure, Observation
from commonbeat.evidence.observing import observed, refresh_all, refresh_records, refresh_source
from commonbeat.evidence.panels import PanelRequest, build_panel
from tests import make
from tests.conftest import City
from tests.evidence.incidents import source
from tests.evidence.test_panels import ATTEMPT, ROWS, START


def _measure(row: object, slug: str = "burglary", **fields: object) -> CountedMeasure:
    return CountedMeasure.objects.create(
        **{"slug": slug, "name": slug.title(), "noun": "burglaries", "source": row} | fields  # type: ignore[arg-type]
    )


def test_the_number_on_the_dashboard_is_the_number_of_the_panel(city: City) -> None:
    row = source(ROWS)
    _measure(row)
    _measure(row, "attempts", categories=[ATTEMPT])
    assert refresh_source(row.pk, at=make.NOW) == 2
    areas = area_set("community_area")
    stored = observed(measure("burglary"), areas)
    panel = build_panel(PanelRequest("burglary", None, areas.slug, START, 4))
    assert stored is not None and (stored.value == panel.outcome).all() and stored.months.labels == panel.periods
    assert (stored.refresh.placeless, stored.refresh.outside, stored.events) == (1, 1, 5)
    attempts = observed(measure("attempts"), areas)
    assert attempts is not None and attempts.events == 1
    spring = observed(measure("burglary"), areas, first=dt.date(2012, 2, 10), last=dt.date(2012, 3, 1))
    assert spring is not None and spring.months.labels == ("2012-02", "2012-03") and spring.events == 2


def test_nothing_is_counted_twice_and_new_boundaries_are_counted(city: City) -> None:
    row = source(ROWS)
    _measure(row)
    assert refresh_source(row.pk, at=make.NOW) == 1
    assert refresh_source(row.pk, at=make.NOW) == 0
    Area.objects.update(retired_at=make.NOW)
    make.area("North", at=make.SOUTH, revision="2")
    assert refresh_all(at=make.NOW) >= 1
    new = observed(measure("burglary"), area_set("community_area"))
    old = observed(measure("burglary"), area_set("community_area@1"))
    assert new is not None and new.events == 2 and old is not None and old.events == 5


def test_the_products_own_records_are_measures(city: City) -> None:
    late = make.concern(city.noise).case
    kept = make.concern(city.noise).case
    make.concern(city.noise, place=make.SOUTH)
    Case.objects.filter(pk=late.pk).update(
        state="resolved", outcome="resolved", closed_at=make.NOW,
        clocks={"respond": {"due": "2026-03-11T15:00:00+00:00", "met": "2026-03-11T16:00:00+00:00"}},
    )  # fmt: skip
    Case.objects.filter(pk=kept.pk).update(
        state="resolved", outcome="resolved", closed_at=make.NOW,
        clocks={"respond": {"due": "2026-03-11T15:00:00+00:00", "met": "2026-03-11T09:00:00-05:00"}},
    )  # fmt: skip
    refresh_records(at=make.NOW)
    areas = area_set("community_area")
    came = observed(measure("concerns-opened"), areas)
    kept_time = observed(measure("concerns-on-time"), areas)
    assert came is not None and came.value[:, 0].tolist() == [2, 1] and came.months.labels[0] == "2026-03"
    assert kept_time is not None and kept_time.value[0, 0] == 0.5 and kept_time.n[0, 0] == 2
    assert Observation.objects.filter(measure="concerns-on-time").count() == 1


def test_measures_are_listed_and_unknown_ones_refused(city: City) -> None:
    _measure(source(ROWS))
    assert next(iter(measures())).slug == "burglary"
    assert observed(measure("burglary"), area_set("community_area")) is None
    with pytest.raises(NoMeasure, match="“height”"):
        measure("height")
