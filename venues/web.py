"""The page: one box and an answer that a person can act on. It needs neither script nor mouse."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from index.shortlists import ListNotFound
from venues.api_common import TheDesk, sent
from venues.cards import chart_of, groups_of, kind_words, outcome_words, unsized
from venues.discovery import Narrowing
from venues.errors import QueryError, UnknownPlace
from venues.gate import NOT_PERMITTED, TOKEN_COOKIE, key_of, network_of
from venues.model import Kind
from venues.queries import LONGEST
from venues.replies import Made, reply_of
from venues.short_names import short_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from venues.answering import Answers, CrawlSeen
    from venues.desk import Desk
    from venues.model import VenueId

router = APIRouter()

LIST_COOKIE = "venues_list"
EXAMPLES = ("young mums in Brighton", "cyclists in Leeds", "students in Manchester", "parents in London")
"""Each finds something in its place in the starter directory, so that a first visitor sees what an answer is."""

_SHOWN = 20
_LOOKING = 0.3
_QUIET = 15.0
"""Seconds between two looks at a crawl, and between two signs of life where nothing happens."""


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("venues"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["count"] = lambda number: f"{number:,}"
    # An address is other people's words: javascript: is one, too.
    made.filters["is_web"] = lambda url: bool(url) and url.startswith(("https://", "http://"))
    made.filters["day"] = lambda moment: f"{moment:%-d %b %Y}"
    made.filters["plural"] = lambda number, one, many: f"{number:,} {one if number == 1 else many}"
    made.filters |= {"kind": kind_words, "outcome": outcome_words, "short": short_name}
    made.globals["edition"] = _edition()
    return made


def _edition() -> str:
    """Return what changes with the style and the script, so that no browser keeps an old one beside a new page."""
    folder = files("venues") / "static"
    return sha256(b"".join((folder / name).read_bytes() for name in ("venues.css", "venues.js"))).hexdigest()[:8]


def rendered(name: str, **values: Any) -> bytes:
    """Return a page."""
    return _templates().get_template(name).render(**values).encode("utf-8", "replace")


def page_of(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page that nobody keeps: it is one visitor's."""
    return HTMLResponse(rendered(name, **values), status, {"cache-control": "no-store"})


def error_page(request: Request, status: int, title: str, detail: str | None) -> HTMLResponse:
    """Return a page that says what went wrong, with the box to try again."""
    asked = request.query_params.get("q", "")[:LONGEST]
    token = title == NOT_PERMITTED
    return page_of("error.html", status, title=title, detail=detail, q=asked, examples=EXAMPLES, token=token)


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
async def home(
    request: Request,
    desk: TheDesk,
    q: Annotated[str, Query(max_length=LONGEST)] = "",
    country: Annotated[str, Query(pattern="^([A-Za-z]{2})?$")] = "",
    radius: Annotated[str, Query(pattern=r"^(\d{1,4}(\.\d{1,3})?)?$")] = "",
    kind: Annotated[list[Kind] | None, Query()] = None,
    general: Annotated[str, Query(pattern="^[01]$")] = "1",
    followers: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "",
    added: Annotated[str, Query(pattern=r"^\d{0,3}$")] = "",
) -> Response:
    """Show the box, and below it the answer to what is in it."""
    choices = Choices(
        q=q.strip(),
        country=_country(country),
        radius=float(radius) if radius and 0 < float(radius) <= 1000 else None,
        kind=tuple(dict.fromkeys(kind or ())),
        general=general == "1",
        followers=int(followers) if followers else None,
    )
    on_list: frozenset[VenueId] = frozenset()
    state = desk.state()
    if added:
        on_list = await asyncio.to_thread(_listed, desk, request.cookies.get(LIST_COOKIE, ""))
        state = (state, on_list)
    shown = Showing(choices, int(added or 0), on_list, desk.crawls_seen())
    try:
        return sent(request, await desk.reply(key_of(request.scope), state, shown))
    except QueryError as error:
        near = list(_nearly(choices, error)) if isinstance(error, UnknownPlace) else []
        title = "That could not be answered"
        return page_of("error.html", 400, title=title, detail=str(error), near=near, **shown.common())


def _country(said: str) -> str | None:
    """Return the country's code; "UK" is what most people call the one whose code is GB."""
    return {"": None, "UK": "GB"}.get(said.upper(), said.upper())


def _nearly(choices: Choices, error: UnknownPlace) -> Iterator[tuple[str, str]]:
    """Yield the question with each place that may have been meant, and its address."""
    for place in error.suggestions:
        before, found, after = _cut(choices.q, error.place)
        if found:
            yield before + place + after, choices.link(q=before + place + after)


def _cut(text: str, part: str) -> tuple[str, str, str]:
    found = re.search(re.escape(part), text, re.IGNORECASE)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _listed(desk: Desk, list_id: str) -> frozenset[VenueId]:
    try:
        return frozenset(item.id for item in desk.shortlists.get(list_id).items)
    except ListNotFound:
        return frozenset()


@dataclass(frozen=True, slots=True)
class Showing:
    """One view of the page."""

    choices: Choices
    added: int
    """The rank of the venue that the visitor has just put on their list; 0: none."""
    on_list: frozenset[VenueId]
    crawls: dict[str, CrawlSeen]

    def common(self) -> dict[str, Any]:
        """Return what a page with the box needs."""
        return {"choices": self.choices, "q": self.choices.q, "examples": EXAMPLES, "kinds": list(Kind)}

    def __call__(self, answers: Answers) -> Made:
        """Find and render. Raises QueryError."""
        choices, app = self.choices, answers.app
        if not choices.q:
            page = rendered("home.html", venues=app.store.count(), **self.common())
            return Made(reply_of(page, _HTML), keep=not self.added)
        narrowing = Narrowing(limit=_SHOWN, kinds=frozenset(choices.kind), radius_km=choices.radius)
        answer = answers.find(choices.q, narrowing, country=choices.country)
        area = answer.query.area
        crawl = self.crawls.get(area.id) if area else None
        page = rendered(
            "answer.html",
            answer=answer,
            groups=groups_of(answer, app.clock(), general=choices.general),
            chart=chart_of(answer, general=choices.general, followers=choices.followers),
            unsized=unsized(answer, general=choices.general),
            unasked=app.unasked(area, answer.query.audience) if area else [],
            crawl=crawl,
            added=self.added,
            on_list=self.on_list,
            **self.common(),
        )
        return Made(reply_of(page, _HTML), keep=not self.added and (crawl is None or crawl.done))


_HTML = "text/html; charset=utf-8"
FIRST = Showing(Choices(q="people in London"), 0, frozenset(), {})
"""What a server asks itself before anybody else does."""


# crawls


@router.post("/crawl")
def start_crawl(
    desk: TheDesk,
    q: Annotated[str, Form(max_length=LONGEST)],
    country: Annotated[str, Form(pattern="^([A-Z]{2})?$")] = "",
    back: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Begin to ask the open sources for an area, and show the answer with how far it is."""
    query = desk.app.query(q, country=country or None)
    if query.area is not None:
        desk.crawl(query.area, query.audience)
    return RedirectResponse(back_to(back) or "/?" + urlencode({"q": q}), 303)


def back_to(back: str, **changes: str) -> str | None:
    """Return the answer that a visitor came from, with some of it otherwise; None where that is no page of ours.

    It is written anew: a full address, or whatever browsers may take for one, is never gone to.
    """
    if not back.startswith("/?"):
        return None
    asked = parse_qs(back[2:], max_num_fields=50)
    asked.pop("added", None)
    return f"/?{urlencode(asked | {name: [value] for name, value in changes.items()}, doseq=True)}"


@router.get("/crawl/events")
async def crawl_events(request: Request, desk: TheDesk, key: Annotated[str, Query(max_length=200)]) -> Response:
    """Send how far a crawl is, whenever it changes, until it is done."""
    client = network_of(request.client.host if request.client else "")
    desk.check_watching(client)
    return StreamingResponse(
        _events(desk, key, client),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(desk: Desk, key: str, client: str) -> AsyncIterator[str]:
    crawl = desk.crawling(key)
    if crawl is None:
        yield "event: done\ndata: {}\n\n"
        return
    seen, silent = -1, 0.0
    with desk.watched(client):
        while not desk.closing:
            done, step = crawl.done, crawl.step
            if step != seen:
                seen, silent = step, 0.0
                yield f"event: {'done' if done else 'progress'}\ndata: {json.dumps(crawl.record())}\n\n"
            elif silent >= _QUIET:
                silent = 0.0
                yield ": still at it\n\n"
            if done:
                return
            await asyncio.sleep(_LOOKING)
            silent += _LOOKING


# the token of a server that others can reach


@router.get("/key")
def ask_for_token() -> Response:
    """Show where the token goes that lets a visitor write and crawl."""
    return page_of("key.html", q="", wrong=False)


@router.post("/key")
def take_token(request: Request, token: Annotated[str, Form(max_length=500)]) -> Response:
    """Keep the token in this browser, if it is the right one."""
    guard = request.app.state.guard
    if not guard.token or not secrets.compare_digest(token.encode(), guard.token.encode()):
        return page_of("key.html", 403, q="", wrong=True)
    response = RedirectResponse("/", 303)
    response.set_cookie(TOKEN_COOKIE, token, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return response
