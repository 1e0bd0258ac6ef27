"""How venues stand to an area: containment first, distance second. Plain arrays in, plain arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from venues.model import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from venues.model import Area

SCOPES = tuple(Scope)
"""A scope is stored in arrays as its place in this tuple."""
LOCAL, CONTAINING, NEARBY, EVERYWHERE, ELSEWHERE = range(5)
_UNSETTLED = -1

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, International Union of Geodesy and Geophysics."""

NEARBY_KM = 15.0
"""How far beyond its edge an area still has a nearby: about half an hour by local train or bus."""

_BOUNDED = frozenset({"country", "nation", "region", "county", "borough", "district"})
"""Kinds of area with a drawn border: inside means contained, and a circle is no substitute for the border."""

_DISTRICT = "uk:"
"""What the ids of the table of UK districts begin with: of its areas it is known what lies in what."""

_BROAD_KM = 60.0
"""A venue that serves a wider circle than this serves no one town."""


_JUST_COVERS = 1.5
"""An area whose circle is no wider than so many times that of a place in it is that place, as a borough is its town."""


def distances(lat: float, lon: float, lats: NDArray[np.float32], lons: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return great-circle kilometres from one point to many (haversine); NaN where a point is NaN."""
    to_lat, to_lon = np.radians(lats), np.radians(lons)
    from_lat, from_lon = np.float32(np.radians(lat)), np.float32(np.radians(lon))
    half = np.sin((to_lat - from_lat) / 2) ** 2
    half += np.cos(from_lat) * np.cos(to_lat) * np.sin((to_lon - from_lon) / 2) ** 2
    angle: NDArray[np.float32] = 2 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return (EARTH_RADIUS_KM * angle).astype(np.float32)


def scopes_to(
    area: Area,
    radius_km: float | None,
    chains: Sequence[tuple[str, ...]],
    chain_of: NDArray[np.int32],
    distance: NDArray[np.float32],
    venue_radius: NDArray[np.float32],
) -> NDArray[np.int8]:
    """Return each venue's scope to an area, as a place in `SCOPES`.

    `chains` are the distinct area chains (its own area's id, then those that contain it; empty: no place known), and
    `chain_of` gives each venue's place among them. `distance` is from the area's centre to the venue's. `radius_km` is
    what the user wants to count as local; None leaves it to the area's border, or its circle where it has none.
    """
    scope = np.array(_by_containment(area, chains), dtype=np.int8)[chain_of]
    reach = np.nan_to_num(venue_radius)
    scope[(scope == CONTAINING) & (venue_radius <= _JUST_COVERS * area.radius_km)] = LOCAL
    unsettled = scope == _UNSETTLED
    border = -1.0 if area.kind in _BOUNDED else area.radius_km
    limit = border if radius_km is None else radius_km
    inside = unsettled & (distance <= limit) & (reach <= _BROAD_KM)
    if radius_km is None:
        inside &= ~np.isin(chain_of, _of_another_district(area, chains, np.unique(chain_of[inside]).tolist()))
    scope[inside] = LOCAL
    unsettled = scope == _UNSETTLED
    # The circle about a country holds much of its neighbours, and another country is no neighbourhood of it.
    limit = -1.0 if area.kind == "country" else (radius_km or area.radius_km) + NEARBY_KM
    scope[unsettled & (distance <= limit) & (reach <= _BROAD_KM)] = NEARBY
    scope[scope == _UNSETTLED] = ELSEWHERE
    return scope


def _by_containment(area: Area, chains: Sequence[tuple[str, ...]]) -> list[int]:
    """Return what containment alone says of each chain. In one expression: there are thousands."""
    inside, around = area.id, frozenset(area.within)
    return [
        EVERYWHERE if not chain else LOCAL if inside in chain else CONTAINING if chain[0] in around else _UNSETTLED
        for chain in chains
    ]


def _of_another_district(area: Area, chains: Sequence[tuple[str, ...]], among: Sequence[int]) -> list[int]:
    """Return those of some chains that lie in a UK district that an area of the same table does not, however near.

    Watford is within the circle about London, and in Hertfordshire.
    """
    if not area.id.startswith(_DISTRICT):
        return []
    shared = {area.id, *area.within}
    return [at for at in among if any(one.startswith(_DISTRICT) and one not in shared for one in chains[at])]


def scopes_without_area(
    home: str, chains: Sequence[tuple[str, ...]], chain_of: NDArray[np.int32], venue_radius: NDArray[np.float32]
) -> NDArray[np.int8]:
    """Return each venue's scope where no place was asked for: the home country's are near, other countries' are not."""
    country = f"country:{home}"
    at_home = np.array([country in chain for chain in chains], dtype=bool)[chain_of]
    placeless = np.array([not chain for chain in chains], dtype=bool)[chain_of]
    broad = np.nan_to_num(venue_radius) > _BROAD_KM
    choices = [placeless, at_home & broad, at_home]
    return np.select(choices, [EVERYWHERE, CONTAINING, NEARBY], ELSEWHERE).astype(np.int8)
