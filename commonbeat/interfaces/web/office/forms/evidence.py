"""Forms of what analysts define: measures of incidents, and what a source is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonbeat.evidence.measures import MEASURES
from commonbeat.evidence.models import CountedMeasure, IncidentSource
from commonbeat.interfaces.web.office.editors import OfficeForm


class MeasureForm(OfficeForm):
    """Incidents of a source, all of them or some categories, under a name."""

    categories = forms.CharField(
        label=gettext_lazy("Only these sorts"), required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One in each line, as the source writes it. Leave it empty to count all."),
    )  # fmt: skip

    class Meta:
        model = CountedMeasure
        fields = ["name", "noun", "says", "source", "public"]
        labels = {
            "name": gettext_lazy("Name"), "noun": gettext_lazy("What it counts"), "source": gettext_lazy("Source"),
            "says": gettext_lazy("What readers must know"), "public": gettext_lazy("Residents may see it"),
        }  # fmt: skip
        help_texts = {
            "name": "",
            "noun": gettext_lazy("In the plural, as a sentence needs it: “burglaries”."),
            "says": gettext_lazy("What counts and what does not. It stands above every picture."),
            "source": "",
            "public": gettext_lazy("Whole years by area, with small numbers hidden; never points."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = IncidentSource.objects.order_by("name")  # type: ignore[attr-defined]
        self.initial["categories"] = "\n".join(getattr(self.instance, "categories", ()))

    def clean(self) -> dict[str, Any]:
        """Sorts that the source has, and an address of its own."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        wanted = list(dict.fromkeys(line.strip() for line in data.get("categories", "").splitlines() if line.strip()))
        source = data.get("source")
        known = source.categories if source is not None else wanted
        for name in wanted:
            if name not in known:
                self.add_error("categories", _("The source has no sort “%(name)s”. Look on its page how it writes it.")
                               % {"name": name})  # fmt: skip
        data["categories"] = wanted
        rivals = CountedMeasure.objects.filter(source=source, public=True, retired_at=None).exclude(pk=self.instance.pk)
        if data.get("public") and source and rivals.exists():
            self.add_error(
                "public",
                _(
                    "Residents see another measure of this source already. The difference of two "
                    "would give small numbers away: choose one of them."
                ),
            )
        if not self.instance.pk:
            data["slug"] = slugify(data.get("name") or "")[:60]
            taken = CountedMeasure.objects.filter(slug=data["slug"]).exists() or data["slug"] in MEASURES
            if data.get("name") and (taken or not data["slug"]):
                self.add_error("name", _("There is a measure with this name. Use another one."))
        return data

    def values(self) -> dict[str, Any]:
        """What is tracked; the address of a measure stays, since links and studies name it."""
        slug = {"slug": self.cleaned_data["slug"]} if "slug" in self.cleaned_data else {}
        return super().values() | {"categories": self.cleaned_data["categories"]} | slug


class SourceForm(OfficeForm):
    """What a source is called, and what is said beside its numbers."""

    class Meta:
        model = IncidentSource
        fields = ["name", "noun", "notice", "snapped"]
        labels = {
            "name": gettext_lazy("Name"), "noun": gettext_lazy("What it counts"),
            "notice": gettext_lazy("Notice"), "snapped": gettext_lazy("Places were moved before they were published"),
        }  # fmt: skip
        help_texts = {
            "name": "",
            "noun": gettext_lazy("In the plural, as a sentence needs it: “burglaries”."),
            "notice": gettext_lazy("Whose data it is, under which terms. It stands below every picture."),
            "snapped": gettext_lazy("As police.uk does. Pages then warn that small areas may be wrong."),
        }
