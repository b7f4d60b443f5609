"""Sending a tip: one page with a few questions, then the code to come back with, shown this once."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from commonbeat.cases import sealed_files
from commonbeat.cases.actions import Report, open_case
from commonbeat.cases.categories import Known, offered
from commonbeat.cases.danger import Alarm, alarms_of
from commonbeat.community.keyring import secret
from commonbeat.community.places import places
from commonbeat.core.actor import ANONYMOUS
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.public.alarm import note_shown, shown_before, unanswered
from commonbeat.interfaces.web.tip.frame import WRONG, form_id, new_form, page, show
from commonbeat.kinds.tip.kind import CHANNEL, TIP

FIELDS = (
    Field("category", N_("What is it about?"), source="category", required=True),
    Field(
        "text", N_("What happened, or what is going to happen?"), "text", required=True,
        hint=N_("Write what you saw or heard. Leave out what only you can know, and anything about yourself."),
    ),
    Field("address", N_("Where?"), hint=N_("An address, a corner, a place that people know.")),
    Field("area", N_("In which part of the city?"), source="area", hint=N_("It helps us to find the right person.")),
    *TIP.intake.fields,
)  # fmt: skip
_KIND = {item.code for item in TIP.intake.fields}
TOO_OLD = N_("This page was open for more than a day. Everything that you typed is still here: send it again.")


@dataclass
class Typed:
    """A tip as it was typed: the page's questions, those of its category, and photos that wait under their tokens."""

    form: FieldsForm
    questions: FieldsForm | None
    known: Known | None
    uploads: list[str]

    @property
    def answers(self) -> dict[str, Any]:
        """The answers of the kind and of the category."""
        own = {code: value for code, value in self.form.cleaned_data.items() if code in _KIND}
        return own | (self.questions.cleaned_data if self.questions else {})

    def alarms(self, language: str) -> list[Alarm]:
        """What was typed of danger, right or wrong."""
        typed = self.form.typed()
        said = "\n".join(str(typed.get(code) or "") for code in ("text", *_KIND))
        return alarms_of(self.known, text=said, answers=self.questions.typed() if self.questions else {},
                         language=language)  # fmt: skip


def tip_categories() -> list[Known]:
    """The categories that somebody can send a tip about."""
    return offered(CHANNEL)


def _form(language: str, data: Any = None) -> FieldsForm:
    sources = {
        "category": [(known.row.pk, known.text(language).name) for known in tip_categories()],
        "area": [(area.pk, area.name) for area in places().serving],
    }
    return form_for(FIELDS, data=data, language=language, sources=sources)


def _read(request: HttpRequest, language: str) -> tuple[Typed, list[Problem]]:
    data = request.POST
    known = next((one for one in tip_categories() if str(one.row.pk) == data.get("category")), None)
    first = data.get("asked") != str(known.row.pk) if known else True
    questions = None
    if known and known.fields:  # a category with questions of its own shows them after it was chosen
        questions = form_for(known.fields, data=None if first else data, language=language, prefix="a")
    uploads = [token[:200] for token in data.getlist("upload")][:20]
    problems: list[Problem] = []
    for sent in request.FILES.getlist("photo"):
        try:
            uploads.append(sealed_files.accept(sent.name or _("Photo"), sent.read(), at=timezone.now()))
        except Invalid as refused:
            problems += refused.problems
    return Typed(_form(language, data), questions, known, uploads), problems


@page("tip")
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """The page for a tip; sending it shows the code. An error or a question of danger loses nothing that was typed."""
    language, at = get_language() or "en", timezone.now()
    if request.method == "GET":
        return show(request, "send", {"form": _form(language), "token": new_form(), "offered": tip_categories()})
    typed, problems = _read(request, language)
    number, shown = form_id(request.POST.get("token", "")), request.POST.get("danger", "")
    if number is None:
        problems.append(Problem("form", TOO_OLD))
    parts = [part for part in (typed.form, typed.questions) if part is not None]
    if not all([*(part.is_valid() for part in parts), not problems]):
        typed.form.add_problems(Invalid(problems))
        return _again(request, typed, status=WRONG)
    alarm = unanswered(typed.alarms(language), shown)
    if alarm:
        return _again(request, typed, alarm=alarm, danger=note_shown(alarm, shown, at=at))
    given = typed.form.cleaned_data
    report = Report(
        category_id=int(given["category"]), text=given["text"], address=given.get("address", ""),
        area_id=int(given["area"]) if given.get("area") else None, answers=typed.answers, language=language,
        channel=CHANNEL, uploads=tuple(typed.uploads), danger=shown_before(shown),
    )  # fmt: skip
    try:
        opened = open_case(TIP.slug, report, actor=ANONYMOUS, at=at, client_id=_id(str(number), report))
    except Invalid as refused:
        typed.form.add_problems(refused)
        return _again(request, typed, status=WRONG)
    return show(request, "receipt", {"code": opened.code}, status=200 if opened.replayed else 201)


def _id(number: str, report: Report) -> uuid.UUID:
    """The row's id: the same form with the same words is the same tip, and no page shows what it was made of."""
    said = f"{number}/{report.category_id}/{report.address}/{report.text}".encode()
    return uuid.UUID(bytes=hashlib.blake2b(said, key=secret("tips"), digest_size=16).digest(), version=5)


def _again(
    request: HttpRequest, typed: Typed, *, alarm: Alarm | None = None, danger: str = "", status: int = 200
) -> HttpResponse:
    """The page once more with everything on it; a new token only where the old one is of no use."""
    old = request.POST.get("token", "")
    context = {
        "form": typed.form, "questions": typed.questions, "uploads": typed.uploads, "alarm": alarm,
        "words": alarm.said if alarm else [], "danger": danger or request.POST.get("danger", ""),
        "asked": typed.known.row.pk if typed.known else "", "offered": tip_categories(),
        "token": old if form_id(old) else new_form(),
    }  # fmt: skip
    return show(request, "send", context, status=status)
