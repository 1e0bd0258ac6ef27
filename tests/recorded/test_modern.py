"""Boards on real pages of the newer engines, counted by hand; pages without boards, skins, and what is never read."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.contract import NoList, Request
from crawlers.registry import build, site_from
from crawlers.testing import Reply, page_of
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from crawlers.contract import Page

HERE = Path(__file__).parent
REAL = Path(os.environ.get("VENUES_TEST_SHARED") or HERE.parents[2] / "shared") / "payloads" / "forum-html"
PLATFORMS = ("bbpress", "invision", "web", "woltlab", "xenforo")
FIXTURES = sorted(file for platform in PLATFORMS for file in (HERE / platform).glob("*.html"))
with (HERE / "forum-labels-modern.tsv").open(encoding="utf-8", newline="") as _lines:
    LABELS = list(csv.DictReader(_lines, delimiter="\t"))


def real_page(label: dict[str, str]) -> Page:
    file = REAL / label["file"]
    if not file.exists():
        pytest.skip(f"no real pages beside this checkout: {file} is missing")
    about = json.loads(file.with_name(file.name + ".meta.json").read_text("utf-8"))
    return page_of(Request(url=about["request_url"]), Reply(file.read_bytes()))


def boards_of(platform: str, page: Page) -> list[Listing]:
    found = list(build(site_from(f"{platform}:https://forum.test")).read(page))
    return [each for each in found if isinstance(each, Listing)]


def html(source: str, url: str = "https://forum.test/", note: str = "") -> Page:
    return page_of(Request(url=url, note=note), Reply(source.encode()))


def path_of(listing: Listing) -> str:
    parts = urlsplit(listing.url or "")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def titles(platform: str, source: str, url: str = "https://forum.test/") -> list[str]:
    return [each.title for each in boards_of(platform, html(source, url))]


@pytest.mark.parametrize("label", [each for each in LABELS if each["first"]], ids=lambda each: each["file"])
def test_a_real_page_gives_the_boards_counted_on_it(label: dict[str, str]) -> None:
    boards = boards_of(label["platform"], real_page(label))
    assert int(label["boards"]) == len({each.native_id for each in boards}) == len(boards)
    assert (label["first"], label["last"]) == (path_of(boards[0]), path_of(boards[-1]))
    assert {Kind.BOARD} == {each.kind for each in boards}
    assert all(each.topics is not None and each.posts is not None for each in boards)


@pytest.mark.parametrize("label", [each for each in LABELS if not each["first"]], ids=lambda each: each["file"])
def test_a_real_page_without_boards_lists_nothing(label: dict[str, str]) -> None:
    page = real_page(label)
    with pytest.raises(NoList) as refused:
        boards_of(label["platform"], page)
    if label["kind"] in {"thread", "log-in", "registration"} and label["platform"] != "web":
        assert label["kind"] in refused.value.reason


@pytest.mark.parametrize("label", LABELS, ids=lambda each: each["file"])
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_a_mutated_real_page_raises_nothing_but_page_changed(label: dict[str, str], data: st.DataObject) -> None:
    page = real_page(label)
    body = mutated(page.body, data)
    for note in ("", "index"):
        with contextlib.suppress(PageChanged):
            boards_of(label["platform"], page_of(Request(url=page.url, note=note), Reply(body)))


@pytest.mark.parametrize("platform", PLATFORMS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_mutated_page_of_any_engine_ends_soon_in_any_reader(platform: str, data: st.DataObject) -> None:
    body = mutated(data.draw(st.sampled_from(FIXTURES), "page").read_bytes(), data)
    url = data.draw(st.sampled_from(["https://forum.test/", "https://forum.test/index.php?forums/a.1/", "https://x"]))
    began = time.process_time()
    for note in ("", "index", "closed category", "category"):
        with contextlib.suppress(PageChanged):
            boards_of(platform, page_of(Request(url=url, note=note), Reply(body)))
    assert time.process_time() - began < 5


def mutated(body: bytes, data: st.DataObject) -> bytes:
    for _ in range(data.draw(st.integers(1, 3), "changes")):
        start = data.draw(st.integers(0, len(body)), "from")
        end = data.draw(st.integers(start, min(len(body), start + len(body) // 4)), "to")
        repeated = body[: data.draw(st.integers(0, 3000), "repeated")]
        scraps = [b"", b"<", b"</td></tr></ul>", b"<a href='", b'<li class="node forum"><a href="http://[">', repeated]
        body = body[:start] + data.draw(st.sampled_from(scraps), "instead") + body[end:]
    return body


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    "opening", ["<div>", "<li class='node forum'>", "<table><tr><td><a href='/forum/1-a/'>x</a>", "<"]
)
def test_a_page_of_three_thousand_openings_is_read_in_seconds(platform: str, opening: str) -> None:
    began = time.process_time()
    with contextlib.suppress(PageChanged):
        boards_of(platform, html("<html><body>" + opening * 3_000))
    assert time.process_time() - began < 10


PASSWORD = "<form><input type=text><input type=password></form>"


@pytest.mark.parametrize(
    ("platform", "source", "url", "reason"),
    [
        ("xenforo", f"<html id=XF data-template=login><body>{PASSWORD}", "/forums/staff.4/", "is a log-in page"),
        ("xenforo", "<html id=XF data-template=thread_view><body>", "/oak", "is a single thread"),
        ("xenforo", "<html id=XF data-template=member_view><body>", "/m", "is a page about members"),
        ("xenforo", "<html id=XF data-template=whats_new_posts><body>", "/w", "is a search page"),
        ("xenforo", f"<html id=XenForo><body>{PASSWORD}<ol class=messageList><li>", "/oak", "is a single thread"),
        ("invision", "<body data-pageController=topic><div class=cPost>", "/oak", "is a single thread"),
        ("invision", "<body id=ipboard_body><div class=post_block>", "/leeds/12-oak.html", "is a single thread"),
        ("invision", "<div class=postcolor>x</div>", "/index.php?showtopic=3", "is a single thread"),
        ("woltlab", f"<body id=tplUserLogin>{PASSWORD}", "/index.php?form=X", "is a log-in page"),
        ("woltlab", "<body data-template=thread>", "/x", "is a single thread"),
        ("woltlab", "<body id=tplMembersList>", "/x", "is a page about members"),
        ("bbpress", "<ul class=bbp-replies><li>", "/oak", "is a single thread"),
        ("bbpress", "<p>x</p>", "/forums/topic/oak/", "is a single thread"),
        (
            "web",
            "<html><meta property=og:type content=profile><title>A Person</title>",
            "/",
            "is a page about a person",
        ),
        ("web", '<script type="application/ld+json">{"@type": "Person", "name": "A"}</script>', "/", "about a person"),
        ("web", "<meta property=og:type content=product><title>Boots</title>", "/boots", "is a shop's page"),
        ("web", "<meta name=generator content=Ghost><title>Notes</title>", "/", "is a blog"),
        ("web", f"<title>Sign in</title>{PASSWORD}", "/login", "is a log-in page"),
    ],
)
def test_a_page_without_boards_says_what_it_is(platform: str, source: str, url: str, reason: str) -> None:
    with pytest.raises(NoList) as refused:
        boards_of(platform, html(source, f"https://oak.test{url}"))
    assert reason in refused.value.reason


NODE = '<div class="node node--forum"><h3 class="node-title"><a href="{0}">{1}</a></h3></div>'


def test_what_leads_away_from_a_xenforo_is_no_board() -> None:
    source = NODE.format("/forums/a.1/", "A") + NODE.format("https://shop.example/", "Shop")
    source += NODE.format("/threads/rules.7/", "Rules") + NODE.format("https://www.forum.test/forums/b.2/", "B")
    assert ["A", "B"] == titles("xenforo", source)


def test_boards_in_a_side_column_are_no_boards_of_the_page() -> None:
    source = NODE.format("/forums/a.1/", "A") + f"<aside>{NODE.format('/forums/b.2/', 'B')}</aside>"
    assert ["A"] == titles("xenforo", f'<div class="p-body-main p-body-main--withSidebar">{source}</div>')


def test_boards_that_a_member_watches_are_not_the_list_of_boards() -> None:
    with pytest.raises(NoList):
        titles("xenforo", NODE.format("/forums/a.1/", "A"), "https://forum.test/watched/forums")


def test_a_home_page_without_boards_leads_to_the_list_of_boards_once() -> None:
    source = '<html id="XF"><body><nav class="p-nav"><a href="/">Home</a><a href="/community/">Forum</a></nav>'
    crawler = build(site_from("xenforo:https://forum.test"))
    assert ["https://forum.test/community/"] == [each.url for each in crawler.read(html(source, note="index"))]


def test_a_page_of_threads_at_the_front_is_no_board_of_a_first_xenforo() -> None:
    source = '<h1>Forum</h1><ol class="discussionListItems"><li><a href="threads/a.1/">A</a></li></ol>'
    with pytest.raises(NoList):
        titles("xenforo", source)
    assert ["Forum"] == titles("xenforo", source, "https://forum.test/forums/leeds.3/")


def test_a_skin_of_a_third_invision_without_headings_is_read() -> None:
    row = '<tr><td class="col_c_forum"><strong><a href="/{0}/">{0}</a></strong><p class="desc">d</p></td></tr>'
    assert ["leeds", "york"] == titles(
        "invision", f'<table class="ipb_table">{row.format("leeds")}{row.format("york")}'
    )


def test_topics_of_a_third_invision_are_no_boards() -> None:
    topic = '<td class="col_f_content"><h4><a class="topic_title" href="/topic/9-x/">x</a></h4></td>'
    source = f'<h1 class="ipsType_pagetitle">Leeds</h1><table class="ipb_table topic_list"><tr>{topic}</tr></table>'
    assert ["Leeds"] == titles("invision", source, "https://forum.test/forum/3-leeds/page-2")


def test_a_second_invision_with_friendly_addresses_is_read_by_what_its_table_counts() -> None:
    heading = "<tr><th colspan=2>Forum</th><th>Topics</th><th>Replies</th><th>Last</th></tr>"
    row = (
        '<tr><td></td><td class="row2"><b><a href="/{0}-f{1}.html">{0}</a></b></td><td>{1}</td><td>9</td><td></td></tr>'
    )
    source = f'<table class="ipbtable">{heading}{row.format("leeds", 3)}{row.format("york", 4)}</table>'
    assert ["leeds", "york"] == titles("invision", source)


def test_a_board_behind_a_password_keeps_its_plain_address() -> None:
    row = '<li data-forumid="2"><h4 class="ipsDataItem_title"><a href="/forum/2-crew/?passForm=1">Crew</a></h4></li>'
    assert ["/forum/2-crew/"] == [path_of(each) for each in boards_of("invision", html(row))]


def test_boards_of_a_fluid_invision_are_those_beside_its_topics() -> None:
    beside = '<ul class="cForumMiniList"><li data-node-id="2"><a href="/forum/2-a/">A</a></li></ul>'
    topics = '<ol data-role="tableRows"><li class="ipsDataItem" data-rowid="9"><a href="/topic/9-x/">x</a></li></ol>'
    assert ["A"] == titles("invision", topics + beside)


def test_a_burning_board_knows_its_boards_without_their_unread_threads_and_links_away() -> None:
    row = '<li data-board-id="{0}" class="wbbBoardContainer"><h3><a class="{2}" href="{1}">B{0} (1.204)</a></h3></li>'
    source = row.format(2, "/board/2-b/", "") + row.format(3, "/board/3-c/", "externalURL")
    assert ["B2"] == titles("woltlab", source + row.format(4, "https://other.example/", ""))


def test_the_category_that_a_closed_one_was_asked_for_is_no_board_itself() -> None:
    inner = (
        '<div class="boardlistInner"><h3 class="boardTitle"><a href="index.php?page=Board&boardID=5">In</a></h3></div>'
    )
    source = (
        f'<body id="tplBoard"><div class="mainHeadline"><h2>Region</h2></div><ul id="boardlist"><li>{inner}</li></ul>'
    )
    page = html(source, "https://forum.test/index.php?page=Board&boardID=4", "closed category")
    assert [("In", "Region")] == [(each.title, each.parent) for each in boards_of("woltlab", page)]


def test_topics_that_a_widget_shows_as_forums_are_none() -> None:
    item = '<li><a class="bbp-forum-title" href="{0}">x</a></li>'
    widget = item.format("/forums/topic/x/") + item.format("/y/")
    with pytest.raises(NoList):
        titles("bbpress", f"<div class=box><ul>{widget}</ul></div>")


def test_a_theme_of_bbpress_may_leave_only_the_class_of_an_entry() -> None:
    entry = (
        '<div class="card type-forum"><a href="/forums/users/me/">me</a><h3><a href="/forums/forum/a/">A</a></h3></div>'
    )
    assert ["A"] == titles("bbpress", f'<div id="bbpress-forums">{entry}</div>')


def test_topics_of_a_person_are_no_board_of_bbpress() -> None:
    source = '<div id="bbpress-forums"><h1>Someone</h1><ul id="bbp-forum-0" class="bbp-topics"><li></ul></div>'
    for url in ("https://forum.test/forums/", "https://forum.test/forums/users/someone/"):
        with pytest.raises(NoList):
            titles("bbpress", source, url)


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_name_of_a_person_is_read(file: Path) -> None:
    people = ("someone", "somebody", "jemand", "jemand", "moderator", "a member", "quelqu'un", "newcomer", "a person")
    expected = json.loads(file.with_name(f"{file.stem}.expected.json").read_text("utf-8"))
    texts = json.dumps(expected["listings"], ensure_ascii=False).lower()
    assert [] == [name for name in people if name in texts]


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_page_read_twice_gives_the_same(file: Path) -> None:
    case = json.loads(file.with_name(f"{file.stem}.expected.json").read_text("utf-8"))
    crawler = build(site_from(case["site"]))
    page = page_of(Request(url=case["url"], note=case.get("note", "")), Reply(file.read_bytes()))
    assert list(crawler.read(page)) == list(crawler.read(page))
