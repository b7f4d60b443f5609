"""The list of a security survey for whoever asked for it, behind their own link."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from commonbeat.community.access import BadLink
from commonbeat.interfaces.access import resident
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.kinds.service.declared import has_list
from commonbeat.interfaces.web.kinds.service.paper import list_words, render_list
from commonbeat.interfaces.web.papers import pdf_answer
from commonbeat.interfaces.web.public.papers import own_case
from commonbeat.interfaces.web.public.returning import closed_link, private
from commonbeat.kinds.service.kind import SERVICE


@resident
@never_cache
@require_GET
def my_survey(request: HttpRequest, token: str, reference: str) -> HttpResponse:
    """The PDF in the language of the request, once the list was given."""
    try:
        case = own_case(token, reference, kind=SERVICE.slug)
    except BadLink as bad:
        return closed_link(request, bad)
    with override(case.language):
        said = list_words(case, say.words(at=timezone.now())) if has_list(case) else None
    if said is None:
        raise Http404
    return private(pdf_answer(render_list(said), case.reference))
