"""The agency's own numbers and names, from memory."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from commonbeat.community.models import Agency, Holiday
from commonbeat.community.reference import Remembered
from commonbeat.core.working_time import WorkingCalendar

WEEKDAYS = {str(day): [["08:00", "17:00"]] for day in range(5)}

CLOSE_OF_DAY = dt.time(17)

DEFAULTS: dict[str, Any] = {
    "reopen_days": 14,  # an unhappy answer within so many days reopens
    "undo_minutes": 10,
    "link_days": 30,  # a mailed link opens a case for so long
    "draft_hours": 24,  # photos of a report that was never sent
    "minimum_count": 5,  # published counts below it are suppressed (RULES 11)
    "minimum_answers": 10,  # cells of a survey with fewer people are suppressed (RULES 10)
    "nearby_metres": 250,
    "repeat_metres": 60,  # a concern so near to another one is at the same place
    "recurring_weeks": 8,  # so far back a nightly look goes for concerns that keep coming back
    "recurring_at_place": 5,  # so many of them at a place are told
    "recurring_metres": 100,  # within so many metres of each other they are at one place
    "recurring_in_area": 10,  # fewer of a category in an area are never told, however rare they are
    "reading_grade": 8,
    "quiet_from": "21:00",  # nothing but replies to a person's own deed is sent to residents at night
    "quiet_until": "07:00",
    "news_per_day": 5,  # messages that somebody who follows "as soon as something happens" gets at most
    "max_photo_mb": 12,
    "max_photos": 6,
    "escalate_after_hours": 24,
    "talks_answer_days": 14,  # so long somebody has to say whether they take part in talks
    "talks_notes_days": 90,  # sealed notes of talks are destroyed so long after their end
    "complaint_acknowledge_days": 14,  # calendar days, as laws and union agreements count them
    "complaint_interim_days": 30,
    "complaint_decide_days": 180,  # until somebody has said how serious a complaint is
    "complaint_performance_days": 45,
    "complaint_level_one_days": 120,
    "complaint_level_two_days": 365,
    "complaint_appeal_days": 30,  # so long a complainant may ask for another look at a decision
    "complaint_review_days": 60,  # so long that look may take
    "commendation_days": 30,
    "missing_acknowledge_hours": 1,  # around the clock, as all hours for missing persons
    "missing_high_hours": 4,  # so soon somebody looks at a missing person's case again, by how great the danger is
    "missing_medium_hours": 12,
    "missing_low_hours": 24,
    "missing_bulletin_days": 14,  # a notice is public for so long at most
    "missing_child_photo_hours": 72,
    "records_request_days": 2190,  # who asked for records, and what for, is erased so long after the answer
    "survey_answer_days": 1095,  # answers of a survey are destroyed so long after its last day; figures stay
    "person_days": 730,  # contact details are shredded so long after the last case closed
}


def _load() -> Agency:
    found = Agency.objects.filter(pk=1).first()
    return found or Agency(
        pk=1, name="Police Department", short_name="Police", hours=WEEKDAYS, changed_at=timezone.now()
    )


current = Remembered(_load, "agency")
"""The agency's row, or sensible defaults before one is saved."""


def setting(name: str) -> Any:
    """One of the numbers in `DEFAULTS`, as this agency set it."""
    return current().settings.get(name, DEFAULTS[name])


def _calendar() -> WorkingCalendar:
    agency = current()
    hours = agency.hours or WEEKDAYS
    opening = {
        int(day): tuple((dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in spans)
        for day, spans in hours.items()
    }
    holidays = frozenset(Holiday.objects.values_list("on", flat=True))
    return WorkingCalendar(opening=opening, holidays=holidays, timezone=ZoneInfo(agency.timezone))


calendar = Remembered(_calendar, "agency", "holidays")
"""The office calendar that response clocks run by."""


def zone() -> ZoneInfo:
    """The agency's time zone: what clocks on its walls show."""
    return ZoneInfo(current().timezone)


def wall_clock(text: str) -> dt.datetime:
    """The moment of a day and time as clocks on the agency's walls showed it (a field of the sort `moment`)."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone())


def close_of(day: dt.date) -> dt.datetime:
    """The end of the office's day: what is due on a day is due by then."""
    return dt.datetime.combine(day, CLOSE_OF_DAY, tzinfo=zone())


def wall_time(at: dt.datetime) -> dt.datetime:
    """What clocks on the agency's walls show at a moment, without a zone."""
    return at.astimezone(zone()).replace(tzinfo=None)


def local_day(at: dt.datetime) -> dt.date:
    """The agency's calendar day of a moment."""
    return at.astimezone(ZoneInfo(current().timezone)).date()
