"""A question of a survey as a reading: its latest released wave beside the one nearest to a year earlier."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from commonbeat.core.text import N_
from commonbeat.evidence.looks.asking import CannotLook
from commonbeat.evidence.readings import HIDDEN, MEAN, PERCENT, Change, Reading, nothing
from commonbeat.evidence.surveys.asking import SurveyAsk, days, left_out
from commonbeat.evidence.surveys.figures import ALL, Counted, Figure
from commonbeat.evidence.surveys.frames import AREA, Frame
from commonbeat.evidence.surveys.models import SurveyQuestion, SurveyWave
from commonbeat.evidence.surveys.release import released

if TYPE_CHECKING:
    from commonbeat.evidence.stats.survey import Estimate

_YEAR = dt.timedelta(days=365)
NO_WAVE = N_("No wave that asked this question is released.")
NO_AREAS = N_("The people who answered did not say where they live.")
OTHER_AREAS = N_("The survey asked by other areas than these.")
NOT_ASKED = N_("Nobody of this area was asked, or too few to show a number.")
A_FORM = N_("A feedback form is no sample: it speaks for those who filled it in, and has no change.")
FIRST_WAVE = N_("It is the first released wave that asked this.")


@dataclass(frozen=True)
class Asked:
    """A question in its latest released wave, and the wave that it is compared with."""

    question: SurveyQuestion
    figure: str
    now: SurveyAsk | None
    before: SurveyAsk | None
    _counted: dict[tuple[int, str], Counted] = field(default_factory=dict)

    @property
    def is_mean(self) -> bool:
        """Whether it is told on the scale."""
        return self.figure == MEAN

    def counted(self, ask: SurveyAsk, by: str) -> Counted:
        """The question in a wave, counted once. Raises `CannotLook`."""
        key = (ask.wave.pk, by)
        if key not in self._counted:
            self._counted[key] = Counted(ask.frame, ask.asked, by)
        return self._counted[key]


def asked(question: SurveyQuestion, figure: str = "") -> Asked:
    """Find the waves; one statement."""
    waves = [wave for wave in released(question.series) if question.key in wave.asked]
    now = waves[0] if waves else None
    before = _a_year_before(now, waves[1:]) if now else None

    def ask(wave: SurveyWave | None) -> SurveyAsk | None:
        return SurveyAsk(wave, question.key, figure=figure, public=True) if wave else None

    return Asked(question, figure, ask(now), ask(before))


def _a_year_before(now: SurveyWave, waves: list[SurveyWave]) -> SurveyWave | None:
    earlier = [wave for wave in waves if wave.last_on < now.first_on]
    return min(earlier, key=lambda wave: abs(now.first_on - wave.first_on - _YEAR), default=None)


def read(told: Asked, *, area: str = "", areas: str = "") -> Reading:
    """The number of everybody, or of those who live in the area with this code of the set `areas`."""
    unit = MEAN if told.is_mean else PERCENT
    if told.now is None:
        return nothing(unit, _(NO_WAVE))
    try:
        return _read(told, told.now, area, areas, unit)
    except CannotLook as refused:
        return nothing(unit, str(refused))


def _read(told: Asked, ask: SurveyAsk, area: str, areas: str, unit: str) -> Reading:
    frame, period = ask.frame, days(ask.wave)
    if area and (why := _no_areas(frame, areas)):
        return nothing(unit, _(why), period=period)
    here = told.counted(ask, AREA if area else "")
    figure = ask.pick(here)
    found = _estimate(here, figure, area)
    if found is None:
        return nothing(unit, _(NOT_ASKED if area else HIDDEN), period=period)
    scale, sample = 1 if told.is_mean else 100, frame.wave.is_sample
    facts = {"period": period, "value": scale * found.value, "n": found.n, "decimals": 2 if told.is_mean else 0,
             "left_out": () if area else tuple(left_out(here))}  # fmt: skip
    if not sample:
        return Reading(unit, alone=_(A_FORM), **facts)  # type: ignore[arg-type]
    facts |= {"low": scale * found.low, "high": scale * found.high}
    was = _before(told, area, areas)
    if told.before is None or was is None:
        return Reading(unit, alone=_(FIRST_WAVE if told.before is None else HIDDEN), **facts)  # type: ignore[arg-type]
    from commonbeat.evidence.stats import survey

    moved = survey.change(was, found)
    facts |= {"before": scale * was.value, "before_low": scale * was.low, "before_high": scale * was.high,
              "before_period": days(told.before.wave)}  # fmt: skip
    change = Change(scale * moved.value, scale * moved.low, scale * moved.high, points=True)
    return Reading(unit, change=change, **facts)  # type: ignore[arg-type]


def _no_areas(frame: Frame, areas: str) -> str:
    if AREA not in frame.groups or frame.areas is None:
        return NO_AREAS
    return OTHER_AREAS if frame.areas.slug != areas else ""


def _estimate(here: Counted, figure: Figure, area: str) -> Estimate | None:
    if area and area not in here.categories:
        return None
    return here.estimate(figure, area or ALL)


def _before(told: Asked, area: str, areas: str) -> Estimate | None:
    ask = told.before
    if ask is None or not ask.wave.is_sample:
        return None
    try:
        if area and _no_areas(ask.frame, areas):
            return None
        here = told.counted(ask, AREA if area else "")
        return _estimate(here, ask.pick(here), area)
    except CannotLook:
        return None
