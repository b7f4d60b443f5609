"""Photos on their way to the public: parts are covered first, then a person says that nothing personal is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from commonbeat.cases import files
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseFile
from commonbeat.core.actor import WORKERS, Actor, Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.photos import PhotoRefused, Region
from commonbeat.core.text import N_
from commonbeat.core.workflow import NotAllowed
from commonbeat.journal.verbs import record
from commonbeat.publishing.models import PublicCase

RELEASERS = WORKERS | {Role.SUPERVISOR, Role.EDITOR, Role.RECORDS}
NO_REGION = N_("Mark at least one part of the photo that is to be covered.")
BAD_REGION = N_("Give each box a place and a size inside the picture, in numbers.")
CONFIRM = N_("Cover what is personal, or confirm that nothing personal is in the photo.")


def _check(photo: CaseFile, actor: Actor) -> None:
    if not actor.has(*RELEASERS):
        raise NotAllowed(N_("Preparing photos for the public needs the role of somebody who works cases."))
    if KINDS[photo.case.kind].sealed:
        raise NotAllowed(N_("Photos of this case stay inside: no copy of them is made, and none becomes public."))


@transaction.atomic
def redact_photo(photo: CaseFile, *, regions: Sequence[Region], actor: Actor, at: dt.datetime) -> CaseFile:
    """Keep a copy whose regions (x, y, width, height as fractions) are filled. The original stays for the case.

    A photo that was public is taken back first: a new copy needs a new look. Raises `Invalid`, `NotAllowed`.
    """
    _check(photo, actor)
    if not regions:
        raise Invalid([Problem("region", NO_REGION)])
    Case.objects.select_for_update().get(pk=photo.case_id)
    before = photo.redacted_sha256
    try:
        clean = files.redacted(photo, regions)
    except PhotoRefused:
        raise Invalid([Problem("region", BAD_REGION)]) from None
    photo.redacted_sha256, photo.regions, photo.public = clean.sha256, [list(r) for r in regions], False
    photo.save(update_fields=["redacted_sha256", "regions", "public"])
    _show(photo)
    if before and before != clean.sha256:
        transaction.on_commit(lambda: files.forget_if_unused(before))
    record(
        "case", photo.case_id, "case.photo_redacted", actor=actor, at=at,
        data={"file": photo.pk, "regions": len(regions)},
    )  # fmt: skip
    return photo


@transaction.atomic
def release_photo(photo: CaseFile, *, nothing_personal: bool, actor: Actor, at: dt.datetime) -> None:
    """Let the public see a photo: the covered copy, or the original when a person confirms that it shows nobody."""
    _check(photo, actor)
    if not photo.redacted_sha256 and not nothing_personal:
        raise Invalid([Problem("nothing_personal", CONFIRM)])
    Case.objects.select_for_update().get(pk=photo.case_id)
    CaseFile.objects.filter(pk=photo.pk).update(public=True)
    photo.public = True
    _show(photo)
    record(
        "case", photo.case_id, "case.photo_released", actor=actor, at=at,
        data={"file": photo.pk, "covered": bool(photo.redacted_sha256), "confirmed": nothing_personal},
    )  # fmt: skip


@transaction.atomic
def hide_photo(photo: CaseFile, *, actor: Actor, at: dt.datetime) -> None:
    """Take a photo back from the public."""
    _check(photo, actor)
    Case.objects.select_for_update().get(pk=photo.case_id)
    CaseFile.objects.filter(pk=photo.pk).update(public=False)
    photo.public = False
    _show(photo)
    record("case", photo.case_id, "case.photo_hidden", actor=actor, at=at, data={"file": photo.pk})


def _show(photo: CaseFile) -> None:
    """Bring the public card's photos up to date."""
    shown = list(
        CaseFile.objects.filter(case_id=photo.case_id, public=True).order_by("id").values_list("pk", flat=True)
    )
    PublicCase.objects.filter(pk=photo.case_id).update(media=shown)


def public_photo(file_id: int, *, at: dt.datetime) -> CaseFile | None:
    """The photo if the public may see it now: released, on a card that is shown."""
    photo = CaseFile.objects.filter(pk=file_id, public=True).first()
    if photo is None:
        return None
    on_card = PublicCase.objects.shown(at).filter(pk=photo.case_id, media__contains=[photo.pk])
    return photo if on_card.exists() else None
