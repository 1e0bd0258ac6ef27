"""The gate against real servers on loopback, most of them hostile."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import shutil
import ssl
import subprocess
import threading
import time
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import stamina

from crawlers.addresses import CheckedTransport
from crawlers.contract import Manners, NeedsKey, Page, Request
from crawlers.fetching import Bounds, Fetcher
from crawlers.notes import Notes
from crawlers.pacing import Clock
from crawlers.testing import Loopback, Reply
from venues.errors import (
    AddressRefused,
    Blocked,
    CrawlError,
    PageChanged,
    RobotsForbidden,
    TooLarge,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

OPEN = Reply(status=404)
"""No robots.txt: no rules."""


@pytest.fixture(autouse=True)
def _no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


def serving(pages: dict[str, Reply], robots: Reply = OPEN) -> Loopback:
    return Loopback(lambda path: robots if path == "/robots.txt" else pages.get(path, Reply(status=404)))


def at_home(*servers: Loopback, pace: float = 0.0) -> Manners:
    return Manners(pace=pace, homes=frozenset(("127.0.0.1", server.port) for server in servers))


def fetch(url: str, manners: Manners, /, *, request: Request | None = None, **settings: Any) -> Page:
    async def once() -> Page:
        async with Fetcher(**settings) as fetcher:
            return await fetcher.fetch(request or Request(url=url), manners)

    return asyncio.run(once())


def fault(error: type[CrawlError], url: str, manners: Manners, /, **settings: Any) -> Any:
    with pytest.raises(error) as caught:
        fetch(url, manners, **settings)
    assert type(caught.value) is error or error is Unreachable
    return caught.value


def resolving(**names: list[str]) -> Callable[[str, int], Awaitable[list[str]]]:
    async def resolver(host: str, _port: int) -> list[str]:
        return names.get(host.replace(".", "_"), [host])

    return resolver


# what comes back


def test_a_page_says_what_was_asked_and_what_came() -> None:
    with serving({"/a?b=c": Reply("Café".encode(), headers={"Content-Type": "text/html", "X-One": "1"})}) as server:
        request = Request(url=f"{server.url}/a?b=c#part", accept="text/html", note="boards")
        page = fetch("", at_home(server), request=request, contact="crawl@example.org")
    assert (page.request, page.url, page.status, page.text) == (request, f"{server.url}/a?b=c", 200, "Café")
    assert page.headers["x-one"] == "1"
    assert page.fetched_at.tzinfo is UTC
    assert server.paths == ["/robots.txt", "/a?b=c"]
    for asked in server.asked:
        assert asked.headers["user-agent"].startswith("venues/0.1 (+crawl@example.org)")
        assert "cookie" not in asked.headers
    assert server.asked[1].headers["accept"] == "text/html"


@pytest.mark.parametrize(
    ("header", "body", "text"),
    [
        ("text/html; charset=iso-8859-1", "naïve “x”".encode("cp1252"), "naïve “x”"),
        ("text/html", '<meta charset="windows-1251">Привет'.encode("cp1251"), '<meta charset="windows-1251">Привет'),
        ("text/html; charset=nonsense", "é".encode(), "é"),
        ("text/html; charset=idna", b"abc", "abc"),
        ("text/html; charset=utf-8", "é".encode("latin-1"), "\ufffd"),
        ("text/xml", "<?xml version='1.0' encoding='l2'?>ł".encode("l2"), "<?xml version='1.0' encoding='l2'?>ł"),
        ("text/html; charset=utf-16", "\ufeffé".encode("utf-16-le"), "é"),
    ],
)  # fmt: skip
def test_a_wrong_or_missing_charset_costs_characters_at_most(header: str, body: bytes, text: str) -> None:
    with serving({"/": Reply(body, headers={"Content-Type": header})}) as server:
        assert fetch(f"{server.url}/", at_home(server)).text == text


def _deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", _deflated)]
)
@pytest.mark.parametrize("size", [0, 1, 65536, 131072, 300_001])
def test_a_packed_body_is_unpacked_whole(coding: str, pack: Callable[[bytes], bytes], size: int) -> None:
    body = b"x" * size
    with serving({"/": Reply(pack(body), headers={"Content-Encoding": coding})}) as server:
        assert fetch(f"{server.url}/", at_home(server)).body == body


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, NeedsKey),
        (403, Blocked),
        (404, PageChanged),
        (410, PageChanged),
        (418, PageChanged),
        (429, Blocked),
        (451, Blocked),
        (503, Blocked),
        (500, Unreachable),
        (502, Unreachable),
    ],
)
def test_each_status_has_its_consequence(status: int, error: type[CrawlError]) -> None:
    with serving({"/x": Reply(status=status)}) as server:
        assert fault(error, f"{server.url}/x", at_home(server)).subject == f"{server.url}/x"
        assert server.paths.count("/x") == (3 if status in {500, 502} else 1)


def test_a_status_that_is_tolerated_is_a_page() -> None:
    with serving({}) as server:
        request = Request(url=f"{server.url}/api/v4", tolerates=frozenset({404}))
        assert fetch("", at_home(server), request=request).status == 404


def test_a_fault_that_passes_is_asked_again() -> None:
    answers = itertools.chain([Reply(status=500), Reply(status=502)], itertools.repeat(Reply(b"here")))
    with Loopback(lambda path: OPEN if path == "/robots.txt" else next(answers)) as server:
        assert fetch(f"{server.url}/", at_home(server)).body == b"here"


# limits


def test_a_huge_body_is_refused() -> None:
    with serving({"/": Reply(b"x" * 200_000)}) as server:
        fault(TooLarge, f"{server.url}/", at_home(server), bounds=Bounds(page_bytes=100_000))


@pytest.mark.parametrize("layers", [1, 2])
def test_a_gzip_bomb_stops_at_the_limit(layers: int) -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), compresslevel=1)
    coding = "gzip"
    if layers == 2:
        bomb, coding = gzip.compress(bomb), "gzip, gzip"
    error = TooLarge if layers == 1 else PageChanged
    with serving({"/": Reply(bomb, headers={"Content-Encoding": coding})}) as server:
        started = time.process_time()
        fault(error, f"{server.url}/", at_home(server))
        assert time.process_time() - started < 2


def test_a_body_that_is_not_packed_as_it_says_is_refused() -> None:
    with serving({"/": Reply(b"plain", headers={"Content-Encoding": "gzip"})}) as server:
        fault(PageChanged, f"{server.url}/", at_home(server))


def test_a_slow_drip_ends_at_the_time_limit() -> None:
    with serving({"/": Reply(b"x" * 1000, drip=0.05)}) as server:
        started = time.monotonic()
        error = fault(Unreachable, f"{server.url}/", at_home(server), bounds=Bounds(seconds=0.5, attempts=1))
        assert time.monotonic() - started < 20, "the whole would take 50"
    assert "0.5 s" in error.reason


def test_a_body_that_breaks_off_is_a_fault() -> None:
    with serving({"/": Reply(b"half", headers={"Content-Length": "8", "Connection": "close"})}) as server:
        fault(Unreachable, f"{server.url}/", at_home(server), bounds=Bounds(seconds=1.0, attempts=1))


def test_nobody_there() -> None:
    with serving({}) as server:
        url, manners = f"{server.url}/", at_home(server)
    fault(Unreachable, url, manners)


# redirects


def test_a_redirect_is_followed_and_the_page_says_where_it_came_from() -> None:
    with serving({"/old": Reply(status=301, headers={"Location": "new#part"}), "/new": Reply(b"here")}) as server:
        page = fetch(f"{server.url}/old", at_home(server))
    assert (page.url, page.body) == (f"{server.url}/new", b"here")


def test_endless_redirects_end() -> None:
    def answer(path: str) -> Reply:
        return OPEN if path == "/robots.txt" else Reply(status=302, headers={"Location": f"{path}x"})

    with Loopback(answer) as server:
        fault(TooLarge, f"{server.url}/", at_home(server))
        assert len(server.paths) == 1 + 6


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://example.org/", "//user:pw@example.org/", "http://[bad"]
)
def test_a_redirect_to_another_scheme_is_refused(target: str) -> None:
    with (
        serving({"/": Reply(status=302, headers={"Location": target})}) as server,
        pytest.raises((AddressRefused, PageChanged)),
    ):
        fetch(f"{server.url}/", at_home(server))


def test_a_redirect_to_a_private_address_is_refused_and_never_reaches_it() -> None:
    with serving({"/": Reply(b"secret")}) as inside:
        with serving({"/": Reply(status=302, headers={"Location": f"{inside.url}/"})}) as outside:
            fault(AddressRefused, f"{outside.url}/", at_home(outside))
        assert inside.paths == []


def test_robots_are_not_asked_of_what_is_the_users_own_and_are_of_all_else() -> None:
    no = Reply(b"User-agent: *\nDisallow: /")
    with serving({"/search?q=x": Reply(b"hits")}, no) as own, serving({"/": Reply()}, no) as other:
        manners = replace(at_home(own, other), own=frozenset({("127.0.0.1", own.port)}))
        assert fetch(f"{own.url}/search?q=x", manners).text == "hits"
        fault(RobotsForbidden, f"{other.url}/", manners)
        assert (["/search?q=x"], ["/robots.txt"]) == (own.paths, other.paths)


def test_robots_are_asked_again_at_the_place_a_redirect_leads_to() -> None:
    with serving({"/": Reply(b"no")}, robots=Reply(b"User-agent: venues\nDisallow: /")) as shut:
        with serving({"/": Reply(status=302, headers={"Location": f"{shut.url}/"})}) as door:
            fault(RobotsForbidden, f"{door.url}/", at_home(door, shut))
        assert shut.paths == ["/robots.txt"]


# addresses


def test_loopback_is_refused_unless_it_is_configured() -> None:
    with serving({"/": Reply(b"secret")}) as server:
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
            fault(AddressRefused, f"http://{host}:{server.port}/", Manners(pace=0))
        assert server.asked == []


def test_only_the_configured_port_of_a_private_host_is_open() -> None:
    with serving({}) as home, serving({"/": Reply(b"secret")}) as other:
        fault(AddressRefused, f"{other.url}/", at_home(home))
        assert other.asked == []


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::1"], ["169.254.169.254"]])
def test_a_name_that_leads_to_a_private_address_is_refused(addresses: list[str]) -> None:
    with serving({"/": Reply(b"secret")}) as server:
        url = f"http://rebound.example:{server.port}/"
        fault(AddressRefused, url, Manners(pace=0), resolver=resolving(rebound_example=addresses))
        assert server.asked == []


def test_a_name_is_resolved_once_and_the_connection_goes_to_that_very_address() -> None:
    looked_up = []

    async def resolver(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["192.0.2.1"]

    with serving({"/": Reply(b"here")}) as server:
        home = Manners(pace=0, homes=frozenset({("pinned.lan", server.port)}))
        assert fetch(f"http://pinned.lan:{server.port}/", home, resolver=resolver).body == b"here"
        assert server.asked[1].headers["host"] == f"pinned.lan:{server.port}"
    assert looked_up == ["pinned.lan"]


def test_a_name_that_leads_nowhere_is_unreachable() -> None:
    async def resolver(host: str, _port: int) -> list[str]:
        raise OSError(f"{host} is unknown")

    fault(Unreachable, "https://no.example/", Manners(pace=0), resolver=resolver)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://a.org/", "http://", "nonsense", "http://a:b@c.org/"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    fault(AddressRefused, url, Manners(pace=0))


# asked to wait


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_told_and_kept(status: int, form: str) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    until = now + timedelta(seconds=600)
    said = "600" if form == "seconds" else format_datetime(until, usegmt=True)
    with serving({"/": Reply(status=status, headers={"Retry-After": said})}) as server:

        async def twice() -> list[Blocked]:
            found = []
            async with Fetcher(clock=Clock(now=lambda: now)) as fetcher:
                for _ in range(2):
                    try:
                        await fetcher.fetch(Request(url=f"{server.url}/"), at_home(server))
                    except Blocked as error:
                        found.append(error)
            return found

        first, second = asyncio.run(twice())
        assert first.retry_after == until
        assert second.retry_after is not None
        assert abs(second.retry_after - until) < timedelta(seconds=5)
        assert server.paths == ["/robots.txt", "/"]


def test_a_limit_that_is_used_up_is_waited_for() -> None:
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    used_up = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "20"}
    with serving({"/a": Reply(b"a", headers=used_up), "/b": Reply(b"b")}) as server:

        async def both() -> None:
            async with Fetcher(clock=Clock(sleep=sleep)) as fetcher:
                await fetcher.fetch(Request(url=f"{server.url}/a"), at_home(server))
                await fetcher.fetch(Request(url=f"{server.url}/b"), at_home(server))

        asyncio.run(both())
    assert len(slept) == 1
    assert 10 < slept[0] <= 20  # what passed in between, on however slow a machine, is taken off


def test_the_server_itself_measures_the_pace_and_never_two_at_once() -> None:
    pages = {f"/{number}": Reply(b"x" * 4, drip=0.01) for number in range(5)}
    with serving(pages, robots=Reply(b"User-agent: *\nCrawl-delay: 0.4")) as server:

        async def all_at_once() -> None:
            async with Fetcher() as fetcher:
                await asyncio.gather(
                    *(fetcher.fetch(Request(url=f"{server.url}{path}"), at_home(server, pace=0.2)) for path in pages)
                )

        asyncio.run(all_at_once())
        arrivals = [asked.at for asked in server.asked]
    assert server.paths.count("/robots.txt") == 1
    assert len(arrivals) == 6
    gaps = [later - earlier for earlier, later in itertools.pairwise(arrivals)]
    assert gaps[0] >= 0.2
    assert all(gap >= 0.4 for gap in gaps[1:])
    assert min(gaps[1:]) < 0.8, "the least: a machine that stands still makes others longer"


def test_hosts_do_not_wait_for_each_other() -> None:
    both_asked = threading.Barrier(2, timeout=20)

    def answer(_path: str) -> Reply:
        both_asked.wait()
        return OPEN

    with Loopback(answer) as one, Loopback(answer) as two:

        async def both() -> None:
            async with Fetcher(bounds=Bounds(attempts=1)) as fetcher:
                manners = at_home(one, two, pace=0.1)
                asking = [
                    fetcher.fetch(Request(url=f"{each.url}/", tolerates=frozenset({404})), manners)
                    for each in (one, two)
                ]
                await asyncio.gather(*asking)

        asyncio.run(both())
        assert one.paths == two.paths == ["/robots.txt", "/"]


# the memory of earlier crawls


@pytest.fixture
def notes() -> Iterator[Notes]:
    with Notes(":memory:") as opened:
        yield opened


def serving_one_by_one(*replies: Reply) -> Loopback:
    left = list(replies)
    return Loopback(lambda path: OPEN if path == "/robots.txt" else left.pop(0))


RATED = {"ETag": '"1"', "Last-Modified": "Sun, 22 Nov 2026 12:00:00 GMT", "Content-Type": "text/plain"}


def test_an_unchanged_page_is_not_sent_again(notes: Notes) -> None:
    with serving_one_by_one(Reply(b"rooms", headers=RATED), Reply(status=304), Reply(status=304)) as server:
        first, second, third = (fetch(f"{server.url}/", at_home(server), memory=notes) for _ in range(3))
        for asked in server.asked[2:]:
            assert asked.headers["if-none-match"] == '"1"'
            assert asked.headers["if-modified-since"] == RATED["Last-Modified"]
    assert (second.status, second.body, second.headers) == (200, b"rooms", first.headers)
    assert first.fetched_at < second.fetched_at < third.fetched_at


def test_a_changed_page_takes_the_place_of_the_one_that_was_kept(notes: Notes) -> None:
    changed = {"ETag": '"2"'}
    with serving_one_by_one(Reply(b"a", headers=RATED), Reply(b"b", headers=changed), Reply(status=304)) as server:
        assert [b"a", b"b", b"b"] == [fetch(f"{server.url}/", at_home(server), memory=notes).body for _ in range(3)]
        assert server.asked[-1].headers["if-none-match"] == '"2"'


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"no validator"),
        Reply(b"not to be kept", headers=RATED | {"Cache-Control": "private, no-store"}),
        Reply(b"never the same", headers=RATED | {"Vary": "*"}),
        Reply(b"a fault", status=404, headers=RATED),
    ],
)
def test_what_may_not_be_kept_is_asked_for_whole(reply: Reply, notes: Notes) -> None:
    with serving_one_by_one(reply, reply) as server:
        request = Request(url=f"{server.url}/", tolerates=frozenset({404}))
        for _ in range(2):
            fetch("", at_home(server), request=request, memory=notes)
        assert "if-none-match" not in server.asked[-1].headers


def test_what_a_key_opened_is_not_kept(notes: Notes) -> None:
    with serving_one_by_one(Reply(b"a", headers=RATED), Reply(b"b", headers=RATED)) as server:
        for _ in range(2):
            fetch(f"{server.url}/", at_home(server), memory=notes, auths={"127.0.0.1": httpx.BasicAuth("a", "b")})
        assert "if-none-match" not in server.asked[-1].headers
        assert "authorization" not in server.asked[-1].headers, "a key goes over https only"


def test_a_page_that_was_redirected_is_asked_for_by_its_validator_where_it_lies(notes: Notes) -> None:
    moved = Reply(status=302, headers={"Location": "/new"})
    with serving_one_by_one(moved, Reply(b"a", headers=RATED), moved, Reply(status=304)) as server:
        pages = [fetch(f"{server.url}/old", at_home(server), memory=notes) for _ in range(2)]
        assert ["if-none-match" in asked.headers for asked in server.asked] == [False, False, False, False, True]
    assert [(f"{server.url}/new", b"a")] * 2 == [(page.url, page.body) for page in pages]


def test_the_next_crawl_knows_the_robots_file_and_its_delay(notes: Notes) -> None:
    with serving({"/": Reply(b"a")}, robots=Reply(b"User-agent: *\nDisallow: /no\nCrawl-delay: 0.5")) as server:
        for _ in range(2):
            fetch(f"{server.url}/", at_home(server), memory=notes)
        fault(RobotsForbidden, f"{server.url}/no", at_home(server), memory=notes)
        assert server.paths == ["/robots.txt", "/", "/"]
        # The first may have been heard a moment late.
        assert server.asked[2].at - server.asked[1].at >= 0.4


def test_a_robots_file_of_yesterday_is_asked_for_anew(notes: Notes) -> None:
    with serving({"/": Reply(b"a")}) as server:
        for days in (0, 2):
            clock = Clock(now=lambda days=days: datetime.now(UTC) + timedelta(days=days))
            fetch(f"{server.url}/", at_home(server), memory=notes, clock=clock)
        assert server.paths == ["/robots.txt", "/"] * 2


def test_a_private_sites_robots_file_says_nothing_to_a_public_request(notes: Notes) -> None:
    with serving({"/": Reply(b"a")}) as server:
        fetch(f"{server.url}/", at_home(server), memory=notes)
        fault(AddressRefused, f"{server.url}/", Manners(pace=0), memory=notes)
        assert server.paths == ["/robots.txt", "/"]


# names and certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for forum.lan that it signed itself, with its key in the same file."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("TLS IS NOT TRIED: there is no openssl here to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    command = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=forum.lan -addext"
    names = ["subjectAltName=DNS:forum.lan", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


@contextmanager
def encrypted(certificate: Path) -> Iterator[tuple[Loopback, list[str | None]]]:
    """Serve over TLS, and record the names that clients ask for."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = serving({"/": Reply(b"here")})
    server._server.socket = context.wrap_socket(server._server.socket, server_side=True, do_handshake_on_connect=False)
    server._server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that hangs up is the point
    with server:
        yield server, names


def tls_home(server: Loopback) -> dict[str, Any]:
    return {"resolver": resolving(forum_lan=["127.0.0.1"]), "bounds": Bounds(attempts=1, seconds=5)}


def test_a_certificate_that_nobody_vouches_for_is_a_fault_of_its_site(certificate: Path) -> None:
    with encrypted(certificate) as (server, names):
        home = Manners(pace=0, homes=frozenset({("forum.lan", server.port)}))
        error = fault(Unreachable, f"https://forum.lan:{server.port}/", home, **tls_home(server))
        assert "certificate" in error.reason.lower()
        assert set(names) == {"forum.lan"}
        assert server.asked == []


def test_a_pinned_connection_still_says_and_checks_the_name(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with encrypted(certificate) as (server, names):
        home = Manners(pace=0, homes=frozenset({("forum.lan", server.port), ("other.lan", server.port)}))
        page = fetch(f"https://forum.lan:{server.port}/", home, **tls_home(server))
        assert page.body == b"here"
        assert names == ["forum.lan"]
        assert server.asked[1].headers["host"] == f"forum.lan:{server.port}"
        other = tls_home(server) | {"resolver": resolving(other_lan=["127.0.0.1"])}
        error = fault(Unreachable, f"https://other.lan:{server.port}/", home, **other)
        assert "other.lan" in error.reason


# many hosts


def test_connections_that_are_idle_longest_are_closed_where_there_are_too_many() -> None:
    async def go(servers: list[Loopback]) -> int:
        async with Fetcher() as fetcher:
            transport = fetcher._private._transport
            assert isinstance(transport, CheckedTransport)
            transport._most = 2
            for server in (*servers, servers[0]):
                page = await fetcher.fetch(Request(url=f"{server.url}/"), at_home(*servers))
                assert page.body == b"here"
            return len(transport._origins)

    with ExitStack() as stack:
        servers = [stack.enter_context(serving({"/": Reply(b"here")})) for _ in range(4)]
        assert 2 == asyncio.run(go(servers))


def test_a_robots_file_that_redirects_inside_is_refused_and_inside_is_not_asked() -> None:
    with serving({}) as inside:
        moved = Reply(status=301, headers={"Location": f"{inside.url}/robots.txt"})
        with serving({"/": Reply(b"here")}, robots=moved) as outside:
            fault(AddressRefused, f"{outside.url}/", at_home(outside))
            assert outside.paths == ["/robots.txt"]
        assert inside.paths == []


def test_headers_without_end_are_a_fault_of_their_site() -> None:
    with serving({"/": Reply(b"x", headers={f"X-{number}": "y" * 1000 for number in range(150)})}) as server:
        fault(Unreachable, f"{server.url}/", at_home(server), bounds=Bounds(attempts=1))
