"""The page of a case: who may see it, steps with their forms, conflicts, undo, contact details."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.translation import gettext

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, Participant, ResponseTemplate, RoutingRule, Task
from commonbeat.cases.todo import SORTS
from commonbeat.community.models import Organisation, Person, Team
from commonbeat.community.people import find_or_make_person
from commonbeat.community.reference import touch
from commonbeat.journal.models import AccessLog, Delivery, Entry
from tests import make
from tests.conftest import City


def url(case: Case, more: str = "") -> str:
    return f"/desk/{case.reference}/{more}"


def test_the_story_is_on_one_page(city: City, signed_in: Any) -> None:
    RoutingRule.objects.create(order=1, name="Vehicles", when={"category": ["abandoned-vehicle"]}, team=city.team)
    RoutingRule.objects.create(order=2, name="Area officer", area_officer=True)
    touch("routing")
    case = make.concern(city.noise, text="Drums <b>again</b>", name="Rosa Resident", email="rosa@example.org").case
    other = make.concern(city.noise).case
    page = signed_in(city.omar).get(url(case)).content.decode()
    assert "Drums &lt;b&gt;again&lt;/b&gt;" in page and "100 N State St" in page and "North" in page
    assert "Report received" in page and "First answer" in page and other.reference in page
    assert "Area officer" in page and "the category" in page
    assert "rosa@example.org" not in page and "Rosa Resident" not in page
    assert 'data-key="a"' in page and "?step=resolve" in page


def test_an_officer_of_another_area_gets_404_everywhere(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, email="rosa@example.org").case
    olga, person = signed_in(city.olga), case.participants.get().pk
    assert olga.get(url(case)).status_code == 404
    assert olga.get(url(case, "point.geojson")).status_code == 404
    for path in ("acknowledge/", "undo/", "tasks/", f"people/{person}/contact/"):
        assert olga.post(url(case, path), {"text": "x"}).status_code == 404
    assert olga.get("/desk/CB-0000-00/").status_code == 404
    assert Entry.objects.filter(subject_id=case.pk).count() == 1


def test_a_step_opens_its_form_and_is_taken(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, email="rosa@example.org", told_by="email").case
    browser = signed_in(city.omar)
    page = browser.get(url(case, "?step=acknowledge")).content.decode()
    plain = page.replace(' class="check"', "").replace(' id="id_tell"', "")
    assert f'name="version" value="{case.version}"' in page and 'name="tell" checked' in plain
    answer = browser.post(url(case, "acknowledge/"), {"version": 1, "message": "We read it.", "tell": "on"})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "acknowledged"
    assert Delivery.objects.filter(template="progress", state="pending").count() == 1


def test_errors_keep_what_was_typed(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise).case
    browser = signed_in(city.omar)
    answer = browser.post(url(case, "resolve/"), {"version": 1, "message": "We spoke with them", "outcome": ""})
    page = answer.content.decode()
    assert answer.status_code == 422 and "We spoke with them" in page and "Answer this question." in page
    answer = browser.post(url(case, "assign/"), {"version": 1})
    assert answer.status_code == 422 and "Choose a person or a team." in answer.content.decode()


def test_a_community_service_officer_is_not_given_work_that_needs_arrest_powers(city: City, signed_in: Any) -> None:
    fight = make.category("fight", name="Fight", needs_sworn=True)
    case = make.concern(fight).case
    answer = signed_in(city.sam).post(url(case, "assign/"), {"version": 1, "user": city.cleo.pk})
    assert answer.status_code == 422 and "not a sworn officer" in answer.content.decode()


def test_whoever_comes_second_sees_what_changed_and_can_send_theirs_on_top(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise).case
    sam, told = city.actor(city.sam), {"text": "I called the owner"}
    act(Case.objects.get(pk=case.pk), "note", data=told, actor=sam, at=timezone.now())
    browser = signed_in(city.omar)
    answer = browser.post(url(case, "note/"), {"version": 1, "text": "Owner is away"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "I called the owner" in page and "Owner is away" in page
    assert 'name="version" value="2"' in page and Entry.objects.filter(verb="case.note").count() == 1
    assert browser.post(url(case, "note/"), {"version": 2, "text": "Owner is away"}).status_code == 302


def test_a_step_that_is_not_possible_any_more_says_so_and_shows_what_was_written(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise).case
    resolved = {"outcome": "fixed", "message": "Done."}
    act(Case.objects.get(pk=case.pk), "resolve", data=resolved, actor=city.actor(city.sam), at=timezone.now())
    answer = signed_in(city.omar).post(url(case, "recheck/"), {"version": 1, "text": "Look on Friday"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Look on Friday" in page and "not possible while" in page


def test_a_role_that_may_not_take_a_step_is_told_so(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise).case
    browser = signed_in(city.ada)
    assert "there is no step for your role" in browser.get(url(case)).content.decode()
    answer = browser.post(url(case, "note/"), {"version": 1, "text": "x"})
    assert answer.status_code == 409 and "needs another role" in answer.content.decode()


def test_undo_takes_a_step_back_before_the_message_leaves(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, email="rosa@example.org", told_by="email").case
    browser = signed_in(city.omar)
    browser.post(url(case, "resolve/"), {"version": 1, "outcome": "fixed", "message": "Done.", "tell": "on"})
    page = browser.get(url(case)).content.decode()
    assert "Done: Resolve." in page and 'name="entry" value="2"' in page
    assert "Done: Resolve." not in signed_in(city.sam).get(url(case)).content.decode()
    assert browser.post(url(case, "undo/"), {"entry": 2}).status_code == 302
    case.refresh_from_db()
    assert case.state == "new" and not Delivery.objects.filter(entry__verb="case.resolve", state="pending").exists()
    answer = browser.post(url(case, "undo/"), {"entry": 2})
    assert answer.status_code == 409 and "Something else has happened since" in answer.content.decode()


def test_showing_contact_details_is_logged(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, name="Rosa Resident", email="rosa@example.org", phone="555-0100").case
    browser, person = signed_in(city.omar), case.participants.get().pk
    assert browser.get(url(case, f"people/{person}/contact/")).status_code == 302, "opening the address shows nothing"
    page = browser.post(url(case, f"people/{person}/contact/")).content.decode()
    assert "Rosa Resident" in page and "555-0100" in page
    log = AccessLog.objects.get(what="contact")
    assert (log.user_id, log.subject_id) == (city.omar.pk, case.pk)


def test_a_hidden_reporter_is_seen_only_after_a_second_person_agreed(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, name="Rosa Resident", email="rosa@example.org", hidden=True).case
    omar, sam, person = signed_in(city.omar), signed_in(city.sam), case.participants.get().pk
    contact, ask = url(case, f"people/{person}/contact/"), url(case, f"people/{person}/identity/")
    answer = omar.post(contact)
    assert answer.status_code == 403 and "Rosa" not in answer.content.decode()
    assert omar.post(ask, {"reason": "x"}).status_code == 422
    assert omar.post(ask, {"reason": "She may be in danger; I must warn her."}).status_code == 302
    asked = case.participants.get().identity_requests.get()
    assert omar.get("/desk/identity/").status_code == 404
    assert "She may be in danger" in sam.get("/desk/identity/").content.decode()
    assert omar.post(contact).status_code == 403
    sam.post(f"/desk/identity/{asked.pk}/", {"decision": "approve"})
    assert "Rosa Resident" in omar.post(contact).content.decode()
    assert "Rosa" not in signed_in(city.cleo).post(contact).content.decode()
    verbs = list(Entry.objects.about("case", case.pk).values_list("verb", flat=True))
    assert verbs[-2:] == ["case.identity_requested", "case.identity_opened"]
    assert AccessLog.objects.filter(what="contact").count() == 1


def test_nobody_decides_their_own_request(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, email="rosa@example.org", hidden=True).case
    sam, person = signed_in(city.sam), case.participants.get()
    sam.post(url(case, f"people/{person.pk}/identity/"), {"reason": "I want to call her back."})
    page = sam.post(f"/desk/identity/{person.identity_requests.get().pk}/", {"decision": "approve"}, follow=True)
    assert "A second person has to decide" in page.content.decode()
    assert person.identity_requests.get().approved is None


def test_tasks_are_added_and_done_with_an_entry_each(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise).case
    browser = signed_in(city.omar)
    browser.post(url(case, "tasks/"), {"text": "Ask the landlord", "due": "2026-03-20"})
    task = Task.objects.get()
    assert task.owner == city.omar and "Ask the landlord" in browser.get(url(case)).content.decode()
    assert "Ask the landlord" in browser.get("/desk/tasks/").content.decode()
    assert "Ask the landlord" not in signed_in(city.olga).get("/desk/tasks/").content.decode()
    assert browser.post(url(case, f"tasks/{task.pk}/"), {"back": "tasks"})["Location"] == "/desk/tasks/"
    browser.post(url(case, f"tasks/{task.pk}/"))
    task.refresh_from_db()
    assert task.done_at and Entry.objects.filter(verb="case.task_done").count() == 1


def test_a_task_with_a_day_that_cannot_be_read_is_refused_and_what_was_typed_stays(city: City, signed_in: Any) -> None:
    case, browser = make.concern(city.noise).case, signed_in(city.omar)
    for typed, wrong in [
        ({"text": "Ask the landlord", "due": "Friday"}, "Enter a day such as"),
        ({"text": "  ", "due": "2026-03-20"}, "Answer this question."),
        ({"text": "Ask " * 100, "due": ""}, "Shorten this to 300 characters"),
    ]:
        answer = browser.post(url(case, "tasks/"), typed)
        page = answer.content.decode()
        assert answer.status_code == 422 and wrong in page and f'value="{typed["text"]}"' in page, typed
        assert f'value="{typed["due"]}"' in page and '<details class="details" open>' in page
    assert not Task.objects.exists()
    browser.post(url(case, "tasks/"), {"text": "Ask the landlord", "due": ""})
    assert Task.objects.get().due_at is None


@pytest.mark.parametrize("role", ["analyst", "records", "editor", "admin"])
def test_only_those_who_may_add_or_finish_a_task_are_offered_it(city: City, signed_in: Any, role: str) -> None:
    case = make.concern(city.noise).case
    signed_in(city.omar).post(url(case, "tasks/"), {"text": "Ask the landlord"})
    reader = signed_in(make.user("Rita Reader", role))
    page = reader.get(url(case)).content.decode()
    assert "Ask the landlord" in page and "Add a task" not in page and url(case, "tasks/") not in page
    assert reader.post(url(case, "tasks/"), {"text": "Mine"}).status_code == 404
    workers = signed_in(city.omar).get(url(case)).content.decode()
    assert "Add a task" in workers and f'action="{url(case, "tasks/")}"' in workers


def test_a_call_to_make_is_worded_in_the_language_of_whoever_reads_it(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, name="Rosa", phone="555-0142", told_by="call").case
    act(case, "assign", data={"user": city.omar.pk}, actor=city.actor(city.sam), at=make.NOW)
    assert Task.objects.get(sort="call").text == ""
    browser = signed_in(city.omar)
    for language in ("en", "es"):
        browser.cookies["language"] = language
        with translation.override(language):
            words = gettext(SORTS["call"])
        for page in (url(case), "/desk/tasks/"):
            assert words in browser.get(page).content.decode(), (page, language)


def test_a_case_that_was_merged_and_opened_again_repeats_nothing_any_more(city: City, signed_in: Any) -> None:
    first, again = make.concern(city.noise).case, make.concern(city.noise).case
    sam, browser = city.actor(city.sam), signed_in(city.sam)
    act(again, "merge", data={"reference": first.reference}, actor=sam, at=make.NOW)
    assert "This repeats" in browser.get(url(again)).content.decode()
    assert "Repeated by" in browser.get(url(first)).content.decode()
    act(again, "reopen", data={"reason": "Another matter"}, actor=sam, at=make.NOW)
    for case, other in ((first, again), (again, first)):
        page = browser.get(url(case)).content.decode()
        assert "This repeats" not in page and "Repeated by" not in page
        assert "Related to" in page and f'<a href="{url(other)}">' in page, "they still lead to each other"
    act(again, "merge", data={"reference": first.reference}, actor=sam, at=make.NOW)
    assert "This repeats" in browser.get(url(again)).content.decode()


def test_only_reporters_are_said_to_want_messages(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, name="Rosa", email="rosa@example.org", told_by="email").case
    owner = find_or_make_person(name="Olive Owner", email="olive@example.org", language="en", at=make.NOW)
    Participant.objects.create(case=case, role="owner", person=owner, told_by="email", created_at=make.NOW)
    people = signed_in(city.omar).get(url(case)).content.decode().partition('id="people"')[2].partition("</section>")[0]
    assert "Owner" in people and people.count("Show contact") == 2 and people.count("Wants to be told by e-mail") == 1
    Person.objects.filter(pk=owner.pk).update(email_bounced_at=make.NOW)
    assert "comes back" in signed_in(city.omar).get(url(case)).content.decode()


def test_a_form_letter_fills_the_text_in_the_reporters_language_and_keeps_the_rest(city: City, signed_in: Any) -> None:
    bodies = {"en": "Thanks for {reference}.", "es": "Gracias por {reference}, {category}. [x] {partner}"}
    for language, body in bodies.items():
        ResponseTemplate.objects.create(
            slug="thanks", language=language, title=f"Thanks {language}", body=body, steps=["resolve"]
        )
    case = make.concern(city.noise, language="es").case
    browser = signed_in(city.omar)
    page = browser.get(url(case, "?step=resolve")).content.decode()
    assert "Thanks es" in page and "Thanks en" not in page
    letter = ResponseTemplate.objects.get(language="es")
    typed = {"version": 1, "use": "letter", "letter": letter.pk, "outcome": "fixed", "reason": "kept"}
    page = browser.post(url(case, "resolve/"), typed).content.decode()
    assert f"Gracias por {case.reference}, Noise (es). [x] [partner]" in page and "kept" in page
    assert '<option value="fixed" selected' in page and "Answer this question" not in page
    assert Case.objects.get().state == "new"


def test_nothing_is_told_in_a_sensitive_matter_unless_somebody_ticks_it(city: City, signed_in: Any) -> None:
    home = make.category("home", name="Trouble at home", sensitive=True, public_point=False)
    case = make.concern(home, email="rosa@example.org", told_by="email").case
    browser = signed_in(city.omar)
    page = browser.get(url(case, "?step=acknowledge")).content.decode()
    assert "nothing goes out by itself" in page and "checked" not in page.split('id="step"')[1].split("</form>")[0]
    browser.post(url(case, "acknowledge/"), {"version": 1})
    assert Delivery.objects.count() == 0
    browser.post(url(case, "message/"), {"version": 2, "message": "Call us.", "tell": "on"})
    assert Delivery.objects.count() == 1


def test_a_partner_reads_no_internal_notes_and_no_contact(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, name="Rosa Resident", email="rosa@example.org").case
    partner = make.user("Paula Partner", "partner", team=city.team)
    act(case, "note", data={"text": "Do not pass this on"}, actor=city.actor(city.sam), at=timezone.now())
    browser = signed_in(partner)
    assert browser.get(url(case)).status_code == 404
    act(case, "assign", data={"team": city.team.pk}, actor=city.actor(city.sam), at=timezone.now())
    page = browser.get(url(case)).content.decode()
    assert "Do not pass this on" not in page and "Show contact" not in page
    assert browser.post(url(case, f"people/{case.participants.get().pk}/contact/")).status_code == 403


@pytest.mark.parametrize("notes", [1, 30])
def test_the_page_of_a_case_costs_the_same_however_long_its_story(city: City, signed_in: Any, notes: int) -> None:
    case, sam = make.concern(city.noise).case, city.actor(city.sam)
    for number in range(notes):
        act(case, "note", data={"text": f"Note {number}"}, actor=sam, at=timezone.now())
        Task.objects.create(case=case, text="t", created_at=make.NOW)
    browser = signed_in(city.omar)
    browser.get(url(case))
    with CaptureQueriesContext(connection) as seen:
        browser.get(url(case))
    reads = [q["sql"] for q in seen if "referencestamp" not in q["sql"]]
    assert len(reads) == 7, "\n".join(reads)  # who reads, the case, its story, what is similar, hazards nearby


def test_a_partner_reads_neither_reasons_for_the_record_nor_notes_of_colleagues_also_not_in_a_conflict(
    city: City, signed_in: Any
) -> None:
    helpers = Team.objects.create(slug="helpers", name="Helpers", organisation=Organisation.objects.create(name="Help"))
    partner = signed_in(make.user("Ruth Partner", "partner", team=helpers))
    case, sam = make.concern(city.noise).case, city.actor(city.sam)
    act(case, "assign", data={"team": helpers.pk, "tell": False}, actor=sam, at=timezone.now())
    seen = case.version
    act(case, "note", data={"text": "Internal words"}, actor=sam, at=timezone.now())
    done = {"outcome": "fixed", "message": "Public words", "reason": "For the record alone"}
    act(case, "resolve", data=done, actor=sam, at=timezone.now())
    page = partner.get(f"/desk/{case.reference}/").content.decode()
    conflict = partner.post(f"/desk/{case.reference}/acknowledge/", {"version": str(seen), "message": "Mine"})
    assert conflict.status_code == 409
    for shown in (page, conflict.content.decode()):
        assert "Public words" in shown and "Internal words" not in shown and "For the record alone" not in shown
    assert "For the record alone" in signed_in(city.sam).get(f"/desk/{case.reference}/").content.decode()
