"""Danger while somebody of the department takes a report: passed to dispatch, with time, number and what was said."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext

from commonbeat.cases.danger import Alarm
from commonbeat.cases.story import Story
from commonbeat.community.agency import current
from commonbeat.core.fields import Choice, Field, Invalid, Problem, ShowWhen
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.interfaces.web.forms import FieldsForm, form_for

IN_DANGER = N_("This sounds like danger right now. Pass it to dispatch first, then say so below.")
BAD_TIME = N_("Enter hours and minutes, such as 14:05.")
PREFIX = "h"
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_PASSED_ON = ShowWhen("handed", frozenset({"dispatch"}))


def hand_off_fields(*, number: str, required: bool) -> tuple[Field, ...]:
    """What is asked; `required` where the report itself sounds like danger."""
    return (
        Field(
            "handed", N_("Danger right now?"), "singlevaluelist", required=required,
            choices=(Choice("dispatch", N_("Yes, and dispatch has it")), Choice("past", N_("No, it is over"))),
        ),
        Field("number", N_("Number that you called"), maximum=40, show_when=_PASSED_ON, initial=number),
        Field("at", N_("When"), maximum=5, show_when=_PASSED_ON,
              hint=N_("Hours and minutes, such as 14:05. Leave empty for now.")),
        Field("incident", N_("Dispatch's number of the incident"), maximum=40, show_when=_PASSED_ON),
        Field("told", N_("The caller was told that dispatch has it"), "boolean", show_when=_PASSED_ON),
    )  # fmt: skip


def hand_off_form(data: Any = None, *, required: bool) -> FieldsForm:
    """The form of the hand-off, for the page that takes a report."""
    number = current().emergency_number
    fields = hand_off_fields(number=number, required=required)
    if data is not None and f"{PREFIX}-number" not in data:  # it was hidden, so no browser sent it
        data = data.copy()
        data[f"{PREFIX}-number"] = number
    return form_for(fields, data=data, language=get_language() or "en", prefix=PREFIX)


def is_urgent(alarm: Alarm | None) -> bool:
    """True where dispatch has to hear of it before the case is opened."""
    return alarm is not None and alarm.level != "possible"


def danger_record(alarm: Alarm | None, given: Mapping[str, Any], *, zone: dt.tzinfo, at: dt.datetime) -> Any:
    """What is kept with the case of the danger and of the hand-off; None when there was neither. Raises `Invalid`."""
    handed = given.get("handed")
    if alarm is None and handed != "dispatch":
        return None
    kept: dict[str, Any] = (
        {"level": alarm.level, "kind": alarm.kind, "words": alarm.said, "crisis": alarm.crisis}
        if alarm
        else {"level": "now", "kind": "caller", "words": [], "crisis": False}
    )
    if handed:
        kept["passed_on"] = handed == "dispatch"
    if handed == "dispatch":
        kept |= {
            "number": given.get("number") or current().emergency_number, "incident": given.get("incident") or "",
            "passed_on_at": _moment(given.get("at"), zone=zone, at=at).isoformat(),
            "caller_told": bool(given.get("told")),
        }  # fmt: skip
    return kept


def _moment(text: str | None, *, zone: dt.tzinfo, at: dt.datetime) -> dt.datetime:
    """The last time that it was this time of day: a report is entered soon after the call."""
    if not text:
        return at
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise Invalid([Problem("at", BAD_TIME)])
    then = at.astimezone(zone).replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    return then if then <= at else then - dt.timedelta(days=1)


def dangers_of(story: Story, shown: Words) -> list[list[str]]:
    """What is known of danger, the latest first: in what was added later, and when the case was reported."""
    later = [(e.data["danger"], e.at) for e in story.entries if e.verb != "case.opened" and e.data.get("danger")]
    told = [danger_words(danger, shown, added_at=at) for danger, at in reversed(later)]
    first = story.case.details.get("danger")
    return told + ([danger_words(first, shown)] if first else [])


def danger_words(danger: Mapping[str, Any], shown: Words, *, added_at: dt.datetime | None = None) -> list[str]:
    """What is known of one danger and of the hand-off, in sentences for the page of the case."""
    told = [gettext("Possible danger was recognised when this was reported.")]
    if added_at:
        when = {"at": shown.local(added_at)}
        told = [gettext("Possible danger was recognised in what was added at %(at)s.") % when]
    if danger.get("kind") == "caller":
        told = [gettext("Whoever took this report recognised danger.")]
    said = [word for word in danger.get("words") or () if ":" not in word]
    if said:
        told.append(gettext("Words:") + " " + ", ".join(f"“{word}”" for word in said) + ".")
    number = danger.get("number") or danger.get("told") or ""
    if danger.get("passed_on"):
        facts = {"number": number, "at": shown.local(dt.datetime.fromisoformat(danger["passed_on_at"]))}
        told.append(gettext("Passed to dispatch on %(number)s at %(at)s.") % facts)
        if danger.get("incident"):
            told.append(gettext("Dispatch's number: %(incident)s.") % {"incident": danger["incident"]})
        told.append(gettext("The caller was told.") if danger["caller_told"] else gettext("The caller was not told."))
    elif danger.get("passed_on") is False:
        told.append(gettext("Whoever took the report found that it was over."))
    elif danger.get("shown_at"):
        facts = {"number": number, "at": shown.local(dt.datetime.fromisoformat(danger["shown_at"]))}
        shown_first = N_("The emergency number %(number)s was shown at %(at)s, and the reporter went on.")
        if added_at:  # it may have been somebody else who was asked
            shown_first = N_("The emergency number %(number)s was shown at %(at)s, and whoever wrote went on.")
        told.append(gettext(shown_first) % facts)
    elif danger.get("told"):
        told.append(gettext("The program that sent it was told the emergency number %(number)s.") % {"number": number})
    return told
