"""Lemmy, PieFed, Mbin, Mastodon and Bluesky: versions, paging, limits; and the replies of real Mastodon servers."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.contract import NoList, Pace, Request
from crawlers.registry import build, site_from
from crawlers.running import run
from crawlers.testing import MOMENT, Recorded, Reply, page_of
from venues.errors import PageChanged
from venues.model import Area, Listing

if TYPE_CHECKING:
    from crawlers.running import CrawlOutcome

HERE = Path(__file__).parent
PLATFORMS = ("lemmy", "piefed", "mbin", "mastodon", "bluesky")
REAL = Path(os.environ.get("VENUES_TEST_SHARED") or HERE.parents[2] / "shared") / "payloads" / "mastodon"
LEEDS = Area(id="geonames:2644688", name="Leeds", kind="city", country="GB", lat=53.8, lon=-1.55, radius_km=12)


def recorded(name: str) -> bytes:
    return (HERE / name).read_bytes()


def read(site: str, url: str, body: bytes | str, note: str = "", status: int = 200) -> list[Any]:
    page = page_of(Request(url=url, note=note), Reply(body if isinstance(body, bytes) else body.encode(), status))
    return list(build(site_from(site)).read(page))


def requests(found: list[Any]) -> list[str]:
    return [each.url for each in found if isinstance(each, Request)]


def listings(found: list[Any]) -> list[Listing]:
    return [each for each in found if isinstance(each, Listing)]


def crawl(text: str, pages: dict[str, Any], area: Area | None = None) -> tuple[CrawlOutcome, Recorded]:
    site = site_from(text)
    gate = Recorded(pages)
    return asyncio.run(run(site, build(site), gate, now=lambda: MOMENT, area=area)), gate


def test_a_lemmy_that_knows_no_v4_is_read_by_v3_at_the_pace_it_states() -> None:
    base = "https://feddit.test"
    first = f"{base}/api/v3/community/list?type_=Local&sort=Old&limit=8&page=1"
    outcome, gate = crawl(
        f"lemmy:{base}?page_size=8",
        {
            f"{base}/api/v4/site": Reply(status=404),
            f"{base}/api/v3/site": recorded("lemmy/v3_site.json"),
            first: recorded("lemmy/v3_communities.json"),
            first.replace("page=1", "page=2"): recorded("lemmy/v3_last_page.json"),
        },
    )
    assert (outcome.state, outcome.complete, outcome.requests) == ("read", True, 4)
    assert [each.kind for each in outcome.listings] == ["instance", *["community"] * 5]
    assert gate.manners is not None
    assert gate.manners.pace == 10.0


def test_a_lemmy_of_v4_is_never_asked_by_v3() -> None:
    base = "https://lemmy.test"
    first = f"{base}/api/v4/community/list?type_=local&sort=old&limit=50"
    outcome, gate = crawl(
        f"lemmy:{base}",
        {
            f"{base}/api/v4/site": recorded("lemmy/v4_site.json"),
            first: recorded("lemmy/v4_communities.json"),
            f"{first}&page_cursor=P2f": json.dumps({"items": []}),
        },
    )
    assert (outcome.complete, len(outcome.listings)) == (True, 4)
    assert not [each for each in gate.asked if "/v3/" in each.url]


def test_a_front_page_where_v4_would_be_means_v3() -> None:
    found = read("lemmy:https://a.test", "https://a.test/api/v4/site", "<!doctype html><title>A</title>", "index")
    assert requests(found) == ["https://a.test/api/v3/site"]


def test_a_private_lemmy_is_a_venue_and_its_communities_are_not_asked_for() -> None:
    reply = json.loads(recorded("lemmy/v3_site.json"))
    reply["site_view"]["local_site"] |= {"private_instance": True, "registration_mode": "Closed"}
    found = read("lemmy:https://a.test", "https://a.test/api/v3/site", json.dumps(reply), "index")
    assert [each.access for each in listings(found)] == ["closed"]
    assert requests(found) == []


@pytest.mark.parametrize(
    ("limits", "pace"),
    [
        ({"message": 60, "message_per_second": 120, "search": 10, "search_per_second": 600}, 60.0),
        ({"message_max_requests": 1, "message_interval_seconds": 3}, 3.0),
        ({"message": 0, "message_per_second": 60}, None),
        ({"message": "many", "search": None}, None),
        ("none", None),
    ],
)
def test_the_slower_of_the_limits_that_a_lemmy_states_is_its_pace(limits: Any, pace: float | None) -> None:
    reply = {"site_view": {"site": {"name": "A"}, "local_site_rate_limit": limits}}
    found = read("lemmy:https://a.test", "https://a.test/api/v4/site", json.dumps(reply), "index")
    assert [each.seconds for each in found if isinstance(each, Pace)] == ([pace] if pace else [])


def test_a_saved_list_of_posts_is_no_list_of_communities() -> None:
    with pytest.raises(NoList, match="is a list of posts"):
        read("lemmy:https://a.test", "https://a.test/api/v3/post/list", '{"posts": [{"post": {}}]}')


@pytest.mark.parametrize(
    ("site", "url", "reply"),
    [
        ("lemmy:https://a.test", "https://a.test/l?page_cursor=P2", {"items": [], "next_page": "P2"}),
        ("piefed:https://a.test", "https://a.test/l?page=2", {"communities": [], "next_page": "2"}),
        ("piefed:https://a.test", "https://a.test/l?page=3", {"communities": [], "next_page": "2"}),
        ("mbin:https://a.test", "https://a.test/l?p=2", {"items": [], "pagination": {"currentPage": 1, "maxPage": 9}}),
        ("bluesky:", "https://a.test/l?q=x&cursor=7", {"feeds": [], "cursor": "7"}),
    ],
)
def test_a_page_that_names_itself_as_the_next_has_changed(site: str, url: str, reply: dict[str, Any]) -> None:
    with pytest.raises(PageChanged):
        read(site, url, json.dumps(reply))


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("body", ["{}", "[1]", "null", "<html>", '{"error": "not found"}'])
def test_a_reply_of_something_else_has_changed_or_lists_nothing(platform: str, body: str) -> None:
    try:
        found = read(f"{platform}:https://a.test", "https://a.test/x", body)
    except PageChanged:
        return
    assert (platform, body, found) == ("mastodon", "[1]", [])  # a list of no tags


def test_a_mastodon_older_than_4_is_read_by_its_first_version() -> None:
    base = "https://old.test"
    outcome, gate = crawl(
        f"mastodon:{base}",
        {
            f"{base}/api/v2/instance": Reply(status=404),
            f"{base}/api/v1/instance": recorded("mastodon/instance_v1.json"),
            f"{base}/api/v1/instance/activity": Reply(status=404),
            f"{base}/nodeinfo/2.0": Reply(status=403),
            f"{base}/api/v1/trends/tags?limit=20&offset=0": Reply(status=401),
        },
    )
    assert [(each.title, each.members, each.access) for each in outcome.listings] == [("old.test", 204, "invited")]
    assert (outcome.complete, len(gate.asked)) == (True, 5)


def test_all_that_a_mastodon_says_of_itself_is_one_venue() -> None:
    base = "https://toot.test"
    outcome, _ = crawl(
        f"mastodon:{base}",
        {
            f"{base}/api/v2/instance": recorded("mastodon/instance.json"),
            f"{base}/api/v1/instance/activity": recorded("mastodon/activity.json"),
            f"{base}/nodeinfo/2.0": recorded("mastodon/nodeinfo.json"),
            f"{base}/api/v1/trends/tags?limit=20&offset=0": recorded("mastodon/tags.json"),
        },
    )
    server, *tags = outcome.listings
    assert (server.title, server.members, server.active_members) == ("Toot Test", 9120, 1804)
    assert (server.posts_per_week, len(server.rules)) == (9004.0, 2)
    assert [each.title for each in tags] == ["#Eisteddfod", "#CymruAmByth"]


def test_trends_are_paged_until_a_page_is_not_full() -> None:
    tag = {"name": "x", "history": [{"day": "1795305600", "uses": "4"}]}
    url = "https://a.test/api/v1/trends/tags?limit=20&offset=20"
    full = read("mastodon:https://a.test", url, json.dumps([tag | {"name": f"x{number}"} for number in range(20)]))
    assert requests(full) == ["https://a.test/api/v1/trends/tags?limit=20&offset=40"]
    assert requests(read("mastodon:https://a.test", url, json.dumps([tag] * 19))) == []


def test_bluesky_is_asked_for_an_area_and_for_nothing_without_one() -> None:
    crawler = build(site_from("bluesky:"))
    assert list(crawler.plan(None)) == []
    assert [each.url.rpartition("/")[2] for each in crawler.plan(LEEDS)] == [
        "app.bsky.graph.searchStarterPacks?q=Leeds&limit=100",
        "app.bsky.unspecced.getPopularFeedGenerators?query=Leeds&limit=100",
    ]


def test_a_bluesky_search_ends_at_the_first_page_that_does_not_name_the_place() -> None:
    base = "https://public.api.bsky.app/xrpc/app.bsky.graph.searchStarterPacks?q=Leeds&limit=100"
    feeds = "https://public.api.bsky.app/xrpc/app.bsky.unspecced.getPopularFeedGenerators?query=Leeds&limit=100"
    outcome, gate = crawl(
        "bluesky:",
        {
            base: recorded("bluesky/packs.json"),
            f"{base}&cursor=100": recorded("bluesky/no_hits.json"),
            feeds: recorded("bluesky/feeds.json"),
        },
        LEEDS,
    )
    assert (outcome.complete, len(gate.asked), len(outcome.listings)) == (True, 3, 4)


def test_the_identity_of_a_bluesky_venue_leads_to_no_account() -> None:
    found = listings(read("bluesky:", "https://a.test/x", recorded("bluesky/packs.json")))
    assert found
    for each in found:
        record = each.to_record()
        assert "did:plc:" in record.pop("url")
        assert "did:" not in json.dumps(record)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_person_in_the_recorded_pages_is_in_no_listing(platform: str) -> None:
    pages = "".join(file.read_text() for file in (HERE / platform).glob("*.json") if ".expected." not in file.name)
    expected = "".join(file.read_text() for file in (HERE / platform).glob("*.expected.json"))
    assert "ferndale" in pages
    assert "ferndale" not in expected.lower()
    assert "fern dale" not in expected.lower()


def real(name: str) -> tuple[str, bytes]:
    file = REAL / f"{name}.json"
    if not file.exists():
        pytest.skip(f"no captured replies beside this checkout: {file} is missing")
    return json.loads((REAL / f"{name}.json.meta.json").read_text())["request_url"], file.read_bytes()


@pytest.mark.parametrize("name", ["test_entity_instancev2.0", "test_entity_instance.0", "test_instance.0"])
def test_a_real_mastodon_is_one_venue_with_its_rules_and_without_its_contact(name: str) -> None:
    url, body = real(name)
    reply = json.loads(body)
    (server,) = listings(read(f"mastodon:{url.partition('/api')[0]}", url, body))
    assert len(server.rules) == len(reply["rules"])
    assert (server.language, server.access) == ("en", "open")
    assert server.active_members == reply.get("usage", {}).get("users", {}).get("active_month")
    assert server.members == reply.get("stats", {}).get("user_count")
    account = reply.get("contact_account") or reply["contact"].get("account") or {}
    assert not account or account["url"] not in json.dumps(server.to_record())


def test_the_weeks_of_a_real_mastodon_are_averaged_without_the_one_under_way() -> None:
    url, body = real("test_entity_activity.0")
    (server,) = listings(read("mastodon:https://mastodon.social", url, body))
    assert server.posts_per_week == (899843 + 919759 + 936765 + 916169) / 4


@pytest.mark.parametrize("name", ["test_trending_tags.0", "test_trending_tags.1"])
def test_a_real_mastodon_without_trends_lists_none(name: str) -> None:
    url, body = real(name)
    assert read("mastodon:http://localhost:3000", url, body) == []


@pytest.mark.parametrize("name", ["test_directory.0", "test_search.0", "test_hashtag_tl.0", "test_instance_peers.0"])
def test_real_replies_about_accounts_and_posts_list_nothing(name: str) -> None:
    url, body = real(name)
    try:
        found = read("mastodon:http://localhost:3000", url, body)
    except PageChanged:
        return
    assert listings(found) == []


def test_the_node_info_of_other_software_is_none_of_mastodon() -> None:
    reply = {"version": "2.0", "software": {"name": "nodebb"}, "usage": {"users": {"total": 4}}}
    with pytest.raises(PageChanged):
        read("mastodon:https://a.test", "https://a.test/nodeinfo/2.0", json.dumps(reply))
