"""The score is the sum of the parts, whatever the signals are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ranking import rank
from index.signals import SIGNALS, Signal
from venues.model import Candidate, Listing, Part, Query, Reading, Scope, Suggestion, Venue

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
QUERY = Query(text="mums", audience="mums")


def candidate(native_id: str, *, platform: str = "forum", similarity: float = 0.5, **fields: Any) -> Candidate:
    listing = Listing(platform=platform, native_id=native_id, title=native_id, **fields)
    venue = Venue(listing=listing, whereabouts=None, evidence=(), first_seen=NOW, last_seen=NOW)
    return Candidate(venue=venue, similarity=similarity, words=0, scope=Scope.EVERYWHERE)


def told(values: dict[str, float | None]) -> Callable[[Query, Candidate, datetime], Reading]:
    return lambda _query, one, _now: Reading(values[one.venue.listing.native_id], "as told")


def signals(*tables: dict[str, float | None]) -> list[Signal]:
    return [
        Signal(f"signal {number}", told(table), weight=10 * (number + 1), middle=0.25)
        for number, table in enumerate(tables)
    ]


def order(suggestions: Sequence[Suggestion]) -> str:
    return "".join(one.venue.listing.native_id for one in suggestions)


def measured(suggestion: Suggestion) -> list[Part]:
    """The parts that signals measured; variety is the list's own."""
    return [part for part in suggestion.parts if part.signal != "variety"]


readings = st.none() | st.floats(0, 1)
tables = st.lists(st.fixed_dictionaries(dict.fromkeys("abcd", readings)), min_size=1, max_size=4)
ALL = [candidate(name) for name in "abcd"]


@given(tables)
def test_the_score_is_the_sum_of_the_parts_and_falls_from_first_to_last(said: list[dict[str, float | None]]) -> None:
    suggestions = rank(QUERY, ALL, NOW, 10, signals(*said))

    assert [1, 2, 3, 4] == [one.rank for one in suggestions]
    assert sorted((one.score for one in suggestions), reverse=True) == [one.score for one in suggestions]
    for one in suggestions:
        values = [0.25 if (value := table[one.venue.listing.native_id]) is None else value for table in said]
        assert values == [part.value for part in measured(one)]
        assert [10 * (number + 1) * value for number, value in enumerate(values)] == [
            part.points for part in measured(one)
        ]
        assert sum(part.points for part in one.parts) == one.score


@given(tables, st.randoms(), st.integers(1, 4))
def test_the_order_of_the_candidates_does_not_matter(
    said: list[dict[str, float | None]], chance: random.Random, limit: int
) -> None:
    shuffled = chance.sample(ALL, len(ALL))

    assert rank(QUERY, ALL, NOW, limit, signals(*said)) == rank(QUERY, shuffled, NOW, limit, signals(*said))


@given(tables, st.sampled_from("abcd"), st.integers(0, 3), st.floats(0, 1))
def test_raising_one_reading_never_lowers_the_place(
    said: list[dict[str, float | None]], name: str, which: int, higher: float
) -> None:
    table = said[which % len(said)]
    before = rank(QUERY, ALL, NOW, 10, signals(*said))
    now_counted = 0.25 if (value := table[name]) is None else value
    raised = [one | {name: max(higher, now_counted)} if one is table else one for one in said]
    after = rank(QUERY, ALL, NOW, 10, signals(*raised))

    assert order(after).index(name) <= order(before).index(name)


def test_a_tie_ends_on_the_identity() -> None:
    ids = [("forum", "b"), ("reddit", "a"), ("forum", "a")]
    tied = [candidate(native, platform=platform, url=f"https://{platform}.{native}") for platform, native in ids]
    table = signals({"a": 0.5, "b": 0.5})

    assert [("forum", "a"), ("forum", "b"), ("reddit", "a")] == [
        one.venue.id for one in rank(QUERY, tied, NOW, 9, table)
    ]


def test_the_unknown_counts_as_the_middle_and_says_so() -> None:
    (suggestion,) = rank(QUERY, [candidate("a")], NOW, 5, signals({"a": None}))
    (part,) = measured(suggestion)

    assert (0.25, 2.5, False) == (part.value, part.points, part.known)
    assert "as told; counted as 0.25" == part.reason


def test_the_known_is_counted_as_it_was_read() -> None:
    (suggestion,) = rank(QUERY, [candidate("a")], NOW, 5, signals({"a": 0.0}))

    assert [(0.0, True, "as told")] == [(part.value, part.known, part.reason) for part in measured(suggestion)]


def test_each_signal_is_measured_once_for_each_candidate() -> None:
    asked: list[str] = []

    def measure(_query: Query, one: Candidate, now: datetime) -> Reading:
        assert NOW == now
        asked.append(one.venue.listing.native_id)
        return Reading(0.5, "so")

    rank(QUERY, ALL, NOW, 2, [Signal("counted", measure, 1, 0)])

    assert list("abcd") == sorted(asked)


@pytest.mark.parametrize(("limit", "expected"), [(0, ""), (1, "d"), (3, "dcb"), (9, "dcba")])
def test_no_more_than_the_limit_and_the_best_first(limit: int, expected: str) -> None:
    table = signals({name: number / 10 for number, name in enumerate("abcd")})

    assert expected == order(rank(QUERY, ALL, NOW, limit, table))


def test_no_candidates_are_no_suggestions() -> None:
    assert () == rank(QUERY, [], NOW, 5)


def test_every_signal_of_ours_has_its_part() -> None:
    (suggestion,) = rank(QUERY, [candidate("a")], NOW, 5)

    assert [signal.name for signal in SIGNALS] == [part.signal for part in measured(suggestion)]
    assert 0 <= sum(part.points for part in measured(suggestion)) <= 100


@pytest.mark.parametrize("url", ["http://[bad", "//", "http://", "\x00", "http://a:b:c/", "\ud800", "ht!tp://x y", ""])
def test_no_address_can_break_the_ranking(url: str) -> None:
    assert 1 == len(rank(QUERY, [candidate("a", url=url)], NOW, 5))


def test_of_equals_at_one_site_and_another_none_scores_more_than_the_one_above(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("index.ranking.VARIETY", 30.0)
    table = {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6}
    crowd = [candidate(name, url=f"https://big.example/{name}") for name in "abc"]
    suggestions = rank(QUERY, [*crowd, candidate("d", url="https://small.example/d")], NOW, 4, signals(table))

    assert "adbc" == order(suggestions)
    assert sorted((one.score for one in suggestions), reverse=True) == [one.score for one in suggestions]
