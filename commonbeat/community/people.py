"""Private persons: found again by what they gave us, shredded when there is no more reason to know them."""

from __future__ import annotations

import datetime as dt
from functools import cache

from commonbeat.community.kept import Kept, columns, keep, revive
from commonbeat.community.models import Person
from commonbeat.community.rows import insert, new

_EMAIL, _NAME, _PHONE = "an\x1baddress", "a\x1bname", "a\x1bnumber"
"""Stand for what comes with each run of the kept statement; nobody can type them."""


@cache
def _same_person() -> Kept:
    rows = Person.objects.filter(email=_EMAIL, name=_NAME, phone=_PHONE, apart=False, shredded_at=None)
    return keep(rows.order_by("id").values_list(*columns(Person))[:1], by=(_EMAIL, _NAME, _PHONE))


def find_or_make_person(
    *,
    name: str = "",
    email: str = "",
    phone: str = "",
    address: str = "",
    language: str,
    apart: bool = False,
    at: dt.datetime,
) -> Person | None:
    """The person with these contact details, or None when none were given.

    An e-mail address or phone number is matched together with the name, so that a family's shared address
    does not make two people one. `apart` makes a row of its own that no later matter finds: whoever comes upon the
    person elsewhere must not be led to one that is not for their eyes.
    """
    email, phone, name, address = email.strip().lower(), phone.strip(), name.strip(), address.strip()
    if not (email or phone or name or address):
        return None
    if email and not apart:
        for known in _same_person().run({_EMAIL: email, _NAME: name, _PHONE: phone}):
            return revive(Person, known)
    made = new(
        Person, name=name, email=email, phone=phone, address=address, language=language, apart=apart, created_at=at
    )
    return insert(made)


def shred_person(person: Person, *, at: dt.datetime) -> None:
    """Forget who somebody was; that there was somebody stays."""
    Person.objects.filter(pk=person.pk).update(name="", email="", phone="", address="", shredded_at=at)
