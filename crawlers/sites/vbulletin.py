"""vBulletin 3, 4 and 5, by the index page of a forum.

Settings: `base_url`, the address of the index. vBulletin 3 numbers the cells of its rows (`td#f12`), 4 the items of its
lists (`li#forum12`), 5 the rows of its tables; addresses are `forumdisplay.php?f=12`, or what rewriting makes of it.
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

_CELL = re.compile(r"f\d+")
_THREAD_ID = re.compile(r"thread_title_\d+")


def _mark(link: Tag) -> str:
    names = classes(link)
    if _THREAD_ID.fullmatch(attribute(link, "id")) or "topic-title" in names:
        return THREAD
    if "forum-title" in names:
        return TITLE
    if "subforum-title" in names:
        return SUB
    return next((mark for above in ancestors(link, 7) if (mark := _mark_around(link, above)) is not None), "")


def _mark_around(link: Tag, above: Tag) -> str | None:
    """Return what one of the elements around a link says of it; "" where it settles that the link is something else."""
    names = classes(above)
    if "forumtitle" in names:
        return "" if above.name == "span" else TITLE
    if any(name.startswith("subforum") for name in names):
        return SUB
    if "forumdescription" in names or "forumlastpost" in names:
        return ""
    if above.name == "td" and _CELL.fullmatch(attribute(above, "id")):
        return TITLE if _first_named(above) is link else SUB
    return None


def _first_named(cell: Tag) -> Tag | None:
    return next((each for each in within(cell, "a") if each.get("href") and words(each, 80)), None)


def _heading(tag: Tag) -> str | None:
    names = classes(tag)
    if tag.name == "td":
        return words(tag, 200) or "" if "tcat" in names else None
    if tag.name == "div":
        return words(_first_named(tag), 200) or "" if "forumhead" in names else None
    if tag.name == "tr":
        return words(next(within(tag, "a"), None), 200) or "" if "category-header" in names else None
    return None


def _own_title(tree: Tag) -> Tag | None:
    for heading in tree.find_all("h1", limit=3):
        named = heading.find(class_="forumtitle")
        if named is not None or "main-title" in classes(heading):
            return named or heading
    cell = tree.find("td", class_="navbar")
    return cell.find("strong") if cell is not None else None


def _totals(tree: Tag) -> dict[str, Any]:
    block = tree.find(id=["wgo_stats", "collapseobj_forumhome_stats"])
    figures = [count_or_none(each) for each in re.findall(r"\d[\d.,]*", words(block, 400) or "")][:3] if block else []
    return dict(zip(("topics", "posts", "members"), figures, strict=False)) if len(figures) == 3 else {}


ENGINE = Engine(
    platform="vbulletin",
    board=re.compile(
        r"forumdisplay\.php[?/](?:[^#]*?[&;])?(?:f(?:orumid)?=)?(\d+)|forumdisplay[^/#]*?(?<![a-z])f(?:=|%3D)(\d+)|archive/index\.php[/?]f-(\d+)"
        r"|(?:^|/)forums?/(\d+)(?:-[^/?#]*)?/?(?:[?#]|$)|(?:^|/|[^/]-)f-?(\d+)(?:-[^/?#]*)?/?(?:[?#]|$)"
        r"|(?:^|/)forum-?(\d+)(?:-\d+)?(?:\.html|/)(?:[?#]|$)"
        r"|^(?:https?://[^/]+)?/(?:forums?/)?([^/?#]*[^\d/?#][^/?#]*-\d+|\d+-[^/?#.]+)/(?:[?#]|$)",
        re.IGNORECASE,
    ),
    thread=re.compile(
        r"showthread|showpost|(?:^|/)threads?[-/]?\d|(?:^|/)threads/|/post\d+|/t-?\d+(?:-|\.html)|archive/index\.php[/?]t-|#post"
        r"|[-/]t\d+/?(?:[?#]|$)|/\d+-[^/]+\.html|-\d+\.html|-\d+/[^/]*-\d+/|/\d+-[^/]+/\d+-|/[^/]+/[^/]+/\d+-[^/.]+(?:[?#]|$)|announcements?\.php|/announcements?/\w",
        re.IGNORECASE,
    ),
    mark=_mark,
    heading=_heading,
    heads=frozenset({"td", "div", "tr"}),
    own_title=_own_title,
    own_page=re.compile(
        r"id=[\"'](?:threads?list|threads|above_threadlist|threadslist)[\"']|class=[\"'][^\"']*\btopic-list-container"
    ),
    totals=_totals,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vbulletin:
    """The boards of one vBulletin forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="vbulletin",
        website="https://www.vbulletin.com",
        terms="Those of each forum; robots.txt is kept.",
        official_api=False,
        how="the index page",
        limits="no thread pages",
        marks=(
            Mark("generator", r"vBulletin"),
            Mark("markup", r"powered by (?:<[^>]{0,200}>)?vbulletin|\bvbulletin_(?:global|important|menu)"),
            Mark(
                "markup", r"\bforumbit_(?:no)?post\b|id=.vb-page-body|\bvbmenu_(?:control|option)|\bvb_login_username"
            ),
            Mark("markup", r"forumdisplay\.php\?(?:f=)?\d|archive/index\.php/[ft]-\d"),
        ),
        pace=2.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - an index cannot be asked for a place
        """Ask for the index."""
        return plan(self.base_url)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the boards of a page."""
        return read(page, ENGINE, self.base_url)
