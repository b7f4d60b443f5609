"""Walks the site as somebody: every kind of page that links lead to, each once."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urldefrag, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.browser.conftest import Visit

LINKS = "() => [...document.querySelectorAll('a[href]')].filter((a) => !a.download).map((a) => a.href)"
NOT_PAGES = re.compile(r"table|account_logout|manifest|robots|\w+_(table|feed)")
"""Links that lead to files."""
ALIKE = re.compile(r"^office_\w+?_(history|add)$")
"""Pages of the office that one template makes from one sort of row."""


def kind_of(address: str) -> str:
    """What sort of page an address is: its route, and which parts of it are chosen by the query; empty for none."""
    parts = urlsplit(address)
    if "." in parts.path.rpartition("/")[2]:
        return ""  # a file
    try:
        found = resolve(parts.path)
    except Resolver404:
        return ""
    query = {pair.partition("=")[0] for pair in parts.query.split("&") if pair} & {"as", "step"}
    alike = ALIKE.match(found.view_name or "")
    return f"{alike[1] if alike else found.view_name} {sorted(query)}"


def walk(
    visit: Visit, starts: Iterable[str], *, within: tuple[str, ...], without: tuple[str, ...] = (), seen: set[str]
) -> Iterator[tuple[str, Page]]:
    """Yield each page once it is loaded: one of each kind, breadth first, only below `within`.

    Kinds that are in `seen` are left out; those that are met are added, so that the next person need not see them.
    """
    waiting, known = deque(starts), set(starts)
    while waiting:
        path = waiting.popleft()
        kind = kind_of(path)
        if not kind or NOT_PAGES.fullmatch(kind.split()[0]) or (kind in seen and path not in starts):
            continue
        seen.add(kind)
        page = visit.open(path)
        yield path, page
        if not page.url.startswith(visit.site.address + path.partition("?")[0]):
            continue  # sent elsewhere, to a page of another kind
        for link in page.evaluate(LINKS):
            target = urldefrag(link).url.removeprefix(visit.site.address)
            inside = target.startswith(within) and not (without and target.startswith(without))
            if inside and target not in known:
                known.add(target)
                waiting.append(target)


def troubles(pages: Iterator[tuple[str, Page]], *checks: Callable[[Page], list[str]]) -> tuple[list[str], list[str]]:
    """Run checks on every page; what they find, each with its page, and the pages that were seen."""
    found, seen = [], []
    for path, page in pages:
        seen.append(path)
        for check in checks:
            found += [f"{path}\n    {trouble}" for trouble in check(page)]
    return found, seen
