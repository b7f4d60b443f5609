"""The background job of the studio: one run at a time, so that it takes one of the worker's places and no more."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(queue="studies", lock="studies", pass_context=False)
def run_study(run_id: int) -> None:
    """Carry out a run that somebody asked for."""
    from commonbeat.evidence.studies.running import carry_out

    carry_out(run_id)
