"""What pages are made of: template partials with their parameters and examples, and the form renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.template.backends.django import DjangoTemplates as Backend
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

TEMPLATES = Path(__file__).parent / "templates"


class FormRenderer(DjangoTemplates):
    """Renders forms and fields as USWDS does; name it in settings.FORM_RENDERER.

    Its templates come before Django's own, so `django.forms` need not be an installed app.
    Help texts and labels are escaped: some of them are written by administrators, not in code.
    """

    form_template_name = "django/forms/div.html"
    field_template_name = "django/forms/field.html"

    @cached_property
    def engine(self) -> Backend:
        own = Path(forms.__file__).parent / "templates"
        params = {
            "APP_DIRS": False,
            "DIRS": [TEMPLATES, own],
            "NAME": "commonbeat-forms",
            "OPTIONS": {},
        }
        return Backend(params)


@dataclass(frozen=True)
class Component:
    """One partial: what it is called with, and examples that the gallery and the tests render.

    A page uses it with `{% include "components/alert.html" with kind="success" text=… only %}`;
    leave `only` out for those that hold a POST form (confirm, toast): they need the request's CSRF token.
    """

    name: str
    parameters: Mapping[str, str]
    examples: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def template(self) -> str:
        return f"components/{self.name}.html"

    def render(self, example: Mapping[str, Any], *, request: HttpRequest | None = None) -> SafeString:
        """The partial with these values; refuses names that are not declared, so that typing errors show.

        Raises:
            UndeclaredParameter: a key of `example` is not among the component's parameters.
        """
        unknown = sorted(set(example) - set(self.parameters))
        if unknown:
            raise UndeclaredParameter(f"{self.name} has no parameter {', '.join(unknown)}")
        return render_to_string(self.template, dict(example), request=request)


class UndeclaredParameter(ValueError):
    """A component was called with a name that it does not declare."""
