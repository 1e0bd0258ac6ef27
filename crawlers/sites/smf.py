"""Simple Machines Forum 1.1, 2.0 and 2.1, by the index page of a forum.

Settings: `base_url`, the address of the index. Boards are `index.php?board=12.0`, or what a rewriting of addresses makes
of it; their title links are named `b12`, or `board_12` is the row they stand in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers import classic
from crawlers.contract import About, Mark, Page, Request
from crawlers.markup import ancestors, attribute, classes, words
from crawlers.parsing import count_or_none
from crawlers.rows import THREAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import Tag

    from venues.model import Area, Listing

_BOARD = re.compile(r"[?&;/]board[=,](\d+)", re.IGNORECASE)
_NAME = re.compile(r"b\d+")
_MESSAGE = re.compile(r"msg_?\d+")
_HEADINGS = frozenset({"catbg", "cat_bar", "category_header", "catbg2"})


def _mark(link: Tag) -> str:
    names = classes(link)
    if _NAME.fullmatch(attribute(link, "name")) or _NAME.fullmatch(attribute(link, "id")) or "mobile_subject" in names:
        return classic.TITLE
    parent = link.parent
    if parent is None:
        return ""
    if _MESSAGE.fullmatch(attribute(parent, "id")):
        return THREAD
    # 1.1 has no name for it: a title is in bold, in a cell of its own.
    if parent.name == "b" and _BOARD.search(attribute(link, "href")):
        cell = parent.parent
        return classic.TITLE if cell is not None and cell.name == "td" and "windowbg2" in classes(cell) else ""
    if any("children" in classes(above) for above in ancestors(link, 4)):
        return classic.SUB
    return ""


def _heading(tag: Tag) -> str | None:
    return None if _HEADINGS.isdisjoint(classes(tag)) else words(tag, 200)


def _own_title(tree: Tag) -> Tag | None:
    path = tree.find(class_=["navigate_section", "linktree", "nav"])
    steps = path.find_all("a", limit=8) if path is not None else []
    return steps[-1] if steps and _BOARD.search(attribute(steps[-1], "href")) else None


def _totals(tree: Tag) -> dict[str, Any]:
    for block in tree.find_all(class_=["smalltext", "inline", "stats", "floatright", "floatleft"], limit=400):
        text = words(block, 300) or ""
        found = re.match(r"\D{0,20}(\d[\d.,]*)\D{1,30}?(\d[\d.,]*)\D{1,30}?(\d[\d.,]*)\s*\w", text)
        if found and block.find("a") is not None and not re.search(r"\d:\d", text):
            return dict(zip(("posts", "topics", "members"), map(count_or_none, found.groups()), strict=True))
    return {}


ENGINE = classic.Engine(
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
    posts=re.compile(r"id=[\"']msg_?\d+[\"'][^>]*class=[\"']inner|class=[\"']inner[\"'] id=[\"']msg_\d|class=[\"'](?:post|postarea|post_wrapper)[\"']"),
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
        ),
        pace=2.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - an index cannot be asked for a place
        """Ask for the index."""
        return classic.plan(self.base_url)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the boards of a page."""
        return classic.read(page, ENGINE, self.base_url)
