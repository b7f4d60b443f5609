"""Following an area, a category or a case: by e-mail (confirmed, ended with one click), in a browser, by feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from commonbeat.cases.categories import categories
from commonbeat.community.access import BadLink
from commonbeat.community.agency import setting
from commonbeat.community.links import peek_link
from commonbeat.community.places import places
from commonbeat.core.webpush import BadSubscription
from commonbeat.interfaces.access import anyone, resident
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.public.outcomes import category_options
from commonbeat.interfaces.web.public.returning import closed_link, private
from commonbeat.interfaces.web.public.shown import area_of, category_name
from commonbeat.journal.browsers import our_public_key, read_address
from commonbeat.publishing.following import (
    EVERY_LABELS,
    confirm,
    follow,
    follow_here,
    followed_by,
    mine_path,
    subject_of,
    unfollow,
)
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


@dataclass(frozen=True)
class Wish:
    """What somebody wants to follow, how often and which way, as a form or a link says; what is unknown is left out."""

    area: int | None
    category: int | None
    card: PublicCase | None
    every: str
    by: str
    email: str

    @classmethod
    def read(cls, given: QueryDict) -> Wish:
        """Read a form or an address. Raises `Http404` for a case that the public does not see."""
        reference, every, card = given.get("case", "")[:20], given.get("every", ""), None
        if reference:
            card = PublicCase.objects.shown(timezone.now()).filter(reference=reference).first()
            if card is None:
                raise Http404
        return cls(
            area=_number(given.get("area", ""), places().areas) if card is None else None,
            category=_number(given.get("category", ""), categories()) if card is None else None, card=card,
            every=every if every in EVERY_LABELS else "day",
            by="push" if given.get("by") == "push" else "email", email=given.get("email", "")[:254],
        )  # fmt: skip

    @property
    def errors(self) -> dict[str, str]:
        """What is missing, by field."""
        found = {}
        if self.by == "email" and good_address(self.email) is None:
            found["email"] = _("Enter an e-mail address such as rosa@example.org.")
        if self.area is None and self.category is None and self.card is None:
            found["area"] = _("Choose an area, a category, or both.")
        return found

    @property
    def subject(self) -> dict[str, Any]:
        """What to follow and how often, as the verbs take it."""
        case = self.card.pk if self.card else None
        return {"area": self.area, "category": self.category, "case": case, "every": self.every}


@anyone
@never_cache
@limited("mail")
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose what to follow, how often, and how: by a mail that is answered with "yes" first, or in this browser."""
    if request.method == "GET":
        return _form(request, Wish.read(request.GET), {})
    wish, language, at = Wish.read(request.POST), get_language() or "en", timezone.now()
    errors = wish.errors
    if not errors and wish.by == "push":
        try:
            address = read_address(request.POST.get("subscription", ""))
        except BadSubscription:
            errors["by"] = _("This browser could not set up notifications. Choose e-mail, or try again.")
        else:
            row = follow_here(address=address, language=language, at=at, **wish.subject)
            return private(HttpResponseRedirect(mine_path(row, at=at) + "?new=1"))
    email = good_address(wish.email)
    if errors or email is None:
        return _form(request, wish, errors)
    follow(email=email, language=language, at=at, **wish.subject)
    return private(render(request, "pages/public/follow/asked.html", {"email": email}))


def _form(request: HttpRequest, wish: Wish, errors: dict[str, str]) -> HttpResponse:
    language = get_language() or "en"
    context = {
        "wish": wish, "areas": places().serving, "groups": category_options(language), "errors": errors,
        "rhythms": [(key, _(label)) for key, label in EVERY_LABELS.items()], "most": setting("news_per_day"),
        "error_list": [{"text": text, "href": f"#{name}"} for name, text in errors.items()],
        "card_title": category_name(wish.card.category_id, language) if wish.card else "",
        "feeds": _feeds(wish, language), "push_key": our_public_key(),
    }  # fmt: skip
    return render(request, "pages/public/follow/start.html", context, status=WRONG if errors else 200)


def _feeds(wish: Wish, language: str) -> list[dict[str, str]]:
    """The Atom feeds of what is chosen, or of everything that was done."""
    found = []
    if wish.card:
        found.append({"url": reverse("card_feed", args=[wish.card.reference]), "label": wish.card.reference})
    if wish.area and (area := area_of(wish.area)) and area.serves:
        found.append({"url": reverse("area_feed", args=[area.pk]), "label": area.name})
    if wish.category:
        known = categories()[wish.category]
        found.append({"url": reverse("category_feed", args=[known.row.code]), "label": known.text(language).name})
    return found or [{"url": reverse("outcome_feed"), "label": _("You said, we did")}]


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
                render(
                    request,
                    "pages/public/follow/confirmed.html",
                    {"what": subject_of(row, language), "row": row, "mine": mine_path(row, at=at)},
                )
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
    """End what a mail was about with one click, from the page or from the mail program's own button."""
    rows, language = followed_by(token), get_language() or "en"
    if not rows:
        return closed_link(request, BadLink("unknown"))
    what = ", ".join(subject_of(row, language) for row in rows)
    ended = request.method == "POST" or all(row.ended_at for row in rows)
    if request.method == "POST":
        for row in rows:
            unfollow(row, at=timezone.now())
    return private(render(request, "pages/public/follow/unsubscribe.html", {"what": what, "ended": ended}))
