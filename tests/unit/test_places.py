"""Which place a text names, if any, and who is left as the audience."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues.placenames import distance_km
from venues.places import read

if TYPE_CHECKING:
    from venues.gazetteer import Gazetteer
    from venues.model import Area

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("VENUES_TEST_SHARED") or HERE.parents[2] / "shared")
DEVELOPMENT = SHARED / "data" / "places-dev.tsv"


def rows(name: str) -> list[dict[str, str]]:
    """Read a table of cases beside this file."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("case", rows("place-cases.tsv"), ids=lambda case: case["text"])
def test_a_text_is_read_as_an_audience_and_a_place(case: dict[str, str], gazetteer: Gazetteer) -> None:
    reading = read(case["text"], gazetteer)
    area = reading.area
    expected = (case["place"], case["country"], case["audience"])
    assert expected == (area.name if area else "-", area.country if area else "-", reading.audience)


def test_the_development_set_is_read_right(gazetteer: Gazetteer) -> None:
    if not DEVELOPMENT.exists():
        pytest.skip(f"NOT CHECKED on the development set: there is no {DEVELOPMENT}")
    with DEVELOPMENT.open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    wrong = [case["text"] for case in cases if not is_right(case, read(case["text"], gazetteer).area)]
    assert [] == wrong


def is_right(case: dict[str, str], area: Area | None) -> bool:
    """Compare an area with what a row of the development set wants: "-" is no place at all."""
    if case["place"] == "-" or area is None:
        return (case["place"] == "-") == (area is None)
    near = distance_km(area.lat, area.lon, float(case["lat"]), float(case["lon"])) <= float(case["within_km"])
    return near and (case["place"], case["country"]) == (area.name, area.country)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mums in Brighten", "Brighten"),
        ("mums in brighten", "brighten"),
        ("dads in Machester", "Machester"),
        ("families in Milton Kaynes", "Milton Kaynes"),
        ("walkers near Xyzzyville", "Xyzzyville"),
    ],
)
def test_a_place_that_nobody_knows_is_named_without_an_area(text: str, expected: str, gazetteer: Gazetteer) -> None:
    reading = read(text, gazetteer)
    assert (None, expected) == (reading.area, reading.place_text)


@pytest.mark.parametrize(
    "text",
    [
        "women in STEM",
        "women in Engineering",
        "people in recovery",
        "people in training",
        "people in HR",
        "believers in God",
        "people in poverty",
        "people in politics",
        "patients in hospital",
        "climbers in the Peak District",
        "walkers in the Cotswolds",
    ],
)
def test_what_people_are_in_need_not_be_a_place(text: str, gazetteer: Gazetteer) -> None:
    reading = read(text, gazetteer)
    assert (text, None, None) == (reading.audience, reading.area, reading.place_text)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("parents in Perth", "GB", "Perth, Perth and Kinross, Scotland"),
        ("parents in Perth", "AU", "Perth, Western Australia, Australia"),
        ("students in Cambridge", "US", "Cambridge, Massachusetts, United States"),
        ("nurses in Birmingham", "US", "Birmingham, Alabama, United States"),
        ("mums in London", "CA", "London, Ontario, Canada"),
        ("parents in Paris", "US", "Paris, Texas, United States"),
        ("parents in Paris", "GB", "Paris, France"),
        ("surfers in Newcastle", "AU", "Newcastle, New South Wales, Australia"),
    ],
)
def test_home_settles_namesakes(text: str, country: str, expected: str, gazetteer: Gazetteer) -> None:
    area = read(text, gazetteer, country).area
    assert area is not None
    assert expected == area.label


def test_the_namesakes_not_taken_are_named_likeliest_first(gazetteer: Gazetteer) -> None:
    alternatives = read("young mums in Brighton", gazetteer).alternatives
    assert {"US"} == {area.country for area in alternatives[:2]}
    assert 1 <= len(alternatives) <= 5


def test_a_namesake_at_home_comes_before_larger_ones_abroad(gazetteer: Gazetteer) -> None:
    first = read("students in Newcastle", gazetteer).alternatives[0]
    assert "Newcastle-under-Lyme" == first.name


def test_no_alternative_is_the_place_itself_under_another_hat(gazetteer: Gazetteer) -> None:
    for name in ("Brighton", "Hackney", "Leeds", "Westminster", "Durham", "Richmond"):
        reading = read(f"people in {name}", gazetteer)
        assert reading.area is not None
        assert all(
            distance_km(reading.area.lat, reading.area.lon, other.lat, other.lon) >= 5 for other in reading.alternatives
        )


def test_a_small_quarter_said_with_its_city_means_the_city_and_keeps_the_quarter(gazetteer: Gazetteer) -> None:
    reading = read("residents of Hanover, Brighton", gazetteer)
    assert ("Brighton", "Hanover") == (reading.area and reading.area.name, reading.alternatives[0].name)


def test_the_second_place_of_a_list_is_kept_as_an_alternative(gazetteer: Gazetteer) -> None:
    reading = read("cyclists in Leeds and Bradford", gazetteer)
    assert ("Leeds", "Bradford") == (reading.area and reading.area.name, reading.alternatives[0].name)


@pytest.mark.parametrize("text", ["", " ", "?!", "in", "in in in", "of", ", ,", "'s", "the", "in the", "(((", "in ,"])
def test_scraps_name_no_place(text: str, gazetteer: Gazetteer) -> None:
    assert read(text, gazetteer).area is None


@given(
    st.lists(
        st.sampled_from(
            ["in", "of", "the", "Brighton", "and", ",", "mums", "Perth", "'s", "SE23", "Reading", "(", "/", "St", "who"]
        ),
        max_size=12,
    )
)
def test_any_order_of_words_is_read_without_a_fault(gazetteer: Gazetteer, words: list[str]) -> None:
    reading = read(" ".join(words), gazetteer)
    assert reading.audience == reading.audience.strip()


@given(st.text(max_size=60))
def test_any_text_is_read_without_a_fault(gazetteer: Gazetteer, text: str) -> None:
    assert read(text, gazetteer).audience is not None
