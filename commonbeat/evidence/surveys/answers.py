"""Texts of a file become answers, areas and weights; every row that is left out, and every answer, has its reason."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonbeat.core.text import N_
from commonbeat.evidence.reasons import BROKEN, DOUBLED, REASONS
from commonbeat.evidence.surveys import columns as c
from commonbeat.evidence.surveys.columns import Use, is_answer

NO_ANSWER, BAD_WEIGHT, OTHER_DAY, BAD_DAY = "no-answer", "bad-weight", "other-day", "bad-day"
BAD_ANSWER, OTHER_AREA = "bad-answer", "other-area"
ROW_REASONS = {
    NO_ANSWER: N_("It answers none of the questions."),
    BAD_WEIGHT: N_("Its weight is not a number above zero."),
    BAD_DAY: N_("Its day cannot be read. Write days as 2026-01-31."),
    OTHER_DAY: N_("Its day lies outside the days of the wave."),
    DOUBLED: N_("A later row has the same questionnaire number; that one counts."),
    BROKEN: REASONS[BROKEN],
    BAD_ANSWER: N_("One answer is not among those of its question. It counts as not answered; the row counts."),
    OTHER_AREA: N_("Its area is not one of these areas. The row counts, but for no area."),
}
"""Why a row was left out, or (the last two) counts without something."""
NOTES = (BAD_ANSWER, OTHER_AREA)


@dataclass
class Read:
    """What a file says. `keep` are the rows that count; `told` are (row, reason, column) of all that something is
    wrong with. Answers are numbers with NaN for none; of one of several, the place in `choices`."""

    rows: NDArray[np.int64]
    answers: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    area: list[str] | None = None
    weight: NDArray[np.float64] | None = None
    stratum: NDArray[np.int64] | None = None
    cluster: NDArray[np.int64] | None = None
    keep: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    told: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def reasons(self) -> Counter[str]:
        """How often each reason was given."""
        return Counter(reason for _, reason, _ in self.told)

    def _tell(self, where: NDArray[np.bool_], reason: str, column: str) -> None:
        self.told += [(int(row), reason, column) for row in self.rows[where]]

    def _leave_out(self, where: Any, reason: str, column: str = "") -> None:
        self._tell(where & self.keep, reason, column)
        self.keep &= ~where


def read(
    table: Mapping[str, Sequence[str]], rows: NDArray[np.int64], uses: Sequence[Use], *,
    areas: Mapping[str, str], known: Mapping[str, Sequence[str]], first: dt.date, last: dt.date,
) -> Read:  # fmt: skip
    """Read every row. `areas` are codes by folded code or name; `known` the answers of choices of earlier waves."""
    found = Read(rows, keep=np.ones(len(rows), dtype=np.bool_))
    for use in uses:
        texts = [text.strip() for text in table[use.column]] if use.role else []
        if use.role == c.KEY:
            found._leave_out(_doubled(texts), DOUBLED)
        elif use.role == c.DAY:
            days = [_day(text) for text in texts]
            found._leave_out(np.array([day is None for day in days]), BAD_DAY, use.column)
            found._leave_out(np.array([day is not None and not first <= day <= last for day in days]), OTHER_DAY,
                             use.column)  # fmt: skip
        elif use.role == c.WEIGHT:
            found.weight = _numbers(texts)
            found._leave_out(np.logical_not(found.weight > 0), BAD_WEIGHT, use.column)
        elif use.role == c.STRATUM:
            found.stratum = np.unique(texts, return_inverse=True)[1].astype(np.int64)
        elif use.role == c.CLUSTER:
            found.cluster = np.unique(texts, return_inverse=True)[1].astype(np.int64)
        elif use.role == c.AREA:
            found.area = [areas.get(text.casefold(), "") for text in texts]
        elif use.role == c.GROUP:
            found.groups[use.key] = _categories(texts)
        elif use.is_question:
            found.answers[use.key] = _answers(found, use, texts, known.get(use.key, ()))
    asked = np.array([np.isfinite(values) for values in found.answers.values()])
    found._leave_out(~asked.any(axis=0), NO_ANSWER)
    _note(found, table, uses)
    return found


def _note(found: Read, table: Mapping[str, Sequence[str]], uses: Sequence[Use]) -> None:
    """What is wrong with rows that count."""
    for use in uses:
        if use.is_question:
            said = np.array([is_answer(text) for text in table[use.column]], dtype=np.bool_)
            found._tell(said & ~np.isfinite(found.answers[use.key]) & found.keep, BAD_ANSWER, use.column)
        elif use.role == c.AREA and found.area is not None:
            lost = np.array([not code and is_answer(text) for code, text in zip(found.area, table[use.column],
                                                                                strict=True)])  # fmt: skip
            found._tell(lost & found.keep, OTHER_AREA, use.column)
    found.told.sort()


def _doubled(texts: list[str]) -> NDArray[np.bool_]:
    last = {text: place for place, text in enumerate(texts)}
    return np.array([bool(text) and last[text] != place for place, text in enumerate(texts)])


def _day(text: str) -> dt.date | None:
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d"):
        try:
            return dt.datetime.strptime(text[:10], form).date()
        except ValueError:
            continue
    return None


def _numbers(texts: Sequence[str]) -> NDArray[np.float64]:
    return np.array([_number(text) for text in texts])


def _number(text: str) -> float:
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return np.nan
    return value if np.isfinite(value) else np.nan


def _categories(texts: Sequence[str]) -> list[str]:
    """Categories spelled as most people's rows have them; empty where somebody did not say."""
    spelled: dict[str, Counter[str]] = {}
    for text in texts:
        spelled.setdefault(text.casefold(), Counter())[text[:60]] += 1
    usual = {folded: counts.most_common(1)[0][0] for folded, counts in spelled.items()}
    return [usual[text.casefold()] if is_answer(text) else "" for text in texts]


def _answers(found: Read, use: Use, texts: list[str], known: Sequence[str]) -> NDArray[np.float64]:
    if use.role == c.YES_NO:
        codes = dict.fromkeys(c.YES, 1.0) | dict.fromkeys(c.NO, 0.0)
        return np.array([codes.get(text.casefold(), np.nan) for text in texts])
    if use.role == c.CHOICE:
        spelled = _categories(texts)
        choices = list(known) + [one for one, _ in Counter(filter(None, spelled)).most_common()
                                 if one.casefold() not in {k.casefold() for k in known}]  # fmt: skip
        found.choices[use.key] = choices
        place = {one.casefold(): float(number) for number, one in enumerate(choices)}
        return np.array([place.get(text.casefold(), np.nan) if text else np.nan for text in spelled])
    numbers = _numbers([text if is_answer(text) else "" for text in texts])
    if use.role == c.SCALE:
        for number, word in enumerate(use.words(), start=1):
            numbers[[text.casefold() == word.casefold() for text in texts]] = number
        ends = use.ends() or (0.0, 0.0)
        numbers[(numbers < min(ends)) | (numbers > max(ends))] = np.nan
    return numbers
