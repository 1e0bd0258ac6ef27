"""The signals: each reads one thing about a query and a candidate, and says why.

A signal is a pure function that knows neither the other signals nor their weights. It returns None where the thing
cannot be known; ranking then counts the signal's middle value and says that it is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

from venues.model import Access, Reading, Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from venues.model import Candidate, Query

    Measure = Callable[[Query, Candidate, datetime], Reading]


@dataclass(frozen=True, slots=True)
class Signal:
    """A named measure with its weight in the score and the value that stands in for "not known"."""

    name: str
    measure: Measure
    weight: float
    middle: float


_UNRELATED, _ALIKE = 0.05, 0.60
"""Cosines of MiniLM between which likeness grows: unrelated texts lie under the first, paraphrases over the second."""


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def audience(_query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say how close what the venue says of itself is in meaning to the people wanted."""
    value = _ramp(candidate.similarity, _UNRELATED, _ALIKE)
    degree = "about these people" if value > 0.7 else "near in meaning" if value > 0.4 else "only loosely related"
    return Reading(value, f"{degree} (cosine {candidate.similarity:.2f})")


def question(_query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say how close the venue is to the whole question: names like "Leeds Dads" answer who and where at once."""
    cosine = candidate.similarity if candidate.question is None else candidate.question
    value = _ramp(cosine, _UNRELATED, _ALIKE)
    degree = "close to" if value > 0.6 else "near" if value > 0.3 else "far from"
    return Reading(value, f"{degree} your whole question (cosine {cosine:.2f})")


_HALF_WORDS = 4.0
"""The BM25 that earns half: about one telling word of the query."""


def words(_query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say whether the very words of the query stand in the name or description."""
    if not candidate.words:
        return Reading(0.0, "none of your words in its name or description")
    return Reading(candidate.words / (candidate.words + _HALF_WORDS), "uses your words")


_NEARNESS = {
    Scope.LOCAL: 1.0,
    Scope.CONTAINING: 0.55,
    Scope.NEARBY: 0.2,
    Scope.EVERYWHERE: 0.1,
    Scope.ELSEWHERE: 0.0,
}


def nearness(query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say how the venue's area stands to the area asked for."""
    where = candidate.venue.whereabouts
    name = (where and where.name) or candidate.venue.listing.place or "its area"
    if query.area is None:
        return _breadth(candidate.scope, name)
    area = query.area.name
    if candidate.scope is Scope.LOCAL:
        trust = where.confidence if where else 0.5
        return Reading(0.8 + 0.2 * trust, f"in {area}" if name == area else f"in {name}, {area}")
    reasons = {
        Scope.CONTAINING: f"for all of {_with_article(name)}",
        Scope.NEARBY: f"in {name}, near {area}",
        Scope.EVERYWHERE: "for people anywhere",
        Scope.ELSEWHERE: f"in {name}",
    }
    return Reading(_NEARNESS[candidate.scope], reasons[candidate.scope])


def _with_article(name: str) -> str:
    return f"the {name}" if name.startswith(("United ", "Netherlands", "Isle of ")) else name


_BREADTH = {Scope.EVERYWHERE: 0.45, Scope.CONTAINING: 0.55, Scope.NEARBY: 0.45}
"""Where no place was asked for, how wide a space is tells little; that it is of the home country, something."""


def _breadth(scope: Scope, name: str) -> Reading:
    if scope is Scope.EVERYWHERE:
        return Reading(_BREADTH[scope], "open to people anywhere")
    if scope is Scope.CONTAINING:
        return Reading(_BREADTH[scope], f"for all of {_with_article(name)}")
    return Reading(_BREADTH.get(scope, 0.0), f"serves {name} alone")


ENGLISH_READERS = 400e6
"""A rough size of the public of a place-less English-language space: the people of the US, UK, Canada, Ireland,
Australia and New Zealand. Only its order of magnitude matters."""
UK_PEOPLE = 68e6
"""Office for National Statistics, mid-2023 estimate, to the nearest million."""
TOWN_PEOPLE = 50_000
"""Taken where the gazetteer gives no population: a middling UK town."""
READERS_FOR_FULL_REACH = 10_000


def reach(query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say how many of the wanted people may read it: members x share living in the area x share on target."""
    members = candidate.venue.listing.members
    if members is None:
        return Reading(None, "its size is not stated")
    local = _local_share(query, candidate.scope)
    on_target = _ramp(candidate.similarity, _UNRELATED, _ALIKE)
    wanted = members * local * on_target
    value = min(1.0, log10(1 + wanted) / log10(1 + READERS_FOR_FULL_REACH))
    where = f", {local:.2g} of them in the area" if local < 1 else ""
    return Reading(value, f"{members:,} members{where}, {on_target:.1f} on target: reaches about {wanted:,.0f}")


def _local_share(query: Query, scope: Scope) -> float:
    """Return the part of a venue's members that lives in the area asked for, as if spread evenly over its public."""
    if query.area is None or scope is Scope.LOCAL:
        return 1.0
    if scope is Scope.NEARBY:
        return 0.1
    public = UK_PEOPLE if scope is Scope.CONTAINING else ENGLISH_READERS
    return min(1.0, (query.area.population or TOWN_PEOPLE) / public)


def liveliness(_query: Query, candidate: Candidate, now: datetime) -> Reading:
    """Say whether people still write there: full within a week of the last post, nothing after two years."""
    last = candidate.venue.listing.last_post_at
    if last is None:
        return Reading(None, "when it was last used is not stated")
    days = max(0.0, (now - last).total_seconds() / 86_400)
    value = 1 - min(1.0, log10(max(days, 7) / 7) / log10(730 / 7))
    return Reading(value, f"last post {_ago(days)}")


def _ago(days: float) -> str:
    if days < 1:
        return "today"
    for unit, size in (("year", 365), ("month", 30), ("day", 1)):
        if days >= size:
            count = int(days // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    raise AssertionError(days)


_OPENNESS = {
    Access.OPEN: (1.0, "open to anyone"),
    Access.ON_REQUEST: (0.6, "joining is on request"),
    Access.INVITED: (0.2, "by invitation"),
    Access.CLOSED: (0.0, "closed to new members"),
}


def openness(_query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say whether one may come in."""
    access = candidate.venue.listing.access
    if access is None:
        return Reading(None, "who may join is not stated")
    return Reading(*_OPENNESS[access])


SIGNALS = (
    Signal("audience", audience, 30, 0.5),
    Signal("question", question, 16, 0.5),
    Signal("words", words, 14, 0.0),
    Signal("nearness", nearness, 26, 0.1),
    Signal("reach", reach, 9, 0.5),
    Signal("liveliness", liveliness, 3, 0.5),
    Signal("openness", openness, 2, 0.7),
)
"""Weights sum to 100, so that a score reads as a share of the best possible. Set by hand to round numbers near the
optimum of the development judgments, which is flat: half or twice any one of them costs little."""
