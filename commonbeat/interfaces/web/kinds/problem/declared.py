"""Declares what the desk shows of problems, joint projects and reviews: panels, lists, what forms start with."""

from __future__ import annotations

from commonbeat.cases.kind import KINDS
from commonbeat.core.actor import INSIDERS
from commonbeat.interfaces.web.desk.panels import (
    ASIDE,
    FILLINGS,
    MAIN,
    PANELS,
    SOURCES,
    TOP,
    Filling,
    Panel,
    Reading,
    Source,
)
from commonbeat.interfaces.web.kinds.problem import heard, linked, lists, starting, words
from commonbeat.kinds.problem.library import KINDS_WITH_LESSONS

PROBLEM, PROJECT = frozenset({"problem"}), frozenset({"project"})
EACH = frozenset(KINDS_WITH_LESSONS)


def _panel(
    slug: str, reading: Reading, *steps: str, kinds: frozenset[str] = EACH, inside: bool = True, place: str = MAIN
) -> None:
    PANELS.add(
        Panel(
            f"problem_{slug}", f"pages/desk/problem/{slug}.html", reading, kinds=kinds,
            readers=INSIDERS if inside else frozenset(), steps=steps, place=place,
        )
    )  # fmt: skip


_panel(
    "phases", words.phases, "analyse", "respond", "start_response", "assess", "agree", "begin", "hand_to_use",
    "improve", "close", "go_back", "set_aside", "reopen", place=TOP,
)  # fmt: skip
_panel("overview", words.overview, "describe", "tick", kinds=PROBLEM)
_panel("joint", words.overview, "describe", "objective", kinds=EACH - PROBLEM, inside=False)
_panel(
    "linked", linked.linked, "connect", "add_place", "change_place", "remove_place", "add_partner", "change_partner",
    "remove_partner", "count_incidents", "count_again", "remove_count",
)  # fmt: skip
_panel("counts", words.counts, "gather", kinds=PROBLEM)
_panel("analysis", words.analysis, "triangle", "inventory", "hypothesis", "weigh", "judge", kinds=PROBLEM)
_panel("response", words.response, "option", "choose", "objective", kinds=PROBLEM)
_panel("permits", words.permits, "add_permit", "change_permit", "remove_permit", kinds=PROJECT, inside=False)
_panel("plan", words.plan, "plan", "progress", "ask_partner", inside=False)
_panel("study", words.study, "draft_study", "link_study", "remove_study", kinds=PROBLEM)
_panel("residents", heard.residents, "link_question", "remove_question", kinds=PROBLEM)
_panel("assessment", words.assessment, "appraise")
PANELS.add(Panel("problem_start", "pages/desk/problem/start.html", starting.offered, place=ASIDE))

for _name, _options in {
    "category": lists.category_list, "area": lists.area_list, "organisation": lists.organisation_list,
    "hypothesis": lists.hypothesis_list, "option": lists.option_list, "action": lists.action_list,
    "technique": lists.technique_list, "study": lists.study_list, "question": lists.question_list,
    "measure": lists.measure_list, "permit": lists.permit_list,
    "any_area": linked.any_area_list, "place": linked.place_list,
    "partner": linked.partner_list, "count": linked.count_list, "incident_source": linked.incident_source_list,
}.items():  # fmt: skip
    SOURCES.add(Source(f"problem_{_name}", _options))

_FILLED = (
    lists.describe, lists.gather, lists.tick, lists.triangle, lists.inventory, lists.objective, lists.judge,
    lists.choose, lists.plan, lists.progress, lists.ask_partner, lists.close, lists.appraise, lists.draft_study,
    lists.change_permit, linked.change_place, linked.change_partner,
)  # fmt: skip
for _kind in sorted(EACH):
    for _read in _FILLED:
        if KINDS[_kind].workflow.named(_read.__name__):
            FILLINGS.add(Filling(f"{_kind}.{_read.__name__}", _read))
