"""Working time: opening hours, holidays, changes of clocks and pauses."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from commonbeat.core.working_time import (
    NeverOpen,
    WorkingCalendar,
    add_working,
    due,
    is_open,
    next_opening,
    round_the_clock,
    working_between,
)

CHICAGO = ZoneInfo("America/Chicago")
HOUR = dt.timedelta(hours=1)
OFFICE = WorkingCalendar(
    opening={day: ((dt.time(8), dt.time(12)), (dt.time(13), dt.time(17))) for day in range(5)},
    holidays=frozenset({dt.date(2026, 7, 3)}),
    timezone=CHICAGO,
)
NIGHTS = WorkingCalendar(opening={4: ((dt.time(22), dt.time(6)),)}, timezone=CHICAGO)


def local(*parts, fold=0):
    return dt.datetime(*parts, tzinfo=CHICAGO, fold=fold)


def utc(moment):
    return moment.astimezone(dt.UTC)


MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31), timezones=st.just(dt.UTC))
DURATIONS = st.integers(0, 60 * 24 * 2).map(lambda minutes: dt.timedelta(minutes=minutes))
TIMES = st.integers(0, 24 * 4 - 1).map(lambda quarter: dt.time(quarter // 4, quarter % 4 * 15))
CALENDARS = st.builds(
    WorkingCalendar,
    opening=st.dictionaries(st.integers(0, 6), st.lists(st.tuples(TIMES, TIMES), max_size=3), min_size=1),
    holidays=st.frozensets(st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), max_size=5),
    timezone=st.sampled_from([CHICAGO, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")]),
).filter(lambda calendar: any(calendar.opening.values()))


@given(MOMENTS, DURATIONS, CALENDARS)
def test_adding_is_the_inverse_of_counting(start, duration, calendar):
    assert working_between(start, add_working(start, duration, calendar), calendar) == duration


@given(MOMENTS, DURATIONS, DURATIONS, CALENDARS)
def test_more_work_is_never_due_earlier(start, one, other, calendar):
    assert (add_working(start, one, calendar) <= add_working(start, other, calendar)) or one > other
    assert add_working(start, one, calendar) <= add_working(start + other, one, calendar)


@given(MOMENTS, DURATIONS, DURATIONS, CALENDARS)
def test_counting_in_two_parts_gives_the_same(start, one, other, calendar):
    middle, end = start + one, start + one + other
    parts = working_between(start, middle, calendar) + working_between(middle, end, calendar)
    assert parts == working_between(start, end, calendar) == -working_between(end, start, calendar)
    assert dt.timedelta(0) <= parts <= end - start


@given(MOMENTS, CALENDARS)
def test_the_next_opening_is_open_and_nothing_before_it_is(at, calendar):
    opening = next_opening(at, calendar)
    assert is_open(opening, calendar)
    assert working_between(at, opening, calendar) == dt.timedelta(0)


def test_evening_weekend_and_holiday_do_not_count():
    thursday = local(2026, 7, 2, 16)
    assert add_working(thursday, 2 * HOUR, OFFICE) == local(2026, 7, 6, 9)


def test_work_that_fits_is_due_at_closing_not_at_the_next_opening():
    assert add_working(local(2026, 7, 7, 8), 8 * HOUR, OFFICE) == local(2026, 7, 7, 17)


def test_a_report_at_night_starts_its_clock_in_the_morning():
    assert add_working(local(2026, 7, 7, 23), HOUR, OFFICE) == local(2026, 7, 8, 9)
    assert next_opening(local(2026, 7, 7, 12, 30), OFFICE) == local(2026, 7, 7, 13)


def test_a_night_shift_has_seven_hours_when_clocks_go_forward_and_nine_when_they_go_back():
    saturday_nights = WorkingCalendar(opening={5: ((dt.time(22), dt.time(6)),)}, timezone=CHICAGO)
    assert working_between(local(2026, 3, 7, 12), local(2026, 3, 8, 12), saturday_nights) == 7 * HOUR
    assert working_between(local(2026, 10, 31, 12), local(2026, 11, 1, 12), saturday_nights) == 9 * HOUR
    assert add_working(local(2026, 10, 31, 22), 9 * HOUR, saturday_nights) == utc(local(2026, 11, 1, 6))


def test_an_hour_that_the_clocks_skip_is_not_worked():
    calendar = WorkingCalendar(opening={6: ((dt.time(2), dt.time(3)),)}, timezone=CHICAGO)
    assert working_between(local(2026, 3, 8), local(2026, 3, 9), calendar) == dt.timedelta(0)
    assert working_between(local(2026, 3, 15), local(2026, 3, 16), calendar) == HOUR


def test_a_desk_that_never_closes_counts_real_hours_also_over_a_change_of_clocks():
    desk = round_the_clock(CHICAGO)
    assert desk.always_open
    assert add_working(local(2026, 3, 7, 12), 24 * HOUR, desk) == local(2026, 3, 8, 13)
    with_holiday = WorkingCalendar(opening=desk.opening, holidays=frozenset({dt.date(2026, 3, 8)}), timezone=CHICAGO)
    assert working_between(local(2026, 3, 8), local(2026, 3, 9), with_holiday) == dt.timedelta(0)
    assert working_between(local(2026, 11, 1), local(2026, 11, 2), desk) == 25 * HOUR


def test_overlapping_spans_count_once():
    doubled = WorkingCalendar(opening={0: ((dt.time(8), dt.time(12)), (dt.time(10), dt.time(14)))}, timezone=CHICAGO)
    assert working_between(local(2026, 7, 6), local(2026, 7, 7), doubled) == 6 * HOUR


def test_a_night_shift_belongs_to_the_day_it_starts_on():
    assert is_open(local(2026, 7, 11, 5), NIGHTS)
    assert not is_open(local(2026, 7, 10, 5), NIGHTS)
    assert not is_open(local(2026, 7, 11, 6), NIGHTS)


def test_waiting_for_the_reporter_stops_the_clock():
    started = local(2026, 7, 6, 8)
    pause = (local(2026, 7, 6, 10), local(2026, 7, 7, 10))
    assert due(started, 4 * HOUR, OFFICE, [], now=local(2026, 7, 8)) == local(2026, 7, 6, 12)
    assert due(started, 4 * HOUR, OFFICE, [pause], now=local(2026, 7, 8)) == local(2026, 7, 7, 12)
    assert due(started, 4 * HOUR, OFFICE, [pause, pause], now=local(2026, 7, 8)) == local(2026, 7, 7, 12)


def test_a_clock_that_stands_still_is_not_overdue_unless_it_ran_out_before():
    started, now = local(2026, 7, 6, 8), local(2026, 7, 8, 9)
    assert due(started, 4 * HOUR, OFFICE, [(local(2026, 7, 6, 10), None)], now=now) > now
    assert due(started, HOUR, OFFICE, [(local(2026, 7, 6, 10), None)], now=now) == local(2026, 7, 6, 9)


@given(MOMENTS, DURATIONS, st.lists(st.tuples(DURATIONS, DURATIONS), max_size=4), CALENDARS)
def test_pauses_only_ever_give_more_time_and_none_of_it_is_lost(start, duration, offsets, calendar):
    assume(duration)
    pauses = [(start + begin, start + begin + length) for begin, length in offsets]
    end = due(start, duration, calendar, pauses, now=start)
    assert end >= add_working(start, duration, calendar)
    edges = sorted({start, end, *(min(moment, end) for pause in pauses for moment in pause)})
    worked = dt.timedelta(0)
    for a, b in itertools.pairwise(edges):
        if not any(begin <= a and b <= stop for begin, stop in pauses):
            worked += working_between(a, b, calendar)
    assert worked == duration


def test_a_calendar_that_never_opens_is_said_so():
    closed = WorkingCalendar(opening={}, timezone=CHICAGO)
    with pytest.raises(NeverOpen):
        add_working(local(2026, 7, 6), HOUR, closed)
    with pytest.raises(NeverOpen):
        next_opening(local(2026, 7, 6), closed)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        working_between(dt.datetime(2026, 1, 1), local(2026, 1, 2), OFFICE)
    with pytest.raises(ValueError, match="negative"):
        add_working(local(2026, 1, 1), -HOUR, OFFICE)
    with pytest.raises(ValueError, match="weekdays"):
        WorkingCalendar(opening={7: ()})
