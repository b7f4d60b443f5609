"""Requests that no view takes: answered in the format of the part they were for, with what to do instead."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.translation import gettext as _

from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.api.open311 import replies
from commonbeat.interfaces.api.v1 import problems
from commonbeat.interfaces.web import errors


@anyone
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400 and 413: a host name that is not ours, too much at once, or a form that cannot be read."""
    status, said = _reason(exception)
    if request.path.startswith("/open311/"):
        response = replies.errors(replies.format_of(request), status, [said])
        response["Access-Control-Allow-Origin"] = "*"
        return response
    if request.path.startswith("/api/"):
        return problems.problem(status, said)
    if isinstance(exception, DisallowedHost):  # every address on a page of ours would be wrong, too
        return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
    return errors.unreadable(request, status)


def _reason(exception: Exception | None) -> tuple[int, str]:
    if isinstance(exception, DisallowedHost):
        return 400, _(
            "This site does not answer to that host name. Use the address that the agency gives. "
            "Whoever runs it adds host names with COMMONBEAT_HOSTS."
        )
    if isinstance(exception, RequestDataTooBig):
        return 413, _("This request is too large. Send less text, and smaller photos.")
    return 400, _("This form cannot be read. Send it URL-encoded or as multipart, in UTF-8.")


def page_above(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: an address that only takes a form leads, when it is opened, to the page above it.

    That happens to people who sign in again, change the language or load the page after a form came back.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method in {"GET", "HEAD"}:
            return HttpResponseRedirect(request.path.rstrip("/").rpartition("/")[0] + "/")
        return response

    return answer
