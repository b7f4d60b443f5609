"""Passkeys in a real browser with a made-up authenticator: set up, sign in without a password, and as second step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def sign_out(visit: Visit) -> Page:
    """Leave, and go to the sign-in again."""
    page = visit.open("/accounts/")
    with page.expect_navigation():
        page.locator("main form[action$='/logout/'] button").click()
    return visit.open("/accounts/login/")


def test_a_passkey_signs_in_alone_and_as_second_step_under_the_strict_policy(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.site = replace(one.site, address=one.site.address.replace("127.0.0.1", "localhost"))  # passkeys need a name
    one.context.unroute_all()
    devices = one.context.new_cdp_session(one.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    one.sign_in("denise@demo.example")
    page = one.open("/accounts/2fa/webauthn/add/")
    page.locator("#id_passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/recovery-codes/**")
    assert page.locator("code.codebox").count() == 10
    page = sign_out(one)
    page.locator("#passkey_login").click()
    page.wait_for_url("**/desk/**")
    page = sign_out(one)
    page.locator("input[name=login]").fill("denise@demo.example")
    page.locator("input[name=password]").fill(one.site.password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/2fa/authenticate/**")
    page.locator("#mfa_webauthn_authenticate").click()
    page.wait_for_url("**/desk/**")
    page = one.open("/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Remove it").click()
