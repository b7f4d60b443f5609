"""Studies depend on the sources that they count: who ends a source is told of them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commonbeat.core.text import N_
from commonbeat.evidence.ending import DEPENDANTS, Dependants
from commonbeat.evidence.models import IncidentSource
from commonbeat.evidence.studies.models import Study


def _studies(source: IncidentSource) -> list[str]:
    rows = Study.objects.filter(request__source=source.slug, dataset=None).prefetch_related("plans").order_by("title")
    return [_("%(title)s (frozen plan)") % {"title": row.title} if row.plans.all() else row.title for row in rows]


DEPENDANTS.add(Dependants("studies", N_("Studies that count its incidents anew"), _studies))
