"""The page and the API as one application: its routes, its errors, its measures.

Nothing is asked of third parties, nothing is logged but faults of ours: whom an organiser looks for is nobody else's
business.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from index.shortlists import ListNotFound
from venues import __version__, api, api_keeping, api_lists, web, web_lists
from venues.api_common import Problem, sent
from venues.desk import Desk
from venues.errors import (
    CrawlError,
    ListingError,
    QueryError,
    SettingsError,
    StoreError,
    UnknownPlace,
    VenueNotFound,
    VenuesError,
)
from venues.gate import HEADERS, Buckets, Gate, Guard, is_loopback
from venues.listening import listen
from venues.replies import Busy, Reply, reply_of
from venues.tagging import Tagging

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from venues.app import App

__all__ = ["Buckets", "Guard", "create_app", "serve"]

_STATIC = {"venues.css": "text/css; charset=utf-8", "venues.js": "text/javascript; charset=utf-8"}


def create_app(venues: App, guard: Guard | None = None, workers: int = 1) -> FastAPI:
    """Return the application; it opens the index when it starts, and closes nothing that it was given.

    With several `workers`, as many processes compute the answers.
    """
    guard = guard or Guard()

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        application.state.desk = desk = await asyncio.to_thread(Desk, venues, workers, web.FIRST)
        yield
        await asyncio.to_thread(desk.close)

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
    application.add_middleware(Tagging)
    application.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    for part in (api, api_keeping, api_lists):
        application.include_router(part.router)
    application.include_router(web.router, include_in_schema=False)
    application.include_router(web_lists.router, include_in_schema=False)
    _add_static(application)
    _add_measures(application, guard)
    _add_errors(application)
    return application


def _add_static(application: FastAPI) -> None:
    folder = files("venues") / "static"
    kept: dict[str, Reply] = {
        name: reply_of((folder / name).read_bytes(), kind, "public, max-age=600") for name, kind in _STATIC.items()
    }

    @application.get("/static/{name}", include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        if name not in kept:
            raise HTTPException(404)
        return sent(request, kept[name])


def _add_errors(application: FastAPI) -> None:
    application.add_exception_handler(VenuesError, _venues_error)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_exception_handler(HTTPException, _http_error)
    application.add_exception_handler(Exception, _fault)


async def _venues_error(request: Request, error: Exception) -> Response:
    suggestions = list(error.suggestions) if isinstance(error, UnknownPlace) else []
    if isinstance(error, ListNotFound | VenueNotFound | api.NoCrawl):
        return _problem(request, 404, "Not found", str(error))
    if isinstance(error, QueryError | SettingsError):
        return _problem(request, 400, "The question cannot be answered", str(error), suggestions)
    if isinstance(error, ListingError):
        return _problem(request, 422, "A listing is not in the interchange form", str(error))
    if isinstance(error, CrawlError):
        return _problem(request, 422, "The address gave nothing to go by", str(error))
    if isinstance(error, StoreError):
        return _problem(request, 409, "The index cannot do that", str(error))
    status = 429 if isinstance(error, Busy) else 503
    return _problem(request, status, "Not possible now", str(error), headers={"retry-after": "60"})


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    said = "; ".join(f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors()[:5])
    return _problem(request, 422, "The request is not of the form", said)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(request, error.status_code, str(error.detail), None, headers=error.headers)


async def _fault(request: Request, _error: Exception) -> Response:
    # Made outside the gate, which has seen the fault pass.
    return _problem(request, 500, "A fault of ours", "The log of the server has it.", headers=HEADERS)


def _problem(
    request: Request,
    status: int,
    title: str,
    detail: str | None,
    suggestions: Iterable[str] = (),
    headers: object = None,
) -> Response:
    given = dict(headers) if isinstance(headers, dict) else None
    if not request.url.path.startswith(("/api/", "/healthz", "/metrics")):
        page = web.error_page(request, status, title, detail)
        page.headers.update(given or {})
        return page
    body = Problem(title=title, status=status, detail=detail, suggestions=list(suggestions))
    return JSONResponse(
        body.model_dump(exclude_none=True), status, headers=given, media_type="application/problem+json"
    )


def _add_measures(application: FastAPI, guard: Guard) -> None:
    registry = CollectorRegistry()
    requests = Counter("venues_requests", "Requests answered.", ["method", "route", "status"], registry=registry)
    seconds = Histogram("venues_request_seconds", "Time to answer.", ["route"], registry=registry)
    held = Gauge("venues_held", "Venues in the index.", registry=registry)

    def observe(method: str, route: str, status: int, took: float) -> None:
        requests.labels(method, route, status).inc()
        seconds.labels(route).observe(took)

    application.add_middleware(Gate, guard=guard, problem=_problem, observe=observe)

    @application.get("/healthz", include_in_schema=False)
    def healthz(request: Request) -> dict[str, object]:
        return {"status": "ok", "venues": request.app.state.desk.app.store.count()}

    @application.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        held.set(request.app.state.desk.app.store.count())
        return PlainTextResponse(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def serve(venues: App, host: str, port: int, workers: int) -> None:
    """Serve until stopped. Raises SettingsError where the address cannot be listened on."""
    # Opened before anything listens: what is amiss with them is told as it is.
    _ = venues.gazetteer, venues.encoder, venues.store
    guard = Guard(token=venues.settings.token, public=not is_loopback(host))
    listen(create_app(venues, guard, workers), host, port)
