"""Saved searches: keep a list under a name, be told when much of it is new."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from commonbeat.cases.inbox import VIEWS
from commonbeat.cases.models import SavedSearch
from commonbeat.cases.searches import change_search, delete_search, read_query, save_search
from commonbeat.core.fields import Invalid
from commonbeat.interfaces.access import staff
from commonbeat.interfaces.web.desk.options import chosen_labels
from commonbeat.interfaces.web.forms import say


@staff()
def searches(request: HttpRequest) -> HttpResponse:
    """All of one's saved searches; POST keeps a new one."""
    actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
    if request.method == "POST":
        try:
            made = save_search(request.POST.get("query", ""), name=request.POST.get("name", ""), actor=actor, at=at)
        except Invalid as refused:
            messages.error(request, " ".join(say(problem) for problem in refused.problems))
            return HttpResponseRedirect("/desk/?" + request.POST.get("query", "")[:1000].replace("\n", ""))
        messages.success(request, gettext("Saved as “%(name)s”.") % {"name": made.name})
        return HttpResponseRedirect("/desk/searches/")
    return show(request)


def show(request: HttpRequest, *, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    """The page of saved searches."""
    rows = []
    user_id = request.actor.user_id  # type: ignore[attr-defined]
    for row in SavedSearch.objects.filter(user_id=user_id).order_by("name"):
        wanted = read_query(row.query)
        limits = [gettext(VIEWS[wanted.view]), *(label for _, label in chosen_labels(wanted))]
        rows.append({"search": row, "shows": " · ".join([*limits, *([f"“{wanted.q}”"] if wanted.q else [])])})
    context = {"rows": rows, "errors": errors or [], "section": "saved_searches"}
    return render(request, "pages/desk/searches.html", context, status=422 if errors else 200)


def _own(request: HttpRequest, number: int) -> SavedSearch:
    user_id = request.actor.user_id  # type: ignore[attr-defined]
    found = SavedSearch.objects.filter(pk=number, user_id=user_id).first()
    if found is None:
        raise Http404
    return found


@staff()
def search(request: HttpRequest, number: int) -> HttpResponse:
    """GET opens the list; POST renames it, sets its number, or deletes it."""
    own = _own(request, number)
    if request.method != "POST":
        return HttpResponseRedirect(f"/desk/?{own.query}")
    actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
    if request.POST.get("delete"):
        delete_search(own, actor=actor, at=at)
        messages.success(request, gettext("Deleted."))
        return HttpResponseRedirect("/desk/searches/")
    try:
        change_search(
            own, name=request.POST.get("name", ""), threshold=_number(request.POST.get("threshold")),
            within_days=_number(request.POST.get("within_days")), actor=actor, at=at,
        )  # fmt: skip
    except Invalid as refused:
        return show(request, errors=[{"text": f"{own.name}: {say(problem)}"} for problem in refused.problems])
    messages.success(request, gettext("Saved."))
    return HttpResponseRedirect("/desk/searches/")


def _number(text: str | None) -> int | None:
    """What was typed as a number; -1, which no field takes, for what is none."""
    if not text or not text.strip():
        return None
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
