"""Changing what a category asks: questions are added, changed, moved and removed, each as a kept version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.text import slugify

from commonbeat.cases.categories import Category, read_questions
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal import history

Question = dict[str, Any]

CHOICE_TYPES = frozenset({"singlevaluelist", "multivaluelist"})
NEEDS_CHOICES = N_("Give at least two answers to choose from.")
NEEDS_LABEL = N_("Write the question in the first language at least.")
CODE_TAKEN = N_("Another question has the code “%(code)s”. Choose another one.")
NOT_EARLIER = N_("“%(question)s” is shown by the answer to a question that comes later or is gone. Change that first.")
LOST_ANSWER = N_("“%(question)s” is shown by an answer that would be gone. Change that first.")
GONE = N_("This question was removed in the meantime.")
BROKEN = N_("These questions cannot be stored: %(reason)s")


def code_for(label: str, taken: Iterable[str]) -> str:
    """A code made of a label's words, different from those that are taken."""
    stem = slugify(label).replace("-", "_")[:40].strip("_") or "question"
    known, code, number = set(taken), stem, 2
    while code in known:
        code, number = f"{stem}_{number}", number + 1
    return code


def label_of(question: Mapping[str, Any]) -> str:
    """The question in English or in any language."""
    words = question["label"]
    return str(words.get("en") or next(iter(words.values()), question["code"]))


def check_questions(rows: list[Question]) -> None:
    """Raise `Invalid` when questions, in this order, could not be asked."""
    try:
        read_questions(rows)
    except (KeyError, ValueError, TypeError, AttributeError) as reason:
        raise Invalid([Problem("questions", BROKEN, {"reason": str(reason)})]) from reason
    earlier: dict[str, set[str]] = {}
    for row in rows:
        if row["code"] in earlier:
            raise Invalid([Problem("code", CODE_TAKEN, {"code": row["code"]})])
        if not any(row["label"].values()):
            raise Invalid([Problem("label", NEEDS_LABEL)])
        keys = {choice["key"] for choice in row.get("choices") or ()}
        if row["datatype"] in CHOICE_TYPES and len(keys) < 2:
            raise Invalid([Problem("choices", NEEDS_CHOICES)])
        shown = row.get("show_when")
        if shown and shown["question"] not in earlier:
            raise Invalid([Problem("show_when", NOT_EARLIER, {"question": label_of(row)})])
        if shown and not set(shown["in"]) <= earlier[shown["question"]]:
            raise Invalid([Problem("show_when", LOST_ANSWER, {"question": label_of(row)})])
        earlier[row["code"]] = keys or {"True", "False"}


def _ordered(rows: Iterable[Question]) -> list[Question]:
    return sorted(rows, key=lambda row: row.get("order", 0))


def questions_of(category: Category) -> list[Question]:
    """The stored questions in the order in which they are asked."""
    return _ordered(category.questions)


def _store(
    category: Category, rows: list[Question], *, actor: Actor, at: dt.datetime, version: int | None, note: str
) -> None:
    numbered = [{**row, "order": number} for number, row in enumerate(rows, start=1)]
    check_questions(numbered)
    history.change(category, {"questions": numbered}, actor=actor, at=at, version=version, note=note)


def save_question(
    category: Category,
    question: Question,
    *,
    code: str | None,
    actor: Actor,
    at: dt.datetime,
    version: int | None = None,
) -> str:
    """Add a question at the end (`code` None) or put it in the place of the one called `code`; returns its code.

    What the form does not know, such as limits of a number, stays. Raises `Invalid` and `ChangedMeanwhile`.
    """
    rows = questions_of(category)
    codes = [row["code"] for row in rows]
    if code is None:
        made = {
            **question,
            "code": question.get("code") or code_for(label_of({**question, "code": ""}), codes),
        }
        _store(category, [*rows, made], actor=actor, at=at, version=version, note=label_of(made))
        return str(made["code"])
    if code not in codes:
        raise Invalid([Problem("code", GONE)])
    rows = [{**row, **question, "code": code} if row["code"] == code else row for row in rows]
    _store(category, rows, actor=actor, at=at, version=version, note=label_of(rows[codes.index(code)]))
    return code


def move_question(
    category: Category, code: str, *, up: bool, actor: Actor, at: dt.datetime, version: int | None = None
) -> None:
    """Ask a question one place earlier or later. Raises `Invalid` when another one depends on the order."""
    rows = questions_of(category)
    here = next((i for i, row in enumerate(rows) if row["code"] == code), None)
    if here is None:
        raise Invalid([Problem("code", GONE)])
    there = here - 1 if up else here + 1
    if 0 <= there < len(rows):
        rows[here], rows[there] = rows[there], rows[here]
        _store(category, rows, actor=actor, at=at, version=version, note=label_of(rows[there]))


def remove_question(
    category: Category, code: str, *, actor: Actor, at: dt.datetime, version: int | None = None
) -> None:
    """Ask this no more; answers that were given stay with their cases. Raises `Invalid` when others depend on it."""
    rows = questions_of(category)
    gone = next((row for row in rows if row["code"] == code), None)
    if gone is None:
        raise Invalid([Problem("code", GONE)])
    _store(
        category,
        [row for row in rows if row["code"] != code],
        actor=actor,
        at=at,
        version=version,
        note=label_of(gone),
    )
