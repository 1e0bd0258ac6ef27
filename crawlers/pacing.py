"""How often one host is asked: one request at a time, and never sooner than anyone concerned has asked for."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawlers.parsing import date_or_none
from venues.errors import Blocked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

LONGEST_WAIT = timedelta(days=30)
"""No reply can keep us from a site for longer: a larger figure is a mistake or a joke."""
_SLACK = 1.02
"""The server counts from when it hears us, and the wire is not even: a little more than asked is never too little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time, as the gate sees it: a test brings its own."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked_at: float = -math.inf
    closed_until: float = -math.inf


@dataclass(slots=True)
class Turn:
    """One permitted request: whoever holds it is the only one asking this host."""

    _clock: Clock
    _host: _Host

    def sent(self) -> None:
        """Count the pace from now: the request has left."""
        self._host.asked_at = self._clock.monotonic()

    def told(self, headers: Mapping[str, str], status: int) -> datetime | None:
        """Keep away for as long as a reply asks; return the time it names, if it names one."""
        now = self._clock.now()
        until = asked_to_wait(headers, status, now)
        if until:
            ahead = (until - now).total_seconds()
            self._host.closed_until = max(self._host.closed_until, self._clock.monotonic() + ahead)
        return until


class Pacer:
    """Lets each host be asked in turns."""

    def __init__(self, clock: Clock, patience: float) -> None:
        """`patience` is the most seconds to wait for a turn; a host that asks for more counts as blocked."""
        self._clock = clock
        self._patience = patience
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, url: str, host: str, pace: float) -> AsyncIterator[Turn]:
        """Wait until the host may be asked. Raises Blocked where that is too far off."""
        state = self._hosts.setdefault(host, _Host())
        async with state.lock:
            ready_at = max(state.asked_at + pace * _SLACK, state.closed_until)
            wait = ready_at - self._clock.monotonic()
            if wait > self._patience:
                until = self._clock.now() + timedelta(seconds=min(wait, LONGEST_WAIT.total_seconds()))
                raise Blocked(url, f"asks to be left alone for {wait:,.0f} s", until)
            if wait > 0:
                await self._clock.sleep(wait)
            turn = Turn(self._clock, state)
            turn.sent()  # counts even if the request fails before it leaves
            yield turn


def asked_to_wait(headers: Mapping[str, str], status: int, now: datetime) -> datetime | None:
    """Return the time before which a reply asks not to be asked again: Retry-After, or a limit that is used up."""
    after = _moment(headers.get("retry-after"), now)
    if after:
        return after
    left = next((headers[name] for name in ("x-ratelimit-remaining", "ratelimit-remaining") if name in headers), "")
    used_up = status == 429 or (bool(left) and _number(left) == 0)
    reset = next((headers[name] for name in ("x-ratelimit-reset", "ratelimit-reset") if name in headers), None)
    return _moment(reset, now) if used_up else None


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _moment(text: str | None, now: datetime) -> datetime | None:
    """Read seconds from now, seconds since 1970, or a date; a past one is none at all."""
    if text is None:
        return None
    number = _number(text.strip())
    if number is None:
        found = date_or_none(text)
    elif number > 10**8:
        found = date_or_none(number)
    else:
        found = now + timedelta(seconds=max(number, 0.0))
    return min(found, now + LONGEST_WAIT) if found and found > now else None
