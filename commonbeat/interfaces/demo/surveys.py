"""The demo's surveys: invented answers, brought in, weighted and released as an analyst would."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case
from commonbeat.community.access import actor_for
from commonbeat.community.agency import local_day
from commonbeat.community.models import User
from commonbeat.core.actor import Actor
from commonbeat.evidence.observing import serving_set
from commonbeat.evidence.surveys import actions, populations, release, weighting
from commonbeat.evidence.surveys.columns import Use
from commonbeat.evidence.surveys.models import PopulationTable, SurveySeries, SurveyWave
from commonbeat.interfaces.demo import asked_study
from commonbeat.interfaces.demo.studies import ANALYST, PUBLISHER
from commonbeat.journal import history
from commonbeat.kinds.problem.residents import questions


def load_surveys(folder: Path, *, now: dt.datetime) -> None:
    """Bring in the populations and every survey of the file, through the same verbs as the pages."""
    told = json.loads((folder / "surveys.json").read_text(encoding="utf-8"))
    devi = _actor(ANALYST, now)
    areas = serving_set()
    slug = areas.slug if areas else ""
    for table in told["populations"]:
        if not PopulationTable.objects.filter(name=table["name"]).exists():
            _population(table, folder, slug, devi, now)
    for survey in told["surveys"]:
        if not SurveySeries.objects.filter(slug=survey["slug"]).exists():
            _survey(survey, slug, devi, now)
    _beside_a_problem(told["beside_a_problem"], now)


def _beside_a_problem(told: dict[str, str], now: dt.datetime) -> None:
    """Put a question beside the problem whose response is under way, by whoever works it."""
    question = questions().filter(series__slug=told["survey"], text=told["question"]).first()
    case = Case.objects.filter(kind="problem", state="acting", assignee__isnull=False).order_by("pk").first()
    if question is None or case is None or case.assignee is None:
        return
    act(case, "link_question", data={"question": question.pk}, actor=actor_for(case.assignee, at=now), at=now)


def _actor(email: str, at: dt.datetime) -> Actor:
    return actor_for(User.objects.get(email=email), at=at)


def _population(told: dict[str, Any], folder: Path, areas: str, devi: Actor, now: dt.datetime) -> None:
    if "file" in told:
        content = (folder / told["file"]).read_bytes()
    else:
        content = _csv([["category", "residents"], *told["rows"]])
    about = populations.AboutTable(
        told["name"], told["credit"], told["year"], areas=areas if told["areas"] else "", group=told["group"]
    )
    made = populations.bring(about, io.BytesIO(content), name=told.get("file", "residents.csv"), actor=devi, at=now)
    populations.confirm(made, made.columns, actor=devi, at=now)


def _csv(rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _survey(told: dict[str, Any], areas: str, devi: Actor, now: dt.datetime) -> None:
    series = actions.add_series(
        name=told["name"], says=told["says"], credit=told["credit"], every_months=told["every_months"],
        slug=told["slug"], actor=devi, at=now,
    )  # fmt: skip
    today = local_day(now)
    for one in told["waves"]:
        first, last = (today - dt.timedelta(days=days) for days in one["days_ago"])
        about = actions.About(
            one["name"], first, last, one.get("sampling", "probability"), one.get("mode", "mixed"),
            one["invited"], areas if told["areas"] else "",
        )  # fmt: skip
        wave = actions.add_wave(series, about, at=now)
        content = _csv(_answers(told, one))
        brought = actions.bring(wave, io.BytesIO(content), name=f"{told['slug']}-{last}.csv", actor=devi, at=now)
        actions.confirm(brought, [_use(use, told) for use in brought.uses], actor=devi, at=now)
        _on(SurveyWave.objects.get(pk=wave.pk), one, devi, now)
        if told.get("study") and one is told["waves"][0]:  # planned before anybody could know the second wave
            asked_study.plan_study(told["study"], SurveyWave.objects.get(pk=wave.pk), devi=devi, now=now)
    if told.get("study"):
        asked_study.finish_study(told["study"], devi=devi, publisher=_actor(PUBLISHER, now), now=now)
    for one in told["questions"]:
        if "about" in one:
            question = series.questions.get(text=one["text"])
            history.change(question, {"about": one["about"]}, actor=devi, at=now)


def _use(stored: dict[str, str], told: dict[str, Any]) -> Use:
    """A column as it was guessed, under the words of its question."""
    words = {one["column"]: one["text"] for one in told["questions"]}
    return Use.from_dict(stored | {"label": words.get(stored["column"], stored["label"])})


def _on(wave: SurveyWave, one: dict[str, Any], devi: Actor, now: dt.datetime) -> None:
    """Weight the wave, and let the public read it where the story says so."""
    if one.get("weights"):
        tables = {table.group: table.pk for table in PopulationTable.objects.filter(state=PopulationTable.DONE)}
        plan = weighting.Plan({"area": tables[""], "age": tables["Age"]}, {}, most=5)
        weighting.weight(wave, plan, actor=devi, at=now)
    if one.get("release") or one.get("propose"):
        release.propose(wave, actor=devi, at=now)
    if one.get("release"):
        release.release(wave, actor=_actor(PUBLISHER, now), at=now)


def _answers(told: dict[str, Any], one: dict[str, Any]) -> list[list[str]]:
    """Invented people, the same at each load."""
    rng = np.random.default_rng(one["seed"])
    late = np.random.default_rng([one["seed"], 1])  # for questions that came later: the answers to the others stay
    head = [
        "Number",
        *(["Area"] if told["areas"] else []),
        "Age",
        "Language",
        *(q["column"] for q in told["questions"]),
    ]
    rows = [head]
    for number in range(1, one["n"] + 1):
        area = str(rng.choice(told["areas"])) if told["areas"] else ""
        age, language = _drawn(rng, told["ages"]), _drawn(rng, told["languages"])
        lean = told["low"].get(area, 0) + one["shift"].get(area, 0) + (told["young"] if age == "18–29" else 0)
        said = [_answer(late if question.get("late") else rng, question, lean) for question in told["questions"]]
        rows.append([f"{one['seed']}-{number:04}", *([area] if told["areas"] else []), age, language, *said])
    return rows


def _drawn(rng: np.random.Generator, shares: dict[str, float]) -> str:
    weights = np.array(list(shares.values()))
    return list(shares)[int(rng.choice(len(shares), p=weights / weights.sum()))]


def _answer(rng: np.random.Generator, question: dict[str, Any], lean: float) -> str:
    if rng.random() < 0.03:
        return ""
    if "scale" in question:
        words = question["scale"]
        place = round(float(rng.normal(question["mean"] + lean, 1.0)))
        return str(words[min(max(place, 1), len(words)) - 1])
    if "yes" in question:
        return "yes" if rng.random() < question["yes"] + 0.2 * lean else "no"
    return _drawn(rng, question["choices"])
