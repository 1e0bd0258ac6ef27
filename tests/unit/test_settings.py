"""Settings: what is given, then what the environment says, then defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from platformdirs import user_cache_path, user_data_path

from venues.errors import SettingsError
from venues.settings import Settings, read_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_with_nothing_said_the_defaults_hold() -> None:
    settings = read_settings({})

    assert Settings() == settings
    assert ("GB", "all-MiniLM-L6-v2") == (settings.country, settings.model)
    assert str(user_data_path("venues") / "venues.db") == settings.store
    assert user_cache_path("venues") == settings.cache_path


@pytest.mark.parametrize("name", ["db", "country", "model", "contact", "cache"])
def test_each_setting_is_an_environment_variable(name: str) -> None:
    assert "IE" == getattr(read_settings({f"VENUES_{name.upper()}": "IE"}), name)


def test_what_is_given_beats_the_environment_which_beats_the_default() -> None:
    environment = {"VENUES_DB": "from-environment.db", "VENUES_COUNTRY": "IE"}

    assert ("given.db", "IE") == (
        read_settings(environment, db="given.db", country=None).store,
        read_settings(environment, db="given.db", country=None).country,
    )
    assert "from-environment.db" == read_settings(environment, db=None).store


def test_the_environment_of_the_process_is_read_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "GB" == read_settings().country
    monkeypatch.setenv("VENUES_COUNTRY", "NZ")
    assert "NZ" == read_settings().country


def test_paths_of_ones_own_are_taken(tmp_path: Path) -> None:
    settings = read_settings({"VENUES_CACHE": str(tmp_path / "c"), "VENUES_DB": str(tmp_path / "d.db")})

    assert (tmp_path / "c", str(tmp_path / "d.db")) == (settings.cache_path, settings.store)


@pytest.mark.parametrize("country", ["gb", " GB ", "Gb"])
def test_a_country_may_be_written_small(country: str) -> None:
    assert "GB" == read_settings({"VENUES_COUNTRY": country}).country


@pytest.mark.parametrize("country", ["GBR", "G", "", "England", "G1", "ÄÖ"])
def test_what_is_no_country_code_is_refused_by_the_settings_name(country: str) -> None:
    with pytest.raises(SettingsError, match="VENUES_COUNTRY") as caught:
        read_settings({}, country=country)
    assert "VENUES_COUNTRY" == caught.value.path


def test_a_misspelt_setting_is_refused_and_the_right_ones_are_named() -> None:
    with pytest.raises(SettingsError, match=r"VENUES_DP: is no setting.*VENUES_DB") as caught:
        read_settings({"VENUES_DP": "x"})
    assert "VENUES_DP" == caught.value.path


@pytest.mark.parametrize("name", ["VENUES_TEST_SYNAPSE", "PATH", "MY_VENUES_DB", "VENUE_DB"])
def test_variables_that_are_not_ours_are_left_alone(name: str) -> None:
    assert Settings() == read_settings({name: "x"})


def test_uk_is_taken_for_gb() -> None:
    assert ("GB", "GB") == (read_settings({}, country="uk").country, read_settings({"VENUES_COUNTRY": "UK"}).country)
