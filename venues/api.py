"""The JSON API, under /api/v1: the same values as the command line prints, for programs."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from index.rows import run_record
from index.shortlists import LONGEST_NOTE, Item, Shortlist, Status, changes_since
from venues.desk import Desk
from venues.discovery import Narrowing
from venues.errors import QueryError, VenueNotFound
from venues.gate import key_of
from venues.model import Kind, Venue, VenueId
from venues.queries import LONGEST
from venues.replies import Made, Reply, reply_of
from venues.sites import state_record
from venues.terminal import answer_record, place_record

router = APIRouter(prefix="/api/v1")

Text = Annotated[
    str,
    Query(
        min_length=1,
        max_length=LONGEST,
        description="Whom you want to reach, and where.",
        examples=["young mums in Brighton"],
    ),
]
Country = Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="The country meant where names are shared.")]
Offset = Annotated[int, Query(ge=0, le=500, description="How many to leave out from the top.")]


async def desk_of(request: Request) -> Desk:
    """Return the desk of the server that was asked."""
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(desk_of)]


class Problem(BaseModel):
    """What went wrong, by RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    suggestions: list[str] = []


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}} for status in (400, 404, 422, 429)
}


@router.get("/find", responses=PROBLEMS, summary="The main job: spaces to join, best first")
async def find(
    request: Request,
    desk: TheDesk,
    q: Text,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    offset: Offset = 0,
    country: Country = None,
    radius: Annotated[float | None, Query(gt=0, le=1000, description="How far out counts as local, in km.")] = None,
    kind: Annotated[list[Kind] | None, Query(description="Only these kinds.")] = None,
) -> Any:
    """Return the object that `venues find --json` prints, the suggestions from `offset` on."""
    narrowing = Narrowing(limit=offset + limit, kinds=frozenset(kind or ()), radius_km=radius)

    def make() -> Made:
        record = answer_record(desk.find(q, narrowing, country=country))
        record["suggestions"] = record["suggestions"][offset:]
        return Made(reply_of(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"), "application/json"))

    return sent(request, await desk.replies.get(key_of(request.scope), desk.state(), make))


def sent(request: Request, reply: Reply) -> Response:
    """Return a reply in the form that whoever asks can take, or word that they have it already."""
    status, headers, body = reply.for_request(dict(request.scope["headers"]))
    response = Response(body, status)
    response.raw_headers = headers
    return response


@router.get("/venues/{platform}/{native_id:path}", responses=PROBLEMS, summary="One venue with all its evidence")
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


@router.get("/places", responses=PROBLEMS, summary="How a place is understood")
def places(desk: TheDesk, q: Text, country: Country = None) -> dict[str, Any]:
    """Return the object that `venues place --json` prints."""
    return place_record(desk.app.query(q, country=country))


@router.get("/sites", summary="Which sites are asked, and how it stands with each")
def sites(desk: TheDesk, limit: Annotated[int, Query(ge=1, le=500)] = 100, offset: Offset = 0) -> dict[str, Any]:
    """Return the objects that `venues sites --json` prints."""
    states, now = desk.app.sites(), desk.app.clock()
    return {"total": len(states), "items": [state_record(each, now) for each in states[offset : offset + limit]]}


@router.get("/runs", summary="What happened at the latest crawls")
def runs(
    desk: TheDesk,
    limit: Annotated[int, Query(ge=1, le=500)] = 20,
    site: Annotated[str | None, Query(max_length=500)] = None,
) -> dict[str, Any]:
    """Return the objects that `venues runs --json` prints, newest first."""
    return {"items": [run_record(run) for run in desk.app.store.runs(limit, site)]}


# shortlists


class NewList(BaseModel):
    """A list to be made."""

    title: Annotated[str, Field(max_length=200, examples=["Mums, spring campaign"])] = "Shortlist"


class NewItem(BaseModel):
    """A venue to be put on a list."""

    platform: Annotated[str, Field(min_length=1, max_length=64, examples=["reddit"])]
    native_id: Annotated[str, Field(min_length=1, max_length=512, examples=["brighton"])]


class ChangedItem(BaseModel):
    """What is to be set; what is absent stays."""

    status: Status | None = None
    note: Annotated[str | None, Field(max_length=LONGEST_NOTE)] = None
    outcome: Annotated[str | None, Field(max_length=LONGEST_NOTE)] = None


@router.post("/shortlists", status_code=201, responses=PROBLEMS, summary="Begin a shortlist")
def create_list(desk: TheDesk, wanted: NewList) -> dict[str, Any]:
    """Return an empty list; its id is the only key to it."""
    return list_record(desk, desk.shortlists.create(wanted.title, desk.app.clock()))


@router.get("/shortlists/{list_id}", responses=PROBLEMS, summary="A shortlist, with what changed since")
def get_list(desk: TheDesk, list_id: str) -> dict[str, Any]:
    """Return a list with what changed of each venue since it was added."""
    return list_record(desk, desk.shortlists.get(list_id))


@router.delete("/shortlists/{list_id}", status_code=204, responses=PROBLEMS, summary="Forget a shortlist")
def delete_list(desk: TheDesk, list_id: str) -> None:
    """Forget a list and all that is on it."""
    desk.shortlists.delete(list_id)


@router.post("/shortlists/{list_id}/items", status_code=201, responses=PROBLEMS, summary="Put a venue on a shortlist")
def add_item(desk: TheDesk, list_id: str, wanted: NewItem) -> dict[str, Any]:
    """Return the list with the venue on it."""
    desk.shortlists.get(list_id)
    found = desk.app.store.venue(VenueId(wanted.platform, wanted.native_id))
    return list_record(desk, desk.shortlists.add(list_id, found.listing, desk.app.clock()))


@router.patch(
    "/shortlists/{list_id}/items/{platform}/{native_id:path}", responses=PROBLEMS, summary="Note what came of it"
)
def change_item(desk: TheDesk, list_id: str, platform: str, native_id: str, wanted: ChangedItem) -> dict[str, Any]:
    """Return the list with the venue's status, note or outcome changed."""
    changed = desk.shortlists.change(
        list_id, VenueId(platform, native_id), status=wanted.status, note=wanted.note, outcome=wanted.outcome
    )
    return list_record(desk, changed)


@router.delete(
    "/shortlists/{list_id}/items/{platform}/{native_id:path}", responses=PROBLEMS, summary="Take a venue off"
)
def remove_item(desk: TheDesk, list_id: str, platform: str, native_id: str) -> dict[str, Any]:
    """Return the list without the venue."""
    return list_record(desk, desk.shortlists.remove(list_id, VenueId(platform, native_id)))


def list_record(desk: Desk, held: Shortlist) -> dict[str, Any]:
    """Return a list as plain values."""
    return {
        "id": held.id,
        "title": held.title,
        "created_at": held.created_at.isoformat(),
        "items": [item_record(item, changes_of(desk, item)) for item in held.items],
    }


def changes_of(desk: Desk, item: Item) -> list[str]:
    """Say what changed of a venue since it was put on a list."""
    try:
        now = desk.app.store.venue(item.id).listing
    except VenueNotFound:
        return changes_since(item.listing, None, today=desk.app.clock())
    return changes_since(item.listing, now, today=desk.app.clock())


def item_record(item: Item, changes: list[str]) -> dict[str, Any]:
    """Return one line of a list as plain values."""
    listing = item.listing
    return {
        "platform": listing.platform,
        "native_id": listing.native_id,
        "title": listing.title,
        "kind": listing.kind or Kind.OTHER,
        "url": listing.url,
        "place": listing.place,
        "members": listing.members,
        "status": item.status,
        "note": item.note,
        "outcome": item.outcome,
        "added_at": item.added_at.isoformat(),
        "changes": changes,
    }


# crawls


@router.post("/crawls", status_code=202, responses=PROBLEMS, summary="Ask the open sources for an area")
def start_crawl(desk: TheDesk, q: Text) -> dict[str, Any]:
    """Begin a crawl of the configured sites for the area of a sentence; one that is under way is the same one."""
    query = desk.app.query(q)
    if query.area is None:
        raise QueryError(f'"{q}" names no place to ask the sources for. Name one: "cyclists in Leeds".')
    crawl = desk.crawl(query.area, query.audience)
    return {"id": crawl.key, **crawl.record()}
