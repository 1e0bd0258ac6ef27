"""Boards on real pages of the four classic engines, counted by hand; and what pages without boards are."""

from __future__ import annotations

import contextlib
import csv
import json
import os
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
REAL = Path(os.environ.get("VENUES_TEST_SHARED") or HERE.parents[2] / "shared") / "payloads"
with (HERE / "forum-labels.tsv").open(encoding="utf-8", newline="") as _lines:
    LABELS = list(csv.DictReader(_lines, delimiter="\t"))
PLATFORMS = sorted({label["platform"] for label in LABELS})
FIXTURES = sorted(file for platform in PLATFORMS for file in (HERE / platform).glob("*.html"))


def real_page(label: dict[str, str]) -> Page:
    file = REAL / label["file"]
    if not file.exists():
        pytest.skip(f"no real pages beside this checkout: {file} is missing")
    about = file.with_name(file.name + ".meta.json")
    url = label["url"] or json.loads(about.read_text("utf-8"))["request_url"]
    return page_of(Request(url=url), Reply(file.read_bytes()))


def boards_of(platform: str, page: Page) -> list[Listing]:
    found = list(build(site_from(f"{platform}:https://forum.example")).read(page))
    return [each for each in found if isinstance(each, Listing)]


def path_of(listing: Listing) -> str:
    parts = urlsplit(listing.url or "")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def html(source: str, url: str = "https://forum.example/", note: str = "") -> Page:
    return page_of(Request(url=url, note=note), Reply(source.encode()))


def titles(platform: str, page: Page) -> list[str]:
    return [each.title for each in boards_of(platform, page) if each.kind is Kind.BOARD]


@pytest.mark.parametrize("label", [each for each in LABELS if each["first"]], ids=lambda each: each["file"])
def test_a_real_page_gives_the_boards_counted_on_it(label: dict[str, str]) -> None:
    boards = boards_of(label["platform"], real_page(label))
    assert int(label["boards"]) == len({each.native_id for each in boards}) == len(boards)
    assert (label["first"], label["last"]) == (path_of(boards[0]), path_of(boards[-1]))
    assert {Kind.BOARD} == {each.kind for each in boards}


@pytest.mark.parametrize("label", [each for each in LABELS if not each["first"]], ids=lambda each: each["file"])
def test_a_real_page_without_boards_says_what_it_is(label: dict[str, str]) -> None:
    with pytest.raises(NoList) as refused:
        boards_of(label["platform"], real_page(label))
    assert label["page"] == refused.value.reason


@pytest.mark.parametrize("platform", PLATFORMS)
def test_most_boards_of_real_indexes_have_counts_and_a_last_post(platform: str) -> None:
    labels = [each for each in LABELS if each["platform"] == platform and int(each["boards"]) > 10]
    rows = [each for label in labels for each in boards_of(platform, real_page(label)) if each.posts is not None]
    assert len(rows) > 10
    assert all(each.topics is not None and each.topics <= (each.posts or 0) for each in rows)
    # A page whose dates leave open which number is the day, or are those of another calendar, states no time.
    assert sum(each.last_post_at is not None for each in rows) > 0.5 * len(rows)


@pytest.mark.parametrize("label", LABELS, ids=lambda each: each["file"])
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_a_mutated_real_page_raises_nothing_but_page_changed(label: dict[str, str], data: st.DataObject) -> None:
    page = real_page(label)
    body = page.body
    for _ in range(data.draw(st.integers(1, 3), "changes")):
        start = data.draw(st.integers(0, len(body)), "from")
        end = data.draw(st.integers(start, min(len(body), start + len(body) // 4)), "to")
        moved = body[: data.draw(st.integers(0, 4000), "repeated")]
        body = (
            body[:start]
            + data.draw(st.sampled_from([b"", b"<", b"</td></tr>", b"<a href='", moved]), "instead")
            + body[end:]
        )
    for note in ("", "index"):
        with contextlib.suppress(PageChanged):
            boards_of(label["platform"], page_of(Request(url=page.url, note=note), Reply(body)))


LOG_IN = "<html><title>Log in</title><form action='/login'><input name=user><input type=password></form></html>"
THREAD = "<div class='postbody'><p>See <a href='/viewforum.php?f=2'>there</a></div>"
MENU = (
    "<ul class='menu'><li><a href='viewforum.php?f=2'>Leeds</a></li><li><a href='viewforum.php?f=3'>York</a></li></ul>"
)


@pytest.mark.parametrize(
    ("platform", "source", "url", "reason"),
    [
        ("phpbb", LOG_IN, "https://forum.example/", "is a log-in page"),
        ("phpbb", "<p>Hello</p>", "https://forum.example/viewtopic.php?f=2&t=9", "is a single thread"),
        ("phpbb", "<p>Hello</p>", "https://forum.example/oak-and-ash-t9.html", "is a single thread"),
        ("phpbb", THREAD, "https://forum.example/oak-and-ash", "is a single thread"),
        ("phpbb", MENU, "https://forum.example/about", "is no list of boards"),
        ("phpbb", MENU, "https://forum.example/memberlist.php", "is a page about members"),
        ("vbulletin", "<p>Hello</p>", "https://forum.example/showthread.php?9-Oak", "is a single thread"),
        ("vbulletin", "<p>Hello</p>", "https://forum.example/forum/oaks/9-acorns", "is a single thread"),
        ("smf", "<p>Hello</p>", "https://forum.example/index.php?topic=9.0", "is a single thread"),
        ("smf", "<p>Hello</p>", "https://forum.example/index.php?action=login", "is a log-in page"),
        ("mybb", "<p>Hello</p>", "https://forum.example/Thread-Oak", "is a single thread"),
        ("mybb", "<h1>Error: no such board</h1>", "https://forum.example/forum-9.html", "is an error page"),
    ],
)
def test_a_page_without_boards_says_what_it_is(platform: str, source: str, url: str, reason: str) -> None:
    with pytest.raises(NoList) as refused:
        boards_of(platform, html(source, url))
    assert reason == refused.value.reason


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_name_of_a_person_is_read(file: Path) -> None:
    people = {"quill", "fern", "moss", "newt", "halm", "klee", "orme", "aulne", "willow", "osier", "teasel", "burdock"}
    people |= {"linnet", "blackthorn", "hazel", "elder", "sundew", "rush", "gale", "breeze", "ratchet", "spanner"}
    expected = json.loads(file.with_name(f"{file.stem}.expected.json").read_text("utf-8"))
    said = " ".join(f"{each.get('description')} {each['title']}" for each in expected["listings"]).split()
    assert people.isdisjoint(said)


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_sessions_change_no_identity(file: Path) -> None:
    expected = json.loads(file.with_name(f"{file.stem}.expected.json").read_text("utf-8"))
    note = expected.get("note", "")
    source = file.read_text("utf-8").replace("0123456789abcdef0123456789abcdef", "ffeeddccbbaa99887766554433221100")
    source = source.replace("aabbccddeeff00112233445566778899", "0" * 32).replace("PHPSESSID=aa11bb22", "PHPSESSID=cc")
    page = html(source, expected["url"], note)
    again = list(build(site_from(expected["site"])).read(page))
    ids = [each.native_id for each in again if isinstance(each, Listing)]
    assert [each["native_id"] for each in expected["listings"]] == ids
    assert not any(sign in each for each in ids for sign in ("sid=", "s=0", "PHPSESSID"))


def test_a_board_named_in_a_menu_only_is_no_board_of_the_page() -> None:
    row = "<tr><td><h4><a href='oak-f1.html'>Oaks</a></h4></td><td>1 topic</td><td><a href='x-t1.html'>x</a></td></tr>"
    page = html(f"<ul class=nav><li><a href='elm-f2.html'>Elms</a> 3</li></ul><table>{row}</table>")
    assert ["Oaks"] == titles("phpbb", page)


def test_a_picture_can_be_a_title() -> None:
    page = html("<ul><li><a class=forumtitle href='viewforum.php?f=1'><img alt='Oaks'></a></li></ul>")
    assert ["Oaks"] == titles("phpbb", page)


def test_boards_whose_names_end_in_the_same_number_are_two() -> None:
    cells = "".join(
        f"<td class=alt1 id=f{n}><a href='/{name}-7/'>{name}</a></td>" for n, name in enumerate(("oak", "elm"))
    )
    assert ["oak", "elm"] == titles("vbulletin", html(f"<table><tr>{cells}</tr></table>"))


def test_a_corner_that_kept_the_markup_does_not_hide_the_list() -> None:
    rows = "".join(f"<tr><td><a href='viewforum.php?f={n}'>Oak {n}</a></td><td>{n}8</td></tr>" for n in range(2, 7))
    page = html(f"<p><a class=forumtitle href='viewforum.php?f=9'>News</a></p><table>{rows}</table>")
    assert [f"Oak {n}" for n in range(2, 7)] == titles("phpbb", page)


def test_a_page_kept_in_another_place_is_read_as_that_of_its_own_forum() -> None:
    rows = "".join(
        f"<tr><td><a class=forumlink href='http://old.example/viewforum.php?f={n}'>B{n}</a></td><td>1</td></tr>"
        for n in (1, 2)
    )
    assert ["B1", "B2"] == titles("phpbb", html(f"<table>{rows}</table>", "https://archive.example/1"))


def test_of_two_counts_the_larger_is_that_of_posts() -> None:
    row = "<tr><td><a class=forumlink href='viewforum.php?f=1'>B</a></td><td>912</td><td>31</td></tr>"
    board = boards_of("phpbb", html(f"<table>{row}</table>"))[0]
    assert (31, 912) == (board.topics, board.posts)


def test_boards_beside_a_thread_are_no_boards_of_the_page() -> None:
    side = "<ul><li><a href='viewforum.php?f=2'>Oaks</a> 12</li><li><a href='viewforum.php?f=3'>Elms</a> 9</li></ul>"
    with pytest.raises(NoList, match="single thread"):
        boards_of("phpbb", html(f"<div class='postbody'>Hello</div>{side}", "https://forum.example/some-oak"))


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://forum.example", "https://forum.example/"),
        ("https://forum.example/community", "https://forum.example/community/"),
        ("https://forum.example/community/index.php", "https://forum.example/community/index.php"),
    ],
)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_first_request_is_for_the_index(platform: str, address: str, asked: str) -> None:
    requests = list(build(site_from(f"{platform}:{address}")).plan(None))
    assert [(asked, "index")] == [(each.url, each.note) for each in requests]


def test_a_front_page_is_followed_to_the_forum() -> None:
    page = html("<a href='/forum/'>Forum</a><p>News", note="index")
    found = list(build(site_from("vbulletin:https://forum.example")).read(page))
    assert ["https://forum.example/forum/"] == [each.url for each in found if isinstance(each, Request)]


def test_no_page_is_asked_for_more_than_two_steps_below_the_index() -> None:
    source = (HERE / "mybb" / "index.html").read_text("utf-8")
    crawler = build(site_from("mybb:https://repairs.example"))
    asked = []
    for note in ("index", "boards", "boards below"):
        found = list(crawler.read(html(source, "https://repairs.example/", note)))
        asked.append([(each.url, each.note) for each in found if isinstance(each, Request)])
    board = "https://repairs.example/forum-2.html"
    assert [[(board, "boards")], [(board, "boards below")], []] == asked


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_hostile_page_is_read_in_bounded_time(platform: str) -> None:
    nested = "<table><tr><td>" * 3000 + "<a href='viewforum.php?f=1' class=forumtitle>x</a>"
    flat = "".join(
        f"<li><a class=forumtitle href='viewforum.php?f={n}&fid={n}&board={n}.0'>B{n}</a> 1" for n in range(3000)
    )
    for source in (nested, f"<ul>{flat}</ul>", "<a href='?board=" * 2000, "<td class=thead>" * 5000):
        with contextlib.suppress(PageChanged):
            boards_of(platform, html(source))


def test_a_skin_of_blocks_is_read_by_what_stands_in_them() -> None:
    rows = "".join(
        f"<div class='r'><div class='m'><a href='forumdisplay.php?fid={n}'>Board {n}</a><p>All of {n}</p>"
        f"<div class='s'><a href='forumdisplay.php?fid={n}0'>Sub {n}</a></div></div>"
        f"<div class='c'>{n} threads</div><div class='c'>{n}9 posts</div>"
        "<div class='l'><a href='showthread.php?tid=4'>Hello</a> 12 Mar 2024, 10:11</div></div>"
        for n in (2, 3)
    )
    boards = boards_of("mybb", html(f"<div class='list'>{rows}</div>"))
    assert ["Board 2", "Sub 2", "Board 3", "Sub 3"] == [each.title for each in boards]
    assert ["All of 2", None, "All of 3", None] == [each.description for each in boards]
    assert (2, 29) == (boards[0].topics, boards[0].posts)


def test_a_link_around_a_whole_row_is_called_by_its_headline() -> None:
    rows = "".join(f"<li><a href='viewforum.php?f={n}'><h3>Oak {n}</h3><p>Trees</p>{n}7</a></li>" for n in (1, 2))
    assert ["Oak 1", "Oak 2"] == titles("phpbb", html(f"<ul>{rows}</ul>"))


def test_the_name_of_a_board_is_told_from_that_of_its_forum() -> None:
    source = "<title>Lace &bull; View forum - Bobbin</title><body class='section-viewforum'>"
    source += "<a class=topictitle href='t1'>x</a>"
    assert ["Bobbin"] == titles("phpbb", html(source, "https://forum.example/bobbin/"))


def test_topics_found_by_a_search_are_no_board() -> None:
    source = "<body class='section-search'><a class=topictitle href='viewtopic.php?t=1'>x</a>"
    with pytest.raises(NoList, match="search page"):
        boards_of("phpbb", html(source, "https://forum.example/busy"))
