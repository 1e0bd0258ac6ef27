"""Mirrors of one community are one suggestion; two communities of one subject are two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from index.folding import fold
from venues.model import Candidate, Listing, Scope, Venue, Whereabouts

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
ABOUT = "A place for fathers of every kind to talk about their children and themselves."


def candidate(platform: str, title: str, *, area: str | None = None, **fields: Any) -> Candidate:
    where = Whereabouts(told_by="place", confidence=0.9, area_id=area) if area else None
    listing = Listing(platform=platform, native_id=title, title=title, **fields)
    venue = Venue(listing=listing, whereabouts=where, evidence=(), first_seen=NOW, last_seen=NOW)
    return Candidate(venue=venue, similarity=0.5, words=0, scope=Scope.EVERYWHERE)


def sizes(*candidates: Candidate) -> list[int]:
    return [len(group) for group in fold(candidates)]


def test_a_home_of_another_is_the_same_community() -> None:
    assert [3] == sizes(
        candidate("reddit", "r/daddit"),
        candidate("kbin", "daddit (kbin home of r/daddit)"),
        candidate("squabbles", "daddit (squabbles home of r/Daddit)"),
    )


def test_one_name_with_one_description_is_the_same_community() -> None:
    assert [2] == sizes(
        candidate("reddit", "r/vegan", description=ABOUT), candidate("lemmy", "!vegan@lemmy.world", description=ABOUT)
    )


def test_a_short_description_is_a_coincidence() -> None:
    assert [1, 1] == sizes(
        candidate("reddit", "r/vegan", description="Vegans"), candidate("lemmy", "!vegan@x.org", description="Vegans")
    )


def test_a_glued_name_alone_is_no_evidence() -> None:
    assert [1, 1] == sizes(candidate("reddit", "r/cars"), candidate("lemmy", "!cars@lemmy.world"))


@pytest.mark.parametrize(("place", "expected"), [("uk:hackney", [2]), ("uk:lambeth", [1, 1])])
def test_one_name_in_one_place_is_the_same_community(place: str, expected: list[int]) -> None:
    one = candidate("facebook", "Dalston Mutual Aid", area="uk:hackney")

    assert expected == sizes(one, candidate("whatsapp", "Dalston Mutual Aid", area=place))


def test_two_of_one_name_on_one_platform_are_two() -> None:
    assert [1, 1] == sizes(
        candidate("facebook", "Neighbours together", area="uk:hackney"),
        candidate("facebook", "neighbours together", area="uk:hackney"),
    )


def test_the_first_of_each_community_stays_in_front() -> None:
    groups = fold([candidate("a", "One"), candidate("kbin", "x (kbin home of r/x)"), candidate("reddit", "r/x")])

    assert [["One"], ["x (kbin home of r/x)", "r/x"]] == [
        [one.venue.listing.title for one in group] for group in groups
    ]
