"""A tip that can be worked, promoted and reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.actions import Report, open_case
from commonbeat.cases.models import Case
from commonbeat.core.actor import ANONYMOUS
from tests import make
from tests.conftest import City

FITTING: Mapping[str, Any] = {
    "clean": "on", "review_on": "2026-04-01", "number": "26-1234", "target": "records", "decision": "keep",
    "area": lambda case: case.area_id, "category": lambda case: case.category_id,
}  # fmt: skip


def open_one(city: City) -> Case:
    """A tip about the north."""
    report = Report(
        category_id=tips().pk, text="They sell pills behind the shop on most nights.", area_id=city.north.pk,
        channel="tip",
    )  # fmt: skip
    return open_case("tip", report, actor=ANONYMOUS, at=make.NOW).case


def tips() -> Any:
    """The category of tips in the cast's city."""
    from commonbeat.cases.categories import Category

    return Category.objects.filter(code="tip-drugs").first() or make.category(
        "tip-drugs", name="Drug dealing", kind="tip"
    )


def work_on(case: Case) -> None:
    """A reward waits to be taken."""
    case.details["reward"] = {"amount": "$100", "state": "offered"}
    case.save(update_fields=["details"])
