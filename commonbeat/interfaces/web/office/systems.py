"""API keys and webhooks: made, shown once, tested, ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from commonbeat.community.models import ApiKey
from commonbeat.core.actor import Role
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.office.forms.systems import SCOPES, KeyForm, WebhookForm
from commonbeat.journal import systems
from commonbeat.journal.models import Webhook


def _state(key: ApiKey, *, at: dt.datetime) -> dict[str, str]:
    if key.revoked_at:
        return {"tone": "neutral", "label": _("Revoked")}
    if key.expires_at and key.expires_at < at:
        return {"tone": "neutral", "label": _("Expired")}
    return {"tone": "active", "label": _("In use")}


@staff(Role.ADMIN)
def keys(request: HttpRequest) -> HttpResponse:
    """Every key with what it may do; secrets are not stored, so none can be shown."""
    labels = dict(SCOPES)
    rows = [
        {
            "key": key,
            "state": _state(key, at=timezone.now()),
            "scopes": [labels.get(s, s) for s in key.scopes],
            "areas": ", ".join(area.name for area in key.areas.all()),
        }
        for key in ApiKey.objects.prefetch_related("areas").order_by("revoked_at", "name")
    ]
    return render(request, "pages/office/keys.html", {"rows": rows, "section": "office"})


@never_cache
@staff(Role.ADMIN)
def key_new(request: HttpRequest) -> HttpResponse:
    """Make a key; the answer to this request is the only place where its secret is ever shown."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        ends = data["expires_on"]
        key, secret = systems.create_key(
            data["name"],
            scopes=data["scopes"],
            area_ids=[area.pk for area in data["areas"]],
            contact=data["contact"],
            per_minute=data["per_minute"],
            expires_at=_end_of(ends) if ends else None,
            actor=actor_of(request),
            at=timezone.now(),  # type: ignore[attr-defined]
        )
        context = {
            "name": key.name,
            "secret": secret,
            "back": reverse("office_keys"),
            "section": "office",
            "what": "key",
        }
        return render(request, "pages/office/secret.html", context)
    page: dict[str, Any] = {
        "form": form,
        "section": "office",
        "title": _("Make an API key"),
        "back": reverse("office_keys"),
        "button": _("Make the key"),
    }
    return render(request, "pages/office/form.html", page, status=422 if form.errors else 200)


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))


@staff(Role.ADMIN)
@require_POST
def key_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key at once."""
    key = get_object_or_404(ApiKey, pk=pk)
    systems.revoke_key(key, actor=actor_of(request), at=timezone.now(), reason=request.POST.get("reason", "")[:200])
    messages.success(request, _("“%(name)s” cannot get in any more.") % {"name": key.name})
    return redirect("office_keys")


@never_cache
@staff(Role.ADMIN)
def webhook_new(request: HttpRequest) -> HttpResponse:
    """Add a webhook; its signing secret is shown in this answer only."""
    form = WebhookForm(request.POST or None, instance=Webhook(created_at=timezone.now()))
    if request.method == "POST" and form.is_valid():
        hook, secret = systems.create_webhook(form.values(), actor=actor_of(request), at=timezone.now())
        return _secret(request, hook, secret)
    context = {
        "form": form,
        "section": "office",
        "title": _("Add a webhook"),
        "back": reverse("office_webhook_list"),
        "button": _("Add the webhook"),
    }
    return render(request, "pages/office/form.html", context, status=422 if form.errors else 200)


def _secret(request: HttpRequest, hook: Webhook, secret: str) -> HttpResponse:
    back = reverse("office_webhook_edit", kwargs={"pk": hook.pk})
    context: dict[str, Any] = {
        "name": hook.name,
        "secret": secret,
        "back": back,
        "section": "office",
        "what": "webhook",
    }
    return render(request, "pages/office/secret.html", context)


@never_cache
@staff(Role.ADMIN)
@require_POST
def webhook_do(request: HttpRequest, pk: int) -> HttpResponse:
    """Test, pause, start again, or renew the secret of a webhook."""
    hook = get_object_or_404(Webhook, pk=pk)
    known: dict[str, Any] = {"actor": actor_of(request), "at": timezone.now()}
    match request.POST.get("deed"):
        case "test":
            systems.test_webhook(hook, **known)
            messages.success(
                request, _("A test message is on its way. Load this page again in a moment to see how it went.")
            )
        case "pause":
            systems.set_paused(hook, True, **known)
            messages.success(
                request, _("The webhook is paused. Nothing is sent, and nothing is sent later for this time.")
            )
        case "resume":
            systems.set_paused(hook, False, **known)
            messages.success(request, _("The webhook runs again."))
        case "renew":
            return _secret(request, hook, systems.renew_secret(hook, **known))
        case _:
            raise Http404
    return redirect("office_webhook_edit", pk=pk)
