"""What crawls remember of hosts: whom we asked when, who is closed until when, robots.txt, and unchanged pages.

All of it is in a small SQLite file beside the index, and not in the index: it is written at every request, and must
neither wait for a batch of venues to be written nor make one wait. A commit to it costs some 30 microseconds, since
nothing is forced to the disk: a crashed process loses nothing, a power cut the last moment at most. Losing the file
costs pages that are sent again. Its own faults cost no crawl: then what is in memory has to do.

Whose turn it is at a host is a lock of the operating system on one byte of a second file: it ends with its process.
"""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import sys
import time
import zlib
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from crawlers.contract import Page
from crawlers.robots import KEPT_FOR, File

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Any, Self

    from crawlers.contract import Request

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: there two crawls keep the pace together, but may ask at one time
    fcntl = None  # type: ignore[assignment]

_VERSION = 1
_SCHEMA = """
CREATE TABLE hosts (host TEXT PRIMARY KEY, asked_at REAL NOT NULL, pace REAL NOT NULL, closed_until REAL NOT NULL);
CREATE TABLE robots (root TEXT PRIMARY KEY, status INTEGER NOT NULL, body BLOB NOT NULL, read_at REAL NOT NULL);
CREATE TABLE pages (
    key BLOB PRIMARY KEY, at REAL NOT NULL, size INTEGER NOT NULL, url TEXT NOT NULL, headers TEXT NOT NULL,
    encoding TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX pages_by_age ON pages (at, size);
"""
_DAY = 24 * 3600.0
_TRIMMED_EVERY = 256  # pages kept
_PATIENCE = 5.0  # seconds to wait for another crawl's write, each of which takes microseconds


class Notes:
    """One file of notes, opened by each crawl. Its methods raise nothing; `:memory:` is for tests."""

    def __init__(self, path: str | Path, *, limit: int = 256 * 1024 * 1024, days: float = 90.0) -> None:
        """`limit`: bytes of packed pages that are kept, the latest first; `days`: how long one is kept unasked for."""
        self.path = str(path)
        self._limit = limit
        self._days = days
        self._kept = 0
        self._threads = RLock()
        self._db = _opened(self.path)
        self._turns = -1
        if self.path != ":memory:" and fcntl:
            with suppress(OSError):
                self._turns = os.open(f"{self.path}.turns", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        with suppress(sqlite3.Error), self._threads:
            yield

    def _row(self, statement: str, *values: object) -> Any:
        with self._quietly():
            return self._db.execute(statement, values).fetchone()
        return None

    def _write(self, statement: str, *values: object) -> None:
        with self._quietly():
            self._db.execute(statement, values)

    # hosts

    def hold(self, host: str) -> bool:
        """Take the host's turn; False while another crawl has it."""
        return self._turns < 0 or _lock(self._turns, _place(host), taken=True)

    def release(self, host: str) -> None:
        """Give the turn back."""
        if self._turns >= 0:
            _lock(self._turns, _place(host), taken=False)

    def times(self, host: str) -> tuple[float, float, float]:
        """Return when the host was last asked, at which pace, and until when it is closed; 0 for what is not known."""
        row = self._row("SELECT asked_at, pace, closed_until FROM hosts WHERE host = ?", host)
        return row or (0.0, 0.0, 0.0)

    def asked(self, host: str, at: float, pace: float) -> None:
        """Write when the host is asked, and the seconds that it is then left alone."""
        self._write(
            """INSERT INTO hosts VALUES (?, ?, ?, 0) ON CONFLICT (host) DO UPDATE SET
            asked_at = excluded.asked_at, pace = excluded.pace""",
            *(host, at, pace),
        )

    def closed(self, host: str, until: float) -> None:
        """Write that the host wants to be left alone until a time."""
        self._write(
            """INSERT INTO hosts VALUES (?, 0, 0, ?) ON CONFLICT (host) DO UPDATE SET
            closed_until = max(closed_until, excluded.closed_until)""",
            *(host, until),
        )

    # robots.txt

    def recall_robots(self, root: str) -> File | None:
        """Return the robots.txt that was last read of an origin."""
        row = self._row("SELECT status, body, read_at FROM robots WHERE root = ?", root)
        return File(row[0], row[1], row[2]) if row else None

    def keep_robots(self, root: str, file: File) -> None:
        """Keep a robots.txt as it was read."""
        self._write("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", root, file.status, file.body, file.read_at)

    # pages

    def recall(self, request: Request) -> Page | None:
        """Return the page last kept for a request; who recalls it says with `keep` or `still_good` what came of it."""
        row = self._row("SELECT url, headers, encoding, body, at FROM pages WHERE key = ?", _key(request))
        if row is None:
            return None
        with suppress(zlib.error, ValueError, TypeError):
            return Page(
                request=request,
                url=row[0],
                status=200,
                body=zlib.decompress(row[3]),
                fetched_at=_moment(row[4]),
                headers=json.loads(row[1]),
                encoding=row[2],
            )
        return None

    def keep(self, page: Page) -> None:
        """Keep a page, in place of what was kept for its request."""
        body = zlib.compress(page.body, 1)
        self._write(
            "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(_key(page.request), page.fetched_at.timestamp(), len(body), page.url),
            *(json.dumps(dict(page.headers)), page.encoding, body),
        )
        self._kept += 1
        if self._kept % _TRIMMED_EVERY == 0:
            self.trim(page.fetched_at.timestamp())

    def still_good(self, page: Page, at: datetime) -> None:
        """Write that a page was asked for and is unchanged."""
        self._write("UPDATE pages SET at = ? WHERE key = ?", at.timestamp(), _key(page.request))

    def trim(self, now: float) -> None:
        """Drop what is too old, and the oldest pages where there are too many."""
        self._write("DELETE FROM pages WHERE at < ?", now - self._days * _DAY)
        self._write("DELETE FROM robots WHERE read_at < ?", now - KEPT_FOR)
        self._write("DELETE FROM hosts WHERE asked_at + pace < ? AND closed_until < ?", now - _DAY, now)
        self._write(
            """DELETE FROM pages WHERE rowid IN (SELECT id FROM
            (SELECT rowid AS id, sum(size) OVER (ORDER BY at DESC, rowid) AS newer FROM pages) WHERE newer > ?)""",
            self._limit,
        )

    # life

    def close(self) -> None:
        """Release what is held. Safe to call twice."""
        with self._threads:
            self._db.close()
            if self._turns >= 0:
                os.close(self._turns)
                self._turns = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _opened(path: str) -> sqlite3.Connection:
    """Open the file; one that is damaged is begun anew, and where none can be had, memory has to do."""
    with suppress(OSError, sqlite3.OperationalError):
        try:
            return _connected(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            for ending in ("", "-wal", "-shm"):
                Path(path + ending).unlink(missing_ok=True)
            return _connected(path)
    return _connected(":memory:")


def _connected(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _use_wal(db)
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("BEGIN IMMEDIATE")
        if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            for name in ("hosts", "robots", "pages"):
                db.execute(f"DROP TABLE IF EXISTS {name}")
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute("COMMIT")
    except BaseException:
        db.close()
        raise
    return db


def _use_wal(db: sqlite3.Connection) -> None:
    """Let many read and one write at a time. For this one step SQLite does not wait for others by itself."""
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > ends:
                raise
            time.sleep(0.02)
        else:
            return


def _key(request: Request) -> bytes:
    """Name what was asked for: one address may have a page for each kind that is accepted."""
    return blake2b(f"{request.accept} {urldefrag(request.url).url}".encode("utf-8", "replace"), digest_size=16).digest()


def _place(host: str) -> int:
    """Return the byte that stands for a host: two of millions hardly ever share one."""
    return int.from_bytes(blake2b(host.encode("utf-8", "replace"), digest_size=6).digest())


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, tz=UTC)


def _lock(turns: int, place: int, *, taken: bool) -> bool:
    """Lock or unlock one byte, at once or not at all; False where another has it."""
    try:
        if sys.platform == "linux":
            # Of the open file, and not of the process: two crawls in one process count as two.
            kind = fcntl.F_WRLCK if taken else fcntl.F_UNLCK
            fcntl.fcntl(turns, fcntl.F_OFD_SETLK, struct.pack("hhqqi", kind, os.SEEK_SET, place, 1, 0))
        else:
            fcntl.lockf(turns, (fcntl.LOCK_EX if taken else fcntl.LOCK_UN) | fcntl.LOCK_NB, 1, place, os.SEEK_SET)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # no such locks on this file system: the pace is kept all the same
    return True
