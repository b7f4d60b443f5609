"""Servers die in the middle of a storm of reports: what was acknowledged is there, once, and its mail leaves."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from commonbeat.core.ids import parse_reference
from tests.reliability.site import MailServer, Site, eventually

pytestmark = pytest.mark.chaos
REPORTS = 500
DEATHS = {60: "web process", 130: "database", 210: "worker", 290: "web", 370: "database", 440: "worker"}
"""How many reports were taken → what is killed then, without warning."""


def test_no_acknowledged_report_is_lost_or_doubled_while_everything_dies_in_turn(site: Site, mail: MailServer) -> None:
    taken: dict[uuid.UUID, str] = {}
    lock, deaths = threading.Lock(), dict(DEATHS)

    def send(number: int) -> None:
        client_id = uuid.uuid4()
        reference = site.report_until_taken(number, client_id)
        with lock:
            taken[client_id] = reference
            victim = next((deaths.pop(at) for at in sorted(deaths) if at <= len(taken)), None)
        if victim:
            site.kill(victim)

    with ThreadPoolExecutor(8) as residents:
        list(residents.map(send, range(REPORTS)))
    assert not deaths and len(taken) == REPORTS

    eventually(lambda: site.get("/") == 200)
    stored = dict(site.sql("SELECT client_id, id FROM cases_case"))
    assert stored == {client_id: parse_reference(reference) for client_id, reference in taken.items()}
    assert site.sql(
        "SELECT count(*) FROM cases_case c WHERE (SELECT count(*) FROM journal_entry e WHERE e.subject_kind = 'case' "
        "AND e.subject_id = c.id) <> 1 OR (SELECT count(*) FROM publishing_publiccase p WHERE p.case_id = c.id) <> 1 "
        "OR (SELECT count(*) FROM cases_participant p WHERE p.case_id = c.id) <> 1"
    ) == [(0,)]
    assert site.flaws() == "[]"
    _every_mail_leaves(site, mail)


def _every_mail_leaves(site: Site, mail: MailServer) -> None:
    """A dead worker keeps its claim for some minutes; here that time is made to pass."""
    site.stop()
    site.python(
        "import datetime as dt; from django.utils import timezone; from commonbeat.journal.deliver import send_due; "
        "send_due(at=timezone.now() + dt.timedelta(hours=2))"
    )
    assert set(mail.received) == {f"resident{number}@example.org" for number in range(REPORTS)}
    # A sender that dies between the mail server's yes and its own note sends that one mail again, and no other.
    again = sum(count - 1 for count in mail.received.values())
    assert again <= len(DEATHS) * 4, mail.received.most_common(5)
    site.run("database", "start")
    try:
        assert site.sql("SELECT state, count(*) FROM journal_delivery GROUP BY state") == [("sent", REPORTS)]
    finally:
        site.run("database", "stop")


def test_the_same_report_sent_by_eight_at_once_is_one_case_with_one_code(site: Site) -> None:
    client_id, gate = uuid.uuid4(), threading.Barrier(8)

    def send(_: int) -> tuple[int, str]:
        gate.wait()
        return site.report(1, client_id)

    with ThreadPoolExecutor(8) as residents:
        answers = list(residents.map(send, range(8)))
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert site.sql("SELECT count(*) FROM cases_case") == [(1,)]
    assert sum("copy-code" in page or 'id="return-code"' in page for _, page in answers) == 1
