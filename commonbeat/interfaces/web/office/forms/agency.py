"""The form of the agency: names, numbers, office hours, and the numbers of `community.agency.DEFAULTS`."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from commonbeat.community.agency import DEFAULTS, WEEKDAYS
from commonbeat.community.models import Agency
from commonbeat.interfaces.web.agency_style import BadColour, parse_colour
from commonbeat.interfaces.web.office.editors import OfficeForm
from commonbeat.interfaces.web.office.forms.shared import clock_field, time_text

DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))

SETTINGS: dict[str, tuple[Any, Any, int, int]] = {
    # name → (label, help, least, most)
    "reopen_days": (_("Days in which an unhappy answer reopens a case"), "", 1, 365),
    "undo_minutes": (
        _("Minutes in which a step can be taken back"),
        _("Messages wait so long before they leave."),
        0,
        60,
    ),
    "link_days": (_("Days for which a mailed link opens a case"), "", 1, 365),
    "draft_hours": (_("Hours for which photos of an unsent report are kept"), "", 1, 168),
    "minimum_count": (
        _("Smallest count that is published"),
        _("Smaller ones are shown as “fewer than”, so that nobody can be recognised."),
        3,
        50,
    ),
    "minimum_answers": (
        _("Fewest people behind a number of a survey"),
        _("Numbers of fewer people are hidden, so that nobody’s answer can be worked out."),
        10,
        100,
    ),
    "nearby_metres": (_("Metres within which a report counts as nearby"), "", 25, 5000),
    "repeat_metres": (
        _("Metres within which two concerns are at the same place"),
        _("Categories that count repeats use it."),
        10,
        500,
    ),
    "recurring_weeks": (
        _("What keeps coming back: weeks to look at"),
        _("Nobody hears of the same place twice within these weeks."),
        2,
        26,
    ),
    "recurring_at_place": (_("What keeps coming back: concerns at one place"), "", 3, 100),
    "recurring_metres": (_("What keeps coming back: metres within which it is one place"), "", 25, 500),
    "recurring_in_area": (
        _("What keeps coming back: least concerns of a category in an area"),
        _("They are told only when there are more than these weeks of earlier years explain."),
        5,
        1000,
    ),
    "reading_grade": (_("School grade up to which public words count as plain"), "", 4, 14),
    "news_per_day": (
        _("Most messages a day for somebody who follows news at once"),
        _("What comes on top waits and is gathered in the next message."),
        1,
        50,
    ),
    "max_photo_mb": (_("Largest photo, in MB"), "", 1, 50),
    "max_photos": (_("Photos in one report"), "", 0, 20),
    "escalate_after_hours": (_("Hours after which an overdue clock goes to the supervisor"), "", 0, 720),
    "talks_answer_days": (_("Talks: days in which a side says whether it takes part"), "", 3, 90),
    "talks_notes_days": (
        _("Talks: days after their end until sealed notes are destroyed"),
        _("Only who wrote them can open them, and with the key they are gone from backups as well."),
        0,
        365,
    ),
    "complaint_acknowledge_days": (
        _("Complaints: days until the first answer"),
        _("Calendar days, as all numbers for complaints. Check what your law and your agreements say."),
        1,
        90,
    ),
    "complaint_interim_days": (_("Complaints: days between news to the complainant"), "", 7, 180),
    "complaint_decide_days": (_("Complaints: days until a decision, before a level is set"), "", 7, 730),
    "complaint_performance_days": (_("Complaints: days until a decision, performance"), "", 7, 730),
    "complaint_level_one_days": (_("Complaints: days until a decision, level one"), "", 7, 730),
    "complaint_level_two_days": (_("Complaints: days until a decision, level two"), "", 7, 730),
    "complaint_appeal_days": (_("Complaints: days in which a complainant can appeal"), "", 7, 365),
    "complaint_review_days": (_("Complaints: days until an appeal is decided"), "", 7, 365),
    "commendation_days": (_("Commendations: days until somebody has read them"), "", 1, 180),
    "missing_acknowledge_hours": (
        _("Missing persons: hours until somebody has judged a report"),
        _("Around the clock, as all hours for missing persons."),
        1,
        24,
    ),
    "missing_high_hours": (_("Missing persons: hours until the next look, high danger"), "", 1, 48),
    "missing_medium_hours": (_("Missing persons: hours until the next look, medium danger"), "", 1, 96),
    "missing_low_hours": (_("Missing persons: hours until the next look, low danger"), "", 1, 720),
    "missing_bulletin_days": (_("Missing persons: days for which a notice may be public"), "", 1, 90),
    "missing_child_photo_hours": (_("Missing persons: hours for which a child's photo may be public"), "", 1, 336),
    "records_request_days": (
        _("Days after which it is erased who asked for records"),
        _("Counted from the answer. What was released and what was kept back stays on record."),
        365,
        18250,
    ),
    "survey_answer_days": (
        _("Days after which answers of surveys are destroyed"),
        _("Counted from the last day of a wave. The figures that were made of them stay."),
        30,
        3650,
    ),
    "person_days": (
        _("Days after which contact details are shredded"),
        _("Counted from the day the person's last case closed."),
        30,
        3650,
    ),
}
TIMES = {
    "quiet_from": _("Night begins: only answers to somebody's own deed are sent"),
    "quiet_until": _("Night ends"),
}


class AgencyForm(OfficeForm):
    """Everything about the agency on one page, saved as one change."""

    logo_file = forms.FileField(
        label=_("New logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP. Square ones look best."),
    )
    no_logo = forms.BooleanField(label=_("Use no logo"), required=False)

    class Meta:
        model = Agency
        fields = [
            "name",
            "short_name",
            "accent",
            "emergency_number",
            "crisis_number",
            "non_emergency_number",
            "email",
            "timezone",
            "country",
            "subdivision",
            "jurisdiction",
            "places_note",
        ]
        labels = {
            "name": _("Name"),
            "short_name": _("Short name"),
            "accent": _("Accent colour"),
            "emergency_number": _("Emergency number"),
            "crisis_number": _("Crisis line"),
            "non_emergency_number": _("Non-emergency number"),
            "email": _("E-mail address"),
            "timezone": _("Time zone"),
            "country": _("Country"),
            "subdivision": _("State or province"),
            "jurisdiction": _("Open311 jurisdiction"),
            "places_note": _("Source of maps and data"),
        }
        help_texts = {
            "accent": _(
                "Six hexadecimal digits after #, such as #17555c. We darken or lighten it until text can be read."
            ),
            "timezone": _("Such as America/Chicago. Office hours and days follow it."),
            "country": _("Two letters, such as US."),
            "subdivision": _("Such as IL."),
            "jurisdiction": _("How Open311 clients name you, usually your internet domain."),
            "places_note": _("Shown at the foot of every page, as licences of maps and data ask for."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored: dict[str, Any] = self.instance.settings
        for name, (label, words, least, most) in SETTINGS.items():
            self.fields[f"set_{name}"] = forms.IntegerField(
                label=label,
                help_text=words,
                min_value=least,
                max_value=most,
                initial=stored.get(name, DEFAULTS[name]),
            )
        for name, label in TIMES.items():
            self.fields[f"set_{name}"] = clock_field(label=label, initial=stored.get(name, DEFAULTS[name]))
        hours = self.instance.hours or WEEKDAYS
        for day, label in enumerate(DAYS):
            spans = hours.get(str(day)) or []
            start, end = (spans[0] + [None, None])[:2] if spans else (None, None)
            self.fields[f"from_{day}"] = clock_field(
                label=_("%(day)s from") % {"day": label}, required=False, initial=start
            )
            self.fields[f"until_{day}"] = clock_field(label=_("until"), required=False, initial=end)

    def clean_accent(self) -> str:
        """A colour that goes into a style sheet is checked, never passed on as it came."""
        try:
            parse_colour(self.cleaned_data["accent"])
        except BadColour:
            raise forms.ValidationError(_("Write a colour as # and six hexadecimal digits, such as #17555c.")) from None
        return self.cleaned_data["accent"].strip().lower()  # type: ignore[no-any-return]

    def clean_timezone(self) -> str:
        """A time zone that the clocks know."""
        if self.cleaned_data["timezone"] not in available_timezones():
            raise forms.ValidationError(_("We do not know this time zone. Write one such as America/Chicago."))
        return self.cleaned_data["timezone"]  # type: ignore[no-any-return]

    def clean(self) -> dict[str, Any]:
        """Office hours end after they begin, and there are some."""
        data = super().clean() or {}
        for day in range(7):
            start, end = data.get(f"from_{day}"), data.get(f"until_{day}")
            if bool(start) != bool(end):
                self.add_error(f"until_{day}", _("Give both times, or none for a day on which you are closed."))
            elif start and end <= start:
                self.add_error(f"until_{day}", _("Closing time is after opening time."))
        if not self.errors and not self._hours():
            raise forms.ValidationError(_("Give office hours for at least one day: clocks run in them."))
        return data

    def _hours(self) -> dict[str, list[list[str]]]:
        """The hours as stored. A day that had several spans keeps the later ones when the first one is unchanged."""
        found: dict[str, list[list[str]]] = {}
        before = self.instance.hours or {}
        for day in range(7):
            start, end = self.cleaned_data.get(f"from_{day}"), self.cleaned_data.get(f"until_{day}")
            if start and end:
                later = (before.get(str(day)) or [])[1:]
                keep = [span for span in later if dt.time.fromisoformat(span[0]) >= end]
                found[str(day)] = [[time_text(start), time_text(end)], *keep]
        return found

    def values(self) -> dict[str, Any]:
        """The agency's tracked values but the logo, which the view stores first."""
        given = {name: self.cleaned_data[f"set_{name}"] for name in SETTINGS}
        given |= {name: time_text(self.cleaned_data[f"set_{name}"]) for name in TIMES}
        kept = {name: value for name, value in self.instance.settings.items() if name not in given}
        changed = {
            name: value for name, value in given.items() if value != DEFAULTS[name] or name in self.instance.settings
        }
        return {**super().values(), "hours": self._hours(), "settings": kept | changed}
