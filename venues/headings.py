"""The headings of an answer, in words: the same on the page, in the terminal and for `section` in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from venues.model import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from venues.model import Answer, Area, Suggestion

_IN_A_PLACE = {
    Section.LOCAL: "In {name}",
    Section.WIDER: "For them, not only in {name}",
    Section.GENERAL: "For everybody, or for others",
    Section.DOUBTFUL: "Less likely",
}
_ANYWHERE = {
    Section.LOCAL: "For them",
    Section.WIDER: "For them, elsewhere",
    Section.GENERAL: "For everybody, or for others",
    Section.DOUBTFUL: "Less likely",
}


def heading_of(section: Section, area: Area | None) -> str:
    """Return a section's heading in an answer for an area, or for none."""
    return (_IN_A_PLACE if area else _ANYWHERE)[section].format(name=area.name if area else "")


def by_section(answer: Answer) -> Iterator[tuple[Section, list[Suggestion]]]:
    """Yield each section in the order of reading, with its suggestions, best first; some may have none."""
    for section in Section:
        yield section, [one for one in answer.suggestions if one.section is section]
