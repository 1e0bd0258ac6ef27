"""The page and the API as one application, and what holds for every request: limits, headers, errors, measures.

Nothing is asked of third parties, nothing is logged but method, route and status: whom an organiser looks for is
nobody else's business.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections import OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from index.shortlists import ListNotFound
from venues import __version__, api, web
from venues.desk import Desk
from venues.errors import QueryError, SettingsError, StoreError, UnknownPlace, VenueNotFound, VenuesError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from venues.app import App

    Call = Callable[[Request], Awaitable[Response]]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "testserver"})
LONGEST_BODY = 64 * 1024
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    # Other sites are told nothing. "no-referrer" would make browsers hide from us where our own forms come from.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Who may do what."""

    token: str = ""
    """What whoever writes or crawls must show, unless the server listens on this machine alone."""
    public: bool = False
    """Whether it listens to other machines too."""
    per_minute: int = 120
    """Requests of one address, unless it is this machine."""

    def may_write(self, request: Request) -> bool:
        """Tell whether a request may change something or start a crawl."""
        if not self.public:
            return True
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        shown = shown if scheme.lower() == "bearer" else request.cookies.get(web.TOKEN_COOKIE, "")
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


def create_app(venues: App, guard: Guard | None = None) -> FastAPI:
    """Return the application; it opens the index when it starts, and closes nothing that it was given."""
    guard = guard or Guard()

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        application.state.desk = desk = Desk(venues)
        yield
        desk.close()

    application = FastAPI(
        title="venues",
        version=__version__,
        description="Finds the online spaces where the people you want to reach already gather.",
        lifespan=lifespan,
        docs_url=None,  # its page would fetch scripts from another host
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    application.state.guard = guard
    application.add_middleware(GZipMiddleware, minimum_size=1000)
    application.include_router(api.router)
    application.include_router(web.router, include_in_schema=False)
    application.mount("/static", StaticFiles(directory=str(files("venues") / "static")), name="static")
    _add_measures(application)
    _add_errors(application)
    return application


def _add_errors(application: FastAPI) -> None:
    application.add_exception_handler(VenuesError, _venues_error)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_exception_handler(HTTPException, _http_error)
    application.add_exception_handler(Exception, _fault)


async def _venues_error(request: Request, error: Exception) -> Response:
    suggestions = list(error.suggestions) if isinstance(error, UnknownPlace) else []
    if isinstance(error, ListNotFound | VenueNotFound):
        return _problem(request, 404, "Not found", str(error))
    if isinstance(error, QueryError | SettingsError):
        return _problem(request, 400, "The question cannot be answered", str(error), suggestions)
    if isinstance(error, StoreError):
        return _problem(request, 409, "The index cannot do that", str(error))
    return _problem(request, 503, "Not possible now", str(error))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    said = "; ".join(f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors()[:5])
    return _problem(request, 422, "The request is not of the form", said)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(request, error.status_code, str(error.detail), None, headers=error.headers)


async def _fault(request: Request, _error: Exception) -> Response:
    return _problem(request, 500, "A fault of ours", "The log of the server has it.")


def _problem(
    request: Request,
    status: int,
    title: str,
    detail: str | None,
    suggestions: Iterable[str] = (),
    headers: object = None,
) -> Response:
    if not request.url.path.startswith(("/api/", "/healthz", "/metrics")):
        return web.error_page(request, status, title, detail)
    body = api.Problem(title=title, status=status, detail=detail, suggestions=list(suggestions))
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status,
        headers=dict(headers) if isinstance(headers, dict) else None,
        media_type="application/problem+json",
    )


def _refusal(request: Request, guard: Guard) -> tuple[int, str, str] | None:
    """Say why a request is not even looked at, if so: status, title, detail."""
    host = request.headers.get("host", "")
    name = urlsplit(f"//{host}").hostname or ""
    if not guard.public and name not in LOOPBACK_HOSTS:
        return 421, "Not this server", "It answers to localhost alone. Start it with --host to serve others."
    if int(request.headers.get("content-length") or 0) > LONGEST_BODY:
        return 413, "Too large", f"At most {LONGEST_BODY:,} bytes are read."
    if request.method in SAFE:
        return None
    origin = request.headers.get("origin")
    if (origin and urlsplit(origin).netloc != host) or request.headers.get("sec-fetch-site") == "cross-site":
        return 403, "From another site", "What changes something must come from this server's own pages."
    if not guard.may_write(request) and request.url.path != "/key":
        way = "Show the token of VENUES_TOKEN" if guard.token else "Set VENUES_TOKEN and start the server again"
        return 403, "Not permitted", f"This server is open to others, so changes need a token. {way}."
    return None


def _add_measures(application: FastAPI) -> None:
    """Count and bound requests, and add the headers that every reply carries."""
    guard: Guard = application.state.guard
    registry = CollectorRegistry()
    requests = Counter("venues_requests", "Requests answered.", ["method", "route", "status"], registry=registry)
    seconds = Histogram("venues_request_seconds", "Time to answer.", ["route"], registry=registry)
    held = Gauge("venues_held", "Venues in the index.", registry=registry)
    buckets = {False: Buckets(guard.per_minute), True: Buckets(100_000)}

    @application.middleware("http")
    async def around(request: Request, call_next: Call) -> Response:
        started = time.perf_counter()
        client = request.client.host if request.client else ""
        bucket = buckets[_is_loopback(client)]
        left, full_in = bucket.take(client)
        if left < 0:
            response = _problem(request, 429, "Too many requests", f"At most {bucket.per_minute} a minute.")
            response.headers["retry-after"] = str(max(1, round(60 / bucket.per_minute)))
        elif refusal := _refusal(request, guard):
            response = _problem(request, *refusal)
        else:
            response = await call_next(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.url.path.startswith("/api/"):
            response.headers["x-ratelimit-limit"] = str(bucket.per_minute)
            response.headers["x-ratelimit-remaining"] = str(max(left, 0))
            response.headers["x-ratelimit-reset"] = str(round(full_in))
        route = getattr(request.scope.get("route"), "path", "none")
        requests.labels(request.method, route, response.status_code).inc()
        seconds.labels(route).observe(time.perf_counter() - started)
        return response

    @application.get("/healthz", include_in_schema=False)
    def healthz(request: Request) -> dict[str, object]:
        return {"status": "ok", "venues": api.desk_of(request).app.store.count()}

    @application.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        held.set(api.desk_of(request).app.store.count())
        return PlainTextResponse(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _is_loopback(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return client in LOOPBACK_HOSTS


def serve(venues: App, host: str, port: int) -> None:
    """Serve until stopped. Raises SettingsError where the address cannot be listened on."""
    import uvicorn

    guard = Guard(token=venues.settings.token, public=not _is_loopback(host))
    config = uvicorn.Config(
        create_app(venues, guard), host=host, port=port, log_level="warning", access_log=False, server_header=False
    )
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit as error:
        raise SettingsError(
            f"--host {host} --port {port}", "cannot be listened on; another program may have it"
        ) from error
