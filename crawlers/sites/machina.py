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
from crawlers.by_class import ByClass, outermost
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.django_times import django_time
from crawlers.markup import ancestors, classes, language, link, soup, words
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
        found = ByClass(tree, most=None)
        if page.request.note == INDEX and (brand := words(found.first("navbar-brand"))):
            yield forum(self.about.platform, self.base_url, brand, language=language(tree), **_totals(found))
        trail = [words(each, 200) for each in found.all("breadcrumb-item")[1:20]]
        # The page of a category holds boards alone, and that of a thread is below a board.
        itself = trail[-1] if trail and found.first("forum-actions-block") and not _THREAD.search(page.url) else None
        rows = found.all("forum-name")
        if not rows and not itself:
            raise _nothing(page, tree, empty=bool(found.first("forumlist")))
        if itself and page.request.note != BOARDS:
            yield board(self.about.platform, page.url, itself, parent=nested(*trail[:-1]))
        for row in outermost(rows):
            yield from self._read_row(page, row, trail)

    def _read_row(self, page: Page, row: Tag, trail: list[str | None]) -> Iterator[Listing | Request]:
        facts = ByClass(row.parent or row)
        anchor = facts.first("forum-name-link")
        name, url = words(anchor, 300), link(page, anchor)
        if not name or not url or facts.first("link"):
            return  # a board that is a link leads away from the forum
        above = nested(*trail, _card(row))
        yield board(self.about.platform, url, name, parent=above, **_facts(facts, page))
        below = facts.first("sub-forums")
        inner = below.find_all("a") if below else []
        for each in inner:
            title, address = words(each, 300), link(page, each)
            if title and address:
                yield board(self.about.platform, address, title, parent=nested(above, name))
        if inner and page.request.note:
            yield Request(url=url, accept="text/html", note=BOARDS, tolerates=_CLOSED)


def _nothing(page: Page, tree: Tag, *, empty: bool) -> NoList:
    return NoList(page.url, "shows no board to guests") if empty else no_list(page.url, tree, _THREAD)


def _card(row: Tag) -> str | None:
    """Return the category whose card a board is on; the card of boards without one has a heading and no link."""
    card = next((each for each in ancestors(row) if "forumlist" in classes(each)), None)
    heading = card.find("h3") if card else None
    return words(heading.find("a")) if heading else None


def _facts(facts: ByClass, page: Page) -> dict[str, Any]:
    counts = [count_or_none(words(each)) for each in facts.all("forum-count")[:2]]
    last = facts.first("forum-last-post")
    return {
        "description": words(facts.first("forum-description")),
        "topics": counts[0] if len(counts) == 2 else None,
        "posts": counts[1] if len(counts) == 2 else None,
        # Beside the time stands who wrote it: only the time is read.
        "last_post_at": django_time(words(last.find("small")), page.fetched_at) if last else None,
    }


def _totals(found: ByClass) -> dict[str, Any]:
    """Return what the foot of the index says of the whole: posts, then topics."""
    told = found.first("statistics")
    figures = [count_or_none(words(each)) for each in told.find_all("b", limit=3)] if told else []
    return {"posts": figures[0], "topics": figures[1]} if len(figures) == 2 else {}
