"""Declares what the desk shows of field reports: panels, the list of rows to take out, and what forms start with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from commonbeat.cases.models import Case
from commonbeat.community.agency import zone
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.bar import PAGES, Page
from commonbeat.interfaces.web.desk.counter import COUNTERS, Counter
from commonbeat.interfaces.web.desk.panels import FILLINGS, PANELS, SOURCES, TOP, Filling, Panel, Source
from commonbeat.interfaces.web.forms import Options
from commonbeat.interfaces.web.kinds.field_report import calls, words
from commonbeat.kinds.field_report import needs
from commonbeat.kinds.field_report.deeds import NARRATIVE
from commonbeat.kinds.field_report.models import FieldReport
from commonbeat.kinds.field_report.sorts import offered, sort_of

KIND = frozenset({"field_report"})


def rows(case: Case) -> Options:
    """The people and the property of a report."""
    report = FieldReport.objects.get(case_id=case.pk)
    people = [(f"party-{party.pk}", title) for party, title in needs.titled(report)]
    return people + [(f"item-{item.pk}", item.what) for item in report.items.order_by("pk")]


def open_sorts(case: Case) -> Options:
    """Sorts that everybody may take; the one that it has stays, also when it is theirs no more."""
    now = FieldReport.objects.get(case_id=case.pk).sort
    listed = [(one.key, gettext(one.label)) for one in offered(sworn=False)]
    held = sort_of(now)
    return listed if not held or now in dict(listed) else [(now, gettext(held.label)), *listed]


def as_written(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The draft as it was kept."""
    report = FieldReport.objects.get(case_id=case.pk)
    parts = {name: getattr(report, name) for name in (*NARRATIVE, "not_now", "sort")}
    return parts | {"text": case.text, "happened_at": f"{report.happened_at.astimezone(zone()):%Y-%m-%dT%H:%M}"}


def the_number(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """The number that is known."""
    return {"number": FieldReport.objects.get(case_id=case.pk).number}


PANELS.add(
    Panel(
        "field_report", "pages/desk/field_report/standing.html", words.standing, kinds=KIND, place=TOP,
        steps=(
            "call_sworn", "accept_call", "submit", "finish", "write_on", "approve", "send_back", "approve_supplement",
            "refuse_supplement", "number", "disclose", "void",
        ),
    )
)  # fmt: skip
PANELS.add(
    Panel(
        "field_report_text", "pages/desk/field_report/text.html", words.text, kinds=KIND, steps=("write", "supplement")
    )
)
PANELS.add(
    Panel(
        "field_report_contents", "pages/desk/field_report/contents.html", words.contents, kinds=KIND,
        steps=("add_party", "add_item", "photograph", "drop"),
    )
)  # fmt: skip
PANELS.add(Panel("dispatch_origin", "pages/desk/field_report/origin.html", calls.origin, kinds=KIND, place=TOP))
PANELS.add(
    Panel(
        "dispatch_call", "pages/desk/field_report/call.html", calls.standing, kinds=frozenset({"dispatch_call"}),
        place=TOP, steps=("claim", "to_sworn", "put_back", "hand_back"),
    )
)  # fmt: skip
SOURCES.add(Source("field_report_row", rows))
SOURCES.add(Source("field_report_open_sort", open_sorts))
FILLINGS.add(Filling("field_report.write", as_written))
FILLINGS.add(Filling("field_report.number", the_number))
COUNTERS.add(Counter("field_report_new", N_("Field report")))
PAGES.add(Page("field_reports", N_("Field reports"), "field_reports"))
PAGES.add(Page("dispatch_calls", N_("Calls from dispatch"), "dispatch_calls"))
