"""From candidates to suggestions: every signal measured once, and the score is the sum of the parts shown."""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heapreplace
from typing import TYPE_CHECKING

from index.signals import SIGNALS
from venues.model import Part, Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from index.signals import Signal
    from venues.model import Candidate, Query, Reading


VARIETY = 4.0
"""What a venue gains by being the first of its site in the list; each further one of the same site gains less."""


def rank(
    query: Query, candidates: Iterable[Candidate], now: datetime, limit: int, signals: Sequence[Signal] = SIGNALS
) -> tuple[Suggestion, ...]:
    """Return the best `limit` candidates, best first; ties end on the venue's identity, so the order is stable.

    The list is made from the top: each place goes to the candidate with the largest score, of which one part, variety,
    depends on how many of its site stand above. No candidate's score can grow on the way down, so the order is right.
    """
    waiting = []
    for candidate in candidates:
        readings = [signal.measure(query, candidate, now) for signal in signals]
        # The very sum that the parts will make, in the same order: parts are only built for those that are shown.
        score = sum(
            signal.weight * (signal.middle if reading.value is None else reading.value)
            for signal, reading in zip(signals, readings, strict=True)
        )
        waiting.append((-(score + VARIETY), candidate.venue.id, 0, score, candidate, readings))
    heapify(waiting)
    above: Counter[str] = Counter()
    chosen: list[Suggestion] = []
    while waiting and len(chosen) < limit:
        _, venue_id, counted, score, candidate, readings = waiting[0]
        site = site_of(candidate)
        if counted < above[site]:
            # Overtaken: others of its site went up since it was weighed. It is weighed anew and waits its turn.
            share = _share(above[site])
            heapreplace(waiting, (-(score + VARIETY * share), venue_id, above[site], score, candidate, readings))
            continue
        heappop(waiting)
        parts = (*(_part(*pair) for pair in zip(signals, readings, strict=True)), _variety(above[site], site))
        chosen.append(Suggestion(rank=len(chosen) + 1, candidate=candidate, parts=parts))
        above[site] += 1
    return tuple(chosen)


def site_of(candidate: Candidate) -> str:
    """Return what a venue shares with others of one site: its host where it has an address, else its platform."""
    listing = candidate.venue.listing
    # By hand and not by urlsplit, which raises on what some sources put into an address.
    host = (listing.url or "").partition("://")[2].partition("/")[0].casefold()
    return host.removeprefix("www.") or listing.platform


def _share(above: int) -> float:
    """Return 1 for the first of a site, 3/4 for the next, then 3/5, 1/2 ...: a site may fill a list, if it earns it."""
    return 3 / (3 + above)


def _variety(above: int, site: str) -> Part:
    reason = f"the first from {site}" if not above else f"{above} above it are from {site} too"
    return Part("variety", VARIETY, _share(above), reason)


def _part(signal: Signal, reading: Reading) -> Part:
    value, reason = reading
    if value is None:
        return Part(signal.name, signal.weight, signal.middle, f"{reason}; counted as {signal.middle:g}", known=False)
    return Part(signal.name, signal.weight, value, reason)
