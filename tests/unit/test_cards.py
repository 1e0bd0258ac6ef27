"""Which cards stand under which heading, and which spaces the picture shows."""

from __future__ import annotations

from datetime import UTC, datetime

from venues.cards import chart_of, groups_of, unsized
from venues.model import (
    Answer,
    Candidate,
    Listing,
    Query,
    Reach,
    Scope,
    Section,
    Suggestion,
    Venue,
)

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
FACTORS = (("readers", 10.0, 100.0, "100 members"),)


def suggestion(rank: int, section: Section, reach: Reach | None = None) -> Suggestion:
    listing = Listing(platform="forum", native_id=str(rank), title=f"Space {rank}")
    venue = Venue(listing=listing, whereabouts=None, evidence=(), first_seen=NOW, last_seen=NOW)
    candidate = Candidate(venue=venue, similarity=0.5, words=0, scope=Scope.EVERYWHERE)
    return Suggestion(rank=rank, candidate=candidate, parts=(), section=section, reach=reach)


def answer(*suggestions: Suggestion) -> Answer:
    return Answer(query=Query(text="mums", audience="mums"), suggestions=suggestions)


def test_what_is_less_likely_comes_last_and_goes_with_what_is_for_others() -> None:
    said = answer(*(suggestion(rank, section) for rank, section in enumerate(reversed(Section), 1)))

    assert ["local", "wider", "general", "doubtful"] == [one.section for one in groups_of(said, NOW, general=True)]
    assert ["local", "wider"] == [one.section for one in groups_of(said, NOW, general=False)]


def test_the_picture_shows_nothing_that_is_less_likely() -> None:
    reach = Reach(low=10, high=100, factors=FACTORS)
    shown = [suggestion(1, Section.LOCAL, reach), suggestion(2, Section.GENERAL, reach)]
    said = answer(*shown, suggestion(3, Section.DOUBTFUL, reach), suggestion(4, Section.DOUBTFUL))

    picture = chart_of(said, general=True, followers=None)

    assert "Space 2" in picture
    assert "Space 3" not in picture
    assert 0 == unsized(said, general=True)
