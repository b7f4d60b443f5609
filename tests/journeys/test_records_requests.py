"""RULES 17: records are released part by part, with a log of what was removed that holds none of it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from commonbeat.cases import disposal, files
from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, Hold, SavedSearch
from commonbeat.core.fields import Invalid
from commonbeat.journal.chain import verify
from commonbeat.journal.models import AccessLog, Entry
from commonbeat.publishing.records import actions
from commonbeat.publishing.records.models import Exemption, Item, RecordsRequest
from commonbeat.publishing.records.parts import SORTS, parts_of
from commonbeat.publishing.records.proposing import passages, places_of, without
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of
from tests.journeys.test_records import photo
from tests.reading_pdf import text_of

PRIVATE = ("Rosa Resident", "rosa@example.org", "312-555-0188", "Zebranote", "Max Miller")


def rita(city: City) -> Any:
    return make.user("Rita Records", "records")


def exemptions() -> tuple[Exemption, Exemption]:
    """Private information, and drafts among colleagues."""
    return (
        Exemption.objects.create(
            code="7(1)(b)", title="Private information", basis="5 ILCS 140/7(1)(b)",
            sorts=["person", "words", "answer", "place", "photo", "record"],
        ),
        Exemption.objects.create(code="7(1)(f)", title="Drafts", basis="5 ILCS 140/7(1)(f)", sorts=["note"]),
    )  # fmt: skip


def worked(city: City) -> Case:
    """A concern with a name in its words, a note for colleagues, a message and a photo."""
    token = files.accept("street.jpg", photo(), at=make.NOW)
    case = make.concern(
        city.noise, text="Max Miller plays drums. Call me: 312-555-0188. The yard is full of glass.",
        name="Rosa Resident", email="rosa@example.org", told_by="email", uploads=(token,),
    ).case  # fmt: skip
    sam = city.actor(city.sam)
    act(case, "note", data={"text": "Zebranote: talk to the landlord first."}, actor=sam, at=make.NOW)
    act(case, "resolve", data={"outcome": "fixed", "message": "The drums are quiet after ten."}, actor=sam, at=make.NOW)
    return Case.objects.get(pk=case.pk)


def opened(client: Any) -> RecordsRequest:
    """A request as somebody notes it."""
    page = client.post(
        "/office/requests/",
        {"requester": "The Daily Example", "contact": "desk@paper.example.org", "asked_on": "2026-03-02",
         "due_on": "2026-03-09", "text": "Everything on noise in March.",
         "client_id": "5f0b52b8-2b0a-43c9-8a25-06a2f2c4b9a1"},
    )  # fmt: skip
    assert page.status_code == 302
    return RecordsRequest.objects.get()


def do(client: Any, row: RecordsRequest, **data: Any) -> Any:
    return client.post(f"/office/requests/{row.pk}/do/", data, follow=True)


def decided(client: Any, row: RecordsRequest) -> None:
    """Everything as proposed."""
    for sort in SORTS:
        do(client, row, deed="accept", sort=sort)


def test_rule_17_an_export_leaves_without_private_words_and_with_a_log_of_what_was_removed(
    city: City, signed_in: Any
) -> None:
    exemptions()
    case, client = worked(city), signed_in(rita(city))
    row = opened(client)
    assert "1 case added." in do(client, row, deed="add", references=case.reference.lower()).content.decode()
    assert Hold.objects.get(lifted_at=None).case_id == case.pk, "an open request blocks destruction"
    refused = do(client, row, deed="release")
    assert refused.status_code == 422 and "parts are not decided yet" in refused.content.decode()
    decided(client, row)
    assert "Released." in do(client, row, deed="release").content.decode()
    assert not Hold.objects.filter(lifted_at=None).exists()

    answer = client.get(f"/office/requests/{row.pk}/bundle.zip")
    row.refresh_from_db()
    assert hashlib.sha256(answer.content).hexdigest() == row.sha256
    assert row.sha256 in client.get(f"/office/requests/{row.pk}/").content.decode()
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert set(archive.namelist()) == {"records.pdf", "records.json", "redaction-log.csv", "SHA256SUMS"}
    data, log = json.loads(archive.read("records.json")), archive.read("redaction-log.csv").decode("utf-8-sig")
    paper = text_of(archive.read("records.pdf")).text
    for said in (json.dumps(data), log, paper):
        assert not [word for word in PRIVATE if word in said]
    words = next(part["text"] for part in data["cases"][0]["parts"] if part["title"] == "What was reported")
    assert "[7(1)(b)]" in words and "The yard is full of glass." in words
    message = next(part["text"] for part in data["cases"][0]["parts"] if part["title"].startswith("Resolve"))
    assert message == "The drums are quiet after ten.", "neither twice nor with the salt of the journal"
    assert "The drums are quiet after ten." in paper and "5 ILCS 140/7(1)(b)" in paper
    rows = list(csv.DictReader(io.StringIO(log)))
    assert {line["exemption"] for line in rows} == {"7(1)(b)", "7(1)(f)"}
    assert all(line["by"] == "Rita Records" and line["case"] == case.reference and line["basis"] for line in rows)
    assert {line["part"] for line in rows} >= {"Who somebody is", "What was reported", "Notes for colleagues", "Photos"}
    for name, sha in (line.split("  ")[::-1] for line in archive.read("SHA256SUMS").decode().splitlines()):
        assert hashlib.sha256(archive.read(name)).hexdigest() == sha

    told = Entry.objects.get(verb="case.disclosed")
    assert told.subject_id == case.pk and "The Daily Example" in told.personal["text"]
    assert told.personal["reason"] == "Everything on noise in March." and told.actor_name == "Rita Records"
    assert AccessLog.objects.filter(subject_kind="records_request", what="exported").count() == 1
    assert list(verify()) == []
    closed = do(client, row, deed="undo")
    assert closed.status_code == 422 and "This request is closed" in closed.content.decode()


def test_each_part_is_reviewed_and_a_mistake_keeps_what_was_typed(city: City, signed_in: Any) -> None:
    private, drafts = exemptions()
    case, client = worked(city), signed_in(rita(city))
    row = opened(client)
    do(client, row, deed="add", references=case.reference)
    address = f"/office/requests/{row.pk}/{case.reference}/"
    page = client.get(address).content.decode()
    assert "<mark>312-555-0188</mark>" in page and "Zebranote" in page
    items = {item.path: item for item in Item.objects.all()}
    text, note = items["text"], next(i for i in items.values() if i.sort == "note")
    wrong = {f"d-{text.pk}": "part", f"e-{text.pk}": private.pk, f"w-{text.pk}": "Nobody said this",
             f"d-{note.pk}": "remove", f"e-{note.pk}": ""}  # fmt: skip
    refused = client.post(address, wrong)
    shown = refused.content.decode()
    assert (
        refused.status_code == 422
        and "does not stand in this part" in shown
        and ">Nobody said this</textarea>" in shown
    )
    assert "Choose the exemption" in shown and not Item.objects.exclude(decision="").exists()
    right = {f"d-{text.pk}": "part", f"e-{text.pk}": private.pk, f"w-{text.pk}": "max  miller\n312-555-0188",
             f"d-{note.pk}": "remove", f"e-{note.pk}": drafts.pk}  # fmt: skip
    assert client.post(address, right).status_code == 302
    text.refresh_from_db()
    assert passages(case.text, text.spans) == ["Max Miller", "312-555-0188"] and text.decided_by.name == "Rita Records"
    stale = client.post(address, right)
    assert stale.status_code == 422 and "Somebody else decided this part" in stale.content.decode()
    assert "Taken back." in do(client, row, deed="undo").content.decode()
    assert not Item.objects.exclude(decision="").exists(), "one save is taken back as a whole"


def test_what_was_written_after_the_review_is_not_released_unseen(city: City, signed_in: Any) -> None:
    exemptions()
    case, client = worked(city), signed_in(rita(city))
    row = opened(client)
    do(client, row, deed="add", references=case.reference)
    decided(client, row)
    act(case, "note", data={"text": "Zebranote again."}, actor=city.actor(city.sam), at=make.NOW)
    assert "This case has changed" in client.get(f"/office/requests/{row.pk}/{case.reference}/").content.decode()
    refused = do(client, row, deed="release")
    assert "since you looked" in refused.content.decode()
    row.refresh_from_db()
    assert row.state == "open" and Item.objects.filter(decision="").count() == 1
    assert "up to date" in do(client, row, deed="look").content.decode()
    decided(client, row)
    do(client, row, deed="release")
    row.refresh_from_db()
    assert row.state == "released"


@pytest.mark.parametrize("kind", ["tip", "complaint"])
def test_sealed_cases_are_never_released_and_walled_ones_only_by_who_leads_them(
    city: City, signed_in: Any, kind: str
) -> None:
    exemptions()
    from commonbeat.cases.kind import KINDS

    case, actor = opening_of(KINDS[kind]).open_one(city), city.actor(rita(city))
    row = actions.open_request({"requester": "A", "asked_on": "2026-03-02", "text": "All"}, actor=actor, at=make.NOW)
    with pytest.raises(Invalid, match="There is no case"):
        actions.find_cases([case.reference], actor=actor)
    leader = {"tip": make.user("Lia Liaison", "liaison", "records"), "complaint": city.pat}[kind]
    if kind == "tip":
        with pytest.raises(Invalid, match="is sealed"):
            actions.find_cases([case.reference], actor=city.actor(leader))
        return
    pat = city.actor(leader)
    actions.add_cases(row, actions.find_cases([case.reference], actor=pat), actor=pat, at=make.NOW)
    client = signed_in(make.user("Rolf Records", "records"))
    assert client.get(f"/office/requests/{row.pk}/").status_code == 404, "the request tells of the complaint"
    assert row.number not in client.get("/office/requests/").content.decode()
    assert signed_in(city.pat).get(f"/office/requests/{row.pk}/{case.reference}/").status_code == 200
    with pytest.raises(Invalid):
        actions.add_cases(row, [case], actor=actor, at=make.NOW)
    Hold.objects.all().delete()
    disposal.destroy(case, proposed_by="Pat", actor=pat, at=make.NOW)
    assert client.get(f"/office/requests/{row.pk}/").status_code == 404, "nor when the complaint is gone"
    assert signed_in(city.pat).get(f"/office/requests/{row.pk}/").status_code == 200


def test_cases_come_from_a_list_and_leave_again_and_a_request_can_end_without_a_release(
    city: City, signed_in: Any
) -> None:
    exemptions()
    cases, user = [make.concern(city.noise).case for _ in range(3)], rita(city)
    make.concern(city.vehicle)
    client = signed_in(user)
    row = opened(client)
    opened(client)
    assert RecordsRequest.objects.count() == 1, "a form that is sent twice makes one request"
    query = f"view=all&category={city.noise.pk}"
    do(client, row, deed="add", references=f"http://testserver/desk/?{query}")
    assert {one.case_id for one in row.cases.all()} == {case.pk for case in cases}
    saved = SavedSearch.objects.create(user=user, name="All", query="view=all", created_at=make.NOW)
    do(client, row, deed="add", saved=saved.pk)
    assert row.cases.count() == 4
    bad = do(client, row, deed="add", references="CB-NOPE 1234")
    assert (
        bad.status_code == 422 and "There is no case" in bad.content.decode() and "CB-NOPE 1234" in bad.content.decode()
    )
    do(client, row, deed="drop", chosen=row.cases.first().pk)
    assert row.cases.count() == 3 and Hold.objects.filter(lifted_at=None).count() == 3
    assert "Nothing was released" in do(client, row, deed="withdraw").content.decode()
    assert not Hold.objects.filter(lifted_at=None).exists()
    assert client.get(f"/office/requests/{row.pk}/bundle.zip").status_code == 404
    missing = client.post("/office/requests/", {"requester": "Kept", "due_on": "2026-01-01", "asked_on": "2026-02-01"})
    assert missing.status_code == 422 and "Kept" in missing.content.decode()


def test_everything_that_a_problem_holds_is_a_part(city: City) -> None:
    from commonbeat.cases.kind import KINDS

    opening = opening_of(KINDS["problem"])
    case = opening.open_one(city)
    opening.work_on(case)
    told = "\n".join(part.text for part in parts_of(case))
    for words in ("Nobody sleeps.", "The gate is open at night.", "Seen three times.", "Close the gate at ten"):
        assert words in told


def test_words_are_found_wherever_they_stand_and_leave_no_length() -> None:
    spans, missing = places_of("Ann met ann  smith, Annabel too", ["ann smith", "Ann"])
    assert missing == [] and without("Ann met ann  smith, Annabel too", spans, sign="[b]") == "[b] met [b], Annabel too"
    assert places_of("Ann", ["Bob"]) == ([], ["Bob"])


def test_in_a_sensitive_matter_every_word_is_proposed_to_go(city: City) -> None:
    exemptions()
    grave = make.category("welfare", name="Worry about somebody", sensitive=True, public_point=False)
    case, actor = make.concern(grave, text="Her paper is still outside.").case, city.actor(rita(city))
    row = actions.open_request({"requester": "A", "asked_on": "2026-03-02", "text": "All"}, actor=actor, at=make.NOW)
    actions.add_cases(row, [case], actor=actor, at=make.NOW)
    assert {item.proposal for item in Item.objects.all()} == {"remove"} and Item.objects.filter(path="text").exists()


def test_the_agencys_own_exemptions_are_proposed_until_they_are_taken_out_of_use(city: City, signed_in: Any) -> None:
    user = rita(city)
    client = signed_in(user)
    sent = {"code": "b(6)", "title": "Privacy", "basis": "Own law, section 6", "sorts": ["person"]}
    assert client.post("/office/exemption/new/", sent).status_code == 302
    own = Exemption.objects.get()
    row = opened(client)
    do(client, row, deed="add", references=make.concern(city.noise, name="Rosa").case.reference)
    assert Item.objects.get(sort="person").exemption == own
    client.post(f"/office/exemption/{own.pk}/retire/", {"retire": "1"}, follow=True)
    own.refresh_from_db()
    assert own.retired_at and "Privacy" in client.get("/office/exemption/?retired=1").content.decode()
    do(client, row, deed="add", references=make.concern(city.noise, name="Rita").case.reference)
    assert Item.objects.filter(sort="person", exemption=None).count() == 1
    refused = do(client, row, deed="accept", sort="person")
    assert refused.status_code == 422 and "Choose the exemption" in refused.content.decode()


def test_a_photo_leaves_as_it_was_covered(city: City, signed_in: Any) -> None:
    exemptions()
    case, client = worked(city), signed_in(rita(city))
    row = opened(client)
    do(client, row, deed="add", references=case.reference)
    item = Item.objects.get(sort="photo")
    page = client.post(f"/office/requests/{row.pk}/{case.reference}/", {f"d-{item.pk}": "part"})
    assert page.status_code == 422 and "Cover what may not be seen" in page.content.decode()
    client.post(f"/office/requests/{row.pk}/{case.reference}/", {f"d-{item.pk}": "release"})
    decided(client, row)
    do(client, row, deed="release")
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/office/requests/{row.pk}/bundle.zip").content))
    stored = files.path_of(case.files.get().sha256).read_bytes()
    assert archive.read(f"photos/{case.reference}-1.jpg") == stored


def test_rows_about_people_are_proposed_to_go_and_those_about_places_to_stay(city: City) -> None:
    from commonbeat.cases.kind import KINDS

    opening = opening_of(KINDS["problem"])
    case = opening.open_one(city)
    opening.work_on(case)
    personal = {part.path.split("/")[0]: part.personal for part in parts_of(case) if part.sort == "record"}
    assert personal["problem.Action"] and personal["cases.Question"]
    assert not personal["problem.Hypothesis"] and not personal["problem.Problem"]
