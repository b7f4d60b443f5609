"""QR codes drawn from remembered changes are the ones that segno draws."""

from __future__ import annotations

import re

import pytest
import segno

from commonbeat.core.ids import return_code
from commonbeat.core.qr import CodeDrawer

PREFIX = "https://beat.example.org/return/#code="


def modules(rows: bytes, side: int) -> list[bytes]:
    """Rows of modules, one byte each."""
    width = len(rows) // side
    bits = (f"{int.from_bytes(rows[at : at + width], 'big'):0{width * 8}b}" for at in range(0, len(rows), width))
    return [bytes(int(bit) for bit in row[:side]) for row in bits]


def test_a_code_drawn_from_changes_is_the_code_that_segno_draws() -> None:
    drawer = CodeDrawer(PREFIX, return_code())
    for _ in range(30):
        code = return_code()
        made = segno.make(PREFIX + code, error="m", mask=3, boost_error=False, micro=False)
        assert modules(drawer.rows(code), len(made.matrix)) == [bytes(row) for row in made.matrix]


def drawn(svg: str) -> set[tuple[int, int]]:
    """Follow the pen of a drawing; returns the modules that it makes dark. Fails when it goes over one twice."""
    dark: set[tuple[int, int]] = set()
    x = y = 0
    for move, first, second in re.findall(r"([Mmh])(\d+)(?: ([\d.]+))?", svg.split('d="')[1].split('"')[0]):
        if move == "M":
            x, y = int(first), int(float(second))
        elif move == "m":
            x += int(first)
        else:
            stroke = {(column, y) for column in range(x, x + int(first))}
            assert not dark & stroke
            dark |= stroke
            x += int(first)
    return dark


def test_the_drawing_has_every_dark_module_once_and_a_title() -> None:
    drawer = CodeDrawer(PREFIX, return_code())
    code = return_code()
    svg = drawer.svg(code, "Code <b>")
    rows = modules(drawer.rows(code), len(segno.make(PREFIX + code, error="m", micro=False).matrix))
    border = 2
    assert drawn(svg) == {(x + border, y + border) for y, row in enumerate(rows) for x, bit in enumerate(row) if bit}
    assert "<title>Code &lt;b&gt;</title>" in svg and 'role="img"' in svg


def test_a_code_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="another length"):
        CodeDrawer(PREFIX, "AAAA").rows("AAAAA")
