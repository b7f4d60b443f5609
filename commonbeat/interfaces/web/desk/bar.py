"""The pages that the desk's bar leads to: each is declared once, and shown to whom its own view lets in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import get_language, gettext

from commonbeat.core.actor import Actor
from commonbeat.core.registry import Registry
from commonbeat.core.text import N_
from commonbeat.interfaces.access import opens_for


@dataclass(frozen=True)
class Page:
    """A page of the desk. `slug` is its route; `section` marks it as the one that is open; `key` are its keys.

    `often` puts it on the bar itself; the others stand under “More”.
    """

    slug: str
    label: str
    section: str
    key: str = ""
    often: bool = False


class Link(NamedTuple):
    """A page as the bar shows it."""

    url: str
    label: str
    section: str
    key: str


class Links(NamedTuple):
    """What one reader finds on the bar, and under “More”; `key` is the same for all who find the same."""

    bar: tuple[Link, ...]
    more: tuple[Link, ...]
    key: str


PAGES: Registry[Page] = Registry("desk page")
PAGES.add(Page("inbox", N_("Inbox"), "inbox", key="g i", often=True))
PAGES.add(Page("enter_report", N_("Enter a report"), "enter_report", key="g n", often=True))
PAGES.add(Page("problems", N_("Problems"), "problems", key="g b", often=True))
PAGES.add(Page("publishing", N_("Publishing"), "publishing", key="g p", often=True))
PAGES.add(Page("evidence", N_("Evidence"), "evidence", key="g v", often=True))
PAGES.add(Page("studies", N_("Studies"), "studies", key="g e", often=True))
PAGES.add(Page("surveys", N_("Surveys"), "surveys", key="g u"))
PAGES.add(Page("office", N_("Administration"), "office", key="g a", often=True))
PAGES.add(Page("saved_searches", N_("Saved searches"), "saved_searches", key="g s"))
PAGES.add(Page("statistics", N_("Cases in numbers"), "statistics"))


def links_for(actor: Actor) -> Links:
    """The pages that this person may open, in the language of the moment."""
    return _links(actor.roles, get_language() or "en")


@lru_cache(maxsize=512)
def _links(roles: frozenset[str], language: str) -> Links:
    found = [page for page in PAGES if opens_for(roles, page.slug)]
    shown = [(page.often, Link(reverse(page.slug), gettext(page.label), page.section, page.key)) for page in found]
    bar, more = ([link for often, link in shown if often is wanted] for wanted in (True, False))
    return Links(tuple(bar), tuple(more), "-".join(page.slug for page in found))
