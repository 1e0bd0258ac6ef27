"""How often one host is asked: one request at a time, and never sooner than anyone concerned has asked for.

What is known of a host lives in memory and, where a `Book` is given, also there: then it outlives a crash, and two
crawls at once are together no faster than one.
"""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from crawlers.contract import Stopped
from crawlers.waiting import LONGEST_WAIT, asked_to_wait
from venues.errors import Blocked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

_MARGIN = 0.04
"""Another crawl counts this share more than the pace: it knows when we asked and not when the host heard us."""
_LATE = 0.15
"""The pace counts from when the host surely heard us, which is its reply; a slow one adds this share and no more."""
_LEAST_MARGIN = 0.005
_POLL = 0.05
"""Seconds between two looks at whether another crawl is still asking the host."""
_TOO_BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time, as the gate sees it: a test brings its own."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long, in seconds, a host may keep us waiting for a turn."""

    patience: float = 60.0
    """Until a time that the host named; one that names a later time counts as blocked until then."""
    slowest: float = 600.0
    """Between two requests; a host that wants a longer pace counts as blocked too."""
    busy: float = 10.0
    """After a reply that says we ask too much and not when to come again; the host's pace is doubled besides."""


class Book(Protocol):
    """What all crawls of this machine know of each host. Times are seconds since 1970; no method ever raises."""

    def hold(self, host: str) -> bool:
        """Take the host's turn; False while another crawl has it."""
        ...

    def release(self, host: str) -> None:
        """Give the turn back."""
        ...

    def times(self, host: str) -> tuple[float, float, float]:
        """Return when the host was last asked, at which pace, and until when it is closed; 0 for what is not known."""
        ...

    def asked(self, host: str, at: float, pace: float) -> None:
        """Write when the host is asked, and the seconds that it is then left alone."""
        ...

    def closed(self, host: str, until: float) -> None:
        """Write that the host wants to be left alone until a time."""
        ...


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked_at: float = -math.inf
    closed_until: float = -math.inf
    slowed_to: float = 0.0
    """The pace that its refusals have brought it to."""
    noted_at: float = 0.0
    """When we last wrote in the book that we ask."""


@dataclass(slots=True)
class Turn:
    """One permitted request: whoever holds it is the only one asking this host."""

    _pacer: Pacer
    _name: str
    _host: _Host
    _pace: float
    _sent_at: float = -math.inf

    def sending(self) -> None:
        """Count the pace from now: we are connected, and the request is about to leave."""
        self._sent_at = self._host.asked_at = self._pacer.clock.monotonic()
        self._pacer.note(self._name, self._host, self._pace)

    def heard(self) -> None:
        """Count the pace from now, or nearly so: the host began to answer, so it has heard us."""
        latest = self._sent_at + max(self._pace * _LATE, _LEAST_MARGIN)
        self._host.asked_at = min(self._pacer.clock.monotonic(), latest)

    def told(self, headers: Mapping[str, str], status: int, body: bytes = b"") -> datetime | None:
        """Keep away for as long as a reply asks; return the time that it names, or that follows from it."""
        now = self._pacer.clock.now()
        until = asked_to_wait(headers, status, now, body)
        if until is None and status in _TOO_BUSY:
            self._host.slowed_to = min(2 * self._pace, self._pacer.waits.slowest)
            until = now + timedelta(seconds=max(self._host.slowed_to, self._pacer.waits.busy))
        if until:
            ahead = (until - now).total_seconds()
            self._host.closed_until = max(self._host.closed_until, self._pacer.clock.monotonic() + ahead)
            if self._pacer.book:
                self._pacer.book.closed(self._name, until.timestamp())
        return until

    def end(self) -> None:
        """Count the attempt, where it never came to asking."""
        if self._sent_at == -math.inf:
            self._host.asked_at = self._pacer.clock.monotonic()
            self._pacer.note(self._name, self._host, self._pace)


class Pacer:
    """Lets each host be asked in turns."""

    def __init__(self, clock: Clock, waits: Waits, book: Book | None = None) -> None:
        """`book`: what other crawls know, and later ones shall know."""
        self.clock = clock
        self.waits = waits
        self.book = book
        self._hosts: dict[str, _Host] = {}
        self._sleeping: set[asyncio.Future[None]] = set()
        self._stopped = False

    def stop(self) -> None:
        """Let nobody wait for a turn any more; turns already taken go on."""
        self._stopped = True
        for sleeping in tuple(self._sleeping):
            sleeping.cancel()

    def note(self, name: str, host: _Host, pace: float) -> None:
        """Write into the book that a host is asked now; without a pace there is nothing to keep to."""
        if self.book and pace > 0:
            host.noted_at = self.clock.now().timestamp()
            self.book.asked(name, host.noted_at, pace * (1 + _MARGIN))

    @asynccontextmanager
    async def turn(self, url: str, host: str, pace: float) -> AsyncIterator[Turn]:
        """Wait until the host may be asked. Raises Blocked where that is too far off, Stopped where nobody may wait."""
        state = self._hosts.get(host) or self._hosts.setdefault(host, _Host())
        async with state.lock:
            pace = max(pace, state.slowed_to)
            self._bear(url, pace, self.waits.slowest, "asks for {:,.0f} s between two requests")
            now = self.clock.monotonic()
            await self._await(url, state.asked_at + pace - now, state.closed_until - now)
            if self.book:
                await self._hold(self.book, url, host, state, pace)
            turn = Turn(self, host, state, pace)
            try:
                yield turn
            finally:
                turn.end()
                if self.book:
                    self.book.release(host)

    async def _hold(self, book: Book, url: str, name: str, host: _Host, pace: float) -> None:
        """Wait until no other crawl is asking the host, nor has asked it too lately."""
        while True:
            if not book.hold(name):
                await self._pause(url, _POLL)
                continue
            asked_at, kept_pace, closed_until = book.times(name)
            if asked_at > (now := self.clock.now().timestamp()):
                asked_at = now  # the clock was set back: then it was as if just now
                book.asked(name, now, kept_pace)
            by_pace, by_word = self._by_the_book((asked_at, kept_pace, closed_until), host, pace)
            if max(by_pace, by_word) <= 0:
                return
            book.release(name)
            await self._await(url, by_pace, by_word)

    def _by_the_book(self, times: tuple[float, float, float], host: _Host, pace: float) -> tuple[float, float]:
        """Return for how long the pace, and the host's own word, keep us from it."""
        asked_at, kept_pace, closed_until = times
        now = self.clock.now().timestamp()
        if asked_at == host.noted_at:
            return 0.0, closed_until - now  # it was we, and we know it better than the book
        return asked_at + max(pace, kept_pace) - now if asked_at else 0.0, closed_until - now

    async def _await(self, url: str, by_pace: float, by_word: float) -> None:
        self._bear(url, by_word, self.waits.patience, "asks to be left alone for {:,.0f} s")
        wait = max(by_pace, by_word)
        if wait > 0 or self._stopped:
            await self._pause(url, wait)

    def _bear(self, url: str, seconds: float, most: float, complaint: str) -> None:
        if seconds > most:
            until = self.clock.now() + timedelta(seconds=min(seconds, LONGEST_WAIT.total_seconds()))
            raise Blocked(url, complaint.format(seconds), until)

    async def _pause(self, url: str, seconds: float) -> None:
        if self._stopped:
            raise Stopped(url, "was waiting for its turn when the crawl was stopped")
        sleeping: asyncio.Future[None] = asyncio.ensure_future(self.clock.sleep(seconds))
        self._sleeping.add(sleeping)
        try:
            await sleeping
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._stopped or not sleeping.cancelled() or (task and task.cancelling()):
                raise
            raise Stopped(url, "was waiting for its turn when the crawl was stopped") from None
        finally:
            self._sleeping.discard(sleeping)
