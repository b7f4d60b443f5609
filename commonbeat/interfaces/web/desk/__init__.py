"""The desk of staff: inbox, case page, steps, entering reports, publishing."""
