"""Whom a venue's own words name, beside whom a query wants."""

from __future__ import annotations

import pytest

from venues.audience_mentions import aim_of, mentioned, naming


def test_the_longest_phrase_is_what_is_named() -> None:
    assert {"teen_parents"} == mentioned("For parents of teenagers.")
    assert {"teenagers"} == mentioned("For teenagers.")


@pytest.mark.parametrize(
    ("words", "title", "description", "share"),
    [
        ("tenants", "Tenants of Lambeth", None, 1.0),
        ("tenants", "Property news", "For landlords.", 0.0),
        ("tenants", "Xyzzy", None, None),
        ("Muslim women", "Women's circle", None, 0.5),
        ("knitters and cyclists", "Cyclists", None, 1.0),
        ("xyzzy", "Cyclists", None, None),
    ],
)
def test_a_venue_names_the_wanted_others_or_nobody(
    words: str, title: str, description: str | None, share: float | None
) -> None:
    assert share == naming(title, description, aim_of(words)).share


def test_near_kin_counts_for_less_than_the_people_themselves() -> None:
    said = naming("Baby and toddler group", None, aim_of("young mums"))

    assert said.kin or said.share == 1
    assert said.share


def test_whom_it_names_instead_is_said() -> None:
    assert "landlord" in str(naming("News for landlords", None, aim_of("tenants")).instead)


def test_who_has_the_opposite_in_its_name_is_not_for_the_wanted_of_whom_it_speaks() -> None:
    aim = aim_of("tenants")

    assert 0 == naming("Landlord Today", "News of tenants and rent", aim).share
    assert 1 == naming("Housing Today", "For landlords and tenants", aim).share
    assert 1 == naming("Landlords and tenants of Leeds", None, aim).share


@pytest.mark.parametrize(
    ("words", "title", "expected"),
    [
        ("Latin American women", "Inspiring Indian women", 0.0),
        ("Muslim women", "Jewish women's circle", 0.0),
        ("Muslim women", "Muslim sisters", 1.0),
        ("Indian women", "Women of Leeds", 0.5),
    ],
)
def test_another_nation_or_faith_is_another_audience_whatever_else_is_shared(
    words: str, title: str, expected: float
) -> None:
    assert expected == naming(title, None, aim_of(words)).share


def test_a_word_of_two_meanings_names_nobody_beside_a_word_of_the_other() -> None:
    assert "polish" in mentioned("Polish families in Southampton")
    assert "polish" not in mentioned("Nail polish swaps")


def test_the_supporters_of_a_club_are_football_fans() -> None:
    assert "football" in mentioned("Leeds United supporters")


def test_a_space_for_everybody_is_on_target_where_everybody_is_wanted() -> None:
    assert naming("Town notice board", "Local news for residents", aim_of("residents")).everybody_wanted
    assert not naming("Town notice board", "Local news for residents", aim_of("cyclists")).everybody_wanted
    assert naming("Town notice board", "Local news for residents", aim_of("cyclists")).general


@pytest.mark.parametrize("text", ["", " ", "\U0001f476", "a" * 100_000, "mum " * 20_000])
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(mentioned(text), frozenset)
