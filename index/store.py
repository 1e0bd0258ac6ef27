"""What a store is: the contract that SQLite and PostgreSQL both keep, and the values it speaks in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from venues.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta
    from types import TracebackType
    from typing import Self

    from index.merging import Change
    from venues.model import Area, Candidate, Coverage, CrawlJob, CrawlRun, Listing, Site, SiteState, Venue, VenueId

Vector = NDArray[np.float32]
"""Shape (dimensions,), length 1."""
Vectors = NDArray[np.float32]
"""Shape (n, dimensions), each row of length 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look for."""

    words: str
    """The audience words."""
    terms: tuple[str, ...] = ()
    """Words and phrases that count as word matches; empty: each of `words` that tells one audience from another."""
    vector: Vector
    """Their vector: shape (dimensions,), length 1."""
    model: str
    """The name of the model that made it."""
    asked: str = ""
    """The whole text, place and all, to be matched as words."""
    question: Vector | None = None
    """The vector of the whole text, place and all; None: that of the audience words serves for both."""
    phrasings: tuple[tuple[Vector, float], ...] = ()
    """Other ways to say it: each one's vector, and what a likeness with it counts beside one with the user's words."""
    area: Area | None = None
    radius_km: float | None = None
    """How far from the centre still counts as local, where the user said so; it also overrides the area's border."""
    kinds: frozenset[str] = frozenset()
    """Empty: any kind."""
    home: str = "GB"
    """The country whose venues count as near where no area is named."""


class Found(NamedTuple):
    """The candidates, and how many venues each filter removed before ranking."""

    candidates: list[Candidate]
    left_out: dict[str, int]


class Said(NamedTuple):
    """What one source last said of one venue."""

    listing_hash: str
    """Of everything it said but the time."""
    seen_at: datetime
    missed: int
    """Complete runs of the source, in a row, that did not list the venue."""
    body: str
    """The listing as an interchange record, in JSON."""


class Known(NamedTuple):
    """What the store has of one venue, as far as a decision needs it."""

    words_hash: str | None
    """Of the words that were embedded with the model asked about; None if they were not."""
    said: dict[str, Said]
    """By source."""


class Store(Protocol):
    """Keeps venues and finds candidates. Any method may raise StoreError; lists are in a stable order."""

    path: str
    """What names the store: a file or an address, without a password."""

    # searching: called by venues.discovery
    def candidates(self, wanted: Wanted, limit: int) -> Found:
        """Return up to `limit` venues that may answer. Raises WrongModel if the vectors are of another model."""
        ...

    def read_ahead(self) -> None:
        """Read what a search will need, while something else is being waited for. May do nothing."""
        ...

    def venue(self, venue_id: VenueId) -> Venue:
        """Return one venue with all its evidence. Raises VenueNotFound."""
        ...

    def version(self) -> str:
        """Return a text that changes whenever anything in the store does, by whomever."""
        ...

    def count(self) -> int:
        """Return how many venues there are that are not gone."""
        ...

    # refreshing: called by venues.refresh
    def known(self, ids: Collection[VenueId], model: str) -> dict[VenueId, Known]:
        """Return what the store has of each of these venues; one that it does not have is absent."""
        ...

    def listed_by(self, source: str) -> dict[VenueId, int]:
        """Return the venues a source lists that are not gone, each with the complete runs in a row that missed it."""
        ...

    def apply(self, changes: Sequence[Change], vectors: Vectors, model: str, run: CrawlRun | None = None) -> None:
        """Write changes, their vectors and the run: all or none.

        `vectors` has one row for each change with `embed` set, in order. Raises WrongModel if the store was
        embedded with another model.
        """
        ...

    def unembedded(self, model: str, limit: int) -> list[Listing]:
        """Return up to `limit` venues, as merged, that have no vector of this model."""
        ...

    def embed(self, listings: Sequence[Listing], vectors: Vectors, model: str) -> None:
        """Write a vector of this model for each of these venues."""
        ...

    def keep_model(self, model: str) -> None:
        """Drop the vectors of every other model."""
        ...

    def withdrawn(self, ids: Collection[VenueId]) -> dict[VenueId, bool]:
        """Return those of these venues that are suggested no more: True where they asked for that, False where gone."""
        ...

    def opt_out(self, venue_id: VenueId, reason: str) -> None:
        """Never suggest this venue again, whether or not it is in the index yet."""
        ...

    def claim_due(
        self, now: datetime, lease: timedelta, limit: int, among: Collection[str] | None = None
    ) -> list[CrawlJob]:
        """Claim sites whose time has come: one claim for each (site, due time), held until the lease ends.

        `among` are the names of those that may be claimed; None: any. A claim whose process crashed may end sooner.
        """
        ...

    def prolong(self, sites: Collection[str], until: datetime) -> None:
        """Hold this process's claims on these sites, by name, until then; a time that has come gives them back."""
        ...

    def set_jobs(self, jobs: Iterable[tuple[Site, datetime]]) -> None:
        """Register sites with the time each is first due; a site already known keeps its time. Idempotent."""
        ...

    def sites(self) -> list[SiteState]:
        """Return every site that is registered, by name, each with its latest run."""
        ...

    def set_due(self, site: str, due_at: datetime | None) -> bool:
        """Set when a site is due, or with None that it never is; False if no such site is registered."""
        ...

    def runs(self, limit: int, site: str | None = None) -> list[CrawlRun]:
        """Return the latest runs, newest first."""
        ...

    def coverage(self, area: Area | None) -> list[Coverage]:
        """Return the last word on each site that was ever crawled, for the area or for everywhere."""
        ...

    # interchange: called by the import and export commands
    def listings(self) -> Iterator[Listing]:
        """Yield every listing as its source gave it, in order of identity and source."""
        ...

    # life
    def migrate(self) -> list[str]:
        """Bring the schema up to date; return the names of the steps taken."""
        ...

    def close(self) -> None:
        """Release what is held. Safe to call twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_store(name: str, say: Callable[[str], None] | None = None) -> Store:
    """Open the store of that name: a file, or ":memory:". Raises StoreError. `say` is told of what takes long."""
    if "://" in name:
        raise StoreError(f"{name.partition('://')[0]}:// names no kind of store that this version has. Name a file.")
    from index.sqlite import SqliteStore

    return SqliteStore(name, say=say)
