"""The gazetteer: its look-ups, what contains what, and the file that it is kept in."""

from __future__ import annotations

import csv
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues import gazetteer_build, gazetteer_file
from venues.errors import UnknownPlace, VenuesError
from venues.gazetteer import Gazetteer
from venues.gazetteer_drafts import table, worth_keeping
from venues.gazetteer_uk import short_names
from venues.placenames import (
    cell,
    cells_around,
    distance_km,
    normalise,
    normalise_all,
    one_slip_from,
    quarter_radius_for,
    radius_for,
)

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Brighton", "brighton"),
        ("  Saint-Étienne ", "st etienne"),
        ("St. Albans", "st albans"),
        ("King's Lynn", "kings lynn"),
        ("Stoke upon Trent", "stoke on trent"),
        ("Brighton & Hove", "brighton and hove"),
        ("Ynys Môn", "ynys mon"),
        ("Łódź", "lodz"),
        ("U.K.", "uk"),
        ("???", ""),
    ],
)
def test_names_are_compared_without_case_accents_and_marks(name: str, expected: str) -> None:
    assert expected == normalise(name)


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1)))
def test_many_names_are_normalised_as_one(names: list[str]) -> None:
    expected = [normalise(name) for name in names] or [""]
    assert expected == normalise_all(names)


@given(st.text())
def test_a_normalised_name_stays_as_it_is(name: str) -> None:
    assert normalise(name) == normalise(normalise(name))


def test_a_degree_of_latitude_is_111_km() -> None:
    assert distance_km(50, 0, 51, 0) == pytest.approx(111.2, abs=0.1)


@pytest.mark.parametrize(
    ("people", "low", "high"), [(0, 1.5, 1.5), (10_000, 2.9, 3.1), (284_000, 8, 9), (9_000_000, 25, 28)]
)
def test_a_radius_grows_with_the_people(people: int, low: float, high: float) -> None:
    assert low <= radius_for(people) <= high


@given(st.floats(-89, 89), st.floats(-180, 180))
def test_a_point_lies_among_the_squares_around_it(lat: float, lon: float) -> None:
    assert cell(lat, lon) in cells_around(lat, lon, 1)


def test_a_quarter_is_smaller_than_a_town_of_as_many_people(
    gazetteer: Gazetteer,
) -> None:
    assert 1.5 == quarter_radius_for(500)
    assert quarter_radius_for(70_000) < radius_for(70_000)

    (peckham, _), *_ = gazetteer.ranked("Peckham", country="GB")
    (westminster, _), *_ = gazetteer.ranked("Westminster", country="GB")
    assert peckham.radius_km < distance_km(peckham.lat, peckham.lon, westminster.lat, westminster.lon)


def test_one_slip_covers_a_letter_lost_added_changed_or_swapped() -> None:
    slips = one_slip_from("hove")
    assert {"hov", "hovee", "hive", "hoev"} <= slips
    assert "hove" not in slips


@pytest.mark.parametrize(
    ("name", "kept"), [("BTN", False), ("bai li dun", False), ("Hull", True), ("Брайтон", True), ("Ny", False)]
)
def test_codes_and_romanised_names_are_left_out(name: str, kept: bool) -> None:
    assert kept == worth_keeping(name)


def test_long_names_have_short_ones() -> None:
    assert {"leamington spa": 0.7, "leamington": 0.2} == short_names("Royal Leamington Spa")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Brighton", "Brighton, East Sussex, England"),
        ("Hull", "Kingston upon Hull, East Riding of Yorkshire, England"),
        ("Hackney", "Hackney, London, England"),
        ("Norfolk", "Norfolk, England"),
        ("Leeds", "Leeds, West Yorkshire, England"),
        ("Peckham", "Peckham, Southwark, London"),
        ("Headingley", "Headingley, Leeds, West Yorkshire"),
        ("UK", "United Kingdom"),
        ("se23", "SE23, Forest Hill, Lewisham"),
        ("Ynys Môn", "Isle of Anglesey, Wales"),
    ],
)
def test_a_name_finds_the_most_important_place_at_home(name: str, expected: str, gazetteer: Gazetteer) -> None:
    assert expected == gazetteer.find(name, country="GB")[0].label


def test_what_contains_brighton_is_said_smallest_first(gazetteer: Gazetteer) -> None:
    expected = (
        "uk:brighton-and-hove",
        "uk:east-sussex",
        "uk:sussex",
        "uk:south-east-england",
        "uk:england",
        "country:GB",
    )
    brighton = gazetteer.area("geonames:2654710")
    assert expected == brighton.within
    assert ("East Sussex", "England") == brighton.part_of


def test_an_airport_code_finds_nothing(gazetteer: Gazetteer) -> None:
    assert [] == gazetteer.find("BTN")


def test_namesakes_can_be_asked_for_inside_an_area(gazetteer: Gazetteer) -> None:
    assert ["uk:scotland"] == [area.within[-2] for area in gazetteer.find("Perth", within="uk:scotland")]
    assert ["US"] == sorted({str(area.country) for area in gazetteer.find("Perth", within="country:US")})


def test_an_unknown_id_is_an_unknown_place(gazetteer: Gazetteer) -> None:
    for area_id in ("uk:atlantis", "geonames:1", "geonames:x", "", "geonames:-1"):
        with pytest.raises(UnknownPlace):
            gazetteer.area(area_id)


@pytest.mark.parametrize(
    ("name", "expected"), [("Brighten", "Brighton"), ("Machester", "Manchester"), ("Milton Kaynes", "Milton Keynes")]
)
def test_a_misspelt_name_brings_the_right_one_first(name: str, expected: str, gazetteer: Gazetteer) -> None:
    assert expected == gazetteer.similar(name, country="GB")[0]


def test_a_misspelt_name_is_looked_for_in_all_the_world_if_no_country_is_said(gazetteer: Gazetteer) -> None:
    assert "Melbourne" == gazetteer.similar("Melborne")[0]
    assert [] == gazetteer.similar("???")


def test_the_place_nearest_to_a_point_contains_it(gazetteer: Gazetteer) -> None:
    area = gazetteer.containing(50.829, -0.14)
    assert area is not None
    assert "uk:east-sussex" in area.within
    assert gazetteer.containing(0.0, -30.0) is None
    assert gazetteer.containing(50.829, -0.14, "FR") is None


def test_the_names_of_a_country_are_normalised_and_the_likeliest_comes_first(gazetteer: Gazetteer) -> None:
    names = gazetteer.names("GB")
    assert ("uk:hull", "uk:newcastle") == (names["hull"][0], names["newcastle"][0])
    assert names is gazetteer.names("GB")
    assert all(normalise(name) == name for name in names)


def test_importance_is_about_the_population(gazetteer: Gazetteer) -> None:
    assert gazetteer.importance("uk:leeds") > gazetteer.importance("uk:rutland") > 10_000


def test_threads_may_share_a_gazetteer(gazetteer: Gazetteer) -> None:
    found: list[str] = []

    def look_up() -> None:
        found.extend(gazetteer.find("Leeds", country="GB")[0].id for _ in range(50))

    threads = [threading.Thread(target=look_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["uk:leeds"] * 200 == found


def test_nearly_all_villages_lie_in_their_county(gazetteer: Gazetteer) -> None:
    """The villages are none of those that the table lists, so this measures the rule and not the table."""
    with (HERE / "village-counties.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    wrong = [
        row["village"] for row in rows if row["county"] not in gazetteer.find(row["village"], country="GB")[0].within
    ]
    assert len(wrong) <= 0.08 * len(rows), wrong


def test_every_row_of_the_table_of_areas_is_inside_its_parent(gazetteer: Gazetteer) -> None:
    for row in table("uk.tsv"):
        area = gazetteer.area(f"uk:{row['id']}")
        assert area.within[-1] == "country:GB"
        assert not row["parent"] or f"uk:{row['parent']}" == area.within[0]
        assert area.radius_km > 0


def test_no_two_rows_of_the_tables_have_one_id() -> None:
    ids = [row["id"] for name in ("uk.tsv", "uk-postcodes.tsv", "world.tsv") for row in table(name)]
    assert len(ids) == len(set(ids))


def test_the_nations_and_their_counties_are_all_there(gazetteer: Gazetteer) -> None:
    rows = list(table("uk.tsv"))
    assert 4 == sum(row["kind"] == "nation" for row in rows)
    inside_london = [
        row for row in rows if row["kind"] == "borough" and "uk:london" in gazetteer.area(f"uk:{row['id']}").within
    ]
    assert 33 == len(inside_london)


def test_the_users_gazetteer_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VENUES_CACHE", str(tmp_path))
    path = gazetteer_file.cache_path()
    assert tmp_path == path.parent
    assert path.name.startswith(f"gazetteer-{gazetteer_file.SCHEMA}-")


# The file. A small world takes the place of GeoNames' here, since a real compile takes seconds.


def small_world(name: str) -> dict[str, Any]:
    """Give what stands for GeoNames' files."""
    if name == "countries.json":
        return {"FR": {"name": "France", "population": 67_000_000, "areakm2": 547_030}}
    paris = {
        "geonameid": 2988507,
        "name": "Paris",
        "latitude": 48.85,
        "longitude": 2.35,
        "countrycode": "FR",
        "population": 2_100_000,
        "admin1code": "11",
        "alternatenames": ["PAR", "Paříž", "Parigi"],
    }
    return {"2988507": paris}


@pytest.fixture
def compiles(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count the compiles of the small world."""
    count = 0

    def load(name: str) -> dict[str, Any]:
        nonlocal count
        count += name == "countries.json"
        return small_world(name)

    monkeypatch.setattr(gazetteer_build, "_load", load)
    monkeypatch.setattr(gazetteer_build, "uk_drafts", lambda raws: [])
    return lambda: count


def test_a_gazetteer_is_compiled_once(tmp_path: Path, compiles: Callable[[], int]) -> None:
    path = tmp_path / "deep" / "gazetteer-test.sqlite"
    for _ in range(2):
        with Gazetteer.open(path) as small:
            assert ["geonames:2988507"] == [area.id for area in small.find("paris")]
    assert (1, [path]) == (compiles(), list(path.parent.iterdir()))


def test_progress_is_told_from_none_to_all(tmp_path: Path, compiles: Callable[[], int]) -> None:
    told: list[tuple[int, int]] = []
    Gazetteer.open(tmp_path / "g.sqlite", progress=lambda done, total: told.append((done, total))).close()
    assert [(done, 6) for done in range(7)] == told


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_damaged_file_is_compiled_again(damage: bytes, tmp_path: Path, compiles: Callable[[], int]) -> None:
    path = tmp_path / "g.sqlite"
    path.write_bytes(damage)
    with Gazetteer.open(path) as small:
        assert small.find("Paris")


def test_a_truncated_file_is_compiled_again(tmp_path: Path, compiles: Callable[[], int]) -> None:
    path = tmp_path / "g.sqlite"
    Gazetteer.open(path).close()
    path.write_bytes(path.read_bytes()[:-1000])
    Gazetteer.open(path).close()
    assert 2 == compiles()


def test_a_file_that_proves_damaged_while_open_is_compiled_again(
    tmp_path: Path, compiles: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "g.sqlite"
    Gazetteer.open(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with caplog.at_level(logging.ERROR), Gazetteer(path) as small:
        assert small.find("Paris")
    assert 2 == compiles()


def test_an_interrupted_compile_leaves_nothing(tmp_path: Path, compiles: Callable[[], int]) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Gazetteer.open(tmp_path / "g.sqlite", progress=interrupt)
    assert [] == list(tmp_path.iterdir())


def test_what_a_killed_compile_left_long_ago_is_removed(tmp_path: Path, compiles: Callable[[], int]) -> None:
    old, new = tmp_path / "g.sqlite.a.partial", tmp_path / "g.sqlite.b.partial"
    for leftover in (old, new):
        leftover.touch()
    os.utime(old, (0, 0))
    Gazetteer.open(tmp_path / "g.sqlite").close()
    assert [tmp_path / "g.sqlite", new] == sorted(tmp_path.iterdir())


def test_two_processes_may_compile_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "import test_gazetteer as t; from venues import gazetteer_build as b\n"
        "b._load = t.small_world; b.uk_drafts = lambda raws: []\n"
        "with t.Gazetteer.open(Path(sys.argv[1])) as g: print(g.find('Paris')[0].id)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "g.sqlite"), str(HERE)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE.parents[1])
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=60) for process in processes]
    assert ["geonames:2988507\n"] * 3 == [out for out, _ in answers], answers
    assert [tmp_path / "g.sqlite"] == list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path, compiles: Callable[[], int]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VenuesError, match="VENUES_CACHE"):
        Gazetteer.open(tmp_path / "file" / "g.sqlite")


def test_a_cache_that_cannot_be_written_gives_way_to_a_temporary_one(
    tmp_path: Path,
    compiles: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VENUES_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(gazetteer_file.tempfile, "gettempdir", lambda: str(tmp_path / "spare"))
    with caplog.at_level(logging.WARNING), Gazetteer.open() as small:
        assert tmp_path / "spare" in small.path.parents
    assert "for now" in caplog.text
