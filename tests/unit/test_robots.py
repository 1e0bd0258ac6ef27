from __future__ import annotations

import asyncio
import time

import pytest

from crawlers.contract import Manners, Request
from crawlers.fetching import Bounds, Fetcher
from crawlers.pacing import Clock
from crawlers.robots import KEPT_FOR, MAX_BYTES, REFUSAL_KEPT_FOR, RobotsCache, rules_from
from crawlers.testing import Loopback, Reply
from venues.errors import Blocked, CrawlError, RobotsForbidden, TooLarge, Unreachable

MANNERS = Manners(pace=0)


def permits(text: str | bytes, path: str, status: int = 200) -> bool:
    body = text.encode() if isinstance(text, str) else text
    try:
        rules_from(status, body, "venues").check(f"https://example.org{path}")
    except RobotsForbidden:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /\nUser-agent: venues\nAllow: /", "/a", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: Venues/2.0\nDisallow: /a", "/a", False),
        ("user-agent:VENUES # us\ndisallow:/a", "/a", False),
        ("User-agent: venue\nDisallow: /", "/a", True),
        ("User-agent: *\nUser-agent: venues\nDisallow: /a", "/ab", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /*.json$", "/x.json", False),
        ("User-agent: *\nDisallow: /*.json$", "/x.json?a", True),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("<html>we have none</html>", "/a", True),
    ],
)
def test_rules(text: str, path: str, expected: bool) -> None:
    assert permits(text, path) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, True), (401, True), (403, True), (410, True), (429, False), (500, False), (304, False)],
)
def test_a_file_that_is_not_there_permits_and_one_that_fails_forbids(status: int, expected: bool) -> None:
    assert permits("User-agent: *\nDisallow: /", "/a", status) is expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Crawl-delay: 2.5", 2.5),
        ("Request-rate: 1/5", 5.0),
        ("Crawl-delay: nan", 0.0),
        ("Crawl-delay: -1", 0.0),
        ("", 0.0),
    ],
)
def test_delays(text: str, seconds: float) -> None:
    assert rules_from(200, f"User-agent: *\n{text}\nDisallow: /x".encode(), "venues").delay == seconds


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: a{n}\n" for n in range(15_000)) + "Disallow: /x\n" * 15_000,
        "User-agent: *\nDisallow: /" + "*a" * 200_000,
        "User-agent: *\n" + "Disallow: /*a*b*c\n" * 20_000,
        "\n" * MAX_BYTES,
    ],
)
def test_a_hostile_file_costs_little(text: str) -> None:
    started = time.process_time()
    permits(text, "/" + "abc" * 100)
    assert time.process_time() - started < 3


class Reader:
    """Answers for a site's robots.txt, and counts how often it is asked."""

    def __init__(self, *answers: tuple[int, bytes] | CrawlError) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, url: str, _manners: Manners) -> tuple[int, bytes]:
        self.asked.append(url)
        await asyncio.sleep(0)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, CrawlError):
            raise answer
        return answer


def test_rules_are_kept_for_a_day_and_asked_for_once() -> None:
    reader, now = Reader((200, b"")), [0.0]
    cache = RobotsCache("venues", reader, lambda: now[0])

    async def many() -> int:
        await asyncio.gather(*(cache.rules("https://a.org", MANNERS) for _ in range(5)))
        return len(reader.asked)

    async def days() -> None:
        assert await many() == 1
        now[0] = KEPT_FOR - 1
        assert await many() == 1
        now[0] = KEPT_FOR
        assert await many() == 2

    asyncio.run(days())
    assert set(reader.asked) == {"https://a.org/robots.txt"}


def test_a_refusal_for_a_fault_is_kept_for_an_hour() -> None:
    reader, now = Reader((500, b""), (404, b"")), [0.0]
    cache = RobotsCache("venues", reader, lambda: now[0])
    with pytest.raises(RobotsForbidden):
        asyncio.run(cache.rules("https://a.org", MANNERS)).check("https://a.org/")
    now[0] = REFUSAL_KEPT_FOR
    asyncio.run(cache.rules("https://a.org", MANNERS)).check("https://a.org/")


def test_a_site_out_of_reach_is_unreachable_and_nothing_is_kept() -> None:
    reader = Reader(Unreachable("https://a.org", "gave no answer"), (404, b""))
    cache = RobotsCache("venues", reader, lambda: 0.0)
    with pytest.raises(Unreachable):
        asyncio.run(cache.rules("https://a.org", MANNERS))
    asyncio.run(cache.rules("https://a.org", MANNERS)).check("https://a.org/")


def test_robots_that_redirect_for_ever_forbid() -> None:
    reader = Reader(TooLarge("https://a.org", "is redirected more than 5 times"))
    cache = RobotsCache("venues", reader, lambda: 0.0)
    with pytest.raises(RobotsForbidden, match="redirected"):
        asyncio.run(cache.rules("https://a.org", MANNERS)).check("https://a.org/")


# through the gate, against a real server


def paths_asked(robots: Reply, *paths: str, expected: type[Exception] | None) -> list[str]:
    with Loopback(lambda path: robots if path == "/robots.txt" else Reply(b"here")) as server:
        manners = Manners(pace=0, homes=frozenset({("127.0.0.1", server.port)}))

        async def ask() -> None:
            async with Fetcher(bounds=Bounds(attempts=1), clock=Clock()) as fetcher:
                for path in paths:
                    await fetcher.fetch(Request(url=f"{server.url}{path}"), manners)

        if expected:
            with pytest.raises(expected):
                asyncio.run(ask())
        else:
            asyncio.run(ask())
        return server.paths


def test_not_one_request_reaches_a_forbidden_path() -> None:
    robots = Reply(b"User-agent: *\nDisallow: /api/")
    assert paths_asked(robots, "/ok", "/api/rooms", expected=RobotsForbidden) == ["/robots.txt", "/ok"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_robots_file_that_fails_closes_the_site(status: int) -> None:
    assert paths_asked(Reply(status=status), "/ok", expected=RobotsForbidden) == ["/robots.txt"]


def test_a_robots_file_that_says_when_to_come_back_is_believed() -> None:
    reply = Reply(status=503, headers={"Retry-After": "3600"})
    assert paths_asked(reply, "/ok", expected=Blocked) == ["/robots.txt"]


def test_a_robots_file_is_read_to_500_kib_and_cut_there() -> None:
    rule = b"User-agent: *\nDisallow: /late\n"
    early = rule.rjust(500 * 1024, b"\n")
    late = b"\n" * MAX_BYTES + rule
    assert paths_asked(Reply(early), "/late", expected=RobotsForbidden) == ["/robots.txt"]
    assert paths_asked(Reply(late), "/late", expected=None) == ["/robots.txt", "/late"]


def test_a_robots_file_elsewhere_is_followed_to() -> None:
    pages = {
        "/robots.txt": Reply(status=301, headers={"Location": "/en/robots.txt"}),
        "/en/robots.txt": Reply(b"User-agent: *\nDisallow: /a"),
    }
    with Loopback(lambda path: pages.get(path, Reply(b"here"))) as server:
        manners = Manners(pace=0, homes=frozenset({("127.0.0.1", server.port)}))

        async def ask() -> None:
            async with Fetcher() as fetcher:
                await fetcher.fetch(Request(url=f"{server.url}/a"), manners)

        with pytest.raises(RobotsForbidden):
            asyncio.run(ask())
        assert server.paths == ["/robots.txt", "/en/robots.txt"]
