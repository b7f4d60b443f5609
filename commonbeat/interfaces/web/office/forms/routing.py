"""Forms of routing rules, of imagined reports, and of response templates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import ResponseTemplate, RoutingRule
from commonbeat.community.models import Area
from commonbeat.interfaces.web.office.editors import OfficeForm
from commonbeat.interfaces.web.office.forms.questions import answer_options, split_answers
from commonbeat.interfaces.web.office.forms.shared import (
    AreaField,
    AreasField,
    clock_field,
    colleagues,
    current_areas,
    current_teams,
    keys_of,
    language_choices,
    time_text,
)

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)
CHANNELS = (
    ("web", _("Website")),
    ("phone", _("Telephone")),
    ("counter", _("Counter")),
    ("paper", _("Paper")),
    ("text", _("Text message")),
    ("meeting", _("Meeting")),
    ("open311", _("Open311")),
    ("api", _("Other program")),
    ("import", _("Import")),
)


def category_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Categories in use by group: (code, name) in the reader's language."""
    from django.utils.translation import get_language

    groups: dict[str, list[tuple[str, str]]] = {}
    for known in categories().values():
        if known.row.retired_at is None:
            words = known.text(get_language() or "en")
            groups.setdefault(words.group, []).append((known.row.code, words.name))
    return sorted(groups.items())


def group_choices() -> list[tuple[str, str]]:
    """Groups as routing knows them (in English), with their names in the reader's language."""
    from django.utils.translation import get_language

    found = {
        k.text("en").group: k.text(get_language() or "en").group
        for k in categories().values()
        if k.row.retired_at is None
    }
    return sorted(found.items())


def all_answers() -> list[tuple[str, list[tuple[str, str]]]]:
    """Answers of every category's questions, the same question listed once."""
    seen: dict[str, list[tuple[str, str]]] = {}
    for known in categories().values():
        for label, options in answer_options(known.row.questions):
            kept = seen.setdefault(label, [])
            kept += [option for option in options if option not in kept]
    return sorted(seen.items())


class RoutingRuleForm(OfficeForm):
    """One rule: all conditions must hold; empty ones don't count."""

    kinds = forms.MultipleChoiceField(
        label=_("Kinds of case"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--inline"}),
    )
    categories = forms.MultipleChoiceField(
        label=_("Categories"), required=False, widget=forms.SelectMultiple(attrs={"size": 8})
    )
    groups = forms.MultipleChoiceField(
        label=_("Groups of categories"), required=False, widget=forms.SelectMultiple(attrs={"size": 6})
    )
    areas = AreasField(
        queryset=Area.objects.none(),
        required=False,
        label=_("Areas"),
        help_text=_("With everything inside them."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"), required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--inline"})
    )
    channels = forms.MultipleChoiceField(
        label=_("Ways in"),
        required=False,
        choices=CHANNELS,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--inline"}),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"),
        required=False,
        coerce=int,
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--inline"}),
    )
    hour_from = clock_field(label=_("From what time of day"), required=False)
    hour_to = clock_field(
        label=_("Until what time of day"),
        required=False,
        help_text=_("A time before the first one means the next morning."),
    )
    answers = forms.MultipleChoiceField(
        label=_("Answers to one question"), required=False, widget=forms.SelectMultiple(attrs={"size": 8})
    )
    area_officer = forms.BooleanField(
        label=_("Give it to the officer of the area"),
        required=False,
        help_text=_("Or to whoever covers for them that day."),
    )
    active = forms.BooleanField(label=_("The rule is on"), required=False, initial=True)

    class Meta:
        model = RoutingRule
        fields = ["name", "order", "team", "user", "area_officer", "active"]
        labels = {
            "name": _("Name of the rule"),
            "order": _("Place in the order"),
            "team": _("Give it to this team"),
            "user": _("Give it to this person"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        when: dict[str, Any] = self.instance.when or {}
        choices: dict[str, Any] = {
            "kinds": [(k.slug, _(k.plural)) for k in KINDS],
            "categories": category_choices(),
            "groups": group_choices(),
            "languages": language_choices(),
            "answers": all_answers(),
        }
        for name, options in choices.items():
            self.fields[name].choices = options  # type: ignore[attr-defined]
        self.fields["areas"].queryset = current_areas()  # type: ignore[attr-defined]
        self.fields["team"].queryset = current_teams()  # type: ignore[attr-defined]
        self.fields["user"].queryset = colleagues()  # type: ignore[attr-defined]
        if len(list(KINDS)) == 1:
            del self.fields["kinds"]
        hours, answer = when.get("hours") or {}, when.get("answer") or {}
        self.initial = {
            **self.initial,
            "kinds": when.get("kind"),
            "categories": when.get("category"),
            "groups": when.get("group"),
            "areas": [int(pk) for pk in when.get("area") or ()],
            "languages": when.get("language"),
            "channels": when.get("channel"),
            "weekdays": when.get("weekdays"),
            "hour_from": hours.get("from"),
            "hour_to": hours.get("to"),
            "answers": [f"{answer['question']}={key}" for key in answer["in"]] if answer else [],
        }
        if not self.instance.pk and not self.initial.get("order"):
            last = RoutingRule.objects.order_by("-order").values_list("order", flat=True).first() or 0
            self.initial["order"] = last + 1

    def clean(self) -> dict[str, Any]:
        """Somebody gets it; times come in pairs; answers are of one question."""
        data = super().clean() or {}
        if not (data.get("team") or data.get("user") or data.get("area_officer")):
            self.add_error("team", _("Say who gets the case: a team, a person, or the officer of the area."))
        if bool(data.get("hour_from")) != bool(data.get("hour_to")):
            self.add_error("hour_to", _("Give both times, or none."))
        if len(split_answers(data.get("answers") or ())) > 1:
            self.add_error(
                "answers", _("Choose answers of one question only. Make a second rule for another question.")
            )
        return data

    def when(self) -> dict[str, Any]:
        """The conditions as they are stored."""
        data = self.cleaned_data
        answers = split_answers(data["answers"])
        found: dict[str, Any] = {
            "kind": data.get("kinds") or (self.instance.when or {}).get("kind"),
            "category": data["categories"],
            "group": data["groups"],
            "area": keys_of(data["areas"]),
            "language": data["languages"],
            "channel": data["channels"],
            "weekdays": data["weekdays"],
            "hours": {"from": time_text(data["hour_from"]), "to": time_text(data["hour_to"])}
            if data["hour_from"]
            else None,
            "answer": next(({"question": code, "in": keys} for code, keys in answers.items()), None),
        }
        return {name: value for name, value in found.items() if value}

    def values(self) -> dict[str, Any]:
        return {**super().values(), "when": self.when()}


class FactsForm(forms.Form):
    """Facts of an imagined report, to see which rule takes it."""

    category = forms.ChoiceField(label=_("Category"))
    area = AreaField(queryset=Area.objects.none(), required=False, label=_("Area"))
    language = forms.ChoiceField(label=_("Language"))
    channel = forms.ChoiceField(label=_("Way in"), choices=CHANNELS)
    at = forms.DateTimeField(
        label=_("Day and time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    answers = forms.MultipleChoiceField(
        label=_("Answers"), required=False, widget=forms.SelectMultiple(attrs={"size": 8})
    )
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = category_choices()  # type: ignore[attr-defined]
        self.fields["language"].choices = language_choices()  # type: ignore[attr-defined]
        self.fields["answers"].choices = all_answers()  # type: ignore[attr-defined]
        self.fields["area"].queryset = current_areas().filter(serves=True)  # type: ignore[attr-defined]


class TemplateForm(OfficeForm):
    """A form letter in one language."""

    language = forms.ChoiceField(label=_("Language"))
    steps = forms.MultipleChoiceField(
        label=_("Offered for these steps"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--inline"}),
        help_text=_("Nothing chosen means all."),
    )

    class Meta:
        model = ResponseTemplate
        fields = ["slug", "language", "title", "body", "steps"]
        labels = {"slug": _("Code"), "title": _("Title"), "body": _("Text")}
        help_texts = {
            "slug": _("The same letter in other languages has the same code."),
            "title": _("Staff choose it by this."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = language_choices()  # type: ignore[attr-defined]
        found = {s.slug: _(s.label) for kind in KINDS for s in kind.workflow.steps if s.lettered}
        self.fields["steps"].choices = list(found.items())  # type: ignore[attr-defined]
