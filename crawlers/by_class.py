"""The elements of a page by their class names, found in one pass: a search for each name would take one pass each."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bs4 import Tag

from crawlers.markup import ancestors, classes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class ByClass:
    """The elements in one element, in the page's order; no more than `most` are looked at."""

    def __init__(self, tag: Tag, most: int | None = 1000) -> None:
        found: dict[str, list[Tag]] = {}
        for each in islice(tag.descendants, most):
            if isinstance(each, Tag):
                for name in classes(each):
                    found.setdefault(name, []).append(each)
        self._found: Mapping[str, list[Tag]] = found

    def all(self, name: str) -> Sequence[Tag]:
        """Return all elements with a class."""
        return self._found.get(name, ())

    def first(self, name: str) -> Tag | None:
        """Return the first element with a class."""
        found = self._found.get(name)
        return found[0] if found else None


def outermost(rows: Iterable[Tag]) -> Iterator[Tag]:
    """Leave out rows in rows, which no forum has: of ten thousand in one another, each would hold the rest."""
    kept: set[int] = set()
    for row in rows:
        inside = any(id(each) in kept for each in ancestors(row))
        kept.add(id(row))
        if not inside:
            yield row
