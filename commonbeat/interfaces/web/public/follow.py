"""Following an area, a category or a case by e-mail: ask, confirm by a mailed link, end with one click."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from commonbeat.cases.categories import categories
from commonbeat.community.access import BadLink
from commonbeat.community.links import peek_link
from commonbeat.community.models import Area
from commonbeat.community.places import places
from commonbeat.interfaces.access import anyone, resident
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.public.outcomes import category_options
from commonbeat.interfaces.web.public.returning import closed_link, private
from commonbeat.interfaces.web.public.shown import category_name
from commonbeat.publishing.following import EVERY_LABELS, confirm, follow, followed_by, subject_of, unfollow
from commonbeat.publishing.models import Follow, PublicCase

WRONG = 422


def good_address(text: str) -> str | None:
    """The address in small letters, or None when it is not one."""
    email = text.strip().lower()[:255]
    try:
        validate_email(email)
    except ValidationError:
        return None
    return email if len(email) <= 254 else None


@anyone
@never_cache
@limited("mail")
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose what to follow and how often. Double opt-in: the address is used only after a mailed "yes"."""
    given = request.POST if request.method == "POST" else request.GET
    area = _number(given.get("area", ""), places().areas)
    category = _number(given.get("category", ""), categories())
    card = (
        PublicCase.objects.shown(timezone.now()).filter(reference=given.get("case", "")[:20]).first()
        if given.get("case")
        else None
    )
    if given.get("case") and card is None:
        raise Http404
    every, email = given.get("every", "day"), good_address(given.get("email", ""))
    every = every if every in EVERY_LABELS else "day"
    errors = {}
    if request.method == "POST":
        if email is None:
            errors["email"] = _("Enter an e-mail address such as rosa@example.org.")
        if area is None and category is None and card is None:
            errors["area"] = _("Choose an area, a category, or both.")
        if not errors and email is not None:
            follow(
                email=email, language=get_language() or "en", at=timezone.now(), area=area if card is None else None,
                category=category if card is None else None, case=card.pk if card else None, every=every,
            )  # fmt: skip
            return private(render(request, "pages/public/follow/asked.html", {"email": email}))
    context = {
        "areas": _areas(), "groups": category_options(get_language() or "en"), "area": area,
        "category": category, "card": card,
        "every": every, "rhythms": [(key, _(label)) for key, label in EVERY_LABELS.items()], "errors": errors,
        "email": given.get("email", "")[:254], "error_list": [{"text": t, "href": f"#{n}"} for n, t in errors.items()],
        "card_title": category_name(card.category_id, get_language() or "en") if card else "",
    }  # fmt: skip
    return render(request, "pages/public/follow/start.html", context, status=WRONG if errors else 200)


def _areas() -> list[Area]:
    return places().serving


def _number(text: str, known: object) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
    return number if number is not None and number in known else None  # type: ignore[operator]


@resident
@never_cache
@require_http_methods(["GET", "POST"])
def confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: a button, so that mail programs that look at links say yes for nobody."""
    at, language = timezone.now(), get_language() or "en"
    try:
        if request.method == "POST":
            row = confirm(token, at=at)
            return private(
                render(request, "pages/public/follow/confirmed.html", {"what": subject_of(row, language), "row": row})
            )
        row_id = peek_link(token, purpose="follow", at=at).subject_id
    except (BadLink, Follow.DoesNotExist) as bad:
        return closed_link(request, bad if isinstance(bad, BadLink) else BadLink("expired"))
    asked = Follow.objects.filter(pk=row_id).first()
    if asked is None:
        return closed_link(request, BadLink("expired"))
    return private(render(request, "pages/public/follow/confirm.html", {"what": subject_of(asked, language)}))


@resident
@csrf_exempt  # mail programs post here by themselves (RFC 8058); the address holds a signed secret
@never_cache
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End a following with one click, from the page or from the mail program's own button."""
    row = followed_by(token)
    if row is None:
        return closed_link(request, BadLink("unknown"))
    what = subject_of(row, get_language() or "en")
    ended = row.ended_at is not None
    if request.method == "POST":
        unfollow(row, at=timezone.now())
        ended = True
    return private(render(request, "pages/public/follow/unsubscribe.html", {"what": what, "ended": ended}))
