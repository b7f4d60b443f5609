"""Cases of different kinds are linked: whoever sees both reads it, nobody else learns that the other exists."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from commonbeat.cases.actions import Report, act, open_case
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case, CaseLink
from commonbeat.cases.undoing import undo
from commonbeat.community.models import RoleGrant
from commonbeat.community.reference import touch
from commonbeat.core.actor import ANONYMOUS, ROLE_LABELS, Actor, Grant
from commonbeat.core.fields import Invalid
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of
from tests.journeys.test_field_report import Desk

LINKED = [kind for kind in KINDS if kind.workflow.named("unlink")]
"""Kinds whose cases are linked: one by one, or many at once where the department opens them itself."""


def service(city: City, email: str = "rosa@example.org") -> Case:
    category = make.category(f"speaker-{Case.objects.count()}", name="Speaker", kind="service")
    report = Report(category_id=category.pk, text="Lamps out.", area_id=city.north.pk, email=email, told_by="email")
    return open_case("service", report, actor=ANONYMOUS, at=timezone.now()).case


def everything(city: City) -> Actor:
    """Somebody of every role: what is refused to them is refused to everybody."""
    grants = tuple(Grant(str(role)) for role in ROLE_LABELS)
    return Actor(sort="staff", user_id=city.ed.pk, name=city.ed.name, grants=grants)


def test_a_request_and_a_concern_about_one_matter_are_linked_and_each_person_told_once(
    city: City, signed_in: Any
) -> None:
    concern = make.concern(city.noise, email="rosa@example.org", told_by="email", at=timezone.now()).case
    request, other = service(city), service(city, "tom@example.org")
    Delivery.objects.all().delete()
    desk = Desk(signed_in(city.omar), request)
    desk.done("link", reference=concern.reference, relation="same", tell="on")
    told = Delivery.objects.exclude(channel="webhook")
    assert [row.recipient for row in told] == ["rosa@example.org"], "one person, one message"
    page = desk.page()
    assert "The same matter as" in page and f"/desk/{concern.reference}/" in page
    assert request.reference in Desk(desk.client, concern).page()
    desk.refused("link", "These two cases are linked already", reference=concern.reference, relation="same")
    Desk(desk.client, other).done("link", reference=concern.reference, relation="same", tell="on")
    assert sorted(row.recipient for row in told.all()) == ["rosa@example.org"] * 2 + ["tom@example.org"]

    quiet = service(city, "una@example.org")
    Desk(desk.client, quiet).done("link", reference=concern.reference)
    assert not told.filter(recipient="una@example.org").exclude(template="received").exists()


def test_a_link_is_taken_back_with_its_message(city: City, signed_in: Any) -> None:
    concern, request = make.concern(city.noise, at=timezone.now()).case, service(city)
    desk = Desk(signed_in(city.omar), request)
    Delivery.objects.all().delete()
    desk.done("link", reference=concern.reference, relation="same", tell="on")
    entry = Delivery.objects.get().entry
    assert entry
    assert desk.client.post(f"{desk.url}undo/", {"entry": entry.number}).status_code == 302
    assert not CaseLink.objects.exists() and Delivery.objects.get().state == "cancelled"


def test_merging_is_for_cases_of_one_kind(city: City, signed_in: Any) -> None:
    concern, request = make.concern(city.noise, at=timezone.now()).case, service(city)
    desk = Desk(signed_in(city.omar), concern)
    page = desk.refused("merge", "Link the two as the same matter instead", reference=request.reference)
    assert request.reference in page and desk.case.closed_at is None


def test_nobody_is_told_of_a_sensitive_matter(city: City) -> None:
    city.vehicle.sensitive, city.vehicle.public_point = True, False
    city.vehicle.save()
    touch("categories")
    hidden = make.concern(city.vehicle, email="una@example.org", told_by="email", at=timezone.now()).case
    request = service(city)
    Delivery.objects.all().delete()
    data = {"reference": hidden.reference, "relation": "same", "tell": True}
    act(request, "link", data=data, actor=city.actor(city.omar), at=timezone.now())
    assert [row.recipient for row in Delivery.objects.all()] == ["rosa@example.org"]


def test_every_kind_has_links_and_takes_them_off(city: City) -> None:
    assert list(KINDS) == LINKED
    for kind in KINDS:
        offered = kind.workflow.named("connect") or kind.workflow.named("link")
        off = kind.workflow.named("unlink")
        assert offered and off and (offered.at, offered.by) == (off.at, off.by) and off.undo, kind.slug
        assert off.at == {state.slug for state in kind.workflow.states}, f"{kind.slug}: also when it is over"


def test_a_link_is_taken_off_from_either_page_and_put_back_by_undo(city: City, signed_in: Any) -> None:
    concern, request = make.concern(city.noise, at=timezone.now()).case, service(city)
    client = signed_in(city.omar)
    desk, there = Desk(client, request), Desk(client, concern)
    desk.done("link", reference=concern.reference, relation="same")
    before = CaseLink.objects.values().get()
    page = there.page()
    assert f"?step=unlink&amp;reference={request.reference}" in page and "Take a link off" in page
    assert request.reference in there.page(f"?step=unlink&reference={request.reference}")
    there.done("unlink", reference=request.reference, reason="Another lamp.")
    assert not CaseLink.objects.exists() and "Linked cases" not in desk.page()
    page = there.page()
    assert "Another lamp." in page and f"with {request.reference}" in page and "Linked cases" not in page
    there.refused("unlink", "These two cases are not linked", reference=request.reference)
    entry = Entry.objects.about("case", concern.pk).latest("number")
    assert client.post(f"{there.url}undo/", {"entry": entry.number}).status_code == 302
    assert CaseLink.objects.values().get() == before
    assert "Take a link off" not in Desk(client, make.concern(city.noise).case).page(), "nothing is linked there"


def test_what_was_linked_anew_meanwhile_is_not_doubled_by_undo(city: City) -> None:
    concern, request, omar = make.concern(city.noise).case, service(city), city.actor(city.omar)
    data = {"reference": concern.reference}
    act(request, "link", data=data, actor=omar, at=timezone.now())
    off = act(request, "unlink", data=data, actor=omar, at=timezone.now())
    CaseLink.objects.create(one=request, other=concern, relation="related", created_at=timezone.now())
    undo(request, off, actor=omar, at=timezone.now())
    assert CaseLink.objects.count() == 1


def test_a_merged_case_and_a_part_stay_what_they_are(city: City, signed_in: Any) -> None:
    one, other = make.concern(city.noise).case, make.concern(city.noise).case
    desk = Desk(signed_in(city.omar), one)
    desk.done("merge", reference=other.reference)
    assert "?step=unlink" not in desk.page()
    desk.refused("unlink", "That stays; reopen the merged one instead", reference=other.reference)
    desk.done("reopen", reason="Not the same after all.")
    desk.done("unlink", reference=other.reference)
    assert not CaseLink.objects.exists()


def test_a_complaint_takes_its_link_off_where_only_its_readers_see_it(city: City, signed_in: Any) -> None:
    RoleGrant.objects.create(user=city.pat, role="officer", since=dt.date(2020, 1, 1))
    pat, concern, complaint = city.actor(city.pat), make.concern(city.noise).case, make.complaint().case
    act(complaint, "link", data={"reference": concern.reference}, actor=pat, at=timezone.now())
    client = signed_in(city.pat)
    page = Desk(client, concern).page()
    assert complaint.reference in page and "?step=unlink" not in page
    entries = Entry.objects.about("case", concern.pk).count()
    Desk(client, concern).refused("unlink", "on the page of the other case", reference=complaint.reference)
    assert Entry.objects.about("case", concern.pk).count() == entries, "the concern's timeline tells nobody of it"
    omar = signed_in(city.omar).get(f"/desk/{concern.reference}/").content.decode()
    assert complaint.reference not in omar and "Linked cases" not in omar
    Desk(signed_in(city.pat), complaint).done("unlink", reference=concern.reference)
    assert not CaseLink.objects.exists()


def test_rule_04_a_tip_is_linked_to_tips_alone_and_its_sender_learns_nothing(city: City, signed_in: Any) -> None:
    one, other = (opening_of(KINDS["tip"]).open_one(city) for _ in range(2))
    concern = make.concern(city.noise).case
    desk = Desk(signed_in(city.sam), one)
    assert "turn the tip into a concern" in desk.page("?step=link")
    desk.refused("link", "linked to cases of its own kind only", reference=concern.reference)
    desk.done("link", reference=other.reference)
    entry = Entry.objects.about("case", one.pk).latest("number")
    assert entry.audience == "internal" and not entry.deliveries.exists()
    assert other.reference in desk.page() and one.reference in Desk(desk.client, other).page()
    Case.objects.filter(pk=one.pk).update(assignee=city.omar)
    page = Desk(signed_in(city.omar), one).page()
    assert "Link to another case" in page, "that it was done"
    assert other.reference not in page and "Linked cases" not in page, "an officer sees the tips given to them alone"
    Desk(signed_in(city.sam), one).done("unlink", reference=other.reference, reason="Another street.")
    kept = Entry.objects.about("case", one.pk).latest("number")
    assert not CaseLink.objects.exists() and "Another street" not in str(kept.personal), "sealed like every word"


def test_references_of_cases_that_a_problem_links_are_read_by_who_sees_them(city: City, signed_in: Any) -> None:
    problem = opening_of(KINDS["problem"]).open_one(city)
    here, there = make.concern(city.noise).case, make.concern(city.noise).case
    Case.objects.filter(pk=there.pk).update(area=city.south, assignee=None, team=None)
    act(problem, "connect", data={"references": f"{here.reference} {there.reference}"}, actor=everything(city),
        at=timezone.now())  # fmt: skip
    page = Desk(signed_in(city.omar), problem).page()
    assert f"Link cases (with {here.reference})" in page and there.reference not in page
    Case.objects.filter(pk=problem.pk).update(state="set_aside", closed_at=timezone.now(), outcome="no_problem")
    desk = Desk(signed_in(city.omar), problem)
    desk.done("unlink", reference=here.reference, reason="It was something else.")
    assert not CaseLink.objects.filter(other=here).exists() and CaseLink.objects.filter(other=there).exists()


@pytest.mark.parametrize("kind", LINKED, ids=lambda kind: kind.slug)
def test_whoever_does_not_see_the_other_case_does_not_learn_of_it(city: City, signed_in: Any, kind: Kind) -> None:
    """From either side, with every kind: the page of a request tells of the other case only to who may see that."""
    theirs, ours = opening_of(kind).open_one(city), service(city)
    Case.objects.filter(pk=theirs.pk).update(area=city.south, assignee=None, team=None)
    anybody, linked = everything(city), 0
    for one, other in ((ours, theirs), (theirs, ours)):
        one.refresh_from_db()
        many = one.kind != "service" and KINDS[one.kind].workflow.named("connect")
        try:
            data = {"references": other.reference} if many else {"reference": other.reference}
            act(one, "connect" if many else "link", data=data, actor=anybody, at=timezone.now())
            linked += 1
            break
        except Invalid as refused:
            assert kind.walled or kind.sealed, refused
    assert linked or kind.walled or kind.sealed
    for user in (city.omar, city.cleo, city.sam):
        actor = city.actor(user)
        if not Case.objects.visible_to(actor).filter(pk=ours.pk).exists():
            continue
        sees = Case.objects.visible_to(actor).filter(pk=theirs.pk).exists()
        page = signed_in(user).get(f"/desk/{ours.reference}/").content.decode()
        assert (theirs.reference in page) == (sees and bool(linked)), user.name
        if linked and not sees:
            assert "Related to" not in page
