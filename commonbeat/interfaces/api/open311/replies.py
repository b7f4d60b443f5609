"""How Open311 speaks: XML and JSON from one value, errors in the format that was asked for, open to every origin."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import orjson
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.translation import gettext as _

log = logging.getLogger("commonbeat.open311")

CONTENT_TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
PROLOG = '<?xml version="1.0" encoding="utf-8"?>\n'
CHILD = {
    "services": "service", "attributes": "attribute", "values": "value", "service_requests": "request",
    "errors": "error", "service_request_updates": "request_update", "endpoints": "endpoint", "formats": "format",
    "notes": "note",
}  # fmt: skip
"""What the items of a list are called in XML; JSON drops that name."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Refused(Exception):
    """The request cannot be served: an HTTP status and one sentence per problem, each saying what to do."""

    def __init__(self, status: int, *problems: str) -> None:
        super().__init__(*problems)
        self.status = status
        self.problems = problems


def _text(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    text = str(value)
    if not _MARKUP.search(text):
        return text
    text = _NOT_XML.sub("", text).replace("&", "&amp;").replace("<", "&lt;")
    return text.replace(">", "&gt;").replace("\r", "&#13;")


def _element(name: str, value: Any) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    if isinstance(value, dict):
        inner = "".join([_element(key, item) for key, item in value.items()])
    elif isinstance(value, list | tuple):
        child = CHILD[name]
        inner = "".join([_element(child, item) for item in value])
    else:
        inner = _text(value)
    return f"<{name}>{inner}</{name}>"


def to_xml(root: str, value: Any) -> bytes:
    """The XML of a value: dicts are elements, lists contain what `CHILD` names, characters XML forbids are gone."""
    return (PROLOG + _element(root, value)).encode()


def to_json(value: Any) -> bytes:
    """The JSON of a value: the same without the outer name."""
    return orjson.dumps(value)


def reply(root: str, value: Any, fmt: str, *, status: int = 200) -> HttpResponse:
    """An answer in the format that was asked for."""
    body = to_json(value) if fmt == "json" else to_xml(root, value)
    return HttpResponse(body, status=status, content_type=CONTENT_TYPES[fmt])


def errors(fmt: str, status: int, problems: Iterable[str]) -> HttpResponse:
    """An error answer; `fmt` other than json is XML, which every client has to understand."""
    fmt = fmt if fmt in CONTENT_TYPES else "xml"
    return reply("errors", [{"code": status, "description": text} for text in problems], fmt, status=status)


def format_of(request: HttpRequest) -> str:
    """The format an address asks for by its ending."""
    return "json" if request.path.endswith(".json") else "xml"


def no_key(request: HttpRequest) -> HttpResponse:
    """403: no key, or one that does not open this."""
    said = _("Send a valid api_key that may do this. The agency gives keys: see the contact in discovery.")
    return errors(format_of(request), 403, [said])


def too_many(request: HttpRequest) -> HttpResponse:
    """429: slow down."""
    response = errors(format_of(request), 429, [_("Too many requests. Wait a minute, then go on more slowly.")])
    response["Retry-After"] = "60"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def speaks(
    *methods: str, formats: Iterable[str] = tuple(CONTENT_TYPES)
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view that answers every method, format and mishap as Open311 says; never an HTML error page."""
    allow = ", ".join([*methods, "OPTIONS"])

    def wrap(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def spoken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            fmt = kwargs.get("fmt", format_of(request))
            trouble = _unreadable(request)
            with translation.override(_language(request, trouble)):
                if request.method == "OPTIONS":
                    response: HttpResponseBase = HttpResponse(status=204)
                elif fmt not in formats and "fmt" in kwargs:
                    said = _("There is no format “%(fmt)s”. End the address with .%(known)s.")
                    response = errors(fmt, 400, [said % {"fmt": fmt[:20], "known": " / .".join(formats)}])
                elif request.method not in methods:
                    said = _("This address takes %(methods)s only.")
                    response = errors(fmt, 405, [said % {"methods": ", ".join(methods)}])
                else:
                    response = _answer(lambda: view(request, *args, **kwargs), fmt, trouble)
            response["Access-Control-Allow-Origin"] = "*"
            if request.method == "OPTIONS" or response.status_code == 405:
                response["Allow"] = response["Access-Control-Allow-Methods"] = allow
                response["Access-Control-Allow-Headers"] = "Content-Type"
            return response

        spoken.csrf_exempt = True  # type: ignore[attr-defined]  # programs send keys, not cookies
        return spoken

    return wrap


def _unreadable(request: HttpRequest) -> Exception | None:
    """What is wrong with the form that was sent, before anything else reads it."""
    try:
        request.POST  # noqa: B018
    except Exception as trouble:
        return trouble
    return None


def _language(request: HttpRequest, trouble: Exception | None) -> str:
    asked = request.GET.get("locale") or ("" if trouble else request.POST.get("locale")) or ""
    return asked if asked and translation.check_for_language(asked) else translation.get_language() or "en"


def _answer(view: Callable[[], HttpResponseBase], fmt: str, trouble: Exception | None) -> HttpResponseBase:
    try:
        if trouble:
            raise trouble
        return view()
    except Refused as refused:
        return errors(fmt, refused.status, refused.problems)
    except Http404:
        return errors(fmt, 404, [_("There is nothing here. The addresses are listed in /open311/discovery.xml.")])
    except RequestDataTooBig:
        return errors(fmt, 413, [_("This request is too large. Send less text, and smaller photos.")])
    except (BadRequest, SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        return errors(fmt, 400, [_("This form cannot be read. Send it URL-encoded or as multipart, in UTF-8.")])
    except Exception:
        log.exception("Open311 failed")
        return errors(fmt, 500, [_("Something went wrong here, and nothing was saved. Try again in a minute.")])
