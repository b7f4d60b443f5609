"""People who follow an area, a category or a case, without account: by e-mail, asked twice, or in a browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext

from commonbeat.cases.categories import categories
from commonbeat.cases.disposal import forget_messages
from commonbeat.cases.kind import PersonalField
from commonbeat.community.links import use_link
from commonbeat.community.places import places
from commonbeat.core.actor import ANONYMOUS, SYSTEM, Actor
from commonbeat.core.text import N_
from commonbeat.core.webpush import PushAddress
from commonbeat.journal import browsers
from commonbeat.journal.models import Delivery, Entry, PushSubscription
from commonbeat.journal.verbs import Tell, record
from commonbeat.publishing.models import Follow, PublicCase

EVERY = {"now": dt.timedelta(0), "day": dt.timedelta(days=1), "week": dt.timedelta(days=7)}
EVERY_LABELS = {"day": N_("once a day"), "week": N_("once a week"), "now": N_("as soon as something happens")}
ASK_AGAIN_AFTER = dt.timedelta(minutes=10)
FORGET_UNCONFIRMED_AFTER = dt.timedelta(days=7)
CONFIRM_DAYS = 7
MINE_FOR = dt.timedelta(days=60)
"""The address of the page that shows what somebody follows works for so long."""
WELCOME_FOR_S = 3600
_SALT, _MINE = "unsubscribe", "what-i-follow"

LABEL = N_("Following news")
PERSONAL = (
    PersonalField(
        N_("E-mail address of who follows by e-mail"), N_("To send the news that somebody asked for"),
        N_("Until they end it or mail to it comes back; a week if they never said yes"),
    ),
    PersonalField(
        N_("Address and keys of a browser that gets notifications, sealed"),
        N_("To send the news that somebody asked for"),
        N_("Until they end it, the browser takes no more notifications, or cannot be reached for two weeks"),
    ),
)  # fmt: skip
"""What is known about people who follow, for the inventory of personal data."""
KEPT = (
    ("never confirmed", f"{FORGET_UNCONFIRMED_AFTER.days} days after asking", "Nobody said yes."),
    (
        "ended, or cannot be reached",
        "address forgotten at once; that there was one stays",
        "Nothing needs it any more.",
    ),
)
"""How long somebody who follows is known, for the schedule of retention: when, how long, why."""


@transaction.atomic
def follow(
    *, email: str, language: str, at: dt.datetime, area: int | None = None, category: int | None = None,
    case: int | None = None, every: str = "day",
) -> Follow:  # fmt: skip
    """Ask somebody by e-mail whether they want to follow; nothing else is sent before they say so.

    Following the same again asks again, at most every ten minutes, so that nobody's mailbox can be filled from here.
    Somebody who follows already is not written to: the page says the same either way.
    """
    _check(every)
    row, made = Follow.objects.get_or_create(  # type: ignore[misc]
        email=email.strip().lower(), browser=None, area_id=area, category_id=category, case_id=case, ended_at=None,
        defaults={"language": language, "every": every, "created_at": at},
    )  # fmt: skip
    if row.confirmed_at:
        return row
    if made or row.created_at <= at - ASK_AGAIN_AFTER:
        Follow.objects.filter(pk=row.pk).update(created_at=at, every=every, language=language)
        link = {"purpose": "follow", "subject": ["follow", row.pk], "days": CONFIRM_DAYS, "path": "/follow/confirm/"}
        words = {"what": subject_of(row, language), "link": link}
        tell = Tell("email", row.email, "follow_confirm", language, words, urgent=True)
        record("follow", row.pk, "follow.asked", actor=ANONYMOUS, at=at, data={"every": every}, tell=[tell], first=made)
    return row


@transaction.atomic
def follow_here(
    *, address: PushAddress, language: str, at: dt.datetime, area: int | None = None, category: int | None = None,
    case: int | None = None, every: str = "day",
) -> Follow:  # fmt: skip
    """Follow in the browser with this address. It was asked before it gave the address, so nobody is asked again.

    The first notification says that it works; an address that does not take it is forgotten at once. Following the
    same again takes the new rhythm and language.
    """
    _check(every)
    row, made = Follow.objects.get_or_create(  # type: ignore[misc]
        email="", browser=browsers.subscribe(address, at=at), area_id=area, category_id=category, case_id=case,
        ended_at=None,
        defaults={"language": language, "every": every, "created_at": at, "confirmed_at": at, "told_until": at},
    )  # fmt: skip
    if made:
        words = {"what": subject_of(row, language), "path": page_of(row), "ttl": WELCOME_FOR_S}
        tell = to(row, "follow_here", words, urgent=True)
        record("follow", row.pk, "follow.begun", actor=ANONYMOUS, at=at, data={"every": every}, tell=[tell], first=True)
    elif (row.every, row.language) != (every, language):
        change(row, every=every, language=language, at=at)
        row.refresh_from_db()
    return row


def _check(every: str) -> None:
    if every not in EVERY:
        raise ValueError(f"“{every}” is not a rhythm; use {', '.join(EVERY)}.")


def to(row: Follow, template: str, words: dict[str, object], *, urgent: bool = False) -> Tell:
    """A message to somebody who follows, the way they chose; `template` names the words of both ways."""
    if row.browser is None:
        return Tell("email", row.email, template, row.language, words, urgent=urgent)
    address = browsers.address_of(row.browser)
    context = {**words, "browser": row.browser_id, "topic": f"follow-{row.pk}"}
    return Tell("push", address.service if address else "", f"{template}_push", row.language, context, urgent=urgent)


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


def page_of(row: Follow) -> str:
    """The public page of what somebody follows."""
    if row.area_id:
        return f"/areas/{row.area_id}/" + (f"?category={row.category_id}" if row.category_id else "")
    if row.case_id:
        card = PublicCase.objects.filter(pk=row.case_id).values_list("reference", flat=True).first()
        return f"/cases/{card}/" if card else "/"
    return f"/outcomes/?category={row.category_id}"


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


def unsubscribe_path(rows: Iterable[Follow]) -> str:
    """The address that ends these, which came in one mail: signed, good for ever, and worth nothing else."""
    return f"/unsubscribe/{signing.dumps([row.pk for row in rows], salt=_SALT, compress=False)}/"


def followed_by(token: str) -> list[Follow]:
    """What an unsubscribe address ends, also when it has ended; nothing when the address is not one of ours."""
    try:
        return list(Follow.objects.filter(pk__in=signing.loads(token, salt=_SALT)).order_by("pk"))
    except (signing.BadSignature, TypeError):
        return []


def mine_path(row: Follow, *, at: dt.datetime) -> str:
    """The address of the page with all that this person follows: signed, and good for two months."""
    until = int((at + MINE_FOR).timestamp())
    return f"/follow/mine/{signing.dumps([row.pk, until], salt=_MINE, compress=False)}/"


def mine(token: str, *, at: dt.datetime) -> QuerySet[Follow]:
    """All that the owner of this address follows; nothing when it is too old, not ours, or what it named has ended."""
    try:
        pk, until = signing.loads(token, salt=_MINE)
    except (signing.BadSignature, ValueError, TypeError):
        return Follow.objects.none()
    row = Follow.objects.filter(pk=pk).first()
    return Follow.objects.none() if row is None or until < at.timestamp() else of_same(row)


def of_same(row: Follow) -> QuerySet[Follow]:
    """What somebody follows in the same browser, or by mail to the same address."""
    if row.ended_at:
        return Follow.objects.none()
    running = Follow.objects.filter(confirmed_at__isnull=False, ended_at__isnull=True)
    return running.filter(email=row.email, browser=row.browser_id).order_by("pk")


def in_browser(endpoint: str) -> Follow | None:
    """Something that the browser with this address follows, or None."""
    row = browsers.find(endpoint)
    return row.follows.filter(ended_at__isnull=True).order_by("pk").first() if row else None  # type: ignore[no-any-return]


@transaction.atomic
def mail_mine(email: str, *, language: str, at: dt.datetime) -> None:
    """Mail somebody the address of what they follow; at most every ten minutes, and nothing to who follows nothing."""
    running = Follow.objects.filter(email=email.strip().lower(), confirmed_at__isnull=False, ended_at__isnull=True)
    row = running.exclude(email="").select_for_update().order_by("pk").first()
    if row is None:
        return
    mailed = Entry.objects.about("follow", row.pk).filter(verb="follow.link_mailed", at__gt=at - ASK_AGAIN_AFTER)
    if not mailed.exists():
        tell = Tell("email", row.email, "follow_mine", language, {"mine": mine_path(row, at=at)}, urgent=True)
        record("follow", row.pk, "follow.link_mailed", actor=ANONYMOUS, at=at, tell=[tell])


@transaction.atomic
def change(row: Follow, *, every: str, at: dt.datetime, language: str | None = None) -> None:
    """Take another rhythm, or another language."""
    _check(every)
    values = {"every": every, "language": language or row.language}
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed and Follow.objects.filter(pk=row.pk, ended_at__isnull=True).update(**changed):
        record("follow", row.pk, "follow.changed", actor=ANONYMOUS, at=at, data=changed)


@transaction.atomic
def unfollow(row: Follow, *, at: dt.datetime, actor: Actor = ANONYMOUS, why: str = "") -> None:
    """End a following and forget the address, also in what was sent; again is harmless."""
    if not Follow.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=at, email="", browser=None):
        return
    forget_messages(Delivery.objects.filter(entry__subject_kind="follow", entry__subject_id=row.pk))
    record("follow", row.pk, "follow.ended", actor=actor, at=at, data={"why": why} if why else None)
    if row.browser and not row.browser.follows.filter(ended_at__isnull=True).exists():
        browsers.forget(row.browser, "It follows nothing any more.", actor=actor, at=at)


def end_unreachable(*, at: dt.datetime) -> int:
    """End what goes to mailboxes that refused a message and to browsers that were forgotten; returns how many."""
    refused = Delivery.objects.filter(
        state=Delivery.State.BOUNCED, channel="email", entry__subject_kind="follow"
    ).exclude(recipient="")
    gone = Follow.objects.filter(ended_at__isnull=True)
    lost: Iterable[Follow] = gone.filter(email__in=refused.values("recipient")) | gone.filter(
        browser__in=PushSubscription.objects.filter(ended_at__isnull=False)
    )
    ended = 0
    for row in lost:
        unfollow(row, at=at, actor=SYSTEM, why="unreachable")
        ended += 1
    return ended


def forget_unconfirmed(*, at: dt.datetime) -> int:
    """Forget addresses that never said yes; returns how many."""
    old = Follow.objects.filter(
        confirmed_at__isnull=True, ended_at__isnull=True, created_at__lt=at - FORGET_UNCONFIRMED_AFTER
    )
    forget_messages(Delivery.objects.filter(entry__subject_kind="follow", entry__subject_id__in=old.values("pk")))
    return old.delete()[0]
