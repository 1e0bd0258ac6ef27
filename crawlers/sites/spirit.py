"""Spirit forums, by the HTML of their front page, whose menu names the categories, and of each category's page.

Settings: `base_url` (the root of the forum). Descriptions and counts are shown nowhere; the last post is that of the
newest topic shown. Spirit's own /category/ is an empty shell with status 200: it is never asked for, and says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import board, forum, nested, no_list
from crawlers.by_class import ByClass, outermost
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.django_times import django_time
from crawlers.markup import attribute, link, meta, soup, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bs4 import Tag

    from venues.model import Area, Listing

INDEX = "index"
_IN = "in "
_BOARD = re.compile(r"/category/\d+/")
_THREAD = re.compile(r"/topic/\d+/")
_CLOSED = frozenset({403, 404, 410})
"""What a category that has gone answers: no reason to take the rest of the forum for closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spirit:
    """The categories of one Spirit forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="spirit",
        website="https://github.com/nitely/Spirit",
        terms="None are common to all forums; each forum's own, and its robots.txt.",
        official_api=False,
        how="HTML, the menu of the front page and the page of each category",
        marks=(Mark("markup", r"/spirit/(scripts|stylesheets)/|class=\"spirit_wrapper\"|github\.com/nitely/Spirit"),),
    )

    def plan(self, area: Area | None) -> Iterator[Request]:  # noqa: ARG002 - the front page cannot be asked for a place
        """Ask for the front page."""
        yield Request(url=f"{self.base_url.rstrip('/')}/", accept="text/html", note=INDEX)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the menu of categories, or the page of one; in a crawl, ask for the page of each that is new."""
        if page.status in _CLOSED:
            return
        tree = soup(page)
        found = ByClass(tree, most=None)
        menu = found.first("layout__menu")
        if menu is None:
            raise _nothing(page, tree)
        times = _times(page, found)
        above = None
        if _BOARD.search(urlsplit(page.url).path):
            above = page.request.note.removeprefix(_IN) or None
            name = words(found.first("dropdown_button"))
            if name is None:
                raise _nothing(page, tree)
            yield board(self.about.platform, page.url, name, parent=above, last_post_at=times.get(page.url))
            above = nested(above, name)
        elif page.request.note == INDEX:
            name = words(found.first("header__logo"))
            yield forum(self.about.platform, self.base_url, name, description=meta(tree, "description"))
        yield from self._read_menu(page, menu, above, times)

    def _read_menu(
        self, page: Page, menu: Tag, above: str | None, times: dict[str, datetime]
    ) -> Iterator[Listing | Request]:
        found = False
        for anchor in outermost(menu.find_all("a", class_="menu_list__link")):
            name, url = words(anchor, 300), link(page, anchor)
            if not name or not url or not _BOARD.search(url) or (above and _leads_up(anchor)):
                continue
            found = True
            # At the front page a category's newest topic may be of one below it: its own page tells which.
            crawled = bool(page.request.note)
            yield board(self.about.platform, url, name, parent=above, last_post_at=None if crawled else times.get(url))
            if crawled:
                yield Request(url=url, accept="text/html", note=f"{_IN}{above or ''}", tolerates=_CLOSED)
        if not found and not _BOARD.search(page.url):
            raise NoList(page.url, "shows no category to guests")


def _leads_up(anchor: Tag) -> bool:
    """Tell "All Subcategories", the last link of the menu of a category that is in another, which leads back there."""
    item = anchor.find_parent("li")
    return item is not None and item.find_next_sibling("li") is None


def _times(page: Page, found: ByClass) -> dict[str, datetime]:
    """Return when the newest topic shown of each category was last written in."""
    newest: dict[str, datetime] = {}
    for place, date in zip(found.all("topic__category"), found.all("topic__date"), strict=False):
        url = link(page, place.find("a"))
        when = django_time(attribute(date, "title"), page.fetched_at)
        if url and when:
            newest[url] = max(when, newest.get(url, when))
    return newest


def _nothing(page: Page, tree: Tag) -> NoList:
    if tree.find("body") is None or not words(tree.find("body")):
        return NoList(page.url, "is an empty shell: Spirit names its categories in the menu of the front page")
    return no_list(page.url, tree, _THREAD)
