"""Encrypting for one browser: the example of RFC 8291, byte by byte, and what is no subscription."""

from __future__ import annotations

import datetime as dt
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from commonbeat.core.webpush import (
    PADDED_TO,
    BadSubscription,
    PushAddress,
    TooLong,
    authorization,
    encrypt,
    parse_subscription,
    public_bytes,
    signing_key,
)
from tests.push_service import Browser, b64, unb64


def test_the_example_of_the_standard_comes_out_byte_by_byte() -> None:
    """RFC 8291, section 5 and appendix A."""
    sender = ec.derive_private_key(
        int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    address = PushAddress(
        "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        unb64("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        unb64("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    body = encrypt(
        b"When I grow up, I want to be a watermelon", address, padded_to=0, salt=unb64("DGv6ra1nlYgDCS1FRnbzlw"),
        sender=sender,
    )  # fmt: skip
    assert b64(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3"
        "jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(st.binary(max_size=PADDED_TO))
def test_a_browser_reads_what_was_sent_and_all_messages_are_equally_long(message: bytes) -> None:
    browser = Browser("https://push.example.org/1")
    body = encrypt(message, parse_subscription(browser.subscription))
    assert browser.decrypt(body).startswith(message) and len(body) == 16 + 4 + 1 + 65 + PADDED_TO + 1 + 16
    assert len(body) <= 4096


def test_a_message_that_does_not_fit_is_refused() -> None:
    with pytest.raises(TooLong):
        encrypt(b"x" * (PADDED_TO + 1), parse_subscription(Browser("https://push.example.org/1").subscription))


def test_the_proof_is_for_one_service_and_half_a_day_and_the_key_is_the_same_each_time() -> None:
    at = dt.datetime(2026, 3, 11, 15, tzinfo=dt.UTC)
    key = signing_key(b"\x07" * 32)
    assert public_bytes(key) == public_bytes(signing_key(b"\x07" * 32)) != public_bytes(signing_key(b"\x08" * 32))
    assert len(public_bytes(signing_key(b"\xff" * 32))) == 65  # more than the curve has numbers
    address = parse_subscription(Browser("https://push.example.org:8443/1?x=2").subscription)
    header = authorization(address, key=key, contact="mailto:beat@example.org", at=at)
    token = header.removeprefix("vapid t=").partition(",")[0]
    claims = jwt.decode(
        token, key.public_key(), algorithms=["ES256"], options={"verify_aud": False, "verify_exp": False}
    )
    assert claims["aud"] == "https://push.example.org:8443" and claims["sub"] == "mailto:beat@example.org"
    assert 0 < claims["exp"] - at.timestamp() <= 24 * 3600  # RFC 8292: no longer than a day


def _changed(**fields: object) -> str:
    return json.dumps(json.loads(Browser("https://push.example.org/1").subscription) | fields)


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "{", "12", '"https://push.example.org/1"', _changed(endpoint=None), _changed(endpoint=7),
        _changed(endpoint="https://push.example.org/" + "x" * 2000), _changed(keys={}), _changed(keys=None),
        _changed(keys={"p256dh": b64(b"\x04" + bytes(64)), "auth": b64(bytes(16))}),
        _changed(keys={"p256dh": b64(public_bytes(signing_key(bytes(32)))), "auth": b64(bytes(15))}),
        _changed(keys={"p256dh": 5, "auth": []}), _changed(keys={"p256dh": "é", "auth": "ü"}),
    ],
)  # fmt: skip
def test_what_is_no_subscription_is_refused(text: str) -> None:
    with pytest.raises(BadSubscription):
        parse_subscription(text)
