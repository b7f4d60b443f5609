"""What a spreadsheet would run is marked as text; what is a number or a word stays as it is."""

from __future__ import annotations

import pytest

from commonbeat.core.cells import harmless


@pytest.mark.parametrize(
    "text", ["=1+1", "+1 312 555 0190", "-2+3", "@SUM(A1)", "  =cmd|'/C calc'!A0", "\t=1", "\rword", "-A1", "\n@x"]
)
def test_what_would_be_run_is_marked(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["", "Ana", "3 = 3", "-5", "-1,234.5", "-87.6545", 7, -7, None, 1.5])
def test_everything_else_stays(cell: object) -> None:
    assert harmless(cell) == cell
