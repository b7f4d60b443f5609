"""The form of a survey: what it is called, what readers must know, how often it asks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from commonbeat.evidence.surveys.models import SurveySeries
from commonbeat.interfaces.web.office.editors import OfficeForm


class SurveyForm(OfficeForm):
    """What is said of a survey beside its numbers, and its cadence."""

    class Meta:
        model = SurveySeries
        fields = ["name", "says", "credit", "every_months"]
        labels = {
            "name": gettext_lazy("Name"), "says": gettext_lazy("What readers must know"),
            "credit": gettext_lazy("Who made the questions"),
            "every_months": gettext_lazy("Asked every so many months"),
        }  # fmt: skip
        help_texts = {
            "name": "",
            "says": gettext_lazy("Who was asked, and what about. It stands above every result."),
            "credit": gettext_lazy("The source of the questions and the terms they are used on."),
            "every_months": gettext_lazy("You are told when the next wave is due. Leave it empty if there is no plan."),
        }
