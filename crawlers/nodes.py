"""Boards that a page shows as elements of their own: small readers of the parts, and the listings made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bs4 import Tag

from crawlers.boards import board, nested
from crawlers.linktables import plain_boards
from crawlers.markup import ancestors, attribute, classes, language, link, words
from crawlers.parsing import count_or_none, date_or_none, text_or_none

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
_ASIDE = re.compile(r"widget|widget[_-].+|sidebar|.*-sidebar|boxesSidebar\w*|ipsWidget|secondary", re.IGNORECASE)
_LAID_OUT = re.compile(r"(?:has|with|no|left|right|content|main|both)-", re.IGNORECASE)
"""How the class of a whole page says that it has a side column: "right-sidebar"."""


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
        address = plain(url) if url and same_host(url, base) else None
        if name and address:
            parent = nested(above, node.parent if node.parent != above else None)
            yield board(platform, address, name, parent=parent, **node.facts)


class Parts:
    """The elements of a page by class, id, name and data attribute: one pass in place of one for each question."""

    def __init__(self, tree: Tag) -> None:
        self._classes: dict[str, list[Tag]] = {}
        self._names: dict[str, list[Tag]] = {}
        self._ids: dict[str, Tag] = {}
        self._data: dict[str, list[Tag]] = {}
        for tag in tags(tree):
            self._names.setdefault(tag.name, []).append(tag)
            for name in classes(tag):
                self._classes.setdefault(name, []).append(tag)
            for name in tag.attrs:
                if name == "id":
                    self._ids.setdefault(attribute(tag, name), tag)
                elif name.startswith("data-"):
                    self._data.setdefault(name, []).append(tag)

    def all(self, *names: str) -> list[Tag]:
        """Return the elements that have one of these classes; those of the first class that there is, first."""
        return [tag for name in names for tag in self._classes.get(name, ())]

    def first(self, *names: str) -> Tag | None:
        """Return the first element that has one of these classes, sought in their order."""
        return next(iter(self.all(*names)), None)

    def named(self, *names: str) -> list[Tag]:
        """Return the elements of these names."""
        return [tag for name in names for tag in self._names.get(name, ())]

    def by_id(self, *ids: str) -> Tag | None:
        """Return the element of the first of these ids that there is."""
        return next((self._ids[each] for each in ids if each in self._ids), None)

    def with_data(self, name: str) -> list[Tag]:
        """Return the elements that have a data attribute, in the order of the page."""
        return self._data.get(name, [])

    def meta(self, name: str) -> str | None:
        """Return what a <meta> of this name or property says."""
        said = (each for each in self.named("meta") if name in {attribute(each, "name"), attribute(each, "property")})
        return next(filter(None, (text_or_none(attribute(each, "content")) for each in said)), None)

    @property
    def language(self) -> str | None:
        """The page's language, as its <html> states it."""
        stated = next(iter(self.named("html")), None)
        return language(stated.parent) if stated is not None and stated.parent is not None else None

    def canonical(self, page: Page, base: str) -> str:
        """Return the address by which a page wants to be known, if it is on its own host; else the page's."""
        stated = next((each for each in self.named("link") if attribute(each, "rel").lower() == "canonical"), None)
        url = link(page, stated, base)
        return url if url and same_host(url, page.url) else page.url


def tags(tag: Tag) -> Iterator[Tag]:
    """Yield what an element holds, at any depth."""
    return (each for each in tag.descendants if isinstance(each, Tag))


def all_of(tag: Tag, *names: str) -> list[Tag]:
    """Return the elements within that have one of these classes."""
    return [each for each in tags(tag) if not set(names).isdisjoint(classes(each))]


def plainly(parts: Parts, base: str) -> list[Node]:
    """Return the boards of a page without its software's own markup, if its tables say what they count."""
    tree = next(iter(parts.named("body")), None)
    found = plain_boards(tree, base)[1] if tree is not None else []
    return [Node(each.link, None, {"topics": each.topics, "posts": each.posts}) for each in found]


def first(tag: Tag | None, *names: str) -> Tag | None:
    """Return the first element within that has one of these classes, sought in their order."""
    found: dict[str, Tag] = {}
    for each in tags(tag) if tag is not None else ():
        for name in classes(each):
            if name == names[0]:
                return each
            if name in names:
                found.setdefault(name, each)
    return next((found[name] for name in names if name in found), None)


def links(tag: Tag | None, most: int = 300) -> list[Tag]:
    """Return the links within an element."""
    found = (each for each in tags(tag) if each.name == "a" and "href" in each.attrs) if tag is not None else ()
    return list(islice(found, most))


def within(tag: Tag | None, *names: str) -> list[Tag]:
    """Return the elements of these names within one."""
    return [each for each in tags(tag) if each.name in names] if tag is not None else []


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
    return tag.name == "aside" or any(_ASIDE.fullmatch(each) and not _LAID_OUT.match(each) for each in names)


def same_host(url: str, other: str) -> bool:
    """Tell whether two addresses are of one host, "www." or not."""
    hosts = [(urlsplit(each).hostname or "").removeprefix("www.") for each in (url, other)]
    return hosts[0] == hosts[1]
