"""Carries out a run in a process of its own, says how far it is, and stops it when somebody asks."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import commonbeat
from commonbeat.core.actor import SYSTEM
from commonbeat.core.text import N_
from commonbeat.evidence.studies.actions import SUBJECT
from commonbeat.evidence.studies.data import panel_of
from commonbeat.evidence.studies.models import Picture, Run, Study
from commonbeat.evidence.studies.outcomes import explored, gather
from commonbeat.evidence.studies.plan import Plan
from commonbeat.evidence.studies.reporting import reported
from commonbeat.journal.verbs import record

PACKAGE = Path(commonbeat.__file__).resolve().parent
LOOK_SECONDS = 0.5
LONGEST_SECONDS = 3600.0
TOO_LONG = N_("The calculation took more than an hour and was stopped. Use longer periods or fewer areas.")
BROKE = N_("The calculation ended with an error. It is kept in the log; your data and plan are unchanged.")

Told = Callable[[int, str], None]


def carry_out(run_id: int, told: Told | None = None) -> Run:
    """Do a waiting run, or one that was cut off. Cancelled and finished ones are left as they are."""
    run = Run.objects.select_related("plan__study__dataset", "dataset").get(pk=run_id)
    if run.is_over:
        return run
    now = timezone.now()
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING, started_at=now, progress=0)
    try:
        job = job_for(run)
    except Exception as wrong:  # whatever the data are, the person who asked must learn of it
        return _end(run, Run.State.FAILED, problem=str(wrong)[:400])
    Run.objects.filter(pk=run.pk).update(job=json.dumps(job, ensure_ascii=False))
    languages = [code for code, _ in settings.LANGUAGES]
    found = _calculate(run, job | {"locale": str(PACKAGE / "locale"), "languages": languages}, told)
    if isinstance(found, str):
        if found == "cancelled":
            return _end(run, Run.State.CANCELLED)
        return _end(run, Run.State.FAILED, problem=found)
    with transaction.atomic():
        Picture.objects.filter(run=run).delete()
        Picture.objects.bulk_create(
            Picture(run=run, language=language, slug=slug, svg=svg)
            for language, drawn in found["pictures"].items() for slug, svg in drawn.items()
        )  # fmt: skip
        return _end(run, Run.State.DONE, result=found["result"])


def job_for(run: Run) -> dict[str, Any]:
    """Everything that the calculation needs, from the frozen plan and today's data."""
    from commonbeat.evidence.studies.analysis import job_of

    version, study = run.plan, run.plan.study
    plan, panel = Plan.from_dict(version.plan), panel_of(study, dataset=run.dataset)
    request = None if run.dataset_id or study.dataset_id else study.request
    return job_of(
        plan, panel, version=version.number, registered=version.registered, history=version.data, ahead=version.ahead,
        dose=study.dose, more=gather(study, plan, explored(study), ahead=version.ahead, dataset=run.dataset),
        reported=reported(request, plan, periods=len(panel.periods)),
    )  # fmt: skip


def _end(run: Run, state: str, **fields: Any) -> Run:
    at = timezone.now()
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=run.plan.study_id)
        Run.objects.filter(pk=run.pk).update(
            state=state, ended_at=at, progress=100 if state == Run.State.DONE else run.progress, **fields
        )
        if state != Run.State.CANCELLED:
            record(SUBJECT, run.plan.study_id, f"study.run_{state}", actor=SYSTEM, at=at,
                   data={"run": run.pk, "plan": run.plan.number})  # fmt: skip
    run.refresh_from_db()
    return run


def _calculate(run: Run, job: dict[str, Any], told: Told | None) -> dict[str, Any] | str:
    """The result, or why there is none."""
    lines: queue.Queue[str] = queue.Queue()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as given, tempfile.TemporaryFile("w+b") as written:
        json.dump(job, given)
        given.flush()
        given.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "commonbeat.evidence.studies.analysis"], stdin=given, stdout=written,
            stderr=subprocess.PIPE, text=True, encoding="utf-8",
            env=os.environ | {"PYTHONPATH": str(PACKAGE.parent), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        assert process.stderr is not None
        reader = threading.Thread(target=_read, args=(process.stderr, lines), daemon=True)
        reader.start()
        try:
            why = _watch(run, process, lines, told)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            reader.join(5)
            process.stderr.close()
        if why:
            return why
        written.seek(0)
        if process.returncode != 0:
            print("".join(_rest(lines))[-4000:], file=sys.stderr)
            return BROKE
        return json.loads(written.read().decode())  # type: ignore[no-any-return]


def _read(stream: IO[str], lines: queue.Queue[str]) -> None:
    for line in stream:
        lines.put(line)


def _rest(lines: queue.Queue[str]) -> list[str]:
    found = []
    while not lines.empty():
        found.append(lines.get())
    return found


def _watch(run: Run, process: subprocess.Popen[str], lines: queue.Queue[str], told: Told | None) -> str:
    """Pass on how far it is until it ends; empty, or why it was stopped."""
    until = time.monotonic() + LONGEST_SECONDS
    while process.poll() is None:
        with contextlib.suppress(queue.Empty):
            _tell(run, lines.get(timeout=LOOK_SECONDS), told)
        if Run.objects.filter(pk=run.pk, cancel_asked=True).exists():
            return "cancelled"
        if time.monotonic() > until:
            return TOO_LONG
    return ""


def _tell(run: Run, line: str, told: Told | None) -> None:
    try:
        percent, stage = json.loads(line)
    except (ValueError, TypeError):
        print(line, end="", file=sys.stderr)
        return
    Run.objects.filter(pk=run.pk).update(progress=percent, stage=stage)
    if told:
        told(percent, stage)
