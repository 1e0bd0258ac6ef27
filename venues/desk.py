"""What the page and the API share: answers for many people at once, and crawls that run beside them.

Answers are remembered for as long as the index stays as it is: the same question a second time costs nothing. One crawl
runs at a time, in a thread of its own; who watches it, or stops watching, makes no difference to it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import Counter, OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from index.shortlists import ShortlistBook
from venues.answering import Answers, CrawlSeen, Here, Workers
from venues.app import WAITED_PAGES, WAITED_SECONDS
from venues.errors import QueryError, VenuesError
from venues.replies import Busy, Replies

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from datetime import datetime

    from crawlers.running import Progress
    from venues.answering import Computing, Task
    from venues.app import App
    from venues.discovery import Narrowing
    from venues.model import Answer, Area, CrawlRun, Site
    from venues.replies import Reply

MOST_DEEP, MOST_DEEP_BYTES = 20, 4 * 1024 * 1024
"""Answers far down the list that wait, and the bytes of those that are remembered."""
KEPT_CRAWLS = 100
MOST_CRAWLS = 10
"""Crawls under way and waiting, for different areas."""
_REST = timedelta(hours=1)
MOST_WATCHING = 200
MOST_WATCHING_EACH = 6
"""Streams of progress that are open at once, of all visitors and of one address."""


@dataclass(slots=True)
class Crawling:
    """One crawl for one area, as far as it has come. Written by the crawl's thread, read by any."""

    key: str
    label: str
    started_at: datetime
    sites: dict[str, Progress] = field(default_factory=dict)
    done: bool = False
    added: int = 0
    read: int = 0
    asked: int = 0
    error: str | None = None
    step: int = 0
    """Counts what happened, so that a watcher knows whether it has seen the latest."""

    def seen(self) -> CrawlSeen:
        """Return what the page shows of it."""
        return CrawlSeen(self.key, self.label, self.done, self.error, self.read, self.asked, self.added)

    def record(self) -> dict[str, object]:
        """Return how far it is, as plain values."""
        sites = list(self.sites.values())
        return {
            "area": self.label,
            "done": self.done,
            "sites": len(sites),
            "requests": sum(each.requests for each in sites),
            "listings": sum(each.listings for each in sites),
            "added": self.added,
            "error": self.error,
        }


class Desk:
    """One process's answers. Safe to share between threads."""

    def __init__(self, app: App, workers: int = 1, first: Task | None = None) -> None:
        """Open all that an answer needs, so that the first visitor does not wait for it.

        With several `workers`, as many processes compute the answers; each begins with a `first`.
        """
        self.app = app
        self.closing = False
        self._answers = Answers(app)
        self._lock = threading.Lock()
        self._crawls: OrderedDict[str, Crawling] = OrderedDict()
        self._turns = 0
        self.long_work = threading.BoundedSemaphore(1)
        """Held by what takes a processor for seconds: imports and the like."""
        self._watching: Counter[str] = Counter()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="crawl")
        app.start()
        _ = (app.gazetteer, app.encoder)
        alone = workers < 2 or app.store.path == ":memory:"
        self._computing: Computing = Here(self._answers, first) if alone else Workers(app.settings, workers, first)
        self.shortlists = ShortlistBook(app.store.path)
        # Two for each worker: one whose answer is computed, one that is next.
        self.replies = Replies(max(2, os.cpu_count() or 1) if alone else 2 * workers)
        self._deep = Replies(1, most_bytes=MOST_DEEP_BYTES, most_waiting=MOST_DEEP)
        self._changes = _Changes(app)

    def state(self) -> tuple[Hashable, ...]:
        """Return what changes whenever an answer may: with the index, with a crawl, and with the day. Never waits."""
        return self._changes.count(), self._turns, self.app.clock().date()

    def find(self, text: str, narrowing: Narrowing, *, country: str | None = None) -> Answer:
        """Answer a sentence in this process. Raises QueryError."""
        return self._answers.find(text, narrowing, country=country)

    async def reply(self, key: Hashable, state: Hashable, task: Task, *, deep: bool = False) -> Reply:
        """Return the reply to a question, computed now unless it is known. Raises Busy, QueryError.

        A `deep` one, which takes as long as many others, waits for other deep ones and lets the rest pass.
        """
        replies = self._deep if deep else self.replies
        return await replies.get(key, state, partial(self._computing.run, task))

    # crawls

    def crawl(self, area: Area, audience: str = "") -> Crawling:
        """Ask the open sources for an area, beside whatever else goes on; a crawl that is under way is the same one.

        Raises Busy if many wait already.
        """
        return self._begin(area.id, area.label, partial(self.app.freshen, area, audience))

    def crawl_due(self) -> Crawling:
        """Ask the sites whose time has come, as the nightly crawl does. Raises Busy."""
        return self._begin("due", "sites whose time has come", partial(self.app.crawl_named, (), area=None, due=True))

    def crawl_site(self, name: str) -> Crawling:
        """Ask one site that is configured. Raises QueryError where none is so called, or it was asked lately; Busy."""
        if not any(state.site.name == name and state.due_at for state in self.app.sites()):
            raise QueryError(f"{name[:200]} is not among the sites that are asked. `/sites` lists them.")
        sites = self.checkable([name])
        if not sites:
            raise QueryError(f"{name} was asked within the hour. Let it rest.")
        return self._begin(f"site:{name}", name, partial(self.app.crawl, sites))

    def checkable(self, sources: Iterable[str]) -> list[Site]:
        """Return those of these sources that are configured sites which were not asked within the hour."""
        named, now = set(sources), self.app.clock()
        return [
            state.site
            for state in (self.app.store.sites() if named else ())
            if state.site.name in named and state.due_at and not (state.last and now - state.last.finished_at < _REST)
        ]

    def crawl_again(self, key: str, sites: Sequence[Site]) -> Crawling:
        """Ask sites again, as long as somebody waiting will bear. Raises Busy."""
        from crawlers.running import Limits

        limits = Limits(pages=WAITED_PAGES, seconds=WAITED_SECONDS)
        return self._begin(key, "the sources of a shortlist", partial(self.app.crawl, sites, limits=limits))

    def _begin(self, key: str, label: str, work: Callable[..., list[CrawlRun]]) -> Crawling:
        with self._lock:
            known = self._crawls.get(key)
            if known and not known.done:
                return known
            if self.closing or sum(not each.done for each in self._crawls.values()) >= MOST_CRAWLS:
                raise Busy("Many areas wait to be asked for already")
            started = Crawling(key=key, label=label, started_at=self.app.clock())
            self._crawls[key] = started
            self._crawls.move_to_end(key)
            self._turns += 1
            while len(self._crawls) > KEPT_CRAWLS:
                self._crawls.popitem(last=False)
            self._worker.submit(self._run, started, work)
        return started

    def crawls(self) -> list[Crawling]:
        """Return the crawls that were started here, the latest first."""
        with self._lock:
            return list(reversed(self._crawls.values()))

    def crawling(self, key: str) -> Crawling | None:
        """Return the latest crawl for an area's id."""
        with self._lock:
            return self._crawls.get(key)

    def crawls_seen(self) -> dict[str, CrawlSeen]:
        """Return how far each crawl is now, by its area's id."""
        with self._lock:
            return {key: each.seen() for key, each in self._crawls.items()}

    def _run(self, crawl: Crawling, work: Callable[..., list[CrawlRun]]) -> None:
        def progress(each: Progress) -> None:
            crawl.sites[each.site] = each
            crawl.step += 1

        try:
            runs = work(on_progress=progress, ending=lambda: self.closing)
        except VenuesError as error:
            crawl.error = str(error)
        except BaseException:
            crawl.error = "the crawl ended by a fault of ours; the log has it"
            raise
        else:
            crawl.added, crawl.asked = sum(run.added for run in runs), len(runs)
            crawl.read = sum(run.state in {"read", "none found"} for run in runs)
        finally:
            with self._lock:
                crawl.done = True
                crawl.step += 1
                self._turns += 1

    def check_watching(self, client: str) -> None:
        """Raise Busy if a client watches as much as it may."""
        if self._watching.total() >= MOST_WATCHING or self._watching[client] >= MOST_WATCHING_EACH:
            raise Busy("Too many pages show the progress of crawls")

    @contextmanager
    def watched(self, client: str) -> Iterator[None]:
        """Count somebody who watches a crawl, for as long as they do."""
        self._watching[client] += 1
        try:
            yield
        finally:
            self._watching[client] -= 1
            self._watching += Counter()  # drops those at zero

    def close(self) -> None:
        """Let go of what is open. A crawl that is under way ends within seconds, and what it has read is kept."""
        self.closing = True
        self._worker.shutdown(wait=True, cancel_futures=True)
        self.replies.close()
        self._deep.close()
        self._computing.close()
        self.shortlists.close()
        self._changes.close()


class _Changes:
    """Looks at how often the index was changed, over a connection that never waits for a search."""

    def __init__(self, app: App) -> None:
        self._store = app.store
        self._db: sqlite3.Connection | None = None
        if app.store.path != ":memory:":
            address = Path(app.store.path).resolve().as_uri() + "?mode=ro"
            self._db = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)

    def count(self) -> str:
        if self._db is None:
            return self._store.version()
        return str(self._db.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
