"""What the desk shows of a tip besides its words: how it was judged, what it became, how long it lives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.community.places import places
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Choice
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.panels import PANELS, SOURCES, TOP, Panel, Source
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.interfaces.web.forms import Options, label_of
from commonbeat.interfaces.web.tip.disclosing import SOON
from commonbeat.kinds.tip.effects import CREDIBILITY, PRIORITIES
from commonbeat.kinds.tip.reward import OFFERED, PAID, TAKEN


def _areas(case: Case) -> Options:
    """Every area; the tip's own first."""
    return sorted(((area.pk, area.name) for area in places().serving), key=lambda row: row[0] != case.area_id)


def _label(choices: tuple[Choice, ...], key: str, language: str) -> str:
    return next((label_of(choice, language) for choice in choices if choice.key == key), "")


REWARDS = {OFFERED: N_("offered"), TAKEN: N_("its code was taken"), PAID: N_("paid")}


def _reward(case: Case) -> str:
    held = case.detail("reward")
    return f"{held['amount']} ({gettext(REWARDS[held['state']])})" if held else ""


def _disclosed(story: Story, actor: Actor, at: dt.datetime) -> str:
    """To whom this reader just recorded a disclosure: they may take the file now."""
    mine = [e for e in story.entries if e.verb == "case.disclose" and e.actor_id == actor.user_id]
    return str(mine[-1].data["agency"]) if mine and mine[-1].at > at - SOON else ""


def words(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any]:
    """The state of a tip in words."""
    case = story.case
    wants_end, review = case.detail("wants_end"), case.detail("review_on")
    return {
        "priority": _label(PRIORITIES, case.detail("priority", ""), shown.language),
        "urgent": case.detail("priority") == "urgent",
        "credibility": _label(CREDIBILITY, case.detail("credibility", ""), shown.language),
        "wants_end": shown.local(dt.datetime.fromisoformat(wants_end)) if wants_end else "",
        "became": [reference(e.data["child"]) for e in story.entries if e.verb == "case.promote" and "child" in e.data],
        "numbers": [
            (e.personal or {}).get("number", "") for e in story.entries
            if e.verb == "case.promote" and e.data.get("target") == "records"
        ],
        "review": dt.date.fromisoformat(review) if review else None,
        "gone_on": case.dispose_on,
        "file_for": _disclosed(story, actor, shown.at),
        "reward": _reward(case),
        "written": sum(1 for e in story.entries if e.actor_sort == "reporter" and e.verb == "case.write"),
    }  # fmt: skip


SOURCES.add(Source("tip_area", _areas))
PANELS.add(
    Panel(
        "tip", "pages/desk/tip.html", words, kinds=frozenset({"tip"}), place=TOP,
        steps=("triage", "promote", "review"),
    )
)  # fmt: skip
