"""How cases are worked: made from the declarations that the product itself follows, so that it cannot drift."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from commonbeat.cases.keeping import EVERY_OTHER
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.core.actor import INSIDERS
from commonbeat.core.retention import Retention
from commonbeat.core.workflow import State
from commonbeat.interfaces.access import actor_of, anyone
from commonbeat.interfaces.seeing import READS, SCOPES, WHO

HIDDEN = "–"


def _list(words: list[str]) -> str:
    """Words as they stand in a table: the first with a capital letter, commas between them."""
    text = ", ".join(words)
    return text[:1].upper() + text[1:]


def _sees(kind: Kind, role: str) -> str:
    return _list([gettext(SCOPES[scope]) for scope in kind.sees.get(role, ())]) or HIDDEN


def _roles(kind: Kind, *, widely: bool) -> str:
    """The roles that read cases of a kind by area or team, or those that read only what is given to them."""
    found = [role for role in READS if kind.sees.get(role) and (set(kind.sees[role]) != {"assigned"}) is widely]
    return ", ".join(gettext(WHO[role]) for role in found) or HIDDEN


def _standing(state: State) -> str:
    if state.closed:
        return gettext("Closed")
    return gettext("Waiting") if state.waits else gettext("Open")


def _kept(kind: Kind) -> list[dict[str, str]]:
    """How long cases are kept here, by how they ended: what the agency set, or else what is declared."""
    names = {outcome.slug: gettext(outcome.label) for outcome in kind.workflow.outcomes}
    names[EVERY_OTHER] = gettext("Every other")
    return [
        {"outcome": names.get(outcome, outcome), "kept": _days(kept), "why": gettext(kept.reason)}
        for outcome, kept in ((outcome, kind.keep(outcome)) for outcome in kind.retention)
    ]


def _days(kept: Retention) -> str:
    if kept.days is None:
        return gettext("For ever")
    words = ngettext("{n} day after the end", "{n} days after the end", kept.days)
    return words.format(n=number_format(kept.days, force_grouping=True))


def _steps(kind: Kind) -> list[dict[str, str]]:
    """What can be done with a case and by whom: for those who work here."""
    flow = kind.workflow
    return [
        {
            "label": gettext(step.label),
            "to": gettext(flow.state(step.to).label) if step.to is not None else HIDDEN,
            "who": _list(sorted(gettext(WHO.get(role, role)) for role in step.by)),
            "undo": gettext("Yes") if step.undo else gettext("No"),
            "tells": gettext("Yes") if "reporter" in step.tells else gettext("No"),
        }
        for step in flow.steps
    ]


@anyone
@require_safe
def how_we_work(request: HttpRequest) -> HttpResponse:
    """Every kind of case, and which roles see it."""
    kinds = sorted(KINDS, key=lambda kind: gettext(kind.plural))
    readers = [(kind, _roles(kind, widely=True), _roles(kind, widely=False)) for kind in kinds]
    return render(request, "pages/public/how.html", {"readers": readers})


@anyone
@require_safe
def how_of_kind(request: HttpRequest, slug: str) -> HttpResponse:
    """One kind of case: how it can stand, who sees it, what is known about people, how long it is kept."""
    if slug not in KINDS:
        raise Http404(slug)
    kind = KINDS[slug]
    flow = kind.workflow
    context: dict[str, Any] = {
        "kind": kind,
        "states": [{"label": s.label, "public": s.public, "standing": _standing(s)} for s in flow.states],
        "outcomes": [outcome for outcome in flow.outcomes if outcome.public],
        "sees": [(gettext(WHO[role]), _sees(kind, role)) for role in READS if kind.sees.get(role)],
        "kept": _kept(kind),
        "steps": _steps(kind) if actor_of(request).has(*INSIDERS) else [],
    }
    return render(request, "pages/public/how_of_kind.html", context)
