"""What all HTML forums share: addresses without sessions, listings of boards, and what a page without boards is."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from crawlers.boards import board, canonical, forum, nested, no_list, once
from venues.model import Kind


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://f.example/viewforum.php?f=12&sid=0a1b2c", "http://f.example/viewforum.php?f=12"),
        ("http://f.example/viewforum.php?sid=0a1b2c&f=12#top", "http://f.example/viewforum.php?f=12"),
        ("http://f.example/forumdisplay.php?s=0123456789abcdef0123&f=2", "http://f.example/forumdisplay.php?f=2"),
        ("http://f.example/forumdisplay.php?s=&f=2", "http://f.example/forumdisplay.php?f=2"),
        ("http://f.example/forumdisplay.php?s=short&f=2", "http://f.example/forumdisplay.php?s=short&f=2"),
        ("http://f.example/index.php?PHPSESSID=x1;board=4.0", "http://f.example/index.php?board=4.0"),
        ("http://f.example/index.php?board=4.0;PHPSESSID=x1", "http://f.example/index.php?board=4.0"),
        ("http://f.example/index.php/board,4.0.html?PHPSESSID=x1", "http://f.example/index.php/board,4.0.html"),
        ("http://f.example/list.jspa;jsessionid=AB12?id=3", "http://f.example/list.jspa?id=3"),
        ("http://f.example/forumdisplay.php?12-Name", "http://f.example/forumdisplay.php?12-Name"),
        (
            "https://archive.example/web/20140101/http://f.example/viewforum.php?f=1",
            "http://f.example/viewforum.php?f=1",
        ),
    ],
)
def test_an_address_is_the_same_for_every_visitor(address: str, expected: str) -> None:
    assert expected == canonical(address)


def test_a_board_is_known_by_its_address_without_session() -> None:
    made = board("phpbb", "https://www.f.example/viewforum.php?f=2&sid=abc", "Allotments", topics=3)
    assert ("f.example/viewforum.php?f=2", Kind.BOARD, 3) == (made.native_id, made.kind, made.topics)


def test_a_forum_without_name_is_called_by_its_host() -> None:
    assert "f.example" == forum("smf", "https://f.example/board", None).title


def test_containers_are_named_outermost_first() -> None:
    assert "Yorkshire > Leeds" == nested("Yorkshire", None, "Leeds")
    assert nested(None, "") is None


def test_of_two_listings_of_one_board_the_first_is_kept() -> None:
    first, second = (board("smf", "https://f.example/?board=1.0", name) for name in ("One", "Two"))
    assert [first] == once([first, second])


@pytest.mark.parametrize(
    ("address", "source", "reason"),
    [
        ("https://f.example/ucp.php?mode=login", "", "is a log-in page"),
        ("https://f.example/index.php?action=register", "", "is a registration page"),
        ("https://f.example/ucp.php?mode=sendpassword", "", "is a page for lost passwords"),
        ("https://f.example/search.php", "", "is a search page"),
        ("https://f.example/memberlist.php", "", "is a page about members"),
        ("https://f.example/viewtopic.php?t=4", "", "is a single thread"),
        ("https://f.example/posting.php?mode=post", "", "is a form to write a post"),
        ("https://f.example/", "<title>404 Not Found</title>", "is an error page"),
        ("https://f.example/", "<input type=password>", "is a log-in page"),
        ("https://f.example/", "<input type=password><input type=password>", "is a registration page"),
        ("https://f.example/", "<p>Welcome", "is no list of boards"),
    ],
)
def test_a_page_without_boards_is_named_for_what_it_is(address: str, source: str, reason: str) -> None:
    assert reason == no_list(address, BeautifulSoup(source, "lxml"), re.compile(r"viewtopic\.php")).reason
