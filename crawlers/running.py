"""One crawl of one site: plan, fetch politely, read, follow; whatever the site does, the outcome is a value."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from crawlers.addresses import origin, says_it_is_private
from crawlers.cleaning import cleaned
from crawlers.contract import Manners, NeedsKey, Pace, Request, RobotsFailed, Stopped
from venues.errors import (
    AddressRefused,
    Blocked,
    CrawlError,
    PageChanged,
    RobotsForbidden,
    TooLarge,
)
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crawlers.contract import Crawler, Gate, Page
    from venues.model import Area, Site, VenueId

READ = "read"
NOT_PERMITTED = "not permitted"
NEEDS_KEY = "needs key"
FAILED = "failed"
NONE_FOUND = "none found"
_SLOWEST = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one site may cost in one run."""

    pages: int = 500
    listings: int = 20_000
    seconds: float = 3600.0
    faults: int = 5
    """Pages that may fail before the rest is left for another day."""
    repeats: int = 5
    """Pages in a row, found by links, that list only what was listed before: such a list has no end."""
    patience: float = 60.0
    """Longest wait, in seconds, that a site may ask for in mid-run before the run ends there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come."""

    site: str
    requests: int
    waiting: int
    """Requests known to be still to come."""
    listings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOutcome:
    """What came of a run."""

    site: Site
    area: Area | None
    started_at: datetime
    finished_at: datetime
    state: str
    """read, not permitted, needs key, failed or none found."""
    complete: bool
    """Whether every page that was planned or linked was read to its end: only then does an absence mean anything."""
    requests: int
    listings: tuple[Listing, ...]
    """Each venue once."""
    refused: tuple[str, ...]
    """Addresses that gave nothing, with the reason."""
    error: CrawlError | None
    """The first fault, if there was one."""
    stopped: bool = False
    """Whether it was we who ended it, for no reason of the site's."""

    @property
    def retry_after(self) -> datetime | None:
        """The earliest time at which the site may be asked again, if it said."""
        return self.error.retry_after if isinstance(self.error, Blocked) else None


def _ignore(_: object) -> None:
    pass


def _never() -> bool:
    return False


async def run(
    site: Site,
    crawler: Crawler,
    gate: Gate,
    *,
    now: Callable[[], datetime],
    area: Area | None = None,
    limits: Limits | None = None,
    on_listings: Callable[[Sequence[Listing]], None] = _ignore,
    on_progress: Callable[[Progress], None] = _ignore,
    stop: Callable[[], bool] = _never,
) -> CrawlOutcome:
    """Crawl one site. Raises nothing for a site's fault.

    `on_listings` is called after each page with what it added, so that whatever ends the run later, finished pages
    are kept. `stop` is asked between pages: on True the run ends there, incomplete. Cancelling is passed on at once.
    """
    started_at = now()
    work = _Run(site, crawler, gate, area, limits or Limits(), on_listings, on_progress, stop, now)
    try:
        async with asyncio.timeout(work.limits.seconds):
            await work.go()
    except TimeoutError:
        work.fail(site.name, TooLarge(site.name, f"took longer than {work.limits.seconds:g} s in all"))
    return CrawlOutcome(
        site=site,
        area=area,
        started_at=started_at,
        finished_at=now(),
        state=work.state,
        complete=work.complete and work.error is None,
        requests=work.requests,
        listings=tuple(work.found.values()),
        refused=tuple(work.refused),
        error=work.error,
        stopped=work.stopped,
    )


def manners_of(site: Site, crawler: Crawler) -> Manners:
    """Return what the gate must know of a site: its pace, and which of the hosts in its settings are private."""
    named = {origin(value)[1:] for _, value in site.options if value.startswith(("http://", "https://"))}
    homes = frozenset((host, port) for host, port in named if says_it_is_private(host))
    # Whoever names a stranger's instance is a stranger there: only what stands on the user's own network is their own.
    return Manners(pace=crawler.about.pace, homes=homes, own=homes if crawler.about.own else frozenset())


@dataclass(slots=True)
class _Run:
    site: Site
    crawler: Crawler
    gate: Gate
    area: Area | None
    limits: Limits
    on_listings: Callable[[Sequence[Listing]], None]
    on_progress: Callable[[Progress], None]
    stop: Callable[[], bool]
    now: Callable[[], datetime]
    found: dict[VenueId, Listing] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    error: CrawlError | None = None
    complete: bool = False
    requests: int = 0
    faults: int = 0
    repeats: int = 0
    waiting: deque[Request] = field(default_factory=deque)
    seen: set[tuple[str, str, str | None]] = field(default_factory=set)
    planned: frozenset[Request] = frozenset()
    """What was to be asked from the start: queries whose answers overlap, and which end by themselves."""
    hosts: frozenset[str] = frozenset()
    """Those of what was planned: a page leads to no others, whatever it links to."""
    manners: Manners | None = None
    stopped: bool = False
    home: str | None = None
    """The title of the forum or instance that the boards are part of."""

    @property
    def state(self) -> str:
        """The last word on the site."""
        if self.found:
            return READ
        if isinstance(self.error, NeedsKey):
            return NEEDS_KEY
        asked_to_go = isinstance(self.error, Blocked) and self.error.retry_after is None
        forbidden = isinstance(self.error, RobotsForbidden) and not isinstance(self.error, RobotsFailed)
        if asked_to_go or forbidden:
            return NOT_PERMITTED
        return FAILED if self.error else NONE_FOUND

    async def go(self) -> None:
        """Work until nothing is left, or a limit is met."""
        self.manners = self._plan()
        while self.manners and self.waiting:
            over = self._limit_met()
            if over:
                self.fail(self.site.name, over)
                return
            if self.stopped or self.stop():
                self.stopped = True
                return
            request = self.waiting.popleft()
            page = await self._fetched(request, self.manners)
            if page:
                self._take(page)
            self.on_progress(
                Progress(
                    site=self.site.name,
                    requests=self.requests,
                    waiting=len(self.waiting),
                    listings=len(self.found),
                )
            )
        self.complete = not self.stopped

    def fail(self, subject: str, error: CrawlError) -> None:
        """Note a fault; the first is the one reported."""
        self.error = self.error or error
        self.refused.append(f"{subject}: {error.reason}")

    def _plan(self) -> Manners | None:
        try:
            for request in self.crawler.plan(self.area):
                self._add(request)
            self.planned = frozenset(self.waiting)
            self.hosts = frozenset(_host(each.url) for each in self.planned)
            return manners_of(self.site, self.crawler)
        except CrawlError as error:
            self.fail(error.subject, error)
        except Exception as error:  # noqa: BLE001 - one crawler's mistake must not end the others' runs
            self._blame(self.site.name, "cannot be planned", error)
        return None

    def _add(self, request: Request) -> None:
        if len(self.seen) > self.limits.pages:
            return  # it would never be its turn, and a page may hold a hundred thousand links
        key = (request.method, urldefrag(request.url).url, request.body)
        if key not in self.seen:
            self.seen.add(key)
            self.waiting.append(request)

    def _follow(self, request: Request, page: Page) -> None:
        """Ask for what a page leads to, if it is of the site's own hosts, or of that to which the page was moved."""
        if _host(request.url) in {*self.hosts, _host(page.url)}:
            self._add(request)
        else:
            self.fail(request.url, AddressRefused(request.url, "is on another host than the site, and was not asked"))

    def _limit_met(self) -> TooLarge | None:
        limits = self.limits
        if self.requests >= limits.pages:
            return TooLarge(self.site.name, f"has more than {limits.pages:,} pages")
        if self.repeats >= limits.repeats:
            return TooLarge(self.site.name, f"listed nothing new on {self.repeats} pages in a row")
        return None

    async def _fetched(self, request: Request, manners: Manners) -> Page | None:
        for last in (False, False, True):
            self.requests += 1
            try:
                return await self.gate.fetch(request, manners)
            except Stopped:
                self.requests -= 1
                self.stopped = True
                return None
            except Blocked as error:
                if not last and self._worth_waiting(error):
                    continue  # the gate lets the host's next turn wait until then
                self.fail(request.url, error)
                self.waiting.clear()
            except (RobotsForbidden, AddressRefused) as error:
                self.fail(request.url, error)
            except CrawlError as error:
                self.fail(request.url, error)
                self.faults += 1
            except Exception as error:  # noqa: BLE001 - as above
                self._blame(request.url, "cannot be fetched", error)
                self.faults += 1
            break
        if self.faults >= self.limits.faults:
            self.waiting.clear()
        return None

    def _worth_waiting(self, error: Blocked) -> bool:
        ahead = error.retry_after - self.now() if error.retry_after else None
        return ahead is not None and ahead.total_seconds() <= self.limits.patience

    def _take(self, page: Page) -> None:
        batch: dict[VenueId, Listing] = {}
        listed = 0
        try:
            for item in self.crawler.read(page):
                if isinstance(item, Request):
                    self._follow(item, page)
                    continue
                if isinstance(item, Pace):
                    self._slow_down(item.seconds)
                    continue
                listed += 1
                listing = self._placed(cleaned(item, self.site, page))
                if listing and self._learn(key := listing.id, listing):
                    batch[key] = self.found[key]
                if len(self.found) > self.limits.listings:
                    self.found.pop(batch.popitem()[0])
                    self.fail(page.url, TooLarge(self.site.name, f"lists more than {self.limits.listings:,} venues"))
                    self.waiting.clear()
                    break
        except CrawlError as error:
            self.fail(page.url, error)
            self.faults += 1
        except Exception as error:  # noqa: BLE001 - a page no one foresaw; what it listed before is kept
            self._blame(page.url, "is not what its crawler knows how to read", error)
            self.faults += 1
        if listed and page.request not in self.planned:
            self.repeats = 0 if batch else self.repeats + 1
        if batch:
            self.on_listings(tuple(batch.values()))

    def _slow_down(self, seconds: float) -> None:
        """Keep the slower of two paces; one that is no number, or longer than an hour, is a mistake of the page's."""
        if self.manners and self.manners.pace < seconds <= _SLOWEST:
            self.manners = replace(self.manners, pace=seconds)

    def _placed(self, listing: Listing | None) -> Listing | None:
        """Say of a board which forum it is part of."""
        if listing is None:
            return None
        if listing.kind in {Kind.FORUM, Kind.INSTANCE}:
            self.home = self.home or listing.title
        elif listing.kind is Kind.BOARD and self.home:
            return replace(listing, parent=f"{self.home} > {listing.parent}" if listing.parent else self.home)
        return listing

    def _learn(self, key: VenueId, listing: Listing) -> bool:
        """Keep a listing; one of a venue listed before adds what it alone says. False if it says nothing new."""
        before = self.found.get(key)
        merged = listing if before is None else _joined(before, listing)
        self.found[key] = merged
        return before is None or merged != before

    def _blame(self, subject: str, reason: str, cause: Exception) -> None:
        error = PageChanged(subject, f"{reason} ({type(cause).__name__}: {str(cause)[:120]})")
        error.__cause__ = cause
        self.fail(subject, error)


def _host(url: str) -> str:
    """Return the host of an address, "www." or not; nothing for what is no address."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _joined(first: Listing, second: Listing) -> Listing:
    """Fill the gaps of a listing from another of the same venue in the same run."""
    gaps = {
        each.name: value
        for each in fields(Listing)
        if getattr(first, each.name) in {None, ()} and (value := getattr(second, each.name)) not in {None, ()}
    }
    return replace(first, **gaps)
