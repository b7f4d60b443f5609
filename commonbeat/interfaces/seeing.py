"""In words: who sees which cases, as the kinds declare it."""

from __future__ import annotations

from collections.abc import Mapping

from commonbeat.core.actor import ROLE_LABELS
from commonbeat.core.text import N_
from commonbeat.core.workflow import KEY, REPORTER, SYSTEM

WHO: Mapping[str, str] = ROLE_LABELS | {
    REPORTER: N_("The reporter"), SYSTEM: N_("The product itself"), KEY: N_("A program with a key"),
}  # fmt: skip
"""Everybody and everything that takes steps, by role."""
READS = [role for role in WHO if role not in {REPORTER, SYSTEM}]
"""The roles that read more than one case."""
SCOPES: Mapping[str, str] = {
    "all": N_("all, or those of their areas or team"), "team": N_("those of their team"),
    "assigned": N_("those given to them"), "unplaced": N_("those of no area"),
}  # fmt: skip
"""What a role sees of a kind, by scope."""
