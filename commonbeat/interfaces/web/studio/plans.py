"""The plan of a study: the form, what it promises before the start, and freezing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.views.decorators.http import require_POST, require_safe

from commonbeat.core.fields import Choice, Field, ShowWhen
from commonbeat.core.text import N_
from commonbeat.evidence.studies import telling, words
from commonbeat.evidence.studies.actions import (
    PLANNERS,
    READERS,
    PlanChanged,
    Refused,
    ahead_of,
    freeze,
    latest_plan,
    save_plan,
)
from commonbeat.evidence.studies.data import NoData, labels_of, panel_of
from commonbeat.evidence.studies.models import Study
from commonbeat.evidence.studies.plan import Plan
from commonbeat.evidence.studies.programmes import PROGRAMMES, caveat_of
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.studio.shared import CHANGED, SORTS, find_study, version_given

if TYPE_CHECKING:
    from commonbeat.evidence.stats.panel import Panel

MANY_AREAS = 150
"""More areas than this are typed instead of ticked."""
RULES = (
    Choice("alike", N_("The areas most like them: same level, trend and population (proposed)")),
    Choice("all", N_("All other areas")),
    Choice("named", N_("Areas that I name")),
)
BAD_START = N_("Line %(line)s: write an area, a comma and a period.")


def _fields(panel: Panel) -> tuple[Field, ...]:
    """The questions; those about distances only where positions are known."""
    many = len(panel.units) > MANY_AREAS
    example = panel.periods[-1]
    designs = _designs()
    fields = [
        Field("sort", N_("What sort of programme?"), "singlevaluelist", choices=SORTS,
              hint=N_("Another sort brings its own words below, where you have not written yours. What is counted "
                      "stays as it is.")),
        Field("programme", N_("What is done?"), "text", required=True, maximum=2000,
              hint=N_("In plain words: what, by whom, how often.")),
        Field("treated", N_("Where?"), "string" if many else "multivaluelist", required=True,
              source="" if many else "unit", maximum=20_000,
              hint=N_("Names of the areas, with semicolons between them.") if many else ""),
        Field("start", N_("From when?"), required=True, maximum=40,
              hint=gettext("The first period with the programme, written like %(example)s. It may lie ahead.")
              % {"example": example}),
        Field("starts", N_("Areas that start at another time"), "text", maximum=20_000,
              hint=gettext("One line each: area, %(example)s") % {"example": example}),
        Field("length", N_("How many periods will be measured from the start on?"), "number", required=True,
              minimum=1, maximum=1000, hint=N_("Decide it now, so that nobody stops at a lucky moment.")),
        Field("first", N_("The first period that is used"), maximum=40, hint=N_("Empty for all.")),
        Field("expected", N_("Which change do you expect, in percent?"), "number", required=True, minimum=-100,
              maximum=1000, hint=N_("-20 for a fifth fewer.")),
        Field("rule", N_("Compared with what?"), "singlevaluelist", required=True, choices=RULES),
        Field("each", N_("How many comparison areas for each?"), "number", minimum=1, maximum=50,
              show_when=ShowWhen("rule", frozenset({"alike"}))),
        Field("comparison", N_("Which areas?"), "text", maximum=20_000,
              hint=N_("Names of the areas, with semicolons between them."),
              show_when=ShowWhen("rule", frozenset({"named"}))),
        Field("looked_back", N_("How many past periods did you look at when you chose the areas?"), "number",
              required=True, minimum=1, maximum=1000,
              hint=N_("Areas that were chosen for a bad time get better by themselves. This tells by how much.")),
        Field("dose", N_("What is delivered, so that it can be counted?"), maximum=100,
              hint=N_("In the plural: “hours of foot patrol”, “lights repaired”.")),
        Field("dose_planned", N_("How much of it per period?"), "number", minimum=0, maximum=1e9),
        Field("design", N_("Design that counts"), "singlevaluelist", choices=designs,
              hint=N_("Leave it open and the studio proposes the one that fits.")),
        Field("second", N_("Second opinion"), "singlevaluelist", choices=designs),
    ]  # fmt: skip
    if panel.coordinates is not None:
        at = next(n for n, field in enumerate(fields) if field.code == "looked_back")
        fields.insert(
            at,
            Field("reach", N_("How far may the programme be felt, in metres?"), "number", minimum=0, maximum=100_000,
                  hint=N_("Areas that near are no comparison. The report looks at them by themselves.")),
        )  # fmt: skip
    return tuple(fields)


def _designs() -> tuple[Choice, ...]:
    from commonbeat.evidence import stats

    chosen = (design for design in stats.designs() if design.slug != "wdd-rings")
    return tuple(Choice(design.slug, design.title) for design in chosen)


def _form(study: Study, panel: Panel, data: Mapping[str, Any] | None) -> FieldsForm:
    known, initial = labels_of(study), _initial(study, panel)
    units = [(unit, known.get(unit, unit)) for unit in panel.units]
    return form_for(_fields(panel), data=data, language=get_language() or "en", sources={"unit": units},
                    initial=initial)  # fmt: skip


def _initial(study: Study, panel: Panel) -> dict[str, Any]:
    plan = Plan.from_dict(study.draft)
    many = len(panel.units) > MANY_AREAS
    return plan.as_dict() | {
        "treated": "; ".join(plan.treated) if many else list(plan.treated),
        "starts": "\n".join(f"{unit}, {start}" for unit, start in plan.starts.items()),
        "comparison": "; ".join(plan.comparison) if plan.rule == "named" else "",
        "rule": plan.rule if plan.treated else "alike", **_open_choices(plan, panel),
        "dose_planned": plan.dose_planned or "",
    }  # fmt: skip


def _open_choices(plan: Plan, panel: Panel) -> dict[str, str]:
    """Designs that the studio proposed stay open: other areas or dates may call for others."""
    if not plan.treated:
        return {}
    from commonbeat.evidence.studies.ahead import propose_designs
    from commonbeat.evidence.studies.fitting import PlanProblem

    try:
        proposed = propose_designs(plan, panel)[:2]
    except PlanProblem:
        return {}
    return {"design": "", "second": ""} if (plan.design, plan.second) == proposed else {}


def _names(given: Any) -> tuple[str, ...]:
    parts = given if isinstance(given, list | tuple) else str(given or "").replace("\n", ";").split(";")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _starts(text: str) -> dict[str, str]:
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            unit, comma, start = line.rpartition(",")
            if not comma or not unit.strip() or not start.strip():
                raise _BadLine(number)
            found[unit.strip()] = start.strip()
    return found


class _BadLine(ValueError):
    """A line of other starts that cannot be read; its number."""


def read_plan(given: Mapping[str, Any], before: Plan) -> Plan:
    """The plan that a form means; what the form does not ask stays as it was."""
    told = replace(
        before, sort=str(given.get("sort") or ""),
        programme=str(given.get("programme", "")), treated=_names(given.get("treated")),
        start=str(given.get("start", "")).strip(), starts=_starts(str(given.get("starts", ""))),
        length=int(given.get("length", 12)), first=str(given.get("first", "")).strip(),
        expected=float(given.get("expected", -20)), rule=str(given.get("rule", "all")),
        each=int(given.get("each", 3)), reach=float(given.get("reach", 0)),
        comparison=_names(given.get("comparison")) if given.get("rule") == "named" else (),
        looked_back=int(given.get("looked_back", 12)), dose=str(given.get("dose", "")).strip(),
        dose_planned=float(given.get("dose_planned", 0)), design=str(given.get("design", "")),
        second=str(given.get("second", "")), options={},
    )  # fmt: skip
    return _other_sort(told, before) if told.sort != before.sort else told


def _other_sort(told: Plan, before: Plan) -> Plan:
    """A plan whose sort of programme was changed: words that the old sort brought give way to those of the new one."""
    old, new = (next((one for one in PROGRAMMES if one.slug == sort), None) for sort in (before.sort, told.sort))
    if new is None:
        return told
    brought: dict[str, Any] = {}
    for name, field in (("programme", "done"), ("dose", "dose")):
        if getattr(told, name) in _brought(getattr(old, field, "")):
            brought[name] = gettext(getattr(new, field))
    if old is not None and told.expected == old.expected:
        brought["expected"] = new.expected
    return replace(told, **brought)


def _brought(words: str) -> set[str]:
    """What a sort of programme wrote into the form, in whichever language; an empty field is nobody's own words."""
    found = {"", words}
    for code, _ in settings.LANGUAGES:
        with override(code):
            found.add(gettext(words) if words else "")
    return found


@staff(*PLANNERS)
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """The plan with what it promises beside it. Saving looks at nothing from the start on."""
    study, problem = find_study(number), ""
    try:
        panel = panel_of(study)
    except NoData as missing:
        messages.error(request, gettext(str(missing)))
        return HttpResponseRedirect(f"/desk/studies/{study.pk}/")
    form = _form(study, panel, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        from commonbeat.evidence.studies.fitting import PlanProblem

        try:
            wanted = read_plan(form.cleaned_data, Plan.from_dict(study.draft))
            save_plan(study, wanted, version=version_given(request), actor=actor_of(request), at=timezone.now())
            return HttpResponseRedirect(f"/desk/studies/{study.pk}/plan/#ahead")
        except PlanProblem as wrong:
            form.add_error(wrong.field if wrong.field in form.fields else None, wrong.problem.said(gettext))
        except _BadLine as wrong:
            form.add_error("starts", gettext(BAD_START) % {"line": wrong.args[0]})
        except PlanChanged:
            problem = gettext(CHANGED)
    status = 200 if request.method != "POST" else (409 if problem else 422)
    return _page(request, study, panel, form, problem=problem, status=status)


def _page(
    request: HttpRequest, study: Study, panel: Panel, form: FieldsForm, *, problem: str = "", reason: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "section": "studies", "study": study, "form": form, "problem": problem, "reason": reason,
        "ahead": _ahead(study, panel), "latest": latest_plan(study), "draft": study.draft,
        "caveat": caveat_of(study.draft.get("sort", "")), "comparison": _named(study),
        "others": telling.plan_rows(study.draft, labels_of(study), gettext),
    }  # fmt: skip
    return render(request, "pages/studio/plan.html", context, status=status)


def _named(study: Study) -> str:
    """The comparison areas by name."""
    known = labels_of(study)
    return ", ".join(known.get(unit, unit) for unit in study.draft.get("comparison", ()))


def _ahead(study: Study, panel: Panel) -> dict[str, Any] | None:
    """What the saved plan promises, in words; None before somebody has saved it in the studio."""
    if not (study.draft.get("treated") and study.draft.get("design")):
        return None
    from commonbeat.evidence.studies.ahead import described
    from commonbeat.evidence.studies.fitting import PlanProblem
    from commonbeat.evidence.studies.outcomes import promises as of_others
    from commonbeat.evidence.studies.tables import BadTable

    kept = Plan.from_dict(study.draft)
    try:
        found = ahead_of(study).as_dict() | of_others(study, kept, panel)
    except (PlanProblem, BadTable) as wrong:
        return {"problem": wrong.problem.said(gettext)}
    except NoData as missing:
        return {"problem": gettext(str(missing))}
    return promises(found | {"designs": {"first": described(kept.design), "second": described(kept.second)}},
                    study.draft)  # fmt: skip


def promises(found: Mapping[str, Any], draft: Mapping[str, Any]) -> dict[str, Any]:
    """What was foretold of a plan, in the reader's language."""
    designs = {which: {name: gettext(text) for name, text in told.items() if name != "slug"}
               for which, told in found["designs"].items()}  # fmt: skip
    return {
        "detectable": words.foretold(found["detectable"], gettext),
        "regression": words.foretold(found["regression"], gettext),
        "too_small": (found["detectable"].get("reduction") or 1) * 100 > abs(float(draft["expected"])),
        "regresses": abs(found["regression"].get("net") or 0) >= 0.03,
        "why": words.said(found["why"], gettext), "designs": designs, "known_after": found["known_after"],
        "expected": words.expectation(draft, gettext),
        "further": telling.foretold(draft.get("further", ()), found, gettext),
        "levels": [
            (gettext("Areas"), len(draft["treated"]), found["compared"]),
            (gettext("Events per area and period before"), f"{found['treated_level']:.1f}",
             f"{found['compared_level']:.1f}"),
            (gettext("Change from the first to the second half of the past"), f"{100 * found['treated_trend']:+.0f} %",
             f"{100 * found['compared_trend']:+.0f} %"),
        ],
    }  # fmt: skip


@staff(*PLANNERS)
@require_POST
def freeze_plan(request: HttpRequest, number: int) -> HttpResponse:
    """Freeze the saved plan; a later version needs a reason."""
    study = find_study(number)
    reason = request.POST.get("reason", "").strip().replace("\x00", "")[:400]
    from commonbeat.evidence.studies.fitting import PlanProblem
    from commonbeat.evidence.studies.tables import BadTable

    try:
        freeze(study, reason=reason, version=version_given(request), actor=actor_of(request), at=timezone.now())
        return HttpResponseRedirect(f"/desk/studies/{study.pk}/")
    except Refused as refused:
        problem = gettext(str(refused))
    except (PlanProblem, BadTable) as wrong:
        problem = wrong.problem.said(gettext)
    except PlanChanged:
        problem = gettext(CHANGED)
    except NoData as missing:
        messages.error(request, gettext(str(missing)))
        return HttpResponseRedirect(f"/desk/studies/{study.pk}/")
    study = find_study(number)
    panel = panel_of(study)
    return _page(request, study, panel, _form(study, panel, None), problem=problem, reason=reason, status=409)


@staff(*READERS)
@require_safe
def version(request: HttpRequest, number: int, version: int) -> HttpResponse:
    """One frozen version with its stamp: what was decided, when, by whom, knowing what."""
    study = find_study(number)
    found = study.plans.select_related("frozen_by").filter(number=version).first()
    if found is None:
        raise Http404
    context = {
        "section": "studies", "study": study, "frozen": found, "ahead": promises(found.ahead, found.plan),
        "rows": plan_rows(found.plan, found.ahead), "newest": latest_plan(study),
    }  # fmt: skip
    return render(request, "pages/studio/version.html", context)


def plan_rows(draft: Mapping[str, Any], ahead: Mapping[str, Any]) -> list[dict[str, str]]:
    """A frozen plan as terms and texts; what was foretold knows the names of areas and designs."""
    labels, sort = ahead.get("labels", {}), draft.get("sort", "")
    first, second = (ahead["designs"][which]["title"] for which in ("first", "second"))

    def named(units: Iterable[str]) -> str:
        return ", ".join(labels.get(unit, unit) for unit in units)

    rows = [
        (N_("Sort of programme"), gettext(PROGRAMMES[sort].name) if sort in PROGRAMMES else ""),
        (N_("What is done"), draft["programme"]), (N_("Outcome that counts"), draft.get("outcome", "")),
        *telling.plan_rows(draft, labels, gettext), (N_("Where"), named(draft["treated"])),
        (N_("From when"), draft["start"]),
        (N_("Areas that start at another time"), ", ".join(f"{u} ({s})" for u, s in draft["starts"].items())),
        (N_("The first period that is used"), draft["first"]),
        (N_("Periods measured from the start on"), str(draft["length"])),
        (N_("Expected"), words.expectation(draft, gettext)),
        (N_("Compared with"), named(draft["comparison"]) or gettext("All other areas")),
        (N_("Felt within, in metres"), f"{draft['reach']:g}" if draft["reach"] else ""),
        (N_("Past periods looked at when the areas were chosen"), str(draft["looked_back"])),
        (N_("Design that counts"), gettext(first)),
        (N_("Second opinion"), gettext(second)),
        (N_("What is delivered"), f"{draft['dose']} ({draft['dose_planned']:g})" if draft["dose"] else ""),
    ]  # fmt: skip
    return [{"term": gettext(term), "text": text} for term, text in rows if text]
