"""What can be reported, as Open311 says it: discovery, services, and their definitions from category questions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from commonbeat.cases.categories import Known, offered
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.community.agency import current
from commonbeat.community.places import locate
from commonbeat.community.reference import stamp_of
from commonbeat.core.fields import Field
from commonbeat.interfaces.api.open311.asking import instant
from commonbeat.interfaces.api.open311.replies import CONTENT_TYPES

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANNEL = "open311"
_FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def reportable() -> list[tuple[Kind, Known]]:
    """Every category that takes reports through Open311, with its kind."""
    return [(KINDS[known.row.kind], known) for known in offered(CHANNEL)]


def questions(kind: Kind, known: Known) -> tuple[Field, ...]:
    """What a report of this category is asked: the kind's own questions first."""
    return kind.intake.fields + known.fields


def changeset() -> str:
    """A version in the form of a moment, as the specification wants it: it moves with every change of a category.

    It is no wall clock: one second per change since the first.
    """
    return instant(_FIRST + dt.timedelta(seconds=stamp_of("categories") + stamp_of("agency"))) or ""


def discovery() -> dict[str, Any]:
    """Where the endpoint is and whom to ask for a key."""
    agency = current()
    contact = agency.email or agency.non_emergency_number or settings.SITE_URL
    said = _("%(agency)s gives keys. Write to %(contact)s and say which program will send reports.")
    endpoint = {
        "specification": SPECIFICATION, "url": settings.SITE_URL + reverse("open311-v2").rstrip("/"),
        "changeset": changeset(), "type": "test" if settings.DEMO else "production",
        "formats": [kind.partition(";")[0] for kind in CONTENT_TYPES.values()],
    }  # fmt: skip
    return {
        "changeset": changeset(),
        "contact": f"{agency.name}, {contact}",
        "key_service": said % {"agency": agency.name, "contact": contact},
        "endpoints": [endpoint],
    }


def services(language: str, *, lat: float | None = None, long: float | None = None) -> list[dict[str, Any]]:
    """The service list in a language; none for a place that we do not serve."""
    if lat is not None and long is not None and not locate(lat=lat, long=long).inside:
        return []
    return [_service(kind, known, language) for kind, known in reportable()]


def _service(kind: Kind, known: Known, language: str) -> dict[str, Any]:
    text = known.text(language)
    return {
        "service_code": known.row.code, "service_name": text.name, "description": text.description or None,
        "metadata": bool(questions(kind, known)), "type": "realtime",
        "keywords": ",".join(str(word).replace(",", " ") for word in text.keywords), "group": text.group,
    }  # fmt: skip


def definition(kind: Kind, known: Known, language: str) -> dict[str, Any]:
    """The questions of a category; one that depends on another answer is optional and says so."""
    asked = questions(kind, known)
    return {
        "service_code": known.row.code,
        "attributes": [_attribute(item, order, language) for order, item in enumerate(asked, start=1)],
    }


def _attribute(item: Field, order: int, language: str) -> dict[str, Any]:
    hint = item.hints.get(language) or _translated(item.hint)
    if item.show_when:
        only = _("Only if %(question)s is: %(answers)s.")
        said = only % {"question": item.show_when.code, "answers": ", ".join(sorted(item.show_when.among))}
        hint = f"{hint} {said}".strip()
    attribute = {
        "variable": True, "code": item.code, "datatype": item.datatype,
        "required": item.required and item.show_when is None, "datatype_description": hint or None, "order": order,
        "description": item.labels.get(language) or _translated(item.label),
    }  # fmt: skip
    if item.datatype == "boolean":
        yes_or_no = [{"key": "true", "name": _("Yes")}, {"key": "false", "name": _("No")}]
        return attribute | {"datatype": "singlevaluelist", "values": yes_or_no}
    if item.datatype in {"singlevaluelist", "multivaluelist"}:
        names = [{"key": c.key, "name": c.labels.get(language) or _translated(c.label)} for c in item.choices]
        return attribute | {"values": names}
    if item.datatype in {"moment", "time"}:  # ours; the standard knows only moments
        return attribute | {"datatype": "datetime" if item.datatype == "moment" else "string"}
    return attribute


def _translated(text: str) -> str:
    return _(text) if text else ""
