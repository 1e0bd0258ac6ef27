"""What every request to the server passes: who may do what, how often, how large; and what every reply carries.

It is plain ASGI: a reply that is remembered goes out from here, and costs a fraction of a millisecond.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from starlette.responses import Response

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

TOKEN_COOKIE = "venues_token"  # noqa: S105 - the name of a cookie, not what is in it
NOT_PERMITTED = "Not permitted"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_OWN_PER_MINUTE = 1_000_000
"""What this machine itself may ask: more than it can, so that a program that counts on it meets no limit."""
LONGEST_BODY = 64 * 1024
SLOWEST_BODY = 10.0
LARGE_BODIES = {"/api/v1/listings": 8_000_000, "/api/v1/read": 8_000_000, "/api/v1/profiles": 1_000_000}
"""Bytes that are read where the body is listings or a whole page."""
SLOWEST_LARGE_BODY = 60.0
REMEMBERED_PATHS = frozenset({"/", "/api/v1/find"})
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    # Other sites are told nothing. "no-referrer" would make browsers hide from us where our own forms come from.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}
_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_METHODS = SAFE | {"POST", "PATCH", "PUT", "DELETE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Who may do what."""

    token: str = field(default="", repr=False)
    """What whoever writes or crawls must show, unless the server listens on this machine alone."""
    public: bool = False
    """Whether it listens to other machines too."""
    per_minute: int = 120
    """Requests of one address, unless it is this machine."""
    writes_per_minute: int = 30
    """Of those, changes: nobody fills the disk, with or without the token, nor tries many tokens."""

    def may_write(self, request: Request) -> bool:
        """Tell whether a request may change something or start a crawl."""
        if not self.public:
            return True
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        shown = shown if scheme.lower() == "bearer" else request.cookies.get(TOKEN_COOKIE, "")
        return bool(self.token) and hmac.compare_digest(shown.encode(), self.token.encode())


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class Buckets:
    """How many requests each address has left: a bucket that fills evenly, a minute's worth deep."""

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    most: int = 10_000
    held: OrderedDict[str, _Bucket] = field(default_factory=OrderedDict)

    def take(self, client: str) -> tuple[int, float]:
        """Take one; return how many are left (-1: none was there) and the seconds until the bucket is full."""
        now, full = self.clock(), float(self.per_minute)
        bucket = self.held.setdefault(client, _Bucket(full, now))
        bucket.tokens = min(full, bucket.tokens + (now - bucket.at) * full / 60)
        bucket.at = now
        self.held.move_to_end(client)
        while len(self.held) > self.most:
            self.held.popitem(last=False)
        left = int(bucket.tokens) - 1
        bucket.tokens -= 1 if left >= 0 else 0
        return left, (full - bucket.tokens) * 60 / full


class Gate:
    """The middleware."""

    def __init__(
        self,
        app: Application,
        guard: Guard,
        problem: Callable[..., Response],
        observe: Callable[[str, str, int, float], None],
    ) -> None:
        """`problem` makes a reply of a status, a title and a detail; `observe` is told of each reply that was sent."""
        self._app, self._guard, self._problem, self._observe = app, guard, problem, observe
        self._all = {False: Buckets(guard.per_minute), True: Buckets(_OWN_PER_MINUTE)}
        self._writes = Buckets(guard.writes_per_minute)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, or let it pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        passing = _Passing(send)
        try:
            await self._answer(scope, receive, passing)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = passing.route or getattr(scope.get("route"), "path", "none")
            self._observe(method, route, passing.status, time.perf_counter() - started)

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive, passing: _Passing) -> None:
        client = network_of(scope["client"][0] if scope.get("client") else "")
        bucket = self._all[is_loopback(client)]
        left, full_in = bucket.take(client)
        if scope["path"].startswith("/api/"):
            passing.extra = _allowance(bucket.per_minute, left, full_in)
        refusal = self._too_often(client, left, bucket, scope) or _refusal(Request(scope), self._guard)
        if refusal:
            await self._refuse(scope, receive, passing, *refusal)
            return
        if await _remembered(scope, passing):
            return
        if scope["method"] not in SAFE:
            body = await _body(receive, LARGE_BODIES.get(scope["path"]))
            if isinstance(body, tuple):
                await self._refuse(scope, receive, passing, *body)
                return
            receive = _again(body, receive)
        await self._app(scope, receive, passing)

    def _too_often(
        self, client: str, left: int, bucket: Buckets, scope: MutableMapping[str, Any]
    ) -> tuple[int, str, str] | None:
        if left < 0:
            return 429, "Too many requests", f"At most {bucket.per_minute} a minute."
        writes = scope["method"] not in SAFE and not is_loopback(client)
        if writes and self._writes.take(client)[0] < 0:
            return 429, "Too many changes", f"At most {self._writes.per_minute} a minute."
        return None

    async def _refuse(
        self,
        scope: MutableMapping[str, Any],
        receive: Receive,
        passing: _Passing,
        status: int,
        title: str,
        detail: str,
    ) -> None:
        response = self._problem(Request(scope), status, title, detail)
        if status == 429:
            response.headers["retry-after"] = "2"
        if status in {408, 413}:
            response.headers["connection"] = "close"  # what is left of the body is not read
        await response(scope, receive, passing)


class _Passing:
    """What a reply is sent through: it notes the status and adds the headers that every reply carries."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500
        self.route = ""
        self.extra: list[tuple[bytes, bytes]] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *_HEADERS, *self.extra]
        await self._send(message)


async def _remembered(scope: MutableMapping[str, Any], passing: _Passing) -> bool:
    """Send the reply to a question that was asked before, if nothing has changed since; tell whether it was sent."""
    if scope["path"] not in REMEMBERED_PATHS or scope["method"] != "GET":
        return False
    desk = scope["app"].state.desk
    reply = desk.replies.known(key_of(scope), desk.state())
    if reply is None:
        return False
    passing.route = scope["path"]
    status, headers, body = reply.for_request(dict(scope["headers"]))
    await passing({"type": "http.response.start", "status": status, "headers": headers})
    await passing({"type": "http.response.body", "body": body})
    return True


def key_of(scope: MutableMapping[str, Any]) -> tuple[str, bytes]:
    """Return what a request asks, as replies are remembered by it."""
    return scope["path"], scope["query_string"]


def _allowance(per_minute: int, left: int, full_in: float) -> list[tuple[bytes, bytes]]:
    said = {"limit": per_minute, "remaining": max(left, 0), "reset": round(full_in)}
    return [(f"x-ratelimit-{name}".encode(), str(value).encode()) for name, value in said.items()]


def _refusal(request: Request, guard: Guard) -> tuple[int, str, str] | None:
    """Say why a request is not even looked at, if so: status, title, detail."""
    host = request.headers.get("host", "")
    if not guard.public and _name_of(host) not in LOOPBACK_HOSTS:
        return 421, "Not this server", "It answers to localhost alone. Start it with --host to serve others."
    if request.method in SAFE:
        return None
    origin = request.headers.get("origin")
    if (origin and urlsplit(origin).netloc != host) or request.headers.get("sec-fetch-site") == "cross-site":
        return 403, "From another site", "What changes something must come from this server's own pages."
    if not guard.may_write(request) and request.url.path != "/key":
        way = "Show the token of VENUES_TOKEN" if guard.token else "Set VENUES_TOKEN and start the server again"
        return 403, NOT_PERMITTED, f"This server is open to others, so changes need a token. {way}."
    return None


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


async def _body(receive: Receive, large: int | None) -> bytes | tuple[int, str, str]:
    """Read a request's body whole, whether or not it said its length; or say why it is not read further."""
    longest, slowest = (large, SLOWEST_LARGE_BODY) if large else (LONGEST_BODY, SLOWEST_BODY)
    body = bytearray()
    try:
        async with asyncio.timeout(slowest):
            while True:
                message = await receive()
                body += bytes(message.get("body", b""))
                if len(body) > longest:
                    return 413, "Too large", f"At most {longest:,} bytes are read."
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return 408, "Too slow", f"A request's body must be here within {slowest:.0f} seconds."


def _again(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def receiving() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receiving


def is_loopback(client: str) -> bool:
    """Tell whether an address, or a name, is this machine's own."""
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return client in LOOPBACK_HOSTS


def network_of(client: str) -> str:
    """Return what one user can hardly change: an IPv4 address, or the /64 network of an IPv6 address.

    >>> network_of("2001:db8::7")
    '2001:db8::'
    """
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
