"""Everything that can happen to a study: data, plan, freezing, runs, what was delivered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from commonbeat import __version__
from commonbeat.core.actor import Actor, Role
from commonbeat.core.text import N_
from commonbeat.evidence.studies.data import labels_of, panel_of
from commonbeat.evidence.studies.models import Dataset, PlanVersion, Run, Study
from commonbeat.evidence.studies.outcomes import promises
from commonbeat.evidence.studies.plan import Plan
from commonbeat.journal.verbs import record

if TYPE_CHECKING:
    from commonbeat.evidence.studies.ahead import Ahead

SUBJECT = "study"
PLANNERS = (Role.ANALYST, Role.ADMIN)
"""Who plans, freezes and runs."""
READERS = (*PLANNERS, Role.SUPERVISOR, Role.OVERSIGHT, Role.EDITOR)
"""Who reads everything about studies inside the department and its oversight."""


class Refused(Exception):
    """The deed was not done; the message, marked for translation, says what to do."""


class PlanChanged(Exception):
    """Somebody else changed the plan in the meantime."""


def add_table(
    text: str, *, name: str, names: Mapping[str, str], absent_is_zero: bool, actor: Actor, at: dt.datetime
) -> Dataset:
    """Keep a table of counts. Raises `tables.BadTable` with the line that is wrong."""
    from commonbeat.evidence.studies.tables import read_table

    panel = read_table(text, absent=0.0 if absent_is_zero else None, **names)
    with transaction.atomic():
        made = Dataset.objects.create(
            name=name, text=text, absent_is_zero=absent_is_zero, fingerprint=panel.fingerprint(),
            units=len(panel.units), periods=len(panel.periods), first_period=panel.periods[0],
            last_period=panel.periods[-1], has_population=panel.population is not None,
            has_positions=panel.coordinates is not None, added_by_id=actor.staff_id, added_at=at, **names,
        )  # fmt: skip
        record("dataset", made.pk, "dataset.added", actor=actor, at=at, first=True,
               data={"name": name, "fingerprint": made.fingerprint})  # fmt: skip
    return made


@transaction.atomic
def start_study(title: str, *, dataset: Dataset | None, request: Mapping[str, Any] | None = None,
                plan: Plan | None = None, actor: Actor, at: dt.datetime) -> Study:  # fmt: skip
    """A study with an empty plan, or with what is known of it already; the studio proposes the rest."""
    made = Study.objects.create(
        slug=_free_slug(title), title=title, dataset=dataset, request=dict(request or {}),
        draft=(plan or Plan()).as_dict(), created_by_id=actor.staff_id, created_at=at, changed_at=at,
    )  # fmt: skip
    record(SUBJECT, made.pk, "study.started", actor=actor, at=at, first=True, data={"title": title})
    return made


def _free_slug(title: str) -> str:
    base = slugify(title)[:70] or "study"
    taken = set(Study.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if slug not in taken)


def save_plan(study: Study, plan: Plan, *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Keep the plan that is being worked on, with what the studio proposes where nothing was chosen.

    Raises `fitting.PlanProblem` where the data cannot mean it, and PlanChanged when somebody was faster.
    """
    from commonbeat.evidence.studies.ahead import complete

    full = complete(plan, panel_of(study)).as_dict()
    names = full.keys() | study.draft.keys()
    changed = sorted(name for name in names if study.draft.get(name) != full.get(name))
    if not changed:
        return
    with transaction.atomic():
        moved = Study.objects.filter(pk=study.pk, version=version).update(
            draft=full, version=F("version") + 1, changed_at=at
        )
        if not moved:
            raise PlanChanged
        record(SUBJECT, study.pk, "study.planned", actor=actor, at=at, data={"changed": changed})
    study.refresh_from_db()


def ahead_of(study: Study) -> Ahead:
    """What the plan promises, from the data before its start alone."""
    from commonbeat.evidence.studies.ahead import look_ahead

    return look_ahead(Plan.from_dict(study.draft), panel_of(study))


def latest_plan(study: Study) -> PlanVersion | None:
    """The frozen version that counts."""
    return study.plans.order_by("-number").first()


def freeze(study: Study, *, reason: str, version: int, actor: Actor, at: dt.datetime) -> PlanVersion:
    """Freeze the plan with its stamp. A later version needs a reason, and stands beside the earlier ones."""
    from commonbeat.evidence.studies.ahead import complete, described, look_ahead
    from commonbeat.evidence.studies.fitting import history_of, periods_after

    plan = Plan.from_dict(study.draft)
    if not plan.programme.strip():
        raise Refused(N_("Say what is done before you freeze the plan."))
    panel = panel_of(study)
    plan = complete(plan, panel)
    before = latest_plan(study)
    if before and before.stamp == plan.stamp():
        raise Refused(N_("This plan is frozen already. Change something first."))
    if before and not reason.strip():
        raise Refused(N_("Say why the frozen plan is changed. Everybody will be able to read it."))
    history = history_of(plan, panel)
    designs = {"first": described(plan.design), "second": described(plan.second)}
    promise = look_ahead(plan, panel).as_dict() | {"designs": designs, "last_period": panel.periods[-1]}
    promise |= promises(study, plan, panel)
    known = labels_of(study)
    promise["labels"] = {unit: known[unit] for unit in (*plan.treated, *plan.comparison) if unit in known}
    with transaction.atomic():
        if not Study.objects.filter(pk=study.pk, version=version).update(version=F("version") + 1, changed_at=at):
            raise PlanChanged
        made = PlanVersion.objects.create(
            study=study, number=before.number + 1 if before else 1, plan=plan.as_dict(), stamp=plan.stamp(),
            data=history.fingerprint(), history_until=history.periods[-1], known_after=periods_after(plan, panel),
            software=__version__, ahead=promise, reason=reason.strip(), frozen_by_id=actor.staff_id, frozen_at=at,
        )  # fmt: skip
        record(SUBJECT, study.pk, "study.frozen", actor=actor, at=at,
               data={"number": made.number, "stamp": made.stamp, "data": made.data, "reason": made.reason})  # fmt: skip
    study.refresh_from_db()
    return made


@transaction.atomic
def ask_run(plan: PlanVersion, *, dataset: Dataset | None = None, actor: Actor, at: dt.datetime) -> Run:
    """Ask for a run of a frozen plan; the worker carries it out. Asking twice while one waits gives the same one."""
    from commonbeat.evidence.studies.tasks import run_study

    Study.objects.select_for_update().get(pk=plan.study_id)
    open_states = (Run.State.WAITING, Run.State.RUNNING)
    # One that is being cancelled, by a worker that may have died, stands in nobody's way.
    waiting = plan.runs.filter(state__in=open_states, cancel_asked=False, dataset=dataset).first()
    if waiting:
        return waiting
    made = Run.objects.create(plan=plan, dataset=dataset, asked_by_id=actor.user_id, asked_at=at)
    record(SUBJECT, plan.study_id, "study.run_asked", actor=actor, at=at, data={"plan": plan.number, "run": made.pk})
    run_study.defer(run_id=made.pk)
    return made


@transaction.atomic
def cancel_run(run: Run, *, actor: Actor, at: dt.datetime) -> None:
    """Stop a run that waits or works. What it had found is not kept."""
    open_states = (Run.State.WAITING, Run.State.RUNNING)
    Study.objects.select_for_update().get(pk=run.plan.study_id)
    if not Run.objects.filter(pk=run.pk, state__in=open_states).update(cancel_asked=True):
        raise Refused(N_("This run is over."))
    Run.objects.filter(pk=run.pk, state=Run.State.WAITING).update(state=Run.State.CANCELLED, ended_at=at)
    record(SUBJECT, run.plan.study_id, "study.run_cancelled", actor=actor, at=at, data={"run": run.pk})
    run.refresh_from_db()


def note_dose(study: Study, amounts: Mapping[str, float], *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Write down how much of the programme was delivered in each period. Runs that are over stay as they were."""
    if study.dose == dict(amounts):
        return
    with transaction.atomic():
        if not Study.objects.filter(pk=study.pk, version=version).update(
            dose=dict(amounts), version=F("version") + 1, changed_at=at
        ):
            raise PlanChanged
        record(SUBJECT, study.pk, "study.dose", actor=actor, at=at, data={"before": study.dose, "after": dict(amounts)})
    study.refresh_from_db()


def set_data(study: Study, dataset: Dataset, *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Give a study newer data: later runs read them, frozen plans keep the fingerprint of their history."""
    with transaction.atomic():
        if not Study.objects.filter(pk=study.pk, version=version).update(
            dataset=dataset, version=F("version") + 1, changed_at=at
        ):
            raise PlanChanged
        record(SUBJECT, study.pk, "study.data", actor=actor, at=at,
               data={"dataset": dataset.pk, "before": study.dataset_id})  # fmt: skip
    study.refresh_from_db()


__all__ = [
    "PLANNERS", "READERS", "PlanChanged", "Refused", "add_table", "ahead_of", "ask_run", "cancel_run", "freeze",
    "latest_plan", "note_dose", "save_plan", "set_data", "start_study",
]  # fmt: skip
