"""One module per kind that shows more on the desk than its steps: its panels and the lists its steps choose from."""

from __future__ import annotations

import importlib
import pkgutil


def declare() -> None:
    """Import them all, so that the registries of the desk know them."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
