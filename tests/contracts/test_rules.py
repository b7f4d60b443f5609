"""What the law and the community need, each as a test named after its number in the department's list of rules."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from commonbeat.cases.actions import act
from commonbeat.cases.categories import by_code
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Participant
from commonbeat.community import reference
from commonbeat.community.models import Organisation, Person, Team
from commonbeat.community.people import shred_person
from commonbeat.core.fields import Invalid
from commonbeat.core.numbers import suppress_table
from commonbeat.core.workflow import REPORTER
from commonbeat.interfaces.web.public.draft import OWNED
from commonbeat.journal import history
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Delivery, Entry
from commonbeat.journal.verbs import shred_entries
from commonbeat.publishing.cards import blur_cards, card_values
from commonbeat.publishing.digests import send_digests
from commonbeat.publishing.following import follow
from commonbeat.publishing.models import Follow, Publication, PublicCase
from commonbeat.publishing.outcomes import CannotPublish, edit, publish
from commonbeat.publishing.reads import words_of
from tests import make
from tests.conftest import City

ROOT = Path(__file__).resolve().parents[2]
MODELS = [model for model in apps.get_models() if model.__module__.startswith("commonbeat.")]
ADDRESS, BROWSER = "203.0.113.77", "Test-Browser/9.7 (Invented)"


def _declared_names() -> set[str]:
    """Every name under which something about people could be stored: columns, questions, kinds, outcomes."""
    names = {f"{model._meta.model_name}.{field.name}" for model in MODELS for field in model._meta.get_fields()}
    for kind in KINDS:
        names |= {kind.slug, *(f.code for f in kind.intake.fields), *(o.slug for o in kind.workflow.outcomes)}
        names |= {f"{step.slug}.{f.code}" for step in kind.workflow.steps for f in step.fields}
    return names


def _dump() -> str:
    """Everything that the database holds, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows)


def _fields(city: City, **more: str) -> dict[str, str]:
    return {
        "category": city.noise.code, "text": "Loud music every night.", "address": "100 N State St", "lat": "41.90",
        "long": "-87.70", "who": "anonymous", "told": "all", "client_id": "6b0f3c1e-52bb-4cf4-a8a1-3a0d5a1b7c21",
    } | more  # fmt: skip


def test_rule_01_there_is_no_place_for_views_beliefs_or_associations() -> None:
    forbidden = re.compile(
        r"politic|religio|belief|ideolog|ethnic|race$|associat|gang|suspect_list|intelligence|protest", re.I
    )
    assert [name for name in _declared_names() if forbidden.search(name)] == []


def test_rule_02_a_disclosure_outside_says_to_whom_why_and_when(city: City) -> None:
    case, sam = make.concern(city.noise).case, city.actor(city.sam)
    for missing in ({"agency": "City streets"}, {"reason": "Their street"}):
        with pytest.raises(Invalid):
            act(case, "hand_over", data=missing, actor=sam, at=make.NOW)
    entry = act(case, "hand_over", data={"agency": "City streets", "reason": "Their street"}, actor=sam, at=make.NOW)
    assert "City streets" in json.dumps(entry.data | (entry.personal or {}))
    assert "Their street" in json.dumps(entry.data | (entry.personal or {}))
    assert entry.at == make.NOW and entry.actor_name == city.sam.name


def test_rule_03_staff_reach_nothing_without_a_second_factor(city: City, settings: Any) -> None:
    settings.MFA_REQUIRED = True
    client = Client()
    client.force_login(city.sam, backend="commonbeat.interfaces.web.sessions.StaffBackend")
    answer = client.get("/desk/")
    assert answer.status_code == 302 and "/2fa/" in answer["Location"]
    forbidden = re.compile(r"ncic|criminal_history|fbi|triple_i|rap_sheet", re.I)
    assert [name for name in _declared_names() if forbidden.search(name)] == []


def test_rule_04_an_anonymous_report_leaves_no_trace_of_who_sent_it(
    city: City, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(headers={"User-Agent": BROWSER}, REMOTE_ADDR=ADDRESS)
    answer = client.post("/report/concern/", _fields(city))
    assert answer.status_code == 201
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", answer.content.decode())
    assert code
    dump = _dump()
    assert "Loud music every night." in dump
    for secret in (ADDRESS, BROWSER, code[0], code[0].replace("-", "")):
        assert secret not in dump and secret not in caplog.text
    participant = Participant.objects.get()
    assert participant.person is None and len(bytes(participant.code_digest)) == 32


def test_rule_05_no_partner_and_no_agency_gets_to_know_a_victim_and_help_needs_no_signature(
    city: City, signed_in: Any
) -> None:
    shelter = Team.objects.create(
        slug="shelter", name="Shelter", organisation=Organisation.objects.create(name="Shelter")
    )
    ruth = make.user("Ruth Partner", "partner", team=shelter)
    violence = make.category("family-violence", name="Violence at home", sensitive=True, public_point=False)
    who = {"name": "Vera Victim", "email": "vera@example.org", "phone": "312-555-0188", "told_by": "email"}
    case, sam = make.concern(violence, **who).case, city.actor(city.sam)
    act(case, "assign", data={"team": shelter.pk, "tell": False}, actor=sam, at=make.NOW)
    act(case, "note", data={"text": "Vera lives with her sister now."}, actor=sam, at=make.NOW)
    partner = signed_in(ruth)
    pages = [
        partner.get(f"/desk/{case.reference}/").content.decode(),
        partner.get("/desk/cases.csv").getvalue().decode(),
    ]
    opened = partner.post(f"/desk/{case.reference}/people/{case.participants.get().pk}/contact/")
    assert opened.status_code == 403
    for page in (*pages, opened.content.decode()):
        assert case.reference in page and not any(word in page for word in ("Vera", "vera@", "0188"))
    act(
        case,
        "hand_over",
        data={"agency": "State agency", "reason": "Its matter", "tell": False},
        actor=sam,
        at=make.NOW,
    )
    assert not Delivery.objects.exclude(channel="inbox").exclude(recipient=ruth.email).exists(), (
        "nothing leaves by itself"
    )
    signature = re.compile(r"consent|release|waiver|signature", re.I)
    steps = [item for kind in KINDS for item in kind.workflow.steps if REPORTER in item.by]
    asked = [
        f.code for f in (*(f for kind in KINDS for f in kind.intake.fields), *(f for s in steps for f in s.fields))
    ]
    assert [code for code in (*asked, *OWNED["contact"]) if signature.search(code)] == []
    sent = Client().post("/report/concern/", _fields(city, category=violence.code))
    assert sent.status_code == 201 and Case.objects.count() == 2


def test_rule_06_nothing_goes_out_by_itself_on_sensitive_matters(city: City) -> None:
    sensitive = make.category("family-violence", name="Violence at home", sensitive=True, public_point=False)
    case = make.concern(sensitive, email="rosa@example.org", told_by="email").case
    sam = city.actor(city.sam)
    act(case, "acknowledge", data={}, actor=sam, at=make.NOW)
    assert Delivery.objects.filter(channel__in=["email", "sms"], recipient="rosa@example.org").count() == 0
    act(case, "message", data={"message": "Is it safe to write here?", "tell": True}, actor=sam, at=make.NOW)
    assert Delivery.objects.filter(recipient="rosa@example.org").count() == 1


def test_rule_10_a_small_count_is_hidden_together_with_a_second_one() -> None:
    shown = suppress_table({"north": {"yes": 3, "no": 40}, "south": {"yes": 57, "no": 61}}, minimum=10)
    cells = {place: {answer: shown.cells[place][answer] for answer in ("yes", "no")} for place in ("north", "south")}
    hidden = [(place, answer) for place, row in cells.items() for answer, n in row.items() if not isinstance(n, int)]
    assert ("north", "yes") in hidden
    assert len(hidden) == 4, "with row and column totals shown, fewer could be worked out again"


def test_rule_11_the_public_never_sees_the_reported_place(city: City, client: Client) -> None:
    case = make.concern(city.noise, address="4711 Invented Ave", place=(41.9012345, -87.7012345)).case
    card = PublicCase.objects.get(pk=case.pk)
    assert card.lat is not None and (card.lat, card.long) != (case.lat, case.long)
    hidden = make.category("family", name="Family", sensitive=True, public_point=False)
    secret = make.concern(hidden).case
    assert PublicCase.objects.filter(pk=secret.pk, lat__isnull=False).count() == 0
    for address in (f"/areas/{city.north.pk}/cards.geojson", "/open311/v2/requests.json", f"/cases/{case.reference}/"):
        page = client.get(address).content.decode()
        assert "12345" not in page and "4711 Invented" not in page and case.text not in page, address


def test_rule_11_one_sensitive_report_is_not_told_by_a_line_in_a_list(city: City, client: Client) -> None:
    """A list with one line is a count of one: with its area and day it would tell who called."""
    worry = make.category("worry", name="Worry at home", sensitive=True, public_point=False)
    case = make.concern(worry).case
    place = reverse("area", args=[city.north.pk, "north"])
    for address in (place, f"/areas/{city.north.pk}/feed/", "/open311/v2/requests.json", "/open311/bulk.json", "/"):
        answer = client.get(address, follow=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200 and case.reference not in body.decode(), address
    assert client.get(f"/cases/{case.reference}/").status_code == 404
    assert client.get(f"/open311/v2/requests/{case.reference}.json").status_code == 404
    late = make.concern(city.noise).case
    assert client.get(f"/cases/{late.reference}/").status_code == 200
    history.change(city.noise, {"sensitive": True, "public_point": False}, actor=city.actor(city.ada), at=make.NOW)
    assert client.get(f"/cases/{late.reference}/").status_code == 404, "what becomes sensitive is gone at once"
    assert not PublicCase.objects.filter(lat__isnull=False).exists()


def test_rule_11_a_place_is_blurred_anew_when_its_category_says_so(city: City) -> None:
    case = make.concern(city.noise).case
    before = PublicCase.objects.get(pk=case.pk)
    history.change(city.noise, {"public_precision_m": 800}, actor=city.actor(city.ada), at=make.NOW)
    hidden = PublicCase.objects.get(pk=case.pk)
    assert hidden.lat is None and hidden.version > before.version, "the old point is gone before the new one is made"
    assert blur_cards(city.noise.pk) == 1
    after = PublicCase.objects.get(pk=case.pk)
    assert after.lat is not None and (after.lat, after.long) not in {(before.lat, before.long), (case.lat, case.long)}
    reference.forget()
    assert (after.lat, after.long) == (
        card_values(case, by_code("noise"))["lat"],
        card_values(case, by_code("noise"))["long"],
    )


def test_rule_12_work_that_needs_a_sworn_officer_is_given_to_nobody_else(city: City) -> None:
    fight = make.category("fight", name="Fight", needs_sworn=True)
    case, sam = make.concern(fight).case, city.actor(city.sam)
    for step, more in (("assign", {}), ("pass_on", {"tell": False})):
        with pytest.raises(Invalid, match="not a sworn officer"):
            act(case, step, data={"user": city.cleo.pk, **more}, actor=sam, at=make.NOW)
    act(case, "assign", data={"user": city.omar.pk}, actor=sam, at=make.NOW)
    assert Case.objects.get().assignee == city.omar


def test_rule_15_there_is_no_score_of_a_person_no_face_and_no_track_of_an_officer() -> None:
    # The scorecard tells five numbers of areas; nothing on it is about a person.
    forbidden = re.compile(
        r"risk|score(?!card)|rank(ing)?_of|face|biometric|gps|track(ing)?$|last_position|social_media|threat", re.I
    )
    assert [name for name in _declared_names() if forbidden.search(name)] == []
    libraries = (ROOT / "requirements" / "run.txt").read_text()
    assert not re.search(r"^(face|dlib|insightface|deepface|opencv|mediapipe)", libraries, re.M)


@pytest.mark.parametrize("statement", ["UPDATE journal_entry SET verb = 'x'", "DELETE FROM journal_entry"])
def test_rule_17_the_journal_refuses_changes_and_a_forged_one_is_found(city: City, statement: str) -> None:
    make.concern(city.noise)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(verify()) == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER journal_entry_append_only")
        cursor.execute("UPDATE journal_entry SET verb = 'case.forged'")
        cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER journal_entry_append_only")
    assert [flaw.what for flaw in verify()] == ["was changed after it was written"]


def test_rule_18_danger_shows_the_emergency_number_before_anything_is_stored(city: City, client: Client) -> None:
    words = "He has a gun and is threatening her right now."
    answer = client.post("/report/concern/", _fields(city, text=words))
    page = answer.content.decode()
    assert "911" in page and Case.objects.count() == 0
    going_on = re.search(r'name="danger" value="([^"]+)"', page)
    assert going_on, "the hand-off travels on with the report"
    again = client.post("/report/concern/", _fields(city, text=words, danger=going_on[1]))
    assert again.status_code == 201
    opened = Entry.objects.get(verb="case.opened")
    assert opened.data["danger"]["number"] == "911" and opened.data["danger"]["shown_at"]


def test_rule_20_what_a_machine_translated_says_so_and_is_sent_to_nobody(city: City, client: Client) -> None:
    case = make.concern(city.noise).case
    act(
        case,
        "resolve",
        data={"outcome": "fixed", "message": "They turned it down."},
        actor=city.actor(city.omar),
        at=make.NOW,
    )
    row = Publication.objects.get()
    english = {"title": "Quieter now", "said": "", "did": "They turned it down."}
    machine = {"title": "Más callado", "said": "", "did": "Lo bajaron.", "machine": True}
    edit(row, words={"es": machine}, actor=city.actor(city.omar), at=make.NOW, version=row.version)
    with pytest.raises(CannotPublish, match="nothing to publish"):
        publish(row, actor=city.actor(city.ed), at=make.NOW, version=row.version)
    edit(row, words={"en": english, "es": machine}, actor=city.actor(city.omar), at=make.NOW, version=row.version)
    publish(row, actor=city.actor(city.ed), at=make.NOW, version=row.version)
    spanish = {"headers": {"Accept-Language": "es"}}
    labels = {"/outcomes/": "Traducido por una máquina", f"/outcomes/{row.pk}/": "máquina"}
    for address, label in labels.items():
        page = client.get(address, **spanish).content.decode()
        assert "Lo bajaron." in page and label in page, address
        assert label not in client.get(address).content.decode()
    feed = client.get("/outcomes/feed/", **spanish).content.decode()
    assert "Traducido por una máquina" in feed
    card = client.get(f"/cases/{case.reference}/", **spanish).content.decode()
    assert "They turned it down." in card and "Lo bajaron." not in card
    assert words_of(row, language="es", by_people=True).did == "They turned it down."
    follow(email="rosa@example.org", language="es", area=city.north.pk, at=make.NOW)
    Follow.objects.update(confirmed_at=make.NOW, told_until=make.NOW - dt.timedelta(days=9))
    send_digests(at=make.NOW + dt.timedelta(days=2))
    told = Delivery.objects.get(template="digest")
    assert "They turned it down." in str(told.context) and "Lo bajaron" not in str(told.context)


def test_rule_21_erasing_somebody_keeps_the_fact_and_the_chain(city: City) -> None:
    case = make.concern(city.noise, name="Rosa Resident", email="rosa@example.org", told_by="email").case
    reporter = case.participants.get()
    act(case, "message", data={"message": "Dear Rosa"}, actor=city.actor(city.sam), at=make.NOW)
    shred_person(reporter.person, at=make.NOW)
    shred_entries("case", case.pk)
    person = Person.objects.get(pk=reporter.person_id)
    assert (person.name, person.email, person.phone) == ("", "", "") and person.shredded_at == make.NOW
    assert Entry.objects.filter(personal__isnull=False).count() == 0
    assert Entry.objects.about("case", case.pk).count() == 2 and list(verify()) == []


def test_rule_22_wrong_input_is_answered_in_its_own_format_and_keeps_what_was_typed(city: City, client: Client) -> None:
    typed = "The same words that were typed before."
    page = client.post("/report/concern/", _fields(city, text=typed, lat="10", long="10"))
    assert page.status_code == 422 and typed in page.content.decode()
    answer = client.post("/open311/v2/requests.json", {"service_code": "no-such-thing"})
    assert 400 <= answer.status_code < 500 and json.loads(answer.content)[0]["description"]
    answer = client.post("/open311/v2/requests.xml", {"service_code": "no-such-thing"})
    assert 400 <= answer.status_code < 500 and ElementTree.fromstring(answer.content).findtext(".//description")
    answer = client.get("/api/v1/cases")
    assert 400 <= answer.status_code < 500 and json.loads(answer.content)
