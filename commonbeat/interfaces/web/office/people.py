"""People who sign in: the list, inviting, roles, areas, cover, leaving."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from commonbeat.cases.handover import HAS_WORK, hand_over, open_work
from commonbeat.community.agency import local_day
from commonbeat.community.models import AreaAssignment, Cover, RoleGrant, User
from commonbeat.core.actor import ROLE_LABELS, Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web import second_factor
from commonbeat.interfaces.web.forms import say
from commonbeat.interfaces.web.office.editors import EDITORS, Column, Editor
from commonbeat.interfaces.web.office.forms.people import (
    AssignmentForm,
    CoverForm,
    GrantForm,
    InvitationForm,
    PersonForm,
)
from commonbeat.journal import staffing
from commonbeat.journal.tracked import USER


def _roles(user: Any) -> str:
    today = local_day(timezone.now())
    held = [g for g in user.grants.all() if g.since <= today and (g.until is None or g.until >= today)]
    return ", ".join(dict.fromkeys(str(_(ROLE_LABELS[g.role])) for g in held if g.role in ROLE_LABELS))


def _state(user: Any) -> str:
    if not user.is_active:
        return _("Closed")
    return _("Can sign in") if user.has_usable_password() else _("Invited")


def _context(user: User, request: HttpRequest) -> dict[str, Any]:
    today = local_day(timezone.now())
    return {
        "title": user.name,
        "role_labels": ROLE_LABELS,
        "do_url": reverse("office_user_do", kwargs={"pk": user.pk}),
        "grants": user.grants.prefetch_related("areas").select_related("team").order_by("since", "id"),
        "assignments": user.assignments.select_related("area").order_by("since", "id"),
        "absences": user.absences.select_related("by").order_by("since", "id"),
        "today": today,
        "grant_form": GrantForm(prefix="grant", initial={"since": today}),
        "state": _state(user),
        "area_form": AssignmentForm(prefix="area", initial={"since": today}),
        "cover_form": CoverForm(prefix="cover", user=user, initial={"since": today}),
        "work": open_work(user, actor=actor_of(request), at=timezone.now()),
        "handover_url": reverse("office_user_handover", kwargs={"pk": user.pk}),
        "has_second_factor": second_factor.is_set_up(user),
        "is_self": user.pk == request.user.pk,
    }


PEOPLE = EDITORS.add(
    Editor(
        tracked=USER,
        form=PersonForm,
        title=gettext_lazy("People"),
        one=gettext_lazy("Person"),
        adds=False,
        add_label=gettext_lazy("Invite somebody"),
        intro=gettext_lazy("Who signs in, what they may do, and where. Residents need no account."),
        columns=(
            Column(gettext_lazy("Name"), "name"),
            Column(gettext_lazy("E-mail address"), "email"),
            Column(gettext_lazy("Roles"), _roles),
            Column(gettext_lazy("Team"), lambda user: user.team.name if user.team_id else ""),
            Column(gettext_lazy("Account"), _state),
        ),
        rows=lambda: User.objects.select_related("team").prefetch_related("grants").order_by("name"),
        search=("name", "email", "badge"),
        retires=False,
        views=(
            ("", gettext_lazy("Open accounts"), Q(is_active=True)),
            ("closed", gettext_lazy("Closed accounts"), Q(is_active=False)),
        ),
        links=(("office_user_invite", gettext_lazy("Invite somebody")),),
        after=second_factor.forget_old_addresses,
        panels="pages/office/parts/person.html",
        context=_context,
    )
)


@staff(Role.ADMIN)
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account and mail its owner a link to choose a password."""
    form = InvitationForm(request.POST or None, instance=User(joined_at=timezone.now()))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        data, actor = form.cleaned_data, actor_of(request)
        user = staffing.invite(form.values() | {"grants": [_first_grant(data, local_day(now))]}, actor=actor, at=now)
        messages.success(request, _("We wrote to %(email)s with a link to choose a password.") % {"email": user.email})
        return redirect("office_user_edit", pk=user.pk)
    context = {"form": form, "section": "office", "back": reverse("office_user_list")}
    return render(request, "pages/office/invite.html", context, status=422 if form.errors else 200)


def _first_grant(data: dict[str, Any], today: dt.date) -> dict[str, Any]:
    team = data["team"].pk if data["team"] and data["role"] == Role.PARTNER else None
    return {
        "role": data["role"],
        "team": team,
        "areas": [area.pk for area in data["areas"]],
        "since": today,
        "until": None,
    }


Deed = Callable[[User, HttpRequest, dt.datetime], Any]


def _checked(form: Any) -> dict[str, Any]:
    """What a form says; its first error as `Invalid` wording for the page."""
    if form.is_valid():
        return form.cleaned_data  # type: ignore[no-any-return]
    name, errors = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else ""
    raise ValueError(f"{label}: {errors[0]}" if label else errors[0])


def _give_role(user: User, request: Any, now: dt.datetime) -> str:
    data = _checked(GrantForm(request.POST, prefix="grant"))
    staffing.give_role(
        user,
        role=data["role"],
        area_ids=[a.pk for a in data["areas"]],
        team_id=data["team"].pk if data["team"] else None,
        since=data["since"],
        until=data["until"],
        actor=actor_of(request),
        at=now,
    )
    return _("The role is given.")


def _end_role(user: User, request: Any, now: dt.datetime) -> str:
    grant = get_object_or_404(RoleGrant, pk=_number(request), user=user)
    staffing.end_role(grant, on=local_day(now) - dt.timedelta(days=1), actor=actor_of(request), at=now)
    return _("The role has ended.")


def _assign_area(user: User, request: Any, now: dt.datetime) -> str:
    data = _checked(AssignmentForm(request.POST, prefix="area"))
    staffing.assign_area(
        user, area_id=data["area"].pk, since=data["since"], until=data["until"], actor=actor_of(request), at=now
    )
    return _("The area is given.")


def _end_assignment(user: User, request: Any, now: dt.datetime) -> str:
    row = get_object_or_404(AreaAssignment, pk=_number(request), user=user)
    staffing.end_assignment(
        user, area_id=row.area_id, since=row.since, on=local_day(now), actor=actor_of(request), at=now
    )
    return _("They look after this area until today.")


def _set_cover(user: User, request: Any, now: dt.datetime) -> str:
    data = _checked(CoverForm(request.POST, prefix="cover", user=user))
    staffing.set_cover(
        user,
        by_id=data["by"].pk,
        since=data["since"],
        until=data["until"],
        note=data["note"],
        actor=actor_of(request),
        at=now,
    )
    return _("Cover is arranged. From the first day residents and routing see it, and whoever covers sees the cases.")


def _end_cover(user: User, request: Any, now: dt.datetime) -> str:
    row = get_object_or_404(Cover, pk=_number(request), user=user)
    staffing.end_cover(user, by_id=row.by_id, since=row.since, on=local_day(now), actor=actor_of(request), at=now)
    return _("The cover ends today.")


def _invite_again(user: User, request: Any, now: dt.datetime) -> str:
    staffing.send_invitation(user, actor=actor_of(request), at=now)
    return _("We wrote to them again. The earlier link no longer works.")


def _leave(user: User, request: Any, now: dt.datetime) -> str:
    if open_work(user, actor=actor_of(request), at=now):
        raise Invalid([Problem("user", HAS_WORK)])
    hand_over(user, to={}, leaving=True, actor=actor_of(request), at=now)
    second_factor.sign_out_everywhere(user)
    return _("The account is closed. Roles and areas end today; what they did stays on record.")


def _come_back(user: User, request: Any, now: dt.datetime) -> str:
    staffing.come_back(user, actor=actor_of(request), at=now)
    return _("The account is open again. Give roles anew.")


def _reset_factor(user: User, request: Any, now: dt.datetime) -> str:
    second_factor.reset(user, actor=actor_of(request), at=now)
    return _("The second factor is removed. They set up a new one when they sign in.")


DEEDS: dict[str, Deed] = {
    "give_role": _give_role,
    "end_role": _end_role,
    "assign_area": _assign_area,
    "end_assignment": _end_assignment,
    "set_cover": _set_cover,
    "end_cover": _end_cover,
    "invite_again": _invite_again,
    "leave": _leave,
    "come_back": _come_back,
    "reset_factor": _reset_factor,
}


def _number(request: HttpRequest) -> int:
    number = request.POST.get("row", "")
    if not number.isdigit():
        raise Http404
    return int(number)


@staff(Role.ADMIN)
@require_POST
def do(request: HttpRequest, pk: int) -> HttpResponse:
    """One deed on somebody's account: `deed` names it."""
    user = get_object_or_404(User, pk=pk)
    deed = DEEDS.get(request.POST.get("deed", ""))
    if deed is None:
        raise Http404
    try:
        messages.success(request, deed(user, request, timezone.now()))
    except Invalid as refused:
        messages.error(request, " ".join(say(problem) for problem in refused.problems))
    except ValueError as wrong:
        messages.error(request, str(wrong))
    return redirect("office_user_edit", pk=pk)
