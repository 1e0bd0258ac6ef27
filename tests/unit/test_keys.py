"""Keys reach their own host's headers, over https, and nothing else: no name, address, error or log has one."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import stamina

from crawlers.contract import Manners, NeedsKey, Page, Request
from crawlers.fetching import Fetcher
from crawlers.keys import HEADERS, TOKEN_URL, PodcastIndexKey, RedditLogIn, auths_from
from crawlers.pacing import Clock
from venues.errors import Blocked, CrawlError, PageChanged, SettingsError, TooLarge, Unreachable
from venues.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEYS = {
    "reddit_id": "id-hush1",
    "reddit_secret": "hush2",
    "youtube_key": "hush3",
    "brave_key": "hush4",
    "charity_key": "hush5",
    "podcastindex_key": "hush6",
    "podcastindex_secret": "hush7",
}
OAUTH = "https://oauth.reddit.com/subreddits/search"


@pytest.fixture(autouse=True)
def _no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


def unread(response: httpx.Response) -> httpx.Response:
    """Return a response as the wire gives it: its body still to come."""
    return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(response.content))


@dataclass
class World:
    """A gate whose wire is a function, with a clock that sleeping moves on."""

    auths: Mapping[str, httpx.Auth]
    token: Any = field(default_factory=lambda: httpx.Response(200, json={"access_token": "T0KEN", "expires_in": 3600}))
    status: int = 200
    now: float = 1000.0
    asked: list[tuple[float, httpx.Request]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((self.now, request))
        if request.url.path == "/robots.txt":
            return unread(httpx.Response(404))
        if str(request.url) == TOKEN_URL:
            if isinstance(self.token, Exception):
                raise self.token
            return unread(self.token)
        return unread(httpx.Response(self.status, json={}))

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def fetch(self, *urls: str, then: Any = None) -> list[Page | CrawlError]:
        async def run() -> list[Page | CrawlError]:
            clock = Clock(monotonic=lambda: self.now, sleep=self.sleep)
            outcomes: list[Page | CrawlError] = []
            async with Fetcher(auths=self.auths, clock=clock, contact="me@example.org") as fetcher:
                headers = fetcher._public.headers
                fetcher._public = httpx.AsyncClient(transport=httpx.MockTransport(self.answer), headers=headers)
                for url in urls:
                    try:
                        outcomes.append(await fetcher.fetch(Request(url=url), Manners(pace=0.6)))
                    except CrawlError as error:
                        outcomes.append(error)
                    if then:
                        then(self)
            return outcomes

        return asyncio.run(run())

    def requests(self, start: str) -> list[httpx.Request]:
        return [each for _, each in self.asked if str(each.url).startswith(start)]


def reddit(world_now: float = 1000.0, **more: Any) -> World:
    world = World({}, now=world_now, **more)
    world.auths = {"oauth.reddit.com": RedditLogIn("id-hush1", "hush2", lambda: world.now)}
    return world


@pytest.mark.parametrize("host", HEADERS)
def test_a_key_is_sent_in_its_header_to_its_own_host_alone(host: str) -> None:
    name, header = HEADERS[host]
    world = World(auths_from(KEYS))
    world.fetch(f"https://{host}/a?b=c", "https://example.org/", f"http://{host}/")
    (keyed,) = world.requests(f"https://{host}/a")
    assert KEYS[name] == keyed.headers[header]
    for request in world.requests("https://example.org") + world.requests("http://"):
        assert "hush" not in str(request.headers.raw)
    assert all("hush" not in str(request.url) for _, request in world.asked)


def test_podcast_index_is_sent_a_digest_of_key_secret_and_time() -> None:
    world = World({"api.podcastindex.org": PodcastIndexKey("KEY", "hush", lambda: 1700000000.9)})
    world.fetch("https://api.podcastindex.org/api/1.0/search/byterm?q=x")
    (request,) = world.requests("https://api.podcastindex.org/api")
    assert ("1700000000", "KEY") == (request.headers["x-auth-date"], request.headers["x-auth-key"])
    assert hashlib.sha1(b"KEYhush1700000000").hexdigest() == request.headers["authorization"]
    assert "hush" not in str(request.headers.raw)


def test_a_host_whose_key_is_not_set_is_not_asked_at_all() -> None:
    world = World(auths_from({}))
    hosts = [*HEADERS, "oauth.reddit.com", "api.podcastindex.org"]
    outcomes = world.fetch(*(f"https://{host}/x" for host in hosts))
    assert [] == world.asked
    assert all(isinstance(outcome, NeedsKey) and "VENUES_" in outcome.reason for outcome in outcomes)


def test_reddit_is_asked_for_a_token_once_and_again_before_it_ends() -> None:
    world = reddit()

    def wait(world: World) -> None:
        world.now += 890

    pages = world.fetch(*[f"{OAUTH}?q={number}" for number in range(5)], then=wait)
    assert all(isinstance(page, Page) for page in pages)
    tokens = [at for at, request in world.asked if str(request.url) == TOKEN_URL]
    assert 2 == len(tokens)
    assert tokens[1] - tokens[0] < 3600
    (first, *_) = world.requests(TOKEN_URL)
    assert ("POST", b"grant_type=client_credentials") == (first.method, first.content)
    assert "id-hush1:hush2" == b64decode(first.headers["authorization"].removeprefix("Basic ")).decode()
    assert first.headers["user-agent"].startswith("venues/0.1 (+me@example.org)")
    assert {"Bearer T0KEN"} == {request.headers["authorization"] for request in world.requests(OAUTH)}


def test_the_token_is_asked_for_in_its_own_hosts_turn() -> None:
    world = reddit()
    world.fetch("https://www.reddit.com/elsewhere", f"{OAUTH}?q=1")
    times = [at for at, request in world.asked if request.url.host == "www.reddit.com"]
    assert 3 == len(times)  # robots.txt, the page, the token
    assert times[2] - times[1] >= 1.0


def test_a_token_taken_back_is_replaced_for_the_next_request() -> None:
    world = reddit(status=401)
    world.fetch(f"{OAUTH}?q=1", f"{OAUTH}?q=2")
    assert len(world.requests(TOKEN_URL)) == 2


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (httpx.Response(401, json={"message": "Unauthorized", "error": 401}), NeedsKey),
        (httpx.Response(200, json={"error": "invalid_grant"}), NeedsKey),
        (httpx.Response(200, json={"access_token": "a b\n", "expires_in": 1}), NeedsKey),
        (httpx.Response(200, json=[]), NeedsKey),
        (httpx.Response(200, content=b"<html>"), PageChanged),
        (httpx.Response(429, headers={"retry-after": "30"}), Blocked),
        (httpx.Response(500), Unreachable),
        (httpx.Response(200, content=b"x" * 100_000), TooLarge),
        (httpx.ConnectError("no"), Unreachable),
    ],
)
def test_a_log_in_that_fails_is_the_sites_fault_and_is_not_tried_again_at_once(token: Any, error: Any) -> None:
    world = reddit(token=token)
    outcomes = world.fetch(f"{OAUTH}?q=1", f"{OAUTH}?q=2")
    assert all(isinstance(outcome, error) for outcome in outcomes)
    assert [] == world.requests(OAUTH)
    assert "hush" not in "".join(map(str, outcomes))
    if not isinstance(token, Exception):
        assert 1 == len(world.requests(TOKEN_URL))


def test_no_fault_and_no_log_has_a_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world = World(auths_from(KEYS), status=500)
    outcomes = world.fetch(*(f"https://{host}/x" for host in [*HEADERS, "oauth.reddit.com", "api.podcastindex.org"]))
    said = caplog.text + "".join(f"{outcome!r} {outcome.__cause__!r}" for outcome in outcomes if outcome)
    assert "hush" not in said
    assert "T0KEN" not in said
    assert "hush" not in repr(world.auths)


@pytest.mark.parametrize("key", ["with space", "line\nbreak", "ключ", 'quo"ted', "nul\0"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(SettingsError, match="VENUES_BRAVE_KEY") as caught:
        auths_from({"brave_key": key})
    assert key not in str(caught.value)


@pytest.mark.parametrize(("half", "missing"), [("reddit_id", "REDDIT_SECRET"), ("podcastindex_secret", "INDEX_KEY")])
def test_half_of_a_pair_is_refused_with_the_name_of_the_other(half: str, missing: str) -> None:
    with pytest.raises(SettingsError, match=missing) as caught:
        auths_from({half: "hush"})
    assert "hush" not in str(caught.value)


def test_keys_are_settings_that_are_not_shown() -> None:
    settings = read_settings({f"VENUES_{name.upper()}": key for name, key in KEYS.items()})
    assert KEYS == settings.keys
    assert "hush" not in repr(settings)
    assert set(KEYS) == set(Settings().keys)
    assert "https://search.example" == read_settings({"VENUES_SEARXNG": "https://search.example"}).searxng
