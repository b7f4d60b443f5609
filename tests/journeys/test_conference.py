"""A restorative conference from the referral to the broken window that was mended, without a mail nobody decided on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, Task
from commonbeat.cases.returning import reporter_actor
from commonbeat.community.models import User
from commonbeat.core.fields import Invalid
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Delivery
from commonbeat.kinds.conference.deeds import refer
from commonbeat.talks.models import Side
from commonbeat.talks.numbers import public_numbers
from commonbeat.talks.tasks import ask_all
from tests import make
from tests.conftest import City
from tests.contracts.opening import conference as opening
from tests.journeys.test_mediation import Desk, _links, _side

SAFE = {"owns": "yes", "free": "yes", "intimate": "no", "fear": "no", "order": "no"}
OWNER = {"role": "harmed", "called": "the baker", "way": "email", "email": "baker@example.org", "language": "en"}
BOY = {"role": "responsible", "called": "the young man", "way": "phone", "phone": "312-555-0177", "language": "en"}
AUNT = {"role": "supports_responsible", "called": "his aunt", "way": "email", "email": "aunt@example.org",
        "language": "es"}  # fmt: skip


@pytest.fixture
def lena(city: City) -> User:
    """The coordinator."""
    return make.user("Lena Liaison", "liaison")


@pytest.fixture(autouse=True)
def _no_limits(settings: Any) -> None:
    settings.RATE_LIMITS = {group: (10_000, 600) for group in settings.RATE_LIMITS}


def test_who_broke_a_window_and_who_owns_it_meet_and_it_is_mended(city: City, signed_in: Any, lena: User) -> None:
    concern = make.concern(city.noise, email="rosa@example.org", told_by="email").case
    omar = signed_in(city.omar)
    assert "/desk/conferences/new/?from=" in omar.get(f"/desk/{concern.reference}/").content.decode()
    address = f"/desk/conferences/new/?from={concern.reference}"
    assert omar.get(address).status_code == 200 and omar.post(address, {"text": "Windows"}).status_code == 422
    sent = {"referred_by": "officer", "text": "Windows of the bakery were broken.", "number": "26-4411"}
    assert omar.post(address, sent)["Location"] == "/desk/", "who refers it does not see it again"
    case = Case.objects.get(kind="conference")
    page = omar.get(f"/desk/{concern.reference}/").content.decode()
    assert "Referred to a restorative conference" in page and f"/desk/{case.reference}/" not in page
    assert signed_in(city.sam).get(f"/desk/{case.reference}/").status_code == 404
    before = Delivery.objects.count()

    desk = Desk(signed_in(lena), case)
    desk.take("acknowledge")
    desk.take("add_side", **OWNER)
    desk.take("screen", **SAFE)
    desk.take("assign", user=city.cleo.pk, knows="no")
    assert "Add them first" in desk.take("invite", expect=422, about="A window").content.decode()
    desk.take("add_side", **BOY)
    desk.take("add_side", **AUNT)
    form = desk.client.get(f"/desk/{case.reference}/?step=invite").content.decode()
    assert 'name="tell"' in form and "checked" not in form[form.index('name="tell"') :][:60], "a person decides it"
    desk.take("invite", about="What happened at the bakery, and how to put it right", tell="on")
    links = _links(timezone.now())
    assert set(links) == {"baker@example.org", "aunt@example.org"}
    told = next(str(one.body) for one in mail.outbox if one.to == ["baker@example.org"])
    assert "What happened at the bakery" in told and "aunt" not in told and "Windows of" not in told
    sent_by_hand = Delivery.objects.count()
    baker = Client()
    baker.post(links["baker@example.org"], {"deed": "reply", "answer": "yes", "needs": ["support"]})
    desk.take("record_answer", side=_side(case, "the young man"), answer="yes", how="phone")
    case.refresh_from_db()
    assert case.state == "ready", "supporters are not waited for"
    letter = desk.client.post(f"/desk/{case.reference}/sides/{_side(case, 'the young man')}/letter/").content.decode()
    assert "Would you meet about it?" in letter

    leader = Desk(signed_in(city.cleo), case)
    soon = timezone.localtime() + dt.timedelta(days=2)
    when = {"starts": soon.strftime("%Y-%m-%dT%H:%M"), "minutes": 60, "way": "person", "place": "Library"}
    assert "alone first" in leader.take("plan", expect=422, sort="joint", **when).content.decode()
    leader.take("plan", sort="pre", sides=[_side(case, "the baker")], **when)
    case.sessions.filter(held_at=None).update(starts_at=timezone.now() - dt.timedelta(hours=3))
    number = case.sessions.get(held_at=None).pk
    leader.take("hold", session=number, came=[_side(case, "the baker")], result="prepared")
    met = {"side": _side(case, "the young man"), "minutes": 40, "way": "phone", "went": "prepared"}
    early = leader.take("meet", expect=422, **met, started=when["starts"]).content.decode()
    assert "lies in the future" in early and when["starts"] in early
    leader.take("meet", **met, started=timezone.localtime().strftime("%Y-%m-%dT%H:%M"))
    talked = case.sessions.latest("pk")
    assert (talked.sort, talked.result, talked.came) == ("pre", "prepared", [int(_side(case, "the young man"))])
    assert "Meeting with one side before the talks" in leader.client.get(f"/desk/{case.reference}/").content.decode()
    leader.take("plan", sort="joint", **when)
    leader.take("point", who=_side(case, "the young man"), text="He mends the window and pays for the glass.")
    leader.take("offer")
    leader.take("accept", side=_side(case, "the young man"), how="person")
    baker.post(links["baker@example.org"], {"deed": "accept_own"})
    case.refresh_from_db()
    assert case.state == "following"
    assert ask_all(at=timezone.now() + dt.timedelta(days=31)) == 0, "nothing goes out by itself (RULES 6)"
    assert Task.objects.filter(case=case, sort="review", done_at=None).exists()
    own = Delivery.objects.filter(template="staff_added")
    assert Delivery.objects.count() - own.count() == sent_by_hand and sent_by_hand > before
    leader.take("ask_kept")
    assert "every point was done" in leader.take("close", expect=422, outcome="completed").content.decode()
    leader.take("check", side=_side(case, "the baker"), point=case.points.get().pk, found="kept")
    leader.take("close", outcome="completed")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "completed") and list(verify()) == []
    assert "Agreement completed" in omar.get(f"/desk/{concern.reference}/").content.decode()


def test_no_conference_where_it_is_not_owned_not_free_or_not_safe(city: City, lena: User) -> None:
    actor = city.actor(lena)
    for answer in ({"owns": "no"}, {"free": "unsure"}, {"intimate": "yes"}, {"order": "unsure"}):
        case = refer({"referred_by": "school", "text": "A fight."}, actor=actor, at=make.NOW).case
        act(case, "screen", data=SAFE | answer, actor=actor, at=make.NOW)
        assert case.state == "intake" and case.detail("screening")["risks"] == list(answer)
    case = refer({"referred_by": "school", "text": "A fight."}, actor=actor, at=make.NOW).case
    with pytest.raises(Invalid, match="could be completed"):
        act(case, "close", data={"outcome": "completed"}, actor=actor, at=make.NOW)


def test_rule_07_nobody_under_18_is_asked_without_a_guardian(city: City, lena: User) -> None:
    actor = city.actor(lena)
    case = refer({"referred_by": "school", "text": "A fight."}, actor=actor, at=make.NOW).case
    with pytest.raises(Invalid, match="parent or guardian"):
        act(case, "add_side", data=BOY | {"minor": True}, actor=actor, at=make.NOW)
    entry = act(case, "add_side", data=BOY | {"minor": True, "guardian": True}, actor=actor, at=make.NOW)
    assert entry.data["minor"] is True and Side.objects.filter(case=case).count() == 1


def test_somebody_withdraws_and_nobody_hears_who(city: City, lena: User) -> None:
    actor = city.actor(lena)
    case = refer({"referred_by": "victims", "text": "A window."}, actor=actor, at=make.NOW).case
    for who in (OWNER, BOY):
        act(case, "add_side", data=who, actor=actor, at=make.NOW)
    act(case, "screen", data=SAFE, actor=actor, at=make.NOW)
    act(case, "assign", data={"user": city.cleo.pk, "knows": "no"}, actor=actor, at=make.NOW)
    act(case, "invite", data={"about": "A window", "tell": True}, actor=actor, at=make.NOW)
    mails = Delivery.objects.filter(recipient="baker@example.org").count()
    part = Side.objects.get(case=case, role="responsible").participant
    act(case, "withdraw", data={"reason": "Canarywords"}, actor=reporter_actor(part), at=make.NOW)
    assert (case.state, case.outcome) == ("closed", "withdrawn")
    assert Delivery.objects.filter(recipient="baker@example.org").count() == mails, "a person decides whether to write"
    assert Task.objects.filter(case=case, sort="tell_side", done_at=None).exists()


def test_numbers_of_conferences_are_public_and_hide_what_could_name_somebody(city: City, client: Client) -> None:
    ended = make.NOW - dt.timedelta(days=200)
    for number in range(9):
        case = opening.open_one(city)
        outcome = "completed" if number < 6 else "no_agreement" if number < 8 else "declined"
        Case.objects.filter(pk=case.pk).update(state="closed", outcome=outcome, closed_at=ended)
    table = public_numbers("conference", at=make.NOW).outcomes
    assert table.cells["2025"]["declined"] not in (1, 2) and table.cells["2025"]["no_agreement"] != 2
    page = client.get("/conferences/numbers/").content.decode()
    assert "What came of restorative conferences" in page and "Agreement completed" in page
    assert "/conferences/numbers/" in client.get("/mediation/numbers/").content.decode()
    told = client.get("/conferences.csv").content.decode()
    assert told.startswith("table,row,column,count") and "no_agreement,2" not in told and "declined,1" not in told
    assert public_numbers("mediation", at=make.NOW).outcomes.cells == {}
