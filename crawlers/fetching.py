"""The one polite gate: every request of every crawler goes through `Fetcher.fetch`, and none can go round it.

For each request, and for each address it is redirected to: http or https only; robots.txt permits it, or the user has
a key to the host or owns it; the host's turn has come; the connection goes to a checked address; the reply is bounded
in time and size. What fails is a CrawlError.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import stamina

from crawlers.addresses import CheckedTransport, origin, resolve
from crawlers.bodies import ACCEPTED, encoding_of, read_body
from crawlers.contract import Manners, NeedsKey, Page, Request
from crawlers.pacing import Book, Clock, Pacer, Waits
from crawlers.robots import MAX_BYTES, RobotsCache, Rules, Shelf
from crawlers.waiting import asked_to_wait
from venues.errors import Blocked, CrawlError, PageChanged, TooLarge, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from types import TracebackType
    from typing import Any, Self

    from crawlers.addresses import Resolver
    from crawlers.pacing import Turn

AGENT = "venues"
"""Our product token: sites name it in robots.txt to speak to us."""
LOG_IN = "venues.log_in"
"""Under this name an httpx.Auth finds, among a request's extensions, how to make a request of its own."""
LOG_IN_BYTES = 64 * 1024
# Each retry is a warning to stamina; without a handler Python would print it across the progress bars.
logging.getLogger("stamina").addHandler(logging.NullHandler())
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEFAULT_PORTS = {("http", 80), ("https", 443)}


class Memory(Book, Shelf, Protocol):
    """What earlier crawls knew of hosts, and their pages, so that an unchanged one need not be sent again."""

    def recall(self, request: Request) -> Page | None:
        """Return the page last kept for a request."""
        ...

    def keep(self, page: Page) -> None:
        """Keep a page that carries a validator."""
        ...

    def still_good(self, page: Page, at: datetime) -> None:
        """Learn that a page was asked for and has not changed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one request may cost."""

    page_bytes: int = 5 * 1024 * 1024
    """After unpacking."""
    seconds: float = 30.0
    """From connecting to the last byte, for each redirect: a slow drip ends here."""
    redirects: int = 5
    attempts: int = 3
    """Of one GET that got no answer or a server's fault."""
    waits: Waits = field(default_factory=Waits)


@dataclass(frozen=True, slots=True)
class _Hop:
    """One request on the way to a page."""

    request: Request
    pace: float
    homes: frozenset[tuple[str, int]]
    conditions: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    """Keep what fits in so many bytes, instead of refusing a larger body."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """One reply that has been read, whatever it says."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    retry_after: datetime | None


@dataclass(kw_only=True)
class Fetcher:
    """Fetches pages politely. Used as an async context manager; one for all sites, so that they share hosts' pace."""

    contact: str = ""
    """An address or page by which a site's owner can reach whoever runs this."""
    bounds: Bounds = field(default_factory=Bounds)
    clock: Clock = field(default_factory=Clock)
    resolver: Resolver = resolve
    auths: Mapping[str, httpx.Auth] = field(default_factory=dict)
    """How to log in, by host name; sent to that host over https only."""
    memory: Memory | None = None
    version: str = "0.1"

    def __post_init__(self) -> None:
        self._pacer = Pacer(self.clock, self.bounds.waits, self.memory)
        self._robots = {
            private: RobotsCache(AGENT, self._read_robots, self._time, self.memory, "private " if private else "")
            for private in (False, True)
        }
        self._public = self._client(private=False)
        # Private addresses have connections of their own: none is ever lent to a public site's request.
        self._private = self._client(private=True)

    def _time(self) -> float:
        return self.clock.now().timestamp()

    def stop(self) -> None:
        """Let open pages end and ask for no further one: whoever waits for a turn is told so by Stopped."""
        self._pacer.stop()

    @property
    def user_agent(self) -> str:
        """What we call ourselves."""
        return f"{AGENT}/{self.version}" + (f" (+{self.contact})" if self.contact else "")

    async def fetch(self, request: Request, manners: Manners = Manners()) -> Page:  # noqa: B008 - frozen
        """Return the page. Raises a CrawlError."""
        memory = self._memory_for(request)
        known = memory.recall(request) if memory is not None else None
        reply = await self._follow(request, manners, known)
        if reply.status == 304 and memory is not None and known:
            memory.still_good(known, reply.at)
            return replace(known, fetched_at=reply.at)
        if not 200 <= reply.status < 300 and reply.status not in request.tolerates:
            raise fault_of(reply.url, reply.status, reply.retry_after)
        page = Page(
            request=request,
            url=reply.url,
            status=reply.status,
            body=reply.body,
            fetched_at=reply.at,
            headers=reply.headers,
            encoding=encoding_of(reply.headers.get("content-type", ""), reply.body),
        )
        if memory is not None and _may_be_kept(page):
            memory.keep(page)
        return page

    def _memory_for(self, request: Request) -> Memory | None:
        """Return where a page is kept: not what came by a query that was sent, nor what only a key opens."""
        return self.memory if request.method == "GET" and urlsplit(request.url).hostname not in self.auths else None

    async def _follow(self, request: Request, manners: Manners, known: Page | None) -> _Reply:
        """Make a request and follow its redirects, each under the same rules as the first."""
        url = urldefrag(request.url).url
        for _ in range(self.bounds.redirects + 1):
            rules = await self._rules(url, manners)
            rules.check(url)
            conditions = validators(known) if known and known.url == url else {}
            hop = _Hop(replace(request, url=url), max(manners.pace, rules.delay), manners.homes, conditions)
            reply = await self._persist(hop)
            target = _redirect(reply)
            if target is None:
                return reply
            if request.method != "GET":
                raise PageChanged(url, f"sends a query on to {target}")
            url = target
        raise TooLarge(request.url, f"is redirected more than {self.bounds.redirects} times")

    async def _rules(self, url: str, manners: Manners) -> Rules:
        scheme, host, port = origin(url)
        if (scheme == "https" and host in self.auths) or (host, port) in manners.own:
            # robots.txt speaks to strangers: whoever gave the user a key has agreed to be asked, under its terms.
            return Rules(AGENT)
        name = f"[{host}]" if ":" in host else host
        root = f"{scheme}://{name}" if (scheme, port) in _DEFAULT_PORTS else f"{scheme}://{name}:{port}"
        # What one site may reach and another may not has two entries: one site's refusal says nothing of the other's.
        return await self._robots[(host, port) in manners.homes].rules(root, manners)

    async def _read_robots(self, url: str, manners: Manners) -> tuple[int, bytes]:
        """Fetch a robots.txt: the one request that needs no permission."""
        for _ in range(self.bounds.redirects + 1):
            request = Request(url=url, accept="text/plain, */*;q=0.1")
            try:
                reply = await self._persist(_Hop(request, manners.pace, manners.homes, cut_at=MAX_BYTES))
            except _ServerFault as fault:
                return fault.status, b""
            if reply.status in {429, 503} and asked_to_wait(reply.headers, reply.status, reply.at):
                raise fault_of(reply.url, reply.status, reply.retry_after)
            target = _redirect(reply)
            if target is None:
                return reply.status, reply.body
            url = target
        raise TooLarge(url, f"is redirected more than {self.bounds.redirects} times")

    async def _persist(self, hop: _Hop) -> _Reply:
        """Ask, and ask again after a fault that may pass. Only a GET: whatever else was sent may have arrived."""
        attempts = self.bounds.attempts if hop.request.method == "GET" else 1
        async for attempt in stamina.retry_context(
            on=Unreachable, attempts=attempts, timeout=None, wait_initial=0.5, wait_max=10.0, wait_jitter=1.0
        ):
            with attempt:
                return await self._ask(hop)
        raise AssertionError("stamina leaves its loop by a return or an exception")

    async def _ask(self, hop: _Hop) -> _Reply:
        """Make one request in the host's turn."""
        url = hop.request.url
        scheme, host, port = origin(url)
        key = host if (scheme, port) in _DEFAULT_PORTS else f"{host}:{port}"
        async with self._pacer.turn(url, key, hop.pace) as turn:
            try:
                async with asyncio.timeout(self.bounds.seconds):
                    return await self._exchange(hop, turn)
            except TimeoutError as error:
                raise Unreachable(url, f"took longer than {self.bounds.seconds:g} s") from error
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
                raise Unreachable(url, f"broke off: {error or type(error).__name__}") from error

    async def _exchange(self, hop: _Hop, turn: Turn) -> _Reply:
        url = hop.request.url
        response = await self._send(hop, turn)
        status = response.status_code
        headers = {name.lower(): value for name, value in response.headers.items()}
        try:
            turn.heard()
            told = turn.told(headers, status)
            if status >= 500 and status not in {503, *hop.request.tolerates}:
                raise _ServerFault(url, status)
            cut = hop.cut_at is not None or status == 429
            body = await read_body(response, hop.cut_at or self.bounds.page_bytes, cut=cut)
        finally:
            await response.aclose()
        if status == 429:
            told = turn.told(headers, status, body)
        return _Reply(url, status, headers, body, self.clock.now(), told)

    async def _send(self, hop: _Hop, turn: Turn) -> httpx.Response:
        async def trace(event: str, _info: Mapping[str, Any]) -> None:
            # Connecting may take long: the pace counts from when the host hears us.
            if event.endswith("send_request_headers.started"):
                turn.sending()

        scheme, host, port = origin(hop.request.url)
        client = self._private if (host, port) in hop.homes else self._public
        headers = {"accept": hop.request.accept, **hop.conditions}
        if hop.request.body is not None:
            headers["content-type"] = "application/json"
        ask = client.build_request(
            hop.request.method,
            hop.request.url,
            headers=headers,
            content=hop.request.body,
            extensions={"trace": trace, LOG_IN: self._beside},
        )
        return await client.send(ask, stream=True, auth=self.auths.get(host) if scheme == "https" else None)

    async def _beside(self, ask: httpx.Request) -> tuple[int, bytes, datetime | None]:
        """Make the request that a log-in needs, like any other: in its host's turn, to a checked address, bounded."""
        _, host, _ = origin(str(ask.url))
        async with self._pacer.turn(str(ask.url), host, Manners().pace) as turn:
            response = await self._public.send(ask, stream=True, auth=None)
            try:
                told = turn.told(response.headers, response.status_code)
                return response.status_code, await read_body(response, LOG_IN_BYTES), told
            finally:
                await response.aclose()

    def _client(self, *, private: bool) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=CheckedTransport(private=private, resolver=self.resolver),
            headers={"user-agent": self.user_agent, "accept-encoding": ACCEPTED},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # we are nobody, and are not to be followed
            timeout=self.bounds.seconds,
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._public.aclose()
        await self._private.aclose()


class _ServerFault(Unreachable):
    """The server failed while answering."""

    def __init__(self, subject: str, status: int) -> None:
        self.status = status
        super().__init__(subject, f"answered {status}")


def fault_of(url: str, status: int, retry_after: datetime | None = None) -> CrawlError:
    """Return the error that a status stands for: its class says what follows from it."""
    if status in {429, 503}:
        return Blocked(url, f"answered {status}: too busy for us", retry_after)
    if status == 401:
        return NeedsKey(url, "answered 401: only for those who are logged in")
    if status in {403, 451}:
        return Blocked(url, f"answered {status}: not for us")
    if status in {404, 410}:
        return PageChanged(url, f"answered {status}: nothing is there any more")
    if status >= 500 or status == 408:
        return Unreachable(url, f"answered {status}")
    return PageChanged(url, f"answered {status}, which its crawler does not expect")


def validators(page: Page) -> dict[str, str]:
    """Return the headers that ask for a page only if it has changed; empty where it cannot be asked so."""
    pairs = (("if-none-match", "etag"), ("if-modified-since", "last-modified"))
    return {ask: page.headers[said] for ask, said in pairs if said in page.headers}


def _may_be_kept(page: Page) -> bool:
    """Tell whether a page can be asked for by its validator next time, and its host lets anyone keep it."""
    if page.status != 200 or not validators(page):
        return False
    return "no-store" not in page.headers.get("cache-control", "").lower() and page.headers.get("vary", "") != "*"


def _redirect(reply: _Reply) -> str | None:
    """Return where a reply sends us, if it does."""
    location = reply.headers.get("location")
    if reply.status not in _REDIRECTS or not location:
        return None
    try:
        return urldefrag(urljoin(reply.url, location)).url
    except ValueError as error:
        raise PageChanged(reply.url, "redirects to something that is no address") from error
