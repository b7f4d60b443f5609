"""Surveys of residents: waves brought in, weighted to known populations, looked at, released."""
