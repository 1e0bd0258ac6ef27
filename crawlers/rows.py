"""A board's row on a forum's index: what stands behind its title and is about it, whatever a skin makes of the markup.

A row is the element around a title link that holds no other title. Behind the title come, in this order and each in
lines of its own: what is said of the board, its moderators, its sub-boards, its two counts, and its last post.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bs4 import NavigableString, Tag

from crawlers.markup import ancestors, attribute, classes
from crawlers.parsing import count_or_none, text_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bs4.element import PageElement

    from crawlers.times import Times

BOARD, THREAD, PERSON, OTHER = "board", "thread", "person", "other"
"""What a link leads to."""

_BREAKS = frozenset(["br", "p", "div", "td", "th", "dd", "dt", "dl", "li", "ul", "ol", "tr", "table", "h2", "h3", "h4"])
_INFO = frozenset({"foruminfo", "datacontainer", "forum-info", "info", "board_info", "list-inner"})
"""Classes of the cell that has a board's title and description, where rows are no table rows."""
_MOST = 150
"""Lines of one row: a page may have a row without end."""
_FIGURE = r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+|\d+(?:[.,]\d+)?\s?[kKmM]?"
_FIGURES = re.compile(rf"(?<![\w.,])(?:{_FIGURE})(?![\w.,])")
_COUNTED = re.compile(rf"(?:[^\d()]{{0,30}}(?<![\w.,])(?:{_FIGURE})(?![\w.,:/-])[^\d()]{{0,30}}){{1,3}}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b(?!\s*[^\W\d])")
_LABEL = re.compile(
    r"\W*(?:forum |board |sub[ -]?)?(?:moder|modér|módér|модер|redirect|sub-?forum|sub-?board|child board|unterfor|sous-?for"
    r"|subfor|sottofor|под-?фор|podfor|alt forum|altforum|leiter|led by|ناظم|مدیر|مشرف|版主)",
    re.IGNORECASE,
)
"""Lines that name people or boards and not what is talked of."""
_VIEWING = re.compile(r"\W*\(?\s*\d+ [^\W\d]{3,20}[^()\d]{0,20}\)?\W*")


@dataclass(slots=True)
class Line:
    """One line of a row as a reader sees it."""

    own: bool
    """Whether it stands in the title's own cell."""
    text: list[str] = field(default_factory=list)
    bare: int = 0
    """Length of what stands outside of links."""
    links: list[str] = field(default_factory=list)
    """What its links lead to."""
    stated: list[str] = field(default_factory=list)
    """What its elements state as a time beside their text."""

    @property
    def words(self) -> str:
        """Its text."""
        return " ".join(" ".join(self.text).split())


def lines_behind(title: Tag, row: Tag, kind_of: Callable[[Tag], str]) -> list[Line]:
    """Return what stands behind a title in its row, line by line."""
    cell = _cell(title, row)
    line = Line(own=True)
    lines = [line]
    for step in _behind(title, row):
        if isinstance(step, Tag):
            if step.name in _BREAKS:
                if line.text or line.links:
                    lines.append(line)
                    if len(lines) > _MOST:
                        break
                line = Line(own=True)
            elif step.name == "a" and step.get("href"):
                line.links.append(kind_of(step))
            if step.name in {"time", "abbr", "span"}:
                line.stated += [each for each in (attribute(step, "datetime"), attribute(step, "title")) if each]
        elif isinstance(step, NavigableString) and not step.isspace():
            if not line.text:
                line.own = _is_in(step, cell)
            line.text.append(step)
            line.bare += 0 if _in_link(step) else len(step.strip())
    return [*lines[1:], line] if line.text or line.links else lines[1:]


def _cell(title: Tag, row: Tag) -> Tag:
    """Return the part of a row that its title shares with its description alone."""
    chain = [row]
    for above in ancestors(title):
        if above is row:
            break
        if above.name in {"td", "dt", "dd"} or not _INFO.isdisjoint(classes(above)):
            return above
        chain.append(above)
    for above in [row, *reversed(chain[1:])]:
        if sum(isinstance(each, Tag) and each.name not in {"br", "img"} for each in above.children) > 1:
            inner = next((each for each in chain[1:] if each.parent is above), None)
            return inner if inner is not None else above
    return row


def _behind(title: Tag, row: Tag) -> Iterator[PageElement]:
    after = _last(title)
    end = _last(row)
    if after is end:
        return
    for step in after.next_elements:
        yield step
        if step is end:
            return


def _last(element: Tag) -> PageElement:
    last: PageElement = element
    while isinstance(last, Tag) and last.contents:
        last = last.contents[-1]
    return last


def _is_in(text: NavigableString, cell: Tag) -> bool:
    above = text.parent
    for _ in range(12):
        if above is None or above is cell:
            break
        above = above.parent
    return above is cell


def _in_link(text: NavigableString) -> bool:
    above = text.parent
    for _ in range(3):
        if above is None or above.name == "a":
            break
        above = above.parent
    return above is not None and above.name == "a"


def description(lines: list[Line]) -> str | None:
    """Return what a row says of its board: the lines of the title's own cell up to those about people and boards."""
    said = []
    for line in lines:
        text = line.words
        if not line.own or _LABEL.match(text) or PERSON in line.links or _is_list_of_boards(line):
            if said and len(said[-1]) < 25 and said[-1].endswith(":"):
                said.pop()  # it introduced the list that follows
            break
        if said and _COUNTED.fullmatch(text):
            break
        if len(text) > 1 and not _VIEWING.fullmatch(text) and any(map(str.isalpha, text)):
            said.append(text)
    return text_or_none(" ".join(said)) if said else None


def _is_list_of_boards(line: Line) -> bool:
    return BOARD in line.links and line.bare <= 20


def counts(lines: list[Line]) -> tuple[int | None, int | None]:
    """Return the two counts of a row: the first two numbers that stand alone or with no more than a word or two."""
    others = [line for line in lines if not line.own]
    for candidates in (others, [line for line in lines if line.own]):
        found = [number for line in candidates for number in _counted(line)][:2]
        if len(found) == 2:
            return found[0], found[1]
    return None, None


def _counted(line: Line) -> list[int]:
    text = line.words
    if len(text) > 80 or PERSON in line.links or THREAD in line.links or not _COUNTED.fullmatch(text):
        return []
    if line.bare > 24 or (line.bare and _YEAR.search(text)):
        return []
    return [number for each in _FIGURES.findall(text) if (number := count_or_none(each)) is not None]


def last_post(lines: list[Line], times: Times) -> datetime | None:
    """Return when a row's last post was written: the first time that a line beside the title's cell names."""
    for line in [*(each for each in lines if not each.own), *(each for each in lines if each.own)]:
        for text in (*line.stated, line.words):
            found = times.read(text) if len(text) < 200 and any(map(str.isdigit, text)) else None
            if found:
                return found
    return None
