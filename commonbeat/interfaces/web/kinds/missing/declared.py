"""What the desk shows of a missing person's case: how urgent it is, what is public, and what people saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.core.actor import Actor
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.counter import COUNTERS, Counter
from commonbeat.interfaces.web.desk.panels import FILLINGS, MAIN, PANELS, SOURCES, TOP, Filling, Panel, Source
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.interfaces.web.forms import Options
from commonbeat.kinds.missing.bulletins import draft_of, public_of
from commonbeat.kinds.missing.kind import MISSING
from commonbeat.kinds.missing.models import Bulletin, Sighting
from commonbeat.kinds.missing.vocabulary import AGREED, GROWN, JUDGED, LEVELS, label

SHORT = 60


def _photos(case: Case) -> Options:
    rows = case.files.filter(media_type__startswith="image/").order_by("pk")
    return [(row.pk, row.name or gettext("Photo %(number)s") % {"number": n}) for n, row in enumerate(rows, start=1)]


def _sightings(case: Case) -> Options:
    rows = Sighting.objects.filter(case=case).order_by("pk")
    return [(row.pk, row.text[:SHORT]) for row in rows]


def _as_it_stands(case: Case, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The draft or what is public; else what was reported, to be mended for the public."""
    row = draft_of(case) or public_of(case)
    if row is not None:
        return {
            "shown_name": row.name, "age": row.age, "language": row.language, "seen_on": row.seen_on.isoformat(),
            "photo": row.photo_id, "agreed": row.agreed, "agreed_by": row.agreed_by,
            **row.words.get(row.language, {}),
        }  # fmt: skip
    said = case.detail("answers") or {}
    return {
        "shown_name": said.get("missing_name"), "age": said.get("age"), "language": case.language,
        "looks": said.get("looks"), "clothes": said.get("clothes"), "seen_on": str(said.get("seen_at") or "")[:10],
    }  # fmt: skip


def overview(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """How urgent it is, and what the public sees or may see soon."""
    case, level = story.case, story.case.detail("level", "")
    age = (case.detail("answers") or {}).get("age")
    rows = Bulletin.objects.filter(case=case).select_related("drafted_by", "approved_by").order_by("-pk")
    bulletins = [_bulletin(row, shown) for row in rows]
    return {
        "level": gettext(label(LEVELS, level)) if level else "", "urgent": level == "high",
        "hidden": bool(case.detail("hidden")) and not case.is_open,
        "child": age is not None and age < GROWN,
        "draft": next((one for one in bulletins if one["state"] == "draft"), None),
        "public": next((one for one in bulletins if one["state"] == "public"), None),
        "past": [one for one in bulletins if one["state"] == "withdrawn"],
    }  # fmt: skip


WHY = {
    "located": N_("the search ended"), "expired": N_("its time was over"), "replaced": N_("a newer one took its place"),
    "merged": N_("the case was merged"),
}  # fmt: skip


def _bulletin(row: Bulletin, shown: Words) -> dict[str, Any]:
    words = row.words.get(row.language, {})
    return {
        "state": row.state, "name": row.name, "age": row.age, "languages": ", ".join(sorted(row.words)), **words,
        "agreed": gettext(label(AGREED, row.agreed)), "agreed_by": row.agreed_by, "drafted_by": row.drafted_by.name,
        "approved": f"{row.approved_by.name}, {shown.local(row.approved_at)}"
        if row.approved_by and row.approved_at else "",
        "until": shown.local(row.until), "photo": row.photo_id, "returned": row.returned,
        "photo_until": shown.local(row.photo_until) if row.photo_until else "",
        "photo_over": bool(row.photo_until and row.photo_until <= shown.at),
        "url": reverse("missing_person", args=[row.key]) if row.key and row.state == "public" else "",
        "withdrawn": shown.local(row.withdrawn_at) if row.withdrawn_at else "",
        "why": gettext(WHY[row.why]) if row.why in WHY else row.why,
    }  # fmt: skip


def sightings(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """What people saw, the latest first."""
    rows = Sighting.objects.filter(case=story.case).select_related("judged_by").order_by("-pk")
    made = [
        {
            "key": str(row.pk), "text": row.text, "place": row.place, "seen": row.seen,
            "sent": shown.local(row.sent_at),
            "told": row.participant_id is not None, "language": row.language,
            "judged": gettext(label(JUDGED, row.judged)) if row.judged else "", "reason": row.reason,
            "by": f"{row.judged_by.name}, {shown.local(row.judged_at)}" if row.judged_by and row.judged_at else "",
        }
        for row in rows
    ]  # fmt: skip
    return {"sightings": made}


COUNTERS.add(Counter("take_missing", N_("Missing person")))
SOURCES.add(Source("missing_photo", _photos))
SOURCES.add(Source("sighting", _sightings))
FILLINGS.add(Filling("missing.draft_bulletin", _as_it_stands))
ONLY = frozenset({MISSING.slug})
PANELS.add(
    Panel(
        "missing", "pages/desk/missing/overview.html", overview, kinds=ONLY, place=TOP,
        steps=("assess", "draft_bulletin", "translate_bulletin", "approve_bulletin", "return_bulletin",
               "withdraw_bulletin"),
    )
)  # fmt: skip
PANELS.add(Panel("sightings", "pages/desk/missing/sightings.html", sightings, kinds=ONLY, place=MAIN, steps=("judge",)))
