"""The report of a run as a tagged PDF, set by Typst from the same words as the page."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from django.utils.translation import get_language, get_language_bidi, gettext

from commonbeat.community.agency import current
from commonbeat.core.text import N_
from commonbeat.evidence.studies.models import Picture, Run
from commonbeat.interfaces.web.studio.runs import language_of

TEMPLATE = Path(__file__).with_name("report.typ")
HEADINGS = {
    "finding": N_("Finding"), "answers": N_("The answers beside each other"), "checks": N_("Checks"),
    "foretold": N_("What was foretold"), "plan": N_("Plan"), "stamp": N_("Stamp"), "answer": N_("Answer"),
    "change": N_("Change (interval)"), "events": N_("In events (interval)"), "declined": N_("It declined to answer."),
    "hash": N_("Hash of the plan"), "data": N_("Fingerprint of the numbers"), "software": N_("Software"),
    "outcomes": N_("Every outcome"), "outcome": N_("Outcome"), "counts": N_("Outcome that counts"),
    "groups": N_("Does it differ between groups?"), "group": N_("Group"), "over": N_("The first over the second"),
    "shown": N_("The first one counts. The others are shown whatever they say."), "frozen": N_("Frozen"),
    "second": N_("Second opinion"), "number": N_("What the number is:"),
    "alt": N_("The numbers are in the table of the web page and in the file."),
}  # fmt: skip


def make_pdf(run: Run, told: dict[str, Any]) -> bytes:
    """The report in the reader's language; `told` is what the page shows."""
    import typst

    plan = run.plan
    content = {
        "title": plan.study.title, "agency": current().name, "language": (get_language() or "en").split("-")[0],
        "direction": "rtl" if get_language_bidi() else "ltr",
        "words": {name: gettext(text) for name, text in HEADINGS.items()},
        "version": gettext("Plan version %(number)s") % {"number": plan.number},
        "asked": run.asked_at.strftime("%Y-%m-%d"),
        "verdict": told["verdict"], "finding": told["finding"], "second": told["second"], "in_events": told["events"],
        "estimand": told["estimand"], "estimates": told["estimates"], "checks": told["checks"], "plan": told["plan"],
        "foretold": [
            *(told["ahead"][name] for name in ("expected", "detectable", "regression", "why")),
            *(one["text"] for one in told["ahead"]["further"]),
        ],
        "outcomes": told["outcomes"], "splits": told["splits"], "corrected": told["corrected"],
        "pictures": [{"title": one["title"], "file": f"{one['slug']}.svg"} for one in told["pictures"]],
        "stamp": plan.stamp, "data": (run.result or {})["data"], "software": (run.result or {})["software"],
        "frozen": f"{plan.frozen_at:%Y-%m-%d %H:%M} UTC",
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="commonbeat-report-") as folder:
        here = Path(folder)
        for row in Picture.objects.filter(run=run, language=language_of(run)):
            (here / f"{row.slug}.svg").write_text(row.svg, encoding="utf-8")
        (here / "report.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (here / "report.typ").write_bytes(TEMPLATE.read_bytes())
        return bytes(typst.compile(str(here / "report.typ"), root=str(here), format="pdf"))
