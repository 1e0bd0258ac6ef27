"""phpBB 2 and 3 and what descends from them, by the index page of a forum.

Settings: `base_url`, the address of the index. Markup of prosilver, subsilver and subSilver of phpBB 2, and whatever
skin keeps the addresses: `viewforum.php?f=12`, and those that rewriting makes of it, `leeds-f12.html`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.classic.engine import SUB, TITLE, Engine
from crawlers.classic.reading import plan, read
from crawlers.contract import About, Mark, Page, Request
from crawlers.markup import ancestors, attribute, classes, within, words
from crawlers.parsing import count_or_none
from crawlers.rows import THREAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import Tag

    from venues.model import Area, Listing

_TITLES = frozenset({"forumtitle", "forumlink"})


def _mark(link: Tag) -> str:
    names = classes(link)
    if "topictitle" in names:
        return THREAD
    if any(name.startswith("subforum") for name in names):
        return SUB
    if not _TITLES.isdisjoint(names):
        return TITLE
    # Some skins, and phpBB 2 now and then, name the title on what is around the link.
    return TITLE if any(not _TITLES.isdisjoint(classes(above)) for above in ancestors(link, 2)) else ""


def _heading(tag: Tag) -> str | None:
    names = classes(tag)
    if tag.name == "li":
        return (words(next(within(tag, "a"), None), 200) or "") if "header" in names else None
    if tag.name == "a":
        return None
    if {"cat", "catLeft", "catHead", "catleft", "cattitle"}.isdisjoint(names):
        return None
    return words(tag, 200)


def _own_title(tree: Tag) -> Tag | None:
    return tree.find(["h2", "a", "td"], class_=["forum-title", "titles", "maintitle"])


def _more(row: Tag, names_any: bool) -> bool:
    """Tell by its icon that a board has sub-boards, where the row names none of them."""
    icons = () if names_any else [row, *row.find_all(["dl", "img", "span", "i"], limit=3)]
    return any("subforum" in " ".join(attribute(each, name) for name in ("class", "style", "src")) for each in icons)


def _totals(tree: Tag) -> dict[str, Any]:
    block = tree.find(class_="statistics") or next(
        (each.find_next("p") for each in tree.find_all(["h3", "h4"]) if "tatisti" in (words(each) or "")), None
    )
    figures = [count_or_none(words(each)) for each in block.find_all(["strong", "b"], limit=3)] if block else []
    return dict(zip(("posts", "topics", "members"), figures, strict=False)) if len(figures) == 3 else {}


ENGINE = Engine(
    platform="phpbb",
    board=re.compile(
        r"viewforum[^/#]*?(?<![a-z])f(?:=|%3D)(\d+)|viewforum-f?(\d+)|(?:^|[-/_])v?f(\d+)(?:[-_,]\d+)?(?:\.html?|/)?(?:\?|#|$)"
        r"|/forum-?(\d+)(?:-\d+)?\.html|/f(\d+)p?\d*-[^/?]*/?$",
        re.IGNORECASE,
    ),
    thread=re.compile(
        r"viewtopic|(?:^|[-/_])v?t(\d+)(?:[-_,]\d+)?(?:\.html?|/)?(?:[?#]|$)|/f?topic-?\d+|/post-?\d+|/ptopic\d+"
        r"|/(?:about|sutra)\d+\.html|/t\d+p?\d*-[^/]*$|-t\d+(?:-\d+)?\.html",
        re.IGNORECASE,
    ),
    mark=_mark,
    heading=_heading,
    heads=frozenset({"li", "td", "th", "span"}),
    own_title=_own_title,
    own_page=re.compile(r"<body[^>]{0,200}section-viewforum"),
    more=_more,
    totals=_totals,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phpbb:
    """The boards of one phpBB forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="phpbb",
        website="https://www.phpbb.com",
        terms="Those of each forum; robots.txt is kept.",
        official_api=False,
        how="the index page, and pages of boards that have sub-boards the index does not name",
        limits="no topic pages",
        marks=(
            Mark("generator", r"phpBB"),
            Mark("markup", r"<body[^>]{0,300}\bid=[\"']phpbb|powered by (?:<[^>]{0,200}>\s*){0,3}phpbb"),
            Mark("markup", r"viewforum\.php\?f=\d|viewtopic\.php\?(?:f=\d+&(?:amp;)?)?[tp]=\d"),
            Mark(
                "markup", r"(?:styles/(?:prosilver|subsilver2?)|templates/subSilver)/|<a [^>]{0,99}\bclass=.forumtitle"
            ),
        ),
        pace=2.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - an index cannot be asked for a place
        """Ask for the index."""
        return plan(self.base_url)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the boards of a page, and ask for those boards' pages that hide some."""
        return read(page, ENGINE, self.base_url)
