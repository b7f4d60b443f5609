"""Small counts, hidden so that a published number cannot point at a person."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)
Node: TypeAlias = tuple[str, int]
Cell: TypeAlias = tuple[int, int]

_KEEP_TOTALS: Final = 1_000_000_000  # a total costs more to hide than any cell: readers need totals most


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Stands where a count would have been.

    `below` is the minimum that the count did not reach, or None in a table, where some cells are hidden
    only to protect others and a reader must not learn which.
    """

    below: int | None = None


HIDDEN: Final = Suppressed()


def suppress(count: int, *, minimum: int) -> int | Suppressed:
    """The count, or Suppressed when it is above 0 and under `minimum`.

    Nothing (0) is shown: an area without reports points at nobody. Where nothing would tell something about
    people ("no one in this team agreed"), leave the whole table out when fewer than `minimum` people
    answered. A single number only; rows that add up to a published total need `suppress_table`.
    Raises ValueError for a negative count.
    """
    if count < 0:
        raise ValueError(f"a count cannot be negative: {count}")
    return Suppressed(minimum) if 0 < count < minimum else count


def show(value: int | Suppressed) -> str:
    """The value for a file or a plain cell: the number, `<5`, or `*` where the reason must stay open."""
    if isinstance(value, Suppressed):
        return "*" if value.below is None else f"<{value.below}"
    return str(value)


@dataclass(frozen=True, slots=True)
class SuppressedTable(Generic[Row, Column]):
    """A table that may be published whole, with its totals; hidden cells are `HIDDEN`, all alike."""

    cells: dict[Row, dict[Column, int | Suppressed]]
    row_totals: dict[Row, int | Suppressed]
    column_totals: dict[Column, int | Suppressed]
    total: int | Suppressed


def suppress_table(rows: Mapping[Row, Mapping[Column, int]], *, minimum: int) -> SuppressedTable[Row, Column]:
    """Hide counts of 1 to `minimum` - 1, and as few others as needed so that no hidden one can be worked out.

    The reader is taken to know the shown cells, all shown totals, and that a hidden count is at least 1
    (zeros are shown). For each hidden cell there is another table of whole numbers that looks the same and
    has another count there, so neither subtraction nor solving the sums gives it away. Totals under the
    minimum are hidden too; a total is hidden to protect a cell only where nothing else helps.

    Cost: for each small cell one shortest path through the table, roughly cells x log(cells): fine up to
    some hundred thousand cells with few small ones. Danger: it protects ONE table; two tables that share
    totals (by month and by quarter) must be published from one finest table or the difference gives
    hidden counts away. A missing column in a row counts as 0. Raises ValueError for a negative count.
    """
    names = list(rows)
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    grid = _with_totals([[rows[name].get(column, 0) for column in columns] for name in names])
    hidden = _hide(grid, minimum)

    def value(row: int, column: int) -> int | Suppressed:
        return HIDDEN if (row, column) in hidden else grid[row][column]

    last_row, last_column = len(names), len(columns)
    cells = {name: {column: value(r, c) for c, column in enumerate(columns)} for r, name in enumerate(names)}
    return SuppressedTable(
        cells=cells,
        row_totals={name: value(r, last_column) for r, name in enumerate(names)},
        column_totals={column: value(last_row, c) for c, column in enumerate(columns)},
        total=value(last_row, last_column),
    )


def _with_totals(grid: list[list[int]]) -> list[list[int]]:
    if any(count < 0 for row in grid for count in row):
        raise ValueError("a count cannot be negative")
    wide = [[*row, sum(row)] for row in grid]
    width = len(wide[0]) if wide else 1
    return [*wide, [sum(row[column] for row in wide) for column in range(width)]]


def _hide(grid: list[list[int]], minimum: int) -> set[Cell]:
    small = [(r, c) for r, row in enumerate(grid) for c, count in enumerate(row) if 0 < count < minimum]
    hidden = set(small)
    # Large cells first: their partners are the likeliest to protect the smaller ones as well.
    for cell in sorted(small, key=lambda at: (-grid[at[0]][at[1]], at)):
        ways = (_protect(grid, hidden, cell, up=up) for up in (True, False))
        hidden |= min(ways, key=lambda way: way[0])[1]
    return hidden


def _protect(grid: list[list[int]], hidden: set[Cell], cell: Cell, *, up: bool) -> tuple[float, set[Cell]]:
    """The cheapest cells to hide so that `cell` could as well be one more (`up`) or one less, and their cost.

    Rows and columns are the nodes of a network, cells its edges. One more here must be evened out around a
    closed walk: one less along the row, one more along that column, and so on back. Totals stand with the
    opposite sign, so that every row and column of the extended table sums to nothing. A cell can go up
    always, down only while it stays at least 1. The walk back is found by Dijkstra's algorithm.
    """
    row, column = cell
    if not up and grid[row][column] <= 1:
        return float("inf"), set()
    forward = up != _is_total(grid, cell)
    start, goal = (("column", column), ("row", row)) if forward else (("row", row), ("column", column))
    best: dict[Node, float] = {start: 0.0}
    came: dict[Node, tuple[Node, Cell]] = {}
    queue: list[tuple[float, Node]] = [(0.0, start)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node == goal:
            break
        if cost > best[node]:
            continue
        for following, edge in _moves(grid, node):
            if edge == cell:
                continue
            total = cost + _price(grid, hidden, edge)
            if total < best.get(following, float("inf")):
                best[following] = total
                came[following] = (node, edge)
                heapq.heappush(queue, (total, following))
    if goal not in best:
        return float("inf"), set()
    walk: set[Cell] = set()
    node = goal
    while node != start:
        node, edge = came[node]
        walk.add(edge)
    return best[goal], walk


def _is_total(grid: list[list[int]], cell: Cell) -> bool:
    """Whether the cell stands with a minus sign: row and column totals do, the grand total is plus again."""
    return (cell[0] == len(grid) - 1) != (cell[1] == len(grid[0]) - 1)


def _moves(grid: list[list[int]], node: Node) -> Iterator[tuple[Node, Cell]]:
    """Where one unit can go from a row (its value rises there) or from a column (its value falls there)."""
    side, index = node
    cells = (
        [(index, column) for column in range(len(grid[0]))]
        if side == "row"
        else [(row, index) for row in range(len(grid))]
    )
    for cell in cells:
        count = grid[cell[0]][cell[1]]
        rises = (side == "row") != _is_total(grid, cell)
        if count >= 2 or (count == 1 and rises):
            yield ("column", cell[1]) if side == "row" else ("row", cell[0]), cell


def _price(grid: list[list[int]], hidden: set[Cell], cell: Cell) -> float:
    if cell in hidden:
        return 0.001  # free, but a short walk is better than a long one
    total = cell[0] == len(grid) - 1 or cell[1] == len(grid[0]) - 1
    return grid[cell[0]][cell[1]] + 1 + (_KEEP_TOTALS if total else 0)
