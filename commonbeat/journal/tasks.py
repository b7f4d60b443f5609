"""Background jobs of the journal: sending what is due, sealing the chain."""

from __future__ import annotations

import contextlib
import datetime as dt
import time

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from commonbeat.journal.chain import make_seal
from commonbeat.journal.deliver import is_anything_due, send_due

GATHER_FOR = dt.timedelta(seconds=1)
"""Messages that are due now are gathered for so long and sent by one job."""


@app.task(queue="deliver", pass_context=False)
def send_messages() -> None:
    """Send a round of what is due now, and go on in a second when there is more.

    So a storm of reports becomes no storm at the mail server, and leaves the processors to those who report.
    """
    send_due(at=timezone.now(), rounds=1)
    if is_anything_due(at=timezone.now()):
        with contextlib.suppress(AlreadyEnqueued):
            send_messages.configure(schedule_in={"seconds": 1}, queueing_lock="sending goes on").defer()


_IS_AWAKE = """
SELECT EXISTS (
    SELECT FROM (SELECT task_name, status, scheduled_at FROM procrastinate_jobs ORDER BY id DESC LIMIT 16) AS newest
    WHERE task_name = %s AND status = 'todo' AND scheduled_at > now() + interval '0.3 seconds'
        AND scheduled_at <= now() + interval '1 second'), clock_timestamp()
"""
_SURELY = 0.7
"""For so many seconds after this process saw to a job, it need not look again."""
_awake_until = float("-inf")


def forget() -> None:
    """Look again the next time (tests)."""
    global _awake_until
    _awake_until = float("-inf")


def _remember(since: float) -> None:
    global _awake_until
    _awake_until = max(_awake_until, since + _SURELY)


def wake_sender(due_at: dt.datetime, *, at: dt.datetime) -> None:
    """Enqueue the sender in the running transaction, for now or for a later moment.

    One job a second is enough however many messages come, and it keeps intake fast: enqueuing notifies the worker,
    and PostgreSQL lets transactions that notify commit only one after another. A job that is about to start is not
    relied on; should this transaction outlast it all the same, the sweep sends the message within a minute.
    """
    if due_at > at:
        send_messages.configure(schedule_at=due_at).defer()
        return
    started = time.monotonic()
    if started < _awake_until:
        return
    with connection.cursor() as cursor:
        cursor.execute(_IS_AWAKE, [send_messages.name])
        awake, now = cursor.fetchone()
    if not awake:
        send_messages.configure(schedule_at=now + GATHER_FOR).defer()
        transaction.on_commit(lambda: _remember(started))


@app.periodic(cron="* * * * *")
@app.task(queue="deliver", pass_context=False)
def sweep(timestamp: int) -> None:
    """Every minute, send what a lost job or a crash left behind."""
    send_messages()


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", pass_context=False)
def seal(timestamp: int) -> None:
    """Every five minutes, seal the entries since the last seal."""
    while make_seal(at=timezone.now()):
        pass
