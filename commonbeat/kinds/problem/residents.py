"""What residents say, beside the assessment of a problem: one question of a survey over its released waves."""

from __future__ import annotations

from django.db.models import QuerySet

from commonbeat.cases.deed import Deed
from commonbeat.core.fields import Invalid
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.text import N_
from commonbeat.evidence.looks.asking import CannotLook, Shown
from commonbeat.evidence.surveys.models import SurveyQuestion
from commonbeat.evidence.surveys.release import released
from commonbeat.kinds.problem.effects import NO_ROW, problem_of, say

NO_QUESTION = N_("No question stands beside this problem.")
ASKED = N_("This question stands beside the problem already.")


def questions() -> QuerySet[SurveyQuestion]:
    """Questions of surveys of which a wave was released: what everybody who reads the problem may know."""
    waves = released().values("series")
    return SurveyQuestion.objects.filter(series__in=waves).select_related("series").order_by("series__name", "position")


def link_question(deed: Deed) -> None:
    """Put a question of a survey beside the problem, in place of the one before."""
    found = questions().filter(pk=int(deed.data["question"])).first()
    if found is None:
        raise Invalid([Wrong("question", NO_ROW)])
    problem = problem_of(deed)
    if problem.question_id == found.pk:
        raise Invalid([Wrong("question", ASKED)])
    deed.change(problem, question_id=found.pk)
    deed.facts["question"] = found.pk
    say(deed, found.text)


def remove_question(deed: Deed) -> None:
    """The question says nothing about this problem after all."""
    problem = problem_of(deed)
    question = problem.question
    if question is None:
        raise Invalid([Wrong("reason", NO_QUESTION)])
    deed.change(problem, question_id=None)
    deed.facts["question"] = question.pk
    say(deed, f"{question.text}\n{deed.data['reason']}")


def told(question: SurveyQuestion) -> Shown | None:
    """The question over the released waves, with the change from wave to wave; None when none asked it."""
    from commonbeat.evidence.surveys.looks import SurveyAsk, trend  # statistics are heavy to load

    for wave in released(question.series):
        try:
            return trend(SurveyAsk(wave, question.key, public=True))
        except CannotLook:
            continue
    return None
