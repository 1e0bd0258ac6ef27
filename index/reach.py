"""How many of the wanted people may read a venue: readers x share living in the area x share on target, as a range.

Each factor is a range of its own, because none of them is known; what is shown is the product of the lows and of the
highs. Readers are the members where the source counts them: at most all, at least those that are known to be active or
one in ten. Where only active people are counted they are taken for those who write, one to ten in a hundred of those
who read (the "90-9-1" of Nielsen, Participation inequality, 2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from venues.model import Reach, Scope

if TYPE_CHECKING:
    from venues.model import Candidate, Listing, Query

ENGLISH_READERS = 400e6
"""A rough size of the public of a place-less English-language space: the people of the US, UK, Canada, Ireland,
Australia and New Zealand. Only its order of magnitude matters."""
UK_PEOPLE = 68e6
"""Office for National Statistics, mid-2023 estimate, to the nearest million."""
TOWN_PEOPLE = 50_000
"""Taken where the gazetteer gives no population: a middling UK town."""
STILL_READ = 0.1
"""Of members, the least part that still reads where nothing is said of it."""
READERS_A_WRITER = (10.0, 100.0)
"""People who read for each who writes: from "9" and "90" of 90-9-1."""
UNEVEN = 3.0
"""How far the share living in the area may be off, either way, where it is taken from populations."""


def reach_of(query: Query, candidate: Candidate, on_target: float) -> Reach | None:
    """Return the reach of a venue; None where its source counts nobody. `on_target` is 0 to 1."""
    readers = _readers(candidate.venue.listing)
    if readers is None:
        return None
    factors = (
        readers,
        _living_here(query, candidate.scope),
        ("on target", on_target / 2, min(1.0, 1.5 * on_target), "likeness of its words to the people wanted"),
    )
    low = high = 1.0
    for _, least, most, _ in factors:
        low, high = low * least, high * most
    return Reach(low=low, high=high, factors=factors)


def _readers(listing: Listing) -> tuple[str, float, float, str] | None:
    members, active = listing.members, listing.active_members
    if members is not None:
        least = min(members, active if active is not None else members * STILL_READ)
        return "readers", float(least), float(members), f"{members:,} members"
    if active is not None:
        few, many = READERS_A_WRITER
        return "readers", active * few, active * many, f"{active:,} active, 10 to 100 readers for each"
    return None


def _living_here(query: Query, scope: Scope) -> tuple[str, float, float, str]:
    share = local_share(query, scope)
    if share == 1:
        return (
            "in the area",
            0.5 if query.area else 1.0,
            1.0,
            "it is a space of the place" if query.area else "anywhere",
        )
    return "in the area", share / UNEVEN, min(1.0, share * UNEVEN), "the place's part of its public"


def local_share(query: Query, scope: Scope) -> float:
    """Return the part of a venue's members that lives in the area asked for, as if spread evenly over its public."""
    if query.area is None or scope is Scope.LOCAL:
        return 1.0
    if scope is Scope.NEARBY:
        return 0.1
    public = UK_PEOPLE if scope is Scope.CONTAINING else ENGLISH_READERS
    return min(1.0, (query.area.population or TOWN_PEOPLE) / public)
