"""The open directories: what they are asked, how they are followed page by page, and replies of the real iTunes."""

from __future__ import annotations

import asyncio
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.contract import Crawler, NoList, Pace, Page, Request
from crawlers.registry import build, platforms, site_from
from crawlers.running import CrawlOutcome, run
from crawlers.testing import Recorded, Reply, page_of
from venues.errors import PageChanged
from venues.model import Area, Listing

HERE = Path(__file__).parent
REAL = Path(os.environ.get("VENUES_TEST_SHARED") or HERE.parents[2] / "shared") / "payloads" / "itunes"
NAMES = ("mobilizon", "buddypress", "itunes", "podcastindex", "stackexchange", "osm", "transition", "placecal",
         "openreferral", "wikidata")  # fmt: skip
BASES = {"mobilizon": "https://events.example.org", "buddypress": "https://commons.example.org",
         "openreferral": "https://directory.example.org/o/v3"}  # fmt: skip
BORCHESTER = Area(id="test:1", name="Borchester", kind="town", country="GB", lat=52.2053, lon=-2.1083, radius_km=8.0,
                  part_of=("Borsetshire", "England"))  # fmt: skip
NOT_FILLED_IN = r"PREFIX|SELECT|WHERE|SERVICE|VALUES|OPTIONAL|FILTER|EXISTS|LANG|LIMIT"
COUNTRY = Area(
    id="country:GB", name="United Kingdom", kind="country", country="GB", lat=54.0, lon=-2.0, radius_km=600.0
)


def crawler(name: str, options: str = "") -> Crawler:
    return build(site_from(f"{name}:{BASES.get(name, '')}{options}"))


def plan(name: str, area: Area | None, options: str = "") -> list[Request]:
    return list(crawler(name, options).plan(area))


def query(request: Request) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url).query, keep_blank_values=True)


def sent(request: Request) -> dict[str, Any]:
    assert request.method == "POST"
    assert request.body is not None
    return json.loads(request.body)["variables"]


def recorded(name: str, case: str) -> bytes:
    return (HERE / name / f"{case}.json").read_bytes()


def crawl(name: str, pages: dict[str, Any]) -> tuple[CrawlOutcome, Recorded]:
    gate = Recorded(pages)
    site = site_from(f"{name}:{BASES.get(name, '')}")
    outcome = asyncio.run(run(site, build(site), gate, now=lambda: datetime(2026, 11, 22, tzinfo=UTC)))
    return outcome, gate


@pytest.mark.parametrize("name", NAMES)
def test_those_asked_by_area_ask_nothing_without_one_and_the_others_something(name: str) -> None:
    assert platforms()[name].about.by_area is not bool(plan(name, None))
    assert plan(name, BORCHESTER)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body", [b"{}", b"[1]", b"null", b'"x"', b"<html>Sign in</html>", b'{"errors": [{"message": "no"}]}']
)
def test_a_reply_that_is_no_list_is_refused(name: str, body: bytes) -> None:
    if name == "buddypress" and body == b"[1]":
        body = b"7"
    with pytest.raises(PageChanged):
        list(crawler(name).read(page_of(Request(url="https://example.org/api"), Reply(body))))


@pytest.mark.parametrize("name", NAMES)
def test_no_person_is_kept(name: str) -> None:
    for case in sorted((HERE / name).glob("*.expected.json")):
        assert "somebody" not in case.read_text().lower()


def test_podcasts_are_searched_by_the_area_and_by_the_area_with_its_county() -> None:
    for name, key in (("itunes", "term"), ("podcastindex", "q")):
        assert ["Borchester", "Borchester Borsetshire"] == [query(each)[key][0] for each in plan(name, BORCHESTER)]
        assert ["United Kingdom"] == [query(each)[key][0] for each in plan(name, COUNTRY)]
        assert {each.note for each in plan(name, BORCHESTER)} == {"Borchester"}


def test_the_store_is_that_of_the_area_unless_one_is_set() -> None:
    abroad = Area(id="test:2", name="Lille", kind="city", country="FR", lat=50.6, lon=3.06, radius_km=9.0)
    stores = [query(plan("itunes", area, options)[0])["country"]
              for area, options in ((abroad, ""), (abroad, "?store=BE"), (BORCHESTER, ""))]  # fmt: skip
    assert [["FR"], ["BE"], ["GB"]] == stores


def test_itunes_is_asked_no_more_than_twenty_times_a_minute() -> None:
    assert platforms()["itunes"].about.pace >= 60 / 20


def test_mobilizon_is_asked_about_an_area_by_geohash() -> None:
    (about,) = map(sent, plan("mobilizon", BORCHESTER))
    assert ("gcq8b", 8.0) == (about["location"][:5], about["radius"])
    (everything,) = map(sent, plan("mobilizon", None))
    assert {"term": "", "page": 1, "limit": 50} == everything


def test_mobilizon_is_followed_until_its_total_is_reached() -> None:
    first = plan("mobilizon", BORCHESTER, "?page_size=3")[0]
    page = page_of(first, Reply(recorded("mobilizon", "first_page")))
    (second,) = (each for each in crawler("mobilizon").read(page) if isinstance(each, Request))
    assert sent(first) | {"page": 2} == sent(second)
    assert second.url == first.url
    last = page_of(second, Reply(recorded("mobilizon", "first_page")))
    assert not [each for each in crawler("mobilizon").read(last) if isinstance(each, Request)]


def test_placecal_is_followed_by_cursor_and_never_in_a_circle() -> None:
    first = plan("placecal", None)[0]
    page = page_of(first, Reply(recorded("placecal", "first_page")))
    (second,) = (each for each in crawler("placecal").read(page) if isinstance(each, Request))
    assert (None, "Mg") == (sent(first)["after"], sent(second)["after"])
    with pytest.raises(PageChanged, match="names itself"):
        list(crawler("placecal").read(page_of(second, Reply(recorded("placecal", "first_page")))))


def test_buddypress_falls_back_to_its_first_version_and_follows_the_pages_that_the_header_counts() -> None:
    base = "https://commons.example.org/wp-json/buddypress"
    rest = "groups?per_page=100&page={}&type=alphabetical&populate_extras=true"
    outcome, gate = crawl("buddypress", {
        f"{base}/v2/{rest.format(1)}": Reply(b'{"code":"rest_no_route"}', status=404),
        f"{base}/v1/{rest.format(1)}": Reply(recorded("buddypress", "groups"), headers={"x-wp-totalpages": "2"}),
        f"{base}/v1/{rest.format(2)}": Reply(recorded("buddypress", "version_one"), headers={"x-wp-totalpages": "2"}),
    })  # fmt: skip
    assert (True, 4, 3) == (outcome.complete, len(outcome.listings), len(gate.asked))


def test_a_site_without_buddypress_is_a_fault_and_not_an_empty_list() -> None:
    base = "https://commons.example.org/wp-json/buddypress"
    rest = "groups?per_page=100&page=1&type=alphabetical&populate_extras=true"
    outcome, _ = crawl("buddypress", {f"{base}/{version}/{rest}": Reply(status=404) for version in ("v1", "v2")})
    assert ("failed", False) == (outcome.state, outcome.complete)


def test_a_site_that_shows_its_groups_to_members_alone_says_so() -> None:
    body = b'{"code": "bp_rest_authorization_required", "message": "Sorry", "data": {"status": 401}}'
    with pytest.raises(NoList, match="logged in"):
        list(crawler("buddypress").read(page_of(Request(url="https://commons.example.org"), Reply(body))))


def test_a_service_and_where_it_is_become_one_venue() -> None:
    base = "https://directory.example.org/o/v3"
    outcome, _ = crawl("openreferral", {
        f"{base}/service_at_locations?page=1&per_page=100": recorded("openreferral", "version_three_places"),
        f"{base}/services?page=1&per_page=100": recorded("openreferral", "version_three_services"),
        f"{base}/services?page=2&per_page=100": recorded("openreferral", "empty"),
    })  # fmt: skip
    (listing,) = outcome.listings
    assert outcome.complete
    assert (52.2053, "Ambridge, Borsetshire, BO1", "https://stephens.example.org/play") == (
        listing.lat,
        listing.place,
        listing.url,
    )


def test_a_feed_without_the_list_of_places_is_read_all_the_same() -> None:
    base = "https://directory.example.org/o/v3"
    outcome, _ = crawl("openreferral", {
        f"{base}/service_at_locations?page=1&per_page=100": Reply(b"not here", status=404),
        f"{base}/services?page=1&per_page=100": recorded("openreferral", "version_one"),
    })  # fmt: skip
    assert (True, 2) == (outcome.complete, len(outcome.listings))


def test_stack_exchange_is_heard_when_it_asks_for_patience() -> None:
    request = plan("stackexchange", None)[0]
    found = list(crawler("stackexchange").read(page_of(request, Reply(recorded("stackexchange", "first_page")))))
    assert [Pace(10.0)] == [each for each in found if isinstance(each, Pace)]


@pytest.mark.parametrize("backoff", ["soon", -1, 10**9, True, None])
def test_an_odd_backoff_is_no_pace(backoff: object) -> None:
    body = json.dumps({"items": [], "backoff": backoff, "has_more": False}).encode()
    found = crawler("stackexchange").read(page_of(Request(url="https://example.org"), Reply(body)))
    assert not [each for each in found if each != Pace(1.0)]


def test_transition_asks_for_one_nation_or_for_all() -> None:
    assert ["GB"] == query(plan("transition", None)[0])["country"]
    assert ["IE"] == query(plan("transition", None, "?nation=IE")[0])["country"]
    assert "country" not in query(plan("transition", None, "?nation=")[0])


def test_wikidata_is_asked_in_a_circle_for_anything_but_people() -> None:
    requests = plan("wikidata", BORCHESTER)
    assert ["here", "seated", "clubs"] == [each.note for each in requests]
    for request in requests:
        (text,) = query(request)["query"]
        assert 'wikibase:center "Point(-2.1083 52.2053)"^^geo:wktLiteral;\nwikibase:radius "8.0"' in text
        assert "FILTER NOT EXISTS { ?item wdt:P31 wd:Q5. }" in text
        assert text.count("{") == text.count("}")
        assert len(request.url) < 4000
        assert not re.findall(r"\b[A-Z]{4,}\b", re.sub(NOT_FILLED_IN, "", text)), "every word in capitals is filled in"
    assert not plan("wikidata", COUNTRY), "a nation is no circle to look in"


def test_another_service_than_wikidatas_own_is_asked_in_plain_geosparql() -> None:
    for request in plan("wikidata", BORCHESTER, "https://mirror.example.org/wikidata?around=no"):
        (text,) = query(request)["query"]
        assert request.url.startswith("https://mirror.example.org/wikidata?query=")
        assert 'FILTER(geof:distance(?at, "Point(-2.1083 52.2053)"^^geo:wktLiteral) <= 8.0)' in text
        assert "SERVICE" not in text


def test_wikidata_keeps_people_out_even_where_the_query_let_one_pass() -> None:
    rows = json.loads(recorded("wikidata", "items_of_an_area"))["results"]["bindings"]
    assert any(row.get("kind", {}).get("value", "").endswith("/Q5") for row in rows)
    page = page_of(Request(url="https://example.org"), Reply(recorded("wikidata", "items_of_an_area")))
    titles = [each.title for each in crawler("wikidata").read(page) if isinstance(each, Listing)]
    assert not [title for title in titles if title.startswith("Somebody")]


def test_a_saved_reply_is_known_by_the_mark_of_its_platform_and_by_no_other() -> None:
    silent = {"none", "empty_index", "nothing_found", "nothing_there"}  # a list of nothing bears no mark of its own
    for name in NAMES:
        for case in sorted((HERE / name).glob("*.json")):
            if ".expected" not in case.name and case.stem not in silent:
                assert [name] == [each for each in NAMES if marked(each, case.read_text())], case


def marked(name: str, text: str) -> bool:
    marks = platforms()[name].about.marks
    return any(mark.where == "markup" and re.search(mark.pattern, text, re.IGNORECASE) for mark in marks)


def real(name: str) -> Page:
    file = REAL / name
    if not file.exists():
        pytest.skip(f"no captured replies beside this checkout: {file} is missing")
    return page_of(Request(url="https://itunes.apple.com/search"), Reply(file.read_bytes()))


@pytest.mark.parametrize("name", ["fanboy.apple.json", "fanboy.gruber.json", "fanboy.537879700.json"])
def test_every_podcast_of_a_real_reply_is_read(name: str) -> None:
    page = real(name)
    results = json.loads(page.body)["results"]
    listings = [each for each in crawler("itunes").read(page) if isinstance(each, Listing)]
    assert [(str(each["collectionId"]), each["trackCount"]) for each in results] == [
        (each.native_id, each.posts) for each in listings
    ]
    assert [" ".join(each["collectionName"].split()) for each in results] == [each.title for each in listings]
    assert all(each.description and each.url and "?" not in each.url for each in listings)
    assert ["releaseDate" in each for each in results] == [bool(each.last_post_at) for each in listings]


def test_a_real_reply_without_results_lists_nothing() -> None:
    assert [] == list(crawler("itunes").read(real("fanboy.lie.json")))


def test_a_real_reply_of_another_kind_is_refused() -> None:
    with pytest.raises(PageChanged):
        list(crawler("itunes").read(real("fanboy.surprise.json")))
