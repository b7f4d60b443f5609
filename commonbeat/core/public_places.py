"""The point that the public sees in place of the reported one.

What an observer may know: this source, every public point ever shown, the map, and which cases lie at
one place. What he must not learn: where in a square of `precision_m` metres a report was made.

The public point is a function of three things only: the square of a grid in which the report lies, the
precision, and the installation's secret salt. Everything follows from that:

* Publishing again gives the same point, so there is no second sample to average with the first.
* Every case of one square gets the same point, so the mean of a thousand cases at one address is that
  very point: it tells the square and nothing within it. (Fuzzing by case, as is often done, fails here: the
  mean of many differently fuzzed points converges on the address.)
* The point lies outside its square, at 0.8 to 1.2 sides from the middle where the corners are at 0.71. So
  it is never the reported point, nor within 0.09 sides of it, whatever was reported, and yet nothing about
  the place inside the square had to be looked at to make sure (moving a point only when it happens to be
  too near would give it away).
* Squares of different precision are nested (sides are 25 m times a power of two, and they share corners),
  so a case shown coarsely and another shown finely at one place leave the finer square, not an overlap
  smaller than both.
* Direction, distance and the origin of the grid come from the salt, so that an observer without it cannot
  draw the squares. With it he gets to the square: the salt is a key and belongs outside the database.

What it does not do: a square in open country may hold one house, so agencies choose a coarser precision
there, or none; words and photos can say more than the point; and somebody who knows that two cases of
neighbouring squares come from one address learns that it is near their common edge.
"""

from __future__ import annotations

import hashlib
import math
from typing import Final

from commonbeat.core.geography import EARTH_RADIUS_M, check_place

FINEST_M: Final = 25
COARSEST_M: Final = FINEST_M * 2**9  # 12.8 km
NEAREST: Final = 0.8 - math.sqrt(0.5)  # of a side: no public point is nearer to a report than this …
FARTHEST: Final = 1.2 + math.sqrt(0.5)  # … nor farther than this
_LEAST_SALT: Final = 8
_DEGREE_M: Final = math.pi / 180 * EARTH_RADIUS_M


def grid_side(precision_m: float) -> int:
    """The side in metres of the squares used for a precision: the next of 25, 50, 100 … 12,800 upwards.

    Raises ValueError for a precision that is not positive, or coarser than 12.8 km: show no point then.
    """
    if not 0 < precision_m <= COARSEST_M:
        raise ValueError(f"a public precision is between 0 and {COARSEST_M} m, not {precision_m}")
    side = FINEST_M
    while side < precision_m:
        side *= 2
    return side


def public_point(lat: float, long: float, *, precision_m: float | None, salt: bytes) -> tuple[float, float] | None:
    """The (latitude, longitude) to publish for a report at this place, or None where no point is shown.

    `precision_m` None means that nothing is shown (sensitive categories). Otherwise the answer lies between
    NEAREST and FARTHEST sides of `grid_side(precision_m)` from the report, about 9 to 191 m for 100 m,
    and is rounded to 5 decimals. Show it as an area of that size, never as a pin on somebody's roof.
    `salt` is the installation's secret of at least 8 bytes; changing it moves all points, which gives an
    observer a second sample of each: don't. Raises BadPlace, ValueError.
    """
    if precision_m is None:
        return None
    check_place(lat, long)
    if len(salt) < _LEAST_SALT:
        raise ValueError(f"the salt needs at least {_LEAST_SALT} bytes")
    side = grid_side(precision_m)
    east, north = _origin(salt)
    band = math.floor((lat * _DEGREE_M + north) / COARSEST_M)
    # One scale for the whole coarsest band, so that the squares of all sizes nest in it.
    middle = ((band + 0.5) * COARSEST_M - north) / _DEGREE_M
    scale = _DEGREE_M * math.cos(math.radians(min(abs(middle), 89.0)))
    column = math.floor((long * scale + east) / side)
    row = math.floor((lat * _DEGREE_M + north) / side)
    turn, reach = _shift(salt, side, band, row, column)
    x = (column + 0.5) * side + reach * side * math.cos(turn)
    y = (row + 0.5) * side + reach * side * math.sin(turn)
    shown_lat = max(-90.0, min(90.0, (y - north) / _DEGREE_M))
    shown_long = ((x - east) / scale + 180) % 360 - 180
    return round(shown_lat, 5), round(shown_long, 5)


def _origin(salt: bytes) -> tuple[float, float]:
    """Where the grid starts, east and north, in metres under one coarsest side."""
    digest = _digest(salt, b"origin")
    east, north = (int.from_bytes(part, "big") / 2**64 * COARSEST_M for part in (digest[:8], digest[8:]))
    return east, north


def _shift(salt: bytes, side: int, band: int, row: int, column: int) -> tuple[float, float]:
    """Direction (radians) and distance (sides) of the public point from the middle of its square."""
    digest = _digest(salt, f"{side}/{band}/{row}/{column}".encode())
    turn = int.from_bytes(digest[:8], "big") / 2**64 * 2 * math.pi
    share = int.from_bytes(digest[8:16], "big") / 2**64
    return turn, math.sqrt(0.8**2 + share * (1.2**2 - 0.8**2))  # even over the ring's area


def _digest(salt: bytes, message: bytes) -> bytes:
    key = hashlib.sha256(salt).digest()
    return hashlib.blake2b(message, key=key, person=b"cb-public-point", digest_size=16).digest()
