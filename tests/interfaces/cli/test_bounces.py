"""Mail that came back is put on the timeline, and only that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result

from commonbeat.cases.models import Case
from commonbeat.interfaces.cli.bounces import command
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City

Run = Callable[..., Result]

REPORT = """From: MAILER-DAEMON@mail.example.org
To: commonbeat@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; rosa@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <rosa@example.org>: Recipient address rejected

--b
Content-Type: {kind}

From: commonbeat@example.org
To: rosa@example.org
Subject: We have your report
Message-ID: <delivery-{number}@127.0.0.1>

{body}
--b--
"""


def bounce(number: int, *, action: str = "failed", status: str = "5.1.1", kind: str = "message/rfc822") -> bytes:
    body = "Thank you\n" if kind == "message/rfc822" else ""
    return REPORT.format(number=number, action=action, status=status, kind=kind, body=body).encode()


@pytest.fixture
def delivery(city: City) -> Delivery:
    make.concern(city.noise, email="rosa@example.org", told_by="email")
    Delivery.objects.update(state="sent", sent_at=make.NOW)
    return Delivery.objects.get()


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_returned_mail_marks_its_message_once(delivery: Delivery, run: Run, kind: str) -> None:
    for _ in range(2):
        assert run(command, stdin=bounce(delivery.pk, kind=kind)).exit_code == 0
    delivery.refresh_from_db()
    assert delivery.state == "bounced" and delivery.person is not None and delivery.person.email_bounced_at
    told = Entry.objects.get(verb="delivery.bounced")
    assert (told.subject_kind, told.subject_id) == ("case", Case.objects.get().pk)
    assert "rosa@example.org" not in str(told.data)


@pytest.mark.parametrize(
    "mail",
    [
        bounce(1, action="delayed", status="4.4.1"), bounce(1, action="delivered", status="2.0.0"),
        b"Subject: Re: your report\nIn-Reply-To: <delivery-1@127.0.0.1>\n\nThank you!", b"", b"\x00\xff" * 50,
    ],
    ids=["delayed", "delivered", "an answer", "nothing", "rubbish"],
)  # fmt: skip
def test_everything_else_marks_nothing_and_is_not_sent_back(delivery: Delivery, run: Run, mail: bytes) -> None:
    result = run(command, stdin=mail.replace(b"delivery-1@", f"delivery-{delivery.pk}@".encode()))
    assert result.exit_code == 0 and result.output.startswith("Nothing marked.")
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_a_message_that_is_not_ours_is_passed_over(delivery: Delivery, run: Run) -> None:
    assert "There is no delivery 999999" in run(command, stdin=bounce(999999)).output
