"""What a listing changes: pure decisions between what a store has and what was just seen.

A venue seen by several sources is one venue: each source keeps its own listing, and the merged view takes each
field from the source that stated it last. Nothing here reads a clock or a database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.rows import undamaged
from index.words import listing_hash, words_hash
from venues.model import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from index.store import Known
    from venues.model import VenueId, Whereabouts

UNNAMED_SOURCE = "import"
"""The source of a listing that names none."""

GONE_AFTER = 2
"""Complete runs in a row that must miss a venue before its source is taken to list it no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Write what a source says now, and the venue as it reads with all its sources."""

    listing: Listing
    merged: Listing
    listing_hash: str
    words_hash: str
    seen_at: datetime
    embed: bool
    """Whether the words that were embedded have changed."""
    whereabouts: Whereabouts | None = None
    """Filled in by whoever knows places, before the change is written."""

    @property
    def source(self) -> str:
        """Under whose name the listing is kept."""
        return source_of(self.listing)


class Add(Put):
    """The venue is new."""

    __slots__ = ()


class Update(Put):
    """The venue is known, and this source says something new of it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """The source says what it said before: only the date moves."""

    id: VenueId
    source: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """A complete run did not list the venue; not yet enough to call it gone."""

    id: VenueId
    source: str
    times: int


@dataclass(frozen=True, slots=True)
class Gone:
    """The source no longer lists the venue; a venue that no source lists is gone."""

    id: VenueId
    source: str


Change = Add | Update | Touch | Missed | Gone


def source_of(listing: Listing) -> str:
    """Return the name under which a listing is kept."""
    return listing.source or UNNAMED_SOURCE


def decide(known: Mapping[VenueId, Known], seen: Iterable[Listing], now: datetime) -> Iterator[Change]:
    """Yield what each seen listing changes, in the order seen; of two by one source on one venue the later counts.

    `known` holds what the store has of the venues seen.
    """
    latest = {(listing.id, source_of(listing)): listing for listing in seen}
    drafts: dict[VenueId, dict[str, Listing]] = {}
    embedded = {venue_id: had.words_hash for venue_id, had in known.items()}
    for (venue_id, source), listing in latest.items():
        had = known.get(venue_id)
        said = had.said.get(source) if had else None
        if had and had.words_hash and said and not said.missed and said.listing_hash == listing_hash(listing):
            yield Touch(venue_id, source, listing.seen_at or now)
            continue
        beside = drafts.setdefault(venue_id, _others(had))
        make = Add if had is None and not beside else Update
        put = _put(make, listing, beside, embedded.get(venue_id), now)
        yield put
        embedded[venue_id] = put.words_hash
        beside[source] = listing if listing.seen_at else replace(listing, seen_at=now)


def _others(had: Known | None) -> dict[str, Listing]:
    """Return what each source said before, dated by when it was read."""
    if had is None:
        return {}
    with undamaged():
        bodies = {source: Listing.from_record(json.loads(said.body)) for source, said in had.said.items()}
    return {source: replace(body, seen_at=had.said[source].seen_at) for source, body in bodies.items()}


def _put(
    make: type[Add | Update], listing: Listing, beside: Mapping[str, Listing], embedded: str | None, now: datetime
) -> Add | Update:
    source = source_of(listing)
    seen_at = listing.seen_at or now
    others = [other for name, other in beside.items() if name != source]
    merged = merge([*others, replace(listing, seen_at=seen_at)]) if others else listing
    digest = words_hash(merged)
    return make(
        listing=listing,
        merged=merged,
        listing_hash=listing_hash(listing),
        words_hash=digest,
        seen_at=seen_at,
        embed=digest != embedded,
    )


def merge(listings: Iterable[Listing]) -> Listing:
    """Return one view of a venue: each field from the source that stated it last.

    Every listing must be of the same venue and carry `seen_at`. At equal times the source's name decides, so that
    the order in which sources are read makes no difference.
    """
    ordered = sorted(listings, key=lambda one: (one.seen_at, source_of(one)))
    record: dict[str, object] = {}
    for listing in ordered:
        stated = listing.to_record()
        # A source that does not know the kind says "other"; that is no news to one that does.
        if stated.get("kind") == "other" and "kind" in record:
            del stated["kind"]
        # A point is one fact: half of it from each of two sources would be nowhere.
        if ("lat" in stated) != ("lon" in stated):
            stated.pop("lat", None)
            stated.pop("lon", None)
        record |= stated
    return Listing.from_record(record)


def absent(source: str, listed: Mapping[VenueId, int], seen: AbstractSet[VenueId]) -> Iterator[Change]:
    """Yield what a complete run's silence changes, given how often each listed venue was missed before."""
    for venue_id, missed in listed.items():
        if venue_id in seen:
            continue
        if missed + 1 >= GONE_AFTER:
            yield Gone(venue_id, source)
        else:
            yield Missed(venue_id, source, missed + 1)
