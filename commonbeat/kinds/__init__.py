"""One file per kind, or a folder where it has tables of its own; `declare` makes them all known."""

from __future__ import annotations

import importlib
import pkgutil


def declare() -> None:
    """Import every kind, so that the registries know them.

    A folder declares its kind in `kind.py`: the folder itself is imported as a Django app, before any model is ready. A
    second kind on the same tables stands beside it in a file that ends with `_kind.py`. What its tables hold about
    people stands in `personal.py`, its verbs besides steps, which others may begin it by, in `actions.py`.
    """
    for module in pkgutil.iter_modules(__path__):
        name = f"{__name__}.{module.name}"
        parts = [part.name for part in pkgutil.iter_modules([f"{__path__[0]}/{module.name}"])] if module.ispkg else []
        importlib.import_module(name)
        for part in sorted(parts):
            if part in {"kind", "personal", "actions"} or part.endswith("_kind"):
                importlib.import_module(f"{name}.{part}")
