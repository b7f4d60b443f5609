"""The editor of the agency's exemptions from the law on public records."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonbeat.interfaces.web.office.editors import EDITORS, Column, Editor
from commonbeat.interfaces.web.office.forms.exemptions import ExemptionForm
from commonbeat.publishing.records.actions import READERS
from commonbeat.publishing.records.models import Exemption
from commonbeat.publishing.records.parts import SORTS
from commonbeat.publishing.records.tracked import EXEMPTION


def _sorts(row: Any) -> str:
    return ", ".join(_(SORTS[sort]) for sort in row.sorts if sort in SORTS)


EXEMPTIONS = EDITORS.add(
    Editor(
        tracked=EXEMPTION,
        form=ExemptionForm,
        title=gettext_lazy("Exemptions"),
        one=gettext_lazy("Exemption"),
        add_label=gettext_lazy("Add an exemption"),
        intro=gettext_lazy("Why a part of a record may be kept back when somebody asks for it, as your law says."),
        columns=(
            Column(gettext_lazy("Code"), "code"),
            Column(gettext_lazy("Name"), "title"),
            Column(gettext_lazy("Legal basis"), "basis"),
            Column(gettext_lazy("Proposed for"), _sorts),
        ),
        rows=lambda: Exemption.objects.order_by("code"),
        search=("code", "title", "basis"),
        roles=READERS,
        links=(("records_requests", gettext_lazy("Requests for records")),),
    )
)
