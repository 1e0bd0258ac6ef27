"""A board's row on a forum's index: what stands behind its title and is about it, whatever a skin makes of the markup.

A row is the element around a title link that holds no other title. Behind the title come, in this order and each in
lines of its own: what is said of the board, its moderators, its sub-boards, its two counts, and its last post.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bs4 import Tag
from bs4.element import NavigableString

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
_INFO = frozenset({"foruminfo", "datacontainer", "info", "board_info", "list-inner"})
"""Classes of the cell that has a board's title and description, where rows are no table rows."""
_MOST = 150
"""Lines of one row: a page may have a row without end."""
_FIGURE = r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+|\d+(?:[.,]\d+)?\s?[kKmM]?"
_FIGURES = re.compile(rf"(?<![\w.,])(?:{_FIGURE})(?![\w.,])")
_COUNTED = re.compile(rf"(?:[^\d()]{{0,30}}(?<![\w.,])(?:{_FIGURE})(?![\w.,:/-])[^\d()]{{0,30}}){{1,3}}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b(?!\s*[^\W\d])")
_LABEL = re.compile(
    r"\W*(?:forum |board |sub[ -]?)?(?:moder|modér|módér|модер|redirect|sub-?forum|sub-?board|child board|unterfor"
    r"|sous-?for|subfor|sottofor|под-?фор|podfor|alt forum|altforum|leiter|led by|last post\W*:|ناظم|مدیر|مشرف|版主)",
    re.IGNORECASE,
)
"""Lines that name people or boards and not what is talked of."""
_VIEWING = re.compile(r"\W*\d+ [^\W\d]{3,20}[^()\d]{0,20}\W*|\W*\([^\d()]{0,30}\d+[^\d()]{0,30}\)\W*")
_AT_START = re.compile(r"^\W{0,3}\([^\d()]{0,30}\d+[^\d()]{0,30}\)\s*")
"""How many are looking at the board just now."""
_TALLY = re.compile(rf"\W*(?:[^\W\d][^\d:]{{1,20}}:\s*(?:{_FIGURE})\W*){{1,3}}")
"""Counts with their labels, which skins for small screens put below the description."""


@dataclass(slots=True)
class Line:
    """One line of a row as a reader sees it."""

    own: bool
    """Whether it stands in the title's own cell."""
    text: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    """What of its text stands outside of links."""
    links: list[str] = field(default_factory=list)
    """What its links lead to."""
    stated: list[str] = field(default_factory=list)
    """What its elements state as a time beside their text."""

    @property
    def words(self) -> str:
        """Its text."""
        return " ".join(" ".join(self.text).split())

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not (self.text or self.links or self.stated)

    @property
    def bare(self) -> int:
        """How much of its text stands outside of links."""
        return sum(map(len, self.outside))


def lines_behind(title: Tag, row: Tag, kind_of: Callable[[Tag], str]) -> list[Line]:
    """Return what stands behind a title in its row, line by line."""
    cell = _cell(title, row)
    lines = [Line(own=True)]
    for step in _behind(title, row):
        if isinstance(step, Tag):
            if step.name in _BREAKS and not lines[-1].is_empty:
                lines.append(Line(own=True))
            _note_tag(lines[-1], step, kind_of)
        elif isinstance(step, NavigableString) and not step.isspace():
            _note_text(lines[-1], step, cell)
        if len(lines) > _MOST:
            break
    return [line for line in lines if not line.is_empty]


def _note_tag(line: Line, tag: Tag, kind_of: Callable[[Tag], str]) -> None:
    if tag.name == "a" and tag.get("href"):
        line.links.append(kind_of(tag))
    elif tag.name in {"time", "abbr", "span"}:
        line.stated += filter(None, (attribute(tag, "datetime"), attribute(tag, "title")))


def _note_text(line: Line, text: NavigableString, cell: Tag) -> None:
    if not line.text:
        line.own = _is_in(text, cell)
    line.text.append(text)
    if not _in_link(text):
        line.outside.append(text.strip())


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
    said: list[str] = []
    for line in lines:
        text = line.words
        if not line.own or _LABEL.match(text) or PERSON in line.links or _is_list_of_boards(line):
            if said and len(said[-1]) < 25 and said[-1].endswith(":"):
                said.pop()  # it introduced the list that follows
            break
        if _TALLY.fullmatch(text) and not _VIEWING.fullmatch(text):
            break
        text = _AT_START.sub("", text)
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
    """Return when a row's last post was written: the first time named beside the title's cell, else in it.

    The titles of threads name times as well: links are read only where no other text names one.
    """
    ordered = [*(each for each in lines if not each.own), *(each for each in lines if each.own)]
    for line in ordered:
        said = " ".join(line.outside)
        for text in (*line.stated, said):
            found = times.read(text, said) if _may_be_time(text) else None
            if found:
                return found
    named = (times.read(line.words) for line in ordered if line.links and _may_be_time(line.words))
    return next(filter(None, named), None)


def _may_be_time(text: str) -> bool:
    return len(text) < 200 and any(map(str.isdigit, text))
