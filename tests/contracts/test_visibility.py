"""What somebody sees follows from the declarations: checked against a second, plain reading of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonbeat.cases.actions import act
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case, Participant
from commonbeat.community.access import actor_for
from commonbeat.community.models import Cover, User
from commonbeat.core.actor import Actor, Grant, Role
from commonbeat.core.retention import Retention
from tests import make
from tests.conftest import City

ROLES = [str(role) for role in Role]
SCOPES = st.sets(st.sampled_from(["all", "team", "assigned", "unplaced"]), min_size=1).map(
    lambda found: tuple(sorted(found))
)
SEES = st.dictionaries(st.sampled_from(ROLES), SCOPES, max_size=6)
SQUARE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def two_more_kinds(monkeypatch: pytest.MonkeyPatch) -> list[Kind]:
    """Kinds beside the concern whose `sees` a test replaces."""
    flow = KINDS["concern"].workflow
    kinds = [
        Kind(slug, slug, slug, flow, sees={}, retention={"default": Retention(1, "test")})
        for slug in ("first", "second")
    ]
    monkeypatch.setattr(KINDS, "_items", KINDS._items | {kind.slug: kind for kind in kinds})
    return kinds


@pytest.fixture
def matters(city: City, two_more_kinds: list[Kind]) -> list[Case]:
    """Cases of every kind, in both areas and none, with and without team and assignee, some with a subject."""
    rows = []
    for number, kind in enumerate(["concern", "first", "second"] * 8):
        case = make.concern(city.noise).case
        area, team, assignee = number % 3, number % 4, number % 5
        Case.objects.filter(pk=case.pk).update(
            kind=kind, area_id=(city.north.pk, city.south.pk, None)[area], team_id=city.team.pk if team == 1 else None,
            assignee_id={1: city.omar.pk, 2: city.sam.pk}.get(assignee),
        )  # fmt: skip
        if number % 7 == 0:
            Participant.objects.create(case=case, role="subject", user=city.omar, created_at=make.NOW)
        if number % 6 == 1:
            Participant.objects.create(case=case, role="partner", user=city.omar, created_at=make.NOW)
        rows.append(Case.objects.get(pk=case.pk))
    return rows


def _sees(case: Case, actor: Actor) -> bool:
    """The rule, read plainly: some grant shows this kind, as wide as the grant and no wider; subjects never."""
    if case.participants.filter(role="subject", user_id=actor.user_id).exists():
        return False
    for grant in actor.grants:
        for scope in KINDS[case.kind].sees.get(grant.role, ()):
            if scope == "all" and (
                case.area_id in grant.area_ids
                if grant.area_ids
                else case.team_id == grant.team_id
                if grant.team_id
                else True
            ):
                return True
            if scope == "unplaced" and case.area_id is None:
                return True
            if scope == "team" and grant.team_id and case.team_id == grant.team_id:
                return True
            if scope == "assigned" and case.assignee_id in {actor.user_id, *actor.covers}:
                return True
    return False


@SQUARE
@given(data=st.data())
def test_lists_and_objects_follow_the_declarations_and_subjects_see_nothing(
    city: City, matters: list[Case], two_more_kinds: list[Kind], data: Any
) -> None:
    for kind in two_more_kinds:
        object.__setattr__(kind, "sees", data.draw(SEES))
    areas = st.sets(st.sampled_from([city.north.pk, city.south.pk])).map(frozenset)
    teams = st.sampled_from([None, city.team.pk, city.team.pk + 1])
    grant = st.builds(Grant, role=st.sampled_from(ROLES), area_ids=areas, team_id=teams)
    user = data.draw(st.sampled_from([city.omar, city.sam, city.pat]))
    grants = tuple(data.draw(st.lists(grant, max_size=4)))
    covers = data.draw(st.sampled_from([frozenset(), frozenset({city.sam.pk}), frozenset({city.omar.pk, city.ada.pk})]))
    actor = Actor(sort="staff", user_id=user.pk, name=user.name, grants=grants, covers=covers - {user.pk})

    listed = set(Case.objects.visible_to(actor).values_list("pk", flat=True))
    assert listed == {case.pk for case in matters if _sees(case, actor)}
    for case in matters[:4]:
        assert Case.objects.visible_to(actor).filter(pk=case.pk).exists() == (case.pk in listed)
    subject_of = set(Participant.objects.filter(role="subject", user=user).values_list("case_id", flat=True))
    assert not listed & subject_of


def test_strangers_reporters_and_keys_see_what_is_theirs(city: City, matters: list[Case]) -> None:
    first = matters[0]
    assert Case.objects.visible_to(Actor()).count() == 0
    assert Case.objects.visible_to(Actor(sort="staff", user_id=city.sam.pk)).count() == 0
    assert set(Case.objects.visible_to(Actor(sort="reporter", case_id=first.pk))) == {first}
    assert Case.objects.visible_to(Actor(sort="key", key_id=1)).count() == 0
    north = Actor(sort="key", key_id=1, grants=(Grant("key", frozenset({city.north.pk})),))
    shown = Case.objects.visible_to(north)
    assert shown.exists() and {case.area_id for case in shown} == {city.north.pk}
    assert {case.kind for case in shown} == {"concern"}


def test_a_grant_that_has_run_out_shows_nothing(city: City) -> None:
    make.concern(city.noise)
    city.omar.grants.update(until=make.NOW.date() - dt.timedelta(days=1))
    assert Case.objects.visible_to(city.actor(city.omar)).count() == 0


def _stands_in(by: User, user: User, *, days: int = 2) -> None:
    since = make.NOW.date()
    Cover.objects.create(user=user, by=by, since=since, until=since + dt.timedelta(days=days))


def test_whoever_stands_in_sees_the_absent_persons_area_and_cases_while_it_lasts(city: City) -> None:
    theirs, given = make.concern(city.noise).case, make.concern(city.noise).case
    elsewhere = make.concern(city.noise, place=make.SOUTH).case
    Case.objects.filter(pk=given.pk).update(area_id=None, assignee=city.omar)
    assert set(Case.objects.visible_to(city.actor(city.olga))) == {elsewhere}
    _stands_in(city.olga, city.omar)
    actor = city.actor(city.olga)
    assert actor.covers == {city.omar.pk}
    assert set(Case.objects.visible_to(actor)) == {theirs, given, elsewhere}
    act(theirs, "acknowledge", data={}, actor=actor, at=make.NOW)
    later = actor_for(city.olga, at=make.NOW + dt.timedelta(days=3))
    assert later.covers == frozenset() and set(Case.objects.visible_to(later)) == {elsewhere}
    assert set(Case.objects.visible_to(city.actor(city.omar))) == {theirs, given}, "the absent see as before"


def test_standing_in_lends_places_and_never_a_role(city: City) -> None:
    _stands_in(city.olga, city.ada)
    _stands_in(city.cleo, city.pat)
    north = make.user("Nora North", "supervisor", areas=(city.north,))
    _stands_in(city.olga, north)
    assert city.actor(city.olga).roles == {"officer"} and city.actor(city.cleo).roles == {"cso"}
    assert {case for grant in city.actor(city.olga).grants for case in grant.area_ids} == {city.north.pk, city.south.pk}
    subject = make.concern(city.noise).case
    Participant.objects.create(case=subject, role="subject", user=city.olga, created_at=make.NOW)
    assert subject not in Case.objects.visible_to(city.actor(city.olga))


def test_the_inbox_says_for_whom_one_stands_in(city: City, signed_in: Any) -> None:
    today = timezone.localdate()
    Cover.objects.create(user=city.omar, by=city.olga, since=today, until=today)
    Case.objects.filter(pk=make.concern(city.noise).case.pk).update(assignee=city.omar)
    page = signed_in(city.olga).get("/desk/").content.decode()
    assert "You stand in for Omar Officer" in page
    assert Case.objects.get().reference in signed_in(city.olga).get(f"/desk/?assignee={city.omar.pk}").content.decode()
    assert "You stand in" not in signed_in(city.sam).get("/desk/").content.decode()
