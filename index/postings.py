"""The words index of SQLite as arrays: the same words, the same BM25, at a fiftieth of the time.

FTS5 weighs each match by itself, at some 3 microseconds, and has no way to stop early: in a million venues a common
word has a hundred thousand. Here all matches of a word are weighed in one go. Words are taken apart by FTS5 itself, so
that both find the same; a test holds the two side by side.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""As in the migrations."""
COLUMNS = ("name", "description", "place")
NAME_FIRST = (2.0, 1.0, 0.0)
EVEN = (1.0, 1.0, 1.0)
"""What a word counts in each column: where people are looked for, and where the whole question is."""
_K1, _B, _LEAST = 1.2, 0.75, 1e-6
"""FTS5's own constants, and its rarity of a word that half of all rows have."""
_IN_COLUMN = 18
_IN_ROW = 20
"""Bits of a key for the place of a word in its column, and for that and the column."""
_LAST = (1 << _IN_COLUMN) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Postings:
    """Where each word stands. Rows are numbered from 0 in order of their row numbers in the store."""

    words: NDArray[np.uint8]
    """All words in order, end to end, in UTF-8."""
    word_ends: NDArray[np.int64]
    key_ends: NDArray[np.int64]
    """Where each word and its keys end."""
    keys: NDArray[np.int64]
    """A row, a column and a place in it, in rising order for each word."""
    lengths: NDArray[np.int32]
    """How many words each row has."""

    def keys_of(self, word: str) -> NDArray[np.int64]:
        """Return the keys of a word; none where it does not occur."""
        wanted = word.encode()
        low, high = 0, len(self.word_ends)
        while low < high:
            middle = (low + high) // 2
            if self._word(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        if low == len(self.word_ends) or self._word(low) != wanted:
            return np.empty(0, np.int64)
        return self.keys[self.key_ends[low - 1] if low else 0 : self.key_ends[low]]

    def _word(self, at: int) -> bytes:
        return self.words[self.word_ends[at - 1] if at else 0 : self.word_ends[at]].tobytes()

    def matches(self, phrase: Sequence[str]) -> NDArray[np.int64]:
        """Return the keys of the first words of a phrase, wherever the others follow it."""
        keys = [self.keys_of(word) - place for place, word in enumerate(phrase)]
        rarest, *others = sorted(keys, key=len) if keys else [np.empty(0, np.int64)]
        for other in others:
            at = np.searchsorted(other, rarest)
            rarest = rarest[other[np.minimum(at, len(other) - 1)] == rarest] if len(other) else other
        return rarest

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all of it by name."""
        return {f"postings.{name}": getattr(self, name) for name in _FIELDS}


_FIELDS = ("words", "word_ends", "key_ends", "keys", "lengths")


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Postings:
    """Return what `Postings.arrays` gave."""
    return Postings(**{name: arrays[f"postings.{name}"] for name in _FIELDS})


def read(db: sqlite3.Connection, ids: NDArray[np.int64]) -> Postings:
    """Read the words index of a store whose row numbers are given in rising order. A second for a million words."""
    for kind in ("row", "instance"):
        db.execute(f"CREATE VIRTUAL TABLE temp.by_{kind} USING fts5vocab(main, venues_fts, {kind})")
    try:
        terms = db.execute("SELECT term, cnt FROM temp.by_row ORDER BY term").fetchall()
        found = db.execute(
            """SELECT (doc << 20) | ((CASE col WHEN 'name' THEN 0 WHEN 'description' THEN 1 ELSE 2 END) << 18)
            | min(offset, ?) FROM temp.by_instance""",
            [_LAST],
        )
        keys = np.fromiter(chain.from_iterable(found), np.int64)
    finally:
        for kind in ("row", "instance"):
            db.execute(f"DROP TABLE temp.by_{kind}")
    row_of = np.zeros(int(ids[-1]) + 1 if len(ids) else 0, np.int64)
    row_of[ids] = np.arange(len(ids))
    rows = row_of[keys >> _IN_ROW]
    keys = rows << _IN_ROW | keys & ((1 << _IN_ROW) - 1)
    texts = [term.encode() for term, _ in terms]
    return Postings(
        words=np.frombuffer(b"".join(texts), np.uint8),
        word_ends=np.cumsum([len(text) for text in texts], dtype=np.int64),
        key_ends=np.cumsum([count for _, count in terms], dtype=np.int64),
        keys=keys,
        lengths=np.bincount(rows, minlength=len(ids)).astype(np.int32),
    )


class Splitter:
    """Takes phrases apart as the words index does. Not safe to share between threads."""

    def __init__(self) -> None:
        """Open a words index in memory: FTS5 lends its tokenizer in no other way."""
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.execute(f"CREATE VIRTUAL TABLE said USING fts5(text, tokenize='{TOKENIZER}')")
        self._db.execute("CREATE VIRTUAL TABLE words USING fts5vocab(said, instance)")
        self.split = lru_cache(maxsize=8192)(self._split)

    def close(self) -> None:
        """Let go of it."""
        self._db.close()

    def _split(self, phrase: str) -> tuple[str, ...]:
        """Return the words of a phrase, as they stand in the index."""
        self._db.execute("INSERT INTO said (rowid, text) VALUES (1, ?)", [phrase])
        found = self._db.execute('SELECT term FROM words ORDER BY "offset"').fetchall()
        self._db.execute("DELETE FROM said")
        return tuple(term for (term,) in found)

    def read(self, rows: Sequence[tuple[Any, ...]]) -> Postings:
        """Return the postings of rows that are not in a file: row number and `COLUMNS`, in order of row number."""
        with sqlite3.connect(":memory:", isolation_level=None) as db:
            db.execute(f"CREATE VIRTUAL TABLE venues_fts USING fts5({', '.join(COLUMNS)}, tokenize='{TOKENIZER}')")
            db.executemany(
                f"INSERT INTO venues_fts (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?)",  # noqa: S608 - constants
                rows,
            )
            found = read(db, np.array([row for row, *_ in rows], np.int64))
        db.close()
        return found


class Shelf:
    """Postings, and which of their rows still count."""

    def __init__(self, postings: Postings, dead: NDArray[np.intp]) -> None:
        """Take the postings, and those of their rows, in rising order, that are elsewhere by now."""
        self.postings = postings
        self.dead = dead
        self.size = len(postings.lengths) - len(dead)
        self.length = int(postings.lengths.sum()) - int(postings.lengths[dead].sum())
        """How many rows count, and how many words they have."""

    def hits(self, phrase: Sequence[str], weights: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the rows in which a phrase occurs, in rising order, and how often, by the weight of the column."""
        keys = self.postings.matches(phrase)
        if not len(keys):
            return keys, np.empty(0)
        rows = keys >> _IN_ROW
        starts = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
        counts = np.add.reduceat(np.array(weights)[(keys >> _IN_COLUMN) & 3], starts)
        rows = rows[starts]
        if len(self.dead):
            alive = ~np.isin(rows, self.dead)
            rows, counts = rows[alive], counts[alive]
        return rows, counts


def bm25(
    shelves: Sequence[Shelf], phrases: Sequence[Sequence[str]], weights: Sequence[float]
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Return for each shelf the rows in which any phrase occurs, in rising order, and their BM25 as FTS5 has it."""
    size = sum(shelf.size for shelf in shelves)
    average = sum(shelf.length for shelf in shelves) / max(size, 1)
    parts: list[list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = [[] for _ in shelves]
    for phrase in phrases:
        hits = [shelf.hits(phrase, weights) for shelf in shelves]
        count = sum(len(rows) for rows, _ in hits)
        if not count:
            continue
        rarity = max(log((size - count + 0.5) / (count + 0.5)), 0) or _LEAST
        for shelf, part, (rows, often) in zip(shelves, parts, hits, strict=True):
            spread = _K1 * (1 - _B + _B * shelf.postings.lengths[rows] / average)
            part.append((rows, rarity * often * (_K1 + 1) / (often + spread)))
    return [_added(part) for part in parts]


def _added(parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the sum of several lists of rows and scores."""
    every = np.concatenate([np.empty(0, np.int64), *(rows for rows, _ in parts)])
    if not len(every):
        return every, np.empty(0)
    scores = np.concatenate([scores for _, scores in parts])
    order = np.argsort(every, kind="stable")
    every, scores = every[order], scores[order]
    starts = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1])))
    return every[starts], np.add.reduceat(scores, starts)
