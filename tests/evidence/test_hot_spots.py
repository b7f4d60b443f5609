"""Gi*, shrunken rates and near repeats give the published numbers, and find nothing where nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from commonbeat.evidence.stats.hot_spots import gi_star, near_repeat, shrunken_rates


def _grid(side: int) -> list[list[int]]:
    """Queen neighbours on a chessboard."""
    cells = [(r, c) for r in range(side) for c in range(side)]
    return [[j for j, (s, d) in enumerate(cells) if j != i and abs(r - s) <= 1 and abs(c - d) <= 1]
            for i, (r, c) in enumerate(cells)]  # fmt: skip


def test_the_score_is_the_formula_of_1995() -> None:
    """By hand for one corner: sum of its four cells, less four means, over s √((n·4 − 16) / (n − 1))."""
    values = np.arange(16.0)
    spots = gi_star(values, _grid(4), np.random.default_rng(1), permutations=99)
    around = values[[0, 1, 4, 5]].sum()
    spread = np.sqrt((values**2).mean() - values.mean() ** 2)
    wanted = (around - 4 * values.mean()) / (spread * np.sqrt((16 * 4 - 16) / 15))
    assert spots.score[0] == pytest.approx(wanted) and spots.score[0] == pytest.approx(-spots.score[15])


def test_scores_and_p_values_are_those_of_pysal() -> None:
    """esda 2.9.0: `G_Local(VALUES, lat2W(4, 4, rook=False), star=True, transform="B", permutations=99999, seed=1)`.

    Its p-values are one-sided, ours two-sided.
    """
    values = [3.1, 8.03, 1.007, 0.4, 12.9, 9.21, 2.63, 1.58, 4.44, 6.19, 0.77, 2.38, 1.26, 1.71, 0.09, 5.55]
    scores = [2.8271388919, 1.9618321842, -0.015602979, -1.5287830531, 2.9481520199, 1.9030158228, -0.3103114419,
              -2.0029112136, 1.7972339791, 0.653614605, -0.5975759942, -1.4058724799, -0.2699290225, -1.1999484187,
              -0.8854205718, -1.0284268162]  # fmt: skip
    chances = [0.0024, 0.0573, 0.3865, 0.1096, 0.0017, 0.0387, 0.4115, 0.0189, 0.0458, 0.3261, 0.3489, 0.0957, 0.4399,
               0.1615, 0.3093, 0.051]  # fmt: skip
    spots = gi_star(values, _grid(4), np.random.default_rng(1), permutations=19_999)
    assert spots.score == pytest.approx(scores, abs=1e-9)
    assert spots.p_value == pytest.approx(np.minimum(2 * np.array(chances), 1), abs=0.02)


def test_a_hot_corner_is_found_and_chance_is_not() -> None:
    rng = np.random.default_rng(7)
    values = rng.poisson(20, 400).astype(float)
    quiet = gi_star(values, _grid(20), rng, permutations=999)
    assert np.abs(quiet.kinds()).sum() <= 2
    hot = values.reshape(20, 20).copy()
    hot[:4, :4] += 25
    found = gi_star(hot.ravel(), _grid(20), rng).kinds().reshape(20, 20)
    assert found[:3, :3].all() and found[8:, 8:].sum() == 0


def test_p_values_are_fair_when_values_lie_at_random() -> None:
    rng = np.random.default_rng(3)
    small = [gi_star(rng.gamma(1.0, 1.0, 100), _grid(10), rng, permutations=199).p_value for _ in range(30)]
    assert 0.03 < float((np.concatenate(small) <= 0.05).mean()) < 0.07


def test_alike_values_have_no_spots_and_wrong_lengths_are_refused() -> None:
    assert not gi_star(np.ones(9), _grid(3), np.random.default_rng(0)).kinds().any()
    with pytest.raises(ValueError, match="neighbours of 4"):
        gi_star(np.ones(9), _grid(2), np.random.default_rng(0))


def test_small_areas_are_drawn_to_the_common_rate() -> None:
    rates = shrunken_rates([2, 200, 0, 98], [10, 10_000, 5, 9_985])
    common = 300 / 20_000
    assert abs(rates[0] - common) < abs(0.2 - common) / 2 and rates[1] == pytest.approx(0.02, rel=0.1)
    assert rates[2] > 0
    assert shrunken_rates([1, 1], [100, 100]) == pytest.approx([0.01, 0.01])
    with pytest.raises(ValueError, match="exposure"):
        shrunken_rates([1], [0])


def test_near_repeats_are_found_and_chance_is_not() -> None:
    rng = np.random.default_rng(5)
    x, y, day = rng.uniform(0, 20_000, 1500), rng.uniform(0, 20_000, 1500), rng.integers(0, 365, 1500)
    quiet = near_repeat(x, y, day, rng)
    assert quiet.p_value.min() > 0.005 and quiet.pairs.sum() == pytest.approx(quiet.expected.sum(), rel=0.3)
    again = rng.permutation(1500)[:150]
    found = near_repeat(np.append(x, x[again]), np.append(y, y[again]), np.append(day, day[again] + 3), rng)
    assert found.pairs[0, 0] == 150 and found.p_value[0, 0] == pytest.approx(1 / 200)
    assert found.expected[0, 0] < 15
