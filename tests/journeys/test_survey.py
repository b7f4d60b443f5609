"""A security survey: a walk with the checklist, findings and advice, the list for the resident, what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import Report, open_case
from commonbeat.cases.models import Case, CaseFile, Task
from commonbeat.community.access import make_link
from commonbeat.community.agency import local_day
from commonbeat.core.actor import ANONYMOUS
from commonbeat.journal.models import AccessLog, Delivery, Entry
from commonbeat.kinds.service.models import Finding, Survey
from tests import make
from tests.conftest import City
from tests.journeys.test_field_report import Desk
from tests.reading_pdf import text_of

WALK = {
    "walked_at": "2026-03-10T08:30", "q_sightlines": "good", "q_lighting": "mend", "q_locks": "mend",
    "q_parking": "none",
}  # fmt: skip


@pytest.fixture
def desk(city: City, signed_in: Any) -> Desk:
    """Omar with a shop that asked for a check."""
    category = make.category("security-check", name="Security check", kind="service", procedures=["survey"])
    report = Report(
        category_id=category.pk, text="Somebody tried my back door.", lat=41.90, long=-87.70,
        address="100 N State St", email="rosa@example.org", told_by="email",
    )  # fmt: skip
    return Desk(signed_in(city.omar), open_case("service", report, actor=ANONYMOUS, at=timezone.now()).case)


def test_a_walk_becomes_findings_advice_a_list_and_a_task_to_ask(city: City, desk: Desk) -> None:
    assert "Nobody has walked through yet." in desk.page()
    form = desk.page("?step=survey")
    assert "Doors, walks and parking are lit at night" in form and "Could be safer" in form
    desk.refused("survey", "Answer at least one question", walked_at="2026-03-10T08:30")
    photo = SimpleUploadedFile("door.jpg", make.photo(), "image/jpeg")
    desk.done("survey", **WALK, photos=[photo])
    assert [(row.question, row.severity) for row in Finding.objects.order_by("pk")] == [
        ("lighting", "medium"), ("locks", "medium"),
    ]  # fmt: skip
    assert CaseFile.objects.count() == 1
    locks = Finding.objects.get(question="locks")
    filled = desk.page(f"?step=advise&finding={locks.pk}")
    assert "three-inch screws" in filled
    desk.done("advise", finding=locks.pk, severity="high", seen="One screw holds it.", advice="A deadbolt this week.")
    desk.done("add_finding", topic="activity", severity="low", advice="Stay open until eight.")
    page = desk.page()
    assert "Not so yet: Doors, walks and parking are lit at night" in page
    assert "High: do it first" in page and "0 of 3 done, 3 not known yet." in page and "Natural surveillance" in page

    desk.done("hand_list", message="Here is your list.", tell="on")
    task = Task.objects.get(sort="survey")
    assert task.due_at and local_day(task.due_at) >= timezone.localdate() + dt.timedelta(days=90)
    assert Delivery.objects.filter(recipient="rosa@example.org", template="progress").count() == 1
    desk.done("resolve", outcome="advice", message="You have our advice.")
    assert Task.objects.get(pk=task.pk).done_at is None, "somebody still asks what came of it"
    assert desk.case.closed_at

    for number, row in enumerate(Finding.objects.order_by("pk")):
        desk.done("follow_up", finding=row.pk, state="done" if number else "not_done", note="Seen today.")
    assert "2 of 3 done, 0 not known yet." in desk.page() and Task.objects.get(pk=task.pk).done_at


def test_a_second_walk_keeps_what_was_written_and_takes_off_what_is_good_now(city: City, desk: Desk) -> None:
    desk.done("survey", **WALK)
    locks = Finding.objects.get(question="locks")
    desk.done("advise", finding=locks.pk, severity="high", advice="A deadbolt this week.")
    desk.done("survey", **WALK | {"q_lighting": "good", "q_fence": "mend"})
    assert {row.question: row.advice for row in Finding.objects.all()}["locks"] == "A deadbolt this week."
    assert set(Finding.objects.values_list("question", flat=True)) == {"locks", "fence"}
    assert Survey.objects.get().answers["lighting"] == "good"


def test_the_list_for_the_resident_is_a_tagged_document_in_their_language(
    city: City, signed_in: Any, desk: Desk
) -> None:
    assert desk.client.get(f"{desk.url}survey.pdf").status_code == 404, "nobody walked through yet"
    desk.done("survey", **WALK)
    read = text_of(desk.client.get(f"{desk.url}survey.pdf").content)
    whole = read.text.replace(" ", "")
    assert read.tagged and read.language == "en" and "Putalightwithamotionsensorwhereitisdark." in whole
    assert "Doorsandwindowscanbeseen" in whole and "noguarantee" in whole
    assert AccessLog.objects.filter(reason="security survey").count() == 1
    desk.case.language = "es"
    desk.case.save(update_fields=["language"])
    assert text_of(desk.client.get(f"{desk.url}survey.pdf").content).language == "es"
    assert signed_in(city.olga).get(f"{desk.url}survey.pdf").status_code == 404
    assert signed_in(city.pat).get(f"{desk.url}survey.pdf").status_code == 404


def test_only_categories_that_call_for_it_have_the_checklist(city: City, signed_in: Any) -> None:
    watch = make.category("watch", name="Watch", kind="service")
    report = Report(category_id=watch.pk, text="We are away.", area_id=city.north.pk)
    desk = Desk(signed_in(city.omar), open_case("service", report, actor=ANONYMOUS, at=timezone.now()).case)
    assert "Security survey" not in desk.page()
    desk.refused("survey", "not a part of how this category is worked", **WALK)
    desk.done("visit", visited_at="2026-03-10T20:00", found="open_door")
    assert "A door or window was open" in desk.page()


def ordered(desk: Desk, **more: Any) -> Case:
    """The work order out of the finding on light."""
    desk.done("survey", **WALK)
    finding = Finding.objects.get(question="lighting")
    desk.done("order", finding=finding.pk, sort="dark", text="Mend the lamp in the alley.", **more)
    finding.refresh_from_db()
    assert finding.order
    return finding.order


def test_a_finding_becomes_a_work_order_whose_end_comes_back_to_the_survey(
    city: City, signed_in: Any, desk: Desk
) -> None:
    photo = SimpleUploadedFile("dark.jpg", make.photo("black"), "image/jpeg")
    order = ordered(desk, team=city.team.pk, photos=[photo])
    assert (order.kind, order.state, order.team) == ("observation", "standing", city.team)
    assert order.hazard.harm == "medium" and order.hazard.charge == "city" and order.address == "100 N State St"
    assert order.files.count() == 1 and desk.case.files.count() == 0
    page = desk.page()
    assert order.reference in page and "Before, photo 1" in page and "No photo yet." in page
    works = Desk(desk.client, order)
    assert desk.case.reference in works.page(), "linked both ways"
    again = {"finding": Finding.objects.get(order=order).pk, "sort": "dark", "text": "Again.", "agency": "Streets"}
    desk.refused("order", "There is a work order for this already", **again)

    desk.done("hand_list", message="Here is your list.")
    waits = Task.objects.get(sort="survey", done_at=None)
    assert waits.due_at and waits.due_at > timezone.now() + dt.timedelta(days=80)
    works.done("clear", how="mended", photos=[SimpleUploadedFile("lit.jpg", make.photo("yellow"), "image/jpeg")])
    page = desk.page()
    assert "It ended" in page and "Put right" in page and "After, photo 1" in page and "Before, photo 1" in page
    waits.refresh_from_db()
    assert waits.due_at < timezone.now() + dt.timedelta(days=5), "somebody looks soon whether it holds"
    works.done("reopen", reason="It flickers.")
    assert "It ended" not in desk.page()
    works.done("clear", how="mended")
    assert Task.objects.filter(sort="survey", done_at=None).count() == 1


def test_a_work_order_for_another_agency_is_noted_as_handed_over(city: City, desk: Desk) -> None:
    order = ordered(desk, agency="Street lighting", their_reference="SL-1")
    assert order.state == "handed" and order.detail("agency_responsible") == "Street lighting"
    assert Entry.objects.get(subject_id=order.pk, verb="case.hand_over").data["their_reference"] == "SL-1"
    desk.done("resolve", outcome="advice", message="You have our advice.")
    Desk(desk.client, order).done("clear", how="gone")
    task = Task.objects.get(sort="survey", done_at=None)
    assert task.case == desk.case and task.owner == city.omar, "asked also when the request is closed"


def test_a_work_order_needs_somebody_and_says_nothing_about_people(city: City, desk: Desk) -> None:
    desk.done("survey", **WALK)
    asked = {"finding": Finding.objects.get(question="lighting").pk, "sort": "dark"}
    desk.refused("order", "Choose who gets it", text="Mend the lamp.", **asked)
    page = desk.refused("order", "Leave out", text="Call Rosa Resident on 312-555-0144.", agency="Streets", **asked)
    assert "Call Rosa Resident" in page
    assert (
        not Case.objects.filter(kind="observation").exists() and Finding.objects.get(question="lighting").order is None
    )


def test_who_asked_for_the_check_has_the_list_behind_their_own_link_once_it_was_given(
    city: City, client: Client, desk: Desk
) -> None:
    reporter = desk.case.participants.get(role="reporter")
    token = make_link("visit", subject=("participant", reporter.pk), at=timezone.now(), valid_for=dt.timedelta(hours=1))
    mine, paper = f"/my/{token}/", f"/my/{token}/{desk.case.reference}/survey.pdf"
    desk.done("survey", **WALK)
    assert paper not in client.get(mine).content.decode() and client.get(paper).status_code == 404
    desk.done("hand_list", message="Here is your list.")
    assert paper in client.get(mine).content.decode()
    answer = client.get(paper)
    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    assert "motionsensor" in text_of(answer.content).text.replace(" ", "")
    other = make.concern(city.noise).case
    assert client.get(f"/my/{token}/{other.reference}/survey.pdf").status_code == 404
    assert client.get(f"/my/nonsense/{desk.case.reference}/survey.pdf").status_code in (404, 410)
