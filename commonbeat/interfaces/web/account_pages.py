"""One's own account: name, languages, e-mails, sessions; and the first password of somebody who was invited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from commonbeat.cases.telling import STAFF_MAILS
from commonbeat.community.access import BadLink
from commonbeat.community.models import User
from commonbeat.interfaces.access import actor_of, resident, signed_in
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web import second_factor
from commonbeat.interfaces.web.office.forms.shared import spoken_choices
from commonbeat.interfaces.web.sessions import BACKEND
from commonbeat.journal import history, staffing


class AccountForm(forms.ModelForm):
    """What everybody may change about themselves."""

    language = forms.ChoiceField(label=gettext_lazy("Language of this website for me"))
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages I speak with residents"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--inline"}),
    )
    mails = forms.MultipleChoiceField(
        label=gettext_lazy("Write me an e-mail when"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Everything is in your inbox as well, whatever you choose here."),
    )  # fmt: skip
    use_required_attribute = False

    class Meta:
        model = User
        fields = ["name", "phone", "language", "languages"]
        labels = {"name": gettext_lazy("Name"), "phone": gettext_lazy("Telephone number")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = list(settings.LANGUAGES)  # type: ignore[attr-defined]
        self.fields["languages"].choices = spoken_choices(self.instance.languages)  # type: ignore[attr-defined]
        self.fields["mails"].choices = [(slug, _(label)) for slug, label in STAFF_MAILS.items()]  # type: ignore[attr-defined]
        self.initial["mails"] = [slug for slug in STAFF_MAILS if slug not in self.instance.muted]

    def values(self) -> dict[str, Any]:
        """The tracked values, ready for `history.change`."""
        data = self.cleaned_data
        muted = [slug for slug in STAFF_MAILS if slug not in data["mails"]]
        return {name: data[name] for name in self.Meta.fields} | {"muted": muted}


@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """One's own account on one page."""
    user: Any = request.user
    form = AccountForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        history.change(User.objects.get(pk=user.pk), form.values(), actor=actor_of(request), at=timezone.now())
        messages.success(request, _("Saved."))
        answer = redirect("account")
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"], samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE, max_age=settings.LANGUAGE_COOKIE_AGE,
        )  # fmt: skip
        return answer
    context = {
        "form": form, "sessions": second_factor.sessions_of(user, this=request.session.session_key or ""),
        "has_second_factor": second_factor.is_set_up(user), "has_password": user.has_usable_password(),
    }  # fmt: skip
    return render(request, "account/account.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    ended = second_factor.sign_out_everywhere(request.user, but=request.session.session_key or "")  # type: ignore[arg-type]
    messages.success(request, _("Signed out in %(count)s other places.") % {"count": ended})
    return redirect("account")


class FirstPasswordForm(forms.Form):
    """A password, typed twice."""

    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label=gettext_lazy("The same password again"), strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    use_required_attribute = False

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = " ".join(str(text) for text in password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        """Both are the same, and good enough."""
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))
        elif data.get("password"):
            try:
                validate_password(data["password"], self.user)
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return data


@resident
@never_cache
@sensitive_post_parameters("password", "again")
@limited("code")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the first password; the link works once."""
    now = timezone.now()
    try:
        user, _link = staffing.invited_user(token, at=now)
        form = FirstPasswordForm(request.POST or None, user=user)
        if request.method == "POST" and form.is_valid():
            user = staffing.accept_invitation(token, password=form.cleaned_data["password"], at=now)
            login(request, user, backend=BACKEND)
            return redirect(settings.LOGIN_REDIRECT_URL)
    except BadLink as bad:
        return render(request, "account/bad_invitation.html", {"reason": bad.reason}, status=404)
    answer = render(
        request, "account/invitation.html", {"form": form, "invited": user}, status=422 if form.errors else 200
    )
    answer["Referrer-Policy"] = "no-referrer"
    return answer
