"""How the contract tests open a case of each kind and ready it for every one of its steps: one module per kind."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Protocol, cast

from commonbeat.cases.kind import Kind
from commonbeat.cases.models import Case
from tests.conftest import City


class Opening(Protocol):
    """What a kind's module holds.

    `write_about(case)`, where there is one, makes rows of the kind's own tables that belong to people of the case.
    `FITTING` are answers by field code for steps that check more than what sort of answer it is; one that can be
    called gets the case.
    """

    FITTING: Mapping[str, Any]

    def open_one(self, city: City) -> Case: ...

    def work_on(self, case: Case) -> None: ...


def opening_of(kind: Kind) -> Opening:
    """The module of a kind. A kind without one fails here: its steps would stay unproven."""
    return cast(Opening, importlib.import_module(f"{__name__}.{kind.slug}"))
