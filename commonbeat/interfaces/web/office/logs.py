"""What was sent and how it went; who looked at what."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from commonbeat.cases.walls import told_about
from commonbeat.core.actor import Actor, Role
from commonbeat.core.ids import BadReference, parse_reference, reference
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.office.editors import object_url
from commonbeat.interfaces.web.office.forms.shared import day_field
from commonbeat.journal.models import AccessLog, Delivery
from commonbeat.journal.systems import send_again

PAGE = 50
SENDERS = (Role.ADMIN, Role.RECORDS, Role.SUPERVISOR)

STATES: dict[str, tuple[str, Any]] = {
    "pending": ("waiting", gettext_lazy("Waiting")),
    "sending": ("active", gettext_lazy("Being sent")),
    "sent": ("done", gettext_lazy("Sent")),
    "failed": ("problem", gettext_lazy("Failed")),
    "bounced": ("problem", gettext_lazy("Came back")),
    "cancelled": ("neutral", gettext_lazy("Cancelled")),
}


def masked(recipient: str) -> str:
    """An address that can be recognised by whoever knows it, and read by nobody else."""
    name, at, host = recipient.partition("@")
    return f"{name[:1]}…@{host}" if at else recipient


def delivery_row(row: Delivery) -> dict[str, Any]:
    """A message as lists show it."""
    tone, label = STATES[row.state]
    return {
        "pk": row.pk,
        "at": row.sent_at or row.next_at,
        "recipient": masked(row.recipient),
        "template": row.template.replace("_", " "),
        "channel": row.channel,
        "status": {"tone": tone, "label": label},
        "error": row.error,
        "attempts": row.attempts,
        "again": row.state in {"failed", "bounced", "cancelled"},
    }


class DeliveryFilter(forms.Form):
    """Which messages to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *((k, v[1]) for k, v in STATES.items())],
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Way"),
        required=False,
        choices=[
            ("", gettext_lazy("All")),
            ("email", gettext_lazy("E-mail")),
            ("push", gettext_lazy("Browser notification")),
            ("webhook", gettext_lazy("Webhook")),
            ("call", gettext_lazy("Telephone")),
        ],
    )


def _page(request: HttpRequest, rows: Any) -> tuple[list[Any], str]:
    """One page by falling number, and the address of the next."""
    before = request.GET.get("before", "")
    if before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PAGE + 1])
    if len(found) <= PAGE:
        return found, ""
    query = {k: v for k, v in request.GET.items() if k != "before" and v} | {"before": found[PAGE - 1].pk}
    return found[:PAGE], "?" + urlencode(query)


def _open_to(request: HttpRequest, sort: str, number: str) -> Q:
    """Rows about no case, or about one of which this reader may learn: a log must not open a wall."""
    return ~Q(**{sort: "case"}) | told_about(actor_of(request), number)


@staff(*SENDERS)
def deliveries(request: HttpRequest) -> HttpResponse:
    """Messages, newest first; those that failed or came back can be sent again."""
    form = DeliveryFilter(request.GET)
    rows = Delivery.objects.filter(_open_to(request, "entry__subject_kind", "entry__subject_id"))
    if form.is_valid():
        wanted = {name: value for name, value in form.cleaned_data.items() if value}
        rows = rows.filter(**wanted)
    found, older = _page(request, rows.select_related("entry"))
    actor = actor_of(request)
    items = [
        delivery_row(row) | {"about": _about(row.entry.subject_kind, row.entry.subject_id, actor)} for row in found
    ]
    context = {"form": form, "items": items, "older": older, "section": "office"}
    return render(request, "pages/office/deliveries.html", context)


def _about(kind: str, number: int, actor: Actor) -> dict[str, str]:
    if kind == "case":
        return {"text": reference(number), "url": f"/desk/{reference(number)}/"}
    return {"text": f"{kind} {number}", "url": object_url(kind, number, actor)}


@staff(*SENDERS)
@require_POST
def delivery_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message that failed or came back once more."""
    rows = Delivery.objects.filter(_open_to(request, "entry__subject_kind", "entry__subject_id"))
    row = get_object_or_404(rows, pk=pk)
    if send_again(row, actor=actor_of(request), at=timezone.now()):
        messages.success(request, _("The message goes out again."))
    else:
        messages.warning(request, _("This message is on its way already."))
    return redirect("office_deliveries")


class AccessFilter(forms.Form):
    """Which looks to show."""

    who = forms.CharField(label=gettext_lazy("Who looked"), required=False)
    case = forms.CharField(label=gettext_lazy("Reference of the case"), required=False)
    since = day_field(label=gettext_lazy("From"), required=False)
    until = day_field(label=gettext_lazy("Until"), required=False)

    def clean_case(self) -> int | None:
        """The number behind a reference."""
        text = self.cleaned_data["case"].strip()
        if not text:
            return None
        try:
            return parse_reference(text)
        except BadReference:
            raise forms.ValidationError(_("This is not a reference. It looks like CB-7F3K-9QTM.")) from None


@staff(Role.RECORDS, Role.STANDARDS)
def access_log(request: HttpRequest) -> HttpResponse:
    """Who looked at what, newest first."""
    form = AccessFilter(request.GET)
    rows = AccessLog.objects.filter(_open_to(request, "subject_kind", "subject_id"))
    if form.is_valid():
        data = form.cleaned_data
        if data["who"]:
            rows = rows.filter(user_name__icontains=data["who"])
        if data["case"]:
            rows = rows.filter(subject_kind="case", subject_id=data["case"])
        if data["since"]:
            rows = rows.filter(at__date__gte=data["since"])
        if data["until"]:
            rows = rows.filter(at__date__lte=data["until"])
    found, older = _page(request, rows)
    items = [
        {
            "cells": [
                {"text": timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M")},
                {"text": row.user_name or "–"},
                _about(row.subject_kind, row.subject_id, actor_of(request)),
                {"text": row.what.replace("_", " ")},
                {"text": row.reason},
            ]
        }
        for row in found
    ]
    columns = [
        {"label": _("When")},
        {"label": _("Who")},
        {"label": _("What about")},
        {"label": _("What was looked at")},
        {"label": _("Reason")},
    ]
    context = {"form": form, "rows": items, "columns": columns, "older": older, "section": "office"}
    return render(request, "pages/office/access_log.html", context)
