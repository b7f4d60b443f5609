"""Hot and cold spots: areas whose neighbourhood has more, or less, than chance gives; few of them by chance."""

from __future__ import annotations

import numpy as np
import shapely
from django.utils.translation import gettext as _

from commonbeat.core.text import N_
from commonbeat.evidence.areas import AreaSet
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

_TOUCH = 0.0005  # degrees, about 50 m: outlines that were simplified one by one do not quite meet
_SEED = 1995
_LEVEL = 0.05
_FEWEST = 20


def neighbours(areas: AreaSet) -> list[list[int]]:
    """Areas that touch, also at a corner."""
    wide = shapely.buffer(areas.shapes, _TOUCH, quad_segs=1)
    found: list[list[int]] = [[] for _ in areas.rows]
    one, other = shapely.STRtree(wide).query(areas.shapes, predicate="intersects")
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        if a != b:
            found[a].append(b)
    return found


def _inside(areas: AreaSet, number: int) -> tuple[str, float, float]:
    point = areas.shapes[number].representative_point()
    return areas.rows[number].name, float(point.y), float(point.x)


def hot_spots(ask: Ask) -> Shown:
    """Gi* of counts, or of rates steadied for small areas, adjusted for many areas (5 % false discoveries)."""
    from commonbeat.evidence.stats.hot_spots import gi_star, shrunken_rates

    count = len(ask.areas.rows)
    if count < _FEWEST:
        raise CannotLook(
            _("Hot spots need at least %(n)s areas. Choose smaller areas, such as beats.") % {"n": _FEWEST}
        )
    values = shrunken_rates(ask.totals, ask.residents) if ask.rate else ask.totals
    spots = gi_star(values, neighbours(ask.areas), np.random.default_rng(_SEED))
    kinds = spots.kinds(_LEVEL)
    names = {1: _("Hot spot"), 0: _("Not clear"), -1: _("Cold spot")}
    painted = Painted(
        [1 - int(kind) for kind in kinds],
        [_("%(what)s (Gi* %(score)s)") % {"what": names[int(kind)], "score": number(score, 1)}
         for kind, score in zip(kinds, spots.score, strict=True)],
        [("#a8201a", names[1]), ("#f1f0ea", names[0]), ("#2f6fad", names[-1])],
    )  # fmt: skip
    order = np.argsort(-spots.score, kind="stable")
    rows = [
        [ask.areas.rows[i].name, ask.areas.rows[i].code, int(ask.totals[i]), round(float(spots.score[i]), 2),
         float(f"{spots.adjusted[i]:.4f}"), names[int(kinds[i])]]
        for i in order
    ]  # fmt: skip
    hot = [ask.areas.rows[i].name for i in order if kinds[i] > 0]
    share = 100 * float(ask.totals[kinds > 0].sum()) / max(float(ask.totals.sum()), 1)
    values_said = {"period": ask.period, "n": number(len(hot)), "count": number(count), "noun": _(ask.measure.noun),
                   "share": number(share), "names": ", ".join(hot[:3])}  # fmt: skip
    sentence = (
        _("From %(period)s, %(n)s of %(count)s areas were hot spots of %(noun)s, with %(share)s percent of them all; the clearest: %(names)s.")  # noqa: E501
        if hot else _("From %(period)s, no area stood out as a hot spot of %(noun)s.")
    ) % values_said  # fmt: skip
    columns = [_("Area"), _("Code"), _("Events"), _("Score (Gi*)"), _("p, adjusted"), _("What it is")]
    return Shown(
        sentence, columns, rows, painted_picture(ask.areas, painted, _("More or less than chance")), ask.seen.events,
        ask.period, left_out(ask),
        [_("A hot spot is a place and a time, never a person. It says where events gather, not why."),
         _("An area counts with its neighbours. 9,999 random deals; at most about one in twenty finds is chance."),
         *cautions(ask)], frozenset({2, 3, 4}), 25, painted=painted,
        worth_a_problem=tuple(_inside(ask.areas, i) for i in order[:5] if kinds[i] > 0),
    )  # fmt: skip


LOOKS.add(Look("hot-spots", N_("Hot spots"), N_("Where events gather more than chance explains."), hot_spots, is_count))
