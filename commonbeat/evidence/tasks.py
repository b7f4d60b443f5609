"""Background jobs of evidence: an import, and counting measures again after one."""

from __future__ import annotations

import contextlib

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.core.actor import SYSTEM


@app.task(queue="evidence", lock="evidence", pass_context=False)
def import_incidents(import_id: int) -> None:
    """Import a file whose mapping somebody confirmed, in the name of whoever brought it in."""
    from commonbeat.evidence.actions import carry_out
    from commonbeat.evidence.models import IncidentImport

    brought = IncidentImport.objects.get(pk=import_id)
    if brought.state != IncidentImport.WAITING:
        return
    carry_out(import_id, actor=SYSTEM, at=timezone.now())


@app.task(queue="evidence", lock="evidence", pass_context=False)
def refresh_measures(source_id: int) -> None:
    """Count every measure of a source again, for each level of areas in use."""
    from commonbeat.evidence.observing import refresh_source

    refresh_source(source_id, at=timezone.now())


@app.task(queue="evidence", pass_context=False)
def count_look(look: str, measure: str, areas: str, first: str, last: str) -> None:
    """Count what a look needs and a page cannot wait for. Nothing is counted of a source that ended meanwhile."""
    import datetime as dt

    from commonbeat.evidence.areas import area_set
    from commonbeat.evidence.looks import Ask, CannotLook
    from commonbeat.evidence.looks.kept import count
    from commonbeat.evidence.measures import measure as find

    ask = Ask(find(measure), area_set(areas), dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    with contextlib.suppress(CannotLook):
        count(look, ask)


@app.periodic(cron="40 3 * * *")
@app.task(queue="evidence", lock="evidence", pass_context=False)
def refresh_own(timestamp: int) -> None:
    """Every night, count the measures of the product's own records."""
    from commonbeat.evidence.observing import refresh_records

    refresh_records(at=timezone.now())
