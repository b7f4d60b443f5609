"""People who follow an area, a category or a case by e-mail: asked twice at the start, let go by one click."""

from __future__ import annotations

import datetime as dt

from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.community.links import use_link
from commonbeat.community.places import places
from commonbeat.core.actor import ANONYMOUS, SYSTEM
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import Tell, record
from commonbeat.publishing.models import Follow, Publication, PublicCase
from commonbeat.publishing.reads import words_of

EVERY = {"now": dt.timedelta(0), "day": dt.timedelta(days=1), "week": dt.timedelta(days=7)}
EVERY_LABELS = {"day": N_("once a day"), "week": N_("once a week"), "now": N_("as soon as something happens")}
ASK_AGAIN_AFTER = dt.timedelta(minutes=10)
FORGET_UNCONFIRMED_AFTER = dt.timedelta(days=7)
CONFIRM_DAYS = 7
MOST_LISTED = 20
_SALT = "unsubscribe"


@transaction.atomic
def follow(
    *, email: str, language: str, at: dt.datetime, area: int | None = None, category: int | None = None,
    case: int | None = None, every: str = "day",
) -> Follow:  # fmt: skip
    """Ask somebody by e-mail whether they want to follow; nothing else is sent before they say so.

    Following the same again asks again, at most every ten minutes, so that nobody's mailbox can be filled from here.
    Somebody who follows already is not written to: the page says the same either way.
    """
    if every not in EVERY:
        raise ValueError(f"“{every}” is not a rhythm; use {', '.join(EVERY)}.")
    row, made = Follow.objects.get_or_create(  # type: ignore[misc]
        email=email.strip().lower(), area_id=area, category_id=category, case_id=case, ended_at=None,
        defaults={"language": language, "every": every, "created_at": at},
    )  # fmt: skip
    if row.confirmed_at:
        return row
    if made or row.created_at <= at - ASK_AGAIN_AFTER:
        Follow.objects.filter(pk=row.pk).update(created_at=at, every=every, language=language)
        link = {"purpose": "follow", "subject": ["follow", row.pk], "days": CONFIRM_DAYS, "path": "/follow/confirm/"}
        tell = Tell(
            "email",
            row.email,
            "follow_confirm",
            language,
            {"what": subject_of(row, language), "link": link},
            urgent=True,
        )
        record("follow", row.pk, "follow.asked", actor=ANONYMOUS, at=at, data={"every": every}, tell=[tell], first=made)
    return row


def subject_of(row: Follow, language: str) -> str:
    """What somebody follows, in words."""
    with translation.override(language):
        if row.case_id:
            card = PublicCase.objects.filter(pk=row.case_id).values_list("reference", flat=True).first()
            return gettext("report %(reference)s") % {"reference": card or ""}
        known = categories().get(row.category_id) if row.category_id else None
        area = places().areas.get(row.area_id) if row.area_id else None
        if known and area:
            return gettext("%(category)s in %(area)s") % {"category": known.text(language).name, "area": area.name}
        if area:
            return area.name
        return known.text(language).name if known else gettext("all areas")


@transaction.atomic
def confirm(token: str, *, at: dt.datetime) -> Follow:
    """Begin to follow: the mailed link was opened by somebody who reads that mailbox. Raises `BadLink`."""
    link = use_link(token, purpose="follow", at=at)
    row = Follow.objects.select_for_update().get(pk=link.subject_id)
    if row.confirmed_at is None and row.ended_at is None:
        Follow.objects.filter(pk=row.pk).update(confirmed_at=at, told_until=at)
        record("follow", row.pk, "follow.confirmed", actor=ANONYMOUS, at=at)
        row.refresh_from_db()
    return row


def unsubscribe_path(row: Follow) -> str:
    """The address that ends this following: signed, good for ever, and worth nothing else."""
    return f"/unsubscribe/{signing.dumps(row.pk, salt=_SALT, compress=False)}/"


def followed_by(token: str) -> Follow | None:
    """Who an unsubscribe address belongs to; None when it is not one of ours."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return Follow.objects.filter(pk=pk).first()


@transaction.atomic
def unfollow(row: Follow, *, at: dt.datetime) -> None:
    """End a following and forget the address; again is harmless."""
    if Follow.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=at, email=""):
        record("follow", row.pk, "follow.ended", actor=ANONYMOUS, at=at)


def forget_unconfirmed(*, at: dt.datetime) -> int:
    """Forget addresses that never said yes; returns how many."""
    old = Follow.objects.filter(
        confirmed_at__isnull=True, ended_at__isnull=True, created_at__lt=at - FORGET_UNCONFIRMED_AFTER
    )
    return old.delete()[0]


def send_digests(*, at: dt.datetime) -> int:
    """Tell every follower whose turn it is what is new; nothing new, nothing sent. Returns how many were told."""
    due = Q(pk__in=[])
    for every, pause in EVERY.items():
        due |= Q(every=every, told_until__lte=at - pause)
    rows = Follow.objects.filter(due, confirmed_at__isnull=False, ended_at__isnull=True).order_by("pk")
    return sum(_tell(row.pk, at=at) for row in rows.iterator())


@transaction.atomic
def _tell(pk: int, *, at: dt.datetime) -> int:
    """Tell one follower, if no other worker just did."""
    row = Follow.objects.select_for_update(skip_locked=True).filter(pk=pk, ended_at__isnull=True).first()
    if row is None or row.told_until is None or row.told_until > at - EVERY[row.every]:
        return 0
    items = _news(row, since=row.told_until, at=at)
    if not items:
        return 0
    context = {
        "what": subject_of(row, row.language), "items": items[:MOST_LISTED], "more": len(items) > MOST_LISTED,
        "path": _page_of(row), "unsubscribe": unsubscribe_path(row),
    }  # fmt: skip
    tell = Tell("email", row.email, "digest", row.language, context)
    record("follow", row.pk, "follow.told", actor=SYSTEM, at=at, data={"items": len(items)}, tell=[tell])
    Follow.objects.filter(pk=row.pk).update(told_until=at)
    return 1


def _page_of(row: Follow) -> str:
    if row.area_id:
        return f"/areas/{row.area_id}/"
    if row.case_id:
        card = PublicCase.objects.filter(pk=row.case_id).values_list("reference", flat=True).first()
        return f"/cases/{card}/" if card else "/"
    return f"/outcomes/?category={row.category_id}"


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
