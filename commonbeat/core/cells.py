"""Cells of tables that people open in a spreadsheet, which takes some texts for formulas and runs them (CWE-1236)."""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"\s*[=+\-@]|[\t\r\n]")
_NUMBER = re.compile(r"-?\d[\d.,  ]*")


def harmless(cell: Any) -> Any:
    """The cell, marked as text where a spreadsheet would take it for a formula; numbers stay what they are."""
    if not isinstance(cell, str) or not _FORMULA.match(cell) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"
