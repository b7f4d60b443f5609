"""The demo's studies: a programme that never was, street lights, and one that is only planned."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

from commonbeat.community.access import actor_for
from commonbeat.community.models import User
from commonbeat.core.actor import Actor
from commonbeat.evidence.studies import actions, pages
from commonbeat.evidence.studies.models import Dataset, Run, Study
from commonbeat.evidence.studies.plan import Plan

ANALYST, PUBLISHER = "analyst.devi@demo.example", "sam@demo.example"


def load_studies(folder: Path, *, now: dt.datetime) -> None:
    """Play every study of the file, through the same verbs as the pages."""
    told = json.loads((folder / "studies.json").read_text(encoding="utf-8"))
    for study in told["studies"]:
        if not Study.objects.filter(title=study["title"]).exists():
            _play(study, folder, now=now)


def _actor(email: str, at: dt.datetime) -> Actor:
    return actor_for(User.objects.get(email=email), at=at)


def _play(told: dict[str, Any], folder: Path, *, now: dt.datetime) -> None:
    from commonbeat.evidence.studies.running import carry_out
    from commonbeat.evidence.studies.tables import read_table, write_table

    frozen_at = now - dt.timedelta(days=told["frozen_days_ago"])
    devi = _actor(ANALYST, now)
    names = {"outcome_name": told["outcome"], "unit_name": told["unit"], "period_name": told["period"]}
    whole = gzip.decompress((folder / "studies" / f"{told['table']}.csv.gz").read_bytes()).decode()
    panel = read_table(whole, **names)
    plan = Plan.from_dict(told["plan"])
    known = [n for n, label in enumerate(panel.periods) if label < plan.start or "newer_days_ago" not in told]
    past = panel.take(periods=[n for n in known if panel.periods[n] < plan.start])
    treated = _treated(told, panel.units, past.outcome)
    text = write_table(panel.take(periods=known))
    table = _table(text, told["title"], names, devi, frozen_at)
    study = actions.start_study(told["title"], dataset=table, actor=devi, at=frozen_at)
    wanted = Plan.from_dict(told["plan"] | {"treated": list(treated)})
    actions.save_plan(study, wanted, version=study.version, actor=devi, at=frozen_at)
    frozen = actions.freeze(study, reason="", version=study.version, actor=devi, at=frozen_at)
    if "newer_days_ago" in told:
        later = now - dt.timedelta(days=told["newer_days_ago"])
        newer = _table(whole, f"{told['title']} (whole)", names, devi, later)
        actions.set_data(study, newer, version=study.version, actor=devi, at=later)
    if told.get("dose"):
        actions.note_dose(study, told["dose"], version=study.version, actor=devi, at=now)
    if told.get("run") == "now":
        carry_out(Run.objects.create(plan=frozen, dataset=study.dataset, asked_by_id=devi.user_id, asked_at=now).pk)
    elif told.get("run") == "asked":
        actions.ask_run(frozen, dataset=study.dataset, actor=devi, at=now)
    if told.get("words"):
        page = pages.write_page(study, words=told["words"], version=0, actor=devi, at=now)
        if told["publish"]:
            pages.publish_page(page, version=page.version, actor=_actor(PUBLISHER, now), at=now)


def _table(text: str, name: str, names: dict[str, str], actor: Actor, at: dt.datetime) -> Dataset:
    return actions.add_table(text, name=name[:120], names=names, absent_is_zero=False, actor=actor, at=at)


def _treated(told: dict[str, Any], units: tuple[str, ...], counts: Any) -> tuple[str, ...]:
    """The areas of the programme: by how their names end, or the busiest ones of the last periods."""
    if "treated_ends_with" in told:
        return tuple(unit for unit in units if unit.endswith(told["treated_ends_with"]))
    wanted = told["hottest"]
    order = (-counts[:, -wanted["last"] :].sum(axis=1)).argsort(kind="stable")
    skip = wanted.get("skip", 0)
    return tuple(units[n] for n in order[skip : skip + wanted["count"]])
