"""Where styles, scripts and pictures of the product are found."""

from __future__ import annotations

from functools import cache

from django.contrib.staticfiles.storage import StaticFilesStorage


class RememberedStatics(StaticFilesStorage):
    """Puts an address together once: a page names a dozen, and they never change while the server runs."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.url = cache(super().url)  # type: ignore[method-assign]
