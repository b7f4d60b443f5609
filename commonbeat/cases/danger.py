"""What a report, or what is added to it, tells of danger: one reading for every way in (RULES 18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commonbeat.cases.categories import Known
from commonbeat.cases.deed import Deed
from commonbeat.cases.escalation import Supervisors
from commonbeat.cases.telling import STAFF_MAILS, tell_user
from commonbeat.cases.walls import may_see
from commonbeat.community.agency import local_day
from commonbeat.community.cover import with_cover
from commonbeat.community.models import User
from commonbeat.core.danger import danger_in

TOLD_STAFF = "staff_danger"
"""The message to whoever works a case to which words of danger were added."""
LEVELS = ("now", "likely", "possible")
"""Danger in progress; a category where it is usual; something past or usual that was dangerous."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Signs that somebody may be in danger. `words` gave it away: said ones, or `answer:code`, `category:code`."""

    level: str
    kind: str
    words: tuple[str, ...]
    crisis: bool = False

    @property
    def said(self) -> list[str]:
        """The words that somebody said, without answers and category."""
        return [word for word in self.words if ":" not in word]


def alarms_of(known: Known | None, *, text: str, answers: Mapping[str, Any], language: str) -> list[Alarm]:
    """Every sign of danger in a report; words in free answers count as the text does."""
    fields = known.fields if known else ()
    written = [text, *(str(answers.get(item.code) or "") for item in fields if not item.choices)]
    extra = [str(word) for words in known.row.danger_words.values() for word in words] if known else []
    found = []
    said = danger_in("\n".join(part for part in written if part), language=language, extra_words=extra)
    if said:
        found.append(Alarm(said.level, said.kind, tuple(word.casefold() for word in said.words), said.crisis))
    for item in fields:
        given = answers.get(item.code)
        chosen = given if isinstance(given, list) else [given]
        if any(choice.danger and choice.key in chosen for choice in item.choices) and item.asked(answers):
            found.append(Alarm("now", "answer", (f"answer:{item.code}",)))
    if known and known.row.danger == "likely":
        found.append(Alarm("likely", "category", (f"category:{known.row.code}",)))
    return found


def heard_in(known: Known | None, text: str, *, language: str) -> list[Alarm]:
    """Signs of danger in words that are added to a report; its category said its part when it came in."""
    return [alarm for alarm in alarms_of(known, text=text, answers={}, language=language) if alarm.kind != "category"]


def together(alarms: Sequence[Alarm]) -> Alarm | None:
    """All signs as one alarm, as urgent as the most urgent of them; None when there are none."""
    if not alarms:
        return None
    level = min((alarm.level for alarm in alarms), key=LEVELS.index)
    words = tuple(dict.fromkeys(word for alarm in alarms for word in alarm.words))
    return Alarm(level, alarms[0].kind, words, any(alarm.crisis for alarm in alarms))


def tell_of_danger(deed: Deed) -> None:
    """Keep what words tell of danger, and tell whoever works the case at once; else those who lead it (RULES 18).

    Nobody can mute this message; it takes the place of the usual one, which says less. What is over is only kept.
    """
    record = dict(deed.danger or {})
    deed.facts["danger"] = record
    if record.get("level") == "possible":
        return
    owner = User.objects.active().filter(pk=deed.case.assignee_id).first() if deed.case.assignee_id else None
    people = with_cover([owner], on=local_day(deed.at)) if owner else []
    if deed.kind.walled:
        people = [user for user in people if may_see(user, deed.case, at=deed.at)]
    people = people or Supervisors(deed.kind.led_by, at=deed.at).of(deed.case)
    deed.tell = [tell for tell in deed.tell if tell.template not in STAFF_MAILS]
    deed.tell += [tell_user(user, deed.case, TOLD_STAFF, words={}) for user in people if user.pk != deed.actor.user_id]
