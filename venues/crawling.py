"""The use case behind `venues crawl`: ask sites politely, keep what they list, and remember how it went."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from crawlers.fetching import Fetcher
from crawlers.keys import auths_from
from crawlers.registry import build
from crawlers.running import Limits, run
from crawlers.scheduling import next_due
from index.merging import Gone, absent
from venues import __version__
from venues.errors import QueryError, SettingsError
from venues.model import CrawlRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from crawlers.running import CrawlOutcome, Progress
    from index.merging import Change
    from venues.model import Area, Listing, Site, VenueId
    from venues.refresh import Intake

GRACE = 3.0
"""Seconds that an open page has to finish, once a crawl is to end."""
_LOOKING = 0.2

_BATCH = 500
"""Listings that are written together; those of a finished page are written at the latest when the site is done."""

_REMEMBERED = 10  # runs that say how often a site changes


@dataclass(kw_only=True)
class Crawl:
    """One round of crawls into one store."""

    intake: Callable[[], Intake]
    """Makes what takes listings in, with its own tally."""
    now: Callable[[], datetime]
    contact: str = ""
    limits: Limits = field(default_factory=Limits)
    area_of: Callable[[Site], Area | None] = lambda _: None
    """The area that a site is asked for at each crawl, if any."""
    on_progress: Callable[[Progress], None] = lambda _: None
    ending: Callable[[], bool] = lambda: False
    """Asked a few times a second, where no Ctrl-C can reach us: on True the crawl ends within `GRACE` seconds."""
    stopping: bool = False
    keys: dict[str, str] = field(default_factory=dict)
    """The user's, by the setting's name; see `crawlers.keys`."""

    def all(self, sites: Sequence[Site], area: Area | None = None) -> list[CrawlRun]:
        """Crawl these sites, all at once, and return how each went, in the same order.

        The first Ctrl-C lets open pages finish and keeps what they list; the second ends at once. A site's fault is
        in its run and touches no other. Raises StoreError if what was found cannot be kept.
        """
        return asyncio.run(self._all(sites, area))

    async def _all(self, sites: Sequence[Site], area: Area | None) -> list[CrawlRun]:
        with self._interruptible():
            async with Fetcher(contact=self.contact, version=__version__, auths=auths_from(self.keys)) as fetcher:
                try:
                    async with asyncio.TaskGroup() as group:
                        tasks = [group.create_task(self._one(site, fetcher, area)) for site in sites]
                        watch = group.create_task(self._end(tasks))
                        await asyncio.wait(tasks)
                        watch.cancel()
                except BaseExceptionGroup as faults:
                    # No site's fault gets here: it is our store or our code, and the first says enough.
                    raise faults.exceptions[0] from faults
                return [task.result() for task in tasks]

    async def _end(self, tasks: Sequence[asyncio.Task[CrawlRun]]) -> None:
        """Once it is to end: ask nothing more, and after a while wait for no open page either."""
        while not self.ending():  # noqa: ASYNC110 - it is told from another thread
            await asyncio.sleep(_LOOKING)
        self.stopping = True
        await asyncio.sleep(GRACE)
        for task in tasks:
            task.cancel()

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Turn the first Ctrl-C into a wish to stop; the next does what it always does."""
        loop = asyncio.get_running_loop()

        def stop() -> None:
            self.stopping = True
            loop.remove_signal_handler(signal.SIGINT)

        # Not in the main thread, or no such signals here: then the caller stops us as it can.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGINT, stop)
        try:
            yield
        finally:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.remove_signal_handler(signal.SIGINT)

    async def _one(self, site: Site, fetcher: Fetcher, area: Area | None) -> CrawlRun:
        intake = self.intake()
        try:
            crawler = build(site)
            area = area or self.area_of(site)
        except (SettingsError, QueryError) as error:
            return self._failed(site, str(error), intake)
        waiting: list[Listing] = []

        def keep(listings: Sequence[Listing]) -> None:
            waiting.extend(listings)
            if len(waiting) >= _BATCH:
                flush()

        def flush() -> None:
            for _ in intake.take(waiting):
                pass
            waiting.clear()

        try:
            outcome = await run(
                site,
                crawler,
                fetcher,
                now=self.now,
                area=area,
                limits=self.limits,
                on_listings=keep,
                on_progress=self.on_progress,
                stop=lambda: self.stopping,
            )
        except asyncio.CancelledError:
            if not self.stopping:
                raise
            return self._left(self._failed(site, "was left before it had answered: the program ended", intake), intake)
        finally:
            flush()
        record = self._close(outcome, intake)
        return self._left(record, intake) if self.stopping and not record.complete else record

    def _left(self, record: CrawlRun, intake: Intake) -> CrawlRun:
        """Let a site that we left ourselves be asked again by whoever comes next."""
        intake.store.set_due(record.site, record.finished_at)
        return replace(record, next_due=record.finished_at)

    def _failed(self, site: Site, error: str, intake: Intake) -> CrawlRun:
        """Write that a site was not read, and why: as when one kept from an older version cannot be built any more."""
        now = self.now()
        record = CrawlRun(site=site.name, started_at=now, finished_at=now, state="failed", complete=False, error=error)
        return self._keep(record, [], intake, None)

    def _close(self, outcome: CrawlOutcome, intake: Intake) -> CrawlRun:
        """Write what a complete run's silence means, and the run itself."""
        store = intake.store
        gone = _absences(outcome, store.listed_by(outcome.site.name)) if _tells_absence(outcome) else []
        return self._keep(_record(outcome, intake, gone), gone, intake, outcome.retry_after)

    def _keep(self, record: CrawlRun, gone: Sequence[Change], intake: Intake, retry_after: datetime | None) -> CrawlRun:
        """Write a run, what it lost, and when the site is next due."""
        store = intake.store
        runs = [record, *store.runs(_REMEMBERED, record.site)]
        record = replace(record, next_due=next_due(record.site, runs, record.finished_at, retry_after))
        nothing = np.empty((0, intake.encoder.dimensions), dtype=np.float32)
        store.apply(gone, nothing, intake.encoder.model, record)
        return record


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
