"""Asking for mediation: the form and the receipt."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from commonbeat.core.fields import Field
from commonbeat.core.text import N_
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.one_page import OnePage
from commonbeat.interfaces.web.public.complaint import take_page

MEDIATION = OnePage(
    "mediation",
    Field("text", N_("What is the trouble about?"), "text", required=True, maximum=6000,
          hint=N_("In your own words. The other side does not read this.")),
)  # fmt: skip


@anyone
@never_cache
@limited("report")
@require_http_methods(["GET", "POST"])
def ask_for_mediation(request: HttpRequest) -> HttpResponse:
    """The form; sending it opens the case and shows the receipt."""
    return take_page(request, MEDIATION, folder="mediation", route="ask_for_mediation")
