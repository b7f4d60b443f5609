"""Routing beside its editor: order, explaining one report, trying rules on past cases."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from commonbeat.cases import routing, routing_actions
from commonbeat.cases.categories import by_code
from commonbeat.cases.models import RoutingRule
from commonbeat.community.models import Team, User
from commonbeat.core.actor import Role
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.office.forms.questions import split_answers
from commonbeat.interfaces.web.office.forms.routing import FactsForm, RoutingRuleForm

ROLES = (Role.ADMIN, Role.SUPERVISOR)
TRIED = 500

FAILED: dict[str, Any] = {
    "kind": gettext_lazy("another kind of case"),
    "category": gettext_lazy("another category"),
    "group": gettext_lazy("another group of categories"),
    "area": gettext_lazy("another area"),
    "language": gettext_lazy("another language"),
    "channel": gettext_lazy("another way in"),
    "hours": gettext_lazy("another time of day"),
    "weekdays": gettext_lazy("another day of the week"),
    "answer": gettext_lazy("another answer"),
    "area_officer": gettext_lazy("nobody is the officer of this area that day"),
    "user": gettext_lazy("the person has left"),
}


@staff(*ROLES)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a rule one place earlier or later."""
    rule = get_object_or_404(RoutingRule, pk=pk)
    up = request.POST.get("direction") == "up"
    routing_actions.move_rule(rule, up=up, actor=actor_of(request), at=timezone.now())
    return redirect("office_routingrule_list")


@staff(*ROLES)
def explain(request: HttpRequest) -> HttpResponse:
    """Which rule would take an imagined report, and why the ones before it did not."""
    start = {"language": "en", "channel": "web", "at": timezone.localtime()}
    form = FactsForm(request.GET if "category" in request.GET else None, initial=start)
    context: dict[str, Any] = {"form": form, "section": "office"}
    if form.is_bound and form.is_valid():
        context |= _explained(form.cleaned_data)
    return render(request, "pages/office/routing_explain.html", context, status=422 if form.errors else 200)


def _explained(data: dict[str, Any]) -> dict[str, Any]:
    known = by_code(data["category"])
    facts = routing.Facts(
        kind=known.row.kind if known else "",
        category=data["category"],
        group=known.text("en").group if known else None,
        area_id=data["area"].pk if data["area"] else None,
        language=data["language"],
        channel=data["channel"],
        at=data["at"],
        answers=split_answers(data["answers"]),
    )
    decided = routing.decide(facts, routing.rules(), at=data["at"])
    team = Team.objects.filter(pk=decided.team_id).first() if decided.team_id else None
    user = User.objects.filter(pk=decided.user_id).first() if decided.user_id else None
    rows = [
        {
            "cells": [
                {"text": look.rule},
                {"status": {"tone": "done", "label": _("Fits")}}
                if look.fitted
                else {"text": str(FAILED.get(look.failed, look.failed))},
            ]
        }
        for look in decided.looks
    ]
    target = " / ".join(found.name for found in (user, team) if found)
    return {"decided": decided, "target": target, "rows": rows, "columns": [{"label": _("Rule")}, {"label": _("Why")}]}


@staff(*ROLES)
def trial(request: HttpRequest) -> HttpResponse:
    """What the rules of today would have done with past cases."""
    found = routing_actions.try_out(routing.rules(), actor=actor_of(request), last=TRIED)
    return render(request, "pages/office/routing_trial.html", _trial(found))


@staff(*ROLES)
@require_POST
def try_rule(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """What past cases would have got with a rule as it is typed, before it is saved."""
    stored = get_object_or_404(RoutingRule, pk=pk) if pk else RoutingRule()
    form = RoutingRuleForm(request.POST, instance=stored)
    if not form.is_valid():
        return render(request, "pages/office/routing_trial.html", {"form": form, "section": "office"}, status=422)
    draft = form.instance
    draft.when = form.when()
    before = routing_actions.try_out(routing.rules(), actor=actor_of(request), last=TRIED)
    after = routing_actions.try_out(routing_actions.with_draft(draft), actor=actor_of(request), last=TRIED)
    same = {(c.case.pk, c.after) for c in before.changed}
    changed = [c for c in after.changed if (c.case.pk, c.after) not in same]
    found = routing_actions.Trial(after.tried, changed, after.nowhere)
    return render(request, "pages/office/routing_trial.html", _trial(found) | {"draft": draft.name})


def _trial(found: routing_actions.Trial) -> dict[str, Any]:
    rows = [
        {
            "cells": [
                {"text": change.case.reference, "url": f"/desk/{change.case.reference}/"},
                {"text": change.before or _("nobody"), "label": _("Went to")},
                {"text": change.after or _("nobody"), "label": _("Would go to")},
                {"text": change.rule or _("no rule fits"), "label": _("By this rule")},
            ]
        }
        for change in found.changed[:200]
    ]
    columns = [{"label": _("Case")}, {"label": _("Went to")}, {"label": _("Would go to")}, {"label": _("By this rule")}]
    return {"trial": found, "count": len(found.changed), "rows": rows, "columns": columns, "section": "office"}
