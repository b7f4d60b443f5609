"""The background job of observations: every night, those that nobody looks at leave the register."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.kinds.observation.actions import expire_observations


@app.periodic(cron="37 4 * * *")
@app.task(queue="upkeep", pass_context=False)
def let_observations_run_out(timestamp: int) -> None:
    """What nobody looked at for so long is not known any more."""
    expire_observations(at=timezone.now())
