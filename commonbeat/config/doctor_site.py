"""What the doctor looks at once settings can be read: database, mail, worker, address, sign-in, languages, town."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from commonbeat.config import database as databases
from commonbeat.config.doctor import Examination, Said

OLDEST_POSTGRES = 160000
MAIL_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 4
SKEW = dt.timedelta(seconds=5)
WORKER_SILENT = dt.timedelta(minutes=5)


def database() -> Iterator[Said]:
    """The database answers, is new enough, and has this version's tables."""
    try:
        cluster = databases.embedded()
        if cluster is not None and not cluster.is_running():
            yield Said("fail", "The embedded database does not run. Start the product: commonbeat serve")
            return
        with psycopg.connect(
            databases.database_url(), connect_timeout=CONNECT_TIMEOUT_S
        ) as probe:  # no pool: no retries
            row = probe.execute(
                "SELECT current_setting('server_version_num')::int, current_setting('server_version')"
            ).fetchone()
            number, version = row or (0, "")
    except (psycopg.Error, databases.DatabaseUnavailable) as error:
        first = next(iter(str(error).strip().splitlines()), "no reason given").rstrip(".")
        yield Said("fail", f"The database does not answer: {first}. Start it, or correct DATABASE_URL.")
        return
    if number < OLDEST_POSTGRES:
        yield Said("fail", f"PostgreSQL {version} is too old. Use 16 or newer.")
        return
    yield Said("ok", f"PostgreSQL {version} answers ({'embedded' if cluster else 'DATABASE_URL'}).")
    yield from _migrations()


def _migrations() -> Iterator[Said]:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield Said(
            "fail",
            f"The database lacks {len(missing)} changes of this version. Make a backup, then run: commonbeat migrate",
        )
    else:
        yield Said("ok", "The tables are up to date.")


def clock() -> Iterator[Said]:
    """This machine and the database agree on the time, and the journal does not come from the future."""
    from commonbeat.journal.models import Entry

    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        there = cursor.fetchone()[0]
        after = timezone.now()
    if not before - SKEW <= there <= after + SKEW:
        yield Said(
            "fail", f"The clocks of this machine and the database differ by {abs(there - after)}. Set up NTP on both."
        )
        return
    newest = Entry.objects.order_by("-pk").values_list("at", flat=True).first()
    if newest and newest > after + dt.timedelta(hours=1):
        yield Said(
            "fail", f"The journal's newest entry is of {newest:%Y-%m-%d %H:%M} UTC, in the future. Was the clock wrong?"
        )
    else:
        yield Said("ok", "The clocks agree.")


def worker() -> Iterator[Said]:
    """Background work is done: something looked for messages within the last minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        beat = cursor.fetchone()[0]
    if beat and timezone.now() - beat < WORKER_SILENT:
        yield Said("ok", "The worker is alive.")
    else:
        since = f"since {beat:%Y-%m-%d %H:%M} UTC" if beat else "yet"
        yield Said(
            "fail",
            f"No worker has been at work {since}: nobody is told anything. Start it: commonbeat worker (or serve)",
        )


def messages() -> Iterator[Said]:
    """Messages are not piling up."""
    from commonbeat.journal.models import Delivery

    late = Delivery.objects.filter(state__in=["pending", "sending"], next_at__lt=timezone.now() - dt.timedelta(hours=1))
    if count := late.count():
        yield Said("warn", f"{count} messages wait for more than an hour. See what the mail server says.")


def mail() -> Iterator[Said]:
    """The mail server can be spoken to."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield Said("ok", "Mail is kept on the outbox page (demo), not sent.")
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=MAIL_TIMEOUT_S) as server:
            if settings.EMAIL_USE_TLS:
                server.starttls()
            if settings.EMAIL_HOST_USER:
                server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            server.noop()
    except smtplib.SMTPAuthenticationError:
        yield Said(
            "fail",
            f"The mail server {where} refuses the password. Check COMMONBEAT_SMTP_USER and COMMONBEAT_SMTP_PASSWORD.",
        )
    except (OSError, smtplib.SMTPException) as error:
        yield Said(
            "fail",
            f"The mail server {where} cannot be used ({error}). Check COMMONBEAT_SMTP_HOST and COMMONBEAT_SMTP_PORT.",
        )
    else:
        yield Said("ok", f"The mail server {where} answers.")


def address() -> Iterator[Said]:
    """The public address is one that residents can use safely."""
    parts = urlsplit(settings.SITE_URL)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.scheme or not parts.hostname:
        yield Said("fail", f"COMMONBEAT_URL is “{settings.SITE_URL}”. Write it like https://concerns.example.org.")
        return
    if local and not settings.DEMO:
        yield Said(
            "warn", f"The public address is {settings.SITE_URL}: links in mail lead nowhere. Set COMMONBEAT_URL."
        )
    elif parts.scheme != "https" and not local:
        yield Said(
            "fail", f"{settings.SITE_URL} is not encrypted. Set up https and COMMONBEAT_URL=https://{parts.netloc}."
        )
    else:
        yield Said("ok", f"Public address {settings.SITE_URL}.")
    if parts.hostname not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        yield Said("fail", f"COMMONBEAT_HOSTS does not name {parts.hostname}: every page would be refused. Add it.")
    if settings.DEBUG:
        yield Said("fail", "COMMONBEAT_DEBUG is on: errors show the inside of the product to everybody. Unset it.")


def sign_in() -> Iterator[Said]:
    """Staff need a second factor, and somebody can administer."""
    from commonbeat.community.models import User

    if settings.MFA_REQUIRED:
        yield Said("ok", "Staff sign in with a second factor.")
    elif settings.DEMO:
        yield Said("warn", "This is the demo: staff sign in without a second factor. Never put real reports into it.")
    else:
        yield Said("fail", "Staff sign in with a password alone. Unset COMMONBEAT_MFA.")
    if not User.objects.holding("admin").exists():
        yield Said("fail", "Nobody can administer. Run: commonbeat user create you@example.org --role admin")


def languages() -> Iterator[Said]:
    """Every language has its translations, and every category its words in them."""
    from commonbeat.cases.categories import categories

    for code, name in settings.LANGUAGES:
        folder = settings.LOCALE_PATHS[0] / code / "LC_MESSAGES"
        if code != "en" and not (folder / "django.mo").exists():
            yield Said("warn", f"The translation into {name} is not compiled. Run: commonbeat messages")
        lacking = [
            known.row.code
            for known in categories().values()
            if known.row.retired_at is None and code not in known.texts
        ]
        if lacking:
            some = ", ".join(lacking[:3]) + (" …" if len(lacking) > 3 else "")
            yield Said("warn", f"{len(lacking)} categories have no words in {name}: {some} Add them in the office.")
    yield Said("ok", f"Languages: {', '.join(name for _, name in settings.LANGUAGES)}.")


def town() -> Iterator[Said]:
    """The department has a name, a map and categories, so that a concern can be reported."""
    from commonbeat.cases.categories import offered
    from commonbeat.community.models import Agency
    from commonbeat.community.places import places

    agency = Agency.objects.first()
    if agency is None:
        yield Said("warn", "The department has no name yet. An administrator sets it in the office, under agency.")
    elif not agency.non_emergency_number:
        yield Said("warn", "There is no number for calls that are no emergency. Set it in the office, under agency.")
    serving = len(places().serving)
    if serving:
        yield Said("ok", f"Concerns are filed under {serving} areas.")
    else:
        yield Said(
            "warn",
            "No area serves: nobody is responsible by place. Run: commonbeat import areas FILE --level beat --serves",
        )
    if count := len(offered()):
        yield Said("ok", f"{count} categories are offered.")
    else:
        yield Said(
            "fail", "There is no category, so nobody can report anything. Run: commonbeat import categories FILE"
        )


LATE: tuple[tuple[Examination, bool], ...] = (
    (clock, True), (worker, True), (messages, True), (mail, False), (address, False), (sign_in, True),
    (languages, True), (town, True),
)  # fmt: skip
"""The examinations in order, and whether they need the database."""
