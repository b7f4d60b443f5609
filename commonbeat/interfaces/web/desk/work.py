"""What was done on a case besides moving it: measurements, agreements, notices, repeats; on its page and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from commonbeat.cases import agreements, notices, sound
from commonbeat.cases.categories import categories
from commonbeat.cases.identity import IdentityClosed, open_contact
from commonbeat.cases.letters import letter_for
from commonbeat.cases.models import Case
from commonbeat.cases.repeats import repeats
from commonbeat.cases.story import Story
from commonbeat.cases.work_records import Agreement, Notice, SoundMeasurement
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Choice
from commonbeat.core.ids import reference as reference_of
from commonbeat.interfaces.access import staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.panels import ASIDE, PANELS, Panel

NUMBER = re.compile(r"[0-9]{1,18}")


def _label(choices: Iterable[Choice], key: str) -> str:
    return gettext(next((choice.label for choice in choices if choice.key == key), key))


def _repeats(story: Story, actor: Actor, shown: say.Words) -> dict[str, Any] | None:
    found = repeat_words(story.case, actor=actor, shown=shown)
    return {"repeats": found} if found else None


def _measurements(story: Story, actor: Actor, shown: say.Words) -> dict[str, Any] | None:
    if "measurements" not in story.records:
        return None
    rows = SoundMeasurement.objects.filter(case=story.case).select_related("measured_by").order_by("measured_at", "id")
    made = [_measurement(row, shown) for row in rows]
    return {"measurements": made}


def _agreements(story: Story, actor: Actor, shown: say.Words) -> dict[str, Any] | None:
    if "agreements" not in story.records:
        return None
    made = [
        agreement_words(row) | {"breaches": agreements.breaches(story.entries, row)}
        for row in Agreement.objects.filter(case=story.case).order_by("made_at", "id")
    ]
    return {"agreements": made}


def _notices(story: Story, actor: Actor, shown: say.Words) -> dict[str, Any] | None:
    if "notices" not in story.records:
        return None
    rows = Notice.objects.filter(case=story.case).prefetch_related("inspections").order_by("served_at", "id")
    made = [_notice(row, shown) for row in rows]
    return {"notices": made}


def declare() -> None:
    """The panels of the ways of working that categories switch on: one statement for each, however much there is."""
    work = "pages/desk/work"
    PANELS.add(Panel("notices", f"{work}/notices.html", _notices, procedure="notice"))
    PANELS.add(Panel("agreements", f"{work}/agreements.html", _agreements, procedure="agreement"))
    PANELS.add(Panel("measurements", f"{work}/measurements.html", _measurements, procedure="sound"))
    PANELS.add(Panel("repeats", f"{work}/repeats.html", _repeats, place=ASIDE))


def repeat_words(case: Case, *, actor: Actor, shown: say.Words) -> dict[str, Any] | None:
    """How often this place had such a concern, with the ones that this reader may see."""
    found = repeats(case, actor=actor, at=shown.at)
    if found is None:
        return None
    rows = [
        {
            "reference": reference_of(row["id"]), "opened": shown.local(row["opened_at"]), "address": row["address"],
            "state": say.outcome_label(row["kind"], row["outcome"]) or say.state_label(row["kind"], row["state"]),
        }
        for row in found.rows
    ]  # fmt: skip
    return {"count": found.count, "more": found.more, "rows": rows, "left": found.count - len(rows)}


def _measurement(row: SoundMeasurement, shown: say.Words) -> dict[str, Any]:
    return {
        "level": f"{row.level_db:g}", "at": shown.local(row.measured_at), "spot": _label(sound.SPOTS, row.spot),
        "background": f"{row.background_db:g}" if row.background_db is not None else "", "seconds": row.seconds,
        "instrument": row.instrument, "calibrated_on": row.calibrated_on, "source": row.limit_source,
        "who": row.measured_by.name if row.measured_by else "", "above": sound.is_above(row),
        "findings": [gettext(said.message) % said.params for said in sound.findings(row)],
    }  # fmt: skip


def agreement_words(row: Agreement) -> dict[str, Any]:
    """The terms of an agreement in words, in the language that is spoken now."""
    return {
        "pk": row.pk, "days": ", ".join(gettext(day) for day in agreements.days_of(row)), "terms": row.terms,
        "quiet_from": f"{row.quiet_from:%H:%M}", "quiet_until": f"{row.quiet_until:%H:%M}",
        "starts_on": row.starts_on, "review_on": row.review_on, "parties": row.parties.splitlines(),
        "consent": _label(agreements.CONSENTS, row.consent),
    }  # fmt: skip


def _notice(row: Notice, shown: say.Words) -> dict[str, Any]:
    looks = sorted(row.inspections.all(), key=lambda look: (look.inspected_at, look.pk))
    return {
        "pk": row.pk, "served": shown.local(row.served_at), "how": _label(notices.WAYS, row.how),
        "violations": row.violations, "cure_on": notices.cure_day(row, looks), "first_cure_on": row.cure_on,
        "looks": [
            {"at": shown.local(look.inspected_at), "found": _label(notices.FOUND, look.found),
             "extended_to": look.extended_to}
            for look in looks
        ],
    }  # fmt: skip


def _spoken(language: str) -> str:
    """The language of a letter: theirs when the pages have it, else the agency's first."""
    return language if translation.check_for_language(language) else "en"


def _case(request: HttpRequest, reference: str) -> Case:
    from commonbeat.interfaces.web.desk.case import read_case

    return read_case(request, reference)


@staff()
@never_cache
@require_safe
def agreement(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """An agreement to print and sign, in the reporter's language or another one."""
    case = _case(request, reference)
    row = Agreement.objects.filter(case=case, pk=number).first()
    if row is None:
        raise Http404
    language = _spoken(request.GET.get("language") or case.language)
    with translation.override(language):
        known = categories().get(case.category_id) if case.category_id else None
        context = {
            "case": case, "reference": case.reference, "agreement": agreement_words(row), "language": language,
            "category": known.text(language).name if known else "", "case_url": f"/desk/{case.reference}/",
            "rtl": translation.get_language_bidi(),
        }  # fmt: skip
    return render(request, "pages/desk/agreement.html", context)


@staff()
@never_cache
@require_POST
def notice_letter(request: HttpRequest, reference: str) -> HttpResponse:
    """The letter of a notice, in the owner's language. It names the owner, so that it was opened is logged."""
    case, at = _case(request, reference), timezone.now()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    number = request.POST.get("notice", "")
    asked = Notice.objects.filter(case=case, pk=int(number)) if NUMBER.fullmatch(number) else Notice.objects.none()
    row = asked.select_related("owner__person").first()
    if row is None:
        raise Http404
    try:
        person = open_contact(row.owner, actor=actor, at=at).person
    except IdentityClosed as closed:
        from commonbeat.interfaces.web.desk.case import read_story, show_story

        return show_story(request, read_story(request, reference), problem=gettext(str(closed)), status=403)
    language = _spoken(person.language if person else "en")
    with translation.override(language):
        cure_on = notices.cure_day(row, row.inspections.all())
        context = {
            "case": case, "reference": case.reference, "person": person, "notice": row, "language": language,
            "cure_on": cure_on, "letter": letter_for("serve", case, language=language, actor=actor, at=at,
                                                     cure_on=cure_on.isoformat(), violations=row.violations),
            "served_on": say.words(at=at).local(row.served_at)[:10], "case_url": f"/desk/{case.reference}/",
            "officer": actor.name, "rtl": translation.get_language_bidi(),
        }  # fmt: skip
    return render(request, "pages/desk/notice_letter.html", context)
