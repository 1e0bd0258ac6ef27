"""Names looked up for `venues.locating`: namesakes, names without their spaces, and the wide areas that settle them."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from string import ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple

from venues.errors import UnknownPlace
from venues.locating_words import NICKNAMES, PEOPLES, STATES
from venues.placenames import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from venues.gazetteer import Gazetteer
    from venues.model import Area

    Namesakes = tuple[tuple[Area, float], ...]

ENGLISH = ("GB", "US", "CA", "AU", "NZ", "IE")
"""Countries whose towns people name in English: there a smaller one may be meant than elsewhere."""
_GLUED_FROM = (*ENGLISH, "ZA", "IN", "MX", "BR", "AR", "MY")
"""Countries whose names of several words are common on English-language platforms, without their spaces too."""
WIDE_KINDS = frozenset({"country", "nation", "region", "county"})
"""Kinds of area that are no town: a town's name beside them is worth looking for."""
_SHORT_WIDE = frozenset({"uk", "usa", "nz", "uae"})
_LONGEST = 4
"""Words in the longest name looked for."""
_STATES = ("us:", "ca:", "au:")
_LESSER_NAME = 300_000.0
"""The claim from which a lesser name counts in free text: "Bombay" does, "Rock" for Rockville does not."""
_STATE_BOOST = 20.0
"""A state counts only a part of its people as its claim on its name, since its capital city often bears it too."""


class Found(NamedTuple):
    """A place that a text was read as."""

    area: Area
    confidence: float
    claim: float
    """About how many people it has: its claim on the name."""


class Names:
    """Look-ups in the gazetteer, kept. Everything is loaded on first use."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._glue: dict[str, str] | None = None
        self._wide: dict[str, tuple[str, ...]] | None = None
        self.namesakes = lru_cache(maxsize=300_000)(self._namesakes)
        """All areas of a normalised name with their claims on it, largest first; of one country if said."""

    def area(self, area_id: str) -> Area | None:
        """Give the area of that id, if there is one."""
        try:
            return self._gazetteer.area(area_id)
        except UnknownPlace:
            return None

    def around(self, lat: float, lon: float) -> Area | None:
        """Give the populated place nearest to a point."""
        return self._gazetteer.containing(lat, lon)

    def unglued(self, word: str) -> str:
        """Give the name that a word is with its spaces taken out ("stpetersburg"), or the word itself."""
        return word if len(word) < 6 or " " in word else self._all_glued().get(word, word)

    def has_glued(self, name: str) -> bool:
        """Tell whether a name of several words is among those that are known without their spaces too."""
        glued = name.replace(" ", "")
        return glued in NICKNAMES or glued in self._all_glued()

    def _all_glued(self) -> dict[str, str]:
        if self._glue is None:
            self._glue = self._load_glue()
        return self._glue

    def wide(self, name: str) -> tuple[str, ...]:
        """Give the ids of the countries, states, nations and counties of a normalised name."""
        if self._wide is None:
            self._wide = self._load_wide()
        return self._wide.get(name, ())

    def wide_in(self, words: Sequence[str]) -> set[str]:
        """Give the ids of all wide areas that a text names, from its normalised words."""
        if self._wide is None:
            self._wide = self._load_wide()
        wide = self._wide
        found: set[str] = set()
        for size in (1, 2, 3):
            spans: Iterable[str] = (
                words if size == 1 else map(" ".join, zip(*(words[i:] for i in range(size)), strict=False))
            )
            for span in spans:
                if span in wide:
                    found.update(wide[span])
        return found

    def _namesakes(self, name: str, country: str | None = None) -> Namesakes:
        found = self._gazetteer.ranked(name, country=country, limit=40)
        boosted = [
            (area, claim * _STATE_BOOST if area.id.startswith(_STATES) else claim)
            for area, claim in found
            if claim >= _LESSER_NAME or claim > 0.3 * area.population
        ]
        nickname = self._nickname(name, country)
        return tuple(sorted(nickname + boosted, key=lambda pair: -pair[1]))

    def _nickname(self, name: str, country: str | None) -> list[tuple[Area, float]]:
        """Look up what a nickname stands for: "nyc" has New York City's claim."""
        if name not in NICKNAMES:
            return []
        real, inside = NICKNAMES[name]
        if real == name:
            return []
        found = self._gazetteer.ranked(real, country=country, limit=40)
        return [(area, claim) for area, claim in found if inside is None or inside in area.within][:1]

    def _load_glue(self) -> dict[str, str]:
        glue: dict[str, str] = {}
        for country in _GLUED_FROM:
            for name in self._gazetteer.names(country):
                if " " in name:
                    glue.setdefault(name.replace(" ", ""), name)
        for name in self._countries().values():
            glue.setdefault(name.replace(" ", ""), name)
        return glue

    def _load_wide(self) -> dict[str, tuple[str, ...]]:
        wide: dict[str, list[str]] = {name: [area_id] for area_id, name in self._countries().items()}
        for country in ENGLISH:
            for name, ids in self._gazetteer.names(country).items():
                slugs = [area_id for area_id in ids if not area_id.startswith("geonames:")]
                if slugs and (len(name) > 3 or name in _SHORT_WIDE):
                    wide.setdefault(name, []).extend(slug for slug in slugs if self._is_wide(slug))
        for word, area_id in PEOPLES.items():
            wide.setdefault(word, []).append(area_id)
        return {name: tuple(dict.fromkeys(ids)) for name, ids in wide.items() if ids}

    def _is_wide(self, area_id: str) -> bool:
        area = self.area(area_id)
        return area is not None and area.kind in WIDE_KINDS

    def _countries(self) -> dict[str, str]:
        """Give the normalised name of every country by its id; the gazetteer has no list, so each code is tried."""
        codes = map("".join, product(ascii_uppercase, repeat=2))
        areas = (self.area(f"country:{code}") for code in codes)
        return {area.id: normalise(area.name) for area in areas if area}


def state_of(word: str) -> str | None:
    """Give the id of the state that a postal abbreviation in capitals stands for: "OH"."""
    return STATES.get(word.lower()) if word.isupper() else None


def by_tongue(area: Area, english: float, other: float) -> float:
    """Give one number for places where English is spoken, and another for others."""
    return english if area.country in ENGLISH else other


def spans(words: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Give all runs of words that may be a name, with where they start and end, the longest first."""
    for size in range(min(_LONGEST, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size]), start, start + size
