"""Closed cases follow the retention schedule when the agency changes it: later at once, earlier with notice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from commonbeat.cases.disposal import withdraw_undue
from commonbeat.cases.keeping import AT_LEAST, EVERY_OTHER, RetentionRule, retention_rules
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case
from commonbeat.community.agency import local_day
from commonbeat.core.actor import SYSTEM
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record

NOTICE = dt.timedelta(days=30)
"""A shorter time makes no case due sooner after the change: people can still ask for it, or for a hold."""
STARTS_IN = 10
"""Seconds until the job starts: by then every process closes cases by the new rule (`REFERENCE_FRESH_FOR`)."""
CHUNK = 1000
DECIDES = frozenset({"days", "retired_at"})
"""Fields of a rule that decide when a case is due."""


def follow_rule(rule: RetentionRule, changed: frozenset[str], at: dt.datetime) -> None:
    """A rule says another time from now on: a job gives closed cases their new day."""
    if changed.isdisjoint(DECIDES):
        return
    from commonbeat.cases.tasks import redate

    redate.configure(schedule_in={"seconds": STARTS_IN}).defer(rule_id=rule.pk, changed_at=at.isoformat())


def redate_cases(rule_id: int, *, changed_at: dt.datetime, at: dt.datetime, chunk: int = CHUNK) -> int:
    """Give the closed cases that a rule is about the day that holds now; returns how many got another one.

    Each batch is a transaction with an entry of its own, so a job that is stopped and started again loses nothing.
    Holds stay: a held case gets its day, and is destroyed no more than before.
    """
    rule = RetentionRule.objects.get(pk=rule_id)
    kind, last, done = KINDS[rule.kind], 0, 0
    rows = Case.objects.filter(_concerned(kind, rule), kind=kind.slug, closed_at__isnull=False).order_by("pk")
    while True:
        with transaction.atomic():
            cases = list(rows.filter(pk__gt=last).select_for_update(of=("self",)).defer("search")[:chunk])
            if not cases:
                break
            changed = _redate(kind, cases, earliest=local_day(changed_at) + NOTICE)
            last, done = cases[-1].pk, done + len(changed)
            if changed:
                withdraw_undue(changed, at=at)
                batch = {"first": changed[0].pk, "last": changed[-1].pk, "cases": len(changed)}
                record("retention", rule.pk, "retention.redated", actor=SYSTEM, at=at, data=batch)
    facts = {"kind": rule.kind, "outcome": rule.outcome, "cases": done, "changed_at": changed_at.isoformat()}
    with transaction.atomic():
        record("retention", rule.pk, "retention.applied", actor=SYSTEM, at=at, data=facts)
    return done


def applied(rule: RetentionRule) -> Entry | None:
    """The entry that says that closed cases follow the rule as it is now, or None while the job has yet to run."""
    changes = Entry.objects.filter(subject_kind="retentionrule", subject_id=rule.pk)
    newest = next((entry for entry in changes.order_by("-number") if DECIDES & {*entry.data.get("fields", ())}), None)
    done = Entry.objects.filter(subject_kind="retention", subject_id=rule.pk, verb="retention.applied")
    found = done.order_by("-number").first()
    if newest is None or found is None or dt.datetime.fromisoformat(found.data["changed_at"]) < newest.at:
        return None
    return found


def _concerned(kind: Kind, rule: RetentionRule) -> Q:
    """Which outcomes a rule is about: its own, or every other one that has no time of its own."""
    if rule.outcome != EVERY_OTHER:
        return Q(outcome=rule.outcome)
    own = {outcome for slug, outcome in retention_rules() if slug == kind.slug}
    return ~Q(outcome__in=own | set(kind.retention))


def _redate(kind: Kind, cases: list[Case], *, earliest: dt.date) -> list[Case]:
    starts, changed = _starts(cases), []
    for case in cases:
        kept = kind.keep(case.outcome).dispose_on(starts[case.pk], at_least=case.details.get(AT_LEAST, 0))
        day = _with_notice(kept, case.dispose_on, earliest)
        if day != case.dispose_on:
            case.dispose_on = day
            changed.append(case)
    Case.objects.bulk_update(changed, ["dispose_on"], batch_size=500)
    return changed


def _with_notice(new: dt.date | None, old: dt.date | None, earliest: dt.date) -> dt.date | None:
    """The new day; one that comes sooner than the old one waits until `earliest`, but never beyond the old one."""
    if new is None or (old is not None and new >= old):
        return new
    new = max(new, earliest)
    return min(new, old) if old else new


def _starts(cases: Iterable[Case]) -> dict[int, dt.date]:
    """The day from which each closed case is kept: its closing, or when an import brought it closed."""
    found = {case.pk: local_day(case.closed_at) for case in cases if case.closed_at}
    imported = [case.pk for case in cases if case.channel == "import"]
    brought = Entry.objects.filter(subject_kind="case", subject_id__in=imported)
    for entry in brought.filter(verb__in=("case.imported", "case.import_changed")):
        if _closed_by(entry.data):
            found[entry.subject_id] = max(found[entry.subject_id], local_day(entry.at))
    return found


def _closed_by(data: dict[str, Any]) -> bool:
    """True when an import closed the case, rather than told something about it later."""
    return data.get("from") != data.get("to") or "to" not in data
