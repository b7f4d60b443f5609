"""News for people who follow: gathered by their rhythm, never too often, told once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.community.agency import setting
from commonbeat.community.places import places
from commonbeat.core.actor import SYSTEM
from commonbeat.journal.deliver import quiet_until
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record
from commonbeat.publishing.following import EVERY, mine_path, of_same, page_of, subject_of, to, unsubscribe_path
from commonbeat.publishing.models import Follow, Publication, PublicCase
from commonbeat.publishing.reads import words_of

MOST_LISTED = 20
LEAST_WORTH = dt.timedelta(days=1)
"""News is news for a day at least: so long a push service keeps it for a browser that is off."""


def send_digests(*, at: dt.datetime) -> int:
    """Tell every follower whose turn it is what is new; nothing new, nothing sent. Returns how many were told."""
    due = Q(pk__in=[])
    for every, pause in EVERY.items():
        due |= Q(every=every, told_until__lte=at - pause)
    rows = Follow.objects.filter(due, confirmed_at__isnull=False, ended_at__isnull=True)
    reachable = rows.filter(Q(browser__isnull=True) | Q(browser__ended_at__isnull=True)).order_by("pk")
    return sum(_tell(row.pk, at=at) for row in reachable.iterator())


@transaction.atomic
def _tell(pk: int, *, at: dt.datetime) -> int:
    """Tell one follower, if no other worker just did."""
    row = Follow.objects.select_for_update(skip_locked=True).filter(pk=pk, ended_at__isnull=True).first()
    if row is None or row.told_until is None or row.told_until > at - EVERY[row.every]:
        return 0
    items = _news(row, since=row.told_until, at=at)
    if not items or (row.every == "now" and _enough(row, at=at)):
        return 0
    words: dict[str, object] = {
        "what": subject_of(row, row.language), "items": items[:MOST_LISTED], "more": len(items) > MOST_LISTED,
        "path": page_of(row),
    }  # fmt: skip
    if row.browser_id:
        words |= {"ttl": int(max(EVERY[row.every], LEAST_WORTH).total_seconds())}
    else:
        words |= {"unsubscribe": unsubscribe_path(row), "mine": mine_path(row, at=at)}
    data = {"items": len(items)}
    record("follow", row.pk, "follow.told", actor=SYSTEM, at=at, data=data, tell=[to(row, "digest", words)])
    Follow.objects.filter(pk=row.pk).update(told_until=at)
    return 1


def _enough(row: Follow, *, at: dt.datetime) -> bool:
    """True at night, and for whoever was told often enough in a day, whatever it was about: the rest is gathered."""
    if quiet_until(at):
        return True
    told = Entry.objects.filter(subject_kind="follow", subject_id__in=of_same(row).values("pk"), verb="follow.told")
    return told.filter(at__gt=at - dt.timedelta(days=1)).count() >= int(setting("news_per_day"))


def _news(row: Follow, *, since: dt.datetime, at: dt.datetime) -> list[dict[str, str]]:
    """What happened in the time since, oldest first: from cards and publications only."""
    subject = {
        name: value for name, value in
        (("area_id", row.area_id), ("category_id", row.category_id), ("pk", row.case_id)) if value is not None
    }  # fmt: skip
    cards = PublicCase.objects.shown(at).filter(**subject)
    if not row.case_id:
        recent = Q(visible_at__gt=since) | Q(closed_at__gt=since)
        cards = cards.filter(recent).order_by("changed_at", "pk")[: MOST_LISTED + 1]
    elif not _moved(row.case_id, since):
        cards = cards.none()
    subject.pop("pk", None)
    published = Publication.objects.none()
    if row.case_id:
        published = Publication.objects.filter(case_number=row.case_id)
    elif subject:
        published = Publication.objects.filter(**subject)
    published = published.filter(state=Publication.State.PUBLISHED, published_at__gt=since, published_at__lte=at)
    with translation.override(row.language):
        items = [_card_item(card, row.language) for card in cards]
        items += [_outcome_item(one, row.language) for one in published.order_by("published_at")[: MOST_LISTED + 1]]
    return items


def _moved(case_id: int, since: dt.datetime) -> bool:
    """True when the case changed its state for everybody to see; notes of staff are nobody's news."""
    told = Entry.objects.about("case", case_id).told_to("reporter").filter(at__gt=since)
    return any(data.get("from") != data.get("to") for data in told.values_list("data", flat=True))


def _card_item(card: PublicCase, language: str) -> dict[str, str]:
    known = categories().get(card.category_id) if card.category_id else None
    area = places().areas.get(card.area_id) if card.area_id else None
    state = KINDS[card.kind].workflow.state(card.state)
    outcome = KINDS[card.kind].workflow.outcome(card.outcome)
    return {
        "title": " · ".join(p for p in (known.text(language).name if known else "", area.name if area else "") if p),
        "text": gettext(outcome.public if outcome else state.label),
        "path": f"/cases/{card.reference}/",
    }


def _outcome_item(publication: Publication, language: str) -> dict[str, str]:
    words = words_of(publication, language=language)
    known = categories().get(publication.category_id) if publication.category_id else None
    title = words.title or (known.text(language).name if known else "")
    return {
        "title": gettext("What was done: %(title)s") % {"title": title},
        "text": words.did, "path": f"/outcomes/{publication.pk}/",
    }  # fmt: skip
