"""Boards within boards, as APIs send them: a tree of children, or a flat list that names parents by number."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from crawlers.parsing import count_or_none, items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DEPTH = 20
_MOST = 50_000
"""More than any forum has: a page that nests the same again and again ends here."""


def branches(roots: Iterable[dict[str, Any]], children: str) -> Iterator[tuple[dict[str, Any], tuple[Any, ...]]]:
    """Yield each object of a tree with what contains it, outermost first; in the order of the page."""
    waiting: list[tuple[dict[str, Any], tuple[Any, ...]]] = [(each, ()) for each in roots]
    waiting.reverse()
    for _ in range(_MOST):
        if not waiting:
            return
        node, above = waiting.pop()
        yield node, above
        if len(above) < _DEPTH:
            below = [(each, (*above, node)) for each in islice(items(node, children), _MOST)]
            waiting.extend(reversed(below))


def containers(nodes: Iterable[dict[str, Any]], number: str, parent: str) -> dict[Any, tuple[Any, ...]]:
    """Return for each number in a flat list what contains it, outermost first; a circle ends where it closes."""
    known = {each[number]: each for each in nodes if isinstance(each.get(number), int | str)}
    return {key: _above(each, known, parent) for key, each in known.items()}


def _above(node: dict[str, Any], known: dict[Any, dict[str, Any]], parent: str) -> tuple[Any, ...]:
    way = [node]
    while len(way) <= _DEPTH:
        key = way[-1].get(parent)
        above = known.get(key) if isinstance(key, int | str) else None
        if above is None or any(above is each for each in way):
            break
        way.append(above)
    return tuple(reversed(way[1:]))


def first_count(node: dict[str, Any], *names: str) -> int | None:
    """Return the first of these counts that is there: that of a board with all in it, or else its own."""
    return next((count for name in names if (count := count_or_none(node.get(name))) is not None), None)
