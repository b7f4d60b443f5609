"""The form of one question of a category: words side by side, answers as rows, shown by earlier answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonbeat.cases.category_actions import CHOICE_TYPES, Question, code_for, label_of
from commonbeat.interfaces.web.office.forms.shared import language_choices

TYPES = (
    ("string", gettext_lazy("A short text")),
    ("text", gettext_lazy("A long text")),
    ("number", gettext_lazy("A number")),
    ("datetime", gettext_lazy("A day")),
    ("boolean", gettext_lazy("A tick")),
    ("singlevaluelist", gettext_lazy("One of several answers")),
    ("multivaluelist", gettext_lazy("Any of several answers")),
)
EMPTY_ROWS = 3


def answer_options(questions: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Answers that can be conditions, by question: (`code=key`, label)."""
    found = []
    for row in questions:
        choices = [(f"{row['code']}={c['key']}", label_of({**c, "code": c["key"]})) for c in row.get("choices") or ()]
        if row["datatype"] == "boolean":
            choices = [(f"{row['code']}=True", _("ticked")), (f"{row['code']}=False", _("not ticked"))]
        if choices:
            found.append((label_of(row), choices))
    return found


def split_answers(chosen: Sequence[str]) -> dict[str, list[str]]:
    """`code=key` texts by question."""
    found: dict[str, list[str]] = {}
    for item in chosen:
        code, _sign, key = item.partition("=")
        found.setdefault(code, []).append(key)
    return found


class QuestionForm(forms.Form):
    """One question. Answers keep their keys when their words change, so that old reports stay readable."""

    datatype = forms.ChoiceField(label=gettext_lazy("What is answered"), choices=TYPES)
    required = forms.BooleanField(label=gettext_lazy("Must be answered"), required=False)
    personal = forms.BooleanField(
        label=gettext_lazy("The answer is personal"),
        required=False,
        help_text=gettext_lazy("Kept out of everything public, and shredded with the person."),
    )
    show_when = forms.MultipleChoiceField(
        label=gettext_lazy("Ask only after one of these answers"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("Nothing chosen means that it is always asked."),
    )
    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        question: Mapping[str, Any] | None,
        earlier: Sequence[Mapping[str, Any]],
        **kwargs: Any,
    ) -> None:
        self.question: Mapping[str, Any] = question or {}
        kwargs["initial"] = self._stored()
        super().__init__(*args, **kwargs)
        for code, name in language_choices():
            self.fields[f"label_{code}"] = forms.CharField(
                label=_("Question (%(language)s)") % {"language": name},
                max_length=300,
                required=code == "en",
                initial=(self.question.get("label") or {}).get(code, ""),
            )
            self.fields[f"hint_{code}"] = forms.CharField(
                label=_("Hint (%(language)s)") % {"language": name},
                max_length=300,
                required=False,
                initial=(self.question.get("hint") or {}).get(code, ""),
            )
        options = answer_options(earlier)
        self.fields["show_when"].choices = options  # type: ignore[attr-defined]
        if not options:
            del self.fields["show_when"]
        self._add_choice_rows()

    def _stored(self) -> dict[str, Any]:
        shown = self.question.get("show_when") or {}
        return {
            "datatype": self.question.get("datatype", "string"),
            "required": bool(self.question.get("required")),
            "personal": bool(self.question.get("personal")),
            "show_when": [f"{shown['question']}={key}" for key in shown["in"]] if shown else [],
        }

    def _add_choice_rows(self) -> None:
        stored = list(self.question.get("choices") or ())
        sent = str(self.data.get("choice_rows", "")) if self.is_bound else ""
        self.row_count = min(int(sent), 60) if sent.isdigit() else len(stored) + EMPTY_ROWS
        if self.is_bound and "more_rows" in self.data:
            self.row_count += EMPTY_ROWS
        for number in range(self.row_count):
            choice: Any = stored[number] if number < len(stored) else {"key": "", "label": {}}
            self.fields[f"choice_{number}_key"] = forms.CharField(
                widget=forms.HiddenInput, required=False, initial=choice["key"], max_length=60
            )
            for code, name in language_choices():
                self.fields[f"choice_{number}_{code}"] = forms.CharField(
                    label=_("Answer %(number)s (%(language)s)") % {"number": number + 1, "language": name},
                    required=False,
                    max_length=120,
                    initial=choice["label"].get(code, ""),
                )

    def word_fields(self) -> list[Any]:
        """Bound fields of the question's words, language by language."""
        return [(name, self[f"label_{code}"], self[f"hint_{code}"]) for code, name in language_choices()]

    def plain_fields(self) -> list[Any]:
        """The other bound fields, in the order in which they make sense."""
        return [self[name] for name in ("datatype", "required", "personal", "show_when") if name in self.fields]

    def choice_rows(self) -> list[Any]:
        """For each row of answers: the hidden key and the words by language."""
        return [
            (self[f"choice_{n}_key"], [self[f"choice_{n}_{code}"] for code, _name in language_choices()])
            for n in range(self.row_count)
        ]

    def clean(self) -> dict[str, Any]:
        """Answers are needed where there is something to choose, and hang together."""
        data = super().clean() or {}
        if "more_rows" in self.data:
            return data
        if data.get("datatype") in CHOICE_TYPES and len(self._choices(data)) < 2:
            self.add_error(None, _("Write at least two answers to choose from."))
        if len(split_answers(data.get("show_when") or ())) > 1:
            self.add_error("show_when", _("Choose answers of one question only."))
        return data

    def _choices(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        old = {choice["key"]: choice for choice in self.question.get("choices") or ()}
        for number in range(self.row_count):
            words = {code: data.get(f"choice_{number}_{code}", "").strip() for code, _name in language_choices()}
            words = {code: text for code, text in words.items() if text}
            if not words:
                continue
            key = data.get(f"choice_{number}_key") or ""
            if key not in old:
                key = code_for(words.get("en") or next(iter(words.values())), [*old, *(c["key"] for c in found)])
            others = {
                c: t for c, t in (old.get(key) or {"label": {}})["label"].items() if c not in dict(language_choices())
            }
            found.append({"key": key, "label": others | words})
        return found

    def row(self) -> Question:
        """The question as it is stored."""
        data, shown = self.cleaned_data, dict(language_choices())
        words = {
            part: {c: t for c, t in (self.question.get(part) or {}).items() if c not in shown}
            | {code: data[f"{part}_{code}"].strip() for code in shown if data[f"{part}_{code}"].strip()}
            for part in ("label", "hint")
        }
        after = split_answers(data.get("show_when") or ())
        when = next(({"question": code, "in": keys} for code, keys in after.items()), None)
        choices = self._choices(data) if data["datatype"] in CHOICE_TYPES else []
        return {
            "datatype": data["datatype"],
            "required": data["required"],
            "personal": data["personal"],
            "label": words["label"],
            "hint": words["hint"],
            "choices": choices,
            "show_when": when,
        }
