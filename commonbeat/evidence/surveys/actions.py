"""Everything that can happen to a survey: a wave brought in, its columns said, taken back, weighted, deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.text import slugify

from commonbeat.core.actor import Actor, Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.evidence import store
from commonbeat.evidence.areas import AreaSet, area_set
from commonbeat.evidence.mapping import BadTable
from commonbeat.evidence.models import IncidentImport
from commonbeat.evidence.surveys import answers as reading
from commonbeat.evidence.surveys import columns, files
from commonbeat.evidence.surveys.columns import Use
from commonbeat.evidence.surveys.models import (
    PopulationTable,
    SurveyQuestion,
    SurveySeries,
    SurveyWave,
    WaveImport,
)
from commonbeat.journal import history
from commonbeat.journal.verbs import record

PLANNERS = (Role.ANALYST, Role.ADMIN)
"""Who brings surveys in, weights and deletes them."""
READERS = (*PLANNERS, Role.SUPERVISOR, Role.EDITOR, Role.OVERSIGHT)
"""Who looks at them; small numbers are hidden from all."""
SUBJECT = "wave"
MOST_ROWS = 200_000
HELD = ("content", "n", "groups", "asked", "weighting", "weights")
"""What an import changes in a wave, and what taking it back restores."""

NO_NAME = N_("Give the survey a name, such as “Trust in the neighborhood”.")
SAME_NAME = N_("There is a survey with this name already. Choose it from the list, or use another name.")
SAME_WAVE = N_("This survey has a wave of this name already, asked otherwise. Use another name, or correct that wave.")
BAD_DAYS = N_("The last day lies before the first. Turn them round.")
SAME_FILE = N_("This file is in the wave “%(wave)s” already. Nothing was brought in twice.")
NOT_NOW = N_("This file is brought in already, or was given up. Bring it in again.")
NOT_LAST = N_("Only the last import of a wave can be taken back.")
RELEASED = N_("The public reads this wave. Withdraw it first, with a reason; then it can be changed.")
NOTHING = N_("No row of the file could be used. Look at the reasons, and check which column is what.")
TOO_LONG = N_("The file has more than %(most)s rows. Bring it in as several waves.")
NO_REASON = N_("Say why it is deleted. The reason stays on record; the answers do not.")
FORGOTTEN = N_("The answers of this wave were destroyed when their time was over. What stays of it cannot be changed.")
GONE = N_("The file is no longer there. Bring it in again.")


@dataclass(frozen=True)
class About:
    """What is said of a wave when it is brought in."""

    name: str
    first_on: dt.date
    last_on: dt.date
    sampling: str
    mode: str
    invited: int | None = None
    areas: str = ""


@transaction.atomic
def add_series(
    *, name: str, says: str = "", credit: str = "", every_months: int | None = None, slug: str = "", actor: Actor,
    at: dt.datetime,
) -> SurveySeries:  # fmt: skip
    """A new survey, without waves yet. Raises `Invalid`."""
    name = " ".join(name.split())
    slug = slug or slugify(name)[:40]
    if not name or not slug:
        raise Invalid([Problem("name", NO_NAME)])
    if SurveySeries.objects.filter(slug=slug).exists():
        raise Invalid([Problem("name", SAME_NAME)])
    values = {"slug": slug, "name": name, "says": says, "credit": credit, "every_months": every_months,
              "created_at": at}  # fmt: skip
    return history.add(SurveySeries(), values, actor=actor, at=at)  # type: ignore[return-value]


def wave_for(series: SurveySeries, about: About, *, at: dt.datetime) -> SurveyWave:
    """The wave that a file belongs to: a new one, or one that was asked just so. Raises `Invalid`."""
    found = series.waves.filter(name=about.name).first()
    said = found and About(found.name, found.first_on, found.last_on, found.sampling, found.mode, found.invited,
                           found.areas)  # fmt: skip
    return found if found and said == about else add_wave(series, about, at=at)


@transaction.atomic
def add_wave(series: SurveySeries, about: About, *, at: dt.datetime) -> SurveyWave:
    """A wave that waits for its file. Raises `Invalid`."""
    if about.last_on < about.first_on:
        raise Invalid([Problem("last_on", BAD_DAYS)])
    if series.waves.filter(name=about.name).exists():
        raise Invalid([Problem("wave", SAME_WAVE)])
    return SurveyWave.objects.create(
        series=series, name=about.name, first_on=about.first_on, last_on=about.last_on, sampling=about.sampling,
        mode=about.mode, invited=about.invited, areas=about.areas, created_at=at,
    )  # fmt: skip


@transaction.atomic
def correct(wave: SurveyWave, about: About, *, actor: Actor, at: dt.datetime) -> None:
    """Say anew when and how people were asked. A form has no weights, so they go with the sample. Raises `Invalid`."""
    found = changeable(wave)
    if about.last_on < about.first_on:
        raise Invalid([Problem("last_on", BAD_DAYS)])
    if found.series.waves.filter(name=about.name).exclude(pk=found.pk).exists():
        raise Invalid([Problem("wave", SAME_WAVE)])
    names = ("name", "first_on", "last_on", "sampling", "mode", "invited")
    before = {name: str(getattr(found, name)) for name in names}
    gone = _weights_of(found) if about.sampling == SurveyWave.Sampling.FORM else set()
    for name in names:
        setattr(found, name, getattr(about, name))
    if gone:
        found.weights, found.weighting = "", {}
    found.save()
    after = {name: str(getattr(found, name)) for name in names}
    record(SUBJECT, found.pk, "wave.corrected", actor=actor, at=at, data={"before": before, "after": after})
    forget_files(found.series.slug, gone)


def _weights_of(wave: SurveyWave) -> set[Path]:
    return {files.weights_of(wave.series.slug, wave.weights)} if wave.weights else set()


def bring(wave: SurveyWave, file: Any, *, name: str, actor: Actor, at: dt.datetime) -> WaveImport:
    """Keep a file and guess what its columns are. Raises `BadTable`, and `Invalid` when it is there already."""
    sha, _size = store.keep_upload(file)
    there = WaveImport.objects.filter(file_sha=sha, state=WaveImport.DONE, wave__series=wave.series_id)
    if doubled := there.select_related("wave").first():
        forget_upload(sha)
        raise Invalid([Problem("file", SAME_FILE, {"wave": doubled.wave.name})])
    try:
        table = whole(sha)[0]
    except BadTable:
        forget_upload(sha)
        raise
    uses = columns.guess(table, area_names=frozenset(area_names(wave)), earlier=_earlier(wave.series))
    return WaveImport.objects.create(
        wave=wave, file_name=Path(name).name[:200], file_sha=sha, uses=[use.as_dict() for use in uses],
        left_out=_locked(table), by_id=actor.user_id, by_name=actor.name, created_at=at,
    )  # fmt: skip


def _earlier(series: SurveySeries) -> list[Use]:
    done = WaveImport.objects.filter(wave__series=series, state=WaveImport.DONE).order_by("-pk").first()
    return [Use.from_dict(stored) for stored in done.uses] if done else []


def _locked(table: dict[str, list[str]]) -> dict[str, Any]:
    """Columns that stay out whoever wants them, and why."""
    found = {name: columns.locked(name, texts) for name, texts in table.items()}
    return {name: {"message": p.message, "params": dict(p.params)} for name, p in found.items() if p}


def whole(sha: str) -> tuple[dict[str, list[str]], np.ndarray[Any, Any], list[int]]:
    """Every column of a file that was brought in, the numbers of its rows, and rows that are broken. `BadTable`."""
    from commonbeat.evidence.reading import open_table

    path = store.upload_of(sha)
    if not path.exists():
        raise BadTable(GONE)
    file = open_table(path)
    table: dict[str, list[str]] = {name: [] for name in file.columns}
    rows: list[Any] = []
    for piece in file.pieces():
        for name in table:
            table[name] += [text or "" for text in piece.table[name].to_pylist()]
        rows.append(piece.rows)
        if sum(map(len, rows)) > MOST_ROWS:
            raise BadTable(TOO_LONG % {"most": f"{MOST_ROWS:,}"})
    return table, np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64), list(file.broken)


def areas_of(wave: SurveyWave) -> AreaSet | None:
    """The areas that answers of a wave name; None when it names none. Raises `NoAreas`."""
    return area_set(wave.areas) if wave.areas else None


def area_names(wave: SurveyWave) -> dict[str, str]:
    """Codes by folded code and name."""
    found = areas_of(wave)
    rows = found.rows if found else ()
    return {area.name.casefold(): area.code for area in rows} | {area.code.casefold(): area.code for area in rows}


def try_out(brought: WaveImport, uses: Sequence[Use]) -> tuple[reading.Read, list[Use], list[int]]:
    """Read a whole file without storing anything. Raises `BadUses` and `BadTable`."""
    wave = brought.wave
    table, rows, broken = whole(brought.file_sha)
    sure = columns.check(uses, table, with_areas=bool(wave.areas))
    known = {q.key: q.answers for q in wave.series.questions.filter(kind=SurveyQuestion.Kind.CHOICE)}
    read = reading.read(table, rows, sure, areas=area_names(wave), known=known, first=wave.first_on, last=wave.last_on)
    read.told += [(number, reading.BROKEN, "") for number in broken]
    return read, sure, broken


@transaction.atomic
def confirm(brought: WaveImport, uses: Sequence[Use], *, actor: Actor, at: dt.datetime) -> None:
    """The columns are right: take the answers in; what the wave held before can be had back. Raises what is wrong."""
    wave = changeable(brought.wave)
    brought = WaveImport.objects.select_for_update().get(pk=brought.pk)
    if brought.state != WaveImport.DRAFT:
        raise Invalid([Problem("file", NOT_NOW)])
    read, sure, broken = try_out(brought, uses)
    taken = int(read.keep.sum())
    if not taken:
        raise Invalid([Problem("file", NOTHING)])
    _keep_questions(wave.series, sure, read)
    before = {name: getattr(wave, name) for name in HELD}
    wave.content, wave.n = files.keep_answers(wave.series.slug, read), taken
    wave.groups = {use.key: use.label for use in sure if use.role == columns.GROUP}
    wave.asked = [use.key for use in sure if use.is_question]
    wave.weighting, wave.weights = {}, ""
    wave.save()
    rows = len(read.rows) + len(broken)
    noted = len({row for row, reason, _ in read.told if reason in reading.NOTES})
    brought.counts = {"read": rows, "taken": taken, "rejected": rows - taken, "noted": noted}
    brought.reasons, brought.rejects = dict(read.reasons), files.keep_rejects(wave.series.slug, read)
    brought.uses = [use.as_dict() for use in sure]
    brought.before, brought.after, brought.state, brought.done_at = before, wave.content, WaveImport.DONE, at
    brought.save()
    record(SUBJECT, wave.pk, "wave.imported", actor=actor, at=at,
           data={"import": brought.pk, "file": brought.file_sha, "counts": brought.counts})  # fmt: skip
    transaction.on_commit(lambda: forget_upload(brought.file_sha))


def changeable(wave: SurveyWave, *, deleting: bool = False) -> SurveyWave:
    """The wave, locked; raises `Invalid` while the public reads it, and once its answers were destroyed unless the rest
    is to be deleted. A proposal to release it no longer holds."""
    found = SurveyWave.objects.select_for_update(of=("self",)).select_related("series").get(pk=wave.pk)
    if found.released_at:
        raise Invalid([Problem("wave", RELEASED)])
    if found.forgotten_at and not deleting:
        raise Invalid([Problem("wave", FORGOTTEN)])
    found.proposed_by, found.proposed_at = None, None
    return found


def _keep_questions(series: SurveySeries, uses: Sequence[Use], read: reading.Read) -> None:
    """Questions that are new are added; of known ones only the list of answers may grow."""
    known = {question.key: question for question in series.questions.all()}
    for use in uses:
        if not use.is_question:
            continue
        question = known.get(use.key)
        if question is None:
            worst, best = use.ends() or (None, None)
            SurveyQuestion.objects.create(
                series=series, key=use.key, text=use.label or use.column, kind=use.role, worst=worst, best=best,
                answers=read.choices.get(use.key) or use.words(), position=series.questions.count(),
            )  # fmt: skip
        elif (question.kind, (question.worst, question.best)) != (use.role, use.ends() or (None, None)):
            raise columns.BadUses({list(uses).index(use): Problem(use.column, OTHER_SCALE, {"text": question.text})})
        elif use.role == columns.CHOICE:
            question.answers = read.choices[use.key]
            question.save(update_fields=["answers"])


OTHER_SCALE = N_("“%(text)s” was answered differently before. Use the same kind and scale, or make it a new question.")


def give_up(brought: WaveImport) -> None:
    """Forget a file that was brought in and not confirmed, and its wave if it holds nothing."""
    if WaveImport.objects.filter(pk=brought.pk, state=WaveImport.DRAFT).delete()[0]:
        forget_upload(brought.file_sha)
        SurveyWave.objects.filter(pk=brought.wave_id, content="", imports=None).delete()


def forget_upload(sha: str) -> None:
    """Delete a file that was sent, unless something else waits for it."""
    waiting = (IncidentImport.DRAFT, IncidentImport.WAITING, IncidentImport.RUNNING)
    if not (
        WaveImport.objects.filter(file_sha=sha, state=WaveImport.DRAFT).exists()
        or PopulationTable.objects.filter(file_sha=sha, state=PopulationTable.DRAFT).exists()
        or IncidentImport.objects.filter(file_sha=sha, state__in=waiting).exists()
    ):
        store.upload_of(sha).unlink(missing_ok=True)


def can_undo(brought: WaveImport) -> bool:
    """Whether the wave can go back to what it was before this import."""
    newest = WaveImport.objects.filter(wave=brought.wave_id, state=WaveImport.DONE).order_by("-pk").first()
    return bool(newest and newest.pk == brought.pk and not (brought.wave.released_at or brought.wave.forgotten_at))


@transaction.atomic
def undo(brought: WaveImport, *, actor: Actor, at: dt.datetime) -> None:
    """Take the last import of a wave back. Raises `Invalid`."""
    wave = changeable(brought.wave)
    if not can_undo(brought):
        raise Invalid([Problem("file", NOT_LAST)])
    gone = files_of(wave)
    for name in HELD:
        setattr(wave, name, brought.before[name])
    wave.save()
    WaveImport.objects.filter(pk=brought.pk).update(state=WaveImport.UNDONE)
    record(SUBJECT, wave.pk, "wave.import_undone", actor=actor, at=at, data={"import": brought.pk})
    forget_files(wave.series.slug, gone)


@transaction.atomic
def delete_wave(wave: SurveyWave, *, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Delete a wave and all answers in it for good; that it was there, and why it went, stays. Raises `Invalid`."""
    reason = _reason(reason)
    found = changeable(wave, deleting=True)
    _delete(found, reason, actor=actor, at=at)


@transaction.atomic
def delete_series(series: SurveySeries, *, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Delete a survey with all its waves. Raises `Invalid`."""
    reason = _reason(reason)
    for wave in series.waves.order_by("pk"):
        _delete(changeable(wave, deleting=True), reason, actor=actor, at=at)
    record("survey", series.pk, "survey.deleted", actor=actor, at=at,
           data={"name": series.name, "slug": series.slug, "reason": reason})  # fmt: skip
    series.delete()


def _reason(text: str) -> str:
    reason = " ".join(text.replace("\x00", "").split())[:400]
    if not reason:
        raise Invalid([Problem("reason", NO_REASON)])
    return reason


def _delete(wave: SurveyWave, reason: str, *, actor: Actor, at: dt.datetime) -> None:
    gone = files_of(wave)
    record(SUBJECT, wave.pk, "wave.deleted", actor=actor, at=at,
           data={"survey": wave.series.slug, "name": wave.name, "n": wave.n, "reason": reason})  # fmt: skip
    for sha in wave.imports.filter(state=WaveImport.DRAFT).values_list("file_sha", flat=True):
        transaction.on_commit(lambda sha=sha: forget_upload(sha))  # type: ignore[misc]
    slug = wave.series.slug
    wave.delete()
    forget_files(slug, gone)


def files_of(wave: SurveyWave) -> set[Path]:
    """Every file of a wave: what counts, what counted before, and the lists of rows."""
    slug, found = wave.series.slug, set()
    states = [{name: getattr(wave, name) for name in HELD}, *(one.before for one in wave.imports.all())]
    for state in states:
        found |= {files.answers_of(slug, state["content"])} if state.get("content") else set()
        found |= {files.weights_of(slug, state["weights"])} if state.get("weights") else set()
    found |= {files.answers_of(slug, one.after) for one in wave.imports.all() if one.after}
    return found | {files.rejects_of(slug, one.rejects) for one in wave.imports.all() if one.rejects}


def forget_files(series: str, gone: set[Path]) -> None:
    """After this transaction, delete files that no wave of the series names any more."""

    def forget() -> None:
        left = SurveyWave.objects.filter(series__slug=series).prefetch_related("imports").select_related("series")
        kept = {path for wave in left for path in _kept(wave)}
        files.forget(series, *(gone - kept))

    transaction.on_commit(forget)


def _kept(wave: SurveyWave) -> set[Path]:
    """Files that a wave still names: what counts, and what taking its imports back would need."""
    if wave.forgotten_at:
        return set()
    slug = wave.series.slug
    states = [{"content": wave.content, "weights": wave.weights},
              *(one.before for one in wave.imports.all() if one.state == WaveImport.DONE)]  # fmt: skip
    kept = {files.answers_of(slug, state.get("content", "")) for state in states}
    kept |= {files.weights_of(slug, state.get("weights", "")) for state in states}
    return kept | {files.rejects_of(slug, one.rejects) for one in wave.imports.all()}
