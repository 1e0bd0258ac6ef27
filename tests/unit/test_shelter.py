"""Support spaces for people in crisis are told by their own words."""

from __future__ import annotations

import pytest

from index.shelter import is_for_people_in_crisis
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
