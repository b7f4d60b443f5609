"""A report that comes through Open311: read strictly, checked whole, opened by the one verb that opens cases."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.translation import gettext as _

from commonbeat.cases import files
from commonbeat.cases.actions import OUTSIDE, Report, check_report, open_case
from commonbeat.cases.categories import Known, by_code
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.replays import open_once
from commonbeat.community.agency import setting
from commonbeat.community.places import locate
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.interfaces.api.danger import danger_notice, danger_of
from commonbeat.interfaces.api.open311.asking import Asked
from commonbeat.interfaces.api.open311.catalogue import CHANNEL, questions
from commonbeat.interfaces.api.open311.replies import Refused

SAME_WITHIN = dt.timedelta(minutes=10)
LONGEST = {"description": 4000, "address_string": 300, "address_id": 100, "first_name": 100, "last_name": 100,
           "phone": 40, "email": 254, "media_url": 500, "account_id": 200, "device_id": 200}  # fmt: skip
_ATTRIBUTE = re.compile(r"^attribute\[(?P<code>[^\[\]]{1,80})\](?:\[\d*\])?$")


@dataclass
class Sent:
    """What a form says, before any photo is taken."""

    kind: Kind
    known: Known
    values: dict[str, Any]
    account_id: str
    media: list[UploadedFile]
    problems: list[str] = field(default_factory=list)


def read_form(request: HttpRequest, language: str) -> Sent:
    """Read a report. Raises `Refused`: 404 for an unknown service, 400 with every other problem."""
    asked = Asked(request.POST)
    code = asked.one("service_code")
    if not code:
        problems = [_("service_code required: take one from the service list.")]
        _place(asked, problems)
        _person(asked, problems)
        raise Refused(400, *problems, *_too_long(asked))
    known = by_code(code)
    kind = next((k for k in KINDS if known and k.slug == known.row.kind and CHANNEL in k.intake.channels), None)
    if known is None or kind is None:
        raise Refused(
            404, _("There is no service_code “%(code)s”. Take one from the service list.") % {"code": code[:60]}
        )
    sent = Sent(kind, known, {}, asked.one("account_id"), _media(request))
    if known.row.retired_at is not None:
        sent.problems.append(_("The service “%(code)s” takes no reports any more. Take another one.") % {"code": code})
    sent.problems += _too_long(asked)
    sent.values |= _place(asked, sent.problems) | _person(asked, sent.problems)
    answers, ignored = _answers(asked, kind, known)
    links = asked.all("media_url")[:6]
    origin = {"ignored_attributes": ignored, "media_url": links, "address_id": asked.one("address_id")}
    sent.values |= {
        "category_id": known.row.pk, "text": asked.one("description"), "answers": answers, "language": language,
        "channel": CHANNEL, "follow_ups": False,
        "extra": {CHANNEL: kept} if (kept := {k: v for k, v in origin.items() if v}) else {},
    }  # fmt: skip
    return sent


def _too_long(asked: Asked) -> list[str]:
    said = _("%(name)s is longer than %(limit)s characters. Shorten it.")
    return [said % {"name": name, "limit": most} for name, most in LONGEST.items() if len(asked.one(name)) > most]


def _media(request: HttpRequest) -> list[UploadedFile]:
    return [part for name in request.FILES for part in request.FILES.getlist(name)]


def _place(asked: Asked, problems: list[str]) -> dict[str, Any]:
    place: dict[str, Any] = {"address": " ".join(asked.one("address_string").split())}
    for name, limit in (("lat", 90), ("long", 180)):
        try:
            place[name] = asked.number(name, low=-limit, high=limit)
        except Refused as refused:
            problems += refused.problems
            place[name] = None
    given = [name for name in ("lat", "long") if asked.one(name)]
    if len(given) == 1:
        problems.append(_("Send lat and long together; %(name)s alone is no place.") % {"name": given[0]})
    if not given and not place["address"]:
        if not asked.one("address_id"):
            problems.append(_("Location required: send lat and long, or address_string."))
        place["address"] = asked.one("address_id")
    return place


def _person(asked: Asked, problems: list[str]) -> dict[str, Any]:
    email, phone = asked.one("email"), " ".join(asked.one("phone").split())
    if email:
        try:
            validate_email(email)
        except ValidationError:
            problems.append(_("email is not an e-mail address. Correct it, or leave it out."))
    name = " ".join(f"{asked.one('first_name')} {asked.one('last_name')}".split())
    return {"email": email, "phone": phone, "name": name, "told_by": "email" if email else "none"}


def _answers(asked: Asked, kind: Kind, known: Known) -> tuple[dict[str, Any], list[str]]:
    """Answers by question, and the codes that no question of this category has."""
    fields = {item.code: item for item in questions(kind, known)}
    given: dict[str, list[str]] = {}
    for name in asked.given:
        found = _ATTRIBUTE.match(name)
        if found:
            given.setdefault(found["code"], []).extend(asked.all(name))
    answers = {
        code: values if fields[code].datatype == "multivaluelist" else values[-1]
        for code, values in given.items()
        if values and code in fields
    }
    return answers, sorted(code for code in given if code not in fields and code.isprintable())[:20]


def file_report(request: HttpRequest, *, actor: Actor, language: str, at: dt.datetime) -> dict[str, Any]:
    """Open a case from the form of a request; the same form again within ten minutes finds the same case."""
    sent = read_form(request, language)
    if sent.problems:
        raise Refused(400, *sent.problems, *_also_wrong(sent, at=at))
    if sent.media and not sent.kind.intake.photos:
        raise Refused(400, _("This service takes no photos. Send the report without them."))
    values = sent.values
    danger = danger_of(sent.known, text=values["text"], answers=values["answers"], language=values["language"])

    def open_it(client_id: uuid.UUID) -> Any:
        uploads = tuple(files.accept(part.name or "photo", part.read(), at=at) for part in sent.media)
        report = Report(**sent.values, uploads=uploads, danger=danger)
        return open_case(sent.kind.slug, report, actor=actor, at=at, client_id=client_id)

    try:
        opened = open_once(open_it, token=_fingerprint(request, sent, actor), within=SAME_WITHIN, at=at)
    except Invalid as refused:
        told = [_worded(problem, sent) for problem in refused.problems]
        raise Refused(400, *dict.fromkeys(told + _also_wrong(sent, at=at))) from refused
    answer = {"service_request_id": opened.case.reference, "service_notice": _notice(danger, opened.case.reference)}
    return answer | ({"account_id": sent.account_id} if sent.account_id else {})


def _also_wrong(sent: Sent, *, at: dt.datetime) -> list[str]:
    """What else is wrong with a report that is refused, so that its sender hears everything at once: answers, place."""
    wrong: list[Problem] = []
    codes = {item.code for item in questions(sent.kind, sent.known)}
    try:
        check_report(sent.kind, Report(**sent.values), at=at)
    except Invalid as refused:
        wrong += [problem for problem in refused.problems if problem.code in codes]
    lat, long = sent.values["lat"], sent.values["long"]
    if lat is not None and long is not None and not locate(lat=lat, long=long).inside:
        wrong.append(Problem("where", OUTSIDE))
    return [_worded(problem, sent) for problem in wrong]


def _fingerprint(request: HttpRequest, sent: Sent, actor: Actor) -> bytes:
    """A digest of who sent what: key, device or account, every field, every photo."""
    parts = hashlib.blake2b(str(actor.key_id).encode(), digest_size=32)
    for name, values in sorted(request.POST.lists()):
        if name != "api_key":
            parts.update(repr((name, values)).encode("utf-8", "backslashreplace"))
    for part in sent.media:
        for chunk in part.chunks():
            parts.update(chunk)
        part.seek(0)
    return parts.digest()


def _notice(danger: dict[str, Any] | None, reference: str) -> str:
    keep = _("Keep the number %(reference)s: it leads to what becomes of this.") % {"reference": reference}
    return f"{danger_notice(danger)} {keep}".strip()


def _worded(problem: Problem, sent: Sent) -> str:
    """A problem with the name that the program used for it."""
    message = _(problem.message) % problem.params if problem.params else _(problem.message)
    if problem.code in {item.code for item in questions(sent.kind, sent.known)}:
        absent = problem.code not in sent.values["answers"]
        return (_("%(code)s required: %(message)s") if absent else "%(code)s: %(message)s") % {
            "code": problem.code, "message": message,
        }  # fmt: skip
    return message


def most_bytes() -> int:
    """The largest request that can hold as many photos as are allowed, and a form."""
    return int(setting("max_photos")) * int(setting("max_photo_mb")) * 1024 * 1024 + 4 * 1024 * 1024
