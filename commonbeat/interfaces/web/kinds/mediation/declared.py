"""Declares what the desk shows of talks: panels, the lists that steps choose from, and what forms start with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.cases.walls import KEPT_OUT
from commonbeat.community.models import User
from commonbeat.core.text import N_
from commonbeat.interfaces.web.agreement import called
from commonbeat.interfaces.web.desk.counter import COUNTERS, Counter
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
from commonbeat.interfaces.web.desk.words import words as desk_words
from commonbeat.interfaces.web.forms import Options
from commonbeat.interfaces.web.kinds.mediation import panels
from commonbeat.interfaces.web.public.papers import PAPERS, Paper
from commonbeat.kinds.conference.kind import CONFERENCE
from commonbeat.kinds.mediation.kind import MEDIATION
from commonbeat.talks.agreeing import EVERYBODY, points_of
from commonbeat.talks.leading import LEADERS
from commonbeat.talks.models import Side
from commonbeat.talks.sessions import planned
from commonbeat.talks.sides import sides_of

TALKS = frozenset({MEDIATION.slug, CONFERENCE.slug})
SHORT = 70


def _sides(case: Case) -> Options:
    return [(side.pk, called(side)) for side in sides_of(case)]


def _who(case: Case) -> Options:
    return [(EVERYBODY, gettext("Everybody")), *_sides(case)]


def _leaders(case: Case) -> Options:
    """Everybody who may lead talks and is not kept out. Whom records speak against is refused with the reason."""
    out = case.participants.filter(role__in=KEPT_OUT).values("user")
    rows = User.objects.active().filter(grants__role__in=LEADERS).exclude(pk__in=out).distinct().order_by("name")
    return list(rows.values_list("pk", "name"))


def _sessions(case: Case) -> Options:
    from django.utils import timezone

    shown = desk_words(at=timezone.now())
    return [(row.pk, f"{shown.local(row.starts_at)} {row.place}".strip()) for row in planned(case)]


def _points(case: Case) -> Options:
    return [(row.pk, f"{row.text[:SHORT]}{'…' if len(row.text) > SHORT else ''}") for row in points_of(case)]


def _as_it_is(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    side = next((one for one in sides_of(case) if str(one.pk) == given.get("side")), None)
    if side is None:
        return {}
    return {"called": side.called, "language": side.language, "needs": side.needs, "needs_text": side.needs_text}


def _about(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    return {"about": case.detail("about", "")} | ({"tell": False} if case.detail("by_hand") else {})


def _with_care(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """Where there may be violence, nothing is sent by itself: a person decides it for this case (RULES 6)."""
    return {"tell": not case.detail("by_hand") and not (case.detail("screening") or {}).get("risks")}


def _called(story: Story) -> Mapping[int, str]:
    """Every side but who asked for the talks, by what the others hear them called."""
    theirs = {row["id"] for row in story.people if row["role"] == "third_party"}
    return {side.participant_id: called(side) for side in sides_of(story.case) if side.participant_id in theirs}


def _has_part(case: Case) -> bool:
    return Side.objects.filter(case=case, participant__role="reporter", asked_at__isnull=False).exists()


for _slug, _options in {
    "talks_side": _sides, "talks_who": _who, "talks_leader": _leaders, "talks_session": _sessions,
    "talks_point": _points,
}.items():  # fmt: skip
    SOURCES.add(Source(_slug, _options))
for _kind in sorted(TALKS):
    CALLED.add(Called(_kind, _called))
    FILLINGS.add(Filling(f"{_kind}.change_side", _as_it_is))
    FILLINGS.add(Filling(f"{_kind}.invite", _about))
for _step in ("plan", "call_off", "offer", "ask_kept", "write_side", "close"):
    FILLINGS.add(Filling(f"conference.{_step}", _with_care))
FILLINGS.add(Filling("mediation.not_suitable", _with_care))

COUNTERS.add(Counter("take_mediation", N_("Mediation")))
COUNTERS.add(Counter("quick_mediation", N_("Settled on the spot")))
COUNTERS.add(Counter("refer_conference", N_("Restorative conference")))
PANELS.add(
    Panel("talks_sides", "pages/desk/mediation/sides.html", panels.sides, kinds=TALKS, place=TOP,
          steps=("assign", "screen", "add_side", "invite", "change_side", "record_answer", "write_side",
                 "not_suitable")),
)  # fmt: skip
PANELS.add(
    Panel("talks_sessions", "pages/desk/mediation/sessions.html", panels.sessions, kinds=TALKS, place=TOP,
          steps=("plan", "meet", "hold", "call_off")),
)  # fmt: skip
PANELS.add(
    Panel("talks_agreement", "pages/desk/mediation/agreement.html", panels.agreement, kinds=TALKS, place=TOP,
          steps=("point", "strike", "offer", "accept", "ask_kept", "check", "again")),
)  # fmt: skip
PANELS.add(
    Panel("talks_notes", "pages/desk/mediation/notes.html", panels.own_notes, kinds=TALKS, place=MAIN,
          steps=("keep_note", "analyse")),
)  # fmt: skip
PANELS.add(
    Panel("talks_came_of_it", "pages/desk/mediation/came_of_it.html", panels.came_of_it,
          kinds=frozenset({"concern", "complaint"}), place=ASIDE),
)  # fmt: skip
PAPERS.add(Paper("my_talks", N_("Your part in the talks"), MEDIATION.slug, _has_part))
