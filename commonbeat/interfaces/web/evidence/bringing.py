"""Bringing in incidents: a file, which column is what, a look at what would come of it, and the report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from commonbeat.core.fields import Invalid
from commonbeat.evidence import actions, store
from commonbeat.evidence.mapping import BadMapping, BadTable, ColumnMapping
from commonbeat.evidence.models import IncidentImport, IncidentSource
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.evidence.shared import READERS, tabs
from commonbeat.interfaces.web.forms import say
from commonbeat.journal.verbs import log_access

MOST_BYTES = 1 << 30
STATES = {
    IncidentImport.DRAFT: (gettext_lazy("Waits for its columns"), "waiting"),
    IncidentImport.WAITING: (gettext_lazy("In the queue"), "active"),
    IncidentImport.RUNNING: (gettext_lazy("Being imported"), "active"),
    IncidentImport.DONE: (gettext_lazy("Imported"), "done"),
    IncidentImport.FAILED: (gettext_lazy("Failed"), "problem"),
    IncidentImport.UNDONE: (gettext_lazy("Taken back"), "neutral"),
}
_UNDER_WAY = (IncidentImport.WAITING, IncidentImport.RUNNING)
PARTS: tuple[tuple[str, Any, Any], ...] = (
    ("date", gettext_lazy("Date"), gettext_lazy("The day it happened, with the time if the file has both in one.")),
    ("time", gettext_lazy("Time"), gettext_lazy("Only where the time has a column of its own.")),
    ("lat", gettext_lazy("Latitude"), ""),
    ("long", gettext_lazy("Longitude"), ""),
    ("point", gettext_lazy("Both in one column"), gettext_lazy("Such as (41.88, -87.63) or POINT (-87.63 41.88).")),
    ("category", gettext_lazy("Sort of incident"), ""),
    ("key", gettext_lazy("Number"), gettext_lazy("With it, a corrected row replaces the old one.")),
    ("address", gettext_lazy("Address or block"), gettext_lazy("For repeat places; it never leaves the staff pages.")),
)


class BringForm(forms.Form):
    """A file, and the source it belongs to: one that is there, or a new one."""

    use_required_attribute = False
    source = forms.ChoiceField(
        label=gettext_lazy("Source"),
        required=False,
        help_text=gettext_lazy("Choose where such files went before, or name a new source."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name of a new source"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Such as “Burglaries”. Every measure shows it."),
    )
    noun = forms.CharField(
        label=gettext_lazy("What does it count?"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("In the plural, as a sentence needs it: “burglaries”."),
    )
    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy(
        "CSV, Excel, Parquet, JSON, or a police.uk archive (ZIP), up to 1 GB."))  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = IncidentSource.objects.filter(retired_at=None).order_by("name")
        self.fields["source"].choices = [("", _("A new source")), *((s.slug, s.name) for s in rows)]  # type: ignore[attr-defined]
        self.fields["source"].widget.choices = self.fields["source"].choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Either a source or a name; and a file that is not too large."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("source") and not (data.get("name") or "").strip():
            self.add_error("name", _("Choose a source above, or give the new one a name."))
        if data.get("file") and data["file"].size > MOST_BYTES:
            self.add_error("file", _("The file is larger than 1 GB. Import it with “commonbeat import incidents”."))
        return data


class MappingForm(forms.Form):
    """Which column is what."""

    use_required_attribute = False

    def __init__(self, columns: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("None")), *((name, name) for name in columns)]
        for part, label, hint in PARTS:
            self.fields[part] = forms.ChoiceField(label=label, help_text=hint, choices=choices, required=part == "date")
        self.fields["date"].error_messages["required"] = _(
            "Say which column holds the date: nothing can be counted without it."
        )
        self.fields["order"] = forms.ChoiceField(
            label=_("How dates are written"),
            choices=[("ymd", "2012-04-30"), ("mdy", "04/30/2012"), ("dmy", "30/04/2012")],
        )  # fmt: skip
        self.fields["zone"] = forms.ChoiceField(
            label=_("Times are"),
            choices=[("local", _("the department's own")), ("utc", _("UTC (as many exports of databases)"))],
        )  # fmt: skip
        self.fields["since"] = forms.CharField(
            label=_("Leave out rows before"), required=False, max_length=10,
            help_text=_("Such as 2012-01-31. Leave it empty to take all."),
        )  # fmt: skip

    def mapping(self) -> ColumnMapping:
        """What was chosen."""
        return ColumnMapping.from_dict({name: value or "" for name, value in self.cleaned_data.items()})


@staff(*READERS)
def bring(request: HttpRequest) -> HttpResponse:
    """Choose a file."""
    initial = {"source": request.GET.get("source", "")}
    form = BringForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = _brought(request, form)
        if made is not None:
            return HttpResponseRedirect(reverse("evidence_import", args=[made.pk]))
    context = {"form": form, "tabs": tabs("evidence_bring"), "section": "evidence"}
    return render(request, "pages/evidence/bring.html", context, status=422 if form.errors else 200)


def _brought(request: HttpRequest, form: BringForm) -> IncidentImport | None:
    data, actor, at = form.cleaned_data, actor_of(request), timezone.now()
    source = IncidentSource.objects.filter(slug=data["source"]).first() if data["source"] else None
    try:
        if source is None:
            source = actions.add_source(name=data["name"], noun=data["noun"].strip(), actor=actor, at=at)
        return actions.bring(source, data["file"], name=data["file"].name, actor=actor, at=at)
    except Invalid as refused:
        for problem in refused.problems:
            form.add_error(problem.code if problem.code in form.fields else None, say(problem))
    except BadTable as refused:
        form.add_error("file", _(str(refused)))
    return None


def _find(number: int) -> IncidentImport:
    found = IncidentImport.objects.select_related("source").filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@staff(*READERS)
def show(request: HttpRequest, number: int) -> HttpResponse:
    """An import: its columns while it waits for them, its progress, its report."""
    brought = _find(number)
    if brought.state == IncidentImport.DRAFT:
        return _columns(request, brought)
    label, tone = STATES[brought.state]
    context = {
        "brought": brought, "source": brought.source, "state": {"label": label, "tone": tone}, "section": "evidence",
        "under_way": brought.state in _UNDER_WAY, "percent": round(100 * brought.done_share), "back": _back(brought),
        "said": _(brought.said) if brought.said else "", **_report(brought),
    }  # fmt: skip
    return render(request, "pages/evidence/import.html", context)


def _back(brought: IncidentImport) -> str:
    return reverse("evidence_source", args=[brought.source.slug])


def _columns(request: HttpRequest, brought: IncidentImport, errors: dict[str, str] | None = None) -> HttpResponse:
    """The second page of the wizard: what each column is, and what the first rows then say."""
    try:
        table = actions.table_of(brought)
    except BadTable as refused:
        messages.error(request, _(str(refused)))
        return HttpResponseRedirect(reverse("evidence_bring"))
    form = MappingForm(table.columns, request.POST or None, initial=brought.mapping)
    mapping = ColumnMapping.from_dict(brought.mapping)
    if request.method == "POST" and form.is_valid():
        mapping = form.mapping()
    for name, words in (errors or {}).items():
        form.add_error(name if name in form.fields else None, words)
    context = {
        "brought": brought, "source": brought.source, "form": form, "section": "evidence", "back": _back(brought),
        "remembered": bool(brought.source.mapping) and not request.POST, **_preview(table, mapping),
    }  # fmt: skip
    return render(request, "pages/evidence/columns.html", context, status=422 if form.errors else 200)


def _preview(table: Any, mapping: ColumnMapping) -> dict[str, Any]:
    """The first rows as they would be read, and how many of the first 500 would be left out, and why."""
    from commonbeat.evidence.trying import tried

    try:
        mapping.check(table.columns)
    except BadMapping:
        return {"rows": [], "columns": []}
    found = tried(table, mapping)
    rows = [
        {"cells": [{"text": row["row"]}, {"text": row["moment"]}, {"text": row["place"]}, {"text": row["category"]},
                   {"text": row["key"]}, {"text": _(row["reason"]) if row["reason"] else ""}]}
        for row in found.rows
    ]  # fmt: skip
    labels = (_("Row"), _("When"), _("Where"), _("Sort"), _("Number"), _("What is wrong"))
    reasons = [f"{_(words)} ({count})" for words, count in found.reasons]
    return {"rows": rows, "columns": [{"label": label} for label in labels], "tried": found.read, "reasons": reasons}


@staff(*READERS)
@require_POST
def do(request: HttpRequest, number: int) -> HttpResponse:
    """Look again with other columns, import, give up, or take an import back."""
    brought, actor, at = _find(number), actor_of(request), timezone.now()
    here = reverse("evidence_import", args=[number])
    deed = request.POST.get("deed", "")
    try:
        if deed == "undo":
            actions.undo(brought, actor=actor, at=at)
            messages.success(request, _("What counted before this file counts again."))
        elif brought.state != IncidentImport.DRAFT:
            messages.error(request, _(actions.NOT_NOW))
        elif deed == "give_up":
            actions.give_up(brought)
            messages.success(request, _("The file was not imported."))
            return HttpResponseRedirect(_back(brought))
        elif deed == "import":
            form = MappingForm(actions.table_of(brought).columns, request.POST)
            if not form.is_valid():
                return _columns(request, brought)
            actions.confirm(brought, form.mapping(), actor=actor, at=at)
        else:
            return _columns(request, brought)
    except BadMapping as refused:
        return _columns(request, brought, refused.problems)
    except (Invalid, BadTable) as refused:
        words = [say(p) for p in refused.problems] if isinstance(refused, Invalid) else [_(str(refused))]
        messages.error(request, " ".join(words))
    return HttpResponseRedirect(here)


def _report(brought: IncidentImport) -> dict[str, Any]:
    """What came of the rows."""
    from commonbeat.evidence.reasons import NOTES, REASONS

    counts = brought.counts
    words = (("read", _("Rows read")), ("added", _("New")), ("replaced", _("Replaced a row with the same number")),
             ("same", _("Were there already")), ("rejected", _("Left out")),
             ("placeless", _("Count without a place")))  # fmt: skip
    facts = [{"term": label, "text": f"{counts[name]:,}"} for name, label in words if name in counts]
    reasons = [
        {"cells": [{"text": _(REASONS[code])}, {"text": f"{n:,}", "number": True, "label": _("Rows")},
                   {"text": _("counts") if code in NOTES else _("left out"), "label": _("What became of it")}]}
        for code, n in sorted(brought.reasons.items(), key=lambda item: -item[1])
    ]  # fmt: skip
    columns = [{"label": _("Reason")}, {"label": _("Rows"), "number": True}, {"label": _("What became of it")}]
    return {"facts": facts, "reasons": reasons, "reason_columns": columns, "can_undo": actions.can_undo(brought)}


@staff(*READERS)
@require_safe
def rejected(request: HttpRequest, number: int) -> Any:
    """Every row that was left out or counts without a place, with its reason."""
    brought = _find(number)
    path = store.folder(brought.source.slug) / f"{brought.rejects}.csv"
    if not brought.rejects or not path.exists():
        raise Http404
    log_access("source", brought.source_id, "rejected rows", actor=actor_of(request), at=timezone.now())
    name = f"{brought.source.slug}-{number}-rejected.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
