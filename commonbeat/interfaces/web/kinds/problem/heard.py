"""What the page of a problem says of what residents say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from commonbeat.cases.story import Story
from commonbeat.core.actor import Actor
from commonbeat.evidence.surveys.models import SurveyQuestion
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.interfaces.web.evidence.shown import table
from commonbeat.interfaces.web.kinds.problem.lists import problem_of
from commonbeat.kinds.problem.residents import told


def residents(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """What residents say to one question of a survey, before and since; None before a response is planned."""
    problem = problem_of(story.case)
    if problem.question_id is None and story.case.state not in {"response", "acting", "assessment"}:
        return None
    asked = SurveyQuestion.objects.select_related("series")
    question = asked.filter(pk=problem.question_id).first() if problem.question_id else None
    found = told(question) if question else None
    if question is None or found is None:
        return {"question": question}
    address = reverse("public_survey", args=[question.series.slug])
    return {
        "question": question, "told": found, "table": table(found),
        "url": f"{address}?{urlencode({'question': question.key})}",
    }  # fmt: skip
