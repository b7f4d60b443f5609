"""The gallery: every component with its examples, and one form; the accessibility test walks over it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest

from commonbeat.interfaces.web.component_list import COMPONENTS


class FormExample(forms.Form):
    """One field of each sort, for the gallery and for the tests of the form templates."""

    what = forms.CharField(
        label="What happened?", widget=forms.Textarea, help_text="Two or three sentences are enough."
    )
    street = forms.CharField(label="Street", max_length=80)
    times = forms.IntegerField(
        label="How often?", max_value=99, required=False, help_text="A number, as far as you know."
    )
    since = forms.DateField(label="Since when?", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    area = forms.ChoiceField(label="Area", choices=[("", "Choose an area"), ("41", "Hyde Park"), ("35", "Douglas")])
    reply = forms.ChoiceField(
        label="May we write to you?",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes, by e-mail"), ("no", "No")],
    )
    when = forms.MultipleChoiceField(
        label="At what time of day?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("day", "During the day"), ("evening", "In the evening"), ("night", "At night")],
    )
    photo = forms.FileField(label="Photo", required=False, help_text="We remove the hidden data that photos carry.")
    truth = forms.BooleanField(label="I wrote down what I saw or heard myself.")
    token = forms.CharField(widget=forms.HiddenInput, initial="example")


def gallery(request: HttpRequest | None = None) -> dict[str, Any]:
    """What pages/gallery.html needs: every example rendered, and one form, empty and with errors."""
    wrong = FormExample({"wrong-times": "900"}, prefix="wrong")
    wrong.is_valid()
    return {
        "components": [
            {
                "name": component.name,
                "parameters": list(component.parameters.items()),
                "examples": [component.render(example, request=request) for example in component.examples],
            }
            for component in COMPONENTS
        ],
        "form": FormExample(),
        "wrong": wrong,
    }
