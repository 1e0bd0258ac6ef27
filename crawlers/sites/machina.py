"""Forums of django-machina, by the HTML of their index and of each board that has boards in it.

Settings: `base_url` (the address of the forum's index: a site puts it where it likes, "/forum" for one). The index
shows two levels, and so does the page of a board: deeper ones are found by going down. The counts and the last post of
a board are those of all that is in it. Its RSS feeds tell of topics and who began them, and nothing more of boards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.boards import board, forum, nested, no_list
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.django_times import django_time
from crawlers.markup import language, link, soup, words
from crawlers.parsing import count_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4 import Tag

    from venues.model import Area, Listing

INDEX = "index"
BOARDS = "boards in a board"
_CLOSED = frozenset({403, 404, 410})
"""What a board that is for members answers: no reason to take the rest of the forum for closed."""
_THREAD = re.compile(r"/forum/[^/]+-\d+/topic/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machina:
    """The boards of one django-machina forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="machina",
        website="https://django-machina.readthedocs.io",
        terms="None are common to all forums; each forum's own, and its robots.txt.",
        official_api=False,
        how="HTML, the forum's index at a path of its own and the pages of boards that hold boards",
        marks=(Mark("markup", r"\bmachina\.(board_theme|packages)\b|\bmachina\.init\(\)"),),
    )

    def plan(self, area: Area | None) -> Iterator[Request]:  # noqa: ARG002 - the index cannot be asked for a place
        """Ask for the index."""
        yield Request(url=f"{self.base_url.rstrip('/')}/", accept="text/html", note=INDEX)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the boards of the index or of a board, and ask for the pages of those that hold further ones."""
        if page.status in _CLOSED:
            return
        tree = soup(page)
        if page.request.note == INDEX and (brand := words(tree.find(class_="navbar-brand"))):
            yield forum(self.about.platform, self.base_url, brand, language=language(tree), **_totals(tree))
        trail = [words(each, 200) for each in tree.select("ol.breadcrumb > li.breadcrumb-item")[1:20]]
        itself = _has_threads(page, tree)
        rows = tree.find_all(class_="forum-name")
        if not rows and not itself:
            raise self._nothing(page, tree)
        if itself and trail[-1:] != [None] and page.request.note != BOARDS:
            yield board(self.about.platform, page.url, str(trail[-1]), parent=nested(*trail[:-1]))
        for row in rows:
            yield from self._read_row(page, row, trail)

    def _read_row(self, page: Page, row: Tag, trail: list[str | None]) -> Iterator[Listing | Request]:
        anchor = row.find("a", class_="forum-name-link")
        name, url = words(anchor), link(page, anchor)
        if not name or not url or row.find(class_="link"):
            return  # a board that is a link leads away from the forum
        above = nested(*trail, _card(row))
        yield board(self.about.platform, url, name, parent=above, **_facts(row, page))
        below = row.find(class_="sub-forums")
        inner = below.find_all("a") if below else []
        for each in inner:
            title, address = words(each), link(page, each)
            if title and address:
                yield board(self.about.platform, address, title, parent=nested(above, name))
        if inner and page.request.note:
            yield Request(url=url, accept="text/html", note=BOARDS, tolerates=_CLOSED)

    def _nothing(self, page: Page, tree: Tag) -> NoList:
        if tree.find(class_="forumlist"):
            return NoList(page.url, "shows no board to guests")
        return no_list(page.url, tree, _THREAD)


def _has_threads(page: Page, tree: Tag) -> bool:
    """Tell the page of a board from that of a category, which holds boards alone, and from that of a thread."""
    inside = len(tree.select("ol.breadcrumb > li.breadcrumb-item")) > 1
    return inside and tree.find(class_="forum-actions-block") is not None and not _THREAD.search(page.url)


def _card(row: Tag) -> str | None:
    """Return the category whose card a board is on; the card of boards without one has a heading and no link."""
    card = row.find_parent(class_="forumlist")
    heading = card.find(class_="card-title") if card else None
    return words(heading.find("a")) if heading else None


def _facts(row: Tag, page: Page) -> dict[str, Any]:
    whole = row.parent
    counts = [count_or_none(words(each)) for each in whole.find_all(class_="forum-count", limit=2)] if whole else []
    last = whole.find(class_="forum-last-post") if whole else None
    return {
        "description": words(row.find(class_="forum-description")),
        "topics": counts[0] if len(counts) == 2 else None,
        "posts": counts[1] if len(counts) == 2 else None,
        # Beside the time stands who wrote it: only the time is read.
        "last_post_at": django_time(words(last.find("small")), page.fetched_at) if last else None,
    }


def _totals(tree: Tag) -> dict[str, Any]:
    """Return what the foot of the index says of the whole: posts, then topics."""
    told = tree.find(class_="statistics")
    figures = [count_or_none(words(each)) for each in told.find_all("b", limit=3)] if told else []
    return {"posts": figures[0], "topics": figures[1]} if len(figures) == 2 else {}
