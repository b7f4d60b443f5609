"""Forms on one page that open a case of a kind without categories: for residents, and for staff at the counter."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext

from commonbeat.cases import files
from commonbeat.cases.actions import Opened, Report, act, open_case
from commonbeat.cases.danger import Alarm, alarms_of
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.community.agency import setting
from commonbeat.community.places import places
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.fields import Choice, Field, Invalid, Problem, ShowWhen
from commonbeat.core.text import N_
from commonbeat.interfaces.web.forms import FieldsForm, Options, form_for, label_of

BAD_EMAIL = N_("Enter an e-mail address such as rosa@example.org.")
BAD_PHONE = N_("Enter a telephone number with at least six digits.")
REACHED = frozenset({"email", "phone"})

WHERE = (
    Field("address", N_("Where was it?"), hint=N_("An address or a landmark. Leave it empty if it was nowhere.")),
    Field("area", N_("In which area?"), source="area"),
)
CONTACT = (
    Field(
        "who", N_("How may we reach you?"), "singlevaluelist", required=True,
        choices=(
            Choice("email", N_("By e-mail")), Choice("phone", N_("By telephone")),
            Choice("anonymous", N_("Not at all: I stay anonymous")),
        ),
    ),
    Field("email", N_("E-mail address"), personal=True, maximum=254, show_when=ShowWhen("who", frozenset({"email"}))),
    Field("phone", N_("Telephone number"), personal=True, maximum=40, show_when=ShowWhen("who", frozenset({"phone"}))),
    Field("name", N_("Your name"), personal=True, maximum=200, show_when=ShowWhen("who", REACHED)),
    Field("language", N_("In which language shall we write to you?"), source="language", required=True),
)  # fmt: skip
WAYS = {"phone": N_("Telephone"), "counter": N_("At the counter"), "paper": N_("Letter or paper form"),
        "meeting": N_("At a meeting")}  # fmt: skip
COUNTER = Field("channel", N_("How it came in"), source="channel", required=True, initial="counter")


@dataclass(frozen=True)
class OnePage:
    """A form of a kind: what it asks for in free words, and which other questions of the kind and the house.

    `where` asks for `address` and `area`, in words that fit; it is empty where the place says nothing. `then` is a step
    that the product takes in the same moment, such as telling whoever leads.
    """

    slug: str
    text: Field
    where: tuple[Field, ...] = WHERE
    then: str = ""

    def fields(self, *, staff: bool) -> tuple[Field, ...]:
        """Every question of the page, in order."""
        first = (COUNTER,) if staff else ()
        return (*first, self.text, *KINDS[self.slug].intake.fields, *self.where, *CONTACT)

    def form(self, data: Mapping[str, Any] | None = None, *, staff: bool = False) -> FieldsForm:
        """The form in the reader's language."""
        language = get_language() or "en"
        sources: dict[str, Options] = {
            "area": [(area.pk, area.name) for area in places().serving],
            "language": [(code, str(name)) for code, name in settings.LANGUAGES],
            "channel": [(way, gettext(label)) for way, label in WAYS.items()],
        }
        initial = {"language": language}
        return form_for(self.fields(staff=staff), data=data, language=language, sources=sources, initial=initial)

    def parts(self, form: FieldsForm) -> dict[str, list[Any]]:
        """The fields of a form by what they are about: the matter, the place, who writes."""
        places_, contact = {field.code for field in WHERE}, {field.code for field in CONTACT}
        made: dict[str, list[Any]] = {"matter": [], "place": [], "contact": []}
        for bound in form.visible_fields():
            made["place" if bound.name in places_ else "contact" if bound.name in contact else "matter"].append(bound)
        return made

    def alarms(self, form: FieldsForm) -> list[Alarm]:
        """Signs of danger in everything that was written freely."""
        typed = form.typed()
        written = [str(typed.get(item.code) or "") for item in form.declared if item.datatype == "text"]
        return alarms_of(None, text="\n".join(written), answers={}, language=get_language() or "en")

    @transaction.atomic
    def open(
        self, form: FieldsForm, *, uploads: tuple[str, ...], danger: Any, client_id: uuid.UUID | None, actor: Actor
    ) -> Opened:
        """Open the case, or find the one that this very form became before. Raises `Invalid`."""
        report, at = self._report(form.cleaned_data, uploads=uploads, danger=danger), timezone.now()
        opened = open_case(self.slug, report, actor=actor, at=at, client_id=client_id)
        if opened.replayed and client_id and opened.case.text != report.text.strip():
            # The form was changed into another one after it had arrived: it must not vanish.
            own = uuid.uuid5(client_id, report.text.strip())
            opened = open_case(self.slug, report, actor=actor, at=at, client_id=own)
        if self.then and not opened.replayed:
            act(opened.case, self.then, data={}, actor=SYSTEM, at=at)
        return opened

    def _report(self, given: Mapping[str, Any], *, uploads: tuple[str, ...], danger: Any) -> Report:
        who = str(given["who"])
        _check_contact(who, given)
        asked = {field.code for field in KINDS[self.slug].intake.fields}
        return Report(
            text=str(given["text"]), address=str(given.get("address") or ""),
            area_id=int(given["area"]) if given.get("area") else None,
            answers={code: value for code, value in given.items() if code in asked},
            name=str(given.get("name") or "") if who in REACHED else "",
            email=str(given.get("email") or "") if who == "email" else "",
            phone=str(given.get("phone") or "") if who == "phone" else "",
            told_by={"email": "email", "phone": "call"}.get(who, "none"), language=str(given["language"]),
            channel=str(given.get("channel") or "web"), uploads=uploads, danger=danger,
        )  # fmt: skip


def _check_contact(who: str, given: Mapping[str, Any]) -> None:
    if who == "email":
        try:
            validate_email(str(given.get("email") or ""))
        except ValidationError:
            raise Invalid([Problem("email", BAD_EMAIL)]) from None
    if who == "phone" and sum(c.isdigit() for c in str(given.get("phone") or "")) < 6:
        raise Invalid([Problem("phone", BAD_PHONE)])


def keep_photos(request: HttpRequest) -> tuple[list[str], Invalid]:
    """Tokens of the photos that were sent now or before, and what cannot be taken."""
    tokens, most = [token[:200] for token in request.POST.getlist("photo") if token], int(setting("max_photos"))
    problems: list[Problem] = []
    for sent in request.FILES.getlist("photos")[: max(most - len(tokens), 0)]:
        try:
            tokens.append(files.accept(sent.name or "photo", sent.read(), at=timezone.now()))
        except Invalid as refused:
            problems += [replace(problem, code="photos") for problem in refused.problems]
    return tokens[:most], Invalid(problems)


def client_id_of(request: HttpRequest) -> uuid.UUID | None:
    """The id that makes sending twice harmless; None when it is not one."""
    try:
        return uuid.UUID(request.POST.get("client_id", ""))
    except ValueError:
        return None


def answers_in_words(case: Case, *, language: str) -> list[dict[str, str]]:
    """What was answered to the kind's own questions, as people read it."""
    given: Mapping[str, Any] = case.details.get("answers") or {}
    told = []
    for item in KINDS[case.kind].intake.fields:
        value = given.get(item.code)
        if value in (None, "", [], False):
            continue
        labels = {choice.key: label_of(choice, language) for choice in item.choices}
        if isinstance(value, list):
            text = ", ".join(labels.get(str(one), str(one)) for one in value)
        elif item.datatype == "moment":
            text = str(value)[:16].replace("T", " ")
        else:
            text = gettext("Yes") if value is True else labels.get(str(value), str(value))
        told.append({"term": label_of(item, language), "text": text})
    return told
