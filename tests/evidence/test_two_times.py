"""Two stretches of time beside each other: published numbers come out again, and the intervals keep what they say."""

from __future__ import annotations

import numpy as np
import pytest

from commonbeat.evidence.stats import two_times as two


def test_published_intervals_come_out_again() -> None:
    garwood = two.count(10)
    assert (garwood.low, garwood.high) == pytest.approx((4.795, 18.390), abs=1e-3)
    assert two.count(0).low == 0 and two.count(0).high == pytest.approx(3.6889, abs=1e-3)
    # Newcombe (1998), Statistics in Medicine 17, table II (a): 56 of 70 and 48 of 80.
    told = two.difference(two.share(48, 80), two.share(56, 70))
    assert (told.value, told.low, told.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    wilson = two.share(81, 263)  # Newcombe (1998), Statistics in Medicine 17, two-sided intervals for one proportion
    assert (wilson.low, wilson.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_a_change_is_a_ratio_and_few_events_have_none() -> None:
    told = two.change(100, 150)
    assert told is not None and told.value == pytest.approx(0.5) and told.is_clear
    wider = two.change(100, 150, phi=4)
    assert wider is not None and wider.low < told.low and wider.high > told.high and not wider.is_clear
    assert two.change(9, 40) is None and two.change(40, 9) is None
    with pytest.raises(ValueError, match="needs cases"):
        two.share(0, 0)


def test_dispersion_is_1_for_poisson_and_larger_for_what_comes_in_clumps() -> None:
    rng = np.random.default_rng(7)
    plain = [two.dispersion(rng.poisson(40, 12), rng.poisson(44, 12)) for _ in range(300)]
    clumps = [two.dispersion(3 * rng.poisson(14, 12), 3 * rng.poisson(14, 12)) for _ in range(300)]
    assert 1 <= np.mean(plain) < 1.25 and 2.6 < np.mean(clumps) < 3.5
    season = np.array([10, 10, 20, 40, 60, 90, 90, 80, 50, 30, 20, 10])
    assert two.dispersion(season, 2 * season) == 1, "the season falls out"
    assert two.dispersion([0] * 12, [1] * 12) == 1 and two.share_dispersion([0] * 12, [5] * 12) == 1
    assert two.share_dispersion([0, 10] * 6, [10] * 12) > 5


def test_intervals_hold_in_19_of_20_worlds_also_where_events_come_in_clumps() -> None:
    rng, kept, worlds = np.random.default_rng(11), 0, 1500
    for _ in range(worlds):
        before, now = 2 * rng.poisson(20, 12), 2 * rng.poisson(24, 12)
        told = two.change(before.sum(), now.sum(), phi=two.dispersion(before, now))
        assert told is not None
        kept += told.low <= 0.2 <= told.high
    assert 0.92 <= kept / worlds <= 0.98
