"""Replies made once and remembered as bytes, packed and plain, for as long as nothing that they say has changed.

Answers are computed by a few threads, first come, first served: that many at once make best use of the processors, and
nobody waits much longer than anybody else. The same question asked by many at the same time is computed once.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

from venues.errors import VenuesError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MOST_BYTES = 48 * 1024 * 1024
MOST_WAITING = 500
_PACKING = 3
"""Level 5 of gzip takes nearly twice the time of this one for an eighth less: one kB of a page."""
_LARGEST_KEY = 4096


class Busy(VenuesError):
    """More is asked at once than can be answered soon."""

    def __init__(self, what: str = "More is asked of this server than it can answer soon") -> None:
        super().__init__(f"{what}. Try again in a minute.")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply, ready to be sent."""

    kind: str
    """Its media type."""
    body: bytes
    packed: bytes
    """The body under gzip."""
    tag: bytes
    """Its validator, weak, since it stands for both forms."""
    caching: bytes = b"private, no-cache"
    links: bytes = b""
    """Where the pages before and after are, by RFC 8288."""

    def for_request(self, headers: dict[bytes, bytes]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Return status, headers and body for whoever asked with these headers (names in lower case)."""
        common = [(b"etag", self.tag), (b"cache-control", self.caching), (b"vary", b"accept-encoding")]
        if self.links:
            common.append((b"link", self.links))
        known = headers.get(b"if-none-match", b"")
        if self.tag.removeprefix(b"W/") in known or known.strip() == b"*":
            return 304, common, b""
        packs = b"gzip" in headers.get(b"accept-encoding", b"")
        body = self.packed if packs else self.body
        common += [(b"content-type", self.kind.encode()), (b"content-length", str(len(body)).encode())]
        return 200, [*common, (b"content-encoding", b"gzip")] if packs else common, body


def reply_of(body: bytes, kind: str, caching: str = "private, no-cache", links: str = "") -> Reply:
    """Return the reply with this body."""
    tag = f'W/"{sha256(body).hexdigest()[:24]}"'.encode()
    return Reply(kind, body, gzip.compress(body, _PACKING, mtime=0), tag, caching.encode(), links.encode())


@dataclass(frozen=True, slots=True)
class Made:
    """What was computed for a question."""

    reply: Reply
    keep: bool = True
    """Whether it may be given to the next who asks."""


class Replies:
    """What was answered, by question. Safe to share between threads."""

    def __init__(self, threads: int, *, most_bytes: int = MOST_BYTES, most_waiting: int = MOST_WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, Reply, int]] = OrderedDict()
        self._bytes = 0
        self._making: dict[Hashable, Future[Made]] = {}
        self._most_bytes, self._most_waiting = most_bytes, most_waiting

    def known(self, key: Hashable, state: Hashable) -> Reply | None:
        """Return the reply to a question if it was made in this very state of the index."""
        with self._lock:
            found = self._kept.get(key)
            if found is None or found[0] != state:
                return None
            self._kept.move_to_end(key)
            return found[1]

    async def get(self, key: Hashable, state: Hashable, make: Callable[[], Made]) -> Reply:
        """Return the reply to a question, made now unless it is known. Raises Busy, and whatever `make` raises."""
        known = self.known(key, state)
        if known:
            return known
        with self._lock:
            making = self._making.get((key, state))
            if making is None:
                if len(self._making) >= self._most_waiting:
                    raise Busy
                making = self._making[key, state] = self._pool.submit(self._make, key, state, make)
        # Whoever leaves does not take the answer from the others who wait for it.
        return (await asyncio.shield(asyncio.wrap_future(making))).reply

    def _make(self, key: Hashable, state: Hashable, make: Callable[[], Made]) -> Made:
        try:
            made = make()
            if made.keep:
                self._keep(key, state, made.reply)
            return made
        finally:
            with self._lock:
                self._making.pop((key, state), None)

    def _keep(self, key: Hashable, state: Hashable, reply: Reply) -> None:
        said = len(repr(key))
        size = len(reply.body) + len(reply.packed) + said
        if said > _LARGEST_KEY:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = (state, reply, size)
            self._bytes += size - (before[2] if before else 0)
            while self._bytes > self._most_bytes:
                _, (_, _, freed) = self._kept.popitem(last=False)
                self._bytes -= freed

    def close(self) -> None:
        """Compute nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
