"""A field report from the street to approval, its supplement, and its document."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from commonbeat.cases.custody import custody
from commonbeat.cases.models import Case, CaseFile, Participant
from commonbeat.journal.models import AccessLog, Delivery, Entry
from commonbeat.kinds.field_report.models import FieldReport, Party
from tests import make
from tests.conftest import City
from tests.reading_pdf import text_of

NEW = "/desk/reports/new/"
SAID = {
    "sort": "theft", "happened_at": "2026-03-10T08:30", "text": "A bicycle is gone from a rack.",
    "address": "100 N State St", "lat": "41.90", "long": "-87.70",
}  # fmt: skip
TEXT = {
    "happened_at": "2026-03-10T08:30", "text": SAID["text"], "told": "Owner 1 said that it stood there last night.",
    "saw": "The rack was empty. A cut lock lay on the ground.",
    "did": "I photographed the lock. I gave Owner 1 a card.",
    "after": "I ask the shop for its video by Friday.",
}  # fmt: skip


class Desk:
    """Somebody at the desk with one report in hand."""

    def __init__(self, client: Client, case: Case) -> None:
        self.client, self.case, self.url = client, case, f"/desk/{case.reference}/"

    def take(self, step: str, **data: Any) -> Any:
        self.case.refresh_from_db()
        return self.client.post(f"{self.url}{step}/", data | {"version": self.case.version})

    def done(self, step: str, **data: Any) -> None:
        answer = self.take(step, **data)
        assert answer.status_code == 302, answer.content.decode()
        self.case.refresh_from_db()

    def refused(self, step: str, words: str, **data: Any) -> str:
        answer = self.take(step, **data)
        page = answer.content.decode()
        assert answer.status_code in (409, 422) and words in page, page
        return page

    def page(self, query: str = "") -> str:
        return self.client.get(self.url + query).content.decode()


def begun(client: Client, **more: Any) -> Desk:
    answer = client.post(NEW, SAID | more)
    assert answer.status_code == 302, answer.content.decode()
    return Desk(client, Case.objects.filter(kind="field_report").latest("pk"))


def photo(colour: str = "red") -> SimpleUploadedFile:
    return SimpleUploadedFile("lock.jpg", make.photo(colour), "image/jpeg")


@pytest.fixture
def written(city: City, signed_in: Any) -> Desk:
    """Cleo's report with an owner, a witness under 18, a bicycle and a photo."""
    desk = begun(signed_in(city.cleo))
    desk.done("write", **TEXT)
    desk.done("add_party", role="owner", age="adult", name="Olive Owner", phone="312-555-0144", note="Locked it there.")
    desk.done("add_party", role="witness", age="minor", name="Timothy Young", note="Heard a noise.")
    desk.done("add_item", role="stolen", what="Red bicycle", marks="SN 4711", worth="350", place="Not known")
    desk.done("photograph", photos=[photo()], shows="The cut lock")
    return desk


def test_it_is_written_sent_in_returned_corrected_and_approved(city: City, signed_in: Any, written: Desk) -> None:
    sam, queue = signed_in(city.sam), "/desk/reports/"
    assert written.case.reference in written.client.get(queue).content.decode().partition("Mine to finish")[2]
    page = written.page()
    assert "Witness 1" not in page.partition("People and property")[2].partition("What happened")[0]
    assert "Minor 1" in page and "Owner 1" in page and "Red bicycle" in page and "Reads like grade" in page
    written.done("submit")
    assert written.case.state == "submitted"
    told = Delivery.objects.get(template="staff_field_report")
    assert told.recipient == city.sam.email
    assert written.case.reference in sam.get(queue).content.decode().partition("Wait for your approval")[2]
    written.refused("approve", "needs another role")

    desk = Desk(sam, written.case)
    desk.done("send_back", comments="Say where the lock is now.")
    assert "Say where the lock is now." in written.page()
    assert Delivery.objects.filter(template="staff_field_report", recipient=city.cleo.email).count() == 1
    written.done("write", **TEXT | {"after": "The lock is in the property room. I ask the shop by Friday."})
    written.done("submit")
    desk.done("approve", text="Well seen.")
    report = FieldReport.objects.get()
    assert (desk.case.state, desk.case.outcome, report.approved_by) == ("approved", "approved", city.sam)
    assert Delivery.objects.filter(template="staff_field_report", recipient=city.cleo.email).count() == 2
    written.refused("write", "not possible", **TEXT)

    written.done("number", number="26-004711")
    written.done("supplement", text="The shop sent its video.", photos=[photo("blue")])
    assert written.case.state == "supplemented" and written.case.closed_at is None
    desk.done("refuse_supplement", reason="Which shop?")
    assert "Which shop?" in written.page() and desk.case.closed_at
    written.done("supplement", text="The shop at the corner sent its video.")
    desk.done("approve_supplement")
    assert [row.state for row in report.supplements.order_by("pk")] == ["refused", "approved"]
    report.refresh_from_db()
    assert report.saw == TEXT["saw"], "a supplement changes nothing of the report"


def test_what_is_missing_is_said_before_and_when_it_is_sent_in(city: City, signed_in: Any) -> None:
    desk = begun(signed_in(city.cleo))
    assert "Say what you saw." in desk.page() and "Add the property that it is about." in desk.page()
    page = desk.refused("submit", "Say what you did.")
    assert "Add the property that it is about." in page and desk.case.state == "drafting"


def test_who_is_under_eighteen_stays_hidden_and_out_of_the_text(city: City, signed_in: Any, written: Desk) -> None:
    party = Party.objects.get(age="minor")
    assert party.participant is not None and party.participant.hidden
    for reader in (written.client, signed_in(city.sam)):
        page = reader.get(written.url).content.decode()
        assert "Timothy" not in page
        opened = reader.post(f"{written.url}people/{party.participant.pk}/contact/")
        assert opened.status_code == 403 and "Timothy" not in opened.content.decode()
    assert (
        "Olive Owner"
        in written.client.post(
            f"{written.url}people/{Participant.objects.get(person__name='Olive Owner').pk}/contact/"
        ).content.decode()
    )
    page = written.refused("write", "is the name of somebody under 18", **TEXT | {"saw": "Timothy stood at the rack."})
    assert "Minor 1" in page and "Timothy stood at the rack." in page
    answer = written.take("add_party", role="witness", age="minor", name="Jasper Little", note="Friend of Jasper.")
    assert answer.status_code == 422 and Party.objects.count() == 2
    written.done("drop", row=f"party-{party.pk}")
    assert not Participant.objects.filter(hidden=True).exists()


def test_nobody_approves_their_own_and_nobody_writes_for_another(city: City, signed_in: Any, written: Desk) -> None:
    sam, omar = signed_in(city.sam), signed_in(city.omar)
    own = begun(sam)
    own.done("write", **TEXT)
    own.done("add_item", role="stolen", what="Red bicycle")
    own.done("submit")
    own.refused("approve", "Another supervisor has to decide")
    Desk(omar, written.case).refused("write", "Somebody else writes this report", **TEXT)
    Desk(sam, written.case).done("assign", user=city.omar.pk)
    Desk(omar, written.case).done("write", **TEXT)


def test_the_document_is_tagged_names_no_minor_and_shows_the_digests(city: City, signed_in: Any, written: Desk) -> None:
    link, sent = custody(written.case)[0], hashlib.sha256(make.photo()).hexdigest()
    answer = written.client.get(f"{written.url}report.pdf")
    assert answer["Content-Type"] == "application/pdf"
    read = text_of(answer.content)
    assert read.tagged and read.language == "en" and written.case.reference in read.title
    whole = read.text.replace(" ", "")
    for words in ("Olive Owner", "Minor 1", "Red bicycle", "A cut lock lay on the ground.", "Not approved yet"):
        assert words.replace(" ", "") in whole, words
    assert "Timothy" not in whole and "312-555" not in whole
    assert link.original == sent and sent in whole and link.stored in whole
    assert bytes(link.entry.hash).hex() in whole and "Unchangedsinceitcamein." in whole
    assert AccessLog.objects.filter(what="exported", reason="field report").count() == 1
    concern = make.concern(city.noise).case
    assert signed_in(city.sam).get(f"/desk/{concern.reference}/report.pdf").status_code == 404


def test_the_hash_chain_of_a_photo_breaks_when_the_journal_or_the_picture_changes(city: City, written: Desk) -> None:
    entry = Entry.objects.get(verb="case.photograph")
    assert entry.data["photos"][0]["original"] == hashlib.sha256(make.photo()).hexdigest()
    assert entry.data["photos"][0]["stored"] == CaseFile.objects.get().sha256
    assert custody(written.case)[0].flaws == ()
    CaseFile.objects.update(sha256="f" * 64)
    assert custody(written.case)[0].flaws


def test_a_copy_for_somebody_outside_says_to_whom_and_why_with_the_digests(
    city: City, signed_in: Any, written: Desk
) -> None:
    written.done("submit")
    desk = Desk(signed_in(city.sam), written.case)
    desk.done("approve")
    assert desk.take("disclose", agency="Insurer").status_code == 422
    desk.done("disclose", agency="Insurer of the owner", reason="Claim 12")
    told = Entry.objects.get(verb="case.disclose").data
    assert (told["agency"], told["reason"]) == ("Insurer of the owner", "Claim 12")
    assert told["copies"][0]["stored"] == CaseFile.objects.get().sha256


def test_only_whoever_writes_reads_or_may_be_called_sees_a_report(city: City, signed_in: Any, written: Desk) -> None:
    other = make.user("Carl Service", "cso", team=city.team, sworn=False)
    for user, seen in ((city.sam, 200), (city.omar, 200), (city.olga, 404), (other, 404), (city.pat, 404)):
        assert signed_in(user).get(written.url).status_code == seen, user.name
        assert signed_in(user).get(f"{written.url}report.pdf").status_code == seen, user.name
    assert signed_in(city.ed).get("/desk/reports/").status_code == 404
    assert written.case.reference not in signed_in(other).get("/desk/reports/").content.decode()


def test_a_draft_begun_by_mistake_is_void(city: City, signed_in: Any) -> None:
    desk = begun(signed_in(city.cleo))
    desk.done("void", reason="Wrong place.")
    assert (desk.case.state, desk.case.outcome) == ("void", "void")
