"""What the page says of each suggestion, in a person's words, and the picture of how many are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from venues import charts
from venues.model import Kind, Listing, Scope, Suggestion, Venue, VenueId
from venues.terminal import plain, where, why

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from venues.model import Answer

_QUIET_DAYS = 90
_TAKE_PART = 0.1
"""The part of a group that writes or answers now and then, by the rule of 1, 9 and 90 in a hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One suggestion as a person reads it."""

    rank: int
    id: VenueId
    title: str
    url: str | None
    kind: str
    platform: str
    where: str
    members: str
    readers: str
    alive: str
    why: str
    description: str | None
    unknown: tuple[str, ...]
    rules: tuple[str, ...]
    parts: tuple[Any, ...]
    score: float
    sources: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Suggestions under one heading."""

    heading: str
    note: str | None
    cards: tuple[Card, ...]


_SCOPES = (
    ((Scope.LOCAL,), "In {area}"),
    ((Scope.CONTAINING, Scope.NEARBY), "Around {area}: wider areas and neighbours"),
    ((Scope.EVERYWHERE, Scope.ELSEWHERE), "General spaces, not about a place"),
)


def groups_of(answer: Answer, now: datetime, *, general: bool) -> list[Group]:
    """Return the suggestions under their headings: what is there, what is around, what is open to anyone."""
    area = answer.query.area
    if area is None:
        return [Group("Spaces to join", None, tuple(card_of(each, now) for each in answer.suggestions))]
    groups = []
    for scopes, heading in _SCOPES[: 3 if general else 2]:
        cards = tuple(card_of(each, now) for each in answer.suggestions if each.candidate.scope in scopes)
        empty = "Nothing that fits is in the index yet." if scopes == (Scope.LOCAL,) else None
        if cards or empty:
            groups.append(Group(heading.format(area=area.name), None if cards else empty, cards))
    return groups


def card_of(suggestion: Suggestion, now: datetime) -> Card:
    """Return what a card says of a suggestion."""
    listing = suggestion.venue.listing
    return Card(
        rank=suggestion.rank,
        id=listing.id,
        title=plain(listing.title, 160),
        url=listing.url if listing.url and listing.url.startswith(("https://", "http://")) else None,
        kind=str(listing.kind or Kind.OTHER),
        platform=listing.platform,
        where=where(suggestion) or "place not stated",
        members=members_of(listing),
        readers=readers_of(listing),
        alive=alive_of(suggestion.venue, now),
        why=why(suggestion),
        description=plain(listing.description, 280) if listing.description else None,
        unknown=tuple(unknown_of(listing)),
        rules=tuple(plain(rule, 200) for rule in listing.rules[:5]),
        parts=suggestion.parts,
        score=suggestion.score,
        sources=suggestion.venue.evidence,
    )


def members_of(listing: Listing) -> str:
    """Say how many are there, as far as the source says."""
    if listing.members is None:
        return "size not stated"
    return f"{listing.members:,} members" if listing.members != 1 else "1 member"


def readers_of(listing: Listing) -> str:
    """Say how many of them may read what is written there: an estimate, as a range; "" where nothing is stated."""
    span = reading(listing)
    if span is None or span[1] < 2:
        return ""
    low, high = span
    return f"perhaps {low:,} to {high:,} read" if low < high else f"perhaps {high:,} read"


def reading(listing: Listing) -> tuple[int, int] | None:
    """Return the fewest and the most that may read: those seen active or a tenth of the members, and all members."""
    active, members = listing.active_members, listing.members
    if not members and not active:
        return None
    most = max(members or 0, active or 0)
    return min(active or max(1, round(most * _TAKE_PART)), most), most


def alive_of(venue: Venue, now: datetime) -> str:
    """Say whether a venue is alive, and when that was checked; what was only imported was checked by nobody here."""
    listing = venue.listing
    live = [each.seen_at for each in venue.evidence if ":" in each.source]
    checked = f"checked {max(live):%-d %b %Y}" if live else "not checked live"
    if listing.last_post_at is None:
        return f"activity not stated, {checked}"
    days = (now - listing.last_post_at).days
    when = "today" if days < 1 else "yesterday" if days == 1 else f"{days:,} days ago"
    return f"{'quiet' if days > _QUIET_DAYS else 'alive'}: last post {when}, {checked}"


def unknown_of(listing: Listing) -> Iterator[str]:
    """Yield what an organiser would want to know and no source says."""
    if listing.members is None:
        yield "how many are there"
    if listing.last_post_at is None and listing.posts_per_week is None:
        yield "how active it is"
    if listing.access is None:
        yield "who may join"
    if not listing.rules:
        yield "its posting rules"


def chart_of(answer: Answer, *, general: bool, followers: int | None) -> str:
    """Return the picture of how many the first ten reach, beside the organiser's own page; "" with too few sizes."""
    kept = [each for each in answer.suggestions if general or each.candidate.scope is not Scope.EVERYWHERE]
    spans = [(each.venue.listing, reading(each.venue.listing)) for each in kept[:10]]
    rows = [charts.Bar(plain(listing.title, 60), *span) for listing, span in spans if span]
    if followers:
        rows.insert(0, charts.Bar("Your own page", followers, followers, own=True))
    return charts.bars(rows, "How many may read in each of the first ten spaces") if len(rows) > 1 else ""
