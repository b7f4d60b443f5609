"""One search over everything, behind every wall; people only for those who may, with a reason that is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from commonbeat.cases import inbox as lists
from commonbeat.cases.inbox import Wanted, desk_of
from commonbeat.cases.models import Case, Participant
from commonbeat.cases.person_search import find_people
from commonbeat.community.models import Organisation
from commonbeat.core.fields import Invalid
from commonbeat.evidence.studies.models import Study
from commonbeat.journal.models import AccessLog
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of

WHY = "She asked at the counter what became of it"


def found(client: Any, words: str) -> str:
    answer = client.get("/desk/search/", {"q": words})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_one_box_finds_cases_areas_categories_organisations_studies_and_pages_of_the_office(
    city: City, signed_in: Any
) -> None:
    case = make.concern(city.noise, text="A purple piano at midnight").case
    Organisation.objects.create(name="Piano Movers Trust", phone="555-0101")
    Study.objects.create(
        slug="piano", title="Did quiet pianos help?", created_by=city.sam, created_at=make.NOW, changed_at=make.NOW
    )
    sam, ada, olga = signed_in(city.sam), signed_in(city.ada), signed_in(city.olga)
    page = found(sam, "piano")
    assert case.reference in page and "Piano Movers Trust" in page and "Did quiet pianos help?" in page
    assert 'action="/desk/search/"' in page and 'value="piano"' in page
    assert case.reference not in found(olga, "piano") and "Did quiet pianos" not in found(olga, "piano")
    assert "/areas/" in found(sam, "north") and f"category={city.noise.pk}" in found(sam, "loud")
    assert "/office/retention/" in found(ada, "disposal") and "/office/retention/" not in found(olga, "disposal")
    assert sam.get("/desk/search/", {"q": case.reference.lower()})["Location"] == f"/desk/{case.reference}/"
    assert f"/desk/{case.reference}/" not in found(olga, case.reference)
    assert "No case that you may see says this" in found(sam, "xylophone")
    assert sam.get("/desk/search/").status_code == 200


@pytest.mark.parametrize("slug", ["tip", "complaint", "problem", "commendation", "service"])
def test_cases_of_every_kind_are_found_by_those_who_read_them_and_by_nobody_else(
    city: City, signed_in: Any, slug: str
) -> None:
    from commonbeat.cases.kind import KINDS

    kind = KINDS[slug]
    case = opening_of(kind).open_one(city)
    word = "Quokkaword"
    if not kind.sealed:
        Case.objects.filter(pk=case.pk).update(text=f"{word} stands here")
    role = next(r for r in sorted(kind.sees) if r not in {"key", "partner"} and "all" in kind.sees[r])
    seen = case.reference in found(signed_in(make.user("Reader One", role)), word)
    assert seen == (not kind.sealed)
    outsiders = [user for user in (city.omar, city.pat, city.ed, city.ada, city.sam)
                 if not Case.objects.visible_to(city.actor(user)).filter(pk=case.pk).exists()]  # fmt: skip
    for user in outsiders:
        assert case.reference not in found(signed_in(user), word)


def test_people_are_found_by_those_who_may_with_a_reason_and_no_address_names_them(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, name="Rosa Resident", email="rosa@example.org", told_by="email").case
    hidden = make.concern(city.noise, name="Rosa Hiding", email="hiding@example.org", told_by="email", hidden=True).case
    complaint = make.complaint(name="Rosa Complains", email="c@example.org", told_by="email").case
    ada, sam = signed_in(city.ada), signed_in(city.sam)
    assert "Rosa Resident" not in found(ada, "rosa") and "Look for people" in found(ada, "rosa")
    assert "Look for people" not in found(sam, "rosa")
    assert sam.post("/desk/search/people/", {"q": "rosa", "reason": WHY}).status_code == 404
    assert ada.get("/desk/search/people/", {"q": "rosa"})["Location"] == "/desk/search/"
    refused = ada.post("/desk/search/people/", {"q": "rosa", "reason": "x"})
    assert (
        refused.status_code == 422
        and "Write why you look" in refused.content.decode()
        and 'value="rosa"' in refused.content.decode()
    )
    assert not AccessLog.objects.filter(what="searched").exists()
    page = ada.post("/desk/search/people/", {"q": "rosa", "reason": WHY}).content.decode()
    assert "Rosa Resident" in page and case.reference in page
    for other in ("Rosa Hiding", "Rosa Complains", hidden.reference, complaint.reference):
        assert other not in page
    log = AccessLog.objects.get(what="searched")
    assert (log.user_name, log.reason) == ("Ada Admin", WHY)
    by_mail = ada.post("/desk/search/people/", {"q": "Rosa@example.org", "reason": WHY}).content.decode()
    assert "Rosa Resident" in by_mail
    pat = signed_in(city.pat).post("/desk/search/people/", {"q": "rosa", "reason": WHY}).content.decode()
    assert "Rosa Complains" in pat and "Rosa Resident" not in pat
    with pytest.raises(Invalid, match="Only records officers"):
        find_people("rosa", reason=WHY, actor=city.actor(city.sam), at=make.NOW)
    assert Participant.objects.count() == 3


def test_words_are_looked_for_as_in_the_inbox_and_names_by_an_index(city: City) -> None:
    make.concern(city.noise, name="Rosa Resident", email="rosa@example.org")
    desk = desk_of(city.actor(city.sam), city.sam, at=make.NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM community_person WHERE name <> '' AND "
            "to_tsvector('simple'::regconfig, COALESCE(name, '')) @@ plainto_tsquery('simple', 'rosa')"
        )
        assert "person_name_words" in "\n".join(row[0] for row in cursor.fetchall())
        rows = lists.inbox(Wanted(view="all", q="music"), desk, at=make.NOW).order_by().values("pk")
        sql, params = rows.query.sql_with_params()
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute("EXPLAIN " + sql, params)
        assert "case_search" in "\n".join(row[0] for row in cursor.fetchall())
