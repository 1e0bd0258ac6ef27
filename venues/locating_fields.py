"""The place field of a listing, read: "Chapel Allerton, Leeds", "Ascot SL5, UK", "gb", "Portland, OR"."""

from __future__ import annotations

import re
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

from venues.locating_names import WIDE_KINDS, Found, spans, state_of
from venues.locating_words import SAY_LITTLE
from venues.placenames import distance_km, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from venues.locating_names import Names
    from venues.model import Area

_BESIDE_KM = 15.0
"""How far from a town a village may lie that is named before it."""
_ANCHOR = 20_000.0
"""A town of so many people tells where the village named before it is."""
_FAMOUS = 100_000.0
"""A town of so many people is meant even where what is named beside it is not what contains it in our table."""

_GAPS = re.compile(r"\s*[,;|()/]\s*|\s+[-–—]\s+")
_OUTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)(?:\s*\d[A-Z]{2})?\b")
_DISTRICT_NUMBER = re.compile(r"\s+\d{1,2}$")
_CODE = re.compile(r"([A-Za-z]{2})(?:-[a-z0-9]{2,3}\b(?:-\w+)*)?(?:, [a-z]{2})*")
_STREETS = frozenset({
    "avenue", "ave", "close", "court", "crescent", "drive", "gardens", "gate", "house", "lane", "mansions", "parade",
    "park", "pl", "place", "rd", "road", "row", "square", "st", "street", "terrace", "walk", "way",
})  # fmt: skip
_CONTINENTS = frozenset({
    "africa", "america", "americas", "asia", "europe", "everywhere", "global", "international", "latin america",
    "middle east", "north america", "oceania", "online", "south america", "world", "worldwide",
})  # fmt: skip


class PlaceReader:
    """Reads places in sources' own words."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.read = lru_cache(maxsize=20_000)(self._read)
        """Give the place that a text names, in a country if said, or None."""

    def _read(self, text: str, country: str | None) -> Found | None:
        """Read a place in a source's own words: the first part that is a place, settled by the parts after it."""
        if coded := self._by_code(text):
            return coded
        parts = [part for part in _GAPS.split(text) if part and normalise(part) not in _CONTINENTS]
        wider = [ids for part in parts if (ids := self.wider(part))]
        for at, part in enumerate(parts):
            found = self._best_in_part(part, wider, country)
            if found and self._is_beside(found.area, parts[at + 1 :], found.area.country):
                return found
        return None

    def _is_beside(self, area: Area, later: Sequence[str], country: str | None) -> bool:
        """Tell whether a place lies by the towns named after it: "Leeds, Maidstone" is not the Leeds of Yorkshire."""
        for part in later:
            towns = [town for town, claim in self._names.namesakes(normalise(part), country) if claim >= _ANCHOR]
            towns = [town for town in towns if town.kind not in WIDE_KINDS]
            if towns:
                return any(
                    town.id in area.within
                    or distance_km(town.lat, town.lon, area.lat, area.lon)
                    <= town.radius_km + area.radius_km + _BESIDE_KM
                    for town in towns
                )
        return True

    def _by_code(self, text: str) -> Found | None:
        """Read "gb", "sa" or "gb-nir, ie": the country's code."""
        code = _CODE.fullmatch(text)
        area = self._names.area(f"country:{code[1].upper()}") if code else None
        return Found(area, 0.9, inf) if area else None

    def wider(self, part: str) -> frozenset[str]:
        """Give the ids of the wide areas that a part of a place field may name: "East Sussex", "OH", "UK"."""
        ids = set(self._names.wide(normalise(part)))
        if state := state_of(part):
            ids.add(state)
        if len(part) == 2 and part.isupper() and self._names.area(f"country:{part}"):
            ids.add(f"country:{part}")
        return frozenset(ids)

    def _best_in_part(self, part: str, wider: Sequence[frozenset[str]], country: str | None) -> Found | None:
        for name, whole in self._names_in_part(part):
            found = [
                (sum(not ids.isdisjoint((area.id, *area.within)) for ids in wider), claim, area)
                for area, claim in self._names.namesakes(name, country)
            ]
            if not found:
                continue
            hits, claim, area = max(found, key=lambda item: item[:2])
            if hits < _told_apart(wider) and claim < _FAMOUS:
                continue  # another of that name: this one does not lie in the county, or the state, that is given
            proven = bool(hits or country)
            if proven or (whole and claim >= 5_000 and len(name) > 3):
                confidence = (0.95 if proven else 0.8) - (0 if whole else 0.15)
                return Found(area, confidence, claim)
        return None

    def _names_in_part(self, part: str) -> Iterator[tuple[str, bool]]:
        """Give the names to try in one part of a place field, the most telling first, and whether each is all of it."""
        if outcode := _OUTCODE.search(part):
            yield normalise(outcode[1]), True
            part = part[: outcode.start()] + part[outcode.end() :]
        whole = normalise(_DISTRICT_NUMBER.sub("", part))
        if whole:
            yield whole, True
        words = whole.split()
        # The town of an address stands at its end.
        address = whole[:1].isdigit() or not _STREETS.isdisjoint(words)
        for name, start, end in spans(words):
            if (address and end < len(words)) or (start == 0 and end < len(words) and not self._names.wide(words[end])):
                continue
            if name != whole and name not in SAY_LITTLE and len(name) > 3:
                yield name, False


def _told_apart(wider: Sequence[frozenset[str]]) -> int:
    """Give how many of the wide areas named must contain a place: all but names we may have misread, so at most two."""
    return min(2, len(wider))
