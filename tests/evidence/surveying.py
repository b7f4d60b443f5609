"""Invented answers of a survey, as a file: what people of two areas say, with everything that files do wrong."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import numpy as np

from commonbeat.community.models import User
from commonbeat.core.actor import Actor
from commonbeat.evidence.surveys import actions, populations
from commonbeat.evidence.surveys.columns import Use
from commonbeat.evidence.surveys.models import PopulationTable, SurveySeries, SurveyWave
from tests import make

HEAD = ("Respondent", "Name", "E-mail", "What should change?", "Area", "Age", "Language", "Respect", "Called", "Worry")
SCALE = ("Not at all", "A little", "Somewhat", "A lot", "To a great extent")
AREAS = "community_area@2010"
BROKEN = "R9001,Too,short\n"


def rows(n: int = 200, *, seed: int = 1, young: float = 0.2) -> list[list[str]]:
    """Answers of n people; those of the south, and the young, think less of the police."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(n):
        south, is_young = rng.random() < 0.5, rng.random() < young
        mean = 3.6 - 0.9 * south - 0.7 * is_young
        made.append([
            f"R{number}", f"Person {number}", f"person{number}@example.org", f"More light in street {number}, please.",
            "South" if south else "north", "18–29" if is_young else rng.choice(["30–59", "60+"]),
            rng.choice(["English", "Spanish"], p=[0.8, 0.2]), SCALE[int(np.clip(round(rng.normal(mean, 1)), 1, 5)) - 1],
            rng.choice(["yes", "no", "don't know"], p=[0.3, 0.6, 0.1]),
            rng.choice(["Traffic", "Burglary", "Noise"], p=[0.5, 0.46, 0.04]),
        ])  # fmt: skip
    return made


def as_csv(lines: list[list[str]], *, head: tuple[str, ...] = HEAD, tail: str = "") -> bytes:
    """The file."""
    out = io.StringIO()
    csv.writer(out).writerows([head, *lines])
    return (out.getvalue() + tail).encode()


def actor(user: User) -> Actor:
    """What a user may do."""
    from commonbeat.community.access import actor_for

    return actor_for(user, at=make.NOW)


def wave(user: User, content: bytes, *, name: str = "Spring", series: SurveySeries | None = None,
         month: int = 3, **about: Any) -> SurveyWave:  # fmt: skip
    """A wave that is brought in with the columns as they were guessed."""
    who = actor(user)
    series = series or actions.add_series(name="Trust", every_months=6, actor=who, at=make.NOW)
    said = actions.About(
        **{"name": name, "first_on": dt.date(2025, month, 1), "last_on": dt.date(2025, month, 28),
           "sampling": "probability", "mode": "mixed", "invited": 800, "areas": AREAS} | about
    )  # fmt: skip
    made = actions.add_wave(series, said, at=make.NOW)
    brought = actions.bring(made, io.BytesIO(content), name="answers.csv", actor=who, at=make.NOW)
    actions.confirm(brought, [Use.from_dict(use) for use in brought.uses], actor=who, at=make.NOW)
    made.refresh_from_db()
    return made


def population(user: User, text: str, **about: Any) -> PopulationTable:
    """A population table with the columns as they were guessed."""
    who = actor(user)
    said = populations.AboutTable(
        **{"name": "Census", "credit": "An invented census", "year": 2020, "areas": "", "group": ""} | about
    )
    table = populations.bring(said, io.BytesIO(text.encode()), name="census.csv", actor=who, at=make.NOW)
    populations.confirm(table, table.columns, actor=who, at=make.NOW)
    table.refresh_from_db()
    return table
