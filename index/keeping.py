"""Keeps the file of cells of a large store: opened, told of what changed, and made anew in time.

A search never waits for a file to be made anew, unless there is none or so much has changed since that looking at all
of it would take longer.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np

from index import cells_build
from index.looking import LargeIndex
from index.snapshot import load
from venues.errors import WrongModel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index.cells import Cells

LARGE = 100_000
"""Venues from which on not all are looked at: of so many, that takes 20 ms."""
FRESH = 10_000
"""Changes since the file was made from which on it is made anew, beside what else goes on."""
WAITED_FOR = 100_000
"""Changes from which on that is waited for."""
_FAULTS = (OSError, sqlite3.Error)
"""What says that there can be no file: then all venues are looked at, which is slow and right."""


class Keeper:
    """One store's large index. Not safe to share between threads."""

    def __init__(self, db: sqlite3.Connection, path: Path, large: int, say: Callable[[str], None] | None) -> None:
        """Take the store's connection and file; nothing is read yet. `say` is told of what is waited for."""
        self._db = db
        self._path = path
        self._large = large
        self._say = say or (lambda _: None)
        self._model = ""
        self._index: LargeIndex | None = None
        self._version = -1
        """Of the store, as far as the index was told of its changes."""
        self._prepared: tuple[int, str] | None = None
        self._making: Thread | None = None
        self._borne = 0
        """Changes in spite of which no new file is made: it was tried with so many."""

    def prepare(self, model: str) -> None:
        """Open the file, or make it, where the store is large. Raises WrongModel."""
        state = self._state(), model
        if state == self._prepared and not self._made():
            return
        self._prepared = state
        (size,) = self._db.execute("SELECT coalesce(max(id), 0) FROM venues").fetchone()
        if size < self._large:
            self._take(None, model)
            return
        fresh = self._fresh(model)
        if fresh is None or fresh > WAITED_FOR:
            self._wait(model)
        elif fresh > self._borne + FRESH and self._making is None:
            self._borne = fresh
            self._making = Thread(target=_make, args=(self._path, model), name="cells", daemon=True)
            self._making.start()

    def current(self, model: str) -> LargeIndex | None:
        """Return the index, told of all that changed; None where the store is not large or there can be no file."""
        if self._index is None or self._model != model:
            return None
        state = self._state()
        if state != self._version:
            self._tell(self._index)
            self._version = state
        return self._index

    def close(self) -> None:
        """Let go of the index; what is being made anew is left to itself."""
        self._take(None, "")

    def _state(self) -> int:
        (state,) = self._db.execute("PRAGMA user_version").fetchone()
        return int(state)

    def _fresh(self, model: str) -> int | None:
        """Return how many venues changed since the file was made; None where there is none of use."""
        row = self._db.execute("SELECT token FROM cells").fetchone()
        if row is None:
            return None
        if self._index is None or self._model != model:
            self._take(cells_build.opened(self._path, row[0], model), model)
        fresh = self._changes()
        if fresh is None or fresh > FRESH or self._made():
            # There may be a newer file by now, made by us or by another process.
            self._making = None if self._made() else self._making
            newer = cells_build.opened(self._path, row[0], model)
            if newer and (self._index is None or newer.seq != self._index.cells.seq):
                self._take(newer, model)
                fresh = self._changes()
        return fresh

    def _changes(self) -> int | None:
        """Return how many venues changed since the file at hand; None where there is none, or one of the future."""
        if self._index is None or self._index.cells.seq > cells_build.last_change(self._db):
            return None
        (count,) = self._db.execute("SELECT count(*) FROM changed WHERE seq > ?", [self._index.cells.seq]).fetchone()
        return int(count)

    def _made(self) -> bool:
        """Tell whether a file was made since it was last opened."""
        return self._making is not None and not self._making.is_alive()

    def _wait(self, model: str) -> None:
        """Make the file now, or wait for who makes it; where it cannot be made, there is no index."""
        self._say("Sorting the venues by likeness: a minute or two for a million, once and after many changes.")
        if self._making:
            self._making.join()
        else:
            self._take(None, model)
            with suppress(*_FAULTS):
                cells_build.build(self._path, model)
        self._fresh(model)

    def _take(self, cells: Cells | None, model: str) -> None:
        if self._index:
            self._index.close()
        self._index = LargeIndex(cells) if cells else None
        self._model, self._version, self._borne = model, -1, 0

    def _tell(self, index: LargeIndex) -> None:
        seq = index.cells.seq
        changed = [one for (one,) in self._db.execute("SELECT venue_id FROM changed WHERE seq > ?", [seq])]
        said = self._db.execute(
            """SELECT id, name, description, place FROM venues
            WHERE id IN (SELECT venue_id FROM changed WHERE seq > ?) ORDER BY id""",
            [seq],
        ).fetchall()
        index.refresh(np.array(changed, np.int64), load(self._db, self._model, seq), said)


def _make(path: Path, model: str) -> None:
    with suppress(WrongModel, *_FAULTS):
        cells_build.build(path, model)
