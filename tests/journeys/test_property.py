"""A property concern at the desk: a notice with a day, the owner as a contact, a second look, an end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.categories import Category
from commonbeat.cases.escalation import escalate_overdue
from commonbeat.cases.models import Case, Participant, ResponseTemplate, Task
from commonbeat.cases.work_records import Inspection, Notice
from commonbeat.community.agency import close_of, local_day
from commonbeat.community.models import Holiday, Person
from commonbeat.community.reference import touch
from commonbeat.core.actor import SYSTEM
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import AccessLog, Delivery, Entry, OutboxMessage
from commonbeat.publishing import person_requests
from tests import make
from tests.conftest import City

SERVED = {
    "violations": "§ 7-28: rubbish behind the house", "owner_name": "Olive Owner", "owner_address": "9 Demo Rd",
    "owner_email": "olive@example.org", "owner_phone": "555-0142", "owner_language": "es", "how": "mailed",
    "tell": "on",
}  # fmt: skip
FOUND = {"text": "The yard was full.", "tell": "on"}


@pytest.fixture
def weeds(city: City) -> Category:
    """A category whose owners get a notice and three working days."""
    row = make.category("property", name="Property maintenance", procedures=["notice", "repeats"], cure_days=3)
    touch("categories")
    return row


@pytest.fixture
def outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "commonbeat.journal.channels.mail.OutboxBackend"


def _serve(client: Client, case: Case, **more: Any) -> Any:
    case.refresh_from_db()
    return client.post(f"/desk/{case.reference}/serve/", SERVED | {"version": case.version} | more)


def _look(client: Client, case: Case, **more: Any) -> Any:
    case.refresh_from_db()
    return client.post(f"/desk/{case.reference}/reinspect/", FOUND | {"version": case.version} | more)


def _page(client: Client, case: Case) -> str:
    return client.get(f"/desk/{case.reference}/").content.decode()


def test_a_notice_is_served_looked_at_extended_and_followed(
    city: City, weeds: Category, signed_in: Any, outbox: None
) -> None:
    opened = make.concern(weeds, email="rosa@example.org", told_by="email", at=timezone.now())
    case, omar = opened.case, signed_in(city.omar)
    url = f"/desk/{case.reference}/"
    omar.post(url + "assign/", {"version": 1, "user": city.omar.pk})
    form = omar.get(url + "?step=serve").content.decode()
    assert "What has to be put right" in form and 'value="es"' in form
    assert _serve(omar, case).status_code == 302

    case.refresh_from_db()
    notice = Notice.objects.get()
    day, days = local_day(timezone.now()), 0
    while days < 3:
        day += dt.timedelta(days=1)
        days += day.weekday() < 5
    assert notice.cure_on == day  # three working days of the category
    assert case.state == "curing" and case.due_at == close_of(day)
    assert case.clocks["respond"]["left"] is not None and case.clocks["acknowledge"]["met"]
    assert Task.objects.get(sort="reinspect").due_at == case.due_at
    assert "Due in" in omar.get("/desk/?view=mine").content.decode()
    assert "To be put right by the owner" in _page(omar, case)

    omar.post(url + "assign/", {"version": case.version, "user": city.omar.pk})
    case.refresh_from_db()
    assert case.state == "curing"  # who works it may change while the owner's days run

    later = local_day(timezone.now()) + dt.timedelta(days=30)
    no_reason = _look(omar, case, found="partly", next="extend", extend_to=later.isoformat())
    assert no_reason.status_code == 422 and "Write why the owner gets more time." in no_reason.content.decode()
    no_next = _look(omar, case, found="partly")
    assert no_next.status_code == 422 and "The yard was full." in no_next.content.decode()
    _look(omar, case, found="partly", next="extend", extend_to=later.isoformat(), reason="The skip comes late.")
    case.refresh_from_db()
    assert case.state == "curing" and case.due_at == close_of(later)
    assert Task.objects.filter(sort="reinspect", done_at=None).get().due_at == close_of(later)
    assert f"To be put right by {later}" in _page(omar, case)

    _look(omar, case, found="complied")
    case.refresh_from_db()
    assert case.state == "assigned" and case.clocks["respond"]["left"] is None and case.clocks["cure"]["met"]
    assert not Task.objects.filter(sort="reinspect", done_at=None).exists()
    omar.post(
        url + "resolve/", {"version": case.version, "outcome": "complied", "message": "It is tidy.", "tell": "on"}
    )
    case.refresh_from_db()
    assert case.outcome == "complied" and [i.found for i in Inspection.objects.order_by("id")] == ["partly", "complied"]

    send_due(at=(timezone.now() + dt.timedelta(days=1)).replace(hour=18))
    mails = "\n".join(
        f"{m.recipient} {m.subject} {m.body}" for m in OutboxMessage.objects.filter(recipient__contains="rosa")
    )
    assert "We told those responsible what to put right" in mails
    rosa = Client()
    visit = rosa.post("/return/", {"code": opened.code})
    seen = mails + rosa.get(visit["Location"]).content.decode()
    for private in ("Olive", "olive@example.org", "555-0142", "9 Demo Rd", "The yard was full", "The skip comes late"):
        assert private not in seen


def test_the_owner_is_a_contact_whose_opening_is_logged(city: City, weeds: Category, signed_in: Any) -> None:
    case, omar = make.concern(weeds).case, signed_in(city.omar)
    _serve(omar, case)
    owner = Participant.objects.get(role="owner")
    page = _page(omar, case)
    assert "<strong>Owner</strong>" in page and "Olive" not in page and "555-0142" not in page
    opened = omar.post(f"/desk/{case.reference}/people/{owner.pk}/contact/").content.decode()
    assert "Olive Owner" in opened and "9 Demo Rd" in opened
    assert AccessLog.objects.filter(subject_id=case.pk, user_id=city.omar.pk).count() == 1
    assert "Olive" not in str(list(Entry.objects.about("case", case.pk).values_list("data", "personal")))

    notice = Notice.objects.get()
    letter_url = f"/desk/{case.reference}/letter/"
    assert omar.get(letter_url)["Location"] == f"/desk/{case.reference}/"
    letter = omar.post(letter_url, {"notice": notice.pk})
    words = letter.content.decode()
    assert "Olive Owner" in words and "9 Demo Rd" in words and "rubbish behind the house" in words
    assert 'lang="es"' in words and "no-store" in letter["Cache-Control"]
    assert AccessLog.objects.filter(subject_id=case.pk, user_id=city.omar.pk).count() == 2
    assert omar.post(letter_url, {"notice": "the first"}).status_code == 404
    assert signed_in(city.olga).post(letter_url, {"notice": notice.pk}).status_code == 404  # another area's officer

    ResponseTemplate.objects.create(
        slug="notice", language="es", title="Aviso", steps=["serve"],
        body="Arregle hasta el {cure_on}: {violations}. {reference}",
    )  # fmt: skip
    own = omar.post(letter_url, {"notice": notice.pk}).content.decode()
    assert f"Arregle hasta el {notice.cure_on}: § 7-28" in own and case.reference in own


def test_the_owner_is_asked_by_a_link_and_answers_while_the_days_run(
    city: City, weeds: Category, signed_in: Any, outbox: None
) -> None:
    case, omar = (
        make.concern(weeds, at=timezone.now(), email="rosa@example.org", told_by="email").case,
        signed_in(city.omar),
    )
    url = f"/desk/{case.reference}/"
    early = omar.post(url + "ask/", {"version": 1, "whom": "owner", "question": "When?"})
    assert early.status_code == 422 and "No owner with an e-mail address is on this case." in early.content.decode()
    _serve(omar, case)
    case.refresh_from_db()
    asked = omar.post(url + "ask/", {"version": case.version, "whom": "owner", "question": "When does the skip come?"})
    assert asked.status_code == 302
    due = case.due_at
    case.refresh_from_db()
    assert case.state == "curing" and case.due_at == due
    send_due(at=(timezone.now() + dt.timedelta(days=1)).replace(hour=18))
    mail = OutboxMessage.objects.get(recipient="olive@example.org")
    link = next(word for word in mail.body.split() if "/answer/" in word)
    path = "/answer/" + link.split("/answer/")[1]
    olive = Client()
    shown = olive.get(path).content.decode()
    assert "When does the skip come?" in shown and case.text not in shown
    assert olive.post(path, {"text": "On Monday."}).status_code == 200
    case.refresh_from_db()
    assert case.state == "curing" and "On Monday." in _page(omar, case)

    reporter = Participant.objects.get(role="reporter")
    mine = [e for e in Entry.objects.about("case", case.pk) if e.audience == "reporter"]
    from commonbeat.interfaces.web.public.shown import show_timeline

    assert "skip" not in str(show_timeline(case, mine, reporter)) and "Monday" not in str(
        mine and show_timeline(case, mine, reporter)
    )
    nothing = omar.post(url + "answer/", {"version": case.version, "text": "They called."})
    assert nothing.status_code == 422 and "No question is open on this case." in nothing.content.decode()


def test_what_is_not_put_right_goes_to_a_supervisor_and_ends_with_a_citation(
    city: City, weeds: Category, signed_in: Any
) -> None:
    case, omar = make.concern(weeds, at=timezone.now()).case, signed_in(city.omar)
    _serve(omar, case)
    _look(omar, case, found="not", next="escalate")
    case.refresh_from_db()
    assert case.state == "assigned"
    told = Delivery.objects.get(template="staff_not_complied")
    assert told.recipient == city.sam.email
    assert "a supervisor decides" in _page(omar, case)
    signed_in(city.sam).post(
        f"/desk/{case.reference}/resolve/", {"version": case.version, "outcome": "cited", "message": "A citation."}
    )
    case.refresh_from_db()
    assert case.outcome == "cited"


def test_a_cure_day_that_passed_is_overdue_and_goes_to_the_supervisor(
    city: City, weeds: Category, signed_in: Any
) -> None:
    case, omar = make.concern(weeds, at=timezone.now()).case, signed_in(city.omar)
    _serve(omar, case)
    case.refresh_from_db()
    assert case.due_at
    escalate_overdue(at=case.due_at + dt.timedelta(hours=25))
    entry = Entry.objects.about("case", case.pk).get(verb="case.escalated")
    assert entry.data["clock"] == "cure"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"owner_name": "", "owner_address": "", "owner_email": "", "owner_phone": ""}, "Enter the owner&#x27;s name"),
        ({"owner_address": ""}, "Enter the address that the letter goes to."),
        ({"how": "email", "owner_email": ""}, "Enter the e-mail address that the notice goes to."),
        ({"owner_email": "olive"}, "Enter a whole e-mail address"),
        ({"cure_on": "2020-01-01"}, "Choose a day after today."),
        ({"cure_on": "soon"}, "Enter a day such as 2026-03-14."),
        ({"violations": ""}, "Answer this question."),
        ({"how": ""}, "Answer this question."),
    ],
)
def test_a_notice_that_cannot_be_served_keeps_what_was_typed(
    city: City, weeds: Category, signed_in: Any, wrong: dict[str, str], said: str
) -> None:
    case, omar = make.concern(weeds).case, signed_in(city.omar)
    answer = _serve(omar, case, **wrong)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page
    assert not Notice.objects.exists() and not Person.objects.exists()
    assert wrong.get("violations") == "" or "rubbish behind the house" in page


def test_a_second_notice_needs_no_second_owner_and_holidays_are_no_working_days(
    city: City, weeds: Category, signed_in: Any
) -> None:
    case, omar = make.concern(weeds).case, signed_in(city.omar)
    _serve(omar, case)
    first = Notice.objects.get()
    Holiday.objects.create(on=first.cure_on, name="Demo day")
    touch("holidays")
    none = dict.fromkeys(("owner_name", "owner_address", "owner_email", "owner_phone"), "")
    assert _serve(omar, case, how="posted", **none).status_code == 302
    second = Notice.objects.latest("id")
    assert second.owner == first.owner and second.cure_on > first.cure_on
    assert Participant.objects.filter(role="owner").count() == 1


def test_a_notice_can_be_taken_back(city: City, weeds: Category, signed_in: Any) -> None:
    case, omar = make.concern(weeds, at=timezone.now()).case, signed_in(city.omar)
    before = case.due_at
    _serve(omar, case)
    entry = Entry.objects.about("case", case.pk).latest("number")
    omar.post(f"/desk/{case.reference}/undo/", {"entry": entry.number})
    case.refresh_from_db()
    assert (case.state, case.due_at) == ("new", before)
    assert not Notice.objects.exists() and not Participant.objects.filter(role="owner").exists()


def test_what_is_held_on_an_owner_is_told_and_forgotten(city: City, weeds: Category, signed_in: Any) -> None:
    case, omar = make.concern(weeds).case, signed_in(city.omar)
    _serve(omar, case)
    held = person_requests.find(email="olive@example.org", reason="They asked", actor=SYSTEM, at=timezone.now())
    told = person_requests.export(held, actor=SYSTEM, at=timezone.now())
    assert told["persons"][0]["address"] == "9 Demo Rd" and told["cases"][0]["role"] == "owner"
    person_requests.erase(held, words=False, reason="They asked", actor=SYSTEM, at=timezone.now())
    person = Person.objects.get()
    assert (person.name, person.email, person.phone, person.address) == ("", "", "", "") and person.shredded_at
    letter = omar.post(f"/desk/{case.reference}/letter/", {"notice": Notice.objects.get().pk}).content.decode()
    assert "Olive" not in letter and "rubbish behind the house" in letter
