"""`commonbeat import categories`: categories of concern with their questions and words, from a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from django.db import transaction
from django.utils import timezone

from commonbeat.cases.categories import Category, read_questions
from commonbeat.cases.kind import KINDS
from commonbeat.core.actor import ROLE_LABELS, SYSTEM
from commonbeat.journal import history

DANGERS = ("never", "possible", "likely")
PUBLIC_TEXTS = ("none", "reviewed")


class BadCategory(ValueError):
    """A category in the file cannot be used; the message says why."""


def values_of(row: Mapping[str, Any], *, order: int) -> dict[str, Any]:
    """A category of the file as the values that are stored, of concerns unless it says more. Raises `BadCategory`."""
    kind = str(row.get("kind") or "concern")
    if kind not in KINDS or not KINDS[kind].intake.categories:
        raise BadCategory(f"there are no categories of the kind “{kind}”")
    try:
        read_questions(row.get("questions") or [])
        public = row.get("public") or {}
        values = {
            "code": row["code"], "kind": kind, "order": order, "questions": row.get("questions") or [],
            "acknowledge_hours": float(row.get("acknowledge_hours") or 24),
            "respond_hours": float(row.get("respond_hours") or 120), "recheck_hours": row.get("recheck_hours"),
            "cure_days": row.get("cure_days"), "procedures": row.get("procedures") or [],
            "handlers": row.get("handlers") or [], "needs_sworn": bool(row.get("needs_sworn")),
            "sensitive": bool(row.get("sensitive")), "danger": row.get("danger") or "never",
            "danger_words": row.get("emergency_words") or row.get("danger_words") or {},
            "outcomes": row.get("outcomes") or [], "legacy_names": row.get("legacy_names") or [],
            "public_point": bool(public.get("point", True)) and not row.get("sensitive"),
            "public_precision_m": int(public.get("precision_m") or 0),
            "public_delay_hours": float(public.get("delay_hours") or 0),
            "public_text": public.get("text") or "reviewed",
            "texts": [
                {"language": language, "group": row["group"][language], "name": row["name"][language],
                 "description": (row.get("description") or {}).get(language, ""),
                 "keywords": (row.get("keywords") or {}).get(language, [])}
                for language in row["name"]
            ],
        }  # fmt: skip
    except KeyError as missing:
        raise BadCategory(f"it lacks {missing}")
    except (TypeError, ValueError, AttributeError) as wrong:
        raise BadCategory(str(wrong))
    _check(values, kind)
    return values


def _check(values: Mapping[str, Any], kind: str) -> None:
    flow = KINDS[kind].workflow
    wrong = [f"“{slug}” is no outcome" for slug in values["outcomes"] if flow.outcome(slug) is None]
    wrong += [f"“{role}” is no role" for role in values["handlers"] if role not in ROLE_LABELS]
    known = {procedure.slug for procedure in flow.procedures}
    wrong += [f"“{slug}” is no procedure" for slug in values["procedures"] if slug not in known]
    if values["danger"] not in DANGERS:
        wrong.append(f"danger is “{values['danger']}”; use {', '.join(DANGERS)}")
    if values["public_text"] not in PUBLIC_TEXTS:
        wrong.append(f"public text is “{values['public_text']}”; use {', '.join(PUBLIC_TEXTS)}")
    if values["acknowledge_hours"] <= 0 or values["respond_hours"] <= 0:
        wrong.append("its clocks need more than 0 hours")
    if not values["code"].replace("-", "").replace("_", "").isalnum():
        wrong.append("its code may hold letters, digits, - and _ only")
    if wrong:
        raise BadCategory("; ".join(wrong))


@transaction.atomic
def store(rows: list[dict[str, Any]]) -> tuple[int, int]:
    """Store categories by their code, all or none; returns how many are new and how many changed."""
    at = timezone.now()
    known = {category.code: category for category in Category.objects.all()}
    new = changed = 0
    problems: list[str] = []
    for order, row in enumerate(rows, start=1):
        name = row.get("code", f"number {order}") if isinstance(row, dict) else f"number {order}"
        try:
            values = values_of(row, order=order * 10)
        except (BadCategory, AttributeError) as reason:
            problems.append(f"Category {name}: {reason}.")
            continue
        if category := known.get(values["code"]):
            changed += history.change(category, values, actor=SYSTEM, at=at) is not None
        else:
            known[values["code"]] = history.add(Category(), values, actor=SYSTEM, at=at)  # type: ignore[assignment]
            new += 1
    if problems:
        raise click.ClickException("Nothing was stored.\n  " + "\n  ".join(problems))
    return new, changed


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def categories(file: Path) -> None:
    """Add or change categories from a JSON file: a list, or an object with the list under "categories".

    A category is known by its code. Categories that the file does not name stay as they are. Every change is kept in
    the history, where it can be taken back.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise click.ClickException(f"{file} is not JSON ({error}).")
    rows = document.get("categories") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise click.ClickException(f"{file} holds no list of categories.")
    new, changed = store(rows)
    click.echo(f"{new} new categories, {changed} changed, {len(rows) - new - changed} as they were.")
