"""What is never suggested is told by its own words."""

from __future__ import annotations

import pytest

from index.shelter import is_adult, is_closed, is_for_people_in_crisis
from venues.model import Listing


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("r/SuicideWatch", None),
        ("r/depression", "Peer support."),
        ("Side by side", "For anyone living with self-harm or thoughts of dying."),
        ("Refuge chat", "Survivors of domestic abuse talk in confidence."),
        ("!babyloss@example.org", None),
        ("Mumsnet: Miscarriage", "Losing a pregnancy."),
        ("Beat", "Recovery from eating disorders."),
        ("Rise", "Help for rape and sexual assault survivors."),
    ],
)
def test_a_space_that_exists_for_people_in_distress_is_one(title: str, description: str | None) -> None:
    assert is_for_people_in_crisis(Listing(platform="x", native_id="y", title=title, description=description))


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("Leeds Dads", "Playgroups and socials for fathers."),
        ("Dementia forum", "Carers share tips. A support space."),
        ("r/OilseedRape", "Growing oilseed rape."),
        ("Economic history", "The Great Depressions and what came after."),
        ("Runners", "Recover from an injury and get back on the road."),
    ],
)
def test_a_space_that_does_not_is_none(title: str, description: str | None) -> None:
    assert not is_for_people_in_crisis(Listing(platform="x", native_id="y", title=title, description=description))


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("r/sexover30", None),
        ("r/awwwnsfw", None),
        ("r/lgbtsex", None),
        ("r/send_nudes", None),
        ("r/AsianCuties", None),
        ("r/example", "Gifs of cute girls."),
    ],
)
def test_a_name_that_is_for_adults_eyes_is_told(title: str, description: str | None) -> None:
    assert is_adult(Listing(platform="x", native_id="y", title=title, description=description))


@pytest.mark.parametrize(
    "title",
    [
        "Sexual Health Sheffield",
        "West Sussex mutual aid",
        "r/FoodPorn",
        "r/asexual",
        "r/SexWorkers",
        "Asian Girls' Club",
    ],
)
def test_a_name_that_only_looks_so_is_not(title: str) -> None:
    assert not is_adult(Listing(platform="x", native_id="y", title=title))


def test_what_the_source_says_of_it_is_believed() -> None:
    assert not is_adult(Listing(platform="x", native_id="y", title="r/sexover30", nsfw=False))
    assert is_adult(Listing(platform="x", native_id="y", title="Leeds Dads", nsfw=True))


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Subreddit no longer exists", True),
        ("This community has been closed. Join us elsewhere.", True),
        ("This group is now archived.", True),
        ("Our office is closed on Mondays.", False),
        ("Group for people whose forum is closed.", False),
        (None, False),
    ],
)
def test_a_venue_that_begins_by_saying_that_it_is_no_more_is_closed(description: str | None, *, expected: bool) -> None:
    assert expected == is_closed(Listing(platform="x", native_id="y", title="A", description=description))
