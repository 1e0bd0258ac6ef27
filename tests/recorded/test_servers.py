"""Pages of servers that install from package indexes: real replies of others', and what none of our own pages shows."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.contract import NoList, Request
from crawlers.fetching import Fetcher
from crawlers.registry import build, platforms, site_from
from crawlers.running import CrawlOutcome, run
from crawlers.testing import Loopback, Recorded, Reply, page_of
from venues.errors import PageChanged
from venues.model import Listing

HERE = Path(__file__).parent
REAL_PAYLOADS = Path(os.environ.get("VENUES_TEST_SHARED") or HERE.parents[2] / "shared") / "payloads"
ADDRESSES = {
    "misago": "http://127.0.0.1:18100",
    "machina": "http://127.0.0.1:18107/forum",
    "spirit": "http://127.0.0.1:18106",
    "prosody": "http://rooms.test:15280/muc_log",
    "public_inbox": "http://127.0.0.1:18112",
    "hyperkitty": "http://127.0.0.1:18102/archives",
}
LISTS = ["Leeds-parents", "York-runners", "Sheffield-climbers"]
MANAGED = ["Leeds-parents", "Sheffield-climbers", "York-runners"]
MISAGO = [
    *("First category", "Leeds", "Parents of Leeds", "Leeds Cyclists", "Leeds Allotments & Growers"),
    *("York", "York Runners", "York Board Gamers", "Sheffield", "Sheffield Climbers", "Peak District Walkers"),
]
MACHINA = ["Parents of Leeds", "Leeds Cyclists", "York Runners", "York Board Gamers"]
SPIRIT = ["Leeds Parents", "Sheffield Climbers", "Uncategorized", "York Runners"]
# Each real page with what it lists; "" where it says nothing of venues.
REAL = [
    ("misago", "misago/categories.html", "/categories/", MISAGO),
    ("machina", "machina/index.html", "/", MACHINA),
    ("machina", "machina/forum.html", "/forum/leeds-1/", ["Parents of Leeds", "Leeds Cyclists"]),
    ("spirit", "spirit/index.html", "/", SPIRIT),
    ("prosody", "prosody/muc_log.html", "/", ["Leeds Cyclists", "York Runners"]),
    ("public_inbox", "public-inbox/root.html", "/", ["leeds-list", "york-list"]),
    ("public_inbox", "public-inbox/manifest.js.gz", "/manifest.js.gz", ["york-list", "leeds-list"]),
    ("public_inbox", "public-inbox/list.html", "/leeds-list/", ["leeds-list"]),
    ("hyperkitty", "hyperkitty/api_lists.json", "/api/lists/", LISTS),
    ("hyperkitty", "hyperkitty/archives.html", "/", LISTS),
    ("hyperkitty", "hyperkitty/archives_popular.html", "/?sort=popular", LISTS),
    ("hyperkitty", "hyperkitty/list.html", "/list/leeds-parents@lists.example.test/", LISTS[:1]),
    ("hyperkitty", "hyperkitty/postorius_lists.html", "/lists/", MANAGED),
]
LISTLESS = [
    ("misago", "misago/index.html", "/", "newest threads"),
    ("misago", "misago/threads.html", "/threads/", "error page"),
    ("spirit", "spirit/categories.html", "/category/", "empty shell"),
    ("spirit", "spirit/cat1.html", "/category/1/", "error page"),
    ("machina", "machina/feed.xml", "/feeds/topics/", "no list"),
    ("public_inbox", "public-inbox/new.atom", "/leeds-list/new.atom", "no list"),
    ("hyperkitty", "hyperkitty/api_threads.json", "/api/list/x@y.example/threads/", "no mailing lists"),
    ("prosody", "misago/index.html", "/", "no list"),
]
PEOPLE = ["troy", "robert", "cassandra", "andre70", "juliejohnson", "steven77", "admin", '"ann"', "ann@"]


def payload(name: str) -> bytes:
    file = REAL_PAYLOADS / name
    if not file.exists():
        pytest.skip(f"no captured replies beside this checkout: {file} is missing")
    return file.read_bytes()


def listed(platform: str, path: str, body: bytes) -> list[Listing]:
    address = ADDRESSES[platform]
    page = page_of(Request(url=address + path), Reply(body))
    return [each for each in build(site_from(f"{platform}:{address}")).read(page) if isinstance(each, Listing)]


@pytest.mark.parametrize(("platform", "name", "path", "titles"), REAL)
def test_a_real_page_lists_what_it_shows(platform: str, name: str, path: str, titles: list[str]) -> None:
    found = listed(platform, path, payload(name))
    assert titles == [each.title for each in found]
    assert len(found) == len({each.id for each in found})


@pytest.mark.parametrize(("platform", "name", "path", "titles"), REAL)
def test_a_real_page_gives_no_name_of_a_person(platform: str, name: str, path: str, titles: list[str]) -> None:
    told = json.dumps([each.to_record() for each in listed(platform, path, payload(name))]).lower()
    assert [] == [each for each in PEOPLE if each in told]


@pytest.mark.parametrize(("platform", "name", "path", "reason"), LISTLESS)
def test_a_real_page_without_venues_is_refused_with_what_it_is(
    platform: str, name: str, path: str, reason: str
) -> None:
    with pytest.raises(NoList, match=reason):
        listed(platform, path, payload(name))


@pytest.mark.parametrize("platform", ADDRESSES)
def test_a_wiki_is_no_list_of_venues_to_anyone(platform: str) -> None:
    with pytest.raises(PageChanged):
        listed(platform, "/index.php/Main_Page", payload("mediawiki/main.html"))


def test_the_real_facts_of_a_board_are_read() -> None:
    leeds = next(
        each
        for each in listed("misago", "/categories/", payload("misago/categories.html"))
        if each.title == "Parents of Leeds"
    )
    assert (leeds.parent, leeds.topics, leeds.posts) == ("Leeds", 1, 1)
    assert leeds.description == "Parents of Leeds — weekly meetups, questions and advice."
    assert leeds.last_post_at == datetime(2026, 11, 22, 22, 21, 33, 965216, tzinfo=UTC)
    runners = listed("machina", "/", payload("machina/index.html"))[2]
    assert (runners.parent, runners.topics, runners.posts) == ("York", 1, 1)
    assert runners.description == "York Runners: meetups and advice"
    assert runners.last_post_at == datetime(2026, 11, 22, 16, 37, tzinfo=UTC)


def test_the_list_is_the_same_venue_in_each_of_its_directories() -> None:
    pages = [("api_lists.json", "/api/lists/"), ("archives.html", "/"), ("postorius_lists.html", "/lists/")]
    found = [
        {each.native_id for each in listed("hyperkitty", path, payload(f"hyperkitty/{name}"))} for name, path in pages
    ]
    assert found[0] == found[1] == found[2]
    root, manifest = (
        {each.native_id for each in listed("public_inbox", f"/{name}", payload(f"public-inbox/{name}"))}
        for name in ("root.html", "manifest.js.gz")
    )
    assert root == manifest


# A page of each platform, by which it must be known, and none of which may pass for another platform's.
HOMES = {
    "misago": "misago/index.html",
    "machina": "machina/index.html",
    "spirit": "spirit/index.html",
    "prosody": "prosody/muc_log.html",
    "public_inbox": "public-inbox/root.html",
    "hyperkitty": "hyperkitty/archives.html",
    "": "mediawiki/main.html",
}


@pytest.mark.parametrize(("platform", "name"), HOMES.items())
def test_the_marks_know_their_own_pages_and_no_others(platform: str, name: str) -> None:
    source = payload(name).decode()
    known = [
        other
        for other in ADDRESSES
        if any(mark.where == "markup" and re.search(mark.pattern, source, re.IGNORECASE) for mark in marks_of(other))
    ]
    assert known == ([platform] if platform else [])


def marks_of(platform: str) -> Any:
    return platforms()[platform].about.marks


def crawl(site: str, pages: dict[str, Reply]) -> CrawlOutcome:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    crawler = build(site_from(site))
    return asyncio.run(run(site_from(site), crawler, Recorded(pages), now=lambda: now))


def test_where_the_api_is_closed_the_html_has_the_lists() -> None:
    base = "https://lists.dale.example/archives"
    html = (HERE / "hyperkitty" / "archives.html").read_bytes().replace(b"page=2", b"page=1")
    api, first = f"{base}/api/lists/?limit=100&offset=0", f"{base}/?sort=name&count=100&page=1"
    for closed in (Reply(status=403), Reply(status=404, body=b"<h1>Not Found</h1>"), Reply(body=b"<h1>Log in</h1>")):
        outcome = crawl("hyperkitty:https://lists.dale.example", {api: closed, first: Reply(html)})
        assert ("read", True) == (outcome.state, outcome.complete)
        assert {each.native_id for each in outcome.listings} == {
            "parents@lists.dale.example",
            "walkers@lists.dale.example",
        }


def test_where_there_is_no_manifest_the_root_has_the_lists() -> None:
    pages = {
        "https://lists.dale.example/manifest.js.gz": Reply(status=404),
        "https://lists.dale.example/": Reply((HERE / "public_inbox" / "root.html").read_bytes()),
    }
    outcome = crawl("public_inbox:https://lists.dale.example", pages)
    assert ("read", True, 2) == (outcome.state, outcome.complete, len(outcome.listings))


def test_a_manifest_is_unpacked_and_one_that_swells_is_refused() -> None:
    plain = (HERE / "public_inbox" / "manifest.json").read_bytes()
    packed = listed("public_inbox", "/manifest.js.gz", gzip.compress(plain))
    assert [each.title for each in packed] == ["dale-list", "old-list", "walkers"]
    bomb = gzip.compress(b'{"/a": "' + bytes(64 * 1024 * 1024) + b'"}')
    with pytest.raises(PageChanged, match="unpacks to more"):
        listed("public_inbox", "/manifest.js.gz", bomb)
    with pytest.raises(PageChanged, match="no manifest"):
        listed("public_inbox", "/manifest.js.gz", gzip.compress(plain)[:-40])


@pytest.mark.parametrize(
    "reply",
    [
        {"groups": [], "pagination": {"pages": []}},
        {"modified": {"modified": 1}},
        {"/a": {"owner": None}},
        {"/a": 1},
    ],
)
def test_other_replies_in_json_are_no_manifest(reply: Any) -> None:
    with pytest.raises(PageChanged, match="no manifest"):
        listed("public_inbox", "/api/groups", json.dumps(reply).encode())


def test_a_packed_manifest_passes_the_gate_as_it_is() -> None:
    packed = gzip.compress((HERE / "public_inbox" / "manifest.json").read_bytes())

    def answer(path: str) -> Reply:
        return Reply(packed, headers={"Content-Type": "application/gzip"}) if "manifest" in path else Reply(status=404)

    async def crawl_it(server: Loopback) -> CrawlOutcome:
        site = site_from(f"public_inbox:{server.url}")
        async with Fetcher() as fetcher:
            return await run(site, build(site), fetcher, now=lambda: datetime.now(UTC))

    with Loopback(answer) as server:
        outcome = asyncio.run(crawl_it(server))
        assert server.paths == ["/robots.txt", "/manifest.js.gz"]
    assert ["dale-list", "old-list", "walkers"] == [each.title for each in outcome.listings]


def test_the_page_of_a_message_is_not_taken_for_its_list() -> None:
    body = b'<title>Saturday</title><form action="../"><a id=mirror href="../_/text/mirror/">mirror</a></form>'
    with pytest.raises(NoList, match="message"):
        listed("public_inbox", "/leeds-list/leeds2@example.test/T/", body)


def test_a_forum_that_shows_guests_nothing_is_not_complete() -> None:
    hidden = b'<meta property="og:site_name" content="Dale Talk"><div class="page page-categories"><p>None</p></div>'
    outcome = crawl("misago:https://x.example", {"https://x.example/categories/": Reply(hidden)})
    # What is complete may mark venues as gone.
    assert (outcome.complete, [each.title for each in outcome.listings]) == (False, ["Dale Talk"])
    assert isinstance(outcome.error, NoList)


def test_a_board_for_members_costs_only_itself() -> None:
    pages = {
        "https://forum.dale.example/talk/": Reply((HERE / "machina" / "index.html").read_bytes()),
        "https://forum.dale.example/talk/forum/skipton-parents-2/": Reply(status=403),
    }
    outcome = crawl("machina:https://forum.dale.example/talk", pages)
    assert ("read", True, None) == (outcome.state, outcome.complete, outcome.error)
    assert "Toddlers" in {each.title for each in outcome.listings}


# Elements in one another by the thousand: each would hold the text of all the others.
NESTED = {
    "misago": b'<div class="page-categories">' + b'<ul class="list-group-category"><li class="list-group-item">' * 5000,
    "machina": b'<div class="forum-name"><div class="forumlist"><a class="forum-name-link" href="/x/">x' * 5000,
    "spirit": b'<div class="layout__menu"><a class="menu_list__link" href="/category/1/">' * 5000,
    "prosody": b'<h1 title="xmpp:a">a</h1><dl class="room-list">' + b'<dt class="name"><a href="x/">' * 5000,
    "public_inbox": b"<title>public-inbox</title>" + b'<pre>* 2026-11-22 10:00 - <a href="x">' * 5000,
    "hyperkitty": b'<table><tr class="list" data-list-name="a@b.c"><td><a href="/lists/a.b/">' * 5000,
}


@pytest.mark.parametrize("platform", ADDRESSES)
def test_a_page_that_nests_without_end_is_read_in_seconds(platform: str) -> None:
    start = time.process_time()
    with contextlib.suppress(PageChanged):
        listed(platform, "/", NESTED[platform])
    assert time.process_time() - start < 5
