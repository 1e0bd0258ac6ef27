"""Which of the places of one name is meant: by what was said beside it, then by home, then by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from venues.placenames import distance_km, normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from venues.model import Area

    Claim = tuple[Area, float]

AT_HOME = 10_000
"""A namesake in the home country with this claim is meant, however large the others are."""
WORLD_CITY, TIMES_LARGER = 100_000, 20
"""A foreign namesake is meant over a small one at home if it has such a claim and is that many times larger."""
MOST_ALTERNATIVES = 5


def settle(name: str, claims: Sequence[Claim], home: str) -> tuple[Area, tuple[Area, ...]]:
    """Choose among namesakes, and give the others, likeliest first.

    `claims` are what `Gazetteer.ranked` gives for `name` and must not be empty; `home` is a country code. Home wins if
    its namesake is a town of any size or an area of our table; yet `parents in Paris` are in France for the British,
    since a hamlet is no match for a capital.
    """
    abroad = max((size for area, size in claims if area.country != home), default=0.0)
    ordered = sorted(claims, key=lambda claim: -_likelihood(claim, home, abroad))
    chosen = ordered[0][0]
    return chosen, _alternatives(name, chosen, ordered[1:], home)


def _likelihood(claim: Claim, home: str, largest_abroad: float) -> float:
    area, size = claim
    if area.country != home:
        return size
    overtaken = largest_abroad > WORLD_CITY and largest_abroad >= TIMES_LARGER * size
    tabled = area.id.startswith("uk:") and area.kind not in {"neighbourhood", "postcode", "village"}
    return size if overtaken and size < AT_HOME and not tabled else 1e9 + size


def _alternatives(name: str, chosen: Area, others: Sequence[Claim], home: str) -> tuple[Area, ...]:
    """Give the namesakes worth naming: no town twice, and abroad none that has the name only in some language."""
    kept: list[Area] = []
    for area, size in others:
        same = any(distance_km(area.lat, area.lon, other.lat, other.lon) < 5 for other in (chosen, *kept))
        called_so = normalise(name) in normalise(area.name) or size >= 0.5 * area.population
        if not same and size >= 250 and (called_so or area.country == home):
            kept.append(area)
    return tuple(kept[:MOST_ALTERNATIVES])


def inside(claims: Sequence[Claim], containers: Sequence[Area]) -> tuple[list[Claim], Area | None]:
    """Give those claims that lie in one of the areas, and that area: the first, in their order, that holds any.

    A town holds what lies within its circle, since GeoNames does not say what a neighbourhood is a part of.
    """
    for container in containers:
        held = [claim for claim in claims if _holds(container, claim[0])]
        if held:
            return held, container
    return [], None


def _holds(container: Area, area: Area) -> bool:
    if area.id == container.id:
        return False
    if container.id in area.within:
        return True
    town = container.kind in {"city", "town", "borough", "district"} and area.radius_km < container.radius_km
    reach = container.radius_km + 2.0
    return town and distance_km(container.lat, container.lon, area.lat, area.lon) <= reach
