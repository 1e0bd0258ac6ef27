"""The words index as arrays finds what FTS5 finds, and weighs it as FTS5 does."""

from __future__ import annotations

import random
import sqlite3
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.postings import TOKENIZER, Postings, Shelf, Splitter, bm25, from_arrays, read

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = ["mum", "mums", "young", "café", "cafe", "group", "groups", "running", "run", "runner", "of", "the", "leeds"]
WORDS += ["dads", "O'Neill", "re-use", "10k", "straße", "東京", "a"]
PHRASES = [
    "mums",
    "young mums",
    "run",
    "the mum",
    "cafés",
    "re use",
    "mum mum",
    "nothing",
    "東京",
    "...",
    "runners of the",
]
NONE = np.empty(0, np.intp)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(":memory:", isolation_level=None)
    opened.execute(f"CREATE VIRTUAL TABLE venues_fts USING fts5(name, description, place, tokenize='{TOKENIZER}')")
    yield opened
    opened.close()


def rows(count: int, seed: int, first: int = 1) -> list[tuple[int, str, str | None, str | None]]:
    """Rows with gaps between their numbers, as after deletions."""
    chance = random.Random(seed)

    def text(most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(0, most)))

    return [
        (first + 3 * row, text(4), chance.choice([None, text(30)]), chance.choice([None, text(2)]))
        for row in range(count)
    ]


def insert(db: sqlite3.Connection, given: list[tuple[int, str, str | None, str | None]]) -> None:
    db.executemany("INSERT INTO venues_fts (rowid, name, description, place) VALUES (?, ?, ?, ?)", given)


def write(db: sqlite3.Connection, given: list[tuple[int, str, str | None, str | None]]) -> Postings:
    insert(db, given)
    return read(db, np.array([row for row, *_ in given], np.int64))


def by_fts5(db: sqlite3.Connection, phrases: list[str], weights: tuple[float, float, float]) -> dict[int, float]:
    expression = " OR ".join(f'"{phrase}"' for phrase in phrases)
    found = db.execute(
        "SELECT rowid, -bm25(venues_fts, ?, ?, ?) FROM venues_fts WHERE venues_fts MATCH ?", [*weights, expression]
    )
    return dict(found.fetchall())


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("weights", [(2.0, 1.0, 0.0), (1.0, 1.0, 1.0)])
def test_every_phrase_is_found_and_weighed_as_fts5_does(
    db: sqlite3.Connection, seed: int, weights: tuple[float, float, float]
) -> None:
    given = rows(60, seed)
    postings = write(db, given)
    splitter = Splitter()
    ids = np.array([row for row, *_ in given])

    for phrases in [PHRASES, *([phrase] for phrase in PHRASES)]:
        ((at, scores),) = bm25([Shelf(postings, NONE)], [splitter.split(phrase) for phrase in phrases], weights)
        assert by_fts5(db, phrases, weights) == pytest.approx(dict(zip(ids[at].tolist(), scores.tolist(), strict=True)))
        assert at.tolist() == sorted(set(at.tolist()))


def test_old_rows_that_count_no_more_and_new_ones_beside_them_are_weighed_as_one_index(db: sqlite3.Connection) -> None:
    old, new = rows(50, 1), rows(20, 2, first=2)
    dead = np.array([0, 7, 49])
    postings = write(db, old)
    db.executemany("DELETE FROM venues_fts WHERE rowid = ?", [(old[at][0],) for at in dead])
    insert(db, new)
    splitter = Splitter()

    shelves = [Shelf(postings, dead), Shelf(splitter.read(new), NONE)]
    found = bm25(shelves, [splitter.split(phrase) for phrase in PHRASES], (2.0, 1.0, 0.0))

    ours = {
        given[at][0]: score
        for given, (places, scores) in zip((old, new), found, strict=True)
        for at, score in zip(places.tolist(), scores.tolist(), strict=True)
    }
    assert by_fts5(db, PHRASES, (2.0, 1.0, 0.0)) == pytest.approx(ours)


def test_nothing_is_found_in_nothing() -> None:
    splitter = Splitter()
    ((places, scores),) = bm25([Shelf(splitter.read([]), NONE)], [splitter.split("mums")], (1.0, 1.0, 1.0))
    assert (0, 0) == (len(places), len(scores))


def test_postings_come_back_from_their_arrays(db: sqlite3.Connection) -> None:
    postings = write(db, rows(9, 3))
    again = from_arrays(postings.arrays())
    assert postings.matches(("young", "mum")).tolist() == again.matches(("young", "mum")).tolist()
    assert len(postings.matches(("mum",)))
