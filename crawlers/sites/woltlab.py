"""Burning Board 2 to 5 and WoltLab Suite, by the page that lists all boards.

Settings: `base_url`, the address of that page. From version 4 each board is an element with its number
(`data-board-id`), version 3 has a list `#boardlist`, version 2 rows of a table whose links say `boardid=`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from bs4 import Tag

from crawlers.boards import LOG_IN, MEMBERS, REGISTER, SEARCH, THREAD, board, forum, nested, no_list, once
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.linktables import rows_of
from crawlers.markup import ancestors, attribute, base_of, classes, link, soup, title, words
from crawlers.nodes import Node, beside, figures, last_text, listings_of, moment, plainly, topics_and_posts
from crawlers.parts import Parts, first, links, same_site, tags, within
from crawlers.times import times_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

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
        base, parts = base_of(page, tree), Parts(tree)
        own = self._own(page, tree, parts, base)
        inner = self._boards(page, parts, base, own[0].title if own else None)
        boards = once([*(own if page.request.note != _CLOSED else ()), *inner])
        closed = list(_closed(page, parts, base)) if page.request.note == _INDEX else []
        if page.request.note == _INDEX:
            name = _name(tree, parts)
            yield forum(self.about.platform, self.base_url, name, language=parts.language, **_totals(parts))
            yield from (Request(url=url, accept="text/html", note=_CLOSED) for url in closed[:_MOST_CLOSED])
        if not boards and not closed:
            reason = _by_template(parts)
            raise NoList(page.url, reason) if reason else no_list(page.url, tree, _THREADS)
        yield from boards

    def _boards(self, page: Page, parts: Parts, base: str, above: str | None) -> Iterator[Listing]:
        times = times_of(page.text, page.fetched_at, parts.language)
        nodes = next(filter(None, (list(read(parts, times)) for read in _READERS)), [])
        if not nodes and above is None and _by_template(parts) is None:
            nodes = plainly(parts, base)
        return listings_of(self.about.platform, page, base, nodes, above, _plain)

    def _own(self, page: Page, tree: Tag, parts: Parts, base: str) -> list[Listing]:
        """Return the board whose threads the page lists, if it does."""
        if not _shows_threads(page, parts):
            return []
        heading = parts.first("contentHeaderTitle", "boxHeadline", "mainHeadline", "contentTitle")
        name = words(next(iter(within(heading, "h1", "h2")), heading), 300) or _first_of_title(tree)
        url = parts.canonical(page, base)
        if name is None:
            return []
        told = parts.first("contentHeaderDescription", "contentDescription") or next(iter(within(heading, "p")), None)
        return [board(self.about.platform, _plain(url) or url, name, description=words(told))]


def _fourth(parts: Parts, times: Times) -> Iterator[Node]:
    """Read the boards of version 4 and later; boards within a board are elements of the same kind."""
    numbered = [each for each in parts.with_data("data-board-id") if each.name == "li"]
    for node in numbered or parts.all("wbbBoardContainer"):
        named = None if "wbbCategory" in classes(node) or beside(node) else _title_link(node)
        if named is not None and "externalURL" not in classes(named):
            parent = _parent(node)
            yield Node(named, parent, _fourth_facts(node, times), _title(named))
            for each in links(first(node, "wbbSubBoards")):
                yield Node(each, nested(parent, _title(named)), name=_title(each))


def _title(named: Tag | None) -> str | None:
    """Return a board's title without the number of unread threads behind it."""
    text = words(named, 300)
    return _UNREAD.sub("", text) or text if text else None


def _title_link(node: Tag) -> Tag | None:
    heading = next(iter(within(node, "h2", "h3", "h4", "h5")), None)
    found = links(heading, 4) if heading is not None and _owner(heading) is node else []
    return next((each for each in (found or links(node, 4)) if words(each)), None)


def _owner(tag: Tag) -> Tag | None:
    return next((each for each in ancestors(tag) if _is_container(each)), None)


def _is_container(tag: Tag) -> bool:
    return "data-board-id" in tag.attrs or "wbbBoardContainer" in classes(tag)


def _parent(node: Tag) -> str | None:
    above = [each for each in ancestors(node) if each.name == "li" and _is_container(each)]
    return nested(*(_title(_title_link(each)) for each in reversed(above)))


def _fourth_facts(node: Tag, times: Times) -> dict[str, Any]:
    told, counted, last = (first(node, name) for name in ("wbbBoardDescription", "wbbStats", "wbbLastPost"))
    if counted is not None and _owner(counted) is not node:
        return {}
    counts = figures(within(counted, "dd")[:2])
    told = told if told is not None and _owner(told) is node else None
    return {"description": words(told), "last_post_at": moment(last, times), **topics_and_posts(counts)}


def _third(parts: Parts, times: Times) -> Iterator[Node]:
    """Read the boards of version 3: lists within lists, and below a board those that are only named."""
    for inner in parts.all("boardlistInner"):
        named = _third_link(inner)
        above = nested(*reversed([_title(_third_link(each)) for each in _third_above(inner)]))
        if named is not None and "containerHead" not in classes(inner) and "externalURL" not in classes(named):
            yield Node(named, above, _third_facts(inner, times), _title(named))
        for each in links(first(inner, "boardlistSubboards")):
            if "externalURL" not in classes(each):
                yield Node(each, nested(above, _title(named)), name=_title(each))


def _third_link(inner: Tag) -> Tag | None:
    return next(iter(links(first(inner, "boardTitle"), 1)), None)


def _third_above(inner: Tag) -> Iterator[Tag]:
    """Yield the rows of what contains a board, nearest first: each is the head of a list item around it."""
    for item in ancestors(inner):
        inside = item.children if item.name == "li" else ()
        head = next((each for each in inside if isinstance(each, Tag) and "boardlistInner" in classes(each)), None)
        if head is not None and head is not inner:
            yield head


def _third_facts(inner: Tag, times: Times) -> dict[str, Any]:
    told, last = first(inner, "boardlistDescription"), first(inner, "boardlistLastPost")
    counts = figures(within(first(inner, "boardlistStats"), "dd")[:2])
    return {"description": words(told), "last_post_at": moment(last, times), **topics_and_posts(counts)}


def _second(parts: Parts, times: Times) -> Iterator[Node]:
    """Read the boards of version 2."""
    headings = {id(each): each for each in parts.all("tabletitle", "tabletitle_fc")}
    for row in rows_of(parts.named("a"), lambda href: bool(_BOARD.search(href)) and "action=" not in href):
        category = _heading_above(row.row, headings)
        facts = {"description": words(first(row.cell, "smallfont")), "last_post_at": moment(row.last, times)}
        yield Node(row.link, category, {**facts, **_in_either_order(row.counts)})
        for each in row.below:
            yield Node(each, nested(category, words(row.link, 300)))


def _heading_above(row: Tag, headings: Mapping[int, Tag]) -> str | None:
    """Return the title in the nearest row above that is a heading."""
    for above in islice(row.previous_siblings, 300):
        cell = next((each for each in tags(above) if id(each) in headings), None) if isinstance(above, Tag) else None
        if cell is not None:
            return last_text(cell) if links(cell) else None
    return None


def _in_either_order(counts: Iterable[int | None]) -> dict[str, int | None]:
    """Return topics and posts, which version 2 shows in either order: no board has fewer posts than topics."""
    return topics_and_posts(sorted(count for count in list(counts)[:2] if count is not None))


_READERS: tuple[Callable[[Parts, Times], Iterator[Node]], ...] = (_fourth, _third, _second)


def _closed(page: Page, parts: Parts, base: str) -> Iterator[str]:
    """Return the addresses of categories that version 3 shows without the boards in them."""
    for head in parts.all("boardlistInner"):
        shut = "containerHead" in classes(head) and any("openCategory=" in attribute(a, "href") for a in links(head))
        url = link(page, _third_link(head), base) if shut else None
        if url and same_site(url, base):
            yield _plain(url) or url


def _plain(url: str) -> str | None:
    """Return a board's address without the page and the order that a link asks for; None for other addresses."""
    if _THREADS.search(url):
        return None
    cut = _PAGE.sub("", url)
    return cut.replace("&", "?", 1) if "&" in cut and "?" not in cut else cut


def _template(parts: Parts) -> str:
    body = next(iter(parts.named("body")), None)
    named = attribute(body, "data-template") or re.sub(r"^tpl_?(wbb_|wcf_)?", "", attribute(body, "id"))
    return named.lower()


def _by_template(parts: Parts) -> str | None:
    named = _template(parts)
    return next((reason for reason, pattern in _TEMPLATES if re.fullmatch(pattern, named)), None)


def _shows_threads(page: Page, parts: Parts) -> bool:
    named = _template(parts)
    if named:
        return named == "board"
    asked = urlsplit(page.url)
    hrefs = (attribute(each, "href") for each in parts.named("a"))
    return bool(_BOARD.search(f"{asked.path}?{asked.query}") and any(map(_THREADS.search, hrefs)))


def _first_of_title(tree: Tag) -> str | None:
    shown = title(tree) or ""
    return shown.split(" - ")[0].strip() or None


def _name(tree: Tag, parts: Parts) -> str | None:
    """Return the forum's own name; a title is "Boards - Name of the forum"."""
    shown = title(tree)
    logo = words(parts.first("pageTitle"), 300)
    return parts.meta("og:site_name") or logo or (shown.rpartition(" - ")[2] if shown else None)


def _totals(parts: Parts) -> dict[str, int | None]:
    """Return what the statistics of version 4 and later count: members, threads, posts, in this order."""
    boxes = {attribute(each, "data-box-identifier"): each for each in parts.with_data("data-box-identifier")}
    counts = figures(within(boxes.get("com.woltlab.wbb.Statistics") or parts.first("statsList"), "dd")[:3])
    return dict(zip(("members", "topics", "posts"), counts, strict=False))
