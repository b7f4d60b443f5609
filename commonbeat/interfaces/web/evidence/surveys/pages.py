"""Surveys, their waves, weights, release and deletion."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from commonbeat.community.agency import local_day
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.evidence.surveys import actions, due, release
from commonbeat.evidence.surveys.actions import PLANNERS, READERS
from commonbeat.evidence.surveys.models import SurveySeries, SurveyWave, WaveImport
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.evidence.surveys.bringing import AboutForm
from commonbeat.interfaces.web.evidence.surveys.shared import add_problems, find_wave, tabs
from commonbeat.interfaces.web.forms import say


def _state(row: SurveyWave) -> dict[str, str]:
    """Where a wave stands."""
    if row.released_at:
        return {"label": _("Public"), "tone": "done"}
    if row.proposed_by_id:
        return {"label": _("Waits for release"), "tone": "waiting"}
    return {"label": _("Internal"), "tone": "neutral"} if row.content else {"label": _("Empty"), "tone": "new"}


def due_words(found: due.Due | None) -> str:
    """When the next wave is due, in words."""
    if found is None:
        return ""
    words = {"day": date_format(found.on)}
    return _("was due on %(day)s") % words if found.late else _("due on %(day)s") % words


@staff(*READERS)
@require_safe
def survey_list(request: HttpRequest) -> HttpResponse:
    """Every survey with its waves, and when the next one is due."""
    actor, today = actor_of(request), local_day(timezone.now())
    found = SurveySeries.objects.filter(retired_at=None).prefetch_related("waves").order_by("name")
    rows = []
    for one in found:
        waves = sorted((wave for wave in one.waves.all() if wave.content), key=lambda wave: wave.last_on)
        last = waves[-1] if waves else None
        coming = due.next_wave(one, today=today)
        cells: list[dict[str, Any]] = [
            {"text": one.name, "url": reverse("survey", args=[one.slug])},
            {"text": len(waves), "number": True, "label": _("Waves")},
            {"text": f"{last.name} ({last.n:,})" if last else "", "label": _("Last wave (answers)")},
            {"text": due_words(coming) or _("no cadence"), "label": _("Next wave")},
        ]
        if coming and (coming.late or coming.soon):
            cells[3] = {"status": {"label": due_words(coming), "tone": "problem" if coming.late else "waiting"},
                        "label": _("Next wave")}  # fmt: skip
        rows.append({"cells": cells})
    columns = [{"label": _("Survey")}, {"label": _("Waves"), "number": True}, {"label": _("Last wave (answers)")},
               {"label": _("Next wave")}]  # fmt: skip
    context = {"rows": rows, "columns": columns, "tabs": tabs(actor, "surveys"), "section": "surveys",
               "may_plan": actor.has(*PLANNERS)}  # fmt: skip
    return render(request, "pages/surveys/list.html", context)


def _find(slug: str) -> SurveySeries:
    found = SurveySeries.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


@staff(*READERS)
@require_safe
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """One survey: what it asks, and its waves."""
    row, actor = _find(slug), actor_of(request)
    waves = [
        {"cells": [{"text": wave.name, "url": reverse("survey_wave", args=[wave.pk])},
                   {"text": f"{date_format(wave.first_on)} – {date_format(wave.last_on)}", "label": _("Days")},
                   {"text": f"{wave.n:,}", "number": True, "label": _("Answers")},
                   {"text": _(SurveyWave.Sampling(wave.sampling).label).partition(":")[0], "label": _("Sample")},
                   {"status": _state(wave), "label": _("Who reads it")}]}
        for wave in row.waves.order_by("-last_on", "-pk")
    ]  # fmt: skip
    columns = [{"label": _("Wave")}, {"label": _("Days")}, {"label": _("Answers"), "number": True},
               {"label": _("Sample")}, {"label": _("Who reads it")}]  # fmt: skip
    asked = [{"term": question.text, "text": _kind(question)} for question in row.questions.order_by("position")]
    context = {
        "row": row, "waves": waves, "columns": columns, "questions": asked, "may_plan": actor.has(*PLANNERS),
        "due": due_words(due.next_wave(row, today=local_day(timezone.now()))), "section": "surveys",
    }  # fmt: skip
    return render(request, "pages/surveys/series.html", context)


def _kind(question: Any) -> str:
    from commonbeat.evidence.surveys.columns import ROLES

    if question.kind == "scale":
        if question.answers:
            return " | ".join(question.answers)
        return _("from %(worst)s (worst) to %(best)s (best)") % {"worst": f"{question.worst:g}",
                                                                  "best": f"{question.best:g}"}  # fmt: skip
    return ", ".join(question.answers) or _(ROLES[question.kind])


@staff(*PLANNERS)
@require_POST
def delete_series(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete a survey with every wave, for good, with a reason."""
    row = _find(slug)
    try:
        actions.delete_series(row, reason=request.POST.get("reason", ""), actor=actor_of(request), at=timezone.now())
    except Invalid as refused:
        messages.error(request, " ".join(map(say, refused.problems)))
        return HttpResponseRedirect(reverse("survey", args=[slug]))
    messages.success(request, _("The survey and its answers are deleted. The reason stays on record."))
    return HttpResponseRedirect(reverse("surveys"))


@staff(*READERS)
@require_safe
def wave(request: HttpRequest, number: int) -> HttpResponse:
    """One wave: how people were asked, what weighting cost, who reads it."""
    row, actor = find_wave(number), actor_of(request)
    cost = row.weighting.get("cost")
    imports = [
        {"cells": [{"text": one.file_name, "url": reverse("survey_import", args=[one.pk])},
                   {"text": date_format(timezone.localtime(one.created_at)), "label": _("Brought in")},
                   {"text": one.by_name, "label": _("By")},
                   {"text": _("waits for its columns") if one.state == WaveImport.DRAFT else
                    _("taken back") if one.state == WaveImport.UNDONE else f"{one.counts.get('taken', 0):,}",
                    "label": _("Answers")}]}
        for one in row.imports.order_by("-pk")
    ] if actor.has(*PLANNERS) else []  # fmt: skip
    context = {
        "row": row, "state": _state(row), "facts": _facts(row), "cost": cost, "imports": imports, "section": "surveys",
        "import_columns": [{"label": _("File")}, {"label": _("Brought in")}, {"label": _("By")},
                           {"label": _("Answers")}],
        "may_plan": actor.has(*PLANNERS), "may_release": _may_release(row, actor),
        "own": row.proposed_by_id is not None and row.proposed_by_id == actor.user_id,
        "may_withdraw": bool(row.released_at) and actor.has(*release.RELEASERS),
    }  # fmt: skip
    return render(request, "pages/surveys/wave.html", context)


def _may_release(row: SurveyWave, actor: Actor) -> bool:
    waits = bool(row.proposed_by_id) and not row.released_at
    return waits and actor.has(*release.RELEASERS) and row.proposed_by_id != actor.user_id


def _facts(row: SurveyWave) -> list[dict[str, str]]:
    facts = [
        (_("Days"), f"{date_format(row.first_on)} – {date_format(row.last_on)}"), (_("Answers"), f"{row.n:,}"),
        (_("How people came to be asked"), _(SurveyWave.Sampling(row.sampling).label)),
        (_("How they answered"), _(SurveyWave.Mode(row.mode).label)),
    ]  # fmt: skip
    if row.invited:
        facts.append((_("People asked"), f"{row.invited:,}"))
    if row.forgotten_at:
        gone = _("Destroyed on %(day)s, when their time was over. The figures stay.")
        facts.append((_("Single answers"), gone % {"day": date_format(timezone.localtime(row.forgotten_at))}))
    return [{"term": term, "text": text} for term, text in facts]


_DEEDS: dict[str, tuple[tuple[str, ...], Any]] = {
    "propose": (tuple(PLANNERS), gettext_lazy("Proposed. A second person releases it.")),
    "release": (tuple(release.RELEASERS), gettext_lazy("Released. Everybody can read it now.")),
    "withdraw": (tuple(release.RELEASERS), gettext_lazy("Withdrawn. The wave is gone from the public site.")),
    "unweight": (tuple(PLANNERS), gettext_lazy("The weights are taken back: answers count as they came.")),
    "delete": (tuple(PLANNERS), gettext_lazy("The wave and its answers are deleted. The reason stays on record.")),
}


@staff(*READERS)
@require_POST
def do(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Propose, release, withdraw, take weights back, or delete a wave."""
    row, actor, at = find_wave(number), actor_of(request), timezone.now()
    if deed not in _DEEDS or not actor.has(*_DEEDS[deed][0]):
        raise Http404
    reason = request.POST.get("reason", "")
    try:
        if deed == "propose":
            release.propose(row, actor=actor, at=at)
        elif deed == "release":
            release.release(row, actor=actor, at=at)
        elif deed == "withdraw":
            release.withdraw(row, reason=reason, actor=actor, at=at)
        elif deed == "unweight":
            from commonbeat.evidence.surveys.weighting import unweight

            unweight(row, actor=actor, at=at)
        else:
            actions.delete_wave(row, reason=reason, actor=actor, at=at)
    except Invalid as refused:
        messages.error(request, " ".join(map(say, refused.problems)))
        return HttpResponseRedirect(reverse("survey_wave", args=[number]))
    messages.success(request, _DEEDS[deed][1])
    if deed == "delete":
        return HttpResponseRedirect(reverse("survey", args=[row.series.slug]))
    return HttpResponseRedirect(reverse("survey_wave", args=[number]))


class WeightForm(forms.Form):
    """A population table for each group, categories to join, and the largest weight."""

    use_required_attribute = False

    def __init__(self, frame: Any, *args: Any, **kwargs: Any) -> None:
        from commonbeat.evidence.surveys.weighting import LIMITS, fitting

        super().__init__(*args, **kwargs)
        self.groups = list(frame.groups)
        for key in self.groups:
            tables = [(str(table.pk), f"{table}, {table.group or _('by area')}") for table in fitting(frame, key)]
            self.fields[f"m-{key}"] = forms.ChoiceField(
                label=_("%(group)s: weight to") % {"group": frame.group_name(key)}, required=False,
                choices=[("", _("Do not weight by it")), *tables],
                help_text=", ".join(frame.category_name(key, one) for one in frame.categories(key)[:12]),
            )  # fmt: skip
        self.fields["joins"] = forms.CharField(
            label=_("Join categories"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=4000,
            help_text=_("One in each line, such as “80+ = 65+”. It holds for answers and population alike."),
        )  # fmt: skip
        limits = [(str(n), _("%(n)s times the mean") % {"n": n} if n else _("As large as they come")) for n in LIMITS]
        self.fields["most"] = forms.ChoiceField(
            label=_("Largest weight"), choices=limits, initial="5",
            help_text=_("Cut weights are steadier and a little wrong. Both are shown."),
        )  # fmt: skip
        self.fields["only_there"] = forms.BooleanField(
            label=_("Speak only of areas where somebody answered"), required=False, initial=True
        )

    def plan(self) -> Any:
        """What was chosen. Raises `Invalid`."""
        from commonbeat.evidence.surveys.weighting import Plan, read_joins

        data = self.cleaned_data
        margins = {key: int(data[f"m-{key}"]) for key in self.groups if data.get(f"m-{key}")}
        return Plan(margins, read_joins(data["joins"]), int(data["most"]), bool(data["only_there"]))


@staff(*PLANNERS)
def weights(request: HttpRequest, number: int) -> HttpResponse:
    """Weight a wave to known populations."""
    from commonbeat.evidence.surveys.frames import NoAnswers, load
    from commonbeat.evidence.surveys.weighting import NOT_A_SAMPLE, weight

    row = find_wave(number)
    try:
        frame = load(row)
    except NoAnswers:
        raise Http404 from None
    before = row.weighting
    initial = {f"m-{key}": str(one["table"]) for key, one in before.get("margins", {}).items()}
    if before:
        joins = "\n".join(f"{one} = {other}" for one, other in before["joins"].items())
        initial |= {"joins": joins, "most": str(before["most"]), "only_there": before["only_there"]}
    form = WeightForm(frame, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            weight(row, form.plan(), actor=actor_of(request), at=timezone.now())
        except Invalid as refused:
            add_problems(form, refused)
        else:
            messages.success(request, _("The answers are weighted. See what it cost."))
            return HttpResponseRedirect(reverse("survey_wave", args=[number]))
    context = {"row": row, "form": form, "section": "surveys", "refused": "" if row.is_sample else _(NOT_A_SAMPLE)}
    return render(request, "pages/surveys/weights.html", context, status=422 if form.errors else 200)


@staff(*PLANNERS)
def facts(request: HttpRequest, number: int) -> HttpResponse:
    """Say anew when and how people were asked."""
    row = find_wave(number)
    said = {"wave": row.name, "first_on": row.first_on, "last_on": row.last_on, "sampling": row.sampling,
            "mode": row.mode, "invited": row.invited}  # fmt: skip
    form = AboutForm(request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct(row, form.about(row.areas), actor=actor_of(request), at=timezone.now())
        except Invalid as refused:
            add_problems(form, refused)
        else:
            messages.success(request, _("Corrected."))
            return HttpResponseRedirect(reverse("survey_wave", args=[number]))
    context = {"row": row, "form": form, "section": "surveys"}
    return render(request, "pages/surveys/facts.html", context, status=422 if form.errors else 200)
