"""What the documentation names exists: capabilities, tests, files, settings and commands."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest

from commonbeat.config.entry import Commands

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TOP = ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")
PAGES = sorted([*DOCS.rglob("*.md"), *(ROOT / f"{name}.md" for name in TOP)])
NUMBERS = {"O": 45, "C": 33, "L": 25, "P": 11, "I": 23, "F": 25, "B": 15}
ROW = re.compile(r"^\| ([A-Z]\d\d) \|(.*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
SETTING = re.compile(r"COMMONBEAT_[A-Z0-9_]+")
COMMAND = re.compile(r"(?:^|/bin/|\s)commonbeat ([a-z][a-z0-9-]*(?: [a-z][a-z0-9-]*)?)", re.MULTILINE)
SUFFIXES = re.compile(r"`(COMMONBEAT_[A-Z0-9_]+)`((?:, `_[A-Z0-9_]+`)+)")


def _capabilities() -> list[tuple[str, ...]]:
    return ROW.findall((DOCS / "capabilities.md").read_text())


def _tests_in(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def _settings_read() -> set[str]:
    """Variables that code reads: every string that is exactly such a name."""
    found = set()
    for path in (ROOT / "commonbeat").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SETTING.fullmatch(node.value):
                found.add(node.value)
    return found


def _settings_told() -> set[str]:
    """Variables in the table; `COMMONBEAT_SMTP_HOST`, `_PORT` stands for two of one beginning."""
    text = (DOCS / "howto" / "deploy.md").read_text()
    told = set(SETTING.findall(text))
    for first, others in SUFFIXES.findall(text):
        stem = first.rsplit("_", 1)[0]
        told |= {stem + other for other in re.findall(r"_[A-Z0-9_]+", others)}
    return told


def test_every_capability_has_exactly_one_row() -> None:
    wanted = [f"{letter}{number:02}" for letter, count in NUMBERS.items() for number in range(1, count + 1)]
    assert sorted(row[0] for row in _capabilities()) == sorted(wanted)


def test_what_works_names_tests_that_exist_and_what_does_not_names_none() -> None:
    for number, _what, _where, tests, state in _capabilities():
        named = re.findall(r"`([^`:]+)::([^`]+)`", tests)
        kind = state.strip().split(":")[0].split(" (")[0]
        assert kind in {"works", "part", "not yet"}, number
        assert bool(named) == (kind != "not yet"), number
        assert kind != "part" or len(state.strip()) > len("part: "), f"{number} does not say what is missing"
        for path, function in named:
            assert function.startswith("test_"), number
            assert function in _tests_in(ROOT / path), f"{number}: {path}::{function}"


def test_the_counts_at_the_top_are_the_counts_of_the_rows() -> None:
    states = [row[4].strip() for row in _capabilities()]
    counts = [sum(state.startswith(kind) for state in states) for kind in ("works", "part", "not yet")]
    text = (DOCS / "capabilities.md").read_text()
    assert f"Of {len(states)} capabilities, {counts[0]} work, {counts[1]} work in part, {counts[2]} do not" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target


def test_every_setting_is_documented_and_every_documented_one_is_read() -> None:
    assert _settings_told() == _settings_read()


def _command_exists(words: list[str]) -> bool:
    """Whether the first word is a command, and the second one of its own if it is a group."""
    context = click.Context(Commands(name="commonbeat"))
    command = context.command.get_command(context, words[0])  # type: ignore[attr-defined]
    if not isinstance(command, click.Group):
        return command is not None
    return len(words) < 2 or words[1] in command.commands


def test_every_command_that_is_named_exists() -> None:
    named = set()
    for page in PAGES:
        text = page.read_text()
        code = [*re.findall(r"```\w*\n(.*?)```", text, re.DOTALL), *re.findall(r"`([^`\n]+)`", text)]
        for piece in code:
            named |= set(COMMAND.findall(piece))
    assert named
    # `demo` sets the process up for the demo as soon as it is looked up.
    wrong = [words for words in sorted(named) if words.split()[0] != "demo" and not _command_exists(words.split())]
    assert not wrong
