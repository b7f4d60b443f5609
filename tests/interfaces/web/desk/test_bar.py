"""The bar of the desk leads everybody to the pages that open for them, and to no others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from commonbeat.core.actor import Role
from commonbeat.interfaces.web.desk.bar import PAGES
from tests import make
from tests.conftest import City


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_the_bar_opens_and_the_others_do_not(role: str, city: City, signed_in: Any) -> None:
    browser = signed_in(make.user(f"Robin {role.title()}", role))
    bar = browser.get("/desk/").content.decode().split("</header>")[0]
    led = set(re.findall(r'class="topnav__link" href="(/[^"]*)"', bar))
    for page in PAGES:
        url = reverse(page.slug)
        assert (browser.get(url, follow=True).status_code == 200) is (url in led), f"{url}: {sorted(led)}"


def test_pages_that_are_opened_seldom_stand_under_more_and_keep_their_keys(city: City, signed_in: Any) -> None:
    bar = signed_in(city.sam).get("/desk/searches/").content.decode().split("</header>")[0]
    often, more = bar.split("<details", 1)
    assert "/desk/searches/" not in often and 'data-key="g s" aria-current="page"' in more
