"""The API itself: its document, its keys with scopes, its errors."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from commonbeat.community.access import key_actor
from commonbeat.interfaces.api.v1.problems import Refusal, of_exception, problem
from commonbeat.interfaces.api.v1.schemas import Problem
from commonbeat.interfaces.limits import allowed

ERRORS: dict[Any, Any] = {frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429}): Problem}
"""What every operation may answer besides its own."""


class Key(HttpBearer):
    """A key in the Authorization header that has a scope and is within its limit."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found = key_actor(token, at=timezone.now())
        if found is None:
            raise Refusal(401, _("The key is unknown, expired or revoked. Ask the agency for a new one."))
        sender, actor = found
        if self.scope not in actor.scopes:
            raise Refusal(403, _("This needs a key with the scope “%(scope)s”.") % {"scope": self.scope})
        if not allowed("key", sender.pk.to_bytes(8, "big"), most=sender.per_minute, seconds=60):
            raise Refusal(
                429, _("This key may send %(most)s requests a minute. Wait a minute.") % {"most": sender.per_minute}
            )
        request.actor = actor  # type: ignore[attr-defined]
        return sender


def make_api() -> NinjaAPI:
    """A new API without operations."""
    made = NinjaAPI(
        title="Commonbeat", version="1", urls_namespace="api-v1", docs_url=None, openapi_url=None,
        description="Send your key as “Authorization: Bearer …”. Errors are problem documents (RFC 9457).",
    )  # fmt: skip
    made.add_exception_handler(ValidationError, _wrong_shape)
    made.add_exception_handler(AuthenticationError, _no_key)
    made.add_exception_handler(HttpError, _http_error)
    made.add_exception_handler(Http404, _other)
    made.add_exception_handler(Exception, _other)
    return made


def _wrong_shape(request: HttpRequest, trouble: Any) -> HttpResponse:
    wrong = [
        {
            "field": ".".join(str(part) for part in error["loc"][1:] if part not in {"sent", "asked"}),
            "message": error["msg"],
        }
        for error in trouble.errors
    ]
    return problem(422, _("Correct what is listed, and send it again."), errors=wrong)


def _other(request: HttpRequest, trouble: Any) -> HttpResponse:
    return of_exception(trouble)


def _no_key(request: HttpRequest, trouble: Any) -> HttpResponse:
    return problem(401, _("Send a key as “Authorization: Bearer …”. The agency gives keys."))


def _http_error(request: HttpRequest, trouble: Any) -> HttpResponse:
    status = trouble.status_code
    return problem(status, _("Send JSON in UTF-8.") if status == 400 else str(trouble))
