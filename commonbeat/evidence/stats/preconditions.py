"""Preconditions that several designs share. Each is a function of what is needed, and says what it found instead."""

from __future__ import annotations

import numpy as np

from .panel import Panel
from .phrase import N_, Phrase, phrase
from .refusal import Precondition


def first_start(panel: Panel) -> int:
    """Index of the first period in which anybody is treated; the number of periods when nobody ever is."""
    return panel.starts[0] if panel.starts else len(panel.periods)


def treated_units(least: int) -> Precondition:
    """At least so many units with the programme."""

    def check(panel: Panel) -> Phrase | None:
        found = int(panel.ever_treated.sum())
        return None if found >= least else phrase(N_("{found} treated {units}."), found=found, units=panel.unit_name)

    return Precondition("treated-units", phrase(N_("at least {least}."), least=least), check)


def treated_at_most(most: int) -> Precondition:
    """No more than so many units with the programme."""

    def check(panel: Panel) -> Phrase | None:
        found = int(panel.ever_treated.sum())
        return None if found <= most else phrase(N_("{found} treated {units}."), found=found, units=panel.unit_name)

    return Precondition("treated-at-most", phrase(N_("at most {most}."), most=most), check)


def comparison_units(least: int) -> Precondition:
    """At least so many units that never have the programme."""

    def check(panel: Panel) -> Phrase | None:
        found = int((~panel.ever_treated).sum())
        if found >= least:
            return None
        return phrase(N_("{found} {units} to compare with."), found=found, units=panel.unit_name)

    return Precondition("comparison-units", phrase(N_("at least {least}."), least=least), check)


def periods_before(least: int) -> Precondition:
    """At least so many periods before anybody starts."""

    def check(panel: Panel) -> Phrase | None:
        found = first_start(panel)
        if found >= least:
            return None
        return phrase(N_("{found} {periods} before the start."), found=found, periods=panel.period_name)

    return Precondition("periods-before", phrase(N_("at least {least}."), least=least), check)


def periods_after(least: int) -> Precondition:
    """At least so many periods from the first start on."""

    def check(panel: Panel) -> Phrase | None:
        found = len(panel.periods) - first_start(panel)
        if found >= least:
            return None
        return phrase(N_("{found} {periods} from the start on."), found=found, periods=panel.period_name)

    return Precondition("periods-after", phrase(N_("at least {least}."), least=least), check)


def one_start() -> Precondition:
    """All treated units start in the same period."""

    def check(panel: Panel) -> Phrase | None:
        found = len(panel.starts)
        return None if found <= 1 else phrase(N_("{found} different starts."), found=found)

    return Precondition("one-start", phrase(N_("one start for all; else a design for staggered starts.")), check)


def absorbing() -> Precondition:
    """No unit leaves the programme."""

    def check(panel: Panel) -> Phrase | None:
        left = (np.diff(panel.treated.astype(np.int8), axis=1) < 0).any(axis=1)
        if not left.any():
            return None
        first = panel.units[int(left.argmax())]
        return phrase(N_("The programme ended in {found} {units} ({first})."), found=int(left.sum()), first=first,
                      units=panel.unit_name)  # fmt: skip

    return Precondition("absorbing", phrase(N_("it runs to the last period; cut the periods after it.")), check)


def counts() -> Precondition:
    """Outcomes are not below zero."""

    def check(panel: Panel) -> Phrase | None:
        below = int((panel.outcome < 0).sum())
        return None if below == 0 else phrase(N_("{found} outcomes are below zero."), found=below)

    return Precondition("counts", phrase(N_("counts of events.")), check)


def whole_counts() -> Precondition:
    """Outcomes are 0, 1, 2 …"""

    def check(panel: Panel) -> Phrase | None:
        odd = int(((panel.outcome < 0) | (panel.outcome != np.round(panel.outcome))).sum())
        return None if odd == 0 else phrase(N_("{found} outcomes are not whole numbers."), found=odd)

    return Precondition("whole-counts", phrase(N_("counts of events: 0, 1, 2 …")), check)


def events_in_every_corner(least: float = 1) -> Precondition:
    """Treated and compared units have events both before and after the first start."""

    def check(panel: Panel) -> Phrase | None:
        ever, start = panel.ever_treated, first_start(panel)
        corners = [
            float(panel.outcome[group][:, side].sum())
            for group in (ever, ~ever)
            for side in (slice(0, start), slice(start, None))
        ]
        if min(corners) >= least:
            return None
        return phrase(
            N_("Few events: treated {treated_before:.0f} before and {treated_after:.0f} after, compared "
               "{compared_before:.0f} and {compared_after:.0f}."),
            treated_before=corners[0], treated_after=corners[1], compared_before=corners[2], compared_after=corners[3],
        )  # fmt: skip

    return Precondition("events", phrase(N_("at least {least:.0f} in each."), least=least), check)


def positions() -> Precondition:
    """Units have coordinates."""

    def check(panel: Panel) -> Phrase | None:
        return None if panel.coordinates is not None else phrase(N_("The units have no coordinates."))

    return Precondition("positions", phrase(N_("x and y of each unit in metres.")), check)


def events_of_treated(least: float = 1) -> Precondition:
    """Treated units have events both before and after the first start, whatever the others have."""

    def check(panel: Panel) -> Phrase | None:
        mine, start = panel.outcome[panel.ever_treated], first_start(panel)
        before, after = float(mine[:, :start].sum()), float(mine[:, start:].sum())
        if min(before, after) >= least:
            return None
        return phrase(N_("Few events: {before:.0f} before and {after:.0f} after."), before=before, after=after)

    return Precondition("events", phrase(N_("at least {least:.0f} in each."), least=least), check)
