"""Invision: IP.Board 2 and 3, Invision Community 4 and 5, by the page that lists all forums.

Settings: `base_url`, the address of that page. The API needs a key even for what guests may see. From version 4 each
board carries its number (`data-forumID`); version 3 shows boards as rows of an `ipb_table`, version 2 as rows of any
table whose links say `showforum=`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from bs4 import Tag

from crawlers.boards import THREAD, board, forum, nested, no_list, once
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.linktables import Row, own_rows, rows_of
from crawlers.markup import ancestors, attribute, base_of, classes, soup, title, words
from crawlers.nodes import Node, beside, figures, last_text, listings_of, moment, plainly, topics_and_posts
from crawlers.parts import Parts, all_of, first, links, tags, within
from crawlers.times import times_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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
    r"[?&](page|st|prune_day|sort_key|sort_by|sortby|sortdirection|topicfilter)=[^&]*|/?page__.*|/page/\d+/?$"
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
            Mark("markup", r"\bipb\.(vars|global|templates)\b|var ipb_|ips\.setSetting|class=[\"'](ipbtable|ipsLay)"),
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
        base, parts = base_of(page, tree), Parts(tree)
        own = self._own(page, parts, base)
        boards = once([*own, *self._boards(page, parts, base, own[0].title if own else None)])
        if page.request.note == _INDEX:
            name = parts.meta("og:site_name") or _POWERED.sub("", title(tree) or "") or None
            yield forum(self.about.platform, self.base_url, name, language=parts.language, **_totals(parts))
        if not boards:
            raise NoList(page.url, THREAD) if _is_thread(parts) else no_list(page.url, tree, _THREADS)
        yield from boards

    def _boards(self, page: Page, parts: Parts, base: str, above: str | None) -> Iterator[Listing]:
        times = times_of(page.text, page.fetched_at, parts.language)
        nodes = next(filter(None, (list(read(parts, times)) for read in _READERS)), [])
        if not nodes and above is None and not _is_thread(parts):
            nodes = plainly(parts, base)
        return listings_of(self.about.platform, page, base, nodes, above, _plain)

    def _own(self, page: Page, parts: Parts, base: str) -> list[Listing]:
        """Return the board whose threads the page lists, if it does."""
        name = None if _is_thread(parts) else _board_shown(page, parts)
        url = parts.canonical(page, base)
        if name is None or _THREADS.search(url):
            return []
        told = parts.first("ipsPageHeader__desc", "ipsType_pagedescription", "cForumDescription")
        told = told or first(parts.first("ipsPageHeader", "cForumHeader"), "ipsType_richText", "ipsRichText")
        return [board(self.about.platform, _plain(url) or url, name, description=words(told), parent=_trail(parts))]


def _with_below(node: Node, below: Iterable[Tag]) -> Iterator[Node]:
    """Yield a board and those that its row names."""
    yield node
    for each in below:
        yield Node(each, nested(node.parent, words(node.named, 300)))


def _numbered(parts: Parts, times: Times) -> Iterator[Node]:
    """Read the boards of versions 4 and 5, as a list or as a grid of cards."""
    for row in parts.with_data("data-forumid"):
        if row.name in {"form", "input", "a", "body"} or beside(row):
            continue
        lists = all_of(row, "ipsDataItem_subList", "ipsSubList", "cForumGrid__subforums")
        headings = (each for each in all_of(row, "ipsType_minorHeading") if each.name == "h4")
        lists += filter(None, (each.find_next_sibling("ul") for each in headings))
        below = [each for found in lists for each in links(found)]
        yield from _with_below(Node(_title_link(row, below), _category(row), _numbered_facts(row, times)), below)


def _title_link(row: Tag, below: list[Tag]) -> Tag | None:
    heading = first(row, "ipsDataItem_title", "ipsData__title", "cForumGrid__title", "ipsType_sectionHead")
    found = [*links(heading, 5), *(each for part in within(row, "h4", "h3", "h2") for each in links(part, 5))]
    found += links(row, 10)
    return next((each for each in found if words(each) and not any(each is other for other in below)), None)


def _category(row: Tag) -> str | None:
    holder = next((each for each in ancestors(row) if "data-categoryid" in each.attrs), None)
    return last_text(next(iter(within(holder, "h2", "h3")), None))


def _numbered_facts(row: Tag, times: Times) -> dict[str, Any]:
    told = first(row, "ipsDataItem_meta", "ipsData__desc", "cForumGrid__description")
    last = first(row, "ipsDataItem_lastPoster", "ipsData__last", "cForumGrid__last")
    counts = figures(_counted(row))
    return {"description": words(told), "last_post_at": moment(last, times), **topics_and_posts(counts)}


def _counted(row: Tag) -> list[Tag]:
    named = all_of(row, "ipsDataItem_stats_number", "ipsData__stats-number")
    typed = [each for each in tags(row) if "data-stattype" in each.attrs and words(each)]
    shown = first(row, "ipsData__stats", "cForumGrid__title-stats", "ipsDataItem_stats")
    return (named or typed or within(shown, "li"))[:2]


def _flowing(parts: Parts, _: Times) -> Iterator[Node]:
    """Read the boards beside the "fluid" view of version 4, which shows topics of all boards at once."""
    for row in parts.with_data("data-node-id"):
        if any("cForumMiniList" in classes(each) for each in ancestors(row)):
            yield Node(row if row.name == "a" else next(iter(links(row)), None))


def _third(parts: Parts, times: Times) -> Iterator[Node]:
    """Read the boards of version 3."""
    for table in parts.all("ipb_table"):
        if attribute(table, "id") == "forum_table" or "topic_list" in classes(table):
            continue
        category = _block(table, "category_block")
        for row in own_rows(table):
            named = _third_link(row)
            below = [each for part in all_of(row, "subforums") for each in links(part)] if named else []
            if named:
                yield from _with_below(Node(named, category, _third_facts(row, times)), below)


def _third_link(row: Tag) -> Tag | None:
    """Return the link of a row that shows a board, and not a topic, a heading or a way to another site."""
    cell = first(row, "col_c_forum")
    heading = next(iter(within(cell or row, "h4")), cell)
    named = next((each for each in links(heading, 5) if words(each)), None)
    if named is None or within(row, "th") or "topic_title" in classes(named) or "redirect_forum" in classes(row):
        return None
    return named if cell is not None or first(row, "col_c_stats", "stats", "last_post") is not None else None


def _third_facts(row: Tag, times: Times) -> dict[str, Any]:
    counts = figures(within(first(row, "col_c_stats", "stats"), "li")[:2])
    last, told = first(row, "last_post"), first(row, "desc", "forum_desc_pos")
    return {"description": words(told), "last_post_at": moment(last, times), **topics_and_posts(counts)}


def _block(part: Tag, name: str) -> str | None:
    """Return the title above a board: that of the block which holds it, or the nearest before it."""
    block = next((each for each in ancestors(part, 8) if name in classes(each)), None)
    return last_text(first(block, "maintitle") if block else _before(part, "maintitle"))


def _before(part: Tag, name: str) -> Tag | None:
    """Return the nearest element of a class before one, if it is not far off."""
    near = (each for each in islice(part.previous_elements, 200) if isinstance(each, Tag))
    return next((each for each in near if name in classes(each)), None)


def _second(parts: Parts, times: Times) -> Iterator[Node]:
    """Read the boards of version 2, and of skins that kept nothing of version 3 but its addresses."""
    for row in rows_of(parts.named("a"), lambda href: bool(_BOARD.search(href)) and not _ELSEWHERE.search(href)):
        if any(count is not None for count in row.counts):  # without one it leads to another site
            node = Node(row.link, _block(row.row, "borderwrap"), _second_facts(row, times))
            yield from _with_below(node, row.below)


def _second_facts(row: Row, times: Times) -> dict[str, Any]:
    told = first(row.cell, "forumdesc", "desc")
    for part in within(told, "i", "b", "strong", "a"):
        part.extract()  # moderators, and the boards within
    said = (words(told) or "").strip(" ,;:") or None
    return {"description": said, "last_post_at": moment(row.last, times), **topics_and_posts(row.counts)}


_READERS: tuple[Callable[[Parts, Times], Iterator[Node]], ...] = (_numbered, _third, _second, _flowing)


def _plain(url: str) -> str | None:
    """Return a board's address without the page, the order and the password form that a link asks for."""
    if _THREADS.search(url) or _ELSEWHERE.search(url):
        return None
    cut = _PAGE.sub("", re.sub(r"[?&]passForm=1", "", url))
    return cut.replace("&", "?", 1) if "&" in cut and "?" not in cut else cut


def _board_shown(page: Page, parts: Parts) -> str | None:
    body = next(iter(parts.named("body")), None)
    controller = attribute(body, "data-pagecontroller")
    if controller:
        shown = controller == "forums" and attribute(body, "data-pageapp") == "forums"
        return _titled(parts, "ipsPageHeader__title", "ipsType_pageTitle") if shown else None
    if parts.first("topic_list") or parts.by_id("forum_table"):
        return _titled(parts, "ipsType_pagetitle", "maintitle")
    asked = urlsplit(page.url)
    if not _BOARD.search(f"{asked.path}?{asked.query}") or not any(map(_is_of_thread, parts.named("a"))):
        return None
    last = list(trail.descendants)[-1:] if (trail := parts.by_id("navstrip")) else []
    return next((text.strip(" \u00a0>-»") for text in map(words, last) if text), None)


def _titled(parts: Parts, *names: str) -> str | None:
    return words(parts.first(*names) or next(iter(parts.named("h1")), None), 300)


def _is_of_thread(named: Tag) -> bool:
    return _THREADS.search(attribute(named, "href")) is not None


def _is_thread(parts: Parts) -> bool:
    controller = attribute(next(iter(parts.named("body")), None), "data-pagecontroller")
    return controller == "topic" or parts.first("post_block", "postcolor", "cPost") is not None


def _trail(parts: Parts) -> str | None:
    above = links(parts.first("ipsBreadcrumb", "breadcrumb") or parts.by_id("navstrip"))
    return nested(*(words(each, 200) for each in above if _BOARD.search(attribute(each, "href"))))


def _totals(parts: Parts) -> dict[str, int | None]:
    """Return what version 3 counts below its boards: posts, then members."""
    shown = parts.by_id("board_stats", "board_statistics")
    counts = figures(all_of(shown, "value")[:2]) if shown else []
    return dict(zip(("posts", "members"), counts, strict=False))
