"""Staff sign-in: nobody signs up by themselves, and single sign-on only opens accounts that exist."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commonbeat.community.agency import current
from commonbeat.community.keyring import box
from commonbeat.community.models import User

STRONG = frozenset({"mfa", "otp", "hwk", "swk", "fpt", "face"})
"""Methods of RFC 8176 by which an identity provider says that it checked a second factor."""


REAUTHENTICATION_TIMEOUT_S = 300


class StaffAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Whoever signed in within the last minutes need not type the password again to set up a second factor."""
        request = context.request
        steps = get_authentication_records(request, request.user)
        newest = max((step["at"] for step in steps), default=0.0)
        return bool(time.time() - newest > REAUTHENTICATION_TIMEOUT_S)

    def send_mail(self, template_prefix: str, email: str, words: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, {**words, "agency": current()})

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No “signed in as …” on top of the page that shows just that; other messages are worded by us."""


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Signs in the existing account with the same verified e-mail address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if not sociallogin.is_existing:
            verified = [a.email.lower() for a in sociallogin.email_addresses if a.verified]
            user = User.objects.active().filter(email__in=verified).first()
            if user is None:
                raise ImmediateHttpResponse(render(request, "account/no_account.html", status=403))
            sociallogin.connect(request, user)
        if settings.SSO_CHECKS_SECOND_FACTOR or _strong(sociallogin.account.extra_data):
            request.session["second_factor"] = True


def _strong(claims: Mapping[str, Any]) -> bool:
    """True when the identity provider says that it checked a second factor, in its token or its user information."""
    parts = [claims, claims.get("id_token") or {}, claims.get("userinfo") or {}]
    found = [part.get("amr") or () for part in parts]
    said = {method for methods in found for method in ([methods] if isinstance(methods, str) else methods)}
    return not STRONG.isdisjoint(said)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: named after the agency, encrypted at rest, and never given up where they are required."""

    def get_totp_issuer(self) -> str:
        return current().short_name

    def encrypt(self, text: str) -> str:
        return box("second-factors").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box("second-factors").decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last factor stays where one is required; an administrator can remove it when it is lost."""
        if not settings.MFA_REQUIRED:
            return True
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        others = Authenticator.objects.filter(user=authenticator.user_id, type__in=kinds).exclude(pk=authenticator.pk)
        return others.exists()


def typed_account(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Which account a sign-in is about: failures are counted by it, so that guessing stops."""
    given = credentials or {}
    found = given.get("email") or given.get("username") or request.POST.get("login") or ""
    return str(found).strip().lower()


def locked_out(request: HttpRequest, original: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """Too many wrong passwords: says how long to wait, and how to get in before."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "account/locked_out.html", {"minutes": minutes}, status=429)
