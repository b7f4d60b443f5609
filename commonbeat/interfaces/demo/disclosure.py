"""The demo's requests for public records: exemptions, one request that was released, and one under review."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commonbeat.cases.models import Case
from commonbeat.community.access import actor_for
from commonbeat.community.agency import local_day
from commonbeat.community.models import User
from commonbeat.core.actor import Actor
from commonbeat.interfaces.web.office.disclosure_paper import make_pdf
from commonbeat.journal import history
from commonbeat.publishing.records import actions
from commonbeat.publishing.records.bundle import release
from commonbeat.publishing.records.models import Exemption
from commonbeat.publishing.records.parts import SORTS

ANSWERS = "records.hana@demo.example"


def play_requests(folder: Path, *, now: dt.datetime) -> None:
    """Note the exemptions and requests of the file, in one transaction of the caller."""
    told = json.loads((folder / "records_requests.json").read_text(encoding="utf-8"))
    actor = actor_for(User.objects.get(email=ANSWERS), at=now)
    for row in told["exemptions"]:
        if not Exemption.objects.filter(code=row["code"]).exists():
            history.add(Exemption(), row | {"retired_at": None}, actor=actor, at=now)
    taken: set[int] = set()
    for row in told["requests"]:
        at = now - dt.timedelta(days=row["days_ago"])
        made = actions.open_request(
            {"requester": row["requester"], "contact": row["contact"], "text": row["text"], "asked_on": local_day(at),
             "due_on": local_day(now + dt.timedelta(days=row["due_in_days"]))},
            actor=actor, at=at,
        )  # fmt: skip
        cases = _cases(row, taken, actor)
        taken |= {case.pk for case in cases}
        actions.add_cases(made, cases, actor=actor, at=at)
        if row["released"]:
            for sort in SORTS:
                actions.accept(made, sort=sort, actor=actor, at=at + dt.timedelta(hours=3))
            release(made, pdf=make_pdf, say=str, actor=actor, at=at + dt.timedelta(hours=4))


def _cases(row: Mapping[str, Any], taken: set[int], actor: Actor) -> list[Case]:
    """The newest worked concerns of the demo's stories; imported requests hold no words."""
    rows = Case.objects.visible_to(actor).filter(kind="concern", state=row["state"]).exclude(channel="import")
    rows = rows.filter(category__sensitive=False, category__code__icontains=row["about"]).exclude(pk__in=taken)
    return list(rows.defer("search").order_by("-opened_at", "-pk")[: row["cases"]])
