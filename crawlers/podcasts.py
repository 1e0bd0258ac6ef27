"""What the podcast directories have in common: what to search an area by, and whether a hit speaks of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from venues.model import Area

_WIDE = frozenset({"country", "nation"})
_WORD = r"\w+"


def names_of(area: Area) -> Iterator[str]:
    """Yield what to search for: the area's name, and the name with what tells it from its namesakes."""
    yield area.name
    if area.kind not in _WIDE and area.part_of:
        yield f"{area.name} {area.part_of[0]}"


def speaks_of(name: str, *texts: str | None) -> bool:
    """Tell whether a text has the name as whole words; no name, or none that has letters, is in every text.

    A search by name also matches presenters of that name and like-sounding words.
    """
    wanted = _words(name)
    return not wanted.strip() or any(wanted in _words(text) for text in texts if text)


def _words(text: str) -> str:
    return f" {' '.join(re.findall(_WORD, text.casefold()))} "


def language_of(tag: object) -> str | None:
    """Return a feed's language tag as BCP 47: feeds write en_GB and EN-gb for en-GB."""
    found = re.fullmatch(r"([a-z]{2,3})(?:[-_]([a-z]{2}))?", tag.strip().lower()) if isinstance(tag, str) else None
    if found is None:
        return None
    return f"{found[1]}-{found[2].upper()}" if found[2] else found[1]


def country_of(language: str | None) -> str | None:
    """Return the country that a language tag names: somebody chose en-GB, while en-US is what tools fill in."""
    region = language.partition("-")[2] if language else ""
    return region if region and region != "US" else None
