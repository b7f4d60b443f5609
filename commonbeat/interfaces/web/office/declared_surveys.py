"""The editor of surveys: their name, what readers must know, and their cadence."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy

from commonbeat.evidence.surveys import tracked as rows
from commonbeat.evidence.surveys.actions import PLANNERS
from commonbeat.evidence.surveys.models import SurveySeries
from commonbeat.interfaces.web.office.editors import EDITORS, Column, Editor
from commonbeat.interfaces.web.office.forms.surveys import SurveyForm


def _cadence(row: SurveySeries) -> str:
    return gettext("every %(n)s months") % {"n": row.every_months} if row.every_months else ""


SURVEYS = EDITORS.add(
    Editor(
        tracked=rows.SERIES,
        form=SurveyForm,
        title=gettext_lazy("Surveys"),
        one=gettext_lazy("Survey"),
        add_label="",
        intro=gettext_lazy("What surveys are called and how often they ask. Answers are brought in under Surveys."),
        columns=(Column(gettext_lazy("Name"), "name"), Column(gettext_lazy("Cadence"), _cadence)),
        rows=lambda: SurveySeries.objects.order_by("name"),
        search=("name",),
        roles=PLANNERS,
        adds=False,
    )
)
