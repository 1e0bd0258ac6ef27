"""Shortlists over JSON: make, fill, note, take away and forget."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from fastapi import APIRouter
from pydantic import BaseModel, Field

from index.shortlists import LONGEST_NOTE, Item, Shortlist, Status, changes_since
from venues.api_common import PREFIX, PROBLEMS, WRITING, TheDesk, answers, by_example
from venues.api_examples import CRAWL
from venues.errors import QueryError
from venues.model import Kind, VenueId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from venues.desk import Crawling, Desk
    from venues.model import Venue

router = APIRouter(prefix=PREFIX, tags=["shortlists"])

_LIST = {
    "id": "r4Yk0QzN7c1v0mXw3JtBpA",
    "title": "Mums, spring campaign",
    "created_at": "2026-11-01T09:00:00+00:00",
    "items": [
        {
            "platform": "reddit",
            "native_id": "brighton",
            "title": "r/brighton",
            "kind": "community",
            "url": "https://www.reddit.com/r/brighton/",
            "place": "Brighton",
            "members": 105_000,
            "status": "asked",
            "note": "Wrote to the moderators on Monday",
            "outcome": "",
            "added_at": "2026-11-01T09:05:00+00:00",
            "checked_at": "2026-11-20T03:20:11+00:00",
            "changes": ["who may join: open before, on request now"],
        }
    ],
}
_SHOWN = answers(_LIST)


class NewList(BaseModel):
    """A list to be made."""

    model_config = by_example({"title": "Mums, spring campaign"})

    title: Annotated[str, Field(max_length=200, examples=["Mums, spring campaign"])] = "Shortlist"


class NewItem(BaseModel):
    """A venue to be put on a list."""

    model_config = by_example({"platform": "reddit", "native_id": "brighton"})

    platform: Annotated[str, Field(min_length=1, max_length=64, examples=["reddit"])]
    native_id: Annotated[str, Field(min_length=1, max_length=512, examples=["brighton"])]


class ChangedItem(BaseModel):
    """What is to be set; what is absent stays."""

    model_config = by_example({"status": "asked", "note": "Wrote to the moderators on Monday"})

    status: Status | None = None
    note: Annotated[str | None, Field(max_length=LONGEST_NOTE)] = None
    outcome: Annotated[str | None, Field(max_length=LONGEST_NOTE)] = None


@router.post(
    "/shortlists", status_code=201, responses=WRITING | answers(_LIST | {"items": []}, 201), summary="Begin a shortlist"
)
def create_list(desk: TheDesk, wanted: NewList) -> dict[str, Any]:
    """Return an empty list; its id is the only key to it."""
    return list_record(desk, desk.shortlists.create(wanted.title, desk.app.clock()))


@router.get("/shortlists/{list_id}", responses=_SHOWN, summary="A shortlist, with what changed since")
def get_list(desk: TheDesk, list_id: str) -> dict[str, Any]:
    """Return a list with what changed of each venue since it was added."""
    return list_record(desk, desk.shortlists.get(list_id))


@router.delete("/shortlists/{list_id}", status_code=204, responses=WRITING | PROBLEMS, summary="Forget a shortlist")
def delete_list(desk: TheDesk, list_id: str) -> None:
    """Forget a list and all that is on it."""
    desk.shortlists.delete(list_id)


@router.post(
    "/shortlists/{list_id}/items",
    status_code=201,
    responses=WRITING | answers(_LIST, 201),
    summary="Put a venue on a shortlist",
)
def add_item(desk: TheDesk, list_id: str, wanted: NewItem) -> dict[str, Any]:
    """Return the list with the venue on it."""
    desk.shortlists.get(list_id)
    found = desk.app.store.venue(VenueId(wanted.platform, wanted.native_id))
    return list_record(desk, desk.shortlists.add(list_id, found.listing, desk.app.clock()))


@router.patch(
    "/shortlists/{list_id}/items/{platform}/{native_id:path}",
    responses=WRITING | _SHOWN,
    summary="Note what came of it",
)
def change_item(desk: TheDesk, list_id: str, platform: str, native_id: str, wanted: ChangedItem) -> dict[str, Any]:
    """Return the list with the venue's status, note or outcome changed."""
    changed = desk.shortlists.change(
        list_id, VenueId(platform, native_id), status=wanted.status, note=wanted.note, outcome=wanted.outcome
    )
    return list_record(desk, changed)


@router.delete(
    "/shortlists/{list_id}/items/{platform}/{native_id:path}", responses=WRITING | _SHOWN, summary="Take a venue off"
)
def remove_item(desk: TheDesk, list_id: str, platform: str, native_id: str) -> dict[str, Any]:
    """Return the list without the venue."""
    return list_record(desk, desk.shortlists.remove(list_id, VenueId(platform, native_id)))


@router.post(
    "/shortlists/{list_id}/checks",
    status_code=202,
    responses=WRITING | answers(CRAWL | {"id": "list:9b2e4d1f00c3a857", "area": "the sources of a shortlist"}, 202),
    summary="Ask the sources of a shortlist's venues again",
)
def check_list(desk: TheDesk, list_id: str) -> dict[str, Any]:
    """Begin to ask them, those that rest left out; `/crawls/{id}` says how far it is, and the list what changed."""
    crawl = check_again(desk, desk.shortlists.get(list_id))
    if crawl is None:
        raise QueryError("None of its sources is a site that is asked, or all were asked within the hour.")
    return {"id": crawl.key, **crawl.record()}


def check_again(desk: Desk, held: Shortlist) -> Crawling | None:
    """Ask the sources of a list's venues again; None where there is none to be asked now. Raises Busy."""
    sites = desk.checkable(sources_of(looked_up(desk, held)))
    return desk.crawl_again(crawl_key(held), sites) if sites else None


def sources_of(looked: Iterable[Looked]) -> set[str]:
    """Return who lists the venues of a list."""
    return {each.source for one in looked if one.now for each in one.now.evidence}


def crawl_key(held: Shortlist) -> str:
    """Return what a crawl for a list is called: everybody may see that, and nobody may learn the list's address."""
    return "list:" + sha256(held.id.encode()).hexdigest()[:16]


def list_record(desk: Desk, held: Shortlist) -> dict[str, Any]:
    """Return a list as plain values."""
    return {
        "id": held.id,
        "title": held.title,
        "created_at": held.created_at.isoformat(),
        "items": [item_record(one) for one in looked_up(desk, held)],
    }


class Looked(NamedTuple):
    """A venue of a list, as it was and as it is."""

    item: Item
    now: Venue | None
    """None where it is suggested no more."""
    changes: list[str]


def looked_up(desk: Desk, held: Shortlist) -> list[Looked]:
    """Return each venue of a list with what changed since it was put there."""
    today, withdrawn = desk.app.clock(), desk.app.store.withdrawn([item.id for item in held.items])
    looked = []
    for item in held.items:
        if withdrawn.get(item.id):
            looked.append(Looked(item, None, ["it asked not to be suggested: leave it in peace"]))
            continue
        now = None if item.id in withdrawn else desk.app.store.venue(item.id)
        looked.append(Looked(item, now, changes_since(item, now.listing if now else None, today)))
    return looked


def item_record(looked: Looked) -> dict[str, Any]:
    """Return one line of a list as plain values."""
    item, now, changes = looked
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
        "checked_at": now.last_seen.isoformat() if now else None,
        "changes": changes,
    }
