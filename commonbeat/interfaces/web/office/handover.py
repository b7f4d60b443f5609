"""Handing over open work: who takes over each area and team, in one go, with or without closing the account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commonbeat.cases.handover import Bundle, HandedOver, OpenWork, hand_over, open_work
from commonbeat.community.models import User
from commonbeat.core.actor import DESK_ROLES, Role
from commonbeat.core.fields import Invalid
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web import second_factor
from commonbeat.interfaces.web.forms import say

QUEUE = "queue"


class HandoverForm(forms.Form):
    """A successor for everything, others for single areas and teams, and what is said."""

    otherwise = forms.ChoiceField(
        label=gettext_lazy("Who takes over"), required=False,
        help_text=gettext_lazy("Cases, tasks and routing rules. Below you can choose somebody else for a part."),
    )  # fmt: skip
    tell = forms.BooleanField(
        label=gettext_lazy("Tell reporters who asked to be told"), required=False, initial=True,
        help_text=gettext_lazy("Only those whose report goes to a person; never in sensitive matters."),
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("Words for the successors"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("They get these by e-mail with the list of cases. Name no residents here."),
    )  # fmt: skip
    use_required_attribute = False

    def __init__(self, *args: Any, user: User, bundles: tuple[Bundle, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [*DESK_ROLES, Role.PARTNER]
        people = [(str(p.pk), p.name) for p in User.objects.holding(*roles).exclude(pk=user.pk).order_by("name")]
        self.fields["otherwise"].choices = [("", _("Back to the queue")), *people]  # type: ignore[attr-defined]
        self.bundles = bundles
        same = [("", _("As above")), (QUEUE, _("Back to the queue")), *people]
        for bundle in bundles:
            self.fields[bundle.key] = forms.ChoiceField(label=_label(bundle), choices=same, required=False)
        self.order_fields(["otherwise", *(bundle.key for bundle in bundles), "note", "tell"])

    def plan(self) -> dict[str, int | None]:
        """The successor of each bundle that does not go as the rest does; None is the queue."""
        chosen = {bundle.key: self.cleaned_data[bundle.key] for bundle in self.bundles}
        return {key: None if value == QUEUE else int(value) for key, value in chosen.items() if value}


def _label(bundle: Bundle) -> str:
    cases = ngettext("%(n)s open case", "%(n)s open cases", bundle.cases) % {"n": bundle.cases}
    late = ngettext("%(n)s overdue", "%(n)s overdue", bundle.overdue) % {"n": bundle.overdue}
    name = bundle.name or _("No team")
    return f"{name}: {cases}, {late}" if bundle.overdue else f"{name}: {cases}"


@staff(Role.ADMIN)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The open work and who takes it over; `leaving` closes the account in the same deed."""
    user, actor, now = get_object_or_404(User, pk=pk), actor_of(request), timezone.now()
    work = open_work(user, actor=actor, at=now)
    leaving = bool(request.POST.get("leaving") or request.GET.get("leaving"))
    form = HandoverForm(request.POST or None, user=user, bundles=work.bundles)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            done = hand_over(
                user, to=form.plan(), otherwise=int(given["otherwise"]) if given["otherwise"] else None,
                tell=given["tell"], note=given["note"], leaving=leaving, actor=actor, at=now,
            )  # fmt: skip
        except Invalid as refused:
            form.add_error(None, " ".join(say(problem) for problem in refused.problems))
        else:
            if leaving:
                second_factor.sign_out_everywhere(user)
            _say(request, done, leaving=leaving)
            return redirect("office_user_edit", pk=pk)
    return _page(request, user, work, form, leaving=leaving)


def _page(request: HttpRequest, user: User, work: OpenWork, form: HandoverForm, *, leaving: bool) -> HttpResponse:
    context = {
        "form": form, "work": work, "obj": user, "leaving": leaving, "section": "office",
        "title": _("Hand over the work of %(name)s") % {"name": user.name},
        "back": reverse("office_user_edit", kwargs={"pk": user.pk}),
        "cases_url": f"/desk/?state=open&assignee={user.pk}",
    }  # fmt: skip
    return render(request, "pages/office/handover.html", context, status=422 if form.errors else 200)


def _say(request: HttpRequest, done: HandedOver, *, leaving: bool) -> None:
    """What became of it, in words: who got how many, and what somebody may not be given."""
    parts = [
        ngettext("%(n)s case to %(who)s", "%(n)s cases to %(who)s", len(references))
        % {"n": len(references), "who": person.name if person else _("the queue")}
        for person, references in done.given.items()
    ]
    closed = _("The account is closed.") if leaving else ""
    messages.success(request, " ".join([_("Handed over."), "; ".join(parts), closed]).strip())
    for reference, problem in done.refused[:20]:
        messages.warning(request, f"{reference}: {say(problem)} " + _("It is back in the queue."))
