"""Commonbeat: open software for community policing."""

__version__ = "0.1.0"
