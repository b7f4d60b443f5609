"""What the pages for programmers promise: their recipe verifies, their scopes and addresses exist."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from django.test import Client

from commonbeat.community.access import SCOPES
from commonbeat.interfaces.api.open311.updates import STEP_OF_STATUS
from commonbeat.journal.channels.webhook import sign

HOWTO = Path(__file__).parents[3] / "docs" / "howto"


def page(name: str) -> str:
    return (HOWTO / name).read_text(encoding="utf-8")


def test_the_recipe_tells_our_signature_from_others() -> None:
    code = re.findall(r"```python\n(.*?)```", page("webhooks.md"), re.DOTALL)[0]
    known: dict[str, Any] = {}
    exec(code, known)
    check, body, now = known["is_from_commonbeat"], b'{"verb": "case.opened"}', int(time.time())
    assert check("s3cret", sign("s3cret", body, timestamp=now), body)
    assert not check("s3cret", sign("other", body, timestamp=now), body)
    assert not check("s3cret", sign("s3cret", body, timestamp=now), body + b" ")
    assert not check("s3cret", sign("s3cret", body, timestamp=now - 600), body)


def test_every_scope_and_status_is_explained() -> None:
    both = page("api.md") + page("open311.md")
    assert [scope for scope in SCOPES if f"`{scope}`" not in both] == []
    assert [status for status in STEP_OF_STATUS if status.upper() not in page("open311.md")] == []


def test_every_address_that_is_named_exists(db: None) -> None:
    named = re.findall(r"^\| `([a-z0-9/]+\.(?:xml|yaml))`", page("open311.md"), re.MULTILINE)
    assert len(named) >= 4
    for address in named:
        assert Client().get(f"/open311/v2/{address}").status_code == 200, address
