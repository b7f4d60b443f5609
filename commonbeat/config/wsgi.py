"""The web application as a WSGI callable."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonbeat.config.settings")

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""How much is made before garbage is looked for: a page leaves little behind that does not free itself."""


def _settle() -> None:
    """Load what every request needs, and never look through it for garbage: that costs a request a quarter."""
    get_resolver().url_patterns  # noqa: B018  (imports every view)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


application = get_wsgi_application()
_settle()
