"""From a page to listings: the forum, its boards, and what to ask for next."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bs4 import Tag

from crawlers import boards, rows
from crawlers.classic.engine import SUB
from crawlers.classic.links import name_of
from crawlers.classic.own import made_of_page, name_from_title, own_board, refuse_others
from crawlers.classic.scan import Scan
from crawlers.classic.titles import titles
from crawlers.contract import Request
from crawlers.markup import ancestors, attribute, meta

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawlers.classic.engine import Engine
    from crawlers.classic.links import Link
    from crawlers.contract import Page
    from venues.model import Listing

HTML = "text/html,application/xhtml+xml"
INDEX = "index"
_BELOW = {INDEX: "boards", "boards": "boards below"}
"""What a page's requests are called, by what it was called itself: no more than two pages below the index."""
_MOST_BELOW = 40
_FORUMS = re.compile(
    r"(?:^|/)(?:forum|forums|board|community)(?:/|\.php|/index\.php)?(?:\?s(?:id)?=\w*)?$", re.IGNORECASE
)
_ICONS = frozenset({"tr", "td", "dl", "li", "img", "span", "i", "div", "a"})
_AWAY = re.compile(r"forum[-_](?:off)?link|redirect", re.IGNORECASE)
_ENDS = frozenset({"table", "tbody", "ul", "ol", "body", "html", "form"})


def plan(base_url: str) -> list[Request]:
    """Return the request for the index of a forum: a folder's address ends in a slash, a script's does not."""
    is_script = "." in urlsplit(base_url).path.rpartition("/")[2]
    return [Request(url=base_url if is_script else f"{base_url.rstrip('/')}/", accept=HTML, note=INDEX)]


def read(page: Page, engine: Engine, base_url: str) -> Iterator[Listing | Request]:
    """Yield the forum, if the page is its index; its boards; requests for boards with sub-boards that it does not name.

    An index that is only the site's front page is followed to where the forum is. Raises NoList where the page holds
    no boards, saying what it is.
    """
    scan = Scan(page, engine)
    chosen = titles(scan)
    door = _door(scan) if page.request.note == INDEX and not chosen else None
    if door:
        yield Request(url=door, accept=HTML, note=INDEX)
        return
    if not chosen:
        refuse_others(scan)
    own = own_board(scan, chosen)
    if not chosen and own is None:
        raise boards.no_list(page.url, scan.tree, engine.thread)
    if page.request.note == INDEX:
        name = meta(scan.tree, "og:site_name") or name_from_title(scan.tree)
        yield boards.forum(engine.platform, base_url, name, **engine.totals(scan.tree))
    elif own:
        yield own
    yield from _Table(scan, chosen, own).listings()


def _door(scan: Scan) -> str | None:
    """Return where a front page says that the forum is."""
    here = boards.canonical(scan.page.url).rstrip("/")
    found = (scan.address(link.href) for link in scan.links if _FORUMS.search(link.href) and scan.is_here(link.href))
    return next((url for each in found if each and (url := boards.canonical(each)).rstrip("/") != here), None)


class _Table:
    """The rows of a page's boards."""

    def __init__(self, scan: Scan, chosen: list[Link], own: Listing | None) -> None:
        self.scan = scan
        self.titles = chosen
        self.keys = {scan.key_of(link) for link in chosen}
        self.crowd = Counter(id(above) for link in chosen for above in ancestors(link.tag, 14))
        self.within = self._within(own)
        if own:
            self.keys.add(scan.key(own.url or ""))

    def _within(self, own: Listing | None) -> str | None:
        """Return what contains all boards of the page: the board or category whose page it is."""
        if own is None and self.titles and self.scan.at_board and self.scan.page.request.note != INDEX:
            own = made_of_page(self.scan)
        return boards.nested(own.parent, own.title) if own else None

    def listings(self) -> Iterator[Listing | Request]:
        """Yield the boards in their order, then the pages that have more of them."""
        hiding: list[str] = []
        for number, link in enumerate(self.titles):
            row = self._row(link)
            if _leads_away(row, link.tag):
                continue
            listing = self._listing(link, row)
            if listing is None:
                continue
            yield listing
            below = self._subs(link, row, self.titles[number + 1].at if number + 1 < len(self.titles) else None)
            parent = boards.nested(listing.parent, listing.title)
            for sub in below:
                self.keys.add(self.scan.key_of(sub))
                yield from filter(None, [self._plain(sub, parent)])
            if listing.url and self.scan.engine.more(row, bool(below)):
                hiding.append(listing.url)
        note = _BELOW.get(self.scan.page.request.note)
        yield from (Request(url=url, accept=HTML, note=note) for url in hiding[:_MOST_BELOW] if note)

    def _listing(self, link: Link, row: Tag) -> Listing | None:
        lines = rows.lines_behind(link.tag, row, self.scan.kind_of)
        first, second = rows.counts(lines)
        # Every topic has a post: the larger of the two counts is that of posts, wherever a skin has put it.
        if first is not None and second is not None and (first > second) != self.scan.engine.posts_first:
            first, second = second, first
        topics, posts = (second, first) if self.scan.engine.posts_first else (first, second)
        return self._plain(
            link,
            self.within or link.heading,
            description=rows.description(lines),
            topics=topics,
            posts=posts,
            last_post_at=rows.last_post(lines, self.scan.times),
        )

    def _plain(self, link: Link, parent: str | None, **facts: Any) -> Listing | None:
        url = self.scan.address(link.href)
        name = name_of(link.tag)
        return boards.board(self.scan.engine.platform, url, name, parent=parent, **facts) if url and name else None

    def _row(self, link: Link) -> Tag:
        """Return the element around a title that holds no other title."""
        best: Tag = link.tag
        for above in ancestors(link.tag, 14):
            if above.name in _ENDS or self.crowd[id(above)] > 1:
                break
            best = above
            if above.name in {"li", "article"} or (above.name == "tr" and _cells(above) > 1):
                break
        return best

    def _subs(self, link: Link, row: Tag, end: int | None) -> list[Link]:
        """Return the boards that a row, or a row without title behind it, names beside its own."""
        near = [each for each in self.scan.links[link.at + 1 : end] if each.leads_to == rows.BOARD or each.mark == SUB]
        if not near:
            return []
        places = [row]
        after = next((each for each in row.next_siblings if isinstance(each, Tag)), None)
        if after is not None and after.name == row.name and not self.crowd[id(after)]:
            places.append(after)
        inside = {id(each) for place in places for each in place.descendants if isinstance(each, Tag)}
        found: dict[str, Link] = {}
        for each in near:
            if id(each.tag) in inside and each.heading == link.heading and self.scan.may_be_board(each):
                found.setdefault(self.scan.key_of(each), each)
        return [each for key, each in found.items() if key not in self.keys]


def _cells(row: Tag) -> int:
    return sum(isinstance(each, Tag) and each.name in {"td", "th"} for each in row.children)


def _signs(tag: Tag) -> str:
    return " ".join(attribute(tag, name) for name in ("class", "src", "style", "id"))


def _leads_away(row: Tag, title: Tag) -> bool:
    """Tell whether a row's icon says that it leads away: such a row is a link and no board."""
    for tag in [row, *islice(row.descendants, 25)]:
        if tag is title:
            return False
        if isinstance(tag, Tag) and tag.name in _ICONS and _AWAY.search(_signs(tag)):
            return True
    return False
