"""Translations: collect what is to be translated, build what Django reads, say what is missing. For developers."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[2]
LOCALE = PACKAGE / "locale"
KEYWORDS: dict[str, Any] = {
    "N_": None, "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "pgettext": ((1, "c"), 2),
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
STAFF_PARTS = (
    "/desk/",
    "/office/",
    "/studio/",
    "/problem/",
    "web/kinds/",
    "publishing/records",
    "kinds/field_report/",
    "kinds/follow_up/",
    "kinds/observation/",
    "complaint/walling",
    "complaint/lessons",
    "evidence/",
    "interfaces/cli/",
    "base_desk",
    "/mfa/",
    "/account/",
    "core/actor",
    "/editors",
    "interfaces/api/",
    "/demo/",
    "cases/admin_tasks",
    "cases/custody",
    "cases/handover",
    "cases/notices",
    "cases/person_search",
    "cases/sound",
    "cases/statistics",
    "cases/tagging",
    "talks/leading",
    "talks/notes",
    "messages/staff_",
)
"""Where words stand that only staff read: languages for residents alone may leave them out."""
READ_BY_ALL = ("evidence/stats/", "evidence/studies/")
"""Parts of those that residents read all the same: studies are told to everybody."""
RESIDENT_ONLY = frozenset({"ar"})
LEFT_OUT = ("/static/", "/migrations/", "/assets/")
"""Where no text is for people."""


def _sources() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        if any(part in path.as_posix() for part in LEFT_OUT):
            continue
        if path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in path.parts):
            yield path


def _extract(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    if path.suffix == ".py":
        with path.open("rb") as source:
            yield from extract("python", source, KEYWORDS, strip_comment_tags=True)
        return
    # In parentheses, so that the indentation of the template's text means nothing to Python's tokenizer.
    code = f"({templatize(path.read_text('utf-8'), origin=str(path))})"
    yield from extract("python", io.BytesIO(code.encode()), KEYWORDS)


def collect() -> Catalog:
    """Every message of the product with where it stands."""
    catalog = Catalog(project="Commonbeat", charset="utf-8")
    for path in _sources():
        place = str(path.relative_to(PACKAGE))
        for line, message, comments, context in _extract(path):
            if not message or message == "":
                continue
            catalog.add(message, locations=[(place, line)], auto_comments=comments, context=context)
    return catalog


def read(language: str) -> Catalog:
    """The translations of one language; an empty catalogue for a new one."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale=language, project="Commonbeat", charset="utf-8")
    with path.open("rb") as source:
        return read_po(source, locale=language)


def languages() -> list[str]:
    """Languages with a translation file."""
    return sorted(path.parents[1].name for path in LOCALE.glob("*/LC_MESSAGES/django.po"))


def update(language: str, template: Catalog) -> Path:
    """Bring a language's file up to date with the source: new messages come in untranslated, old ones go."""
    catalog = read(language)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(target, catalog, width=110, sort_by_file=True, omit_header=False, include_lineno=False)
    return path


def compile_one(language: str) -> bytes:
    """The built form of a language's file."""
    built = io.BytesIO()
    write_mo(built, read(language))
    return built.getvalue()


def is_staff_only(message: Any) -> bool:
    """True when every place of a message is one that only staff read."""
    return bool(message.locations) and all(_is_staffs(f"/{place}") for place, _ in message.locations)


def _is_staffs(place: str) -> bool:
    return any(part in place for part in STAFF_PARTS) and not any(part in place for part in READ_BY_ALL)


def missing(language: str, template: Catalog) -> list[str]:
    """Messages without a translation that this language needs."""
    catalog = read(language)
    lacking = []
    for message in template:
        if not message.id or (language in RESIDENT_ONLY and is_staff_only(message)):
            continue
        found = catalog.get(message.id, message.context)
        parts = (
            found.string if found is not None and isinstance(found.string, tuple | list) else [found and found.string]
        )
        if found is None or found.fuzzy or not all(parts):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


@click.group(name="messages", help=__doc__)
def command() -> None:
    """Commands for translators and developers."""


@command.command("extract")
@click.argument("new_language", required=False)
def extract_command(new_language: str | None) -> None:
    """Bring every translation file up to date; name a NEW_LANGUAGE (such as `pl`) to start one."""
    template = collect()
    for language in sorted({*languages(), *([new_language] if new_language else [])}):
        update(language, template)
        click.echo(f"{language}: {len(missing(language, template))} of {len(template)} to translate")


@command.command("compile")
def compile_command() -> None:
    """Build what Django reads from the translation files."""
    for language in languages():
        (LOCALE / language / "LC_MESSAGES" / "django.mo").write_bytes(compile_one(language))


@command.command("check")
def check_command() -> None:
    """Fail when a language lacks a translation or a built file is not current."""
    template, wrong = collect(), False
    for language in languages():
        lacking = missing(language, template)
        built = LOCALE / language / "LC_MESSAGES" / "django.mo"
        if not built.exists() or built.read_bytes() != compile_one(language):
            click.echo(f"{language}: run `commonbeat messages compile`.")
            wrong = True
        for message in lacking[:20]:
            click.echo(f"{language}: no translation of {message!r}")
        wrong = wrong or bool(lacking)
    sys.exit(1 if wrong else 0)
