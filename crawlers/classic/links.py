"""The links of a page: where each leads, what it is called, and what surrounds it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawlers.boards import canonical
from crawlers.markup import ancestors, attribute, classes, words
from crawlers.parsing import text_or_none

if TYPE_CHECKING:
    from bs4 import Tag

ACTION = re.compile(
    r"[?&;](?:mark|do|action|watch|unwatch|sort|order|daysprune|mode|highlight)=|mark=|/rss\b|\.rss|\.xml|markread"
)
"""Addresses that do something to a board."""
_PAGE = re.compile(
    r"(?:(?<=/)(?:index|page)[-_]?\d+(?:\.html)?/?$|[?&;](?:start|page|order|sort|sk|sd|st|pp|daysprune)=[^&;]*|(?<=\.)\d+$)"
)
_ASIDE = re.compile(
    r"(?:^|[-_ ])(?:bread-?crumbs?|navbits?|navlinks|nav|navigation|navbar|menu|submenu|dropdown|popup\w*|footer"
    r"|jump\w*|pagination|side-?bar|widgets?|portal|online|who\w*|stats|statistics|legend|recent\w*|latest\w*|topx\S*|tip"
    r"|tags?|linktree|navigate_section|shoutbox|toplinks|postbody|signature|moderators?|birthdays?)(?:$|[-_ ])",
    re.IGNORECASE,
)
_PATH = re.compile(r"bread|crumb|navbit|\bnav\b|navlinks|linktree|navigat|nav_?bar")
_MENU = re.compile(r"jump|menu|popup|drop|\bsub-?nav")
_HEADLINES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ROWS = frozenset({"tr", "li", "dl", "article", "p"})


@dataclass(slots=True)
class Link:
    """A link of the page, in its order."""

    tag: Tag
    href: str
    leads_to: str
    """rows.BOARD, THREAD, PERSON or OTHER."""
    mark: str
    """What the engine's markup says of it."""
    heading: str | None
    """The category it stands in."""
    at: int
    key: str = ""
    """What tells the board it leads to from others, once asked for."""


def path_of(url: str) -> str:
    """Return an address without its host."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def host_of(url: str) -> str:
    """Return the host of an address without "www."; empty for one that is relative."""
    try:
        return urlsplit(url).netloc.lower().removeprefix("www.")
    except ValueError:
        return ""


def first_page(url: str) -> str:
    """Return the address of the first page of what an address shows a later page of."""
    return _PAGE.sub("", canonical(url))


def shape(href: str) -> tuple[int, str, str, bool]:
    """Return the form of an address: how deep, how it ends, what it asks for, whether it is numbered."""
    path, _, query = href.partition("?")
    path = path.partition("://")[2].partition("/")[2] if "://" in path[:9] else path
    segments = [each for each in path.split("/") if each]
    last = segments[-1] if segments else ""
    end = "/" if path.endswith("/") else last.rpartition(".")[2] if "." in last else ""
    asks = ",".join(each for each in re.findall(r"([^&;=]+)=", query) if each not in {"s", "sid", "PHPSESSID"})
    return len(segments), end, asks, any(map(str.isdigit, last))


def ending(href: str) -> str:
    """Return the last part of an address's path."""
    return href.partition("?")[0].rstrip("/").rpartition("/")[2]


def name_of(tag: Tag) -> str | None:
    """Return a link's text: its headline, where it holds a whole row; that of a picture is its alternative."""
    headline = next((each for each in islice(tag.descendants, 30) if each.name in _HEADLINES), None)  # type: ignore[attr-defined]
    shown = words(headline, 300) or words(tag, 300)
    if shown:
        return shown
    image = tag.find("img")
    return text_or_none(attribute(image, "alt") or attribute(image, "title"), 300)


def has_letter(tag: Tag) -> bool:
    """Tell whether a link's text says anything."""
    return any(map(str.isalnum, words(tag, 80) or ""))


def nearest_row(tag: Tag) -> Tag | None:
    """Return the table row, list item or paragraph that a link stands in."""
    return next((above for above in ancestors(tag, 10) if above.name in _ROWS), None)


def names_aside(tag: Tag) -> bool:
    """Tell whether an element is a menu, a path, a footer or the like, by its name or its class."""
    if tag.name in {"nav", "footer", "aside"}:
        return True
    return bool(_ASIDE.search(f"{attribute(tag, 'class')} {attribute(tag, 'id')}"))


def in_path(tag: Tag) -> bool:
    """Tell whether a link stands in the path at a page's top: what the page is part of."""
    around = " ".join(f"{attribute(each, 'class')} {attribute(each, 'id')}" for each in ancestors(tag, 9)).lower()
    return bool(_PATH.search(around)) and not _MENU.search(around)


def is_headline(tag: Tag) -> bool:
    """Tell whether a link is the headline of its page."""
    return any(each.name in {"h1", "h2", "h3"} or "maintitle" in classes(each) for each in [tag, *ancestors(tag, 2)])
