"""`commonbeat bounces`: takes one returned mail, as a mail server pipes it, and marks what did not arrive."""

from __future__ import annotations

import sys

import click
from django.utils import timezone

from commonbeat.journal.bounces import NotABounce, note_bounce

MOST_BYTES = 10 * 1024 * 1024


@click.command()
def command() -> None:
    """Read one returned mail on standard input and mark its message as bounced.

    The timeline of the case then says that the reporter was not reached. In /etc/aliases of the mail server:
    commonbeat-bounces: "|commonbeat bounces". Mail that is no bounce is passed over with exit code 0, so that the mail
    server does not send it back.
    """
    mail = sys.stdin.buffer.read(MOST_BYTES)
    try:
        row = note_bounce(mail, at=timezone.now())
    except NotABounce as reason:
        click.echo(f"Nothing marked. {reason}")
        return
    click.echo(f"Marked delivery {row.pk} as bounced. {row.error}")
