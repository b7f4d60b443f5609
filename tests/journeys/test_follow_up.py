"""A follow-up with a person harmed: consent first, calls as it is safe, help, releases that end, walls around it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, Task
from commonbeat.core.fields import Invalid
from commonbeat.core.workflow import NotAllowed
from commonbeat.journal.models import Delivery, Entry
from commonbeat.kinds.follow_up.models import CallBack, FollowUp, Referral
from commonbeat.kinds.follow_up.opening import open_follow_up
from commonbeat.publishing.models import Publication, PublicCase
from tests import make
from tests.conftest import City
from tests.contracts.opening.follow_up import answers, open_one, work_on
from tests.journeys.test_complaint import step

pytestmark = pytest.mark.django_db
NAME, SAID = "Vera Victim", "Somebody broke in while she slept."


def agreed(case: Case, actor: Any, **more: Any) -> None:
    """They say yes, by telephone."""
    given = {"consent": "yes", "consent_words": "By telephone", "ways": ["call"]} | more
    act(case, "ask_consent", data=given, actor=actor, at=make.NOW)


def opened(city: City) -> Case:
    """A follow-up that omar opened."""
    return open_follow_up(answers(city), actor=city.actor(city.omar), at=make.NOW).case


def test_from_a_concern_to_the_last_word(city: City, signed_in: Any) -> None:
    concern, omar = make.concern(city.noise).case, signed_in(city.omar)
    assert f"/desk/follow-ups/new/?case={concern.reference}" in omar.get(f"/desk/{concern.reference}/").content.decode()
    form = {**answers(city), "case": concern.reference, "client_id": str(uuid.uuid4())}
    assert omar.get(f"/desk/follow-ups/new/?case={concern.reference}").status_code == 200
    wrong = omar.post("/desk/follow-ups/new/", form | {"phone": "", "email": ""})
    assert wrong.status_code == 422 and SAID in wrong.content.decode() and NAME in wrong.content.decode()
    assert [omar.post("/desk/follow-ups/new/", form).status_code for _ in range(2)] == [302, 302]
    case = Case.objects.get(kind="follow_up")
    row = FollowUp.objects.get()
    assert row.origin == concern and case.assignee == city.omar and case.state == "new"
    assert case.reference not in omar.get(f"/desk/{concern.reference}/").content.decode(), "the concern tells nobody"
    page = omar.get("/desk/follow-ups/").content.decode()
    assert case.reference in page and NAME not in page and "Consent not given yet" in page

    bad = step(omar, case, "ask_consent", consent="yes", consent_words="On the telephone")
    assert bad.status_code == 422 and "at least one way" in bad.content.decode()
    step(omar, case, "ask_consent", consent="yes", consent_words="On the telephone", ways=["call"], times="Mornings",
         careful="Never say police")  # fmt: skip
    page = omar.get(f"/desk/{case.reference}/").content.decode()
    assert "Never say police" in page and "Leave no words" in page and concern.reference in page
    step(omar, case, "plan_call", on="2099-04-01T10:00")
    task = Task.objects.get(case=case, sort="follow_up")
    assert task.owner == city.omar and task.text == "", "a task names nobody"
    voicemail = step(omar, case, "call", call="left_words", way="call", held_at="2026-03-10T10:00")
    assert voicemail.status_code == 422 and "words on the voicemail" in voicemail.content.decode()
    unsafe = step(omar, case, "call", call="reached", way="email", held_at="2026-03-10T10:00")
    assert unsafe.status_code == 422 and "called safe" in unsafe.content.decode()
    step(omar, case, "call", call="reached", way="call", held_at="2026-03-10T10:00", text="Sleeps badly.",
         next_on="2099-04-08T10:00")  # fmt: skip
    assert Task.objects.filter(case=case, done_at=None).count() == 1
    step(omar, case, "needs", needs=["talk", "legal"])
    step(omar, case, "offer", need="talk", what="Open Door, counseling", answer="accepted")
    assert "Open Door, counseling" in omar.get(f"/desk/{case.reference}/").content.decode()
    step(omar, case, "close", outcome="helped", last_word="You listened.")
    case.refresh_from_db()
    assert case.outcome == "helped" and not Task.objects.filter(case=case, done_at=None).exists()
    assert "You listened." in omar.get(f"/desk/{case.reference}/").content.decode()
    assert case.reference not in omar.get("/desk/follow-ups/").content.decode()


def test_rule_06_nothing_is_sent_to_the_person_whatever_is_done(city: City) -> None:
    case, omar = opened(city), city.actor(city.omar)
    agreed(case, omar)
    work_on(case)
    later = make.NOW + dt.timedelta(hours=1)
    for slug, data in (
        ("plan_call", {"on": "2026-04-01T10:00"}), ("needs", {"needs": ["safety"]}), ("note", {"text": "x"}),
        ("offer", {"need": "talk", "what": "x", "answer": "later"}),
        ("result", {"referral": Referral.objects.get().pk, "result": "got_help"}),
        ("close", {"outcome": "well"}), ("reopen", {"reason": "Came back"}),
    ):  # fmt: skip
        act(case, slug, data=data, actor=omar, at=later)
    assert not Delivery.objects.filter(recipient="vera@example.org").exists()
    assert not Delivery.objects.exclude(recipient__in=[city.omar.email, city.sam.email]).exists()
    assert FollowUp.objects.get().consent == "", "who comes back is asked again"


def test_whoever_says_no_or_stop_is_not_called_again(city: City) -> None:
    omar, no = city.actor(city.omar), opened(city)
    act(no, "plan_call", data={"on": "2026-04-01T10:00"}, actor=omar, at=make.NOW)
    agreed(no, omar, consent="no", consent_words="She said no")
    assert no.state == "new" and not Task.objects.filter(case=no, done_at=None).exists()
    with pytest.raises(NotAllowed):
        act(no, "refer", data={"agency": "x", "need": "talk", "how": "alone"}, actor=omar, at=make.NOW)
    with pytest.raises(Invalid, match="said no"):
        act(no, "close", data={"outcome": "helped"}, actor=omar, at=make.NOW)
    stop = opened(city)
    agreed(stop, omar)
    call = {"way": "call", "held_at": "2026-03-10T10:00"}
    act(stop, "call", data=call | {"call": "stop", "next_on": "2026-04-01T10:00"}, actor=omar, at=make.NOW)
    for case in (no, stop):
        for slug, data in (("plan_call", {"on": "2026-04-01T10:00"}), ("call", call | {"call": "reached"})):
            with pytest.raises(Invalid, match="unless they come back"):
                act(case, slug, data=data, actor=omar, at=make.NOW)
    assert not Task.objects.filter(case=stop, done_at=None).exists()
    agreed(stop, omar)
    act(stop, "plan_call", data={"on": "2026-04-01T10:00"}, actor=omar, at=make.NOW)


def test_not_reached_means_that_somebody_tried_on_three_days(city: City) -> None:
    case, omar = opened(city), city.actor(city.omar)
    for day in ("09", "09", "10"):
        act(case, "call", data={"call": "no_answer", "way": "call", "held_at": f"2026-03-{day}T10:00"}, actor=omar,
            at=make.NOW)  # fmt: skip
    with pytest.raises(Invalid, match="Try 3 times on different days"):
        act(case, "close", data={"outcome": "not_reached"}, actor=omar, at=make.NOW)
    act(case, "call", data={"call": "no_answer", "way": "call", "held_at": "2026-03-11T08:00"}, actor=omar, at=make.NOW)
    with pytest.raises(Invalid, match="not after now"):
        act(case, "call", data={"call": "no_answer", "way": "call", "held_at": "2027-03-11T08:00"}, actor=omar,
            at=make.NOW)  # fmt: skip
    act(case, "close", data={"outcome": "not_reached"}, actor=omar, at=make.NOW)
    assert case.outcome == "not_reached" and CallBack.objects.count() == 4


def test_rule_05_nothing_is_told_without_a_release_that_holds_and_help_needs_none(city: City) -> None:
    case, omar = opened(city), city.actor(city.omar)
    agreed(case, omar)
    alone = {"agency": "Open Door", "need": "talk", "how": "alone"}
    act(case, "refer", data=alone, actor=omar, at=make.NOW)
    signed = alone | {"how": "release", "shares": "Her name and number", "signed_on": "2026-03-10",
                      "until": "2026-03-20", "informed": True}  # fmt: skip
    for wrong in ({"informed": False}, {"shares": ""}, {"signed_on": ""}, {"until": "2027-03-20"}, {"until": ""}):
        with pytest.raises(Invalid):
            act(case, "refer", data=signed | wrong, actor=omar, at=make.NOW)
    act(case, "refer", data=signed, actor=omar, at=make.NOW)
    first, second = Referral.objects.order_by("pk")
    told = {"text": "Her name, to Ms. Door"}
    with pytest.raises(Invalid, match="did not sign"):
        act(case, "share", data=told | {"referral": first.pk}, actor=omar, at=make.NOW)
    entry = act(case, "share", data=told | {"referral": second.pk}, actor=omar, at=make.NOW)
    assert entry.data["agency"] == "Open Door" and "Ms. Door" in (entry.personal or {})["text"]
    with pytest.raises(Invalid, match="ended on 2026-03-20"):
        act(case, "share", data=told | {"referral": second.pk}, actor=omar, at=make.NOW + dt.timedelta(days=10))
    act(case, "revoke", data={"referral": second.pk}, actor=omar, at=make.NOW)
    with pytest.raises(Invalid, match="took the release back"):
        act(case, "share", data=told | {"referral": second.pk}, actor=omar, at=make.NOW)
    other = open_one(city)
    with pytest.raises(Invalid, match="one of the referrals"):
        act(case, "result", data={"referral": _referral_of(other), "result": "got_help"}, actor=omar, at=make.NOW)


def _referral_of(case: Case) -> int:
    work_on(case)
    return Referral.objects.get(case=case).pk


def test_only_the_worker_and_the_supervisors_of_the_area_see_it(city: City, signed_in: Any) -> None:
    case = opened(city)
    agreed(case, city.actor(city.omar))
    work_on(case)
    north, south = (make.user(f"Lead {a.name}", "supervisor", areas=(a,)) for a in (city.north, city.south))
    near = make.user("Nell North", "officer", areas=(city.north,))
    outside = (city.olga, city.cleo, city.pat, city.ada, city.ed, near, south, make.user("Rita Records", "records"))
    for user in outside:
        client = signed_in(user)
        assert client.get(f"/desk/{case.reference}/").status_code == 404, user.name
        for address in ("/desk/?view=all", f"/desk/?q={case.reference}", "/desk/tasks/?view=team", "/desk/follow-ups/",
                        "/office/access/", "/office/deliveries/"):  # fmt: skip
            page = client.get(address, follow=True).content.decode()
            assert NAME not in page and f"/desk/{case.reference}/" not in page, (user.name, address)
    for user in (city.omar, city.sam, north):
        assert SAID in signed_in(user).get(f"/desk/{case.reference}/").content.decode(), user.name
    act(case, "assign", data={"user": near.pk}, actor=city.actor(city.omar), at=make.NOW)
    assert signed_in(city.omar).get(f"/desk/{case.reference}/").status_code == 404, "it is nell's now"
    assert signed_in(near).get(f"/desk/{case.reference}/").status_code == 200
    assert Delivery.objects.get(template="staff_assigned").recipient == near.email
    with pytest.raises(Invalid, match="does not do follow-ups"):
        act(case, "assign", data={"user": city.ed.pk}, actor=city.actor(city.sam), at=make.NOW)


def test_nothing_of_it_is_public(city: City, client: Any) -> None:
    case = open_one(city)
    work_on(case)
    act(Case.objects.get(pk=case.pk), "close", data={"outcome": "helped"}, actor=city.actor(city.sam), at=make.NOW)
    assert not PublicCase.objects.exists() and not Publication.objects.exists()
    for path in ("/", f"/cases/{case.reference}/", "/outcomes/", "/open311/v2/requests.json", "/numbers/",
                 f"/areas/{city.north.pk}/feed/"):  # fmt: skip
        page = client.get(path, follow=True).content.decode().replace(case.reference, "", 1)
        assert NAME not in page and "follow-up" not in page.lower(), path
    assert not any(e.audience == "public" for e in Entry.objects.about("case", case.pk))
