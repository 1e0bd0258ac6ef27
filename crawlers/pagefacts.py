"""What a web page says of itself for machines: JSON-LD, OpenGraph and its other <meta>, the feeds it names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawlers.markup import attribute, base_of, language, link, soup, title, words
from crawlers.parsing import absolute, dig, text_or_none
from crawlers.parts import same_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bs4 import BeautifulSoup

    from crawlers.contract import Page

_BLOCKS = 20
_THINGS = 300
_DEPTH = 6
_OPENING = re.compile(r"<script[^>]{0,200}application/ld\+json[^>]{0,200}>", re.IGNORECASE)
_FEED = re.compile(r"application/(rss|atom|rdf)\+xml", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?[/-]?(feed|rss)|/comments/|comments (feed|on)|kommentar-feed", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """A page, and what it states."""

    tree: BeautifulSoup
    base: str
    """To which its links are relative."""
    url: str
    """By which it wants to be known, if that is on its own host."""
    title: str | None
    heading: str | None
    language: str | None
    meta: Mapping[str, str]
    """By name or property in lower case, the first of each."""
    feeds: tuple[str, ...]
    """Addresses of its feeds, without those of comments."""
    things: tuple[Mapping[str, Any], ...] = field(default=())
    """The objects of its JSON-LD, inner ones too."""

    def said(self, *names: str) -> str | None:
        """Return what the first of these <meta> that is there says."""
        return next((self.meta[name] for name in names if name in self.meta), None)

    def of_type(self, *types: str) -> Iterator[Mapping[str, Any]]:
        """Yield the objects of JSON-LD that are of one of these types of schema.org."""
        return (thing for thing in self.things if types_of(thing) & set(types))


def facts_of(page: Page) -> Facts:
    """Return what a page of HTML states. Raises PageChanged where it is no HTML."""
    tree = soup(page)
    base = base_of(page, tree)
    metas = _metas(tree)
    stated = link(page, tree.find("link", rel="canonical"), base) or absolute(base, metas.get("og:url"))
    return Facts(
        tree=tree,
        base=base,
        url=stated if stated and same_site(stated, page.url) else page.url,
        title=title(tree),
        heading=words(tree.find("h1"), 300),
        language=language(tree),
        meta=metas,
        feeds=tuple(_feeds(page, tree, base)),
        things=tuple(_things(page.text)),
    )


def types_of(thing: Mapping[str, Any]) -> set[str]:
    """Return the types of an object of JSON-LD, without the address of the vocabulary before them."""
    stated = thing.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return {name.rpartition("/")[2].rpartition(":")[2] for name in names if isinstance(name, str)}


def text_of(thing: Mapping[str, Any], *path: str | int) -> str | None:
    """Return a text within an object; of several the first, of an object its name."""
    found = dig(thing, *path)
    found = found[0] if isinstance(found, list) and found else found
    found = found.get("name", found.get("@value")) if isinstance(found, dict) else found
    return text_or_none(found)


def _metas(tree: BeautifulSoup) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in tree.find_all("meta", limit=150):
        name = (attribute(tag, "property") or attribute(tag, "name") or attribute(tag, "itemprop")).lower()
        content = text_or_none(attribute(tag, "content"))
        if name and content:
            found.setdefault(name, content)
    return found


def _feeds(page: Page, tree: BeautifulSoup, base: str) -> Iterator[str]:
    for tag in tree.find_all("link", rel="alternate", limit=60):
        href = link(page, tag, base)
        described = f"{href} {attribute(tag, 'title')}"
        if href and _FEED.fullmatch(attribute(tag, "type")) and not _COMMENTS.search(described):
            yield href


def _things(text: str) -> Iterator[dict[str, Any]]:
    """Read the blocks of JSON-LD, no more of them than a page can need; one that is no JSON is passed over."""
    left = _THINGS
    for number, opening in enumerate(_OPENING.finditer(text)):
        end = text.find("</script", opening.end())
        if number >= _BLOCKS or end < 0:
            return
        try:
            value = json.loads(text[opening.end() : end], strict=False)
        except (ValueError, RecursionError):
            continue
        for thing in _objects(value, _DEPTH):
            left -= 1
            if left < 0:
                return
            yield thing


def _objects(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner if depth else ():
        yield from _objects(each, depth - 1)
