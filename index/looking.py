"""Which part of a large store a question looks at: its nearest cells, its area's venues, and the best by words.

Of these, everything is measured as it is of all venues of a small store, and by the same code. So filters do not thin
out what is found, as they would if a library's nearest neighbours were filtered afterwards, and the venues of an area
are all looked at unless there are tens of thousands. What was written since the file was made is looked at in full, and
what the file has of it is not.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from index import choosing, nearness, postings
from index.choosing import Measured
from index.nearness import Chains
from index.postings import EVEN, NAME_FIRST, Shelf, Splitter
from index.products import products
from index.snapshot import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.cells import Cells
    from index.products import Pair
    from index.snapshot import Snapshot
    from index.store import Wanted
    from venues.model import Area

INTO = 64
"""Cells that are looked into, for each of a question's two vectors, whatever the scope of their venues."""
OF_SCOPE = 8_000
"""Venues of one scope that are looked at, or four times as many as are wanted; where it has more, those in its nearest
cells."""
BY_WORDS = 2000
"""The best by the audience's words that are looked at whatever their cell."""
SHARP = 200
"""Of each scope, the best by 8 bits that are measured again by 16; twice as many as are wanted, if that is more."""
_NONE = np.empty(0, np.intp)


class Looked(NamedTuple):
    """What was measured, and of which venues: their places in the file, or beyond its end for those written since."""

    measured: Measured
    places: NDArray[np.intp]


class LargeIndex:
    """A file of cells, and what was written since. Not safe to share between threads."""

    def __init__(self, cells: Cells) -> None:
        """Take the cells; nothing is known of later changes yet."""
        self.cells = cells
        self._splitter = Splitter()
        self._in_order = cells.table.ids[cells.by_id]
        self._everywhere = self._in_chains(np.flatnonzero(cells.table.chains.placeless))
        self._at_home = lru_cache(maxsize=4)(self._in_home)
        self.refresh(_NONE, None, ())

    def close(self) -> None:
        """Let go of what is held beside the file."""
        self._splitter.close()

    def refresh(self, changed: NDArray[np.int64], fresh: Snapshot | None, said: Sequence[tuple[Any, ...]]) -> None:
        """Take in what was written since: the row numbers that changed, what they are now, and their words."""
        cells = self.cells
        changed = np.sort(changed)
        rows = np.minimum(np.searchsorted(self._in_order, changed), len(self._in_order) - 1)
        rows = rows[self._in_order[rows] == changed]
        self._gone = cells.by_id[rows]
        self._shelves = [(Shelf(cells.postings, rows), cells.by_id)]
        self._fresh = None
        if fresh is not None and len(fresh.table.ids):
            chains = Chains((*cells.table.chains.all, *fresh.table.chains.all))
            moved = fresh.table.chain_of + np.int32(len(cells.table.chains))
            self._fresh = replace(fresh, table=replace(fresh.table, chains=chains, chain_of=moved))
            beyond = np.arange(len(fresh.table.ids), dtype=np.int32) + np.int32(len(self._in_order))
            self._shelves.append((Shelf(self._splitter.read(said), _NONE), beyond))

    def look(self, wanted: Wanted, phrases: Sequence[str], asked: Sequence[str], aims: Pair, limit: int) -> Looked:
        """Measure the venues that may be among `limit` candidates.

        `phrases` are those that count as words, `asked` those of the whole question, and `aims` its two vectors.
        """
        held = len(self._in_order)
        words = self._bm25(phrases, NAME_FIRST)
        first_asked = self._first(*self._bm25(asked, EVEN))
        marked = np.zeros(held + (len(self._fresh.table.ids) if self._fresh else 0), dtype=bool)
        nearest = self._mark_cells(marked, aims)
        for group in self._of_scopes(wanted):
            marked[self._nearest_of(group, nearest, max(OF_SCOPE, 4 * limit))] = True
        marked[words[0][choosing.best(words[1], None, BY_WORDS)]] = True
        marked[first_asked] = True
        marked[self._gone] = False
        marked[held:] = True
        places = np.flatnonzero(marked)
        by_place = np.zeros(len(marked), np.float32)
        by_place[words[0]] = words[1]
        measured = self._measured(wanted, aims, places, by_place[places], np.searchsorted(places, first_asked))
        # Of equals the one with the lower row number comes first, in whatever cell it is.
        order = np.argsort(measured.table.ids)
        looked = Looked(measured.in_order(order), places[order])
        self._sharpen(looked, aims, max(SHARP, 2 * limit))
        return looked

    def vectors(self, places: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the vectors of some venues, to the precision of the store."""
        held = len(self._in_order)
        found = np.empty((len(places), self.cells.halves.shape[1]), np.float32)
        old = places < held
        found[old] = self.cells.halves[places[old]]
        if self._fresh:
            found[~old] = self._fresh.matrix[places[~old] - held]
        return found

    # which

    def _mark_cells(self, marked: NDArray[np.bool_], aims: Pair) -> NDArray[np.intp]:
        """Mark the venues in the cells nearest to either vector; return all cells by nearness to the first."""
        ends = self.cells.ends
        orders = [np.argsort(-likeness) for likeness in products(self.cells.centres, aims)]
        for order in orders:
            for cell in order[:INTO].tolist():
                marked[ends[cell - 1] if cell else 0 : ends[cell]] = True
        return orders[0]

    def _of_scopes(self, wanted: Wanted) -> Iterator[NDArray[np.int32]]:
        """Yield the places of each scope's venues of the kinds wanted, in rising order."""
        area = wanted.area
        groups = [self._everywhere, *(self._about(area, wanted.radius_km) if area else self._at_home(wanted.home))]
        if not wanted.kinds:
            yield from groups
            return
        kinds = np.array([kind in wanted.kinds for kind in KINDS])
        for places in groups:
            yield places[kinds[self.cells.table.kind[places]]]

    def _about(self, area: Area, radius_km: float | None) -> Iterator[NDArray[np.int32]]:
        chains = self.cells.table.chains
        scopes = nearness.containment(area, chains)
        yield self._in_chains(np.flatnonzero(scopes == nearness.LOCAL))
        yield self._in_chains(np.flatnonzero(scopes == nearness.CONTAINING))
        yield self._near(area, nearness.reach_km(area, radius_km), scopes)

    def _in_home(self, home: str) -> tuple[NDArray[np.int32], ...]:
        """Return the places of a country's venues, those for all of it first."""
        table = self.cells.table
        places = self._in_chains(np.array(table.chains.holding(f"country:{home}"), np.intp))
        scopes = nearness.scopes_without_area(home, table.chains, table.chain_of[places], table.radius_km[places])
        return places[scopes == nearness.CONTAINING], places[scopes == nearness.NEARBY]

    def _in_chains(self, chains: NDArray[np.intp]) -> NDArray[np.int32]:
        """Return the places of the venues of some chains."""
        ends = self.cells.chain_ends
        starts = np.where(chains > 0, ends[chains - 1], 0)
        slices = zip(starts.tolist(), ends[chains].tolist(), strict=True)
        found = [self.cells.by_chain[start:end] for start, end in slices]
        return np.sort(np.concatenate(found)) if found else np.empty(0, np.int32)

    def _near(self, area: Area, km: float, scopes: NDArray[np.int8]) -> NDArray[np.int32]:
        """Return the places of the venues within a distance, of chains whose scope containment does not settle."""
        cells = self.cells
        low, high = np.searchsorted(cells.lats, nearness.band(area.lat, km))
        open_to = np.flatnonzero(scopes[cells.lat_chains[low:high]] == nearness.UNSETTLED) + low
        away = nearness.distances(area.lat, area.lon, cells.lats[open_to], cells.lons[open_to])
        return np.sort(cells.by_lat[open_to[away <= np.float32(km)]])

    def _nearest_of(self, places: NDArray[np.int32], nearest: NDArray[np.intp], count: int) -> NDArray[np.int32]:
        """Return about so many of some places, cell by cell, the nearest first."""
        if len(places) <= count:
            return places
        ends = np.searchsorted(places, self.cells.ends)
        counts = np.diff(ends, prepend=0)
        enough = int(np.searchsorted(np.cumsum(counts[nearest]), count)) + 1
        chosen = np.zeros(len(counts), dtype=bool)
        chosen[nearest[:enough]] = True
        found: NDArray[np.int32] = places[np.repeat(chosen, counts)]
        return found

    # how like

    def _bm25(self, phrases: Sequence[str], weights: Sequence[float]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the places of all venues that any phrase occurs in, and their BM25."""
        split = [self._splitter.split(phrase) for phrase in phrases]
        found = postings.bm25([shelf for shelf, _ in self._shelves], split, weights)
        pairs = list(zip(found, self._shelves, strict=True))
        return (
            np.concatenate([at[rows] for (rows, _), (_, at) in pairs]),
            np.concatenate([scores for (_, scores), _ in pairs]).astype(np.float32),
        )

    def _first(self, places: NDArray[np.int32], scores: NDArray[np.float32]) -> NDArray[np.int32]:
        """Return the places of the best by words, best first, of equals the one with the lower row number."""
        if len(scores) > choosing.FUSED:
            edge = np.partition(scores, len(scores) - choosing.FUSED)[len(scores) - choosing.FUSED]
            places, scores = places[scores >= edge], scores[scores >= edge]
        held = len(self._in_order)
        ids = np.empty(len(places), np.int64)
        old = places < held
        ids[old] = self.cells.table.ids[places[old]]
        if self._fresh:
            ids[~old] = self._fresh.table.ids[places[~old] - held]
        return places[np.lexsort((ids, -scores))][: choosing.FUSED]

    def _measured(
        self,
        wanted: Wanted,
        aims: Pair,
        places: NDArray[np.intp],
        words: NDArray[np.float32],
        asked: NDArray[np.intp],
    ) -> Measured:
        held = len(self._in_order)
        old = places[: np.searchsorted(places, held)]
        table = self.cells.table.take(old)
        scales = self.cells.scales[old]
        likeness, question = (rough * scales for rough in products(self.cells.bytes, aims, old))
        if self._fresh:
            table = table.followed_by(self._fresh.table)
            sharp = products(self._fresh.matrix, aims)
            likeness, question = np.concatenate((likeness, sharp[0])), np.concatenate((question, sharp[1]))
        scope = choosing.scopes(table, wanted)
        return Measured(
            table=table,
            scope=scope,
            reasons=choosing.reasons(table, wanted, scope),
            likeness=likeness,
            question=question,
            words=words,
            asked=asked,
        )

    def _sharpen(self, looked: Looked, aims: Pair, count: int) -> None:
        """Measure those again whose order matters: 8 bits are not enough for them."""
        measured, places = looked
        merit = choosing.merits(measured)
        allowed = measured.reasons == 0
        groups = [choosing.best(merit, allowed & (measured.scope == code), count) for code in choosing.SHARES]
        pool = choosing.best(merit, None, choosing.POOL + count)
        meant = choosing.best(measured.question, None, choosing.POOL + count)
        close = np.unique(np.concatenate((*groups, pool, meant)))
        measured.likeness[close], measured.question[close] = products(self.vectors(places[close]), aims)
