"""MyBB, by the index page of a forum.

Settings: `base_url`, the address of the index. Boards are `forumdisplay.php?fid=12`, `forum-12.html` or `Forum-Name`,
their titles in bold in a cell `trow1`; sub-boards stand below the description, and no more of them than the forum's
keeper chose: where a row says that there are more, the board's own page is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.classic.engine import TITLE, Engine
from crawlers.classic.reading import plan, read
from crawlers.contract import About, Mark, Page, Request
from crawlers.markup import ancestors, attribute, classes, within, words
from crawlers.parsing import count_or_none
from crawlers.rows import THREAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import Tag

    from venues.model import Area, Listing

_BOARD = re.compile(
    r"forumdisplay[^/#]*?fid(?:=|%3D)(\d+)|(?:^|[/?])forum-(\d+)(?:-page-\d+)?\.html|(?:^|/)forum-([^/?#&=]+)(?:[?#]|$)",
    re.IGNORECASE,
)
_ROW = frozenset({"trow1", "trow2", "forumbit_depth2", "trow_shaded"})
_MORE = re.compile(r",\s*[^\d,]{1,20}\d{1,3}\s[^\d,]{2,20}\.?\s*$")
_SUBJECT = re.compile(r"tid_\d+")


def _mark(link: Tag) -> str:
    parent = link.parent
    if _SUBJECT.fullmatch(attribute(parent, "id")) or any(name.startswith("subject_") for name in classes(link)):
        return THREAD
    if not _BOARD.search(attribute(link, "href")):
        return ""
    if parent is not None and parent.name in {"strong", "b", "h2", "h3", "h4"}:
        cell = next((above for above in ancestors(link, 4) if not _ROW.isdisjoint(classes(above))), None)
        return TITLE if cell is not None else ""
    return ""


def _heading(tag: Tag) -> str | None:
    if "thead" not in classes(tag):
        return None
    return words(next(within(tag, "strong"), tag), 200)


def _own_title(tree: Tag) -> Tag | None:
    path = tree.find(class_="navigation")
    return path.find(class_="active") if path is not None else None


def _more(row: Tag, names_any: bool) -> bool:
    """Tell that a row ends its list of sub-boards with how many more there are."""
    notes = row.find_all(class_="smalltext", limit=4) if names_any else []
    return any(_MORE.search((words(note) or "")[-80:]) for note in notes)


def _totals(tree: Tag) -> dict[str, Any]:
    block = tree.find(id="boardstats_e")
    for cell in block.find_all(["td", "div"]) if block is not None else ():
        figures = re.findall(r"(?<![\w:.-])\d{1,3}(?:[.,]\d{3})+|(?<![\w:.-])\d+(?![\d:-])", words(cell, 500) or "")
        if len(figures) >= 3 and cell.find("a") is not None and "<b>" in str(cell)[:600]:
            return dict(zip(("posts", "topics", "members"), map(count_or_none, figures[:3]), strict=True))
    return {}


ENGINE = Engine(
    platform="mybb",
    board=_BOARD,
    thread=re.compile(
        r"showthread|(?:^|[/?])thread-|[?&;](?:tid|pid)=\d|announcements\.php|(?:^|/)announcement-", re.IGNORECASE
    ),
    mark=_mark,
    heading=_heading,
    heads=frozenset({"td", "div", "th"}),
    own_title=_own_title,
    own_page=re.compile(r"id=[\"'](?:inlinemod_col|thread_search)[\"']|name=[\"']sortby[\"']"),
    more=_more,
    totals=_totals,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mybb:
    """The boards of one MyBB forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="mybb",
        website="https://mybb.com",
        terms="Those of each forum; robots.txt is kept.",
        official_api=False,
        how="the index page, and pages of boards that have more sub-boards than it names",
        limits="no thread pages",
        marks=(
            Mark("generator", r"MyBB"),
            Mark("markup", r"powered by <?[^>]{0,80}>?MyBB|\bMyBB\.|mybboard\.net|jscripts/general\.js\?ver="),
            Mark("markup", r"forumdisplay\.php\?fid=\d|\bmy_post_key\b|archive/index\.php\?(?:forum|thread)-\d"),
        ),
        pace=2.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - an index cannot be asked for a place
        """Ask for the index."""
        return plan(self.base_url)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the boards of a page, and ask for those boards' pages that have more."""
        return read(page, ENGINE, self.base_url)
