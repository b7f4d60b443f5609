"""The demo's scorecard: what stands behind each of the five, chosen by the analyst as on the page."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from commonbeat.community.access import actor_for
from commonbeat.community.models import User
from commonbeat.evidence.models import CountedMeasure
from commonbeat.evidence.scorecard.models import ScorecardLine
from commonbeat.evidence.surveys.models import SurveyQuestion
from commonbeat.interfaces.demo.studies import ANALYST
from commonbeat.journal import history


def load_scorecard(folder: Path, *, now: dt.datetime) -> None:
    """Choose each of the five that is not chosen yet; the small demo lacks the incidents of one."""
    told = json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))
    devi = actor_for(User.objects.get(email=ANALYST), at=now)
    for line in told["lines"]:
        behind = _behind(line)
        if behind and not ScorecardLine.objects.filter(dimension=line["dimension"]).exists():
            said = {name: line[name] for name in ("dimension", "says", "public")}
            values = said | behind | {"per_residents": line.get("per_residents", False)}
            history.add(ScorecardLine(), values, actor=devi, at=now)


def _behind(line: dict[str, Any]) -> dict[str, Any]:
    if "measure" in line:
        there = CountedMeasure.objects.filter(slug=line["measure"]).exists()
        return {"measure": line["measure"], "question": None, "figure": ""} if there else {}
    question = SurveyQuestion.objects.filter(series__slug=line["survey"], text=line["question"]).first()
    return {"measure": "", "question": question, "figure": line["figure"]} if question else {}
