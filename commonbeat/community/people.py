"""Private persons: found again by what they gave us, shredded when there is no more reason to know them."""

from __future__ import annotations

import datetime as dt

from commonbeat.community.models import Person
from commonbeat.community.rows import insert


def find_or_make_person(
    *, name: str = "", email: str = "", phone: str = "", language: str, at: dt.datetime
) -> Person | None:
    """The person with these contact details, or None when none were given.

    An e-mail address or phone number is matched together with the name, so that a family's shared address
    does not make two people one.
    """
    email, phone, name = email.strip().lower(), phone.strip(), name.strip()
    if not (email or phone or name):
        return None
    if email:
        known = Person.objects.filter(email=email, name=name, phone=phone, shredded_at__isnull=True).first()
        if known:
            return known
    return insert(Person(name=name, email=email, phone=phone, language=language, created_at=at))


def shred_person(person: Person, *, at: dt.datetime) -> None:
    """Forget who somebody was; that there was somebody stays."""
    Person.objects.filter(pk=person.pk).update(name="", email="", phone="", shredded_at=at)
