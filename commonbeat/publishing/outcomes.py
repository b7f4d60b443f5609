"""Outcomes: resolving drafts what the public is told, a second person publishes it, anybody can see who decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from commonbeat.cases.deed import Deed
from commonbeat.core.actor import Actor, Role
from commonbeat.core.personal_data import Finding, find_personal
from commonbeat.core.plain_language import Readability, readability
from commonbeat.core.text import N_
from commonbeat.journal.verbs import record
from commonbeat.publishing.models import Publication, PublicCase
from commonbeat.publishing.reads import words_of

OUTCOME_FIELDS = ("title", "said", "did")
PUBLISHERS = frozenset({Role.EDITOR, Role.SUPERVISOR, Role.ADMIN})


class CannotPublish(Exception):
    """This must not be published as it stands; the message says what to do."""


@dataclass(frozen=True)
class Review:
    """What a publisher should know before publishing: how hard it reads, and what looks personal."""

    reading: Mapping[str, Readability]
    personal: Mapping[str, list[Finding]]


def draft_outcome(deed: Deed) -> None:
    """Draft the public outcome of a case that is being resolved; resolving again rewrites an unpublished draft."""
    words = {deed.case.language: {"title": "", "said": "", "did": str(deed.data.get("message") or "")}}
    found = Publication.objects.filter(case_number=deed.case.pk).first()
    if found:
        if found.state == Publication.State.DRAFT:
            Publication.objects.filter(pk=found.pk).update(
                words=words, drafted_by=deed.actor.user_id, drafted_at=deed.at
            )
        return
    deed.make(
        Publication(
            kind="outcome", case_number=deed.case.pk, category_id=deed.case.category_id, area_id=deed.case.area_id,
            language=deed.case.language, words=words, drafted_by_id=deed.actor.user_id, drafted_at=deed.at,
        )
    )  # fmt: skip


def draft_anew(case_number: int) -> None:
    """A withdrawn publication becomes a draft again, to be published anew; the journal keeps what it was."""
    Publication.objects.filter(case_number=case_number, state=Publication.State.WITHDRAWN).update(
        state=Publication.State.DRAFT, version=F("version") + 1, published_by=None, published_at=None,
        withdrawn_at=None, withdrawn_reason="", facts=[],
    )  # fmt: skip


def review(words: Mapping[str, Mapping[str, str]]) -> Review:
    """Grade and search the words of a publication, language by language."""
    whole = {
        language: "\n".join(text for name, text in fields.items() if name in OUTCOME_FIELDS)
        for language, fields in words.items()
    }
    return Review(
        {language: readability(text, language=language) for language, text in whole.items()},
        {language: find_personal(text, language=language) for language, text in whole.items()},
    )


def personal_in_facts(publication: Publication) -> list[Finding]:
    """What looks personal in the texts that stand beside the words, such as promises of a meeting."""
    texts = (str(text) for fact in publication.facts for text in (fact.get("params") or {}).values())
    return find_personal("\n".join(texts), language=publication.language)


@transaction.atomic
def edit(
    publication: Publication, *, words: Mapping[str, Mapping[str, str]], actor: Actor, at: dt.datetime, version: int
) -> None:
    """Change the words of a draft; whoever changes them is its drafter. Raises `CannotPublish`."""
    changed = Publication.objects.filter(pk=publication.pk, version=version, state=Publication.State.DRAFT).update(
        version=F("version") + 1, words=words, drafted_by=actor.user_id, drafted_at=at
    )
    if not changed:
        raise CannotPublish(N_("Somebody else changed or published this in the meantime. Open it again."))
    record("publication", publication.pk, "publication.edited", actor=actor, at=at, data={"languages": sorted(words)})
    publication.refresh_from_db()


@transaction.atomic
def publish(
    publication: Publication, *, actor: Actor, at: dt.datetime, version: int, accept_personal: bool = False
) -> None:
    """Publish a draft that somebody else wrote. Raises `CannotPublish` with what to do."""
    if not actor.has(*PUBLISHERS):
        raise CannotPublish(N_("Publishing needs the role of a publisher, supervisor or administrator."))
    if publication.drafted_by_id == actor.user_id:
        raise CannotPublish(N_("You wrote this. A second person has to publish it."))
    shown = words_of(publication, language=publication.language, by_people=True)
    if not f"{shown.title}{shown.did}".strip():
        raise CannotPublish(N_("There is nothing to publish yet. Write what was done."))
    certain = [f for found in review(publication.words).personal.values() for f in found if f.sure]
    certain += [f for f in personal_in_facts(publication) if f.sure]
    if certain and not accept_personal:
        raise CannotPublish(N_("This names personal data. Remove it, or say that it may be public."))
    changed = Publication.objects.filter(pk=publication.pk, version=version, state=Publication.State.DRAFT).update(
        version=F("version") + 1, state="published", published_by=actor.user_id, published_at=at
    )
    if not changed:
        raise CannotPublish(N_("Somebody else changed or published this in the meantime. Open it again."))
    publication.refresh_from_db()
    record("publication", publication.pk, "publication.published", actor=actor, at=at, audience="public",
           data={"case": publication.case_number, "accepted_personal": bool(certain)})  # fmt: skip
    _show_on_card(publication)


@transaction.atomic
def withdraw(publication: Publication, *, actor: Actor, at: dt.datetime, reason: str) -> None:
    """Take a publication back from every page and feed; that it was there stays in the journal."""
    if not actor.has(*PUBLISHERS):
        raise CannotPublish(N_("Withdrawing needs the role of a publisher, supervisor or administrator."))
    take_back(publication, actor=actor, at=at, reason=reason)


@transaction.atomic
def take_back(publication: Publication, *, actor: Actor, at: dt.datetime, reason: str) -> None:
    """Withdraw without asking for a role: what was published is no longer so, as when its matter was opened again."""
    changed = Publication.objects.filter(pk=publication.pk, state="published").update(
        version=F("version") + 1, state="withdrawn", withdrawn_at=at, withdrawn_reason=reason
    )
    if not changed:
        raise CannotPublish(N_("This is not published."))
    record("publication", publication.pk, "publication.withdrawn", actor=actor, at=at, data={"reason": reason})
    publication.refresh_from_db()
    if publication.case_number:
        PublicCase.objects.filter(pk=publication.case_number).update(answer="", text="")


def _show_on_card(publication: Publication) -> None:
    if publication.case_number is None:
        return
    words = words_of(publication, language=publication.language, by_people=True)
    PublicCase.objects.filter(pk=publication.case_number).update(answer=words.did, text=words.said)
