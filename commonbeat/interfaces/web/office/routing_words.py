"""What a routing rule looks at, in words: codes and numbers are how it is stored, not how anybody reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from commonbeat.cases.categories import by_code, categories
from commonbeat.cases.kind import KINDS
from commonbeat.community.places import places
from commonbeat.interfaces.web.office.forms.questions import answer_options
from commonbeat.interfaces.web.office.forms.routing import CHANNELS, WEEKDAYS, group_choices

MOST = 4
"""So many names are read at a glance; the rule's own page has them all."""


def conditions_of(when: Mapping[str, Any]) -> str:
    """Every condition of a rule; all names come from memory, so that a list asks the database for nothing more."""
    return "; ".join(SAY[name](wanted) for name, wanted in when.items() if wanted) or _("everything")


def _listed(label: Any, names: Iterable[Any]) -> str:
    shown = [str(name) for name in names]
    text = ", ".join(shown[:MOST])
    if len(shown) > MOST:
        text = _("%(names)s and %(n)s more") % {"names": text, "n": len(shown) - MOST}
    return _("%(kind)s: %(name)s") % {"kind": label, "name": text}


def _named(label: Any, names: Callable[[], Mapping[Any, Any]]) -> Callable[[Any], str]:
    """A condition that is a list of keys; a key that nothing has any more stands for itself."""

    def say(wanted: Iterable[Any]) -> str:
        known = names()
        return _listed(label, (known.get(key, key) for key in wanted))

    return say


def _categories(wanted: Iterable[str]) -> str:
    found = ((code, by_code(code)) for code in wanted)
    language = get_language() or "en"
    return _listed(_("Category"), (known.text(language).name if known else code for code, known in found))


def _areas(wanted: Iterable[Any]) -> str:
    known = places().areas
    found = ((pk, known.get(int(pk))) for pk in wanted)
    return _listed(_("Area"), (area.name if area else f"#{pk}" for pk, area in found))


def _hours(wanted: Mapping[str, str]) -> str:
    return _("From %(start)s to %(end)s") % {"start": wanted["from"], "end": wanted["to"]}


def _answer(wanted: Mapping[str, Any]) -> str:
    """The question and its answers, from the first category that asks it."""
    first = f"{wanted['question']}="
    for known in categories().values():
        for label, options in answer_options(known.row.questions):
            if options[0][0].startswith(first):
                words = {key.removeprefix(first): name for key, name in options}
                if set(wanted["in"]) <= words.keys():
                    return _listed(f"“{label}”", (words[key] for key in wanted["in"]))
    return _listed(wanted["question"], wanted["in"])


SAY: Mapping[str, Callable[[Any], str]] = {
    "kind": _named(gettext_lazy("Kind"), lambda: {kind.slug: _(kind.label) for kind in KINDS}),
    "category": _categories,
    "group": _named(gettext_lazy("Group"), lambda: dict(group_choices())),
    "area": _areas,
    "language": _named(gettext_lazy("Language"), lambda: dict(settings.LANGUAGES)),
    "channel": _named(gettext_lazy("Way in"), lambda: dict(CHANNELS)),
    "hours": _hours,
    "weekdays": _named(gettext_lazy("Day"), lambda: dict(WEEKDAYS)),
    "answer": _answer,
}
"""How each condition of `cases.routing.CONDITIONS` is said."""
