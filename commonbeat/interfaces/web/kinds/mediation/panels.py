"""What the panels of talks say: who takes part, sessions, what was agreed, and one's own sealed notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.community.agency import local_day
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.interfaces.access import may_open
from commonbeat.interfaces.web.agreement import called, when_of, who_of
from commonbeat.interfaces.web.desk.options import residents_languages
from commonbeat.interfaces.web.desk.words import Words, outcome_label, state_label
from commonbeat.kinds.conference import vocabulary as conference
from commonbeat.kinds.mediation.actions import SLUG, may_come_from
from commonbeat.kinds.mediation.vocabulary import POWER, RISKS, ROLES, STRONGER
from commonbeat.talks import notes
from commonbeat.talks.agreeing import points_of, stands
from commonbeat.talks.models import Check, Session, Side
from commonbeat.talks.sides import CODE, all_agree, sides_of
from commonbeat.talks.vocabulary import (
    ANSWERED,
    FOUND,
    MEETING_WAYS,
    NEEDS,
    NO,
    PAGE,
    RESULTS,
    SORTS,
    WAYS,
    YES,
    label,
)

ROLE_WORDS = {**ROLES, **conference.ROLES}
AGAINST = {**RISKS, **conference.SAFETY, **conference.RISKS, "fear": N_("Threats, control, or fear of the other")}
"""Every kind of talks has its own words; none of them means two things."""


def language_name(code: str) -> str:
    """A language as its speakers call it."""
    return dict(residents_languages()).get(code, code)


def sides(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """Every side with its yes or no, how it is reached and what it needs; and what screening found."""
    case, rows = story.case, sides_of(story.case)
    screening = case.detail("screening") or {}
    answers = screening.get("answers") or {}
    return {
        "rows": [_side(side, case, actor, shown) for side in rows],
        "all": all_agree(rows), "two": len(rows) > 1, "about": case.detail("about", ""),
        "screened": bool(screening), "afraid": (case.detail("answers") or {}).get("afraid") == "yes",
        "risks": [gettext(AGAINST[code]) for code in screening.get("risks") or [] if code in AGAINST],
        "stronger": gettext(POWER.label) if answers.get("power") == STRONGER else "",
        "balance": answers.get("balance", ""), "leader": story.assignee, "quick": bool(case.detail("quick")),
    }  # fmt: skip


def _side(side: Side, case: Case, actor: Actor, shown: Words) -> dict[str, Any]:
    ways = {CODE: gettext("Looks in with a code")}
    answers = {YES: gettext("Takes part"), NO: gettext("Does not take part")}
    how = {PAGE: gettext("on their page")}
    return {
        "key": str(side.pk), "role": gettext(ROLE_WORDS.get(side.role, side.role)), "called": called(side),
        "way": ways.get(side.way) or gettext(label(WAYS, side.way)), "language": language_name(side.language),
        "needs": [gettext(label(NEEDS, key)) for key in side.needs], "needs_text": side.needs_text,
        "answer": answers.get(side.answer, ""), "no": side.answer == NO, "open": case.is_open,
        "answered": shown.local(side.answered_at) if side.answered_at else "",
        "how": how.get(side.answered_by) or gettext(label(ANSWERED, side.answered_by)) if side.answered_by else "",
        "asked": shown.local(side.asked_at) if side.asked_at else "",
        "accepted": shown.local(side.accepted_at) if side.accepted_at else "",
        "letter": bool(side.asked_at) and case.is_open and actor.has(*INSIDERS),
    }  # fmt: skip


def sessions(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """Sessions, the next one first; nothing before everybody said yes."""
    rows = list(Session.objects.filter(case=story.case).order_by("-starts_at", "-pk"))
    names = {side.pk: called(side) for side in sides_of(story.case)}
    if not rows and story.case.state not in {"ready", "meeting"}:
        return None
    return {
        "rows": [
            {
                "key": str(row.pk), "sort": gettext(label(SORTS, row.sort)), "when": shown.local(row.starts_at),
                "way": gettext(label(MEETING_WAYS, row.way)), "place": row.place, "minutes": row.minutes,
                "sides": [names[pk] for pk in row.sides if pk in names], "off": row.off_at is not None,
                "came": [names[pk] for pk in row.came if pk in names],
                "result": gettext(label(RESULTS, row.result)) if row.result else "",
                "over": row.starts_at <= shown.at, "planned": row.held_at is None and row.off_at is None,
            }
            for row in rows
        ]
    }  # fmt: skip


def agreement(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """The points, who said yes to them, and whether they are kept."""
    case, rows = story.case, points_of(story.case)
    if not rows and case.state not in {"ready", "meeting"}:
        return None
    worst = stands(case)
    checks: dict[int, list[dict[str, Any]]] = {}
    for one in Check.objects.filter(point__case=case).select_related("side").order_by("days", "pk"):
        checks.setdefault(one.point_id, []).append(
            {"days": one.days, "who": called(one.side), "found": gettext(label(FOUND, one.found)), "text": one.text}
        )
    everybody = sides_of(case)
    return {
        "points": [
            {
                "key": str(row.pk), "who": who_of(row), "text": row.text, "when": when_of(row),
                "stands": gettext(label(FOUND, worst[row.pk])) if row.pk in worst else "",
                "broken": worst.get(row.pk) == "broken", "checks": checks.get(row.pk, []),
            }
            for row in rows
        ],
        "offered": bool(case.detail("offered")), "agreed_on": case.detail("agreed_on", ""),
        "asked": case.detail("asked") or 0, "ahead": list(case.detail("ahead") or []),
        "late": any(day <= local_day(shown.at).isoformat() for day in case.detail("ahead") or []),
        "waiting": [called(side) for side in everybody if not side.accepted_at],
        "languages": [(code, language_name(code)) for code in sorted({side.language for side in everybody})],
    }  # fmt: skip


def own_notes(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """One's own sealed notes; nobody else's are even counted."""
    found = notes.notes_of(story.case, actor=actor, at=shown.at)
    leads = notes.leads(story.case, actor)
    return {
        "leads": leads,
        "rows": [
            {
                "when": shown.local(row.made_at), "side": row.side, "lost": row.lost,
                "note": row.words.get("note", ""),
                "parts": [(gettext(name), row.words[code]) for code, name in notes.PARTS.items() if code in row.words],
            }
            for row in found
        ],
    }  # fmt: skip


TALKS = (SLUG, "conference")


def came_of_it(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """On the case that talks came from: that there are some and how they ended, never what was said (RULES 8)."""
    numbers = [e.data[name] for e in story.entries for name in ("mediation", "talks") if name in e.data]
    offers = may_come_from(story.case) and may_open(actor, "take_mediation") and story.case.is_open
    refers = may_come_from(story.case) and may_open(actor, "refer_conference")
    if not numbers:
        return {"rows": [], "offers": offers, "refers": refers} if offers or refers else None
    rows = Case.objects.filter(pk__in=numbers, kind__in=TALKS).order_by("pk").values("pk", "kind", "state", "outcome")
    seen = set(Case.objects.visible_to(actor).filter(pk__in=numbers).values_list("pk", flat=True))
    return {
        "rows": [
            {
                "kind": gettext(KINDS[row["kind"]].label),
                "state": outcome_label(row["kind"], row["outcome"]) or state_label(row["kind"], row["state"]),
                "reference": reference(row["pk"]) if row["pk"] in seen else "",
            }
            for row in rows
        ],
        "offers": False, "refers": False,
    }  # fmt: skip
