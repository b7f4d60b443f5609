"""News for people who follow: gathered by their rhythm, never too often, told once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from commonbeat.activities.models import Activity
from commonbeat.activities.reads import coming
from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.community.agency import setting, zone
from commonbeat.community.places import places
from commonbeat.core.actor import SYSTEM
from commonbeat.journal.deliver import quiet_until
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record
from commonbeat.publishing.following import EVERY, mine_path, of_same, page_of, subject_of, to, unsubscribe_path
from commonbeat.publishing.models import Follow, Publication, PublicCase
from commonbeat.publishing.reads import words_of

MOST_LISTED = 20
LATELY = dt.timedelta(days=1)
"""A meeting that was called off longer ago comes with the usual news."""
MOST_SHOWN = 3
"""So many lines have room in a notification."""
LEAST_WORTH = dt.timedelta(days=1)
"""News is news for a day at least: so long a push service keeps it for a browser that is off."""


def send_digests(*, at: dt.datetime) -> int:
    """Tell every follower whose turn it is what is new; nothing new, nothing sent. Returns how many were told.

    All that somebody follows in one rhythm comes in one message: "once a day" means one, whatever is followed. Only a
    meeting that is called off breaks the rhythm: nobody should stand before a closed door.
    """
    due = Q(pk__in=[])
    for every, pause in EVERY.items():
        due |= Q(every=every, told_until__lte=at - pause)
    due |= _cut_short(at)
    rows = Follow.objects.filter(due, confirmed_at__isnull=False, ended_at__isnull=True)
    reachable = rows.filter(Q(browser__isnull=True) | Q(browser__ended_at__isnull=True))
    one_of_each = reachable.order_by("email", "browser_id", "every").distinct("email", "browser_id", "every")
    return sum(_tell(row, at=at) for row in one_of_each.iterator())


def _cut_short(at: dt.datetime) -> Q:
    """Who hears at once because a meeting that they would have come to was called off since they were told."""
    found = Q(pk__in=[])
    settled = at - dt.timedelta(minutes=float(setting("undo_minutes")))
    rows = Activity.objects.shown().filter(off_at__gt=settled - LATELY, off_at__lte=settled, ends_at__gt=at)
    for area, off_at in rows.values_list("area_id", "off_at"):
        where = Q(area__isnull=False) if area is None else Q(area_id=area)
        found |= where & Q(category=None, case=None, told_until__lt=off_at)
    return found


@transaction.atomic
def _tell(one: Follow, *, at: dt.datetime) -> int:
    """Tell one follower about all of one rhythm, if no other worker just did."""
    rows = list(of_same(one).filter(every=one.every).select_for_update(skip_locked=True))
    if not any(row.told_until and row.told_until <= at - EVERY[row.every] for row in rows) and not (
        rows and Follow.objects.filter(_cut_short(at), pk__in=[row.pk for row in rows]).exists()
    ):
        return 0
    newest = rows[-1]  # its language is what they chose last
    parts = _parts(rows, language=newest.language, at=at)
    if not parts or (one.every == "now" and _enough(one, at=at)):
        return 0
    items = [item for part in parts for item in part["news"]]
    words: dict[str, object] = {"what": ", ".join(part["what"] for part in parts)}
    if one.browser_id:
        ttl = int(max(EVERY[one.every], LEAST_WORTH).total_seconds())
        shown = {"items": items[:MOST_SHOWN], "more": len(items) > MOST_SHOWN}
        words |= {**shown, "path": parts[0]["path"], "ttl": ttl}
    else:
        words |= {"parts": parts, "unsubscribe": unsubscribe_path(rows), "mine": mine_path(newest, at=at)}
    told = [row.pk for row in rows]
    data = {"items": len(items), "follows": told}
    record("follow", newest.pk, "follow.told", actor=SYSTEM, at=at, data=data, tell=[to(newest, "digest", words)])
    Follow.objects.filter(pk__in=told).update(told_until=at)
    return 1


def _parts(rows: Sequence[Follow], *, language: str, at: dt.datetime) -> list[dict[str, Any]]:
    """What is new in each thing that is followed; what fits several of them stands under the first."""
    parts: list[dict[str, Any]] = []
    seen: set[str] = set()
    for row in rows:
        news = [item for item in _news(row, language=language, at=at) if item["path"] not in seen]
        seen |= {item["path"] for item in news}
        if news:
            more = len(news) > MOST_LISTED
            what = {"what": subject_of(row, language), "path": page_of(row)}
            parts.append({**what, "news": news[:MOST_LISTED], "more": more})
    return parts


def _enough(row: Follow, *, at: dt.datetime) -> bool:
    """True at night, and for whoever was told often enough in a day, whatever it was about: the rest is gathered."""
    if quiet_until(at):
        return True
    told = Entry.objects.filter(subject_kind="follow", subject_id__in=of_same(row).values("pk"), verb="follow.told")
    return told.filter(at__gt=at - dt.timedelta(days=1)).count() >= int(setting("news_per_day"))


def _news(row: Follow, *, language: str, at: dt.datetime) -> list[dict[str, str]]:
    """What happened since they were told, oldest first: from cards and publications only."""
    since = row.told_until or at
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
    with translation.override(language):
        items = [_card_item(card, language) for card in cards]
        items += [_outcome_item(one, language) for one in published.order_by("published_at")[: MOST_LISTED + 1]]
        items += [_meeting_item(one, language, at=at) for one in _meetings(row, since=since, at=at)]
    return items


def _meetings(row: Follow, *, since: dt.datetime, at: dt.datetime) -> list[Activity]:
    """Meetings of the followed area that were announced or called off, once that cannot be taken back any more."""
    if row.case_id or row.category_id:
        return []
    settled = dt.timedelta(minutes=float(setting("undo_minutes")))
    first, last = since - settled, at - settled
    new = Q(shown_at__gt=first, shown_at__lte=last, off_at=None) | Q(off_at__gt=first, off_at__lte=last)
    return list(coming(at=at, area=row.area_id).filter(new)[: MOST_LISTED + 1])


def _meeting_item(row: Activity, language: str, *, at: dt.datetime) -> dict[str, str]:
    words, when = row.said(language), f"{row.starts_at.astimezone(zone()):%Y-%m-%d %H:%M}"
    title = gettext("Called off: %(title)s") if row.off_at else gettext("Meeting: %(title)s")
    text = f"{when} {row.off_reason}" if row.off_at else f"{when}, {row.place}"
    return {"title": title % {"title": words["title"]}, "text": text, "path": f"/meetings/{row.pk}/"}


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
    words = words_of(publication, language=language, by_people=True)
    if publication.activity_id:
        title = gettext("Minutes: %(title)s") % {"title": words.title}
        return {"title": title, "text": words.did, "path": f"/meetings/{publication.activity_id}/"}
    known = categories().get(publication.category_id) if publication.category_id else None
    title = words.title or (known.text(language).name if known else "")
    return {
        "title": gettext("What was done: %(title)s") % {"title": title},
        "text": words.did, "path": f"/outcomes/{publication.pk}/",
    }  # fmt: skip
