"""What the panels of a field report say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext

from commonbeat.cases.story import Story
from commonbeat.community.agency import setting
from commonbeat.core.actor import Actor
from commonbeat.core.plain_language import readability
from commonbeat.evidence.offences import names
from commonbeat.interfaces.web.desk.answers import in_words
from commonbeat.interfaces.web.desk.publishing import reading_words
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.kinds.field_report import guard, needs
from commonbeat.kinds.field_report.deeds import NARRATIVE
from commonbeat.kinds.field_report.kind import DRAFT, FLOW
from commonbeat.kinds.field_report.models import FieldReport
from commonbeat.kinds.field_report.sorts import questions_of, sort_of
from commonbeat.kinds.field_report.vocabulary import AGES, ITEM_ROLES, SIGNS, label


def report_in(story: Story) -> FieldReport:
    """The report of a case."""
    return FieldReport.objects.select_related("author", "approved_by").get(case_id=story.case.pk)


def standing(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """Where it stands: what is missing, comments, the card of its sort, calls for sworn officers."""
    report, case = report_in(story), story.case
    sort, draft = sort_of(report.sort), case.state in DRAFT
    return {
        "sort": gettext(sort.label) if sort else report.sort, "sworn_sort": bool(sort and sort.sworn),
        "card": [gettext(line) for line in sort.card] if sort else [], "call": gettext(sort.call) if sort else "",
        "offence": offence_name(sort.offence) if sort else "", "read": not sort or sort.approved,
        "hidden": "finish" if not sort or sort.approved else "submit",
        "happened": shown.local(report.happened_at), "draft": draft,
        "missing": [
            {"words": gettext(need.words), "url": url_of(need.step, case.reference)}
            for need in (needs.missing(report) if draft else ())
        ],
        "comments": report.comments if case.state == "returned" else "",
        "number": report.number, "author": report.author.name if report.author else "",
        "submitted": shown.local(report.submitted_at) if report.submitted_at else "",
        "approved": shown.local(report.approved_at) if report.approved_at else "",
        "approved_by": report.approved_by.name if report.approved_by else "",
        "not_now": report.not_now, "calls": calls(report, shown), "calling": case.state == "calling",
        "may_take": case.state == "calling" and guard.is_sworn(actor.user_id),
        "state": gettext(FLOW.state(case.state).label),
    }  # fmt: skip


def offence_name(code: str) -> str:
    """A NIBRS code with its name; nothing without one."""
    return f"{code} {names().get(code, '')}".strip()


def url_of(step: str, reference: str) -> str:
    """Where a step is taken: questions of a sort have a page of their own."""
    return f"/desk/{reference}/questions/" if step == "answer" else f"/desk/{reference}/?step={step}#step"


def answered(report: FieldReport) -> list[dict[str, str]]:
    """What the sort asks, each with its answer in words."""
    return in_words(questions_of(report.sort), report.answers, get_language() or "en")


def calls(report: FieldReport, shown: Words) -> list[dict[str, Any]]:
    """Each call for sworn officers: why, when, whether dispatch knew, and who took it when."""
    rows = report.calls.select_related("asked_by", "accepted_by").order_by("asked_at", "pk")
    return [
        {
            "why": [gettext(label(SIGNS, sign)) for sign in row.signs], "note": row.note,
            "asked": shown.local(row.asked_at), "asked_by": row.asked_by.name if row.asked_by else "",
            "dispatch": row.dispatch, "incident": row.incident, "rounds": row.rounds,
            "due": shown.local(row.due_at), "accepted": shown.local(row.accepted_at) if row.accepted_at else "",
            "accepted_by": row.accepted_by.name if row.accepted_by else "",
        }
        for row in rows
    ]  # fmt: skip


def headings() -> dict[str, str]:
    """The parts of the text, in order."""
    return {
        "told": gettext("What was told"), "saw": gettext("What was seen"), "did": gettext("What was done"),
        "after": gettext("What comes next"),
    }  # fmt: skip


def text(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """The parts of the text, and how hard they are to read."""
    report = report_in(story)
    parts = [{"title": title, "text": getattr(report, name)} for name, title in headings().items()]
    whole = "\n\n".join(getattr(report, name) for name in NARRATIVE if getattr(report, name))
    reading = readability(whole, language=story.case.language) if whole else None
    return {
        "parts": [part for part in parts if part["text"]],
        "reading": reading_words(reading, float(setting("reading_grade"))) if reading else None,
        "draft": story.case.state in DRAFT, "answers": answered(report), "asks": bool(questions_of(report.sort)),
    }  # fmt: skip


def contents(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """People by what the text calls them, and property."""
    report = report_in(story)
    return {
        "parties": [
            {
                "title": title, "age": gettext(label(AGES, party.age)), "minor": party.age == "minor",
                "note": party.note, "part": party.participant_id,
            }
            for party, title in needs.titled(report)
        ],
        "items": [item_words(item) for item in report.items.order_by("pk")],
        "photos": len(story.files), "draft": story.case.state in DRAFT,
        "supplements": supplements(report, shown),
    }  # fmt: skip


def supplements(report: FieldReport, shown: Words) -> list[dict[str, Any]]:
    """What was added after approval."""
    states = {
        "waiting": gettext("waits for approval"), "approved": gettext("approved"), "refused": gettext("refused"),
    }  # fmt: skip
    return [
        {
            "text": row.text, "at": shown.local(row.written_at), "who": row.written_by.name if row.written_by else "",
            "state": states.get(row.state, row.state), "reason": row.reason,
            "decided_by": row.decided_by.name if row.decided_by else "",
        }
        for row in report.supplements.select_related("written_by", "decided_by").order_by("pk")
    ]  # fmt: skip


def item_words(item: Any) -> dict[str, Any]:
    """A piece of property in words."""
    return {
        "role": gettext(label(ITEM_ROLES, item.role)), "what": item.what, "marks": item.marks,
        "worth": f"${item.worth:,.2f}" if item.worth is not None else "", "place": item.place,
    }  # fmt: skip
