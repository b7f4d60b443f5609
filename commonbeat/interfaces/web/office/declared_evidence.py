"""Editors of evidence: measures of incidents, and sources."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from commonbeat.evidence import tracked as rows
from commonbeat.evidence.models import CountedMeasure, IncidentSource
from commonbeat.interfaces.web.evidence.shared import READERS
from commonbeat.interfaces.web.office.editors import EDITORS, Column, Editor
from commonbeat.interfaces.web.office.forms.evidence import MeasureForm, SourceForm


def way_to(route: str, label: Any) -> dict[str, Any]:
    """The page that a list is reached from, where that is not the office's first page, which analysts do not have."""
    return {"way": {"url": reverse(route), "label": label}}


def _count_again(measure: Any) -> None:
    from commonbeat.evidence.tasks import refresh_measures

    refresh_measures.defer(source_id=measure.source_id)


MEASURES = EDITORS.add(
    Editor(
        tracked=rows.MEASURE,
        form=MeasureForm,
        title=gettext_lazy("Measures"),
        one=gettext_lazy("Measure"),
        add_label=gettext_lazy("Add a measure"),
        intro=gettext_lazy("What is counted of the incidents of a source. Pages, studies and reports read the same."),
        columns=(
            Column(gettext_lazy("Name"), "name"),
            Column(gettext_lazy("Source"), lambda row: row.source.name),
            Column(gettext_lazy("Only these sorts"), lambda row: ", ".join(row.categories)),
            Column(gettext_lazy("Residents see it"), lambda row: gettext("Yes") if row.public else gettext("No")),
        ),
        rows=lambda: CountedMeasure.objects.select_related("source").order_by("name"),
        search=("name",),
        roles=READERS,
        after=_count_again,
        list_context=lambda request: way_to("evidence", gettext_lazy("Evidence")),
    )
)

SOURCES = EDITORS.add(
    Editor(
        tracked=rows.SOURCE,
        form=SourceForm,
        title=gettext_lazy("Sources of incidents"),
        one=gettext_lazy("Source"),
        add_label="",
        intro=gettext_lazy(
            "What sources are called and what is said beside their numbers. Files are brought in under Evidence."
        ),
        columns=(
            Column(gettext_lazy("Name"), "name"),
            Column(gettext_lazy("What it counts"), "noun"),
            Column(gettext_lazy("Rows"), "rows", number=True),
        ),
        rows=lambda: IncidentSource.objects.order_by("name"),
        search=("name",),
        roles=READERS,
        adds=False,
        retires=False,  # asks for the reason and says what depends on it, under Evidence
        list_context=lambda request: way_to("evidence_sources", gettext_lazy("Sources")),
    )
)
