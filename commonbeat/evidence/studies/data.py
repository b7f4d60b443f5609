"""Where the counts of a study come from: a table that was brought in, or the department's own records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from commonbeat.core.text import N_
from commonbeat.evidence.studies.models import Dataset, Study

if TYPE_CHECKING:
    from commonbeat.evidence.models import IncidentSource
    from commonbeat.evidence.panels import PanelRequest
    from commonbeat.evidence.stats.panel import Panel


class NoData(LookupError):
    """The counts cannot be had; the message says why, in English or marked for translation."""


NOTHING = N_("This study has no numbers.")
TOO_SHORT = N_("No whole period lies between the first day and the last record.")


def panel_of(study: Study, *, dataset: Dataset | None = None) -> Panel:
    """All areas and whole periods that are known today, nobody treated. Raises NoData.

    `dataset` takes the place of the study's own numbers.
    """
    from commonbeat.evidence.studies.tables import read_table

    table = dataset or study.dataset
    if table is not None:
        return read_table(table.text, absent=0.0 if table.absent_is_zero else None, **names_of(table))
    if not study.request:
        raise NoData(NOTHING)
    from commonbeat.evidence.panels import CannotCount, build_panel

    try:
        return build_panel(request_of(study.request))
    except CannotCount as refused:
        raise NoData(str(refused)) from refused


def gone(source: IncidentSource) -> str:
    """What is said of a study whose incidents were deleted."""
    day = source.deleted_at.date().isoformat() if source.deleted_at else ""
    return _(
        "The incidents of “%(name)s” were deleted on %(day)s. The frozen plan keeps its fingerprint, and finished "
        "results stay; neither can be counted again. Reason given: %(reason)s"
    ) % {"name": source.name, "day": day, "reason": source.deleted_because}


def source_of(study: Study) -> IncidentSource | None:
    """The source whose incidents a study counts, if it counts any."""
    from commonbeat.evidence.models import IncidentSource

    slug = study.request.get("source") if study.request and study.dataset_id is None else None
    return IncidentSource.objects.filter(slug=slug).first() if slug else None


def names_of(table: Dataset) -> dict[str, Any]:
    """What is counted, of what, in what steps of time, as sentences need it."""
    return {"outcome_name": table.outcome_name, "unit_name": table.unit_name, "period_name": table.period_name}


def request_of(stored: Mapping[str, Any]) -> PanelRequest:
    """What to count, up to the last whole period of which there are records. Raises NoData."""
    from commonbeat.evidence.models import IncidentSource
    from commonbeat.evidence.panels import PanelRequest
    from commonbeat.evidence.periods import BadPeriods, Calendar, Period

    source = IncidentSource.objects.filter(slug=stored["source"]).first()
    start = dt.date.fromisoformat(stored["start"])
    period = Period(stored["period"])
    count = 0
    if source is not None and source.deleted_at is not None:
        raise NoData(gone(source))
    if source is not None and source.last_on is not None:
        after = source.last_on + dt.timedelta(days=1)
        try:
            while Calendar(start, count + 1, period).end <= after:
                count += 1
        except BadPeriods as refused:
            raise NoData(str(refused)) from refused
    if not count:
        raise NoData(TOO_SHORT)
    return PanelRequest(
        source=stored["source"], outcome=tuple(stored["outcome"]) or None, areas=stored["areas"], start=start,
        periods=count, period=period, population=stored["population"] or None,
    )  # fmt: skip


def labels_of(study: Study) -> dict[str, str]:
    """Names of the areas by the codes that the counts use; empty for tables, which bring names of their own."""
    if study.dataset_id is not None or not study.request:
        return {}
    from commonbeat.community.models import Area

    level, _, revision = study.request["areas"].partition("@")
    return dict(Area.objects.filter(level=level, revision=revision).values_list("code", "name"))
