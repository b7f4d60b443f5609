"""A problem from its first concerns to the lesson that others find: scanned, analysed, answered, assessed, watched."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commonbeat.cases.models import Case, CaseLink, Participant
from commonbeat.community.models import Organisation
from commonbeat.evidence.measures import MEASURES
from commonbeat.evidence.models import Observation
from commonbeat.evidence.studies.models import Study
from commonbeat.journal.models import Entry
from commonbeat.kinds.problem.actions import check_relapses
from commonbeat.kinds.problem.counting import compare_around
from commonbeat.kinds.problem.models import Action, Assessment, Evidence, Hypothesis, Option, Problem
from commonbeat.publishing.models import Publication
from tests import make
from tests.conftest import City
from tests.journeys.test_concern_resident import newest_link
from tests.reading_pdf import text_of

NOW = timezone.now()
SAID = {
    "title": "Loud music in the park", "text": "Groups play loud music in the park every weekend night.",
    "type": "noise", "origin": "concerns", "priority": "quality", "address": "Park, 100 N State St",
}  # fmt: skip


class Desk:
    """Somebody at the desk with one problem in hand."""

    def __init__(self, client: Client, case: Case) -> None:
        self.client, self.case = client, case
        self.url = f"/desk/{case.reference}/"

    def take(self, step: str, **data: Any) -> Any:
        self.case.refresh_from_db()
        return self.client.post(f"{self.url}{step}/", data | {"version": self.case.version})

    def done(self, step: str, **data: Any) -> None:
        answer = self.take(step, **data)
        assert answer.status_code == 302, answer.content.decode()
        self.case.refresh_from_db()

    def page(self, query: str = "") -> str:
        return self.client.get(self.url + query).content.decode()


def _concerns(city: City, count: int, *, days_ago: int = 20, **more: Any) -> list[Case]:
    return [
        make.concern(city.noise, at=NOW - dt.timedelta(days=days_ago, hours=number), **more).case
        for number in range(count)
    ]


def _start(city: City, client: Client, cases: list[Case]) -> Desk:
    answer = client.post("/desk/problems/new/", SAID | {"area": city.north.pk, "case": [c.reference for c in cases]})
    assert answer.status_code == 302, answer.content.decode()
    return Desk(client, Case.objects.get(kind="problem"))


def _analysed(desk: Desk) -> None:
    desk.done("describe", **SAID, harms="Nobody sleeps.", goals="Quiet nights.")
    desk.done("analyse")
    desk.done("triangle", offender="Young adults after the bars close", target="Neighbours", place="The park at night")
    desk.done("inventory", present_response="A patrol each night; the music starts again when it has left.")
    desk.done("hypothesis", idea="The gate stays open.", whys="Nobody closes it.\nNobody is in charge of the park.")
    row = Hypothesis.objects.get()
    desk.done("weigh", hypothesis=row.pk, speaks="for", evidence="Open on each of five nights.", source="Patrol log")
    desk.done("judge", hypothesis=row.pk, state="supported", reason="Seen again and again.")


def _planned(desk: Desk, body: Organisation) -> Action:
    desk.done("option", technique="access", idea="Close the gate at ten.")
    desk.done(
        "choose", option=Option.objects.latest("pk").pk, decision="chosen", reason="Cheap, and nobody is against."
    )
    desk.done("objective", objective="Quiet nights", measure="Concerns a month", target="Half as many")
    due = (NOW + dt.timedelta(days=14)).date().isoformat()
    desk.done("plan", action_text="Close the gate at ten", organisation=body.pk, due_on=due)
    return Action.objects.latest("pk")


@pytest.fixture
def park(city: City) -> Organisation:
    """A partner that runs the park."""
    return Organisation.objects.create(name="Park District", email="park@example.org")


def test_chosen_cases_of_the_inbox_become_a_problem_that_knows_where_and_what(city: City, signed_in: Any) -> None:
    cases, omar = _concerns(city, 3), signed_in(city.omar)
    assert "Start a problem from them" in omar.get("/desk/").content.decode()
    form = omar.post("/desk/problems/new/", {"case": [c.pk for c in cases], "step": "assign", "back": ""})
    page = form.content.decode()
    assert form.status_code == 200 and "From 3 cases" in page and cases[0].reference in page
    assert f'value="{city.north.pk}" selected' in page and "100 N State St" in page

    desk = _start(city, omar, cases)
    problem = Problem.objects.get(case=desk.case)
    assert (desk.case.state, desk.case.assignee, desk.case.due_at) == ("scanning", city.omar, None)
    assert (problem.categories, problem.areas, desk.case.cell is not None) == ([city.noise.pk], [city.north.pk], True)
    assert set(CaseLink.objects.values_list("other_id", flat=True)) == {case.pk for case in cases}
    assert not Participant.objects.filter(case=desk.case).exists(), "nobody reported it, so nobody has a code"
    page = desk.page()
    assert "Opened by staff" in page and "Report received" not in page, "nobody reported it"
    assert "Loud music in the park" in page and "Where the problem stands" in page
    assert "Related to" in omar.get(f"/desk/{cases[0].reference}/").content.decode()
    assert "Start a problem from this case" in omar.get(f"/desk/{cases[0].reference}/").content.decode()
    assert Entry.objects.about("case", desk.case.pk).count() == 2, "opened, and assigned to whoever started it"


def test_the_same_form_sent_twice_makes_one_problem(city: City, signed_in: Any) -> None:
    omar, data = (
        signed_in(city.omar),
        SAID | {"area": city.north.pk, "client_id": "0b7e6d3e-5f0e-4a51-9d3c-1c1b6f3b2a10"},
    )
    first, second = (omar.post("/desk/problems/new/", data)["Location"] for _ in range(2))
    assert first == second and Case.objects.filter(kind="problem").count() == 1


def test_a_form_with_a_gap_keeps_what_was_typed(city: City, signed_in: Any) -> None:
    answer = signed_in(city.omar).post("/desk/problems/new/", SAID | {"type": "", "area": city.north.pk})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Loud music in the park" in page and "Answer this question." in page


def test_each_phase_says_exactly_what_it_still_needs(city: City, signed_in: Any, park: Organisation) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 2))
    refused = desk.take("analyse")
    assert refused.status_code == 422 and "Say what it does to people: the harms." in refused.content.decode()
    assert "Link a case" not in refused.content.decode()
    _analysed(desk)
    assert "Nothing is missing for the next phase." in desk.page()
    desk.done("respond")
    refused = desk.take("start_response").content.decode()
    for words in ("Choose at least one response.", "Write the objective", "Plan at least one action."):
        assert words in refused
    action = _planned(desk, park)
    desk.done("start_response")
    assert "Finish every action of the plan" in desk.take("assess").content.decode()
    assert desk.take("progress", action=action.pk, state="dropped").status_code == 422, "dropping needs a reason"
    desk.done("progress", action=action.pk, state="done")
    desk.done("assess")
    assert "Assess the response." in desk.take("close", title="x", said="x", message="x").content.decode()
    assert desk.case.state == "assessment"
    refused = desk.take("go_back", phase="assessment", reason="No")
    assert refused.status_code == 422
    desk.done("go_back", phase="analysis", reason="The cause was another one.")
    assert desk.case.state == "analysis" and "The cause was another one." in desk.page()


def test_the_baseline_is_frozen_when_the_response_starts(city: City, signed_in: Any, park: Organisation) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 4))
    _concerns(city, 3, days_ago=70)
    _concerns(city, 2, days_ago=500)
    make.concern(city.noise, at=NOW - dt.timedelta(days=9), place=make.SOUTH)
    _analysed(desk)
    desk.done("respond")
    _planned(desk, park)
    desk.done("start_response")
    problem = Problem.objects.get()
    assert problem.baseline is not None and problem.started_at is not None
    months = problem.baseline["series"]["concerns"]
    assert len(months) == 12 and sum(months) == 7 and months[-1] == 4
    assert problem.baseline["query"]["categories"] == [city.noise.pk]
    late = _concerns(city, 5, days_ago=30)
    problem.refresh_from_db()
    assert sum(problem.baseline["series"]["concerns"]) == 7, "what is filed later changes no baseline"
    assert "Baseline frozen" in desk.page() and late
    entry = Entry.objects.about("case", desk.case.pk).get(verb="case.start_response")
    assert entry.data["baseline"]["series"] == problem.baseline["series"]


def _assessed(city: City, client: Client, park: Organisation) -> Desk:
    desk = _start(city, client, _concerns(city, 8))
    _analysed(desk)
    desk.done("respond")
    action = _planned(desk, park)
    desk.done("start_response")
    desk.done("progress", action=action.pk, state="done")
    desk.done("assess")
    return desk


APPRAISED = {
    "carried_out": "yes", "process": "The gate is closed each night.", "result": "Neighbours sleep.",
    "displacement": "none", "grade": "reduced", "lessons": "Ask who holds the key before anything else.",
}  # fmt: skip
CLOSED = {
    "title": "Quiet nights in the park", "said": "Music kept people awake.", "message": "We close the gate at ten.",
}  # fmt: skip


def test_closing_needs_an_assessment_and_a_second_person_publishes_the_summary(
    city: City, signed_in: Any, park: Organisation
) -> None:
    desk = _assessed(city, signed_in(city.omar), park)
    page = desk.page()
    assert "Too early to tell" in page and "It cannot say what caused a change" in page
    assert desk.take("appraise", **(APPRAISED | {"displacement": "place"})).status_code == 422, "say where it went"
    desk.done("appraise", **APPRAISED)
    assert "half-way" not in desk.page("?step=close") and 'value="Loud music in the park"' in desk.page("?step=close")
    desk.done("close", **CLOSED, alarm_count=4)
    assert (desk.case.state, desk.case.outcome, desk.case.is_open) == ("monitored", "reduced", False)
    draft = Publication.objects.get(case_number=desk.case.pk)
    assert draft.state == "draft" and draft.words["en"]["said"] == "Music kept people awake."
    publish = f"/desk/publishing/{draft.pk}/publish/"
    assert desk.client.post(publish, {"version": draft.version}).status_code == 409, "never by whoever wrote it"
    ed = signed_in(city.ed)
    preview = ed.get(f"/desk/publishing/{draft.pk}/").content.decode()
    assert "There is much less of it." in preview and "Sensitive matter" not in preview
    assert ed.post(publish, {"version": draft.version}).status_code == 302
    public = Client().get(f"/outcomes/{draft.pk}/").content.decode()
    for words in (
        "Quiet nights in the park",
        "We close the gate at ten.",
        "There is much less of it.",
        "8 in 12 months",
    ):
        assert words in public
    assert "Young adults" not in public and city.omar.name not in public


def test_what_moved_next_door_and_a_study_stand_beside_the_assessment(
    city: City, signed_in: Any, park: Organisation
) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 6))
    _concerns(city, 2, place=(41.9041, -87.70))
    _concerns(city, 3, place=(41.93, -87.70))
    desk.done("gather", categories=[city.noise.pk], areas=[city.north.pk], radius_m=300)
    _analysed(desk)
    desk.done("respond")
    action = _planned(desk, park)
    desk.done("start_response")
    desk.done("progress", action=action.pk, state="done")
    desk.done("assess")
    problem = Problem.objects.get()
    Problem.objects.update(started_at=NOW - dt.timedelta(days=100))
    problem.refresh_from_db()
    make.concern(city.noise, at=NOW - dt.timedelta(days=3), place=(41.9041, -87.70))
    found = compare_around(problem, until=timezone.now())
    assert found is not None and (found.before, found.after) == (0, 3), "cases of twenty days ago are after, now"
    assert "Around it, between 300 metres and twice as far" in desk.page()
    study = Study.objects.create(
        slug="gates", title="Do gates help?", created_by=city.sam, created_at=NOW, changed_at=NOW
    )
    assert "Do gates help?" in desk.page("?step=appraise")
    desk.done("appraise", **APPRAISED, study=study.pk)
    assert "Do gates help?" in desk.page()
    sams = signed_in(city.sam).get(desk.url).content.decode()
    assert f'<a href="/desk/studies/{study.pk}/">Do gates help?</a>' in sams


def test_a_problem_that_comes_back_opens_itself_again(city: City, signed_in: Any, park: Organisation) -> None:
    desk = _assessed(city, signed_in(city.omar), park)
    desk.done("appraise", **APPRAISED)
    desk.done("close", **CLOSED, alarm_count=3)
    told, ed = Publication.objects.get(), signed_in(city.ed)
    ed.post(f"/desk/publishing/{told.pk}/publish/", {"version": told.version})
    assert Client().get(f"/outcomes/{told.pk}/").status_code == 200
    later = timezone.now() + dt.timedelta(days=40)
    for number in range(2):
        make.concern(city.noise, at=later - dt.timedelta(days=number + 1))
    assert check_relapses(at=later) == []
    make.concern(city.noise, at=later - dt.timedelta(hours=5))
    (entry,) = check_relapses(at=later)
    desk.case.refresh_from_db()
    assert (desk.case.state, desk.case.outcome, entry.data["count"]) == ("analysis", "", 3)
    assert entry.deliveries.filter(recipient=city.omar.email, template="staff_reopened").exists()
    assert Problem.objects.get().baseline is None and check_relapses(at=later) == []
    assert "The problem came back" in desk.page()
    assert Client().get(f"/outcomes/{told.pk}/").status_code == 404, "what it said is not so any more"
    desk.done("respond")
    desk.done("start_response")
    desk.done("assess")
    refused = desk.take("close", **CLOSED)
    assert "Assess the response." in refused.content.decode(), "the old assessment does not count for the new response"
    desk.done("appraise", **(APPRAISED | {"grade": "unchanged"}))
    desk.done("close", **(CLOSED | {"message": "We try something else."}))
    told.refresh_from_db()
    assert (told.state, told.words["en"]["did"]) == ("draft", "We try something else.")
    assert told.facts[0]["outcome"] == ["problem", "unchanged"]
    ed.post(f"/desk/publishing/{told.pk}/publish/", {"version": told.version})
    assert "What we did has not helped so far." in Client().get(f"/outcomes/{told.pk}/").content.decode()


def test_a_partner_answers_about_an_action_without_an_account(city: City, signed_in: Any, park: Organisation) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 2))
    _analysed(desk)
    desk.done("respond")
    action = _planned(desk, park)
    form = desk.page(f"?step=ask_partner&action={action.pk}")
    assert 'value="park@example.org"' in form and "Close the gate at ten" in form
    desk.done("ask_partner", action=action.pk, email="park@example.org", question="Is the gate closed at ten?")
    assert "has not answered yet" in desk.page()
    path = newest_link("question", "/answer/")
    stranger = Client()
    assert "Is the gate closed at ten?" in stranger.get(path).content.decode()
    assert stranger.post(path, {"text": "Yes, since Monday."}).status_code in {200, 302}
    action.refresh_from_db()
    assert action.reply == "Yes, since Monday." and "Yes, since Monday." in desk.page()
    assert Entry.objects.about("case", desk.case.pk).filter(verb="case.answer").exists()


def test_a_partner_with_an_account_sees_the_plan_and_not_the_analysis(
    city: City, signed_in: Any, park: Organisation
) -> None:
    team = type(city.team).objects.create(slug="park", name="Park team", organisation=park)
    ruth = make.user("Ruth Partner", "partner", team=team)
    desk = _start(city, signed_in(city.omar), _concerns(city, 2))
    assert signed_in(ruth).get(desk.url).status_code == 404
    _analysed(desk)
    desk.done("respond")
    action = _planned(desk, park)
    desk.done("assign", team=team.pk)
    hers = Desk(signed_in(ruth), desk.case)
    page = hers.page()
    assert "Plan of action" in page and "The gate stays open." not in page and "Brief to print" not in page
    hers.done("progress", action=action.pk, state="doing", note="The key is ordered.")
    action.refresh_from_db()
    assert action.state == "doing" and "The key is ordered." in desk.page()
    assert hers.client.get(f"{desk.url}brief.pdf").status_code == 404
    assert hers.take("judge", hypothesis=Hypothesis.objects.get().pk, state="rejected", reason="x").status_code == 409


def test_rows_of_another_problem_are_no_answer(city: City, signed_in: Any, park: Organisation) -> None:
    omar = signed_in(city.omar)
    first = _start(city, omar, _concerns(city, 1))
    _analysed(first)
    theirs = Hypothesis.objects.get()
    omar.post("/desk/problems/new/", SAID | {"area": city.north.pk})
    second = Desk(omar, Case.objects.filter(kind="problem").latest("pk"))
    second.done("hypothesis", idea="Another cause")
    refused = second.take("weigh", hypothesis=theirs.pk, speaks="for", evidence="Wrong one")
    assert refused.status_code == 422 and "Wrong one" in refused.content.decode()
    assert Evidence.objects.filter(hypothesis=theirs).count() == 1


def test_an_action_waits_for_what_comes_first_and_the_plan_says_what_is_late(
    city: City, signed_in: Any, park: Organisation
) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 2))
    _analysed(desk)
    desk.done("respond")
    first = _planned(desk, park)
    today = timezone.localdate()
    desk.done("plan", action_text="Tell the neighbours", user=city.omar.pk, due_on=today.isoformat(), after=first.pk)
    second = Action.objects.latest("pk")
    refused = desk.take("progress", action=second.pk, state="done")
    assert refused.status_code == 422 and "comes first and is not done yet" in refused.content.decode()
    refused = desk.take("plan", action_text="x", user=city.omar.pk, starts_on="2026-05-02", due_on="2026-05-01")
    assert refused.status_code == 422 and "It must be due after it starts." in refused.content.decode()
    assert desk.take("plan", action_text="x", due_on=today.isoformat()).status_code == 422, "somebody has to do it"
    Action.objects.filter(pk=first.pk).update(starts_on=today - dt.timedelta(9), due_on=today - dt.timedelta(days=2))
    page = desk.page()
    assert "Late" in page and "Only after: Close the gate at ten" in page and "<rect" in page


def test_measures_of_the_evidence_stand_beside_the_cases_and_are_frozen_with_them(
    city: City, signed_in: Any, park: Organisation
) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 2))
    slug = next(iter(MEASURES)).slug
    day = NOW.date().replace(day=1)
    for area, value in ((city.north, 7), (city.south, 100)):
        Observation.objects.create(measure=slug, area=area, on=day, value=value, n=value)
    assert "Measures to look at besides" in desk.page("?step=gather")
    desk.done("gather", categories=[city.noise.pk], areas=[city.north.pk], measures=[slug])
    page = desk.page()
    assert f"{day:%Y-%m}: 7" in page and "100</li>" not in page
    assert desk.take("gather", categories=[city.noise.pk], measures=["no-such-measure"]).status_code == 422
    _analysed(desk)
    desk.done("respond")
    _planned(desk, park)
    desk.done("start_response")
    baseline = Problem.objects.get().baseline
    assert baseline is not None and baseline["measures"] == {slug: [[day.isoformat(), 7.0]]}


def test_references_that_are_not_theirs_to_see_are_refused_together(city: City, signed_in: Any) -> None:
    desk = _start(city, signed_in(city.omar), [])
    south = make.concern(city.noise, place=make.SOUTH).case
    north = make.concern(city.noise).case
    refused = desk.take("connect", references=f"{north.reference}, {south.reference} nonsense")
    page = refused.content.decode()
    assert refused.status_code == 422 and f"nonsense, {south.reference}" in page
    desk.done("connect", references=north.reference)
    assert "linked already" in desk.take("connect", references=north.reference).content.decode()


def test_the_library_finds_problems_by_type_technique_grade_and_words(
    city: City, signed_in: Any, park: Organisation
) -> None:
    omar = signed_in(city.omar)
    desk = _assessed(city, omar, park)
    desk.done("appraise", **APPRAISED)
    desk.done("close", **CLOSED)
    for query in ("", "?type=noise", "?technique=access", "?grade=reduced", "?words=weekend", "?state=monitored"):
        page = omar.get(f"/desk/problems/{query}").content.decode()
        assert "Ask who holds the key before anything else." in page, query
    for query in ("?type=graffiti", "?technique=harden", "?grade=eliminated", "?words=bicycles", "?state=scanning"):
        assert "Nothing fits these filters" in omar.get(f"/desk/problems/{query}").content.decode(), query
    assert desk.case.reference not in signed_in(city.olga).get("/desk/problems/").content.decode()

    omar.post("/desk/problems/new/", SAID | {"area": city.north.pk, "title": "Another park"})
    other = Desk(omar, Case.objects.filter(kind="problem").latest("pk"))
    assert "Control access (chosen before: 1, helped: 1)" in other.page("?step=option")
    other.done("option", technique="access", idea="Close this gate, too.")
    page = other.page()
    assert "This technique was chosen here 1 time before" in page and "Substantially reduced" in page


def test_the_library_and_the_page_spend_a_fixed_number_of_statements(
    city: City, signed_in: Any, park: Organisation
) -> None:
    def spent(path: str) -> int:
        with CaptureQueriesContext(connection) as statements:
            assert omar.get(path).status_code == 200
        return len(statements)

    omar = signed_in(city.omar)
    desk = _start(city, omar, _concerns(city, 2))
    _analysed(desk)
    desk.done("option", technique="access", idea="Close the gate.")
    shelf, page = spent("/desk/problems/"), spent(desk.url)
    for number in range(3):
        omar.post("/desk/problems/new/", SAID | {"area": city.north.pk, "title": f"Park {number}"})
        desk.done("hypothesis", idea=f"Cause {number}")
        desk.done("weigh", hypothesis=Hypothesis.objects.latest("pk").pk, speaks="against", evidence="Not seen.")
        desk.done("option", technique="rules", idea=f"Rule {number}")
    assert spent("/desk/problems/") <= shelf and spent(desk.url) <= page + 1 and page < 45, page


def test_the_brief_is_a_tagged_document_whose_text_can_be_read(city: City, signed_in: Any, park: Organisation) -> None:
    desk = _assessed(city, signed_in(city.omar), park)
    desk.done("appraise", **APPRAISED)
    answer = desk.client.get(f"{desk.url}brief.pdf")
    assert answer["Content-Type"] == "application/pdf"
    read = text_of(answer.content)
    assert read.tagged and read.language == "en" and read.title == "Loud music in the park"
    for words in ("Loud music in the park", "Nobody sleeps.", "The gate stays open.", "Close the gate at ten",
                  "Substantially reduced", "For work only", desk.case.reference):  # fmt: skip
        assert words in read.text, words
    concern = make.concern(city.noise).case
    assert desk.client.get(f"/desk/{concern.reference}/brief.pdf").status_code == 404
    assert signed_in(city.olga).get(f"{desk.url}brief.pdf").status_code == 404


def test_a_problem_can_be_set_aside_with_a_reason_and_opened_again(city: City, signed_in: Any) -> None:
    desk = _start(city, signed_in(city.omar), [])
    assert desk.take("set_aside", why="no_problem").status_code == 422
    desk.done("set_aside", why="no_problem", reason="It was one party.")
    assert (desk.case.state, desk.case.outcome) == ("set_aside", "no_problem")
    assert not Assessment.objects.exists() and not Publication.objects.exists()
    desk.done("reopen", reason="It was more than one.")
    assert desk.case.state == "analysis"


def test_months_are_counted_to_the_day_and_a_radius_leaves_far_cases_out(city: City, signed_in: Any) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 3))
    _concerns(city, 2, place=(41.93, -87.70))
    edge = timezone.now() - relativedelta(months=12) - dt.timedelta(hours=1)
    make.concern(city.noise, at=edge)
    assert "5 cases by month" in desk.page()
    desk.done("gather", categories=[city.noise.pk], areas=[city.north.pk], radius_m=300)
    page = desk.page()
    assert "3 cases by month" in page and "within 300 metres" in page
    assert "3 times in twelve months" in page, "the place where it comes back"
    refused = desk.take("gather", categories=[999_999], areas=[city.north.pk])
    assert refused.status_code == 422
