"""The public page of a study: words by one person, exactly what will be read, publishing by a second."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.core.text import N_
from commonbeat.evidence.studies.actions import PLANNERS, READERS, Refused
from commonbeat.evidence.studies.models import Study, StudyPage
from commonbeat.evidence.studies.pages import (
    FIELDS,
    LONGEST,
    PUBLISHERS,
    latest_result,
    personal_in,
    publish_page,
    withdraw_page,
    write_page,
)
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.public.studies import told
from commonbeat.interfaces.web.studio.shared import find_study, page_of, version_given

LABELS: Mapping[str, tuple[str, str]] = {
    "title": (N_("Title"), N_("A question that a neighbour would ask.")),
    "tried": (N_("What was tried"), N_("What was done, where and why. Short sentences.")),
    "next": (N_("What we do next"), N_("Go on, change it, or stop: say what follows from the finding.")),
}


@staff(*READERS)
@require_safe
def page(request: HttpRequest, number: int) -> HttpResponse:
    """The words, and exactly what the public will read."""
    return _show(request, find_study(number))


def _show(
    request: HttpRequest, study: Study, *, words: Mapping[str, Mapping[str, str]] | None = None, problem: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    found, actor = page_of(study), actor_of(request)
    plan, run = latest_result(study)
    typed = words if words is not None else (found.words if found else _first_words(study))
    draft = found or (StudyPage(study=study, plan=plan, run=run, words=typed) if plan else None)
    public = bool(found and found.state == StudyPage.State.PUBLISHED)
    own = bool(found and found.drafted_by_id == actor.user_id)
    context = {
        "section": "studies", "study": study, "page": found, "problem": problem, "own": own,
        "languages": [
            {
                "code": code, "name": name, "open": bool(typed.get(code)) or code == "en",
                "fields": [
                    {"name": f"{field}-{code}", "label": gettext(LABELS[field][0]), "hint": gettext(LABELS[field][1]),
                     "value": (typed.get(code) or {}).get(field, ""), "long": field != "title",
                     "most": LONGEST[field]}
                    for field in FIELDS
                ],
            }
            for code, name in settings.LANGUAGES
        ],
        "may_write": actor.has(*PLANNERS) and not public,
        "may_publish": actor.has(*PUBLISHERS) and not own,
        "is_publisher": actor.has(*PUBLISHERS), "version": found.version if found else 0,
        "told": told(draft) if draft else None, "newer": bool(found and run and found.run_id != run.pk),
        "personal": sorted({one.text for one in personal_in(typed)}),
    }  # fmt: skip
    return render(request, "pages/studio/page.html", context, status=status)


def _first_words(study: Study) -> dict[str, dict[str, str]]:
    """A beginning, so that nobody starts with an empty page."""
    return {"en": {"title": study.title, "tried": study.draft.get("programme", ""), "next": ""}}


def _typed(request: HttpRequest) -> dict[str, dict[str, str]]:
    found = {}
    for code, _ in settings.LANGUAGES:
        given = {name: request.POST.get(f"{name}-{code}", "").replace("\r\n", "\n") for name in FIELDS}
        fields = {name: text.replace("\x00", "").strip()[: LONGEST[name]] for name, text in given.items()}
        if any(fields.values()):
            found[code] = fields
    return found


@staff(*READERS)
@require_POST
def change(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Save the words, publish, or withdraw. What was typed stays when something is wrong."""
    study, actor, at = find_study(number), actor_of(request), timezone.now()
    found, words = page_of(study), None
    try:
        if what == "words":
            if not actor.has(*PLANNERS):
                raise Http404
            words = _typed(request)
            write_page(study, words=words, version=version_given(request), actor=actor, at=at)
            messages.success(request, gettext("Saved. A second person publishes it."))
        elif what in ("publish", "withdraw") and found is not None:
            if not actor.has(*PUBLISHERS):
                raise Http404
            if what == "publish":
                publish_page(found, version=version_given(request), actor=actor, at=at)
                messages.success(request, gettext("Published. Everybody can read it now."))
            else:
                reason = request.POST.get("reason", "").replace("\x00", "")
                withdraw_page(found, reason=reason, actor=actor, at=at)
                messages.success(request, gettext("Withdrawn. The page is gone from the public site."))
        else:
            raise Http404
    except Refused as refused:
        return _show(request, find_study(number), words=words, problem=gettext(str(refused)), status=409)
    return HttpResponseRedirect(f"/desk/studies/{study.pk}/page/")
