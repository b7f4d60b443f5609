"""Why a row of a file does not count, or counts without a place."""

from commonbeat.core.text import N_

NO_DATE, BAD_DATE, FUTURE, TOO_OLD, DOUBLED, BROKEN = "no-date", "bad-date", "future", "too-old", "doubled", "broken"
NO_PLACE, BAD_PLACE = "no-place", "bad-place"

REASONS = {
    NO_DATE: N_("It has no date."),
    BAD_DATE: N_("The date cannot be read. Check the column, and the order of day, month and year."),
    FUTURE: N_("The date lies in the future."),
    TOO_OLD: N_("The date lies before the day from which rows count."),
    DOUBLED: N_("A later row of the file has the same number; that one counts."),
    BROKEN: N_("It has more or fewer columns than the heading."),
    NO_PLACE: N_("It has no coordinates: it counts for the whole city, but in no area."),
    BAD_PLACE: N_("The coordinates are not on the globe: it counts for the whole city, but in no area."),
}
"""Why a row was left out, or (the last two) counts without a place."""
NOTES = (NO_PLACE, BAD_PLACE)
