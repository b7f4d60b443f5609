"""Further outcomes of a study and the groups in which its effect may differ. Works without Django.

What counts is still the first outcome. The others are shown whatever they say, with p-values that allow for how many
were looked at; a group that was named after the freezing is told as a hint, never as a finding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from commonbeat.evidence import stats
from commonbeat.evidence.stats import gaps, several, survey_did
from commonbeat.evidence.stats.did import LEAST_UNITS
from commonbeat.evidence.stats.effect import Check, Effect, Result, State
from commonbeat.evidence.stats.gaps import Gap
from commonbeat.evidence.stats.panel import Panel
from commonbeat.evidence.stats.phrase import N_, Phrase, phrase
from commonbeat.evidence.stats.refusal import Refusal, Shortfall
from commonbeat.evidence.studies import judging
from commonbeat.evidence.studies.fitting import history_of, study_panel
from commonbeat.evidence.studies.plan import PRIMARY, Further, Plan, Split, read_split

ROMANO_WOLF, FALSE_DISCOVERY = "romano-wolf", "false-discovery"


def look(plan: Plan, job: Mapping[str, Any], everything: Panel, first: Result) -> dict[str, Any]:
    """`outcomes`, `adjustment` and `splits` of a run; what nobody asked for is left out."""
    found: dict[str, Any] = {}
    panels = {one.key: study_panel(plan, counted(one, job, everything)) for one in plan.counted}
    results: dict[str, Result] = {key: _fit(plan, panel) for key, panel in panels.items()}
    results |= {one.key: _asked(plan, one, job) for one in plan.asked}
    if plan.further:
        method, adjusted = adjust(plan, {PRIMARY: first} | results, {PRIMARY: study_panel(plan, everything)} | panels)
        found["outcomes"] = [_row(one, results[one.key], adjusted, job) for one in plan.further]
        found["adjustment"] = {"method": method, "p": adjusted}
    splits = [(one, True) for one in plan.splits]
    splits += [(read_split(one), False) for one in job.get("explore", ())]
    if splits:
        gaps_found = [(one, planned, _gap(plan, one, job, everything)) for one, planned in splits]
        found["splits"] = _splits(gaps_found)
    return found


def counted(one: Further, job: Mapping[str, Any], everything: Panel) -> Panel:
    """All places and periods with another outcome in the place of the first."""
    return replace(everything, outcome=np.asarray(job["counts"][one.key], dtype=float), outcome_name=one.name)


def unchanged(plan: Plan, job: Mapping[str, Any], everything: Panel) -> bool:
    """Whether the past of each further outcome is the one that the plan was frozen with."""
    kept = job["ahead"].get("histories", {})
    now = {one.key: history_of(plan, counted(one, job, everything)).fingerprint() for one in plan.counted}
    now |= {one.key: (job["asked"][one.key]["before"] or {}).get("data", "") for one in plan.asked}
    return all(now[key] == known for key, known in kept.items())


def _fit(plan: Plan, panel: Panel) -> Result:
    return stats.design(plan.design, **plan.option(plan.design)).fit(panel, stats.generator(plan.seed))


def _asked(plan: Plan, one: Further, job: Mapping[str, Any]) -> Result:
    """What people said, before and after, here and there."""
    told = job["asked"][one.key]
    if told.get("why"):
        why = Phrase.from_dict(told["why"])
        return Refusal("survey-did", (Shortfall("areas", phrase(N_("people of the same areas.")), why),))
    waves = {
        name: survey_did.Wave.from_dict(told[name]) if told.get(name) else None
        for name in ("before", "after", "earlier")
    }
    moved = [(bool(mine), float(by)) for mine, by in told.get("moves", ())]
    design = survey_did.SurveyDiD(level=plan.level)
    return design.fit(one.name, waves["before"], waves["after"], moved=moved, earlier=waves["earlier"])


def adjust(plan: Plan, results: Mapping[str, Result], panels: Mapping[str, Panel]) -> tuple[str, dict[str, float]]:
    """How the p-values of several outcomes were made to allow for each other, and what came of it, by key.

    Romano and Wolf's step-down where all are counts of the same places and it can be done, else Benjamini and
    Hochberg's. Never below an outcome's own p-value, which comes from another test than the step-down's.
    """
    own = {key: result.p for key, result in results.items() if isinstance(result, Effect)}
    if len(own) < 2:
        return "", {}
    if own.keys() <= panels.keys():
        stepped = several.stepdown({key: panels[key] for key in own}, stats.generator(plan.seed))
        if not isinstance(stepped, Refusal):
            return ROMANO_WOLF, {key: max(stepped[key], p) for key, p in own.items()}
    return FALSE_DISCOVERY, dict(zip(own, several.false_discovery(list(own.values())), strict=True))


def _row(one: Further, result: Result, adjusted: Mapping[str, float], job: Mapping[str, Any]) -> dict[str, Any]:
    row = {
        "key": one.key, "name": one.name, "asked": one.is_asked, "result": json.loads(result.to_json()),
        "said": result.phrase.as_dict() if isinstance(result, Effect) else None,
        "share": None if one.is_asked else judging.as_share(result), "adjusted": adjusted.get(one.key),
        "clear": isinstance(result, Effect) and result.clear,
    }  # fmt: skip
    if not one.is_asked:
        return row
    promised = job["ahead"].get("further", {}).get(one.key, {})
    return row | {"waves": job["asked"][one.key].get("waves", []), "known": bool(promised.get("known"))}


def _gap(plan: Plan, split: Split, job: Mapping[str, Any], everything: Panel) -> Gap | Refusal:
    """The effects in both groups and what lies between them."""
    least = int(job.get("least", gaps.LEAST_EVENTS))
    if not split.areas:
        part = np.asarray(job["counts"][split.key], dtype=float)
        rest = everything.outcome - part
        if (rest < 0).any():
            said = phrase(N_("“{name}” is no part of what is counted."), name=split.first)
            return Refusal("gap", (Shortfall("part", phrase(N_("a part of the incidents.")), said),))
        both = [replace(everything, outcome=counts, outcome_name=name)
                for counts, name in ((part, split.first), (rest, split.second))]  # fmt: skip
        return gaps.gap(*(study_panel(plan, panel) for panel in both), level=plan.level, least=least)
    panel = study_panel(plan, everything)
    inside, mine = np.isin(panel.units, split.areas), panel.ever_treated
    near = [int((group & ~mine).sum()) for group in (inside, ~inside)]
    # Each group has places of its own to compare with where there are enough; else both share all of them.
    own = min(near) >= LEAST_UNITS and bool((inside & ~mine).any())
    one, other = (panel.take(units=group if own else group | ~mine) for group in (inside, ~inside))
    return gaps.gap(
        replace(one, outcome_name=split.first), replace(other, outcome_name=split.second), level=plan.level, least=least
    )  # fmt: skip


def _splits(found: list[tuple[Split, bool, Gap | Refusal]]) -> list[dict[str, Any]]:
    """Every split in its own row; p-values allow for how many splits there are."""
    p = {split.key: gap.p for split, _, gap in found if isinstance(gap, Gap)}
    adjusted = dict(zip(p, several.false_discovery(list(p.values())), strict=True)) if len(p) > 1 else {}
    return [
        {
            "key": split.key, "name": split.name, "first": split.first, "second": split.second, "planned": planned,
            "refusal": gap.as_dict() if isinstance(gap, Refusal) else None,
            "gap": None if isinstance(gap, Refusal) else json.loads(json.dumps(vars(gap))),
            "said": None if isinstance(gap, Refusal) else _said(split, gap).as_dict(),
            "adjusted": adjusted.get(split.key),
        }
        for split, planned, gap in found
    ]  # fmt: skip


def _said(split: Split, gap: Gap) -> Phrase:
    template = (
        N_("{first}: {one:+z.0f} %; {second}: {other:+z.0f} %. They differ by more than chance does (ratio of the two "
           "{gap:.2f}, between {low:.2f} and {high:.2f}).")
        if gap.clear
        else N_("{first}: {one:+z.0f} %; {second}: {other:+z.0f} %. That they differ can be chance (ratio of the two "
                "{gap:.2f}, between {low:.2f} and {high:.2f}).")
    )  # fmt: skip
    one, other = (100 * (ratio - 1) for ratio in gap.ratios)
    return phrase(
        template, first=split.first, second=split.second, one=one, other=other, gap=gap.gap, low=gap.interval[0],
        high=gap.interval[1],
    )  # fmt: skip


def checks(plan: Plan, found: Mapping[str, Any]) -> tuple[Check, ...]:
    """What a reader must know of several outcomes and groups."""
    made = []
    if plan.further:
        made.append(Check("several-outcomes", State.NOTE, _adjusted(plan, found["adjustment"]["method"])))
    late = [row for row in found.get("splits", ()) if not row["planned"]]
    if late:
        said = phrase(
            N_("{count} splits into groups were thought of after the plan was frozen. They are hints for the next "
               "study, not findings of this one."),
            count=len(late),
        )  # fmt: skip
        made.append(Check("explored", State.NOTE, said))
    return tuple(made)


_ADJUSTED = {
    ROMANO_WOLF: N_(
        "{count} outcomes were named beforehand. The first ({outcome}) counts and needs no correction. The p-values of "
        "all are also given corrected by Romano and Wolf's step-down: the chance that any without an effect looks like "
        "one is at most 5 %."
    ),
    FALSE_DISCOVERY: N_(
        "{count} outcomes were named beforehand. The first ({outcome}) counts and needs no correction. The p-values of "
        "all are also given corrected by Benjamini and Hochberg: of those below 0.05, about one in twenty is chance."
    ),
    "": N_(
        "{count} outcomes were named beforehand, and fewer than two gave an answer, so nothing was corrected. The "
        "first ({outcome}) counts."
    ),
}


def _adjusted(plan: Plan, method: str) -> Phrase:
    return phrase(_ADJUSTED[method], count=len(plan.further) + 1, outcome=plan.outcome or PRIMARY)
