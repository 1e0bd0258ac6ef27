"""Which sites are asked: the package's, the user's own, and those that are asked for the area of a question."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.registry import site_from
from crawlers.testing import Loopback, Reply
from venues import app as app_module
from venues.app import App
from venues.errors import QueryError, SettingsError, UnknownPlace, Unreachable
from venues.model import CrawlRun, Site, SiteState
from venues.settings import Settings
from venues.sites import address_in, permission_of, read_saved, standing_of, with_common

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from venues.gazetteer import Gazetteer

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
ROOMS = json.dumps({"chunk": [{"room_id": "!a:x", "name": "Leeds Cyclists", "num_joined_members": 3}]}).encode()


@pytest.fixture
def app(gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    sites = (site_from("matrix:https://whole.example"), site_from("matrix:https://asked.example"))
    monkeypatch.setattr(app_module, "packaged_sites", lambda: sites)
    monkeypatch.setattr("crawlers.registry.is_by_area", lambda site: "asked" in site.name)
    with App(Settings(db=":memory:"), clock=lambda: NOW) as made:
        made.__dict__["gazetteer"] = gazetteer
        yield made


def rooms(path: str) -> Reply:
    return Reply(b"", 404) if "robots" in path or "nodeinfo" in path else Reply(ROOMS)


def names(states: list[SiteState]) -> list[str]:
    return [state.site.name for state in states]


def test_the_packages_sites_are_known_but_not_those_that_want_an_area(app: App) -> None:
    assert names(app.sites()) == ["matrix:https://whole.example"]


def test_each_area_makes_sites_of_its_own(app: App, gazetteer: Gazetteer) -> None:
    brighton = app.query("people in Brighton").area
    assert brighton is not None
    (site,) = app._sites_for(brighton)
    assert site.area == brighton.label
    assert app._area_of(site) == brighton


def test_a_source_that_needs_a_key_is_asked_only_with_one(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "packaged_sites", lambda: (site_from("reddit:"), site_from("itunes:")))
    monkeypatch.setattr("crawlers.registry.is_by_area", lambda _: True)
    area = app.query("people in Leeds").area
    assert area is not None
    assert [site.platform for site in app._sites_for(area)] == ["itunes"]
    app.settings = replace(app.settings, reddit_id="i", reddit_secret="s")
    assert [site.platform for site in app._sites_for(area)] == ["reddit", "itunes"]


def test_a_search_of_ones_own_is_told_whom_the_question_wants(app: App) -> None:
    app.settings = replace(app.settings, searxng="http://127.0.0.1:8888")
    area = app.query("people in Leeds").area
    assert area is not None
    asked, search = app._sites_for(area, "young mums")
    assert search.options == (("base_url", "http://127.0.0.1:8888"), ("words", "young mums"))
    assert search.area == area.label
    assert asked.options == (("base_url", "https://asked.example"),)
    assert not dict(app._sites_for(area, "people")[1].options).get("words")


def test_an_area_whose_name_means_another_is_kept_by_its_id(app: App) -> None:
    boston = app.query("people in Boston, Massachusetts").area
    assert boston is not None
    (site,) = app._sites_for(boston)
    assert app._area_of(site) == boston


def test_a_site_is_added_by_asking_at_its_address_and_may_say_where_it_is(app: App) -> None:
    with Loopback(rooms) as server:
        site, probed = app.add_site(f"{server.url}/_matrix/client/v3/publicRooms?limit=1", place="Leeds", country="GB")
    assert site.name == f"matrix:{server.url}?country=GB&place=Leeds"
    assert probed is not None
    assert [listing.title for listing in probed.trial.listings] == ["Leeds Cyclists"]
    assert site in [state.site for state in app.sites()]


def test_a_site_whose_platform_is_named_is_added_without_asking(app: App) -> None:
    site, probed = app.add_site("matrix:https://nobody.example")
    assert (site.name, probed) == ("matrix:https://nobody.example", None)


def test_a_site_in_a_place_that_is_unknown_is_refused(app: App) -> None:
    with pytest.raises(UnknownPlace):
        app.add_site("matrix:https://nobody.example", place="Xyzzyville")


def test_a_site_switched_off_is_not_crawled_until_it_is_added_again(app: App) -> None:
    app.switch_off("matrix:https://whole.example")
    assert [standing_of(state, NOW) for state in app.sites()] == ["off"]
    app.add_site("matrix:https://whole.example")
    assert [standing_of(state, NOW) for state in app.sites()] == ["due"]


def test_switching_off_what_is_not_there_is_a_mistake(app: App) -> None:
    with pytest.raises(SettingsError, match="venues sites"):
        app.switch_off("matrix:https://other.example")


def state(last: str | None = None, **fields: Any) -> SiteState:
    run = CrawlRun(site="s", started_at=NOW, finished_at=NOW, state=last, complete=True) if last else None
    site = Site(name="s", platform="matrix", options=(("base_url", "https://a.example"),))
    return SiteState(**{"site": site, "due_at": NOW + timedelta(days=1), "last": run} | fields)


def test_a_site_stands_as_its_claim_and_its_time_say() -> None:
    assert standing_of(state(), NOW) == "waiting"
    assert standing_of(state(due_at=NOW), NOW) == "due"
    assert standing_of(state(due_at=NOW, leased_until=NOW + timedelta(hours=1)), NOW) == "at work"
    assert standing_of(state(due_at=NOW, leased_until=NOW), NOW) == "due"


@pytest.mark.parametrize(
    ("last", "said"),
    [(None, "not asked"), ("read", "permitted"), ("not permitted", "refused"), ("failed", "unknown")],
)
def test_permission_is_what_the_latest_run_found(last: str | None, said: str) -> None:
    assert permission_of(state(last)) == said


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.example/x", "https://a.example/x"),
        (" HTTP://a.example ", "HTTP://a.example"),
        ("a.example/forum", "https://a.example/forum"),
        ("a.example:8080/forum", "https://a.example:8080/forum"),
        ("matrix:https://a.example", None),
        ("matrix:", None),
    ],
)
def test_an_address_is_told_from_a_site(text: str, address: str | None) -> None:
    assert address_in(text) == address


def test_what_is_said_of_a_site_is_part_of_its_name() -> None:
    site = with_common(site_from("matrix:https://a.example?server=b"), place="Leeds", country=None)
    assert site == site_from("matrix:https://a.example?server=b&place=Leeds")
    assert with_common(site, place=None) is site


def test_a_saved_page_is_read_as_a_crawl_would_keep_it(tmp_path: Path) -> None:
    file = tmp_path / "rooms.json"
    file.write_text(json.dumps({"chunk": [{"room_id": "!a:x", "name": "Leeds", "topic": "ask @bob:x.example"}]}))
    (listing,) = read_saved(file, "https://m.example/_matrix/client/v3/publicRooms").listings
    assert (listing.title, listing.description, listing.source) == ("Leeds", "ask …", "matrix:https://m.example")


@pytest.mark.parametrize(
    ("name", "url"), [("missing", "https://a.example"), ("x", "a.example"), (".", "https://a.example")]
)
def test_a_file_or_an_address_that_cannot_be_used_is_a_bad_request(name: str, url: str, tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(QueryError):
        read_saved(tmp_path / name, url)


def test_two_servers_are_asked_for_their_own_areas(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(Loopback(rooms)) for _ in range(2)]
        sites = [
            site_from(f"matrix:{server.url}?area={area}")
            for server, area in zip(servers, ("Leeds", "York"), strict=True)
        ]
        runs = app.crawl(sites)
    assert [run.state for run in runs] == ["read", "read"]
    assert [run.area for run in runs] == [area.id for area in map(app._area_of, sites) if area]
    assert len({run.area for run in runs}) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ftp://x.example/", "not an http or https address"),
        ("https://ann:secret@x.example/", "carries a user name"),
        ("https://www.facebook.com/groups/leedsdads", "never fetched.*`venues add`"),
    ],
)
def test_an_address_that_may_not_be_asked_is_a_bad_request(app: App, text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        app.add_site(text)


def test_a_site_that_does_not_answer_is_a_fault_with_what_to_do(app: App) -> None:
    with pytest.raises(Unreachable, match=r"check the address.*PLATFORM:ADDRESS"):
        app.add_site("http://127.0.0.1:9/")


def test_a_site_without_its_address_is_told_how_to_write_it() -> None:
    with pytest.raises(SettingsError, match=r"is missing; write lemmy:https://"):
        site_from("lemmy:")
