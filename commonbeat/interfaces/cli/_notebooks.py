"""Runs the notebooks of docs/notebooks and writes what they print beside their text: a page that cannot go stale."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "notebooks"
_CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)


def notebooks() -> list[Path]:
    """Every notebook: a Python file whose cells begin with `# %%`, as Jupyter and editors read it."""
    return sorted(FOLDER.glob("*.py"))


def cells(text: str) -> Iterator[tuple[bool, str]]:
    """Cells in order: whether it is text (Markdown), and its content."""
    marks = list(_CELL.finditer(text))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        body = text[mark.end() : following.start() if following else len(text)].strip("\n")
        if "[markdown]" in mark[1]:
            yield True, "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.splitlines())
        else:
            yield False, body


def executed(path: Path, note: str) -> str:
    """The notebook as a page: its text, its code, and what the code prints when it is run now."""
    space: dict[str, Any] = {"__name__": path.stem}
    parts: list[str] = []
    for is_text, body in cells(path.read_text(encoding="utf-8")):
        if is_text:
            parts.append(body)
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(body, str(path), "exec"), space)  # our own files, as a notebook would
        parts.append(f"```python\n{body}\n```")
        if out.getvalue():
            parts.append(f"```text\n{out.getvalue().rstrip()}\n```")
    head, *rest = parts
    title, _, remainder = head.partition("\n")
    source = f"[The notebook](../notebooks/{path.name})\n"
    return "\n\n".join([title, note.strip(), source.strip(), remainder.strip(), *rest]) + "\n"
