"""What the steps of a security survey do: the walk, its findings, the list for the resident, and what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commonbeat.cases.custody import take_photos
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Task
from commonbeat.community.agency import close_of, local_day, wall_clock
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.service.checklist import QUESTIONS
from commonbeat.kinds.service.models import Finding, Survey

ASK_AFTER = dt.timedelta(days=90)
NOT_YET = N_("This moment has not come yet.")
NO_ANSWER = N_("Answer at least one question of the checklist.")
NO_SURVEY = N_("Walk through the place with the checklist first.")
NO_ROW = N_("This finding is not on the list any more. Choose another one.")
PAST = N_("Choose a day after today.")


def _survey(deed: Deed) -> Survey:
    found = Survey.objects.filter(case=deed.case).first()
    if found is None:
        raise Invalid([Problem("", NO_SURVEY)])
    return found


def finding_of(deed: Deed) -> Finding:
    """The finding that a step is about, by its number or by its question of the checklist. Raises `Invalid`."""
    named = str(deed.data.get("finding") or "")
    rows = Finding.objects.filter(survey_id=deed.case.pk).select_related("order")
    number = named.isascii() and named.isdigit()
    found = rows.filter(pk=int(named)).first() if number else rows.filter(question=named).exclude(question="").first()
    if found is None:
        raise Invalid([Problem("finding", NO_ROW)])
    return found


def walk(deed: Deed) -> None:
    """Keep the answers of a walk; each thing that could be safer becomes a finding with the usual advice.

    A second walk keeps what was written about findings before, and takes off those that are good now.
    """
    walked_at = wall_clock(str(deed.data["walked_at"]))
    if walked_at > deed.at:
        raise Invalid([Problem("walked_at", NOT_YET)])
    answers = {one.key: value for one in QUESTIONS if (value := deed.data.get(f"q_{one.key}"))}
    if not answers:
        raise Invalid([Problem("", NO_ANSWER)])
    survey, _ = Survey.objects.update_or_create(
        case=deed.case, defaults={"answers": answers, "walked_at": walked_at, "walked_by_id": deed.actor.user_id}
    )
    wanted = [one for one in QUESTIONS if answers.get(one.key) == "mend"]
    kept = set(survey.findings.exclude(question="").values_list("question", flat=True))
    survey.findings.exclude(question="").exclude(question__in=[one.key for one in wanted]).delete()
    Finding.objects.bulk_create(
        Finding(survey=survey, topic=one.topic, question=one.key, advice=one.advice)
        for one in wanted if one.key not in kept
    )  # fmt: skip
    take_photos(deed)
    deed.facts |= {"visited_at": walked_at, "findings": len(wanted)}


def advise(deed: Deed) -> None:
    """Say how bad a finding is, what was seen, and what to do."""
    finding, given = finding_of(deed), deed.data
    Finding.objects.filter(pk=finding.pk).update(
        severity=given["severity"], seen=given.get("seen") or "", advice=given["advice"]
    )
    deed.personal["text"] = given["advice"]


def add_finding(deed: Deed) -> None:
    """Something that the checklist does not ask about."""
    given = deed.data
    finding = Finding(
        survey=_survey(deed), topic=given["topic"], severity=given["severity"], seen=given.get("seen") or "",
        advice=given["advice"],
    )  # fmt: skip
    deed.make(finding)
    deed.personal["text"] = given["advice"]


def hand_list(deed: Deed) -> None:
    """The resident got the list; a task asks later what was done."""
    survey, today = _survey(deed), local_day(deed.at)
    given = deed.data.get("again_on")
    again = dt.date.fromisoformat(str(given)[:10]) if given else today + ASK_AFTER
    if again <= today:
        raise Invalid([Problem("again_on", PAST)])
    Survey.objects.filter(pk=survey.pk).update(told_at=deed.at, again_on=again)
    Task.objects.filter(case=deed.case, sort="survey", done_at=None).update(done_at=deed.at, done_by=deed.actor.user_id)
    owner = deed.case.assignee_id or deed.actor.user_id
    task = Task(case=deed.case, sort="survey", text="", owner_id=owner, due_at=close_of(again), created_at=deed.at)
    deed.make(task)
    deed.facts["due"] = task.due_at


def follow_up(deed: Deed) -> None:
    """Whether one piece of advice was followed; when all are known the task is done."""
    finding, given = finding_of(deed), deed.data
    Finding.objects.filter(pk=finding.pk).update(
        state=given["state"], note=given.get("note") or "", looked_on=local_day(deed.at)
    )
    take_photos(deed)
    if not Finding.objects.filter(survey_id=deed.case.pk, state="open").exists():
        Task.objects.filter(case=deed.case, sort="survey", done_at=None).update(
            done_at=deed.at, done_by=deed.actor.user_id
        )
    deed.facts["advice"] = given["state"]
    deed.personal["text"] = given.get("note") or ""


def counts(survey: Survey) -> dict[str, Any]:
    """How many findings there are, and of how many it is known that they were done."""
    states = list(survey.findings.values_list("state", flat=True))
    done = sum(state == "done" for state in states)
    return {"all": len(states), "done": done, "open": sum(state == "open" for state in states)}
