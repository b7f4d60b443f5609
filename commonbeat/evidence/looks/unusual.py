"""Areas with more than their last year and the season lead to expect: an early word on what may come to stay."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from commonbeat.core.text import N_
from commonbeat.evidence.looks.asking import (
    LOOKS,
    Ask,
    CannotLook,
    Look,
    Painted,
    Shown,
    cautions,
    is_count,
    left_out,
    number,
)
from commonbeat.evidence.looks.by_area import painted_picture

_YEAR, _EARLIER, _LEVEL = 12, 5, 0.05
_FEWEST_MONTHS = 25
_HALF = 0.5  # an area without an event in a year is taken to have half a one, so that its first is no certainty


def surprise(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is expected of each area in the last month, and how rarely chance gives as many as there are, or more.

    `counts` are areas × months, 25 or more. Expected is the area's last twelve months times the share that this month
    has of all areas' years, averaged over up to five earlier ones: small areas borrow the season from all. Chance is
    Poisson, widened by the scatter that the area itself has shown (never narrowed) and by how little a year tells of
    its level.
    """
    from scipy.special import gammainc  # the web process starts without it

    n, total = counts.shape[1], counts.sum(axis=0)
    before = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    year = np.full(counts.shape, np.nan)
    year[:, _YEAR:] = before[:, _YEAR:n] - before[:, : n - _YEAR]
    usual = np.divide(total, np.nansum(year, axis=0), out=np.full(n, np.nan), where=np.nansum(year, axis=0) > 0)
    season = np.full(n, np.nan)
    for month in range(2 * _YEAR, n):
        shares = usual[month - _YEAR : _YEAR - 1 : -_YEAR][:_EARLIER]
        season[month] = np.nanmean(shares) if np.isfinite(shares).any() else np.nan
    expected = (year + _HALF) * season
    known = np.isfinite(season)
    known[-1] = False
    known &= season > 0
    scatter = (counts[:, known] - expected[:, known]) ** 2 / (expected[:, known] * (1 + season[known]))
    wide = np.maximum(1.0, scatter.mean(axis=1)) if known.any() else np.ones(len(counts))
    wide = wide * (1 + season[-1])
    seen, mean = counts[:, -1], expected[:, -1]
    chance = np.where(seen > 0, gammainc(np.maximum(seen, 1e-9) / wide, mean / wide), 1.0)
    return mean, chance


def unusual(ask: Ask) -> Shown:
    """The last whole month of each area beside what was to be expected; at most 5 % of the finds are chance."""
    from commonbeat.evidence.stats.several import false_discovery

    whole = np.flatnonzero(ask.whole)
    if len(whole) < _FEWEST_MONTHS:
        raise CannotLook(_("Two whole years before the last month are needed. Choose more months."))
    counts = ask.seen.n[:, whole[0] : whole[-1] + 1]
    expected, chance = surprise(counts)
    if not (expected > 0).all():
        raise CannotLook(_("There was no event in the years before. Choose other months or areas."))
    adjusted, seen = np.array(false_discovery(chance.tolist())), counts[:, -1]
    more = adjusted <= _LEVEL
    order = np.lexsort((-seen, chance))
    words = {True: _("more than expected"), False: _("not clear")}
    rows: list[list[Any]] = [
        [ask.areas.rows[i].name, ask.areas.rows[i].code, int(seen[i]), round(float(expected[i]), 1),
         float(f"{adjusted[i]:.4f}"), words[bool(more[i])]]
        for i in order
    ]  # fmt: skip
    names = [ask.areas.rows[i].name for i in order if more[i]]
    said = {"month": date_format(ask.seen.months.first_day(int(whole[-1])), "F Y"), "noun": _(ask.measure.noun),
            "n": number(len(names)), "count": number(len(rows)), "names": ", ".join(names[:5])}  # fmt: skip
    sentence = (
        _("In %(month)s, %(n)s of %(count)s areas had clearly more %(noun)s than their last year and the season lead to expect: %(names)s.")  # noqa: E501
        if names else
        _("In %(month)s, none of %(count)s areas had clearly more %(noun)s than their last year and the season lead to expect.")  # noqa: E501
    ) % said  # fmt: skip
    painted = Painted(
        [0 if one else 1 for one in more],
        [_("%(n)s, expected %(expected)s") % {"n": number(a), "expected": number(b, 1)}
         for a, b in zip(seen, expected, strict=True)],
        [("#a8201a", words[True]), ("#f1f0ea", words[False])],
    )  # fmt: skip
    columns = [_("Area"), _("Code"), _("Events"), _("Expected"), _("p, adjusted"), _("What stands out")]
    return Shown(
        sentence, columns, rows, painted_picture(ask.areas, painted, _("Beside what was expected")), int(seen.sum()),
        said["month"], left_out(ask),
        [_("One month tells of trouble that may pass. Look at the trend of the area before anybody acts."),
         _("Many areas are looked at: at most about one in twenty finds is chance."), *cautions(ask)],
        frozenset({2, 3, 4}), 25, painted=painted,
    )  # fmt: skip


LOOKS.add(
    Look("unusual", N_("Out of the ordinary"),
         N_("Areas with more than their last year and the season lead to expect."), unusual, is_count)
)  # fmt: skip
