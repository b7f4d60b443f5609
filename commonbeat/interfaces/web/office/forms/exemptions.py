"""The form of an exemption: which law keeps which sort of part back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonbeat.interfaces.web.office.editors import OfficeForm
from commonbeat.publishing.records.models import Exemption
from commonbeat.publishing.records.parts import SORTS


class ExemptionForm(OfficeForm):
    """One line of the agency's list."""

    sorts = forms.MultipleChoiceField(
        label=_("Propose it for"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("A person decides on each part all the same."),
    )  # fmt: skip

    class Meta:
        model = Exemption
        fields = ["code", "title", "basis", "sorts"]
        labels = {"code": _("Code"), "title": _("Short name"), "basis": _("Legal basis")}
        help_texts = {
            "code": _("It stands in the place of what was removed, such as “7(1)(b)”."),
            "title": _("What is kept back, such as “Private information”."),
            "basis": _("The section of the law on public records."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["sorts"]
        chosen.choices = [(slug, _(label)) for slug, label in SORTS.items()]
