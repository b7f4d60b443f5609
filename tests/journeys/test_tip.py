"""A tip from beginning to end: sent without a cookie, judged, asked about, answered, promoted, closed, destroyed."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from commonbeat.cases import sealing
from commonbeat.cases.actions import Report, act, open_case
from commonbeat.cases.disposal import place_hold
from commonbeat.cases.models import Case, CaseFile, CaseLink, Task, Upload
from commonbeat.cases.purging import purge
from commonbeat.cases.returning import reporter_actor
from commonbeat.cases.safeguards import Tombstone
from commonbeat.community.models import OneTimeLink
from commonbeat.core.actor import ANONYMOUS, SYSTEM
from commonbeat.core.fields import Invalid
from commonbeat.journal.chain import verify
from commonbeat.journal.models import AccessLog, Delivery, Entry
from commonbeat.kinds.problem.linking import link_cases
from commonbeat.kinds.tip.numbers import count
from commonbeat.kinds.tip.promotion import same_words
from tests import make
from tests.conftest import City
from tests.contracts.test_rules import _dump

TOLD = "A man in a red Ford van sells pills behind the Lantern shop every Friday night."
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture
def drugs(city: City, tmp_path: Path, settings: Any) -> Any:
    """The category of tips; keys lie in a folder of this test."""
    settings.KEYS_ROOT = tmp_path / "keys"
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"tip": (1000, 600), "code": (1000, 600)}
    return make.category("tip-drugs", name="Drug dealing", kind="tip")


def _photo() -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(data, "JPEG", exif=b"Exif\x00\x00secret-camera")
    return SimpleUploadedFile("IMG_rosa_at_home.jpg", data.getvalue())


def _token(page: Any) -> str:
    return re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]  # type: ignore[index]


def _visit(page: Any) -> dict[str, str]:
    return dict(re.findall(r'name="(visit|seen)" value="([^"]+)"', page.content.decode()))


def _send(client: Client, drugs: Any, **more: Any) -> Any:
    token = _token(client.get("/tip/"))
    return client.post("/tip/", {"token": token, "category": drugs.pk, "text": TOLD, **more})


def _tip(city: City, drugs: Any, *, at: dt.datetime = make.NOW, text: str = TOLD) -> Case:
    report = Report(category_id=drugs.pk, text=text, area_id=city.north.pk, channel="tip")
    return open_case("tip", report, actor=ANONYMOUS, at=at).case


def _sender(case: Case) -> Any:
    return reporter_actor(case.participants.get())


def test_a_tip_is_sent_answered_promoted_closed_and_destroyed(city: City, drugs: Any, signed_in: Any) -> None:
    rosa = Client()
    answer = _send(rosa, drugs, area=city.north.pk, who="Red Ford, plate ABC 123", when="Fridays", photo=_photo())
    code = CODE.search(answer.content.decode())
    assert answer.status_code == 201 and code
    assert not rosa.cookies, "no cookie at all"
    case = Case.objects.get()
    assert (case.kind, case.channel, case.text, case.address, case.area) == ("tip", "tip", "", "", city.north)

    desk = signed_in(city.sam)
    page = desk.get(f"/desk/{case.reference}/").content.decode()
    assert TOLD in page and "Red Ford, plate ABC 123" in page and "Not judged yet" in page
    photo = CaseFile.objects.get()
    shown = desk.get(f"/files/{photo.pk}/original/")
    assert Image.open(io.BytesIO(shown.content)).size == (64, 48) and b"secret-camera" not in shown.content
    assert desk.get(f"/files/{photo.pk}/small/").status_code == 200 and photo.name == ""
    assert "stay inside" in desk.get(f"/desk/{case.reference}/files/{photo.pk}/").content.decode()
    assert (
        "stay inside"
        in desk.post(f"/desk/{case.reference}/files/{photo.pk}/release/", {"nothing_personal": "on"}).content.decode()
    )

    for step, data in (
        ("triage", {"priority": "high", "credibility": "credible", "text": "Fits what the patrol saw."}),
        ("ask", {"message": "Is it still every Friday?"}),
    ):
        seen = Case.objects.get().version
        assert desk.post(f"/desk/{case.reference}/{step}/", {"version": seen, **data}).status_code == 302, step
    page = rosa.post("/tip/return/", {"code": code[0].lower()})
    assert "Is it still every Friday?" in page.content.decode() and TOLD in page.content.decode()
    assert "Fits what the patrol saw." not in page.content.decode(), "notes stay with colleagues"
    sent = {**_visit(page), "deed": "write", "text": "Yes, at ten."}
    page = rosa.post("/tip/return/", sent)
    assert "We have your message" in page.content.decode() and Case.objects.get().state == "read"
    again = rosa.post("/tip/return/", sent)
    assert again.status_code == 409 and Entry.objects.filter(verb="case.write").count() == 1, "sent twice, kept once"
    assert "Yes, at ten." in desk.get(f"/desk/{case.reference}/").content.decode()
    told = Delivery.objects.get(template="staff_added")
    assert told.recipient == city.sam.email and "ten" not in str(told.context)

    act(
        Case.objects.get(pk=case.pk), "promote", actor=city.actor(city.sam), at=timezone.now(),
        data={"target": "concern", "category": city.noise.pk, "text": "People meet behind the shop on Fridays.",
              "area": city.north.pk, "clean": True},
    )  # fmt: skip
    concern = Case.objects.get(kind="concern")
    told_there = str(list(Entry.objects.about("case", concern.pk).values())) + str(concern.details) + concern.text
    for secret in (case.reference, "'tip'", "Ford", "pills", code[0]):
        assert secret not in told_there, secret
    assert not CaseLink.objects.exists()
    review = Task.objects.get(sort="purge")
    assert review.case_id == case.pk and review.text == "" and review.due_at is not None
    tip = desk.get(f"/desk/{case.reference}/").content.decode()
    assert concern.reference in tip
    assert case.reference not in desk.get(f"/desk/{concern.reference}/").content.decode()

    seen = Case.objects.get(pk=case.pk).version
    closed = desk.post(
        f"/desk/{case.reference}/close/", {"version": seen, "outcome": "acted", "message": "Thank you. We acted."}
    )
    assert closed.status_code == 302
    case.refresh_from_db()
    assert case.dispose_on == timezone.localdate() + dt.timedelta(days=365)
    assert "Thank you. We acted." in rosa.post("/tip/return/", {"code": code[0]}).content.decode()

    assert purge(at=timezone.now() + dt.timedelta(days=364)) == 0
    key = site_settings.KEYS_ROOT / "cases" / f"{case.client_id}.key"
    path = site_settings.FILES_ROOT / photo.sha256[:2] / photo.sha256[2:4] / photo.sha256
    assert key.exists() and path.exists()
    assert purge(at=timezone.now() + dt.timedelta(days=366)) == 1
    assert not Case.objects.filter(kind="tip").exists()
    stone = Tombstone.objects.get()
    assert (stone.kind, stone.category_code, stone.outcome) == ("tip", "tip-drugs", "acted")
    assert all(entry.personal is None for entry in Entry.objects.about("case", case.pk))
    assert list(verify()) == [], "the journal is whole without the words"
    gone = rosa.post("/tip/return/", {"code": code[0]})
    assert gone.status_code == 422 and "ends with it" in gone.content.decode()


@pytest.mark.django_db(transaction=True)
def test_key_and_files_leave_the_disk_with_the_tip(city: City, drugs: Any) -> None:
    answer = _send(Client(), drugs, photo=_photo())
    assert answer.status_code == 201
    case, photo = Case.objects.get(), CaseFile.objects.get()
    files = [p for p in site_settings.FILES_ROOT.rglob("*") if p.is_file()]
    assert [p.name for p in files] == [photo.sha256], "what lay under the sender's token is gone"
    act(case, "close", data={"outcome": "unfounded"}, actor=city.actor(city.sam), at=timezone.now())
    assert purge(at=timezone.now() + dt.timedelta(days=31)) == 1
    left = [p for root in (site_settings.FILES_ROOT, site_settings.KEYS_ROOT / "cases") for p in root.rglob("*")]
    assert [p for p in left if p.is_file()] == []


def test_rule_04_nothing_of_a_tip_can_be_read_in_the_database_or_on_the_disk(city: City, drugs: Any) -> None:
    browser, address = "Onion-Browser/11.5 (Invented)", "203.0.113.99"
    rosa = Client(headers={"User-Agent": browser}, REMOTE_ADDR=address)
    answer = _send(
        rosa,
        drugs,
        address="Lantern shop, backyard",
        who="Plate ABC 123",
        photo=_photo(),
        danger="",
    )
    code = CODE.search(answer.content.decode())
    assert code
    case = Case.objects.get()
    act(case, "note", data={"text": "Lantern note"}, actor=city.actor(city.sam), at=timezone.now())
    page = rosa.post("/tip/return/", {"code": code[0]})
    rosa.post("/tip/return/", {**_visit(page), "deed": "write", "text": "The Ford has a gun under the seat"})
    assert rosa.post("/tip/return/", {**_visit(page), "deed": "write", "text": ""}).status_code == 422
    disk = b"".join(p.read_bytes() for p in site_settings.FILES_ROOT.rglob("*") if p.is_file())
    held = _dump().encode() + disk
    hexed = b"".join(re.findall(rb"[0-9a-f]{2,}", held))
    for secret in (
        TOLD, "Lantern", "pills", "ABC 123", "gun under", "under the seat", code[0], code[0].replace("-", ""), browser,
        address, "IMG_rosa", "secret-camera",
    ):  # fmt: skip
        raw = secret.encode()
        assert raw not in held, secret
        assert raw.hex().encode() not in hexed, secret
        for shift in range(3):  # base64 of the words, wherever they stand in what was encoded
            coded = base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4].rstrip(b"=")
            assert len(coded) < 8 or coded not in held, secret
    assert not OneTimeLink.objects.exists(), "no visit is noted"
    assert not Case.objects.visible_to(SYSTEM).saying("pills").exists(), "no search finds it"


def test_danger_comes_first_and_its_words_are_not_kept(city: City, drugs: Any) -> None:
    rosa = Client()
    token = _token(rosa.get("/tip/"))
    typed = {"token": token, "category": drugs.pk, "text": "He has a gun and is shooting right now"}
    asked = rosa.post("/tip/", typed | {"photo": _photo()})
    page = asked.content.decode()
    assert asked.status_code == 200 and "Call 911 now" in page and not Case.objects.exists()
    assert "He has a gun and is shooting right now" in page and "1 photo is here already" in page
    hidden = dict(re.findall(r'name="(token|danger|upload)" value="([^"]+)"', page))
    assert rosa.post("/tip/", typed | hidden).status_code == 201
    case = Case.objects.get()
    assert case.details["danger"]["number"] == "911" and "words" not in case.details["danger"]
    assert CaseFile.objects.count() == 1 and not Upload.objects.exists()


def test_errors_keep_what_was_typed_and_the_same_tip_sent_twice_is_one(city: City, drugs: Any) -> None:
    rosa = Client()
    token = _token(rosa.get("/tip/"))
    wrong = rosa.post("/tip/", {"token": token, "text": TOLD, "category": ""})
    assert (
        wrong.status_code == 422 and TOLD in wrong.content.decode() and "Answer this question" in wrong.content.decode()
    )
    stale = rosa.post("/tip/", {"token": "x", "text": TOLD, "category": drugs.pk})
    assert stale.status_code == 422 and TOLD in stale.content.decode() and "more than a day" in stale.content.decode()
    typed = {"token": token, "category": drugs.pk, "text": TOLD}
    first, again = rosa.post("/tip/", typed), rosa.post("/tip/", typed)
    assert (first.status_code, again.status_code) == (201, 200)
    assert CODE.search(first.content.decode()) and not CODE.search(again.content.decode())
    assert rosa.post("/tip/", typed | {"text": TOLD + " And more."}).status_code == 201, "other words are another tip"
    assert Case.objects.count() == 2


def test_a_category_with_questions_of_its_own_asks_them_after_it_was_chosen(city: City, drugs: Any) -> None:
    drugs.questions = [{"code": "armed", "datatype": "string", "label": {"en": "Is anybody armed?"}, "required": True}]
    drugs.save()
    from commonbeat.community.reference import touch

    touch("categories")
    rosa = Client()
    asked = _send(rosa, drugs)
    page = asked.content.decode()
    assert asked.status_code == 422 or "Is anybody armed?" in page
    hidden = dict(re.findall(r'name="(token|asked)" value="([^"]+)"', page))
    done = rosa.post("/tip/", {**hidden, "category": drugs.pk, "text": TOLD, "a-armed": "No"})
    assert done.status_code == 201
    assert sealing.said_in(Case.objects.get()).answers == {"armed": "No"}


def test_a_new_message_opens_a_closed_tip_and_its_time_begins_anew(city: City, drugs: Any) -> None:
    case = _tip(city, drugs)
    act(case, "close", data={"outcome": "unfounded"}, actor=city.actor(city.sam), at=make.NOW)
    assert case.dispose_on is not None
    later = make.NOW + dt.timedelta(days=29)
    act(case, "write", data={"text": "It goes on."}, actor=_sender(case), at=later)
    assert (case.state, case.dispose_on, case.outcome) == ("reopened", None, "")
    assert purge(at=make.NOW + dt.timedelta(days=40)) == 0 and Case.objects.exists()


def test_what_nobody_touches_ends_by_itself_unless_it_is_held(city: City, drugs: Any) -> None:
    idle, held = _tip(city, drugs), _tip(city, drugs)
    place_hold(held, reason="A court asks", actor=city.actor(city.sam), at=make.NOW)
    year = make.NOW + dt.timedelta(days=366)
    assert purge(at=year) == 0
    idle.refresh_from_db()
    held.refresh_from_db()
    assert (idle.state, idle.outcome, held.state) == ("closed", "expired", "new")
    assert purge(at=year + dt.timedelta(days=31)) == 1
    assert set(Case.objects.values_list("pk", flat=True)) == {held.pk}


def test_the_senders_own_sentences_cannot_be_promoted(city: City, drugs: Any) -> None:
    case, sam = _tip(city, drugs), city.actor(city.sam)
    data = {"target": "records", "number": "26-1", "clean": True}
    with pytest.raises(Invalid, match="sender's own words"):
        act(
            case, "promote", data=data | {"text": "Look: SELLS pills, behind the lantern shop."}, actor=sam, at=make.NOW
        )
    act(case, "write", data={"text": "My cousin drives the van on weekends only."}, actor=_sender(case), at=make.NOW)
    with pytest.raises(Invalid, match="sender's own words"):
        act(case, "promote", data=data | {"text": "My cousin drives the van on."}, actor=sam, at=make.NOW)
    with pytest.raises(Invalid, match="Read it once more"):
        act(case, "promote", data=data | {"text": "Dealing is likely there.", "clean": False}, actor=sam, at=make.NOW)
    entry = act(case, "promote", data=data | {"text": "Dealing is likely there."}, actor=sam, at=make.NOW)
    assert "26-1" not in str(entry.data) and "26-1" not in str(entry.personal)
    assert same_words("one two three four five", "one two three four five six") == ""


def test_a_review_destroys_or_asks_again(city: City, drugs: Any) -> None:
    case, sam = _tip(city, drugs), city.actor(city.sam)
    act(
        case, "promote", actor=sam, at=make.NOW,
        data={"target": "records", "number": "26-1", "clean": True, "text": "Likely", "review_on": "2026-05-01"},
    )  # fmt: skip
    with pytest.raises(Invalid, match="still open"):
        act(case, "review", data={"decision": "purge"}, actor=sam, at=make.NOW)
    act(case, "close", data={"outcome": "unfounded"}, actor=sam, at=make.NOW)
    assert Task.objects.filter(sort="purge", done_at=None).count() == 1, "the review outlives the end"
    act(case, "review", data={"decision": "keep", "review_on": "2026-08-01", "reason": "Trial"}, actor=sam, at=make.NOW)
    assert case.dispose_on == dt.date(2026, 8, 2)
    assert Task.objects.filter(sort="purge", done_at=None).count() == 1
    act(case, "review", data={"decision": "purge"}, actor=sam, at=make.NOW)
    assert purge(at=make.NOW) == 1


def test_only_those_who_read_tips_see_them_and_others_cannot_link_to_them(
    city: City, drugs: Any, signed_in: Any
) -> None:
    case, concern = _tip(city, drugs), make.concern(city.noise).case
    for user in (city.omar, city.cleo, city.ada, city.pat, city.ed):
        assert signed_in(user).get(f"/desk/{case.reference}/").status_code == 404, user
    sam = city.actor(city.sam)
    for one, other in ((concern, case), (case, concern)):
        step = "link" if one is concern else "merge"
        with pytest.raises(Invalid, match="own kind"):
            act(one, step, data={"reference": other.reference}, actor=sam, at=make.NOW)
    assert link_cases(concern, [case.pk], at=make.NOW) == [], "no problem is linked to one either"
    with pytest.raises(Invalid, match="does not work on tips"):
        act(case, "assign", data={"user": city.cleo.pk}, actor=sam, at=make.NOW)
    act(case, "assign", data={"user": city.omar.pk}, actor=sam, at=make.NOW)
    assert TOLD in signed_in(city.omar).get(f"/desk/{case.reference}/").content.decode()
    assert Delivery.objects.get(template="staff_assigned").recipient == city.omar.email
    table = signed_in(city.sam).get("/desk/cases.csv").getvalue().decode()
    assert case.reference in table and "pills" not in table


def test_a_tip_about_no_place_is_read_by_those_who_read_tips_of_some_areas(
    city: City, drugs: Any, signed_in: Any
) -> None:
    nora = make.user("Nora North", "supervisor", areas=(city.north,))
    nowhere = open_case("tip", Report(category_id=drugs.pk, text=TOLD, channel="tip"), actor=ANONYMOUS, at=make.NOW)
    south = open_case(
        "tip", Report(category_id=drugs.pk, text=TOLD, area_id=city.south.pk), actor=ANONYMOUS, at=make.NOW
    )
    assert signed_in(nora).get(f"/desk/{nowhere.case.reference}/").status_code == 200
    city.sam.grants.all().delete()
    act(nowhere.case, "write", data={"text": "More"}, actor=_sender(nowhere.case), at=make.NOW)
    assert Delivery.objects.get(template="staff_added").recipient == nora.email
    assert signed_in(nora).get(f"/desk/{south.case.reference}/").status_code == 404


def test_a_tip_leaves_the_house_only_after_it_is_recorded_and_every_look_is_noted(
    city: City, drugs: Any, signed_in: Any
) -> None:
    case, desk = _tip(city, drugs), signed_in(city.sam)
    act(case, "write", data={"text": "It goes on."}, actor=_sender(case), at=timezone.now())
    assert desk.get(f"/desk/tips/{case.reference}/words.json").status_code == 404
    given = {"version": Case.objects.get().version, "agency": "State police", "reason": "Order 12"}
    assert desk.post(f"/desk/{case.reference}/disclose/", given).status_code == 302
    assert "State police" in desk.get(f"/desk/{case.reference}/").content.decode()
    file = desk.get(f"/desk/tips/{case.reference}/words.json").json()
    assert file["text"] == TOLD and [m["text"] for m in file["messages"]] == ["It goes on."]
    assert file["disclosed_to"] == "State police"
    lin = make.user("Lin Liaison", "liaison")
    assert signed_in(lin).get(f"/desk/tips/{case.reference}/words.json").status_code == 404
    looks = AccessLog.objects.filter(subject_kind="case", subject_id=case.pk)
    assert sorted(looks.values_list("what", flat=True)) == ["sealed", "tip_file"]


def test_a_reward_is_paid_by_its_code_to_nobody_in_particular(city: City, drugs: Any, signed_in: Any) -> None:
    rosa, desk = Client(), signed_in(city.sam)
    code = CODE.search(_send(rosa, drugs).content.decode())[0]  # type: ignore[index]
    case = Case.objects.get()
    given = {"version": case.version, "amount": "$500", "message": "At the bank on Main Street."}
    assert desk.post(f"/desk/{case.reference}/reward/", given).status_code == 302
    page = rosa.post("/tip/return/", {"code": code})
    assert "A reward of $500 waits for you" in page.content.decode()
    taken = rosa.post("/tip/return/", {**_visit(page), "deed": "take_reward"})
    second = CODE.search(taken.content.decode())
    assert second and second[0] != code and second[0] not in _dump()
    again = rosa.post("/tip/return/", {**_visit(page), "deed": "take_reward"})
    assert again.status_code == 422 and not CODE.search(again.content.decode())

    payer = signed_in(make.user("Hana Records", "records"))
    assert payer.get("/office/rewards/").status_code == 200
    assert signed_in(city.omar).get("/office/rewards/").status_code == 404
    assert payer.post("/office/rewards/", {"code": code}).status_code == 422, "the code of the tip pays nothing"
    looked = payer.post("/office/rewards/", {"code": second[0]}).content.decode()
    assert "$500" in looked and case.reference not in looked
    missing = payer.post("/office/rewards/", {"code": second[0], "deed": "pay"})
    assert missing.status_code == 422 and "$500" in missing.content.decode()
    paid = payer.post("/office/rewards/", {"code": second[0], "deed": "pay", "number": "P-77"})
    assert "$500 is paid" in paid.content.decode()
    assert "was paid on" in payer.post("/office/rewards/", {"code": second[0]}).content.decode()
    entry = Entry.objects.get(verb="reward.paid")
    assert entry.actor_name == "Hana Records" and entry.data == {"amount": "$500", "number": "P-77"}
    case.refresh_from_db()
    assert case.details["reward"]["state"] == "paid"
    assert "paid" in desk.get(f"/desk/{case.reference}/").content.decode()


def test_tips_go_by_rules_that_name_tips_and_by_no_other(city: City, drugs: Any) -> None:
    from commonbeat.cases.models import RoutingRule
    from commonbeat.community.reference import touch

    RoutingRule.objects.create(order=1, name="Whoever looks after the area", area_officer=True)
    touch("routing")
    assert _tip(city, drugs).assignee_id is None
    RoutingRule.objects.create(order=2, name="Tips to Sam", when={"kind": ["tip"]}, user=city.sam)
    touch("routing")
    assert _tip(city, drugs).assignee == city.sam
    assert make.concern(city.noise).case.assignee == city.omar


def test_no_task_repeats_the_words_of_a_tip(city: City, drugs: Any, signed_in: Any) -> None:
    case, desk = _tip(city, drugs), signed_in(city.sam)
    assert "Add a task" not in desk.get(f"/desk/{case.reference}/").content.decode()
    refused = desk.post(f"/desk/{case.reference}/tasks/", {"text": "Look at the Lantern shop"})
    assert "Add a note instead" in refused.content.decode() and not Task.objects.exists()


def test_staff_write_a_tip_down_without_anybodys_name(city: City, drugs: Any, signed_in: Any) -> None:
    desk = signed_in(city.sam)
    page = desk.get("/desk/new/?kind=tip").content.decode()
    assert "Drug dealing" in page and 'name="email"' not in page and 'name="k-who"' in page
    assert "/desk/new/?kind=concern" in page and "Noise</option>" not in page
    typed = {
        "kind": "tip",
        "channel": "phone",
        "category": drugs.pk,
        "text": TOLD,
        "language": "en",
        "k-when": "Fridays",
    }
    answer = desk.post("/desk/new/", typed | {"photo": _photo()})
    case = Case.objects.get()
    assert answer.status_code == 201 and "/tip/return/" in answer.content.decode()
    assert (case.kind, case.channel, case.text) == ("tip", "phone", "") and CaseFile.objects.count() == 1
    assert sealing.said_in(case).answers == {"when": "Fridays"}
    assert signed_in(city.ada).get("/desk/new/?kind=tip").status_code == 404
    with pytest.raises(Invalid, match="Nothing about who"):
        open_case("tip", Report(category_id=drugs.pk, text="x", name="Rosa"), actor=ANONYMOUS, at=make.NOW)


def test_a_tips_code_opens_nothing_elsewhere_and_the_sender_may_ask_for_an_end(city: City, drugs: Any) -> None:
    rosa = Client()
    code = CODE.search(_send(rosa, drugs).content.decode())[0]  # type: ignore[index]
    assert rosa.post("/return/", {"code": code}).status_code == 422
    other = make.concern(city.noise).code
    assert rosa.post("/tip/return/", {"code": other}).status_code == 422
    page = rosa.post("/tip/return/", {"code": code})
    ended = rosa.post("/tip/return/", {**_visit(page), "deed": "ask_to_close"})
    assert "We will close it" in ended.content.decode() and Case.objects.get(kind="tip").details["wants_end"]
    over = rosa.post("/tip/return/", {"visit": "x", "deed": "write", "text": "Kept words"})
    assert over.status_code == 422 and "Kept words" in over.content.decode()
    back = rosa.post("/tip/return/", {"code": code, "text": "Kept words"})
    assert "Kept words" in back.content.decode()


def test_a_tip_whose_key_is_gone_says_so_and_breaks_nothing(city: City, drugs: Any, signed_in: Any) -> None:
    case = _tip(city, drugs)
    act(case, "note", data={"text": "A note"}, actor=city.actor(city.sam), at=make.NOW)
    sealing.destroy_key(case.client_id)
    desk = signed_in(city.sam)
    for step, data in (
        ("note", {"text": "Words"}),
        ("promote", {"target": "records", "number": "1", "text": "x", "clean": "on"}),
    ):
        refused = desk.post(f"/desk/{case.reference}/{step}/", {"version": case.version, **data})
        assert refused.status_code == 422 and "key of this case is not here" in refused.content.decode(), step
    page = signed_in(city.sam).get(f"/desk/{case.reference}/")
    assert page.status_code == 200 and "key to these words is not here" in page.content.decode()
    stray = site_settings.KEYS_ROOT / "cases" / "00000000-0000-4000-8000-000000000000.key"
    stray.write_bytes(b"x")
    assert sealing.remove_stray_keys(at=timezone.now()) == 0, "it may belong to a tip that is being stored"
    assert sealing.remove_stray_keys(at=timezone.now() + dt.timedelta(days=2)) == 1 and not stray.exists()


def test_numbers_outlive_tips_and_small_ones_are_hidden(city: City, drugs: Any) -> None:
    other = make.category("tip-weapons", name="Weapons", kind="tip")
    for _turn in range(7):
        act(_tip(city, drugs), "close", data={"outcome": "unfounded"}, actor=city.actor(city.sam), at=make.NOW)
    for _turn in range(2):
        _tip(city, other)
    purge(at=make.NOW + dt.timedelta(days=31))
    assert Tombstone.objects.count() == 7
    found = count(at=make.NOW + dt.timedelta(days=40))
    assert found.table.cells["tip-drugs"]["unfounded"] == 7 or not isinstance(found.table.total, int)
    assert not isinstance(found.table.cells["tip-weapons"]["open"], int)
    page = Client().get("/tip/numbers/").content.decode()
    assert "What became of tips" in page


def test_pages_for_tips_ask_for_nothing_but_themselves(city: City, drugs: Any, settings: Any) -> None:
    settings.ONION = "examplexyz.onion"
    settings.ALLOWED_HOSTS = ["testserver", "examplexyz.onion"]
    rosa = Client()
    for path in ("/tip/", "/tip/return/", "/tip/numbers/", "/tip/?language=es", "/tip/?language=ar"):
        answer = rosa.get(path)
        page = answer.content.decode()
        assert (
            answer.status_code == 200
            and "<script" not in page
            and "http://" not in page.replace("http://examplexyz", "")
        )
        assert "https://" not in page and not answer.cookies
        policy = answer["Content-Security-Policy"]
        assert "script-src 'none'" in policy and "connect-src 'none'" in policy
        assert answer["Referrer-Policy"] == "no-referrer" and "no-store" in answer["Cache-Control"]
        assert answer["Onion-Location"].startswith("http://examplexyz.onion/tip/")
        there = Client(headers={"Host": "examplexyz.onion"}).get(path)
        assert "Onion-Location" not in there and "testserver" not in there.content.decode()
    assert 'dir="rtl"' in rosa.get("/tip/?language=ar").content.decode()
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"tip": (0, 600)}
    assert Client().post("/tip/", {}).status_code == 429
