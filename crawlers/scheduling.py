"""When a site is crawled next: a pure rule over its last runs.

- A site starts at once a day. Each whole run that found a tenth or more of its venues new, gone or changed halves
  that; each that found less than a hundredth so makes it half as long again. Never under 6 hours, never over 30 days.
- After a failure: 6 hours, doubled for each further failure in a row, up to 30 days.
- A site that does not permit us, or wants a key, is asked again after 7 days, doubled each time, up to 30 days.
- Never before the time that the site's own reply named.
- Waits of a day and more end at the site's own time of the day, shorter ones a little later than computed: both come
  from its name, so that sites added together do not stay together.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from venues.model import CrawlRun

SHORTEST = timedelta(hours=6)
LONGEST = timedelta(days=30)
START = timedelta(days=1)
SHUT = timedelta(days=7)
_DAY = timedelta(days=1)
_CHANGEABLE = 0.10
_STEADY = 0.01
_SHUT_STATES = frozenset({"not permitted", "needs key"})
_FAULTY_STATES = frozenset({"failed", *_SHUT_STATES})


def next_due(site: str, runs: Sequence[CrawlRun], now: datetime, retry_after: datetime | None = None) -> datetime:
    """Return when a site is due. `runs` are its latest, newest first, the one just ended among them."""
    due = _spread(site, now, _interval(runs))
    return max(due, retry_after) if retry_after else due


def _interval(runs: Sequence[CrawlRun]) -> timedelta:
    faults = 0
    for run in runs:
        if run.state not in _FAULTY_STATES:
            break
        faults += 1
    if faults:
        first = SHUT if runs[0].state in _SHUT_STATES else SHORTEST
        return min(first * (1 << min(faults - 1, 10)), LONGEST)
    interval = START
    for run in reversed(runs):
        interval = _adapted(interval, run)
    return interval


def _adapted(interval: timedelta, run: CrawlRun) -> timedelta:
    """Take one run into account; one that failed or was cut short says nothing of how often the site changes."""
    if run.state in _FAULTY_STATES or not run.complete:
        return interval
    share = (run.added + run.updated + run.gone) / max(run.listings, 1)
    if share >= _CHANGEABLE:
        return max(interval / 2, SHORTEST)
    return min(interval * 1.5, LONGEST) if share < _STEADY else interval


def _spread(site: str, now: datetime, interval: timedelta) -> datetime:
    share = int.from_bytes(sha256(site.encode()).digest()[:4]) / 2**32
    if interval < _DAY:
        return now + interval * (1 + share / 4)
    # Half a day is kept free at the far end, so that moving to the site's own time never exceeds the longest wait.
    target = now + min(interval, LONGEST - _DAY / 2)
    midnight = target.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    own_times = (midnight + _DAY * (day + share) for day in (-1, 0, 1))
    return min(own_times, key=lambda time: abs(time - target))
