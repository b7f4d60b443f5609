"""RULES 9: nobody outside the wall learns of a complaint, by whatever way, before and after posts change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from commonbeat.cases.actions import act
from commonbeat.cases.disposal import place_hold
from commonbeat.cases.escalation import escalate_overdue
from commonbeat.cases.handover import hand_over, open_work
from commonbeat.cases.identity import request_identity
from commonbeat.cases.models import Bulk, Case, CaseFile, CaseLink, Participant, SavedSearch, Task
from commonbeat.cases.safeguards import IdentityRequest
from commonbeat.cases.searches import tell_crossings
from commonbeat.cases.undoing import undo
from commonbeat.cases.walls import commanded
from commonbeat.community.access import actor_for, digest
from commonbeat.community.models import ApiKey, Cover, Organisation, RoleGrant, Team, User
from commonbeat.community.reference import touch
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.retention import Retention
from commonbeat.journal.models import AccessLog, Delivery, Entry, Webhook
from commonbeat.journal.verbs import log_access
from commonbeat.kinds.complaint.models import Allegation
from commonbeat.publishing.person_requests import erase as erase_person
from commonbeat.publishing.person_requests import find as find_person
from tests import make
from tests.conftest import City
from tests.contracts.walking import MATRIX, routes

SAID, ALLEGED, NOTED = "Zebrawords shouted at my son", "Quaggawords alleged", "Okapiwords noted"
LATER = dt.timedelta(days=400)
QUERIES = (
    "q={reference} q=Zebrawords view=all view=all&state=open view=overdue view=unassigned view=all&channel=web "
    "view=all&assignee={investigator} view=all&as=map"
)


@dataclass
class Matter:
    """A complaint about omar with everything around it, a second investigator, and people who would like to know."""

    case: Case
    paula: User
    snoopers: dict[str, User]
    file: CaseFile

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.case.reference, "Zebrawords", "Quaggawords", "Okapiwords", "rosa@example.org", "Rosa Resident")


@pytest.fixture
def matter(city: City) -> Matter:
    """The complaint as it stands in the middle of an investigation."""
    touch("webhooks")
    Webhook.objects.create(name="Other", url="https://hook.example.org/", secret="s", verbs=[], created_at=make.NOW)
    touch("webhooks")
    paula = make.user("Paula Second", "standards")
    pat = city.actor(city.pat)
    case = make.complaint(
        text=SAID, name="Rosa Resident", email="rosa@example.org", told_by="email", hidden=True, area_id=city.north.pk,
        address="100 N State St",
    ).case  # fmt: skip
    act(case, "assign", data={"user": paula.pk}, actor=pat, at=make.NOW)
    act(case, "classify", data={"level": "level_two"}, actor=pat, at=make.NOW)
    act(case, "allege", data={"allegation": "force", "officer": city.omar.pk, "text": ALLEGED}, actor=pat, at=make.NOW)
    act(case, "note", data={"text": NOTED}, actor=pat, at=make.NOW)
    act(case, "interview", data={"role": "witness", "how": "phone", "held_at": "2026-03-10T12:00", "text": NOTED},
        actor=pat, at=make.NOW)  # fmt: skip
    Task.objects.create(case=case, text=NOTED, owner=paula, due_at=make.NOW, created_at=make.NOW)
    place_hold(case, reason=NOTED, actor=pat, at=make.NOW)
    request_identity(case, participant=case.participants.get(role="reporter"), reason=NOTED, actor=pat, at=make.NOW)
    log_access("case", case.pk, "contact", actor=pat, at=make.NOW, reason=NOTED)
    photo = CaseFile.objects.create(
        case=case, sha256="a" * 64, media_type="image/jpeg", name="zebrawords.jpg", size=3, created_at=make.NOW
    )
    shelter = Team.objects.create(slug="p", name="P", organisation=Organisation.objects.create(name="Partner"))
    people = {
        "subject": city.omar, "sergeant": city.sam, "area colleague": make.user("Nell North", "officer",
                                                                                areas=(city.north,)),
        "other officer": city.olga, "cso": city.cleo, "admin": city.ada, "editor": city.ed,
        "analyst": make.user("Ann Analyst", "analyst"), "records": make.user("Rita Records", "records"),
        "partner": make.user("Ruth Partner", "partner", team=shelter),
        "oversight": make.user("Ozzy Oversight", "oversight"),
    }  # fmt: skip
    for user in people.values():
        SavedSearch.objects.create(
            user=user, name="All", query="view=all", threshold=1, within_days=300, created_at=make.NOW
        )
    return Matter(Case.objects.get(pk=case.pk), paula, people, photo)


def _client(signed_in: Any, user: User) -> Client:
    client: Client = signed_in(user)
    client.defaults[f"HTTP_{MATRIX.upper().replace('-', '_')}"] = "1"
    client.raise_request_exception = False
    return client


def _text(answer: Any) -> str:
    body = answer.getvalue() if answer.streaming else answer.content
    return str(body.decode(errors="replace"))


def leaks(client: Client, matter: Matter) -> list[tuple[str, str]]:
    """Addresses on which a secret of the complaint stands, or that open something of it."""
    case, found = matter.case, []
    delivery = Delivery.objects.filter(entry__subject_id=case.pk, entry__subject_kind="case").latest("pk")
    numbers = {str(pk) for pk in (matter.file.pk, case.participants.get(role="reporter").pk, delivery.pk, case.pk)}
    numbers |= {
        str(pk) for pk in (case.holds.get().pk, IdentityRequest.objects.get().pk, SavedSearch.objects.first().pk)
    }
    for route in routes():
        if not route.ours or (route.reader and route.reader.sort not in {"staff", "signed_in", "anyone"}):
            continue
        for number in sorted(numbers) if "<int:" in route.path else ["1"]:
            address = route.filled({"reference": case.reference, "step": "note", "number": number, "pk": number})
            for method in ("get", "post") if "<str:reference>" in route.path or "/again/" in route.path else ("get",):
                answer = getattr(client, method)(address, follow="<str:reference>" in route.path)
                # An address that was typed may come back on the page that says that there is nothing.
                page = _text(answer).replace(case.reference if case.reference in address else address, "")
                found += [(f"{method} {address}", word) for word in matter.secrets if word in page]
                opens = "<str:reference>" in route.path and route.reader and route.reader.sort == "staff"
                if opens and answer.status_code not in {404, 405}:
                    found.append((f"{method} {address}", str(answer.status_code)))
    return found + _asked(client, matter)


def _asked(client: Client, matter: Matter) -> list[tuple[str, str]]:
    """The same by search, by filters and in tables to take away."""
    reference, found = matter.case.reference, []
    for query in QUERIES.format(reference=reference, investigator=matter.paula.pk).split():
        for address in (f"/desk/?{query}", f"/desk/cases.csv?{query}", f"/desk/map.geojson?{query}"):
            answer = client.get(address)
            page = _text(answer).replace(f'value="{reference}"', "").replace('value="Zebrawords"', "")
            shown = f"/desk/{reference}/" in page or f"/desk/{reference}/" in answer.get("Location", "")
            if shown or "shouted at my son" in page:
                found.append((address, page[:80]))
    for address in ("/desk/tasks/?view=team&q=Okapi", "/desk/tasks.csv?view=team", "/office/deliveries/?channel=email"):
        page = _text(client.get(address))
        found += [(address, word) for word in (reference, "Okapiwords") if word in page.replace("q=Okapi", "")]
    return found


SNOOPERS = ("subject", "sergeant", "area colleague", "other officer", "cso", "admin", "editor", "analyst", "records",
            "partner", "oversight")  # fmt: skip


@pytest.mark.parametrize("who", SNOOPERS)
def test_rule_09_no_page_list_search_table_file_or_log_shows_a_complaint_to(
    city: City, matter: Matter, signed_in: Any, who: str
) -> None:
    user = matter.snoopers[who]
    assert not Case.objects.visible_to(city.actor(user)).filter(pk=matter.case.pk).exists()
    assert leaks(_client(signed_in, user), matter) == []


def test_professional_standards_finds_all_of_it(city: City, matter: Matter, signed_in: Any) -> None:
    found = {address for address, _word in leaks(_client(signed_in, city.pat), matter)}
    reference = matter.case.reference
    for expected in (f"get /desk/{reference}/", "/desk/?view=all", "get /desk/identity/", "get /office/retention/",
                     "get /office/access/"):  # fmt: skip
        assert any(expected in address for address in found), (expected, sorted(found))


def test_no_mail_notice_or_webhook_leaves_the_wall(city: City, matter: Matter) -> None:
    case = matter.case
    reporter = Actor(sort="reporter", case_id=case.pk, participant_id=case.participants.get(role="reporter").pk)
    act(case, "add", data={"text": "He came back."}, actor=reporter, at=make.NOW)
    act(case, "add", data={"text": "He is beating him now!"}, actor=reporter, at=make.NOW,
        danger={"level": "now", "kind": "words", "words": ["beating"]})  # fmt: skip
    escalate_overdue(at=make.NOW + LATER)
    tell_crossings(at=make.NOW + dt.timedelta(minutes=5))
    inside = {"rosa@example.org", city.pat.email, matter.paula.email}
    told = Delivery.objects.filter(entry__subject_kind="case", entry__subject_id=case.pk)
    assert {row.recipient for row in told} <= inside and told.filter(template="staff_overdue").exists()
    assert told.filter(template="staff_danger", recipient=matter.paula.email).exists()
    assert not Delivery.objects.filter(channel="webhook").exists()
    assert not Delivery.objects.filter(template="search_reached").exists()
    make.concern(city.noise)
    assert Delivery.objects.filter(channel="webhook").exists(), "of what programs may read they are told"


@pytest.mark.parametrize("scopes", [["cases:read", "cases:write"]])
def test_a_key_reads_and_writes_nothing_of_it(city: City, matter: Matter, client: Client, scopes: list[str]) -> None:
    ApiKey.objects.create(name="Program", digest=digest("k" * 40), hint="kk", scopes=scopes, created_at=make.NOW)
    head = {"Authorization": "Bearer " + "k" * 40}
    listed = client.get("/api/v1/cases", headers=head)
    one = client.get(f"/api/v1/cases/{matter.case.reference}", headers=head)
    assert listed.status_code == 200 and matter.case.reference not in _text(listed)
    assert one.status_code == 404 and "Zebrawords" not in _text(one)
    for address in ("/open311/v2/requests.json", f"/open311/v2/requests/{matter.case.reference}.json", "/feed/",
                    f"/cases/{matter.case.reference}/", "/outcomes/feed/"):  # fmt: skip
        page = _text(client.get(address, headers=head)).replace(matter.case.reference, "")
        assert "Zebrawords" not in page and "complaint" not in page.lower().replace("complain", ""), address


def test_a_new_post_opens_nothing_to_the_subject_or_who_commanded_them(
    city: City, matter: Matter, signed_in: Any
) -> None:
    for user in (city.omar, city.sam):
        RoleGrant.objects.create(user=user, role="standards", since=dt.date(2020, 1, 1))
    User.objects.filter(pk=city.omar.pk).update(team=None)
    RoleGrant.objects.filter(user=city.sam, role="supervisor").delete()
    User.objects.filter(pk=city.sam.pk).update(team=None)
    for user in (User.objects.get(pk=city.omar.pk), User.objects.get(pk=city.sam.pk)):
        actor = actor_for(user, at=make.NOW + LATER)
        assert actor.has("standards") and commanded(actor) is None
        assert not Case.objects.visible_to(actor).exists(), user.name
        AccessLog.objects.exclude(subject_kind="case").delete()  # what the one searched for is in the other's log
        assert leaks(_client(signed_in, user), matter) == [], user.name


def test_the_sergeant_of_the_new_team_is_kept_out_as_soon_as_it_is_theirs(city: City, matter: Matter) -> None:
    day = Team.objects.create(slug="day", name="Day watch")
    nina = make.user("Nina New", "standards", team=day)
    grant = RoleGrant.objects.create(user=nina, role="supervisor", since=dt.date(2020, 1, 1), team=day)
    assert Case.objects.visible_to(city.actor(nina)).exists(), "no officer of theirs is concerned"
    User.objects.filter(pk=city.omar.pk).update(team=day)
    assert not Case.objects.visible_to(city.actor(nina)).exists()
    User.objects.filter(pk=city.omar.pk).update(team=None)
    RoleGrant.objects.filter(pk=grant.pk).update(team=None)
    grant.areas.set([city.north])
    assert not Case.objects.visible_to(city.actor(nina)).exists(), "omar looks after the north"
    grant.areas.set([city.south])
    assert Case.objects.visible_to(city.actor(nina)).exists()
    grant.areas.clear()
    assert not Case.objects.visible_to(city.actor(nina)).exists(), "whoever commands everybody commands omar"


def test_an_investigator_who_becomes_a_subject_loses_the_case_its_tasks_and_all_mail(
    city: City, matter: Matter, signed_in: Any
) -> None:
    case, paula, pat = matter.case, matter.paula, city.actor(city.pat)
    assert Case.objects.visible_to(city.actor(paula)).filter(pk=case.pk).exists()
    act(case, "allege", data={"allegation": "neglect", "officer": paula.pk, "text": "Lost the video."}, actor=pat,
        at=make.NOW)  # fmt: skip
    case.refresh_from_db()
    assert case.assignee is None and Task.objects.get(case=case).owner is None
    Delivery.objects.all().update(recipient="before@example.org")
    reporter = Actor(sort="reporter", case_id=case.pk, participant_id=case.participants.get(role="reporter").pk)
    act(case, "add", data={"text": "More."}, actor=reporter, at=make.NOW)
    Case.objects.filter(pk=case.pk).update(assignee=paula)  # even if somebody had left it with them
    case.refresh_from_db()
    act(case, "add", data={"text": "More still."}, actor=reporter, at=make.NOW)
    escalate_overdue(at=make.NOW + LATER)
    assert not Delivery.objects.filter(recipient=paula.email).exists()
    assert Delivery.objects.filter(recipient=city.pat.email, template="staff_overdue").exists()
    assert leaks(_client(signed_in, paula), matter) == []
    for slug, data in (("assign", {"user": paula.pk}), ("assign", {"user": city.omar.pk})):
        with pytest.raises(Invalid):
            act(Case.objects.get(pk=case.pk), slug, data=data, actor=pat, at=make.NOW)


def test_standing_in_for_professional_standards_opens_no_complaint(city: City, matter: Matter) -> None:
    today = make.NOW.date()
    for user in (city.omar, city.sam, city.ada):
        Cover.objects.create(user=matter.paula, by=user, since=today, until=today)
        assert not Case.objects.visible_to(city.actor(user)).filter(pk=matter.case.pk).exists()
    Delivery.objects.all().update(recipient="before@example.org")
    case = matter.case
    reporter = Actor(sort="reporter", case_id=case.pk, participant_id=case.participants.get(role="reporter").pk)
    act(case, "add", data={"text": "More."}, actor=reporter, at=make.NOW)
    told = set(Delivery.objects.exclude(recipient="before@example.org").values_list("recipient", flat=True))
    assert told <= {matter.paula.email}


def test_naming_an_officer_is_refused_when_nobody_would_be_left_to_work_it(city: City) -> None:
    pat, case = city.actor(city.pat), make.complaint().case
    with pytest.raises(Invalid, match="Nobody of professional standards would be left"):
        act(case, "allege", data={"allegation": "force", "officer": city.pat.pk, "text": "x"}, actor=pat, at=make.NOW)
    assert not Allegation.objects.exists() and not case.participants.filter(role="subject").exists()


def test_who_leaves_gives_complaints_back_and_the_administrator_learns_nothing(city: City, matter: Matter) -> None:
    ada = city.actor(city.ada)
    assert not any(bundle.cases for bundle in open_work(matter.paula, actor=ada, at=make.NOW).bundles)
    done = hand_over(matter.paula, to={}, otherwise=city.omar.pk, actor=ada, at=make.NOW)
    case = Case.objects.get(pk=matter.case.pk)
    assert case.assignee is None and Task.objects.get(case=case).owner is None and not done.given and not done.refused
    assert not Delivery.objects.filter(recipient=city.omar.email).exists()


def test_requests_of_persons_are_answered_by_whoever_may_see_the_complaint(city: City, matter: Matter) -> None:
    make.concern(city.noise, name="Rosa Resident", email="rosa@example.org", told_by="email")
    found = {}
    for who in (matter.snoopers["records"], city.pat):
        actor = city.actor(who)
        held = find_person(email="rosa@example.org", reason="Passport shown", actor=actor, at=make.NOW)
        found[who.name] = {part.case.kind for part in held.parts}
    assert found == {"Rita Records": {"concern"}, "Pat Standards": {"complaint"}}


def test_erasing_a_complainant_forgets_who_it_was_and_keeps_the_record(city: City) -> None:
    case = make.complaint(
        text=SAID, name="Rosa Resident", email="rosa@example.org", told_by="email",
        answers={"behalf": "other", "affected": "Ray", "wish": "An apology"},
    ).case  # fmt: skip
    pat = city.actor(city.pat)
    held = find_person(email="rosa@example.org", reason="Passport shown", actor=pat, at=make.NOW)
    assert erase_person(held, words=True, reason="Asked", actor=pat, at=make.NOW) == 1
    case.refresh_from_db()
    assert case.text == SAID, "the law asks for the record for five years"
    assert case.details["answers"] == {"behalf": "other", "wish": "An apology"}
    person = case.participants.get(role="reporter").person
    assert person is not None and person.shredded_at and person.name == ""


def test_a_step_on_many_shows_no_complaint_any_more_to_who_was_walled_off(
    city: City, matter: Matter, signed_in: Any
) -> None:
    bulk = Bulk.objects.create(
        user=city.omar, step="tag", at=make.NOW, done=[[matter.case.pk, 1]], refused=[[matter.case.pk, "No"]]
    )
    page = _text(signed_in(city.omar).get(f"/desk/bulk/{bulk.pk}/"))
    assert matter.case.reference not in page


def test_the_complainant_sees_their_case_and_nothing_of_the_inside(city: City, matter: Matter) -> None:
    case = matter.case
    entries = [e for e in Entry.objects.about("case", case.pk) if e.audience != "internal"]
    assert all(word not in str(e.data) + str(e.personal) for e in entries for word in (ALLEGED, NOTED, "Omar"))
    assert AccessLog.objects.filter(subject_id=case.pk).exists()


def test_the_journal_keeps_names_only_where_they_can_be_shredded(city: City, matter: Matter) -> None:
    facts = " ".join(str(entry.data) for entry in Entry.objects.about("case", matter.case.pk))
    assert "Omar" not in facts and ALLEGED not in facts and NOTED not in facts.replace(f"reason': '{NOTED}", "")


def test_nothing_of_a_complaint_can_be_kept_for_less_than_the_law_says() -> None:
    from commonbeat.cases.kind import KINDS

    kind = KINDS["complaint"]
    for outcome, years in (("sustained", 15), ("partially_sustained", 15), ("unfounded", 5), ("withdrawn", 5)):
        kept: Retention = kind.declared(outcome)
        assert kept.lowest >= years * 365 and kept.as_set(1, "too short").days == kept.lowest


def test_taking_a_name_back_opens_the_wall_again_and_leaves_no_answers_in_the_journal(city: City) -> None:
    pat, case = city.actor(city.pat), make.complaint(answers={"behalf": "other", "affected": "Quaggawords"}).case
    act(case, "acknowledge", data={}, actor=pat, at=make.NOW)
    for slug, data, sign in (
        ("classify", {"level": "level_one"}, lambda: case.detail("level")),
        ("allege", {"allegation": "force", "officer": city.omar.pk, "text": "x"}, case.participants.count),
    ):
        before = sign()
        entry = act(case, slug, data=data, actor=pat, at=make.NOW)
        assert sign() != before
        undo(case, entry, actor=pat, at=make.NOW)
        case.refresh_from_db()
        assert sign() == before and case.details["answers"]["affected"] == "Quaggawords"
    assert not Allegation.objects.exists() and not Participant.objects.filter(role__in=("subject", "chain")).exists()
    assert "Quaggawords" not in " ".join(str(entry.data) for entry in Entry.objects.all())


def test_no_concern_can_be_linked_to_a_complaint_and_tell_of_it(city: City, matter: Matter) -> None:
    RoleGrant.objects.create(user=matter.paula, role="officer", since=dt.date(2020, 1, 1))
    paula, concern = city.actor(matter.paula), make.concern(city.noise).case
    for slug in ("link", "merge"):
        with pytest.raises(Invalid, match="linked to cases of its own kind"):
            act(concern, slug, data={"reference": matter.case.reference}, actor=paula, at=make.NOW)
    other = make.complaint().case
    act(other, "link", data={"reference": matter.case.reference}, actor=paula, at=make.NOW)
    assert CaseLink.objects.filter(one=other, other=matter.case).exists()


def test_wall_rows_are_of_people_who_were_in_command(city: City, matter: Matter) -> None:
    rows = Participant.objects.filter(case=matter.case, role="chain")
    assert [row.user for row in rows] == [city.sam]
