"""One page of a forum, looked through once: its links, what they lead to, and the categories they stand in."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from bs4 import Tag

from crawlers import rows
from crawlers.boards import canonical
from crawlers.classic.engine import SUB, TITLE
from crawlers.classic.links import ACTION, Link, host_of, name_of, path_of
from crawlers.markup import attribute, base_of, language, soup, words
from crawlers.parsing import absolute, url_or_none
from crawlers.times import times_of

if TYPE_CHECKING:
    from crawlers.classic.engine import Engine
    from crawlers.contract import Page

_MOST_HEADINGS = 1000
_BESIDE = re.compile(r"[\w-]{1,40}\.php(?:\?[\w=&;.,%+-]{0,200})?", re.ASCII)


class Scan:
    """What a page holds before anything is made of it."""

    def __init__(self, page: Page, engine: Engine) -> None:
        """Parse the page. Raises PageChanged where it is no HTML."""
        self.page = page
        self.engine = engine
        self.text = page.text
        self.tree = soup(page)
        self.base = base_of(page, self.tree)
        self.folder = absolute(self.base, ".") or self.base
        self.times = times_of(self.text, page.fetched_at, language(self.tree))
        self.links = self._links()
        self.host = self._host()
        self._by_tag = {id(link.tag): link for link in self.links}

    def _links(self) -> list[Link]:
        links: list[Link] = []
        heading: str | None = None
        headings = 0
        engine = self.engine
        for tag in self.tree.descendants:
            if not isinstance(tag, Tag):
                continue
            if tag.name == "a":
                href = attribute(tag, "href").strip()
                if href and href[0] != "#" and not href.startswith(("javascript:", "mailto:")):
                    links.append(Link(tag, href, self.leads_to(href), engine.mark(tag), heading, len(links)))
            elif tag.name in engine.heads and headings < _MOST_HEADINGS:
                text = engine.heading(tag)
                if text is not None:
                    headings += 1
                    heading = text or None
        return links

    def _host(self) -> str:
        """Return the host of the forum: the page's own, or that of all its boards, for a page kept in another place."""
        here = host_of(self.base)
        hosts = Counter(host_of(link.href) or here for link in self.links if link.mark == TITLE)
        hosts = hosts or Counter(host_of(link.href) or here for link in self.links if link.leads_to == rows.BOARD)
        return here if here in hosts or not hosts else hosts.most_common(1)[0][0]

    def leads_to(self, href: str) -> str:
        """Return what an address leads to, by its form."""
        engine = self.engine
        if engine.board.search(href) and not ACTION.search(href):
            return rows.BOARD
        if engine.thread.search(href):
            return rows.THREAD
        return rows.PERSON if engine.people.search(href) else rows.OTHER

    def kind_of(self, tag: Tag) -> str:
        """Return what one of the page's links leads to."""
        link = self._by_tag.get(id(tag))
        if link is None:
            return rows.OTHER
        return rows.BOARD if link.mark == SUB and link.leads_to == rows.OTHER else link.leads_to

    def address(self, href: str) -> str | None:
        """Return a link's whole address; those that are whole, or lie beside the page, are not taken apart."""
        if _BESIDE.fullmatch(href):
            return self.folder + href
        return url_or_none(href) if href.startswith(("http://", "https://")) else absolute(self.base, href)

    def key(self, href: str) -> str:
        """Return what makes two addresses those of one board."""
        match = self.engine.board.search(href)
        number = next((each for each in match.groups() if each), None) if match else None
        if number:
            return number
        whole = self.address(href)
        return canonical(whole) if whole else href

    def key_of(self, link: Link) -> str:
        """Return the key of a link's address, found once."""
        link.key = link.key or self.key(link.href)
        return link.key

    def is_here(self, href: str) -> bool:
        """Tell whether an address is one of this forum's host."""
        return "//" not in href[:8] or href.startswith(self.folder) or host_of(href) == self.host

    def may_be_board(self, link: Link) -> bool:
        """Tell whether nothing speaks against a link's leading to a board."""
        if link.leads_to in {rows.THREAD, rows.PERSON} or ACTION.search(link.href):
            return False
        # A picture may be a title; below a title it is an advertisement.
        shown = name_of(link.tag) if link.mark == TITLE else words(link.tag, 80)
        return self.is_here(link.href) and any(map(str.isalnum, shown or ""))

    @property
    def at_board(self) -> bool:
        """Whether the page's own address is that of a board."""
        return bool(self.engine.board.search(path_of(self.page.url)))

    @property
    def at_thread(self) -> bool:
        """Whether the page's own address is that of a thread."""
        return self.leads_to(path_of(self.page.url)) == rows.THREAD

    @property
    def marks_threads(self) -> bool:
        """Whether the engine's markup shows threads."""
        return any(link.mark == rows.THREAD for link in self.links)
