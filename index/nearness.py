"""How venues stand to an area: containment first, distance second. Plain arrays in, plain arrays out."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from venues.model import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from venues.model import Area

SCOPES = tuple(Scope)
"""A scope is stored in arrays as its place in this tuple."""
LOCAL, CONTAINING, NEARBY, EVERYWHERE, ELSEWHERE = range(5)
UNSETTLED = -1

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, International Union of Geodesy and Geophysics."""

NEARBY_KM = 15.0
"""How far beyond its edge an area still has a nearby: about half an hour by local train or bus."""

_BOUNDED = frozenset({"country", "nation", "region", "county", "borough", "district"})
"""Kinds of area with a drawn border: inside means contained, and a circle is no substitute for the border."""

_DISTRICT = "uk:"
"""What the ids of the table of UK districts begin with: of its areas it is known what lies in what."""

_KM_A_DEGREE = EARTH_RADIUS_KM * np.pi / 180
_SPARE = 0.01
"""Degrees that a band of latitudes is wider than it need be: single precision is off by less."""

_BROAD_KM = 60.0
"""A venue that serves a wider circle than this serves no one town."""


_JUST_COVERS = 1.5
"""An area whose circle is no wider than so many times that of a place in it is that place, as a borough is its town."""


class Chains:
    """The distinct chains of areas of many venues: a venue's own area, then those that contain it."""

    def __init__(self, chains: Iterable[tuple[str, ...]]) -> None:
        """Take the chains; an empty one is that of venues without a place."""
        self.all = tuple(chains)

    def __len__(self) -> int:
        return len(self.all)

    @cached_property
    def _holding(self) -> dict[str, list[int]]:
        """For each area, the places of the chains that it is in. There are thousands, and a query names a few."""
        found = defaultdict(list)
        for at, chain in enumerate(self.all):
            for area in chain:
                found[area].append(at)
        return dict(found)

    @cached_property
    def _own(self) -> dict[str, list[int]]:
        found = defaultdict(list)
        for at, chain in enumerate(self.all):
            if chain:
                found[chain[0]].append(at)
        return dict(found)

    @cached_property
    def placeless(self) -> NDArray[np.bool_]:
        """Whether each is empty."""
        return np.array([not chain for chain in self.all], dtype=bool)

    def holding(self, area: str) -> list[int]:
        """Return the places of those that an area is in."""
        return self._holding.get(area, [])

    def own(self, area: str) -> list[int]:
        """Return the places of those whose own area it is."""
        return self._own.get(area, [])


def distances(lat: float, lon: float, lats: NDArray[np.float32], lons: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return great-circle kilometres from one point to many (haversine); NaN where a point is NaN."""
    to_lat, to_lon = np.radians(lats), np.radians(lons)
    from_lat, from_lon = np.float32(np.radians(lat)), np.float32(np.radians(lon))
    half = np.sin((to_lat - from_lat) / 2) ** 2
    half += np.cos(from_lat) * np.cos(to_lat) * np.sin((to_lon - from_lon) / 2) ** 2
    angle: NDArray[np.float32] = 2 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return (EARTH_RADIUS_KM * angle).astype(np.float32)


def reach_km(area: Area, radius_km: float | None) -> float:
    """Return how far from an area's centre a venue may be that is counted local or nearby for its distance."""
    local = -1.0 if area.kind in _BOUNDED and radius_km is None else radius_km or area.radius_km
    # The circle about a country holds much of its neighbours, and another country is no neighbourhood of it.
    return max(local, -1.0 if area.kind == "country" else (radius_km or area.radius_km) + NEARBY_KM)


def band(lat: float, km: float) -> tuple[np.float32, np.float32]:
    """Return the latitudes between which all points lie that are not over `km` from one."""
    degrees = km / _KM_A_DEGREE + _SPARE
    return np.float32(lat - degrees), np.float32(lat + degrees)


def near(area: Area, km: float, lats: NDArray[np.float32], lons: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the distances from an area's centre; NaN where not known, or surely over `km`.

    Most of the earth is ruled out by its latitude, which costs a tenth of the great circle.
    """
    found = np.full(len(lats), np.nan, dtype=np.float32)
    south, north = band(area.lat, km)
    within = np.flatnonzero((lats >= south) & (lats <= north))
    found[within] = distances(area.lat, area.lon, lats[within], lons[within])
    return found


def scopes_to(
    area: Area,
    radius_km: float | None,
    chains: Chains,
    chain_of: NDArray[np.int32],
    distance: NDArray[np.float32],
    venue_radius: NDArray[np.float32],
) -> NDArray[np.int8]:
    """Return each venue's scope to an area, as a place in `SCOPES`.

    `chain_of` gives each venue's place in `chains`. `distance` is from the area's centre to the venue's; NaN where it
    is not known or over `reach_km`. `radius_km` is what the user wants to count as local; None leaves it to the
    area's border, or its circle where it has none.
    """
    scope = containment(area, chains)[chain_of]
    scope[(scope == CONTAINING) & (venue_radius <= _JUST_COVERS * area.radius_km)] = LOCAL
    unsettled = np.flatnonzero((scope == UNSETTLED) & (distance <= np.float32(reach_km(area, radius_km))))
    unsettled = unsettled[np.nan_to_num(venue_radius[unsettled]) <= _BROAD_KM]
    away = distance[unsettled]
    border = -1.0 if area.kind in _BOUNDED else area.radius_km
    inside = away <= (border if radius_km is None else radius_km)
    if radius_km is None:
        codes = chain_of[unsettled]
        inside &= ~np.isin(codes, _of_another_district(area, chains.all, np.unique(codes[inside]).tolist()))
    limit = -1.0 if area.kind == "country" else (radius_km or area.radius_km) + NEARBY_KM
    scope[scope == UNSETTLED] = ELSEWHERE
    scope[unsettled[away <= limit]] = NEARBY
    scope[unsettled[inside]] = LOCAL
    return scope


def containment(area: Area, chains: Chains) -> NDArray[np.int8]:
    """Return what containment alone says of each chain."""
    scope = np.full(len(chains), UNSETTLED, dtype=np.int8)
    scope[[at for one in area.within for at in chains.own(one)]] = CONTAINING
    scope[chains.holding(area.id)] = LOCAL
    scope[chains.placeless] = EVERYWHERE
    return scope


def _of_another_district(area: Area, chains: Sequence[tuple[str, ...]], among: Sequence[int]) -> list[int]:
    """Return those of some chains that lie in a UK district that an area of the same table does not, however near.

    Watford is within the circle about London, and in Hertfordshire.
    """
    if not area.id.startswith(_DISTRICT):
        return []
    shared = {area.id, *area.within}
    return [at for at in among if any(one.startswith(_DISTRICT) and one not in shared for one in chains[at])]


def scopes_without_area(
    home: str, chains: Chains, chain_of: NDArray[np.int32], venue_radius: NDArray[np.float32]
) -> NDArray[np.int8]:
    """Return each venue's scope where no place was asked for: the home country's are near, other countries' are not."""
    by_chain = np.full(len(chains), ELSEWHERE, dtype=np.int8)
    by_chain[chains.holding(f"country:{home}")] = NEARBY
    by_chain[chains.placeless] = EVERYWHERE
    scope = by_chain[chain_of]
    scope[(scope == NEARBY) & (np.nan_to_num(venue_radius) > _BROAD_KM)] = CONTAINING
    return scope
