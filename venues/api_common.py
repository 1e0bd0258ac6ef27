"""What every part of the API shares: the desk, problems, replies with validators, and lists by pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from venues.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import URL

    from venues.replies import Reply

PREFIX = "/api/v1"
MOST_A_PAGE = 500

Country = Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="The country meant where names are shared.")]
Offset = Annotated[int, Query(ge=0, le=100_000, description="How many to leave out from the top.")]
Limit = Annotated[int, Query(ge=1, le=MOST_A_PAGE, description="How many to return at most.")]


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


_PROBLEM = {
    "type": "about:blank",
    "title": "The question cannot be answered",
    "status": 400,
    "detail": 'No place called "Brigton" is known. Did you mean Brighton?',
    "suggestions": ["Brighton"],
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": Problem,
        "content": {"application/problem+json": {"example": _PROBLEM | {"title": title, "status": status}}},
    }
    for status, title in {
        400: "The question cannot be answered",
        404: "Not found",
        422: "The request is not of the form",
        429: "Too many requests",
    }.items()
}
WRITING: dict[int | str, dict[str, Any]] = {
    403: {
        "model": Problem,
        "content": {
            "application/problem+json": {
                "example": {
                    "type": "about:blank",
                    "title": "Not permitted",
                    "status": 403,
                    "detail": "This server is open to others, so changes need a token. Show the token of VENUES_TOKEN.",
                }
            }
        },
    }
}


def answers(example: object, status: int = 200, kind: str = "application/json") -> dict[int | str, dict[str, Any]]:
    """Return what the schema says of a route's replies: an example of the good one, and the problems."""
    return PROBLEMS | {status: {"content": {kind: {"example": example}}}}


def text_wanted(example: str, what: str, kind: str = "text/plain") -> dict[str, Any]:
    """Return what the schema says of a route that takes a body which is not one JSON value, by whatever name it comes.

    Lines of JSON are called plain text there: few programs that read schemas know their own name.
    """
    content = {kind: {"schema": {"type": "string", "description": what}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def by_example(example: dict[str, Any]) -> ConfigDict:
    """Return the settings of a model that shows itself by an example."""
    return ConfigDict(json_schema_extra={"examples": [example]})


def sent(request: Request, reply: Reply) -> Response:
    """Return a reply in the form that whoever asks can take, or word that they have it already."""
    status, headers, body = reply.for_request(dict(request.scope["headers"]))
    response = Response(body, status)
    response.raw_headers = headers
    return response


def link_header(url: URL, limit: int, offset: int, *, more: bool) -> str:
    """Return the addresses of the pages before and after one, by RFC 8288; "" where there are none."""
    pages = {"first": 0, "prev": max(0, offset - limit)} if offset else {}
    if more:
        pages["next"] = offset + limit
    asked = url.include_query_params
    return ", ".join(
        f'<{target.path}?{target.query}>; rel="{name}"'
        for name, start in pages.items()
        for target in [asked(limit=limit, offset=start)]
    )


def paged(request: Request, response: Response, found: Sequence[Any], limit: int, offset: int) -> list[Any]:
    """Return one page of a list that is there up to the page's end and one further, and say where the others are."""
    links = link_header(request.url, limit, offset, more=len(found) > offset + limit)
    if links:
        response.headers["link"] = links
    return list(found[offset : offset + limit])
