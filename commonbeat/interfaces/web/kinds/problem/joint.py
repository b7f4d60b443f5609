"""Starting a joint project or an after-action review."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext

from commonbeat.community.places import places
from commonbeat.core.fields import Invalid
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.kinds.problem.starting import STARTERS
from commonbeat.interfaces.web.one_page import client_id_of
from commonbeat.kinds.problem.actions import JOINT_FIELDS, start_joint

WORDS = {
    "project": (
        N_("Start a joint project"),
        N_("Residents, partners and police want to get something done together: a better square, a clean-up, help for "
           "people in need. It has a plan, partners and permits."),
    ),
    "review": (
        N_("Start an after-action review"),
        N_("Look back at an event or operation with those who took part: what was meant, what happened, why, and what "
           "to do differently. It blames nobody; others find what was learnt."),
    ),
}  # fmt: skip


@staff(*STARTERS)
def new_project(request: HttpRequest) -> HttpResponse:
    """The form of a joint project; sent, it opens the project and shows its page."""
    return _new(request, "project")


@staff(*STARTERS)
def new_review(request: HttpRequest) -> HttpResponse:
    """The form of an after-action review."""
    return _new(request, "review")


def _new(request: HttpRequest, kind: str) -> HttpResponse:
    form = _form(kind, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = start_joint(
                kind, answers=form.cleaned_data, actor=actor_of(request), at=timezone.now(),
                client_id=client_id_of(request),
            )  # fmt: skip
            return HttpResponseRedirect(f"/desk/{opened.case.reference}/")
        except Invalid as refused:
            form.add_problems(refused)
    heading, lede = (gettext(text) for text in WORDS[kind])
    context = {"form": form, "heading": heading, "lede": lede, "action": request.path, "section": "problems",
               "client_id": client_id_of(request) or uuid.uuid4()}  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "pages/desk/problem/new_joint.html", context, status=status)


def _form(kind: str, data: Any) -> FieldsForm:
    sources = {"area": [(area.pk, area.name) for area in places().serving]}
    return form_for(JOINT_FIELDS[kind], language=get_language() or "en", data=data, sources=sources)
