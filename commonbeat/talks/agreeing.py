"""What the sides of talks agreed on: points in their own words, each side's yes, and whether they are kept later."""

from __future__ import annotations

import datetime as dt

from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, Task
from commonbeat.cases.telling import tell_owner
from commonbeat.community.agency import close_of, local_day
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.talks.models import Check, Point, Side
from commonbeat.talks.sides import by_side, check_all_agree, chosen_side, forget_answers, sides_of, tell_sides
from commonbeat.talks.vocabulary import ANSWERED, BROKEN, FOLLOW_UPS, FOUND, PAGE, WORST

ANSWER_DAYS = 14
"""So long after the last question whether it is kept, somebody looks at what came back."""
EVERYBODY = "all"
NO_POINTS = N_("Write down at least one point first.")
NO_SUCH_POINT = N_("Choose one of the points that were agreed on.")
NOT_OFFERED = N_("Read the points to every side first: send them the agreement.")
NOBODY_ASKED = N_("Nobody was asked yet whether it is kept.")
ENDS_BEFORE = N_("Choose a day that is not before the beginning.")
UNREAD = N_("These words were changed in the meantime. Read them again, then say yes.")

POINT_FIELDS = (
    Field("who", N_("Who does it"), source="talks_who", required=True),
    Field("text", N_("What they do, in their own words"), "text", required=True, maximum=1000,
          hint=N_("One thing that everybody can see is kept or not: “No music in the yard after 10 pm”.")),
    Field("starts_on", N_("From which day"), "datetime", hint=N_("Leave empty for today.")),
    Field("until_on", N_("Until which day"), "datetime", hint=N_("Leave empty when it goes on.")),
)  # fmt: skip
WHICH = Field("point", N_("Point"), source="talks_point", required=True)
ACCEPT_FIELDS = (
    Field("side", N_("Side"), source="talks_side", required=True),
    Field("how", N_("How they said yes"), "singlevaluelist", required=True, choices=ANSWERED),
)
CHECK_FIELDS = (
    Field("side", N_("Who says so"), source="talks_side", required=True), WHICH,
    Field("found", N_("How it is"), "singlevaluelist", required=True, choices=FOUND),
    Field("text", N_("In their words"), "text"),
)  # fmt: skip


def points_of(case: Case) -> list[Point]:
    """The points that stand, in the order in which they were written."""
    return list(Point.objects.filter(case=case, struck_at=None).select_related("side").order_by("pk"))


def _day(text: object) -> dt.date | None:
    return dt.date.fromisoformat(str(text)[:10]) if text else None


def add_point(deed: Deed) -> None:
    """Write down one point. Whoever had said yes to fewer points reads it again."""
    who = str(deed.data["who"])
    side = None if who == EVERYBODY else next((one for one in sides_of(deed.case) if str(one.pk) == who), None)
    if side is None and who != EVERYBODY:
        raise Invalid([Problem("who", N_("Choose one of the sides of this case."))])
    starts, until = _day(deed.data.get("starts_on")) or local_day(deed.at), _day(deed.data.get("until_on"))
    if until and until < starts:
        raise Invalid([Problem("until_on", ENDS_BEFORE)])
    deed.make(
        Point(case=deed.case, side=side, text=str(deed.data["text"]), starts_on=starts, until_on=until, made_at=deed.at)
    )
    _changed(deed)


def strike_point(deed: Deed) -> None:
    """Take a point out before everybody said yes to it."""
    row = _point(deed)
    Point.objects.filter(pk=row.pk).update(struck_at=deed.at)
    _changed(deed)


def _changed(deed: Deed) -> None:
    """Other words than those that somebody said yes to need a new yes."""
    Side.objects.filter(case=deed.case).update(accepted_at=None, accepted_by="")
    deed.columns["details"] = {key: value for key, value in deed.case.details.items() if key != "offered"}


def _point(deed: Deed) -> Point:
    number = str(deed.data["point"])
    found = next((row for row in points_of(deed.case) if str(row.pk) == number), None)
    if found is None:
        raise Invalid([Problem("point", NO_SUCH_POINT)])
    return found


# --- every side's yes ------------------------------------------------------------------------------


def offer(deed: Deed) -> None:
    """Send the points to every side; they can be printed, signed, or accepted on one's own page."""
    check_all_agree(deed.case)
    points = points_of(deed.case)
    if not points:
        raise Invalid([Problem("", NO_POINTS)])
    deed.columns["details"] = deed.case.details | {"offered": [row.pk for row in points]}
    tell_sides(deed, N_("Here is what you agreed on. Read it, and say yes if it is right."))


def accept(deed: Deed) -> None:
    """One side says yes to exactly these points. With the last yes the agreement holds, and is looked at again."""
    check_all_agree(deed.case)
    offered = deed.case.detail("offered")
    if not offered:
        raise Invalid([Problem("", NOT_OFFERED)])
    if offered != [row.pk for row in points_of(deed.case)]:
        raise Invalid([Problem("", UNREAD)])
    side = chosen_side(deed)
    own = by_side(deed)
    Side.objects.filter(pk=side.pk).update(accepted_at=deed.at, accepted_by=PAGE if own else str(deed.data["how"]))
    deed.personal["text"] = side.called
    if own:
        tell_owner(deed, "staff_added", what=N_("A side of the talks answered."))
    if all(one.accepted_at for one in sides_of(deed.case) if one.needed):
        _hold_from_now(deed)
    else:
        deed.columns.pop("state", None)


def _hold_from_now(deed: Deed) -> None:
    today = local_day(deed.at)
    ahead = [(today + dt.timedelta(days=days)).isoformat() for days in FOLLOW_UPS]
    deed.columns["details"] = deed.case.details | {
        "agreed_on": today.isoformat(), "ahead": ahead, "asked": 0,
    }  # fmt: skip
    deed.runs_until = close_of(dt.date.fromisoformat(ahead[0]) + dt.timedelta(days=ANSWER_DAYS))
    _review(deed, dt.date.fromisoformat(ahead[0]))
    tell_sides(deed, N_("Everybody said yes: the agreement holds. We ask you again after 30 and after 90 days."))


def _review(deed: Deed, day: dt.date) -> None:
    Task.objects.filter(case=deed.case, sort="review", done_at=None).update(done_at=deed.at, done_by=deed.actor.user_id)
    owner = deed.case.assignee_id or deed.actor.user_id
    deed.make(Task(case=deed.case, sort="review", text="", owner_id=owner, due_at=close_of(day), created_at=deed.at))


# --- whether it is kept ----------------------------------------------------------------------------


def ask_kept(deed: Deed) -> None:
    """Ask every side whether the agreement is kept: by itself after 30 and 90 days, or when somebody wants to know."""
    ahead = list(deed.case.detail("ahead") or [])
    asked = FOLLOW_UPS[-len(ahead)] if ahead else FOLLOW_UPS[-1]
    left = ahead[1:]
    deed.columns["details"] = deed.case.details | {"ahead": left, "asked": asked}
    until = dt.date.fromisoformat(left[0]) if left else local_day(deed.at)
    deed.runs_until = close_of(until + dt.timedelta(days=ANSWER_DAYS))
    _review(deed, local_day(deed.at) + dt.timedelta(days=7))
    deed.facts["days"] = asked
    tell_sides(deed, N_("Is the agreement kept? Please tell us: it takes a minute."))


def due_to_ask(case: Case, *, at: dt.datetime) -> bool:
    """True when the day has come on which sides are asked whether their agreement is kept."""
    ahead = case.detail("ahead") or []
    return bool(ahead) and dt.date.fromisoformat(ahead[0]) <= local_day(at)


def check(deed: Deed) -> None:
    """What one side says of one point; said again, the later word counts."""
    asked = int(deed.case.detail("asked") or 0)
    if not asked:
        raise Invalid([Problem("found", NOBODY_ASKED)])
    side, point = chosen_side(deed), _point(deed)
    by_side(deed)
    found, text = str(deed.data["found"]), str(deed.data.get("text") or "")
    Check.objects.update_or_create(
        point=point, side=side, days=asked, defaults={"found": found, "text": text, "at": deed.at}
    )
    deed.facts |= {"days": asked, "kept": found}
    deed.personal["text"] = text
    if found == BROKEN:
        tell_owner(deed, "staff_added", what=N_("A side says that a point of the agreement is not kept."))


def stands(case: Case, *, days: int | None = None) -> dict[int, str]:
    """How each point stands by the worst that a side said, in one follow-up or in the latest that has an answer."""
    rows = Check.objects.filter(point__case=case, point__struck_at=None).order_by("days")
    found: dict[int, dict[int, list[str]]] = {}
    for point, when, said in rows.values_list("point_id", "days", "found"):
        found.setdefault(point, {}).setdefault(when, []).append(said)
    latest = {point: rounds.get(days or max(rounds), []) for point, rounds in found.items()}
    return {point: next(word for word in WORST if word in said) for point, said in latest.items() if said}


def talk_again(deed: Deed) -> None:
    """What was agreed does not hold: the sides are asked anew whether they want to talk."""
    forget_answers(deed)
    deed.columns["details"] = {
        key: value for key, value in deed.case.details.items() if key not in {"offered", "ahead", "asked", "agreed_on"}
    }
    deed.personal["text"] = deed.data.get("reason") or ""
