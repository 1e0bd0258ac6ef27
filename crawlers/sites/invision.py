"""Invision: IP.Board 2 and 3, Invision Community 4 and 5, by the page that lists all forums.

Settings: `base_url`, the address of that page. The API needs a key even for what guests may see. From version 4 each
board carries its number (`data-forumID`); version 3 shows boards as rows of an `ipb_table`, version 2 as rows of any
table whose links say `showforum=`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import THREAD, board, forum, nested, no_list, once
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.linktables import Row, rows_of
from crawlers.markup import ancestors, attribute, base_of, classes, language, link, meta, soup, title, words
from crawlers.nodes import (
    Node,
    beside,
    figures,
    first,
    last_text,
    listings_of,
    moment,
    same_host,
    topics_and_posts,
)
from crawlers.times import times_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bs4 import Tag

    from crawlers.times import Times
    from venues.model import Area, Listing


_INDEX = "index"
_BOARD = re.compile(r"(?:[?&;]showforum=|[?&;]act=SF\b.{0,40}[?&;]f=|[?&/]forum/|/forum-f)(\d+)", re.IGNORECASE)
_THREADS = re.compile(
    r"[?&;]showtopic=|[?&/]topic/\d|act=ST\b|/topic-t?\d|[?&]do=(getNewComment|getLastComment)", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"[?&/](profile|user|members?)/|showuser=|markread|section=markasread|do=markRead", re.IGNORECASE
)
_POWERED = re.compile(r"\s*\(Powered by .{0,80}\)$")
_PAGE = re.compile(
    r"([?&](page|st|prune_day|sort_key|sort_by|sortby|sortdirection|topicfilter)=[^&]*|/?page__.*|/page/\d+/?$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invision:
    """The boards of one forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="invision",
        website="https://invisioncommunity.com",
        terms="Each forum has its own; the software sets none.",
        official_api=False,
        how="the HTML page that lists all forums",
        limits="one page",
        marks=(
            Mark("markup", r"<body[^>]{0,400}(id=[\"']ipboard_body|data-pageApp=|class=[\"'][^\"']*\bipsApp\b)"),
            Mark(
                "markup", r"\bipb\.(vars|global|templates)\b|var ipb_|ips\.setSetting|class=[\"'](ipbtable|ipsLayout)"
            ),
            Mark("markup", r"Powered [Bb]y.{0,160}(IP\.Board|Invision (Power Board|Community))|IPS, Inc"),
            Mark("generator", r"IP\.Board|Invision"),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a forum lists all its boards
        """Ask for the list of boards."""
        yield Request(url=self.base_url, accept="text/html", note=_INDEX)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the boards of a page; one that shows a board's threads lists that board and those within it."""
        tree = soup(page)
        base = base_of(page, tree)
        own = self._own(page, tree, base)
        boards = once([*own, *self._boards(page, tree, base, own[0].title if own else None)])
        if page.request.note == _INDEX:
            name = meta(tree, "og:site_name") or _POWERED.sub("", title(tree) or "") or None
            yield forum(self.about.platform, self.base_url, name, language=language(tree), **_totals(tree))
        if not boards:
            if _is_thread(tree):
                raise NoList(page.url, THREAD)
            raise no_list(page.url, tree, _THREADS)
        yield from boards

    def _boards(self, page: Page, tree: Tag, base: str, within: str | None) -> Iterator[Listing]:
        times = times_of(page.text, page.fetched_at, language(tree))
        nodes = next(filter(None, (list(read(tree, times)) for read in _READERS)), [])
        return listings_of(self.about.platform, page, base, nodes, within, _plain)

    def _own(self, page: Page, tree: Tag, base: str) -> list[Listing]:
        """Return the board whose threads the page lists, if it does."""
        name = None if _is_thread(tree) else _board_shown(page, tree)
        stated = link(page, tree.find("link", rel="canonical"), base)
        url = stated if stated and same_host(stated, page.url) else page.url
        if name is None or _THREADS.search(url):
            return []
        told = first(tree, "ipsPageHeader__desc", "ipsType_pagedescription", "cForumDescription")
        if told is None and (header := first(tree, "ipsPageHeader", "cForumHeader")):
            told = first(header, "ipsType_richText", "ipsRichText")
        return [board(self.about.platform, _plain(url) or url, name, description=words(told), parent=_trail(tree))]


def _with_below(node: Node, below: Iterable[Tag]) -> Iterator[Node]:
    """Yield a board and those that its row names."""
    yield node
    for each in below:
        yield Node(each, nested(node.parent, words(node.named, 300)))


def _numbered(tree: Tag, times: Times) -> Iterator[Node]:
    """Read the boards of versions 4 and 5, as a list or as a grid of cards."""
    for row in tree.find_all(True, attrs={"data-forumid": True}):
        if row.name in {"form", "input", "a", "body"} or beside(row):
            continue
        named = row.find_all(["ul", "ol", "div"], class_=["ipsDataItem_subList", "ipsSubList", "cForumGrid__subforums"])
        headings = row.find_all("h4", class_="ipsType_minorHeading", limit=3)
        lists = [*named, *filter(None, (each.find_next_sibling("ul") for each in headings))]
        below = [each for found in lists for each in found.find_all("a", href=True, limit=300)]
        yield from _with_below(Node(_title_link(row, below), _category(row), _numbered_facts(row, times)), below)


def _title_link(row: Tag, below: list[Tag]) -> Tag | None:
    heading = first(row, "ipsDataItem_title", "ipsData__title", "cForumGrid__title") or row.find(["h4", "h3", "h2"])
    links = [*(heading.find_all("a", href=True, limit=5) if heading else []), *row.find_all("a", href=True, limit=10)]
    return next((each for each in links if words(each) and not any(each is other for other in below)), None)


def _category(row: Tag) -> str | None:
    holder = next((each for each in ancestors(row) if each.has_attr("data-categoryid")), None)
    return last_text(holder.find(["h2", "h3"])) if holder else None


def _numbered_facts(row: Tag, times: Times) -> dict[str, Any]:
    told = first(row, "ipsDataItem_meta", "ipsData__desc", "cForumGrid__description")
    last = first(row, "ipsDataItem_lastPoster", "ipsData__last", "cForumGrid__last")
    counts = figures(_counted(row))
    return {"description": words(told), "last_post_at": moment(last, times), **topics_and_posts(counts)}


def _counted(row: Tag) -> list[Tag]:
    named = row.find_all(class_=["ipsDataItem_stats_number", "ipsData__stats-number"], limit=3)
    typed = [each for each in row.find_all(True, attrs={"data-stattype": True}, limit=4) if words(each)]
    shown = first(row, "ipsData__stats", "cForumGrid__title-stats", "ipsDataItem_stats")
    return [*named] or typed or ([*shown.find_all("li", limit=2)] if shown else [])


def _flowing(tree: Tag, _: Times) -> Iterator[Node]:
    """Read the boards beside the "fluid" view of version 4, which shows topics of all boards at once."""
    for row in tree.find_all(True, attrs={"data-node-id": True}):
        if any("cForumMiniList" in classes(each) for each in ancestors(row)):
            yield Node(row if row.name == "a" else row.find("a", href=True))


def _third(tree: Tag, times: Times) -> Iterator[Node]:
    """Read the boards of version 3."""
    for table in tree.find_all("table", class_="ipb_table"):
        if attribute(table, "id") == "forum_table" or "topic_list" in classes(table):
            continue
        category = _block(table, "category_block")
        for row in table.find_all("tr", limit=1000):
            named = _third_link(row)
            parts = row.find_all(class_="subforums") if named else []
            below = [each for part in parts for each in part.find_all("a", href=True, limit=300)]
            if named:
                yield from _with_below(Node(named, category, _third_facts(row, times)), below)


def _third_link(row: Tag) -> Tag | None:
    """Return the link of a row that shows a board, and not a topic, a heading or a way to another site."""
    cell = first(row, "col_c_forum")
    heading = (cell or row).find("h4")
    named = heading.find("a", href=True) if heading else None
    if row.find("th") or named is None or "topic_title" in classes(named) or "redirect_forum" in classes(row):
        return None
    return named if cell is not None or first(row, "col_c_stats", "stats", "last_post") else None


def _third_facts(row: Tag, times: Times) -> dict[str, Any]:
    counted = first(row, "col_c_stats", "stats")
    counts = figures(counted.find_all("li", limit=2)) if counted else []
    last = moment(first(row, "last_post"), times)
    return {
        "description": words(first(row, "desc", "forum_desc_pos")),
        "last_post_at": last,
        **topics_and_posts(counts),
    }


def _block(part: Tag, name: str) -> str | None:
    """Return the title above a board: that of the block which holds it, or the nearest before it."""
    block = next((each for each in ancestors(part, 8) if name in classes(each)), None)
    return last_text(first(block, "maintitle") if block else part.find_previous(class_="maintitle"))


def _second(tree: Tag, times: Times) -> Iterator[Node]:
    """Read the boards of version 2, and of skins that kept nothing of version 3 but its addresses."""
    for row in rows_of(tree, lambda href: bool(_BOARD.search(href)) and not _ELSEWHERE.search(href)):
        if any(count is not None for count in row.counts):  # without one it leads to another site
            yield from _with_below(Node(row.link, _block(row.row, "borderwrap"), _second_facts(row, times)), row.below)


def _second_facts(row: Row, times: Times) -> dict[str, Any]:
    told = first(row.cell, "forumdesc", "desc")
    for part in told.find_all(["i", "b", "strong", "a"]) if told else ():
        part.extract()  # moderators, and the boards within
    said = (words(told) or "").strip(" ,;:") or None
    return {"description": said, "last_post_at": moment(row.last, times), **topics_and_posts(row.counts)}


_READERS: tuple[Callable[[Tag, Times], Iterator[Node]], ...] = (_numbered, _third, _second, _flowing)


def _plain(url: str) -> str | None:
    """Return a board's address without the page, the order and the password form that a link asks for."""
    if _THREADS.search(url) or _ELSEWHERE.search(url):
        return None
    cut = _PAGE.sub("", re.sub(r"[?&]passForm=1", "", url))
    return cut.replace("&", "?", 1) if "&" in cut and "?" not in cut else cut


def _board_shown(page: Page, tree: Tag) -> str | None:
    body = tree.find("body")
    controller = attribute(body, "data-pagecontroller")
    if controller:
        shown = controller == "forums" and attribute(body, "data-pageapp") == "forums"
        return (
            words(first(tree, "ipsPageHeader__title", "ipsType_pageTitle") or tree.find("h1"), 300) if shown else None
        )
    if first(tree, "topic_list") or tree.find(id="forum_table"):
        return words(first(tree, "ipsType_pagetitle") or tree.find(["h1", "h2"], class_="maintitle"), 300)
    parts = urlsplit(page.url)
    if _BOARD.search(f"{parts.path}?{parts.query}") and tree.find("a", href=re.compile(r"showtopic=\d")):
        trail = tree.find(id="navstrip")
        last = trail.find_all(string=True)[-1:] if trail else []
        return next((text.strip(" \u00a0>-»") for text in map(words, last) if text), None)
    return None


def _is_thread(tree: Tag) -> bool:
    controller = attribute(tree.find("body"), "data-pagecontroller")
    return controller == "topic" or first(tree, "post_block", "postcolor", "cPost") is not None


def _trail(tree: Tag) -> str | None:
    trail = first(tree, "ipsBreadcrumb", "breadcrumb") or tree.find(id="navstrip")
    links = trail.find_all("a", href=True, limit=20) if trail else []
    return nested(*(words(each, 200) for each in links if _BOARD.search(attribute(each, "href"))))


def _totals(tree: Tag) -> dict[str, int | None]:
    """Return what version 3 counts below its boards: posts, then members."""
    shown = tree.find(id="board_stats")
    counts = figures(shown.find_all(class_="value", limit=2)) if shown else []
    return dict(zip(("posts", "members"), counts, strict=False))
