"""What leaves the house: documents, data and the log of what was removed, in one file with a hash."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from commonbeat.cases import files
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseFile
from commonbeat.community.agency import current
from commonbeat.core.actor import Actor
from commonbeat.core.cells import harmless
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.verbs import record
from commonbeat.publishing.records.actions import (
    KIND,
    NEW_PARTS,
    NO_CASE,
    NONE_CHOSEN,
    UNDECIDED,
    let_go,
    locked,
    look,
    look_again,
    refused,
)
from commonbeat.publishing.records.models import Item, RecordsRequest, RequestedCase
from commonbeat.publishing.records.parts import SORTS, Part
from commonbeat.publishing.records.proposing import without

Words = Callable[[str], str]
"""Translates source text for whoever reads the bundle."""


@dataclass
class Bundle:
    """Everything that leaves: released parts by case, the log of what does not, and photos."""

    number: str
    agency: str
    made_at: str
    asked_on: str
    cases: list[dict[str, Any]] = field(default_factory=list)
    log: list[dict[str, str]] = field(default_factory=list)
    photos: dict[str, bytes] = field(default_factory=dict)


LOG_COLUMNS = ("case", "part", "which", "extent", "exemption", "title", "basis", "by", "at")


def gather(request: RecordsRequest, *, at: dt.datetime, say: Words) -> Bundle:
    """The bundle as it stands, with every part decided."""
    made = Bundle(request.number, current().name, at.isoformat(), str(request.asked_on))
    for chosen in request.cases.select_related("case__category", "case__area").order_by("case_id"):
        if chosen.case is None:
            continue
        parts, _changed = look(chosen, at=at)
        items = {item.path: item for item in chosen.items.select_related("exemption", "decided_by")}
        made.cases.append(_case(chosen.case, made, parts, items, say))
    return made


def _case(case: Case, made: Bundle, parts: dict[str, Part], items: dict[str, Item], say: Words) -> dict[str, Any]:
    kind, told = KINDS[case.kind], []
    for path, part in parts.items():
        item = items[path]
        name = " ".join(filter(None, (say(part.title), part.about)))
        if item.decision != Item.Choice.RELEASE:
            made.log.append(_logged(case, part, item, say))
        told.append({"sort": say(SORTS[part.sort]), "title": name, "text": _text(case, made, part, item, say)})
    outcome = kind.workflow.outcome(case.outcome)
    return {
        "reference": case.reference, "kind": say(kind.label),
        "category": case.category.code if case.category else "", "area": case.area.name if case.area else "",
        "opened_at": case.opened_at.isoformat(), "closed_at": case.closed_at.isoformat() if case.closed_at else "",
        "state": say(kind.workflow.state(case.state).label), "outcome": say(outcome.label) if outcome else "",
        "parts": told,
    }  # fmt: skip


def _text(case: Case, made: Bundle, part: Part, item: Item, say: Words) -> str:
    """What a reader finds in place of the part."""
    sign = f"[{item.exemption.code}]" if item.exemption else ""
    if item.decision == Item.Choice.REMOVE:
        return sign
    if part.sort == "photo":
        row = CaseFile.objects.get(pk=int(part.path.partition("/")[2]))
        name = f"photos/{case.reference}-{part.about}.{row.media_type.rpartition('/')[2].replace('jpeg', 'jpg')}"
        made.photos[name] = files.path_of(row.redacted_sha256 or row.sha256).read_bytes()
        return name
    return without(part.text, item.spans, sign=sign) if item.decision == Item.Choice.PART else part.text


def _logged(case: Case, part: Part, item: Item, say: Words) -> dict[str, str]:
    """One line of the log of what was removed: its sort and place, the exemption and who decided; never the words."""
    assert item.exemption and item.decided_by and item.decided_at
    whole = item.decision == Item.Choice.REMOVE
    extent = say(N_("the whole part")) if whole else say(N_("%(count)s passages")) % {"count": len(item.spans)}
    return {
        "case": case.reference, "part": say(SORTS[part.sort]),
        "which": " ".join(filter(None, (say(part.title), part.about))), "extent": extent,
        "exemption": item.exemption.code, "title": item.exemption.title, "basis": item.exemption.basis,
        "by": item.decided_by.name, "at": item.decided_at.isoformat(),
    }  # fmt: skip


def log_csv(made: Bundle) -> str:
    """The log of what was removed, as a table."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(LOG_COLUMNS)
    for row in made.log:
        writer.writerow([harmless(row[name]) for name in LOG_COLUMNS])
    return "\ufeff" + out.getvalue()


def packed(made: Bundle, pdf: bytes) -> bytes:
    """One ZIP file of documents, data, log and photos."""
    data = {
        "number": made.number, "agency": made.agency, "made_at": made.made_at, "asked_on": made.asked_on,
        "cases": made.cases, "redactions": made.log,
    }  # fmt: skip
    contents = {
        "records.pdf": pdf,
        "records.json": json.dumps(data, ensure_ascii=False, indent=2).encode(),
        "redaction-log.csv": log_csv(made).encode(),
        **made.photos,
    }
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in contents.items())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {**contents, "SHA256SUMS": sums.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def release(
    request: RecordsRequest, *, pdf: Callable[[Bundle], bytes], say: Words, actor: Actor, at: dt.datetime
) -> RecordsRequest:
    """Make the bundle, keep it by its hash, note on each case to whom it went. Raises `Invalid`."""
    if look_again(request, at=at):
        raise Invalid([Problem("items", NEW_PARTS)])
    with transaction.atomic():
        row = locked(request)
        chosen = list(row.cases.select_related("case", "hold").filter(case__isnull=False))
        _check(row, chosen, actor=actor)
        list(Case.objects.select_for_update().filter(pk__in=[one.case_id for one in chosen]).order_by("pk"))
        made = gather(row, at=at, say=say)
        body = packed(made, pdf(made))
        sha256 = hashlib.sha256(body).hexdigest()
        files.store(body, sha256)
        RecordsRequest.objects.filter(pk=row.pk).update(
            state=RecordsRequest.State.RELEASED, closed_at=at, closed_by_id=actor.staff_id, sha256=sha256
        )
        for one in chosen:
            _note(row, one, made, actor=actor, at=at)
        facts = {"cases": [one.case_id for one in chosen], "removed": len(made.log), "sha256": sha256}
        record(KIND, row.pk, "records_request.released", actor=actor, at=at, data=facts)
    row.refresh_from_db()
    return row


def _check(row: RecordsRequest, chosen: list[RequestedCase], *, actor: Actor) -> None:
    if not chosen:
        raise Invalid([Problem("references", NONE_CHOSEN)])
    numbers = [one.case_id for one in chosen if one.case_id]
    seen = set(Case.objects.visible_to(actor).filter(pk__in=numbers).values_list("pk", flat=True))
    unseen = [one.case for one in chosen if one.case and one.case.pk not in seen]
    problems = [Problem("references", NO_CASE, {"reference": case.reference}) for case in unseen]
    problems += [problem for one in chosen if one.case and (problem := refused(one.case, actor=actor))]
    if problems:
        raise Invalid(problems)
    waiting = Item.objects.filter(chosen__request=row, decision="").count()
    if waiting:
        raise Invalid([Problem("items", UNDECIDED, {"count": waiting})])


def _note(row: RecordsRequest, one: RequestedCase, made: Bundle, *, actor: Actor, at: dt.datetime) -> None:
    """To whom, why and when: on the case itself (RULES 2). The hold of the request ends."""
    assert one.case_id is not None and one.case is not None
    removed = sum(line["case"] == one.case.reference for line in made.log)
    record(
        "case", one.case_id, "case.disclosed", actor=actor, at=at, data={"request": row.pk, "removed": removed},
        personal={"text": f"{row.number}: {row.requester}", "reason": row.text},
    )  # fmt: skip
    let_go(one, actor=actor, at=at)
