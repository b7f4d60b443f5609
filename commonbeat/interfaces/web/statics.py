"""Where styles, scripts and pictures of the product are found."""

from __future__ import annotations

from functools import cached_property

from django.contrib.staticfiles.storage import StaticFilesStorage


class RememberedStatics(StaticFilesStorage):
    """Puts an address together once: a page names a dozen, and they never change while the server runs."""

    @cached_property
    def _addresses(self) -> dict[str | None, str]:
        return {}

    def url(self, name: str | None) -> str:
        """The address of a file."""
        if name not in self._addresses:
            self._addresses[name] = super().url(name)
        return self._addresses[name]
