"""Forms of API keys and webhooks."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonbeat.cases.kind import KINDS
from commonbeat.community import access
from commonbeat.community.models import Area
from commonbeat.interfaces.web.office.editors import OfficeForm
from commonbeat.interfaces.web.office.forms.shared import AreasField, current_areas, day_field
from commonbeat.journal.models import Webhook
from commonbeat.journal.outside import UnsafeAddress, check_address

SCOPES = tuple((scope, _(label)) for scope, label in access.SCOPES.items())


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label=_("What uses this key"),
        max_length=120,
        help_text=_("Such as the name of the app and of the company that runs it."),
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), choices=SCOPES, widget=forms.CheckboxSelectMultiple)
    areas = AreasField(
        queryset=Area.objects.none(),
        required=False,
        label=_("Only for these areas"),
        help_text=_("Nothing chosen means everywhere."),
    )
    contact = forms.EmailField(label=_("E-mail address of whoever runs it"), required=False)
    per_minute = forms.IntegerField(label=_("Requests a minute"), min_value=1, max_value=100_000, initial=600)
    expires_on = day_field(label=_("Last day"), required=False, help_text=_("Leave empty for a key without an end."))
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].queryset = current_areas()  # type: ignore[attr-defined]


def event_choices() -> list[Any]:
    """Every verb that webhooks can be told of: what several kinds of case have first, then what each alone has."""
    labels: dict[str, Counter[str]] = {}
    for kind in KINDS:
        for step in kind.workflow.steps:
            labels.setdefault(step.slug, Counter())[step.label] += 1
    # A step that several kinds have is called what most of them call it.
    shared = {slug: said.most_common(1)[0][0] for slug, said in labels.items() if said.total() > 1}
    usual = [("case.opened", _("A case was opened")), ("case.undone", _("A step was taken back"))]
    groups: list[Any] = [(_("Several kinds of case"), usual + [(f"case.{s}", _(said)) for s, said in shared.items()])]
    for kind in KINDS:
        alone = [(f"case.{s.slug}", _(s.label)) for s in kind.workflow.steps if s.slug not in shared]
        groups += [(_(kind.plural), alone)] if alone else []
    return groups


class WebhookForm(OfficeForm):
    """An address that is told of events."""

    url = forms.URLField(
        label=_("Address"), assume_scheme="https", max_length=500,
        help_text=_("An https address. Each message is signed; the receiver checks it with the secret."),
    )  # fmt: skip

    verbs = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--groups"}),
        help_text=_("Nothing chosen means all."),
    )

    def clean_url(self) -> str:
        """Only addresses that messages will be sent to."""
        try:
            check_address(self.cleaned_data["url"], private=settings.WEBHOOK_PRIVATE)
        except UnsafeAddress as refusal:
            raise forms.ValidationError(gettext(str(refusal))) from None
        return str(self.cleaned_data["url"])

    class Meta:
        model = Webhook
        fields = ["name", "url", "verbs"]
        labels = {"name": _("What listens there")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verbs"].choices = event_choices()  # type: ignore[attr-defined]
