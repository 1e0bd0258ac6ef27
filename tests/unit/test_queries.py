"""From what a user types to a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from venues.errors import EmptyQuery, QueryError, UnknownPlace
from venues.queries import parse

if TYPE_CHECKING:
    from venues.gazetteer import Gazetteer


def test_a_query_has_its_audience_its_area_and_the_namesakes(gazetteer: Gazetteer) -> None:
    query = parse("young mums in Brighton", gazetteer)
    assert query.area is not None
    assert ("young mums", "Brighton", "GB") == (query.audience, query.area.name, query.area.country)
    assert query.alternatives


def test_the_text_is_kept_as_typed_but_for_spaces_and_control_characters(gazetteer: Gazetteer) -> None:
    query = parse("  young\tmums\x00 in \u200bBrighton\r\n", gazetteer)
    assert ("young mums in Brighton", "young mums") == (query.text, query.audience)


def test_a_radius_takes_the_place_of_the_areas_own(gazetteer: Gazetteer) -> None:
    area = parse("dads in Leeds", gazetteer, radius_km=3.5).area
    assert area is not None
    assert 3.5 == area.radius_km


def test_the_home_country_settles_namesakes(gazetteer: Gazetteer) -> None:
    area = parse("parents in Perth", gazetteer, country="AU").area
    assert area is not None
    assert "AU" == area.country


def test_a_query_without_a_place_has_no_area(gazetteer: Gazetteer) -> None:
    query = parse("retired teachers", gazetteer)
    assert ("retired teachers", None, ()) == (query.audience, query.area, query.alternatives)


def test_a_query_that_is_only_a_place_asks_for_people(gazetteer: Gazetteer) -> None:
    query = parse("Brighton", gazetteer)
    assert query.area is not None
    assert ("people", "Brighton") == (query.audience, query.area.name)


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01", "?!", "\u200b"])
def test_a_query_without_words_is_refused(text: str, gazetteer: Gazetteer) -> None:
    with pytest.raises(EmptyQuery):
        parse(text, gazetteer)


def test_an_unknown_place_is_refused_with_near_spellings(gazetteer: Gazetteer) -> None:
    with pytest.raises(UnknownPlace) as caught:
        parse("mums in Brighten", gazetteer)
    assert ("Brighten", "Brighton") == (caught.value.place, caught.value.suggestions[0])


def test_a_text_over_500_characters_is_refused(gazetteer: Gazetteer) -> None:
    with pytest.raises(QueryError, match="501 characters"):
        parse("a" * 501, gazetteer)


@pytest.mark.parametrize("radius", [0, -1, float("nan"), float("inf"), 30_000])
def test_a_radius_that_is_none_is_refused(radius: float, gazetteer: Gazetteer) -> None:
    with pytest.raises(QueryError, match="radius"):
        parse("dads in Leeds", gazetteer, radius_km=radius)
