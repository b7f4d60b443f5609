"""The form of a tag: it names a sort of matter, so names of people and words for views are kept out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from commonbeat.cases.tags import Tag
from commonbeat.core.personal_data import find_personal
from commonbeat.core.protected_views import names_views
from commonbeat.interfaces.web.office.editors import OfficeForm

WRITTEN = ("name", "code", "description")


class TagForm(OfficeForm):
    """A tag. What looks like personal data is asked about once; views, beliefs and associations are refused."""

    about_nobody = forms.BooleanField(
        label=gettext_lazy("This points at no person"), required=False,
        help_text=gettext_lazy("Tick it only if what is marked above is the name of a place, an event or a thing."),
    )  # fmt: skip

    class Meta:
        model = Tag
        fields = ["name", "description", "code"]
        labels = {
            "name": gettext_lazy("Name"),
            "description": gettext_lazy("When to put it on"),
            "code": gettext_lazy("Code"),
        }
        help_texts = {
            "name": gettext_lazy("A short word for the matter, such as “Event” or “School route”. Never a person."),
            "description": "",
            "code": gettext_lazy(
                "Other programs know the tag by it, so it stays as it is. Leave it empty to make it of the name."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        self._personal = {name: self._points_at(str(self.data.get(name) or "")) for name in WRITTEN}
        if not any(self._personal.values()):
            del self.fields["about_nobody"]

    @staticmethod
    def _points_at(text: str) -> str:
        return ", ".join(found.text for found in find_personal(text, language=get_language() or "en"))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["code"] = data.get("code") or slugify(data.get("name") or "", allow_unicode=True)[:40]
        for name in WRITTEN:
            if word := names_views(str(data.get(name) or "")):
                text = _(
                    "“%(word)s” stands for what people believe, stand for or belong to. Such tags are not kept: "
                    "name what the matter is."
                )
                self.add_error(name, text % {"word": word})
            elif self._personal[name] and not data.get("about_nobody"):
                text = _(
                    "This looks as if it points at a person: %(found)s. Tags describe the matter. Change it, or tick "
                    "below that it points at nobody."
                )
                self.add_error(name, text % {"found": self._personal[name]})
        return data
