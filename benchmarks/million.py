"""One million venues: how long a question takes, what it costs to hold them, and how much of what is there is found.

    python benchmarks/million.py --listings LISTINGS.jsonl.gz [--rows N] [--keep FILE] [--queries FILE]

The venues are synthetic, made of the real ones: each is a real listing whose title has a word of another real title,
whose description is cut at a random word, whose coordinates are moved by a kilometre or so, and whose vector is the
real one with noise of a length of 0.48, so that it has a cosine of 0.9 with it. Kinds, members, areas and all else are
spread as the real ones are. They are written by the store itself, with the vectors given: nothing is encoded again.

Exhaustive is the same search over every venue, by the code that small stores use. Recall is the part of its 50
candidates that is also among ours, quotas of scopes and all, on average over the questions; with kinds, of those of two
kinds alone. Each question is asked once before and once after, so that no disk is measured.

How cost grows. A question looks at up to 8,000 venues of each scope and into 128 cells of 64, so past some 100,000
venues its time grows by three things alone: the centres of cells (one for 64 venues), a bit mask (a byte a venue), and
the matches of its words. The file takes 1.3 kB a venue, beside the store's 2 kB, and is made in time that grows with
the power 1.5 of their number: each is compared with as many centres as the root of that of cells. What was written
since is looked at in full, at some 0.15 microseconds a venue, until there are 10,000 of it and the file is made anew.
"""

from __future__ import annotations

import argparse
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

from index import cells_build
from index.merging import decide
from index.rows import listing_from, whereabouts_from
from index.sqlite import SqliteStore
from venues.app import App
from venues.discovery import Narrowing, _wanted
from venues.model import Kind
from venues.settings import Settings

NOISE = 0.48
BATCH = 5000
_KINDS = frozenset({Kind.FORUM, Kind.GROUP})
MOVED = 0.01
"""Degrees, the standard deviation: about a kilometre."""


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        path = arguments.keep or Path(name) / "million.db"
        lines = [f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", ""]
        lines += ["| what | median (min to max) | ratio or bound |", "|---|--:|--:|"]
        if not path.exists():
            real = Path(name) / "real.db"
            subprocess.run([_venues(), "import", str(arguments.listings), "--db", str(real)], check=True)
            start = time.perf_counter()
            make(real, path, arguments.rows)
            lines.append(f"| written, vectors given | {time.perf_counter() - start:.0f} s | |")
        questions = QUERIES + _given(arguments.queries)
        for row in (*_held(path), *_asked(path, questions), *_cold(path), *_recall(path, questions)):
            lines.append("| " + " | ".join(row) + " |")
        print("\n".join(lines))


def _given(path):
    return [line.split("\t")[1] for line in path.read_text("utf-8").splitlines() if "\t" in line] if path else []


def _held(path):
    """Make the file anew, in a process of its own, and tell what is on the disk."""
    cells_build.cells_path(path).unlink(missing_ok=True)
    code = "import sys, pathlib, index.cells_build as made; made.build(pathlib.Path(sys.argv[1]), sys.argv[2])"
    command = [sys.executable, "-c", code, str(path), _model(path)]
    start = time.perf_counter()
    memory = _peak(command)
    took = time.perf_counter() - start
    sizes = [each.stat().st_size / 1e9 for each in (path, cells_build.cells_path(path))]
    yield "the file of cells made", f"{took:.0f} s", f"{memory:,.0f} MB of memory meanwhile"
    yield "on disk: the store, and the file of cells", f"{sizes[0]:.2f} and {sizes[1]:.2f} GB", ""


def _asked(path, questions):
    with App(Settings(db=str(path))) as venues:
        start = time.perf_counter()
        venues.find("people who collect stamps in Truro")
        opened = time.perf_counter() - start
        first = [_milliseconds(venues.find, text) for text in questions]
        again, used = [], []
        for text in questions:
            # In other words for the encoder, the same pages for the disk.
            before = time.process_time()
            again.append(_milliseconds(venues.find, f"the {text}"))
            used.append((time.process_time() - before) * 1000)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "warm, in process, encoder included", _spread(again), f"p95 {_p95(again):.1f} ms (median at most 40)"
    yield "processor time of the same", _spread(used), ""
    yield "each question for the first time", _spread(first), f"p95 {_p95(first):.1f} ms"
    yield "the first question, with opening", f"{opened * 1000:.0f} ms", ""
    yield "resident memory after them", f"{resident:,.0f} MB", "of it, what was looked at of the file"


def _milliseconds(call, *given):
    start = time.perf_counter()
    call(*given)
    return (time.perf_counter() - start) * 1000


def _spread(values):
    return f"{statistics.median(values):.1f} ms ({min(values):.1f} to {max(values):.1f})"


def _p95(values):
    return sorted(values)[int(0.95 * len(values))]


def _cold(path):
    command = [_venues(), "find", "--no-crawl", "--db", str(path), "young mums in Brighton"]
    taken = [_timed(command) for _ in range(4)][1:]
    yield "cold, whole process: `venues find --no-crawl`", f"{statistics.median(taken):.2f} s", "at most 1.0 s"
    yield "resident memory of it", f"{_peak(command):,.0f} MB", ""


def _recall(path, questions):
    with App(Settings(db=str(path))) as venues:
        wanted = [_wanted(venues.query(text), venues.asking, Narrowing()) for text in questions]
    wanted = {"recall@50": wanted, "the same, of two kinds": [replace(each, kinds=_KINDS) for each in wanted]}
    with SqliteStore(path) as part, SqliteStore(path, large=1 << 60) as whole:
        whole.read_ahead()
        for name, each in wanted.items():
            taken, shares = [], []
            for one in each:
                start = time.perf_counter()
                expected = _names(whole, one)
                taken.append((time.perf_counter() - start) * 1000)
                shares.append(len(expected & _names(part, one)) / max(1, len(expected)))
            yield name, f"{statistics.mean(shares):.4f} (lowest {min(shares):.2f})", "at least 0.99"
            yield "the exhaustive search it is of, encoder not included", _spread(taken), ""


def _names(store, wanted):
    return {one.venue.id for one in store.candidates(wanted, 50).candidates}


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
        rows = store._db.execute(  # noqa: SLF001 - the store tells nobody its vectors
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
        return store._db.execute("SELECT name FROM models").fetchone()[0]  # noqa: SLF001 - as above


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
