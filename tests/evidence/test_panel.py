"""A panel is complete and right, or the error says where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats.simulate import simulate

TABLE: dict[str, list[Any]] = {
    "area": ["south", "north", "north", "south"],
    "week": ["2024-02", "2024-01", "2024-02", "2024-01"],
    "burglaries": [4, 1, 2, 3],
    "programme": [1, 0, 0, 0],
    "residents": [900, 1000, 1010, 900],
    "renters": [0.3, 0.5, 0.5, 0.3],
}
NAMES = {"unit": "area", "period": "week", "outcome": "burglaries", "treated": "programme"}


def table(**changed: list[Any]) -> dict[str, list[Any]]:
    return TABLE | changed


def test_a_long_table_becomes_a_panel_in_order() -> None:
    panel = stats.Panel.from_long(
        table(), **NAMES, population="residents", covariates=["renters"], outcome_name="thefts"
    )
    assert panel.units == ("north", "south") and panel.periods == ("2024-01", "2024-02")
    assert panel.outcome.tolist() == [[1, 2], [3, 4]]
    assert panel.treated.tolist() == [[False, False], [False, True]]
    assert panel.exposure.tolist() == [[1000, 1010], [900, 900]]
    assert panel.covariates["renters"].tolist() == [0.5, 0.3]
    assert panel.adoption.tolist() == [stats.NEVER, 1]
    assert panel.outcome_name == "thefts"


def test_an_absent_row_is_an_error_until_somebody_says_what_it_means() -> None:
    short = {name: column[:3] for name, column in TABLE.items()}
    short["programme"] = [0, 0, 0]
    with pytest.raises(stats.PanelError, match=r"No row for south / 2024-01.*absent=0"):
        stats.Panel.from_long(short, **NAMES)
    assert stats.Panel.from_long(short, **NAMES, absent=0).outcome.tolist() == [[1, 2], [0, 4]]


def test_starts_may_take_the_place_of_a_column() -> None:
    short = {name: column[:3] for name, column in TABLE.items() if name != "programme"}
    columns = NAMES | {"treated": "not there"}
    panel = stats.Panel.from_long(short, **columns, starts={"south": "2024-02"}, absent=0)
    assert panel.treated.tolist() == [[False, False], [False, True]]
    for starts, missing in (({"west": "2024-02"}, "unit “west”"), ({"south": "2025-01"}, "period “2025-01”")):
        with pytest.raises(stats.PanelError, match=missing):
            stats.Panel.from_long(short, **columns, starts=starts, absent=0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"week": ["2024-01", "2024-01", "2024-02", "2024-01"]}, "More than one row for south / 2024-01"),
        ({"burglaries": [4, "many", 2, 3]}, "“burglaries” holds something that is not a number"),
        ({"burglaries": [4, float("nan"), 2, 3]}, "outcome is missing or not finite in north / 2024-01"),
        ({"programme": [2, 0, 0, 0]}, "other than true and false"),
        ({"residents": [-1, 1000, 1010, 900]}, "population is below zero in south / 2024-02"),
        ({"residents": [0, 1000, 1010, 900]}, "zero but the outcome is not in south / 2024-02"),
        ({"renters": [0.3, 0.5, 0.6, 0.3]}, "“renters” changes within north"),
        ({"residents": [900, 1000, 1010]}, "has 3 rows, the others have 4"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place_of_the_mistake(changed: dict[str, list[Any]], message: str) -> None:
    with pytest.raises(stats.PanelError, match=message):
        stats.Panel.from_long(table(**changed), **NAMES, population="residents", covariates=["renters"])


def test_a_missing_column_names_those_that_are_there() -> None:
    with pytest.raises(stats.PanelError, match=r"no column “precinct”.*area, week"):
        stats.Panel.from_long(table(), **NAMES | {"unit": "precinct"})


def build(**changed: Any) -> stats.Panel:
    given: dict[str, Any] = {
        "units": ("a", "b"), "periods": ("1", "2", "3"), "outcome": np.ones((2, 3)),
        "treated": np.zeros((2, 3), dtype=bool),
    }  # fmt: skip
    return stats.Panel(**given | changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"units": ("a", "a")}, "unit “a” stands twice"),
        ({"periods": ("1", "2", "2")}, "period “2” stands twice"),
        ({"units": ()}, "at least one unit"),
        ({"outcome": np.ones((3, 2))}, r"outcome is 3 × 2; 2 × 3 is needed"),
        ({"treated": np.array([True, False])}, "one value per unit and period"),
        ({"coordinates": np.ones((2, 3))}, "coordinates is 2 × 3; 2 × 2"),
        ({"covariates": {"income": np.array([1.0, np.inf])}}, "covariate “income” is missing or not finite in b"),
    ],
)
def test_a_wrong_rectangle_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(stats.PanelError, match=message):
        build(**changed)


def test_a_panel_never_changes() -> None:
    given = np.ones((2, 3))
    panel = build(outcome=given)
    given[0, 0] = 99
    assert panel.outcome[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        panel.outcome[0, 0] = 5


def test_a_population_by_unit_holds_for_all_periods() -> None:
    assert build(population=np.array([10.0, 20.0])).exposure.tolist() == [[10, 10, 10], [20, 20, 20]]


def test_the_fingerprint_forgets_the_order_of_units_and_nothing_else() -> None:
    panel = simulate(stats.Situation.MANY_AREAS, stats.generator(1)).panel
    turned = panel.take(units=np.arange(77)[::-1])
    assert turned.fingerprint() == panel.fingerprint()
    changes: list[Callable[[], stats.Panel]] = [
        lambda: panel.take(units=np.arange(76)),
        lambda: panel.take(periods=np.arange(23)),
        lambda: simulate(stats.Situation.MANY_AREAS, stats.generator(2)).panel,
    ]
    assert len({panel.fingerprint(), *(change().fingerprint() for change in changes)}) == 4


def test_leaving_the_programme_and_starts_are_seen() -> None:
    treated = np.array([[False, True, True], [True, False, False]])
    panel = build(treated=treated)
    assert (panel.absorbing, panel.starts) == (False, (0, 1))
