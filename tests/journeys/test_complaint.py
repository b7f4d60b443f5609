"""A complaint from the public form to the letter and the appeal, through the front doors, without scripts."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, CaseFile, Participant
from commonbeat.cases.safeguards import Hold
from commonbeat.community.agency import local_day
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.workflow import NotAllowed
from commonbeat.journal.channels.mail import render as render_mail
from commonbeat.journal.models import AccessLog, Delivery, Entry
from commonbeat.kinds.complaint.models import Allegation, Appeal, Interview, Recommendation
from tests import make
from tests.conftest import City

pytestmark = pytest.mark.django_db
SAID = "He shouted at my son and pushed him against the car."


def typed(**more: Any) -> dict[str, Any]:
    """The form as somebody fills it in."""
    return {
        "text": SAID, "behalf": "other", "affected": "Ray", "about": "Tall, badge 41 or 47", "who": "email",
        "email": "rosa@example.org", "name": "Rosa Resident", "language": "en", "client_id": str(uuid.uuid4()),
    } | more  # fmt: skip


def complain(client: Client, **more: Any) -> tuple[Any, Case, str]:
    """Send the form; the receipt, the case and the return code."""
    page = client.post("/complaint/", typed(**more))
    assert page.status_code == 201, page.content.decode()
    code = re.search(r'id="return-code">([0-9A-Z-]+)<', page.content.decode())
    assert code
    return page, Case.objects.filter(kind="complaint").latest("pk"), code[1]


def my_page(client: Client, code: str) -> str:
    """The address of the own page of whoever holds a code."""
    return str(client.post("/return/", {"code": code})["Location"])


def step(client: Client, case: Case, slug: str, **data: Any) -> Any:
    """Take a step on the desk; what the browser is shown then."""
    case.refresh_from_db()
    return client.post(f"/desk/{case.reference}/{slug}/", {"version": case.version, **data}, follow=True)


def mail_of(template: str) -> tuple[str, str]:
    """Subject and text of the newest mail made with a template."""
    return render_mail(Delivery.objects.filter(template=template).latest("id"), at=timezone.now())


def test_somebody_complains_gets_a_copy_and_comes_back_with_the_code(city: City, client: Client) -> None:
    assert "Anybody may complain" in client.get("/complaint/").content.decode()
    page, case, code = complain(client)
    text = page.content.decode()
    assert "no-store" in page["Cache-Control"] and case.reference in text
    assert SAID in text and "Tall, badge 41 or 47" in text, "their own copy stands on the receipt"
    assert case.kind == "complaint" and case.assignee is None and case.team is None and case.area is None
    subject, body = mail_of("complaint_received")
    assert case.reference in subject and "complaint" not in subject.lower(), "others see subjects on a screen"
    assert SAID not in body
    mine = my_page(client, code)
    page = client.get(mine)
    text = page.content.decode()
    assert "Professional standards reads it next" in text and SAID in text
    link = re.search(r'href="(/complaint/statement/[^"]+)"', text)
    assert link and SAID in client.get(link[1]).content.decode()
    sent = client.post(f"{mine}{case.reference}/add/", {"text": "There is a video.", "version": case.version})
    assert sent.status_code == 302
    other = make.concern(city.noise, email="rosa@example.org", name="Rosa Resident", told_by="email").case
    people = {row.person_id for row in Participant.objects.filter(case__in=[case, other], role="reporter")}
    assert len(people) == 2, "whoever looks up the person of a concern is not led to a complaint"


def test_rule_09_professional_standards_hear_of_it_by_its_reference_alone(city: City, client: Client) -> None:
    _answer, case, _code = complain(client)
    told = Delivery.objects.get(template="staff_complaint")
    assert told.recipient == city.pat.email
    subject, body = mail_of("staff_complaint")
    assert case.reference in subject + body and f"/desk/{case.reference}/" in body
    known = "\n".join([subject, body, str(told.context)])
    for words in (case.text, *(str(value) for value in case.details["answers"].values() if isinstance(value, str))):
        assert words not in known, words
    complain(client)
    assert Delivery.objects.filter(template="staff_complaint").count() == 2
    assert not Delivery.objects.filter(recipient__in=[city.sam.email, city.omar.email, city.ada.email]).exists()


def test_an_anonymous_complaint_is_taken_and_stores_nobody(city: City, client: Client) -> None:
    _page, case, code = complain(client, who="anonymous", name="Rosa Resident", email="rosa@example.org")
    reporter = case.participants.get()
    assert reporter.person is None and not Delivery.objects.exclude(template="staff_complaint").exists()
    assert SAID in client.get(my_page(client, code)).content.decode()


def test_what_is_wrong_is_said_and_what_was_typed_stays(city: City, client: Client) -> None:
    page = client.post("/complaint/", typed(email="nobody"))
    text = page.content.decode()
    assert page.status_code == 422 and SAID in text and "Enter an e-mail address" in text and "Tall, badge" in text
    page = client.post("/complaint/", typed(text="", who="phone", phone="12"))
    assert page.status_code == 422 and "Answer this question." in page.content.decode()
    assert Case.objects.count() == 0


def test_sent_twice_it_is_one_complaint_and_changed_it_is_another(city: City, client: Client) -> None:
    form = typed()
    first, second = client.post("/complaint/", form), client.post("/complaint/", form)
    assert (first.status_code, second.status_code) == (201, 200) and Case.objects.count() == 1
    assert "return-code" not in second.content.decode()
    assert client.post("/complaint/", form | {"text": "Another matter."}).status_code == 201
    assert Case.objects.count() == 2


def test_photos_come_with_it_and_another_code_opens_nothing_of_it(city: City, client: Client, signed_in: Any) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "JPEG")
    photo = SimpleUploadedFile("arm.jpg", picture.getvalue(), content_type="image/jpeg")
    bad = SimpleUploadedFile("notes.jpg", b"no picture", content_type="image/jpeg")
    wrong = client.post("/complaint/", typed(photos=[photo, bad]))
    assert wrong.status_code == 422 and "notes.jpg" in wrong.content.decode()
    token = re.search(r'name="photo" value="([^"]+)"', wrong.content.decode())
    assert token, "the good one is kept"
    _page, case, _code = complain(client, photo=token[1])
    row = CaseFile.objects.get(case=case)
    assert signed_in(city.pat).get(f"/files/{row.pk}/small/").status_code == 200
    for user in (city.omar, city.sam, city.ada):
        assert signed_in(user).get(f"/files/{row.pk}/small/").status_code == 404
    _page, _other, code = complain(client, text="Another matter.")
    token_of_other = my_page(client, code).split("/")[2]
    for what in ("statement", "letter"):
        assert client.get(f"/complaint/{what}/{token_of_other}/{case.reference}/").status_code == 404
        assert client.get(f"/complaint/{what}/nothing/{case.reference}/").status_code == 404


def test_danger_in_a_complaint_shows_the_emergency_number_first(city: City, client: Client) -> None:
    words = "He is beating my brother right now, please help!"
    page = client.post("/complaint/", typed(text=words))
    text = page.content.decode()
    assert "911" in text and Case.objects.count() == 0 and words in text
    danger = re.search(r'name="danger" value="([^"]+)"', text)
    assert danger
    assert client.post("/complaint/", typed(text=words, danger=danger[1])).status_code == 201
    assert Entry.objects.get(verb="case.opened").data["danger"]["number"] == "911"


def test_the_counter_takes_a_complaint_and_gives_a_slip_but_keeps_nothing_in_sight(city: City, signed_in: Any) -> None:
    desk = signed_in(city.omar)
    assert desk.get("/desk/complaints/new/").status_code == 200
    page = desk.post("/desk/complaints/new/", typed(channel="counter"))
    text = page.content.decode()
    case = Case.objects.get()
    assert page.status_code == 201 and "return-code" in text and SAID in text and case.channel == "counter"
    assert f'href="/desk/{case.reference}/"' not in text
    assert desk.get(f"/desk/{case.reference}/").status_code == 404
    wrong = desk.post("/desk/complaints/new/", typed(channel="counter", email="nobody"))
    assert wrong.status_code == 422 and SAID in wrong.content.decode()
    danger = desk.post("/desk/complaints/new/", typed(channel="phone", text="He is stabbing him right now!"))
    assert danger.status_code == 422 and "dispatch" in danger.content.decode()


def test_from_level_to_letter_to_appeal_on_the_desk(city: City, client: Client, signed_in: Any) -> None:
    paula = make.user("Paula Second", "standards")
    _page, case, code = complain(client)
    pat = signed_in(city.pat)
    assert case.reference in pat.get("/desk/?view=all").content.decode()
    assert step(pat, case, "acknowledge", tell="on").status_code == 200
    step(pat, case, "assign", user=paula.pk)
    step(pat, case, "classify", level="level_two", reason="Force on a minor.", tell="on")
    case.refresh_from_db()
    assert case.state == "investigating" and case.detail("level") == "level_two" and case.assignee == paula
    decide = dt.datetime.fromisoformat(case.clocks["decide"]["due"])
    assert (decide.date() - case.opened_at.date()).days in {364, 365, 366} and case.clocks["acknowledge"]["met"]
    page = step(pat, case, "allege", allegation="force", described="Tall, badge 41 or 47", text="Pushed a child.")
    assert "Officer not known yet" in page.content.decode()
    row = Allegation.objects.get()
    page = pat.get(f"/desk/{case.reference}/?step=identify&which={row.pk}")
    assert "Omar Officer" in page.content.decode()
    page = step(pat, case, "identify", which=row.pk, officer=city.omar.pk)
    assert "Sam Supervisor" in page.content.decode(), "who is kept out is said: the officer and who commands them"
    step(pat, case, "interview", role="witness", name="Wanda", how="phone", held_at="2026-03-10T14:00",
         text="He pushed the boy.")  # fmt: skip
    assert "He pushed the boy." in pat.get(f"/desk/{case.reference}/").content.decode()
    early = step(pat, case, "decide", message="We looked at the video.")
    assert early.status_code == 422 and "needs a finding first" in early.content.decode()
    step(pat, case, "find", which=row.pk, finding="sustained", reason="The video shows it.")
    step(pat, case, "decide", message="We looked at the video and heard three people.", tell="on")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("decided", "sustained")
    assert case.dispose_on and case.closed_at
    ended = local_day(case.closed_at)
    assert case.dispose_on >= ended.replace(year=ended.year + 15)
    assert "letter" in mail_of("complaint_decided")[1] and "video" not in mail_of("complaint_decided")[1]

    mine = my_page(client, code)
    text = client.get(mine).content.decode()
    assert "It happened as you said" in text
    letter = re.search(r'href="(/complaint/letter/[^"]+)"', text)
    assert letter
    words = client.get(letter[1]).content.decode()
    assert "heard three people" in words and "Sustained" in words and "You can appeal until" in words
    assert "Omar" not in words and "Use of force" in words
    printed = pat.get(f"/desk/complaints/{case.reference}/letter/").content.decode()
    assert "Rosa Resident" in printed and AccessLog.objects.filter(subject_id=case.pk, what="contact").exists()

    sent = client.post(f"{mine}{case.reference}/appeal/", {"text": "You did not hear my son.", "version": case.version})
    assert sent.status_code == 302
    case.refresh_from_db()
    assert case.state == "appealed" and "You did not hear my son." in client.get(mine).content.decode()
    refused = step(pat, case, "uphold", message="It stands.")
    assert refused.status_code == 422 and "Somebody else decides" in refused.content.decode()
    step(signed_in(paula), case, "uphold", message="We heard your son as well. The decision stands.", tell="on")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("decided", "sustained") and Appeal.objects.get().upheld is True
    text = client.get(mine).content.decode()
    assert "/appeal/" not in text, "once"
    assert "Here the way through the department ends" in client.get(letter[1]).content.decode()


def test_an_appeal_in_time_can_open_it_again_for_somebody_else(city: City) -> None:
    pat, paula = city.actor(city.pat), city.actor(make.user("Paula Second", "standards"))
    case = make.complaint().case
    act(case, "assign", data={"user": city.pat.pk}, actor=pat, at=make.NOW)
    act(case, "close", data={"outcome": "admin_closed", "reason": "No contact", "message": "No one answered."},
        actor=pat, at=make.NOW)  # fmt: skip
    reporter = Actor(sort="reporter", case_id=case.pk, participant_id=case.participants.get().pk)
    late = make.NOW + dt.timedelta(days=31)
    with pytest.raises(Invalid, match="time to appeal ended"):
        act(case, "appeal", data={"text": "I was away."}, actor=reporter, at=late)
    act(case, "appeal", data={"text": "I was away."}, actor=reporter, at=make.NOW + dt.timedelta(days=30))
    assert "appeal" in case.clocks and case.due_at
    act(case, "grant", data={"message": "We look again."}, actor=paula, at=late)
    assert (case.state, case.outcome, case.assignee_id) == ("review", "", None)
    assert case.closed_at is None and case.dispose_on is None and not case.clocks["decide"]["met"]
    with pytest.raises(NotAllowed):
        act(case, "appeal", data={"text": "Again."}, actor=reporter, at=late)


def test_clocks_count_days_and_more_time_needs_a_reason_that_is_told(city: City) -> None:
    pat = city.actor(city.pat)
    case = make.complaint(email="rosa@example.org", told_by="email").case
    due = {name: dt.datetime.fromisoformat(row["due"]).date() for name, row in case.clocks.items()}
    assert due["acknowledge"] == dt.date(2026, 3, 25) and due["interim"] == dt.date(2026, 4, 10)
    act(case, "classify", data={"level": "performance"}, actor=pat, at=make.NOW)
    assert dt.datetime.fromisoformat(case.clocks["decide"]["due"]).date() == dt.date(2026, 4, 25)
    later = make.NOW + dt.timedelta(days=10)
    act(case, "update", data={"message": "We heard two people.", "tell": True}, actor=pat, at=later)
    assert dt.datetime.fromisoformat(case.clocks["interim"]["due"]).date() == dt.date(2026, 4, 20)
    for wrong in ({"until": "2026-05-25", "message": "We wait for a report."},
                  {"until": "2026-04-20", "reason": "Lab", "message": "We wait."}):  # fmt: skip
        with pytest.raises(Invalid):
            act(case, "extend", data=wrong, actor=pat, at=later)
    act(case, "extend", data={"until": "2026-05-25", "reason": "Lab", "message": "We wait for a report.", "tell": True},
        actor=pat, at=later)  # fmt: skip
    assert dt.datetime.fromisoformat(case.clocks["decide"]["due"]).date() == dt.date(2026, 5, 25)
    assert "We wait for a report." in mail_of("complaint_progress")[1]


def test_mediation_needs_both_sides_and_rests_the_clocks(city: City) -> None:
    pat, case = city.actor(city.pat), make.complaint(email="rosa@example.org", told_by="email").case
    over: dict[str, Any] = {"about": "How a traffic stop went", "both": True}
    act(case, "classify", data={"level": "performance"}, actor=pat, at=make.NOW)
    with pytest.raises(Invalid, match="agreement of both sides"):
        act(case, "mediate", data=over | {"both": False}, actor=pat, at=make.NOW)
    with pytest.raises(Invalid, match="Name the officer"):
        act(case, "mediate", data=over, actor=pat, at=make.NOW)
    alleged = {"allegation": "courtesy", "officer": city.omar.pk, "text": "Swore."}
    act(case, "allege", data=alleged, actor=pat, at=make.NOW)
    act(case, "mediate", data=over, actor=pat, at=make.NOW)
    assert case.state == "mediating" and case.due_at is None
    act(case, "not_mediated", data={}, actor=pat, at=make.NOW + dt.timedelta(days=7))
    assert case.due_at is not None
    act(case, "mediate", data=over, actor=pat, at=make.NOW)
    act(case, "mediated", data={"message": "You agreed."}, actor=pat, at=make.NOW + dt.timedelta(days=9))
    assert (case.state, case.outcome) == ("settled", "mediated")


def test_a_policy_failure_teaches_command_staff_without_the_case(city: City, signed_in: Any) -> None:
    pat, case = city.actor(city.pat), make.complaint().case
    act(case, "classify", data={"level": "level_one"}, actor=pat, at=make.NOW)
    act(case, "allege", data={"allegation": "procedure", "officer": city.omar.pk, "text": "Left no card."}, actor=pat,
        at=make.NOW)  # fmt: skip
    row = Allegation.objects.get()
    act(case, "find", data={"which": str(row.pk), "finding": "policy_failure", "reason": "No rule says it."},
        actor=pat, at=make.NOW)  # fmt: skip
    with pytest.raises(Invalid, match="as a recommendation"):
        act(case, "decide", data={"message": "The rule is missing."}, actor=pat, at=make.NOW)
    act(case, "recommend", data={"about": "Cards", "text": "Leave a card after every stop."}, actor=pat, at=make.NOW)
    sam = signed_in(city.sam)
    assert "Leave a card" not in sam.get("/desk/recommendations/").content.decode(), "an open case tells nobody"
    assert "Leave a card" in signed_in(city.pat).get("/desk/recommendations/").content.decode()
    act(case, "decide", data={"message": "The rule is missing."}, actor=pat, at=make.NOW)
    assert case.outcome == "policy_failure"
    page = sam.get("/desk/recommendations/").content.decode()
    assert "Leave a card" in page and case.reference not in page
    lesson = Recommendation.objects.get()
    wrong = sam.post(f"/desk/recommendations/{lesson.pk}/", {"version": 1, f"r{lesson.pk}-text": "From May on."})
    assert wrong.status_code == 422 and "From May on." in wrong.content.decode()
    good = {f"r{lesson.pk}-answer": "planned", f"r{lesson.pk}-text": "From May on.", "version": 1}
    assert sam.post(f"/desk/recommendations/{lesson.pk}/", good).status_code == 302
    assert sam.post(f"/desk/recommendations/{lesson.pk}/", good).status_code == 409, "the version is old now"
    assert "We will change it" in sam.get("/desk/recommendations/").content.decode()
    assert signed_in(city.omar).get("/desk/recommendations/").status_code == 404


def test_allegations_are_taken_out_and_findings_decide_the_outcome(city: City) -> None:
    pat, case = city.actor(city.pat), make.complaint().case
    act(case, "classify", data={"level": "level_one"}, actor=pat, at=make.NOW)
    for sort in ("courtesy", "force", "neglect"):
        act(case, "allege", data={"allegation": sort, "described": "tall", "text": sort}, actor=pat, at=make.NOW)
    one, two, three = Allegation.objects.order_by("pk")
    act(case, "find", data={"which": str(one.pk), "finding": "sustained", "reason": "Video"}, actor=pat, at=make.NOW)
    act(case, "find", data={"which": str(two.pk), "finding": "unfounded", "reason": "Video"}, actor=pat, at=make.NOW)
    act(case, "strike", data={"which": str(three.pk), "reason": "A slip"}, actor=pat, at=make.NOW)
    with pytest.raises(Invalid):
        act(case, "find", data={"which": str(three.pk), "finding": "unfounded", "reason": "x"}, actor=pat, at=make.NOW)
    act(case, "decide", data={"message": "See below."}, actor=pat, at=make.NOW)
    assert case.outcome == "partially_sustained"


def test_rule_09_retention_follows_the_finding_and_a_hold_blocks_destruction(city: City) -> None:
    from commonbeat.cases.disposal import approve, due_for_disposal, place_hold, propose

    pat, paula = city.actor(city.pat), city.actor(make.user("Paula Second", "standards"))
    case = make.complaint().case
    act(case, "close", data={"outcome": "clarification", "reason": "Asked", "message": "It was a drill."}, actor=pat,
        at=make.NOW)  # fmt: skip
    five = make.NOW.replace(year=make.NOW.year + 5)
    assert case.dispose_on >= five.date()
    assert not due_for_disposal(actor=pat, at=five - dt.timedelta(days=1)).exists()
    later = five + dt.timedelta(days=5)
    assert not due_for_disposal(actor=city.actor(make.user("Rita Records", "records")), at=later).exists()
    hold = place_hold(case, reason="A lawsuit", actor=pat, at=later)
    assert not due_for_disposal(actor=pat, at=later).exists()
    Hold.objects.filter(pk=hold.pk).delete()
    Interview.objects.create(
        case=case, role="witness", how="phone", held_at=make.NOW, text="x", made_at=make.NOW, made_by=city.pat
    )
    (proposal,) = propose([case.pk], reason="Time is over", actor=pat, at=later)
    stone = approve(proposal, actor=paula, at=later)
    assert stone.kind == "complaint" and not Case.objects.exists() and not Interview.objects.exists()
