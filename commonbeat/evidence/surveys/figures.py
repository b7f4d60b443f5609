"""Numbers of a wave that may be shown: each question's shares and means, by group, with small cells hidden.

Cells of fewer than `minimum_answers` people are hidden together with as many others as keep them from being worked
out, by the one function that does it (RULES 10). What is hidden of everybody is hidden of every group as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from commonbeat.community.agency import setting
from commonbeat.core.numbers import Suppressed, suppress_table
from commonbeat.evidence.surveys.frames import Frame
from commonbeat.evidence.surveys.models import SurveyQuestion

if TYPE_CHECKING:
    from commonbeat.evidence.stats.survey import Estimate

Kind = SurveyQuestion.Kind
SHARE, MEAN = "share", "mean"
ALL = "*"
"""The row of everybody."""


@dataclass(frozen=True)
class Figure:
    """One number of a question: a share of people, or a mean. `good` says whether more of it is better, if known."""

    key: str
    label: str
    sort: str
    values: NDArray[np.float64]
    """By respondent: 1 or 0 for a share, the number for a mean; NaN without an answer."""
    cell: str
    """The column of the table of answers that it is counted in."""

    @property
    def is_share(self) -> bool:
        """Whether it is in percent."""
        return self.sort == SHARE


def figures(question: SurveyQuestion, values: NDArray[np.float64]) -> list[Figure]:
    """The numbers that are told of a question, the most telling first."""
    return _FIGURES[Kind(question.kind)](question, values)


def _where(known: NDArray[np.float64], test: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(np.isfinite(known), test.astype(float), np.nan)


def _scale(question: SurveyQuestion, values: NDArray[np.float64]) -> list[Figure]:
    """The share of the better half, and the mean."""
    worst, best = float(question.worst or 0), float(question.best or 0)
    middle = (worst + best) / 2
    good = values > middle if best > worst else values < middle
    label = _("answer on the better half of the scale")
    if words := [str(word) for word in question.answers]:
        better = [word for place, word in enumerate(words, start=1) if place > middle]
        label = _(" or ").join(f"“{word}”" for word in better)
    mean = _("mean, from %(worst)s (worst) to %(best)s (best)") % {"worst": f"{worst:g}", "best": f"{best:g}"}
    return [Figure("good", label, SHARE, _where(values, good), "yes"), Figure("mean", mean, MEAN, values, "n")]


def _yes_no(question: SurveyQuestion, values: NDArray[np.float64]) -> list[Figure]:
    return [Figure("yes", _("“Yes”"), SHARE, values, "yes")]


def _choice(question: SurveyQuestion, values: NDArray[np.float64]) -> list[Figure]:
    return [Figure(f"answer-{place}", f"“{answer}”", SHARE, _where(values, values == place), str(place))
            for place, answer in enumerate(question.answers)]  # fmt: skip


def _number(question: SurveyQuestion, values: NDArray[np.float64]) -> list[Figure]:
    return [Figure("mean", _("mean"), MEAN, values, "n")]


_FIGURES: dict[Kind, Callable[[SurveyQuestion, NDArray[np.float64]], list[Figure]]] = {
    Kind.SCALE: _scale, Kind.YES_NO: _yes_no, Kind.CHOICE: _choice, Kind.NUMBER: _number,
}  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """A question by the categories of a group (or of everybody alone), with what must not be shown."""

    frame: Frame
    question: SurveyQuestion
    by: str = ""

    @cached_property
    def kept(self) -> Mapping[str, Any] | None:
        """What stays of destroyed answers to the question by this group; None while there are answers."""
        return None if self.frame.kept is None else self.frame.kept[self.question.key][self.by]

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The answers."""
        return self.frame.answers[self.question.key]

    @cached_property
    def figures(self) -> list[Figure]:
        """Its numbers."""
        return figures(self.question, self.values)

    @cached_property
    def minimum(self) -> int:
        """The smallest cell that is shown."""
        return int(setting("minimum_answers"))

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Who answered and counts."""
        return np.asarray(np.isfinite(self.values) & (self.frame.sample.weights > 0))

    @cached_property
    def people(self) -> int:
        """How many answered and count."""
        return int(self.known.sum()) if self.kept is None else int(self.kept["people"])

    @cached_property
    def lost(self) -> int:
        """How many of them did not say the group."""
        if self.kept is not None:
            return int(self.kept["lost"])
        return int((self.known & (self.frame.groups[self.by] == "")).sum()) if self.by else 0

    @cached_property
    def categories(self) -> list[str]:
        """The categories of the group."""
        return self.frame.categories(self.by) if self.by else []

    def among(self, category: str) -> NDArray[np.bool_]:
        """Who belongs to a category; everybody to `ALL`."""
        if category == ALL:
            return np.ones(len(self.values), dtype=np.bool_)
        return np.asarray(self.frame.groups[self.by] == category)

    def n(self, category: str) -> int:
        """How many of a category answered, shown or not."""
        return int((self.known & self.among(category)).sum())

    @cached_property
    def hidden(self) -> set[tuple[str, str]]:
        """(category, cell) that must not be shown. A cell is a column of the table of answers, or `n`."""
        rows = {ALL: self._row(ALL)}
        found = self._hide(rows)
        if not self.by:
            return found
        lost = self.known & (self.frame.groups[self.by] == "")
        table = {category: self._row(category) for category in self.categories}
        # Whoever did not name a group is the difference between all and the rest: a row like the others.
        table[""] = self._counts(lost)
        below = self._hide(table)
        return found | below | {(category, cell) for category in table for one, cell in found if one == ALL}

    def _row(self, category: str) -> dict[str, int]:
        return self._counts(self.known & self.among(category))

    def _counts(self, who: NDArray[np.bool_]) -> dict[str, int]:
        shares = [figure for figure in self.figures if figure.is_share]
        if not shares:
            return {"n": int(who.sum())}
        if len(shares) == 1:
            yes = int(np.nansum(shares[0].values[who]))
            return {"yes": yes, "no": int(who.sum()) - yes}
        return {figure.cell: int(np.nansum(figure.values[who])) for figure in shares}

    def _hide(self, table: dict[str, dict[str, int]]) -> set[tuple[str, str]]:
        shown = suppress_table(table, minimum=self.minimum)
        found: set[tuple[str, str]] = set()
        for row, cells in table.items():
            total = shown.row_totals[row]
            few = isinstance(total, Suppressed) or sum(cells.values()) < self.minimum
            if few:
                found.add((row, "n"))
            # In a row of few people even nothing would tell: everybody said something else.
            found |= {(row, cell) for cell in cells if few or isinstance(shown.cells[row][cell], Suppressed)}
        return found

    def shows(self, figure: Figure, category: str = ALL) -> bool:
        """Whether a number may be shown."""
        return (category, "n") not in self.hidden and (category, figure.cell) not in self.hidden

    def estimate(self, figure: Figure, category: str = ALL) -> Estimate | None:
        """The number, or None where it must not be shown or cannot be known."""
        from commonbeat.evidence.stats import survey

        if self.kept is not None:
            return _revived(self.kept["values"].get(category, {}).get(figure.key))
        if not self.shows(figure, category):
            return None
        count = survey.share if figure.is_share else survey.mean
        try:
            return count(figure.values, self.frame.sample, among=self.among(category))
        except survey.TooFew:
            return None

    def gap(self, figure: Figure, category: str) -> Estimate | None:
        """How far a category lies above everybody else; None where either must not be shown."""
        from commonbeat.evidence.stats import survey

        if self.kept is not None:
            return _revived(self.kept["gaps"].get(category, {}).get(figure.key))
        others = ~self.among(category) & (self.frame.groups[self.by] != "")
        enough = int((self.known & others).sum()) >= self.minimum
        if not enough or not self.shows(figure, category) or not self.shows(figure):
            return None
        try:
            return survey.gap(figure.values, self.frame.sample, one=self.among(category), other=others)
        except survey.TooFew:
            return None

    @property
    def hides(self) -> int:
        """How many categories show nothing, because too few people belong to them or to protect those."""
        if self.kept is not None:
            return int(self.kept["hides"])
        return sum(1 for category in self.categories if (category, "n") in self.hidden or any(
            not self.shows(figure, category) for figure in self.figures))  # fmt: skip


def _revived(stored: Mapping[str, Any] | None) -> Estimate | None:
    from commonbeat.evidence.stats.survey import Estimate

    return None if stored is None else Estimate(**stored)


def answered(frame: Frame) -> Any:
    """How many answered each question."""
    return {key: int(np.isfinite(values).sum()) for key, values in frame.answers.items()}
