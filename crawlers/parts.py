"""The elements of a tree, found fast and without being led astray.

The tree's own search takes microseconds for each element and each question. And a page may be made to cost: elements
nested ten thousand deep are walked through once for each of them. So what lies deeper than any page needs is not seen.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bs4 import Tag

from crawlers.markup import attribute, classes, language, link
from crawlers.parsing import text_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawlers.contract import Page

_DEEPEST = 120
_COMMON = {"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne"}
"""What stands before a country's ending and is nobody's own: forum.example.co.uk."""


class Parts:
    """The elements of a page by class, id, name and data attribute: one pass in place of one for each question."""

    def __init__(self, tree: Tag) -> None:
        self._classes: dict[str, list[Tag]] = {}
        self._names: dict[str, list[Tag]] = {}
        self._ids: dict[str, Tag] = {}
        self._data: dict[str, list[Tag]] = {}
        for tag in shallow(tree):
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
        return url if url and same_site(url, page.url) else page.url


def tags(tag: Tag | None) -> Iterator[Tag]:
    """Yield what an element holds, at any depth."""
    return (each for each in tag.descendants if isinstance(each, Tag)) if tag is not None else iter(())


def shallow(tree: Tag) -> Iterator[Tag]:
    """Yield what a tree holds, down to the depth that a page can need."""
    depths = {id(tree): 0}
    for tag in tags(tree):
        depth = depths.get(id(tag.parent), _DEEPEST) + 1
        if depth <= _DEEPEST:
            depths[id(tag)] = depth
            yield tag


def brief(tag: Tag, most: int) -> str:
    """Return an element's text in one line, or a little more than `most` characters of it."""
    found: list[str] = []
    length = 0
    for each in tag.descendants:
        if not isinstance(each, Tag):
            found.append(str(each))
            length += len(found[-1].strip())
            if length > most:
                break
    return text_or_none(" ".join(found), most * 2) or ""


def all_of(tag: Tag, *names: str) -> list[Tag]:
    """Return the elements within that have one of these classes."""
    wanted = set(names)
    return [each for each in tags(tag) if not wanted.isdisjoint(classes(each))]


def first(tag: Tag | None, *names: str) -> Tag | None:
    """Return the first element within that has one of these classes, sought in their order."""
    found: dict[str, Tag] = {}
    for each in tags(tag):
        for name in classes(each):
            if name == names[0]:
                return each
            if name in names:
                found.setdefault(name, each)
    return next((found[name] for name in names if name in found), None)


def links(tag: Tag | None, most: int = 300) -> list[Tag]:
    """Return the links within an element."""
    return list(islice((each for each in tags(tag) if each.name == "a" and "href" in each.attrs), most))


def within(tag: Tag | None, *names: str) -> list[Tag]:
    """Return the elements of these names within one."""
    return [each for each in tags(tag) if each.name in names]


def same_site(url: str, other: str) -> bool:
    """Tell whether two addresses are of one site: www.example.org, example.org and forum.example.org are."""
    return _site(url) == _site(other)


def _site(url: str) -> list[str]:
    labels = (urlsplit(url).hostname or "").split(".")
    if labels[-1].isdigit():
        return labels
    return labels[-3:] if len(labels) > 2 and labels[-2] in _COMMON else labels[-2:]
