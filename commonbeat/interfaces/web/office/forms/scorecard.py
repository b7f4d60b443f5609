"""The form of the scorecard: which of the five, what stands behind it, whether residents see it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonbeat.evidence.measures import SHARE, NoMeasure, measure
from commonbeat.evidence.scorecard import choosing
from commonbeat.evidence.scorecard.models import ScorecardLine
from commonbeat.evidence.surveys.models import SurveyQuestion
from commonbeat.interfaces.web.office.editors import OfficeForm


class ScorecardForm(OfficeForm):
    """One of the five and the number behind it."""

    behind = forms.ChoiceField(
        label=gettext_lazy("What stands behind it"),
        help_text=gettext_lazy("A measure that is counted, or a question of a survey whose waves are released."),
    )

    field_order = ("dimension", "behind", "per_residents", "says", "public")

    class Meta:
        model = ScorecardLine
        fields = ["dimension", "per_residents", "says", "public"]
        labels = {
            "dimension": gettext_lazy("Of the five"), "says": gettext_lazy("What readers must know"),
            "per_residents": gettext_lazy("Count it per 10,000 residents and month"),
            "public": gettext_lazy("Residents may see it"),
        }  # fmt: skip
        help_texts = {
            "dimension": "",
            "says": gettext_lazy("Why this was chosen and what it leaves out. It stands beside the number."),
            "per_residents": gettext_lazy("For measures that count. Shares and questions stay as they are."),
            "public": gettext_lazy("Whole years only, with small numbers hidden; released waves of surveys."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = choosing.name_of(self.instance)
        offered: list[Any] = [("", _("Choose")), *choosing.choices()]
        known = {value for entry in offered for value, _label in (entry[1] if isinstance(entry[1], list) else [entry])}
        if chosen and chosen not in known:
            offered.append((chosen, _("What was chosen before (no longer offered)")))
        self.fields["behind"].choices = offered  # type: ignore[attr-defined]
        self.initial["behind"] = chosen
        taken = set(ScorecardLine.objects.exclude(pk=self.instance.pk).values_list("dimension", flat=True))
        left = [(one.value, _(one.label)) for one in ScorecardLine.Dimension if one.value not in taken]
        self.fields["dimension"].choices = left  # type: ignore[attr-defined]
        self.fields["dimension"].widget.choices = left  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["dimension"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Residents see only what is public by itself."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        sort, _colon, slug = str(data.get("behind", "")).partition(":")
        if sort != choosing.MEASURE:
            return data
        try:
            found = measure(slug)
        except NoMeasure:
            self.add_error("behind", _("This measure is gone. Choose another one."))
            return data
        if data.get("public") and not found.public:
            self.add_error("public", _("Residents do not see this measure. Open it to them under Measures first."))
        if data.get("per_residents") and found.sort == SHARE:
            self.add_error("per_residents", _("This measure is a share. Only counts have a rate."))
        return data

    def values(self) -> dict[str, Any]:
        """What is tracked."""
        return super().values() | dict(choosing.fields_of(self.cleaned_data["behind"]))


class QuestionForm(OfficeForm):
    """What the answers to a question tell of how willing people are to report."""

    class Meta:
        model = SurveyQuestion
        fields = ["about"]
        labels = {"about": gettext_lazy("What it tells of reporting")}
        help_texts = {"about": gettext_lazy("A question that is marked stands beside recorded crime under Reporting.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", _("Nothing")), *((one.value, _(one.label)) for one in SurveyQuestion.About)]
        self.fields["about"].choices = offered  # type: ignore[attr-defined]
        self.fields["about"].widget.choices = offered  # type: ignore[attr-defined]
