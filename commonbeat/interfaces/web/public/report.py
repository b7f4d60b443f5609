"""Reporting a concern in four short pages and a summary; nothing is stored before it is sent."""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from commonbeat.cases import files
from commonbeat.cases.danger import Alarm
from commonbeat.cases.finding import find_categories, grouped
from commonbeat.cases.models import Upload
from commonbeat.community.agency import setting
from commonbeat.community.places import locate, places
from commonbeat.core.fields import Invalid
from commonbeat.core.ids import digest_token
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.forms import say
from commonbeat.interfaces.web.public.alarm import Way, show_number
from commonbeat.interfaces.web.public.draft import OWNED, PAGES, UNKNOWN, Draft
from commonbeat.interfaces.web.public.report_checks import CHECKS, Errors, questions_form
from commonbeat.publishing.following import follow
from commonbeat.publishing.models import PublicCase
from commonbeat.publishing.reads import cards, open_nearby

THUMBNAIL = 240
WRONG = 422


@anyone
@never_cache
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Start a report, or go on with one: each page posts to the next, "back" keeps everything."""
    if request.method == "GET":
        return _start(request)
    draft = Draft(request.POST)
    page = request.POST.get("page", "what")
    page = page if page in PAGES else "what"
    go, _colon, value = request.POST.get("go", "next").partition(":")
    if request.FILES:
        refused = _take_photos(request, draft)
        if isinstance(refused, HttpResponse):
            return refused
        if refused:
            return show_page(request, draft, page, errors=refused)
    match go:
        case "search":
            return show_page(request, draft, "what")
        case "back":
            return show_page(request, draft, PAGES[max(PAGES.index(page) - 1, 0)])
        case "to":
            return show_page(request, draft, value if value in PAGES else "what")
        case "language":
            return _switch(request, draft, page, value)
        case "drop":
            draft.change("photo", *(t for n, t in enumerate(draft.photos) if str(n) != value))
            return show_page(request, draft, page)
        case "unset":
            draft.change("lat", "")
            draft.change("long", "")
            return show_page(request, draft, page)
        case "follow":
            return _follow_instead(request, draft, value)
    return _advance(request, draft, page, leave=go == "leave")


def _start(request: HttpRequest) -> HttpResponse:
    """The first page; `?category=code` (from a QR code on a sign) begins with the place."""
    data = QueryDict(mutable=True)
    for name in ("category", "area", "q"):
        if request.GET.get(name):
            data[name] = request.GET[name][:200]
    draft = Draft(data)
    if draft.known is None:
        return show_page(request, draft, "what")
    alarm = draft.alarm(language=_language())
    return show_alarm(request, draft, alarm, page="what") if alarm else show_page(request, draft, "where")


def _advance(request: HttpRequest, draft: Draft, page: str, *, leave: bool) -> HttpResponse:
    """On to the next page when this one is right; danger and personal data come first."""
    language = _language()
    alarm = draft.alarm(language=language)
    if alarm:
        return show_alarm(request, draft, alarm, page=page)
    if leave:  # said once, before anything else that is wrong here: nobody has to say it again
        draft.leave_words()
    check = CHECKS.get(page)
    errors = check(draft) if check else {}
    form = questions_form(draft, language=language, bound=True) if page == "details" else None
    if errors or (form is not None and form.errors):
        return show_page(request, draft, page, errors=errors, form=form)
    if page == "details":
        if draft.newly_asked():
            return show_page(request, draft, page, form=form, more=True)
        if draft.personal(language=language):
            return show_page(request, draft, page, form=form, status=200)
    return show_page(request, draft, PAGES[min(PAGES.index(page) + 1, len(PAGES) - 1)])


def show_page(
    request: HttpRequest, draft: Draft, page: str, *, errors: Errors | None = None, form: Any = None,
    more: bool = False,
    status: int | None = None,
) -> HttpResponse:  # fmt: skip
    """Render a page of the report with everything that was typed so far."""
    wrong = bool(errors) or bool(form is not None and form.errors)
    context: dict[str, Any] = {
        "page": page, "draft": draft, "errors": errors or {}, "hidden": draft.hidden(without=OWNED[page]),
        "steps": _steps(), "current": PAGES.index(page) + 1, "section": "report", "more": more,
        "error_list": [{"text": text, "href": f"#{name}"} for name, text in (errors or {}).items()],
        "known": draft.known, "words": draft.known.text(_language()) if draft.known else None,
    }  # fmt: skip
    context |= _CONTEXTS[page](draft, form)
    return render(request, f"pages/public/report/{page}.html", context, status=status or (WRONG if wrong else 200))


def _steps() -> list[str]:
    return [_("What"), _("Where"), _("Details"), _("Contact"), _("Check and send")]


def _language() -> str:
    return get_language() or "en"


# --- what each page shows -----------------------------------------------------------------------


def _what(draft: Draft, form: Any) -> dict[str, Any]:
    language, query = _language(), draft.get("q")
    return {
        "query": query,
        "found": [known.text(language) for known in find_categories(query)],
        "groups": [(name, [k.text(language) for k in rows]) for name, rows in grouped(language=language)],
    }


def _where(draft: Draft, form: Any) -> dict[str, Any]:
    return {"areas": places().serving, "unknown": UNKNOWN, "chosen_area": draft.get("area")}


def _details(draft: Draft, form: Any) -> dict[str, Any]:
    language, answers = _language(), draft.answers()
    form = form if form is not None else questions_form(draft, language=language, bound=False)
    asked = {item.code for item in (draft.known.fields if draft.known else ()) if item.asked(answers)}
    return {
        "form": form,
        "questions": [
            {"field": field, "conditional": bool(item.show_when), "asked": item.code in asked, "code": item.code,
             "show_when": getattr(form.fields[item.code], "show_when", "")}
            for item, field in zip(form.declared, form.visible_fields(), strict=True)
        ],
        "thumbnails": thumbnails(draft.photos), "most_photos": setting("max_photos"),
        "most_mb": setting("max_photo_mb"),
        "findings": draft.personal(language=language), "nearby": _nearby(draft),
    }  # fmt: skip


def _contact(draft: Draft, form: Any) -> dict[str, Any]:
    return {"writes_in": draft.language or _language()}


def _summary(draft: Draft, form: Any) -> dict[str, Any]:
    language = _language()
    return {
        "area": places().areas.get(_area_of(draft) or 0), "thumbnails": thumbnails(draft.photos),
        "answers": answers_in_words(draft, language=language), "possible": draft.may_be_dangerous(language=language),
        "written_in": dict(settings.LANGUAGES).get(draft.language or language, ""),
    }  # fmt: skip


_CONTEXTS = {"what": _what, "where": _where, "details": _details, "contact": _contact, "summary": _summary}


def _area_of(draft: Draft) -> int | None:
    if draft.point:
        return locate(lat=draft.point[0], long=draft.point[1]).area_id
    return draft.area_id


def answers_in_words(draft: Draft, *, language: str) -> list[tuple[str, str]]:
    """Question and answer as a person reads them; questions that were not asked are left out."""
    form = questions_form(draft, language=language, bound=True)
    form.is_valid()
    told = []
    for item in form.declared:
        value = form.cleaned_data.get(item.code)
        if value in (None, "", [], False):
            continue
        labels = {c.key: c.labels.get(language) or c.label for c in item.choices}
        values = value if isinstance(value, list) else [value]
        words = _("Yes") if value is True else ", ".join(labels.get(str(v), str(v)) for v in values)
        told.append((str(form.fields[item.code].label), words))
    return told


def _nearby(draft: Draft) -> list[dict[str, Any]]:
    """Open reports of the same sort at this place, or in this area where there is no point."""
    known, at = draft.known, timezone.now()
    if known is None or known.row.sensitive:
        return []
    found: list[PublicCase] = []
    if draft.point and known.row.public_point:
        found = open_nearby(
            *draft.point, category=known.row.pk, area=_area_of(draft), precision_m=known.row.public_precision_m, at=at
        )
    elif draft.area_id and not draft.point:
        rows = cards(at=at, area=draft.area_id, category=known.row.pk, closed=False)
        found = list(rows.order_by("-opened_at", "-pk")[:3])
    return [{"reference": c.reference, "opened_at": c.opened_at, "text": c.text} for c in found]


def thumbnails(tokens: list[str]) -> list[dict[str, Any]]:
    """Small pictures of photos that belong to no report yet, inside the page: they have no address of their own."""
    digests = {digest_token(token): number for number, token in enumerate(tokens)}
    rows = Upload.objects.filter(token_digest__in=list(digests)) if digests else []
    shown = []
    for row in rows:
        try:
            picture = base64.b64encode(files.small(row.sha256, THUMBNAIL)).decode("ascii")
        except FileNotFoundError:
            continue
        shown.append(
            {"number": digests[bytes(row.token_digest)], "name": row.name, "src": f"data:image/jpeg;base64,{picture}"}
        )
    return sorted(shown, key=lambda item: item["number"])


# --- things that happen on the way ----------------------------------------------------------------


def _take_photos(request: HttpRequest, draft: Draft) -> HttpResponse | Errors | None:
    """Keep photos that came with the page; what cannot be taken is said by name, the others stay."""
    return _take_counted(request, draft)  # type: ignore[no-any-return]


@limited("report")
def _take_counted(request: HttpRequest, draft: Draft) -> Errors | None:
    tokens, problems, most = draft.photos, [], int(setting("max_photos"))
    for sent in request.FILES.getlist("photos"):
        if len(tokens) >= most:
            problems.append(_("You can send %(most)s photos. Remove one to add another.") % {"most": most})
            break
        if sent.size is not None and sent.size > int(setting("max_photo_mb")) * 1024 * 1024:
            problems.append(say_too_large(sent.name or ""))
            continue
        try:
            tokens.append(files.accept(sent.name or "photo", sent.read(), at=timezone.now()))
        except Invalid as refused:
            problems += [say(problem) for problem in refused.problems]
    draft.change("photo", *tokens)
    return {"photos": " ".join(problems)} if problems else None


def say_too_large(name: str) -> str:
    """Words for a photo that is over the limit."""
    message = files.REFUSALS["too_large"]
    return _(message) % {"name": name[:60], "limit": setting("max_photo_mb")}


def _switch(request: HttpRequest, draft: Draft, page: str, language: str) -> HttpResponse:
    """Go on in another language with everything that was typed."""
    if language not in dict(settings.LANGUAGES):
        return show_page(request, draft, page)
    with translation.override(language):
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        response = show_page(request, draft, page)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True,
    )  # fmt: skip
    return response


def _follow_instead(request: HttpRequest, draft: Draft, reference: str) -> HttpResponse:
    """Follow a report that is there already, instead of sending a second one."""
    from commonbeat.interfaces.web.public.follow import good_address

    card = PublicCase.objects.shown(timezone.now()).filter(reference=reference[:20]).first()
    email = good_address(request.POST.get("follow_email", ""))
    if card is None or email is None:
        wrong = _("Enter an e-mail address such as rosa@example.org.")
        return show_page(request, draft, "details", errors={"follow_email": wrong})
    return _ask_follower(request, email, card)  # type: ignore[no-any-return]


@limited("mail")
def _ask_follower(request: HttpRequest, email: str, card: PublicCase) -> HttpResponse:
    follow(email=email, language=_language(), at=timezone.now(), case=card.pk, every="now")
    return render(request, "pages/public/follow/asked.html", {"instead": True, "reference": card.reference})


def show_alarm(request: HttpRequest, draft: Draft, alarm: Alarm, *, page: str) -> HttpResponse:
    """The emergency number before anything else. Nothing is stored unless the reporter goes on and sends."""
    draft.hand_off(alarm, at=timezone.now())
    on = reverse("report_send" if page == "summary" else "report")
    words = _("I have called, or it is not happening now. Go on with the report")
    return show_number(request, alarm, hidden=[("page", page), *draft.hidden()], way=Way(on, words, reverse("home")))


@anyone
@require_GET
def categories(request: HttpRequest) -> HttpResponse:
    """The results of a search while typing; without scripts the search button shows the same."""
    query, language = request.GET.get("q", "")[:200], _language()
    found = [known.text(language) for known in find_categories(query)]
    return render(request, "pages/public/report/_found.html", {"query": query.strip(), "found": found})


@anyone
@require_GET
def start_again(request: HttpRequest) -> HttpResponse:
    """Somebody opened the address that reports are sent to: the form is one page up."""
    return redirect("report")
