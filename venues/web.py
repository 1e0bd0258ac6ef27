"""The page: one box, an answer that a person can act on, and a shortlist. It needs neither script nor mouse."""

from __future__ import annotations

import csv
import io
import json
import secrets
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from index.shortlists import LONGEST_NOTE, ListNotFound, Status
from venues import charts
from venues.api import TheDesk, changes_of, list_record, not_modified
from venues.discovery import Narrowing
from venues.errors import QueryError, UnknownPlace
from venues.model import Answer, Kind, Listing, Scope, Suggestion, Venue, VenueId
from venues.queries import LONGEST
from venues.terminal import plain, where, why

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from venues.desk import Desk

router = APIRouter()

TOKEN_COOKIE = "venues_token"  # noqa: S105 - the name of a cookie, not what is in it
LIST_COOKIE = "venues_list"
EXAMPLES = ("young mums in Brighton", "cyclists in Leeds", "Polish parents in Southampton", "tenants in Hackney")
_SHOWN = 20
_QUIET_DAYS = 90


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("venues"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["count"] = lambda number: f"{number:,}"
    # An address is other people's words: javascript: is one, too.
    made.filters["is_web"] = lambda url: bool(url) and url.startswith(("https://", "http://"))
    made.filters["day"] = lambda moment: f"{moment:%-d %b %Y}"
    return made


def _page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(_templates().get_template(name).render(**values), status)


def error_page(request: Request, status: int, title: str, detail: str | None) -> HTMLResponse:
    """Return a page that says what went wrong, with the box to try again."""
    asked = request.query_params.get("q", "")[:LONGEST]
    return _page("error.html", status, title=title, detail=detail, q=asked, examples=EXAMPLES, shortlist=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the form of the page holds."""

    q: str = ""
    country: str | None = None
    radius: float | None = None
    kind: tuple[str, ...] = ()
    general: bool = True
    followers: int | None = None

    def link(self, **changes: Any) -> str:
        """Return the address of the same page with some of it chosen otherwise."""
        chosen = {
            "q": self.q,
            "country": self.country,
            "radius": f"{self.radius:g}" if self.radius else None,
            "kind": list(self.kind),
            "general": None if self.general else "0",
            "followers": self.followers,
        } | changes
        return "/?" + urlencode({name: value for name, value in chosen.items() if value not in (None, [])}, doseq=True)


@router.get("/")
def home(
    request: Request,
    desk: TheDesk,
    q: Annotated[str, Query(max_length=LONGEST)] = "",
    country: Annotated[str, Query(pattern="^([A-Z]{2})?$")] = "",
    radius: Annotated[str, Query(pattern=r"^(\d{1,4}(\.\d+)?)?$")] = "",
    kind: Annotated[list[Kind] | None, Query()] = None,
    general: Annotated[str, Query(pattern="^[01]$")] = "1",
    followers: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "",
) -> Response:
    """Show the box, and below it the answer to what is in it."""
    choices = Choices(
        q=q.strip(),
        country=country or None,
        radius=float(radius) if radius and 0 < float(radius) <= 1000 else None,
        kind=tuple(kind or ()),
        general=general == "1",
        followers=int(followers) if followers else None,
    )
    shortlist = request.cookies.get(LIST_COOKIE)
    common: dict[str, Any] = {
        "choices": choices,
        "q": choices.q,
        "examples": EXAMPLES,
        "kinds": list(Kind),
        "shortlist": shortlist,
    }
    if not choices.q:
        return _page("home.html", venues=desk.app.store.count(), **common)
    narrowing = Narrowing(limit=_SHOWN, kinds=frozenset(choices.kind), radius_km=choices.radius)
    try:
        answer, validator = desk.find(choices.q, narrowing, country=choices.country)
    except QueryError as error:
        near = list(error.suggestions) if isinstance(error, UnknownPlace) else []
        return _page("error.html", 400, title="That could not be answered", detail=str(error), near=near, **common)
    crawl = desk.crawling(answer.query.area.id) if answer.query.area else None
    state = secrets.token_hex(4) if crawl and not crawl.done else ""
    tag = f"{validator}-{shortlist or ''}-{choices.link()}-{state}"
    if unchanged := not_modified(request, _tag(tag)):
        return unchanged
    page = _page(
        "answer.html",
        answer=answer,
        groups=groups_of(answer, choices, desk.app.clock()),
        chart=chart_of(answer, choices),
        unasked=desk.app.unasked(answer.query.area) if answer.query.area else [],
        crawl=crawl,
        **common,
    )
    page.headers["etag"] = f'"{_tag(tag)}"'
    page.headers["cache-control"] = "private, no-cache"
    return page


def _tag(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()[:24]


# cards


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One suggestion as a person reads it."""

    rank: int
    id: VenueId
    title: str
    url: str | None
    kind: str
    platform: str
    where: str
    members: str
    alive: str
    why: str
    description: str | None
    unknown: tuple[str, ...]
    rules: tuple[str, ...]
    parts: tuple[Any, ...]
    score: float
    sources: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Suggestions under one heading."""

    heading: str
    note: str | None
    cards: tuple[Card, ...]


_SCOPES = (
    ((Scope.LOCAL,), "In {area}"),
    ((Scope.CONTAINING, Scope.NEARBY), "Around {area}: wider areas and neighbours"),
    ((Scope.EVERYWHERE, Scope.ELSEWHERE), "General spaces, not about a place"),
)


def groups_of(answer: Answer, choices: Choices, now: datetime) -> list[Group]:
    """Return the suggestions under their headings: what is there, what is around, what is open to anyone."""
    area = answer.query.area
    if area is None:
        return [Group("Spaces to join", None, tuple(card_of(each, now) for each in answer.suggestions))]
    groups = []
    for scopes, heading in _SCOPES[: 3 if choices.general else 2]:
        cards = tuple(card_of(each, now) for each in answer.suggestions if each.candidate.scope in scopes)
        empty = "Nothing that fits is in the index yet." if scopes == (Scope.LOCAL,) else None
        if cards or empty:
            groups.append(Group(heading.format(area=area.name), None if cards else empty, cards))
    return groups


def card_of(suggestion: Suggestion, now: datetime) -> Card:
    """Return what a card says of a suggestion."""
    listing = suggestion.venue.listing
    return Card(
        rank=suggestion.rank,
        id=listing.id,
        title=plain(listing.title, 160),
        url=listing.url if listing.url and listing.url.startswith(("https://", "http://")) else None,
        kind=str(listing.kind or Kind.OTHER),
        platform=listing.platform,
        where=where(suggestion) or "place not stated",
        members=members_of(listing),
        alive=alive_of(suggestion.venue, now),
        why=why(suggestion),
        description=plain(listing.description, 280) if listing.description else None,
        unknown=tuple(unknown_of(listing)),
        rules=tuple(plain(rule, 200) for rule in listing.rules[:5]),
        parts=suggestion.parts,
        score=suggestion.score,
        sources=suggestion.venue.evidence,
    )


def members_of(listing: Listing) -> str:
    """Say how many are there, as far as the source says."""
    if listing.members is None:
        return "size not stated"
    return f"{listing.members:,} members" if listing.members != 1 else "1 member"


def alive_of(venue: Venue, now: datetime) -> str:
    """Say whether a venue is alive, and when that was checked; what was only imported was checked by nobody here."""
    listing = venue.listing
    live = [each.seen_at for each in venue.evidence if ":" in each.source]
    checked = f"checked {max(live):%-d %b %Y}" if live else "not checked live"
    if listing.last_post_at is None:
        return f"activity not stated, {checked}"
    days = (now - listing.last_post_at).days
    when = "today" if days < 1 else "yesterday" if days == 1 else f"{days:,} days ago"
    return f"{'quiet' if days > _QUIET_DAYS else 'alive'}: last post {when}, {checked}"


def unknown_of(listing: Listing) -> Iterator[str]:
    """Yield what an organiser would want to know and no source says."""
    if listing.members is None:
        yield "how many are there"
    if listing.last_post_at is None and listing.posts_per_week is None:
        yield "how active it is"
    if listing.access is None:
        yield "who may join"
    if not listing.rules:
        yield "its posting rules"


def chart_of(answer: Answer, choices: Choices) -> str:
    """Return the picture of how many the first ten hold, beside the organiser's own page; "" with too few sizes."""
    kept = [each for each in answer.suggestions if choices.general or each.candidate.scope is not Scope.EVERYWHERE]
    sized = [each for each in kept[:10] if each.venue.listing.members]
    rows = [
        charts.Bar(
            plain(each.venue.listing.title, 60), each.venue.listing.members or 0, each.venue.listing.members or 0
        )
        for each in sized
    ]
    if choices.followers:
        rows.insert(0, charts.Bar("Your own page", choices.followers, choices.followers, own=True))
    return charts.bars(rows, "Members of the first ten spaces, on a log scale") if len(rows) > 1 else ""


# crawls


@router.post("/crawl")
def start_crawl(desk: TheDesk, q: Annotated[str, Form(max_length=LONGEST)]) -> Response:
    """Begin to ask the open sources for an area, and show the answer with how far it is."""
    area = desk.app.query(q).area
    if area is not None:
        desk.crawl(area)
    return RedirectResponse("/?" + urlencode({"q": q}), 303)


@router.get("/crawl/events")
def crawl_events(desk: TheDesk, key: Annotated[str, Query(max_length=200)]) -> Response:
    """Send how far a crawl is, whenever it changes, until it is done."""
    return StreamingResponse(
        _events(desk, key),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


def _events(desk: Desk, key: str) -> Iterator[str]:
    crawl = desk.crawling(key)
    if crawl is None:
        yield "event: done\ndata: {}\n\n"
        return
    step = -1
    while True:
        step = crawl.wait(step, 15.0)
        yield f"event: {'done' if crawl.done else 'progress'}\ndata: {json.dumps(crawl.record())}\n\n"
        if crawl.done:
            return


# shortlists


def _kept(response: Response, list_id: str) -> Response:
    response.set_cookie(LIST_COOKIE, list_id, max_age=180 * 86400, httponly=True, samesite="strict")
    return response


@router.post("/lists")
def add_to_list(
    request: Request,
    desk: TheDesk,
    platform: Annotated[str, Form(max_length=64)],
    native_id: Annotated[str, Form(max_length=512)],
    back: Annotated[str, Form(max_length=2000)] = "",
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
    # Only a page of ours is gone back to: a full address, or one that browsers take for one, is not.
    inside = back.startswith("/?")
    return _kept(RedirectResponse(back if inside else f"/lists/{list_id}", 303), list_id)


@router.get("/lists/{list_id}")
def show_list(desk: TheDesk, list_id: str) -> Response:
    """Show a list: what changed, and what came of each."""
    held = desk.shortlists.get(list_id)
    rows = [(item, changes_of(desk, item)) for item in held.items]
    page = _page("list.html", held=held, rows=rows, statuses=list(Status), q="", examples=EXAMPLES, shortlist=list_id)
    page.headers["cache-control"] = "no-store"
    return _kept(page, list_id)


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
    else:
        desk.shortlists.change(list_id, venue_id, status=status, note=note, outcome=outcome)
    return RedirectResponse(f"/lists/{list_id}", 303)


@router.get("/lists/{list_id}/shortlist.csv")
def list_as_csv(desk: TheDesk, list_id: str) -> Response:
    """Return a list as a table for a spreadsheet."""
    out = io.StringIO()
    names = ["title", "kind", "platform", "place", "url", "members", "status", "note", "outcome", "added_at", "changes"]
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


# the token of a server that others can reach


@router.get("/key")
def ask_for_token(request: Request) -> Response:
    """Show where the token goes that lets a visitor write and crawl."""
    return _page("key.html", q="", examples=EXAMPLES, shortlist=request.cookies.get(LIST_COOKIE), wrong=False)


@router.post("/key")
def take_token(request: Request, token: Annotated[str, Form(max_length=500)]) -> Response:
    """Keep the token in this browser, if it is the right one."""
    guard = request.app.state.guard
    if not guard.token or not secrets.compare_digest(token.encode(), guard.token.encode()):
        return _page("key.html", 403, q="", examples=EXAMPLES, shortlist=None, wrong=True)
    response = RedirectResponse("/", 303)
    response.set_cookie(TOKEN_COOKIE, token, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return response
