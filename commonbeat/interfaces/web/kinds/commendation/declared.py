"""The lists that the steps of a commendation choose from, and the words that approving it starts with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.models import Case
from commonbeat.community.models import User
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.bar import PAGES, Page
from commonbeat.interfaces.web.desk.counter import COUNTERS, Counter
from commonbeat.interfaces.web.desk.panels import FILLINGS, SOURCES, Filling, Source
from commonbeat.interfaces.web.forms import Options


def _people(case: Case) -> Options:
    rows = User.objects.active().filter(grants__isnull=False).distinct().order_by("name")
    return [(pk, f"{name}, {badge}" if badge else name) for pk, name, badge in rows.values_list("pk", "name", "badge")]


def _words(case: Case, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was written, to be mended before it stands on a file; public only where its sender agreed."""
    return {"words": case.text, "public": bool((case.detail("answers") or {}).get("thanks_public"))}


SOURCES.add(Source("officers", _people))
FILLINGS.add(Filling("commendation.approve", _words))
COUNTERS.add(Counter("take_commendation", N_("Thanks for somebody")))
PAGES.add(Page("commendations", N_("Commendations"), "commendations"))
