from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from crawlers import registry
from crawlers.contract import About
from crawlers.registry import build, platforms, site_from
from crawlers.sites.matrix import Matrix
from venues.errors import SettingsError
from venues.model import Site


@dataclass(frozen=True)
class Podcasts:
    """One service, without an address."""

    region: str = "GB"
    fresh: bool = False
    share: float | None = None
    about: ClassVar[About] = About(platform="podcasts", website="https://p.example", terms="None.", official_api=True)

    def plan(self, area: Any) -> Any: ...

    def read(self, page: Any) -> Any: ...


@pytest.fixture(autouse=True)
def _two_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    known: Any = MappingProxyType({"matrix": Matrix, "podcasts": Podcasts})
    monkeypatch.setattr(registry, "platforms", lambda: known)


def test_the_folder_is_found() -> None:
    assert platforms()["matrix"] is Matrix


def test_a_site_is_a_platform_and_an_address() -> None:
    site = site_from("matrix:https://matrix.org")
    assert site == Site(
        name="matrix:https://matrix.org", platform="matrix", options=(("base_url", "https://matrix.org"),)
    )
    assert build(site) == Matrix(base_url="https://matrix.org")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" MATRIX:HTTPS://Matrix.ORG/ ", "matrix:https://matrix.org"),
        ("matrix:http://127.0.0.1:8008", "matrix:http://127.0.0.1:8008"),
        ("matrix:https://[::1]:8448/", "matrix:https://[::1]:8448"),
        ("matrix:https://a.org/Path/", "matrix:https://a.org/Path"),
        ("matrix:https://a.org?server=b.org&page_size=5", "matrix:https://a.org?page_size=5&server=b.org"),
        ("podcasts:", "podcasts:"),
        ("podcasts", "podcasts:"),
        ("podcasts:?fresh=yes", "podcasts:?fresh=yes"),
    ],
)
def test_a_site_has_one_name_however_it_is_written(text: str, name: str) -> None:
    site = site_from(text)
    assert site.name == name
    assert site_from(name) == site


def test_settings_are_read_as_their_fields_say() -> None:
    assert build(site_from("matrix:https://a.org?page_size=5&server=b.org")) == Matrix(
        base_url="https://a.org", page_size=5, server="b.org"
    )
    assert build(site_from("podcasts:?region=IE&fresh=true&share=0.5")) == Podcasts("IE", fresh=True, share=0.5)


def test_any_site_may_say_where_its_venues_are_and_what_to_ask_for() -> None:
    site = site_from("podcasts:?place=Leeds&country=GB&area=Leeds, Alabama&fresh=yes")
    assert (site.place, site.country, site.area) == ("Leeds", "GB", "Leeds, Alabama")
    assert site.options == (("fresh", "yes"),)
    assert site_from(site.name) == site


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("matirx:https://a.org", "did you mean matrix"),
        ("zzz:https://a.org", "there are matrix, podcasts"),
        ("", r"platform \(none\)"),
        ("https://a.org", "A site is written platform:address"),
        ("matrix:", "base_url: is missing"),
        ("matrix:matrix.org", "is not an http or https address"),
        ("matrix:ftp://a.org", "is not an http or https address"),
        ("matrix:https://u:p@a.org", "carries a user name"),
        ("matrix:https://a.org:99999", "is not an address"),
        ("matrix:https://a.org?servr=b", "servr: is unknown to matrix; it has base_url, server, page_size"),
        ("matrix:https://a.org?page_size=many", "page_size: 'many' is not a whole number"),
        ("podcasts:https://a.org", "no address to choose"),
        ("podcasts:?fresh=perhaps", "fresh: 'perhaps' is not true or false"),
        ("podcasts:?share=x", "is not a number"),
        ("podcasts:?country=England", "'England' is no two-letter country code"),
    ],
)
def test_each_mistake_is_named(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        site_from(text)


def test_unknown_settings_of_a_stored_site_are_refused_by_name() -> None:
    site = Site(name="mine", platform="matrix", options=(("base_url", "https://a.org"), ("colour", "red")))
    with pytest.raises(SettingsError, match="colour") as caught:
        build(site)
    assert caught.value.path == "mine colour"
