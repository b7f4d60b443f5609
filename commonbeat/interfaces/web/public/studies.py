"""What was tried and whether it worked: studies that were published, those that found nothing like the others."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from commonbeat.community.agency import setting
from commonbeat.core.numbers import Suppressed, show, suppress
from commonbeat.evidence.studies import telling, words
from commonbeat.evidence.studies.models import PlanVersion, StudyPage
from commonbeat.evidence.studies.pages import published
from commonbeat.evidence.studies.programmes import caveat_of
from commonbeat.evidence.surveys.release import released
from commonbeat.interfaces.access import anyone

SHOWN = ("estimates", "course", "dose")
MOST = 100
FEW = 15
"""More areas than this are named only when a reader asks."""


@anyone
@require_safe
def study_list(request: HttpRequest) -> HttpResponse:
    """Every published study, planned and finished."""
    rows = [_brief(page) for page in published().defer("run__job")[:MOST]]
    return render(request, "pages/public/studies.html", {"section": "studies", "rows": rows})


def _brief(page: StudyPage) -> dict[str, Any]:
    """A study in the list: its question and its headline."""
    result = page.run.result if page.run else None
    language, written = _words(page)
    return {
        "slug": page.study.slug, "title": written.get("title") or page.study.title, "language": language,
        "verdict": words.verdict(result, gettext) if result else None,
        "finding": words.finding(result, "first", gettext) if result else "",
        "hoped": words.expectation(page.plan.plan, gettext),
    }  # fmt: skip


def find_page(slug: str) -> StudyPage:
    """A published study, or 404."""
    found = published().filter(study__slug=slug).first()
    if found is None:
        raise Http404
    return found


@anyone
@require_safe
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """One study: what was tried, what was hoped for, what happened, how sure we are, what is next."""
    return render(request, "pages/public/study.html", {"section": "studies", "told": told(find_page(slug))})


def told(page: StudyPage) -> dict[str, Any]:
    """Everything that the plain page says, in the reader's language."""
    plan, result = page.plan, page.run.result if page.run else None
    language, written = _words(page)
    labels, caveat = plan.ahead.get("labels", {}), caveat_of(plan.plan.get("sort", ""))
    context: dict[str, Any] = {
        "slug": page.study.slug, "title": written.get("title") or page.study.title, "tried": written.get("tried", ""),
        "next": written.get("next", ""), "language": language,
        "other_language": language != (get_language() or "en").split("-")[0],
        "areas": ", ".join(labels.get(unit, unit) for unit in plan.plan["treated"]), "unit": gettext("areas"),
        "many": len(plan.plan["treated"]) if len(plan.plan["treated"]) > FEW else 0,
        "start": plan.plan["start"], "length": plan.plan["length"],
        "hoped": words.expectation(plan.plan, gettext),
        "detectable": words.foretold(plan.ahead["detectable"], gettext),
        "regression": words.foretold(plan.ahead["regression"], gettext),
        "further": telling.foretold(plan.plan.get("further", ()), foretold(plan), gettext),
        "registered": plan.registered, "frozen_at": plan.frozen_at, "stamp": plan.stamp, "number": plan.number,
        "versions": [
            {"number": one.number, "at": one.frozen_at, "reason": one.reason}
            for one in page.study.plans.order_by("number")
        ],
        "published_at": page.published_at, "verdict": None, "caveat": caveat and gettext(caveat),
    }  # fmt: skip
    if not result:
        return context
    rows = words.checks(result, gettext)
    hidden = unseen(plan, result)
    table = _course(result["course"])
    return context | {
        "verdict": words.verdict(result, gettext), "finding": words.finding(result, "first", gettext),
        "outcomes": telling.outcomes(result, gettext, hidden=hidden), "splits": telling.splits(result, gettext),
        "corrected": gettext(telling.METHODS[result.get("adjustment", {}).get("method", "")]),
        "events": words.in_events(result, gettext), "estimates": words.estimates(result, gettext),
        "doubts": [row for row in rows if row["state"] in ("fail", "warn")],
        "passed": [row for row in rows if row["state"] == "pass"],
        "pictures": _pictures(page, table), "table": table, "run": page.run,
    }  # fmt: skip


def unseen(plan: PlanVersion, result: dict[str, Any]) -> set[str]:
    """Keys of outcomes whose survey the public does not read."""
    return telling.unseen(result, set(released().values_list("pk", flat=True)) if result.get("outcomes") else ())


def foretold(plan: PlanVersion) -> dict[str, Any]:
    """What was foretold, without what rests on a survey that was not released."""
    further = plan.ahead.get("further", {})
    shown = set(released().values_list("pk", flat=True)) if further else set()
    return plan.ahead | {"further": {key: row for key, row in further.items() if set(row.get("waves", ())) <= shown}}


def _words(page: StudyPage) -> tuple[str, dict[str, str]]:
    """The words in the reader's language, else in the first language in which they were written."""
    wanted = (get_language() or "en").split("-")[0]
    for code in (wanted, "en", *page.words):
        if code in page.words:
            return code, page.words[code]
    return wanted, {}


def _course(course: dict[str, Any]) -> dict[str, Any]:
    """Events by period with small counts hidden; the scaled comparison is no count of anybody."""
    least = int(setting("minimum_count"))
    cells = [suppress(round(value), minimum=least) for value in course["treated"]]
    return {
        "hides": any(isinstance(cell, Suppressed) for cell in cells),
        "rows": [
            (period, show(cell), f"{scaled:.1f}")
            for period, cell, scaled in zip(course["periods"], cells, course["scaled"], strict=True)
        ],
    }


def _pictures(page: StudyPage, table: dict[str, Any]) -> list[dict[str, str]]:
    """Pictures that show no hidden count."""
    assert page.run is not None
    drawn = set(page.run.pictures.values_list("slug", flat=True))
    kept = [slug for slug in SHOWN if slug in drawn and not (slug == "course" and table["hides"])]
    return [{"slug": slug, "title": gettext(words.PICTURES[slug])} for slug in kept]


@anyone
@require_safe
def study_picture(request: HttpRequest, slug: str, picture: str) -> HttpResponse:
    """A picture of the plain page."""
    from commonbeat.interfaces.web.studio.runs import send_picture

    page = find_page(slug)
    if page.run is None or page.run.result is None or picture not in SHOWN:
        raise Http404
    if picture == "course" and _course(page.run.result["course"])["hides"]:
        raise Http404
    return send_picture(page.run, picture, private=False)


@anyone
@require_safe
def study_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The plan with its stamp and the result, without counts of single areas and periods."""
    from commonbeat.interfaces.web.studio.runs import as_file

    page = find_page(slug)
    if page.run is None or page.run.result is None:
        plan = page.plan
        told = {"title": page.study.title, "version": plan.number, "stamp": plan.stamp, "plan": plan.plan,
                "foretold": foretold(plan), "frozen_at": plan.frozen_at.isoformat()}  # fmt: skip
        return HttpResponse(json.dumps(told, ensure_ascii=False, indent=1), content_type="application/json")
    told = as_file(page.run, data=False)
    kept = ("schema", "software", "data", "names", "verdict", "shares", "designs", "checks")
    results = {name: told["result"][name] for name in kept}
    results |= _more(told["result"], unseen(page.plan, told["result"]))
    told["foretold"] = foretold(page.plan)
    for which in ("first", "second", "naive"):
        results[which] = {name: value for name, value in told["result"][which].items() if name != "series"}
    answer = json.dumps(told | {"result": results}, ensure_ascii=False, indent=1)
    return HttpResponse(answer, content_type="application/json")


def _more(result: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    """Further outcomes and groups without counts by period; nothing of a survey that was not released."""
    found: dict[str, Any] = {name: result[name] for name in ("splits",) if name in result}
    if "outcomes" in result:
        rows = [row for row in result["outcomes"] if row["key"] not in hidden]
        found["outcomes"] = [
            row | {"result": {name: value for name, value in row["result"].items() if name != "series" or row["asked"]}}
            for row in rows
        ]
        p = {key: value for key, value in result["adjustment"]["p"].items() if key not in hidden}
        found["adjustment"] = result["adjustment"] | {"p": p}
    return found
