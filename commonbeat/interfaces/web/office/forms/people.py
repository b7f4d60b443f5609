"""Forms of people who sign in: who they are, what they may do, where, and who covers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonbeat.community.models import Area, Team, User
from commonbeat.interfaces.web.office.editors import OfficeForm
from commonbeat.interfaces.web.office.forms.shared import (
    AreaField,
    AreasField,
    colleagues,
    current_areas,
    current_teams,
    day_field,
    language_choices,
    role_choices,
    spoken_choices,
)


class PersonForm(OfficeForm):
    """Somebody of the department or a partner."""

    languages = forms.MultipleChoiceField(
        label=_("Languages spoken with residents"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices--inline"}),
    )
    language = forms.ChoiceField(label=_("Language of this website for them"))

    class Meta:
        model = User
        fields = [
            "name",
            "email",
            "rank",
            "badge",
            "team",
            "phone",
            "language",
            "languages",
            "sworn",
            "listed",
        ]
        labels = {
            "name": _("Name"), "email": _("E-mail address"), "rank": _("Rank or title"), "badge": _("Badge number"),
            "team": _("Team"), "phone": _("Telephone number"), "sworn": _("Sworn: has arrest powers"),
            "listed": _("Show to residents as their officer"),
        }  # fmt: skip
        help_texts = {
            "email": _("They sign in with it."),
            "sworn": _("Others are never given work that needs arrest powers."),
            "listed": _("Name, rank, languages and profile appear on public pages of their areas."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = current_teams()  # type: ignore[attr-defined]
        self.fields["languages"].choices = spoken_choices(self.instance.languages or ())  # type: ignore[attr-defined]
        self.fields["language"].choices = language_choices()  # type: ignore[attr-defined]
        for code, name in language_choices():
            self.fields[f"bio_{code}"] = forms.CharField(
                label=_("Public profile (%(language)s)") % {"language": name}, required=False, max_length=600,
                widget=forms.Textarea(attrs={"rows": 3}), initial=(self.instance.bio or {}).get(code, ""),
            )  # fmt: skip

    def clean_email(self) -> str:
        """Stored in small letters, so that one address is one account."""
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody with this e-mail address has an account already."))
        return email  # type: ignore[no-any-return]

    def values(self) -> dict[str, Any]:
        given = {code: self.cleaned_data[f"bio_{code}"].strip() for code, _name in language_choices()}
        other = {code: text for code, text in (self.instance.bio or {}).items() if code not in given}
        return {**super().values(), "bio": other | {code: text for code, text in given.items() if text}}


class InvitationForm(PersonForm):
    """A new colleague, with the first role."""

    role = forms.ChoiceField(label=_("Role"))
    areas = AreasField(
        queryset=Area.objects.none(),
        required=False,
        label=_("Only for these areas"),
        help_text=_("Nothing chosen means everywhere."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices()  # type: ignore[attr-defined]
        self.fields["areas"].queryset = current_areas()  # type: ignore[attr-defined]
        for code, _name in language_choices():
            del self.fields[f"bio_{code}"]

    def values(self) -> dict[str, Any]:
        return OfficeForm.values(self)

    def clean(self) -> dict[str, Any]:
        """A partner needs a team, which decides what they see."""
        data = super().clean() or {}
        if data.get("role") == "partner" and not data.get("team"):
            self.add_error(
                "team", _("A partner sees only what their team gets. Choose the team of their organisation.")
            )
        return data


class GrantForm(forms.Form):
    """One more role."""

    role = forms.ChoiceField(label=_("Role"))
    areas = AreasField(
        queryset=Area.objects.none(),
        required=False,
        label=_("Only for these areas"),
        help_text=_("Nothing chosen means everywhere."),
    )
    team = forms.ModelChoiceField(
        queryset=Team.objects.none(),
        required=False,
        label=_("Only for the cases of this team"),
        empty_label=_("Choose …"),
    )
    since = day_field(label=_("From"))
    until = day_field(label=_("Until"), required=False, help_text=_("Leave empty if you don't know yet."))
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices()  # type: ignore[attr-defined]
        self.fields["areas"].queryset = current_areas()  # type: ignore[attr-defined]
        self.fields["team"].queryset = current_teams()  # type: ignore[attr-defined]


class AssignmentForm(forms.Form):
    """One area to look after."""

    area = AreaField(queryset=Area.objects.none(), label=_("Area"))
    since = day_field(label=_("From"))
    until = day_field(label=_("Until"), required=False, help_text=_("Leave empty if you don't know yet."))
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = current_areas()  # type: ignore[attr-defined]


class CoverForm(forms.Form):
    """A time away, and who is there instead."""

    by = forms.ModelChoiceField(queryset=User.objects.none(), label=_("Covered by"), empty_label=_("Choose …"))
    since = day_field(label=_("First day away"))
    until = day_field(label=_("Last day away"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    use_required_attribute = False

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["by"].queryset = colleagues().exclude(pk=user.pk)  # type: ignore[attr-defined]
