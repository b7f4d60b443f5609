"""A case's entries as the desk reads them: what was done, by whom, with which words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from commonbeat.cases import notices
from commonbeat.cases.kind import Kind
from commonbeat.cases.models import Case
from commonbeat.cases.tags import tag_by_code
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.words import Words, channel_label, outcome_label
from commonbeat.journal.models import Entry

DEEDS: dict[str, str] = {
    "case.opened": N_("Report received"),
    "case.imported": N_("Taken over from another system"),
    "case.import_changed": N_("The other system says something new"),
    "case.undone": N_("Taken back"),
    "case.escalated": N_("Overdue: told to a supervisor"),
    "case.call_escalated": N_("No sworn officer took it yet: told to supervisors"),
    "case.mediation_asked": N_("Mediation offered"),
    "case.conference_asked": N_("Referred to a restorative conference"),
    "case.task_added": N_("Task added"),
    "case.task_done": N_("Task done"),
    "case.task_passed_on": N_("Task passed on"),
    "case.promise_made": N_("Promise written down"),
    "case.promise_kept": N_("Promise kept"),
    "case.promise_missed": N_("Promise missed"),
    "case.promise_released": N_("Promise released"),
    "case.promise_undone": N_("End of a promise taken back"),
    "case.promise_reported": N_("They were told of the promise"),
    "case.promise_unreported": N_("What they were told of the promise was taken back"),
    "case.promise_passed_on": N_("Promise passed on"),
    "case.identity_requested": N_("Asked to see who the reporter is"),
    "case.identity_opened": N_("Identity opened for a day"),
    "case.identity_refused": N_("Identity stays closed"),
    "case.photo_redacted": N_("Parts of a photo covered"),
    "case.photo_released": N_("Photo may be shown to the public"),
    "case.photo_hidden": N_("Photo taken back from the public"),
    "case.hold_placed": N_("Held: nothing of it may be destroyed"),
    "case.hold_lifted": N_("The hold is lifted"),
    "case.disclosed": N_("Released for a request for records"),
    "delivery.failed": N_("A message could not be delivered"),
    "delivery.bounced": N_("A message came back: the address does not work. Call instead."),
}
SIGNS: dict[str, tuple[str, str]] = {
    "case.opened": ("campaign", ""),
    "case.resolve": ("check_circle", "done"),
    "case.note": ("edit", "quiet"),
    "case.escalated": ("warning", "problem"),
    "delivery.failed": ("warning", "problem"),
    "delivery.bounced": ("warning", "problem"),
    "case.reopen": ("warning", "problem"),
}


def _moment(words: Words, value: Any) -> str:
    return words.local(dt.datetime.fromisoformat(str(value)))


def _tags(words: Words, kind: Kind, codes: Any) -> str:
    return ", ".join(tag.name if (tag := tag_by_code(code)) else code for code in codes)


def _choice(kind: Kind, step: str, field: str, key: str) -> str:
    """The words of an answer that a step of the kind offers."""
    found = kind.workflow.named(step)
    choices = next((f.choices for f in found.fields if f.code == field), ()) if found else ()
    return next((gettext(choice.label) for choice in choices if choice.key == key), key)


_FOUND = {choice.key: choice.label for choice in notices.FOUND}
_FACTS: dict[str, tuple[str, Callable[[Words, Kind, Any], str]]] = {
    "user": (N_("to %(value)s"), lambda words, kind, v: v),
    "team": (N_("team: %(value)s"), lambda words, kind, v: v),
    "partner": (N_("partner: %(value)s"), lambda words, kind, v: v),
    "outcome": (N_("outcome: %(value)s"), lambda words, kind, v: outcome_label(kind.slug, v)),
    "agency": (N_("agency: %(value)s"), lambda words, kind, v: v),
    "their_reference": (N_("their reference: %(value)s"), lambda words, kind, v: v),
    "reason": (N_("reason: %(value)s"), lambda words, kind, v: v),
    "due": (N_("by %(value)s"), lambda words, kind, v: _moment(words, v)),
    "other": (N_("with %(value)s"), lambda words, kind, v: reference(int(v))),
    "others": (N_("with %(value)s"), lambda words, kind, v: ", ".join(reference(int(one)) for one in v)),
    "child": (N_("new case %(value)s"), lambda words, kind, v: reference(int(v))),
    "source": (N_("source: %(value)s"), lambda words, kind, v: v),
    "key": (N_("its number there: %(value)s"), lambda words, kind, v: v),
    "notes": (N_("it says: %(value)s"), lambda words, kind, v: v),
    "channel": ("%(value)s", lambda words, kind, v: channel_label(str(v))),
    "level_db": (N_("%(value)s dB(A)"), lambda words, kind, v: f"{v:g}"),
    "review": (N_("review on %(value)s"), lambda words, kind, v: v),
    "visited_at": (N_("visited %(value)s"), lambda words, kind, v: _moment(words, v)),
    "visit": ("%(value)s", lambda words, kind, v: _choice(kind, "visit", "found", v)),
    "found": ("%(value)s", lambda words, kind, v: gettext(_FOUND.get(v, v))),
    "on": (N_("on %(value)s"), lambda words, kind, v: v),
    "escalated": ("%(value)s", lambda words, kind, v: gettext("a supervisor decides")),
    "put_on": (N_("on: %(value)s"), _tags),
    "taken_off": (N_("off: %(value)s"), _tags),
    "danger": ("%(value)s", lambda words, kind, v: gettext("sounds like danger")),
    "photos": (N_("photos: %(value)s"), lambda words, kind, v: str(len(v))),
    "error": ("%(value)s", lambda words, kind, v: v),
}


def label_of(entry: Entry, kind: Kind) -> str:
    """What was done, in words."""
    if entry.verb == "case.opened" and entry.data.get("channel") == BY_STAFF:
        return gettext("Opened by staff")
    if entry.verb in DEEDS:
        return gettext(DEEDS[entry.verb])
    step = kind.workflow.named(entry.verb.partition(".")[2])
    return gettext(step.label) if step else entry.verb


BY_STAFF = "desk"
"""How a case comes in that nobody reported."""
OTHERS = ("other", "others", "child")
"""Facts that name another case: only whoever may see that one reads its reference."""


def _numbers(value: Any) -> list[int]:
    return [int(one) for one in (value if isinstance(value, list) else [value]) if one]


def _seen(entries: Iterable[Entry], actor: Actor) -> set[int]:
    """The other cases that are named and that this reader may see."""
    named = {number for entry in entries for name in OTHERS for number in _numbers(entry.data.get(name))}
    return set(Case.objects.visible_to(actor).filter(pk__in=named).values_list("pk", flat=True)) if named else set()


def _facts(entry: Entry, kind: Kind, words: Words, seen: Collection[int]) -> str:
    told = []
    for name, (form, show) in _FACTS.items():
        value = entry.data.get(name)
        if name in OTHERS and value:
            known = [number for number in _numbers(value) if number in seen]
            value = known if isinstance(value, list) else next(iter(known), None)
        if name == "channel" and (entry.verb != "case.opened" or value == BY_STAFF):
            continue
        if value:
            told.append(gettext(form) % {"value": show(words, kind, value)})
    if entry.verb == "case.undone":
        step = kind.workflow.named(str(entry.data.get("undone", "")).partition(".")[2])
        told.append(gettext(step.label) if step else "")
    return ", ".join(told)


def _personal(entry: Entry, *, inside: bool) -> str:
    kept = entry.personal or {}
    if entry.personal is None and entry.personal_digest is not None:
        return gettext("The words were removed when their time was over.")
    return "\n".join(str(kept[name]) for name in (("text", "reason") if inside else ("text",)) if kept.get(name))


def items(entries: Sequence[Entry], kind: Kind, words: Words, *, actor: Actor) -> list[dict[str, Any]]:
    """The timeline for the component of that name, the latest first; reasons for the record stay inside the house."""
    inside, seen = actor.has(*INSIDERS), _seen(entries, actor)
    shown = []
    for entry in entries:
        icon, tone = SIGNS.get(entry.verb, ("schedule", ""))
        facts = _facts(entry, kind, words, seen)
        who = entry.actor_name or (gettext("The reporter") if entry.actor_sort == "reporter" else "")
        if entry.data.get("by_side"):
            who = gettext("A side of the talks")
        shown.append(
            {
                "what": f"{label_of(entry, kind)} ({facts})" if facts else label_of(entry, kind),
                "when": words.local(entry.at), "iso": entry.at.isoformat(), "who": who,
                "text": _personal(entry, inside=inside),
                "icon": icon, "tone": tone, "internal": entry.audience == "internal",
            }
        )  # fmt: skip
    return shown[::-1]


def explain_routing(opened: Entry | None) -> Mapping[str, Any] | None:
    """Why a case went where it went: every rule that was looked at, and what did not fit."""
    routing = (opened.data.get("routing") if opened else None) or None
    if not routing:
        return None
    conditions = {
        "kind": N_("the kind"), "category": N_("the category"), "group": N_("the group of categories"),
        "area": N_("the area"), "language": N_("the language"), "channel": N_("how it came in"),
        "hours": N_("the time of day"), "weekdays": N_("the day of the week"), "answer": N_("an answer"),
        "area_officer": N_("nobody looks after this area today"), "user": N_("the person has left"),
    }  # fmt: skip
    looks = [
        {"rule": rule, "fitted": fitted, "failed": gettext(conditions.get(failed, failed)) if failed else ""}
        for rule, fitted, failed in routing.get("looks", [])
    ]
    return {"rule": routing.get("rule", ""), "looks": looks}
