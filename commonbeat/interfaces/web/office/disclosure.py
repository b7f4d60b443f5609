"""Requests for public records: who asked for what, which cases, part by part what leaves, and what was released."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django import forms
from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from commonbeat.cases import files
from commonbeat.cases.inbox import Wanted, desk_of, inbox
from commonbeat.cases.models import Case, SavedSearch
from commonbeat.community.agency import local_day
from commonbeat.core.fields import Invalid
from commonbeat.core.ids import reference as reference_of
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import say
from commonbeat.interfaces.web.office.disclosure_paper import make_pdf
from commonbeat.interfaces.web.office.disclosure_words import part_rows, read_decisions
from commonbeat.journal.verbs import log_access
from commonbeat.publishing.records import actions
from commonbeat.publishing.records.bundle import release
from commonbeat.publishing.records.models import Exemption, Item, RecordsRequest
from commonbeat.publishing.records.parts import SORTS, parts_of

STATES = {
    "open": gettext_lazy("Open"), "released": gettext_lazy("Released"), "withdrawn": gettext_lazy("Withdrawn"),
}  # fmt: skip
TONES = {"open": "active", "released": "done", "withdrawn": "waiting"}
PAGE = 100


class RequestForm(forms.Form):
    """Who asks for what."""

    requester = forms.CharField(label=gettext_lazy("Who asks"), max_length=200)
    contact = forms.CharField(label=gettext_lazy("How they are reached"), max_length=300, required=False)
    asked_on = forms.DateField(
        label=gettext_lazy("Asked on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        initial=lambda: local_day(timezone.now()),
    )
    due_on = forms.DateField(
        label=gettext_lazy("Answer due on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    text = forms.CharField(label=gettext_lazy("What they ask for"), widget=forms.Textarea, max_length=4000)
    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """An answer is not due before somebody asked."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("due_on") and data.get("asked_on") and data["due_on"] < data["asked_on"]:
            self.add_error("due_on", _("Choose a day on or after the day on which they asked."))
        return data


def _words(refused: Invalid) -> str:
    return " ".join(say(problem) for problem in refused.problems)


def _request(request: HttpRequest, number: int) -> RecordsRequest:
    rows = RecordsRequest.objects.visible_to(actor_of(request)).select_related("made_by", "closed_by")
    return get_object_or_404(rows, pk=number)


@never_cache
@staff(*actions.READERS)
def requests(request: HttpRequest) -> HttpResponse:
    """The list, open ones first; and the form for a new one."""
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        made = actions.open_request(
            values, client_id=values.pop("client_id"), actor=actor_of(request), at=timezone.now()
        )
        return redirect("records_request", number=made.pk)
    rows = RecordsRequest.objects.visible_to(actor_of(request)).annotate(n=Count("cases", distinct=True))
    found = rows.order_by(F("closed_at").desc(nulls_first=True), "due_on", "-asked_on", "-pk")[:PAGE]
    columns = [_("Request"), _("Who asks"), _("Asked on"), _("Answer due on"), _("Cases"), _("State")]
    context = {
        "form": form, "section": "office", "columns": [{"label": label} for label in columns],
        "rows": [
            {"cells": [
                {"text": row.number, "url": f"/office/requests/{row.pk}/"},
                {"text": row.requester, "label": columns[1]}, {"text": row.asked_on, "label": columns[2]},
                {"text": row.due_on or "", "label": columns[3]}, {"text": row.n, "label": columns[4]},
                {"status": {"tone": TONES[row.state], "label": STATES[row.state]}, "label": columns[5]},
            ]}
            for row in found
        ],
    }  # fmt: skip
    return render(request, "pages/office/requests.html", context, status=422 if form.errors else 200)


@never_cache
@staff(*actions.READERS)
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One request: its cases, how far the review is, and what comes next."""
    return _show(request, _request(request, number))


def _show(request: HttpRequest, row: RecordsRequest, *, problem: str = "", typed: str = "") -> HttpResponse:
    undecided = Count("items", filter=Q(items__decision=""))
    cases = row.cases.select_related("case").annotate(n=Count("items"), left=undecided).order_by("case_id")
    items = Item.objects.filter(chosen__request=row)
    sorts = items.filter(decision="").values("sort").annotate(n=Count("pk"))
    left = {one["sort"]: one["n"] for one in sorts}
    context = {
        "row": row, "state": STATES[row.state], "tone": TONES[row.state], "open": row.state == "open",
        "cases": list(cases), "left": [(slug, _(label), left[slug]) for slug, label in SORTS.items() if slug in left],
        "undecided": sum(left.values()), "removed": items.exclude(decision__in=["", "release"]).count(),
        "parts": items.count(), "problem": problem, "typed": typed, "section": "office",
        "exemptions": Exemption.objects.filter(retired_at=None).exists(),
        "saved": SavedSearch.objects.filter(user_id=actor_of(request).staff_id).order_by("name"),
        "may_undo": row.state == "open" and actions.last_decision(row, actor=actor_of(request)) is not None,
    }  # fmt: skip
    return render(request, "pages/office/request.html", context, status=422 if problem else 200)


@staff(*actions.READERS)
@require_POST
def do(request: HttpRequest, number: int) -> HttpResponse:
    """Add or drop cases, accept what is proposed of a sort, take back, release, or withdraw."""
    row = _request(request, number)
    try:
        messages.success(request, _deed(request, row))
    except Invalid as refused:
        return _show(
            request, _request(request, number), problem=_words(refused), typed=request.POST.get("references", "")
        )
    return redirect("records_request", number=row.pk)


def _deed(request: HttpRequest, row: RecordsRequest) -> str:
    known: dict[str, Any] = {"actor": actor_of(request), "at": timezone.now()}
    match request.POST.get("deed"):
        case "add":
            n = actions.add_cases(row, actions.find_cases(_references(request), actor=known["actor"]), **known)
            return ngettext("%(n)s case added.", "%(n)s cases added.", n) % {"n": n}
        case "drop":
            chosen = get_object_or_404(row.cases, pk=request.POST.get("chosen") or 0)
            actions.drop_case(row, chosen, **known)
            return _("The case is off this request.")
        case "accept":
            n = actions.accept(row, sort=request.POST.get("sort", ""), **known)
            return ngettext("%(n)s part decided as proposed.", "%(n)s parts decided as proposed.", n) % {"n": n}
        case "look":
            actions.look_again(row, at=known["at"])
            return _("The parts are up to date.")
        case "undo":
            actions.undo(row, **known)
            return _("Taken back.")
        case "release":
            release(row, pdf=make_pdf, say=_, **known)
            return _("Released. Hand over the file below; that it was made is noted on each case.")
        case "withdraw":
            actions.withdraw(row, **known)
            return _("Withdrawn. Nothing was released.")
    raise Http404


def _references(request: HttpRequest) -> list[str]:
    """References that were typed, and those of a list: a saved one, or one whose address was pasted."""
    typed = request.POST.get("references", "")
    words = [word for word in typed.replace(",", " ").split() if "/" not in word and "=" not in word]
    queries = [urlsplit(word).query for word in typed.split() if "?" in word]
    saved = request.POST.get("saved", "")
    if saved.isdigit():
        queries += SavedSearch.objects.filter(pk=saved, user_id=actor_of(request).staff_id).values_list(
            "query", flat=True
        )
    desk = desk_of(actor_of(request), request.user, at=timezone.now())  # type: ignore[arg-type]
    for query in queries:
        rows = inbox(Wanted.read(dict(parse_qsl(query[:1000]))), desk, at=timezone.now())
        words += [reference_of(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[: actions.MOST + 1]]
    return words


@never_cache
@staff(*actions.READERS)
def review(request: HttpRequest, number: int, reference: str) -> HttpResponse:
    """Every part of one case with what is proposed; saved together, mistakes beside their part."""
    row = _request(request, number)
    chosen = next(
        (one for one in row.cases.select_related("case") if one.case and one.case.reference == reference), None
    )
    at, actor = timezone.now(), actor_of(request)
    if chosen is None or not Case.objects.visible_to(actor).filter(pk=chosen.case_id or 0).exists():
        raise Http404
    assert chosen.case is not None
    log_access("case", chosen.case.pk, "records_request", actor=actor, at=at, reason=row.number)
    parts = {part.path: part for part in parts_of(chosen.case)}
    items = {item.path: item for item in chosen.items.select_related("exemption", "decided_by")}
    exemptions = list(
        Exemption.objects.filter(
            Q(retired_at=None) | Q(pk__in=[i.exemption_id for i in items.values() if i.exemption_id])
        ).order_by("code")
    )
    wanted = read_decisions(request.POST, items, parts, exemptions) if request.method == "POST" else []
    problems: dict[int, str] = {}
    if request.method == "POST":
        try:
            problems = {pk: say(one) for pk, one in actions.decide(row, wanted, actor=actor, at=at).items()}
        except Invalid as refused:
            return _show(request, row, problem=_words(refused))
        if not problems:
            messages.success(request, _("Saved. Take it back on the page of the request."))
            return redirect("records_request", number=row.pk)
        items = {item.path: item for item in chosen.items.select_related("exemption", "decided_by")}
    stale = any(path not in items or items[path].digest != part.digest for path, part in parts.items())
    context = {
        "row": row, "case": chosen.case, "open": row.state == "open", "stale": stale, "section": "office",
        "exemptions": exemptions, "parts": part_rows(parts, items, wanted=wanted, problems=problems),
        "errors": [{"text": text, "href": f"#d-{pk}"} for pk, text in problems.items()],
    }  # fmt: skip
    return render(request, "pages/office/request_case.html", context, status=422 if problems else 200)


@never_cache
@staff(*actions.READERS)
@require_safe
def bundle(request: HttpRequest, number: int) -> HttpResponse:
    """The file that was released, to hand over; each time is logged."""
    row = _request(request, number)
    if row.state != RecordsRequest.State.RELEASED:
        raise Http404
    log_access(actions.KIND, row.pk, "exported", actor=actor_of(request), at=timezone.now(), reason=row.sha256)
    answer = HttpResponse(files.path_of(row.sha256).read_bytes(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{row.number}.zip"'
    return answer
