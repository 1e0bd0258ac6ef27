"""The use case behind `venues crawl`: ask sites politely, keep what they list, and remember how it went."""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from crawlers.fetching import Bounds, Fetcher
from crawlers.keys import auths_from
from crawlers.lanes import Lanes
from crawlers.registry import build, platforms
from crawlers.running import FAILED, Limits, run
from crawlers.scheduling import next_due
from index.merging import Gone, absent
from venues import __version__
from venues.errors import QueryError, SettingsError
from venues.model import CrawlRun

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
    from concurrent.futures import Future
    from datetime import datetime
    from typing import Any

    from crawlers.fetching import Memory
    from crawlers.running import CrawlOutcome, Progress
    from index.merging import Change
    from index.store import Store
    from venues.model import Area, Listing, Site, VenueId
    from venues.refresh import Intake

GRACE = 3.0
"""Seconds that an open page has to finish, once a crawl is to end."""
_LOOKING = 0.2

_BATCH = 500
"""Listings that are written together, if so many come soon enough."""
_OFTEN = 10.0
"""Seconds after which a page's listings wait for no others: what a crash may cost."""
T = TypeVar("T")

_REMEMBERED = 10  # runs that say how often a site changes


@dataclass(kw_only=True)
class Crawl:
    """One round of crawls into one store."""

    intake: Callable[[], Intake]
    """Makes what takes listings in, with its own tally."""
    now: Callable[[], datetime]
    contact: str = ""
    memory: Memory | None = None
    """What earlier crawls knew of hosts, shared with those that run beside this one."""
    limits: Limits = field(default_factory=Limits)
    area_of: Callable[[Site], Area | None] = lambda _: None
    """The area that a site is asked for at each crawl, if any."""
    bounds: Bounds = field(default_factory=Bounds)
    most_open: int = 256
    """Hosts that are asked side by side: what bounds memory and sockets, however many sites there are."""
    on_progress: Callable[[Progress], None] = lambda _: None
    ending: Callable[[], bool] = lambda: False
    """Asked a few times a second, where no Ctrl-C can reach us: on True the crawl ends within `GRACE` seconds."""
    stopping: bool = False
    open_tasks: set[asyncio.Task[CrawlRun]] = field(default_factory=set, init=False)
    keys: dict[str, str] = field(default_factory=dict)
    """The user's, by the setting's name; see `crawlers.keys`."""

    def all(self, sites: Sequence[Site], area: Area | None = None) -> list[CrawlRun]:
        """Crawl these sites and return how each went, in the same order; one that was not begun has no run.

        The first Ctrl-C, or SIGTERM, lets open pages finish and keeps what they list; the second ends at once. A
        site's fault is in its run and touches no other. Raises StoreError if what was found cannot be kept.
        """
        left = list(sites)

        def hand_out(_: int) -> list[Site]:
            handed = left.copy()
            left.clear()
            return handed

        runs = {id(site): done for site, done in asyncio.run(self._all(hand_out, area))}
        return [runs[id(site)] for site in sites if id(site) in runs]

    def due(self, store: Store, lease: timedelta, among: Collection[str] | None = None) -> list[CrawlRun]:
        """Claim and crawl sites of a store for as long as any is due; as `all`, in the order in which they end.

        `among` are the names of those that may be crawled; None: any. Claims are prolonged while we work, and those
        not begun are given back: two crawls at once share the sites.
        """

        def claim(most: int) -> list[Site]:
            return [job.site for job in store.claim_due(self.now(), lease, most, among)]

        def prolong(sites: Sequence[Site], *, held: bool) -> None:
            if sites:
                store.prolong([site.name for site in sites], self.now() + (lease if held else -lease))

        prolonging = _Prolonging(prolong, lease.total_seconds() / 4)
        return [done for _, done in asyncio.run(self._all(claim, None, prolonging))]

    async def _all(
        self, claim: Callable[[int], list[Site]], area: Area | None, prolonging: _Prolonging | None = None
    ) -> list[tuple[Site, CrawlRun]]:
        """Crawl what `claim` hands out, and return each site with its run, in the order in which they end."""
        lanes = Lanes()
        runs: list[tuple[Site, CrawlRun]] = []
        with _Keeper() as keeper, _rare_collections():
            async with self._fetcher() as fetcher:
                with self._interruptible(fetcher), _first_fault():
                    async with asyncio.TaskGroup() as group:
                        heart = group.create_task(prolonging.go(lanes, keeper)) if prolonging else None
                        watch = group.create_task(self._watch(fetcher))
                        async for site, task in self._begun(claim, lanes, group, fetcher, area, keeper):
                            runs.append((site, task.result()))
                        for each in (heart, watch):
                            if each:
                                each.cancel()
            if prolonging:
                prolonging.give_back(lanes)
        return runs

    def _fetcher(self) -> Fetcher:
        return Fetcher(
            contact=self.contact,
            version=__version__,
            memory=self.memory,
            bounds=self.bounds,
            auths=auths_from(self.keys),
        )

    async def _begun(
        self,
        claim: Callable[[int], list[Site]],
        lanes: Lanes,
        group: asyncio.TaskGroup,
        fetcher: Fetcher,
        area: Area | None,
        keeper: _Keeper,
    ) -> AsyncIterator[tuple[Site, asyncio.Task[CrawlRun]]]:
        """Begin sites as lanes become free, and yield each that is done."""
        begun: dict[asyncio.Task[CrawlRun], Site] = {}
        while True:
            if not self.stopping and len(lanes) < self.most_open:
                lanes.add(await _in(keeper, claim, self.most_open - len(lanes)))
            while not self.stopping and len(begun) < self.most_open and (site := lanes.take()):
                begun[group.create_task(self._one(site, fetcher, area, keeper))] = site
                self.open_tasks = set(begun)
            if not begun:
                return
            done, _ = await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                site = begun.pop(task)
                lanes.done(site)
                yield site, task

    async def _watch(self, fetcher: Fetcher) -> None:
        """Once it is to end: ask nothing more, and after a while wait for no open page either."""
        while not self.ending():  # noqa: ASYNC110 - it is told from another thread
            await asyncio.sleep(_LOOKING)
        self.stopping = True
        fetcher.stop()
        await asyncio.sleep(GRACE)
        for task in [*self.open_tasks]:
            task.cancel()

    @contextmanager
    def _interruptible(self, fetcher: Fetcher) -> Iterator[None]:
        """Turn the first Ctrl-C, or a supervisor's SIGTERM, into a wish to stop; the next does what it always does."""
        loop = asyncio.get_running_loop()

        def stop(signal_: signal.Signals) -> None:
            self.stopping = True
            fetcher.stop()
            loop.remove_signal_handler(signal_)

        for each in (signal.SIGINT, signal.SIGTERM):
            # Not in the main thread, or no such signals here: then the caller stops us as it can.
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(each, stop, each)
        try:
            yield
        finally:
            for each in (signal.SIGINT, signal.SIGTERM):
                with suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.remove_signal_handler(each)

    async def _one(self, site: Site, fetcher: Fetcher, area: Area | None, keeper: _Keeper) -> CrawlRun:
        intake = self.intake()
        try:
            crawler = build(site)
            area = area or self.area_of(site)
        except (SettingsError, QueryError) as error:
            return await _in(keeper, self._failed, site, str(error), intake)
        keeping = _Keeping(intake, keeper)
        try:
            outcome = await run(
                site,
                crawler,
                fetcher,
                now=self.now,
                area=area,
                limits=self.limits,
                on_listings=keeping.add,
                on_progress=self.on_progress,
                stop=lambda: self.stopping,
            )
        except asyncio.CancelledError:
            if not self.stopping:
                raise
            return await _in(keeper, self._left, site, intake)
        finally:
            await keeping.done()
        return await _in(keeper, self._close, outcome, intake)

    def _left(self, site: Site, intake: Intake) -> CrawlRun:
        """Write that we left a site ourselves: it is asked again by whoever comes next."""
        now = self.now()
        why = "was left before it had answered: the program ended"
        record = CrawlRun(site=site.name, started_at=now, finished_at=now, state=FAILED, complete=False, error=why)
        return self._keep(record, [], intake, now)

    def _failed(self, site: Site, error: str, intake: Intake) -> CrawlRun:
        """Write that a site was not read, and why: as when one kept from an older version cannot be built any more."""
        now = self.now()
        record = CrawlRun(site=site.name, started_at=now, finished_at=now, state=FAILED, complete=False, error=error)
        return self._keep(record, [], intake, self._next_due(record, intake))

    def _close(self, outcome: CrawlOutcome, intake: Intake) -> CrawlRun:
        """Write what a complete run's silence means, and the run itself."""
        store = intake.store
        gone = _absences(outcome, store.listed_by(outcome.site.name)) if _tells_absence(outcome) else []
        record = _record(outcome, intake, gone)
        # One that we ended ourselves goes on whenever there is a crawl.
        due = record.finished_at if outcome.stopped else self._next_due(record, intake, outcome.retry_after)
        return self._keep(record, gone, intake, due)

    def _next_due(self, record: CrawlRun, intake: Intake, retry_after: datetime | None = None) -> datetime:
        runs = [record, *intake.store.runs(_REMEMBERED, record.site)]
        due = next_due(record.site, runs, record.finished_at, retry_after)
        platform = platforms().get(record.site.partition(":")[0])
        rest = timedelta(days=platform.about.rest) if platform and record.state != FAILED else timedelta()
        return max(due, record.finished_at + rest)

    def _keep(self, record: CrawlRun, gone: Sequence[Change], intake: Intake, due: datetime) -> CrawlRun:
        """Write a run, what it lost, and when the site is next due."""
        record = replace(record, next_due=due)
        nothing = np.empty((0, intake.encoder.dimensions), dtype=np.float32)
        intake.store.apply(gone, nothing, intake.encoder.model, record)
        return record


class _Keeper(ThreadPoolExecutor):
    """The one thread that writes."""

    def __init__(self) -> None:
        super().__init__(1, thread_name_prefix="keeping")
        self._begun: Future[Any] | None = None

    @property
    def idle(self) -> bool:
        """Whether all that was given to it is done."""
        return self._begun is None or self._begun.done()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Do this after all that was submitted before."""
        self._begun = begun = super().submit(fn, *args, **kwargs)
        return begun


@dataclass(slots=True)
class _Keeping:
    """Takes one site's listings in, in the one thread that writes: no host waits while they are embedded."""

    intake: Intake
    keeper: _Keeper
    waiting: list[Listing] = field(default_factory=list)
    begun: list[Future[None]] = field(default_factory=list)
    flushed_at: float = field(default_factory=time.monotonic)

    def add(self, listings: Sequence[Listing]) -> None:
        """Let listings wait for enough others, though not for long. Raises what an earlier batch failed of."""
        for each in self.begun:
            if each.done():
                each.result()
        self.waiting.extend(listings)
        late = time.monotonic() - self.flushed_at >= _OFTEN
        # While nobody's are being written, these need not wait: little is lost in a crash, or left to do at the end.
        if late or len(self.waiting) >= _BATCH or self.keeper.idle:
            self._flush()

    def _flush(self) -> None:
        batch, self.waiting = self.waiting, []
        self.flushed_at = time.monotonic()
        self.begun = [each for each in self.begun if not each.done()]
        self.begun.append(self.keeper.submit(self._take, batch))

    def _take(self, batch: list[Listing]) -> None:
        for _ in self.intake.take(batch):
            pass

    async def done(self) -> None:
        """Take in what is left. Raises StoreError where something could not be kept."""
        if self.waiting:
            self._flush()
        for each in self.begun:
            await asyncio.wrap_future(each)


@dataclass(frozen=True, slots=True)
class _Prolonging:
    """Keeps the claims of a crawl for as long as it lives."""

    prolong: Callable[..., None]
    seconds: float

    async def go(self, lanes: Lanes, keeper: _Keeper) -> None:
        """Prolong, again and again, what is not done."""
        while True:
            await asyncio.sleep(self.seconds)
            await _in(keeper, partial(self.prolong, [*lanes.open.values(), *lanes.waiting], held=True))

    def give_back(self, lanes: Lanes) -> None:
        """Let others have what was not begun."""
        self.prolong(lanes.waiting, held=False)


async def _in(keeper: _Keeper, work: Callable[..., T], *args: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(keeper, work, *args)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage in circles more rarely: a crawl makes many values that stay, and each look goes through them."""
    usual = gc.get_threshold()
    gc.set_threshold(10_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def _first_fault() -> Iterator[None]:
    """Raise the first of several faults. No site's gets here: it is our store or our code, and one says enough."""
    try:
        yield
    except BaseExceptionGroup as faults:
        raise faults.exceptions[0] from faults


def _tells_absence(outcome: CrawlOutcome) -> bool:
    """Say whether what was not listed may be gone: after a failed, empty or partial crawl, never."""
    return outcome.complete and bool(outcome.listings) and outcome.area is None


def _absences(outcome: CrawlOutcome, listed: dict[VenueId, int]) -> list[Change]:
    return list(absent(outcome.site.name, listed, {listing.id for listing in outcome.listings}))


def _record(outcome: CrawlOutcome, intake: Intake, gone: Sequence[Change]) -> CrawlRun:
    return CrawlRun(
        site=outcome.site.name,
        started_at=outcome.started_at,
        finished_at=outcome.finished_at,
        state=outcome.state,
        complete=outcome.complete,
        requests=outcome.requests,
        listings=len(outcome.listings),
        added=intake.tally.added,
        updated=intake.tally.updated,
        gone=sum(isinstance(change, Gone) for change in gone),
        refused=outcome.refused,
        error=outcome.error.reason if outcome.error else None,
        area=outcome.area.id if outcome.area else None,
    )


def exit_code(runs: Sequence[CrawlRun]) -> int:
    """Return what a scheduler should see: 1 where sites were asked and every one failed, else 0.

    One site's fault is that site's business and stands in the summary: a nightly mail over each would teach people
    not to read it. That all fail at once is a fault of ours: no network, a broken clock. A site that does not permit
    us has answered.
    """
    return int(bool(runs) and all(run.state == FAILED for run in runs))


def summary(runs: Sequence[CrawlRun]) -> list[str]:
    """Return one plain line for each run, and one for all: what a scheduler's log or mail should hold."""
    lines = [_line(run) for run in sorted(runs, key=lambda run: run.site)]
    states = Counter(run.state for run in runs)
    counts = ", ".join(f"{count} {state}" for state, count in states.most_common()) or "no site was due"
    changes = ", ".join(f"{sum(getattr(run, each) for run in runs):,} {each}" for each in ("added", "updated", "gone"))
    return [*lines, f"{len(runs)} sites: {counts}; {changes}; {sum(run.requests for run in runs):,} requests"]


def _line(run: CrawlRun) -> str:
    what = f"{run.listings:,} listed, {run.added:,} added, {run.updated:,} updated, {run.gone:,} gone"
    parts = [f"{run.state}{'' if run.complete else ', not all'}", what, f"{run.requests:,} requests"]
    if run.error:
        # What a site says goes into logs and mails: on one line, and no longer than it deserves.
        parts.append("".join(char if char.isprintable() else " " for char in run.error[:200]))
    if run.next_due:
        parts.append(f"next {run.next_due.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    return f"{run.site}: {'; '.join(parts)}"
