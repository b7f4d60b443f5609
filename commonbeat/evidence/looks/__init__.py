"""Looks at a measure: each is a table, a picture of it, and the sentence a chief can read aloud."""

from commonbeat.evidence.looks import (  # noqa: F401 - each module registers its looks
    by_area,
    hot,
    over_time,
    repeats,
    unusual,
)
from commonbeat.evidence.looks.asking import LOOKS, Ask, CannotLook, Look, Shown, make
from commonbeat.evidence.looks.kept import BeingCounted

__all__ = ["LOOKS", "Ask", "BeingCounted", "CannotLook", "Look", "Shown", "make"]
