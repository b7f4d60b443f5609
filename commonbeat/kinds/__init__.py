"""One file per kind; importing this package declares them all."""

from __future__ import annotations

import importlib
import pkgutil


def declare() -> None:
    """Import every kind, so that the registries know them."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
