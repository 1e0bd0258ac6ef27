"""What a card says: whom a space is for, how it stands to the place, how many may be reached, and what is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from venues.cards import alive_of, card_of, chart_of, groups_of, kind_words, unsized
from venues.headings import heading_of
from venues.model import (
    NOBODY,
    Answer,
    Area,
    Candidate,
    Evidence,
    Kind,
    Listing,
    Naming,
    Part,
    Query,
    Reach,
    Scope,
    Section,
    Suggestion,
    Venue,
    Whereabouts,
)

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
LEEDS = Area(id="x:1", name="Leeds", kind="city", country="GB", lat=53.8, lon=-1.5, radius_km=12)
HERE = Query(text="mums in Leeds", audience="mums", area=LEEDS)
REACH = Reach(
    low=112.0,
    high=15_750.0,
    factors=(
        ("readers", 420.0, 4200.0, "4,200 members"),
        ("in the area", 0.5, 1.0, "it is a space of the place"),
        ("on target", 0.0061, 0.4, "likeness of its words to the people wanted"),
    ),
)


def suggestion(rank: int = 1, **given: Any) -> Suggestion:
    listing = {"platform": "f", "native_id": str(rank), "title": f"Mums {rank}"} | given.pop("listing", {})
    where = Whereabouts(told_by="place", confidence=1.0, name=given.pop("place", "Leeds"))
    source = given.pop("source", "import")
    seen = (Evidence(source=source, url=None, seen_at=NOW),)
    venue = Venue(listing=Listing(**listing), whereabouts=where, evidence=seen, first_seen=NOW, last_seen=NOW)
    candidate = Candidate(
        venue=venue,
        similarity=0.5,
        words=1.0,
        scope=given.pop("scope", Scope.LOCAL),
        naming=given.pop("naming", NOBODY),
        distance_km=5.0,
    )
    return Suggestion(rank=rank, candidate=candidate, parts=given.pop("parts", ()), **given)


@pytest.mark.parametrize(
    ("naming", "section", "said"),
    [
        (Naming(1.0), Section.LOCAL, "Its own words name the people you want"),
        (Naming(0.6, kin=True), Section.LOCAL, "Its own words name people close to those you want"),
        (Naming(0.5), Section.LOCAL, "Its own words name people close to those you want"),
        (Naming(1.0, everybody_wanted=True), Section.LOCAL, "It is for everybody in its place"),
        (
            Naming(0.0, instead="landlords"),
            Section.GENERAL,
            "Its own words name landlords; some of the people you want",
        ),
        (NOBODY, Section.GENERAL, "It does not say who it is for; some of the people you want may be there"),
        (NOBODY, Section.WIDER, "It does not say who it is for; what it says is close to your question"),
    ],
)
def test_a_card_says_in_one_sentence_whom_a_space_is_for(naming: Naming, section: Section, said: str) -> None:
    card = card_of(HERE, suggestion(naming=naming, section=section), NOW)
    assert card.why.startswith(said)
    assert card.why.endswith("; it is in Leeds.")


def test_a_space_that_has_its_places_name_is_for_everybody_there() -> None:
    commons = Part("commons", 10, 1.0, "for everybody in Leeds: it has its name")
    assert card_of(HERE, suggestion(parts=(commons,)), NOW).why.startswith("It is for everybody in its place")


@pytest.mark.parametrize(
    ("scope", "place", "said"),
    [
        (Scope.LOCAL, "Headingley", "it is in Headingley, Leeds"),
        (Scope.CONTAINING, "Yorkshire", "it covers Yorkshire, Leeds with it"),
        (Scope.NEARBY, "Bradford", "it is near by: Bradford, 5 km away"),
        (Scope.EVERYWHERE, "", "it is open to people anywhere"),
    ],
)
def test_a_card_says_how_a_space_stands_to_the_place(scope: Scope, place: str, said: str) -> None:
    assert said in card_of(HERE, suggestion(scope=scope, place=place), NOW).why


def test_where_no_place_was_named_none_is_spoken_of() -> None:
    assert card_of(Query(text="mums", audience="mums"), suggestion(naming=Naming(1.0)), NOW).why == (
        "Its own words name the people you want."
    )


def test_members_readers_and_reach_are_said_and_shown_with_their_factors() -> None:
    card = card_of(HERE, suggestion(listing={"members": 4200}, reach=REACH), NOW)
    assert card.facts[:3] == (
        "4,200 members",
        "420 to 4,200 read it",
        "you may reach 110 to 16,000 of the people you want",
    )
    assert card.reach == (
        "420 to 4,200 readers (4,200 members)",
        "50 % to 100 % in the area (it is a space of the place)",
        "0.6 % to 40 % on target (likeness of its words to the people wanted)",
        "110 to 16,000 of the people you want",
    )


def test_what_nobody_states_is_listed_as_not_known_and_nowhere_else() -> None:
    card = card_of(HERE, suggestion(), NOW)
    assert card.unknown == ("how many are there", "how active it is", "who may join", "its rules on posting")
    assert card.facts == ("not checked yet: from a list of 1 Nov 2026",)
    assert card.reach == ()


@pytest.mark.parametrize(
    ("source", "days", "said"),
    [
        ("matrix:https://m.example", None, "there when checked on 1 Nov 2026"),
        ("matrix:https://m.example", 3, "alive: last post 3 days ago, checked 1 Nov 2026"),
        ("matrix:https://m.example", 0, "alive: last post today, checked 1 Nov 2026"),
        ("matrix:https://m.example", 400, "quiet: last post 400 days ago, checked 1 Nov 2026"),
        ("import", 1, "alive: last post yesterday, by a list of 1 Nov 2026"),
        ("import", None, "not checked yet: from a list of 1 Nov 2026"),
    ],
)
def test_whether_it_is_alive_is_said_with_the_date_it_was_checked(source: str, days: int | None, said: str) -> None:
    listing = {} if days is None else {"last_post_at": NOW - timedelta(days=days)}
    assert said == alive_of(suggestion(listing=listing, source=source).venue, NOW)


@pytest.mark.parametrize(
    ("sure", "said"), [(0.86, "Likely to fit: 86%"), (0.45, "May fit: 45%"), (0.1, "A long shot: 10%")]
)
def test_how_sure_it_is_stands_on_the_card(sure: float, said: str) -> None:
    assert said == card_of(HERE, suggestion(confidence=sure), NOW).sure


def test_only_web_addresses_are_links_also_of_the_same_community_elsewhere() -> None:
    elsewhere = suggestion(2, listing={"url": "https://m.example/c/mums"}).venue
    hostile = suggestion(3, listing={"url": "javascript:alert(1)"}).venue
    card = card_of(HERE, suggestion(listing={"url": "javascript:alert(1)"}, also=(elsewhere, hostile)), NOW)
    assert card.url is None
    assert card.also == (("f", "https://m.example/c/mums"),)


def test_groups_stand_in_the_order_of_sections_and_general_ones_may_be_left_out() -> None:
    found = (
        suggestion(1, section=Section.GENERAL),
        suggestion(2, section=Section.LOCAL),
        suggestion(3, section=Section.WIDER),
    )
    answer = Answer(query=HERE, suggestions=found)
    groups = groups_of(answer, NOW, general=True)
    assert [(group.section, [card.rank for card in group.cards]) for group in groups] == [
        (Section.LOCAL, [2]),
        (Section.WIDER, [3]),
        (Section.GENERAL, [1]),
    ]
    assert [group.heading for group in groups] == [heading_of(section, LEEDS) for section in Section]
    assert [group.section for group in groups_of(answer, NOW, general=False)] == [Section.LOCAL, Section.WIDER]


def test_every_section_has_a_heading_with_and_without_a_place() -> None:
    for area in (LEEDS, None):
        assert len({heading_of(section, area) for section in Section}) == len(Section)


def test_the_picture_shows_the_reach_of_the_ranking_and_counts_what_it_cannot_show() -> None:
    local = {"section": Section.LOCAL}
    found = (suggestion(1, reach=REACH, **local), suggestion(2, **local), suggestion(3, reach=REACH))
    answer = Answer(query=HERE, suggestions=found)
    drawn = chart_of(answer, general=True, followers=300)
    assert drawn.count("110 to 16,000</text>") == 2
    assert "Your own page" in drawn
    assert unsized(answer, general=True) == 1
    assert chart_of(answer, general=False, followers=None) == ""
    assert chart_of(answer, general=False, followers=300) != ""


def test_every_kind_has_words() -> None:
    assert len({kind_words(kind) for kind in Kind}) == len(Kind)
    assert kind_words(None) == "other"
