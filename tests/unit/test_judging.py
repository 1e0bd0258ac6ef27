"""What is claimed of a suggestion: its heading, its confidence, and how many it reaches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.judging import confidence, is_on_target, section_of
from index.reach import reach_of
from index.signals import _ALIKE, _UNRELATED
from venues.model import NOBODY, Area, Candidate, Listing, Naming, Part, Query, Scope, Section, Venue

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
BRIGHTON = Area(
    id="town:brighton", name="Brighton", kind="city", country="GB", lat=50.8, lon=-0.1, radius_km=8, population=68_000
)
HERE = Query(text="mums in Brighton", audience="mums", area=BRIGHTON)
ANYWHERE = Query(text="mums", audience="mums")


def candidate(near: float, naming: Naming = NOBODY, *, scope: Scope = Scope.LOCAL, **fields: Any) -> Candidate:
    listing = Listing(platform="forum", native_id="a", title="A", **fields)
    venue = Venue(listing=listing, whereabouts=None, evidence=(), first_seen=NOW, last_seen=NOW)
    similarity = _UNRELATED + near * (_ALIKE - _UNRELATED)
    return Candidate(venue=venue, similarity=similarity, words=0, scope=scope, naming=naming)


@pytest.mark.parametrize(
    ("near", "naming", "expected"),
    [
        (0.5, Naming(1.0), True),
        (0.5, Naming(0.5), False),
        (0.55, Naming(0.6, kin=True), True),
        (0.5, NOBODY, False),
        (0.7, NOBODY, True),
        (0.8, Naming(0.0, instead="landlords"), False),
        (0.1, Naming(1.0, general=True, everybody_wanted=True), True),
    ],
)
def test_who_names_others_must_be_nearer_to_count_as_on_target(near: float, naming: Naming, *, expected: bool) -> None:
    assert expected == is_on_target(candidate(near, naming))


def test_only_what_is_local_and_on_target_stands_under_the_place() -> None:
    mums = Naming(1.0)

    assert section_of(HERE, candidate(0.9, mums)) is Section.LOCAL
    assert section_of(HERE, candidate(0.9, mums, scope=Scope.NEARBY)) is Section.WIDER
    assert section_of(HERE, candidate(0.9, mums, scope=Scope.EVERYWHERE)) is Section.WIDER
    assert section_of(HERE, candidate(0.1)) is Section.GENERAL
    assert section_of(ANYWHERE, candidate(0.9, mums, scope=Scope.EVERYWHERE)) is Section.LOCAL


def test_confidence_grows_with_the_score_and_variety_is_no_evidence() -> None:
    low, high = ([Part("audience", 100, value, "so")] for value in (0.3, 0.8))

    for query in (HERE, ANYWHERE):
        assert 0 < confidence(query, low) < confidence(query, high) < 1
        assert confidence(query, high) == confidence(query, [*high, Part("variety", 3, 1, "first")])


def test_a_score_means_more_where_no_place_could_earn_any_of_it() -> None:
    parts = [Part("audience", 100, 0.6, "so")]

    assert confidence(ANYWHERE, parts) > confidence(HERE, parts)


def test_a_venue_whose_people_nobody_counts_has_no_reach() -> None:
    assert reach_of(HERE, candidate(0.5), 0.5) is None


def test_reach_is_the_product_of_its_factors() -> None:
    found = reach_of(HERE, candidate(0.5, members=1000), 0.5)

    assert found is not None
    assert (1000 * 0.1 * 0.5 * 0.25, 1000 * 1.0 * 0.75) == pytest.approx((found.low, found.high))


def test_who_writes_stands_for_ten_to_a_hundred_who_read() -> None:
    found = reach_of(ANYWHERE, candidate(0.5, active_members=7), 1.0)

    assert found is not None
    assert ("readers", 70, 700) == found.factors[0][:3]


@given(st.none() | st.integers(0, 10**9), st.none() | st.integers(0, 10**9), st.sampled_from(Scope), st.floats(0, 1))
def test_few_are_never_more_than_many(members: int | None, active: int | None, scope: Scope, aimed: float) -> None:
    found = reach_of(HERE, candidate(0.5, members=members, active_members=active, scope=scope), aimed)

    assert found is None or 0 <= found.low <= found.high
    assert (found is None) == (members is None and active is None)
