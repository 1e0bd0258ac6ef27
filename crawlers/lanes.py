"""In which order sites are crawled: those that share a host one after another, and many hosts side by side.

One that waits for another site's turn at their host would hold memory and a place among those that are open, and
its time limit would run meanwhile. The longest lanes begin first, since they end last.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from crawlers.addresses import origin
from venues.errors import AddressRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Site


def lane_of(site: Site) -> str:
    """Return the host that a site's settings name, or else its platform, which then is one service."""
    for name, value in site.options:
        if name == "base_url":
            try:
                _, host, port = origin(value)
            except AddressRefused:
                break
            return f"{host}:{port}"
    return site.platform


@dataclass(slots=True)
class Lanes:
    """Sites that wait, and sites that are being crawled."""

    open: dict[str, Site] = field(default_factory=dict)
    """The site that is being crawled in each lane."""
    _waiting: dict[str, deque[Site]] = field(default_factory=dict)
    """By lane; none is empty."""
    _free: list[tuple[int, int, str]] = field(default_factory=list)
    """A heap of lanes where a site waits and none is open: the longest first, then the first come."""
    _count: Iterator[int] = field(default_factory=count)

    def add(self, sites: Iterable[Site]) -> None:
        """Let sites wait for their turn."""
        new: dict[str, None] = {}
        for site in sites:
            lane = lane_of(site)
            if lane not in self._waiting and lane not in self.open:
                new[lane] = None
            self._waiting.setdefault(lane, deque()).append(site)
        for lane in new:
            self._offer(lane)

    def _offer(self, lane: str) -> None:
        heappush(self._free, (-len(self._waiting[lane]), next(self._count), lane))

    def take(self) -> Site | None:
        """Return the site to crawl next; None where every lane that has one is busy."""
        if not self._free:
            return None
        _, _, lane = heappop(self._free)
        site = self.open[lane] = self._waiting[lane].popleft()
        if not self._waiting[lane]:
            del self._waiting[lane]
        return site

    def done(self, site: Site) -> None:
        """Free the lane of a site."""
        lane = lane_of(site)
        del self.open[lane]
        if lane in self._waiting:
            self._offer(lane)

    @property
    def waiting(self) -> list[Site]:
        """The sites that were not begun."""
        return [site for lane in self._waiting.values() for site in lane]

    def __len__(self) -> int:
        """Count all that are not done."""
        return len(self.open) + sum(map(len, self._waiting.values()))
