"""The document of a field report: a tagged PDF with its people, property, text, photos and their digests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commonbeat.cases import files
from commonbeat.cases.custody import custody
from commonbeat.cases.models import CaseFile
from commonbeat.cases.story import Story
from commonbeat.community.agency import current
from commonbeat.core.actor import Actor
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.case import read_story
from commonbeat.interfaces.web.desk.custody import link_words
from commonbeat.interfaces.web.kinds.field_report import words
from commonbeat.interfaces.web.kinds.field_report.listing import LISTERS
from commonbeat.interfaces.web.papers import pdf_answer, tagged_pdf
from commonbeat.journal.verbs import log_access
from commonbeat.kinds.field_report import needs
from commonbeat.kinds.field_report.models import FieldReport
from commonbeat.kinds.field_report.vocabulary import AGES, label

TEMPLATE = Path(__file__).with_name("report.typ")
WIDE = 640
"""Pixels of the longer side of a photo in the document; the whole one stays with the case."""


@staff(*LISTERS)
@never_cache
@require_safe
def paper(request: HttpRequest, reference: str) -> HttpResponse:
    """The PDF; that it was taken away is logged. Other cases have no such document."""
    actor, at, story = actor_of(request), timezone.now(), read_story(request, reference)
    if not FieldReport.objects.filter(pk=story.case.pk).exists():
        raise Http404
    log_access("case", story.case.pk, "exported", actor=actor, at=at, reason="field report")
    said, pictures = report_words(story, actor=actor, shown=say.words(at=at))
    return pdf_answer(render_report(said, pictures), story.case.reference)


def render_report(said: dict[str, Any], pictures: dict[str, bytes]) -> bytes:
    """The PDF/UA-1 document of a report's words and pictures."""
    return tagged_pdf(TEMPLATE, said, pictures=pictures)


def report_words(story: Story, *, actor: Actor, shown: say.Words) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the document says, and the pictures in it by file name."""
    case, report = story.case, words.report_in(story)
    stands, contents = words.standing(story, actor, shown), words.contents(story, actor, shown)
    photos, pictures = _photos(story, shown)
    facts = [
        (gettext("What happened"), stands["sort"]), (gettext("When"), stands["happened"]),
        (gettext("Where"), ", ".join(filter(None, (case.address, shown.area(case.area_id))))),
        (gettext("State"), stands["state"]), (gettext("Written by"), stands["author"] or story.assignee),
        (gettext("Sent in"), stands["submitted"]),
        (gettext("Approved by"), " · ".join(filter(None, (stands["approved_by"], stands["approved"])))),
        (gettext("Number in the records system"), stands["number"]),
    ]  # fmt: skip
    said = {
        "language": (get_language() or "en").split("-")[0], "reference": case.reference, "agency": current().name,
        "title": f"{gettext('Field report')} {case.reference}", "printed": shown.local(shown.at),
        "facts": [row for row in facts if row[1]], "about": case.text, "labels": _labels(),
        "draft": case.state not in {"approved", "finished", "supplemented"},
        "parts": [
            (title, getattr(report, name)) for name, title in words.headings().items() if getattr(report, name)
        ],
        "not_now": report.not_now, "answers": [(row["term"], row["text"]) for row in words.answered(report)],
        "people": [
            (title, gettext(label(AGES, party.age)), _named(party), party.note)
            for party, title in needs.titled(report)
        ],
        "items": [
            (row["role"], row["what"], row["marks"] or "–", row["worth"] or "–", row["place"] or "–")
            for row in contents["items"]
        ],
        "calls": [_call_line(row) for row in stands["calls"]],
        "supplements": [
            (f"{row['at']}, {row['who']} ({row['state']})", row["text"]) for row in contents["supplements"]
        ],
        "photos": photos,
    }  # fmt: skip
    return said, pictures


def _named(party: Any) -> str:
    """The name of somebody of age; who is under 18, or of unknown age, stays unnamed on paper (RULES 7)."""
    if party.age != "adult" or party.participant is None or party.participant.person is None:
        return gettext("name kept apart") if party.participant else gettext("not known")
    return party.participant.person.name or gettext("not known")


def _call_line(row: dict[str, Any]) -> str:
    asked = gettext("Sworn officers called %(at)s: %(why)s.") % {"at": row["asked"], "why": "; ".join(row["why"])}
    if not row["accepted"]:
        return f"{asked} {gettext('Nobody has taken it yet.')}"
    return asked + " " + gettext("Taken over by %(who)s %(at)s.") % {"who": row["accepted_by"], "at": row["accepted"]}


def _photos(story: Story, shown: say.Words) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Every photo with its digests and whether it is unchanged; pictures that are whole are shown."""
    rows, pictures = [], {}
    known = {row.pk: row for row in CaseFile.objects.filter(case_id=story.case.pk)}
    for link in custody(story.case):
        row = link_words(link, shown)
        name = ""
        if not link.flaws and link.file_id in known:
            name = f"photo-{link.number}.jpg"
            pictures[name] = files.small(known[link.file_id].sha256, WIDE)
        sound = gettext("Unchanged since it came in.") if not link.flaws else " ".join(row["flaws"])
        rows.append(
            {
                "title": gettext("Photo %(n)s") % {"n": link.number}, "picture": name, "sound": sound,
                "when": ", ".join(filter(None, (row["at"], row["who"]))), "original": link.original,
                "stored": link.stored, "entry": f"{row['entry']}: {row['hash']}",
            }
        )  # fmt: skip
    return rows, pictures


def _labels() -> dict[str, str]:
    """Headings of the document."""
    return {
        "inside": gettext("For work only: not for the public"), "printed": gettext("Printed"),
        "draft": gettext("Not approved yet"), "people": gettext("People"), "person": gettext("In the text"),
        "answers": gettext("Questions on what happened"),
        "age": gettext("Age"), "name": gettext("Name"), "note": gettext("What they have to do with it"),
        "items": gettext("Property"), "role": gettext("It was"), "what": gettext("What it is"),
        "marks": gettext("Serial number or marks"), "worth": gettext("Worth"), "place": gettext("Where it is now"),
        "calls": gettext("Sworn officers"), "supplements": gettext("Supplements"), "photos": gettext("Photos"),
        "original": gettext("As it was sent (SHA-256)"), "stored": gettext("As it is stored (SHA-256)"),
        "entry": gettext("Entry of the journal"), "came": gettext("Came in"),
        "not_now": gettext("Why no sworn officer was needed"),
    }  # fmt: skip
