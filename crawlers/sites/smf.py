"""Simple Machines Forum 1.1, 2.0 and 2.1, by the index page of a forum.

Settings: `base_url`, the address of the index. Boards are `index.php?board=12.0`, or what rewriting makes of it; their
title links are named `b12`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.classic.engine import SUB, TITLE, Engine
from crawlers.classic.reading import plan, read
from crawlers.contract import About, Mark, Page, Request
from crawlers.markup import ancestors, attribute, classes, words
from crawlers.parsing import count_or_none
from crawlers.rows import THREAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import Tag

    from venues.model import Area, Listing

_BOARD = re.compile(r"(?:[?&;/]|%3F)board(?:[=,]|%3D)(\d+)", re.IGNORECASE)
_NAME = re.compile(r"b\d+")
_MESSAGE = re.compile(r"msg_?\d+")
_TOTALS = re.compile(
    r"(\d{1,3}(?:[., ]\d{3})+|\d+)\s+[^\W\d]{3,15}\s+[^\W\d]{1,5}\s+(\d{1,3}(?:[., ]\d{3})+|\d+)\s+[^\W\d]{3,15}"
    r"\s+(?:-\s+)?[^\W\d]{1,7}\s+(\d{1,3}(?:[., ]\d{3})+|\d+)\s+[^\W\d]{3,15}"
)
"""So many posts in so many topics by so many members."""
_HEADINGS = frozenset({"catbg", "cat_bar", "category_header", "catbg2"})


def _mark(link: Tag) -> str:
    names = classes(link)
    if _NAME.fullmatch(attribute(link, "name")) or _NAME.fullmatch(attribute(link, "id")) or "mobile_subject" in names:
        return TITLE
    parent = link.parent
    if parent is None:
        return ""
    if _MESSAGE.fullmatch(attribute(parent, "id")):
        return THREAD
    # 1.1 has no name for it: a title is in bold, in a cell of its own.
    if parent.name == "b" and _BOARD.search(attribute(link, "href")):
        cell = parent.parent
        return TITLE if cell is not None and cell.name == "td" and "windowbg2" in classes(cell) else ""
    if any("children" in classes(above) for above in ancestors(link, 4)):
        return SUB
    return ""


def _heading(tag: Tag) -> str | None:
    return None if _HEADINGS.isdisjoint(classes(tag)) else words(tag, 200)


def _own_title(tree: Tag) -> Tag | None:
    path = tree.find(class_=["navigate_section", "linktree", "nav"])
    steps = path.find_all("a", limit=8) if path is not None else []
    return steps[-1] if steps and _BOARD.search(attribute(steps[-1], "href")) else None


def _totals(tree: Tag) -> dict[str, Any]:
    text = tree.get_text(" ")
    found = _TOTALS.search(text)
    while found:
        posts, topics, members = map(count_or_none, found.groups())
        if posts and topics and posts >= topics:
            return {"posts": posts, "topics": topics, "members": members}
        found = _TOTALS.search(text, found.start() + 1)
    return {}


ENGINE = Engine(
    platform="smf",
    board=_BOARD,
    thread=re.compile(r"[?&;/]topic[=,]\d+|[?&;]msg=?\d+|-t\d+\.|/topic/", re.IGNORECASE),
    mark=_mark,
    heading=_heading,
    heads=frozenset({"td", "div", "h3", "tr"}),
    own_title=_own_title,
    own_page=re.compile(r"id=[\"'](?:messageindex|modbuttons_top)[\"']"),
    posts_first=True,
    totals=_totals,
    posts=re.compile(
        r"id=[\"']msg_?\d+[\"'][^>]*class=[\"']inner|class=[\"']inner[\"'] (?:data-msgid=[\"']\d+[\"'] )?id=[\"']msg_\d"
        r"|class=[\"'](?:post|postarea|post_wrapper)[\"']"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smf:
    """The boards of one Simple Machines forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="smf",
        website="https://www.simplemachines.org",
        terms="Those of each forum; robots.txt is kept.",
        official_api=False,
        how="the index page",
        limits="no topic pages",
        marks=(
            Mark("generator", r"^SMF\b|Simple Machines"),
            Mark("markup", r"powered by SMF|simplemachines\.org|\bsmf_(?:theme_url|scripturl|images_url)"),
            Mark("markup", r"index\.php(?:\?|/)(?:[^\"'<>]{0,80};)?board[=,]\d+\.\d"),
        ),
        pace=2.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - an index cannot be asked for a place
        """Ask for the index."""
        return plan(self.base_url)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the boards of a page."""
        return read(page, ENGINE, self.base_url)
