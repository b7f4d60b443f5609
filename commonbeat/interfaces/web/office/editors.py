"""An editor is plain data: which rows, which form, which columns; one set of views serves them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonbeat.core.actor import Actor, Role
from commonbeat.core.registry import Registry
from commonbeat.journal.history import Tracked, snapshot

OFFICE_ROLES = (Role.ADMIN, Role.SUPERVISOR, Role.RECORDS, Role.STANDARDS, Role.EDITOR)
"""Roles that find something to do in the office; each part names its own."""


class OfficeForm(forms.ModelForm):
    """Checks what an administrator typed; writes nothing: `values()` goes to `journal.history`."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in self.fields.values():
            if isinstance(item, forms.ModelChoiceField) and item.empty_label is not None:
                item.empty_label = gettext("Choose …")  # Django's row of hyphens says nothing

    def values(self) -> dict[str, Any]:
        """The tracked values of the form, ready for `history.add` and `history.change`."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: its heading, and the text of a row: one of its values by name, or a function of it."""

    label: Any
    text: str | Callable[[Any], Any]
    number: bool = False

    def of(self, row: Any) -> Any:
        """The text of this column in a row."""
        return getattr(row, self.text) if isinstance(self.text, str) else self.text(row)


@dataclass(frozen=True)
class Editor:
    """Everything that the list, the form and the history of one sort of thing need.

    `retires` offers taking a row out of use (and back); `removes` offers deletion, for rows nothing refers to.
    `panels` is a template below the form, with what `context(obj)` adds; `form_template` renders the form itself;
    `after` runs when an object was changed, for what third-party tables keep of it. `stays` says why a row cannot be
    taken out of use; empty where it can. `links` are other pages;
    `views` are its tabs: (query parameter, label, condition).
    """

    tracked: Tracked
    form: type[OfficeForm]
    title: Any
    one: Any
    add_label: Any
    intro: Any
    columns: tuple[Column, ...]
    rows: Callable[[], QuerySet[Any]]
    search: tuple[str, ...] = ()
    roles: tuple[str, ...] = (Role.ADMIN,)
    retires: bool = True
    removes: bool = False
    adds: bool = True
    views: tuple[tuple[str, Any, Q], ...] = (
        ("", _("In use"), Q(retired_at__isnull=True)),
        ("retired", _("Out of use"), Q(retired_at__isnull=False)),
    )
    links: tuple[tuple[str, Any], ...] = ()
    panels: str = ""
    form_template: str = ""
    buttons: str = ""
    context: Callable[[Any, HttpRequest], Mapping[str, Any]] = field(default=lambda obj, request: {})
    stays: Callable[[Any], Any] = field(default=lambda obj: "")
    after: Callable[[Any], None] = field(default=lambda obj: None)
    before_list: str = ""
    list_context: Callable[[HttpRequest], Mapping[str, Any]] = field(default=lambda request: {})

    @property
    def slug(self) -> str:
        """Its part of addresses and of route names."""
        return self.tracked.slug

    def url(self, name: str = "list", **kwargs: Any) -> str:
        """The address of one of its pages: list, add, edit, history, restore, retire."""
        return reverse(f"office_{self.slug}_{name}", kwargs=kwargs or None)


EDITORS: Registry[Editor] = Registry("editor")


def yes(value: bool) -> str:
    """The word of a column that is empty where something is not so."""
    return gettext("Yes") if value else ""


def initial_values(obj: Model) -> dict[str, Any]:
    """What is stored, for forms that show more than columns."""
    return snapshot(obj) if obj.pk else {}


def object_url(kind: str, pk: int, actor: Actor) -> str:
    """Where this person reads about an object of the journal; empty when there is no such page for them."""
    if kind not in EDITORS or not actor.has(*EDITORS[kind].roles):
        return ""
    try:
        return EDITORS[kind].url("edit", pk=pk)
    except NoReverseMatch:
        return ""


VERBS: Mapping[str, Any] = {
    "added": _("Added"),
    "changed": _("Changed"),
    "restored": _("Restored"),
    "retired": _("Taken out of use"),
    "unretired": _("Put back into use"),
    "removed": _("Removed"),
    "invited": _("Invited"),
    "password_set": _("Password chosen"),
    "role_given": _("Role given"),
    "role_ended": _("Role ended"),
    "area_assigned": _("Area given"),
    "area_ended": _("Area ended"),
    "cover_set": _("Cover arranged"),
    "cover_ended": _("Cover ended"),
    "handed_over": _("Open work handed over"),
    "left": _("Account closed"),
    "came_back": _("Account opened again"),
    "second_factor_reset": _("Second factor removed"),
    "moved": _("Moved"),
    "paused": _("Paused"),
    "resumed": _("Started again"),
    "tested": _("Test sent"),
    "secret_renewed": _("Secret renewed"),
    "revoked": _("Revoked"),
    "imported": _("Imported"),
}


def say_verb(verb: str) -> Any:
    """What a journal verb such as `category.changed` means, in words."""
    name = verb.partition(".")[2]
    return VERBS.get(name, name.replace("_", " "))
