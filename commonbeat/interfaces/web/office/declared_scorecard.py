"""Editors of the scorecard and of what questions of surveys tell of reporting."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy

from commonbeat.evidence.measures import NoMeasure, measure
from commonbeat.evidence.scorecard import tracked as rows
from commonbeat.evidence.scorecard.models import ScorecardLine
from commonbeat.evidence.surveys import tracked as surveys
from commonbeat.evidence.surveys.actions import PLANNERS
from commonbeat.evidence.surveys.models import SurveyQuestion
from commonbeat.interfaces.web.evidence.shared import READERS
from commonbeat.interfaces.web.office.declared_evidence import way_to
from commonbeat.interfaces.web.office.editors import EDITORS, Column, Editor
from commonbeat.interfaces.web.office.forms.scorecard import QuestionForm, ScorecardForm


def _behind(row: ScorecardLine) -> str:
    if row.question:
        return row.question.text
    try:
        return gettext(measure(row.measure).name)
    except NoMeasure:
        return gettext("gone")


def _about(row: SurveyQuestion) -> Any:
    return gettext(SurveyQuestion.About(row.about).label) if row.about else ""


SCORECARD = EDITORS.add(
    Editor(
        tracked=rows.LINE,
        form=ScorecardForm,
        title=gettext_lazy("Scorecard"),
        one=gettext_lazy("Line of the scorecard"),
        add_label=gettext_lazy("Choose a number for one of the five"),
        intro=gettext_lazy("Which number stands behind crime, satisfaction, reporting, relationships and cohesion."),
        columns=(
            Column(gettext_lazy("Of the five"), lambda row: gettext(str(row))),
            Column(gettext_lazy("What stands behind it"), _behind),
            Column(gettext_lazy("Residents see it"), lambda row: gettext("Yes") if row.public else gettext("No")),
        ),
        rows=lambda: ScorecardLine.objects.select_related("question").order_by("pk"),
        roles=READERS,
        list_context=lambda request: way_to("scorecard", gettext_lazy("Scorecard")),
        links=(("scorecard", gettext_lazy("See the scorecard")),),
    )
)

QUESTIONS = EDITORS.add(
    Editor(
        tracked=surveys.QUESTION,
        form=QuestionForm,
        title=gettext_lazy("Questions of surveys"),
        one=gettext_lazy("Question"),
        add_label="",
        intro=gettext_lazy("Mark the questions that ask whether people told the police, or would."),
        columns=(
            Column(gettext_lazy("Question"), "text"),
            Column(gettext_lazy("Survey"), lambda row: row.series.name),
            Column(gettext_lazy("What it tells of reporting"), _about),
        ),
        rows=lambda: SurveyQuestion.objects.select_related("series").order_by("series__name", "position"),
        search=("text", "series__name"),
        roles=PLANNERS,
        adds=False,
        retires=False,
        views=(("", gettext_lazy("All"), Q()), ("marked", gettext_lazy("Marked"), ~Q(about=""))),
        list_context=lambda request: way_to("reporting", gettext_lazy("Reporting")),
        links=(("reporting", gettext_lazy("See reporting beside crime")),),
    )
)
