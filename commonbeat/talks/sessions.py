"""Sessions of talks: planned with everybody's yes, held, called off; and as an entry of a calendar."""

from __future__ import annotations

import datetime as dt

from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case
from commonbeat.community.agency import current, wall_clock, zone
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.talks.models import Session
from commonbeat.talks.sides import SIDE, check_all_agree, chosen_side, sides_of, tell_sides
from commonbeat.talks.vocabulary import GOES_ON, JOINT, MEETING_WAYS, PRE, PREPARED, RESULTS, SORTS

IN_PAST = N_("Choose a day and time after now.")
NOT_YET = N_("This moment has not come yet. Record a session after it took place.")
NO_SESSION = N_("Choose a session that is planned.")
ONE_SIDE = N_("Choose the one side that this meeting is for.")
NOBODY = N_("Choose who came.")
NEEDS_APART = N_("A side asked not to be in one room with the other. Choose separate rooms.")

PLAN_FIELDS = (
    Field("sort", N_("What sort of session"), "singlevaluelist", required=True, choices=SORTS, initial=JOINT),
    Field("sides", N_("Who is asked to come"), "multivaluelist", source="talks_side",
          hint=N_("Leave it empty for everybody.")),
    Field("starts", N_("When"), "moment", required=True),
    Field("minutes", N_("How many minutes"), "number", required=True, minimum=5, maximum=600, initial=90),
    Field("way", N_("How"), "singlevaluelist", required=True, choices=MEETING_WAYS),
    Field("place", N_("Where, or how to join"), maximum=200, hint=N_("A neutral place. Every side reads this.")),
    Field("tell", N_("Tell those who are asked to come"), "boolean"),
)  # fmt: skip
HELD_FIELDS = (
    Field("session", N_("Session"), source="talks_session", required=True),
    Field("came", N_("Who came"), "multivaluelist", source="talks_side"),
    Field("result", N_("How it went"), "singlevaluelist", required=True, choices=RESULTS,
          hint=N_("What was said stays with those who were there.")),
)  # fmt: skip
MET_FIELDS = (
    SIDE,
    Field("started", N_("When"), "moment", required=True, past=True),
    Field("minutes", N_("How many minutes"), "number", required=True, minimum=5, maximum=600, initial=30),
    Field("way", N_("How"), "singlevaluelist", required=True, choices=MEETING_WAYS),
    Field("went", N_("How it went"), "singlevaluelist", required=True,
          choices=tuple(one for one in RESULTS if one.key in {PREPARED, GOES_ON}),
          hint=N_("What was said stays with those who were there.")),
)  # fmt: skip
OFF_FIELDS = (
    Field("session", N_("Session"), source="talks_session", required=True),
    Field("tell", N_("Tell those who were asked to come"), "boolean"),
)


def plan(deed: Deed) -> None:
    """Agree on a session: only with everybody's yes, and never in one room with who asked not to be."""
    sides, starts, sort = check_all_agree(deed.case), wall_clock(str(deed.data["starts"])), deed.data["sort"]
    if starts <= deed.at:
        raise Invalid([Problem("starts", IN_PAST)])
    wanted = {str(one) for one in deed.data.get("sides") or []}
    asked = [side for side in sides if not wanted or str(side.pk) in wanted]
    if sort == PRE and len(asked) != 1:
        raise Invalid([Problem("sides", ONE_SIDE)])
    if sort == JOINT and deed.data["way"] == "person" and any("apart" in side.needs for side in asked):
        raise Invalid([Problem("sort", NEEDS_APART)])
    made = Session(
        case=deed.case, sort=sort, way=deed.data["way"], place=str(deed.data.get("place") or ""), starts_at=starts,
        minutes=int(deed.data["minutes"]), sides=[side.pk for side in asked], made_at=deed.at,
    )  # fmt: skip
    deed.make(made)
    deed.facts["due"] = starts
    when = starts.astimezone(zone()).strftime("%Y-%m-%d %H:%M")
    tell_sides(deed, N_("We have a time for a session."), text=f"{when} {made.place}".strip(), only=asked)


def _session(deed: Deed) -> Session:
    number = str(deed.data["session"])
    found = next((row for row in planned(deed.case) if str(row.pk) == number), None)
    if found is None:
        raise Invalid([Problem("session", NO_SESSION)])
    return found


def planned(case: Case) -> list[Session]:
    """Sessions that were neither held nor called off, in the order of time."""
    return list(Session.objects.filter(case=case, held_at=None, off_at=None).order_by("starts_at", "pk"))


def hold(deed: Deed) -> None:
    """Keep who came and how it went; not what was said."""
    row = _session(deed)
    if row.starts_at > deed.at:
        raise Invalid([Problem("session", NOT_YET)])
    known = {str(side.pk): side.pk for side in sides_of(deed.case)}
    came = [known[str(one)] for one in deed.data.get("came") or [] if str(one) in known]
    if not came and deed.data["result"] != "no_show":
        raise Invalid([Problem("came", NOBODY)])
    Session.objects.filter(pk=row.pk).update(came=came, result=deed.data["result"], held_at=deed.at)
    deed.facts["session"] = row.pk


def meet(deed: Deed) -> None:
    """Keep that one side was met alone, such as in the telephone call in which they were asked; nobody planned it."""
    check_all_agree(deed.case)
    side = chosen_side(deed)
    deed.make(
        Session(
            case=deed.case, sort=PRE, way=deed.data["way"], starts_at=wall_clock(str(deed.data["started"])),
            minutes=int(deed.data["minutes"]), sides=[side.pk], came=[side.pk], result=deed.data["went"],
            held_at=deed.at, made_at=deed.at,
        )
    )  # fmt: skip


def call_off(deed: Deed) -> None:
    """A session does not take place; those who were asked to come are told."""
    row = _session(deed)
    Session.objects.filter(pk=row.pk).update(off_at=deed.at)
    asked = [side for side in sides_of(deed.case) if side.pk in row.sides]
    tell_sides(deed, N_("The session that was planned does not take place."), only=asked)


# --- in somebody's calendar ------------------------------------------------------------------------


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets, as RFC 5545 wants them; no character is cut in two."""
    parts: list[str] = []
    part = ""
    for one in line:
        if len((part + one).encode()) > 74:
            parts, part = [*parts, part], ""
        part += one
    return "\r\n ".join([*parts, part])


def calendar_entry(row: Session, *, title: str, at: dt.datetime) -> str:
    """The session as an iCalendar file (RFC 5545). It names nobody: other people see calendars, too."""
    form = "%Y%m%dT%H%M%SZ"
    starts = row.starts_at.astimezone(dt.UTC)
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Commonbeat//EN", "BEGIN:VEVENT",
        f"UID:session-{row.pk}@{_escaped(current().short_name or 'commonbeat').replace(' ', '-').lower()}",
        f"DTSTAMP:{at.astimezone(dt.UTC).strftime(form)}", f"DTSTART:{starts.strftime(form)}",
        f"DTEND:{(starts + dt.timedelta(minutes=row.minutes)).strftime(form)}", f"SUMMARY:{_escaped(title)}",
        f"LOCATION:{_escaped(row.place)}", f"STATUS:{'CANCELLED' if row.off_at else 'CONFIRMED'}", "CLASS:PRIVATE",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(_folded(line) + "\r\n" for line in lines)
