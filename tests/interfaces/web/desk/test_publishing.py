"""The publishing desk: review, preview, two people, withdrawal."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.publishing.models import Publication, PublicCase
from tests import make
from tests.conftest import City


def draft(city: City, message: str = "We fixed the lamp.", **fields: Any) -> Publication:
    case = make.concern(city.noise, **fields).case
    act(case, "resolve", data={"outcome": "fixed", "message": message}, actor=city.actor(city.omar), at=timezone.now())
    return Publication.objects.get(case_number=case.pk)


def test_a_draft_is_edited_by_one_and_published_by_another(city: City, signed_in: Any) -> None:
    row = draft(city)
    omar, sam = signed_in(city.omar), signed_in(city.sam)
    assert "We fixed the lamp." in omar.get("/desk/publishing/").content.decode()
    url = f"/desk/publishing/{row.pk}/"
    words = {
        "version": 1,
        "title-en": "Lamp repaired",
        "said-en": "It was dark.",
        "did-en": "We fixed it.",
        "did-es": "La reparamos.",
    }
    assert omar.post(url + "words/", words).status_code == 302
    refused = omar.post(url + "publish/", {"version": 2})
    assert refused.status_code == 409 and "needs the role of a publisher" in refused.content.decode()
    stale = sam.post(url + "words/", {**words, "title-en": "My title"})
    assert stale.status_code == 409 and "My title" in stale.content.decode()
    assert sam.post(url + "publish/", {"version": 2}).status_code == 302
    row.refresh_from_db()
    assert row.state == "published" and row.published_by == city.sam
    assert PublicCase.objects.get().answer == "We fixed it."
    assert "Say why you withdraw it" in sam.post(url + "withdraw/", {}).content.decode()
    assert sam.post(url + "withdraw/", {"reason": "Wrong street"}).status_code == 302
    assert PublicCase.objects.get().answer == ""


def test_nobody_publishes_what_they_wrote(city: City, signed_in: Any) -> None:
    row = draft(city)
    sam, url = signed_in(city.sam), f"/desk/publishing/{row.pk}/"
    sam.post(url + "words/", {"version": 1, "did-en": "We fixed it."})
    assert "You wrote this" in sam.get(url).content.decode()
    assert sam.post(url + "publish/", {"version": 2}).status_code == 409
    row.refresh_from_db()
    assert row.state == "draft"


def test_hard_words_and_personal_data_are_warned_about(city: City, signed_in: Any) -> None:
    hard = (
        "Subsequent to comprehensive deliberations regarding the aforementioned infrastructural deficiency, the "
        "municipal administration implemented appropriate remediation notwithstanding considerable organisational "
        "difficulties encountered throughout the preliminary investigation of electrical responsibilities."
    )
    row = draft(city, f"{hard} Call rosa@example.org <b>.")
    page = signed_in(city.ed).get(f"/desk/publishing/{row.pk}/").content.decode()
    assert "Our limit is grade 8" in page and "an e-mail address" in page
    assert "<mark>rosa@example.org</mark>" in page and "<b>" not in page
    ed, url = signed_in(city.ed), f"/desk/publishing/{row.pk}/publish/"
    assert "personal data" in ed.post(url, {"version": 1}).content.decode()
    assert ed.post(url, {"version": 1, "accept_personal": "on"}).status_code == 302


def test_the_preview_is_exactly_the_card_and_never_the_reported_place(city: City, signed_in: Any) -> None:
    row = draft(city, text="My secret words", name="Rosa Resident", email="rosa@example.org")
    ed = signed_in(city.ed)
    page = ed.get(f"/desk/publishing/{row.pk}/").content.decode()
    preview = page.split('id="preview"')[1]
    for hidden in ("My secret words", "Rosa", "100 N State St"):
        assert hidden not in preview
    card = PublicCase.objects.get()
    found = ed.get(f"/desk/publishing/{row.pk}/point.geojson").json()["features"][0]["geometry"]["coordinates"]
    assert found == [card.long, card.lat] and (card.lat, card.long) != make.NORTH


def test_a_sensitive_case_previews_without_a_point(city: City, signed_in: Any) -> None:
    case = make.concern(make.category("home", sensitive=True, public_point=False)).case
    act(
        case,
        "resolve",
        data={"outcome": "advice", "message": "We helped."},
        actor=city.actor(city.omar),
        at=timezone.now(),
    )
    row, ed = Publication.objects.get(), signed_in(city.ed)
    page = ed.get(f"/desk/publishing/{row.pk}/").content.decode()
    assert "No point is shown" in page and "the case has no public card" in page
    assert ed.get(f"/desk/publishing/{row.pk}/point.geojson").json()["features"] == []


def test_drafts_of_other_areas_and_for_partners_are_not_there(city: City, signed_in: Any) -> None:
    row = draft(city)
    assert signed_in(city.olga).get(f"/desk/publishing/{row.pk}/").status_code == 404
    partner = make.user("Paula Partner", "partner", team=city.team)
    assert signed_in(partner).get("/desk/publishing/").status_code == 404
