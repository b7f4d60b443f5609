"""The form of a sort of incident: who takes it, what is asked, who reads it, and how long it is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy

from commonbeat.core.retention import LONGEST
from commonbeat.evidence.offences import names
from commonbeat.interfaces.web.office.editors import OfficeForm
from commonbeat.interfaces.web.office.forms.shared import lines_field, lines_of
from commonbeat.kinds.field_report.models import IncidentSort
from commonbeat.kinds.field_report.vocabulary import BY_LAW, PARTS, SIGNS

EVERYBODY = "everybody"
LINE = 300
"""Characters of one line of a card."""


class IncidentSortForm(OfficeForm):
    """A sort of incident. What the law leaves to sworn officers cannot be opened to others here (RULES 12)."""

    sworn = forms.ChoiceField(label=gettext_lazy("Who may take it"))
    card = lines_field(
        label=gettext_lazy("What to do"), help_text=gettext_lazy("The protocol card, one thing in each line.")
    )
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("What must be there"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A report is not sent in without it."),
    )  # fmt: skip
    offence = forms.ChoiceField(
        label=gettext_lazy("Offense code"), required=False,
        help_text=gettext_lazy("Of the National Incident-Based Reporting System (NIBRS), where it is an offense."),
    )  # fmt: skip

    class Meta:
        model = IncidentSort
        fields = ["name", "sworn", "card", "call", "needs", "approved", "offence", "keep_days", "order"]
        labels = {
            "name": gettext_lazy("Name"), "call": gettext_lazy("When to call sworn officers"),
            "approved": gettext_lazy("A supervisor reads the report"),
            "keep_days": gettext_lazy("Days to keep it at the least"), "order": gettext_lazy("Place in the list"),
        }  # fmt: skip
        help_texts = {
            "call": "",
            "approved": gettext_lazy("Without it, whoever writes the report finishes it."),
            "keep_days": gettext_lazy("Counted from the end of the report. Empty means as all field reports."),
            "order": "",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["sworn"] = self.instance.sworn or EVERYBODY
        self.initial["card"] = "\n".join(self.instance.card)
        listed: Any = self.fields
        listed["needs"].choices = [(one.key, gettext(one.label)) for one in PARTS]
        only = gettext("Sworn officers only: %(why)s")
        signs = [(one.key, only % {"why": gettext(one.label)}) for one in SIGNS]
        everybody = [] if self.by_law else [(EVERYBODY, gettext("Everybody who writes field reports"))]
        listed["sworn"].choices = everybody + signs
        if self.by_law:
            listed["sworn"].help_text = gettext("The law leaves this to sworn officers. It cannot be opened to others.")
        codes = sorted((code, f"{code} {name}") for code, name in names().items())
        listed["offence"].choices = [("", gettext("None")), *codes]
        for name in ("keep_days", "order"):
            listed[name].widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "narrow"})

    @property
    def by_law(self) -> bool:
        """True for what only sworn officers may take."""
        return self.instance.code in BY_LAW

    def clean_sworn(self) -> str:
        """The sign why it is theirs; nothing where everybody takes it."""
        chosen: str = self.cleaned_data["sworn"]
        return "" if chosen == EVERYBODY else chosen

    def clean_card(self) -> list[str]:
        """One thing in each line."""
        lines = lines_of(self.cleaned_data["card"])
        if any(len(line) > LINE for line in lines):
            text = gettext("Shorten each line to %(limit)s characters or fewer.")
            raise forms.ValidationError(text % {"limit": LINE})
        return lines

    def clean_keep_days(self) -> int | None:
        """Nothing about people is kept without end."""
        days: int | None = self.cleaned_data["keep_days"]
        if days is not None and not 1 <= days <= LONGEST:
            text = gettext("Enter a number from %(least)s to %(most)s.")
            raise forms.ValidationError(text % {"least": 1, "most": LONGEST})
        return days

    def clean(self) -> dict[str, Any]:
        """What sworn officers take is read by a supervisor, and every sort has a name of its own."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("sworn") and not data.get("approved"):
            self.add_error("approved", gettext("A supervisor reads what sworn officers take. Tick it."))
        code = self.instance.code or slugify(data.get("name") or "")[:20].strip("-")
        taken = not code or (not self.instance.pk and IncidentSort.objects.filter(code=code).exists())
        if taken and data.get("name"):
            self.add_error("name", gettext("There is a sort with this name already. Choose another name."))
        return data | {"code": code}

    def values(self) -> dict[str, Any]:
        """With the code, which stays as it was made."""
        return super().values() | {"code": self.cleaned_data["code"]}
