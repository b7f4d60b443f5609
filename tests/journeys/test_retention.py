"""The agency's own times to keep: set in the office, inside bounds, followed by new and by closed cases."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commonbeat.cases import disposal
from commonbeat.cases.actions import act
from commonbeat.cases.importing import ImportRun
from commonbeat.cases.keeping import RetentionRule
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.redating import redate_cases
from commonbeat.cases.safeguards import Disposal
from commonbeat.cases.tasks import redate
from commonbeat.cases.undoing import undo
from commonbeat.community.agency import local_day
from commonbeat.community.reference import touch
from commonbeat.core.georeport import Record
from commonbeat.core.retention import LONGEST, Retention
from commonbeat.journal import history
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City

CONCERN = KINDS["concern"]
DECLARED = CONCERN.retention["default"].days or 0
BASIS = "Records schedule 12-40, item 3"


def closed(city: City, *, days_ago: int, outcome: str = "fixed") -> Case:
    """A concern that was closed so many days ago."""
    at = timezone.now() - dt.timedelta(days=days_ago)
    case = make.concern(city.noise, at=at).case
    act(case, "resolve", data={"outcome": outcome, "message": "Done."}, actor=city.actor(city.sam), at=at)
    return case


def day(case: Case) -> dt.date | None:
    case.refresh_from_db()
    return case.dispose_on


def after(case: Case, days: int) -> dt.date:
    assert case.closed_at
    return local_day(case.closed_at) + dt.timedelta(days=days)


def rule(city: City, outcome: str = "default", *, days: int) -> RetentionRule:
    """A rule that Ada sets."""
    values = {"kind": "concern", "outcome": outcome, "days": days, "basis": BASIS}
    made = history.add(RetentionRule(), values, actor=city.actor(city.ada), at=timezone.now())
    assert isinstance(made, RetentionRule)
    return made


def follow(row: RetentionRule) -> int:
    """Run the newest job about a rule; returns how many cases got another day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%%redate' ORDER BY id DESC LIMIT 1")
        args = cursor.fetchone()[0]
    args = json.loads(args) if isinstance(args, str) else args
    assert args["rule_id"] == row.pk
    redate(**args)
    entry = Entry.objects.filter(subject_kind="retention", subject_id=row.pk, verb="retention.applied").latest("number")
    return int(entry.data["cases"])


def closed_elsewhere(key: str, at: dt.datetime) -> Record:
    return Record(
        key=key, service_code="noise", service_name="Noise", closed=True, status_notes="", text="Loud", agency="",
        address="", lat=make.NORTH[0], long=make.NORTH[1], opened_at=at, changed_at=None, closed_at=at, media_url="",
        fingerprint=key,
    )  # fmt: skip


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%%redate'")
        return int(cursor.fetchone()[0])


def test_the_office_sets_a_time_and_goes_back_to_the_declared_one(city: City, signed_in: Any) -> None:
    rita = make.user("Rita Records", "records")
    browser, add = signed_in(rita), reverse("office_retentionrule_add")
    before = closed(city, days_ago=10)
    schedule = browser.get(reverse("office_retention")).content.decode()
    assert reverse("office_retentionrule_list") in schedule and f"{DECLARED} days" in schedule

    typed = {"what": "concern/default", "days": "30", "basis": BASIS}
    short = browser.post(add, typed)
    assert short.status_code == 422 and f"Enter a number from 365 to {LONGEST}" in short.content.decode()
    assert f'value="{BASIS}"' in short.content.decode() and 'value="30"' in short.content.decode()
    for wrong in ({"days": str(LONGEST + 1)}, {"days": "soon"}, {"basis": "  "}, {"what": "concern/nothing"}):
        assert browser.post(add, typed | {"days": "730"} | wrong).status_code == 422, wrong
    assert not RetentionRule.objects.exists()

    assert browser.post(add, typed | {"days": "730"}).status_code == 302
    row = RetentionRule.objects.get()
    page = reverse("office_retentionrule_edit", kwargs={"pk": row.pk})
    assert "are being given their new day" in browser.get(page).content.decode()
    assert follow(row) == 1 and day(before) == after(before, 730)
    assert "1 closed case got another day" in browser.get(page).content.decode()
    schedule = browser.get(reverse("office_retention")).content.decode()
    assert "730 days" in schedule and BASIS in schedule and f"declared: {DECLARED} days" in schedule
    again = browser.post(add, typed | {"days": "800"})
    assert again.status_code == 422 and "There is a rule for this already" in again.content.decode()
    assert "730 days" in browser.get(reverse("office_retentionrule_list")).content.decode()

    # What a rule is about stays, whatever is sent.
    browser.post(page, {"what": "concern/duplicate", "days": "900", "basis": BASIS})
    row.refresh_from_db()
    assert (row.outcome, row.days) == ("default", 900)
    assert follow(row) == 1 and day(before) == after(before, 900)
    browser.post(reverse("office_retentionrule_restore", kwargs={"pk": row.pk}), {"number": "1"})
    assert follow(row) == 1 and day(before) == after(before, 730)
    browser.post(reverse("office_retentionrule_retire", kwargs={"pk": row.pk}))
    assert follow(row) == 1 and day(before) == after(before, DECLARED)
    schedule = browser.get(reverse("office_retention")).content.decode()
    assert BASIS not in schedule and f"{DECLARED} days" in schedule
    again = browser.post(add, typed | {"days": "800"})
    assert "Put that one back into use" in again.content.decode()

    shown = browser.get(reverse("office_retentionrule_history", kwargs={"pk": row.pk})).content.decode()
    assert shown.count("Rita Records") >= 4 and "Taken out of use" in shown
    assert shown.count('<td class="prewrap">730</td>') == 3, "added with it, changed from it, restored to it"
    assert "That holds now." in browser.get(page).content.decode()
    verbs = [e.verb for e in Entry.objects.about("retentionrule", row.pk)]
    assert verbs == [f"retentionrule.{verb}" for verb in ("added", "changed", "restored", "retired")]
    assert list(verify()) == []


def test_supervisors_read_the_schedule_but_do_not_set_it(city: City, signed_in: Any) -> None:
    sam = signed_in(city.sam)
    page = sam.get(reverse("office_retention")).content.decode()
    assert f"{DECLARED} days" in page and reverse("office_retentionrule_list") not in page
    assert sam.post(reverse("office_retentionrule_add"), {"what": "concern/default"}).status_code == 404


def test_a_case_that_closes_is_kept_as_the_agency_says(city: City) -> None:
    rule(city, days=700)
    rule(city, "fixed", days=1500)
    assert (fixed := closed(city, days_ago=0, outcome="fixed")).dispose_on == after(fixed, 1500)
    assert (other := closed(city, days_ago=0, outcome="not_found")).dispose_on == after(other, 700)
    assert CONCERN.keep("duplicate") == CONCERN.retention["duplicate"], "a time of its own does not follow the others"


def test_an_imported_case_is_kept_as_the_agency_says_from_its_import_on(city: City) -> None:
    now, old = timezone.now(), make.NOW - dt.timedelta(days=2000)
    run = ImportRun("test", actor=city.actor(city.ada), at=now)
    taken = run.take([closed_elsewhere("1", old)])
    assert [result.what for result in taken] == ["new"]
    case = Case.objects.get()
    assert day(case) == local_day(now) + dt.timedelta(days=DECLARED)
    assert follow(rule(city, "elsewhere", days=400)) == 1
    assert day(case) == local_day(now) + dt.timedelta(days=400), "closed long ago elsewhere, but here since today"
    run.take([closed_elsewhere("2", old)])
    assert Case.objects.latest("pk").dispose_on == local_day(now) + dt.timedelta(days=400)


def test_nothing_becomes_due_sooner_than_thirty_days_after_the_change(city: City) -> None:
    today = timezone.localdate()
    old, young, due = (closed(city, days_ago=days) for days in (900, 10, DECLARED + 5))
    almost = closed(city, days_ago=DECLARED - 3)
    was_due, was_almost = day(due), day(almost)
    row = rule(city, days=400)
    assert follow(row) == 2
    assert day(old) == today + dt.timedelta(days=30) and day(young) == after(young, 400)
    assert day(due) == was_due and day(almost) == was_almost, "what was due sooner anyhow stays so"
    assert not disposal.due_for_disposal(actor=city.actor(city.ada), at=timezone.now()).exclude(pk=due.pk).exists()
    assert follow(row) == 0, "once more changes nothing"
    entry = Entry.objects.filter(subject_kind="retention", verb="retention.applied").earliest("pk")
    assert entry.data["cases"] == 2 and entry.actor_sort == "system"


def test_a_longer_time_takes_back_what_was_proposed_and_a_hold_stays(city: City) -> None:
    ada, now = city.actor(city.ada), timezone.now()
    proposed, held = closed(city, days_ago=DECLARED + 5), closed(city, days_ago=600)
    disposal.propose([proposed.pk], reason="Over.", actor=city.actor(city.sam), at=now)
    disposal.place_hold(held, reason="Lawsuit", actor=ada, at=now)
    follow(row := rule(city, days=DECLARED + 365))
    assert not Disposal.objects.exists() and day(proposed) == after(proposed, DECLARED + 365)
    assert Entry.objects.about("case", proposed.pk).last().verb == "case.disposal_declined"
    history.change(row, {"days": 365}, actor=ada, at=now - dt.timedelta(days=40))
    follow(row)
    assert (day(held) or local_day(now)) < local_day(now), "its time is over, and 30 days since the change as well"
    assert held.holds.filter(lifted_at__isnull=True).exists()
    assert not disposal.due_for_disposal(actor=ada, at=now).filter(pk=held.pk).exists()
    waiting = Disposal.objects.create(case_number=held.pk, proposed_by=city.sam, proposed_at=now, reason="x")
    with pytest.raises(disposal.Invalid, match="Lift the hold"):
        disposal.approve(waiting, actor=ada, at=now)


def test_an_open_case_and_other_outcomes_stay_as_they_are(city: City) -> None:
    still_open, mine, other = (
        make.concern(city.noise).case, closed(city, days_ago=3), closed(city, days_ago=3, outcome="not_found"),
    )  # fmt: skip
    version = Case.objects.get(pk=mine.pk).version
    assert follow(rule(city, "fixed", days=500)) == 1
    assert day(still_open) is None and day(other) == after(other, DECLARED) and day(mine) == after(mine, 500)
    assert mine.version == version, "nobody who works on the case is told that it changed"


def test_a_stopped_job_goes_on_where_it_was(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [closed(city, days_ago=5) for _ in range(3)]
    row, now = rule(city, days=500), timezone.now()
    bulk_update, calls = Case.objects.bulk_update, []

    def dies_in_the_second_batch(rows: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(len(rows))
        if len(calls) == 2:
            raise RuntimeError("stopped")
        return bulk_update(rows, *args, **kwargs)

    monkeypatch.setattr(type(Case.objects), "bulk_update", lambda self, *a, **k: dies_in_the_second_batch(*a, **k))
    with pytest.raises(RuntimeError, match="stopped"):
        redate_cases(row.pk, changed_at=now, at=now, chunk=2)
    monkeypatch.undo()
    assert redate_cases(row.pk, changed_at=now, at=now, chunk=2) == 1
    assert all(day(case) == after(case, 500) for case in cases)
    batches = Entry.objects.filter(verb="retention.redated").order_by("pk")
    assert [entry.data["cases"] for entry in batches] == [2, 1]


def test_a_step_that_is_taken_back_brings_no_earlier_day_back(city: City) -> None:
    case, sam, now = closed(city, days_ago=1), city.actor(city.sam), timezone.now()
    entry = act(case, "reopen", data={"reason": "Again."}, actor=sam, at=now)
    follow(rule(city, days=2000))
    undo(case, entry, actor=sam, at=now)
    assert day(case) == after(case, 2000)


def test_only_another_time_sends_closed_cases_after_it(city: City) -> None:
    row, before = rule(city, days=500), jobs()
    history.change(row, {"basis": "State law 5-1"}, actor=city.actor(city.ada), at=timezone.now())
    assert jobs() == before
    history.change(row, {"days": 600}, actor=city.actor(city.ada), at=timezone.now())
    assert jobs() == before + 1


def test_bounds_hold_whatever_is_stored_and_for_ever_stays_for_ever(city: City) -> None:
    RetentionRule.objects.create(kind="concern", outcome="default", days=1, basis="A slip")
    touch("retention")
    assert CONCERN.keep("fixed").days == 365
    strict = replace(CONCERN, retention={"default": Retention(5 * 365, "law")})
    assert strict.keep("fixed").days == 5 * 365, "no room below unless the kind declares it"
    for_ever = replace(CONCERN, retention={"default": Retention(None, "law")})
    assert for_ever.keep("fixed").days is None
    with pytest.raises(ValueError, match="at least"):
        Retention(100, "law", least=200)


def test_the_form_leaves_out_what_is_kept_for_ever(city: City, signed_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = replace(CONCERN, retention=dict(CONCERN.retention) | {"duplicate": Retention(None, "law")})
    monkeypatch.setattr(KINDS, "_items", KINDS._items | {"concern": kept})
    page = signed_in(city.ada).get(reverse("office_retentionrule_add")).content.decode()
    assert "concern/withdrawn" in page and "concern/duplicate" not in page
    sent = {"what": "concern/duplicate", "days": "400", "basis": BASIS}
    assert signed_in(city.ada).post(reverse("office_retentionrule_add"), sent).status_code == 422


@pytest.mark.parametrize("wrong", ({"basis": ""}, {"days": 0}, {"days": LONGEST + 1}))
def test_the_database_refuses_a_rule_without_sense(db: None, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        RetentionRule.objects.create(**{"kind": "concern", "outcome": "default", "days": 400, "basis": BASIS} | wrong)


def test_how_long_is_known_without_asking_the_database(city: City) -> None:
    rule(city, days=700)
    CONCERN.keep("fixed")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert CONCERN.keep("fixed").days == 700
    assert len(asked) == 0
