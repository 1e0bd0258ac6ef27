"""The JSON API, under /api/v1: the same values as the command line prints, for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import URL

from index.rows import run_record
from venues import api_examples as examples
from venues.api_common import (
    PREFIX,
    WRITING,
    Country,
    Limit,
    Offset,
    TheDesk,
    answers,
    link_header,
    paged,
    sent,
)
from venues.discovery import Narrowing
from venues.errors import QueryError, VenuesError
from venues.gate import key_of
from venues.model import Kind, Venue, VenueId
from venues.queries import LONGEST
from venues.replies import Made, reply_of
from venues.sites import state_record
from venues.terminal import answer_record, place_record

if TYPE_CHECKING:
    from venues.answering import Answers

router = APIRouter(prefix=PREFIX)

DEEP, DEEPEST = 50, 200
"""How far down an answer is much work, and how far one may page: what stands lower is no suggestion any more."""

Text = Annotated[
    str,
    Query(
        min_length=1,
        max_length=LONGEST,
        description="Whom you want to reach, and where.",
        examples=["young mums in Brighton"],
    ),
]


@router.get("/find", responses=answers(examples.ANSWER), summary="The main job: spaces to join, best first")
async def find(
    request: Request,
    desk: TheDesk,
    q: Text,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    offset: Annotated[int, Query(ge=0, le=DEEPEST, description="How many to leave out from the top.")] = 0,
    country: Country = None,
    radius: Annotated[float | None, Query(gt=0, le=1000, description="How far out counts as local, in km.")] = None,
    kind: Annotated[list[Kind] | None, Query(description="Only these kinds.")] = None,
) -> Any:
    """Return the object that `venues find --json` prints, the suggestions from `offset` on."""
    narrowing = Narrowing(limit=min(offset + limit, DEEPEST), kinds=frozenset(kind or ()), radius_km=radius)
    task = Finding(q=q, narrowing=narrowing, country=country, offset=offset, limit=limit, url=str(request.url))
    deep = narrowing.limit > DEEP
    return sent(request, await desk.reply(key_of(request.scope), desk.state(), task, deep=deep))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A question to `/find`."""

    q: str
    narrowing: Narrowing
    country: str | None
    offset: int
    limit: int
    url: str

    def __call__(self, answers: Answers) -> Made:
        """Find, and write what was found as JSON. Raises QueryError."""
        last = self.narrowing.limit
        record = answer_record(answers.find(self.q, self.narrowing, country=self.country))
        more = len(record["suggestions"]) == last and last < DEEPEST
        record["suggestions"] = record["suggestions"][self.offset :]
        body = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")
        links = link_header(URL(self.url), self.limit, self.offset, more=more)
        return Made(reply_of(body, "application/json", links=links))


@router.get(
    "/venues/{platform}/{native_id:path}", responses=answers(examples.VENUE), summary="One venue with all its evidence"
)
def venue(desk: TheDesk, platform: str, native_id: str) -> dict[str, Any]:
    """Return what all sources say of a venue together, and each source's word on it."""
    found = desk.app.store.venue(VenueId(platform, native_id))
    return venue_record(found)


def venue_record(found: Venue) -> dict[str, Any]:
    """Return a venue as plain values."""
    where = found.whereabouts
    return {
        **found.listing.to_record(),
        "where": None if where is None else {"name": where.name, "country": where.country, "told_by": where.told_by},
        "first_seen": found.first_seen.isoformat(),
        "last_seen": found.last_seen.isoformat(),
        "sources": [
            {"source": each.source, "url": each.url, "seen_at": each.seen_at.isoformat(), "licence": each.licence}
            for each in found.evidence
        ],
    }


@router.get("/places", responses=answers(examples.PLACE), summary="How a place is understood")
def places(desk: TheDesk, q: Text, country: Country = None) -> dict[str, Any]:
    """Return the object that `venues place --json` prints."""
    return place_record(desk.app.query(q, country=country))


@router.get("/sites", responses=answers(examples.SITES), summary="Which sites are asked, and how it stands with each")
def sites(
    request: Request, response: Response, desk: TheDesk, limit: Limit = 100, offset: Offset = 0
) -> dict[str, Any]:
    """Return the objects that `venues sites --json` prints."""
    states, now = desk.app.sites(), desk.app.clock()
    page = paged(request, response, states, limit, offset)
    return {"total": len(states), "items": [state_record(each, now) for each in page]}


@router.get("/runs", responses=answers(examples.RUNS), summary="What happened at the latest crawls")
def runs(
    request: Request,
    response: Response,
    desk: TheDesk,
    limit: Limit = 20,
    offset: Offset = 0,
    site: Annotated[str | None, Query(max_length=500, description="Of this site only, by its name.")] = None,
) -> dict[str, Any]:
    """Return the objects that `venues runs --json` prints, newest first."""
    latest = desk.app.store.runs(offset + limit + 1, site)
    return {"items": [run_record(run) for run in paged(request, response, latest, limit, offset)]}


# crawls


@router.post(
    "/crawls",
    status_code=202,
    responses=WRITING | answers(examples.CRAWL, 202),
    summary="Ask the open sources for an area, or one site, or those that are due",
)
def start_crawl(
    desk: TheDesk,
    q: Annotated[str | None, Query(min_length=1, max_length=LONGEST, examples=["mums in Leeds"])] = None,
    country: Country = None,
    site: Annotated[str | None, Query(min_length=1, max_length=500, description="As `/sites` names it.")] = None,
    due: Annotated[bool, Query(description="The sites whose time has come, as `venues crawl --due`.")] = False,
) -> dict[str, Any]:
    """Begin a crawl of configured sites: for the area of a sentence `q`, of one `site`, or of those that are `due`.

    One that is under way is the same one.
    """
    if (q is not None) + (site is not None) + due != 1:
        raise QueryError("Say one of q, site and due.")
    if site is not None:
        crawl = desk.crawl_site(site)
    elif q is None:
        crawl = desk.crawl_due()
    else:
        query = desk.app.query(q, country=country)
        if query.area is None:
            raise QueryError(f'"{q}" names no place to ask the sources for. Name one: "cyclists in Leeds".')
        crawl = desk.crawl(query.area, query.audience)
    return {"id": crawl.key, **crawl.record()}


@router.get("/crawls", responses=answers({"items": [examples.CRAWL]}), summary="The crawls started here, latest first")
def crawls(
    request: Request, response: Response, desk: TheDesk, limit: Limit = 20, offset: Offset = 0
) -> dict[str, Any]:
    """Return how far each crawl is that was started since the server was."""
    started = paged(request, response, desk.crawls(), limit, offset)
    return {"items": [{"id": crawl.key, **crawl.record()} for crawl in started]}


class NoCrawl(VenuesError):
    """No crawl of that id was started since the server was."""


@router.get("/crawls/{key:path}", responses=answers(examples.CRAWL), summary="How far a crawl is")
def show_crawl(desk: TheDesk, key: str) -> dict[str, Any]:
    """Return how far a crawl is that was started here."""
    crawl = desk.crawling(key)
    if crawl is None:
        raise NoCrawl(f"No crawl {key[:100]} was started since this server was.")
    return {"id": crawl.key, **crawl.record()}
