"""Where the numbers of further outcomes and groups come from: columns, categories, waves of a survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from commonbeat.community.agency import setting
from commonbeat.core.text import N_
from commonbeat.evidence.areas import NoAreas
from commonbeat.evidence.studies.data import NoData, names_of, panel_of, request_of
from commonbeat.evidence.studies.models import Dataset, Study
from commonbeat.evidence.studies.plan import Further, Plan, Split
from commonbeat.evidence.surveys.frames import AREA, NoAnswers, load
from commonbeat.evidence.surveys.models import SurveyWave

if TYPE_CHECKING:
    from commonbeat.evidence.stats.panel import Panel
    from commonbeat.evidence.stats.survey_did import Wave
    from commonbeat.evidence.surveys.figures import Figure
    from commonbeat.evidence.surveys.frames import Frame

LEAST_EVENTS = 10
"""In each group, before and after; more where the agency hides larger counts."""
OTHER_ROWS = N_("This column does not count the same areas and periods.")


def count(study: Study, one: Further | Split, panel: Panel, *, dataset: Dataset | None = None) -> Panel:
    """All areas and periods with another count, or with a part of the first one. Raises NoData and BadTable."""
    from commonbeat.evidence.studies.tables import read_table

    name = one.name if isinstance(one, Further) else one.first
    table = dataset or study.dataset
    if table is not None:
        found = read_table(table.text, absent=0.0 if table.absent_is_zero else None, count=one.column,
                           **names_of(table))  # fmt: skip
    else:
        from commonbeat.evidence.panels import CannotCount, build_panel

        try:
            found = build_panel(replace(request_of(study.request), outcome=one.sorts))
        except CannotCount as refused:
            raise NoData(str(refused)) from refused
    if (found.units, found.periods) != (panel.units, panel.periods):
        raise NoData(OTHER_ROWS)
    return replace(found, outcome_name=name)


def gather(
    study: Study, plan: Plan, explore: Sequence[Split] = (), *, ahead: Mapping[str, Any] | None = None,
    dataset: Dataset | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What a run needs besides the first outcome, as JSON can hold it; empty where a plan has one outcome alone.

    Answers of a survey may have had their time since the freezing: `ahead` has kept the sums of the wave before.
    """
    counted: list[Further | Split] = [*plan.counted, *(one for one in (*plan.splits, *explore) if not one.areas)]
    if not (plan.further or plan.splits or explore):
        return {}
    panel = panel_of(study, dataset=dataset)
    counts = {one.key: _whole(count(study, one, panel, dataset=dataset)) for one in counted}
    asked = {one.key: waves(one, plan, panel) for one in plan.asked}
    for key, told in asked.items():
        told["before"] = told["before"] or (ahead or {}).get("further", {}).get(key, {}).get("before")
    least = max(LEAST_EVENTS, int(setting("minimum_count")))
    return {"counts": counts, "asked": asked, "explore": [asdict(one) for one in explore], "least": least}


def _whole(panel: Panel) -> list[list[float | int]]:
    """Counts as whole numbers where they are: shorter in a file."""
    return [[int(value) if value == int(value) else value for value in row] for row in panel.outcome.tolist()]


def follow_up(one: Further) -> SurveyWave | None:
    """The first wave with answers to the question from the planned day on, whatever it says."""
    base = SurveyWave.objects.filter(pk=one.wave).first()
    if base is None:
        return None
    rows = SurveyWave.objects.filter(series=base.series_id, first_on__gte=one.again_from).exclude(pk=base.pk)
    return next((row for row in rows.exclude(content="").order_by("first_on", "pk") if one.question in row.asked), None)


def earlier(one: Further, base: SurveyWave) -> SurveyWave | None:
    """The last wave before the baseline that asked the same: between the two nothing should be found."""
    rows = SurveyWave.objects.filter(series=base.series_id, first_on__lt=base.first_on).exclude(content="")
    return next((row for row in rows.order_by("-first_on", "-pk") if one.question in row.asked), None)


def waves(one: Further, plan: Plan, panel: Panel) -> dict[str, Any]:
    """The waves of a question as sums and errors, never answers of people; `why` where the areas do not fit."""
    from commonbeat.evidence.stats import survey_did
    from commonbeat.evidence.studies.fitting import compared

    base = SurveyWave.objects.select_related("series").filter(pk=one.wave).first()
    after = follow_up(one)
    there = {"before": base, "after": after, "earlier": earlier(one, base) if base else None}
    sides = set(plan.treated), set(compared(plan, panel))
    seen = {name: _wave(row, one, sides) if row else None for name, row in there.items()}
    told: dict[str, Any] = {name: row.as_dict() if row else None for name, row in seen.items()}
    told["moves"] = [list(move) for move in survey_did.moves(seen["before"], seen["after"])]
    told["waves"] = [row.pk for row in (base, after) if row]
    if base is not None and (why := _no_areas(base, sides)):
        told["why"] = why
    return told


def _codes(wave: SurveyWave, names: set[str]) -> set[str]:
    """Codes of the wave's areas by what a plan calls them: codes, or names in a table."""
    from commonbeat.evidence.surveys.actions import area_names

    try:
        known = area_names(wave)
    except NoAreas:  # those that its people live in are gone
        return set()
    return {known[name.casefold()] for name in names if name.casefold() in known}


def _no_areas(wave: SurveyWave, sides: tuple[set[str], set[str]]) -> dict[str, Any] | None:
    """Why the places of a plan cannot be found among those where people live, if they cannot."""
    from commonbeat.evidence.stats.phrase import phrase

    if not wave.is_sample:
        return None  # that it is a form is the better reason
    if not wave.areas:
        said = phrase(N_("“{wave}” does not say where people live."), wave=wave.name)
        return said.as_dict()
    if all(_codes(wave, side) for side in sides):
        return None
    return phrase(N_("“{wave}” asked nobody in the areas of one side of this plan."), wave=wave.name).as_dict()


def _wave(row: SurveyWave, one: Further, sides: tuple[set[str], set[str]]) -> Wave | None:
    from commonbeat.evidence.stats import survey_did

    if not row.is_sample:
        return survey_did.Wave(row.name, row.sampling, True, (0, 0))
    try:
        frame = load(SurveyWave.objects.select_related("series").get(pk=row.pk))
    except NoAnswers:
        return None
    figure = figure_of(frame, one)
    if figure is None or AREA not in frame.groups:
        return None
    lived = frame.groups[AREA]
    ours, theirs = ([code in side for code in lived] for side in (_codes(row, side) for side in sides))
    return survey_did.wave(
        figure.values, frame.sample, treated=ours, compared=theirs, areas=[str(code) for code in lived], name=row.name,
        sampling=row.sampling, is_share=figure.is_share, least=int(setting("minimum_answers")),
    )  # fmt: skip


def figure_of(frame: Frame, one: Further) -> Figure | None:
    """The number of the question that a plan names, if the wave asked it."""
    from commonbeat.evidence.surveys.figures import figures

    question = frame.questions.get(one.question)
    if question is None:
        return None
    rows = figures(question, frame.answers[question.key])
    return next((row for row in rows if row.key == one.figure), None)


def promises(study: Study, plan: Plan, panel: Panel) -> dict[str, Any]:
    """What further outcomes can see, from the time before the start alone, and fingerprints of their past."""
    import numpy as np

    from commonbeat.evidence.stats import planning, survey_did
    from commonbeat.evidence.studies.ahead import numbers
    from commonbeat.evidence.studies.fitting import compared, history_of

    found: dict[str, Any] = {"further": {}, "histories": {}}
    names = set(plan.treated) | set(compared(plan, panel))
    for one in plan.counted:
        history = history_of(plan, count(study, one, panel))
        used = history.take(units=np.isin(history.units, list(names)))
        mine = np.isin(used.units, plan.treated)
        seen: Any = planning.detectable(used, mine, before=len(used.periods), after=plan.length, level=plan.level)
        found["further"][one.key] = numbers(seen)
        found["histories"][one.key] = history.fingerprint()
    for one in plan.asked:
        # Looking ahead reads nothing from the start on, also where the follow-up is there already.
        told = waves(replace(one, again_from="9999-12-31"), plan, panel)
        before = survey_did.Wave.from_dict(told["before"]) if told["before"] and not told.get("why") else None
        expected = survey_did.detectable(one.name, before, answers=one.answers, level=plan.level)
        found["further"][one.key] = numbers(expected) | {
            "waves": told["waves"], "known": follow_up(one) is not None, "before": told["before"],
        }  # fmt: skip
        if told["before"]:
            found["histories"][one.key] = told["before"]["data"]
    return found if plan.further else {}


def explored(study: Study) -> tuple[Split, ...]:
    """Splits that were named after a plan was frozen."""
    from commonbeat.evidence.studies.plan import read_split

    return tuple(read_split(row) for row in study.explore)


def sources(study: Study) -> Mapping[str, str]:
    """What else could be counted: columns of the table, or categories of the records, by themselves."""
    if study.dataset is not None:
        from commonbeat.evidence.studies.tables import columns_of

        return {name: name for name in columns_of(study.dataset.text)}
    from commonbeat.evidence.studies.data import source_of

    source = source_of(study)
    return {name: name for name in source.categories} if source else {}
