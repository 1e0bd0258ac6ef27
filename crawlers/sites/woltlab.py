"""Burning Board 2 to 5 and WoltLab Suite, by the page that lists all boards.

Settings: `base_url`, the address of that page. From version 4 each board is an element with its number
(`data-board-id`), version 3 has a list `#boardlist`, version 2 rows of a table whose links say `boardid=`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import LOG_IN, MEMBERS, REGISTER, SEARCH, THREAD, board, forum, nested, no_list, once
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.linktables import rows_of
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


_INDEX, _CLOSED = "index", "closed category"
_MOST_CLOSED = 30
_BOARD = re.compile(r"(?:[?&]boardid=|/board/|[?]board/|board)(\d+)", re.IGNORECASE)
_THREADS = re.compile(r"(^|[/?])thread/|[?&](threadid|postid)=|page=Thread\b|thread(id)?\d", re.IGNORECASE)
_PAGE = re.compile(r"[?&](pageNo|page(?==\d)|sortField|sortOrder|sortfield|sortorder|daysprune|hilight|action)=[^&]*")
_UNREAD = re.compile(r"\s*\([\d.,]+\)$")
_TEMPLATES = (
    (LOG_IN, "login|userlogin"),
    (REGISTER, "register|registernewactivationcode|disclaimer"),
    (SEARCH, "search|searchresult|tagged|unreadthreadlist|boardlessthreadlist"),
    (MEMBERS, "user|memberslist|usersonline|usersonlinelist|team|legalnotice"),
    (THREAD, "thread"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WoltLab:
    """The boards of one forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="woltlab",
        website="https://www.woltlab.com",
        terms="Each forum has its own; the software sets none.",
        official_api=False,
        how="the HTML page that lists all boards",
        limits=f"one page, and in version 3 up to {_MOST_CLOSED} categories shown closed",
        marks=(
            Mark("markup", r"class=[\"'][^\"']*\bwbbBoard|data-application=[\"']wbb|\bWCF\.(Language|User)\b|WOLTLAB_"),
            Mark(
                "markup",
                r"(Forensoftware|Forum Software|Community-Software|Software)[^<]{0,20}(<[^>]{0,200}>\s*){0,4}"
                r"(Burning Board|WoltLab)",
            ),
            Mark("markup", r"<body[^>]{0,80}\sid=[\"']tpl(Index|Board|Thread|Register|UserLogin|_wbb_)|wcf/js/"),
            Mark("generator", r"Burning Board|WoltLab"),
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
        inner = self._boards(page, tree, base, own[0].title if own else None)
        boards = once([*(own if page.request.note != _CLOSED else ()), *inner])
        closed = list(_closed(page, tree, base))
        if page.request.note == _INDEX:
            yield forum(self.about.platform, self.base_url, _name(tree), language=language(tree), **_totals(tree))
            for url in closed[:_MOST_CLOSED]:
                yield Request(url=url, accept="text/html", note=_CLOSED)
        if not boards and not (closed and page.request.note == _INDEX):
            reason = _by_template(tree)
            raise NoList(page.url, reason) if reason else no_list(page.url, tree, _THREADS)
        yield from boards

    def _boards(self, page: Page, tree: Tag, base: str, within: str | None) -> Iterator[Listing]:
        times = times_of(page.text, page.fetched_at, language(tree))
        nodes = next(filter(None, (list(read(tree, times)) for read in _READERS)), [])
        return listings_of(self.about.platform, page, base, nodes, within, _plain)

    def _own(self, page: Page, tree: Tag, base: str) -> list[Listing]:
        """Return the board whose threads the page lists, if it does."""
        if not _shows_threads(page, tree):
            return []
        heading = first(tree, "contentHeaderTitle", "boxHeadline", "mainHeadline", "contentTitle")
        named = heading.find(["h1", "h2"]) or heading if heading else None
        name = words(named, 300) or _last_of_trail(tree)
        stated = link(page, tree.find("link", rel="canonical"), base)
        url = stated if stated and same_host(stated, page.url) else page.url
        if name is None:
            return []
        told = first(tree, "contentHeaderDescription", "contentDescription") or (heading.find("p") if heading else None)
        return [board(self.about.platform, _plain(url) or url, name, description=words(told))]


def _fourth(tree: Tag, times: Times) -> Iterator[Node]:
    """Read the boards of version 4 and later; boards within a board are elements of the same kind."""
    numbered = tree.find_all("li", attrs={"data-board-id": True})
    for node in numbered or tree.find_all(class_="wbbBoardContainer"):
        named = None if "wbbCategory" in classes(node) or beside(node) else _title_link(node)
        if named is not None and "externalURL" not in classes(named):
            yield Node(named, _parent(node), _fourth_facts(node, times), _title(named))


def _title(named: Tag | None) -> str | None:
    """Return a board's title without the number of unread threads behind it."""
    text = words(named, 300)
    return _UNREAD.sub("", text) or text if text else None


def _title_link(node: Tag) -> Tag | None:
    heading = node.find(["h2", "h3", "h4", "h5"])
    links = heading.find_all("a", href=True, limit=4) if heading and _owner(heading) is node else []
    return next((each for each in (links or node.find_all("a", href=True, limit=4)) if words(each)), None)


def _owner(tag: Tag) -> Tag | None:
    return next((each for each in tag.parents if each.has_attr("data-board-id") or _is_container(each)), None)


def _is_container(tag: Tag) -> bool:
    return "wbbBoardContainer" in classes(tag)


def _parent(node: Tag) -> str | None:
    items = [each for each in ancestors(node) if each.name == "li"]
    above = [each for each in items if each.has_attr("data-board-id") or _is_container(each)]
    return nested(*(_title(_title_link(each)) for each in reversed(above)))


def _fourth_facts(node: Tag, times: Times) -> dict[str, Any]:
    told, counted = first(node, "wbbBoardDescription"), first(node, "wbbStats")
    last = first(node, "wbbLastPost")
    if counted is not None and _owner(counted) is not node:
        return {}
    counts = figures(counted.find_all("dd", limit=2)) if counted else []
    told = told if told is not None and _owner(told) is node else None
    return {"description": words(told), "last_post_at": moment(last, times), **topics_and_posts(counts)}


def _third(tree: Tag, times: Times) -> Iterator[Node]:
    """Read the boards of version 3: lists within lists, and below a board those that are only named."""
    for inner in tree.find_all(class_="boardlistInner"):
        named = _third_link(inner)
        above = nested(*reversed([_title(_third_link(each)) for each in _third_above(inner)]))
        if named is not None and "containerHead" not in classes(inner) and "externalURL" not in classes(named):
            yield Node(named, above, _third_facts(inner, times), _title(named))
        below = first(inner, "boardlistSubboards")
        for each in below.find_all("a", href=True, limit=300) if below else ():
            if "externalURL" not in classes(each):
                yield Node(each, nested(above, _title(named)), name=_title(each))


def _third_link(inner: Tag) -> Tag | None:
    heading = first(inner, "boardTitle")
    return heading.find("a", href=True) if heading else None


def _third_above(inner: Tag) -> Iterator[Tag]:
    """Yield the rows of what contains a board, nearest first: each is the head of a list item around it."""
    for item in ancestors(inner):
        head = item.find(class_="boardlistInner", recursive=False) if item.name == "li" else None
        if head is not None and head is not inner:
            yield head


def _third_facts(inner: Tag, times: Times) -> dict[str, Any]:
    counted = first(inner, "boardlistStats")
    counts = figures(counted.find_all("dd", limit=2)) if counted else []
    last = moment(first(inner, "boardlistLastPost"), times)
    return {
        "description": words(first(inner, "boardlistDescription")),
        "last_post_at": last,
        **topics_and_posts(counts),
    }


def _second(tree: Tag, times: Times) -> Iterator[Node]:
    """Read the boards of version 2."""
    for row in rows_of(tree, lambda href: bool(_BOARD.search(href)) and "board" in href and "action=" not in href):
        heading = row.row.find_previous(class_=["tabletitle", "tabletitle_fc"])
        category = last_text(heading) if heading and heading.find("a") else None
        facts = {"description": words(first(row.cell, "smallfont")), "last_post_at": moment(row.last, times)}
        yield Node(row.link, category, {**facts, **_in_either_order(row.counts)})
        for each in row.below:
            yield Node(each, nested(category, words(row.link, 300)))


def _in_either_order(counts: Iterable[int | None]) -> dict[str, int | None]:
    """Return topics and posts, which version 2 shows in either order: no board has fewer posts than topics."""
    return topics_and_posts(sorted(count for count in list(counts)[:2] if count is not None))


_READERS: tuple[Callable[[Tag, Times], Iterator[Node]], ...] = (_fourth, _third, _second)


def _closed(page: Page, tree: Tag, base: str) -> Iterator[str]:
    """Return the addresses of categories that version 3 shows without the boards in them."""
    for head in tree.find_all(class_="boardlistInner"):
        opening = head.find("a", href=re.compile("openCategory=")) if "containerHead" in classes(head) else None
        url = link(page, _third_link(head), base) if opening else None
        if url and same_host(url, base):
            yield _plain(url) or url


def _plain(url: str) -> str | None:
    """Return a board's address without the page and the order that a link asks for; None for other addresses."""
    if _THREADS.search(url):
        return None
    cut = _PAGE.sub("", url)
    return cut.replace("&", "?", 1) if "&" in cut and "?" not in cut else cut


def _template(tree: Tag) -> str:
    body = tree.find("body")
    named = attribute(body, "data-template") or re.sub(r"^tpl_?(wbb_|wcf_)?", "", attribute(body, "id"))
    return named.lower()


def _by_template(tree: Tag) -> str | None:
    named = _template(tree)
    return next((reason for reason, pattern in _TEMPLATES if re.fullmatch(pattern, named)), None)


def _shows_threads(page: Page, tree: Tag) -> bool:
    named = _template(tree)
    if named:
        return named == "board"
    parts = urlsplit(page.url)
    asked = f"{parts.path}?{parts.query}"
    return bool(_BOARD.search(asked) and tree.find("a", href=re.compile(r"thread(\.php|id=|/)", re.IGNORECASE)))


def _last_of_trail(tree: Tag) -> str | None:
    shown = title(tree) or ""
    return shown.split(" - ")[0].strip() or None


def _name(tree: Tag) -> str | None:
    """Return the forum's own name; a title is "Boards - Name of the forum"."""
    shown = title(tree)
    logo = first(tree, "pageTitle")
    return meta(tree, "og:site_name") or words(logo, 300) or (shown.rpartition(" - ")[2] if shown else None)


def _totals(tree: Tag) -> dict[str, int | None]:
    """Return what the statistics of version 4 and later count: members, threads, posts, in this order."""
    shown = tree.find(True, attrs={"data-box-identifier": "com.woltlab.wbb.Statistics"}) or first(tree, "statsList")
    counts = figures(shown.find_all("dd", limit=3)) if shown else []
    return dict(zip(("members", "topics", "posts"), counts, strict=False))
