"""What the desk shows of a follow-up: what they agreed to and what keeps them safe, then calls, help and referrals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from commonbeat.cases.models import Case, Task
from commonbeat.cases.story import Story
from commonbeat.community.agency import local_day
from commonbeat.community.models import User
from commonbeat.core.actor import Actor
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.bar import PAGES, Page
from commonbeat.interfaces.web.desk.panels import (
    ASIDE,
    CALLED,
    FILLINGS,
    MAIN,
    PANELS,
    SOURCES,
    TOP,
    Called,
    Filling,
    Panel,
    Source,
)
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.interfaces.web.forms import Options
from commonbeat.interfaces.web.kinds.problem.starting import countable
from commonbeat.kinds.follow_up.deeds import TASK, follow_up_of, may_call
from commonbeat.kinds.follow_up.kind import CARERS, FOLLOW_UP
from commonbeat.kinds.follow_up.models import CallBack, FollowUp, Referral, Support
from commonbeat.kinds.follow_up.vocabulary import (
    ANSWERS,
    CALLS,
    CONSENT,
    HOW,
    NEEDS,
    RELEASE,
    RESULTS,
    WAYS,
    label,
)


def _carers(case: Case) -> Options:
    rows = User.objects.active().filter(grants__role__in=sorted(CARERS), grants__until=None).distinct()
    return list(rows.order_by("name").values_list("pk", "name"))


def _referrals(case: Case) -> Options:
    return list(Referral.objects.filter(case=case).order_by("pk").values_list("pk", "service"))


def _agreed(case: Case, given: Mapping[str, Any]) -> Mapping[str, Any]:
    row = follow_up_of(case)
    names = ("consent", "consent_words", "ways", "times", "voicemail", "careful")
    return {name: getattr(row, name) for name in names}


def _needed(case: Case, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"needs": follow_up_of(case).needs}


def overview(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """What they agreed to, what keeps them safe, and the next call."""
    row = FollowUp.objects.select_related("consent_by").get(case_id=story.case.pk)
    next_call = Task.objects.filter(case=story.case, sort=TASK, done_at=None).order_by("due_at").first()
    seen = Case.objects.visible_to(actor).filter(pk=row.origin_id).exists() if row.origin_id else False
    return {
        "consent": gettext(label(CONSENT, row.consent)) if row.consent else "", "agreed": row.consent == "yes",
        "said": row.consent_words, "ways": ", ".join(gettext(label(WAYS, one)) for one in row.ways),
        "by": f"{row.consent_by.name}, {shown.local(row.consent_at)}" if row.consent_by and row.consent_at else "",
        "times": row.times, "voicemail": row.voicemail, "careful": row.careful, "child": row.child,
        "may_call": may_call(row), "stopped": shown.local(row.stopped_at) if row.stopped_at else "",
        "next": shown.local(next_call.due_at) if next_call and next_call.due_at else "",
        "late": bool(next_call and next_call.due_at and next_call.due_at < shown.at),
        "needs": [gettext(label(NEEDS, one)) for one in row.needs], "number": row.field_number,
        "origin": reference(row.origin_id) if seen and row.origin_id else "", "last_word": row.last_word,
    }  # fmt: skip


def work(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """Calls, help that was offered, and referrals with their releases."""
    case, today = story.case, local_day(shown.at)
    return {
        "calls": [
            {"how": gettext(label(WAYS, row.way)), "outcome": gettext(label(CALLS, row.outcome)),
             "held": shown.local(row.held_at), "text": row.text, "by": row.made_by.name}
            for row in CallBack.objects.filter(case=case).select_related("made_by").order_by("-held_at", "-pk")
        ],
        "offers": [
            {"need": gettext(label(NEEDS, row.need)), "what": row.what, "answer": gettext(label(ANSWERS, row.answer))}
            for row in Support.objects.filter(case=case).order_by("pk")
        ],
        "referrals": [
            {"key": str(row.pk), "service": row.service, "need": gettext(label(NEEDS, row.need)),
             "how": gettext(label(HOW, row.how)), "shares": row.shares, "result": gettext(label(RESULTS, row.result)),
             "release": row.how == RELEASE, "signed": row.signed_on, "until": row.until,
             "revoked": shown.local(row.revoked_at) if row.revoked_at else "",
             "over": bool(row.until and row.until < today),
             "holds": row.how == RELEASE and row.revoked_at is None and bool(row.until and row.until >= today)}
            for row in Referral.objects.filter(case=case).order_by("pk")
        ],
    }  # fmt: skip


def offered(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """The way from a case to a follow-up; the case itself never says that there is one."""
    return {} if countable(story.case) else None


def _harmed(story: Story) -> Mapping[int, str]:
    return {row["id"]: gettext("The person harmed") for row in story.people if row["role"] == "third_party"}


CALLED.add(Called(FOLLOW_UP.slug, _harmed))
SOURCES.add(Source("carer", _carers))
SOURCES.add(Source("referral", _referrals))
FILLINGS.add(Filling("follow_up.ask_consent", _agreed))
FILLINGS.add(Filling("follow_up.needs", _needed))
ONLY = frozenset({FOLLOW_UP.slug})
PANELS.add(
    Panel(
        "follow_up", "pages/desk/follow_up/overview.html", overview, kinds=ONLY, place=TOP,
        steps=("ask_consent", "plan_call", "call", "needs"),
    )
)  # fmt: skip
PANELS.add(
    Panel(
        "follow_up_work", "pages/desk/follow_up/work.html", work, kinds=ONLY, place=MAIN,
        steps=("offer", "refer", "share", "revoke", "result"),
    )
)  # fmt: skip
PANELS.add(Panel("follow_up_offer", "pages/desk/follow_up/start.html", offered, readers=frozenset(CARERS), place=ASIDE))
PAGES.add(Page("follow_ups", N_("Follow-ups"), "follow_ups"))
