"""One million venues: how long a question takes, what it costs to hold them, and how much of what is there is found.

    python benchmarks/million.py --listings LISTINGS.jsonl.gz [--rows N] [--keep FILE] [--queries FILE]

The venues are synthetic, made of the real ones: each is a real listing whose title has a word of another real title,
whose description is cut at a random word, whose coordinates are moved by a kilometre or so, and whose vector is the
real one with noise of a length of 0.48, so that it has a cosine of 0.9 with it. Kinds, members, areas and all else are
spread as the real ones are. They are written by the store itself, with the vectors given: nothing is encoded again.

Exhaustive is the same search over every venue, by the code that small stores use. Recall is the part of its first 50
that is also among our first 50, by candidates with the quotas of scopes as they are, on average over the questions.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from run import QUERIES, _peak, _timed, _venues

from index.merging import decide
from index.rows import listing_from, whereabouts_from
from index.sqlite import SqliteStore

NOISE = 0.48
BATCH = 5000
MOVED = 0.01
"""Degrees, the standard deviation: about a kilometre."""


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        path = arguments.keep or Path(name) / "million.db"
        if not path.exists():
            real = Path(name) / "real.db"
            subprocess.run([_venues(), "import", str(arguments.listings), "--db", str(real)], check=True)
            start = time.perf_counter()
            make(real, path, arguments.rows)
            print(f"written in {time.perf_counter() - start:.0f} s")


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listings", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="the index that is made, or used where it is there already")
    parser.add_argument("--queries", type=Path, help="lines of an id, a tab and a question; more than the 39 at hand")
    return parser.parse_args()


def make(real, path, rows):
    """Write so many venues, made of those in another store."""
    chance, words = np.random.default_rng(1), random.Random(1)
    listings, places, vectors = _read(real)
    vocabulary = [word for listing in listings for word in listing.title.split()]
    model = _model(real)
    with SqliteStore(f"{path}-made") as store:
        for start in range(0, rows, BATCH):
            count = min(BATCH, rows - start)
            chosen = [(start + each) % len(listings) for each in range(count)]
            made = [_varied(listings[at], start + each, words, vocabulary) for each, at in enumerate(chosen)]
            where = [_moved(places[at], words) for at in chosen]
            # The store decides as at any import; what it would ask of the encoder and of the places is at hand.
            changes = [replace(put, whereabouts=where[each]) for each, put in enumerate(decide({}, made, _now()))]
            noise = chance.standard_normal((count, vectors.shape[1])).astype(np.float32) * NOISE
            rows_of = vectors[chosen] + noise / np.sqrt(np.float32(vectors.shape[1]))
            store.apply(changes, rows_of / np.linalg.norm(rows_of, axis=1, keepdims=True), model)
    Path(f"{path}-made").rename(path)


def _now():
    return datetime(2026, 11, 1, tzinfo=UTC)


def _read(real):
    with SqliteStore(real) as store:
        rows = store._db.execute(
            """SELECT v.body, v.whereabouts, x.vector FROM venues v JOIN vectors x ON x.venue_id = v.id
            WHERE v.gone_at IS NULL ORDER BY v.id"""
        ).fetchall()
    vectors = np.stack([np.frombuffer(vector, "<f2").astype(np.float32) for *_, vector in rows])
    return (
        [listing_from(body) for body, *_ in rows],
        [whereabouts_from(where) if where else None for _, where, _ in rows],
        vectors,
    )


def _model(real):
    with SqliteStore(real) as store:
        return store._db.execute("SELECT name FROM models").fetchone()[0]


def _varied(listing, number, words, vocabulary):
    about = listing.description
    if about:
        said = about.split()
        about = " ".join(said[: words.randint(min(5, len(said)), len(said))])
    return replace(
        listing,
        native_id=f"{listing.native_id}-{number}",
        title=f"{listing.title} {words.choice(vocabulary)}",
        description=about,
    )


def _moved(where, words):
    if where is None or where.lat is None:
        return where
    return replace(
        where, lat=max(-90.0, min(90.0, where.lat + words.gauss(0, MOVED))), lon=where.lon + words.gauss(0, MOVED)
    )


if __name__ == "__main__":
    main()
