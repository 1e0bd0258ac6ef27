"""How the classic forums are read: phpBB, vBulletin, Simple Machines and MyBB differ in addresses and class names only.

All of them show an index in rows: a title, what is said of it, sub-boards, two counts, the last post. An engine says how
its addresses and its own markup tell a title; where a skin has left none of that markup, rows are known by what
stands in them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bs4 import Tag

from crawlers import boards, rows
from crawlers.contract import Request
from crawlers.markup import ancestors, attribute, base_of, classes, language, meta, soup, title, words
from crawlers.parsing import absolute, text_or_none, url_or_none
from crawlers.times import times_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawlers.contract import Page
    from crawlers.times import Times
    from venues.model import Listing

TITLE, SUB = "title", "sub"
"""What an engine's own markup may say of a link: the title of a board's row, or one of the sub-boards named in it."""

PEOPLE = (
    r"member(?:list)?\.php|/members?/|profile|viewprofile|action=profile|/users?/|user-|usercp|showgroups|/u\d+"
    r"|userid=|groupcp|[?&;]u=\d|mode=group|team|private\.php|blog\.php"
)
_ASIDE = re.compile(
    r"(?:^|[-_ ])(?:bread-?crumbs?|navbits?|navlinks|nav|navigation|navbar|menu|submenu|dropdown|popup\w*|footer|jump\w*"
    r"|pagination|side-?bar|widgets?|portal|online|who\w*|stats|statistics|legend|recent\w*|latest\w*|topx\S*|tip|tags?"
    r"|linktree|navigate_section|shoutbox|toplinks|postbody|signature|moderators?|birthdays?)(?:$|[-_ ])",
    re.IGNORECASE,
)
_ROWS = frozenset({"tr", "li", "dl", "article"})
_ICONS = frozenset({"tr", "td", "dl", "li", "img", "span", "i", "div", "a"})
_ENDS = frozenset({"table", "tbody", "ul", "ol", "body", "html", "form"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What tells one engine from another."""

    platform: str
    board: re.Pattern[str]
    """Addresses of boards; the first group that matches is the board's number or name."""
    thread: re.Pattern[str]
    """Addresses of threads and posts."""
    mark: Callable[[Tag], str]
    """What its own markup says of a link: TITLE, SUB, THREAD or nothing."""
    heading: Callable[[Tag], str | None]
    """The text of an element that heads a category; "" for a heading without a name, None for any other element."""
    heads: frozenset[str]
    """Names of elements that may be headings."""
    own_title: Callable[[Tag], Tag | None]
    """Where the page of one board names it."""
    own_page: re.Pattern[str]
    """What the source of one board's page has."""
    posts_first: bool = False
    """Whether the number of posts stands before that of topics."""
    more: Callable[[Tag], bool] = lambda _: False
    """Whether a row says that its board has sub-boards that the row does not name."""
    totals: Callable[[Tag], dict[str, Any]] = lambda _: {}
    """What the index says of the whole forum: topics, posts, members."""
    people: re.Pattern[str] = re.compile(PEOPLE, re.IGNORECASE)
    posts: re.Pattern[str] = re.compile(
        r"\b(?:postbody|postbit|post_body|postcontent|post_content)\b[^\"'<>]{0,60}[\"']|id=[\"'](?:post_message_|pid_)\d"
    )
    """What the source of a thread's page has."""


@dataclass(slots=True)
class Link:
    """A link of the page, in its order."""

    tag: Tag
    href: str
    leads_to: str
    mark: str
    heading: str | None
    """The category it stands in."""
    at: int
    key: str = ""
    """What tells the board it leads to from others, once asked for."""


@dataclass(slots=True)
class Found:
    """What a page holds."""

    listings: list[Listing] = field(default_factory=list)
    hiding: list[str] = field(default_factory=list)
    """Addresses of boards that have sub-boards which this page does not name."""
    own: Listing | None = None
    """The board whose page it is."""


class Reading:
    """One page, read once."""

    def __init__(self, page: Page, engine: Engine) -> None:
        """Parse and look at all links. Raises PageChanged where the page is no HTML."""
        self.page = page
        self.engine = engine
        self.tree = soup(page)
        self.base = base_of(page, self.tree)
        self.host = _host(self.base)
        self.folder = absolute(self.base, ".") or self.base
        self.times: Times = times_of(page.text, page.fetched_at, language(self.tree))
        self.links = self._scan()
        self.by_tag = {id(link.tag): link for link in self.links}
        self.aside: dict[int, bool] = {}

    def _scan(self) -> list[Link]:
        links: list[Link] = []
        heading: str | None = None
        engine = self.engine
        for tag in self.tree.descendants:
            if not isinstance(tag, Tag):
                continue
            if tag.name == "a":
                href = attribute(tag, "href").strip()
                if href and href[0] != "#" and not href.startswith(("javascript:", "mailto:")):
                    links.append(Link(tag, href, self.leads_to(href), engine.mark(tag), heading, len(links)))
            elif tag.name in engine.heads:
                text = engine.heading(tag)
                if text is not None:
                    heading = text or None
        return links

    def leads_to(self, href: str) -> str:
        """Return what an address leads to, by its form."""
        engine = self.engine
        if engine.board.search(href) and not _ACTION.search(href):
            return rows.BOARD
        if engine.thread.search(href):
            return rows.THREAD
        return rows.PERSON if engine.people.search(href) else rows.OTHER

    def found(self) -> Found:
        """Return the boards of the page. Raises NoList where it holds none, saying what it is."""
        page, engine = self.page, self.engine
        titles = self._titles()
        if not titles:
            self._refuse_others()
        found = Found(own=self._own(titles))
        within = self._within(found.own, titles)
        for number, link in enumerate(titles):
            self._take(found, link, titles[number + 1] if number + 1 < len(titles) else None, within)
        found.listings = boards.once(found.listings)
        if not found.listings and not found.own:
            raise boards.no_list(page.url, self.tree, engine.thread)
        return found

    # What the titles are

    def _titles(self) -> list[Link]:
        marked = [link for link in self.links if link.mark == TITLE and self._may_be_board(link)]
        chosen = _first_of_each(marked or self._by_rows(), self.key_of)
        self._learn(chosen)
        return chosen

    def _may_be_board(self, link: Link) -> bool:
        if link.leads_to in {rows.THREAD, rows.PERSON} or _ACTION.search(link.href):
            return False
        return self._is_here(link.href) and _has_letter(link.tag)

    def _is_here(self, href: str) -> bool:
        return "//" not in href[:8] or href.startswith(self.folder) or _host(href) == self.host

    def _by_rows(self) -> list[Link]:
        """Find titles where no markup of the engine is left: the first link of a row that has more to say."""
        if self._is_thread() or boards.by_address(self.page.url):
            return []
        first: dict[int, Link] = {}
        busy: set[int] = set()
        for link in self.links:
            row = _nearest_row(link.tag)
            if row is None or link.leads_to == rows.OTHER:
                continue
            first.setdefault(id(row), link)
            if link.leads_to != rows.BOARD:
                busy.add(id(row))
        leading = []
        for link in self.links:
            row = _nearest_row(link.tag) if link.leads_to == rows.BOARD and _has_letter(link.tag) else None
            if row is None or self.key_of(first[id(row)]) != self.key_of(link) or self._is_aside(link.tag):
                continue
            leading.append((link, id(row) in busy or _has_figures(row, link.tag)))
        told = [link for link, tells in leading if tells]
        return told or ([link for link, _ in leading] if len(leading) > 1 else [])

    def _is_aside(self, tag: Tag) -> bool:
        """Tell whether a link stands in a menu, a path, a footer or the like."""
        for above in ancestors(tag, 14):
            if id(above) not in self.aside:
                names = f"{attribute(above, 'class')} {attribute(above, 'id')}"
                self.aside[id(above)] = above.name in {"nav", "footer", "aside"} or bool(_ASIDE.search(names))
            if self.aside[id(above)]:
                return True
        return False

    def _learn(self, titles: list[Link]) -> None:
        """Where a site has addresses of its own, know its other boards by the form of those found."""
        shapes = Counter(_shape(link.href) for link in titles if link.leads_to == rows.OTHER)
        endings = Counter(_ending(link.href) for link in titles if link.leads_to == rows.OTHER)
        known = {shape for shape, number in shapes.items() if number > 1}
        ends = {end for end, number in endings.items() if number > 2 and end}
        for link in self.links:
            if link.leads_to == rows.OTHER and (known or ends) and self._is_here(link.href):
                if _shape(link.href) in known or _ending(link.href) in ends:
                    link.leads_to = rows.BOARD
        for link in titles:
            link.leads_to = rows.BOARD

    def key_of(self, link: Link) -> str:
        """Return the key of a link's address, found once."""
        link.key = link.key or self.key(link.href)
        return link.key

    def key(self, href: str) -> str:
        """Return what makes two addresses those of one board."""
        match = self.engine.board.search(href)
        number = next((each for each in match.groups() if each), None) if match else None
        if number:
            return number
        whole = absolute(self.base, href)
        return boards.canonical(whole) if whole else href

    # Their rows

    def _take(self, found: Found, link: Link, following: Link | None, within: str | None) -> None:
        row = self._row(link)
        if _is_redirect(row, link.tag):
            return
        listing = self._listing(link, row, within or link.heading)
        if listing is None:
            return
        found.listings.append(listing)
        parent = boards.nested(listing.parent, listing.title)
        subs = self._subs(link, row, following)
        for sub in subs:
            made = self._plain(sub, parent)
            if made:
                found.listings.append(made)
        if listing.url and self.engine.more(row) and (not subs or self.engine.platform == "mybb"):
            found.hiding.append(listing.url)

    def _listing(self, link: Link, row: Tag, parent: str | None) -> Listing | None:
        lines = rows.lines_behind(link.tag, row, self._kind_of)
        first, second = rows.counts(lines)
        # Every topic has a post: the larger of the two counts is that of posts, wherever a skin has put it.
        if first is not None and second is not None and (first > second) != self.engine.posts_first:
            first, second = second, first
        topics, posts = (second, first) if self.engine.posts_first else (first, second)
        return self._plain(
            link,
            parent,
            description=rows.description(lines),
            topics=topics,
            posts=posts,
            last_post_at=rows.last_post(lines, self.times),
        )

    def _plain(self, link: Link, parent: str | None, **facts: Any) -> Listing | None:
        url = self.address(link.href)
        name = _name(link.tag)
        return boards.board(self.engine.platform, url, name, parent=parent, **facts) if url and name else None

    def address(self, href: str) -> str | None:
        """Return a link's whole address; those that are whole, or lie beside the page, are not taken apart."""
        if _BESIDE.fullmatch(href):
            return self.folder + href
        return url_or_none(href) if href.startswith(("http://", "https://")) else absolute(self.base, href)

    def _kind_of(self, tag: Tag) -> str:
        link = self.by_tag.get(id(tag))
        return link.leads_to if link else rows.OTHER

    def _row(self, link: Link) -> Tag:
        """Return the element around a title that holds no other title."""
        best: Tag = link.tag
        for above in ancestors(link.tag, 14):
            if above.name in _ENDS or self.crowd[id(above)] > 1:
                break
            best = above
            if above.name == "tr" and _cells(above) > 1:
                break
            if above.name in {"li", "article"}:
                break
        return best

    def _subs(self, link: Link, row: Tag, following: Link | None) -> list[Link]:
        """Return the boards that a row, or a row without title behind it, names beside its own."""
        end = following.at if following else len(self.links)
        near = [each for each in self.links[link.at + 1 : end] if each.leads_to == rows.BOARD or each.mark == SUB]
        if not near:
            return []
        places = [row]
        after = next((each for each in row.next_siblings if isinstance(each, Tag)), None)
        if after is not None and after.name == row.name and not self.crowd[id(after)]:
            places.append(after)
        inside = {id(each) for place in places for each in place.descendants if each.name == "a"}
        return [
            each
            for each in near
            if id(each.tag) in inside
            and each.heading == link.heading
            and self._may_be_board(each)
            and self.key_of(each) not in self.keys
        ]

    # The page itself

    def _is_thread(self) -> bool:
        return self.leads_to(_path(self.page.url)) == rows.THREAD

    def _refuse_others(self) -> None:
        """Raise NoList for a page that is neither an index nor one board's."""
        threads = any(link.mark == rows.THREAD for link in self.links)
        other = boards.by_address(self.page.url)
        if self._is_thread() or (not threads and self.engine.posts.search(self.page.text)):
            raise boards.NoList(self.page.url, boards.THREAD)
        if other and not self._at_board():
            raise boards.NoList(self.page.url, other)

    def _at_board(self) -> bool:
        return bool(self.engine.board.search(_path(self.page.url)))

    def _own(self, titles: list[Link]) -> Listing | None:
        """Return the board whose threads the page lists, if it is such a page."""
        if self._is_thread() or self.page.request.note == "index":
            return None
        marked = any(link.mark == rows.THREAD for link in self.links)
        # Rows of boards name the threads of their last posts.
        threads = marked or (not titles and sum(link.leads_to == rows.THREAD for link in self.links) > 2)
        is_own = bool(self.engine.own_page.search(self.page.text))
        lists_threads = threads and (is_own or self._at_board() or not titles)
        is_empty = is_own and not titles
        return self._own_listing() if lists_threads or is_empty else None

    def _own_listing(self) -> Listing | None:
        links = self._links_to_page()
        link = min(links, key=lambda each: len(boards.canonical(each.href)), default=None)
        headed = next((each.tag for each in links if _is_headline(each.tag)), None)
        in_path = next((each.tag for each in reversed(links) if _in_path(each.tag)), None)
        name = words(headed or self.engine.own_title(self.tree) or in_path, 300) or _from_title(self.tree)
        url = absolute(self.base, link.href) if link else _first_page(self.page.url)
        if not name or not url:
            return None
        trail = boards.nested(*(each for each in self._trail(url) if each != name))
        return boards.board(self.engine.platform, url, name, parent=trail)

    def _links_to_page(self) -> list[Link]:
        """Return the page's links to itself: in its path, in its headline."""
        at = self.key(_path(self.page.url)) if self._at_board() else None
        links = (link for link in self.links if at and link.leads_to == rows.BOARD and self.key_of(link) == at)
        return [link for link in links if not re.search(r"#|[?&;](?:start|page|order)=", link.href) and _has_letter(link.tag)]

    def _trail(self, url: str) -> list[str]:
        """Return the names of what contains the page's board, from the path at its top."""
        here = self.key(url)
        names: dict[str, str] = {}
        for link in self.links[:200]:
            if link.leads_to == rows.BOARD and self.key_of(link) != here and _in_path(link.tag):
                name = words(link.tag, 200)
                if name:
                    names.setdefault(self.key_of(link), name)
        return list(names.values())[:5]

    def _within(self, own: Listing | None, titles: list[Link]) -> str | None:
        """Return what contains all boards of the page: the board or category whose page it is."""
        self.keys = {self.key_of(link) for link in titles}
        self.crowd: Counter[int] = Counter(id(above) for link in titles for above in ancestors(link.tag, 14))
        if own:
            self.keys.add(self.key(own.url or ""))
            return boards.nested(own.parent, own.title)
        if self.page.request.note == "index" or not self._at_board() or not titles:
            return None
        made = self._own_listing()
        return boards.nested(made.parent, made.title) if made else None


_ACTION = re.compile(
    r"[?&;](?:mark|do|action|watch|unwatch|sort|order|daysprune|mode|highlight)=|mark=|/rss\b|\.rss|\.xml|markread"
)
_BESIDE = re.compile(r"[\w-]{1,40}\.php(?:\?[\w=&;.,%+-]{0,200})?", re.ASCII)
_SEPARATORS = re.compile(r"\s+(?:[-–—|•·»:]|::|&bull;)\s+")
_PAGE = re.compile(
    r"(?:(?<=/)(?:index|page)[-_]?\d+(?:\.html)?/?$|[?&;](?:start|page|order|sort|sk|sd|st|pp|daysprune)=[^&;]*|(?<=\.)\d+$)"
)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")


def _first_page(url: str) -> str:
    return _PAGE.sub("", boards.canonical(url))


def _first_of_each(links: list[Link], key: Callable[[Link], str]) -> list[Link]:
    found: dict[str, Link] = {}
    for link in links:
        found.setdefault(key(link), link)
    return list(found.values())


def _name(tag: Tag) -> str | None:
    """Return a link's text; that of a picture is its alternative."""
    shown = words(tag, 300)
    if shown:
        return shown
    image = tag.find("img")
    return text_or_none(attribute(image, "alt") or attribute(image, "title"), 300)


def _has_letter(tag: Tag) -> bool:
    return any(map(str.isalnum, words(tag, 80) or ""))


def _is_headline(tag: Tag) -> bool:
    return any(each.name in {"h1", "h2", "h3"} or "maintitle" in classes(each) for each in [tag, *ancestors(tag, 2)])


def _nearest_row(tag: Tag) -> Tag | None:
    return next((above for above in ancestors(tag, 10) if above.name in _ROWS), None)


def _cells(row: Tag) -> int:
    return sum(isinstance(each, Tag) and each.name in {"td", "th"} for each in row.children)


def _has_figures(row: Tag, title_: Tag) -> bool:
    whole, name = words(row, 2000) or "", words(title_) or ""
    return any(map(str.isdigit, whole.replace(name, "", 1)))


def _shape(href: str) -> tuple[int, str, str, bool]:
    """Return the form of an address: how deep, how it ends, what it asks for, whether it is numbered."""
    parts = urlsplit(boards.canonical(href) if "//" in href[:8] else href)
    segments = [each for each in parts.path.split("/") if each]
    last = segments[-1] if segments else ""
    ending = "/" if parts.path.endswith("/") else last.rpartition(".")[2] if "." in last else ""
    asks = ",".join(re.findall(r"([^&;=]+)=", parts.query))
    return len(segments), ending, asks, any(map(str.isdigit, last))


def _ending(href: str) -> str:
    return urlsplit(href).path.rstrip("/").rpartition("/")[2]


def _is_redirect(row: Tag, title_: Tag) -> bool:
    """Tell whether a row's icon says that it leads away: such a row is a link and no board."""
    for tag in [row, *islice(row.descendants, 25)]:
        if tag is title_:
            return False
        if not isinstance(tag, Tag) or tag.name not in _ICONS:
            continue
        signs = " ".join(attribute(tag, name) for name in ("class", "src", "style", "id"))
        if re.search(r"forum[-_]?(?:off)?link|redirect|board_link", signs, re.IGNORECASE):
            return True
    return False


def _in_path(tag: Tag) -> bool:
    """Tell whether a link stands in the path at a page's top: what the page is part of."""
    around = " ".join(f"{attribute(each, 'class')} {attribute(each, 'id')}" for each in ancestors(tag, 9)).lower()
    return bool(re.search(r"bread|crumb|navbit|\bnav\b|navlinks|linktree|navigat|nav_?bar", around)) and not re.search(
        r"jump|menu|popup|drop|\bsub-?nav", around
    )


def _from_title(tree: Tag) -> str | None:
    """Return the name of a board from the title of its page: without the forum's name and what kind of page it is."""
    whole = title(tree) or ""
    pieces = [each for each in _SEPARATORS.split(whole) if each]
    site = meta(tree, "og:site_name")
    kept = [each for each in pieces if each != site and not re.search(r"^\w+ \d+$", each)]
    return text_or_none(kept[0] if kept else whole)


def plan(base_url: str) -> list[Request]:
    """Return the request for the index of a forum."""
    return [Request(url=f"{base_url.rstrip('/')}/", accept=HTML, note="index")]


def read(page: Page, engine: Engine, base_url: str) -> Iterator[Listing | Request]:
    """Yield the forum, if the page is its index, its boards, and requests for pages of boards with unnamed sub-boards."""
    reading = Reading(page, engine)
    found = reading.found()
    if page.request.note == "index":
        yield boards.forum(engine.platform, base_url, _forum_name(reading.tree), **engine.totals(reading.tree))
    elif found.own:
        yield found.own
    yield from found.listings
    depth = _DEPTHS.get(page.request.note)
    if depth:
        yield from (Request(url=url, accept=HTML, note=depth) for url in found.hiding[:_MOST_HIDING])


def _forum_name(tree: Tag) -> str | None:
    return meta(tree, "og:site_name") or _from_title(tree)


HTML = "text/html,application/xhtml+xml"
_DEPTHS = {"index": "boards", "boards": "boards below"}
"""What the pages are called that a page of each name asks for: no board is sought more than two pages below the index."""
_MOST_HIDING = 40
