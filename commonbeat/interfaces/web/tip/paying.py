"""Paying the reward of a tip: by its code alone, for staff who see nothing of the tip."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from commonbeat.core.actor import Role
from commonbeat.core.fields import Invalid
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.forms import say
from commonbeat.kinds.tip.reward import find, pay

PAYERS = (Role.RECORDS, Role.SUPERVISOR)


@staff(*PAYERS)
@never_cache
@limited("code")
@require_http_methods(["GET", "POST"])
def rewards(request: HttpRequest) -> HttpResponse:
    """Enter the code, read the amount, pay it, and note the number of the payment."""
    code, number, at = request.POST.get("code", "")[:60], request.POST.get("number", "")[:80], timezone.now()
    context: dict[str, Any] = {"code": code, "number": number, "section": "office", "errors": {}}
    if request.method == "POST":
        try:
            if request.POST.get("deed") == "pay":
                context |= {"amount": pay(code, number=number, actor=actor_of(request), at=at), "done": True}
            else:
                context["amount"] = find(code, at=at).data["amount"]
        except Invalid as refused:
            context["errors"] = {problem.code: say(problem) for problem in refused.problems}
            if "number" in context["errors"]:
                context["amount"] = find(code, at=at).data["amount"]
    return render(request, "pages/tip/rewards.html", context, status=422 if context["errors"] else 200)
