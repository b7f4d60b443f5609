"""Documents to print and keep: Typst templates filled with words, as tagged PDF (PDF/UA-1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import HttpResponse


def pdf_answer(document: bytes, name: str) -> HttpResponse:
    """A document for the browser to show or keep, under this name."""
    answer = HttpResponse(document, "application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def tagged_pdf(template: Path, said: Mapping[str, Any], *, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """The document; its template finds the words under `said`, and pictures (name → file) beside itself."""
    import typst  # here, since no other request needs it

    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name, data in {template.name: template.read_bytes(), **(pictures or {})}.items():
            (root / name).write_bytes(data)
        made = typst.compile(
            str(root / template.name), root=folder, format="pdf", pdf_standards=["ua-1"],
            sys_inputs={"said": json.dumps(said, default=str)},
        )  # fmt: skip
    assert isinstance(made, bytes)  # one file, since no page numbers are in its name
    return made
