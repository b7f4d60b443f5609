"""The publishing desk: drafts, how they read, what looks personal, and exactly what the public will see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.activities.models import Activity
from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.community.agency import setting
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.ids import reference
from commonbeat.core.personal_data import Finding
from commonbeat.core.plain_language import Readability
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.public.outcomes import fact_words
from commonbeat.publishing.cards import card_values
from commonbeat.publishing.minutes import KIND as MINUTES
from commonbeat.publishing.models import Publication
from commonbeat.publishing.outcomes import (
    OUTCOME_FIELDS,
    PUBLISHERS,
    CannotPublish,
    edit,
    personal_in_facts,
    publish,
    review,
    withdraw,
)

READERS = (*WORKERS, Role.SUPERVISOR, Role.EDITOR, Role.ADMIN)
PAGE = 50
LABELS: Mapping[str, tuple[str, str]] = {
    "title": (N_("Title"), N_("A few words, such as “Street light repaired”.")),
    "said": (N_("You said"), N_("What was reported, in public words. No names, no house numbers.")),
    "did": (N_("We did"), N_("What was done and why. Short sentences.")),
}
LABELS_OF: Mapping[str, Mapping[str, tuple[str, str]]] = {
    MINUTES: {
        "title": (N_("Title"), N_("What the meeting was called.")),
        "said": (N_("What people raised"), N_("In public words. No names, no house numbers.")),
        "did": (N_("What we said and decided"), N_("Short sentences. Promises stand below by themselves.")),
    },
}
"""Words of the fields, where they are not those of an outcome."""
KINDS_OF_FINDING: Mapping[str, str] = {
    "email": N_("an e-mail address"), "phone": N_("a telephone number"), "plate": N_("a plate"),
    "name": N_("a name"), "address_unit": N_("a flat or unit"), "ssn": N_("a number of an identity document"),
    "date_of_birth": N_("a date of birth"),
}  # fmt: skip
ADVICE: Mapping[str, str] = {
    "too-short-to-judge": N_("Too short to grade."),
    "shorten-sentences": N_("Shorten the long sentences."),
    "use-simpler-words": N_("Use simpler words."),
    "no-grade-for-language": N_("There is no trusted grade for this language."),
}


@staff(*READERS)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Drafts that wait, the oldest first; or what was published or withdrawn, the newest first."""
    state = request.GET.get("state") if request.GET.get("state") in Publication.State.values else "draft"
    older = request.GET.get("older", "")
    rows = _seen(request).filter(state=state).select_related("drafted_by", "published_by")
    rows = rows.order_by("drafted_at", "id") if state == "draft" else rows.order_by("-id")
    if older.isascii() and older.isdigit() and len(older) < 15:
        rows = rows.filter(id__gt=int(older)) if state == "draft" else rows.filter(id__lt=int(older))
    found = list(rows[: PAGE + 1])
    shown = say.words(at=timezone.now())
    context = {
        "rows": [_row(row, shown) for row in found[:PAGE]], "state": state, "section": "publishing",
        "older_url": f"/desk/publishing/?state={state}&older={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "tabs": [
            {"label": gettext(label), "url": f"/desk/publishing/?state={slug}", "current": slug == state}
            for slug, label in (("draft", N_("Drafts")), ("published", N_("Published")), ("withdrawn", N_("Withdrawn")))
        ],
    }  # fmt: skip
    return render(request, "pages/desk/publishing.html", context)


def _seen(request: HttpRequest) -> Any:
    """Publications of cases and minutes of meetings that this actor may see."""
    cases = Case.objects.visible_to(actor_of(request)).values("pk")
    meetings = Activity.objects.visible_to(actor_of(request)).values("pk")
    return Publication.objects.filter(Q(case_number__in=cases) | Q(activity__in=meetings)).select_related("activity")


def _row(row: Publication, shown: say.Words) -> dict[str, Any]:
    words: dict[str, str] = row.words.get(row.language) or next(iter(row.words.values()), {})
    return {
        "pk": row.pk, "subject": subject_of(row),
        "title": words.get("title") or words.get("did", "")[:120], "category": shown.category(row.category_id),
        "area": shown.area(row.area_id), "by": row.drafted_by.name if row.drafted_by else "",
        "at": shown.local(row.drafted_at), "published": shown.local(row.published_at) if row.published_at else "",
        "publisher": row.published_by.name if row.published_by else "",
    }  # fmt: skip


def _read(request: HttpRequest, number: int) -> tuple[Publication, Case | None]:
    found = _seen(request).filter(pk=number).select_related("drafted_by", "published_by").first()
    if found is None:
        raise Http404
    return found, Case.objects.filter(pk=found.case_number).first()


@staff(*READERS)
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One publication: its words, its review, its preview, and what can be done."""
    publication, case = _read(request, number)
    return page(request, publication, case)


def page(
    request: HttpRequest, publication: Publication, case: Case | None, *, words: Mapping[str, Any] | None = None,
    problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page; `words` are what was typed and not saved."""
    actor = request.actor  # type: ignore[attr-defined]
    shown_words = words if words is not None else publication.words
    found = review({lang: {k: str(v) for k, v in fields.items()} for lang, fields in shown_words.items()})
    own = publication.drafted_by_id == actor.user_id
    context = {
        "publication": publication, "problem": problem, "languages": _languages(publication, shown_words, found),
        "preview": preview(publication, case) if case else None, "section": "publishing",
        "given": given_words(publication), "facts": fact_words(publication.facts),
        "subject": subject_of(publication), "facts_personal": personal_in_facts(publication),
        "reference": reference(publication.case_number) if publication.case_number else "",
        "may_publish": actor.has(*PUBLISHERS) and not own, "own": own, "is_publisher": actor.has(*PUBLISHERS),
        "sure": any(f.sure for rows in (*found.personal.values(), personal_in_facts(publication)) for f in rows),
        "grade": setting("reading_grade"),
    }  # fmt: skip
    return render(request, "pages/desk/publication.html", context, status=status)


def _languages(publication: Publication, words: Mapping[str, Any], found: Any) -> list[dict[str, Any]]:
    """Every language with its fields; those with words, and the case's own, are open."""
    limit, rows, labels = float(setting("reading_grade")), [], LABELS_OF.get(publication.kind, LABELS)
    for code, name in settings.LANGUAGES:
        given = words.get(code) or {}
        findings = found.personal.get(code, [])
        whole = "\n".join(str(value) for field, value in given.items() if field in OUTCOME_FIELDS)
        rows.append(
            {
                "code": code, "name": name, "open": bool(given) or code == publication.language,
                "fields": [
                    {"name": f"{field}-{code}", "label": gettext(labels[field][0]), "hint": gettext(labels[field][1]),
                     "value": given.get(field, ""), "long": field != "title"}
                    for field in OUTCOME_FIELDS
                ],
                "reading": (
                    reading_words(found.reading[code], limit) if code in found.reading and whole.strip() else None
                ),
                "marked": mark(whole, findings) if findings else "",
                "kinds": sorted({gettext(KINDS_OF_FINDING.get(f.kind, f.kind)) for f in findings}),
            }
        )  # fmt: skip
    return sorted(rows, key=lambda row: not row["open"])


def reading_words(reading: Readability, limit: float) -> dict[str, Any]:
    """The grade with its advice; few words that read easily get no grade, one word more would change it."""
    hard = reading.grade is not None and reading.grade > limit
    short = "too-short-to-judge" in reading.advice and not hard
    advice = [code for code in reading.advice if code in ADVICE and (short or code != "too-short-to-judge")]
    return {
        "grade": None if short else reading.grade, "hard": hard, "limit": limit,
        "advice": [gettext(ADVICE[code]) for code in advice],
        "long": reading.long_sentences[:3], "words": ", ".join(reading.hard_words[:8]),
    }  # fmt: skip


def mark(text: str, findings: list[Finding]) -> SafeString:
    """The text with what looks personal marked; everything is escaped here."""
    parts, at = [], 0
    for finding in findings:
        parts += [escape(text[at : finding.start]), "<mark>", escape(text[finding.start : finding.end]), "</mark>"]
        at = finding.end
    return mark_safe("".join([*parts, escape(text[at:])]))


def given_words(publication: Publication) -> list[tuple[str, Mapping[str, str]]]:
    """The words that are saved, by the name of their language."""
    return [(name, publication.words[code]) for code, name in settings.LANGUAGES if publication.words.get(code)]


def subject_of(publication: Publication) -> dict[str, str]:
    """What it is about, with its page on the desk: a case, or the meeting whose minutes these are."""
    if publication.activity is not None:
        return {"label": publication.activity.title, "url": reverse("meeting", args=[publication.activity_id])}
    number = reference(publication.case_number) if publication.case_number else ""
    return {"label": number, "url": f"/desk/{number}/"}


def preview(publication: Publication, case: Case) -> dict[str, Any]:
    """Exactly what the public will read: the card with its blurred place, and nothing that it does not hold."""
    known, shown = categories().get(case.category_id) if case.category_id else None, say.words(at=timezone.now())
    values = card_values(case, known)
    flow = KINDS[case.kind].workflow
    outcome = flow.outcome(case.outcome)
    return {
        "reference": values["reference"], "facts": fact_words(publication.facts),
        "category": shown.matter(case.category_id, case.kind),
        "area": shown.area(case.area_id),
        "state": gettext(flow.state(case.state).public), "outcome": gettext(outcome.public) if outcome else "",
        "opened": shown.local(case.opened_at)[:10],
        "closed": shown.local(case.closed_at)[:10] if case.closed_at else "",
        "hidden": values["hidden"] and KINDS[case.kind].public, "lat": values["lat"], "long": values["long"],
        "photos": list(case.files.filter(public=True).order_by("id")),
        "precision": known.row.public_precision_m if known else 0, "agency": values["agency"],
        "words": given_words(publication),
        "point_url": f"/desk/publishing/{publication.pk}/point.geojson",
    }  # fmt: skip


@staff(*READERS)
@require_safe
def point(request: HttpRequest, number: int) -> HttpResponse:
    """The blurred point of the card, as the public map will show it."""
    publication, case = _read(request, number)
    found = preview(publication, case) if case else {"lat": None}
    features = [] if found["lat"] is None else [
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [found["long"], found["lat"]]},
            "properties": {"title": found["category"], "status": found["state"], "tone": "done"},
        }
    ]  # fmt: skip
    return JsonResponse({"type": "FeatureCollection", "features": features})


def typed_words(request: HttpRequest) -> dict[str, dict[str, str]]:
    """The words of the form, by language; languages without any are left out."""
    found = {}
    for code, _ in settings.LANGUAGES:
        fields = {
            name: request.POST.get(f"{name}-{code}", "").replace("\r\n", "\n").replace("\x00", "").strip()[:4000]
            for name in OUTCOME_FIELDS
        }
        if any(fields.values()):
            found[code] = fields
    return found


@staff(*READERS)
@require_POST
def change(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Save the words, publish, or withdraw. What was typed stays when something is wrong."""
    publication, case = _read(request, number)
    actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
    given = request.POST.get("version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    words = None
    try:
        if what == "words":
            words = typed_words(request)
            edit(publication, words=words, actor=actor, at=at, version=version)
            messages.success(request, gettext("Saved. A second person publishes it."))
        elif what == "publish":
            accept = request.POST.get("accept_personal") == "on"
            publish(publication, actor=actor, at=at, version=version, accept_personal=accept)
            messages.success(request, gettext("Published. Everybody can read it now."))
        elif what == "withdraw":
            reason = request.POST.get("reason", "").strip()[:400]
            if not reason:
                raise CannotPublish(N_("Say why you withdraw it. The reason stays on record."))
            withdraw(publication, actor=actor, at=at, reason=reason)
            messages.success(request, gettext("Withdrawn from every page and feed."))
        else:
            raise Http404
    except CannotPublish as refused:
        publication.refresh_from_db()
        return page(request, publication, case, words=words, problem=gettext(str(refused)), status=409)
    return HttpResponseRedirect(f"/desk/publishing/{publication.pk}/")
