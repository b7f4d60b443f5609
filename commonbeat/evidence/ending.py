"""How a source of incidents ends: out of use, back in use, or its incidents deleted; what depends on it is said."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.registry import Registry
from commonbeat.core.text import N_
from commonbeat.evidence import actions, store
from commonbeat.evidence.models import CountedMeasure, IncidentImport, IncidentSource, Observation, Refresh
from commonbeat.journal import history
from commonbeat.journal.verbs import record

NO_REASON = N_("Say why. The reason stays in the history, and studies of these incidents repeat it.")
OTHER_NAME = N_("Write the name of the source as it stands above.")
BUSY = N_("A file is being imported into this source. Wait until it is done.")
DELETED = N_("The incidents of this source are deleted already.")


@dataclass(frozen=True)
class Dependants:
    """Something that is counted from sources: `of` names what depends on one, for people who decide about it."""

    slug: str
    label: str
    of: Callable[[IncidentSource], list[str]]


DEPENDANTS: Registry[Dependants] = Registry("dependant")


def _measures(source: IncidentSource) -> list[str]:
    rows = CountedMeasure.objects.filter(source=source, retired_at=None, public=False)
    return list(rows.order_by("name").values_list("name", flat=True))


def _public(source: IncidentSource) -> list[str]:
    rows = CountedMeasure.objects.filter(source=source, retired_at=None, public=True)
    return list(rows.order_by("name").values_list("name", flat=True))


DEPENDANTS.add(Dependants("measures", N_("Measures for the staff"), _measures))
DEPENDANTS.add(Dependants("public", N_("Measures that residents see"), _public))


def dependants(source: IncidentSource) -> list[tuple[str, list[str]]]:
    """What depends on a source, by sort; sorts without any are left out."""
    found = [(one.label, one.of(source)) for one in DEPENDANTS]
    return [(label, names) for label, names in found if names]


@transaction.atomic
def retire(source: IncidentSource, *, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Take a source out of use: nothing offers it, residents see none of it, its incidents stay. Raises `Invalid`."""
    history.change(source, {"retired_at": at}, actor=actor, at=at, verb="retired", note=_said(reason))


@transaction.atomic
def put_back(source: IncidentSource, *, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Use a source again. Raises `Invalid`."""
    history.change(source, {"retired_at": None}, actor=actor, at=at, verb="unretired", note=_said(reason))
    actions.count_again(source)


@transaction.atomic
def delete_incidents(source: IncidentSource, *, reason: str, name: str, actor: Actor, at: dt.datetime) -> None:
    """Delete every incident of a source and what was counted from them; its name and history stay. Raises `Invalid`.

    Frozen plans keep the fingerprint of what they knew, and finished runs their results; neither can be counted again.
    """
    row = IncidentSource.objects.select_for_update().get(pk=source.pk)
    reason = _said(reason)
    if name.strip() != row.name:
        raise Invalid([Problem("name", OTHER_NAME)])
    if row.deleted_at is not None:
        raise Invalid([Problem("name", DELETED)])
    if row.imports.filter(state__in=(IncidentImport.WAITING, IncidentImport.RUNNING)).exists():
        raise Invalid([Problem("name", BUSY)])
    for brought in row.imports.filter(state=IncidentImport.DRAFT):
        actions.give_up(brought)
    measures = list(CountedMeasure.objects.filter(source=row).values_list("slug", flat=True))
    counted = {"rows": row.rows, "content": row.content}
    Observation.objects.filter(measure__in=measures).delete()
    Refresh.objects.filter(measure__in=measures).delete()
    IncidentSource.objects.filter(pk=row.pk).update(
        content="", rows=0, placed=0, first_on=None, last_on=None, categories={}, holes=[], deleted_at=at,
        deleted_because=reason,
    )  # fmt: skip
    row.refresh_from_db()
    if row.retired_at is None:
        history.change(row, {"retired_at": at}, actor=actor, at=at, verb="retired", note=reason)
    record("source", row.pk, "source.incidents_deleted", actor=actor, at=at, data=counted | {"note": reason})
    transaction.on_commit(lambda: _delete_files(row.slug))


def _delete_files(slug: str) -> None:
    """The points, and every picture that is kept: nobody can tell which of them show places of this source."""
    for folder in (store.folder(slug), store.folder("pictures")):
        shutil.rmtree(folder, ignore_errors=True)


def _said(reason: str) -> str:
    words = " ".join(reason.split())
    if not words:
        raise Invalid([Problem("reason", NO_REASON)])
    return words[:400]
