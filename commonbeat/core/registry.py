"""A place where declarations of one sort are found by their slug."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Declared(Protocol):
    """Anything that names itself by a slug."""

    @property
    def slug(self) -> str: ...


T = TypeVar("T", bound=Declared)


class UnknownSlug(LookupError):
    """Nothing of that name is declared; the message lists what is."""


class Registry(Generic[T]):
    """Declarations by slug, in the order in which they were added."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._items: dict[str, T] = {}

    def add(self, item: T) -> T:
        """Add a declaration; a second one under the same slug is a programming error."""
        if item.slug in self._items and self._items[item.slug] is not item:
            raise ValueError(f"Two {self.noun} declarations are called “{item.slug}”.")
        self._items[item.slug] = item
        return item

    def __getitem__(self, slug: str) -> T:
        try:
            return self._items[slug]
        except KeyError:
            known = ", ".join(self._items) or "none"
            raise UnknownSlug(f"There is no {self.noun} “{slug}”. Declared: {known}.") from None

    def __contains__(self, slug: object) -> bool:
        return slug in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)
