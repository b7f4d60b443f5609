"""Errors of the JSON API as problem documents (RFC 9457), each saying what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import orjson
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.utils.translation import gettext as _

from commonbeat.cases.actions import Stale
from commonbeat.community.places import places
from commonbeat.core.fields import Invalid
from commonbeat.core.text import N_
from commonbeat.core.workflow import NotAllowed

log = logging.getLogger("commonbeat.api")

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: N_("The request cannot be read"), 401: N_("A key is needed"), 403: N_("The key may not do this"),
    404: N_("It is not there"), 405: N_("This method is not possible here"), 409: N_("It changed in the meantime"),
    413: N_("The request is too large"), 422: N_("Something has to be corrected"), 429: N_("Too many requests"),
    500: N_("Something went wrong here"),
}  # fmt: skip


class Refusal(Exception):
    """A request that cannot be served: a status, one sentence, and what is wrong field by field."""

    def __init__(self, status: int, detail: str, *, errors: Sequence[dict[str, str]] = (), **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.more = status, detail, list(errors), more


def wrong(name: str, message: str) -> Refusal:
    """One field that has to be corrected."""
    return Refusal(422, _("Correct what is listed, and send it again."), errors=[{"field": name, "message": message}])


def check_place(sent: Any) -> None:
    """Raise `Refusal` where the point is half of one, or the area is unknown."""
    if (sent.lat is None) != (sent.long is None):
        raise wrong("lat", _("Send lat and long together."))
    if sent.area is not None and sent.area not in places().areas:
        raise wrong("area", _("There is no such area. Take one from /areas."))


def problem(status: int, detail: str, *, errors: Sequence[dict[str, str]] = (), **more: Any) -> HttpResponse:
    """A problem document."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": detail,
    }
    body |= {"errors": list(errors)} if errors else {}
    response = HttpResponse(orjson.dumps(body | more), status=status, content_type=CONTENT_TYPE)
    if status == 429:
        response["Retry-After"] = "60"
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


def of_exception(trouble: Exception) -> HttpResponse:
    """The problem document of an exception; what nobody expected is logged and told without its detail."""
    match trouble:
        case Refusal():
            return problem(trouble.status, trouble.detail, errors=trouble.errors, **trouble.more)
        case Invalid():
            wrong = [
                {"field": p.code, "message": _(p.message) % p.params if p.params else _(p.message)}
                for p in trouble.problems
            ]
            return problem(422, _("Correct what is listed, and send it again."), errors=wrong)
        case NotAllowed():
            return problem(409, str(trouble))
        case Stale():
            said = _("Somebody else changed this case first. Read it again, then decide.")
            return problem(409, said, version=trouble.case.version)
        case Http404():
            return problem(404, _("There is nothing at this address, or not for this key."))
        case RequestDataTooBig():
            return problem(413, _("Send less text in one request."))
        case BadRequest() | SuspiciousOperation() | UnreadablePostError() | UnicodeError():
            return problem(400, _("Send JSON in UTF-8."))
    log.error("The JSON API failed", exc_info=trouble)
    return problem(500, _("Nothing was saved. Try again in a minute."))


def as_problems(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view whose every mishap is a problem document."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Exception as trouble:
            return of_exception(trouble)
        if response.status_code == 405:
            allowed = response.get("Allow", "")
            response = problem(405, _("Use one of: %(methods)s.") % {"methods": allowed})
            response["Allow"] = allowed
        return response

    return told
