"""Further outcomes of a plan and groups in which the effect may differ: added, dropped, or looked at afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.evidence.studies import adding, telling
from commonbeat.evidence.studies.actions import PLANNERS, PlanChanged, latest_plan
from commonbeat.evidence.studies.data import NoData, labels_of, panel_of
from commonbeat.evidence.studies.models import Study
from commonbeat.evidence.studies.outcomes import sources
from commonbeat.evidence.studies.plan import Further, Split
from commonbeat.evidence.surveys.frames import NoAnswers, load
from commonbeat.evidence.surveys.models import PopulationTable, SurveyWave
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import FieldsForm, Options, form_for
from commonbeat.interfaces.web.studio.shared import CHANGED, find_study, version_given

if TYPE_CHECKING:
    from commonbeat.core.actor import Actor

MOST_WAVES = 8
"""Waves whose questions are offered, the latest first."""
MANY_AREAS = 150
COLUMN = Field("what", N_("Which column of the table?"), required=True, source="part")
SORTS = Field("what", N_("Which categories of the records?"), "multivaluelist", required=True, source="part")
COUNT = (
    Field("name", N_("What is counted, in the plural?"), required=True, maximum=60,
          hint=N_("As a sentence needs it: “burglaries”.")),
)  # fmt: skip
QUESTION = (
    Field("asked", N_("Which answer, in which wave before the start?"), required=True, source="asked"),
    Field("again_from", N_("From which day on will it be asked again?"), "datetime", required=True,
          hint=N_("The first wave that begins on this day or later counts, whatever it says.")),
    Field("answers", N_("How many people will answer then?"), "number", minimum=1, maximum=1_000_000,
          hint=N_("Empty for as many as before.")),
)  # fmt: skip
NAMES = (
    Field("name", N_("What do you want to compare?"), required=True, maximum=80,
          hint=N_("Such as “near the station or not”.")),
    Field("first", N_("What is the first group called?"), required=True, maximum=60),
    Field("second", N_("What is everything else called?"), required=True, maximum=60),
)  # fmt: skip
SPLIT_HINTS = {
    "part": N_("A part of what is counted. Leave it empty for groups of areas."),
    "areas": N_("Leave it empty for sorts of incident. Tick areas to compare with as well, if both groups have some."),
    "share": N_("The half of the areas with the programme in which this share of residents is higher, and areas like "
                "them."),
}  # fmt: skip
ADDED, DROPPED = N_("It is in the plan. Freeze the plan again to make it count."), N_("It is out of the plan.")
EXPLORED = N_("Later runs look at it, marked as named afterwards.")
NOT_EXPLORED = N_("Later runs leave it out.")


def _split_fields(study: Study, many: bool) -> tuple[Field, ...]:
    part = Field("what", N_("Which part of the incidents is the first group?"), source="part",
                 datatype="string" if study.dataset_id else "multivaluelist", hint=SPLIT_HINTS["part"])  # fmt: skip
    areas = Field("areas", N_("Or which areas are the first group?"), "text" if many else "multivaluelist",
                  source="" if many else "unit", maximum=20_000, hint=SPLIT_HINTS["areas"])  # fmt: skip
    share = Field("share", N_("Or areas with a higher share of"), source="share", hint=SPLIT_HINTS["share"])
    return (*NAMES, part, areas, share)


def _questions() -> Options:
    """Every number of every question of the latest waves that say where people live."""
    from commonbeat.evidence.surveys.figures import figures

    rows = SurveyWave.objects.exclude(content="").select_related("series").order_by("-first_on", "-pk")[:MOST_WAVES]
    found = []
    for wave in rows:
        try:
            frame = load(wave)
        except NoAnswers:
            continue
        options = [
            (f"{wave.pk}:{question.key}:{figure.key}", f"{question.text} – {figure.label}")
            for question in frame.questions.values() for figure in figures(question, frame.answers[question.key])
        ]  # fmt: skip
        found.append((f"{wave.series.name}: {wave.name}", options))
    return found


def _shares(study: Study) -> Options:
    """Groups of people of population tables that know areas."""
    rows = (
        PopulationTable.objects.filter(state=PopulationTable.DONE, residents=True).exclude(areas="").exclude(group="")
    )
    found = []
    for table in rows.order_by("-year", "-pk")[:5]:
        groups = table.rows.exclude(category="").order_by("category").values_list("category", flat=True).distinct()
        found.append((str(table), [(f"{table.pk}:{group}", group) for group in groups]))
    return found


def _forms(study: Study, what: str = "", data: Any = None) -> dict[str, FieldsForm]:
    """The three forms; the one that was sent holds what was typed."""
    panel, known = panel_of(study), labels_of(study)
    parts = [(name, name) for name in sources(study)]
    options: dict[str, Options] = {
        "part": parts, "asked": _questions(), "share": _shares(study),
        "unit": [(unit, known.get(unit, unit)) for unit in panel.units],
    }  # fmt: skip
    fields = {
        "count": (*COUNT, COLUMN if study.dataset_id else SORTS) if parts else (),
        "question": QUESTION if options["asked"] else (),
        "split": _split_fields(study, len(panel.units) > MANY_AREAS),
    }
    return {
        name: form_for(declared, data=data if name == what else None, language=get_language() or "en", sources=options,
                       prefix=name)
        for name, declared in fields.items() if declared
    }  # fmt: skip


@staff(*PLANNERS)
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """What else the plan looks at, and how to add to it."""
    return _page(request, find_study(number))


def _page(
    request: HttpRequest, study: Study, *, what: str = "", forms: Mapping[str, FieldsForm] | None = None,
    problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    try:
        shown = forms or _forms(study)
    except NoData as missing:
        messages.error(request, gettext(str(missing)))
        return HttpResponseRedirect(f"/desk/studies/{study.pk}/")
    labels = labels_of(study)
    context = {
        "section": "studies", "study": study, "forms": shown, "sent": what, "problem": problem,
        "latest": latest_plan(study), "ready": bool(study.draft.get("treated") and study.draft.get("design")),
        "outcome": study.draft.get("outcome", ""), "further": _rows(study.draft.get("further", []), "further", labels),
        "splits": _rows(study.draft.get("splits", []), "splits", labels),
        "explored": _rows(study.explore, "splits", labels),
    }  # fmt: skip
    return render(request, "pages/studio/outcomes.html", context, status=status)


def _rows(stored: list[dict[str, Any]], sort: str, labels: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": one["key"], "text": telling.plan_rows({sort: [one]}, labels, gettext)[0][1]} for one in stored]


@staff(*PLANNERS)
@require_POST
def change(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Add, drop, or look at groups afterwards. What was typed stays when something is wrong."""
    study = find_study(number)
    if what in _DROPS:
        return _drop(request, study, what)
    if what not in _ADDS:
        raise Http404
    try:
        forms = _forms(study, what, request.POST)
    except NoData as missing:
        messages.error(request, gettext(str(missing)))
        return HttpResponseRedirect(f"/desk/studies/{study.pk}/")
    if what not in forms:
        raise Http404
    form, problem = forms[what], ""
    if form.is_valid():
        problem = _try(request, study, what, form)
        if not problem and not form.errors:
            return HttpResponseRedirect(f"/desk/studies/{study.pk}/outcomes/")
    return _page(request, study, what=what, forms=forms, problem=problem, status=409 if problem else 422)


def _try(request: HttpRequest, study: Study, what: str, form: FieldsForm) -> str:
    """Do it; mistakes stand beside their question. A problem of the whole is returned."""
    from commonbeat.evidence.studies.fitting import PlanProblem
    from commonbeat.evidence.studies.tables import BadTable

    later = what == "split" and request.POST.get("where") == "later"
    try:
        _ADDS[what](study, form.cleaned_data, later, version_given(request), actor_of(request))
        messages.success(request, gettext(EXPLORED if later else ADDED))
    except adding.Wrong as wrong:
        form.add_problems(Invalid([Problem(wrong.place, str(wrong), wrong.values)]))
    except (PlanProblem, BadTable) as wrong:
        form.add_error(None, wrong.problem.said(gettext))
    except NoData as missing:
        form.add_error(None, gettext(str(missing)))
    except PlanChanged:
        return gettext(CHANGED)
    return ""


def _drop(request: HttpRequest, study: Study, what: str) -> HttpResponse:
    problem = ""
    try:
        verb, said = _DROPS[what]
        key = request.POST.get("key", "")[:20]
        verb(study, key, version=version_given(request), actor=actor_of(request), at=timezone.now())
        messages.success(request, gettext(said))
        return HttpResponseRedirect(f"/desk/studies/{study.pk}/outcomes/")
    except adding.Wrong as wrong:
        problem = gettext(str(wrong))
    except PlanChanged:
        problem = gettext(CHANGED)
    return _page(request, find_study(study.pk), problem=problem, status=409)


def _part(study: Study, given: Mapping[str, Any]) -> dict[str, Any]:
    """A column of the table, or categories of the records."""
    chosen = given.get("what") or ""
    if study.dataset_id:
        return {"column": str(chosen)}
    return {"sorts": tuple(chosen) if isinstance(chosen, list | tuple) else (str(chosen),) if chosen else ()}


def _add_count(study: Study, given: Mapping[str, Any], later: bool, version: int, actor: Actor) -> None:
    made = Further("", given["name"], **_part(study, given))
    adding.add_outcome(study, made, version=version, actor=actor, at=timezone.now())


def _add_question(study: Study, given: Mapping[str, Any], later: bool, version: int, actor: Actor) -> None:
    wave, question, figure = given["asked"].split(":", 2)
    labels = {value: label for _, options in _questions() for value, label in options}
    made = Further(
        "", labels[given["asked"]], wave=int(wave), question=question, figure=figure,
        again_from=given["again_from"][:10], answers=int(given.get("answers", 0)),
    )  # fmt: skip
    adding.add_outcome(study, made, version=version, actor=actor, at=timezone.now())


def _add_split(study: Study, given: Mapping[str, Any], later: bool, version: int, actor: Actor) -> None:
    areas = given.get("areas") or ()
    if isinstance(areas, str):
        areas = [part.strip() for part in areas.replace("\n", ";").split(";") if part.strip()]
    if not areas and given.get("share"):
        table, _, group = given["share"].partition(":")
        areas = adding.areas_by_share(study, PopulationTable.objects.get(pk=int(table)), group)
    made = Split("", given["name"], given["first"], given["second"], areas=tuple(areas), **_part(study, given))
    verb = adding.explore if later else adding.add_split
    verb(study, made, version=version, actor=actor, at=timezone.now())


_ADDS: dict[str, Callable[[Study, Mapping[str, Any], bool, int, Any], None]] = {
    "count": _add_count, "question": _add_question, "split": _add_split,
}  # fmt: skip
_DROPS: dict[str, tuple[Callable[..., None], str]] = {
    "drop": (adding.drop, DROPPED), "forget": (adding.stop_exploring, NOT_EXPLORED),
}  # fmt: skip
