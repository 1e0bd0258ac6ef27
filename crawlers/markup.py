"""HTML as a tree, and small readers of it that take what is there and never raise for what is not."""

from __future__ import annotations

import re
import warnings
from itertools import islice
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString
from bs4.exceptions import ParserRejectedMarkup

from crawlers.parsing import absolute, text_or_none
from venues.errors import PageChanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bs4.element import PageElement
    from bs4.filter import SoupStrainer

    from crawlers.contract import Page

_DEPTH = 40
"""Nearest containers that are looked at: a page may nest a hundred thousand."""
_DEEPEST = 300
"""Elements within each other; among 150 saved pages of forums the deepest has 27."""
_CUT = re.compile(r"<(script|style|select|svg|template|iframe|!--)(?![a-z])", re.IGNORECASE)
_SPACES = re.compile(r">(?:\s{2,}|[\n\t])<")


class _Shallow(BeautifulSoup):
    """A tree that grows no deeper than any page of people's: each search in a deeper one would take minutes."""

    def pushTag(self, tag: Tag) -> None:  # noqa: N802 - Beautiful Soup's name
        """Take one more element in; refuse the page where that is too deep."""
        if len(self.tagStack) > _DEEPEST:
            raise ParserRejectedMarkup("its elements are nested too deeply")
        super().pushTag(tag)


def soup(page: Page, only: SoupStrainer | None = None, *, scripts: bool = False) -> BeautifulSoup:
    """Return the page as a tree, or only the outermost elements that `only` lets pass, with all that is in them.

    Scripts (unless `scripts`), styles, drop-down lists and comments are left out, and so is the white space of lines
    between two elements: they say nothing, and take a third of the time. Read texts by `words`, which puts spaces
    between elements. Raises PageChanged where there is no HTML.
    """
    text = _text(page)
    if "<" not in text:
        raise PageChanged(page.url, "is no HTML")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        try:
            return _Shallow(_thinned(text, scripts=scripts), "lxml", parse_only=only)
        except (ParserRejectedMarkup, ValueError, RecursionError) as error:
            raise PageChanged(page.url, "is HTML that cannot be read") from error


def _text(page: Page) -> str:
    """Many a forum that moved to UTF-8 still declares what it had before; what is valid UTF-8 is nothing else."""
    if not page.body.isascii():
        try:
            return page.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    return page.text


def _thinned(text: str, *, scripts: bool) -> str:
    """Cut out what is never read. One pass; an opening without its end stays, and is not sought again."""
    endless = {"script"} if scripts else set()
    kept, at, start = [], 0, 0
    while opening := _CUT.search(text, at):
        name = opening[1].lower()
        closing = None if name in endless else _end_of(name).search(text, opening.start() + 2)
        if closing is None:
            endless.add(name)
            at = opening.end()
        else:
            kept.append(text[start : opening.start()])
            at = start = closing.end()
    return _SPACES.sub("><", "".join([*kept, text[start:]]))


def _end_of(name: str) -> re.Pattern[str]:
    return re.compile("--!?>" if name == "!--" else rf"</{name}[^>]{{0,50}}>", re.IGNORECASE)


def elements(tree: Tag, *names: str) -> Iterator[Tag]:
    """Yield the elements of these names, in the order of the page."""
    wanted = frozenset(names)
    return (each for each in tree.descendants if isinstance(each, Tag) and each.name in wanted)


def by_class(element: Tag) -> dict[str, list[Tag]]:
    """Return what is in an element by class name and, as "<a>", by name, in the order of the page.

    One pass: a selector walks through all of it anew, and takes longer than its parsing did.
    """
    found: dict[str, list[Tag]] = {}
    for each in element.descendants:
        if isinstance(each, Tag):
            found.setdefault(f"<{each.name}>", []).append(each)
            for name in classes(each):
                found.setdefault(name, []).append(each)
    return found


def outermost(elements: Iterable[Tag]) -> Iterator[Tag]:
    """Yield elements in the order of the page without those within another: rows in rows would be read ever again."""
    last: Tag | None = None
    for found in elements:
        if not any(each is last for each in found.parents):
            last = found
            yield found


def words(element: PageElement | None, limit: int = 4000) -> str | None:
    """Return an element's text in one line; None where there is none."""
    if element is None:
        return None
    if isinstance(element, Tag):
        # No more is looked at than can matter: elements nested by the thousand each hold the text of all others.
        strings = (each for each in islice(element.descendants, limit * 2 + 50) if type(each) is NavigableString)
        return text_or_none(" ".join(strings), limit)
    return text_or_none(str(element), limit)


def within(tag: Tag, name: str, most: int = 100) -> Iterator[Tag]:
    """Yield the elements of a name that stand among the first things in an element."""
    return (each for each in islice(tag.descendants, most) if isinstance(each, Tag) and each.name == name)


def attribute(tag: Tag | None, name: str) -> str:
    """Return an attribute's text; empty where it is missing."""
    value = tag.attrs.get(name) if tag is not None else None
    if not value:
        return ""
    return value if isinstance(value, str) else " ".join(value)


def classes(tag: Tag) -> Sequence[str]:
    """Return the class names of an element."""
    value = tag.attrs.get("class")
    if not value:
        return ()
    return value.split() if isinstance(value, str) else value


def link(page: Page, tag: Tag | None, base: str | None = None) -> str | None:
    """Return where a link leads, as an absolute address; `base` is the page's own <base>, if it has one."""
    href = attribute(tag, "href")
    return absolute(base or page.url, href) if href and not href.startswith("#") else None


def base_of(page: Page, tree: Tag) -> str:
    """Return the address to which the page's links are relative: that of its <base>, or its own."""
    head = tree.find("head")
    return absolute(page.url, attribute(head.find("base"), "href") if head else None) or page.url


def ancestors(element: PageElement, most: int = _DEPTH) -> Iterator[Tag]:
    """Yield what contains an element, nearest first."""
    above = element.parent
    while above is not None and above.name != "[document]" and most > 0:
        yield above
        above = above.parent
        most -= 1


def title(tree: Tag) -> str | None:
    """Return the title of the page."""
    return words(tree.find("title"), 300)


def meta(tree: Tag, name: str) -> str | None:
    """Return what a <meta> of this name or property says."""
    for tag in tree.find_all("meta", limit=60):
        if name in {attribute(tag, "name").lower(), attribute(tag, "property").lower()}:
            return text_or_none(attribute(tag, "content"))
    return None


def language(tree: Tag) -> str | None:
    """Return the page's language as its <html> states it, if it can be one: "en-GB"."""
    root = tree.find("html")
    stated = (attribute(root, "lang") or attribute(root, "xml:lang")).replace("_", "-")
    return stated if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", stated) else None
