"""Draws Vega-Lite pictures as SVG and PNG, off-line, and keeps what it drew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from commonbeat.evidence import store

# Readers' fonts are wider or narrower than the one that is measured here: room at the sides keeps words whole.
_LOOKS = {
    "background": "white",
    "padding": {"left": 28, "right": 48, "top": 8, "bottom": 8},
    "config": {"font": "sans-serif", "axis": {"labelLimit": 260}},
}
_MOST_KEPT = 2000


def draw(spec: Mapping[str, Any], sort: str) -> bytes:
    """The picture as `svg` or `png`. The same picture is drawn once."""
    text = json.dumps({"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **_LOOKS, **spec}, sort_keys=True)
    folder = Path(settings.FILES_ROOT) / "incidents" / "pictures"
    target = folder / f"{hashlib.sha256(text.encode()).hexdigest()}.{sort}"
    if not target.exists():
        import vl_convert

        made = vl_convert.vegalite_to_svg(text) if sort == "svg" else vl_convert.vegalite_to_png(text, scale=2)
        _forget_old(folder)
        with store.written(target) as draft:
            draft.write_bytes(made.encode() if isinstance(made, str) else made)
    return target.read_bytes()


def _forget_old(folder: Path) -> None:
    kept = sorted(folder.glob("*.*"), key=lambda path: path.stat().st_mtime) if folder.exists() else []
    for path in kept[: max(0, len(kept) - _MOST_KEPT)]:
        path.unlink(missing_ok=True)
