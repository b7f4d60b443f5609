"""Bringing in a wave: a file and how people were asked, which column is what, and the report."""

from __future__ import annotations

from collections.abc import Sequence
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
from commonbeat.evidence.mapping import BadTable
from commonbeat.evidence.surveys import actions, files
from commonbeat.evidence.surveys.actions import PLANNERS, About
from commonbeat.evidence.surveys.answers import NOTES, ROW_REASONS
from commonbeat.evidence.surveys.columns import ROLES, BadUses, Use, is_answer
from commonbeat.evidence.surveys.models import SurveySeries, SurveyWave, WaveImport
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.evidence.surveys.shared import add_problems, area_choices, tabs, worded
from commonbeat.interfaces.web.forms import say
from commonbeat.journal.verbs import log_access

MOST_BYTES = 50 << 20
_SAMPLES = 4


class AboutForm(forms.Form):
    """When and how people were asked."""

    use_required_attribute = False
    wave = forms.CharField(
        label=gettext_lazy("Name of this wave"), max_length=80, help_text=gettext_lazy("Such as “Spring 2026”.")
    )
    first_on = forms.DateField(label=gettext_lazy("First day of asking"), help_text=gettext_lazy("Such as 2026-03-01."))
    last_on = forms.DateField(label=gettext_lazy("Last day of asking"), help_text=gettext_lazy("Such as 2026-03-31."))
    sampling = forms.ChoiceField(
        label=gettext_lazy("How did people come to be asked?"), widget=forms.RadioSelect,
        help_text=gettext_lazy("Say it as it was. Only a sample can speak for people who did not answer."),
    )  # fmt: skip
    mode = forms.ChoiceField(label=gettext_lazy("How did they answer?"))
    invited = forms.IntegerField(
        label=gettext_lazy("How many were asked?"), required=False, min_value=1,
        help_text=gettext_lazy("If you know. The share that took part is shown."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sampling = [(value, _(label)) for value, label in SurveyWave.Sampling.choices]
        mode = [("", _("Choose")), *((value, _(label)) for value, label in SurveyWave.Mode.choices)]
        self.fields["sampling"].choices, self.fields["mode"].choices = sampling, mode  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Days in order."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("first_on") and data.get("last_on") and data["last_on"] < data["first_on"]:
            self.add_error("last_on", _(actions.BAD_DAYS))
        return data

    def about(self, areas: str) -> About:
        """What was said of the wave."""
        data = self.cleaned_data
        return About(" ".join(data["wave"].split()), data["first_on"], data["last_on"], data["sampling"], data["mode"],
                     data["invited"], areas)  # fmt: skip


class BringForm(AboutForm):
    """A file of answers, the survey it belongs to, and how people were asked."""

    series = forms.ChoiceField(
        label=gettext_lazy("Survey"), required=False,
        help_text=gettext_lazy("Choose a survey that was asked before, or name a new one."),
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("Name of a new survey"), required=False, max_length=120,
        help_text=gettext_lazy("Such as “Trust in the neighborhood”."),
    )  # fmt: skip
    every_months = forms.IntegerField(
        label=gettext_lazy("Asked every so many months"), required=False, min_value=1, max_value=60,
        help_text=gettext_lazy("For a new survey: you are told when the next wave is due."),
    )  # fmt: skip
    areas = forms.ChoiceField(
        label=gettext_lazy("Areas"), required=False,
        help_text=gettext_lazy("If a column says where people live: the areas it names."),
    )  # fmt: skip
    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy("CSV, Excel or Parquet, up to 50 MB."))
    field_order = ("series", "name", "every_months", "wave")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = SurveySeries.objects.filter(retired_at=None).order_by("name")
        known = [("", _("A new survey")), *((row.slug, row.name) for row in rows)]
        self.fields["series"].choices = known  # type: ignore[attr-defined]
        self.fields["areas"].choices = [("", _("No column says it")), *area_choices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Either a survey or a name; a file that is not too large."""
        data = super().clean()
        if not data.get("series") and not (data.get("name") or "").strip():
            self.add_error("name", _("Choose a survey above, or give the new one a name."))
        if data.get("file") and data["file"].size > MOST_BYTES:
            self.add_error("file", _("The file is larger than 50 MB. Leave out columns that are no answers."))
        return data


@staff(*PLANNERS)
def bring(request: HttpRequest) -> HttpResponse:
    """Choose a file and say how people were asked."""
    form = BringForm(request.POST or None, request.FILES or None, initial={"series": request.GET.get("series", "")})
    if request.method == "POST" and form.is_valid():
        made = _brought(request, form)
        if made is not None:
            return HttpResponseRedirect(reverse("survey_import", args=[made.pk]))
    context = {"form": form, "tabs": tabs(actor_of(request), "survey_bring"), "section": "surveys"}
    return render(request, "pages/surveys/bring.html", context, status=422 if form.errors else 200)


def _brought(request: HttpRequest, form: BringForm) -> WaveImport | None:
    from django.db import transaction

    data, actor, at = form.cleaned_data, actor_of(request), timezone.now()
    try:
        with transaction.atomic():
            series = SurveySeries.objects.filter(slug=data["series"]).first() if data["series"] else None
            if series is None:
                series = actions.add_series(name=data["name"], every_months=data["every_months"], actor=actor, at=at)
            wave = actions.wave_for(series, form.about(data["areas"]), at=at)
            return actions.bring(wave, data["file"], name=data["file"].name, actor=actor, at=at)
    except Invalid as refused:
        add_problems(form, refused)
    except BadTable as refused:
        form.add_error("file", _(str(refused)))
    return None


class ColumnForm(forms.Form):
    """What one column is."""

    use_required_attribute = False

    def __init__(self, use: Use, number: int, series: SurveySeries, data: Any = None) -> None:
        initial = {"role": use.role, "label": use.label, "scale": use.scale, "key": use.key if use.is_question else ""}
        super().__init__(data, initial=initial, prefix=f"c{number}")
        self.use = use
        roles = [(role, _(words)) for role, words in ROLES.items()]
        self.fields["role"] = forms.ChoiceField(label=_("What is it?"), choices=roles, required=False)
        self.fields["label"] = forms.CharField(
            label=_("Words of the question, or name of the group"), required=False, max_length=300
        )
        self.fields["scale"] = forms.CharField(
            label=_("Scale, worst to best"), required=False, max_length=300,
            help_text=_("1-5, or 5-1 where 1 is best, or words with | between them."),
        )  # fmt: skip
        known = [("", _("A question of its own")), *((q.key, q.text) for q in series.questions.order_by("position"))]
        if len(known) > 1:
            self.fields["key"] = forms.ChoiceField(
                label=_("Same question as before"), choices=known, required=False,
                help_text=_("So that the waves can be compared."),
            )  # fmt: skip

    def chosen(self) -> Use:
        """What was said of the column. A key is kept only for the question or group it was chosen for."""
        data = {name: str(self.cleaned_data.get(name) or "") for name in ("role", "label", "scale", "key")}
        return Use(self.use.column, **data)


def _forms(brought: WaveImport, request: HttpRequest) -> list[ColumnForm]:
    """A form for each column that may be taken in."""
    data = request.POST if request.method == "POST" else None
    uses = [Use.from_dict(use) for use in brought.uses]
    return [ColumnForm(use, number, brought.wave.series, data) for number, use in enumerate(uses)
            if use.column not in brought.left_out]  # fmt: skip


def _find(number: int) -> WaveImport:
    found = WaveImport.objects.select_related("wave__series").filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@staff(*PLANNERS)
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """An import: its columns while it waits for them, then its report."""
    brought = _find(number)
    if brought.state == WaveImport.DRAFT:
        return _columns(request, brought, _forms(brought, request))
    labels = {WaveImport.DONE: (_("Brought in"), "done"), WaveImport.UNDONE: (_("Taken back"), "neutral")}
    label, tone = labels[brought.state]
    context = {"brought": brought, "wave": brought.wave, "state": {"label": label, "tone": tone}, "section": "surveys",
               "can_undo": actions.can_undo(brought), "locked": _left_out(brought), **_report(brought)}  # fmt: skip
    return render(request, "pages/surveys/import.html", context)


def _left_out(brought: WaveImport) -> list[str]:
    return [f"{column}: {worded(problem)}" for column, problem in brought.left_out.items()]


def _report(brought: WaveImport) -> dict[str, Any]:
    """What came of the rows."""
    words = (("read", _("Rows read")), ("taken", _("Count")), ("rejected", _("Left out")),
             ("noted", _("Count, but something is wrong with them")))  # fmt: skip
    facts = [{"term": label, "text": f"{brought.counts.get(name, 0):,}"} for name, label in words]
    rows = [
        {"cells": [{"text": _(ROW_REASONS[code])}, {"text": f"{n:,}", "number": True, "label": _("Rows")},
                   {"text": _("counts") if code in NOTES else _("left out"), "label": _("What became of it")}]}
        for code, n in sorted(brought.reasons.items(), key=lambda item: -item[1])
    ]  # fmt: skip
    columns = [{"label": _("Reason")}, {"label": _("Rows"), "number": True}, {"label": _("What became of it")}]
    return {"facts": facts, "reasons": rows, "reason_columns": columns}


def _columns(
    request: HttpRequest, brought: WaveImport, given: Sequence[ColumnForm], *, errors: Sequence[dict[str, str]] = ()
) -> HttpResponse:
    """The second page of the wizard: each column with some of its answers, and what came of a try."""
    try:
        table, _rows, _broken = actions.whole(brought.file_sha)
    except BadTable as refused:
        messages.error(request, _(str(refused)))
        return HttpResponseRedirect(reverse("survey_bring"))
    cards = [{"form": one, "column": one.use.column, "samples": _samples(table.get(one.use.column, []))}
             for one in given]  # fmt: skip
    tried = None
    if not errors:
        try:
            uses = [one.chosen() if one.is_bound and one.is_valid() else one.use for one in given]
            read, _sure, broken = actions.try_out(brought, uses)
        except BadUses as refused:
            errors = _errors(refused, given) if request.method == "POST" else ()
        else:
            rows = len(read.rows) + len(broken)
            reasons = [f"{_(ROW_REASONS[code])} ({n})" for code, n in read.reasons.most_common()]
            tried = {"rows": f"{rows:,}", "taken": f"{int(read.keep.sum()):,}", "reasons": reasons}
    context = {"brought": brought, "wave": brought.wave, "cards": cards, "errors": errors, "tried": tried,
               "locked": _left_out(brought), "section": "surveys"}  # fmt: skip
    return render(request, "pages/surveys/columns.html", context, status=422 if errors else 200)


def _samples(texts: Sequence[str]) -> str:
    """A few different answers."""
    said = list(dict.fromkeys(text.strip()[:40] for text in texts[:500] if is_answer(text)))
    return " · ".join(said[:_SAMPLES]) + (" …" if len(said) > _SAMPLES else "")


def _errors(refused: BadUses, given: Sequence[ColumnForm]) -> list[dict[str, str]]:
    """Problems by column, each leading to it."""
    found = []
    for number, problem in refused.problems.items():
        one = given[number] if 0 <= number < len(given) else None
        text = f"{one.use.column} – {say(problem)}" if one else say(problem)
        found.append({"text": text, "href": f"#id_{one.prefix}-role" if one else ""})
        if one is not None and one.is_bound:
            one.add_error("role", say(problem))
    return found


def _mistake(form: ColumnForm) -> dict[str, str]:
    words = " ".join(str(words) for errors in form.errors.values() for words in errors)
    return {"text": f"{form.use.column} – {words}", "href": f"#id_{form.prefix}-role"}


@staff(*PLANNERS)
@require_POST
def do(request: HttpRequest, number: int) -> HttpResponse:
    """Look again with other columns, take the answers in, give up, or take an import back."""
    brought, actor, at = _find(number), actor_of(request), timezone.now()
    deed, wave = request.POST.get("deed", ""), brought.wave
    try:
        if deed == "undo":
            actions.undo(brought, actor=actor, at=at)
            messages.success(request, _("What counted before this file counts again."))
        elif brought.state != WaveImport.DRAFT:
            messages.error(request, _(actions.NOT_NOW))
        elif deed == "give_up":
            actions.give_up(brought)
            messages.success(request, _("The file was not brought in."))
            return HttpResponseRedirect(reverse("surveys"))
        else:
            given = _forms(brought, request)
            if wrong := [_mistake(one) for one in given if not one.is_valid()]:
                return _columns(request, brought, given, errors=wrong)
            if deed != "import":
                return _columns(request, brought, given)
            try:
                actions.confirm(brought, [one.chosen() for one in given], actor=actor, at=at)
            except BadUses as refused:
                return _columns(request, brought, given, errors=_errors(refused, given))
            messages.success(request, _("The answers are in. Weight them next, if it was a sample."))
    except (Invalid, BadTable) as refused:
        words = [say(p) for p in refused.problems] if isinstance(refused, Invalid) else [_(str(refused))]
        messages.error(request, " ".join(words))
    there = SurveyWave.objects.filter(pk=wave.pk).exists()
    return HttpResponseRedirect(reverse("survey_import", args=[number]) if there else reverse("surveys"))


@staff(*PLANNERS)
@require_safe
def rejected(request: HttpRequest, number: int) -> Any:
    """Every row that something is wrong with, by number, with its reason; never what people said."""
    brought = _find(number)
    path = files.rejects_of(brought.wave.series.slug, brought.rejects)
    if not brought.rejects or not path.exists():
        raise Http404
    log_access("wave", brought.wave_id, "rejected rows", actor=actor_of(request), at=timezone.now())
    name = f"{brought.wave.series.slug}-{number}-rows.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
