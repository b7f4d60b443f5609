"""Who hears of what: reporters of repeated reports, whoever works the case, and whoever stands in for them."""

from __future__ import annotations

import datetime as dt

import pytest

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, RoutingRule
from commonbeat.cases.returning import reporter_actor
from commonbeat.community.models import Cover, User
from commonbeat.community.reference import touch
from commonbeat.core.fields import Invalid
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City

RESOLVED = {"outcome": "fixed", "message": "They turned it down."}


def told(template: str) -> list[str]:
    rows = Delivery.objects.filter(template=template, channel="email").order_by("recipient")
    return list(rows.values_list("recipient", flat=True))


def from_somebody(city: City, who: str) -> Case:
    return make.concern(city.noise, email=f"{who}@example.org", told_by="email").case


def test_reporters_hear_how_it_goes_on_however_often_their_report_was_merged(city: City) -> None:
    sam = city.actor(city.sam)
    first, second, third = (from_somebody(city, who) for who in ("ana", "ben", "cora"))
    act(first, "merge", data={"reference": second.reference}, actor=sam, at=make.NOW)
    act(second, "merge", data={"reference": third.reference}, actor=sam, at=make.NOW)
    act(third, "resolve", data=RESOLVED, actor=sam, at=make.NOW)
    assert told("resolved") == ["ana@example.org", "ben@example.org", "cora@example.org"]


def test_a_report_that_was_merged_and_opened_again_goes_its_own_way(city: City) -> None:
    sam = city.actor(city.sam)
    one, other = from_somebody(city, "ana"), from_somebody(city, "ben")
    act(one, "merge", data={"reference": other.reference}, actor=sam, at=make.NOW)
    act(one, "reopen", data={"reason": "Another flat."}, actor=sam, at=make.NOW)
    act(other, "resolve", data=RESOLVED, actor=sam, at=make.NOW)
    assert told("resolved") == ["ben@example.org"]
    act(one, "merge", data={"reference": other.reference}, actor=sam, at=make.NOW)
    assert one.state == "merged"


def test_two_cases_are_linked_once_whichever_way_round(city: City) -> None:
    sam, one, other = city.actor(city.sam), make.concern(city.noise).case, make.concern(city.noise).case
    act(one, "link", data={"reference": other.reference}, actor=sam, at=make.NOW)
    for this, that in ((one, other), (other, one)):
        with pytest.raises(Invalid, match="linked already"):
            act(this, "link", data={"reference": that.reference}, actor=sam, at=make.NOW)


def test_whoever_works_the_case_hears_what_the_reporter_adds_and_that_they_withdraw(city: City) -> None:
    case = make.concern(city.noise).case
    act(case, "assign", data={"user": city.omar.pk}, actor=city.actor(city.sam), at=make.NOW)
    reporter = reporter_actor(case.participants.get())
    act(case, "add", data={"text": "It is louder now."}, actor=reporter, at=make.NOW)
    act(case, "withdraw", data={}, actor=reporter, at=make.NOW)
    rows = Delivery.objects.filter(template="staff_added").order_by("id")
    assert [row.context["what"] for row in rows] == ["The reporter added information.", "The report was withdrawn."]
    assert {row.recipient for row in rows} == {city.omar.email}
    assert "louder" not in str([row.context for row in rows])


def test_whoever_stands_in_is_told_in_place_of_somebody_who_is_away(city: City) -> None:
    day = make.NOW.date()
    Cover.objects.create(user=city.omar, by=city.olga, since=day, until=day + dt.timedelta(days=3))
    case = make.concern(city.noise).case
    act(case, "assign", data={"user": city.omar.pk}, actor=city.actor(city.sam), at=make.NOW)
    assert told("staff_assigned") == [city.olga.email, city.omar.email]
    later = make.NOW + dt.timedelta(days=9)
    act(case, "add", data={"text": "Again."}, actor=reporter_actor(case.participants.get()), at=later)
    assert told("staff_added") == [city.omar.email]


def test_an_officer_whose_cover_begins_today_gets_no_new_case_from_the_evening_on(city: City) -> None:
    RoutingRule.objects.create(order=1, name="Area officer", area_officer=True)
    touch("routing")
    day = make.NOW.date()
    Cover.objects.create(
        user=city.omar, by=city.sam, since=day + dt.timedelta(days=1), until=day + dt.timedelta(days=2)
    )
    evening = dt.datetime(2026, 3, 12, 1, 0, tzinfo=dt.UTC)  # 20:00 of the 11th in Chicago
    assert make.concern(city.noise, at=evening).case.assignee == city.omar
    assert make.concern(city.noise, at=evening + dt.timedelta(hours=14)).case.assignee == city.sam


def test_a_rule_that_names_somebody_who_left_gives_them_nothing(city: City) -> None:
    RoutingRule.objects.create(order=1, name="Olga alone", user=city.olga)
    RoutingRule.objects.create(order=2, name="Olga or the team", user=city.olga, team=city.team)
    User.objects.filter(pk=city.olga.pk).update(is_active=False)
    touch("routing")
    touch("officers")
    case = make.concern(city.noise).case
    assert case.assignee is None and case.team == city.team
    assert Entry.objects.get().data["routing"]["looks"][0] == ["Olga alone", False, "user"]
