"""QR codes of addresses that differ only in a code: as good as drawn anew, at a hundredth of the cost.

With version, mask and length fixed, every module of a QR code (error correction included) is an exclusive-or of bits
of the text. So the picture of any code is the picture of one code, exclusive-or the change that each other character
makes at its place, and that is the exclusive-or of what its bits make: some eighty pictures by segno are all it takes.
"""

from __future__ import annotations

import re
from html import escape

import segno

_BORDER = 2
_MASK = 3  # any mask is valid; trying all eight for the prettiest would cost more than storing a whole report
_RUNS = re.compile("1+")


def _strokes(modules: str) -> str:
    """Eight modules as strokes of a path, ending one module behind them."""
    drawn, at = "", 0
    for run in _RUNS.finditer(modules):
        drawn += (f"m{run.start() - at} 0" if run.start() > at else "") + f"h{run.end() - run.start()}"
        at = run.end()
    return drawn + (f"m{8 - at} 0" if at < 8 else "")


_STROKES = [_strokes(f"{n:08b}") for n in range(256)]


def _modules(content: str) -> tuple[int, int]:
    """The modules of a text as the bits of one number, rows filled up to whole bytes, and how many a side has."""
    made = segno.make(content, error="m", mask=_MASK, boost_error=False, micro=False, mode="byte")
    side = len(made.matrix)
    rows = ("".join("01"[bit] for bit in row) + "0" * (-side % 8) for row in made.matrix)
    return int("".join(rows), 2), side


class CodeDrawer:
    """Draws `prefix` + code for ASCII codes of one length."""

    def __init__(self, prefix: str, like: str) -> None:
        """Take the fixed part and any code of the length that will be drawn."""
        self._prefix, self._like = prefix, like
        self._base, self._side = _modules(prefix + like)
        self._eights = -(-self._side // 8)
        self._flips: dict[tuple[int, int], int] = {}
        self._changes: dict[tuple[int, str], int] = {}

    def _flip(self, place: int, bit: int) -> int:
        """What one bit of one character changes."""
        key = (place, bit)
        if key not in self._flips:
            flipped = chr(ord(self._like[place]) ^ bit)
            other = self._like[:place] + flipped + self._like[place + 1 :]
            self._flips[key] = _modules(self._prefix + other)[0] ^ self._base
        return self._flips[key]

    def _change(self, place: int, character: str) -> int:
        key = (place, character)
        if key not in self._changes:
            differing, change = ord(character) ^ ord(self._like[place]), 0
            for bit in (1 << n for n in range(7)):
                if differing & bit:
                    change ^= self._flip(place, bit)
            self._changes[key] = change
        return self._changes[key]

    def rows(self, code: str) -> bytes:
        """Rows of modules one after another, a bit each, 1 is dark, filled up to whole bytes.

        Raises ValueError for a code of another length.
        """
        if len(code) != len(self._like) or not code.isascii():
            raise ValueError("This drawer draws codes of another length.")
        bits = self._base
        for place, (character, usual) in enumerate(zip(code, self._like, strict=True)):
            if character != usual:
                bits ^= self._change(place, character)
        return bits.to_bytes(self._side * self._eights, "big")

    def svg(self, code: str, title: str) -> str:
        """The code as SVG inside a page, with a title for those who do not see it."""
        size, eights = self._side + 2 * _BORDER, self._eights
        strokes = [_STROKES[eight] for eight in self.rows(code)]
        for row in range(self._side):
            strokes[row * eights] = f"M{_BORDER} {row + _BORDER}.5{strokes[row * eights]}"
        return (
            f'<svg role="img" viewBox="0 0 {size} {size}" class="qr"><title>{escape(title)}</title>'
            f'<path stroke="#000" d="{"".join(strokes)}"/></svg>'
        )


def square(text: str, title: str) -> str:
    """The QR code of any ASCII text as SVG inside a page: for letters, of which there are few."""
    return CodeDrawer(text[:-1], text[-1]).svg(text[-1], title)
