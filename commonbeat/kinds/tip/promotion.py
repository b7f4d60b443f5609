"""The one way out of a tip: words that staff wrote themselves, with a day on which somebody asks whether to keep it.

What is promoted knows nothing of the tip: no link, no reference, no sender, none of the sender's sentences. Only the
tip remembers where it went, for as long as it lives (B03).
"""

from __future__ import annotations

import datetime as dt
import re

from commonbeat.cases import sealing
from commonbeat.cases.actions import LOST_KEY, Report, open_case
from commonbeat.cases.categories import categories
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Task
from commonbeat.community.agency import close_of, local_day
from commonbeat.core.fields import Choice, Field, Invalid, Problem, ShowWhen
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry

REVIEW_DAYS = 90
LONGEST_REVIEW = 365
SAME_WORDS = 6
"""So many words in a row are somebody's own sentence: they can be recognised."""

CONCERN, RECORDS = "concern", "records"
_KEPT = ShowWhen("decision", frozenset({"keep"}))
_TO_CONCERN, _TO_RECORDS = ShowWhen("target", frozenset({CONCERN})), ShowWhen("target", frozenset({RECORDS}))

FIELDS = (
    Field(
        "target", N_("What it becomes"), "singlevaluelist", required=True, initial=CONCERN,
        choices=(
            Choice(CONCERN, N_("A concern that our officers work")),
            Choice(RECORDS, N_("A part of an incident in the records system")),
        ),
    ),
    Field(
        "text", N_("What colleagues need to know, in your own words"), "text", required=True,
        hint=N_("Leave out who sent it, how they know, and their sentences. Write only what can be known otherwise."),
    ),
    Field("category", N_("Category of the concern"), source="category", required=True, show_when=_TO_CONCERN),
    Field("address", N_("Address or landmark"), show_when=_TO_CONCERN,
          hint=N_("Leave it out where only the sender could know it.")),
    Field("area", N_("Area"), source="tip_area", show_when=_TO_CONCERN),
    Field("number", N_("Number of the incident"), required=True, maximum=40, show_when=_TO_RECORDS),
    Field("review_on", N_("Ask again whether it must be kept, on"), "datetime",
          hint=N_("Leave empty for 90 days from now. One year at most.")),
    Field("clean", N_("I read it again: nothing in it points to the sender"), "boolean"),
)  # fmt: skip
REVIEW_FIELDS = (
    Field(
        "decision", N_("Is this tip still needed?"), "singlevaluelist", required=True,
        choices=(
            Choice("purge", N_("No: destroy its words now")),
            Choice("keep", N_("Yes: ask again later")),
        ),
    ),
    Field("review_on", N_("Ask again on"), "datetime", required=True, show_when=_KEPT),
    Field("reason", N_("Why"), "text", required=True, show_when=_KEPT),
)  # fmt: skip

NOT_CLEAN = N_("Read it once more, then tick that nothing in it points to the sender.")
THEIR_WORDS = N_("These are the sender's own words: “%(words)s”. Say it differently.")
REVIEW_WHEN = N_("Choose a day after today, within a year.")
NO_PLACE = N_("Give an address or landmark, or choose an area.")
NOT_A_CONCERN = N_("Choose a category of concern.")
STILL_OPEN = N_("This tip is still open. Close it first; its words can be destroyed then.")


def sentences_of(text: str) -> list[str]:
    """A text as words without case and punctuation."""
    return re.findall(r"[^\W_]+", text.casefold())


def same_words(mine: str, theirs: str) -> str:
    """The first run of words that both texts have, where it is long enough to recognise somebody by; else empty."""
    known = sentences_of(theirs)
    runs = {tuple(known[i : i + SAME_WORDS]) for i in range(len(known) - SAME_WORDS + 1)}
    words = sentences_of(mine)
    for start in range(len(words) - SAME_WORDS + 1):
        run = tuple(words[start : start + SAME_WORDS])
        if run in runs:
            return " ".join(run)
    return ""


def _review_day(deed: Deed) -> dt.date:
    today = local_day(deed.at)
    given = deed.data.get("review_on")
    day = dt.date.fromisoformat(str(given)[:10]) if given else today + dt.timedelta(days=REVIEW_DAYS)
    if not today < day <= today + dt.timedelta(days=LONGEST_REVIEW):
        raise Invalid([Problem("review_on", REVIEW_WHEN)])
    return day


def _said_by_sender(deed: Deed) -> str:
    """Everything that the sender wrote: the tip itself and their messages."""
    try:
        said = sealing.said_in(deed.case)
    except sealing.Unreadable:
        raise Invalid([Problem("text", LOST_KEY)]) from None
    entries = Entry.objects.about("case", deed.case.pk).filter(actor_sort="reporter")
    later = [str((e.personal or {}).get("text", "")) for e in sealing.open_entries(deed.case, entries)]
    return "\n".join([said.text, *(str(answer) for answer in said.answers.values()), *later])


def promote(deed: Deed) -> None:
    """Carry what matters over into a concern or an incident, and set the day of the review."""
    problems = []
    if not deed.data.get("clean"):
        problems.append(Problem("clean", NOT_CLEAN))
    repeated = same_words(str(deed.data["text"]), _said_by_sender(deed))
    if repeated:
        problems.append(Problem("text", THEIR_WORDS, {"words": repeated}))
    if problems:
        raise Invalid(problems)
    day = _review_day(deed)
    if deed.data["target"] == CONCERN:
        deed.facts["child"] = _concern(deed)
    else:
        deed.personal["number"] = deed.data["number"]
    deed.personal["text"] = deed.data["text"]
    deed.facts |= {"target": deed.data["target"], "review": day.isoformat()}
    deed.columns["details"] = deed.case.details | {"promoted": True, "review_on": day.isoformat()}
    _ask_on(deed, day)


def _concern(deed: Deed) -> int:
    """Open the concern as staff's own observation; returns its number."""
    chosen = str(deed.data["category"])
    known = categories().get(int(chosen)) if chosen.isascii() and chosen.isdigit() else None
    if known is None or known.row.kind != CONCERN:
        raise Invalid([Problem("category", NOT_A_CONCERN)])
    area = deed.data.get("area")
    if not area and not deed.data.get("address"):
        raise Invalid([Problem("address", NO_PLACE)])
    report = Report(
        category_id=known.row.pk, text=str(deed.data["text"]), address=str(deed.data.get("address") or ""),
        area_id=int(area) if area else None, channel="desk", complete=False,
    )  # fmt: skip
    return open_case(CONCERN, report, actor=deed.actor, at=deed.at).case.pk


def _ask_on(deed: Deed, day: dt.date) -> None:
    """The review is a task of whoever works the tip; it outlives the end of the tip."""
    Task.objects.filter(case=deed.case, sort="purge", done_at__isnull=True).update(
        done_at=deed.at, done_by=deed.actor.user_id
    )
    owner = deed.case.assignee_id or deed.actor.user_id
    deed.make(Task(case=deed.case, sort="purge", text="", owner_id=owner, due_at=close_of(day), created_at=deed.at))


def review(deed: Deed) -> None:
    """Destroy the tip's words now, or ask again later; a closed tip lives at least until it is asked for again."""
    Task.objects.filter(case=deed.case, sort="purge", done_at__isnull=True).update(
        done_at=deed.at, done_by=deed.actor.user_id
    )
    deed.facts["decision"] = deed.data["decision"]
    if deed.data["decision"] == "purge":
        if deed.case.closed_at is None:
            raise Invalid([Problem("decision", STILL_OPEN)])
        deed.columns["dispose_on"] = local_day(deed.at)
        return
    day = _review_day(deed)
    deed.personal["text"] = deed.data["reason"]
    deed.facts["review"] = day.isoformat()
    deed.columns["details"] = deed.case.details | {"review_on": day.isoformat()}
    if deed.case.dispose_on is not None:
        deed.columns["dispose_on"] = max(deed.case.dispose_on, day + dt.timedelta(days=1))
    _ask_on(deed, day)
