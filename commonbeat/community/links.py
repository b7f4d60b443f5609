"""Uses up one-time links: each opens once, whoever is faster."""

from __future__ import annotations

import datetime as dt

from commonbeat.community.access import BadLink, find_link
from commonbeat.community.models import OneTimeLink


def peek_link(token: str, *, purpose: str, at: dt.datetime) -> OneTimeLink:
    """The link behind a token that was not used yet; looking does not use it up. Raises `BadLink`."""
    link = find_link(token, purpose=purpose, at=at)
    if link.used_at:
        raise BadLink("used")
    return link


def use_link(token: str, *, purpose: str, at: dt.datetime) -> OneTimeLink:
    """Use a link up and return it. Two at once: one gets it, the other `BadLink`."""
    link = peek_link(token, purpose=purpose, at=at)
    if not OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=at):
        raise BadLink("used")
    return link
