"""The page of one board: whether a page is one, what the board is called, and what it is part of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bs4 import Tag

from crawlers import boards, rows
from crawlers.classic.links import first_page, has_letter, in_path, is_headline, path_of
from crawlers.contract import NoList
from crawlers.markup import classes, meta, title, words
from crawlers.parsing import text_or_none

if TYPE_CHECKING:
    from crawlers.classic.links import Link
    from crawlers.classic.scan import Scan
    from venues.model import Listing

_DESCRIPTIONS = frozenset(
    {"description", "description_board", "forum-description", "forum_description", "forumdesc", "forum-desc"}
)
_DESCRIBED = re.compile(r"class=[\"'][^\"'<>]{0,40}\b(?:" + "|".join(_DESCRIPTIONS) + r")[\"' ]")
_SEPARATORS = re.compile(r"\s+(?:[-–—|•·»:]|::|&bull;)\s+")
_SHOWS = re.compile(
    r"(?:view ?forum|forum anzeigen|voir le forum|ver foro|visualizza forum|forum bekijken|zobacz forum"
    r"|просмотр форума)",
    re.IGNORECASE,
)
"""What phpBB writes before a board's name."""
_NOT_FIRST = re.compile(r"#|[?&;](?:start|page|order)=")


def refuse_others(scan: Scan) -> None:
    """Raise NoList for a page without titles that is neither an index nor one board's."""
    other = boards.by_address(scan.page.url) or boards.by_body(scan.text)
    if scan.at_thread or (not scan.marks_threads and scan.engine.posts.search(scan.text)):
        raise NoList(scan.page.url, boards.THREAD)
    if other and not scan.at_board:
        raise NoList(scan.page.url, other)


def own_board(scan: Scan, titles: list[Link]) -> Listing | None:
    """Return the board whose threads the page lists, if it is such a page."""
    if scan.at_thread or scan.page.request.note == "index":
        return None
    is_page = scan.at_board or bool(scan.engine.own_page.search(scan.text))
    if scan.marks_threads:
        return made_of_page(scan) if is_page or not titles else None
    # Rows of boards name the threads of their last posts.
    threads = sum(link.leads_to == rows.THREAD for link in scan.links)
    is_list = threads > 2 or scan.engine.own_page.search(scan.text)
    return made_of_page(scan) if is_page and is_list and not titles else None


def made_of_page(scan: Scan) -> Listing | None:
    """Return the listing of the board or category whose page it is."""
    links = _links_to_page(scan)
    headline = next((each for each in links if is_headline(each.tag)), None)
    step = next((each for each in reversed(links) if in_path(each.tag)), None)
    link = headline or step or _shorter(links, scan)
    named = headline.tag if headline else scan.engine.own_title(scan.tree) or (step.tag if step else None)
    name = words(named, 300) or name_from_title(scan.tree)
    url = scan.address(link.href) if link else first_page(scan.page.url)
    if not name or not url:
        return None
    trail = boards.nested(*(each for each in _trail(scan, url) if each != name))
    return boards.board(scan.engine.platform, url, name, parent=trail, description=_description(scan))


def _shorter(links: list[Link], scan: Scan) -> Link | None:
    """Return a link to the first page of what the page is a later one of."""
    found = [each for each in links if scan.page.url.startswith(scan.address(each.href) or scan.page.url + "?")]
    return min(found, key=lambda each: len(each.href), default=None)


def _links_to_page(scan: Scan) -> list[Link]:
    """Return the page's links to itself: in its path, in its headline."""
    at = scan.key(path_of(scan.page.url) if scan.at_board else first_page(scan.page.url))
    kinds = {rows.BOARD} if scan.at_board else {rows.BOARD, rows.OTHER}
    links = (link for link in scan.links if link.leads_to in kinds and scan.key_of(link) == at)
    return [link for link in links if not _NOT_FIRST.search(link.href) and has_letter(link.tag)]


def _trail(scan: Scan, url: str) -> list[str]:
    """Return the names of what contains the page's board, from the path at its top."""
    here = scan.key(url)
    names: dict[str, str] = {}
    for link in scan.links[:200]:
        if link.leads_to == rows.BOARD and scan.key_of(link) != here and in_path(link.tag):
            name = words(link.tag, 200)
            if name:
                names.setdefault(scan.key_of(link), name)
    return list(names.values())[:5]


def _description(scan: Scan) -> str | None:
    """Return what is said of the board above its threads; forms below have elements of the same class."""
    if not _DESCRIBED.search(scan.text):
        return None
    end = next((id(link.tag) for link in scan.links if link.mark == rows.THREAD), 0)
    for tag in scan.tree.descendants:
        if id(tag) == end:
            break
        if isinstance(tag, Tag) and tag.name in {"p", "div", "span"} and not _DESCRIPTIONS.isdisjoint(classes(tag)):
            return words(tag)
    return None


def name_from_title(tree: Tag) -> str | None:
    """Return what the title of a page names, without the forum's name and the number of the page."""
    whole = title(tree) or ""
    site = meta(tree, "og:site_name")
    pieces = [each for each in _SEPARATORS.split(whole) if each and each != site]
    kept = [each for each in pieces if not re.fullmatch(r"\w+ \d+", each)]
    said = next((at for at, each in enumerate(kept[:-1]) if _SHOWS.fullmatch(each)), -1)
    kept = kept[said + 1 :]
    return text_or_none(kept[0] if kept else whole)
