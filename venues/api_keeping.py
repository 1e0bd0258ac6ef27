"""What a keeper does over JSON: listings in and out, sites, single venues, opt-outs, and a look at a saved page.

All of it but the export is a POST, and so for whoever may write. What would ask an address asks none on this server's
own network, where the server is open to others.
"""

from __future__ import annotations

import io
from collections import deque
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from venues import api_examples as examples
from venues.adding import Given
from venues.api_common import PREFIX, PROBLEMS, WRITING, TheDesk, answers, by_example, text_wanted
from venues.errors import ListingError, QueryError
from venues.interchange import Source, read_lines, to_line
from venues.model import Kind, VenueId
from venues.profiling import profiles
from venues.replies import Busy
from venues.sites import added_record, leads_home, read_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.desk import Desk
    from venues.interchange import Line
    from venues.model import Listing

router = APIRouter(prefix=PREFIX, tags=["keeping"])

JSON_LINES = "application/jsonl"
TOLD_ERRORS = 50
_LINES_A_CHUNK = 200


@contextmanager
def _one_at_a_time(desk: Desk) -> Iterator[None]:
    """Hold what takes a processor for long. Raises Busy while another has it."""
    if not desk.long_work.acquire(blocking=False):
        raise Busy("Other long work of this kind is under way")
    try:
        yield
    finally:
        desk.long_work.release()


# listings


@router.get(
    "/listings",
    responses=answers(examples.LINE, kind=JSON_LINES),
    response_class=StreamingResponse,
    summary="Export: every listing as its source gave it, a line each",
)
def export(desk: TheDesk) -> StreamingResponse:
    """Return what `venues export` writes, as it is read: nothing is held."""
    return StreamingResponse(_chunks(desk.app.store.listings()), media_type=JSON_LINES)


def _chunks(listings: Iterable[Listing]) -> Iterator[bytes]:
    lines = (to_line(listing) + "\n" for listing in listings)
    while some := list(islice(lines, _LINES_A_CHUNK)):
        yield "".join(some).encode("utf-8", "replace")


@router.post(
    "/listings",
    responses=WRITING | answers(examples.IMPORTED),
    openapi_extra=text_wanted(examples.LINE, "Listings, one JSON object a line; at most 8 MB."),
    summary="Import: take listings in",
)
async def take_in(
    request: Request,
    desk: TheDesk,
    strict: Annotated[bool, Query(description="Take nothing in if any line is bad.")] = False,
) -> dict[str, Any]:
    """Take the good lines in, and say of the others what is wrong; the same lines again cost little."""
    return await run_in_threadpool(_taken_in, desk, await request.body(), strict)


def _taken_in(desk: Desk, body: bytes, strict: bool) -> dict[str, Any]:
    if strict and (bad := next((line.error for line in _lines(body) if line.error), None)):
        raise bad
    refused = _Refused()
    with _one_at_a_time(desk):
        tallies = desk.app.import_lines(_lines(body), refused.add, lambda _: None)
        (tally,) = deque(tallies, maxlen=1) or (None,)
    if tally is None and refused.first:
        raise refused.first[0]
    counts = {name: getattr(tally, name) if tally else 0 for name in ("added", "updated", "unchanged")}
    return counts | {"refused": refused.count, "errors": refused.told()}


def _lines(body: bytes) -> Iterator[Line]:
    stream = io.BytesIO(body)
    return read_lines(Source("the request", len(body), stream, stream))


class _Refused:
    """Bad lines: the first ones are kept to be told, all are counted."""

    def __init__(self) -> None:
        self.first: list[ListingError] = []
        self.count = 0

    def add(self, error: ListingError) -> None:
        self.count += 1
        if len(self.first) < TOLD_ERRORS:
            self.first.append(error)

    def told(self) -> list[dict[str, Any]]:
        return [{"line": each.line, "field": each.field, "reason": each.reason} for each in self.first]


@router.post(
    "/profiles",
    responses=answers(examples.PROFILES),
    openapi_extra=text_wanted(examples.LINE, "Listings, one JSON object a line; at most 1 MB."),
    summary="Estimate who takes part in venues",
)
async def profile(request: Request, desk: TheDesk) -> dict[str, Any]:
    """Return what `venues profile --json` prints of these listings; they are not kept."""
    return await run_in_threadpool(_profiled, desk, await request.body())


def _profiled(desk: Desk, body: bytes) -> dict[str, Any]:
    refused = _Refused()
    with _one_at_a_time(desk):
        try:
            items = list(profiles(_lines(body), desk.app.encoder, refused.add))
        except ValueError as error:  # the estimates were fitted to the default model's vectors
            raise QueryError(f"{error} Unset VENUES_MODEL, and start the server again.") from error
    return {"items": items, "errors": refused.told()}


@router.post(
    "/read",
    responses=answers(examples.READ),
    openapi_extra=text_wanted(examples.SAVED_PAGE, "A saved page, as it was sent; at most 8 MB.", "text/html"),
    summary="Which listings a crawler sees in a saved page",
)
async def read(
    request: Request,
    desk: TheDesk,
    url: Annotated[
        str,
        Query(
            max_length=2000, description="Where it was saved from.", examples=["https://forum.example.org/index.php"]
        ),
    ],
) -> dict[str, Any]:
    """Return what `venues read` shows: nothing is asked and nothing is kept."""
    body = await request.body()

    def seen() -> dict[str, Any]:
        with _one_at_a_time(desk):
            found = read_page(body, url, desk.app.clock())
        listings = [listing.to_record() for listing in found.listings]
        return {"platform": found.platform, "sure": found.sure, "remark": found.remark, "listings": listings}

    return await run_in_threadpool(seen)


# single venues


class NewVenue(BaseModel):
    """A space that somebody knows."""

    model_config = by_example({"url": "https://www.facebook.com/groups/leedsdads", "title": "Leeds Dads"})
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    title: Annotated[str | None, Field(max_length=300)] = None
    description: Annotated[str | None, Field(max_length=5000)] = None
    place: Annotated[str | None, Field(max_length=200)] = None
    country: Annotated[str | None, Field(pattern="^[A-Z]{2}$")] = None
    kind: Kind | None = None
    members: Annotated[int | None, Field(ge=0, le=10**10)] = None


@router.post(
    "/venues", status_code=201, responses=WRITING | answers(examples.ADDED_VENUE, 201), summary="Take in one space"
)
def add_venue(request: Request, desk: TheDesk, wanted: NewVenue) -> dict[str, Any]:
    """Do what `venues add` does: ask the address if it may be asked, else take these words alone."""
    _check_outside(request, wanted.url)
    added = desk.app.add(wanted.url, Given(**wanted.model_dump(exclude={"url"})))
    return {
        "listing": added.listing.to_record(),
        "asked": added.asked,
        "sure": round(added.sure, 3),
        "trouble": added.trouble,
    }


class OptOut(BaseModel):
    """A venue that is never to be suggested again."""

    model_config = by_example(examples.OPTED_OUT)
    platform: Annotated[str, Field(min_length=1, max_length=64)]
    native_id: Annotated[str, Field(min_length=1, max_length=512)]
    reason: Annotated[str, Field(max_length=500)] = "asked by the venue"


@router.post(
    "/opt-outs",
    status_code=201,
    responses=WRITING | answers(examples.OPTED_OUT, 201),
    summary="Never suggest a venue again",
)
def opt_out(desk: TheDesk, wanted: OptOut) -> dict[str, Any]:
    """Do what `venues opt-out` does, whether or not the venue is in the index yet."""
    desk.app.store.opt_out(VenueId(wanted.platform, wanted.native_id), wanted.reason)
    return wanted.model_dump()


# sites


class NewSite(BaseModel):
    """A site to be asked from now on."""

    model_config = by_example({"site": "https://forum.example.org", "place": "Leeds", "country": "GB"})
    site: Annotated[str, Field(min_length=1, max_length=500, description="An address, or PLATFORM:ADDRESS.")]
    place: Annotated[str | None, Field(max_length=200)] = None
    country: Annotated[str | None, Field(pattern="^[A-Z]{2}$")] = None
    area: Annotated[str | None, Field(max_length=200)] = None


class NamedSite(BaseModel):
    """A site, as `/sites` names it."""

    model_config = by_example({"site": "matrix:https://matrix.example.org"})
    site: Annotated[str, Field(min_length=1, max_length=500)]


@router.post(
    "/sites",
    status_code=201,
    responses=WRITING | answers(examples.ADDED_SITE, 201),
    summary="Have a site asked from now on",
)
def add_site(request: Request, desk: TheDesk, wanted: NewSite) -> dict[str, Any]:
    """Do what `venues sites add` does: a platform that is not named is found by asking there once."""
    _check_outside(request, wanted.site)
    site, probed = desk.app.add_site(wanted.site, place=wanted.place, country=wanted.country, area=wanted.area)
    return added_record(site, probed)


@router.post("/sites/off", status_code=204, responses=WRITING | PROBLEMS, summary="Ask a site no more")
def switch_off(desk: TheDesk, wanted: NamedSite) -> Response:
    """Do what `venues sites off` does; what the site listed stays in the index."""
    desk.app.switch_off(wanted.site)
    return Response(status_code=204)


def _check_outside(request: Request, text: str) -> None:
    """Raise QueryError where a server that is open to others would be sent into its own network."""
    if request.app.state.guard.public and leads_home(text):
        raise QueryError(f'"{text[:200]}" is an address of a private network; add it on the machine itself.')
