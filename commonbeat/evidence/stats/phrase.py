"""A sentence with its numbers apart, so that it can be stored, translated and said again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Value: TypeAlias = "str | int | float"
Translate: TypeAlias = Callable[[str], str]


def N_(message: str) -> str:
    """Return `message` unchanged; the message extractor finds it, whoever shows the phrase translates it."""
    return message


def as_written(message: str) -> str:
    """No translation: what a notebook reads."""
    return message


@dataclass(frozen=True)
class Phrase:
    """A template in English (marked with `N_`) and the values that belong in it.

    Numbers keep their full precision; the template rounds them (`{percent:.0f}`).
    """

    template: str
    values: dict[str, Value] = field(default_factory=dict)

    def said(self, translate: Translate = as_written) -> str:
        """The sentence in the language of `translate`."""
        return translate(self.template).format(**self.values)

    def __str__(self) -> str:
        return self.said()

    def as_dict(self) -> dict[str, Any]:
        """What JSON stores."""
        return {"template": self.template, "values": dict(self.values)}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Phrase:
        """What `as_dict` wrote."""
        return cls(template=stored["template"], values=dict(stored["values"]))


def phrase(template: str, **values: Value) -> Phrase:
    """A phrase; NumPy's numbers become Python's, so that JSON can hold them."""
    return Phrase(template, {name: _plain(value) for name, value in values.items()})


def _plain(value: Any) -> Value:
    plain = value.item() if hasattr(value, "item") else value
    if not isinstance(plain, str | int | float):
        raise TypeError(f"A phrase holds text and numbers, not {type(plain).__name__}.")
    return plain
