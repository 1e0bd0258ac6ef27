"""Shortlists on the page: add, note, take off, and take away as CSV, JSON or on paper."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from index.shortlists import LONGEST_NOTE, ListNotFound, Status
from venues.api_common import TheDesk  # noqa: TC001 - routes are read when they are made
from venues.api_lists import check_again, crawl_key, list_record, looked_up, sources_of
from venues.cards import alive_of
from venues.model import VenueId
from venues.web import LIST_COOKIE, back_to, page_of

router = APIRouter()

_ABOUT_HALF_A_YEAR = 180 * 86_400


def _kept(request: Request, response: Response, list_id: str) -> Response:
    response.set_cookie(
        LIST_COOKIE,
        list_id,
        max_age=_ABOUT_HALF_A_YEAR,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/lists")
def own_list(request: Request, desk: TheDesk) -> Response:
    """Lead to the list of this browser, or say that it has none yet."""
    try:
        held = desk.shortlists.get(request.cookies.get(LIST_COOKIE, ""))
    except ListNotFound:
        return page_of("no_list.html", q="")
    return RedirectResponse(f"/lists/{held.id}", 303)


@router.post("/lists")
def add_to_list(
    request: Request,
    desk: TheDesk,
    platform: Annotated[str, Form(max_length=64)],
    native_id: Annotated[str, Form(max_length=512)],
    back: Annotated[str, Form(max_length=4000)] = "",
    rank: Annotated[int, Form(ge=0, le=999)] = 0,
) -> Response:
    """Put a venue on the visitor's list, making one if there is none, and go back to where they were."""
    found = desk.app.store.venue(VenueId(platform, native_id))
    now = desk.app.clock()
    list_id = request.cookies.get(LIST_COOKIE, "")
    try:
        desk.shortlists.get(list_id)
    except ListNotFound:
        list_id = desk.shortlists.create("Shortlist", now).id
    desk.shortlists.add(list_id, found.listing, now)
    return _kept(request, RedirectResponse(_back_to(back, rank) or f"/lists/{list_id}", 303), list_id)


def _back_to(back: str, rank: int) -> str | None:
    """Return the answer that a visitor came from, at the card that they chose; None where that is no page of ours."""
    address = back_to(back, added=str(rank)) if rank else back_to(back)
    return f"{address}#added" if rank and address else address


@router.get("/lists/{list_id}")
def show_list(
    request: Request, desk: TheDesk, list_id: str, saved: Annotated[int, Query(ge=0, le=999)] = 0
) -> Response:
    """Show a list: what changed, and what came of each."""
    held = desk.shortlists.get(list_id)
    now = desk.app.clock()
    looked = looked_up(desk, held)
    rows = [(one, alive_of(one.now, now) if one.now else "") for one in looked]
    # Whoever follows a link to another's list does not put their own finds on it unasked.
    own = request.cookies.get(LIST_COOKIE) == list_id
    counts = Counter(item.status for item in held.items)
    return page_of(
        "list.html",
        held=held,
        rows=rows,
        crawl=desk.crawling(crawl_key(held)),
        checkable=len(desk.checkable(sources_of(looked))),
        counts=[(status, counts[status]) for status in Status if counts[status]],
        changed=sum(bool(one.changes) for one, _ in rows),
        statuses=list(Status),
        q="",
        own=own,
        saved=saved,
    )


@router.post("/lists/{list_id}/check")
def check_list(desk: TheDesk, list_id: str) -> Response:
    """Ask the sources of a list's venues again, so that the list shows what has changed."""
    held = desk.shortlists.get(list_id)
    check_again(desk, held)
    return RedirectResponse(f"/lists/{held.id}", 303)


@router.post("/lists/{list_id}/use")
def use_list(request: Request, desk: TheDesk, list_id: str) -> Response:
    """Let this browser put what is found on this list from now on."""
    return _kept(request, RedirectResponse(f"/lists/{desk.shortlists.get(list_id).id}", 303), list_id)


@router.post("/lists/{list_id}")
def change_list(
    desk: TheDesk,
    list_id: str,
    platform: Annotated[str, Form(max_length=64)],
    native_id: Annotated[str, Form(max_length=512)],
    action: Annotated[str, Form(pattern="^(save|remove)$")] = "save",
    status: Annotated[Status, Form()] = Status.TO_JOIN,
    note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
    outcome: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
) -> Response:
    """Write what a visitor noted of a venue, or take it off."""
    venue_id = VenueId(platform, native_id)
    if action == "remove":
        desk.shortlists.remove(list_id, venue_id)
        return RedirectResponse(f"/lists/{list_id}", 303)
    changed = desk.shortlists.change(list_id, venue_id, status=status, note=note, outcome=outcome)
    place = [item.id for item in changed.items].index(venue_id) + 1
    return RedirectResponse(f"/lists/{list_id}?saved={place}#saved", 303)


@router.get("/lists/{list_id}/shortlist.csv")
def list_as_csv(desk: TheDesk, list_id: str) -> Response:
    """Return a list as a table for a spreadsheet."""
    out = io.StringIO()
    names = [
        "title",
        "kind",
        "platform",
        "place",
        "url",
        "members",
        "status",
        "note",
        "outcome",
        "added_at",
        "checked_at",
        "changes",
    ]
    writer = csv.writer(out)
    writer.writerow(names)
    for record in list_record(desk, desk.shortlists.get(list_id))["items"]:
        row = record | {"changes": "; ".join(record["changes"])}
        writer.writerow([_cell(row[name]) for name in names])
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="shortlist.csv"'},
    )


def _cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula: names are other people's words."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


@router.get("/lists/{list_id}/shortlist.json")
def list_as_json(desk: TheDesk, list_id: str) -> Response:
    """Return a list as JSON."""
    return Response(
        json.dumps(list_record(desk, desk.shortlists.get(list_id)), ensure_ascii=False, indent=2),
        media_type="application/json",
        headers={"content-disposition": 'attachment; filename="shortlist.json"'},
    )
