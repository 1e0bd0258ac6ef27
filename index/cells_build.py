"""Making the file of cells of a large store: a minute or two for a million venues, on one processor.

The centres are those of spherical k-means. They need not be good: what they miss costs a few more cells.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import time
from contextlib import closing, suppress
from secrets import token_hex
from typing import TYPE_CHECKING

import numpy as np

from index import arrayfile, postings, snapshot
from index.cells import Cells, from_arrays
from venues.errors import WrongModel

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


_EACH = 64
"""Venues in a cell, on average: of larger cells more must be looked at, and smaller ones take longer to be compared."""
_SAMPLED = 500
"""Venues sampled for each of the first, large cells."""
_ROUNDS = 4
_CHUNK = 4096
_FORM = 2
"""Counts up whenever the file gets another form: those of another are made anew."""
_ABANDONED = 3600.0
"""Seconds after which a file that was never finished has nobody left who writes it."""
_ROOM = 2000
"""Bytes that a venue takes in the file, and a half more."""
_PATIENCE = 30.0


def cells_path(store: Path) -> Path:
    """Return the file of a store's cells. It may be deleted at any time."""
    return store.with_name(store.name + "-cells")


def opened(store: Path, token: str, model: str) -> Cells | None:
    """Return the cells of this store and model; None where there are none, or none that are whole."""
    found = arrayfile.read(cells_path(store))
    if found is None or [found[0].get(key) for key in ("form", "token", "model")] != [_FORM, token, model]:
        return None
    return from_arrays(*found)


def build(store: Path, model: str) -> None:
    """Make the file of cells anew. Raises WrongModel, sqlite3.Error, or OSError where it cannot be written."""
    path = cells_path(store)
    _clear(path)
    with closing(sqlite3.connect(store, timeout=_PATIENCE, isolation_level=None)) as db:
        # From here on the store counts what changes, so that nothing is missed that is written meanwhile.
        db.execute("INSERT OR IGNORE INTO cells (one, token) VALUES (1, ?)", [token_hex(16)])
        db.execute("BEGIN")
        (token,) = db.execute("SELECT token FROM cells").fetchone()
        _make_sure_of_room(db, path.parent)
        cells = _read(db, model)
    arrayfile.write(path, cells.about() | {"form": _FORM, "token": token, "model": model}, cells.arrays())
    path.chmod(stat.S_IMODE(store.stat().st_mode))


def _clear(path: Path) -> None:
    """Delete what was left of this file by processes that were killed while they wrote it."""
    for left in path.parent.glob(f"{path.name}-*{arrayfile.UNFINISHED}"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()


def _make_sure_of_room(db: sqlite3.Connection, folder: Path) -> None:
    """Raise OSError, before a minute's work, where its result could not be written."""
    (count,) = db.execute("SELECT coalesce(max(id), 0) FROM venues").fetchone()
    if not os.access(folder, os.W_OK) or shutil.disk_usage(folder).free < count * _ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def last_change(db: sqlite3.Connection) -> int:
    """Return the number of the last change that the store counted."""
    row = db.execute("SELECT max(seq) FROM changed").fetchone()
    return row[0] or 0


def _read(db: sqlite3.Connection, model: str) -> Cells:
    seq = last_change(db)
    table = snapshot.load_table(db)
    ids = table.ids
    halves = _halves(db, len(ids), model)
    said = postings.read(db, ids)
    centres, cell = _cells(halves)
    order = np.argsort(cell, kind="stable")
    by_id = np.empty(len(ids), np.int32)
    by_id[order] = np.arange(len(ids), dtype=np.int32)
    table = table.take(order)
    halves = halves[order]
    by_lat = np.argsort(table.lat, kind="stable")  # what is not known comes last
    codes, scales = _bytes(halves)
    return Cells(
        seq=seq,
        table=table,
        by_id=by_id,
        centres=centres,
        ends=np.cumsum(np.bincount(cell, minlength=len(centres))).astype(np.int32),
        bytes=codes,
        scales=scales,
        halves=halves,
        by_chain=np.argsort(table.chain_of, kind="stable").astype(np.int32),
        chain_ends=np.cumsum(np.bincount(table.chain_of, minlength=len(table.chains))),
        by_lat=by_lat.astype(np.int32),
        lats=table.lat[by_lat],
        lons=table.lon[by_lat],
        lat_chains=table.chain_of[by_lat],
        postings=said,
    )


def _halves(db: sqlite3.Connection, count: int, model: str) -> NDArray[np.float16]:
    """Return all vectors, in order of row number. Raises WrongModel where any venue has none of this model."""
    row = db.execute("SELECT id, dimensions FROM models WHERE name = ?", [model]).fetchone()
    number, dimensions = row or (0, 0)
    halves = np.empty((count, dimensions), "<f2")
    found = db.execute("SELECT vector FROM vectors WHERE model_id = ? ORDER BY venue_id", [number])
    held = 0
    while batch := found.fetchmany(_CHUNK):
        if held + len(batch) <= count:
            halves[held : held + len(batch)] = np.frombuffer(b"".join(one for (one,) in batch), "<f2").reshape(
                len(batch), dimensions
            )
        held += len(batch)
    if held != count:
        raise WrongModel(snapshot.other_model(db, model), model)
    return halves


def _cells(halves: NDArray[np.float16]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return the centres of cells of near vectors, and the cell of each vector.

    First into some large ones, and each of those into small ones, in a tenth of the time that it takes at once.
    """
    chance = np.random.default_rng(1)
    count = max(1, round(len(halves) / _EACH))
    large = max(1, round(count**0.5))
    sample = halves[np.sort(chance.choice(len(halves), min(len(halves), large * _SAMPLED), replace=False))]
    of_large = _nearest(halves, _centres(sample, large, chance))
    cell = np.empty(len(halves), np.intp)
    centres: list[NDArray[np.float32]] = []
    held = 0
    for one in range(large):
        within = np.flatnonzero(of_large == one)
        if not len(within):
            continue
        vectors = halves[within]
        found = _centres(vectors, max(1, round(len(within) / _EACH)), chance)
        cell[within] = held + _nearest(vectors, found)
        centres.append(found)
        held += len(found)
    return np.concatenate(centres), cell


def _centres(sample: NDArray[np.float16], count: int, chance: np.random.Generator) -> NDArray[np.float32]:
    """Return so many centres of some vectors, by spherical k-means."""
    centres = sample[chance.choice(len(sample), count, replace=False)].astype(np.float32)
    for _ in range(_ROUNDS):
        cell = _nearest(sample, centres)
        order = np.argsort(cell, kind="stable")
        sizes = np.bincount(cell, minlength=count)
        held = np.flatnonzero(sizes)
        starts = (np.cumsum(sizes) - sizes)[held]
        centres[held] = np.add.reduceat(sample[order].astype(np.float32), starts, axis=0)
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    return centres


def _nearest(halves: NDArray[np.float16], centres: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return for each vector the centre that it is most like."""
    found = np.empty(len(halves), np.intp)
    for start in range(0, len(halves), _CHUNK):
        chunk = halves[start : start + _CHUNK].astype(np.float32)
        found[start : start + _CHUNK] = (chunk @ centres.T).argmax(axis=1)
    return found


def _bytes(halves: NDArray[np.float16]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the vectors in 8 bits, and by how much each must be multiplied."""
    codes = np.empty(halves.shape, np.int8)
    scales = np.empty(len(halves), np.float32)
    for start in range(0, len(halves), _CHUNK):
        chunk = halves[start : start + _CHUNK].astype(np.float32)
        scale = np.maximum(np.abs(chunk).max(axis=1), 1e-9) / 127
        codes[start : start + _CHUNK] = np.rint(chunk / scale[:, None])
        scales[start : start + _CHUNK] = scale
    return codes, scales
