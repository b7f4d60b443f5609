"""Joint projects with partners, phases and permits, and after-action reviews, on the mechanism of problems."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from commonbeat.cases.models import Case, Task
from commonbeat.community.agency import close_of
from commonbeat.community.models import Organisation
from commonbeat.journal.models import Entry
from commonbeat.kinds.problem.models import Action, Assessment, Permit, Problem
from commonbeat.publishing.models import Publication
from tests import make
from tests.conftest import City
from tests.journeys.test_concern_resident import newest_link
from tests.journeys.test_problem import NOW, Desk
from tests.reading_pdf import text_of

TODAY = NOW.astimezone(ZoneInfo("America/Chicago")).date()
PROJECT = {
    "title": "A square to meet on", "text": "The empty corner becomes a small square with benches.", "type": "space",
    "goals": "Neighbours meet there.",
}  # fmt: skip
BACK = {
    "carried_out": "yes", "process": "Six benches, two trees.", "result": "Families sit there each evening.",
    "grade": "reached", "lessons": "Ask who waters the trees first.",
}  # fmt: skip


def _day(days: int) -> str:
    return (TODAY + dt.timedelta(days=days)).isoformat()


@pytest.fixture
def park(city: City) -> Organisation:
    """A partner."""
    return Organisation.objects.create(name="Park District", email="park@example.org")


def _project(city: City, client: Any, **more: Any) -> Desk:
    answer = client.post("/desk/projects/new/", PROJECT | {"area": city.north.pk} | more)
    assert answer.status_code == 302, answer.content.decode()
    return Desk(client, Case.objects.filter(kind="project").latest("pk"))


def _planned(desk: Desk, park: Organisation) -> Action:
    desk.done("add_partner", organisation=park.pk, role="response")
    desk.done("agree")
    desk.done("objective", objective="A place to sit", measure="Benches in use", target="Six")
    desk.done("plan", action_text="Set up the benches", organisation=park.pk, due_on=_day(20))
    return Action.objects.latest("pk")


def test_a_project_goes_from_the_idea_to_the_public_summary_of_one_page(
    city: City, signed_in: Any, park: Organisation, client: Any
) -> None:
    omar = signed_in(city.omar)
    desk = _project(city, omar, goals="")
    assert (desk.case.state, desk.case.assignee) == ("idea", city.omar)
    refused = desk.take("agree").content.decode()
    assert "Say what the project is to reach." in refused and "a joint project has partners" in refused
    desk.done("describe", **PROJECT, volunteers="Plant and water.", budget="4,000 from the fund for neighbourhoods")
    page = desk.page()
    for words in ("Where the project stands", "Plant and water.", "4,000 from the fund", "Make a public place better"):
        assert words in page, words
    assert "Problem triangle" not in page and "Sub-steps" not in page and "How often" not in page
    action = _planned(desk, park)
    desk.done("begin")
    assert "Finish every action of the plan" in desk.take("hand_to_use").content.decode()
    desk.done("progress", action=action.pk, state="done")
    desk.done("hand_to_use")
    assert desk.case.state == "upkeep"
    refused = desk.take("close", title="x", said="x", message="x")
    assert refused.status_code == 422 and "Look back on the project" in refused.content.decode()
    desk.done("appraise", **BACK)
    desk.done("close", title="A new square", said="The corner was empty.", message="We set up six benches together.")
    assert (desk.case.state, desk.case.outcome) == ("finished", "reached")
    draft = Publication.objects.get(case_number=desk.case.pk)
    sam = signed_in(city.sam)
    assert sam.post(f"/desk/publishing/{draft.pk}/publish/", {"version": draft.version}).status_code == 302
    public = client.get(f"/outcomes/{draft.pk}/").content.decode()
    assert (
        "A new square" in public and "We set up six benches together." in public and "We did what we set out" in public
    )
    assert "Park District" not in public, "who did what is told by people, not by rows"

    desk.done("reopen", reason="A bench broke.")
    assert desk.case.state == "planning"
    draft.refresh_from_db()
    assert draft.state == "withdrawn"


def test_work_begins_when_every_permit_is_granted_and_valid(city: City, signed_in: Any, park: Organisation) -> None:
    desk = _project(city, signed_in(city.omar))
    _planned(desk, park)
    permit = {"what": "Use of the street", "authority": "City Transport", "state": "asked", "asked_on": _day(-30)}
    desk.done("add_permit", **permit)
    row = Permit.objects.get()
    assert "Every permit must be granted" in desk.take("begin").content.decode()
    form = desk.page(f"?step=change_permit&permit={row.pk}")
    assert "City Transport" in form and _day(-30) in form
    granted = permit | {"permit": row.pk, "state": "granted", "decided_on": _day(-20), "reference": "CT-7"}
    desk.done("change_permit", **granted, expires_on=_day(-1))
    assert "Expired" in desk.page() and desk.take("begin").status_code == 422
    desk.done("change_permit", **granted, expires_on=_day(90))
    task = Task.objects.get(sort="permit")
    assert (task.owner, task.due_at) == (city.omar, close_of(TODAY + dt.timedelta(days=60)))
    assert "Use of the street" in signed_in(city.omar).get("/desk/tasks/").content.decode()
    assert Entry.objects.about("case", desk.case.pk).latest("number").data["was"]["state"] == "granted"
    desk.done("begin")

    desk.done("change_permit", **granted, expires_on=_day(120))
    task.refresh_from_db()
    later = Task.objects.get(sort="permit", done_at=None)
    assert task.done_at and later.due_at == close_of(TODAY + dt.timedelta(days=90)), "the reminder follows the day"
    desk.done("remove_permit", permit=row.pk, reason="The street is ours now.")
    assert not Permit.objects.exists() and not Task.objects.filter(sort="permit", done_at=None).exists()
    assert "The street is ours now." in desk.page()


def test_a_permit_that_makes_no_sense_is_refused_field_by_field(city: City, signed_in: Any) -> None:
    desk = _project(city, signed_in(city.omar))
    for more, said in (
        ({"state": "asked"}, "on which day it was asked for"),
        ({"state": "granted", "asked_on": _day(-3)}, "on which day it was decided"),
        ({"state": "refused", "asked_on": _day(-3), "decided_on": _day(-5)}, "lies before the one above"),
        ({"state": "asked", "asked_on": _day(-3), "expires_on": _day(5)}, "Only a permit that is granted expires."),
        ({"state": "granted", "asked_on": _day(-9), "decided_on": _day(-3), "expires_on": _day(-5)}, "lies before"),
    ):
        answer = desk.take("add_permit", what="Stage", authority="City", **more)
        assert answer.status_code == 422 and said in answer.content.decode(), more
    assert not Permit.objects.exists()
    desk.done("add_permit", what="Stage", authority="City", state="needed")
    last = Entry.objects.about("case", desk.case.pk).latest("number")
    assert desk.client.post(f"{desk.url}undo/", {"entry": last.number}).status_code == 302
    assert not Permit.objects.exists(), "added by mistake"


def test_a_partner_sees_a_project_by_account_and_answers_by_a_link_that_works_once(
    city: City, signed_in: Any, park: Organisation, client: Any
) -> None:
    desk = _project(city, signed_in(city.omar))
    action = _planned(desk, park)
    desk.done("add_permit", what="Use of the street", authority="City Transport", state="needed")
    team = type(city.team).objects.create(slug="park", name="Park team", organisation=park)
    ruth = signed_in(make.user("Ruth Partner", "partner", team=team))
    assert ruth.get(desk.url).status_code == 404
    desk.done("assign", team=team.pk, user=city.omar.pk)
    page = ruth.get(desk.url).content.decode()
    for words in ("Neighbours meet there.", "Set up the benches", "Use of the street"):
        assert words in page, words
    assert "Brief to print" not in page and "Places, organisations" not in page
    hers = Desk(ruth, desk.case)
    hers.done("progress", action=action.pk, state="doing", note="The benches are ordered.")
    assert hers.take("change_permit", permit=Permit.objects.get().pk, state="dropped").status_code == 409

    desk.done("ask_partner", action=action.pk, email="park@example.org", question="Do the benches come on Friday?")
    link = newest_link("question", "/answer/")
    assert "Do the benches come on Friday?" in client.get(link).content.decode()
    assert client.post(link, {"text": "On Monday."}).status_code in {200, 302}
    action.refresh_from_db()
    assert action.reply == "On Monday." and "On Monday." in desk.page()
    client.post(link, {"text": "Again."})
    action.refresh_from_db()
    assert action.reply == "On Monday.", "the link works once"


def test_the_brief_of_a_project_has_its_partners_permits_and_plan(
    city: City, signed_in: Any, park: Organisation
) -> None:
    desk = _project(city, signed_in(city.omar))
    _planned(desk, park)
    desk.done("add_permit", what="Use of the street", authority="City Transport", state="needed")
    desk.done("add_place", name="Empty corner", role="scene", area=city.north.pk)
    read = text_of(desk.client.get(f"{desk.url}brief.pdf").content)
    said = " ".join(read.text.split())
    assert read.tagged
    for words in ("A square to meet on", "Use of the street", "City Transport", "Set up the benches", "Empty corner"):
        assert words in said, words


def test_a_project_can_be_given_up_and_forms_keep_what_was_typed(city: City, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    answer = omar.post("/desk/projects/new/", PROJECT | {"type": "", "area": city.north.pk})
    assert answer.status_code == 422 and "A square to meet on" in answer.content.decode()
    data = PROJECT | {"area": city.north.pk, "client_id": "0b7e6d3e-5f0e-4a51-9d3c-1c1b6f3b2a11"}
    first, second = (omar.post("/desk/projects/new/", data)["Location"] for _ in range(2))
    assert first == second and Problem.objects.count() == 1
    desk = Desk(omar, Case.objects.get(kind="project"))
    assert desk.take("set_aside", reason="").status_code == 422
    desk.done("set_aside", reason="Nobody has time.")
    assert (desk.case.state, desk.case.outcome) == ("given_up", "given_up")
    assert signed_in(city.olga).get(desk.url).status_code == 404, "another area"


REVIEW = {
    "title": "Harbour fair, 1 May", "text": "Doors at ten, full at noon, two exits closed.", "type": "event",
    "goals": "Safe and open until six.",
}  # fmt: skip


def test_a_review_of_an_event_leads_to_improvements_and_its_lessons_are_found(city: City, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    assert omar.get("/desk/reviews/new/").status_code == 200
    assert omar.post("/desk/reviews/new/", REVIEW | {"area": city.north.pk}).status_code == 302
    desk = Desk(omar, Case.objects.get(kind="review"))
    assert "Write down what was learnt." in desk.take("improve").content.decode()
    desk.done(
        "appraise", carried_out="partly", process="Crews knew each other.", result="Nobody had the keys of the exits.",
        grade="mixed", lessons="Count keys before doors.",
    )  # fmt: skip
    desk.done("improve")
    desk.done("plan", action_text="A key list for each hall", user=city.omar.pk, due_on=_day(7))
    assert "Finish every action of the plan" in desk.take("close").content.decode()
    desk.done("progress", action=Action.objects.get().pk, state="done")
    desk.done("close")
    assert (desk.case.state, desk.case.outcome) == ("learnt", "mixed")
    assert Assessment.objects.get().displacement == "" and not Publication.objects.exists(), "nothing goes outside"
    page = desk.page()
    assert "What went differently, and why" in page and "Did it move?" not in page

    for query in ("?kind=review", "?type=event", "?grade=mixed", "?words=exits", "?state=learnt"):
        found = omar.get(f"/desk/problems/{query}").content.decode()
        assert "Count keys before doors." in found and "After-action review" in found, query
    for query in ("?kind=problem", "?type=operation", "?grade=reached"):
        assert "Nothing fits these filters" in omar.get(f"/desk/problems/{query}").content.decode(), query
    desk.done("reopen", reason="It happened again.")
    assert desk.case.state == "looking"


def test_a_review_is_dropped_by_a_supervisor_alone(city: City, signed_in: Any) -> None:
    omar = signed_in(city.omar)
    omar.post("/desk/reviews/new/", REVIEW | {"area": city.north.pk})
    desk = Desk(omar, Case.objects.get(kind="review"))
    assert desk.take("set_aside", reason="No.").status_code == 409
    Desk(signed_in(city.sam), desk.case).done("set_aside", reason="Another review covers it.")
    desk.case.refresh_from_db()
    assert desk.case.state == "dropped"
