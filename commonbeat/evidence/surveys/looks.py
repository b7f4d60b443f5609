"""Looks at a survey: all questions, one by group, by area as a trust barometer, and over the waves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from commonbeat.core.text import N_
from commonbeat.evidence.looks.asking import CannotLook, Shown
from commonbeat.evidence.looks.by_area import LEGEND, SHADES, area_picture
from commonbeat.evidence.surveys.asking import (
    SURVEY_LOOKS,
    SurveyAsk,
    SurveyLook,
    cautions,
    days,
    left_out,
    plain,
    say,
    stretch,
)
from commonbeat.evidence.surveys.figures import Counted, Figure
from commonbeat.evidence.surveys.frames import AREA
from commonbeat.evidence.surveys.models import SurveyWave

if TYPE_CHECKING:
    from commonbeat.evidence.stats.survey import Estimate

HIDDEN = "*"
_ABOVE = N_("%(group)s “%(name)s” lies %(points)s above everybody else (95%% interval %(low)s to %(high)s).")
_BELOW = N_("%(group)s “%(name)s” lies %(points)s below everybody else (95%% interval %(low)s to %(high)s).")
_ROSE = N_("From “%(before)s” to “%(wave)s” it rose by %(points)s (95%% interval %(low)s to %(high)s).")
_FELL = N_("From “%(before)s” to “%(wave)s” it fell by %(points)s (95%% interval %(low)s to %(high)s).")
_SAME = N_(
    "From “%(before)s” to “%(wave)s” there is no change that chance does not explain (95%% interval %(low)s to "
    "%(high)s)."
)
_NAVY, _GREY, _RED, _BLUE = "#1b3a5c", "#5b6468", "#a8201a", "#1d5a91"


def _numbers(figure: Figure, found: Estimate | None, *, interval: bool) -> list[Any]:
    """Value, from, to, n: stars where nothing may be shown, no interval where there is no sample."""
    if found is None:
        return [HIDDEN, "", "", HIDDEN]
    ends = [plain(figure, found.low), plain(figure, found.high)] if interval else ["", ""]
    return [plain(figure, found.value), *ends, found.n]


def _unit(figure: Figure) -> str:
    return _("Percent") if figure.is_share else _("Mean")


def overview(ask: SurveyAsk) -> Shown:
    """Every question of a wave with each of its numbers."""
    frame, rows = ask.frame, []
    for question in frame.questions.values():
        counted = Counted(frame, question)
        for figure in counted.figures:
            found = counted.estimate(figure)
            rows.append([question.text, figure.label, *_numbers(figure, found, interval=frame.wave.is_sample)])
    first = Counted(frame, ask.asked)
    columns = [_("Question"), _("Answer"), _("Percent or mean"), _("from"), _("to"), _("People")]
    shares = [row for row, share in zip(rows, _is_share(ask), strict=True) if share and row[2] != HIDDEN][:40]
    values = [
        {"name": f"{_short(row[0])}\n{_short(row[1])}", "value": row[2], "low": row[3], "high": row[4]}
        for row in shares
    ]
    spec = _bars(values, _("Percent"), interval=frame.wave.is_sample) if values else None
    return Shown(
        say(frame, first, first.figures[0]), columns, rows, spec, frame.n, days(frame.wave), (),
        cautions(frame), frozenset({2, 3, 4, 5}),
    )  # fmt: skip


def _short(text: str) -> str:
    """So much of a text as a picture has room for."""
    return text if len(text) <= 48 else text[:47].rstrip() + "…"


def _is_share(ask: SurveyAsk) -> list[bool]:
    return [figure.is_share for question in ask.frame.questions.values()
            for figure in Counted(ask.frame, question).figures]  # fmt: skip


def by_group(ask: SurveyAsk) -> Shown:
    """One question by the categories of a group, each beside everybody else."""
    return _by(ask, ask.group)


def by_area(ask: SurveyAsk) -> Shown:
    """One question by area, with its map."""
    if AREA not in ask.frame.groups:
        raise CannotLook(_("The people who answered did not say where they live."))
    return _by(ask, AREA)


def _by(ask: SurveyAsk, by: str) -> Shown:
    frame = ask.frame
    counted = Counted(frame, ask.asked, by)
    figure, sample = ask.pick(counted), frame.wave.is_sample
    found = {category: counted.estimate(figure, category) for category in counted.categories}
    gaps = {category: counted.gap(figure, category) if sample else None for category in found}
    rows = [[_("Everybody"), *_numbers(figure, counted.estimate(figure), interval=sample), "", "", "", ""]]
    for category, one in found.items():
        rows.append([frame.category_name(by, category), *_numbers(figure, one, interval=sample),
                     *_beside(figure, gaps[category])])  # fmt: skip
    columns = [frame.group_name(by), _unit(figure), _("from"), _("to"), _("People"), _("Beside everybody else"),
               _("from"), _("to"), _("In words")]  # fmt: skip
    if not sample:
        columns, rows = [columns[0], columns[1], columns[4]], [[row[0], row[1], row[4]] for row in rows]
    known = {category: one for category, one in found.items() if one is not None}
    if by == AREA and frame.areas is not None:
        spec: dict[str, Any] | None = _map(ask, figure, known)
    else:
        values = [{"name": frame.category_name(by, c), "value": plain(figure, e.value), "low": plain(figure, e.low),
                   "high": plain(figure, e.high)} for c, e in known.items()]  # fmt: skip
        spec = _bars(values, f"{_unit(figure)}: {figure.label}", interval=sample) if values else None
    n = counted.people
    chance = [_("With many groups, one gap in twenty looks clear by chance alone.")] if sample else []
    sentence = " ".join([say(frame, counted, figure), *_say_gap(ask, counted, figure, gaps)])
    return Shown(
        sentence, columns, rows, spec, n, days(frame.wave), left_out(counted), [*cautions(frame), *chance],
        frozenset(range(1, 8)) if sample else frozenset({1, 2}),
    )  # fmt: skip


def _beside(figure: Figure, gap: Estimate | None) -> list[Any]:
    if gap is None:
        return ["", "", "", ""]
    words = _("higher") if gap.low > 0 else _("lower") if gap.high < 0 else _("no clear difference")
    return [plain(figure, gap.value), plain(figure, gap.low), plain(figure, gap.high), words]


def _say_gap(ask: SurveyAsk, counted: Counted, figure: Figure, gaps: dict[str, Estimate | None]) -> list[str]:
    """The largest clear gap, or that there is none."""
    if not ask.frame.wave.is_sample or not any(gaps.values()):
        return []
    clear = {category: gap for category, gap in gaps.items() if gap is not None and gap.is_clear}
    group = ask.frame.group_name(counted.by)
    if not clear:
        return [_("By group (%(group)s) there is no gap that chance does not explain.") % {"group": group}]
    category = max(clear, key=lambda one: abs(clear[one].value))
    name = ask.frame.category_name(counted.by, category)
    words = {"name": name, "group": group, **stretch(figure, clear[category])}
    return [_(_ABOVE if clear[category].value > 0 else _BELOW) % words]


def _bars(values: list[dict[str, Any]], title: str, *, interval: bool) -> dict[str, Any]:
    """A point for each row with its interval."""
    lines = {
        "labelLimit": 0,
        "labelExpr": "split(datum.label, '\\n')",
        "labelBaseline": "middle",
        "labelLineHeight": 13,
    }
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": lines}
    x = {"field": "value", "type": "quantitative", "title": title, "scale": {"zero": False}}
    layer: list[dict[str, Any]] = [
        {"mark": {"type": "point", "filled": True, "size": 70, "color": _NAVY}, "encoding": {"y": y, "x": x}}
    ]
    if interval:
        rule = {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}
        layer.insert(0, {"mark": {"type": "rule", "color": _GREY, "strokeWidth": 2}, "encoding": rule})
    return {
        "width": 420,
        "height": {"step": 36 if any("\n" in row["name"] for row in values) else 26},
        "data": {"values": values},
        "layer": layer,
    }


def _map(ask: SurveyAsk, figure: Figure, known: dict[str, Estimate]) -> dict[str, Any] | None:
    """Areas in four shades; those without a number stay white."""
    areas = ask.frame.areas
    if areas is None or not known:
        return None
    values = sorted(plain(figure, one.value) for one in known.values())
    edges = sorted({values[round(share * (len(values) - 1))] for share in (0, 0.25, 0.5, 0.75, 1)})
    names = [f"{low:g} – {high:g}" for low, high in pairwise(edges)] or [f"{edges[0]:g}"]
    unknown = _("no number")

    def shade(code: str) -> str:
        if code not in known:
            return unknown
        place = sum(plain(figure, known[code].value) > edge for edge in edges[1:-1])
        return names[min(place, len(names) - 1)]

    told = [{"class": shade(code)} for code in areas.codes]
    scale = {"domain": [*names, unknown], "range": [*SHADES[-len(names) :], "#ffffff"]}
    colour = {"field": "properties.class", "type": "nominal", "title": f"{_unit(figure)}: {figure.label}",
              "legend": LEGEND, "scale": scale}  # fmt: skip
    return area_picture(areas, told, colour)


def waves_of(ask: SurveyAsk) -> list[SurveyWave]:
    """The waves of the series, oldest first; for the public only those that are released."""
    rows = ask.wave.series.waves.exclude(content="").select_related("series").order_by("first_on", "pk")
    return [wave for wave in rows if wave.released_at or not ask.public]


def trend(ask: SurveyAsk) -> Shown:
    """One question over the waves that asked it, and the change from the wave before."""
    asked, rows, values, before = ask.asked, [], [], None
    said: list[str] = []
    for wave in waves_of(ask):
        one = SurveyAsk(wave, asked.key, figure=ask.figure)
        if asked.key not in one.frame.questions:
            continue
        counted = Counted(one.frame, one.asked)
        figure = one.pick(counted)
        found = counted.estimate(figure)
        moved = _moved(before, (wave, found))
        rows.append([wave.name, days(wave), *_numbers(figure, found, interval=wave.is_sample), *_beside(figure, moved)])
        if found is not None:
            values.append({"name": wave.name, "value": plain(figure, found.value),
                           "low": plain(figure, found.low if wave.is_sample else found.value),
                           "high": plain(figure, found.high if wave.is_sample else found.value)})  # fmt: skip
            if moved is not None and before is not None:
                said = [_say_change(figure, moved, before[0], wave)]
            before = (wave, found)
    here = Counted(ask.frame, asked)
    figure = ask.pick(here)
    columns = [_("Wave"), _("Days"), _unit(figure), _("from"), _("to"), _("People"), _("Change"), _("from"), _("to"),
               _("In words")]  # fmt: skip
    people = sum(row[5] for row in rows if isinstance(row[5], int))
    return Shown(
        " ".join([say(ask.frame, here, figure), *said]), columns, rows,
        _line(values, f"{_unit(figure)}: {figure.label}") if values else None, people, _stretch(rows), left_out(here),
        cautions(ask.frame), frozenset(range(2, 9)),
    )  # fmt: skip


def _moved(before: tuple[SurveyWave, Estimate] | None, after: tuple[SurveyWave, Estimate | None]) -> Estimate | None:
    """The change between two samples; forms change with whoever fills them in, so none is told."""
    from commonbeat.evidence.stats import survey

    wave, found = after
    if before is None or found is None or not (wave.is_sample and before[0].is_sample):
        return None
    return survey.change(before[1], found)


def _say_change(figure: Figure, moved: Estimate, before: SurveyWave, wave: SurveyWave) -> str:
    words = {"before": before.name, "wave": wave.name, **stretch(figure, moved)}
    return _(_ROSE if moved.low > 0 else _FELL if moved.high < 0 else _SAME) % words


def _stretch(rows: Sequence[Sequence[Any]]) -> str:
    return f"{rows[0][0]} – {rows[-1][0]}" if len(rows) > 1 else str(rows[0][0]) if rows else ""


def _line(values: list[dict[str, Any]], title: str) -> dict[str, Any]:
    x = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelAngle": 0}}
    y = {"field": "value", "type": "quantitative", "title": title, "scale": {"zero": False}}
    rule = {"x": x, "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    return {
        "width": 440, "height": 220, "data": {"values": values},
        "layer": [
            {"mark": {"type": "rule", "color": _GREY, "strokeWidth": 2}, "encoding": rule},
            {"mark": {"type": "line", "color": _BLUE}, "encoding": {"x": x, "y": y}},
            {"mark": {"type": "point", "filled": True, "size": 70, "color": _NAVY}, "encoding": {"x": x, "y": y}},
        ],
    }  # fmt: skip


for _look in (
    SurveyLook("overview", N_("All questions"), N_("Every question with its numbers."), overview, needs_question=False),
    SurveyLook("groups", N_("By group"), N_("One question by group, each beside everybody else."), by_group,
               needs_group=True, fits=lambda ask: bool(ask.frame.groups)),
    SurveyLook("areas", N_("Trust barometer by area"), N_("One question by the area where people live."), by_area,
               fits=lambda ask: AREA in ask.frame.groups),
    SurveyLook("trend", N_("Over the waves"), N_("One question each time it was asked."), trend,
               fits=lambda ask: len(waves_of(ask)) > 1),
):  # fmt: skip
    SURVEY_LOOKS.add(_look)

__all__ = ["SURVEY_LOOKS", "SurveyAsk", "SurveyLook", "waves_of"]
