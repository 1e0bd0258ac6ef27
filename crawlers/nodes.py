"""Boards that a page shows as elements of their own: small readers of the parts, and the listings made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from bs4 import Tag

from crawlers.boards import board, nested
from crawlers.linktables import plain_boards
from crawlers.markup import ancestors, attribute, classes, link, words
from crawlers.parsing import count_or_none, date_or_none, text_or_none
from crawlers.parts import Parts, same_site, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from crawlers.contract import Page
    from crawlers.times import Times
    from venues.model import Listing

_TIMES = ("time", "abbr", "span", "woltlab-core-date-time")
_STATED = ("data-time", "data-timestamp", "datetime", "date", "title")
_REST = re.compile(r"(?<=\w), \d+ \w+(?= ago$)")
"""What "3 days, 2 hours ago" says beside its days."""
_ASIDE = re.compile(r"widget|widget[_-].+|sidebar|p-body-sidebar|boxesSidebar\w*|ipsWidget|secondary", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Node:
    """A board as a page shows it."""

    named: Tag | None
    """The link that carries its title."""
    parent: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of Listing."""
    name: str | None = None
    """Its title, where that is not the whole text of the link."""


def listings_of(
    platform: str, page: Page, base: str, nodes: Iterable[Node], above: str | None, plain: Callable[[str], str | None]
) -> Iterator[Listing]:
    """Return the listings of what a page shows as boards.

    `above` is the title of the board that the page itself shows, if it shows one. `plain` makes an address the same
    wherever it is met, or returns None where it is not one of a board; one that leads to another host never is.
    """
    for node in nodes:
        name, url = node.name or words(node.named, 300), link(page, node.named, base)
        address = plain(url) if url and same_site(url, base) else None
        if name and address:
            parent = nested(above, node.parent if node.parent != above else None)
            yield board(platform, address, name, parent=parent, **node.facts)


def plainly(parts: Parts, base: str) -> list[Node]:
    """Return the boards of a page without its software's own markup, if its tables say what they count."""
    tree = next(iter(parts.named("body")), None)
    found = plain_boards(tree, base)[1] if tree is not None else []
    return [Node(each.link, None, {"topics": each.topics, "posts": each.posts}) for each in found]


def moment(tag: Tag | None, times: Times) -> datetime | None:
    """Return the first time within an element: one stated for machines, or else one that is all that a text says."""
    if tag is None:
        return None
    for each in within(tag, *_TIMES)[:30]:
        for name in _STATED:
            found = date_or_none(attribute(each, name)) or (
                times.read(attribute(each, name)) if name == "title" else None
            )
            if found:
                return found
    # A sentence may name a day that is not the post's: the titles of topics stand here too.
    texts = (text_or_none(str(each), 60) for each in tag.descendants if not isinstance(each, Tag))
    short = (_REST.sub("", text) for text in islice(texts, 40) if text and len(text) < 40)
    return next(filter(None, map(times.read, short)), None)


def figures(tags: Iterable[Tag]) -> list[int | None]:
    """Return the number in each element, None where it says none: "1,204", "1.2k", "–"."""
    return [count_or_none(words(tag, 80)) for tag in tags]


def topics_and_posts(counts: Sequence[int | None]) -> dict[str, int | None]:
    """Return the first two of a board's figures by their names; a single one counts the posts."""
    if len(counts) == 1:
        return {"posts": counts[0]}
    return {"topics": counts[0], "posts": counts[1]} if counts else {}


def last_text(heading: Tag | None) -> str | None:
    """Return the title in a heading whose first links fold it up: that of its last link with text, or its own text."""
    return next((text for text in map(words, reversed(within(heading, "a"))) if text), None) or words(heading, 300)


def beside(tag: Tag) -> bool:
    """Tell whether an element stands in a side column or a widget: what is there repeats other pages."""
    return any(_is_aside(each) for each in ancestors(tag))


def _is_aside(tag: Tag) -> bool:
    if tag.name in {"body", "html", "main"}:
        return False
    names = (*classes(tag), attribute(tag, "id"))
    return tag.name == "aside" or any(map(_ASIDE.fullmatch, names))
