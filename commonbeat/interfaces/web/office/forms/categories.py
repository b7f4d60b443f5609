"""The form of a category: words side by side, clocks, handlers, and what the public sees."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonbeat.cases.categories import Category, CategoryText
from commonbeat.cases.kind import KINDS
from commonbeat.core.actor import WORKERS, Role
from commonbeat.interfaces.web.office.editors import OfficeForm
from commonbeat.interfaces.web.office.forms.shared import (
    commas_of,
    language_choices,
    lines_field,
    lines_of,
    role_choices,
)

DANGER = (
    ("never", _("Never")),
    ("possible", _("Possible: ask whether it is happening now")),
    ("likely", _("Likely: show the emergency number first")),
)
PUBLIC_TEXT = (("none", _("No words")), ("reviewed", _("Words that somebody reviewed")))
PRECISIONS = (
    (25, _("25 m – about one house")),
    (50, _("50 m – a few houses")),
    (100, _("100 m – half a block")),
    (200, _("200 m – a block")),
    (400, _("400 m – some blocks")),
    (800, _("800 m – a neighbourhood")),
    (1600, _("1,600 m – several neighbourhoods")),
)
TEXT_PARTS = ("group", "name", "description", "keywords")


class CategoryForm(OfficeForm):
    """A category: words per language side by side, clocks, who handles it, and what the public sees."""

    handlers = forms.MultipleChoiceField(
        label=_("Roles that handle it"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--inline"}),
        help_text=_("Nothing chosen means everybody who works cases."),
    )
    danger = forms.ChoiceField(label=_("Danger in progress"), choices=DANGER)
    outcomes = forms.MultipleChoiceField(
        label=_("Outcomes offered"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--inline"}),
        help_text=_("Nothing chosen means all."),
    )
    procedures = forms.MultipleChoiceField(
        label=_("Ways of working"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Steps and counts that this category needs besides the common ones."),
    )
    public_precision_m = forms.TypedChoiceField(label=_("How exact the public point is"), coerce=int)
    public_text = forms.ChoiceField(label=_("Words that the public may read"), choices=PUBLIC_TEXT)
    legacy_names = lines_field(
        label=_("Names in other systems"), help_text=_("One in a line. Imports find the category by them.")
    )

    class Meta:
        model = Category
        fields = [
            "code",
            "kind",
            "order",
            "acknowledge_hours",
            "respond_hours",
            "recheck_hours",
            "cure_days",
            "procedures",
            "handlers",
            "needs_sworn",
            "sensitive",
            "danger",
            "outcomes",
            "public_point",
            "public_precision_m",
            "public_delay_hours",
            "public_text",
            "legacy_names",
        ]
        labels = {
            "code": _("Code"),
            "kind": _("Kind of case"),
            "order": _("Place in the list"),
            "acknowledge_hours": _("Working hours until somebody has read it"),
            "respond_hours": _("Working hours until there is an outcome"),
            "recheck_hours": _("Hours until somebody looks again"),
            "cure_days": _("Working days until an owner has put something right"),
            "needs_sworn": _("Needs a sworn officer"),
            "sensitive": _("Sensitive"),
            "public_point": _("Show a point on public maps"),
            "public_delay_hours": _("Hours before the public sees it"),
        }
        help_texts = {
            **dict.fromkeys(("acknowledge_hours", "respond_hours"), ""),
            "code": _(
                "Small letters, digits, hyphens and underscores. Other systems know the "
                "category by it, so it stays as it is."
            ),
            "cure_days": _("Needed where notices are served; 10 when empty."),
            "recheck_hours": _("72 for a vehicle. Leave empty where nobody looks again."),
            "sensitive": _(
                "Domestic, sexual, violent, suicide and juvenile matters: nothing is "
                "sent automatically, and the public sees no card."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        workers = {str(role) for role in (*WORKERS, Role.PARTNER)}
        self.fields["handlers"].choices = [c for c in role_choices() if c[0] in workers]  # type: ignore[attr-defined]
        self.fields["kind"] = forms.ChoiceField(
            label=_("Kind of case"), choices=[(k.slug, _(k.label)) for k in KINDS if k.intake.categories]
        )
        kind = KINDS[self.instance.kind] if self.instance.kind in KINDS else next(iter(KINDS))
        self.fields["outcomes"].choices = [(o.slug, _(o.label)) for o in kind.workflow.outcomes if o.offered]  # type: ignore[attr-defined]
        self.fields["procedures"].choices = [  # type: ignore[attr-defined]
            (p.slug, f"{_(p.label)}. {_(p.hint)}") for p in kind.workflow.procedures
        ]
        stored = self.instance.public_precision_m
        known = dict(PRECISIONS)
        self.fields["public_precision_m"].choices = [  # type: ignore[attr-defined]
            *([] if stored in known else [(stored, f"{stored} m")]),
            *PRECISIONS,
        ]
        if self.instance.pk:
            self.fields["code"].disabled = True
            self.initial["legacy_names"] = "\n".join(self.instance.legacy_names)
        else:
            self.initial["legacy_names"] = ""
        self._add_words()

    def _add_words(self) -> None:
        texts = {t.language: t for t in self.instance.texts.all()} if self.instance.pk else {}
        for code, language in language_choices():
            text = texts.get(code) or CategoryText(language=code)
            first = code == "en"
            words = {"language": language}
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name"), max_length=120, required=first, initial=text.name
            )
            self.fields[f"group_{code}"] = forms.CharField(
                label=_("Group"), max_length=80, required=first, initial=text.group
            )
            self.fields[f"description_{code}"] = forms.CharField(
                label=_("Description"),
                max_length=600,
                required=False,
                initial=text.description,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
            self.fields[f"keywords_{code}"] = forms.CharField(
                label=_("Words people use"),
                required=False,
                initial=", ".join(text.keywords),
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("Between commas. Slang and spelling mistakes help."),
            )
            self.fields[f"danger_{code}"] = forms.CharField(
                label=_("Words of danger"),
                required=False,
                initial=", ".join((self.instance.danger_words or {}).get(code, [])),
                help_text=_("Between commas, besides those that we know. They bring the emergency number first."),
            )
            for part in (*TEXT_PARTS, "danger"):
                self.fields[f"{part}_{code}"].language = words["language"]  # type: ignore[attr-defined]

    def languages(self) -> list[Any]:
        """For each language its name and bound fields, to show side by side."""
        return [
            (
                code,
                name,
                [self[f"{part}_{code}"] for part in ("name", "group", "description", "keywords", "danger")],
            )
            for code, name in language_choices()
        ]

    def other_fields(self) -> list[Any]:
        """Bound fields that are not words."""
        worded = {f"{part}_{code}" for part in (*TEXT_PARTS, "danger") for code, _name in language_choices()}
        return [field for field in self.visible_fields() if field.name not in worded]

    def clean_legacy_names(self) -> list[str]:
        return lines_of(self.cleaned_data["legacy_names"])

    def clean(self) -> dict[str, Any]:
        """A sensitive category shows no point; a language is complete or left out."""
        data = super().clean() or {}
        if data.get("sensitive") and data.get("public_point"):
            self.add_error("public_point", _("A sensitive category shows no point. Untick one of the two."))
        for field in ("acknowledge_hours", "respond_hours"):
            if data.get(field) is not None and data[field] <= 0:
                self.add_error(field, _("A clock needs more than 0 hours."))
        for code, _name in language_choices():
            if data.get(f"name_{code}") and not data.get(f"group_{code}"):
                self.add_error(f"group_{code}", _("Write the group in this language as well."))
            if not data.get(f"name_{code}") and any(data.get(f"{part}_{code}") for part in ("group", "description")):
                self.add_error(f"name_{code}", _("Write the name in this language as well."))
        return data

    def values(self) -> dict[str, Any]:
        data, shown = self.cleaned_data, dict(language_choices())
        stored = self.instance.texts.all() if self.instance.pk else ()
        texts = [
            {"language": t.language, **{p: getattr(t, p) for p in TEXT_PARTS}}
            for t in stored
            if t.language not in shown
        ]
        texts += [
            {
                "language": code,
                "group": data[f"group_{code}"],
                "name": data[f"name_{code}"],
                "description": data[f"description_{code}"],
                "keywords": commas_of(data[f"keywords_{code}"]),
            }
            for code in shown
            if data[f"name_{code}"]
        ]
        danger = {c: w for c, w in (self.instance.danger_words or {}).items() if c not in shown}
        danger |= {code: commas_of(data[f"danger_{code}"]) for code in shown if data[f"danger_{code}"].strip()}
        return {**super().values(), "texts": texts, "danger_words": danger}
