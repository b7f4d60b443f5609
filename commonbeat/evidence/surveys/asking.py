"""What a look at a survey is asked, and how its numbers are worded for those who read them aloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonbeat.core.registry import Registry
from commonbeat.core.text import N_
from commonbeat.evidence.looks.asking import CannotLook, Shown, number
from commonbeat.evidence.surveys.figures import Counted, Figure
from commonbeat.evidence.surveys.frames import AREA, Frame, NoAnswers, look_at
from commonbeat.evidence.surveys.models import SurveyQuestion, SurveyWave
from commonbeat.evidence.surveys.weighting import LARGE_EFFECT

if TYPE_CHECKING:
    from commonbeat.evidence.stats.survey import Estimate


@dataclass(frozen=True)
class SurveyAsk:
    """One wave, one of its questions, one of its groups. Empty: the first question, no group."""

    wave: SurveyWave
    question: str = ""
    by: str = ""
    figure: str = ""
    public: bool = False
    """Whether only released waves may be looked at."""

    @cached_property
    def frame(self) -> Frame:
        """The answers. Raises `CannotLook`."""
        try:
            return look_at(self.wave)
        except NoAnswers:
            raise CannotLook(_("This wave holds no answers yet.")) from None

    @cached_property
    def asked(self) -> SurveyQuestion:
        """The question that is looked at. Raises `CannotLook`."""
        found = self.frame.questions.get(self.question or next(iter(self.frame.questions), ""))
        if found is None:
            raise CannotLook(_("This wave did not ask that question."))
        return found

    def pick(self, counted: Counted) -> Figure:
        """The number of a question that is looked at: the first unless another one is asked for."""
        return next((one for one in counted.figures if one.key == self.figure), counted.figures[0])

    @property
    def group(self) -> str:
        """The group that is looked at. Raises `CannotLook`."""
        key = self.by or next(iter(self.frame.groups), "")
        if key not in self.frame.groups:
            raise CannotLook(_("This wave does not know that group of the people who answered."))
        return key


@dataclass(frozen=True)
class SurveyLook:
    """One way to look at a survey. `needs_question` and `needs_group` say what can be chosen."""

    slug: str
    title: str
    says: str
    show: Callable[[SurveyAsk], Shown]
    needs_question: bool = True
    needs_group: bool = False
    fits: Callable[[SurveyAsk], bool] = field(default=lambda ask: True)


SURVEY_LOOKS: Registry[SurveyLook] = Registry("survey look")


def in_numbers(figure: Figure, value: float) -> str:
    """A value with its unit: 62 %, or 3.4."""
    return f"{number(100 * value)} %" if figure.is_share else number(value, 2)


def plain(figure: Figure, value: float) -> float:
    """A value as tables and pictures hold it."""
    return round(100 * value, 1) if figure.is_share else round(value, 3)


def between(figure: Figure, found: Estimate) -> str:
    """An interval in words."""
    return _("95%% interval %(low)s to %(high)s") % {
        "low": in_numbers(figure, found.low), "high": in_numbers(figure, found.high)
    }  # fmt: skip


def points(figure: Figure, value: float) -> str:
    """A difference in words: percentage points, or points of a scale."""
    if figure.is_share:
        return _("%(n)s percentage points") % {"n": number(abs(100 * value))}
    return _("%(n)s on the scale") % {"n": number(abs(value), 2)}


def stretch(figure: Figure, found: Estimate) -> dict[str, str]:
    """A difference in words with the ends of its interval; those of a clear one without signs, the nearer end first."""
    ends = sorted(abs(end) for end in (found.low, found.high)) if found.is_clear else [found.low, found.high]
    scale, decimals = (100, 0) if figure.is_share else (1, 2)
    low, high = (number(scale * end, decimals) for end in ends)
    return {"points": points(figure, found.value), "low": low, "high": high}


def days(wave: SurveyWave) -> str:
    """The days of a wave in words."""
    if wave.first_on == wave.last_on:
        return str(date_format(wave.first_on))
    return _("%(first)s to %(last)s") % {"first": date_format(wave.first_on), "last": date_format(wave.last_on)}


def whom(frame: Frame) -> str:
    """Of whom a share is one, as a sentence begins."""
    n = number(frame.n)
    if not frame.wave.is_sample:
        return ngettext("Of the %(n)s person who filled in this form", "Of the %(n)s people who filled in this form",
                        frame.n) % {"n": n}  # fmt: skip
    there = frame.categories(AREA) if AREA in frame.groups else []
    if there and frame.areas is not None and len(there) < len(frame.areas.rows):
        return _("Of the people who live in the %(n)s areas surveyed") % {"n": number(len(there))}
    return _("Of the people who live here")


_SAYS = {
    (True, True): N_(
        "%(whom)s, %(value)s answer %(figure)s to “%(question)s” (%(between)s; %(days)s; %(n)s people answered)."
    ),
    (True, False): N_(
        "%(whom)s, the %(figure)s of “%(question)s” is %(value)s (%(between)s; %(days)s; %(n)s people answered)."
    ),
    (False, True): N_(
        "%(whom)s, %(days)s, %(value)s answered %(figure)s to “%(question)s”. They chose to take part: this says "
        "nothing about anybody else."
    ),
    (False, False): N_(
        "%(whom)s, %(days)s, the %(figure)s of “%(question)s” was %(value)s. They chose to take part: this says "
        "nothing about anybody else."
    ),
}
"""How a number of everybody is said: of a sample or not, a share or a mean."""


def say(frame: Frame, counted: Counted, figure: Figure) -> str:
    """The sentence about one number of everybody."""
    found = counted.estimate(figure)
    words = {"whom": whom(frame), "days": days(frame.wave), "question": counted.question.text, "figure": figure.label}
    if found is None:
        return _("%(days)s: too few people gave one of the answers to “%(question)s” to show a number.") % words
    words |= {"value": in_numbers(figure, found.value), "n": number(found.n), "between": between(figure, found)}
    return _(_SAYS[frame.wave.is_sample, figure.is_share]) % words


def left_out(counted: Counted) -> list[str]:
    """What a table of one question leaves out."""
    frame, told = counted.frame, []
    silent = frame.n - counted.people
    if silent:
        words = ngettext(
            "%(n)s person gave no answer or has no weight.", "%(n)s people gave no answer or have no weight.", silent
        )
        told.append(words % {"n": number(silent)})
    if counted.by:
        lost = counted.lost
        if lost >= counted.minimum:
            told.append(ngettext("%(n)s did not say this group.", "%(n)s did not say this group.", lost)
                        % {"n": number(lost)})  # fmt: skip
    if counted.hides:
        told.append(
            ngettext(
                "%(n)s row shows no number: fewer than %(least)s people, or so that those cannot be worked out.",
                "%(n)s rows show no number: fewer than %(least)s people, or so that those cannot be worked out.",
                counted.hides,
            ) % {"n": number(counted.hides), "least": counted.minimum}
        )  # fmt: skip
    return told


_SAMPLING = {
    SurveyWave.Sampling.FORM: N_(
        "A feedback form is not a sample. People chose to fill it in, and weighting cannot mend that: it has no "
        "intervals and stands for nobody else."
    ),
    SurveyWave.Sampling.QUOTA: N_(
        "Quota sample: people were looked for, not drawn by chance. Intervals hold only if those found are like those "
        "not found."
    ),
    SurveyWave.Sampling.PROBABILITY: N_(
        "People were drawn by chance. Intervals tell what chance does, not who refused to answer."
    ),
}
_CUT = N_(
    "Weights above %(most)s times the mean were cut (%(n)s of them); weighted groups lie up to %(misfit)s %% from the "
    "population."
)
_FORGOTTEN = N_(
    "The answers were destroyed on %(day)s, when their time was over. These figures were shown before and stay."
)
_LARGE = N_(
    "The design effect is large (%(effect)s): those who answered are very unlike the population, and a few people "
    "speak for many."
)


def cautions(frame: Frame) -> list[str]:
    """What a reader must know of how people were asked."""
    wave = frame.wave
    told = [_(_SAMPLING[SurveyWave.Sampling(wave.sampling)])]
    if wave.forgotten_at:
        told.append(_(_FORGOTTEN) % {"day": date_format(timezone.localtime(wave.forgotten_at))})
    if wave.invited and wave.is_sample:
        share = 100 * min(frame.n / wave.invited, 1)
        words = {"n": number(frame.n), "invited": number(wave.invited), "share": number(share)}
        told.append(_("%(n)s of %(invited)s people asked took part (%(share)s %%).") % words)
    if wave.is_sample:
        told += _weights(frame)
    if wave.series.credit:
        told.append(wave.series.credit)
    return told


def _weights(frame: Frame) -> list[str]:
    wave = frame.wave
    if not frame.weighted:
        return [_("Answers are not weighted: groups that answered more often count for more.")]
    if not wave.weights:
        return [_("Weights are those of the file.")]
    cost = wave.weighting["cost"]
    names = "; ".join(f"{one['name']}, {one['credit']}" for one in wave.weighting["margins"].values())
    words = {"names": names, "n": number(cost["weighted"]), "worth": number(cost["effective_n"])}
    told = [_("Weighted to %(names)s. %(n)s answers are worth %(worth)s equal ones.") % words]
    if cost["trimmed"]:
        misfit = number(100 * cost["misfit"], 1)
        told.append(_(_CUT) % {"most": wave.weighting["most"], "n": number(cost["trimmed"]), "misfit": misfit})
    if cost["design_effect"] >= LARGE_EFFECT:
        told.append(_(_LARGE) % {"effect": number(cost["design_effect"], 1)})
    return told
