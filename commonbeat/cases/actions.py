"""What can happen to a case: it is opened, and a step is taken. `cases.undoing` takes a step back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from commonbeat.cases import clocks as clock
from commonbeat.cases import files, routing, sealed_files, sealing
from commonbeat.cases.categories import Known, categories, procedures_of
from commonbeat.cases.codes import code_digest
from commonbeat.cases.danger import tell_of_danger
from commonbeat.cases.deed import Deed
from commonbeat.cases.keeping import AT_LEAST
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case, Participant
from commonbeat.cases.projections import project
from commonbeat.cases.telling import is_sensitive, tell_participant, tell_reporters, tell_webhooks
from commonbeat.cases.undoing import note_of
from commonbeat.community.agency import calendar, close_of, local_day, setting, wall_time
from commonbeat.community.people import find_or_make_person
from commonbeat.community.places import locate
from commonbeat.community.rows import insert, new, together
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem, ahead, clean
from commonbeat.core.ids import return_code
from commonbeat.core.text import N_
from commonbeat.core.workflow import Step
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record


class Stale(Exception):
    """Somebody else changed the case first; `case` is how it is now."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"Somebody else changed {case.reference} in the meantime.")
        self.case = case


@dataclass(frozen=True)
class Report:
    """What somebody reported, from whatever way in. Coordinates are degrees, EPSG:4326."""

    category_id: int | None = None
    text: str = ""
    address: str = ""
    lat: float | None = None
    long: float | None = None
    area_id: int | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    email: str = ""
    phone: str = ""
    told_by: str = "none"
    hidden: bool = False
    language: str = "en"
    channel: str = "web"
    uploads: tuple[str, ...] = ()
    danger: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    follow_ups: bool = True
    """False where the sender cannot ask what depends on an answer: such questions may then stay unanswered."""
    complete: bool = True
    """False where nobody could be asked the category's questions, as for a part that staff split off."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that was opened. A replay finds the case, changes nothing and gets no return code."""

    case: Case
    code: str | None
    replayed: bool = False


OUTSIDE = N_("This place is outside the area that we serve. Choose a place inside it, or an area from the list.")
NOT_OFFERED = N_("This category is not in use any more. Choose another one.")
NOWHERE = N_("Tell us where: an address or landmark, a point on the map, or an area from the list.")
LOST_KEY = N_("The key of this case is not here, so no words can be added to it. Put the key back from a backup first.")
NO_NAMES = N_("Nothing about who sends this is kept. Leave name, telephone and e-mail address empty.")


def check_report(kind: Kind, report: Report, *, at: dt.datetime) -> tuple[Known | None, dict[str, Any]]:
    """Category and clean answers of a report; raises `Invalid` with every problem."""
    problems: list[Problem] = []
    known = categories().get(report.category_id) if report.category_id else None
    if kind.intake.categories and (known is None or known.row.retired_at is not None):
        problems.append(Problem("category", NOT_OFFERED))
    if kind.intake.place and report.lat is None and not report.address.strip() and report.area_id is None:
        problems.append(Problem("where", NOWHERE))
    answers: dict[str, Any] = {}
    try:
        asked = kind.intake.fields + (known.fields if known else ())
        if not report.follow_ups:
            asked = tuple(replace(item, required=False) if item.show_when else item for item in asked)
        if not report.complete:
            asked = tuple(replace(item, required=False) for item in asked)
        answers = clean(asked, report.answers)
        problems += ahead(asked, answers, now=lambda: wall_time(at))
    except Invalid as refused:
        problems += refused.problems
    if not kind.intake.contact and any((report.name, report.email, report.phone)):
        problems.append(Problem("name", NO_NAMES))
    if problems:
        raise Invalid(problems)
    return known, answers


def open_case(
    kind_slug: str, report: Report, *, actor: Actor, at: dt.datetime, client_id: uuid.UUID | None = None
) -> Opened:
    """Open a case: where, who, files, routing, clocks, journal and public card in one transaction.

    `client_id` is made by whoever sends; the same id again finds the first case, also when both arrive at the same
    moment. Raises `Invalid`.
    """
    try:
        return _open(KINDS[kind_slug], report, actor=actor, at=at, client_id=client_id)
    except (IntegrityError, Invalid):
        # New is the rule: whether it was sent before is looked up only when it cannot be stored.
        sent_before = Case.objects.filter(client_id=client_id).first() if client_id else None
        if sent_before is None:
            raise
        return Opened(sent_before, None, replayed=True)


def _open(kind: Kind, report: Report, *, actor: Actor, at: dt.datetime, client_id: uuid.UUID | None) -> Opened:
    known, answers = check_report(kind, report, at=at)
    place = locate(lat=report.lat, long=report.long, address=report.address.strip(), area_id=report.area_id)
    if not place.inside:
        raise Invalid([Problem("where", OUTSIDE)])
    decision = _route(kind, known, report, place.area_id, answers, at)
    ticking = _clocks(kind, known, at)
    case = new(
        Case,
        client_id=client_id or uuid.uuid4(), kind=kind.slug, state=kind.workflow.start, category_id=report.category_id,
        area_id=place.area_id, team_id=decision.team_id, assignee_id=decision.user_id, channel=report.channel,
        language=report.language, text=report.text.strip(), address=place.address, lat=place.lat, long=place.long,
        cell=place.cell, opened_at=at, changed_at=at, clocks=ticking, due_at=clock.next_due(ticking),
        details={"answers": answers, **({"danger": dict(report.danger)} if report.danger else {}), **report.extra},
    )  # fmt: skip
    # A report without files is rows of one statement, which needs no transaction around it.
    rows_alone = not (report.uploads or kind.sealed or connection.in_atomic_block)
    with nullcontext() if rows_alone else transaction.atomic(), together(late=Entry):
        if kind.sealed:
            sealing.seal_case(case)
        insert(case)
        participant, code = None, None
        if kind.intake.reported:
            participant, code = _add_reporter(case, report, apart=kind.walled, at=at)
        taken: list[dict[str, Any]] = []
        if report.uploads:
            claim = sealed_files.claim if kind.sealed else files.claim
            photos = claim(case, report.uploads, by_reporter=actor.sort != "staff", at=at)
            taken = files.custody_of(photos) if actor.sort == "staff" and not kind.sealed else []
        tell = []
        if participant and not is_sensitive(case) and "opened" in kind.notices:
            tell += tell_participant(participant, case, kind.notices["opened"], words={}, urgent=True)
        record(
            "case", case.pk, "case.opened", actor=actor, at=at, first=True, audience="reporter",
            data={
                "kind": kind.slug, "category": report.category_id, "area": place.area_id, "channel": report.channel,
                "language": report.language, "routing": decision.explained(), "danger": case.details.get("danger"),
                **({"photos": taken} if taken else {}),
            },
            tell=tell + tell_webhooks(case, "case.opened", at=at),
        )  # fmt: skip
        project(case, known, at=at)
    return Opened(case, code)


def _clocks(kind: Kind, known: Known | None, at: dt.datetime) -> clock.Clocks:
    """In the category's working hours; where a kind counts days or hours around the clock, by the agency's number."""
    ticking: clock.Clocks = {}
    if not kind.intake.reported:
        return ticking
    for name, days in kind.clocks.items():
        ticking = clock.start_until(ticking, name, close_of(local_day(at) + dt.timedelta(days=int(setting(days)))))
    for name, hours in kind.hours.items():
        ticking = clock.start_until(ticking, name, at + dt.timedelta(hours=float(setting(hours))))
    return ticking or clock.start(_hours(known), at=at, calendar=calendar())


def _hours(known: Known | None) -> dict[str, float]:
    if known is None:
        return {"acknowledge": 24.0, "respond": 120.0}
    return {"acknowledge": known.row.acknowledge_hours, "respond": known.row.respond_hours}


def _route(
    kind: Kind, known: Known | None, report: Report, area_id: int | None, answers: Mapping[str, Any], at: dt.datetime
) -> routing.Decision:
    facts = routing.Facts(
        kind=kind.slug, category=known.row.code if known else None, group=known.text("en").group if known else None,
        area_id=area_id, language=report.language, channel=report.channel, at=at, answers=answers,
    )  # fmt: skip
    decided = kind.route(facts) if kind.route else None
    return decided or routing.decide(facts, routing.rules(), at=at)


def _add_reporter(case: Case, report: Report, *, apart: bool, at: dt.datetime) -> tuple[Participant, str]:
    person = find_or_make_person(
        name=report.name, email=report.email, phone=report.phone, language=report.language, apart=apart, at=at
    )
    code = return_code()
    participant = new(
        Participant,
        case=case, role=Participant.Role.REPORTER, person=person, told_by=report.told_by if person else "none",
        hidden=report.hidden, code_digest=code_digest(code), created_at=at,
    )  # fmt: skip
    return insert(participant), code


@transaction.atomic
def act(
    case: Case,
    step_slug: str,
    *,
    data: Mapping[str, Any],
    actor: Actor,
    at: dt.datetime,
    version: int | None = None,
    hold: dt.timedelta | None = None,
    facts: Mapping[str, Any] | None = None,
    danger: Mapping[str, Any] | None = None,
) -> Entry:
    """Take one step: check, change, record, tell. One transaction, exactly one entry.

    `version` is what the actor saw; `hold` keeps messages back so that the step can still be undone; `facts` are
    kept in the entry beside the step's own (how it came in). `danger` is what the words tell of it: kept in the entry,
    and told to whoever works the case. Raises `NotAllowed`, `Invalid` and `Stale`.
    """
    kind = KINDS[case.kind]
    step = kind.workflow.step(case.state, step_slug, actor=actor, procedures=procedures_of(case.category_id))
    given = _answers(step, data, at=at)
    if danger and kind.sealed:
        danger = sealing.without_words(danger)
    deed = Deed(case=case, kind=kind, step=step, data=given, actor=actor, at=at, danger=danger)
    if step.to and step.to != case.state and not (step.stays and kind.workflow.state(case.state).runs):
        deed.columns["state"] = step.to
    if step.then:
        step.then(deed)
    if given.get("message"):  # what the reporter is told stays readable on their page
        deed.personal.setdefault("text", given["message"])
    _advance_clocks(deed)
    if "reporter" in step.tells:
        tell_reporters(deed)
    if danger:
        tell_of_danger(deed)
    if hold:
        deed.tell = [replace(tell, not_before=at + hold) for tell in deed.tell]
    before = _write(case, deed, version)
    for run in deed.later:
        run()
    entry = record(
        "case", case.pk, f"case.{step.slug}", actor=actor, at=at, audience=step.audience,
        data={
            **(facts or {}), **deed.facts, "from": before["state"], "to": case.state,
            "undo": note_of(step, before, deed),
        },
        personal=_kept(deed), tell=deed.tell + tell_webhooks(case, f"case.{step.slug}", at=at),
    )  # fmt: skip
    project(case, categories().get(case.category_id) if case.category_id else None, at=at)
    return entry


def _answers(step: Step, data: Mapping[str, Any], *, at: dt.datetime) -> dict[str, Any]:
    """What was given for a step, clean and possible by now. Raises `Invalid`."""
    given = clean(step.fields, data)
    if early := ahead(step.fields, given, now=lambda: wall_time(at)):
        raise Invalid(early)
    return given


def _kept(deed: Deed) -> dict[str, Any] | None:
    """The words of a deed as the journal holds them."""
    if not (deed.personal and deed.kind.sealed):
        return deed.personal or None
    try:
        return dict(sealing.seal(deed.case, deed.personal))
    except sealing.Unreadable:
        raise Invalid([Problem("text", LOST_KEY)]) from None


def _advance_clocks(deed: Deed) -> None:
    """Meet, pause or resume the clocks as the step and its states say."""
    case, flow = deed.case, deed.kind.workflow
    ticking = deed.columns.get("clocks", case.clocks)
    was, is_now = flow.state(case.state), flow.state(deed.columns.get("state", case.state))
    if was.runs and is_now.runs != was.runs:
        ticking = clock.meet(ticking, (was.runs,), at=deed.at)
    if was.pauses and not is_now.pauses:
        ticking = clock.resume(ticking, at=deed.at, calendar=calendar())
    if deed.step.meets:
        ticking = clock.meet(ticking, deed.step.meets, at=deed.at)
    if is_now.pauses and not was.pauses:
        ticking = clock.pause(ticking, at=deed.at, calendar=calendar())
    if is_now.runs and deed.runs_until:
        ticking = clock.start_until(ticking, is_now.runs, deed.runs_until)
    if was.closed and not is_now.closed:
        ticking = clock.restart(ticking, "respond", at=deed.at, calendar=calendar())
    if ticking != case.clocks or is_now.closed != was.closed:
        deed.columns["clocks"] = ticking
        deed.columns["due_at"] = None if is_now.closed else clock.next_due(ticking)
    if is_now.closed and not was.closed:
        deed.columns.setdefault("closed_at", deed.at)
        kept = deed.kind.keep(deed.columns.get("outcome", ""))
        details = deed.columns.get("details", case.details)
        deed.columns["dispose_on"] = kept.dispose_on(local_day(deed.at), at_least=details.get(AT_LEAST, 0))
    if was.closed and not is_now.closed:
        deed.columns |= {"closed_at": None, "outcome": "", "dispose_on": None}


def _write(case: Case, deed: Deed, version: int | None) -> dict[str, Any]:
    """Versioned update; returns the columns as they were. Raises `Stale` when somebody was faster."""
    expected = case.version if version is None else version
    columns = deed.columns | {"changed_at": deed.at}
    before = {name: getattr(case, name) for name in columns} | {"state": case.state}
    changed = Case.objects.filter(pk=case.pk, version=expected).update(version=F("version") + 1, **columns)
    if not changed:
        raise Stale(Case.objects.get(pk=case.pk))
    for name, value in columns.items():
        setattr(case, name, value)
    case.version = expected + 1
    return before
