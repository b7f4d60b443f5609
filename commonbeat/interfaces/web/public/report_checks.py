"""Checks each page of a report: what is missing or wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from commonbeat.cases.actions import NOWHERE, OUTSIDE
from commonbeat.community.addresses import area_of_address
from commonbeat.community.places import locate, places
from commonbeat.core.fields import HAS_NULL, MAX_LENGTH, TOO_LONG
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.public.draft import ANSWERS, UNKNOWN, Draft

Errors = dict[str, str]
"""Field → what to do."""

LONGEST = {"address": 300, "name": 200, "email": 254, "phone": 40, "text": MAX_LENGTH["text"]}
_FEWEST_DIGITS = 7


def questions_form(draft: Draft, *, language: str, bound: bool) -> FieldsForm:
    """The category's own questions with what was typed; checked when `bound`."""
    fields = draft.known.fields if draft.known else ()
    return form_for(
        fields, language=language, prefix=ANSWERS, data=draft.data if bound else None,
        initial={code: value for code, value in draft.answers().items() if value not in (None, [])},
    )  # fmt: skip


def _lengths(draft: Draft, *names: str) -> Errors:
    errors = {}
    for name in names:
        value = draft.get(name)
        if "\x00" in value:
            errors[name] = _(HAS_NULL)
        elif len(value) > LONGEST[name]:
            errors[name] = _(TOO_LONG) % {"limit": LONGEST[name], "length": len(value)}
    return errors


def check_what(draft: Draft) -> Errors:
    """A category that is in use."""
    return {} if draft.known else {"category": _("Choose what it is about.")}


def check_where(draft: Draft) -> Errors:
    """A place we can find: a point inside, an address with its area (or "I don't know"), or an area."""
    errors = _lengths(draft, "address")
    if draft.get("lat") or draft.get("long"):
        if draft.point is None:
            errors["point"] = _("The point on the map cannot be read. Set it again, or use the address and the list.")
        elif not locate(lat=draft.point[0], long=draft.point[1]).inside:
            errors["point"] = _(OUTSIDE)
        return errors
    area, address = draft.get("area"), draft.get("address")
    if draft.area_id is not None and draft.area_id not in places().areas:
        errors["area"] = _("Choose an area from the list.")
    elif not address and draft.area_id is None:
        errors["address"] = _(NOWHERE)
    elif address and not area and places().serving and (found := area_of_address(address)):
        draft.change("area", str(found))  # shown in the summary, where it can be changed
    elif address and not area and places().serving:
        errors["area"] = _("Choose the area that this address is in, or “I don’t know”.")
    elif area and area != UNKNOWN and draft.area_id is None:
        errors["area"] = _("Choose an area from the list.")
    return errors


def check_details(draft: Draft) -> Errors:
    """Words where there are no questions; the questions themselves are checked by their form."""
    errors = _lengths(draft, "text")
    if not draft.get("text") and not (draft.known and draft.known.fields):
        errors["text"] = _("Write in a sentence or two what is going on.")
    return errors


def check_contact(draft: Draft) -> Errors:
    """An address or number of the way that was chosen, or a decision to stay anonymous."""
    errors = _lengths(draft, "name", "email", "phone")
    who = draft.get("who")
    if who not in {"anonymous", "email", "phone"}:
        errors["who"] = _("Choose whether we may contact you.")
    if who == "email":
        try:
            validate_email(draft.get("email"))
        except ValidationError:
            errors["email"] = _("Enter an e-mail address such as rosa@example.org.")
    if who == "phone" and sum(c.isdigit() for c in draft.get("phone")) < _FEWEST_DIGITS:
        errors["phone"] = _("Enter a telephone number with its area code, for example 312-555-0142.")
    return errors


CHECKS: Mapping[str, Callable[[Draft], Errors]] = {
    "what": check_what, "where": check_where, "details": check_details, "contact": check_contact
}  # fmt: skip


def first_problem(draft: Draft) -> tuple[str, Errors] | None:
    """The first page that has something to mend, for a report that is sent as a whole; cheap when all is well."""
    for page in ("what", "details"):
        errors = CHECKS[page](draft)
        if errors:
            return page, errors
    errors = _lengths(draft, "address", "name", "phone")
    if (draft.get("lat") or draft.get("long")) and draft.point is None:
        return "where", check_where(draft)
    if "address" in errors:
        return "where", errors
    contact = check_contact(draft) if draft.get("who") in {"email", "phone"} else {}
    return ("contact", contact) if contact or errors else None
