"""What a listing changes, decided on plain values: no store, no clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.merging import GONE_AFTER, Add, Change, Gone, Missed, Put, Touch, Update, absent, decide, merge
from index.store import Known, Said
from index.words import listing_hash, words_hash
from venues.model import Kind, Listing, VenueId

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ID = VenueId("forum", "a")


def listing(**fields: Any) -> Listing:
    return Listing(**{"platform": "forum", "native_id": "a", "title": "Forum", "source": "one"} | fields)


def known(*said: Listing, embedded: Listing | None = None, missed: int = 0) -> dict[VenueId, Known]:
    """What a store has once it took these in; `embedded` is the merged view that has a vector."""
    view = embedded or merge(said)
    by_source = {
        str(one.source): Said(listing_hash(one), one.seen_at or NOW, missed, json.dumps(one.to_record()))
        for one in said
    }
    return {ID: Known(words_hash(view), by_source)}


def one(changes: Any) -> Change:
    (change,) = changes
    return change  # type: ignore[no-any-return]


def test_a_venue_never_seen_is_added_and_embedded() -> None:
    seen = listing()
    change = one(decide({}, [seen], NOW))

    assert isinstance(change, Add)
    assert (seen, True, NOW, "one") == (change.merged, change.embed, change.seen_at, change.source)


def test_the_same_said_again_only_moves_the_date() -> None:
    had = listing(seen_at=NOW - DAY)

    assert Touch(ID, "one", NOW) == one(decide(known(had), [listing()], NOW))
    assert Touch(ID, "one", NOW - DAY) == one(decide(known(had), [had], NOW))


@pytest.mark.parametrize(
    ("changed", "embed"),
    [({"title": "Another"}, True), ({"description": "New"}, True), ({"members": 7}, False), ({"nsfw": True}, False)],
)
def test_something_new_is_an_update_that_embeds_only_new_words(changed: dict[str, Any], embed: bool) -> None:
    change = one(decide(known(listing(seen_at=NOW - DAY)), [listing(**changed)], NOW))

    assert isinstance(change, Update)
    assert embed == change.embed


def test_another_source_on_a_known_venue_is_an_update_of_the_merged_view() -> None:
    had = listing(description="From one", members=5, seen_at=NOW - DAY)
    change = one(decide(known(had), [listing(source="two", members=6)], NOW))

    assert isinstance(change, Update)
    assert ("two", 6, "From one") == (change.source, change.merged.members, change.merged.description)
    assert not change.embed


def test_the_listing_of_a_put_is_kept_as_the_source_gave_it() -> None:
    seen = listing(source=None)
    change = one(decide({}, [seen], NOW))

    assert isinstance(change, Put)
    assert (seen, "import") == (change.listing, change.source)


def test_what_was_missed_and_is_listed_again_is_written_and_not_merely_touched() -> None:
    had = listing(seen_at=NOW - DAY)
    change = one(decide(known(had, missed=1), [had], NOW))

    assert isinstance(change, Update)
    assert not change.embed


def test_words_embedded_by_another_model_are_embedded_again() -> None:
    had = listing(seen_at=NOW - DAY)
    unembedded = {ID: Known(None, known(had)[ID].said)}

    change = one(decide(unembedded, [had], NOW))

    assert isinstance(change, Update)
    assert change.embed


def test_of_one_sources_two_words_in_a_batch_the_later_counts_once() -> None:
    change = one(decide({}, [listing(title="First"), listing(title="Second")], NOW))

    assert isinstance(change, Add)
    assert "Second" == change.merged.title


def test_two_sources_of_one_new_venue_in_a_batch_are_one_venue() -> None:
    first, second = decide({}, [listing(members=5), listing(source="two", description="More")], NOW)

    assert isinstance(first, Add)
    assert isinstance(second, Update)
    assert (5, "More") == (second.merged.members, second.merged.description)
    assert (True, True) == (first.embed, second.embed)


def test_a_second_source_with_the_same_words_needs_no_second_vector() -> None:
    first, second = decide({}, [listing(), listing(source="two", members=9)], NOW)

    assert isinstance(first, Put)
    assert isinstance(second, Put)
    assert (True, False) == (first.embed, second.embed)


def test_words_that_change_there_and_back_within_a_batch_are_embedded_both_times() -> None:
    had = [listing(seen_at=NOW - DAY), listing(source="two", seen_at=NOW - DAY)]
    there, back = decide(known(*had), [listing(title="New"), listing(source="two", members=3)], NOW + DAY)

    assert isinstance(there, Put)
    assert isinstance(back, Put)
    assert ("New", "Forum") == (there.merged.title, back.merged.title)
    assert (True, True) == (there.embed, back.embed)


def test_two_venues_in_a_batch_do_not_mix() -> None:
    changes = list(decide({}, [listing(members=5), listing(native_id="b")], NOW))

    assert [Add, Add] == [type(change) for change in changes]
    assert [5, None] == [change.merged.members for change in changes if isinstance(change, Put)]


def test_each_field_is_from_the_source_that_stated_it_last() -> None:
    early = listing(title="Early", members=5, description="Only here", seen_at=NOW - DAY)
    late = listing(title="Late", members=6, nsfw=False, source="two", seen_at=NOW)

    merged = merge([late, early])

    assert ("Late", 6, "Only here", False) == (merged.title, merged.members, merged.description, merged.nsfw)


@pytest.mark.parametrize(("said", "expected"), [(None, Kind.FORUM), (Kind.OTHER, Kind.FORUM), (Kind.CHAT, Kind.CHAT)])
def test_a_source_that_does_not_know_the_kind_does_not_unsay_it(said: Kind | None, expected: Kind) -> None:
    early = listing(kind=Kind.FORUM, seen_at=NOW - DAY)

    assert expected == merge([early, listing(source="two", kind=said, seen_at=NOW)]).kind


@pytest.mark.parametrize("half", [{"lat": 10.0}, {"lon": 20.0}])
def test_half_a_point_is_no_news(half: dict[str, float]) -> None:
    early = listing(lat=50.8, lon=-0.1, seen_at=NOW - DAY)
    merged = merge([early, listing(source="two", seen_at=NOW, **half)])

    assert (50.8, -0.1) == (merged.lat, merged.lon)


fields = st.fixed_dictionaries(
    {"seen_at": st.sampled_from([NOW - DAY, NOW])},
    optional={
        "members": st.integers(0, 3),
        "description": st.sampled_from(["x", "y"]),
        "kind": st.sampled_from(Kind),
        "lat": st.just(1.0),
        "lon": st.just(2.0),
    },
)


@given(st.lists(fields, min_size=1, max_size=4))
def test_the_order_in_which_sources_are_read_makes_no_difference(said: list[dict[str, Any]]) -> None:
    listings = [listing(source=f"source {number}", **fields) for number, fields in enumerate(said)]

    assert 1 == len({merge(order) for order in permutations(listings)})


@given(st.lists(fields, min_size=2, max_size=4), st.randoms())
def test_sources_taken_in_together_or_one_by_one_end_in_the_same_view(said: list[dict[str, Any]], chance: Any) -> None:
    listings = [listing(source=f"source {number}", **fields) for number, fields in enumerate(said)]
    *_, together = decide({}, chance.sample(listings, len(listings)), NOW)
    *before, last = chance.sample(listings, len(listings))
    alone = one(decide(known(*before), [last], NOW))

    assert isinstance(together, Put)
    assert isinstance(alone, Put)
    assert merge(listings) == together.merged == alone.merged
    assert words_hash(alone.merged) == alone.words_hash


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["t", "u"]), st.sampled_from(["one", "two"]))))
def test_a_vector_is_asked_for_exactly_when_the_words_that_have_one_change(rows: list[tuple[str, str, str]]) -> None:
    seen = [listing(native_id=native, title=title, source=source) for native, title, source in rows]
    vectors: dict[VenueId, str] = {}
    for change in decide({}, seen, NOW):
        assert isinstance(change, Put)
        assert change.embed == (vectors.get(change.listing.id) != change.words_hash)
        vectors[change.listing.id] = change.words_hash


def test_a_venue_is_gone_only_after_two_complete_runs_that_miss_it() -> None:
    assert 2 == GONE_AFTER
    assert [Missed(ID, "one", 1)] == list(absent("one", {ID: 0}, set()))
    assert [Gone(ID, "one")] == list(absent("one", {ID: 1}, set()))
    assert [Gone(ID, "one")] == list(absent("one", {ID: 9}, set()))


def test_a_venue_that_was_seen_is_not_absent() -> None:
    other = VenueId("forum", "b")

    assert [Missed(other, "one", 1)] == list(absent("one", {ID: 1, other: 0}, {ID}))
