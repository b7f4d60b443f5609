"""Survey difference in differences: what people say where a programme runs, before and after, against other places.

Each wave asks other people. With ȳ the weighted mean (or share) of a wave on one side,

    effect = (ȳ_treated,after − ȳ_compared,after) − (ȳ_treated,before − ȳ_compared,before)

The error of each gap is Taylor's with the strata and clusters of the sample (`survey.gap`); two waves that drew their
people apart add up their variances, with Welch's degrees of freedom. A `Wave` holds sums and errors only, never an
answer of anybody: what is stored of a study points at no person.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtr, stdtrit

from . import survey
from .effect import Check, Effect, Result, Scale, Series, Sizes, State
from .panel import Bools, Floats
from .phrase import N_, Phrase, Translate, as_written, phrase
from .refusal import Refusal, Shortfall
from .survey import Estimate, Sample

PROBABILITY, QUOTA, FORM = "probability", "quota", "form"
LEAST_ANSWERS = 30
"""On each side in each wave; with fewer, neither the error nor its degrees of freedom can be trusted."""
LEAST_SHOWN = 10
LEAST_AREAS = 2
NEEDS: Mapping[str, Phrase] = {
    "baseline": phrase(N_("a wave that asked this question before the start.")),
    "follow-up": phrase(N_("a wave that asked it again from the planned day on.")),
    "sample": phrase(N_("people who were drawn or looked for; weighting cannot make a sample of those who came.")),
    "answers": phrase(N_("at least {least} on each side in each wave."), least=LEAST_ANSWERS),
    "clusters": phrase(N_("at least two clusters on each side.")),
}
"""What must hold before it answers, by slug."""


@dataclass(frozen=True)
class Wave:
    """One wave, seen from a programme: the people of its areas on one side, those of the comparison on the other."""

    name: str
    sampling: str
    """`probability`, `quota` or `form`."""
    is_share: bool
    n: tuple[int, int]
    """Answers where the programme runs, and elsewhere, in full tens: nobody can subtract what other pages show."""
    treated: Estimate | None = None
    """None also where one could work out a group of fewer than ten people who gave an answer, or did not."""
    compared: Estimate | None = None
    gap: Estimate | None = None
    """Treated less compared; None where too few answered."""
    design_effect: float = 1.0
    """Variance of the gap over that of a simple sample with as many answers."""
    data: str = ""
    """Fingerprint of the answers and their weights."""
    areas: tuple[tuple[str, bool, float], ...] = ()
    """Area, whether the programme runs there, and its value; those with enough answers. Never stored: see `moves`."""

    def as_dict(self) -> dict[str, Any]:
        """What JSON stores."""
        return {name: value for name, value in asdict(self).items() if name != "areas"}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Wave:
        """What `as_dict` wrote."""
        told = dict(stored)
        for side in ("treated", "compared", "gap"):
            told[side] = Estimate(**told[side]) if told[side] else None
        told["n"] = tuple(told["n"])
        return cls(**told)


def wave(
    answers: ArrayLike, sample: Sample, *, treated: ArrayLike, compared: ArrayLike, areas: Sequence[str], name: str,
    sampling: str = PROBABILITY, is_share: bool = True, least: int = LEAST_SHOWN,
) -> Wave:  # fmt: skip
    """Sum up a wave. `answers` are 1, 0 (a share) or numbers (a mean), NaN for none; sides are true by respondent.

    What rests on fewer than `least` people is left out.
    """
    y, labels = np.asarray(answers, dtype=float), np.asarray(areas).astype(str)
    known = np.isfinite(y) & (sample.weights > 0)
    ours, theirs = np.asarray(treated, dtype=bool) & known, np.asarray(compared, dtype=bool) & known
    people = [int(side.sum()) for side in (ours, theirs)]
    n = [count // LEAST_SHOWN * LEAST_SHOWN if count >= least else 0 for count in people]
    groups = [int((y[side] == value).sum()) for side in (ours, theirs) for value in (0.0, 1.0)] if is_share else []
    told = Wave(name, sampling, is_share, (n[0], n[1]), data=_fingerprint(y, sample, ours, theirs))
    if sampling == FORM:
        return told
    try:
        one, other = (survey.mean(y, sample, among=side) for side in (ours, theirs))
        gap = survey.gap(y, sample, one=ours, other=theirs)
    except survey.TooFew:
        return told
    simple = sum(_spread(y[side], sample.weights[side]) / side.sum() for side in (ours, theirs))
    effect = gap.error**2 / simple if simple > 0 else 1.0
    shown = all(count >= least for count in groups)
    return replace(
        told, treated=one if shown else None, compared=other if shown else None, gap=gap, design_effect=float(effect),
        areas=_by_area(y, sample.weights, labels, ours, theirs, least),
    )  # fmt: skip


def _spread(y: Floats, weights: Floats) -> float:
    mean = float(np.average(y, weights=weights))
    return float(np.average((y - mean) ** 2, weights=weights))


def _by_area(
    y: Floats, weights: Floats, labels: Any, ours: Bools, theirs: Bools, least: int
) -> tuple[tuple[str, bool, float], ...]:  # fmt: skip
    found = []
    for code in np.unique(labels[ours | theirs]):
        here = (labels == code) & (ours | theirs)
        if here.sum() >= least:
            found.append((str(code), bool(ours[here].all()), float(np.average(y[here], weights=weights[here]))))
    return tuple(found)


Moves: TypeAlias = "Sequence[tuple[bool, float]]"
"""By area: whether the programme runs there, and by how much its value changed. Tells nothing of its level."""


def moves(before: Wave | None, after: Wave | None) -> Moves:
    """The change of each area that has enough answers in both waves, in the order of their names."""
    known = {code: at for code, _, at in before.areas} if before else {}
    return [(mine, at - known[code]) for code, mine, at in (after.areas if after else ()) if code in known]


def _fingerprint(y: Floats, sample: Sample, ours: Bools, theirs: Bools) -> str:
    digest = hashlib.sha256()
    for part in (y, sample.weights, sample.strata, sample.clusters, ours, theirs):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class SurveyDiD:
    """The change of an answer where the programme runs, less its change elsewhere."""

    slug: ClassVar[str] = "survey-did"
    title: ClassVar[str] = N_("Survey difference in differences")
    question: ClassVar[str] = N_("Did what people say change more where the programme runs than elsewhere?")
    compares: ClassVar[str] = N_("People of other areas, asked the same in the same waves")
    situation: ClassVar[str] = N_("A question of a survey, asked before and after")

    level: float = 0.95
    least: int = LEAST_ANSWERS

    @staticmethod
    def needs() -> tuple[str, ...]:
        """Slugs of what must hold before it answers."""
        return tuple(NEEDS)

    def options(self) -> dict[str, Any]:
        """The options by name, as JSON can hold them."""
        return asdict(self)

    def fit(
        self, asked: str, before: Wave | None, after: Wave | None, *, moved: Moves = (), earlier: Wave | None = None
    ) -> Result:
        """An effect, or a refusal that says what is missing.

        `asked` is the question with its answer, `moved` what `moves` gives, `earlier` a wave before both.
        """
        shortfalls = self._shortfalls(before, after)
        if shortfalls or before is None or after is None:
            return Refusal(self.slug, shortfalls)
        value, error, freedom = _double_gap(before, after)
        scale = 100.0 if after.is_share else 1.0
        reach = float(stdtrit(freedom, 0.5 + self.level / 2)) * error
        ours, theirs = (sum(mine is side for mine, _ in moved) for side in (True, False))
        return Effect(
            design=self.slug, options=self.options(), data=_both(before, after),
            estimand=_estimand(asked, before, after), scale=Scale.POINTS if after.is_share else Scale.SCORE,
            estimate=scale * value, interval=(scale * (value - reach), scale * (value + reach)),
            p=_p(value, error, freedom), level=self.level, outcome=asked, start=after.name,
            sizes=Sizes(ours, theirs, 0, 1, 1, float(before.n[0]), float(after.n[0])),
            series=_series(before, after, scale), checks=self._checks(before, after, earlier, moved, value, scale),
            extra={
                "error": scale * error, "freedom": freedom, "compared_before": float(before.n[1]),
                "compared_after": float(after.n[1]),
            },
        )  # fmt: skip

    def _shortfalls(self, before: Wave | None, after: Wave | None) -> tuple[Shortfall, ...]:
        found = []
        if before is None:
            found.append(_no_baseline())
        if after is None:
            found.append(Shortfall("follow-up", NEEDS["follow-up"], phrase(N_("The follow-up wave is missing."))))
        for one in (before, after):
            if one is not None and (short := self._short(one)):
                found.append(short)
        return tuple(found)

    def _short(self, one: Wave) -> Shortfall | None:
        """What is wrong with a single wave."""
        if one.sampling == FORM:
            said = phrase(N_("“{wave}” is a feedback form: whoever wanted to filled it in."), wave=one.name)
            return Shortfall("sample", NEEDS["sample"], said)
        if min(one.n) < self.least:
            # How many there are exactly would tell about few people; that there are too few is enough.
            said = phrase(N_("Too few people answered “{wave}” on one side or the other."), wave=one.name)
            return Shortfall("answers", phrase(NEEDS["answers"].template, least=self.least), said)
        if one.gap is None or one.gap.error <= 0:
            said = phrase(N_("“{wave}” does not tell how far its answers vary."), wave=one.name)
            return Shortfall("clusters", NEEDS["clusters"], said)
        return None

    def _checks(
        self, before: Wave, after: Wave, earlier: Wave | None, moved: Moves, value: float, scale: float
    ) -> tuple[Check, ...]:  # fmt: skip
        return (
            _answers(before, after), _sampling(before, after), _areas(moved, value, scale, self.level),
            _past(before, earlier, scale, self),
            Check("who-answers", State.NOTE, phrase(
                N_("Other people answered each time. If those who answer changed, so may the numbers, without the "
                   "programme."))),
        )  # fmt: skip


def _no_baseline() -> Shortfall:
    return Shortfall("baseline", NEEDS["baseline"], phrase(N_("There is no wave before the start.")))


def _double_gap(before: Wave, after: Wave) -> tuple[float, float, float]:
    """The change of the gap, its error and degrees of freedom."""
    assert before.gap is not None and after.gap is not None
    moved = survey.change(before.gap, after.gap)
    return moved.value, moved.error, float(moved.freedom)


def _p(value: float, error: float, freedom: float) -> float:
    return max(2 * float(stdtr(freedom, -abs(value / error))), float(np.finfo(float).tiny))


def _both(before: Wave, after: Wave) -> str:
    return hashlib.sha256(f"{before.data}{after.data}".encode()).hexdigest()


def _estimand(asked: str, before: Wave, after: Wave) -> Phrase:
    template = (
        N_("Change from “{before}” to “{after}” of the share of people who give this answer to “{asked}” in the areas "
           "with the programme, less the change in the areas compared with, in percentage points")
        if after.is_share
        else N_("Change from “{before}” to “{after}” of the mean answer to “{asked}” in the areas with the programme, "
                "less the change in the areas compared with")
    )  # fmt: skip
    return phrase(template, before=before.name, after=after.name, asked=asked)


def _series(before: Wave, after: Wave, scale: float) -> tuple[Series, ...]:
    made = []
    for slug, label in (("treated", N_("Where the programme runs")), ("compared", N_("Compared with"))):
        sides = [side for one in (before, after) if (side := getattr(one, slug)) is not None]
        if len(sides) < 2:
            return ()
        values, low, high = (tuple(scale * getattr(side, end) for side in sides) for end in ("value", "low", "high"))
        made.append(Series(slug, phrase(label), "answers", (before.name, after.name), values, low, high))
    return tuple(made)


def _answers(before: Wave, after: Wave) -> Check:
    said = phrase(
        N_("About {treated_before} and {treated_after} people answered where the programme runs, {compared_before} and "
           "{compared_after} elsewhere; together they are worth those of a simple sample divided by {effect:.1f}."),
        treated_before=before.n[0], treated_after=after.n[0], compared_before=before.n[1], compared_after=after.n[1],
        effect=(before.design_effect + after.design_effect) / 2,
    )  # fmt: skip
    return Check("answers", State.PASS, said)


def _sampling(before: Wave, after: Wave) -> Check:
    if before.sampling == after.sampling == PROBABILITY:
        return Check("sampling", State.PASS, phrase(N_("People were drawn by chance both times.")))
    said = phrase(
        N_("At least one wave is a quota sample: the interval says what chance would do if the quotas made the people "
           "alike, which nobody knows.")
    )  # fmt: skip
    return Check("sampling", State.WARN, said)


def _areas(moved: Moves, value: float, scale: float, level: float) -> Check:
    """The same question with areas as what is drawn: a programme is given to places, not to people."""
    one, other = (np.array([by for mine, by in moved if mine is side]) for side in (True, False))
    if min(len(one), len(other)) < LEAST_AREAS:
        said = phrase(
            N_("Too few areas have enough answers to ask whether areas by themselves move as much. Something else that "
               "happened in these places would look the same.")
        )  # fmt: skip
        return Check("areas-as-units", State.WARN, said)
    parts = one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)
    error, apart = math.sqrt(sum(parts)), float(one.mean() - other.mean())
    freedom = sum(parts) ** 2 / max(sum(part**2 / (len(rows) - 1) for part, rows in zip(
        parts, (one, other), strict=True)), 1e-300)  # fmt: skip
    p = _p(apart, error, max(freedom, 1.0)) if error > 0 else 1.0
    same = (apart < 0) == (value < 0)
    values = {"points": scale * apart, "p": p, "one": len(one), "other": len(other)}
    if p < 1 - level and same:
        said = phrase(
            N_("With {one} and {other} areas instead of people, the difference is {points:+z.2f} (p {p:.2f}): the "
               "places agree."),
            **values,
        )  # fmt: skip
        return Check("areas-as-units", State.PASS, said, p)
    said = phrase(
        N_("With {one} and {other} areas instead of people, the difference is {points:+z.2f} (p {p:.2f}): single areas "
           "move that much by themselves."),
        **values,
    )  # fmt: skip
    return Check("areas-as-units", State.WARN, said, p)


def _past(before: Wave, earlier: Wave | None, scale: float, design: SurveyDiD) -> Check:
    """A pretended programme between two waves before the start."""
    if earlier is None or design._short(earlier) is not None:
        said = phrase(
            N_("There is one wave before the start. Whether the places were on parallel paths cannot be seen.")
        )
        return Check("placebo-start", State.WARN, said)
    value, error, freedom = _double_gap(earlier, before)
    p = _p(value, error, freedom)
    said = phrase(
        N_("From “{earlier}” to “{before}”, both before the start, the places moved apart by {points:+z.2f} "
           "(p {p:.2f}); nothing should be found there."),
        earlier=earlier.name, before=before.name, points=scale * value, p=p,
    )  # fmt: skip
    return Check("placebo-start", State.FAIL if p < 0.05 else State.WARN if p < 0.1 else State.PASS, said, p)


@dataclass(frozen=True)
class DetectableDifference:
    """The smallest difference in differences that is found with the given power, before the follow-up is asked."""

    points: float
    """In percentage points for a share, else on the scale of the question."""
    answers: tuple[int, int]
    """Answers that the follow-up is expected to have where the programme runs, and elsewhere."""
    design_effect: float
    is_share: bool
    asked: str
    power: float = 0.8
    level: float = 0.95

    def sentence(self, translate: Translate = as_written) -> str:
        """What the survey can and cannot see, for people."""
        return self.phrase.said(translate)

    @property
    def phrase(self) -> Phrase:
        """What `sentence` says, to be stored."""
        template = (
            N_("{asked}: with about {treated} answers where the programme runs and {compared} elsewhere, and a design "
               "effect of {effect:.1f}, this study finds a difference of {points:.0f} percentage points or more in "
               "{power:.0f} of 100 cases.")
            if self.is_share
            else N_("{asked}: with about {treated} answers where the programme runs and {compared} elsewhere, and a "
                    "design effect of {effect:.1f}, this study finds a difference of {points:.2f} on the scale or more "
                    "in {power:.0f} of 100 cases.")
        )  # fmt: skip
        return phrase(
            template, asked=self.asked, treated=self.answers[0], compared=self.answers[1], effect=self.design_effect,
            points=self.points, power=100 * self.power,
        )  # fmt: skip


def detectable(
    asked: str, before: Wave | None, *, answers: int = 0, power: float = 0.8, level: float = 0.95,
    least: int = LEAST_ANSWERS,
) -> DetectableDifference | Refusal:  # fmt: skip
    """What a follow-up of so many answers in all (0: as many as the baseline) could see. Refuses without a baseline."""
    design = SurveyDiD(level, least)
    if before is None:
        return Refusal("detectable", (_no_baseline(),))
    if (short := design._short(before)) is not None:
        return Refusal("detectable", (short,))
    assert before.gap is not None
    ratio = answers / sum(before.n) if answers else 1.0
    expected = round(before.n[0] * ratio), round(before.n[1] * ratio)
    if min(expected) < least:
        needed = phrase(NEEDS["answers"].template, least=least)
        said = phrase(N_("The follow-up will have too few answers on one side."))
        return Refusal("detectable", (Shortfall("answers", needed, said),))
    error = before.gap.error * math.sqrt(1 + 1 / ratio)
    freedom = before.gap.freedom * (1 + ratio)
    reach = float(stdtrit(freedom, 0.5 + level / 2)) + float(ndtri(power))
    points = reach * error * (100.0 if before.is_share else 1.0)
    return DetectableDifference(points, expected, before.design_effect, before.is_share, asked, power, level)
