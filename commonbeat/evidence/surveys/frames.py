"""The answers of one wave, ready to be counted: arrays by question and group, and how the sample was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from commonbeat.evidence.surveys import files
from commonbeat.evidence.surveys.actions import areas_of
from commonbeat.evidence.surveys.models import SurveyQuestion, SurveyWave

if TYPE_CHECKING:
    from commonbeat.evidence.areas import AreaSet
    from commonbeat.evidence.stats.survey import Sample

AREA = "area"
"""The key of the group that is the area where people live."""


class NoAnswers(LookupError):
    """The wave holds nothing yet, or its file is gone."""


@dataclass(frozen=True)
class Frame:
    """A wave with its answers. Numbers by question with NaN for none, texts by group with '' for not said."""

    wave: SurveyWave
    questions: dict[str, SurveyQuestion]
    answers: dict[str, NDArray[np.float64]]
    groups: dict[str, NDArray[Any]]
    sample: Sample
    weighted: bool
    kept: Mapping[str, Any] | None = None
    """Figures that stay of destroyed answers: question → group (empty: everybody) → what `figures.Counted` tells."""

    @property
    def n(self) -> int:
        """How many people's answers there are."""
        return self.wave.n

    @cached_property
    def areas(self) -> AreaSet | None:
        """The areas that people live in."""
        return areas_of(self.wave)

    def group_name(self, key: str) -> str:
        """A group in words."""
        return _("Area") if key == AREA else str(self.wave.groups.get(key, key))

    def category_name(self, key: str, category: str) -> str:
        """A category in words: areas have codes."""
        if key != AREA or self.areas is None:
            return category
        return next((area.name for area in self.areas.rows if area.code == category), category)

    def categories(self, key: str) -> list[str]:
        """The categories that somebody belongs to, in order of their names (areas: of the set)."""
        there = set(self.groups[key]) - {""}
        if key == AREA and self.areas is not None:
            return [code for code in self.areas.codes if code in there]
        return sorted(there, key=_natural)


def _natural(text: str) -> tuple[Any, ...]:
    """Order in which 5–9 stands before 18–29, and “Under 18” before both."""
    head = text.lstrip("<≤ ")
    digits = "".join(ch for ch in head.split("–")[0].split("-")[0] if ch.isdigit())
    under = text.casefold().startswith(("under", "less", "<", "menos"))
    return (0 if under else 1, int(digits) if digits else 10**6, text.casefold())


def look_at(wave: SurveyWave) -> Frame:
    """A wave to be looked at: its answers, or the figures that stay of them. Raises `NoAnswers`."""
    if wave.forgotten_at is None:
        return load(wave)
    from commonbeat.evidence.stats.survey import Sample

    kept, nobody = wave.kept, np.zeros(0)
    known = {question.key: question for question in wave.series.questions.order_by("position")}
    questions = {key: known[key] for key in known if key in kept["questions"]}
    groups = {key: np.array(names, dtype=str) for key, names in kept["groups"].items()}
    sample = Sample(nobody, nobody.astype(np.int64), nobody.astype(np.int64))
    return Frame(wave, questions, dict.fromkeys(questions, nobody), groups, sample, bool(kept["weighted"]),
                 kept["questions"])  # fmt: skip


def load(wave: SurveyWave) -> Frame:
    """Read the answers of a wave. Raises `NoAnswers`, also when they were destroyed after their time."""
    import pyarrow.parquet as pq

    from commonbeat.evidence.stats.survey import Sample

    slug = wave.series.slug
    path = files.answers_of(slug, wave.content)
    if not wave.content or wave.forgotten_at or not path.exists():
        raise NoAnswers(wave.name)
    table = pq.read_table(path)
    columns = {name: table[name].to_numpy() for name in table.column_names}
    weights = columns.get("weight", np.ones(table.num_rows))
    if wave.weights:
        weights = pq.read_table(files.weights_of(slug, wave.weights))["weight"].to_numpy()
    if not wave.is_sample:
        weights = np.ones(table.num_rows)  # weighting cannot make a sample of those who chose to take part
    sample = Sample.of(
        np.nan_to_num(weights), strata=columns.get("stratum") if wave.is_sample else None,
        clusters=columns.get("cluster") if wave.is_sample else None,
    )  # fmt: skip
    answers = {name[2:]: values for name, values in columns.items() if name.startswith("q:")}
    groups = {name[2:]: values.astype(str) for name, values in columns.items() if name.startswith("g:")}
    if AREA in columns:
        groups[AREA] = columns[AREA].astype(str)
    known = {question.key: question for question in wave.series.questions.order_by("position")}
    return Frame(
        wave, {key: known[key] for key in known if key in answers}, answers, groups, sample,
        bool(wave.is_sample and (wave.weights or "weight" in columns)),
    )  # fmt: skip
