"""Signing in: password, second factor, lock-out, reset, invitation, single sign-on, and one's own account."""

from __future__ import annotations

import re
from typing import Any
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from commonbeat.community.models import User
from commonbeat.interfaces import access
from commonbeat.interfaces.web import second_factor
from commonbeat.interfaces.web.accounts import SecondFactorAdapter
from commonbeat.journal import staffing
from commonbeat.journal.channels.mail import render
from commonbeat.journal.models import Delivery, Entry
from tests.conftest import City

PASSWORD = "correct horse battery"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1:8000", "http://localhost:8000/accounts/login/?next=/desk/"),
        ("10.1.2.3", "Ask whoever runs this site"),
        ("localhost:8000", ""),
        ("police.example", ""),
    ],
)
def test_passkeys_need_a_host_name_and_the_page_says_where_there_is_one(
    db: None, settings: Any, host: str, said: str
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    page = Client(headers={"host": host}).get("/accounts/login/?next=/desk/").content.decode()
    assert ("Passkeys need an address with a name" in page) is bool(said) and said in page


def sign_in(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def code_of(user: User) -> str:
    """The six digits that somebody's authenticator app shows now."""
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    plain = SecondFactorAdapter().decrypt(stored)
    return format_hotp_value(hotp_value(plain, next(yield_hotp_counters_from_time())))


def set_up_app(client: Client) -> str:
    """Set up the authenticator app through its pages; returns the secret."""
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'id="totp-secret">([A-Z2-7]+)<', page)
    assert secret, page[:2000]
    code = format_hotp_value(hotp_value(secret[1], next(yield_hotp_counters_from_time())))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer.status_code == 302, answer.content.decode()
    return secret[1]


def test_a_password_signs_in_and_a_wrong_one_does_not(city: City, client: Client) -> None:
    wrong = sign_in(client, city.sam, "not this one")
    assert wrong.status_code == 200 and "_auth_user_id" not in client.session
    right = sign_in(client, city.sam)
    assert right.status_code == 302 and right["Location"] == "/desk/"


def test_staff_get_nowhere_without_a_second_factor_and_are_told_how_to_set_it_up(
    city: City, client: Client, settings: Any
) -> None:
    settings.MFA_REQUIRED = True
    sign_in(client, city.ada)
    answer = client.get(reverse("office"))
    assert answer.status_code == 302 and answer["Location"] == reverse("mfa_index")
    assert "Set up a second factor to go on" in client.get(reverse("mfa_index")).content.decode()
    set_up_app(client)
    assert client.get(reverse("office")).status_code == 200


def test_the_second_factor_is_asked_at_the_next_sign_in_and_encrypted_at_rest(city: City, client: Client) -> None:
    sign_in(client, city.sam)
    secret = set_up_app(client)
    stored = Authenticator.objects.get(user=city.sam, type="totp").data["secret"]
    assert secret not in stored
    other = Client()
    answer = sign_in(other, city.sam)
    assert answer["Location"] == reverse("mfa_authenticate") and "_auth_user_id" not in other.session
    assert other.get("/desk/")["Location"].startswith("/accounts/login/")
    assert other.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    cache.clear()  # the code of setting up was used; a real person waits half a minute for the next one
    assert other.post(reverse("mfa_authenticate"), {"code": code_of(city.sam)}).status_code == 302
    assert other.session["_auth_user_id"] == str(city.sam.pk)


def test_the_last_factor_cannot_be_given_up_where_one_is_required(city: City, client: Client, settings: Any) -> None:
    settings.MFA_REQUIRED = True
    sign_in(client, city.sam)
    set_up_app(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert second_factor.is_set_up(city.sam)


def test_recovery_codes_are_made_with_the_factor_and_each_works_once(city: City, client: Client) -> None:
    sign_in(client, city.sam)
    set_up_app(client)
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r'<code class="codebox">([^<]+)</code>', page)
    assert len(codes) == 10
    other = Client()
    sign_in(other, city.sam)
    assert other.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    third = Client()
    sign_in(third, city.sam)
    assert third.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 200


def test_guessing_is_locked_out_by_account_with_words_that_help(city: City, client: Client, settings: Any) -> None:
    for _attempt in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, city.sam, "guess")
    assert answer.status_code == 429 and "15 minutes" in answer.content.decode()
    assert sign_in(Client(), city.sam).status_code == 429
    assert sign_in(Client(), city.omar).status_code == 302


def test_a_forgotten_password_is_replaced_through_a_mailed_link_that_works_once(city: City, client: Client) -> None:
    client.post(reverse("account_reset_password"), {"email": city.sam.email})
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert link and mail.outbox[0].to == [city.sam.email]
    form = client.get(link[1], follow=True)
    answer = client.post(
        form.redirect_chain[-1][0], {"password1": "quite another phrase", "password2": "quite another phrase"}
    )
    assert answer.status_code == 302
    assert sign_in(Client(), city.sam, "quite another phrase").status_code == 302
    assert "does not work any more" in Client().get(link[1], follow=True).content.decode()


def test_an_address_that_an_administrator_changed_no_longer_signs_in(
    city: City, client: Client, signed_in: Any
) -> None:
    sign_in(Client(), city.omar)
    old = city.omar.email
    answer = signed_in(city.ada).post(
        reverse("office_user_edit", kwargs={"pk": city.omar.pk}),
        {"name": "Omar", "email": "Omar.New@example.org", "language": "en", "sworn": "on"},
    )
    assert answer.status_code == 302, answer.content.decode()
    client.post(reverse("account_reset_password"), {"email": old})
    assert not mail.outbox
    assert client.post(reverse("account_login"), {"login": old, "password": PASSWORD}).status_code == 200
    assert (
        client.post(reverse("account_login"), {"login": "omar.new@example.org", "password": PASSWORD}).status_code
        == 302
    )


def test_an_unknown_address_gets_no_mail_and_the_same_answer(city: City, client: Client) -> None:
    answer = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    assert answer.status_code == 302 and not mail.outbox


def test_nobody_signs_up_and_pages_that_we_do_not_use_do_not_exist(db: None, client: Client) -> None:
    for path in ("signup/", "email/", "confirm-email/", "3rdparty/", "3rdparty/signup/", "login/code/"):
        assert client.get("/accounts/" + path).status_code == 404, path


def test_every_foreign_route_has_a_declared_reader() -> None:
    def walk(patterns: Any) -> Any:
        for item in patterns:
            if isinstance(item, URLResolver):
                yield from walk(item.url_patterns)
            elif isinstance(item, URLPattern):
                yield item

    foreign = {p.name for p in walk(get_resolver().url_patterns) if p.callback.__module__.startswith("allauth")}
    assert foreign == set(access.THIRD_PARTY)


def test_foreign_routes_for_the_signed_in_send_strangers_to_the_sign_in(db: None, client: Client) -> None:
    for name, reader in access.THIRD_PARTY.items():
        if reader.sort == "signed_in":
            args = {"pk": 1} if name in {"mfa_remove_webauthn", "mfa_edit_webauthn"} else {}
            answer = client.get(reverse(name, kwargs=args or None))
            assert answer.status_code == 302 and reverse("account_login") in answer["Location"], name


def test_an_invitation_leads_to_a_password_once(city: City, client: Client) -> None:
    ada = city.actor(city.ada)
    values = {"name": "Nina New", "email": "Nina@Example.org", "language": "en", "languages": []}
    user = staffing.invite(values, actor=ada, at=timezone.now())
    delivery = Delivery.objects.get(template="invitation")
    assert delivery.recipient == "nina@example.org" and "http" not in str(delivery.context)
    _subject, body = render(delivery, at=timezone.now())
    link = re.search(r"(/accounts/invitation/\S+)", body)
    assert link
    assert client.post(link[1], {"password": "short", "again": "short"}).status_code == 422
    answer = client.post(link[1], {"password": "purple lamp station", "again": "purple lamp station"})
    assert answer.status_code == 302 and client.session["_auth_user_id"] == str(user.pk)
    assert "chosen already" in Client().get(link[1]).content.decode()
    assert Entry.objects.filter(subject_kind="user", subject_id=user.pk, verb="user.password_set").exists()


def test_a_newer_invitation_ends_the_older_one(city: City, client: Client) -> None:
    ada = city.actor(city.ada)
    user = staffing.invite({"name": "Nina", "email": "nina@example.org"}, actor=ada, at=timezone.now())
    _subject, first = render(Delivery.objects.get(template="invitation"), at=timezone.now())
    staffing.send_invitation(user, actor=ada, at=timezone.now())
    link = re.search(r"(/accounts/invitation/\S+)", first)
    assert link and client.get(link[1]).status_code == 404


def test_everybody_changes_their_own_account_and_ends_other_sessions(city: City, client: Client, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]
    sign_in(client, city.omar)
    elsewhere = Client()
    sign_in(elsewhere, city.omar)
    answer = client.post(
        reverse("account"),
        {"name": "Omar H. Officer", "language": "es", "languages": ["es"], "mails": ["staff_overdue"], "phone": ""},
    )
    assert answer.status_code == 302, answer.content.decode()
    omar = User.objects.get(pk=city.omar.pk)
    assert (omar.name, omar.language, omar.languages) == ("Omar H. Officer", "es", ["es"])
    assert "staff_assigned" in omar.muted and "staff_overdue" not in omar.muted
    client.post(reverse("account_end_sessions"))
    assert client.get(reverse("account")).status_code == 200
    assert elsewhere.get(reverse("account")).status_code == 302


def test_whoever_turned_a_mail_off_gets_it_in_the_inbox_only(city: City) -> None:
    from commonbeat.cases.actions import act
    from tests import make

    User.objects.filter(pk=city.omar.pk).update(muted=["staff_assigned"])
    case = make.concern(city.noise).case
    act(case, "assign", data={"user": city.omar.pk}, actor=city.actor(city.sam), at=make.NOW)
    assert Delivery.objects.get(template="staff_assigned").channel == "inbox"


SSO = {
    "openid_connect": {
        "APPS": [{"provider_id": "sso", "name": "City sign-on", "client_id": "commonbeat", "secret": "s",
                  "settings": {"server_url": "https://login.example.org"}}]
    }
}  # fmt: skip
CONFIGURATION = {
    "issuer": "https://login.example.org",
    "authorization_endpoint": "https://login.example.org/authorize",
    "token_endpoint": "https://login.example.org/token",
    "userinfo_endpoint": "https://login.example.org/userinfo",
    "jwks_uri": "https://login.example.org/keys",
}


class Reply:
    """An answer of the identity provider."""

    status_code = 200
    ok = True
    headers: dict[str, str] = {"content-type": "application/json"}

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        self.text = str(data)

    def json(self) -> dict[str, Any]:
        return self._data

    def raise_for_status(self) -> None:
        pass


def _provider(claims: dict[str, Any]) -> Any:
    """Only the network is replaced: discovery, token and user info."""

    def request(self: Any, method: str, url: str, **_options: Any) -> Reply:
        if url.endswith("openid-configuration"):
            return Reply(CONFIGURATION)
        if url.endswith("/token"):
            return Reply({"access_token": "t", "token_type": "bearer"})
        return Reply(claims)

    return mock.patch("requests.Session.request", request)


def _through_sso(client: Client, claims: dict[str, Any]) -> Any:
    with _provider(claims):
        start = client.get(reverse("openid_connect_login", kwargs={"provider_id": "sso"}))
        assert start.status_code == 302, start.content.decode()[:3000]
        state = re.search(r"state=([^&]+)", start["Location"])
        assert start["Location"].startswith("https://login.example.org/authorize") and state
        back = reverse("openid_connect_callback", kwargs={"provider_id": "sso"})
        return client.get(back, {"code": "c", "state": state[1]})


@pytest.fixture
def sso(settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = SSO


def test_single_sign_on_opens_the_account_with_the_same_verified_address(
    city: City, client: Client, sso: None, settings: Any
) -> None:
    settings.MFA_REQUIRED = True
    assert "City sign-on" in client.get(reverse("account_login")).content.decode()
    claims = {"sub": "7", "email": city.sam.email.upper(), "email_verified": True, "amr": ["pwd", "mfa"]}
    answer = _through_sso(client, claims)
    assert answer.status_code == 302, answer.content.decode()
    assert client.session["_auth_user_id"] == str(city.sam.pk)
    assert client.get("/desk/").status_code == 200  # the provider said that it checked a second factor


def test_single_sign_on_without_a_second_factor_leads_to_setting_one_up(
    city: City, client: Client, sso: None, settings: Any
) -> None:
    settings.MFA_REQUIRED = True
    _through_sso(client, {"sub": "7", "email": city.sam.email, "email_verified": True})
    assert client.get("/desk/")["Location"] == reverse("mfa_index")


@pytest.mark.parametrize("claims", [
    {"sub": "8", "email": "stranger@example.org", "email_verified": True},
    {"sub": "9", "email": "sam.supervisor@demo.example", "email_verified": False},
])  # fmt: skip
def test_single_sign_on_makes_no_account_and_trusts_no_unverified_address(
    city: City, client: Client, sso: None, claims: dict[str, Any]
) -> None:
    answer = _through_sso(client, claims)
    assert answer.status_code == 403 and "no account here" in answer.content.decode()
    assert not SocialAccount.objects.exists() and "_auth_user_id" not in client.session
