"""Small counts stay hidden, also from a reader who does the sums."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonbeat.core.numbers import HIDDEN, Suppressed, show, suppress, suppress_table

TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=5)
)


def published(counts, minimum):
    table = suppress_table({r: dict(enumerate(row)) for r, row in enumerate(counts)}, minimum=minimum)
    grid = [[*table.cells[r].values(), table.row_totals[r]] for r in table.cells]
    return [*grid, [*table.column_totals.values(), table.total]]


def possible_values(grid, cell, limit=400):
    """Every count that `cell` can have in tables that look like `grid`, found by an independent solver."""
    from scipy.optimize import linprog  # an oracle of its own: linear programming instead of walks

    unknown = [(r, c) for r, row in enumerate(grid) for c, value in enumerate(row) if value == HIDDEN]
    place = {at: n for n, at in enumerate(unknown)}
    equations, constants = [], []
    height, width = len(grid), len(grid[0])
    lines = [[(r, c) for c in range(width)] for r in range(height)]
    lines += [[(r, c) for r in range(height)] for c in range(width)]
    for line in lines:
        *parts, total = line
        equation, constant = [0] * len(unknown), 0
        for at, sign in [*((part, 1) for part in parts), (total, -1)]:
            if at in place:
                equation[place[at]] += sign
            else:
                constant -= sign * grid[at[0]][at[1]]
        equations.append(equation)
        constants.append(constant)
    ends = []
    for direction in (1, -1):
        goal = [0] * len(unknown)
        goal[place[cell]] = direction
        solved = linprog(goal, A_eq=equations, b_eq=constants, bounds=[(1, limit)] * len(unknown), method="highs")
        assert solved.status == 0, "the published table must be possible"
        ends.append(round(solved.fun * direction))
    return ends


@settings(deadline=None, max_examples=150)
@given(TABLES, st.integers(2, 10))
def test_no_hidden_count_can_be_worked_out_from_the_sums(counts, minimum):
    grid = published(counts, minimum)
    for r, c in itertools.product(range(len(grid)), range(len(grid[0]))):
        if grid[r][c] == HIDDEN:
            low, high = possible_values(grid, (r, c))
            assert low < high


@given(TABLES, st.integers(1, 10))
def test_no_small_count_is_shown_and_what_is_shown_is_true(counts, minimum):
    grid = published(counts, minimum)
    true = [[*row, sum(row)] for row in counts]
    true.append([sum(column) for column in zip(*true, strict=True)])
    for shown, real in zip(itertools.chain(*grid), itertools.chain(*true), strict=True):
        assert shown == HIDDEN if 0 < real < minimum else shown in (real, HIDDEN)


@given(TABLES)
def test_a_table_without_small_counts_is_shown_whole(counts):
    assert HIDDEN not in itertools.chain(*published([[count * 10 for count in row] for row in counts], 10))


def test_a_second_cell_is_hidden_so_that_the_total_does_not_tell():
    table = suppress_table(
        {"north": {"open": 3, "closed": 40, "new": 20}, "south": {"open": 30, "closed": 50, "new": 9}},
        minimum=5,
    )
    assert table.cells["north"]["open"] == HIDDEN
    assert table.total == 152
    assert table.row_totals == {"north": 63, "south": 89}
    assert sum(value == HIDDEN for row in table.cells.values() for value in row.values()) == 4


def test_two_ones_in_a_row_of_two_are_not_given_away_by_knowing_that_nothing_hidden_is_zero():
    grid = published([[1, 1, 30], [20, 20, 20]], 2)
    low, high = possible_values(grid, (0, 0))
    assert low < high


def test_a_table_of_one_cell_hides_its_total_too():
    table = suppress_table({"all": {"yes": 2}}, minimum=5)
    assert table.cells["all"]["yes"] == table.total == HIDDEN


def test_an_empty_table_and_missing_columns_are_fine():
    assert suppress_table({}, minimum=5).total == 0
    assert suppress_table({"a": {"x": 7}, "b": {"y": 8}}, minimum=5).cells == {
        "a": {"x": 7, "y": 0},
        "b": {"x": 0, "y": 8},
    }


@pytest.mark.parametrize(
    ("count", "expected", "text"),
    [(0, 0, "0"), (1, Suppressed(5), "<5"), (4, Suppressed(5), "<5"), (5, 5, "5")],
)
def test_a_single_small_count_is_replaced(count, expected, text):
    assert suppress(count, minimum=5) == expected
    assert show(suppress(count, minimum=5)) == text


def test_a_hidden_cell_does_not_say_why():
    assert show(HIDDEN) == "*"


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="negative"):
        suppress(-1, minimum=5)
    with pytest.raises(ValueError, match="negative"):
        suppress_table({"a": {"x": -1}}, minimum=5)
