"""The editor of sorts of incidents: who takes them, what their reports ask, and who reads these."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from commonbeat.core.actor import Role
from commonbeat.interfaces.web.office.editors import EDITORS, Column, Editor, yes
from commonbeat.interfaces.web.office.forms.incident_sorts import IncidentSortForm
from commonbeat.kinds.field_report.models import IncidentSort
from commonbeat.kinds.field_report.sorts import INCIDENT_SORT
from commonbeat.kinds.field_report.vocabulary import BY_LAW


def _context(row: IncidentSort, request: HttpRequest) -> dict[str, Any]:
    questions = {"url": reverse("office_sort_questions", kwargs={"pk": row.pk}), "label": gettext("Questions")}
    return {"title": gettext(row.name), "top_links": [questions]}


def _stays(row: IncidentSort) -> str:
    return gettext("The law leaves this to sworn officers. It stays in use.") if row.code in BY_LAW else ""


INCIDENT_SORTS = EDITORS.add(
    Editor(
        tracked=INCIDENT_SORT,
        form=IncidentSortForm,
        title=gettext_lazy("Sorts of incidents"),
        one=gettext_lazy("Sort of incident"),
        add_label=gettext_lazy("Add a sort"),
        intro=gettext_lazy(
            "What field reports and calls from dispatch are about: who may take it, what is asked, who reads it."
        ),
        columns=(
            Column(gettext_lazy("Name"), lambda row: gettext(row.name)),
            Column(gettext_lazy("Sworn officers only"), lambda row: yes(bool(row.sworn))),
            Column(gettext_lazy("A supervisor reads it"), lambda row: yes(row.approved)),
            Column(gettext_lazy("Questions"), lambda row: len(row.questions), number=True),
            Column(gettext_lazy("Offense code"), "offence"),
        ),
        rows=lambda: IncidentSort.objects.order_by("order", "pk"),
        search=("name", "code"),
        roles=(Role.ADMIN,),
        context=_context,
        stays=_stays,
        links=(("field_report_cards", gettext_lazy("Protocol cards")),),
    )
)
