"""What the page says of each suggestion, in a person's words, and the picture of how many are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from venues import charts
from venues.amounts import part, span
from venues.headings import by_section, heading_of
from venues.model import Kind, Listing, Scope, Section, Suggestion, Venue, VenueId
from venues.terminal import plain, where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from venues.model import Answer, Query, Reach

_QUIET_DAYS = 90
_LIKELY, _POSSIBLE = 0.6, 0.3
CHARTED = 10

KINDS = {
    Kind.COMMUNITY: "community",
    Kind.BOARD: "part of a forum",
    Kind.SERVER: "chat server",
    Kind.LIST: "mailing list",
    Kind.PAGE: "web page",
    Kind.INSTANCE: "social network server",
    Kind.OTHER: "other",
}
"""Kinds whose own name would not tell everybody what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One suggestion as a person reads it."""

    rank: int
    id: VenueId
    title: str
    url: str | None
    also: tuple[tuple[str, str], ...]
    """The same community elsewhere: each with the platform and the address."""
    kind: str
    platform: str
    where: str
    sure: str
    facts: tuple[str, ...]
    """How many are there, read and may be reached; whether it is alive. What is not known is not here."""
    why: str
    description: str | None
    unknown: tuple[str, ...]
    rules: tuple[str, ...]
    parts: tuple[tuple[str, str, str, str], ...]
    """Each with its signal, points, the most there could be, and the reason."""
    score: str
    reach: tuple[str, ...]
    sources: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Suggestions under one heading."""

    section: Section
    heading: str
    cards: tuple[Card, ...]


_OUTCOMES = {
    "read": "asked",
    "none found": "asked, nothing there",
    "failed": "could not be asked",
    "not permitted": "does not permit it",
    "needs key": "needs a key of yours",
}


def outcome_words(state: str) -> str:
    """Say what came of asking a source."""
    return _OUTCOMES.get(state, state)


def kind_words(kind: str | None) -> str:
    """Say what kind of space something is, in words that need no explanation."""
    known = Kind(kind) if kind else Kind.OTHER
    return KINDS.get(known, str(known))


def groups_of(answer: Answer, now: datetime, *, general: bool) -> list[Group]:
    """Return the suggestions under their headings; those for everybody or for others only where they are wanted."""
    return [
        Group(section, heading_of(section, answer.query.area), tuple(card_of(answer.query, one, now) for one in found))
        for section, found in by_section(answer)
        if found and (general or section in _FOR_THEM)
    ]


_FOR_THEM = {Section.LOCAL, Section.WIDER}


def card_of(query: Query, suggestion: Suggestion, now: datetime) -> Card:
    """Return what a card says of a suggestion."""
    listing = suggestion.venue.listing
    return Card(
        rank=suggestion.rank,
        id=listing.id,
        title=plain(listing.title, 160),
        url=_link(listing),
        also=tuple((one.listing.platform, url) for one in suggestion.also if (url := _link(one.listing))),
        kind=kind_words(listing.kind),
        platform=listing.platform,
        where=where(suggestion) or "place not stated",
        sure=sure_of(suggestion.confidence),
        facts=tuple(facts_of(suggestion, now)),
        why=why_of(query, suggestion),
        description=plain(listing.description, 280) if listing.description else None,
        unknown=tuple(unknown_of(listing)),
        rules=tuple(plain(rule, 200) for rule in listing.rules[:5]),
        parts=tuple(
            (each.signal, f"{each.points:.1f}", f"{each.weight:.0f}", each.reason) for each in suggestion.parts
        ),
        score=f"{suggestion.score:.1f}",
        reach=tuple(_factors(suggestion.reach)) if suggestion.reach else (),
        sources=suggestion.venue.evidence,
    )


def _link(listing: Listing) -> str | None:
    return listing.url if listing.url and listing.url.startswith(("https://", "http://")) else None


def sure_of(confidence: float) -> str:
    """Say how likely it is that the people wanted are there."""
    word = "Likely to fit" if confidence >= _LIKELY else "May fit" if confidence >= _POSSIBLE else "A long shot"
    return f"{word}: {confidence:.0%}"


def facts_of(suggestion: Suggestion, now: datetime) -> Iterator[str]:
    """Yield what is known of how many are there and how alive it is."""
    listing, reach = suggestion.venue.listing, suggestion.reach
    if listing.members is not None:
        yield f"{listing.members:,} members" if listing.members != 1 else "1 member"
    if reach is not None:
        _, low, high, _ = reach.factors[0]
        if high >= 2:
            yield f"{span(low, high)} read it"
            yield f"you may reach {span(reach.low, reach.high)} of the people you want"
    yield alive_of(suggestion.venue, now)


def _factors(reach: Reach) -> Iterator[str]:
    """Yield what the reach is the product of, each factor with where it comes from, and the product."""
    for number, (name, low, high, reason) in enumerate(reach.factors):
        said = span(low, high) if not number else part(low) if low == high else f"{part(low)} to {part(high)}"
        yield f"{said} {name} ({reason})"
    yield f"{span(reach.low, reach.high)} of the people you want"


def alive_of(venue: Venue, now: datetime) -> str:
    """Say whether a venue is alive, and when that was checked; what was only imported was checked by nobody here."""
    listing = venue.listing
    live = [each.seen_at for each in venue.evidence if ":" in each.source]
    if listing.last_post_at is None:
        seen = f"{max(live or [venue.last_seen]):%-d %b %Y}"
        return f"there when checked on {seen}" if live else f"not checked yet: from a list of {seen}"
    checked = f"checked {max(live):%-d %b %Y}" if live else f"by a list of {venue.last_seen:%-d %b %Y}"
    days = (now - listing.last_post_at).days
    when = "today" if days < 1 else "yesterday" if days == 1 else f"{days:,} days ago"
    return f"{'quiet' if days > _QUIET_DAYS else 'alive'}: last post {when}, {checked}"


def why_of(query: Query, suggestion: Suggestion) -> str:
    """Say in one sentence why a venue is on the list: whom it is for, and how it stands to the place."""
    return f"{_whom(suggestion)}{_whereto(query, suggestion)}."


def _whom(suggestion: Suggestion) -> str:
    naming = suggestion.candidate.naming
    for_all = any(part.signal == "commons" and part.value for part in suggestion.parts)
    if naming.everybody_wanted or (for_all and not naming.share):
        return "It is for everybody in its place"
    if naming.share:
        whom = "people close to those you want" if naming.kin or naming.share <= 0.5 else "the people you want"
        return f"Its own words name {whom}"
    others = suggestion.section not in _FOR_THEM
    near = "some of the people you want may be there" if others else "what it says is close to your question"
    first = f"Its own words name {plain(naming.instead, 60)}" if naming.instead else "It does not say who it is for"
    return f"{first}; {near}"


def _whereto(query: Query, suggestion: Suggestion) -> str:
    if query.area is None:
        return ""
    name, place = query.area.name, where(suggestion)
    return {
        Scope.LOCAL: f"; it is in {name}" if place in {"", name} else f"; it is in {place}, {name}",
        Scope.CONTAINING: f"; it covers {place}, {name} with it" if place else f"; it covers more than {name}",
        Scope.NEARBY: f"; it is near by: {place}",
        Scope.EVERYWHERE: "; it is open to people anywhere",
    }.get(suggestion.candidate.scope, "")


def unknown_of(listing: Listing) -> Iterator[str]:
    """Yield what an organiser would want to know and no source says."""
    if listing.members is None:
        yield "how many are there"
    if listing.last_post_at is None and listing.posts_per_week is None:
        yield "how active it is"
    if listing.access is None:
        yield "who may join"
    if not listing.rules:
        yield "its rules on posting"


def chart_of(answer: Answer, *, general: bool, followers: int | None) -> str:
    """Return the picture of how many the first ten reach, beside the organiser's own page; "" with too few sizes."""
    kept = _pictured(answer, general=general)
    rows = [
        charts.Bar(plain(each.venue.listing.title, 60), each.reach.low, each.reach.high)
        for each in kept[:CHARTED]
        if each.reach is not None
    ]
    if followers:
        rows.insert(0, charts.Bar("Your own page", followers, followers, own=True))
    return charts.bars(rows, "How many of the people you want each space may reach") if len(rows) > 1 else ""


def unsized(answer: Answer, *, general: bool) -> int:
    """Return how many of the first ten are not in the picture, since nobody states their size."""
    kept = _pictured(answer, general=general)
    return sum(each.reach is None for each in kept[:CHARTED])


def _pictured(answer: Answer, *, general: bool) -> list[Suggestion]:
    """Return the suggestions that a picture may show: of those that are less likely, none."""
    shown = {*_FOR_THEM, Section.GENERAL} if general else _FOR_THEM
    return [each for each in answer.suggestions if each.section in shown]
