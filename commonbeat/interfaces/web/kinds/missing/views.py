"""Taking the report of a missing person on the telephone or at the counter."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from commonbeat.interfaces.access import staff
from commonbeat.interfaces.web.desk.counter import take_at_counter
from commonbeat.interfaces.web.desk.enter import CLERKS
from commonbeat.interfaces.web.public.missing import MISSING_PAGE


@staff(*CLERKS)
@never_cache
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Take it down while they are on the line; whoever leads hears of it at once."""
    return take_at_counter(request, MISSING_PAGE, folder="missing")
