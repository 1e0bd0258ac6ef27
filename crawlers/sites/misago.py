"""Misago forums, by the HTML list of their categories.

Settings: `base_url` (the root of the forum). Its robots.txt forbids /api/, although that answers: only /categories/ and
the pages of deep categories are asked for. The counts of a category are those of all that is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import board, forum, nested, no_list
from crawlers.by_class import ByClass, outermost
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.django_times import django_time
from crawlers.markup import attribute, language, link, meta, soup, words
from crawlers.parsing import count_or_none, date_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import Tag

    from venues.model import Area, Listing

INDEX = "index"
_IN = "in "
_BOARD = re.compile(r"/c/[^/]+/\d+/?$")
_THREAD = re.compile(r"/t/[^/]+/\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Misago:
    """The categories of one Misago forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="misago",
        website="https://misago-project.org",
        terms="None are common to all forums; each forum's own, and its robots.txt.",
        official_api=False,
        how="HTML, /categories/ and the pages of categories three levels deep",
        limits="never /api/, which its robots.txt forbids",
        marks=(
            Mark("markup", r"\bmisago\.init\(|id=\"misago-(container|navbar)\"|\bmisago_csrf\b"),
            Mark("path", "/categories/", r"\bmisago\.init\("),
        ),
    )

    def plan(self, area: Area | None) -> Iterator[Request]:  # noqa: ARG002 - the list cannot be asked for a place
        """Ask for the list of categories."""
        yield Request(url=f"{self.base_url.rstrip('/')}/categories/", accept="text/html", note=INDEX)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the list of categories, or the page of one; ask for the pages of those that the list only names."""
        if page.status in _CLOSED:
            return
        tree = soup(page)
        if _BOARD.search(urlsplit(page.url).path):
            yield from self._read_board(page, tree)
            return
        if tree.find(class_="page-categories") is None:
            if tree.find(class_="page-threads") is not None:
                raise NoList(page.url, "is a list of the newest threads of all boards")
            raise no_list(page.url, tree, _THREAD)
        if page.request.note == INDEX:
            name = meta(tree, "og:site_name") or words(tree.find(class_="navbar-branding-text"))
            yield forum(self.about.platform, self.base_url, name, language=language(tree))
        families = tree.find_all("ul", class_="list-group-category")
        if not families:
            raise NoList(page.url, "shows no category to guests")
        for family in outermost(families):
            yield from self._read_family(page, family)

    def _read_family(self, page: Page, family: Tag) -> Iterator[Listing | Request]:
        """Read a top category with all below it; the third level is there by name only."""
        top: str | None = None
        for row in outermost(family.find_all("li", class_="list-group-item")):
            told = ByClass(row)
            heading = told.first("media-heading")
            anchor = heading.find("a") if heading else None
            name, url = words(anchor, 300), link(page, anchor)
            if name and url:
                yield board(self.about.platform, url, name, parent=top, **_facts(told))
                yield from self._read_links(page, told.all("btn-subcategory"), nested(top, name))
            top = top or name

    def _read_links(self, page: Page, anchors: Iterable[Tag], parent: str | None) -> Iterator[Listing | Request]:
        """Read the categories below one that are there by name only, and ask for the page of each."""
        for anchor in anchors:
            name, url = words(anchor.find(class_="icon-text") or anchor, 300), link(page, anchor)
            if name and url:
                yield board(self.about.platform, url, name, parent=parent)
                if page.request.note:
                    yield Request(url=url, accept="text/html", note=f"{_IN}{parent or ''}", tolerates=_CLOSED)

    def _read_board(self, page: Page, tree: Tag) -> Iterator[Listing | Request]:
        name = words(tree.find("h1"))
        if name is None or tree.find(class_="page-threads") is None:
            raise no_list(page.url, tree, _THREAD)
        parent = page.request.note.removeprefix(_IN) or None
        threads = tree.find_all(class_="threads-list-item-last-activity")
        times = [django_time(attribute(each, "title"), page.fetched_at) for each in threads]
        yield board(
            self.about.platform,
            page.url,
            name,
            parent=parent,
            description=words(tree.find(class_="page-header-message")),
            last_post_at=max((time for time in times if time), default=None),
        )
        yield from self._read_links(page, tree.find_all("a", class_="subcategory"), nested(parent, name))


_CLOSED = frozenset({403, 404, 410})
"""What a category that is for members answers: no reason to take the rest of the forum for closed."""


def _facts(told: ByClass) -> dict[str, Any]:
    last = told.first("category-last-thread-date")
    return {
        "description": words(told.first("category-description")),
        "topics": count_or_none(words(told.first("category-stat-threads"))),
        "posts": count_or_none(words(told.first("category-stat-posts"))),
        "last_post_at": date_or_none(attribute(last.find("a"), "misago-timestamp")) if last else None,
    }
