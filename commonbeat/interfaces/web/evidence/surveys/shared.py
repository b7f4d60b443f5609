"""What pages of surveys share: their tabs, sets of areas in words, waves by number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.evidence.areas import sets
from commonbeat.evidence.surveys.models import SurveyWave
from commonbeat.interfaces.access import may_open
from commonbeat.interfaces.web.forms import say


def tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """The parts of surveys that this person may open."""
    parts = (("surveys", _("Surveys")), ("heard_from", _("Heard from")), ("scorecard", _("Scorecard")),
             ("populations", _("Populations")),
             ("survey_bring", _("Bring in answers")))  # fmt: skip
    return [{"url": reverse(name), "label": label, "current": name == current} for name, label in parts
            if may_open(actor, name)]  # fmt: skip


def area_choices() -> list[tuple[str, str]]:
    """Sets of areas as `level@revision` and in words; those out of use say so."""
    found = []
    for level, revision, used in sets():
        words = f"{level.replace('_', ' ').capitalize()} ({revision})"
        found.append((f"{level}@{revision}", words if used else _("%(areas)s, out of use") % {"areas": words}))
    return found


def find_wave(number: int) -> SurveyWave:
    """A wave, or 404."""
    found = SurveyWave.objects.select_related("series").filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def worded(problem: Problem | Mapping[str, Any]) -> str:
    """A problem in the reader's language, also as it was stored."""
    if isinstance(problem, Problem):
        return say(problem)
    return say(Problem("", str(problem["message"]), problem["params"]))


def add_problems(form: forms.Form, refused: Invalid) -> None:
    """Problems beside their question, or on top."""
    for problem in refused.problems:
        form.add_error(problem.code if problem.code in form.fields else None, say(problem))
