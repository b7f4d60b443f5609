"""How calls from dispatch come in, by a program or a file: the same number again finds the first call."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext

from commonbeat.cases.actions import Opened, Report, act, open_case
from commonbeat.cases.models import Case, Participant
from commonbeat.cases.replays import open_once
from commonbeat.community.people import find_or_make_person
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.field_report import guard
from commonbeat.kinds.field_report.call_deeds import WAITS
from commonbeat.kinds.field_report.models import DispatchCall
from commonbeat.kinds.field_report.sorts import sort_of

RETURN, SWORN = "return", "sworn"
UNFIT = (RETURN, SWORN)
"""What becomes of a call that others than sworn officers may not take: back to dispatch, or to sworn officers."""
LONGEST, LONGEST_NUMBER = 4000, 60

NO_NUMBER = N_("Give the number of the call in the system of dispatch, up to 60 characters.")
NO_SORT = N_("There is no sort of incident “%(sort)s” in use. Take a code from the list of sorts.")
NO_TEXT = N_("Say what the call is about, in up to 4000 characters.")
NO_WAY = N_("Write “return” or “sworn”.")
IN_FUTURE = N_("This moment has not come yet.")
NOT_YOUR_AREA = N_("This key does not reach the area of this place.")
SOUNDS = N_("“%(words)s” sounds like work of sworn officers")


@dataclass(frozen=True)
class NewCall:
    """A call as dispatch sends it. `in_progress` says that it goes on now; `unfit` is one of `UNFIT`."""

    number: str
    sort: str
    text: str
    happened_at: dt.datetime
    address: str = ""
    lat: float | None = None
    long: float | None = None
    area_id: int | None = None
    in_progress: bool = False
    caller: str = ""
    phone: str = ""
    language: str = "en"
    unfit: str = RETURN


@dataclass(frozen=True)
class Taken:
    """A call that came in; its row says in `why` what kept it from the queue."""

    call: DispatchCall
    replayed: bool


def take_call(new: NewCall, *, source: str, actor: Actor, at: dt.datetime) -> Taken:
    """Put a call into the queue, or send it where it belongs. Raises `Invalid`.

    The same number again finds the first call and changes nothing, whoever sends it.
    """
    _check(new, at=at)
    token = hashlib.blake2b(f"dispatch|{new.number}".encode()).digest()
    opened = open_once(lambda i: _open(new, i, source=source, actor=actor, at=at), token=token, at=at)
    return Taken(DispatchCall.objects.select_related("case").get(case=opened.case), opened.replayed)


def _check(new: NewCall, *, at: dt.datetime) -> None:
    sort, problems = sort_of(new.sort), []
    if not 0 < len(new.number) <= LONGEST_NUMBER:
        problems.append(Problem("number", NO_NUMBER))
    if sort is None or not sort.offered:
        problems.append(Problem("sort", NO_SORT, {"sort": new.sort}))
    if not 0 < len(new.text.strip()) <= LONGEST:
        problems.append(Problem("text", NO_TEXT))
    if new.unfit not in UNFIT:
        problems.append(Problem("unfit", NO_WAY))
    if new.happened_at > at + dt.timedelta(minutes=5):  # clocks of two systems differ
        problems.append(Problem("happened_at", IN_FUTURE))
    if problems:
        raise Invalid(problems)


@transaction.atomic
def _open(new: NewCall, client_id: object, *, source: str, actor: Actor, at: dt.datetime) -> Opened:
    report = Report(
        text=new.text, address=new.address, lat=new.lat, long=new.long, area_id=new.area_id, channel="dispatch",
        language=new.language,
    )  # fmt: skip
    opened = open_case("dispatch_call", report, actor=actor, at=at, client_id=client_id)  # type: ignore[arg-type]
    if opened.replayed:
        return opened
    case, signs = opened.case, signs_of(new)
    _check_area(case, actor)
    row = DispatchCall.objects.create(
        case=case, number=new.number, source=source[:120], sort=new.sort, happened_at=min(new.happened_at, at),
        signs=sorted(signs), due_at=at + WAITS["queued"],
    )  # fmt: skip
    person = find_or_make_person(name=new.caller, phone=new.phone, language=new.language, at=at)
    if person:
        Participant.objects.create(
            case=case, role=Participant.Role.THIRD_PARTY, person=person, told_by="none", created_at=at
        )
    if signs and new.unfit == SWORN:
        act(case, "to_sworn", data={"signs": sorted(signs), "dispatch": "told"}, actor=SYSTEM, at=at)
    elif signs:
        act(case, "hand_back", data={"reason": in_words(row, new)}, actor=SYSTEM, at=at)
    return opened


def _check_area(case: Case, actor: Actor) -> None:
    areas = [grant.area_ids for grant in actor.grants]
    if actor.sort == "key" and areas and all(reach and case.area_id not in reach for reach in areas):
        raise Invalid([Problem("where", NOT_YOUR_AREA)])


def signs_of(new: NewCall) -> set[str]:
    """Why only sworn officers may take a call: its sort, that it goes on now, what its words say (RULES 12)."""
    signs = set(guard.all_signs(new.sort, ())) | set(guard.words_of_powers(new.text, language=new.language))
    return signs | ({"present"} if new.in_progress else set())


def in_words(row: DispatchCall, new: NewCall) -> str:
    """Why it goes back, for dispatch."""
    said = [gettext(reason) for reason in guard.reasons(row.sort, row.signs)]
    if found := guard.words_of_powers(new.text, language=new.language):
        said.append(gettext(SOUNDS) % {"words": ", ".join(found.values())})
    return "; ".join(said)
