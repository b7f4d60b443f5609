"""Makes HTML forms of declared fields: one builder for steps, category questions and all that is alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext

from commonbeat.community.agency import wall_time
from commonbeat.core.fields import MAX_LENGTH, NOT_A_CHOICE, Choice, Field, Invalid, Problem, ahead, clean
from commonbeat.core.text import N_
from commonbeat.core.workflow import NotAllowed

Options = Sequence[tuple[Any, Any]]
"""Choices of a select: (value, label), or (group's label, [(value, label), …])."""

FEW = 6
"""Up to so many answers are shown at once as radio buttons; more become a select."""


MANY = 8
"""More boxes to tick than these stand side by side, as far as there is room, instead of one on each line."""


class FieldsForm(forms.Form):
    """A form over declared fields. What a field accepts is decided by `core.fields.clean` alone.

    After `is_valid()`, `cleaned_data` holds the answers as they are stored: hidden questions and empty
    answers are left out, an unticked box is a decision (False). Every question is rendered; scripts hide
    those that earlier answers don't ask (`show_when`), without scripts their answers are dropped.
    """

    use_required_attribute = False

    def __init__(self, declared: Sequence[Field], data: Mapping[str, Any] | None, **options: Any) -> None:
        super().__init__(data, **options)
        self.declared = tuple(declared)
        self.listed: dict[str, frozenset[str]] = {}

    def full_clean(self) -> None:
        """Check the answers by their declarations; Django's own field checks are not asked."""
        self._errors = forms.utils.ErrorDict(renderer=self.renderer)
        self.cleaned_data: dict[str, Any] = {}
        if not self.is_bound:
            return
        given = self.typed()
        try:
            self.cleaned_data = clean(self.declared, given)
            self.add_problems(Invalid(ahead(self.declared, self.cleaned_data, now=lambda: wall_time(timezone.now()))))
        except Invalid as refused:
            self.add_problems(refused)
        unlisted = [
            Problem(code, NOT_A_CHOICE)
            for code, known in self.listed.items()
            if code not in self._errors and not known.issuperset(_texts(given.get(code)))
        ]
        self.add_problems(Invalid(unlisted))

    def typed(self) -> dict[str, Any]:
        """What was typed, by code, before any check; unticked boxes are False."""
        return {
            item.code: self.fields[item.code].widget.value_from_datadict(
                self.data, self.files, self.add_prefix(item.code)
            )
            for item in self.declared
        }

    def add_problems(self, refused: Invalid) -> None:
        """Show problems that the domain found: beside their question, or on top when there is none."""
        if self._errors is None:
            self.full_clean()
        for problem in refused.problems:
            where = problem.code if problem.code in self.fields else None
            self.add_error(where, say(problem))


def say(problem: Problem) -> str:
    """A problem in the reader's language."""
    words = gettext(problem.message)
    return words % problem.params if problem.params else words


def say_refusal(refused: NotAllowed) -> str:
    """Why a step was refused, in the reader's language."""
    names = {name: gettext(words) for name, words in refused.names.items()}
    return gettext(refused.message) % names if names else gettext(refused.message)


def form_for(
    fields: Iterable[Field],
    *,
    language: str,
    data: Mapping[str, Any] | None = None,
    sources: Mapping[str, Options] | None = None,
    initial: Mapping[str, Any] | None = None,
    prefix: str | None = None,
) -> FieldsForm:
    """The form of some declared fields, in a language; bound when there is `data`.

    `sources` gives the choices of fields that name a list (user, team, area, category, outcome); a source
    that is not given stays a text field, one that is empty drops a question that needs no answer. Show it with
    `{{ field.as_field_group }}` or `{{ form.as_div }}`.
    """
    given = sources or {}
    declared = tuple(f for f in fields if f.required or not f.source or f.source not in given or given[f.source])
    form = FieldsForm(declared, data, prefix=prefix, initial=dict(initial or {}))
    for item in declared:
        options = given.get(item.source) if item.source else None
        form.fields[item.code] = _field(item, language, options)
        if options is not None:
            form.listed[item.code] = frozenset(_values(options))
    return form


def label_of(item: Field | Choice, language: str) -> str:
    """The words of a question or choice: written by the agency in this language, or translated by us."""
    return _words(item.labels, item.label, language)


def _words(by_language: Mapping[str, str], source: str, language: str) -> str:
    found = by_language.get(language) or by_language.get(language.split("-")[0])
    return found or (gettext(source) if source else "")


def _texts(value: Any) -> Iterable[str]:
    chosen = value if isinstance(value, list | tuple) else [value]
    return (str(one) for one in chosen if one)


def _values(options: Options) -> Iterable[str]:
    for value, label in options:
        if isinstance(label, list | tuple):
            yield from (str(inner) for inner, _ in label)
        else:
            yield str(value)


def _field(item: Field, language: str, options: Options | None) -> forms.Field:
    hint = _words(item.hints, item.hint, language)
    if options is not None and item.choices:  # the list says which of the declared answers fit here
        fitting = frozenset(_values(options))
        item, options = replace(item, choices=tuple(c for c in item.choices if c.key in fitting)), None
    words: dict[str, Any] = {"label": label_of(item, language), "help_text": hint, "initial": item.initial}
    if options is not None and item.datatype == "multivaluelist":
        many = len(options) > MANY and not any(isinstance(label, list | tuple) for _, label in options)
        made = _choice_field(item, options, forms.CheckboxSelectMultiple, words)
        if many:
            made.widget.attrs["class"] = "choices--inline"
    elif options is not None:
        made = _choice_field(item, [("", gettext("Choose …")), *options], forms.Select, words)
    else:
        made = _MAKERS[item.datatype](item, language, words)
    if item.show_when:
        made.show_when = f"{item.show_when.code}={'|'.join(sorted(item.show_when.among))}"  # type: ignore[attr-defined]
    return made


def _choice_field(item: Field, choices: Options, widget: type[forms.Widget], words: dict[str, Any]) -> forms.Field:
    kind = forms.MultipleChoiceField if widget is forms.CheckboxSelectMultiple else forms.ChoiceField
    return kind(choices=list(choices), widget=widget, required=item.required, **words)


def _string(item: Field, language: str, words: dict[str, Any]) -> forms.Field:
    long = item.datatype == "text"
    attrs: dict[str, Any] = {"maxlength": int(item.maximum or MAX_LENGTH[item.datatype])}
    if item.personal:
        attrs["autocomplete"] = "off"
    if long:
        attrs["rows"] = 4
    return forms.CharField(
        required=item.required, widget=(forms.Textarea if long else forms.TextInput)(attrs=attrs), **words
    )


def _number(item: Field, language: str, words: dict[str, Any]) -> forms.Field:
    # A number field of the browser throws away what it cannot read; a text field keeps it for correction.
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "narrow"})
    return forms.CharField(required=item.required, widget=widget, **words)


def _day(item: Field, language: str, words: dict[str, Any]) -> forms.Field:
    return forms.CharField(required=item.required, widget=forms.TextInput(attrs={"type": "date"}), **words)


def _moment(item: Field, language: str, words: dict[str, Any]) -> forms.Field:
    return forms.CharField(required=item.required, widget=forms.TextInput(attrs={"type": "datetime-local"}), **words)


def _time(item: Field, language: str, words: dict[str, Any]) -> forms.Field:
    return forms.CharField(required=item.required, widget=forms.TextInput(attrs={"type": "time"}), **words)


def _boolean(item: Field, language: str, words: dict[str, Any]) -> forms.Field:
    # Never marked “optional”: a box asks for nothing.
    return forms.BooleanField(required=True, **words)


def _one_of(item: Field, language: str, words: dict[str, Any]) -> forms.Field:
    choices = [(choice.key, label_of(choice, language)) for choice in item.choices]
    if item.required and len(choices) <= FEW:
        return _choice_field(item, choices, forms.RadioSelect, words)
    return _choice_field(item, [("", gettext("Choose …")), *choices], forms.Select, words)


def _some_of(item: Field, language: str, words: dict[str, Any]) -> forms.Field:
    choices = [(choice.key, label_of(choice, language)) for choice in item.choices]
    return _choice_field(item, choices, forms.CheckboxSelectMultiple, words)


MEANWHILE = N_("Somebody changed this in the meantime. What you typed is still here; look at it again and save.")
"""Said where somebody else was faster."""


class PhotosInput(forms.FileInput):
    """Chooses pictures; those that were sent with an earlier try stay, as tokens."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/photos.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.getlist(TOKENS) if hasattr(data, "getlist") else data.get(name)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["widget"] |= {"tokens_name": TOKENS, "tokens": [token for token in value or () if token]}
        return context


TOKENS = "photo"
"""Under this name a form sends the tokens of pictures that are here already."""


def _photos(item: Field, language: str, words: dict[str, Any]) -> forms.Field:
    widget = PhotosInput(attrs={"accept": "image/*", "multiple": True})
    return forms.Field(required=item.required, widget=widget, **words)


_MAKERS: Mapping[str, Callable[[Field, str, dict[str, Any]], forms.Field]] = {
    "string": _string,
    "text": _string,
    "number": _number,
    "datetime": _day,
    "moment": _moment,
    "time": _time,
    "boolean": _boolean,
    "singlevaluelist": _one_of,
    "multivaluelist": _some_of,
    "photos": _photos,
}
