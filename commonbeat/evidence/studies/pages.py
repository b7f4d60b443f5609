"""What the public is told of a study: written by one person, published by a second, withdrawn with a reason.

A finding that is null is told like any other: a page may also be published before there is a result.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, QuerySet

from commonbeat.core.actor import Actor, Role
from commonbeat.core.personal_data import Finding, find_personal
from commonbeat.core.text import N_
from commonbeat.evidence.studies.actions import SUBJECT, Refused, latest_plan
from commonbeat.evidence.studies.models import PlanVersion, Run, Study, StudyPage
from commonbeat.journal.verbs import record

PUBLISHERS = (Role.EDITOR, Role.SUPERVISOR, Role.ADMIN)
FIELDS = ("title", "tried", "next")
LONGEST = {"title": 120, "tried": 2000, "next": 2000}


def personal_in(words: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """What in the words surely points at a person."""
    return [
        found
        for language, fields in words.items()
        for text in fields.values()
        for found in find_personal(text, language=language)
        if found.sure
    ]


def latest_result(study: Study) -> tuple[PlanVersion | None, Run | None]:
    """The frozen plan that counts and its latest finished run."""
    plan = latest_plan(study)
    run = plan.runs.filter(state=Run.State.DONE).order_by("-id").first() if plan else None
    return plan, run


def write_page(
    study: Study, *, words: Mapping[str, Mapping[str, str]], version: int, actor: Actor, at: dt.datetime
) -> StudyPage:
    """Keep the words of the page. What is published is withdrawn first, with a reason."""
    plan, run = latest_result(study)
    if plan is None:
        raise Refused(N_("Freeze the plan first: the page tells what was decided beforehand."))
    if not any(fields.get("tried") for fields in words.values()):
        raise Refused(N_("Say what was tried, in at least one language."))
    kept = {language: {name: fields.get(name, "") for name in FIELDS} for language, fields in words.items()}
    told = {"words": kept, "plan": plan, "run": run, "drafted_by_id": actor.staff_id, "drafted_at": at}
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)
        if published().filter(pk=study.pk).exists():
            raise Refused(N_("This is published. A publisher withdraws it first and says why; then it can be changed."))
        changed = StudyPage.objects.filter(pk=study.pk, version=version).update(
            state=StudyPage.State.DRAFT, version=F("version") + 1, published_by=None, published_at=None,
            withdrawn_reason="", **told,
        )  # fmt: skip
        if not changed:
            if version or StudyPage.objects.filter(pk=study.pk).exists():
                raise Refused(N_("Somebody else changed or published this in the meantime. Open it again."))
            StudyPage.objects.create(study=study, **told)
        record(SUBJECT, study.pk, "study.page_written", actor=actor, at=at,
               data={"languages": sorted(kept), "run": run.pk if run else None})  # fmt: skip
    return StudyPage.objects.get(pk=study.pk)


def publish_page(page: StudyPage, *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Publish as a second person."""
    if not actor.has(*PUBLISHERS):
        raise Refused(N_("Publishing needs the role of a publisher, supervisor or administrator."))
    if page.drafted_by_id == actor.user_id:
        raise Refused(N_("You wrote this. A second person has to publish it."))
    if personal_in(page.words):
        raise Refused(N_("This names personal data. Remove it before it is published."))
    with transaction.atomic():
        changed = StudyPage.objects.filter(pk=page.pk, version=version, state=StudyPage.State.DRAFT).update(
            state=StudyPage.State.PUBLISHED, published_by=actor.staff_id, published_at=at, version=F("version") + 1
        )
        if not changed:
            raise Refused(N_("Somebody else changed or published this in the meantime. Open it again."))
        Study.objects.select_for_update().get(pk=page.pk)
        record(SUBJECT, page.pk, "study.published", actor=actor, at=at, audience="public",
               data={"plan": page.plan.number, "run": page.run_id})  # fmt: skip
    page.refresh_from_db()


def withdraw_page(page: StudyPage, *, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Take the page back. That it was there, and why it went, stays on record."""
    if not actor.has(*PUBLISHERS):
        raise Refused(N_("Withdrawing needs the role of a publisher, supervisor or administrator."))
    if not reason.strip():
        raise Refused(N_("Say why you withdraw it. The reason stays on record."))
    with transaction.atomic():
        changed = StudyPage.objects.filter(pk=page.pk, state=StudyPage.State.PUBLISHED).update(
            state=StudyPage.State.WITHDRAWN, withdrawn_reason=reason.strip()[:400], version=F("version") + 1
        )
        if not changed:
            raise Refused(N_("This is not published."))
        Study.objects.select_for_update().get(pk=page.pk)
        record(SUBJECT, page.pk, "study.withdrawn", actor=actor, at=at, data={"reason": reason.strip()[:400]})
    page.refresh_from_db()


def published() -> QuerySet[StudyPage]:
    """Pages that everybody may read, the newest first."""
    rows = StudyPage.objects.filter(state=StudyPage.State.PUBLISHED).select_related("study", "plan", "run")
    return rows.order_by("-published_at", "-pk")
