"""QR codes drawn from remembered changes are the ones that segno draws."""

from __future__ import annotations

import pytest
import segno

from commonbeat.core.ids import return_code
from commonbeat.core.qr import CodeDrawer

PREFIX = "https://beat.example.org/return/#code="


def test_a_code_drawn_from_changes_is_the_code_that_segno_draws() -> None:
    drawer = CodeDrawer(PREFIX, return_code())
    for _ in range(30):
        code = return_code()
        made = segno.make(PREFIX + code, error="m", mask=3, boost_error=False, micro=False)
        assert drawer.modules(code) == [bytes(row) for row in made.matrix]


def test_the_drawing_has_every_dark_module_once_and_a_title() -> None:
    drawer = CodeDrawer(PREFIX, return_code())
    code = return_code()
    svg = drawer.svg(code, "Code <b>")
    lengths = [int(part.rpartition("h")[2]) for part in svg.split('d="')[1].split('"')[0].split("M")[1:]]
    assert sum(lengths) == sum(sum(row) for row in drawer.modules(code))
    assert "<title>Code &lt;b&gt;</title>" in svg and 'role="img"' in svg


def test_a_code_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="another length"):
        CodeDrawer(PREFIX, "AAAA").modules("AAAAA")
