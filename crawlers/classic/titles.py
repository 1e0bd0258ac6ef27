"""Which of a page's links are titles of boards."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crawlers import rows
from crawlers.boards import by_address, by_body
from crawlers.classic.engine import TITLE
from crawlers.classic.links import ending, name_of, names_aside, nearest_row, path_of, shape
from crawlers.markup import ancestors, attribute, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bs4 import Tag

    from crawlers.classic.links import Link
    from crawlers.classic.scan import Scan

_FEW = 3


def titles(scan: Scan) -> list[Link]:
    """Return the titles of a page's rows of boards, each board once, in their order."""
    found = _once(scan, (link for link in scan.links if link.mark == TITLE and scan.may_be_board(link)))
    if len(found) < _FEW:
        # So few may be what a skin has left of the engine's markup in some corner of the page.
        others = _once(scan, _by_rows(scan))
        found = others if len(others) > _FEW * len(found) else found
    _learn(scan, found)
    return found


def _once(scan: Scan, links: Iterable[Link]) -> list[Link]:
    found: dict[str, Link] = {}
    for link in links:
        found.setdefault(scan.key_of(link), link)
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
    if scan.at_thread or scan.engine.posts.search(scan.text) or by_address(scan.page.url) or by_body(scan.text):
        return []
    aside: dict[int, bool] = {}
    first, busy = _first_of_rows(scan)
    here = scan.key(path_of(scan.page.url)) if scan.at_board else ""
    links = [link for link in scan.links if link.leads_to == rows.BOARD and scan.key_of(link) != here]
    links = [link for link in links if _has_word(link.tag) and not _is_aside(link.tag, aside)]
    leading, told = [], []
    for link in links:
        row = nearest_row(link.tag)
        if row is not None and scan.key_of(first[id(row)]) == scan.key_of(link):
            leading.append(link)
            told += [link] if id(row) in busy or _has_figures(row, link.tag) else []
    if told:
        return told
    return _by_blocks(links) or (_without_categories(leading) if len(leading) > 1 else [])


def _by_blocks(links: list[Link]) -> list[Link]:
    """Find titles in a skin that knows neither tables nor lists: the first link of each block that has figures."""
    blocks: dict[tuple[str, str], dict[int, tuple[Tag, Link]]] = {}
    for link in links:
        for above in ancestors(link.tag, 6):
            if above.name in {"div", "section", "a"} and above.get("class"):
                kind = (above.name, attribute(above, "class"))
                blocks.setdefault(kind, {}).setdefault(id(above), (above, link))
    best: list[Link] = []
    for found in blocks.values():
        told = [link for block, link in found.values() if _has_figures(block, link.tag)]
        # Of kinds of blocks with as many instances the outer one, met later, has the whole row.
        if len(told) > 1 and len(told) >= len(best) and len({id(link) for link in told}) == len(told):
            best = told
    return best


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


def _has_word(tag: Tag) -> bool:
    """Tell whether a link's text is more than the number of a page."""
    return any(map(str.isalpha, words(tag, 80) or ""))


def _has_figures(row: Tag, title: Tag) -> bool:
    whole, name = words(row, 600) or "", words(title) or ""
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
