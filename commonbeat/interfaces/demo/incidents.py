"""The demo's incidents: real ones of the city, imported as an analyst would, and counted."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from django.utils import timezone
from rich.console import Console

from commonbeat.core.actor import SYSTEM
from commonbeat.evidence.actions import add_source
from commonbeat.evidence.models import CountedMeasure, IncidentSource
from commonbeat.evidence.observing import refresh_all
from commonbeat.interfaces.cli.import_.incidents import file_from_path, progress_bar
from commonbeat.journal import history

DISCLAIMER = (
    "This site provides applications using data that has been modified for use from its original source, "
    "www.cityofchicago.org, the official website of the City of Chicago. The City of Chicago makes no claims as to the "
    "content, accuracy, timeliness, or completeness of any of the data provided at this site. The data provided at "
    "this site is subject to change at any time. It is understood that the data provided at this site is being used at "
    "one's own risk."
)


def load_incidents(folder: Path, *, small: bool, console: Console) -> None:
    """Import the files with their bars, and count the measures. The small demo takes the smallest file only."""
    at = timezone.now()
    plans = json.loads((folder / "incidents.json").read_text(encoding="utf-8"))
    with progress_bar(console) as progress:
        for plan in plans[-1:] if small else plans:
            source = IncidentSource.objects.filter(slug=plan["slug"]).first() or _source(plan, at=at)
            file_from_path(source, folder / plan["file"], plan["mapping"], at=at, progress=progress)
    refresh_all(at=at)


def _source(plan: dict[str, object], *, at: dt.datetime) -> IncidentSource:
    source = add_source(
        name=str(plan["name"]), noun=str(plan["noun"]), slug=str(plan["slug"]), notice=DISCLAIMER, actor=SYSTEM, at=at
    )
    main = CountedMeasure.objects.get(slug=plan["slug"])
    history.change(main, {"says": plan["says"], "public": plan["public"]}, actor=SYSTEM, at=at)
    for more in plan["measures"]:  # type: ignore[attr-defined]
        history.add(CountedMeasure(), {**more, "source": source.pk}, actor=SYSTEM, at=at)
    return source
