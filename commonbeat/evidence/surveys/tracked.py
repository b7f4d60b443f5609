"""What analysts change and the journal keeps: what a survey is called, how often it asks, what its questions tell."""

from commonbeat.evidence.surveys.models import SurveyQuestion, SurveySeries
from commonbeat.journal.history import TRACKED, Tracked

SERIES = TRACKED.add(
    Tracked("survey", SurveySeries, ("slug", "name", "says", "credit", "every_months", "created_at", "retired_at"))
)
QUESTION = TRACKED.add(Tracked("surveyquestion", SurveyQuestion, ("about",)))
