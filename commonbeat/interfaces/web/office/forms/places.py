"""Forms of holidays, areas, organisations and teams."""

from __future__ import annotations

from typing import Any

import holidays
from django import forms
from django.utils.translation import gettext_lazy as _

from commonbeat.community.models import Area, Holiday, Organisation, Team
from commonbeat.interfaces.web.office.editors import OfficeForm
from commonbeat.interfaces.web.office.forms.shared import AreaField, AreasField, current_areas, day_field


class HolidayForm(OfficeForm):
    """One day on which the office is closed."""

    on = day_field(label=_("Day"))

    class Meta:
        model = Holiday
        fields = ["on", "name"]
        labels = {"name": _("Name")}


class HolidayImportForm(forms.Form):
    """The public holidays of a country (and state) in a year."""

    country = forms.CharField(label=_("Country"), max_length=2, help_text=_("Two letters, such as US."))
    subdivision = forms.CharField(
        label=_("State or province"),
        max_length=6,
        required=False,
        help_text=_("Such as IL; empty for the whole country."),
    )
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """Read the days; refuse places that the library does not know."""
        data = super().clean() or {}
        if self.errors:
            return data
        country, part = data["country"].upper(), data["subdivision"].upper() or None
        try:
            found = holidays.country_holidays(country, subdiv=part, years=data["year"], language="en_US")
        except NotImplementedError:
            raise forms.ValidationError(
                _("We have no holidays for this country and state. Check the letters, or add the days by hand.")
            ) from None
        data["days"] = sorted(found.items())
        return data


class AreaForm(OfficeForm):
    """What an area is called and what it lies in; its boundary comes from a file."""

    parent = AreaField(queryset=Area.objects.none(), required=False, label=_("Lies in"))

    class Meta:
        model = Area
        fields = ["name", "code", "parent"]
        labels = {"name": _("Name"), "code": _("Code")}
        help_texts = {"code": _("As other systems know it. Populations and new boundaries are matched by it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = current_areas().exclude(pk=self.instance.pk)  # type: ignore[attr-defined]

    def clean_parent(self) -> Area | None:
        """An area cannot lie in something that lies in it."""
        parent: Area | None = self.cleaned_data["parent"]
        above = parent
        while above is not None:
            if above.pk == self.instance.pk:
                raise forms.ValidationError(_("That area lies in this one. Choose a larger one."))
            above = above.parent
        return parent


class AreaUploadForm(forms.Form):
    """A file of boundaries, and what they are."""

    file = forms.FileField(
        label=_("GeoJSON file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,application/geo+json"}),
        help_text=_("Polygons in degrees (WGS 84), one feature for each area. Every map program can export this."),
    )
    level = forms.SlugField(
        label=_("Level"),
        max_length=40,
        help_text=_("What these areas are, in one word: district, beat, community_area."),
    )
    revision = forms.CharField(
        label=_("Revision"),
        max_length=40,
        help_text=_("Which boundaries these are, such as the year in which they began."),
    )
    name_key = forms.CharField(
        label=_("Property that holds the name"),
        max_length=80,
        required=False,
        help_text=_("Leave empty to let us find it."),
    )
    serves = forms.BooleanField(label=_("File new concerns under these areas"), required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    use_required_attribute = False


class PopulationForm(forms.Form):
    """How many people live where: a file or pasted lines."""

    level = forms.SlugField(label=_("Level of the areas"), max_length=40)
    file = forms.FileField(label=_("CSV file"), required=False)
    text = forms.CharField(
        label=_("Or paste the lines here"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Each line: code, year, residents. For example: 41,2020,25000"),
    )
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """One of the two is needed; a file may come with any usual encoding."""
        data = super().clean() or {}
        if data.get("file"):
            raw = data["file"].read(5_000_000)
            try:
                data["text"] = raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                data["text"] = raw.decode("cp1252", errors="replace")
        if not data.get("text", "").strip():
            self.add_error("file", _("Choose a file or paste some lines."))
        return data


class OrganisationForm(OfficeForm):
    """A partner organisation."""

    url = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = Organisation
        fields = ["name", "sector", "email", "phone", "url"]
        labels = {
            "name": _("Name"),
            "sector": _("What sort of organisation"),
            "email": _("E-mail address"),
            "phone": _("Telephone number"),
        }
        help_texts = {"sector": _("Such as city department, mediation, housing.")}


class TeamForm(OfficeForm):
    """People who share a queue."""

    areas = AreasField(
        queryset=Area.objects.none(),
        required=False,
        label=_("Areas"),
        help_text=_("For information and for escalations. Routing rules decide what the team gets."),
    )

    class Meta:
        model = Team
        fields = ["name", "slug", "organisation", "email", "areas"]
        labels = {
            "name": _("Name"),
            "slug": _("Short code"),
            "organisation": _("Partner organisation"),
            "email": _("E-mail address of the team"),
        }
        help_texts = {
            "slug": _("Small letters, digits and hyphens; other systems know the team by it."),
            "organisation": _("Choose one for a partner's team. Its members then see only what this team gets."),
            "email": _("Told when a case is given to the team and to nobody in person."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].queryset = current_areas()  # type: ignore[attr-defined]
        self.fields["organisation"].queryset = Organisation.objects.filter(retired_at__isnull=True).order_by("name")  # type: ignore[attr-defined]
