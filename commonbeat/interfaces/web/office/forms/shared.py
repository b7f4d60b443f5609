"""Small form fields that several editors need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from babel import Locale
from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from commonbeat.community.models import Area, Team, User
from commonbeat.core.actor import ROLE_LABELS


def language_choices() -> list[tuple[str, str]]:
    """The installed languages by their own names."""
    return [(code, name) for code, name in settings.LANGUAGES]


SPOKEN = (
    "en",
    "es",
    "ar",
    "am",
    "zh",
    "de",
    "fa",
    "fr",
    "hi",
    "ht",
    "ko",
    "pl",
    "pt",
    "ru",
    "so",
    "tl",
    "uk",
    "ur",
    "vi",
)


def spoken_choices(held: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Languages that people speak with residents: more than the website has, in the reader's words."""
    from django.utils.translation import get_language

    reader = Locale.parse((get_language() or "en").replace("-", "_"))
    codes = list(dict.fromkeys([*SPOKEN, *(code for code in held if code != "ase")]))
    names = [(code, str(reader.languages.get(code, code)).capitalize()) for code in codes]
    return [*sorted(names, key=lambda pair: pair[1]), ("ase", str(_("American Sign Language")))]


def role_choices() -> list[tuple[str, Any]]:
    """Every role with its translated label."""
    return [(str(role), _(label)) for role, label in ROLE_LABELS.items()]


def day_field(**options: Any) -> forms.DateField:
    """A day, typed or picked."""
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def clock_field(**options: Any) -> forms.TimeField:
    """A time of day, to the minute."""
    return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **options)


def lines_field(**options: Any) -> forms.CharField:
    """Several short texts, one in a line."""
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), required=False, **options)


def lines_of(text: str) -> list[str]:
    """The texts of a `lines_field`, without empty lines and repetitions."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def commas_of(text: str) -> list[str]:
    """Texts between commas or line ends, without empty ones and repetitions."""
    return list(dict.fromkeys(part.strip() for part in text.replace("\n", ",").split(",") if part.strip()))


def current_areas() -> QuerySet[Area]:
    """Areas that can be chosen today."""
    return Area.objects.filter(retired_at__isnull=True).order_by("level", "name")


def current_teams() -> QuerySet[Team]:
    """Teams that can be chosen today."""
    return Team.objects.filter(retired_at__isnull=True).order_by("name")


def colleagues() -> QuerySet[User]:
    """People who can sign in, by name."""
    return User.objects.active().order_by("name")


class AreaField(forms.ModelChoiceField):
    """One area, with its level, since levels share names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": _("Choose …"), **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.level.replace('_', ' ')})"


class AreasField(forms.ModelMultipleChoiceField):
    """Several areas, in a box that scrolls."""

    widget = forms.SelectMultiple(attrs={"size": 8})

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.level.replace('_', ' ')})"


def keys_of(rows: Iterable[Any]) -> list[int]:
    """Primary keys of chosen rows, sorted as they are stored."""
    return sorted(row.pk for row in rows)


def time_text(value: dt.time | None) -> str:
    """A time of day as it is stored: HH:MM."""
    return value.strftime("%H:%M") if value else ""
