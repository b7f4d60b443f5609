"""The form of a sound limit: a zone, a time of day, a level."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonbeat.cases.work_records import HIGHEST_DB, LOWEST_DB, SoundLimit
from commonbeat.interfaces.web.office.editors import OfficeForm
from commonbeat.interfaces.web.office.forms.shared import clock_field


class SoundLimitForm(OfficeForm):
    """How loud it may be in a zone between two times of day."""

    starts = clock_field(label=_("From"))
    ends = clock_field(label=_("Until"), help_text=_("It may be on the next morning; the same time means all day."))
    level_db = forms.FloatField(
        label=_("Limit, dB(A)"),
        min_value=LOWEST_DB,
        max_value=HIGHEST_DB,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "narrow"}),
    )

    class Meta:
        model = SoundLimit
        fields = ["zone", "starts", "ends", "level_db", "source"]
        labels = {"zone": _("Zone"), "source": _("Where it is written")}
        help_texts = {
            "zone": _("Such as “Residential”. The same zone may have several limits, one for each time of day."),
            "source": _("Such as “Municipal Code § 8-32-150”."),
        }

    def clean_zone(self) -> str:
        """One zone is one name, whatever spaces were typed."""
        return " ".join(self.cleaned_data["zone"].split())

    def clean(self) -> dict[str, Any]:
        """Two limits of one zone never begin at the same time: nobody could say which one holds."""
        data = super().clean() or self.cleaned_data
        zone, starts = data.get("zone"), data.get("starts")
        if zone and starts is not None:
            same = SoundLimit.objects.filter(zone__iexact=zone, starts=starts, retired_at=None)
            if same.exclude(pk=self.instance.pk).exists():
                self.add_error("starts", _("This zone has a limit from this time on already. Change that one."))
        return data
