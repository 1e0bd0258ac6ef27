"""Discourse, Flarum, NodeBB and Vanilla: whole crawls, paging, saved pages; and what real NodeBB and Vanilla sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.contract import NoList, Request
from crawlers.registry import build, site_from
from crawlers.running import run
from crawlers.testing import MOMENT, Recorded, Reply, page_of
from venues.errors import PageChanged
from venues.model import Listing

if TYPE_CHECKING:
    from crawlers.running import CrawlOutcome

HERE = Path(__file__).parent
PLATFORMS = ("discourse", "flarum", "nodebb", "vanilla")
REAL = Path(os.environ.get("VENUES_TEST_SHARED") or HERE.parents[2] / "shared") / "payloads"


def recorded(name: str) -> bytes:
    return (HERE / name).read_bytes()


def read(site: str, url: str, body: bytes | str, **reply: Any) -> list[Any]:
    note = reply.pop("note", "")
    page = page_of(Request(url=url, note=note), Reply(body if isinstance(body, bytes) else body.encode(), **reply))
    return list(build(site_from(site)).read(page))


def boards(found: list[Any]) -> list[tuple[str | None, str, int | None]]:
    return [(each.parent, each.title, each.topics) for each in found if isinstance(each, Listing)]


def crawl(text: str, pages: dict[str, Any]) -> tuple[CrawlOutcome, list[str]]:
    site = site_from(text)
    gate = Recorded({text.partition(":")[2].partition("?")[0] + path: reply for path, reply in pages.items()})
    outcome = asyncio.run(run(site, build(site), gate, now=lambda: MOMENT))
    return outcome, [each.url for each in gate.asked]


def test_a_discourse_is_read_with_all_its_subcategories_and_their_forum() -> None:
    outcome, _ = crawl(
        "discourse:https://forum.test",
        {
            "/about.json": recorded("discourse/about.json"),
            "/categories.json?include_subcategories=true": recorded("discourse/categories.json"),
            "/categories.json?parent_category_id=9&include_subcategories=true": recorded(
                "discourse/subcategories.json"
            ),
        },
    )
    assert (outcome.complete, outcome.requests) == (True, 3)
    assert [(each.parent, each.title) for each in outcome.listings] == [
        (None, "Menders' Forum"),
        ("Menders' Forum", "General"),
        ("Menders' Forum", "Regions"),
        ("Menders' Forum > Regions", "Yorkshire"),
        ("Menders' Forum > Regions", "Wales"),
        ("Menders' Forum", "Bikes & trikes"),
        ("Menders' Forum > Regions > Wales", "Cardiff"),
    ]


def test_a_discourse_that_hides_its_totals_is_read_all_the_same() -> None:
    outcome, asked = crawl(
        "discourse:https://forum.test",
        {
            "/about.json": Reply(status=403),
            "/site/basic-info.json": recorded("discourse/basic_info.json"),
            "/categories.json?include_subcategories=true": '{"category_list": {"categories": []}}',
        },
    )
    assert ([each.title for each in outcome.listings], len(asked)) == (["Menders' Forum"], 3)


def full_page(first: int) -> str:
    categories = [{"id": first + number, "name": f"c{first + number}", "slug": "c"} for number in range(20)]
    return json.dumps({"category_list": {"categories": categories}})


FIRST = "/categories.json?include_subcategories=true"


@pytest.mark.parametrize(
    ("second", "pages", "found"),
    [(full_page(21), 4, 40), (full_page(1), 3, 20), ('{"category_list": {"categories": []}}', 3, 20)],
    ids=["a forum with pages", "a forum that knows none", "exactly one page"],
)
def test_a_full_page_of_discourse_categories_has_a_next_unless_it_comes_again(
    second: str, pages: int, found: int
) -> None:
    outcome, asked = crawl(
        "discourse:https://forum.test",
        {
            "/about.json": recorded("discourse/about.json"),
            FIRST: full_page(1),
            f"{FIRST}&page=2": second,
            f"{FIRST}&page=3": '{"category_list": {"categories": []}}',
        },
    )
    assert (outcome.complete, len(asked), len(outcome.listings)) == (True, pages, found + 1)


def test_categories_for_members_only_are_left_out_with_what_is_in_them_named_after_them() -> None:
    inner = {"id": 2, "name": "Inner", "slug": "inner", "topic_count": 3}
    outer = {"id": 1, "name": "Outer", "slug": "outer", "read_restricted": True, "subcategory_list": [inner]}
    body = json.dumps({"category_list": {"categories": [outer]}})
    assert boards(read("discourse:https://forum.test", "https://forum.test/categories.json", body)) == [
        ("Outer", "Inner", 3)
    ]


@pytest.mark.parametrize(
    ("path", "titles"),
    [("/c/regions/yorkshire/8", ["Yorkshire"]), ("/c/general/4/l/top", ["General"]), ("/latest", 4), ("/c/99", None)],
)
def test_a_saved_discourse_page_lists_its_boards_and_that_of_one_category_only_that(path: str, titles: Any) -> None:
    def found() -> list[Any]:
        return read("discourse:https://forum.test", f"https://forum.test{path}", recorded("discourse/page.html"))

    if titles is None:
        with pytest.raises(NoList):
            found()
    elif isinstance(titles, int):
        assert titles == len(found())
    else:
        assert titles == [each.title for each in found()]


def test_a_category_of_an_old_discourse_is_known_by_its_slugs() -> None:
    page = recorded("discourse/before_2018.html")
    found = read("discourse:https://forum.test", "https://forum.test/c/general/yorkshire", page)
    assert boards(found) == [("General", "Yorkshire", 210)]


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/login", "is a log-in page"), ("/signup", "is a registration page"), ("/t/mending-a-kettle/301", "is a single")],
)
def test_a_saved_discourse_page_of_another_sort_says_what_it_is(path: str, reason: str) -> None:
    with pytest.raises(NoList, match=reason):
        read("discourse:https://forum.test", f"https://forum.test{path}", recorded("discourse/page.html"))


def test_older_discourse_counts_in_the_singular() -> None:
    body = json.dumps({"about": {"title": "Old", "stats": {"topic_count": 7, "post_count": 8, "user_count": 9}}})
    (forum, _) = read("discourse:https://forum.test", "https://forum.test/about.json", body)
    assert (forum.topics, forum.posts, forum.members, forum.posts_per_week) == (7, 8, 9, None)


def test_a_flarum_is_read_to_its_last_page() -> None:
    outcome, _ = crawl(
        "flarum:https://calder.test",
        {
            "/api": recorded("flarum/api.json"),
            "/api/tags": recorded("flarum/tags.json"),
            "/api/tags?page%5Boffset%5D=4": recorded("flarum/no_tags.json"),
        },
    )
    assert outcome.complete
    assert [(each.parent, each.title) for each in outcome.listings] == [
        (None, "Calder Valley Talk"),
        ("Calder Valley Talk", "General"),
        ("Calder Valley Talk", "Towns"),
        ("Calder Valley Talk > Towns", "Hebden Bridge"),
        ("Calder Valley Talk", "Swap shop"),
    ]


def test_a_flarum_without_tags_is_one_venue() -> None:
    outcome, _ = crawl(
        "flarum:https://calder.test", {"/api": recorded("flarum/api.json"), "/api/tags": Reply(status=404)}
    )
    assert (outcome.complete, [each.kind for each in outcome.listings]) == (True, ["forum"])


def test_a_saved_flarum_page_of_one_tag_lists_that_tag_and_a_discussion_none() -> None:
    page = recorded("flarum/page.html")
    found = read("flarum:https://calder.test", "https://calder.test/t/hebden-bridge", page)
    assert boards(found) == [("Towns", "Hebden Bridge", 88)]
    with pytest.raises(NoList, match="single thread"):
        read("flarum:https://calder.test", "https://calder.test/d/31-bins", page)


def test_a_nodebb_is_read_to_its_last_page_and_into_what_is_not_sent_at_once() -> None:
    outcome, _ = crawl(
        "nodebb:https://node.test",
        {
            "/api/config": recorded("nodebb/config.json"),
            "/api/categories": recorded("nodebb/categories.json"),
            "/api/categories?page=2": recorded("nodebb/last_page.json"),
            "/api/category/8/chat": recorded("nodebb/within.json"),
        },
    )
    assert (outcome.complete, outcome.requests) == (True, 4)
    assert [(each.parent, each.title) for each in outcome.listings] == [
        (None, "Fell & Dale Forum"),
        ("Fell & Dale Forum > Regions", "North & Borders"),
        ("Fell & Dale Forum > Regions > North & Borders", "Alnwick"),
        ("Fell & Dale Forum", "Chat"),
        ("Fell & Dale Forum > Chat", "Jokes"),
        ("Fell & Dale Forum", "Trains"),
    ]


def test_a_vanilla_is_read_by_its_api() -> None:
    outcome, asked = crawl(
        "vanilla:https://vanilla.test",
        {
            "/": recorded("vanilla/front.html"),
            "/api/v2/categories?maxDepth=10&expand=lastPost": recorded("vanilla/categories.json"),
        },
    )
    assert (outcome.complete, len(asked)) == (True, 2)
    assert [(each.parent, each.title) for each in outcome.listings] == [
        (None, "Savers' Forum"),
        ("Savers' Forum > Money", "Benefits & credits"),
        ("Savers' Forum > Money", "Old notes"),
        ("Savers' Forum", "Local"),
        ("Savers' Forum > Local", "Hull"),
    ]


def test_a_vanilla_whose_api_is_shut_to_guests_is_read_by_its_page() -> None:
    outcome, _ = crawl(
        "vanilla:https://vanilla.test",
        {
            "/": recorded("vanilla/front.html"),
            "/api/v2/categories?maxDepth=10&expand=lastPost": Reply(status=403),
            "/categories": recorded("vanilla/list.html"),
        },
    )
    assert (outcome.complete, len(outcome.listings)) == (True, 5)


def test_a_vanilla_that_shows_guests_a_log_in_form_lists_nothing() -> None:
    form = '<form><input type="text" name="Email"><input type="password" name="Password"></form>'
    with pytest.raises(NoList, match="log-in page"):
        read("vanilla:https://vanilla.test", "https://vanilla.test/", form, note="index")


def test_the_next_page_of_vanilla_stands_in_a_header() -> None:
    url = "https://vanilla.test/api/v2/categories?page=1"
    link = {"link": '<https://vanilla.test/api/v2/categories?page=2>; rel="next", <https://x.test>; rel="last"'}
    found = read("vanilla:https://vanilla.test", url, recorded("vanilla/categories.json"), headers=link)
    assert [each.url for each in found if isinstance(each, Request)] == [url.replace("=1", "=2")]
    with pytest.raises(PageChanged, match="names itself"):
        read("vanilla:https://vanilla.test", url.replace("=1", "=2"), "[]", headers=link)


@pytest.mark.parametrize(
    ("site", "url", "body"),
    [
        ("flarum:https://a.test", "https://a.test/t", '{"data": [], "links": {"next": "https://a.test/t"}}'),
        (
            "nodebb:https://a.test",
            "https://a.test/l?page=2",
            '{"categories": [{}], "pagination": {"next": {"page": 2, "active": true}}}',
        ),
    ],
)
def test_a_page_that_names_itself_as_the_next_has_changed(site: str, url: str, body: str) -> None:
    with pytest.raises(PageChanged, match="names itself"):
        read(site, url, body)


@pytest.mark.parametrize(
    ("site", "body"),
    [
        ("discourse", '{"topic_list": {"topics": []}}'),
        ("discourse", '{"post_stream": {"posts": []}}'),
        ("nodebb", '{"topics": [{"tid": 1}]}'),
        ("vanilla", '[{"discussionID": 1, "name": "Hello"}]'),
        ("vanilla", '{"discussionID": 1, "name": "Hello"}'),
    ],
)
def test_replies_of_topics_and_posts_are_no_lists(site: str, body: str) -> None:
    with pytest.raises(NoList):
        read(f"{site}:https://a.test", "https://a.test/x", body)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("body", ["{}", "[1]", "null", "<html>", "", '{"error": "not found"}', "<p>hello</p>"])
def test_a_reply_of_something_else_is_refused(platform: str, body: str) -> None:
    with pytest.raises(PageChanged):
        read(f"{platform}:https://a.test", "https://a.test/x", body)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_person_in_the_recorded_pages_is_in_no_listing(platform: str) -> None:
    pages = "".join(file.read_text() for file in (HERE / platform).iterdir() if ".expected." not in file.name)
    expected = "".join(file.read_text() for file in (HERE / platform).glob("*.expected.json"))
    assert "ferndale" in pages
    assert "ferndale" not in expected.lower()
    assert "fern dale" not in expected.lower()


def real(name: str) -> bytes:
    file = REAL / name
    if not file.exists():
        pytest.skip(f"no captured replies beside this checkout: {file} is missing")
    return file.read_bytes()


NODEBB = "http://127.0.0.1:18109"


def every_category(tree: list[dict[str, Any]], parent: str | None = None) -> list[tuple[str | None, str, int]]:
    rows = []
    for each in tree:
        rows.append((parent, each["name"], each["totalTopicCount"]))
        way = f"{parent} > {each['name']}" if parent else each["name"]
        rows += every_category(each.get("children", []), way)
    return rows


@pytest.mark.parametrize("name", ["api_categories.json", "categories.html"])
def test_every_category_of_a_real_nodebb_is_found_with_its_numbers(name: str) -> None:
    tree = json.loads(real("nodebb/api_categories.json"))["categories"]
    found = read(f"nodebb:{NODEBB}", f"{NODEBB}/categories", real(f"nodebb/{name}"))
    assert boards(found) == every_category(tree)
    assert len(found) == 10
    assert not any("admin" in json.dumps(each.to_record()) for each in found)


def test_the_list_itself_of_a_real_nodebb_page_gives_the_same_boards() -> None:
    page = re.sub(rb"<script.*?</script>", b"", real("nodebb/categories.html"), flags=re.DOTALL)
    tree = json.loads(real("nodebb/api_categories.json"))["categories"]
    found = read(f"nodebb:{NODEBB}", f"{NODEBB}/categories", page)
    assert [(parent, title) for parent, title, _ in boards(found)] == [row[:2] for row in every_category(tree)]
    tops = [each for each in found if each.parent is None]
    assert [each.topics for each in tops] == [each["totalTopicCount"] for each in tree]


def test_the_flat_list_of_a_real_nodebb_has_the_same_parents() -> None:
    tree = json.loads(real("nodebb/api_categories.json"))["categories"]
    found = read(f"nodebb:{NODEBB}", f"{NODEBB}/api/v3/categories", real("nodebb/api_v3_categories.json"))
    assert sorted(str(row[:2]) for row in boards(found)) == sorted(str(row[:2]) for row in every_category(tree))


@pytest.mark.parametrize(
    ("name", "path", "titles"),
    [("api_category.json", "/api/category/6", ["Parents of Leeds"]), ("x.rss", "/category/1", ["Announcements"])],
)
def test_a_real_nodebb_page_of_one_category_lists_that_one(name: str, path: str, titles: list[str]) -> None:
    found = read(f"nodebb:{NODEBB}", NODEBB + path, real(f"nodebb/{name}"))
    assert titles == [each.title for each in found]


@pytest.mark.parametrize("name", ["api_recent.json", "api_groups.json", "nodeinfo20.json", "sitemap.xml", "robots.txt"])
def test_other_replies_of_a_real_nodebb_are_refused(name: str) -> None:
    with pytest.raises(PageChanged):
        read(f"nodebb:{NODEBB}", f"{NODEBB}/{name}", real(f"nodebb/{name}"))


def vanilla(number: int) -> tuple[str, bytes]:
    body = real(f"forum-html/formasaurus.forum.kanadam.com-{number}.html")
    meta = json.loads(real(f"forum-html/formasaurus.forum.kanadam.com-{number}.html.meta.json"))
    return meta["request_url"], body


def test_the_categories_beside_a_real_vanilla_list_of_discussions_are_found_with_their_numbers() -> None:
    url, body = vanilla(0)
    found = read("vanilla:http://forum.kanadam.com", url, body)
    shown = re.findall(rb'<li class="Depth1">.*?/categories/([^"]+)".*?class="Count">([\d,]+)<', body)
    assert len(shown) == 11
    assert [(each.native_id.rpartition("/")[2].encode(), each.topics) for each in found] == [
        (code, int(count.replace(b",", b""))) for code, count in shown
    ]


@pytest.mark.parametrize(("number", "reason"), [(1, "is a log-in page"), (2, "is a registration page")])
def test_real_vanilla_forms_list_nothing_and_say_what_they_are(number: int, reason: str) -> None:
    url, body = vanilla(number)
    with pytest.raises(NoList, match=reason):
        read("vanilla:http://forum.kanadam.com", url, body)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    "piece",
    [
        '<div class="category-box"><a class="parent-box-link" href="/c/x/1">x</a>',
        '<table class="category-list"><tr><td class="category"><a href="/c/x/1">x</a>',
        '<ul class="CategoryList"><li class="Item Depth2"><a href="/categories/x">x</a>',
        '<li component="categories/category"><div class="title"><a href="/category/1/x">x</a>',
        '_ajaxifyData={"categories":[{"children":[',
        '<script id="flarum-json-payload">{"resources":[',
        '.store("site",{"categories":[',
    ],
)
def test_a_hostile_page_takes_no_time(platform: str, piece: str) -> None:
    started = time.process_time()
    with contextlib.suppress(PageChanged):
        read(f"{platform}:https://a.test", "https://a.test/", piece * (100_000 // len(piece)))
    assert time.process_time() - started < 5
