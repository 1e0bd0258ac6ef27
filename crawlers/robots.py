"""robots.txt under RFC 9309: read once a day for each origin, and obeyed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from protego import Protego

from crawlers.contract import RobotsFailed
from venues.errors import PageChanged, RobotsForbidden, TooLarge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from crawlers.contract import Manners

    Reader = Callable[[str, Manners], Awaitable[tuple[int, bytes]]]
    """Fetches an address, through redirects and within the pace, and returns its status and the body's start."""

MAX_BYTES = 512 * 1024
"""At least 500 KiB must be read (RFC 9309, 2.5); what lies beyond is not."""
KEPT_FOR = 24 * 3600.0
REFUSAL_KEPT_FOR = 3600.0
"""A server fault counts as a no, but not for a whole day."""
_AGENT_LINE = re.compile(r"\s*user[- ]?agent\s*:?\s*(?P<name>[^#]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin lets us do."""

    agent: str
    parsed: Protego | None = None
    refusal: str | None = None
    """Why nothing at all may be fetched, if so."""
    delay: float = 0.0
    """Seconds that the origin wants between two requests; 0 where it does not say."""

    def check(self, url: str) -> None:
        """Raise RobotsForbidden unless the address may be fetched."""
        if self.refusal:
            raise RobotsFailed(url, self.refusal)
        if self.parsed and not self.parsed.can_fetch(url, self.agent):
            raise RobotsForbidden(url, "robots.txt does not permit it")


class File(NamedTuple):
    """A robots.txt as it was read, or as it failed."""

    status: int
    body: bytes
    read_at: float
    """Seconds since 1970."""


class Shelf(Protocol):
    """Where files are kept for the next crawl; no method ever raises."""

    def recall_robots(self, root: str) -> File | None:
        """Return the file last kept for an origin."""
        ...

    def keep_robots(self, root: str, file: File) -> None:
        """Keep a file."""
        ...


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Rules | None = None
    expires_at: float = 0.0


class RobotsCache:
    """The rules of each origin, fetched when first wanted."""

    def __init__(
        self, agent: str, read: Reader, time: Callable[[], float], shelf: Shelf | None = None, mark: str = ""
    ) -> None:
        """`agent` is our product token, by which rules are chosen; `mark` sets these entries of a shelf apart."""
        self._agent = agent.lower()
        self._read = read
        self._time = time
        self._shelf = shelf
        self._mark = mark
        self._entries: dict[str, _Entry] = {}

    async def rules(self, root: str, manners: Manners) -> Rules:
        """Return the rules of an origin such as "https://example.org:8443". Raises a CrawlError if out of reach."""
        entry = self._entries.get(root) or self._entries.setdefault(root, _Entry())
        if entry.rules and self._time() < entry.expires_at:
            return entry.rules
        # The lock lets one of many waiting requests fetch the file, and the others have it from the cache.
        async with entry.lock:
            if entry.rules is None or self._time() >= entry.expires_at:
                await self._renew(entry, root, manners)
            assert entry.rules is not None
            return entry.rules

    async def _renew(self, entry: _Entry, root: str, manners: Manners) -> None:
        kept = self._shelf.recall_robots(self._mark + root) if self._shelf else None
        if kept and self._time() - KEPT_FOR < kept.read_at <= self._time():
            self._take(entry, kept)
            if self._time() < entry.expires_at:
                return
        try:
            status, body = await self._read(f"{root}/robots.txt", manners)
        except (PageChanged, TooLarge) as error:
            entry.rules = Rules(self._agent, refusal=f"robots.txt {error.reason}, which counts as a no")
            entry.expires_at = self._time() + REFUSAL_KEPT_FOR
            return
        file = File(status, body, self._time())
        self._take(entry, file)
        if self._shelf:
            self._shelf.keep_robots(self._mark + root, file)

    def _take(self, entry: _Entry, file: File) -> None:
        entry.rules = rules_from(file.status, file.body, self._agent)
        entry.expires_at = file.read_at + (REFUSAL_KEPT_FOR if entry.rules.refusal else KEPT_FOR)


def rules_from(status: int, body: bytes, agent: str) -> Rules:
    """Read a reply: 2xx is obeyed, 4xx means no rules, all else means no entry."""
    if 400 <= status < 500 and status != 429:
        return Rules(agent)
    if not 200 <= status < 300:
        return Rules(agent, refusal=f"robots.txt answered {status}, which counts as a no")
    try:
        parsed = Protego.parse(_reduced(body.decode("utf-8-sig", errors="replace"), agent))
        return Rules(agent, parsed, delay=_delay(parsed, agent))
    except Exception as error:  # noqa: BLE001 - a parser's fault over a stranger's file must not become a permission
        return Rules(agent, refusal=f"robots.txt cannot be read ({type(error).__name__})")


def _delay(parsed: Protego, agent: str) -> float:
    rate = parsed.request_rate(agent)
    return max(parsed.crawl_delay(agent) or 0.0, rate.seconds / rate.requests if rate else 0.0)


def _reduced(text: str, agent: str) -> str:
    """Name every other agent alike: they do not concern us, and thousands in one group cost the parser minutes."""
    return "\n".join(_reduced_line(line, agent) for line in text.splitlines())


def _reduced_line(line: str, agent: str) -> str:
    found = _AGENT_LINE.match(line)
    if not found:
        return line
    name = found["name"].strip().lower()
    if name == "*":
        return line
    ours = name.partition("/")[0].strip(" *") == agent
    return f"User-agent: {agent if ours else 'someone-else'}"
