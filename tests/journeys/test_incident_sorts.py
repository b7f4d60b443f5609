"""Sorts of incidents are edited by administrators; what the law leaves to sworn officers stays theirs (RULES 12)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from commonbeat.cases.keeping import AT_LEAST, RetentionRule
from commonbeat.cases.models import Case
from commonbeat.cases.redating import redate_cases
from commonbeat.community.agency import local_day
from commonbeat.evidence.offences import names
from commonbeat.kinds.field_report.models import FieldReport, IncidentSort
from commonbeat.kinds.field_report.sorts import sort_of, sorts
from commonbeat.kinds.field_report.vocabulary import BY_LAW, DECLARED
from tests.conftest import City
from tests.journeys.test_field_report import NEW, SAID, TEXT, Desk, begun
from tests.journeys.test_taking_back import as_typed

QUESTION = {"label_en": "Which meter?", "datatype": "string", "required": "on", "choice_rows": "0"}


def edit(client: Client, code: str, **changes: Any) -> Any:
    row = IncidentSort.objects.get(code=code)
    sent = as_typed("incidentsort", row) | changes
    return client.post(reverse("office_incidentsort_edit", kwargs={"pk": row.pk}), sent)


def saved(client: Client, code: str, **changes: Any) -> IncidentSort:
    answer = edit(client, code, **changes)
    assert answer.status_code == 302, answer.content.decode()
    return IncidentSort.objects.get(code=code)


def test_rows_start_as_they_are_declared(city: City) -> None:
    assert {one.key: one for one in DECLARED} == sorts()
    assert all(one.offence in names() for one in DECLARED if one.offence)


def test_a_new_sort_is_offered_asked_and_finished_by_whoever_writes_it(city: City, signed_in: Any) -> None:
    ada, cleo = signed_in(city.ada), signed_in(city.cleo)
    form = {
        "name": "Broken meter", "card": "Photograph it.\nTape it off.", "call": "Wires hang out.", "order": "5",
        "keep_days": "3650", "offence": "290", "needs": [], "sworn": "everybody",
    }  # fmt: skip
    assert ada.post(reverse("office_incidentsort_add"), form).status_code == 302
    row = IncidentSort.objects.get(code="broken-meter")
    assert (row.card, row.approved, row.sworn) == (["Photograph it.", "Tape it off."], False, "")
    questions = reverse("office_sort_questions", kwargs={"pk": row.pk})
    assert questions in ada.get(reverse("office_incidentsort_edit", kwargs={"pk": row.pk})).content.decode()
    asked = ada.post(reverse("office_sort_question_new", kwargs={"pk": row.pk}), QUESTION, follow=True)
    assert "Which meter?" in asked.content.decode() and "What whoever writes the report sees" in asked.content.decode()
    assert "Tape it off." in cleo.get("/desk/reports/cards/").content.decode()
    kept = signed_in(city.ada).get("/desk/reports/cards/").content.decode()
    assert "Tape it off." in kept and 'href="/desk/reports/"' not in kept, "nobody is led where they may not go"

    desk = begun(cleo, sort="broken-meter")
    desk.done("write", **TEXT | {"sort": "broken-meter"})
    page = desk.page()
    assert "Answer the questions on what happened." in page and "290 Destruction" in page
    desk.refused("finish", "Answer the questions on what happened.")
    questions = f"{desk.url}questions/"
    empty = cleo.post(questions, {"which_meter": "", "version": desk.case.version})
    assert empty.status_code == 422 and "Which meter?" in empty.content.decode()
    assert cleo.post(questions, {"which_meter": "No. 12", "version": "0"}).status_code == 409
    desk.case.refresh_from_db()
    assert cleo.post(questions, {"which_meter": "No. 12", "version": desk.case.version}).status_code == 302
    assert "No. 12" in desk.page() and "No supervisor has to read" in desk.page()

    desk.done("finish")
    assert (desk.case.state, desk.case.outcome) == ("finished", "finished")
    closed = desk.case.closed_at
    assert closed and desk.case.dispose_on == local_day(closed) + dt.timedelta(days=3650)
    desk.done("write_on", reason="The number was wrong.")
    assert desk.case.state == "drafting" and desk.case.dispose_on is None


def test_reports_that_a_supervisor_reads_are_not_finished_by_their_writer(city: City, signed_in: Any) -> None:
    desk = begun(signed_in(city.cleo), sort="noise")
    desk.done("write", **TEXT | {"sort": "noise"})
    desk.refused("finish", "A supervisor reads reports of this sort")
    saved(signed_in(city.ada), "noise", approved="")
    FieldReport.objects.update(signs=["hurt"])
    desk.refused("finish", "A supervisor reads reports of this sort")


def test_what_must_be_there_is_what_the_sort_says(city: City, signed_in: Any) -> None:
    saved(signed_in(city.ada), "theft", needs=["photo", "party", "told"])
    desk = begun(signed_in(city.cleo))
    desk.done("write", **TEXT | {"told": ""})
    page = desk.refused("submit", "Add a photo.")
    assert "Say what you were told." in page and "Add whom it is about" in page
    assert "Add the property that it is about." not in page


def test_a_rule_for_all_reports_does_not_shorten_what_a_sort_keeps_longer(city: City, signed_in: Any) -> None:
    saved(signed_in(city.ada), "noise", approved="", keep_days="4000")
    desk = begun(signed_in(city.cleo), sort="noise")
    desk.done("write", **TEXT | {"sort": "noise"})
    desk.done("finish")
    rule = RetentionRule.objects.create(kind="field_report", outcome="default", days=730, basis="Schedule 3")
    closed = desk.case.closed_at
    assert closed and desk.case.details[AT_LEAST] == 4000
    redate_cases(rule.pk, changed_at=closed, at=closed)
    desk.case.refresh_from_db()
    assert desk.case.dispose_on == local_day(closed) + dt.timedelta(days=4000)


@pytest.mark.parametrize("code", sorted(BY_LAW))
def test_rule_12_what_the_law_leaves_to_sworn_officers_stays_theirs(city: City, signed_in: Any, code: str) -> None:
    ada, row = signed_in(city.ada), IncidentSort.objects.get(code=code)
    refused = edit(ada, code, sworn="everybody")
    assert refused.status_code == 422 and "The law leaves this to sworn officers" in refused.content.decode()
    retire = reverse("office_incidentsort_retire", kwargs={"pk": row.pk})
    assert "It stays in use." in ada.post(retire, follow=True).content.decode()
    assert retire not in ada.get(reverse("office_incidentsort_edit", kwargs={"pk": row.pk})).content.decode()
    for wrong in ({"sworn": ""}, {"retired_at": dt.datetime.now(dt.UTC)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            IncidentSort.objects.filter(code=code).update(**wrong)
    assert signed_in(city.cleo).post(NEW, SAID | {"sort": code}).status_code == 422 and not Case.objects.exists()


def test_rule_12_without_any_row_the_declared_sorts_still_hold(city: City, signed_in: Any) -> None:
    IncidentSort.objects.all().delete()
    assert sort_of("weapon") and signed_in(city.cleo).post(NEW, SAID | {"sort": "weapon"}).status_code == 422


def test_a_sort_made_one_for_sworn_officers_is_refused_to_others_at_once(city: City, signed_in: Any) -> None:
    cleo, ada = signed_in(city.cleo), signed_in(city.ada)
    desk = begun(cleo, sort="crash")
    refused = edit(ada, "crash", sworn="hurt", approved="")
    assert refused.status_code == 422 and "A supervisor reads what sworn officers take" in refused.content.decode()
    saved(ada, "crash", sworn="hurt", approved="on")
    assert cleo.post(NEW, SAID | {"sort": "crash"}).status_code == 422
    desk.refused("write", "This needs a sworn officer", **TEXT | {"sort": "crash"})


def test_a_sort_out_of_use_is_not_offered_and_its_reports_stay(city: City, signed_in: Any) -> None:
    ada, cleo = signed_in(city.ada), signed_in(city.cleo)
    desk, row = begun(cleo, sort="animal"), IncidentSort.objects.get(code="animal")
    assert ada.post(reverse("office_incidentsort_retire", kwargs={"pk": row.pk})).status_code == 302
    assert 'value="animal"' not in cleo.get(NEW).content.decode()
    answer = cleo.post(NEW, SAID | {"sort": "animal"})
    assert answer.status_code == 422 and SAID["text"] in answer.content.decode()
    assert "Animal" in desk.page()
    desk.done("write", **TEXT | {"sort": "animal"})


def test_questions_of_a_sort_are_moved_removed_and_taken_back(city: City, signed_in: Any) -> None:
    ada, row = signed_in(city.ada), IncidentSort.objects.get(code="vehicle")
    for label in ("Which plate state?", "Is it locked?"):
        ada.post(reverse("office_sort_question_new", kwargs={"pk": row.pk}), QUESTION | {"label_en": label})
    do = reverse("office_sort_question_do", kwargs={"pk": row.pk})
    assert ada.post(do, {"deed": "up", "code": "is_it_locked"}).status_code == 302
    edited = reverse("office_sort_question", kwargs={"pk": row.pk, "code": "is_it_locked"})
    assert ada.post(edited, QUESTION | {"label_en": "Is it locked up?"}).status_code == 302
    assert ada.post(do, {"deed": "remove", "code": "which_plate_state"}).status_code == 302
    row.refresh_from_db()
    assert [one["label"]["en"] for one in row.questions] == ["Is it locked up?"]
    ada.post(reverse("office_incidentsort_restore", kwargs={"pk": row.pk}), {"number": "2"})
    row.refresh_from_db()
    assert len(row.questions) == 2
    assert ada.get(reverse("office_sort_questions", kwargs={"pk": row.pk})).status_code == 200
    assert signed_in(city.cleo).get(reverse("office_incidentsort_list")).status_code == 404


def test_only_a_draft_with_questions_has_a_page_of_questions(city: City, signed_in: Any) -> None:
    cleo = signed_in(city.cleo)
    desk = begun(cleo)
    assert cleo.get(f"{desk.url}questions/").status_code == 404
    other = Desk(signed_in(city.olga), desk.case)
    assert other.client.get(f"{desk.url}questions/").status_code == 404
