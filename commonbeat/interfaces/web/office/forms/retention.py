"""The form of a rule of retention: what ends how, for how many days it is kept, and which law says so."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from commonbeat.cases.keeping import EVERY_OTHER, RetentionRule
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.core.retention import LONGEST
from commonbeat.interfaces.web.office.editors import OfficeForm


def outcome_name(kind: str, outcome: str) -> str:
    """An outcome of a kind in words."""
    found = KINDS[kind].workflow.outcome(outcome) if kind in KINDS else None
    return gettext(found.label) if found else gettext("Every other outcome")


def days_name(days: int | None) -> str:
    """How long something is kept, in words."""
    return gettext("For ever") if days is None else ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def _outcomes(kind: Kind) -> list[str]:
    """Outcomes whose time an agency may set: what is declared to be kept for ever stays so."""
    every = [EVERY_OTHER, *(outcome.slug for outcome in kind.workflow.outcomes)]
    return [slug for slug in every if kind.declared(slug).days is not None]


class RetentionRuleForm(OfficeForm):
    """How long the agency keeps what ended so, inside the bounds that the kind declares."""

    what = forms.ChoiceField(label=_("Cases that ended with"))

    class Meta:
        model = RetentionRule
        fields = ["days", "basis"]
        labels = {"days": _("Days to keep them after closing"), "basis": _("Legal basis")}
        help_texts = {
            "days": _("730 days are two years."),
            "basis": _("The law or records schedule that says so, such as “Records schedule 12-40, item 3”."),
        }

    field_order = ("what", "days", "basis")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["what"]
        groups = [
            (gettext(kind.plural), [(f"{kind.slug}/{slug}", outcome_name(kind.slug, slug)) for slug in _outcomes(kind)])
            for kind in KINDS
        ]
        chosen.choices = [("", gettext("Choose")), *(group for group in groups if group[1])]
        self.fields["days"].widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "narrow"})
        if self.instance.pk:
            chosen.disabled = True
            self.initial["what"] = f"{self.instance.kind}/{self.instance.outcome}"

    def clean_basis(self) -> str:
        """Spaces alone are no law."""
        return " ".join(self.cleaned_data["basis"].split())

    def clean(self) -> dict[str, Any]:
        """One rule for each way to end, inside its bounds."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind, _slash, outcome = data.get("what", "").partition("/")
        if kind:
            data |= {"kind": kind, "outcome": outcome}
            self._check(kind, outcome, data.get("days"))
        return data

    def _check(self, kind: str, outcome: str, days: int | None) -> None:
        same = RetentionRule.objects.filter(kind=kind, outcome=outcome).exclude(pk=self.instance.pk).first()
        if same:
            self.add_error(
                "what",
                gettext("There is a rule for this, but it is out of use. Put that one back into use.")
                if same.retired_at
                else gettext("There is a rule for this already. Change that one."),
            )
        lowest = KINDS[kind].declared(outcome).lowest
        if days is not None and not lowest <= days <= LONGEST:
            text = gettext(
                "Enter a number from %(least)s to %(most)s. People must be able to ask for what became of their "
                "report, and nothing about them is kept without end."
            )
            self.add_error("days", text % {"least": lowest, "most": LONGEST})

    def values(self) -> dict[str, Any]:
        """With what the choice stands for."""
        return super().values() | {name: self.cleaned_data[name] for name in ("kind", "outcome")}
