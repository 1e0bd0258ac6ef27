"""Where a venue is, told from its listing: coordinates, place, name, parent, description, country, in falling trust.

A venue put in the wrong town is worse than one put nowhere: it shows up where it is not and is missed where it is.
So a name counts as a place only with proof that grows with the doubt: a big town's name alone will do, a small one's
needs its county, its country or its people beside it, and a word of everyday English needs more than that.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from venues.locating_descriptions import DescriptionReader
from venues.locating_evidence import Evidence
from venues.locating_fields import PlaceReader
from venues.locating_names import WIDE_KINDS, Found, Names
from venues.locating_naming import TitleReader
from venues.model import Whereabouts
from venues.placenames import distance_km

if TYPE_CHECKING:
    from venues.gazetteer import Gazetteer
    from venues.model import Area, Listing

_QUARTERS = frozenset({"neighbourhood", "village"})
_SMALL_KINDS = _QUARTERS | {"postcode"}
"""Kinds of area than which a name tells nothing smaller."""
_CENTRE_KM = 1.5
"""Coordinates so near a town's centre are those of a table of towns as likely as of a building there."""
_NEAR_KM = 15.0
"""A place field and coordinates that lie further apart than this are not about the same town."""


class Locator:
    """Tells where venues are. Loads its look-ups on first use and keeps them: one for a process is enough."""

    def __init__(self, gazetteer: Gazetteer, home: str = "GB") -> None:
        """`home` is the country whose places local groups more likely mean, as ISO 3166-1 alpha-2."""
        self._names = Names(gazetteer)
        self._places = PlaceReader(self._names)
        self._titles = TitleReader(self._names, home)
        self._descriptions = DescriptionReader(self._names, self._places, self._titles)

    def locate(self, listing: Listing) -> Whereabouts | None:
        """Tell where a venue is, or None where nothing in its listing tells."""
        country = listing.country
        placed = self._places.read(listing.place, country) if listing.place else None
        if placed and placed.area.kind not in WIDE_KINDS:
            return self._in_town(listing, placed)
        if listing.lat is not None and listing.lon is not None:
            return self._by_coordinates(listing.lat, listing.lon, placed)
        evidence = Evidence(listing, country or (placed.area.country if placed else None), self._names)
        if named := self._titles.read(evidence, placed.area if placed else None):
            return _whereabouts(named, "name")
        if placed:
            return _whereabouts(placed, "place")
        return self._by_surroundings(listing, evidence) or self._by_country(country)

    def _in_town(self, listing: Listing, placed: Found) -> Whereabouts:
        """Take the coordinates if they say more than the town, then the quarter that the name says, then the town."""
        town, at = placed.area, None
        if listing.lat is not None and listing.lon is not None:
            at = (listing.lat, listing.lon)
        merely_the_town = at is None or distance_km(*at, town.lat, town.lon) < _CENTRE_KM
        if merely_the_town and town.kind not in _SMALL_KINDS and (quarter := self._quarter(listing, town)):
            return _whereabouts(quarter, "name")
        return self._by_coordinates(*at, placed) if at else _whereabouts(placed, "place")

    def _quarter(self, listing: Listing, town: Area) -> Found | None:
        """Read a part of a town out of a venue's name; "Kensington" is none in the name of Kensington and Chelsea."""
        named = self._titles.read(Evidence(listing, town.country, self._names), town)
        if named is None or named.area.kind not in _QUARTERS or named.area.name in town.name:
            return None
        return named

    def _by_surroundings(self, listing: Listing, evidence: Evidence) -> Whereabouts | None:
        """Take the place in the name of what a venue is part of, else that in its description."""
        if listing.parent:
            above = Evidence(replace(listing, title=listing.parent), listing.country, self._names)
            if named := self._titles.read(above, None):
                return _whereabouts(named, "parent")
        described = self._descriptions.read(evidence)
        return _whereabouts(described, "description") if described else None

    def _by_coordinates(self, lat: float, lon: float, placed: Found | None) -> Whereabouts:
        """Take the place named if it lies there and is no wider than the nearest one, else the nearest one."""
        area = placed.area if placed else None
        if area and (area.kind in WIDE_KINDS or distance_km(lat, lon, area.lat, area.lon) > _NEAR_KM):
            area = None
        if area is None or area.radius_km > _NEAR_KM / 3:
            nearest = self._names.around(lat, lon)
            area = nearest if nearest and (area is None or area.id in nearest.within) else area
        if area is None:
            return Whereabouts(told_by="coordinates", confidence=0.9, lat=lat, lon=lon)
        whereabouts = _whereabouts(Found(area, 1.0, inf), "coordinates")
        return replace(whereabouts, lat=lat, lon=lon)

    def _by_country(self, country: str | None) -> Whereabouts | None:
        if country is None:
            return None
        area = self._names.area(f"country:{country}")
        if area is None:
            return Whereabouts(told_by="country", confidence=0.3, country=country)
        return _whereabouts(Found(area, 0.3, inf), "country")


def _whereabouts(found: Found, told_by: str) -> Whereabouts:
    area = found.area
    return Whereabouts(
        told_by=told_by,
        confidence=round(found.confidence, 2),
        country=area.country,
        area_id=area.id,
        name=area.name,
        lat=area.lat,
        lon=area.lon,
        radius_km=area.radius_km,
        within=area.within,
    )
