"""The list of a security survey for the resident: a tagged PDF in their language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commonbeat.cases.models import Case
from commonbeat.community.agency import current
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.case import read_case
from commonbeat.interfaces.web.kinds.service.declared import survey_words
from commonbeat.interfaces.web.papers import pdf_answer, tagged_pdf
from commonbeat.journal.verbs import log_access
from commonbeat.kinds.service.kind import DESK

TEMPLATE = Path(__file__).with_name("survey.typ")
READERS = tuple(sorted(DESK))


@staff(*READERS)
@never_cache
@require_safe
def paper(request: HttpRequest, reference: str) -> HttpResponse:
    """The PDF; that it was taken away is logged."""
    actor, at, case = actor_of(request), timezone.now(), read_case(request, reference)
    with override(case.language):
        said = list_words(case, say.words(at=at))
    if said is None:
        raise Http404
    log_access("case", case.pk, "exported", actor=actor, at=at, reason="security survey")
    return pdf_answer(render_list(said), case.reference)


def render_list(said: dict[str, Any]) -> bytes:
    """The PDF/UA-1 document."""
    return tagged_pdf(TEMPLATE, said)


def list_words(case: Case, shown: say.Words) -> dict[str, Any] | None:
    """What the list says; None before somebody has walked through."""
    survey = survey_words(case.pk, shown)
    if survey is None:
        return None
    return {
        "language": case.language.split("-")[0], "agency": current().name, "reference": case.reference,
        "title": gettext("Security survey"), "where": ", ".join(filter(None, (case.address, shown.area(case.area_id)))),
        "walked": survey["walked"], "printed": shown.local(shown.at), "topics": survey["topics"],
        "good": survey["good"],
        "labels": {
            "where": gettext("Where"), "walked": gettext("Walked through"), "good": gettext("What is good"),
            "advice": gettext("Advice"), "seen": gettext("What we saw"), "printed": gettext("Printed"),
            "none": gettext("Nothing was found that could be safer."),
            "honest": gettext(
                "This is advice and no guarantee. No place is safe for certain; what helps most stands as high."
            ),
        },
    }  # fmt: skip
