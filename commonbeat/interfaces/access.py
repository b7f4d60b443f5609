"""Every route states its reader; a test walks the URLconf and fails on a route that does not."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import resolve, reverse
from django.utils import timezone

from commonbeat.community.access import key_actor
from commonbeat.core.actor import Actor

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may read a route: anyone, a resident with a secret address, staff (any or with roles), a program's key.

    `signed_in` is whoever signed in, also before they set up a second factor.
    """

    sort: str
    needs: tuple[str, ...] = ()


def actor_of(request: HttpRequest) -> Actor:
    """Who acts, as the middleware put it on the request."""
    return request.actor  # type: ignore[attr-defined,no-any-return]


def anyone(view: View) -> View:
    """A page for the public."""
    view.reader = Reader("anyone")  # type: ignore[attr-defined]
    return view


def resident(view: View) -> View:
    """A page whose address holds a resident's secret; the view itself opens it or answers 404."""
    view.reader = Reader("resident")  # type: ignore[attr-defined]
    return view


def staff(*roles: str) -> Callable[[View], View]:
    """A page for signed-in staff, or for those with one of these roles. Others get 404: not even that it exists."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                where = resolve_url(settings.LOGIN_URL)
                return HttpResponseRedirect(f"{where}?next={quote(request.get_full_path())}")
            actor: Actor = request.actor  # type: ignore[attr-defined]
            if not actor.is_staff or (roles and not actor.has(*roles)):
                raise Http404
            if settings.MFA_REQUIRED and not has_second_factor(request):
                return HttpResponseRedirect(reverse("mfa_index"))
            return view(request, *args, **kwargs)  # type: ignore[no-any-return]

        checked.reader = Reader("staff", roles)  # type: ignore[attr-defined]
        return checked

    return wrap


def may_open(actor: Actor, route: str) -> bool:
    """True when this person of the staff may open the page called `route`, by what the page itself declares."""
    return opens_for(actor.roles, route)


def opens_for(roles: Collection[str], route: str) -> bool:
    """True when the page called `route` opens for staff with these roles."""
    needs = _reader_of(route).needs
    return not needs or not set(needs).isdisjoint(roles)


@cache
def _reader_of(route: str) -> Reader:
    return cast(Reader, resolve(reverse(route)).func.reader)  # type: ignore[attr-defined]


def signed_in(view: View) -> View:
    """A page about oneself: for everybody who is signed in, also before a second factor is set up."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            where = resolve_url(settings.LOGIN_URL)
            return HttpResponseRedirect(f"{where}?next={quote(request.get_full_path())}")
        return view(request, *args, **kwargs)  # type: ignore[no-any-return]

    checked.reader = Reader("signed_in")  # type: ignore[attr-defined]
    return checked


def has_second_factor(request: HttpRequest) -> bool:
    """True when the signed-in person has a second factor set up, remembered for the session."""
    if request.session.get("second_factor"):
        return True
    from allauth.mfa.utils import is_mfa_enabled

    if is_mfa_enabled(request.user):
        request.session["second_factor"] = True
        return True
    return False


def given_key(request: HttpRequest) -> str:
    """The API key of a request, from the places where programs put it."""
    header = request.headers.get("Authorization", "")
    if header.lower().startswith("bearer "):
        return header[7:].strip()
    return request.headers.get("X-Api-Key") or request.POST.get("api_key") or request.GET.get("api_key") or ""


def key(scope: str, *, refuse: Callable[[HttpRequest], HttpResponse]) -> Callable[[View], View]:
    """A route for programs whose key has this scope; `refuse` words the 403 in the route's own format."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            found = key_actor(given_key(request), at=timezone.now())
            if found is None or scope not in found[1].scopes:
                return refuse(request)
            request.key, request.actor = found  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)  # type: ignore[no-any-return]

        checked.reader = Reader("key", (scope,))  # type: ignore[attr-defined]
        return checked

    return wrap


THIRD_PARTY: dict[str, Reader] = {
    "account_login": Reader("anyone"),
    "account_logout": Reader("anyone"),
    "account_inactive": Reader("anyone"),
    "account_reauthenticate": Reader("signed_in"),
    "account_change_password": Reader("signed_in"),
    "account_set_password": Reader("signed_in"),
    "account_reset_password": Reader("anyone"),
    "account_reset_password_done": Reader("anyone"),
    "account_reset_password_from_key": Reader("anyone"),
    "account_reset_password_from_key_done": Reader("anyone"),
    "mfa_index": Reader("signed_in"),
    "mfa_authenticate": Reader("anyone"),
    "mfa_reauthenticate": Reader("signed_in"),
    "mfa_view_recovery_codes": Reader("signed_in"),
    "mfa_generate_recovery_codes": Reader("signed_in"),
    "mfa_download_recovery_codes": Reader("signed_in"),
    "mfa_activate_totp": Reader("signed_in"),
    "mfa_deactivate_totp": Reader("signed_in"),
    "mfa_list_webauthn": Reader("signed_in"),
    "mfa_add_webauthn": Reader("signed_in"),
    "mfa_reauthenticate_webauthn": Reader("signed_in"),
    "mfa_remove_webauthn": Reader("signed_in"),
    "mfa_edit_webauthn": Reader("signed_in"),
    "mfa_login_webauthn": Reader("anyone"),
    "openid_connect_login": Reader("anyone"),
    "openid_connect_callback": Reader("anyone"),
    "socialaccount_login_cancelled": Reader("anyone"),
    "socialaccount_login_error": Reader("anyone"),
}
"""Readers of routes whose views are allauth's; `mfa_authenticate` is for whoever just gave a right password."""
