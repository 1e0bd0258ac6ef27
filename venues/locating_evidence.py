"""What a listing says beside a name, read once for all names tried: the evidence `venues.locating` weighs."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from venues.locating_names import state_of
from venues.locating_titles import read_title
from venues.locating_words import GATHERINGS, HANDLES, LOCALS, STRANGERS, words_of
from venues.placenames import normalise

if TYPE_CHECKING:
    from venues.locating_names import Names
    from venues.model import Listing

_READ = 1500
"""Characters of a description that are read: what it is about stands at its start."""
_LINKS = re.compile(r"https?://\S+|\]\([^)]*\)")
_STATE = re.compile(r",? \(?([A-Z]{2,3})\b")
_BEFORE_WIDER = re.compile(r"([A-Z][\w'’-]*(?: [A-Z][\w'’-]*){0,3}) ?[,(] ?([A-Z]{2,3}\b|[A-Z][a-z]+(?: [A-Z][a-z]+)?)")
"""A name, and after a comma or in brackets what may contain it."""
_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_LEADS = words_of(
    """
    around at beautiful borough central city county downtown explore from greater in inside lovely metro near north
    outside south east west sunny to town village visit visiting welcome within
    """
)
"""Words before a name that make it a place's."""
_FOLLOWS = words_of(
    """
    area areas based borough city county district local locals metro metropolitan metroplex region redditors resident
    residents suburbs surrounding town valley
    """
)
"""Words after a name that make it a place's."""
_ENDS = re.compile(r"(?<!\bSt)(?<!\bFt)(?<!\bMt)[.!?]+\s|\n")
_FOLD = lru_cache(maxsize=50_000)(normalise)


class Evidence:
    """One listing's words."""

    def __init__(self, listing: Listing, country: str | None, names: Names) -> None:
        self.country = country
        self.title = read_title(listing.title)
        self.description = _LINKS.sub(" ", (listing.description or "")[:_READ])
        self.open = listing.platform not in HANDLES
        """Whether names on the platform are mostly of groups of people, where a place's name means the place."""
        self._names = names

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The normalised words of the description."""
        return tuple(_FOLD(word) for word in self._spoken)

    @cached_property
    def _spoken(self) -> tuple[str, ...]:
        return tuple(word for word in _WORD.findall(self.description) if _FOLD(word))

    @cached_property
    def strange(self) -> bool:
        """Whether the description tells of a work, a brand or a person."""
        return not STRANGERS.isdisjoint(self.words) and not self.local

    @cached_property
    def local(self) -> bool:
        """Whether the description tells of a place."""
        return not LOCALS.isdisjoint(self.words)

    def is_about_people(self, at: int) -> bool:
        """Tell whether the sentence at a point of the description is about people who gather, or is but a few words.

        "The virus emerged in the city of Wuhan" says nothing of where those who talk about it live.
        """
        if self.open:
            return True
        start = max((end.end() for end in _ENDS.finditer(self.description, 0, at)), default=0)
        end = _ENDS.search(self.description, at)
        words = [_FOLD(word) for word in _WORD.findall(self.description[start : end.start() if end else None])]
        return len(words) <= 6 or not GATHERINGS.isdisjoint(words)

    @cached_property
    def odd(self) -> bool:
        """Whether the description has a word of works, brands or teams, whatever else it tells of."""
        return not STRANGERS.isdisjoint(self.words)

    @cached_property
    def context(self) -> frozenset[str]:
        """Ids of the wide areas that the description names: they tell which namesake is meant."""
        states = (state_of(word) for word in _STATE.findall(self.description))
        return frozenset(self._names.wide_in(self.words)) | {state for state in states if state}

    @cached_property
    def _set_in(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """The names in the description that stand before what contains them, with the ids of that."""
        found = []
        for match in _BEFORE_WIDER.finditer(self.description):
            after = match[2]
            ids = {*self._names.wide(_FOLD(after)), *self._names.wide(_FOLD(after.split()[0]))}
            if state := state_of(after):
                ids.add(state)
            if ids:
                found.append((f" {_FOLD(match[1])}", frozenset(ids)))
        return tuple(found)

    def containers_of(self, name: str) -> frozenset[str]:
        """Return the ids of what the description says a name lies in: of Ontario, for "Bradford, Ontario"."""
        return frozenset[str]().union(*(ids for said, ids in self._set_in if said.endswith(f" {name}")))

    def tells_of(self, name: str) -> bool:
        """Tell whether the description uses a name as a place's: after "in", before "area", before its state."""
        wanted = tuple(name.split())
        size, words = len(wanted), self.words
        if wanted[0] not in words:
            return False
        return any(
            words[at : at + size] == wanted and self._spoken[at][0].isupper() and self._is_placed(at, at + size)
            for at in range(len(words) - size + 1)
        )

    def _is_placed(self, start: int, end: int) -> bool:
        words = self.words
        before, after = words[start - 1] if start else "", words[end] if end < len(words) else ""
        if before in _LEADS or after in _FOLLOWS:
            return True
        return bool(self._names.wide_in(words[end : end + 2]) or (after and state_of(self._spoken[end])))
