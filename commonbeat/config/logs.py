"""Logs carry no personal data: request objects and addresses are taken out before a line is written (RULES 19)."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"/(return/link|answer|follow/confirm|follow/mine|unsubscribe|my)/[^/\s]+")
_EMAIL = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+\.[a-z]{2,}", re.IGNORECASE)


class NoPersonalData(logging.Filter):
    """Removes one-time links and e-mail addresses from messages, and the request from the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        record.msg = _EMAIL.sub("[e-mail]", _SECRET.sub(r"/\1/[secret]", message))
        record.args = ()
        if hasattr(record, "request"):
            del record.request
        return True
