"""From candidates to suggestions: every signal measured once, and the score is the sum of the parts shown."""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heapreplace
from typing import TYPE_CHECKING, NamedTuple

from index.folding import fold
from index.judging import confidence, section_of
from index.reach import reach_of
from index.signals import SIGNALS, on_target
from venues.model import Candidate, Kind, Part, Reading, Suggestion, Venue, VenueId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from index.signals import Signal
    from venues.model import Query


VARIETY = 3.0
"""What a venue gains by being the first of its site and kind in the list; each further one of the same gains less."""


class _Waiting(NamedTuple):
    """A candidate that waits for its place; the first in order is the next to be looked at."""

    bound: float
    """Minus the most that its score may be."""
    venue: VenueId
    counted: tuple[int, int]
    """How many of its site and of its kind stood above when it was weighed."""
    score: float
    """Without variety."""
    candidate: Candidate
    readings: list[Reading]
    also: tuple[Venue, ...]


def rank(
    query: Query, candidates: Iterable[Candidate], now: datetime, limit: int, signals: Sequence[Signal] = SIGNALS
) -> tuple[Suggestion, ...]:
    """Return the best `limit` candidates, best first; ties end on the venue's identity, so the order is stable.

    The list is made from the top: each place goes to the candidate with the largest score, of which one part, variety,
    depends on how many of its site and kind stand above. No candidate's score can grow on the way down, so the order is
    right: it is maximal marginal relevance with the likeness of two venues taken from site and kind.
    """
    waiting = _folded(_weighed(query, one, now, signals) for one in candidates)
    heapify(waiting)
    above: Counter[str] = Counter()
    chosen: list[Suggestion] = []
    while waiting and len(chosen) < limit:
        first = waiting[0]
        site, kind = site_of(first.candidate), first.candidate.venue.listing.kind or Kind.OTHER
        counted = above[site], above[kind]
        if first.counted != counted:
            # Overtaken: others like it went up since it was weighed. It is weighed anew and waits its turn.
            heapreplace(waiting, first._replace(bound=-(first.score + VARIETY * _share(*counted)), counted=counted))
            continue
        heappop(waiting)
        parts = (*(_part(*pair) for pair in zip(signals, first.readings, strict=True)), _variety(counted, site, kind))
        chosen.append(_suggestion(query, first, len(chosen) + 1, parts))
        above.update((site, kind))
    return tuple(chosen)


def _weighed(query: Query, candidate: Candidate, now: datetime, signals: Sequence[Signal]) -> _Waiting:
    readings = [signal.measure(query, candidate, now) for signal in signals]
    # The very sum that the parts will make, in the same order: parts are only built for those that are shown.
    pairs = zip(signals, readings, strict=True)
    score = sum([one.weight * (one.middle if found.value is None else found.value) for one, found in pairs])
    return _Waiting(-(score + VARIETY), candidate.venue.id, (0, 0), score, candidate, readings, ())


def _folded(weighed: Iterable[_Waiting]) -> list[_Waiting]:
    """Return the best of each community, with the same community's other addresses."""
    best = sorted(weighed, key=lambda one: (one.bound, one.venue))
    by_id = {one.venue: one for one in best}
    groups = fold(one.candidate for one in best)
    return [by_id[first.venue.id]._replace(also=tuple(other.venue for other in others)) for first, *others in groups]


def _suggestion(query: Query, one: _Waiting, place: int, parts: tuple[Part, ...]) -> Suggestion:
    return Suggestion(
        rank=place,
        candidate=one.candidate,
        parts=parts,
        section=section_of(query, one.candidate),
        confidence=confidence(query, parts),
        reach=reach_of(query, one.candidate, on_target(one.candidate)),
        also=one.also,
    )


def site_of(candidate: Candidate) -> str:
    """Return what a venue shares with others of one site: its host where it has an address, else its platform."""
    listing = candidate.venue.listing
    # By hand and not by urlsplit, which raises on what some sources put into an address.
    host = (listing.url or "").partition("://")[2].partition("/")[0].casefold()
    return host.removeprefix("www.") or listing.platform


def _share(site: int, kind: int) -> float:
    """Return 1 for the first of a site and kind, less for each further one: a site may fill a list, if it earns it."""
    return (3 / (3 + site) + 3 / (3 + kind)) / 2


def _variety(above: tuple[int, int], site: str, kind: str) -> Part:
    of_site, of_kind = above
    reason = f"the first from {site}" if not of_site else f"{of_site} above it are from {site} too"
    return Part("variety", VARIETY, _share(*above), f"{reason}; {of_kind or 'no'} other {kind} above it")


def _part(signal: Signal, reading: Reading) -> Part:
    value, reason = reading
    if value is None:
        return Part(signal.name, signal.weight, signal.middle, f"{reason}; counted as {signal.middle:g}", known=False)
    return Part(signal.name, signal.weight, value, reason)
