"""Questions that were asked, with their answers in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext

from commonbeat.core.fields import Field
from commonbeat.interfaces.web.forms import label_of


def in_words(asked: Iterable[Field], given: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """Each question that has an answer: `term` and `text` in a language."""
    shown = []
    for item in asked:
        if item.code not in given:
            continue
        value, choices = given[item.code], {c.key: label_of(c, language) for c in item.choices}
        if isinstance(value, bool):
            text = gettext("Yes") if value else gettext("No")
        elif isinstance(value, list):
            text = ", ".join(choices.get(v, str(v)) for v in value)
        elif item.datatype == "moment":
            text = str(value)[:16].replace("T", " ")
        else:
            text = choices.get(value, str(value))
        shown.append({"term": label_of(item, language), "text": text})
    return shown
