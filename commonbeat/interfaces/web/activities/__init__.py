"""Pages of activities: the calendar of the desk, and what residents read."""
