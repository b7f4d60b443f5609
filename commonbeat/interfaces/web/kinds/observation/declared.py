"""Declares what the desk shows of observations: the hazard of a case, and the hazards near every case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from commonbeat.cases.models import Case
from commonbeat.cases.story import Story
from commonbeat.community.agency import local_day
from commonbeat.community.models import Organisation
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.bar import PAGES, Page
from commonbeat.interfaces.web.desk.counter import COUNTERS, Counter
from commonbeat.interfaces.web.desk.panels import ASIDE, FILLINGS, PANELS, SOURCES, TOP, Filling, Panel, Source
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.interfaces.web.forms import Options
from commonbeat.kinds.observation.models import Hazard
from commonbeat.kinds.observation.register import near_case
from commonbeat.kinds.observation.vocabulary import CHARGES, HARMS, SORTS, label

TONES = {"high": "problem", "medium": "waiting", "low": "neutral"}


def hazard_words(hazard: Hazard, *, today: dt.date) -> dict[str, Any]:
    """One hazard in words."""
    return {
        "reference": hazard.case.reference, "sort": gettext(label(SORTS, hazard.sort)),
        "harm": gettext(label(HARMS, hazard.harm)), "tone": TONES.get(hazard.harm, "neutral"),
        "high": hazard.harm == "high",
        "charge": gettext(label(CHARGES, hazard.charge)), "where": hazard.case.address, "text": hazard.case.text,
        "seen_on": hazard.seen_on, "recheck_on": hazard.recheck_on, "expires_on": hazard.expires_on,
        "confirmed": hazard.confirmed_at is not None,
        "late": hazard.case.closed_at is None and hazard.recheck_on < today,
    }  # fmt: skip


def own(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """The hazard of this case."""
    hazard = Hazard.objects.filter(case_id=story.case.pk).select_related("owner").first()
    if hazard is None:
        return None
    hazard.case = story.case
    found = hazard_words(hazard, today=local_day(shown.at))
    return found | {"owner": hazard.owner.name if hazard.owner else "", "closed": story.case.closed_at is not None}


def near(story: Story, actor: Actor, shown: Words) -> Mapping[str, Any] | None:
    """What stands near the place of this case; no panel where nothing does."""
    rows = [
        {
            "reference": reference(one.number), "sort": gettext(label(SORTS, one.sort)), "where": one.where,
            "harm": gettext(label(HARMS, one.harm)), "high": one.harm == "high", "seen_on": one.seen_on,
        }
        for one in near_case(story.case, actor=actor)
    ]  # fmt: skip
    return {"rows": rows, "pointed": story.case.lat is not None} if rows else None


def organisations(case: Case) -> Options:
    """Organisations that we know."""
    return list(Organisation.objects.filter(retired_at=None).order_by("name").values_list("pk", "name"))


def sorts(case: Case) -> Options:
    """What can be wrong with a place."""
    return [(one.key, gettext(one.label)) for one in SORTS]


def as_it_stands(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The hazard as it was judged last."""
    hazard = Hazard.objects.filter(case_id=case.pk).first()
    if hazard is None:
        return {}
    return {"harm": hazard.harm, "charge": hazard.charge, "organisation": hazard.owner_id or ""}


PANELS.add(
    Panel(
        "observation", "pages/desk/observation/hazard.html", own, kinds=frozenset({"observation"}), place=TOP,
        steps=("confirm", "look", "hand_over", "clear", "reopen"),
    )
)  # fmt: skip
PANELS.add(Panel("hazards_nearby", "pages/desk/observation/near.html", near, readers=INSIDERS, place=ASIDE))
SOURCES.add(Source("observation_organisation", organisations))
SOURCES.add(Source("hazard_sort", sorts))
for _step in ("confirm", "look"):
    FILLINGS.add(Filling(f"observation.{_step}", as_it_stands))
COUNTERS.add(Counter("observation_new", N_("Observation of a place")))
PAGES.add(Page("hazards", N_("Hazards"), "hazards"))
