"""Bulletins: drafted, approved by a second person, withdrawn from everywhere at once (RULES 16)."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.db import transaction

from commonbeat.cases.actions import act
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, CaseFile
from commonbeat.community.agency import close_of, local_day, setting
from commonbeat.core.actor import SYSTEM
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.personal_data import find_personal
from commonbeat.core.text import N_
from commonbeat.kinds.missing.models import Bulletin
from commonbeat.kinds.missing.vocabulary import AGREED, GROWN

WORDS = ("looks", "clothes", "seen")
WRITTEN = (
    Field("looks", N_("How they look, for the public"), "text", required=True, maximum=600,
          hint=N_("Height, build, hair, eyes. Nothing about health, family or why they left.")),
    Field("clothes", N_("What they wore"), maximum=300),
    Field("seen", N_("Where they were last seen, in public words"), required=True, maximum=200,
          hint=N_("A park, a station, a part of town. Never a house or a case number.")),
)  # fmt: skip
LANGUAGE = Field("language", N_("Language of these words"), source="language", required=True)
FIELDS = (
    Field("shown_name", N_("Name to show"), required=True, maximum=80, personal=True),
    Field("age", N_("Age"), "number", required=True, minimum=0, maximum=120),
    LANGUAGE, *WRITTEN,
    Field("seen_on", N_("Day on which they were last seen"), "datetime", required=True),
    Field("photo", N_("Photo"), source="missing_photo"),
    Field("agreed", N_("On what ground"), "singlevaluelist", required=True, choices=AGREED),
    Field("agreed_by", N_("Who agreed and how, or why nobody could be asked"), required=True, maximum=200,
          personal=True),
    Field("until", N_("Show it until"), "datetime",
          hint=N_("Leave empty for the department's usual time. It ends earlier when they are found.")),
)  # fmt: skip

PERSONAL = N_("“%(words)s” must not be public. Say it without names, numbers and addresses.")
THE_PLACE = N_("This is the reported address. Name the part of town instead.")
BAD_PHOTO = N_("Choose a photo of this case.")
BAD_AGE = N_("Enter the age in whole years.")
PAST = N_("Choose a day after today, %(days)s days ahead at most.")
NOT_YET = N_("This day has not come yet.")
GUARDIAN = N_(
    "A child is shown only when a parent or guardian agreed, or when nobody can be asked and a life is at stake."
)
NO_DRAFT = N_("There is no draft. Write one first.")
YOURS = N_("You wrote this. A second person has to approve it.")
CHILD = N_("This is a child. Tick that you approve the name and the photo, or give the draft back.")
CHILD_HOURS = N_("A child's photo may be shown for %(hours)s hours at most.")
NOT_PUBLIC = N_("Nothing of this case is public.")


def draft_of(case: Case) -> Bulletin | None:
    """What waits for a second person."""
    return Bulletin.objects.filter(case=case, state=Bulletin.State.DRAFT).first()


def public_of(case: Case) -> Bulletin | None:
    """What was made public and is not withdrawn yet."""
    return Bulletin.objects.filter(case=case, state=Bulletin.State.PUBLIC).first()


def _check_words(deed: Deed) -> dict[str, str]:
    words = {code: str(deed.data.get(code) or "") for code in WORDS}
    wrong = [
        Problem(code, PERSONAL, {"words": found.text})
        for code, text in words.items()
        for found in find_personal(text, language=str(deed.data["language"]))
        if found.sure
    ]
    address = deed.case.address.casefold().strip()
    if any(sign.isdigit() for sign in address):  # a park or a stop is nobody's home
        wrong += [Problem(code, THE_PLACE) for code, text in words.items() if address in text.casefold()]
    if wrong:
        raise Invalid(wrong)
    return words


def draft(deed: Deed) -> None:
    """Write what the public would see; a draft that is there is written anew. Nothing is public yet."""
    given, today = deed.data, local_day(deed.at)
    if not isinstance(given["age"], int):
        raise Invalid([Problem("age", BAD_AGE)])
    if given["age"] < GROWN and given["agreed"] == "family":
        raise Invalid([Problem("agreed", GUARDIAN)])
    seen_on = dt.date.fromisoformat(str(given["seen_on"])[:10])
    if seen_on > today:
        raise Invalid([Problem("seen_on", NOT_YET)])
    values: dict[str, Any] = {
        "name": str(given["shown_name"]), "age": given["age"], "language": str(given["language"]),
        "words": {str(given["language"]): _check_words(deed)}, "seen_on": seen_on, "agreed": str(given["agreed"]),
        "agreed_by": str(given["agreed_by"]), "photo": _photo(deed), "until": _until(deed),
        "drafted_by_id": deed.actor.staff_id, "drafted_at": deed.at, "returned": "",
    }  # fmt: skip
    Bulletin.objects.update_or_create(case=deed.case, state=Bulletin.State.DRAFT, defaults=values)
    deed.personal["text"] = f"{values['name']}: {values['words'][values['language']]['looks']}"


def _photo(deed: Deed) -> CaseFile | None:
    number = str(deed.data.get("photo") or "")
    if not number:
        return None
    found = deed.case.files.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    if found is None:
        raise Invalid([Problem("photo", BAD_PHOTO)])
    return found


def _until(deed: Deed) -> dt.datetime:
    most, today = int(setting("missing_bulletin_days")), local_day(deed.at)
    given = deed.data.get("until")
    day = dt.date.fromisoformat(str(given)[:10]) if given else today + dt.timedelta(days=most)
    if not today < day <= today + dt.timedelta(days=most):
        raise Invalid([Problem("until", PAST, {"days": most})])
    return close_of(day)


def translate(deed: Deed) -> None:
    """Add the words in another language: a person wrote them, and a second one approves them (RULES 20)."""
    words = _check_words(deed)
    row = draft_of(deed.case)
    if row is None:  # what is public stays as it is until somebody approves
        shown = public_of(deed.case)
        if shown is None:
            raise Invalid([Problem("language", NO_DRAFT)])
        shown.pk, shown.key, shown.state, shown.approved_by_id, shown.approved_at = None, None, "draft", None, None
        shown.photo_until, row = None, shown
        row._state.adding = True
    row.words = row.words | {str(deed.data["language"]): words}
    row.drafted_by_id, row.drafted_at, row.returned = deed.actor.staff_id, deed.at, ""
    row.save()
    deed.personal["text"] = words["looks"]


def approve(deed: Deed) -> None:
    """Make the draft public, as the second person. A child needs one's own word for it, and the photo ends first."""
    row = _waiting(deed)
    child = row.age < GROWN
    if child and not deed.data.get("child_ok"):
        raise Invalid([Problem("child_ok", CHILD)])
    public = public_of(deed.case)
    key = public.key if public else secrets.token_hex(8)
    if public:
        _end(public, at=deed.at, why="replaced")
    row.key, row.state, row.approved_by_id, row.approved_at = key, Bulletin.State.PUBLIC, deed.actor.staff_id, deed.at
    row.photo_until = _photo_until(deed, row, child=child) if row.photo_id else None
    row.save()
    deed.facts |= {"bulletin": row.pk, "child": child}


def _waiting(deed: Deed) -> Bulletin:
    row = draft_of(deed.case)
    if row is None:
        raise Invalid([Problem("photo_hours", NO_DRAFT)])
    if row.drafted_by_id == deed.actor.user_id:
        raise Invalid([Problem("photo_hours", YOURS)])
    return row


def _photo_until(deed: Deed, row: Bulletin, *, child: bool) -> dt.datetime:
    most = int(setting("missing_child_photo_hours")) if child else int((row.until - deed.at).total_seconds() // 3600)
    hours = float(deed.data.get("photo_hours") or most)
    if child and hours > most:
        raise Invalid([Problem("photo_hours", CHILD_HOURS, {"hours": most})])
    end = row.until - dt.timedelta(hours=1) if child else row.until
    return min(deed.at + dt.timedelta(hours=hours), end)


def give_back(deed: Deed) -> None:
    """Give the draft back with what is to be changed."""
    row = _waiting(deed)
    row.returned = str(deed.data["reason"])[:400]
    row.save(update_fields=["returned"])
    deed.personal["text"] = deed.data["reason"]


def withdraw(deed: Deed) -> None:
    """Take it from the public while the search goes on."""
    if public_of(deed.case) is None:
        raise Invalid([Problem("reason", NOT_PUBLIC)])
    end_all(deed.case, at=deed.at, why=str(deed.data["reason"]))
    deed.personal["text"] = deed.data["reason"]


def expired(deed: Deed) -> None:
    """Its time is over: the product itself takes it back."""
    end_all(deed.case, at=deed.at, why="expired")


def end_all(case: Case, *, at: dt.datetime, why: str) -> None:
    """Withdraw what is public and what waits: page, photo, list and feed read nothing else, so all go together."""
    for row in Bulletin.objects.filter(case=case).exclude(state=Bulletin.State.WITHDRAWN):
        _end(row, at=at, why=why, keep_key=True)


def _end(row: Bulletin, *, at: dt.datetime, why: str, keep_key: bool = False) -> None:
    """The address stays known where nothing takes it over: it answers that the notice has ended."""
    Bulletin.objects.filter(pk=row.pk).update(
        state=Bulletin.State.WITHDRAWN, withdrawn_at=at, why=why[:400], photo_until=None,
        key=row.key if keep_key else None,
    )  # fmt: skip


def expire_due(*, at: dt.datetime) -> int:
    """Withdraw bulletins whose time is over; returns how many."""
    due = Bulletin.objects.filter(state=Bulletin.State.PUBLIC, until__lte=at, case__closed_at__isnull=True)
    numbers = list(due.values_list("case_id", flat=True))
    return sum(_expire(number, at=at) for number in numbers)


@transaction.atomic
def _expire(number: int, *, at: dt.datetime) -> bool:
    case = Case.objects.select_for_update().get(pk=number)
    row = public_of(case)
    if row is None or row.until > at or case.closed_at is not None:
        return False  # somebody was faster
    act(case, "expire_bulletin", data={}, actor=SYSTEM, at=at)
    return True
