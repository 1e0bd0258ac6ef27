"""A world of sites on loopback, each with a temper of its own, for tests and benchmarks.

    python -m crawlers.simulating LOG [--hosts 200] [--pages 4] [--plain]

Each host is an address below 127.0.0.0/8 (so Linux only), and all listen on one port, which is printed. Every one
answers as a Matrix room directory, and the log has a line for each request: when it came (time.monotonic, which is
the same for all processes), when its reply was done, to which host, for what, with which status, how many bytes, and by
how much it may really have come sooner. Whoever has a reply finds its line in the log; that of a reply that never ends
comes once nobody reads it any more.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import itertools
import json
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum, auto
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

ROOMS = 10
"""On each page."""
DIRECTORY = "/_matrix/client/v3/publicRooms"
LATENCY = 0.02
"""Seconds before each reply: without it two requests at once could never be told from two in a row."""
DELAY = 1.5
"""The crawl-delay of those who ask for one."""
AWAY = 3
"""Seconds for which those who are asked too much want to be left alone."""
_TICK = 0.005
"""Seconds between two looks at how late the world is,"""
_TICKS = 100
"""of which so many are kept."""
_STEPS = 4
"""Turns of the event loop from a connection's arrival until its first request is read."""
INSIDE = "127.0.99.99"
"""An address that nobody configured, and that must never be asked."""


class Temper(Enum):
    """What a host does to whoever crawls it."""

    PLAIN = auto()
    DELAYED = auto()
    FORBIDDEN = auto()
    ROBOTS_FAIL = auto()
    ROBOTS_MOVED = auto()
    RETRY_SECONDS = auto()
    RETRY_DATE = auto()
    USED_UP = auto()
    DROPPING = auto()
    DRIPPING = auto()
    BOMB = auto()
    ENDLESS = auto()
    LOOPING = auto()
    INWARD = auto()
    HTML = auto()


READABLE = frozenset(
    {
        *(Temper.PLAIN, Temper.DELAYED, Temper.ROBOTS_MOVED, Temper.RETRY_SECONDS),
        *(Temper.RETRY_DATE, Temper.USED_UP, Temper.DROPPING),
    }
)
"""Those whose rooms can all be had, with patience."""
_CYCLE = (*[Temper.PLAIN] * 6, *Temper, Temper.DELAYED)


def temper_of(number: int, *, plain: bool = False) -> Temper:
    """Return the temper of a host."""
    return Temper.PLAIN if plain else _CYCLE[number % len(_CYCLE)]


def address_of(number: int) -> str:
    """Return the address of a host."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


def rooms_of(number: int, pages: int) -> set[str]:
    """Return the ids of all rooms that a host lists."""
    return {_room(number, page, each) for page in range(pages) for each in range(ROOMS)}


def _room(number: int, page: int, each: int) -> str:
    return f"!{number}-{page}-{each}:world"


class Entry(NamedTuple):
    """One request, as the world saw it."""

    at: float
    until: float
    host: str
    path: str
    status: int
    size: int
    """Bytes of the reply, its head included."""
    late: float
    """By how many seconds it may have come before `at`: as long as the world, held up, may have been unaware of it."""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    """Whether the connection breaks off in the body."""
    drip: bool = False
    """Whether the body never ends."""

    def wire(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} x", *(f"{name}: {value}" for name, value in self.headers)]
        length = 10**6 if self.drip else len(self.body) + (100 if self.cut else 0)
        return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode() + self.body


@dataclass(slots=True)
class _Host:
    """One site: what it says to a path, given what it said before."""

    number: int
    temper: Temper
    pages: int
    upset: set[str] = field(default_factory=set)
    """The paths at which it has been difficult already."""

    def answer(self, path: str, etag: str | None, port: int) -> _Answer:
        if path.endswith("robots.txt"):
            return self._robots(path)
        if not path.startswith(DIRECTORY):
            return _Answer(404)
        page = int(parse_qs(urlsplit(path).query).get("since", ["0"])[0])
        return self._difficulty(path, page, port) or self._directory(page, etag)

    def _robots(self, path: str) -> _Answer:
        rules = {
            Temper.DELAYED: f"User-agent: *\nCrawl-delay: {DELAY}\nDisallow: /admin",
            Temper.FORBIDDEN: "User-agent: venues\nDisallow: /_matrix/\n\nUser-agent: *\nAllow: /",
            Temper.ROBOTS_MOVED: f"User-agent: *\nDisallow: /other\nCrawl-delay: {DELAY}",
        }.get(self.temper)
        if self.temper is Temper.ROBOTS_FAIL:
            return _Answer(503)
        if self.temper is Temper.ROBOTS_MOVED and path == "/robots.txt":
            return _Answer(301, headers=(("Location", "/moved/robots.txt"),))
        return _Answer(body=rules.encode()) if rules else _Answer(404)

    def _difficulty(self, path: str, page: int, port: int) -> _Answer | None:
        always = {
            Temper.BOMB: lambda: _Answer(body=_BOMB, headers=(("Content-Encoding", "gzip"),)),
            Temper.HTML: lambda: _Answer(body=b"<html><title>Log in</title></html>"),
            Temper.LOOPING: lambda: _Answer(302, headers=(("Location", f"{path}x"),)),
            Temper.INWARD: lambda: _Answer(302, headers=(("Location", f"http://{INSIDE}:{port}/"),)),
            Temper.DRIPPING: lambda: _Answer(body=b"[", drip=True),
        }.get(self.temper)
        if always:
            return always()
        if page != 1 or path in self.upset:
            return None
        self.upset.add(path)
        soon = datetime.now(UTC) + timedelta(seconds=AWAY + 1)  # a date has no fractions
        once = {
            Temper.RETRY_SECONDS: _Answer(429, headers=(("Retry-After", str(AWAY)),)),
            Temper.RETRY_DATE: _Answer(429, headers=(("Retry-After", format_datetime(soon, usegmt=True)),)),
            Temper.DROPPING: _Answer(body=b'{"chunk": [', cut=True),
        }
        return once.get(self.temper)

    def _directory(self, page: int, etag: str | None) -> _Answer:
        chunk = [
            {"room_id": _room(self.number, page, each), "name": f"Room {each} of page {page}", "topic": "Talk " * 40}
            for each in range(ROOMS)
        ]
        more = page + 1 < self.pages or self.temper is Temper.ENDLESS
        body = json.dumps({"chunk": chunk} | ({"next_batch": str(page + 1)} if more else {})).encode()
        mark = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        headers: tuple[tuple[str, str], ...] = (("ETag", mark), ("Content-Type", "application/json"))
        if self.temper is Temper.USED_UP and page == 1:
            headers += (("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", str(AWAY)))
        return _Answer(304, headers=headers) if etag == mark else _Answer(body=body, headers=headers)


_BOMB = gzip.compress(bytes(64 * 1024 * 1024), compresslevel=9)


class _Watch:
    """How long this process, on a busy machine, has lately been held up."""

    def __init__(self) -> None:
        self._ticks = deque([time.monotonic()], maxlen=_TICKS)

    def tick(self) -> None:
        self._ticks.append(time.monotonic())
        asyncio.get_running_loop().call_later(_TICK, self.tick)

    def held_up(self) -> float:
        longest = max(later - earlier for earlier, later in itertools.pairwise([*self._ticks, time.monotonic()]))
        return _STEPS * longest


class _Connection(asyncio.Protocol):
    def __init__(self, hosts: dict[str, _Host], log: Path, watch: _Watch) -> None:
        self._hosts = hosts
        self._log = log.open("a", buffering=1)
        self._watch = watch
        self._received = b""
        self._open: tuple[float, float, str, _Answer, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._address, self._port = transport.get_extra_info("sockname")[:2]

    def connection_lost(self, _: Exception | None) -> None:
        self._note()
        self._log.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        self._received = rest
        lines = head.decode("latin-1").split("\r\n")
        path = lines[0].split(" ")[1]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        host = self._hosts.get(self._address)
        answer = host.answer(path, headers.get("if-none-match"), self._port) if host else _Answer(418)
        wire = answer.wire()
        self._open = time.monotonic(), self._watch.held_up(), path, answer, len(wire)
        asyncio.get_running_loop().call_later(LATENCY, self._reply, wire, answer)

    def _reply(self, wire: bytes, answer: _Answer) -> None:
        if not answer.drip:
            self._note()  # first, since whoever is answered may look into the log at once
        self._transport.write(wire)
        if answer.drip:
            self._drip()
        elif answer.cut:
            self._transport.close()

    def _drip(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b" ")
            asyncio.get_running_loop().call_later(0.2, self._drip)

    def _note(self) -> None:
        if self._open:
            at, late, path, answer, size = self._open
            self._open = None
            entry = Entry(at, time.monotonic(), self._address, path, answer.status, size, late)
            self._log.write(json.dumps(entry) + "\n")


async def _serve(log: Path, count: int, pages: int, *, plain: bool) -> None:
    hosts = {address_of(each): _Host(each, temper_of(each, plain=plain), pages) for each in range(count)}
    loop = asyncio.get_running_loop()
    watch = _Watch()
    watch.tick()
    first = await loop.create_server(lambda: _Connection(hosts, log, watch), address_of(0), 0)
    port = first.sockets[0].getsockname()[1]
    await loop.create_server(lambda: _Connection(hosts, log, watch), [*list(hosts)[1:], INSIDE], port, backlog=64)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until whoever started us is gone


class World:
    """The world in a process of its own. Use it in a `with` statement."""

    def __init__(self, folder: Path, hosts: int = 200, pages: int = 4, *, plain: bool = False) -> None:
        """`pages`: how many each host has; `plain`: whether none of them is difficult."""
        self.log = folder / "world.jsonl"
        self.log.touch()
        self.hosts = hosts
        self.pages = pages
        self._words = ["--hosts", str(hosts), "--pages", str(pages), *(["--plain"] if plain else [])]

    @property
    def sites(self) -> list[str]:
        """Every host as a site is written."""
        return [f"matrix:http://{address_of(each)}:{self.port}" for each in range(self.hosts)]

    def entries(self) -> Iterator[Entry]:
        """Yield every request, in the order in which their replies ended."""
        for line in self.log.read_text().splitlines():
            yield Entry(*json.loads(line))

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "crawlers.simulating", str(self.log), *self._words]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--plain", action="store_true")
    words = parser.parse_args()
    asyncio.run(_serve(words.log, words.hosts, words.pages, plain=words.plain))


if __name__ == "__main__":
    main()
