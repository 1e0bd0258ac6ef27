"""The signals: each reads one thing about a query and a candidate, and says why.

A signal is a pure function that knows neither the other signals nor their weights. It returns None where the thing
cannot be known; ranking then counts the signal's middle value and says that it is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

from index.reach import local_share, reach_of
from venues.model import Access, Kind, Reading, Scope

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


_HALF_STANDING = 20
"""The place in the whole index that earns half."""


def question(_query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say where the venue stands in the index by the whole question, as words and in meaning: "Leeds Dads" is both."""
    if candidate.standing is None:
        return Reading(0.0, "far from your whole question")
    value = 1 / (1 + (candidate.standing - 1) / _HALF_STANDING)
    return Reading(value, f"number {candidate.standing:,} in the index for your whole question")


_EVERYBODY = 0.7
"""What a space for everybody in a place is worth to any of them."""


def people(query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say whether the people wanted are those that the venue's own words name."""
    share, instead = candidate.naming.share, candidate.naming.instead
    if share is None:
        if candidate.naming.general or _is_named_after(candidate, query):
            return Reading(_EVERYBODY, "the people wanted are among everybody there")
        return Reading(None, "its words name nobody in particular")
    if not share:
        return Reading(0.0, f"its words name others: {instead}")
    said = "its words name these people" if share > 0.5 else "its words name people near these"
    return Reading(_EVERYBODY + (1 - _EVERYBODY) * share, said)


def commons(query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say whether it is a space for everybody in the place asked for: the wanted people are among them."""
    if query.area is None or candidate.scope is not Scope.LOCAL:
        return Reading(0.0, "not a space for everybody in the place")
    if _name_of(candidate) in _glued_or_not(query.area.name) and _gathers(candidate):
        return Reading(1.0, f"for everybody in {query.area.name}: it has its name")
    if candidate.naming.general:
        return Reading(_EVERYBODY, "for everybody in its place, by its own words")
    return Reading(0.0, "not for everybody in its place")


def _is_named_after(candidate: Candidate, query: Query) -> bool:
    """Tell whether a venue's whole name is that of its place."""
    where = candidate.venue.whereabouts
    places = [where and where.name, query.area and query.area.name]
    return _gathers(candidate) and any(_name_of(candidate) in _glued_or_not(place) for place in places if place)


def _gathers(candidate: Candidate) -> bool:
    """Tell whether a venue that has but a place's name may be for everybody there: a meetup may be of anything."""
    listing = candidate.venue.listing
    return listing.kind not in _OF_ANYTHING or bool(listing.description)


_OF_ANYTHING = {Kind.MEETUP, Kind.PAGE, Kind.BLOG, Kind.CLUB, Kind.OTHER, Kind.PODCAST, Kind.NEWSLETTER, Kind.CHANNEL}


def _name_of(candidate: Candidate) -> str:
    return candidate.venue.listing.title.casefold().removeprefix("r/").strip()


def _glued_or_not(place: str) -> tuple[str, str]:
    return place.casefold(), place.casefold().replace(" ", "")


def both(query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say whether it is for the people wanted and in the place asked for: either alone is worth less than half."""
    if query.area is None:
        return Reading(0.0, "no place was asked for")
    if candidate.scope is Scope.LOCAL and is_on_target(candidate):
        return Reading(1.0, f"for these people, in {query.area.name}")
    return Reading(0.0, "not for these people and in the place at once")


def described(_query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say whether the venue says anything of itself beyond its name."""
    if candidate.venue.listing.description:
        return Reading(1.0, "says what it is")
    return Reading(0.0, "nothing but its name is known")


_HALF_WORDS = 4.0
"""The BM25 that earns half: about one telling word of the query."""


def words(_query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say whether the very words of the query stand in the name or description."""
    if not candidate.words:
        return Reading(0.0, "none of your words in its name or description")
    return Reading(candidate.words / (candidate.words + _HALF_WORDS), "uses your words")


_NEARNESS = {
    Scope.LOCAL: 1.0,
    Scope.CONTAINING: 0.65,
    Scope.NEARBY: 0.2,
    Scope.EVERYWHERE: 0.33,
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


_BREADTH = {Scope.EVERYWHERE: 0.1, Scope.CONTAINING: 0.4, Scope.NEARBY: 0.35}
"""Where no place was asked for, how wide a space is tells little; that it is of the home country, something."""


def _breadth(scope: Scope, name: str) -> Reading:
    if scope is Scope.EVERYWHERE:
        return Reading(_BREADTH[scope], "open to people anywhere")
    if scope is Scope.CONTAINING:
        return Reading(_BREADTH[scope], f"for all of {_with_article(name)}")
    return Reading(_BREADTH.get(scope, 0.0), f"serves {name} alone")


READERS_FOR_FULL_REACH = 10_000


def on_target(candidate: Candidate) -> float:
    """Return how far a venue's people are the people wanted, 0 to 1, by what it says."""
    return _ramp(candidate.similarity, _UNRELATED, _ALIKE)


ENOUGH = {"nobody": 0.7, "others": 0.85, "some": 0.65, "kin": 0.5, "all": 0.4}
"""How near in meaning a venue must be to count as one of the people wanted, by whom its words name."""


def is_on_target(candidate: Candidate) -> bool:
    """Tell whether a venue is for the people wanted, and not only for others or for everybody."""
    share = candidate.naming.share
    if candidate.naming.everybody_wanted:
        return True
    if share is None:
        need = "nobody"
    elif not share:
        need = "others"
    elif share == 1:
        need = "all"
    else:
        need = "kin" if candidate.naming.kin else "some"
    return on_target(candidate) >= ENOUGH[need]


def reach(query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say how many of the wanted people may read it: readers x share living in the area x share on target."""
    found = reach_of(query, candidate, on_target(candidate))
    if found is None:
        return Reading(None, "its size is not stated")
    members = candidate.venue.listing.members
    readers = found.factors[0][2] if members is None else members
    wanted = readers * local_share(query, candidate.scope) * on_target(candidate)
    value = min(1.0, log10(1 + wanted) / log10(1 + READERS_FOR_FULL_REACH))
    said = " x ".join(f"{_range(low, high)} {name}" for name, low, high, _ in found.factors)
    return Reading(value, f"{found.factors[0][3]}: {said} = {_range(found.low, found.high)} wanted people")


def _range(low: float, high: float) -> str:
    few, many = (f"{number:,.0f}" if number >= 10 or number == 0 else f"{number:.2g}" for number in (low, high))
    return few if few == many else f"{few} to {many}"


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
    Signal("audience", audience, 24, 0.5),
    Signal("question", question, 20, 0.0),
    Signal("nearness", nearness, 19, 0.1),
    Signal("people", people, 15, 0.35),
    Signal("commons", commons, 9, 0.0),
    Signal("both", both, 5, 0.0),
    Signal("described", described, 2, 0.0),
    Signal("words", words, 1, 0.0),
    Signal("reach", reach, 3, 0.5),
    Signal("liveliness", liveliness, 1, 0.5),
    Signal("openness", openness, 1, 0.7),
)
"""Weights sum to 100, so that a score reads as a share of the best possible. Fitted on the development judgments
(`benchmarks/ranking.py --fit`), then rounded; the optimum is flat."""


def second_look(_query: Query, candidate: Candidate, _now: datetime) -> Reading:
    """Say what a cross-encoder makes of question and venue side by side."""
    value = candidate.second_look
    if value is None:
        return Reading(None, "no second look was taken")
    return Reading(value, f"a second look finds that it answers {value:.0%}")


SECOND_LOOK = Signal("second look", second_look, 20, 0.5)
"""Counted beside the others where the settings name a cross-encoder. Its weight is set and not fitted: no trained
cross-encoder was at hand."""
