"""Which of a page's links are titles of boards."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crawlers import rows
from crawlers.boards import by_address
from crawlers.classic.engine import TITLE
from crawlers.classic.links import ending, has_letter, name_of, names_aside, nearest_row, shape
from crawlers.markup import ancestors, words

if TYPE_CHECKING:
    from bs4 import Tag

    from crawlers.classic.links import Link
    from crawlers.classic.scan import Scan


def titles(scan: Scan) -> list[Link]:
    """Return the titles of a page's rows of boards, each board once, in their order."""
    marked = [link for link in scan.links if link.mark == TITLE and scan.may_be_board(link)]
    found: dict[str, Link] = {}
    for link in marked or _by_rows(scan):
        found.setdefault(scan.key_of(link), link)
    _learn(scan, list(found.values()))
    return list(found.values())


def _learn(scan: Scan, chosen: list[Link]) -> None:
    """Where a site has addresses of its own, know its other boards by the form of those found."""
    new = [link.href for link in chosen if link.leads_to == rows.OTHER]
    known = {each for each, number in Counter(map(shape, new)).items() if number > 1}
    ends = {each for each, number in Counter(map(ending, new)).items() if number > 2 and each}
    if known or ends:
        for link in scan.links:
            is_alike = link.leads_to == rows.OTHER and (shape(link.href) in known or ending(link.href) in ends)
            if is_alike and scan.is_here(link.href):
                link.leads_to = rows.BOARD
    for link in chosen:
        link.leads_to = rows.BOARD


def _by_rows(scan: Scan) -> list[Link]:
    """Find titles where no markup of the engine is left: the first link of a row that has more to say."""
    if scan.at_thread or by_address(scan.page.url):
        return []
    first, busy = _first_of_rows(scan)
    aside: dict[int, bool] = {}
    leading = []
    for link in scan.links:
        row = nearest_row(link.tag) if link.leads_to == rows.BOARD and has_letter(link.tag) else None
        if row is not None and scan.key_of(first[id(row)]) == scan.key_of(link) and not _is_aside(link.tag, aside):
            leading.append((link, id(row) in busy or _has_figures(row, link.tag)))
    told = [link for link, tells in leading if tells]
    if told or len(leading) < 2:
        return told
    return _without_categories([link for link, _ in leading])


def _first_of_rows(scan: Scan) -> tuple[dict[int, Link], set[int]]:
    """Return the first board, thread or person that each row names, and the rows that name one of the latter two."""
    first: dict[int, Link] = {}
    busy: set[int] = set()
    for link in scan.links:
        row = nearest_row(link.tag) if link.leads_to != rows.OTHER else None
        if row is not None:
            first.setdefault(id(row), link)
            if link.leads_to != rows.BOARD:
                busy.add(id(row))
    return first, busy


def _is_aside(tag: Tag, known: dict[int, bool]) -> bool:
    """Tell whether a link stands in a menu, a path, a footer or the like."""
    for above in ancestors(tag, 14):
        if id(above) not in known:
            known[id(above)] = names_aside(above)
        if known[id(above)]:
            return True
    return False


def _has_figures(row: Tag, title: Tag) -> bool:
    whole, name = words(row, 2000) or "", words(title) or ""
    return any(map(str.isdigit, whole.replace(name, "", 1)))


def _without_categories(links: list[Link]) -> list[Link]:
    """Return the boards of a bare list: an outermost item with a list of its own is their category."""
    items = {id(link): [above for above in ancestors(link.tag) if above.name == "li"] for link in links}
    inside: dict[int, list[Link]] = {}
    for link in links:
        for item in items[id(link)][1:]:
            inside.setdefault(id(item), []).append(link)
    kept = []
    for link in links:
        around = items[id(link)]
        if len(around) == 1 and id(around[0]) in inside:
            for each in inside[id(around[0])]:
                each.heading = name_of(link.tag)
        else:
            kept.append(link)
    return kept
