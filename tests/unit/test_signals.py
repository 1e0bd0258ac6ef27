"""Each signal reads one thing and says why; what it cannot know it does not guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import signals
from index.signals import SIGNALS
from venues.model import Access, Area, Candidate, Kind, Listing, Naming, Query, Reading, Scope, Venue, Whereabouts

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
BRIGHTON = Area(
    id="town:brighton", name="Brighton", kind="city", country="GB", lat=50.8, lon=-0.1, radius_km=8, population=68_000
)
HERE = Query(text="young mums in Brighton", audience="young mums", area=BRIGHTON)
ANYWHERE = Query(text="young mums", audience="young mums")
HOVE = Whereabouts(told_by="place", confidence=0.9, name="Hove", country="GB")


def candidate(
    *,
    similarity: float = 0.5,
    words: float = 0.0,
    scope: Scope = Scope.LOCAL,
    whereabouts: Whereabouts | None = HOVE,
    **fields: Any,
) -> Candidate:
    listing = Listing(**{"platform": "forum", "native_id": "a", "title": "A"} | fields)
    venue = Venue(listing=listing, whereabouts=whereabouts, evidence=(), first_seen=NOW, last_seen=NOW)
    return Candidate(venue=venue, similarity=similarity, words=words, scope=scope)


def value(reading: Reading) -> float:
    assert reading.value is not None
    return reading.value


def test_the_weights_sum_to_a_hundred() -> None:
    assert 100 == sum(signal.weight for signal in SIGNALS)
    assert all(0 <= signal.middle <= 1 for signal in SIGNALS)
    assert len(SIGNALS) == len({signal.name for signal in SIGNALS})


candidates = st.builds(
    candidate,
    similarity=st.floats(-1, 1),
    words=st.floats(0, 1000),
    scope=st.sampled_from(Scope),
    whereabouts=st.sampled_from([None, HOVE, Whereabouts(told_by="country", confidence=0.0)]),
    members=st.none() | st.integers(0, 2**63 - 1),
    access=st.none() | st.sampled_from(Access),
    place=st.none() | st.just("Hove"),
    last_post_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@given(candidates, st.sampled_from([HERE, ANYWHERE]))
def test_every_reading_lies_between_nothing_and_all_and_says_why(one: Candidate, query: Query) -> None:
    for signal in SIGNALS:
        reading = signal.measure(query, one, NOW)
        assert reading.value is None or 0 <= reading.value <= 1, signal.name
        assert reading.reason.strip()


# audience


LOW, HIGH = signals._UNRELATED, signals._ALIKE


@pytest.mark.parametrize(
    ("cosine", "expected"),
    [(-1, 0), (LOW, 0), ((3 * LOW + HIGH) / 4, 0.25), ((LOW + HIGH) / 2, 0.5), (HIGH, 1), (1, 1)],
)
def test_the_audience_grows_from_unrelated_to_alike(cosine: float, expected: float) -> None:
    one = candidate(similarity=cosine)

    assert expected == pytest.approx(value(signals.audience(HERE, one, NOW)), abs=1e-3)


@pytest.mark.parametrize(("standing", "expected"), [(1, 1), (21, 0.5), (61, 0.25), (None, 0)])
def test_the_whole_question_is_read_by_the_place_in_the_index(standing: int | None, expected: float) -> None:
    reading = signals.question(HERE, replace(candidate(similarity=0), standing=standing), NOW)

    assert expected == pytest.approx(value(reading))


@pytest.mark.parametrize(
    ("naming", "expected", "said"),
    [
        (Naming(1.0), 1.0, "its words name these people"),
        (Naming(0.5), 0.85, "its words name people near these"),
        (Naming(0.0, instead="landlords"), 0.0, "its words name others: landlords"),
        (Naming(None), None, "its words name nobody in particular"),
    ],
)
def test_whom_a_venue_names_is_read_and_said(naming: Naming, expected: float | None, said: str) -> None:
    assert Reading(expected, said) == signals.people(HERE, replace(candidate(), naming=naming), NOW)


@pytest.mark.parametrize("title", ["r/brighton", "Brighton"])
def test_a_space_for_everybody_is_worth_something_to_whom_nobody_names(title: str) -> None:
    of_the_place = signals.people(HERE, candidate(title=title), NOW)
    by_its_words = signals.people(HERE, replace(candidate(), naming=Naming(None, general=True)), NOW)

    assert Reading(0.7, "the people wanted are among everybody there") == of_the_place == by_its_words


def test_the_people_wanted_in_the_place_asked_for_are_both() -> None:
    theirs = replace(candidate(similarity=0.6), naming=Naming(1.0))

    assert 1 == value(signals.both(HERE, theirs, NOW))
    assert 0 == value(signals.both(HERE, replace(theirs, scope=Scope.NEARBY), NOW))
    assert 0 == value(signals.both(HERE, replace(theirs, naming=Naming(0.0, instead="landlords"), similarity=0.3), NOW))
    assert 0 == value(signals.both(ANYWHERE, theirs, NOW))


def test_a_space_with_the_name_of_the_place_is_for_everybody_there() -> None:
    assert 1 == value(signals.commons(HERE, candidate(title="r/brighton"), NOW))
    assert 1 > value(signals.commons(HERE, replace(candidate(), naming=Naming(None, general=True)), NOW)) > 0
    assert 0 == value(signals.commons(HERE, candidate(title="Brighton Rock fans"), NOW))
    assert 0 == value(signals.commons(HERE, candidate(title="Brighton", kind=Kind.MEETUP), NOW))


def test_nothing_is_for_everybody_in_a_place_where_it_is_not() -> None:
    elsewhere = replace(candidate(title="r/brighton", scope=Scope.NEARBY), naming=Naming(None, general=True))

    assert 0 == value(signals.commons(HERE, elsewhere, NOW))
    assert 0 == value(signals.commons(ANYWHERE, candidate(title="r/brighton"), NOW))


def test_a_venue_that_says_something_of_itself_reads_more_than_a_bare_name() -> None:
    assert value(signals.described(HERE, candidate(description="For mums"), NOW)) == 1
    assert value(signals.described(HERE, candidate(), NOW)) == 0


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_the_likelier_audience_never_reads_less(one: float, other: float) -> None:
    low, high = (signals.audience(HERE, candidate(similarity=cosine), NOW) for cosine in sorted([one, other]))

    assert value(low) <= value(high)


@pytest.mark.parametrize(
    ("cosine", "said"), [(0.6, "about these people"), (0.4, "near in meaning"), (0.2, "only loosely related")]
)
def test_the_audience_says_how_alike_in_words_and_as_a_number(cosine: float, said: str) -> None:
    assert f"{said} (cosine {cosine:.2f})" == signals.audience(HERE, candidate(similarity=cosine), NOW).reason


# words


def test_none_of_the_words_is_nothing_and_said() -> None:
    assert Reading(0.0, "none of your words in its name or description") == signals.words(HERE, candidate(), NOW)


def test_one_rare_word_earns_half_and_no_number_of_words_more_than_all() -> None:
    assert 0.5 == value(signals.words(HERE, candidate(words=signals._HALF_WORDS), NOW))
    assert 0.99 < value(signals.words(HERE, candidate(words=1e6), NOW)) <= 1
    assert "uses your words" == signals.words(HERE, candidate(words=0.1), NOW).reason


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_of_the_words_never_read_less(one: float, other: float) -> None:
    low, high = (value(signals.words(HERE, candidate(words=words), NOW)) for words in sorted([one, other]))

    assert low <= high


# nearness


def test_the_scopes_are_read_in_their_order() -> None:
    order = (Scope.LOCAL, Scope.CONTAINING, Scope.EVERYWHERE, Scope.NEARBY, Scope.ELSEWHERE)
    readings = [value(signals.nearness(HERE, candidate(scope=scope), NOW)) for scope in order]

    assert sorted(readings, reverse=True) == readings
    assert len(Scope) == len(set(readings))
    assert 0 == readings[-1]


@pytest.mark.parametrize(
    ("scope", "name", "said"),
    [
        (Scope.LOCAL, "Brighton", "in Brighton"),
        (Scope.LOCAL, "Hove", "in Hove, Brighton"),
        (Scope.CONTAINING, "Sussex", "for all of Sussex"),
        (Scope.NEARBY, "Lewes", "in Lewes, near Brighton"),
        (Scope.EVERYWHERE, None, "for people anywhere"),
        (Scope.ELSEWHERE, "Leeds", "in Leeds"),
    ],
)
def test_nearness_names_the_places(scope: Scope, name: str | None, said: str) -> None:
    where = replace(HOVE, name=name) if name else None

    assert said == signals.nearness(HERE, candidate(scope=scope, whereabouts=where), NOW).reason


def test_a_local_venue_whose_place_is_doubtful_reads_less_but_more_than_any_other_scope() -> None:
    sure, unsure = (
        value(signals.nearness(HERE, candidate(whereabouts=replace(HOVE, confidence=trust)), NOW)) for trust in (1, 0)
    )

    assert 1 == pytest.approx(sure)
    assert sure > unsure > value(signals.nearness(HERE, candidate(scope=Scope.CONTAINING), NOW))


def test_a_place_in_the_sources_own_words_is_named_where_no_better_is_known() -> None:
    reading = signals.nearness(HERE, candidate(scope=Scope.NEARBY, whereabouts=None, place="Lewes, E. Sussex"), NOW)

    assert "in Lewes, E. Sussex, near Brighton" == reading.reason


def test_where_no_place_is_asked_what_is_for_the_home_country_is_read_highest() -> None:
    country, everywhere, town, abroad = (
        signals.nearness(ANYWHERE, candidate(scope=scope), NOW)
        for scope in (Scope.CONTAINING, Scope.EVERYWHERE, Scope.NEARBY, Scope.ELSEWHERE)
    )

    assert value(country) > value(town) > value(everywhere) > value(abroad) == 0
    assert ("for all of Hove", "serves Hove alone") == (country.reason, town.reason)


# reach


def test_a_size_not_stated_is_unknown_and_said() -> None:
    assert Reading(None, "its size is not stated") == signals.reach(HERE, candidate(members=None), NOW)


def test_no_members_is_a_size_that_is_known() -> None:
    reading = signals.reach(HERE, candidate(members=0), NOW)

    assert 0 == reading.value
    assert "0 members" in reading.reason


def test_reach_is_full_at_ten_thousand_wanted_people() -> None:
    assert 1 == pytest.approx(value(signals.reach(HERE, candidate(similarity=1, members=10_000), NOW)))
    assert 1 == value(signals.reach(HERE, candidate(similarity=1, members=2**63 - 1), NOW))
    assert value(signals.reach(HERE, candidate(similarity=1, members=9_000), NOW)) < 1
    assert 0 == value(signals.reach(HERE, candidate(similarity=0, members=10_000), NOW))


def test_reach_says_members_share_and_people() -> None:
    reading = signals.reach(HERE, candidate(similarity=1, members=12_400, scope=Scope.NEARBY), NOW)

    said = "12,400 members: 1,240 to 12,400 readers x 0.033 to 0.3 in the area x 0.5 to 1 on target"
    assert f"{said} = 21 to 3,720 wanted people" == reading.reason


def test_a_small_local_group_reaches_more_than_a_hundred_times_as_many_from_anywhere() -> None:
    local = signals.reach(HERE, candidate(members=300), NOW)
    general = signals.reach(HERE, candidate(members=30_000, scope=Scope.EVERYWHERE), NOW)

    assert value(local) > value(general)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(Scope), st.sampled_from([HERE, ANYWHERE]))
def test_more_members_never_reach_fewer(one: int, other: int, scope: Scope, query: Query) -> None:
    few, many = (
        value(signals.reach(query, candidate(members=members, scope=scope), NOW)) for members in sorted([one, other])
    )

    assert few <= many


@given(st.integers(0, 10**7))
def test_no_share_of_the_members_is_more_than_all_of_them(population: int) -> None:
    query = replace(HERE, area=replace(BRIGHTON, population=population * 1000))
    reading = signals.reach(query, candidate(members=100, similarity=1, scope=Scope.CONTAINING), NOW)

    assert value(reading) <= value(signals.reach(HERE, candidate(members=100, similarity=1), NOW))


# liveliness


@pytest.mark.parametrize(("days", "expected"), [(-5, 1), (0, 1), (7, 1), (730, 0), (5000, 0), ((7 * 730) ** 0.5, 0.5)])
def test_liveliness_falls_from_a_week_to_two_years(days: float, expected: float) -> None:
    reading = signals.liveliness(HERE, candidate(last_post_at=NOW - timedelta(days=days)), NOW)

    assert expected == pytest.approx(value(reading), abs=1e-6)


@given(st.floats(-100, 5000), st.floats(-100, 5000))
def test_the_later_post_never_reads_less(one: float, other: float) -> None:
    late, early = (
        value(signals.liveliness(HERE, candidate(last_post_at=NOW - timedelta(days=days)), NOW))
        for days in sorted([one, other])
    )

    assert late >= early


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-1, "today"),
        (0.9, "today"),
        (1, "1 day ago"),
        (3, "3 days ago"),
        (29.9, "29 days ago"),
        (30, "1 month ago"),
        (364, "12 months ago"),
        (365, "1 year ago"),
        (800, "2 years ago"),
    ],
)
def test_liveliness_says_when_the_last_post_was(days: float, said: str) -> None:
    reading = signals.liveliness(HERE, candidate(last_post_at=NOW - timedelta(days=days)), NOW)

    assert f"last post {said}" == reading.reason


def test_when_the_last_post_was_is_unknown_where_nobody_says() -> None:
    assert Reading(None, "when it was last used is not stated") == signals.liveliness(HERE, candidate(), NOW)


# openness


def test_openness_falls_from_open_to_closed() -> None:
    readings = [value(signals.openness(HERE, candidate(access=access), NOW)) for access in Access]

    assert sorted(readings, reverse=True) == readings
    assert (1, 0) == (readings[0], readings[-1])


def test_who_may_join_is_unknown_where_nobody_says() -> None:
    assert Reading(None, "who may join is not stated") == signals.openness(HERE, candidate(), NOW)
