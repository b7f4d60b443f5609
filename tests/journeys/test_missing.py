"""A missing person from the first call to the end of every public trace, through the front doors."""

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
from commonbeat.cases.escalation import escalate_overdue
from commonbeat.cases.models import Case, CaseFile
from commonbeat.core.fields import Invalid
from commonbeat.journal.models import Delivery, Entry
from commonbeat.kinds.missing.bulletins import expire_due
from commonbeat.kinds.missing.models import Bulletin, Sighting
from tests import make
from tests.conftest import City
from tests.contracts.opening.missing import open_one, work_on
from tests.journeys.test_complaint import mail_of, my_page, step

pytestmark = pytest.mark.django_db
SAID = "He left after supper and did not come home. His medicine is here."
NAME, LOOKS, SEEN = "Milo Merrimack", "Thin, gray beard, walks with a stick", "Near the north lake"


def picture() -> SimpleUploadedFile:
    """A photo as a telephone sends it."""
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "JPEG")
    return SimpleUploadedFile("milo.jpg", out.getvalue(), content_type="image/jpeg")


def typed(**more: Any) -> dict[str, Any]:
    """The form as somebody fills it in."""
    return {
        "text": SAID, "missing_name": NAME, "age": "71", "relation": "family", "seen_at": "2026-03-10T18:00",
        "looks": LOOKS, "clothes": "Green coat", "signs": ["memory", "medicine"], "family_agrees": "on",
        "address": "100 N State St", "who": "email", "email": "rosa@example.org", "name": "Rosa Resident",
        "language": "en", "client_id": str(uuid.uuid4()),
    } | more  # fmt: skip


def reported(client: Client, city: City, **more: Any) -> tuple[Case, str]:
    """Somebody reports; the case and the return code."""
    page = client.post("/missing/report/form/", typed(area=city.north.pk, **more))
    assert page.status_code == 201, page.content.decode()
    code = re.search(r'id="return-code">([0-9A-Z-]+)<', page.content.decode())
    assert code
    return Case.objects.get(kind="missing"), code[1]


def drafted(client: Client, case: Case, **more: Any) -> Any:
    """Staff write what the public would see."""
    given = {
        "shown_name": NAME, "age": "71", "language": "en", "looks": LOOKS, "clothes": "Green coat", "seen": SEEN,
        "seen_on": "2026-03-10", "agreed": "family", "agreed_by": "His sister, by telephone",
    } | more  # fmt: skip
    return step(client, case, "draft_bulletin", **given)


def published(client: Client, city: City, signed_in: Any, **more: Any) -> tuple[Case, str, Bulletin]:
    """A case whose notice omar wrote and sam approved."""
    case, code = reported(client, city, photos=[picture()])
    photo = CaseFile.objects.get(case=case)
    drafted(signed_in(city.omar), case, photo=photo.pk, **more)
    step(signed_in(city.sam), case, "approve_bulletin", child_ok="on", tell="on")
    return case, code, Bulletin.objects.get(state="public")


def read(client: Client, path: str) -> tuple[int, str]:
    """What anybody reads at an address."""
    answer = client.get(path)
    return answer.status_code, answer.content.decode(errors="replace")


def test_the_number_stands_first_and_nobody_is_told_to_wait(city: City, client: Client) -> None:
    page = client.get("/missing/report/").content.decode()
    assert page.index("Call 911 now") < page.index("go to the form") and "There is no waiting time" in page
    form = client.get("/missing/report/form/").content.decode()
    danger = re.search(r'name="danger" value="([^"]+)"', form)
    assert danger, "that the number was shown comes back with the report"
    wrong = client.post("/missing/report/form/", typed(email="nobody", age="old"))
    assert wrong.status_code == 422 and SAID in wrong.content.decode() and LOOKS in wrong.content.decode()
    case, code = reported(client, city, danger=danger[1])
    assert case.details["danger"]["number"] == "911" and case.state == "new"
    due = dt.datetime.fromisoformat(case.clocks["acknowledge"]["due"])
    assert due - case.opened_at == dt.timedelta(hours=1), "around the clock, not in office hours"
    told = Delivery.objects.get(template="staff_missing")
    assert told.recipient == city.sam.email and "reports a missing person" in mail_of("staff_missing")[1]
    assert nobody_is_named(mail_of("staff_missing"))
    assert not Delivery.objects.filter(recipient="rosa@example.org").exists(), "the receipt says it; RULES 6"
    assert SAID in client.get(my_page(client, code)).content.decode()


def nobody_is_named(mail: tuple[str, str]) -> bool:
    """Others see mail on a screen."""
    return not any(NAME in part for part in mail)


def test_the_counter_takes_it_at_once_and_sent_twice_it_is_one(city: City, signed_in: Any) -> None:
    desk, form = signed_in(city.omar), typed(channel="phone", who="phone", phone="312-555-0134", area="")
    assert "/desk/missing/new/" in desk.get("/desk/new/").content.decode()
    assert "no waiting time" in desk.get("/desk/missing/new/").content.decode()
    first, second = desk.post("/desk/missing/new/", form), desk.post("/desk/missing/new/", form)
    assert (first.status_code, second.status_code) == (201, 200) and Case.objects.count() == 1
    assert Entry.objects.filter(verb="case.alarm").count() == 1
    assert desk.post("/desk/missing/new/", typed(channel="phone", email="x")).status_code == 422


def test_an_alarm_that_nobody_answers_is_told_at_once_and_reviews_run_by_the_level(city: City) -> None:
    case, sam = open_one(city), city.actor(city.sam)
    assert escalate_overdue(at=make.NOW + dt.timedelta(minutes=59)) == 0
    assert escalate_overdue(at=make.NOW + dt.timedelta(minutes=61)) == 1
    act(case, "assess", data={"level": "high", "text": "No medicine."}, actor=sam, at=make.NOW)
    assert case.due_at == make.NOW + dt.timedelta(hours=4) and case.clocks["acknowledge"]["met"]
    later = make.NOW + dt.timedelta(hours=3)
    act(case, "review", data={"text": "Asked at hospitals.", "hours": 2}, actor=sam, at=later)
    assert case.due_at == later + dt.timedelta(hours=2)
    act(case, "assess", data={"level": "low", "text": "Called a friend."}, actor=sam, at=later)
    assert case.due_at == later + dt.timedelta(hours=24)


def test_what_the_search_found_stays_inside_and_the_message_goes_out(
    city: City, client: Client, signed_in: Any
) -> None:
    case, code = reported(client, city)
    sam = signed_in(city.sam)
    step(sam, case, "assess", level="high", text="He may be at the river.", tell="on")
    step(sam, case, "review", text="Asked at hospitals.", message="We go on looking.", tell="on")
    mine = client.get(my_page(client, code)).content.decode()
    assert "We go on looking." in mine and "hospitals" not in mine and "at the river" not in mine
    assert "Asked at hospitals." in sam.get(f"/desk/{case.reference}/").content.decode()


def test_nothing_is_public_before_a_second_person_approved(city: City, client: Client, signed_in: Any) -> None:
    case, _code = reported(client, city)
    sam, omar = signed_in(city.sam), signed_in(city.omar)
    bad = drafted(sam, case, seen="Call me: 312-555-0134", looks="As in 100 N State St")
    text = bad.content.decode()
    assert bad.status_code == 422 and "must not be public" in text and "reported address" in text
    assert Bulletin.objects.count() == 0
    drafted(sam, case)
    assert read(client, "/missing/")[1].count(NAME) == 0
    assert "You wrote this" in step(sam, case, "approve_bulletin").content.decode()
    assert "needs another role" in step(omar, case, "approve_bulletin").content.decode()
    step(sam, case, "return_bulletin", reason="x")
    drafted(omar, case, looks="Thin, gray beard")
    step(sam, case, "return_bulletin", reason="Say what he wore.")
    assert "Say what he wore." in omar.get(f"/desk/{case.reference}/").content.decode()
    step(omar, case, "translate_bulletin", language="es", looks="Delgado, barba gris", seen="Cerca del lago")
    assert read(client, "/missing/")[1].count(NAME) == 0
    step(sam, case, "approve_bulletin", tell="on")
    row = Bulletin.objects.get(state="public")
    status, page = read(client, f"/missing/{row.key}/")
    assert status == 200 and NAME in page and "Thin, gray beard" in page and NAME in read(client, "/missing/")[1]
    assert case.reference not in page and "100 N State St" not in page and "medicine" not in page and "Rosa" not in page
    spanish = client.get(f"/missing/{row.key}/", headers={"Accept-Language": "es"}).content.decode()
    assert "Delgado, barba gris" in spanish and "Thin" not in spanish
    feed = client.get("/missing/feed/")
    assert row.key in feed.content.decode() and NAME not in feed.content.decode(), "readers keep what a feed says"
    for path in ("/missing/", f"/missing/{row.key}/"):
        answer = client.get(path)
        assert answer["Cache-Control"] == "no-store" and "noindex" in answer["X-Robots-Tag"]


def test_words_in_a_language_that_the_pages_do_not_know_are_shown_as_they_are(
    city: City, client: Client, signed_in: Any
) -> None:
    _case, _code, row = published(client, city, signed_in)
    Bulletin.objects.update(language="xx-unknown", words={"xx-unknown": {"looks": LOOKS, "clothes": "", "seen": SEEN}})
    for path in ("/missing/", f"/missing/{row.key}/"):
        status, page = read(client, path)
        assert status == 200 and 'lang="xx-unknown" dir="auto"' in page, path


def test_a_change_of_what_is_public_needs_the_second_person_again(city: City, client: Client, signed_in: Any) -> None:
    case, _code, row = published(client, city, signed_in)
    drafted(signed_in(city.omar), case, clothes="Blue coat, as his sister remembers")
    assert "Blue coat" not in read(client, f"/missing/{row.key}/")[1]
    step(signed_in(city.sam), case, "approve_bulletin")
    assert "Blue coat" in read(client, f"/missing/{row.key}/")[1], "the address stays"
    assert Bulletin.objects.filter(state="withdrawn", key=None).count() == 1


def test_rule_16_a_childs_photo_needs_its_guardian_and_ends_first(city: City, client: Client, signed_in: Any) -> None:
    case, _code = reported(client, city, age="9", photos=[picture()])
    omar, sam, photo = signed_in(city.omar), signed_in(city.sam), CaseFile.objects.get(case=case)
    assert "only when a parent or guardian" in drafted(omar, case, age="9", photo=photo.pk).content.decode()
    drafted(omar, case, age="9", photo=photo.pk, agreed="guardian")
    assert "This is a child" in step(sam, case, "approve_bulletin").content.decode()
    assert "72 hours at most" in step(sam, case, "approve_bulletin", child_ok="on", photo_hours="100").content.decode()
    step(sam, case, "approve_bulletin", child_ok="on")
    row = Bulletin.objects.get(state="public")
    assert row.approved_by == city.sam and row.photo_until and row.photo_until < row.until
    assert client.get(f"/missing/{row.key}/photo/").status_code == 200
    Bulletin.objects.update(photo_until=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(f"/missing/{row.key}/photo/").status_code == 404
    page = read(client, f"/missing/{row.key}/")[1]
    assert NAME in page and "/photo/" not in page and "/photo/" not in read(client, "/missing/")[1]


TRACES = ("/missing/{key}/", "/missing/{key}/photo/", "/missing/{key}/saw/", "/missing/", "/missing/feed/", "/",
          "/outcomes/", "/outcomes/feed/", "/areas/{area}/", "/areas/{area}/feed/", "/areas/{area}/cards.geojson",
          "/cases/{reference}/", "/cases/{reference}/feed/", "/open311/v2/requests.json", "/files/public/{photo}/",
          "/thanks/", "/numbers/", "/api/v1/cases", "/robots.txt")  # fmt: skip


@pytest.mark.parametrize("how", ["locate", "merge", "withdraw_bulletin", "expire"])
def test_rule_16_every_public_trace_is_gone_at_once(city: City, client: Client, signed_in: Any, how: str) -> None:
    case, _code, row = published(client, city, signed_in)
    photo = CaseFile.objects.get(case=case)
    names = {"key": row.key, "area": city.north.pk, "reference": case.reference, "photo": photo.pk}
    before = {path: read(client, path.format(**names))[1] for path in TRACES}
    assert NAME in before["/missing/"] and NAME in before["/missing/{key}/"] and row.key in before["/missing/feed/"]
    if how == "expire":
        Bulletin.objects.update(until=timezone.now() - dt.timedelta(seconds=1), photo_until=None)
    else:
        data = {
            "locate": {"outcome": "safe", "wish": "may_tell", "message": "He is home."},
            "merge": {"reference": open_one(city).reference},
            "withdraw_bulletin": {"reason": "Wrong photo"},
        }
        assert step(signed_in(city.sam), case, how, **data[how]).status_code == 200
    for path in TRACES:
        status, page = read(client, path.format(**names))
        page = page.replace(path.format(**names), "")  # an address that was typed may come back
        assert not any(word in page for word in (NAME, "Milo", row.key, "gray beard", case.reference)), path
        assert not any(word in page for word in ("safe and well", "He is home", "milo.jpg")), path
        if "{key}" in path:
            assert status == 410 and "This notice has ended" in page, path
        if "{photo}" in path:
            assert status == 404
    assert client.get(f"/missing/{row.key}/photo/")["Cache-Control"] == "no-store"
    if how == "expire":
        assert expire_due(at=timezone.now()) == 1 and expire_due(at=timezone.now()) == 0
    assert not Bulletin.objects.filter(state="public").exists()


def test_reopening_makes_nothing_public_again(city: City, client: Client, signed_in: Any) -> None:
    case, _code, row = published(client, city, signed_in)
    sam = signed_in(city.sam)
    step(sam, case, "locate", outcome="not_missing", message="He was at work.")
    step(sam, case, "reopen", reason="He left again.")
    case.refresh_from_db()
    assert case.state == "reopened" and case.due_at and read(client, f"/missing/{row.key}/")[0] == 410


def test_a_grown_up_who_does_not_want_to_be_found_stays_hidden(city: City, client: Client, signed_in: Any) -> None:
    case, code, _row = published(client, city, signed_in)
    sam = signed_in(city.sam)
    told = {"outcome": "safe", "wish": "no_place", "place": "12 Hidden Lane", "tell": "on"}
    refused = step(sam, case, "locate", **told, message="He is at 12 Hidden Lane.")
    assert refused.status_code == 422 and "Leave the message empty" in refused.content.decode()
    step(sam, case, "locate", **told)
    case.refresh_from_db()
    assert case.outcome == "safe"
    page, mail = client.get(my_page(client, code)).content.decode(), mail_of("progress")[1]
    for words in (page, mail):
        assert "safe and well" in words and "Hidden Lane" not in words
    desk = sam.get(f"/desk/{case.reference}/").content.decode()
    assert "Hidden Lane" in desk and "do not want anybody to know where they are" in desk, "the record keeps it inside"


def test_a_child_does_not_decide_this_and_a_death_is_told_in_person(city: City) -> None:
    child, sam = open_one(city), city.actor(city.sam)
    Case.objects.filter(pk=child.pk).update(details=child.details | {"answers": {"age": 9}})
    child.refresh_from_db()
    with pytest.raises(Invalid, match="This is a child"):
        act(child, "locate", data={"outcome": "safe", "wish": "no_place"}, actor=sam, at=make.NOW)
    dead = open_one(city)
    with pytest.raises(Invalid, match="who spoke with the family"):
        act(dead, "locate", data={"outcome": "dead", "tell": True}, actor=sam, at=make.NOW)
    with pytest.raises(Invalid, match="in person"):
        act(dead, "locate", data={"outcome": "dead", "message": "Sorry.", "told_in_person": "Sam"}, actor=sam,
            at=make.NOW)  # fmt: skip
    before = Delivery.objects.filter(recipient="rosa@example.org").count()
    act(dead, "locate", data={"outcome": "dead", "told_in_person": "Sam, at their home", "tell": True}, actor=sam,
        at=make.NOW)  # fmt: skip
    assert dead.outcome == "dead" and Delivery.objects.filter(recipient="rosa@example.org").count() == before


def saw(**more: Any) -> dict[str, Any]:
    """A sighting as somebody sends it."""
    return {"text": "He sat on a bench.", "place": "Lake path", "client_id": str(uuid.uuid4())} | more


def test_anybody_sends_a_sighting_without_a_name_and_it_is_never_public(
    city: City, client: Client, signed_in: Any
) -> None:
    case, _code, row = published(client, city, signed_in)
    path, form = f"/missing/{row.key}/saw/", saw()
    assert "never public" in client.get(path).content.decode()
    for empty in (saw(text=""), saw(tell_me="on", email="nobody")):
        wrong = client.post(path, empty)
        assert wrong.status_code == 422 and "Lake path" in wrong.content.decode()
    danger = client.post(path, saw(text="He is bleeding and unconscious right now, please help!"))
    assert "911" in danger.content.decode() and not Sighting.objects.exists()
    assert [client.post(path, form).status_code for _ in range(2)] == [201, 201] and Sighting.objects.count() == 1
    one = Sighting.objects.get()
    assert one.participant is None and Delivery.objects.filter(template="staff_added").exists()
    for address in (f"/missing/{row.key}/", "/missing/", "/missing/feed/"):
        assert "bench" not in read(client, address)[1]
    sam = signed_in(city.sam)
    assert "He sat on a bench." in sam.get(f"/desk/{case.reference}/").content.decode()
    page = step(sam, case, "judge", sighting=one.pk, judged="checked", reason="Somebody else")
    assert "it was not them" in page.content.decode()
    assert client.get(f"/missing/{'0' * 16}/saw/").status_code == 404


def test_who_wants_to_hear_learns_that_it_is_over_and_no_more(city: City, client: Client, signed_in: Any) -> None:
    case, _code, row = published(client, city, signed_in)
    path = f"/missing/{row.key}/saw/"
    client.post(path, saw(tell_me="on", email="helper@example.org"))
    step(signed_in(city.sam), case, "locate", outcome="hurt", wish="may_tell", message="He is in the hospital.")
    subject, body = mail_of("missing_ended")
    assert Delivery.objects.get(template="missing_ended").recipient == "helper@example.org"
    assert not any(word in subject + body for word in (NAME, "hospital", case.reference, row.key, "care"))
    late = client.post(path, saw(text="I saw him again."))
    assert late.status_code == 410 and "I saw him again." in late.content.decode(), "nothing typed is lost"
    assert Sighting.objects.count() == 1


def test_a_sighting_counts_while_they_are_missing_also_after_the_notice_ended(
    city: City, client: Client, signed_in: Any
) -> None:
    _case, _code, row = published(client, city, signed_in)
    Bulletin.objects.update(until=timezone.now() - dt.timedelta(seconds=1), photo_until=None)
    assert client.post(f"/missing/{row.key}/saw/", saw()).status_code == 201


def test_people_without_a_role_for_it_see_nothing_of_the_case(city: City, client: Client, signed_in: Any) -> None:
    case = open_one(city)
    work_on(case)
    for user in (city.olga, city.pat, city.ed):
        assert signed_in(user).get(f"/desk/{case.reference}/").status_code == 404
    assert signed_in(city.omar).get(f"/desk/{case.reference}/").status_code == 200
