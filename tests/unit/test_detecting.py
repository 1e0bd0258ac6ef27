"""Which platform a page is of, told by marks; and what is said of a page that lists nothing."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from crawlers import detecting, registry
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.detecting import guesses, look_at
from crawlers.testing import Reply, page_of
from venues.errors import PageChanged
from venues.model import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawlers.contract import Crawler


def about(platform: str, *marks: Mark) -> About:
    return About(platform=platform, website="https://p.example", terms="None.", official_api=False, marks=marks)


@dataclass(frozen=True)
class Planks:
    """A forum whose boards stand one a line."""

    base_url: str
    about: ClassVar[About] = about(
        "planks", Mark("generator", r"^planks\b"), Mark("markup", "class=.plank"), Mark("nodeinfo", "^planks$")
    )

    def plan(self, area: Any) -> Any: ...

    def read(self, page: Page) -> Iterator[Listing]:
        if "log in" in page.text:
            raise NoList(page.url, "is a log-in page")
        for line in page.text.splitlines():
            if line.startswith("board "):
                yield Listing(platform="planks", native_id=line, title=line[6:])


@dataclass(frozen=True)
class Rooms:
    """An API."""

    base_url: str
    about: ClassVar[About] = about(
        "rooms", Mark("path", "/api/rooms?limit=1", says=r'"rooms"'), Mark("header", "x-rooms: ")
    )

    def plan(self, area: Any) -> Any: ...

    def read(self, page: Page) -> Iterator[Listing]:
        reply = page.json()
        if not isinstance(reply, dict) or "rooms" not in reply:
            raise PageChanged(page.url, "is no list of rooms")
        yield from (Listing(platform="rooms", native_id=name, title=name) for name in reply["rooms"])


@pytest.fixture(autouse=True)
def _two_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    known: MappingProxyType[str, type[Crawler]] = MappingProxyType({"planks": Planks, "rooms": Rooms})
    monkeypatch.setattr(registry, "platforms", lambda: known)
    monkeypatch.setattr(detecting, "platforms", lambda: known)


def page(text: str, url: str = "https://e.example/x", **headers: str) -> Page:
    reply = Reply(text.encode(), headers={name.replace("_", "-"): value for name, value in headers.items()})
    return page_of(Request(url=url), reply)


def names(found: Page) -> list[str]:
    return [guess.platform for guess in guesses(found)]


@pytest.mark.parametrize(
    "tag",
    [
        '<meta name="generator" content="Planks 3.1">',
        "<META content='Planks 3.1' NAME=generator />",
        '<meta property="x" name="Generator" content="planks">',
    ],
)
def test_a_generator_tag_tells_the_platform(tag: str) -> None:
    assert names(page(tag)) == ["planks"]


def test_the_word_of_another_generator_tells_nothing() -> None:
    assert names(page('<meta name="generator" content="Not planks"><meta name="other" content="Planks">')) == []


def test_nodeinfo_tells_the_platform() -> None:
    assert names(page(json.dumps({"version": "2.1", "software": {"name": "planks"}}))) == ["planks"]
    assert names(page(json.dumps({"software": {"name": "planks"}}))) == []


def test_a_header_tells_the_platform() -> None:
    assert names(page("", x_rooms="yes")) == ["rooms"]


def test_a_path_tells_the_platform_only_with_what_it_says() -> None:
    assert names(page('{"rooms": []}', "https://e.example/api/rooms")) == ["rooms"]
    assert names(page("{}", "https://e.example/api/rooms")) == []
    assert names(page('{"rooms": []}', "https://e.example/other")) == []


def test_the_surest_platform_comes_first() -> None:
    both = page('<p class="plank">', x_rooms="yes")
    assert names(both) == ["rooms", "planks"]


def test_marks_far_into_a_long_page_are_passed_over_and_those_at_its_end_are_not() -> None:
    filler = "x" * 500_000
    assert names(page(f"{filler}<p class='plank'>{filler}")) == []
    assert names(page(f"{filler}<p class='plank'>")) == ["planks"]


def test_what_a_crawler_sees_is_seen_once_each() -> None:
    seen = look_at(page("<p class='plank'>\nboard A\nboard B\nboard A"))
    assert (seen.platform, [listing.title for listing in seen.listings], seen.remark) == ("planks", ["A", "B"], None)


def test_a_page_without_a_list_is_said_to_be_what_it_is() -> None:
    seen = look_at(page("<p class='plank'>log in"))
    assert (seen.platform, seen.listings, seen.remark) == ("planks", (), "is a log-in page")


def test_a_page_of_a_known_platform_that_is_not_understood_is_said_to_be_so() -> None:
    seen = look_at(page("<p class='plank'>"))
    assert (seen.platform, seen.remark) == ("planks", "holds no list that the crawler of planks can read")


def test_a_page_of_no_known_platform_is_said_to_be_so() -> None:
    seen = look_at(page("<p>board A"))
    assert (seen.platform, seen.listings, seen.remark) == (None, (), "bears the marks of no platform known")


def test_an_empty_page_is_said_to_be_so() -> None:
    assert look_at(page(" ")).remark == "is empty"


def test_a_reply_of_an_api_without_marks_is_read_by_whoever_can() -> None:
    seen = look_at(page('{"rooms": ["A"]}', "https://e.example/saved.json"))
    assert (seen.platform, [listing.title for listing in seen.listings]) == ("rooms", ["A"])


def test_a_reader_that_fails_over_a_page_does_not_stop_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Planks, "read", lambda *_: {}["missing"])
    seen = look_at(page('{"rooms": ["A"], "software": {"name": "planks"}, "version": "2.0"}'))
    assert seen.platform == "rooms"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<meta name="generator" content="MediaWiki 1.39"><p>Leeds', "is a page of a wiki"),
        ("<p>Powered by <a href='https://askbot.com'>askbot", "is a page of questions and answers"),
        ("# ours\n\nUser-agent: *\nDisallow: /api/", "is a robots.txt"),
        ('<?xml version="1.0"?>\n<urlset><url/></urlset>', "is a sitemap"),
        ("<iq type='result'><query/></iq>", "is a message of XMPP"),
        ('{"errcode": "M_FORBIDDEN"}', "is an error message of an API"),
        ('[{"acct": "ann"}]', "is a list of people, which is not read"),
        ('{"topics": [], "nextStart": 20}', "is a list of threads"),
        ('{"kind": "Listing", "data": {"children": [{}]}}', "is a list of posts"),
        ("[]", "is a list with nothing in it"),
        ('["a", "b"]', "is a list of words"),
        ("\x89PNG\x00\x00 <p>", "is no text"),
        ('{"x": 1}', "is a reply of an API, and no list of venues that is known here"),
    ],
)
def test_what_no_crawler_knows_is_said_to_be_what_it_is(text: str, said: str) -> None:
    assert (None, (), said) == ((seen := look_at(page(text))).platform, seen.listings, seen.remark)


@pytest.mark.parametrize("text", ["\n" * 100_000, "#\n" * 100_000, "<meta " * 50_000, "<?xml " * 50_000, "[" * 100_000])
def test_saying_what_a_page_is_takes_no_long(text: str) -> None:
    begun = time.process_time()
    look_at(page(text))
    assert time.process_time() - begun < 6
