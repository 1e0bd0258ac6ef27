"""From what is wanted to candidates: area first, then nearest vectors and words, each scope with its own share."""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from index import nearness
from index.rows import listing_from, undamaged, whereabouts_from
from index.snapshot import KINDS, STATES, Snapshot, load
from index.store import Found
from venues.model import Candidate, Evidence, Venue

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.store import Wanted

SHARES = {nearness.LOCAL: 0.5, nearness.CONTAINING: 0.2, nearness.NEARBY: 0.1, nearness.EVERYWHERE: 0.2}
"""What part of the candidates each scope is sure of, so that neither thousands of local groups nor thousands of
place-less ones can crowd the others out. What a scope does not use goes to the best of the rest."""

POOL = 300
"""Among this many best matches of the whole index, those that a filter removes are counted aloud."""

WORDS_WEIGHT = 0.3
"""What full agreement in words adds to a cosine when candidates are chosen; ranking weighs the two anew."""

STANDING_WEIGHT = 0.1
"""What the first place by the whole question adds, so that none of the first few is left out."""

FUSED = 1000
RRF_K = 60
"""How far down each list is fused, and the constant of reciprocal rank fusion."""

_KEPT_VENUES = 4096  # a page of a busy area is asked for again and again

_STOP_WORDS = frozenset(
    "a about all am an and any are as at be but by can do for from get have how i in into is it its like live lives"  # noqa: SIM905 - a list of seventy lines tells nobody more
    " living looking love loves me my need of off on or other our out people person some that the their them they"
    " this to up us want wanting wants we what where which who whose will with you your".split()
)
"""Words that tell no audience from another; a query made of nothing else matches by meaning alone."""


def match_expression(words: str, terms: Sequence[str] = ()) -> str:
    """Return the FTS5 query for any of the terms, else of the words; "" where none tells one audience from another."""
    if not terms:
        terms = [token for token in re.findall(r"\w+", words.casefold()) if token not in _STOP_WORDS]
    phrases = (" ".join(re.findall(r"\w+", term.casefold())) for term in terms)
    return " OR ".join(f'"{phrase}"' for phrase in dict.fromkeys(phrases) if phrase)


class Searcher:
    """Answers searches from a snapshot that is read once and read again when the store has changed.

    Not safe to share between threads by itself: the store that owns it holds the lock.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        """Take an open connection; nothing is read yet."""
        self._db = db
        self._snapshot: Snapshot | None = None
        self._model = ""
        self._version = -1
        self._venues: OrderedDict[int, Venue] = OrderedDict()

    def search(self, wanted: Wanted, limit: int) -> Found:
        """Return up to `limit` candidates, and how many of the best matches each filter removed."""
        snapshot = self._current(wanted.model)
        if not len(snapshot.ids):
            return Found([], {})
        words = self._words(snapshot, match_expression(wanted.words, wanted.terms))
        distance, scope = _place(snapshot, wanted)
        likeness, question = _likeness(snapshot, wanted)
        standing = _standing(question, self._asked(snapshot, match_expression(wanted.asked)))
        merit = likeness + WORDS_WEIGHT * words / np.float32(words.max(initial=0) or 1) + STANDING_WEIGHT * standing
        reasons = _reasons(snapshot, wanted, scope)
        chosen = _choose(merit, scope, reasons == 0, limit)
        similarity = _similarity(snapshot.matrix[chosen], wanted)
        venues = self.venues(snapshot.ids[chosen].tolist())
        candidates = [
            Candidate(
                venue=venues[int(snapshot.ids[at])],
                similarity=float(similarity[place]),
                question=float(question[at]),
                standing=_place_of(standing[at]),
                words=float(words[at]),
                scope=nearness.SCOPES[scope[at]],
                distance_km=None if np.isnan(distance[at]) else float(distance[at]),
            )
            for place, at in enumerate(chosen)
        ]
        return Found(candidates, _left_out(merit, reasons))

    def read_ahead(self, model: str) -> None:
        """Read the snapshot that a search with this model needs. Raises WrongModel."""
        self._current(model)

    def _current(self, model: str) -> Snapshot:
        self._forget_the_old()
        if self._snapshot is None or model != self._model:
            self._snapshot, self._model = load(self._db, model), model
        return self._snapshot

    def _forget_the_old(self) -> None:
        """Drop what was read, if this or any other connection has written since."""
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version != self._version:
            self._venues.clear()
            self._snapshot, self._version = None, version

    def _words(self, snapshot: Snapshot, expression: str) -> NDArray[np.float32]:
        """Return each venue's BM25 for an FTS5 query; 0 where none of its words occurs."""
        found = np.zeros(len(snapshot.ids), dtype=np.float32)
        if expression:
            rows = self._db.execute(
                "SELECT rowid, bm25(venues_fts, 2.0, 1.0, 0.0) FROM venues_fts WHERE venues_fts MATCH ?", [expression]
            ).fetchall()
            if rows:
                table = np.array(rows)
                # FTS5 gives BM25 with its sign turned, so that better is smaller.
                found[np.searchsorted(snapshot.ids, table[:, 0].astype(np.int64))] = -table[:, 1]
        return np.maximum(found, 0)

    def _asked(self, snapshot: Snapshot, expression: str) -> NDArray[np.intp]:
        """Return the places of the venues that match the whole question as words, best first."""
        if not expression:
            return np.empty(0, dtype=np.intp)
        rows = self._db.execute(
            "SELECT rowid FROM venues_fts WHERE venues_fts MATCH ? ORDER BY bm25(venues_fts), rowid LIMIT ?",
            [expression, FUSED],
        ).fetchall()
        return np.searchsorted(snapshot.ids, np.array(rows, dtype=np.int64).reshape(-1))

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


def _likeness(snapshot: Snapshot, wanted: Wanted) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return each venue's mean likeness with all phrasings and the question, and that with the question alone.

    Two products with one vector each: they are bound by memory, and one with both takes several times as long.
    """
    question = wanted.vector if wanted.question is None else wanted.question
    centre = (_phrasings(wanted).mean(axis=0) + question) / 2
    return snapshot.matrix @ centre, snapshot.matrix @ question


def _similarity(rows: NDArray[np.float32], wanted: Wanted) -> NDArray[np.float32]:
    """Return the likeness of some venues' vectors with the audience.

    It is half that of the phrasing which the venue is most like, half the mean of all, each weighed by what it
    counts: one lucky synonym is not enough, and a venue need not answer to every one.
    """
    said = rows @ _phrasings(wanted).T
    similarity: NDArray[np.float32] = (said.max(axis=1) + said.mean(axis=1)) / 2
    return similarity


def _standing(question: NDArray[np.float32], worded: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return for each venue 1 / its place by the question's meaning and words fused; 0 where it is far down in both.

    The fusion is that of reciprocal ranks, as in `index.baselines.Fusion`.
    """
    fused = np.zeros(len(question), dtype=np.float32)
    meant = _best(question, np.ones(len(question), dtype=bool), FUSED)
    meant = meant[np.argsort(-question[meant], kind="stable")]
    for order in (meant, worded):
        fused[order] += 1 / np.arange(RRF_K + 1, RRF_K + 1 + len(order), dtype=np.float32)
    places = np.flatnonzero(fused)
    places = places[np.argsort(-fused[places], kind="stable")]
    standing = np.zeros(len(question), dtype=np.float32)
    standing[places] = 1 / np.arange(1, len(places) + 1, dtype=np.float32)
    return standing


def _place_of(standing: np.float32) -> int | None:
    return round(1 / float(standing)) if standing else None


def _place(snapshot: Snapshot, wanted: Wanted) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return each venue's distance (NaN where unknown) and scope."""
    area = wanted.area
    if area is None:
        unknown = np.full(len(snapshot.ids), np.nan, dtype=np.float32)
        scope = nearness.scopes_without_area(wanted.home, snapshot.chains, snapshot.chain_of, snapshot.radius_km)
        return unknown, scope
    distance = nearness.distances(area.lat, area.lon, snapshot.lat, snapshot.lon)
    scope = nearness.scopes_to(area, wanted.radius_km, snapshot.chains, snapshot.chain_of, distance, snapshot.radius_km)
    return distance, scope


_REASONS = (*STATES, "another kind", "elsewhere")
"""Why a venue is left out; in arrays, by its place here. Of several reasons the earlier is told."""


def _reasons(snapshot: Snapshot, wanted: Wanted, scope: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return why each venue is left out, as a place in `_REASONS`: 0 where it is not."""
    why = np.where(scope == nearness.ELSEWHERE, _REASONS.index("elsewhere"), 0).astype(np.int8)
    if wanted.kinds:
        others = ~np.isin(snapshot.kind, [code for code, kind in enumerate(KINDS) if kind in wanted.kinds])
        why[others] = _REASONS.index("another kind")
    return np.where(snapshot.state > 0, snapshot.state, why)


def _choose(
    merit: NDArray[np.float32], scope: NDArray[np.int8], allowed: NDArray[np.bool_], limit: int
) -> NDArray[np.intp]:
    """Return the places of up to `limit` venues: each scope's best up to its share, then the best of the rest."""
    chosen = np.zeros(len(merit), dtype=bool)
    for code, share in SHARES.items():
        chosen[_best(merit, allowed & (scope == code), int(limit * share))] = True
    chosen[_best(merit, allowed & ~chosen, limit - int(chosen.sum()))] = True
    found = np.flatnonzero(chosen)
    return found[np.argsort(-merit[found], kind="stable")]


def _best(merit: NDArray[np.float32], among: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the places of the `count` best; of equals at the edge, the first."""
    places = np.flatnonzero(among)
    if len(places) <= count:
        return places
    values = merit[places]
    edge = np.partition(values, len(values) - count)[len(values) - count] if count > 0 else np.inf
    surely = places[values > edge]
    return np.concatenate((surely, places[values == edge][: count - len(surely)]))


def _left_out(merit: NDArray[np.float32], reasons: NDArray[np.int8]) -> dict[str, int]:
    """Count, by reason, the best matches of the whole index that were left out."""
    best = _best(merit, np.ones(len(merit), dtype=bool), POOL)
    counts = np.bincount(reasons[best], minlength=len(_REASONS))
    return {reason: int(counts[code]) for code, reason in enumerate(_REASONS) if reason and counts[code]}


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
