"""What the page and the API share: answers for many people at once, and crawls that run beside them.

Answers are remembered for as long as the index stays as it is: the same question a second time costs nothing. One crawl
runs at a time, in a thread of its own; who watches it, or stops watching, makes no difference to it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.shortlists import ShortlistBook
from venues.errors import VenuesError

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from crawlers.running import Progress
    from venues.app import App
    from venues.discovery import Narrowing
    from venues.model import Answer, Area

REMEMBERED = 512
"""Answers kept: a megabyte or two."""
KEPT_CRAWLS = 100


@dataclass(slots=True)
class Crawling:
    """One crawl for one area, as far as it has come."""

    key: str
    label: str
    started_at: datetime
    sites: dict[str, Progress] = field(default_factory=dict)
    done: bool = False
    added: int = 0
    read: int = 0
    asked: int = 0
    error: str | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)
    step: int = 0
    """Counts what happened, so that a watcher knows whether it has seen the latest."""

    def record(self) -> dict[str, object]:
        """Return how far it is, as plain values."""
        return {
            "area": self.label,
            "done": self.done,
            "sites": len(self.sites),
            "requests": sum(each.requests for each in self.sites.values()),
            "listings": sum(each.listings for each in self.sites.values()),
            "added": self.added,
            "error": self.error,
        }

    def wait(self, seen: int, seconds: float) -> int:
        """Wait for something that comes after `seen`, or until the time is up; return where it stands."""
        with self.changed:
            self.changed.wait_for(lambda: self.step > seen, seconds)
            return self.step

    def tell(self, **changes: object) -> None:
        """Set what changed and wake whoever watches."""
        with self.changed:
            for name, value in changes.items():
                setattr(self, name, value)
            self.step += 1
            self.changed.notify_all()


class Desk:
    """One process's answers. Safe to share between threads."""

    def __init__(self, app: App) -> None:
        """Open all that an answer needs, so that the first visitor does not wait for it."""
        self.app = app
        self.started_at = app.clock()
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._crawls: OrderedDict[str, Crawling] = OrderedDict()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="crawl")
        app.start()
        _ = (app.gazetteer, app.encoder, app.asking)
        app.store.read_ahead()
        self.shortlists = ShortlistBook(app.store.path)

    def find(self, text: str, narrowing: Narrowing, *, country: str | None = None) -> tuple[Answer, str]:
        """Answer a sentence, and return a validator that changes when the answer may. Raises QueryError."""
        version = self.app.store.version()
        key = (text, narrowing, country, version)
        with self._lock:
            known = self._answers.get(key)
            if known:
                self._answers.move_to_end(key)
        answer = known or self.app.find(text, narrowing, country=country)
        if known is None:
            with self._lock:
                self._answers[key] = answer
                while len(self._answers) > REMEMBERED:
                    self._answers.popitem(last=False)
        return answer, self._validator(key)

    def _validator(self, key: Hashable) -> str:
        # How many days ago a post was made is part of an answer: the day is part of its validator.
        said = json.dumps([repr(key), self.started_at.isoformat(), self.app.clock().date().isoformat()])
        return hashlib.sha256(said.encode()).hexdigest()[:24]

    # crawls

    def crawl(self, area: Area | None) -> Crawling:
        """Ask the open sources for an area, beside whatever else goes on; a crawl that is under way is the same one."""
        key = area.id if area else "everywhere"
        with self._lock:
            known = self._crawls.get(key)
            if known and not known.done:
                return known
            started = Crawling(key=key, label=area.label if area else "everywhere", started_at=self.app.clock())
            self._crawls[key] = started
            self._crawls.move_to_end(key)
            while len(self._crawls) > KEPT_CRAWLS:
                self._crawls.popitem(last=False)
        self._worker.submit(self._run, started, area)
        return started

    def crawling(self, key: str) -> Crawling | None:
        """Return the latest crawl for an area's id, or "everywhere"."""
        with self._lock:
            return self._crawls.get(key)

    def _run(self, crawl: Crawling, area: Area | None) -> None:
        def progress(each: Progress) -> None:
            crawl.sites[each.site] = each
            crawl.tell()

        try:
            runs = self.app.freshen(area, on_progress=progress)
        except VenuesError as error:
            crawl.tell(done=True, error=str(error))
        except BaseException:
            crawl.tell(done=True, error="the crawl ended by a fault of ours; the log has it")
            raise
        else:
            read = sum(run.state in {"read", "none found"} for run in runs)
            crawl.tell(done=True, added=sum(run.added for run in runs), asked=len(runs), read=read)

    def close(self) -> None:
        """Let go of what is open; a crawl that is under way finishes its open pages first."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        self.shortlists.close()
