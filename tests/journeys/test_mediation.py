"""Mediation from both sides: asked for, screened, invited, agreed, kept or not; and what nobody else learns of it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core import mail
from django.test import Client

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, Participant, Task
from commonbeat.cases.returning import reporter_actor
from commonbeat.community.models import User
from commonbeat.core.fields import Invalid
from commonbeat.journal.chain import verify
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import AccessLog, Delivery
from commonbeat.talks.models import Check, SealedNote, Side
from commonbeat.talks.notes import destroy_notes
from commonbeat.talks.tasks import ask_all
from tests import make
from tests.conftest import City
from tests.contracts.test_rules import _dump
from tests.reading_pdf import text_of as read_pdf

LINK = re.compile(r"/talks/([\w-]{20,})/")
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
FORM = {
    "text": "Drums above my bed until two in the morning.", "about": "noise", "other": "The family upstairs",
    "afraid": "no", "who": "email", "email": "rosa@example.org", "name": "Rosa Resident", "language": "es",
}  # fmt: skip
SAFE = dict.fromkeys(("violence", "fear", "order", "pressure", "power"), "no")
UPSTAIRS = {"called": "upstairs", "way": "email", "email": "lou@example.org", "language": "en"}


@pytest.fixture
def lena(city: City) -> User:
    """The coordinator of mediation."""
    return make.user("Lena Liaison", "liaison")


@pytest.fixture(autouse=True)
def _no_limits(settings: Any) -> None:
    settings.RATE_LIMITS = {group: (10_000, 600) for group in settings.RATE_LIMITS}


class Desk:
    """Somebody at the desk who takes steps on one case, each as the page sends it."""

    def __init__(self, client: Client, case: Case) -> None:
        self.client, self.case = client, case

    def take(self, step: str, expect: int = 302, **data: Any) -> Any:
        version = Case.objects.values_list("version", flat=True).get(pk=self.case.pk)
        answer = self.client.post(f"/desk/{self.case.reference}/{step}/", {"version": version, **data})
        assert answer.status_code == expect, (
            step,
            re.findall(r'class="usa-error[^>]*>([^<]+)', answer.content.decode()),
        )
        return answer

    def page(self) -> str:
        return self.client.get(f"/desk/{self.case.reference}/").content.decode()


def _links(at: dt.datetime) -> dict[str, str]:
    """The latest link that each address was mailed."""
    send_due(at=at + dt.timedelta(minutes=5))
    found = {}
    for sent in mail.outbox:
        token = LINK.search(str(sent.body))
        if token:
            found[sent.to[0]] = f"/talks/{token[1]}/"
    return found


def _mail_to(address: str) -> str:
    """The latest mail to somebody: its subject and words."""
    sent = [one for one in mail.outbox if one.to == [address]][-1]
    return f"{sent.subject}\n{sent.body}"


def _side(case: Case, called: str) -> str:
    return str(Side.objects.get(case=case, called=called).pk)


def _asked(city: City, signed_in: Any, lena: User) -> tuple[Desk, dict[str, str]]:
    """Rosa asked for talks with the people upstairs, and both were invited."""
    from django.utils import timezone

    Client().post("/mediation/", FORM)
    desk = Desk(signed_in(lena), Case.objects.latest("pk"))
    desk.take("acknowledge")
    desk.take("add_side", **UPSTAIRS)
    desk.take("assign", user=city.cleo.pk, knows="no")
    desk.take("screen", **SAFE)
    desk.take("invite", about="Sleep and music in one house", tell="on")
    return desk, _links(timezone.now())


def test_neighbours_are_asked_one_by_one_agree_and_are_asked_again(city: City, signed_in: Any, lena: User) -> None:
    from django.utils import timezone

    rosa = Client()
    answer = rosa.post("/mediation/", FORM)
    code = CODE.search(answer.content.decode())
    assert answer.status_code == 201 and code and not rosa.cookies.get("sessionid")
    case = Case.objects.get()
    desk = Desk(signed_in(lena), case)
    assert "Drums above my bed" in desk.page() and "The family upstairs" in desk.page()
    desk.take("acknowledge")
    desk.take("invite", expect=409, about="x")
    desk.take("add_side", **UPSTAIRS, needs=["interpreter"])
    assert {s.role: s.called for s in case.sides.all()} == {"first": "the one who asked", "other": "upstairs"}
    desk.take("screen", **SAFE)
    assert "Choose first who leads" in desk.take("invite", expect=422, about="Music").content.decode()
    desk.take("assign", user=city.cleo.pk, knows="no")
    assert Delivery.objects.filter(template="staff_assigned", recipient=city.cleo.email).exists()
    desk.take("invite", about="Sleep and music in one house", tell="on")
    links = _links(timezone.now())
    assert set(links) == {"rosa@example.org", "lou@example.org"}
    asked = _mail_to("lou@example.org")
    assert "Sleep and music" in asked and not any(word in asked for word in ("Rosa", "rosa@", "Drums", "bed"))

    lou, page = Client(), Client().get(links["lou@example.org"]).content.decode()
    assert "the one who asked" in page and not any(word in page for word in ("Rosa", "rosa@", "Drums"))
    own = rosa.get(links["rosa@example.org"]).content.decode()
    assert "upstairs" in own and "lou@example.org" not in own and not lou.cookies.get("sessionid")
    done = lou.post(links["lou@example.org"], {"deed": "reply", "answer": "yes", "needs": ["evening"]})
    assert done.status_code == 302 and Case.objects.get().state == "asking"
    assert "We have not heard from everybody" in lou.get(links["lou@example.org"]).content.decode()
    seen = rosa.get(links["rosa@example.org"]).content.decode()
    assert "Takes part" not in seen and "said yes" not in seen, "nobody hears what another one said"
    desk.take("plan", expect=409)
    rosa.post(links["rosa@example.org"], {"deed": "reply", "answer": "yes"})
    assert Case.objects.get().state == "ready"
    assert "Everybody said yes" in rosa.get(links["rosa@example.org"]).content.decode()

    leader = Desk(signed_in(city.cleo), case)
    soon = timezone.localtime() + dt.timedelta(days=3)
    leader.take("plan", sort="joint", starts=soon.strftime("%Y-%m-%dT%H:%M"), minutes=60, way="person",
                place="Library, room 2; upstairs", tell="on")  # fmt: skip
    page = lou.get(links["lou@example.org"]).content.decode()
    ics = re.search(r'href="(/talks/[^"]+\.ics)"', page)
    assert ics
    entry = lou.get(ics[1]).content.decode()
    assert entry.startswith("BEGIN:VCALENDAR\r\n") and "LOCATION:Library\\, room 2\\; upstairs\r\n" in entry
    number = case.sessions.get().pk
    assert "not come yet" in leader.take("hold", expect=422, session=number, result="agreed").content.decode()
    case.sessions.update(starts_at=timezone.now() - dt.timedelta(hours=2))
    leader.take(
        "hold", session=number, came=[_side(case, "upstairs"), _side(case, "the one who asked")], result="agreed"
    )
    leader.take("point", who=_side(case, "upstairs"), text="No drums after ten in the evening")
    leader.take("point", who="all", text="We ring before we call the police")
    assert (
        "Read the points"
        in leader.take("accept", expect=422, side=_side(case, "upstairs"), how="paper").content.decode()
    )
    leader.take("offer", tell="on")
    for client, address in ((lou, "lou@example.org"), (rosa, "rosa@example.org")):
        assert "No drums after ten" in client.get(links[address]).content.decode()
        paper = client.get(links[address] + "agreement.pdf")
        assert paper.status_code == 200 and paper.content.startswith(b"%PDF")
        assert client.post(links[address], {"deed": "accept_own"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "following" and Task.objects.filter(case=case, sort="review", done_at=None).count() == 1
    spanish = desk.client.get(f"/desk/{case.reference}/agreement.pdf?language=es")
    read = read_pdf(spanish.content)
    assert read.language == "es" and read.tagged and "No drums after ten" in read.text and "Rosa" not in read.text

    later = timezone.now() + dt.timedelta(days=30)
    assert ask_all(at=timezone.now() + dt.timedelta(days=20)) == 0
    assert ask_all(at=later) == 1 and ask_all(at=later) == 0
    first, second = (str(row.pk) for row in case.points.order_by("pk"))
    lou.post(links["lou@example.org"], {"deed": "tell_how", "point": first, "found": "kept"})
    rosa.post(links["rosa@example.org"], {"deed": "tell_how", "point": first, "found": "broken", "text": "On Sunday."})
    leader.take("check", side=_side(case, "upstairs"), point=second, found="kept")
    page = desk.page()
    assert "It is not kept" in page and "On Sunday." in page
    assert "On Sunday." not in lou.get(links["lou@example.org"]).content.decode()
    assert ask_all(at=later + dt.timedelta(days=61)) == 1
    assert set(Check.objects.values_list("days", flat=True)) == {30}
    assert "agreement to which" not in desk.take("close", outcome="agreement", tell="on").content.decode()
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "agreement") and list(verify()) == []
    visit = rosa.post("/return/", {"code": code[0]})
    mine = rosa.get(visit["Location"])
    assert "You talked it over and agreed" in mine.content.decode()
    part = re.search(r'href="(/talks/of/[^"]+)"', mine.content.decode())
    assert part and rosa.get(part[1], follow=True).status_code == 200


def test_a_no_silence_and_a_withdrawal_sound_the_same_to_the_other_side(city: City, signed_in: Any, lena: User) -> None:
    from django.utils import timezone

    told, pages = [], []
    for way in ("no", "silence", "withdrawal"):
        mail.outbox.clear()
        desk, links = _asked(city, signed_in, lena)
        lou = Client()
        if way == "no":
            lou.post(links["lou@example.org"], {"deed": "reply", "answer": "no"})
            assert Case.objects.latest("pk").state == "asking"
            desk.take("close", outcome="declined", tell="on")
        elif way == "silence":
            desk.take("close", outcome="no_contact", tell="on")
        else:
            lou.post(links["lou@example.org"], {"deed": "withdraw", "reason": "I cannot stand her."})
        assert not Case.objects.latest("pk").is_open
        _links(timezone.now())
        told.append(re.sub(r"CB-\S+|/return/link/\S+", "", _mail_to("rosa@example.org")))
        page = Client().get(links["rosa@example.org"]).content.decode()
        assert "I cannot stand her" not in page
        pages.append(re.search(r'<p class="big">([^<]+)', page)[1])  # type: ignore[index]
    assert len(set(told)) == 1 and len(set(pages)) == 1, (told, pages)


def test_the_report_page_of_who_asked_tells_a_withdrawal_of_the_other_side_as_any_end(
    city: City, signed_in: Any, lena: User
) -> None:
    pages = []
    for way in ("close", "withdraw"):
        opened = make.mediation(email="rosa@example.org", told_by="email")
        case, actor = opened.case, city.actor(lena)
        act(case, "add_side", data=UPSTAIRS, actor=actor, at=make.NOW)
        if way == "close":
            act(case, "close", data={"outcome": "declined"}, actor=actor, at=make.NOW)
        else:
            other = Side.objects.get(case=case, role="other").participant
            act(case, "withdraw", data={"reason": "Enough."}, actor=reporter_actor(other), at=make.NOW)
        client = Client()
        page = client.get(client.post("/return/", {"code": opened.code})["Location"]).content.decode()
        assert "Enough." not in page
        main = page[page.index("<main") : page.index("</main")]
        pages.append(re.sub(r"CB-[\w-]+|number \d+|value=\"[^\"]*\"|/my/[\w-]+/|\d{4}-\d\d-\d\d", "", main))
    assert pages[0] == pages[1]


def test_nobody_is_asked_to_talk_with_somebody_they_fear(city: City, signed_in: Any, lena: User) -> None:
    Client().post("/mediation/", FORM | {"afraid": "yes"})
    case = Case.objects.get()
    desk = Desk(signed_in(lena), case)
    desk.take("add_side", **UPSTAIRS)
    desk.take("assign", user=city.cleo.pk, knows="no")
    desk.take("screen", **(SAFE | {"fear": "unsure"}))
    case.refresh_from_db()
    assert case.state == "intake" and "Not safe or not free" in desk.page()
    desk.take("invite", expect=409, about="Music")
    page = desk.client.get(f"/desk/{case.reference}/?step=not_suitable").content.decode()
    assert re.search(r'name="tell"(?![^>]*checked)[^>]*>', page), "a person decides whether anything is sent (RULES 6)"
    before = Delivery.objects.count()
    desk.take("not_suitable", referral="advocate", message="Talking with them is not safe for you.")
    case.refresh_from_db()
    assert case.outcome == "inappropriate" and Delivery.objects.count() == before
    assert (
        "enough" not in SAFE
        and "what is done"
        in Desk(desk.client, make.mediation().case)
        .take("screen", expect=422, **(SAFE | {"power": "yes"}))
        .content.decode()
    )


def test_who_leads_has_no_interest_in_it(city: City, lena: User) -> None:
    actor, case = city.actor(lena), make.mediation(area_id=city.north.pk).case
    assign: dict[str, Any] = {"user": city.omar.pk, "knows": "no"}
    with pytest.raises(Invalid, match="looks after the area"):
        act(case, "assign", data=assign, actor=actor, at=make.NOW)
    with pytest.raises(Invalid, match="people they know"):
        act(case, "assign", data=assign | {"knows": "yes", "reason": "x"}, actor=actor, at=make.NOW)
    act(case, "assign", data=assign | {"reason": "Both sides asked for him."}, actor=actor, at=make.NOW)
    assert case.assignee_id == city.omar.pk
    with pytest.raises(Invalid, match="may lead talks"):
        act(case, "assign", data={"user": city.ed.pk, "knows": "no"}, actor=actor, at=make.NOW)


def test_a_complaint_goes_over_to_mediation_with_its_wall_and_without_its_words(
    city: City, signed_in: Any, lena: User
) -> None:
    from django.utils import timezone

    pat, said = city.actor(city.pat), "Zebrawords at the traffic stop"
    complaint = make.complaint(text=said, email="rosa@example.org", name="Rosa", told_by="email").case
    act(complaint, "classify", data={"level": "performance"}, actor=pat, at=make.NOW)
    act(complaint, "assign", data={"user": city.pat.pk}, actor=pat, at=make.NOW)
    alleged = {"allegation": "courtesy", "officer": city.omar.pk, "text": "Quaggawords"}
    act(complaint, "allege", data=alleged, actor=pat, at=make.NOW)
    act(complaint, "mediate", data={"about": "How a traffic stop went", "both": True}, actor=pat, at=make.NOW)
    talks = Case.objects.get(kind="mediation")
    assert talks.state == "intake" and {s.role for s in talks.sides.all()} == {"first", "officer"}
    assert "Zebrawords" not in str(talks.text) + str(talks.details) and "Quaggawords" not in str(talks.details)
    for user in (city.omar, city.sam, city.olga, city.ada, city.pat):
        assert not Case.objects.visible_to(city.actor(user)).filter(pk=talks.pk).exists(), user.name
    desk = Desk(signed_in(lena), talks)
    for user, why in ((city.cleo, "one team"), (city.omar, "")):
        answer = desk.take("assign", expect=422, user=user.pk, knows="no", reason="It is fair.").content.decode()
        assert why in answer
    nina = make.user("Nina Neutral", "programme")
    desk.take("assign", user=nina.pk, knows="no")
    desk.take("screen", **(SAFE | {"power": "yes", "balance": "Somebody they trust sits beside them."}))
    desk.take("invite", about="How a traffic stop went", tell="on")
    links = _links(timezone.now())
    assert set(links) >= {"rosa@example.org", city.omar.email}
    page = Client().get(links[city.omar.email]).content.decode()
    assert "How a traffic stop went" in page and "Rosa" not in page and "Zebrawords" not in page
    Client().post(links[city.omar.email], {"deed": "reply", "answer": "no"})
    desk.take("close", outcome="declined", tell="on")
    assert Delivery.objects.filter(recipient=city.pat.email, template="staff_added").exists()
    page = signed_in(city.pat).get(f"/desk/{complaint.reference}/").content.decode()
    assert "A side declined" in page and talks.reference not in page, "standards hear the outcome only"


def test_rule_08_sealed_notes_are_read_by_who_wrote_them_and_destroyed_in_time(
    city: City, signed_in: Any, lena: User, django_capture_on_commit_callbacks: Any
) -> None:
    case, actor = make.mediation().case, city.actor(lena)
    act(case, "add_side", data=UPSTAIRS, actor=actor, at=make.NOW)
    act(case, "assign", data={"user": city.cleo.pk, "knows": "no"}, actor=actor, at=make.NOW)
    leader = Desk(signed_in(city.cleo), case)
    leader.take("keep_note", note="Okapiwords: she cried")
    leader.take("analyse", side=_side(case, "upstairs"), position="Drums", interests="Okapirest for the band")
    assert "Okapiwords" in leader.page() and "Okapirest" in leader.page()
    assert "Only who leads" in Desk(signed_in(lena), case).take("keep_note", expect=422, note="x").content.decode()
    assert "Okapi" not in _dump(), "no dump of the database tells it"
    rita = make.user("Rita Records", "records")
    for user in (lena, rita):
        page = Desk(signed_in(user), case).page()
        assert "Your sealed notes" not in page and "Okapi" not in page
        found = signed_in(user).get("/desk/?view=all&q=Okapiwords").content.decode()
        assert case.reference not in found
    case.refresh_from_db()
    act(case, "assign", data={"user": lena.pk, "knows": "no"}, actor=actor, at=make.NOW)
    assert "Okapi" not in Desk(signed_in(lena), case).page(), "a new leader does not read them either"
    assert AccessLog.objects.filter(what="sealed", user_id=city.cleo.pk).exists()
    act(case, "close", data={"outcome": "conciliated"}, actor=actor, at=make.NOW)
    key = site_settings.KEYS_ROOT / "cases" / f"{case.client_id}.key"
    assert key.exists() and destroy_notes(at=make.NOW + dt.timedelta(days=89)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert destroy_notes(at=make.NOW + dt.timedelta(days=91)) == 2
    assert not key.exists() and not SealedNote.objects.exists()


def test_an_officer_offers_mediation_and_later_sees_the_outcome_only(city: City, signed_in: Any, lena: User) -> None:
    concern = make.concern(city.noise, email="rosa@example.org", name="Rosa", told_by="email", text="Giraffewords").case
    omar = signed_in(city.omar)
    assert f"/desk/mediations/new/?from={concern.reference}" in omar.get(f"/desk/{concern.reference}/").content.decode()
    address = f"/desk/mediations/new/?from={concern.reference}"
    assert omar.get(address).status_code == 200
    sent = {"text": "Noise from the bar", "about": "noise", "other": "The bar", "afraid": "no"}
    assert omar.post(address, sent | {"other": ""}).status_code == 422
    answer = omar.post(address, sent)
    assert answer.status_code == 201
    talks = Case.objects.get(kind="mediation")
    part = talks.participants.get(role="reporter")
    assert part.person and part.person.email == "rosa@example.org" and part.person.apart
    assert (
        "Giraffewords" not in talks.text
        and not Case.objects.visible_to(city.actor(city.omar)).filter(pk=talks.pk).exists()
    )
    act(talks, "close", data={"outcome": "conciliated"}, actor=city.actor(lena), at=make.NOW)
    page = omar.get(f"/desk/{concern.reference}/").content.decode()
    assert "Conciliated" in page and talks.reference not in page and "Mediation offered" in page
    assert list(verify()) == []
    other = signed_in(city.olga)
    assert other.get(address).status_code == 404, "only from a case that one sees"


def test_what_was_settled_on_the_street_is_recorded_in_one_form(city: City, signed_in: Any) -> None:
    cleo = signed_in(city.cleo)
    given = {"text": "Parking at the block party", "about": "event", "outcome": "agreement"}
    assert cleo.get("/desk/mediations/quick/").status_code == 200
    refused = cleo.post("/desk/mediations/quick/", given)
    assert refused.status_code == 422 and "Parking at the block party" in refused.content.decode()
    token = "5f0f4e5e-1c57-4f1b-9d0e-0d1f5c9e1a11"
    sent = given | {"agreed": "The alley stays open.", "other": "The host and the baker", "client_id": token}
    for _ in range(2):
        answer = cleo.post("/desk/mediations/quick/", sent)
        assert answer.status_code == 302
    case = Case.objects.get()
    assert (case.state, case.outcome, case.assignee_id) == ("closed", "agreement", city.cleo.pk)
    page = cleo.get(answer["Location"]).content.decode()
    assert "The alley stays open." in page and "Settled on the spot" in page
    assert signed_in(city.olga).get(answer["Location"]).status_code == 404
    assert not Participant.objects.filter(person__isnull=False).exists() and not Delivery.objects.exists()
