"""The content security policy, put together once: it is the same for every page."""

from __future__ import annotations

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class RememberedPolicy(CSPMiddleware):
    """Sets the header as django-csp does; only a page that asks for something of its own has it made anew."""

    _usual: str | None = None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the header."""
        own = (
            hasattr(request, "_csp_nonce")
            or HEADER in response
            or any(name.startswith("_csp") for name in vars(response))
        )
        if not own and self._usual is not None and response.status_code < 400:
            response[HEADER] = self._usual
            return response
        answered = super().process_response(request, response)
        if not own and response.status_code < 400:
            self._usual = response.get(HEADER)
        return answered
