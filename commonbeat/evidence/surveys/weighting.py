"""Weights with which a wave stands for the whole population: raked to known numbers, cut, and said what they cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction

from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.evidence.surveys import files
from commonbeat.evidence.surveys.actions import SUBJECT, changeable, forget_files
from commonbeat.evidence.surveys.frames import AREA, Frame, load
from commonbeat.evidence.surveys.models import PopulationTable, SurveyWave
from commonbeat.evidence.surveys.populations import margin
from commonbeat.journal.verbs import record

LIMITS = (0, 3, 5, 8)
"""How many times the mean a weight may be; 0: as large as it comes."""
LARGE_EFFECT = 2.0
"""From this design effect on, readers are warned: half of the answers' worth is lost."""

NOT_A_SAMPLE = N_("People chose to fill in this form. Weighting cannot make a sample of them, so it is not offered.")
NO_MARGINS = N_("Choose at least one group and a population table for it.")
NOT_IN_TABLE = N_(
    "“%(category)s” of %(group)s is not in the population table. It has: %(known)s. Join categories below, such as "
    "“%(category)s = %(example)s”."
)
NOBODY = N_(
    "Nobody of “%(category)s” in %(group)s answered, so no weights can stand for them. Join it with another category "
    "below, such as “%(category)s = %(example)s”."
)
BAD_JOIN = N_("Line %(line)s cannot be read. Write each as: category = the category it joins.")
NO_TOTAL = N_("“%(category)s” of %(group)s has nobody in the population table, but people in the survey belong to it.")
TOO_FEW = N_("Fewer than two people said all of these groups.")
FAILED = N_("No weights meet all of these populations at once. Join small categories, or choose fewer groups.")
OTHER_AREAS = N_("The table is for other areas (%(other)s) than the survey (%(own)s).")


@dataclass(frozen=True)
class Plan:
    """What to weight to: group key → number of a population table. `joins` renames categories of both sides."""

    margins: Mapping[str, int]
    joins: Mapping[str, str]
    most: int = 5
    only_there: bool = True
    """Only areas where somebody answered are stood for."""


def read_joins(text: str) -> dict[str, str]:
    """Lines of `80+ = 65+`. Raises `Invalid`."""
    joins: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        left, mark, right = line.partition("=")
        if not (mark and left.strip() and right.strip()):
            raise Invalid([Problem("joins", BAD_JOIN, {"line": number})])
        joins[left.strip().casefold()] = right.strip()
    return joins


def fitting(frame: Frame, key: str) -> list[PopulationTable]:
    """Population tables that a group could be weighted to, the newest first."""
    rows = PopulationTable.objects.filter(state=PopulationTable.DONE, residents=True).order_by("-year", "-pk")
    if key == AREA:
        return [row for row in rows if frame.areas is not None and row.areas == frame.areas.slug]
    return [row for row in rows if row.group]


@dataclass(frozen=True)
class Cost:
    """What weighting did to a sample."""

    weighted: int
    left_out: int
    effective_n: float
    design_effect: float
    trimmed: int
    largest: float
    misfit: float


@transaction.atomic
def weight(wave: SurveyWave, plan: Plan, *, actor: Actor, at: dt.datetime) -> Cost:
    """Rake a wave to its populations and keep the weights. Raises `Invalid` with every reason why it cannot be."""
    wave = changeable(wave)
    if not wave.is_sample:
        raise Invalid([Problem("", NOT_A_SAMPLE)])
    frame = load(_without(wave))
    weights, cost = compute(frame, plan)
    gone = {files.weights_of(wave.series.slug, wave.weights)} if wave.weights else set()
    wave.weights = files.keep_weights(wave.series.slug, weights)
    tables = PopulationTable.objects.in_bulk(list(plan.margins.values()))
    wave.weighting = {
        "margins": {key: {"table": pk, "name": str(tables[pk]), "credit": tables[pk].credit}
                    for key, pk in plan.margins.items()},
        "joins": dict(plan.joins), "most": plan.most, "only_there": plan.only_there, "cost": vars(cost),
    }  # fmt: skip
    wave.save()
    record(SUBJECT, wave.pk, "wave.weighted", actor=actor, at=at, data=wave.weighting)
    forget_files(wave.series.slug, gone)
    return cost


@transaction.atomic
def unweight(wave: SurveyWave, *, actor: Actor, at: dt.datetime) -> None:
    """Take the weights back: answers count as they came. Raises `Invalid`."""
    wave = changeable(wave)
    if not wave.weights:
        return
    gone = {files.weights_of(wave.series.slug, wave.weights)}
    wave.weights, wave.weighting = "", {}
    wave.save()
    record(SUBJECT, wave.pk, "wave.unweighted", actor=actor, at=at)
    forget_files(wave.series.slug, gone)


def _without(wave: SurveyWave) -> SurveyWave:
    """The wave as it was drawn: weights of an earlier raking are not raked again."""
    plain = SurveyWave.objects.select_related("series").get(pk=wave.pk)
    plain.weights = ""
    return plain


def compute(frame: Frame, plan: Plan) -> tuple[Any, Cost]:
    """Weights in the order of the answers, with a mean of 1, and what they cost. Raises `Invalid`."""
    from commonbeat.evidence.stats.raking import RakingError, rake, rake_trimmed

    if not plan.margins:
        raise Invalid([Problem("", NO_MARGINS)])
    tables = PopulationTable.objects.in_bulk(list(plan.margins.values()))
    said, totals, problems = {}, {}, []
    for key, pk in plan.margins.items():
        said[key], totals[key], found = _side_by_side(frame, key, tables.get(pk), plan)
        problems += found
    if problems:
        raise Invalid(problems)
    known = np.all([texts != "" for texts in said.values()], axis=0)
    if known.sum() < 2:
        raise Invalid([Problem("", TOO_FEW)])
    size = float(known.sum())
    margins = {key: {c: n * size / sum(margin.values()) for c, n in margin.items()} for key, margin in totals.items()}
    answers = {key: texts[known] for key, texts in said.items()}
    start = np.maximum(frame.sample.weights[known], 1e-12)
    try:
        if plan.most:
            raked = rake_trimmed(answers, margins, most=plan.most, start=start)
            trimmed, largest, good = raked.trimmed, raked.largest, True
        else:
            raked = rake(answers, margins, start=start)  # type: ignore[assignment]
            trimmed, largest, good = 0, float(raked.weights.max() / raked.weights.mean()), raked.converged
    except RakingError:
        raise Invalid([Problem("", FAILED)]) from None
    if not good or not np.isfinite(raked.weights).all():
        raise Invalid([Problem("", FAILED)])
    weights = np.zeros(len(known))
    weights[known] = raked.weights / raked.weights.mean()
    cost = Cost(int(size), int((~known).sum()), raked.effective_n, raked.design_effect, trimmed, largest, raked.misfit)
    return weights, cost


def _side_by_side(
    frame: Frame, key: str, table: PopulationTable | None, plan: Plan
) -> tuple[Any, dict[str, float], list[Problem]]:
    """A group of the sample and its population with the same names, and what keeps them apart."""
    group = frame.group_name(key)
    if table is None or table.state != PopulationTable.DONE or key not in frame.groups:
        return np.zeros(0), {}, [Problem("", NO_MARGINS)]
    own = frame.areas.slug if frame.areas else ""
    if key == AREA and table.areas != own:
        return np.zeros(0), {}, [Problem("", OTHER_AREAS, {"other": table.areas or "–", "own": own or "–"})]
    totals: dict[str, float] = {}
    for category, value in margin(table, by_area=key == AREA).items():
        name = _joined(category, plan)
        totals[name] = totals.get(name, 0.0) + value
    spelled = {name.casefold(): name for name in totals}
    texts = np.array([spelled.get(_joined(text, plan).casefold(), _joined(text, plan)) if text else ""
                      for text in frame.groups[key]])  # fmt: skip
    there = [str(one) for one in np.unique(texts) if one]
    if key == AREA and plan.only_there:
        totals = {name: value for name, value in totals.items() if name in there}
    return texts, totals, _apart(frame, key, group, there, totals)


def _joined(category: str, plan: Plan) -> str:
    return plan.joins.get(category.casefold(), category)


def _apart(frame: Frame, key: str, group: str, there: Sequence[str], totals: Mapping[str, float]) -> list[Problem]:
    found = []
    for category in there:
        name = frame.category_name(key, category)
        if category not in totals:
            known = ", ".join(list(totals)[:12])
            example = next(iter(totals), "…")
            found.append(Problem("joins", NOT_IN_TABLE, {"category": name, "group": group, "known": known,
                                                         "example": example}))  # fmt: skip
        elif totals[category] <= 0:
            found.append(Problem("joins", NO_TOTAL, {"category": name, "group": group}))
    for category, value in totals.items():
        if value > 0 and category not in there:
            found.append(Problem("joins", NOBODY, {"category": category, "group": group,
                                                   "example": next(iter(there), "…")}))  # fmt: skip
    return found[:10]
