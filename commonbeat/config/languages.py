"""Languages are the folders of `locale/`: adding one is adding a translation file."""

from __future__ import annotations

from pathlib import Path

from babel import Locale


def available_languages(folder: Path) -> list[tuple[str, str]]:
    """English and every language with a translation file, each by its own name."""
    codes = {"en", *(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/django.po"))}
    return [(code, _own_name(code)) for code in sorted(codes, key=lambda c: (c != "en", c))]


def _own_name(code: str) -> str:
    name = Locale.parse(code.replace("-", "_")).get_display_name() or code
    return name[:1].upper() + name[1:]
