"""bbPress, the forum plugin of WordPress (and bbPress 1, which stood alone), by the page that lists the forums.

Settings: `base_url`, the address of that page, such as https://site.example/forums. The plugin has no API of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bs4 import Tag

from crawlers.boards import THREAD, board, forum, no_list, once
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.linktables import rows_of
from crawlers.markup import ancestors, attribute, base_of, classes, link, soup, title, words
from crawlers.nodes import Node, beside, figures, listings_of, moment, topics_and_posts
from crawlers.parsing import count_or_none
from crawlers.parts import Parts, all_of, first, links, same_site, within
from crawlers.times import times_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawlers.times import Times
    from venues.model import Area, Listing

_INDEX, _INNER = "index", "category"
_MOST_INNER = 30
_THREADS = re.compile(r"[/?&](topic|reply)[/=]|/topics?/", re.IGNORECASE)
_PEOPLE = re.compile(r"/(users?|members?|profile|author)/", re.IGNORECASE)
_PAGE = re.compile(r"/page/\d+/?$|[?&](paged|view|subscribe|action)=[^&]*", re.IGNORECASE)
_COUNTED = re.compile(r"\s*\((\d[\d.,]{0,12}?)(?:,\s+(\d[\d.,]{0,12}))?\)[\s,]*$")
"""How many topics and replies a board within a board has: "Allotments (12, 1,345)"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BbPress:
    """The forums of one site."""

    base_url: str

    about: ClassVar[About] = About(
        platform="bbpress",
        website="https://bbpress.org",
        terms="Each site has its own; the software sets none.",
        official_api=False,
        how="the HTML page that lists the forums",
        limits=f"one page, and up to {_MOST_INNER} forums that only hold forums",
        marks=(
            Mark("markup", r"id=[\"']bbpress-forums[\"']"),
            Mark("markup", r"class=[\"'][^\"']*\bbbp-(forums|topics|replies|body|forum-title|topic-permalink)\b"),
            Mark("markup", r"<body[^>]{0,300}class=[\"'][^\"']*\bbbpress\b"),
            Mark("generator", r"bbPress"),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a site lists all its forums
        """Ask for the list of forums."""
        yield Request(url=self.base_url, accept="text/html", note=_INDEX)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the forums of a page; one that shows a forum's topics lists that forum and those within it."""
        tree = soup(page)
        base, parts = base_of(page, tree), Parts(tree)
        own = self._own(page, tree, parts, base)
        nodes = [*_second(parts, times_of(page.text, page.fetched_at, parts.language)), *_first(parts)]
        above = own[0].title if own else None
        boards = once([*own, *listings_of(self.about.platform, page, base, nodes, above, _plain)])
        if page.request.note == _INDEX:
            yield forum(self.about.platform, self.base_url, _name(tree, parts), language=parts.language)
            inner = _inner(page, parts, base)[:_MOST_INNER]
            yield from (Request(url=url, accept="text/html", note=_INNER) for url in inner)
        if not boards:
            is_thread = parts.first("bbp-replies", "bbp-reply-content") is not None
            raise NoList(page.url, THREAD) if is_thread else no_list(page.url, tree, _THREADS)
        yield from boards

    def _own(self, page: Page, tree: Tag, parts: Parts, base: str) -> list[Listing]:
        """Return the forum whose topics the page lists, if it does."""
        forums = parts.by_id("bbpress-forums")
        if parts.first("single-forum") is None and not (forums and _shows_topics(page, forums)):
            return []
        name, url = _heading(tree, parts, forums), _plain(parts.canonical(page, base))
        if name is None or url is None:
            return []
        children = (each for each in forums.children if isinstance(each, Tag)) if forums else ()
        told = next((each for each in children if "bbp-forum-content" in classes(each)), None)
        counts = _counts_told(first(forums, "bbp-forum-description"))
        return [board(self.about.platform, url, name, description=words(told), **topics_and_posts(counts))]


def _second(parts: Parts, times: Times) -> Iterator[Node]:
    """Read the forums that the plugin lists, as lists (from 2.1) or as rows of a table (2.0)."""
    for named, row in _rows(parts):
        told = first(row, "bbp-forum-content", "bbp-forum-description")
        counts = figures(all_of(row, "bbp-forum-topic-count", "bbp-forum-reply-count")[:2])
        last = moment(first(row, "bbp-forum-freshness"), times)
        yield Node(named, None, {"description": words(told), "last_post_at": last, **topics_and_posts(counts)})
        for each in _listed(row):
            yield _below(each, words(named, 300))


def _rows(parts: Parts) -> Iterator[tuple[Tag, Tag]]:
    """Yield each forum's link with its entry; a theme may have left nothing but the class of the entry itself."""
    found = [(each, _row(each)) for each in parts.all("bbp-forum-title") if each.name == "a"]
    if not any(row for _, row in found):
        entries = [each for each in parts.all("type-forum", "bbp-forum-info") if _is_listed(each)]
        found = [(named, each) for each in entries if (named := _named(each)) is not None]
    yield from ((named, row) for named, row in found if row is not None and not beside(row))


def _is_listed(entry: Tag) -> bool:
    """Tell an entry of a list from the whole page of a forum, which WordPress gives the same class."""
    return any(attribute(each, "id") == "bbpress-forums" for each in ancestors(entry))


def _named(entry: Tag) -> Tag | None:
    return next((each for each in links(entry, 10) if words(each) and _plain(attribute(each, "href"))), None)


def _row(named: Tag) -> Tag | None:
    """Return the whole of a forum's entry; a link of this class outside one is a widget's, and may be a topic."""
    info = next((each for each in ancestors(named, 6) if "bbp-forum-info" in classes(each)), None)
    for each in ancestors(info or named, 6):
        if attribute(each, "id").startswith("bbp-forum-") or "type-forum" in classes(each):
            return each
    return info.parent if info else None


def _listed(row: Tag) -> list[Tag]:
    """Return the links to the forums within one."""
    return links(first(row, "bbp-forums-list"))


def _below(named: Tag, parent: str | None) -> Node:
    text = words(named, 300) or ""
    counted = _COUNTED.search(text)
    counts = [count_or_none(each) for each in counted.groups()] if counted else []
    return Node(named, parent, topics_and_posts(counts), _COUNTED.sub("", text) or None)


def _inner(page: Page, parts: Parts, base: str) -> list[str]:
    """Return the addresses of forums that hold nothing but forums, and do not show which."""
    hidden = [named for named, row in _rows(parts) if "status-category" in classes(row) and not _listed(row)]
    found = [url for url in (link(page, each, base) for each in hidden) if url and same_site(url, base)]
    return [address for address in map(_plain, found) if address]


def _first(parts: Parts) -> Iterator[Node]:
    """Read the forums of bbPress 1."""
    for row in rows_of(links(parts.by_id("forumlist")), lambda href: not _THREADS.search(href)):
        told = (words(next(iter(within(row.cell, "small")), None)) or "").lstrip("–- ") or None
        yield Node(row.link, None, {"description": told, **topics_and_posts(row.counts)})


def _plain(url: str) -> str | None:
    """Return a forum's address without the page that a link asks for; None for other addresses."""
    if _THREADS.search(url) or _PEOPLE.search(url):
        return None
    cut = _PAGE.sub("", url)
    return cut if "?" in cut or cut.endswith("/") or cut == url else cut + "/"


def _shows_topics(page: Page, forums: Tag) -> bool:
    """Tell a forum's own page from other lists of topics: of a person, a tag, a search or the whole site."""
    listed = first(forums, "bbp-topics")
    if listed is None or _PEOPLE.search(page.url) or _THREADS.search(page.url):
        return False
    return re.fullmatch(r"bbp-forum-[1-9]\d*", attribute(listed, "id")) is not None


def _heading(tree: Tag, parts: Parts, forums: Tag | None) -> str | None:
    titled = parts.first("bbp-breadcrumb-current", "entry-title", "page-title", "post-title")
    if titled is None and forums is not None:
        titled = forums.find_previous(["h1", "h2"])
    shown = title(tree)
    return words(titled, 300) or (re.split(r" [~–|»-] ", shown)[0] if shown else None)


def _counts_told(told: Tag | None) -> list[int | None]:
    """Return the topics and replies of "This forum has 591 topics and 1,944 replies, last updated by ..."."""
    bold = re.findall(r"\d[\d.,]{0,12}", (words(told, 200) or "").replace("\u00a0", ""))
    return [count_or_none(each.rstrip(".,")) for each in bold[:2]] if len(bold) >= 2 else []


def _name(tree: Tag, parts: Parts) -> str | None:
    shown = title(tree)
    return parts.meta("og:site_name") or (re.split(r" [~–|»-] ", shown)[-1] if shown else None)
