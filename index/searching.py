"""From what is wanted to candidates: area first, then nearest vectors and words, each scope with its own share."""

from __future__ import annotations

import json
import math
import re
from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from index import choosing, nearness, postings
from index.keeping import LARGE, Keeper
from index.postings import EVEN, NAME_FIRST, Shelf, Splitter, bm25
from index.products import Packed, products
from index.rows import listing_from, undamaged, whereabouts_from
from index.snapshot import Snapshot, load
from index.store import Found
from venues.model import Candidate, Evidence, Venue

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.choosing import Measured
    from index.products import Pair
    from index.store import Wanted

_WORTH_READING = 40
"""Searches for words, two a question, after which the words index is read."""
WORTH_PACKING = 20
"""Questions after which the vectors are packed."""

_KEPT_VENUES = 4096  # a page of a busy area is asked for again and again

_STOP_WORDS = frozenset(
    "a about all am an and any are as at be but by can do for from get have how i in into is it its like live lives"  # noqa: SIM905 - a list of seventy lines tells nobody more
    " living looking love loves me my need of off on or other our out people person some that the their them they"
    " this to up us want wanting wants we what where which who whose will with you your".split()
)
"""Words that tell no audience from another; a query made of nothing else matches by meaning alone."""


def phrases_of(words: str, terms: Sequence[str] = ()) -> list[str]:
    """Return the terms, else the words, to be matched: none where none tells one audience from another."""
    if not terms:
        terms = [token for token in re.findall(r"\w+", words.casefold()) if token not in _STOP_WORDS]
    phrases = (" ".join(re.findall(r"\w+", term.casefold())) for term in terms)
    return [phrase for phrase in dict.fromkeys(phrases) if phrase]


def expression_of(phrases: Sequence[str]) -> str:
    """Return the FTS5 query for any of the phrases."""
    return " OR ".join(f'"{phrase}"' for phrase in phrases)


class Searcher:
    """Answers searches from a snapshot that is read once and read again when the store has changed.

    From `large` venues on it is not all read: see `index.looking`. Not safe to share between threads by itself: the
    store that owns it holds the lock.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        path: Path | None = None,
        large: int = LARGE,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """Take an open connection, and its file if it has one; nothing is read yet. `say` is told of long waits."""
        self._db = db
        self._snapshot: Snapshot | None = None
        self._packed: Packed | None = None
        self._measurings = 0
        self._model = ""
        self._version = -1
        self._venues: OrderedDict[int, Venue] = OrderedDict()
        self._keeper = Keeper(db, path, large, say) if path else None
        self._splitter = Splitter()
        self._shelf: Shelf | None = None
        self._worded = 0

    def prepare(self, model: str) -> None:
        """Make ready what a search in this model needs of files. Outside of any transaction. Raises WrongModel."""
        if self._keeper:
            self._keeper.prepare(model)

    def close(self) -> None:
        """Let go of what is held beside the connection."""
        self._splitter.close()
        if self._keeper:
            self._keeper.close()

    def search(self, wanted: Wanted, limit: int) -> Found:
        """Return up to `limit` candidates, and how many of the best matches each filter removed."""
        self._forget_the_old()
        large = self._keeper and self._keeper.current(wanted.model)
        if large:
            phrases = phrases_of(wanted.words, wanted.terms), phrases_of(wanted.asked)
            measured, places = large.look(wanted, *phrases, aims(wanted), limit)
        else:
            snapshot = self._current(wanted.model)
            measured = self._measure(snapshot, wanted)
        if not len(measured.table.ids):
            return Found([], {})
        chosen, standing, left_out = choosing.choose(measured, limit)
        vectors = large.vectors(places[chosen]) if large else snapshot.matrix[chosen]
        return Found(self._candidates(measured, chosen, standing, vectors, wanted), left_out)

    def _measure(self, snapshot: Snapshot, wanted: Wanted) -> Measured:
        """Return what there is to choose by, of all venues."""
        table = snapshot.table
        if not len(table.ids):
            return choosing.nothing(table)
        scope = choosing.scopes(table, wanted)
        likeness, question = self._products(snapshot.matrix, aims(wanted))
        return choosing.Measured(
            table=table,
            scope=scope,
            reasons=choosing.reasons(table, wanted, scope),
            likeness=likeness,
            question=question,
            words=self._words(table.ids, phrases_of(wanted.words, wanted.terms)),
            asked=self._asked(table.ids, phrases_of(wanted.asked)),
        )

    def _products(self, matrix: NDArray[np.float32], pair: Pair) -> Pair:
        """Return the products of all vectors with two, by packed ones once that many were asked for."""
        self._measurings += 1
        if self._packed is None and self._measurings > WORTH_PACKING:
            self._packed = Packed(matrix)
        return self._packed.products(pair) if self._packed else products(matrix, pair)

    def _candidates(
        self,
        measured: Measured,
        chosen: NDArray[np.intp],
        standing: NDArray[np.float32],
        vectors: NDArray[np.float32],
        wanted: Wanted,
    ) -> list[Candidate]:
        """Return the venues at these places, whose vectors are given in the same order."""
        table = measured.table
        ids = table.ids[chosen].tolist()
        venues = self.venues(ids)
        similarity = _similarity(vectors, wanted).tolist()
        area = wanted.area
        where = table.lat[chosen], table.lon[chosen]
        away = nearness.distances(area.lat, area.lon, *where).tolist() if area else [math.nan] * len(ids)
        return [
            Candidate(
                venue=venues[venue_id],
                similarity=similarity[place],
                question=float(measured.question[at]),
                standing=choosing.place_of(standing[at]),
                words=float(measured.words[at]),
                scope=nearness.SCOPES[measured.scope[at]],
                distance_km=None if math.isnan(away[place]) else away[place],
            )
            for place, (venue_id, at) in enumerate(zip(ids, chosen, strict=True))
        ]

    def read_ahead(self, model: str) -> None:
        """Read what a search with this model needs. Outside of any transaction. Raises WrongModel."""
        self.prepare(model)
        if not (self._keeper and self._keeper.current(model)):
            self._current(model)

    def _current(self, model: str) -> Snapshot:
        self._forget_the_old()
        if self._snapshot is None or model != self._model:
            self._snapshot, self._model = load(self._db, model), model
            self._packed = None
        return self._snapshot

    def _forget_the_old(self) -> None:
        """Drop what was read, if this or any other connection has written since."""
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version != self._version:
            self._venues.clear()
            self._snapshot, self._version = None, version
            self._shelf, self._worded = None, 0
            self._packed, self._measurings = None, 0

    def _words(self, ids: NDArray[np.int64], phrases: Sequence[str]) -> NDArray[np.float32]:
        """Return each venue's BM25 for any of the phrases; 0 where none occurs."""
        found = np.zeros(len(ids), dtype=np.float32)
        at, scores = self._bm25(ids, phrases, NAME_FIRST)
        found[at] = scores
        return np.maximum(found, 0)

    def _asked(self, ids: NDArray[np.int64], phrases: Sequence[str]) -> NDArray[np.intp]:
        """Return the places of the venues that any of the phrases occurs in, best first."""
        at, scores = self._bm25(ids, phrases, EVEN)
        return at[np.argsort(-scores, kind="stable")][: choosing.FUSED]

    def _bm25(
        self, ids: NDArray[np.int64], phrases: Sequence[str], weights: tuple[float, float, float]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the places of the venues that any of the phrases occurs in, in rising order, and their BM25.

        FTS5 is asked for the first few questions; for more it is worth reading its whole index, which takes as long as
        a hundred of them.
        """
        if not phrases:
            return np.empty(0, np.intp), np.empty(0)
        self._worded += 1
        if self._shelf is None and self._worded > _WORTH_READING:
            self._shelf = Shelf(postings.read(self._db, ids), np.empty(0, np.intp))
        if self._shelf:
            ((at, scores),) = bm25([self._shelf], [self._splitter.split(phrase) for phrase in phrases], weights)
            return at, scores
        # In one row: for each row that is fetched other threads are let in, and it may take a while to get back.
        (rows, given) = self._db.execute(
            """SELECT json_group_array(id), json_group_array(score) FROM (
            SELECT rowid AS id, bm25(venues_fts, ?, ?, ?) AS score
            FROM venues_fts WHERE venues_fts MATCH ? ORDER BY rowid)""",
            [*weights, expression_of(phrases)],
        ).fetchone()
        # FTS5 gives BM25 with its sign turned, so that better is smaller.
        return np.searchsorted(ids, np.array(json.loads(rows), dtype=np.int64)), -np.array(json.loads(given))

    def venues(self, ids: Sequence[int]) -> dict[int, Venue]:
        """Return venues by row number, with their evidence."""
        self._forget_the_old()
        missing = [one for one in ids if one not in self._venues]
        if missing:
            self._venues |= _read_venues(self._db, missing)
        found = {one: self._venues[one] for one in ids}
        while len(self._venues) > _KEPT_VENUES:
            self._venues.popitem(last=False)
        return found


def _phrasings(wanted: Wanted) -> NDArray[np.float32]:
    """Return the audience's vectors, each as long as it counts: shape (phrasings, dimensions), the user's own first."""
    vectors, weights = zip((wanted.vector, 1.0), *wanted.phrasings, strict=True)
    return np.stack(vectors) * np.array(weights, dtype=np.float32)[:, None]


def aims(wanted: Wanted) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the middle of all phrasings and the question, and the question alone: all are measured by both."""
    question = wanted.vector if wanted.question is None else wanted.question
    return (_phrasings(wanted).mean(axis=0) + question) / 2, question


def _similarity(rows: NDArray[np.float32], wanted: Wanted) -> NDArray[np.float32]:
    """Return the likeness of some venues' vectors with the audience.

    It is half that of the phrasing which the venue is most like, half the mean of all, each weighed by what it
    counts: one lucky synonym is not enough, and a venue need not answer to every one.
    """
    said = rows @ _phrasings(wanted).T
    similarity: NDArray[np.float32] = (said.max(axis=1) + said.mean(axis=1)) / 2
    return similarity


@undamaged()
def _read_venues(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, Venue]:
    marks = ",".join("?" * len(ids))
    evidence: dict[int, list[Evidence]] = {}
    for venue_id, source, url, seen_at, licence in db.execute(
        f"""SELECT venue_id, source, coalesce(json_extract(body, '$.source_url'), json_extract(body, '$.url')),
            seen_at, json_extract(body, '$.licence')
        FROM listings WHERE venue_id IN ({marks}) ORDER BY seen_at DESC, source""",  # noqa: S608 - question marks
        ids,
    ):
        moment = datetime.fromisoformat(seen_at)
        evidence.setdefault(venue_id, []).append(Evidence(source=source, url=url, seen_at=moment, licence=licence))
    found = {}
    for venue_id, body, whereabouts, first_seen in db.execute(
        f"SELECT id, body, whereabouts, first_seen FROM venues WHERE id IN ({marks})",  # noqa: S608 - question marks
        ids,
    ):
        seen = tuple(evidence.get(venue_id, ()))
        found[venue_id] = Venue(
            listing=listing_from(body),
            whereabouts=whereabouts_from(whereabouts) if whereabouts else None,
            evidence=seen,
            first_seen=datetime.fromisoformat(first_seen),
            last_seen=max((one.seen_at for one in seen), default=datetime.fromisoformat(first_seen)),
        )
    return found
