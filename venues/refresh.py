"""The other use case: listings come in, from a file or a crawl, and the index is brought up to date.

Listings go through in windows: while one window is being embedded, the one before it is written and the next is read.
A window is committed whole. Ctrl-C writes the window that is embedded and loses at most the one that is not; a kill
loses at most those two. What was said to be in is in, and the same input again carries on: what is already there and
unchanged is neither embedded nor located anew.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from index.merging import Add, Put, Touch, Update, decide
from index.words import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from index.embedding import Encoder
    from index.merging import Change
    from index.store import Store, Vectors
    from venues.model import Listing, VenueId, Whereabouts

    Locate = Callable[[Listing], Whereabouts | None]

WINDOW = 1024
"""Listings that are embedded and written together: a second or two of work on two cores."""


@dataclass(slots=True)
class Tally:
    """What came of the listings so far."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    embedded: int = 0

    def count(self, changes: Iterable[Change]) -> None:
        """Add what these changes did, once they are written."""
        for change in changes:
            self.added += isinstance(change, Add)
            self.updated += isinstance(change, Update)
            self.unchanged += isinstance(change, Touch)
            self.embedded += isinstance(change, Put) and change.embed

    @property
    def total(self) -> int:
        """How many listings were taken in."""
        return self.added + self.updated + self.unchanged


@dataclass(slots=True)
class Intake:
    """Takes listings into a store. Not safe to share between threads."""

    store: Store
    encoder: Encoder
    locate: Locate
    now: datetime
    tally: Tally = field(default_factory=Tally)
    window: int = WINDOW

    def take(self, listings: Iterable[Listing]) -> Iterator[Tally]:
        """Take listings in, yielding the running tally after each window that was committed."""
        pending: _Pending | None = None
        stream = iter(listings)
        with ThreadPoolExecutor(1, thread_name_prefix="embedding") as worker:
            try:
                while batch := list(islice(stream, self.window)):
                    ids = {listing.id for listing in batch}
                    if pending and not ids.isdisjoint(pending.ids):
                        # The next decision must see what is still unwritten about the same venue.
                        yield self._write(pending)
                        pending = None
                    changes = self._decide(batch, ids)
                    vectors = worker.submit(self._embed, changes)
                    following = _Pending(ids, changes, vectors)
                    if pending:
                        yield self._write(pending)
                    pending = following
                if pending:
                    yield self._write(pending)
            except KeyboardInterrupt:
                # Its vectors are there or nearly so. If the interrupt came while it was being written, that was undone.
                if pending:
                    self._write(pending)
                raise
            finally:
                worker.shutdown(wait=False, cancel_futures=True)

    def _decide(self, batch: list[Listing], ids: set[VenueId]) -> list[Change]:
        known = self.store.known(ids, self.encoder.model)
        return [
            replace(change, whereabouts=self.locate(change.merged)) if isinstance(change, Put) else change
            for change in decide(known, batch, self.now)
        ]

    def _embed(self, changes: list[Change]) -> Vectors:
        texts = [text_of(change.merged) for change in changes if isinstance(change, Put) and change.embed]
        return self.encoder.encode(texts) if texts else np.empty((0, self.encoder.dimensions), dtype=np.float32)

    def _write(self, pending: _Pending) -> Tally:
        self.store.apply(pending.changes, pending.vectors.result(), self.encoder.model)
        self.tally.count(pending.changes)
        return self.tally


@dataclass(frozen=True, slots=True)
class _Pending:
    ids: set[VenueId]
    changes: list[Change]
    vectors: Future[Vectors]


def embed_again(store: Store, encoder: Encoder) -> Iterator[int]:
    """Give every venue a vector of this encoder's model, yielding how many were done; then drop the other models'.

    Stopped half-way, it goes on where it was.
    """
    while batch := store.unembedded(encoder.model, WINDOW):
        store.embed(batch, encoder.encode([text_of(listing) for listing in batch]), encoder.model)
        yield len(batch)
    store.keep_model(encoder.model)
