"""Cases of different kinds are linked: whoever sees both reads it, nobody else learns that the other exists."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from commonbeat.cases.actions import Report, act, open_case
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case, CaseLink
from commonbeat.community.reference import touch
from commonbeat.core.actor import ANONYMOUS, ROLE_LABELS, Actor, Grant
from commonbeat.core.fields import Invalid
from commonbeat.journal.models import Delivery
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of
from tests.journeys.test_field_report import Desk

LINKED = [kind for kind in KINDS if kind.workflow.named("link")]


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


@pytest.mark.parametrize("kind", LINKED, ids=lambda kind: kind.slug)
def test_whoever_does_not_see_the_other_case_does_not_learn_of_it(city: City, signed_in: Any, kind: Kind) -> None:
    """From either side, with every kind: the page of a request tells of the other case only to who may see that."""
    theirs, ours = opening_of(kind).open_one(city), service(city)
    Case.objects.filter(pk=theirs.pk).update(area=city.south, assignee=None, team=None)
    anybody, linked = everything(city), 0
    for one, other in ((ours, theirs), (theirs, ours)):
        one.refresh_from_db()
        try:
            act(one, "link", data={"reference": other.reference}, actor=anybody, at=timezone.now())
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
