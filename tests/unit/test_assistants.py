"""What an assistant is given over the Model Context Protocol, asked by the protocol's own client."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from fastapi.testclient import TestClient
from mcp import Client

from index.testing import HashEncoder
from venues import app as app_module
from venues.app import App
from venues.assistants import create_app, create_server, serve_http
from venues.desk import Desk
from venues.errors import SettingsError
from venues.gate import Guard
from venues.model import Listing
from venues.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from venues.gazetteer import Gazetteer

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def desk(gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(app_module, "packaged_sites", lambda: ())
    with App(Settings(db=":memory:"), clock=lambda: NOW) as app:
        app.__dict__ |= {"gazetteer": gazetteer, "encoder": HashEncoder(), "asking": HashEncoder()}
        for _ in app.intake().take([Listing(platform="f", native_id="a/b", title="Brighton Mums", place="Brighton")]):
            pass
        made = Desk(app)
        yield made
        made.close()


def asked(desk: Desk, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    async def ask() -> list[Any]:
        async with Client(create_server(desk)) as client:
            return [await client.call_tool(name, given) for name, given in calls]

    return asyncio.run(ask())


def test_find_gives_what_the_command_prints(desk: Desk) -> None:
    (reply,) = asked(desk, ("find", {"text": "mums in Brighton"}))
    assert not reply.is_error
    assert [each["title"] for each in reply.structured_content["suggestions"]] == ["Brighton Mums"]


def test_place_and_venue_are_answered(desk: Desk) -> None:
    place, venue = asked(
        desk, ("place", {"text": "mums in Brighton"}), ("venue", {"platform": "f", "native_id": "a/b"})
    )
    assert place.structured_content["area"]["country"] == "GB"
    assert venue.structured_content["title"] == "Brighton Mums"


def test_a_shortlist_is_begun_filled_noted_and_emptied(desk: Desk) -> None:
    (made,) = asked(desk, ("shortlist", {"action": "create", "title": "Spring"}))
    item = {"list_id": made.structured_content["id"], "platform": "f", "native_id": "a/b"}
    replies = asked(
        desk,
        ("shortlist", {"action": "add", **item}),
        ("shortlist", {"action": "note", "status": "asked", "note": "wrote", **item}),
        ("shortlist", {"action": "remove", **item}),
    )
    lists = [reply.structured_content["items"] for reply in replies]
    assert [[(each["status"], each["note"]) for each in items] for items in lists] == [
        [("to join", "")],
        [("asked", "wrote")],
        [],
    ]


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("find", {"text": "mums in Brigton"}, "No place called"),
        ("venue", {"platform": "f", "native_id": "none"}, "No venue"),
        ("shortlist", {"action": "show"}, "list_id"),
        ("shortlist", {"action": "add", "list_id": "x"}, "platform and native_id"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_says_why(desk: Desk, name: str, given: dict[str, Any], said: str) -> None:
    (reply,) = asked(desk, (name, given))
    assert reply.is_error
    assert said in reply.content[0].text


def test_the_tools_say_which_of_them_only_read(desk: Desk) -> None:
    async def listed() -> Any:
        async with Client(create_server(desk)) as client:
            return await client.list_tools()

    tools = {tool.name: tool.annotations.read_only_hint for tool in asyncio.run(listed()).tools}
    assert tools == {"find": True, "place": True, "venue": True, "shortlist": False}


# over HTTP


@contextmanager
def listening(desk: Desk, guard: Guard) -> Iterator[str]:
    """The server as `venues mcp --http` runs it, on a free port."""
    config = uvicorn.Config(create_app(desk, guard), host="127.0.0.1", port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)  # a server that never came up keeps no tests from ending
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        thread.join(20)


def test_an_assistant_far_away_does_all_four_over_http(desk: Desk) -> None:
    async def ask(address: str) -> list[Any]:
        async with Client(address) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert tools == {"find", "place", "venue", "shortlist"}
            found = await client.call_tool("find", {"text": "mums in Brighton"})
            place = await client.call_tool("place", {"text": "mums in Brighton"})
            venue = await client.call_tool("venue", {"platform": "f", "native_id": "a/b"})
            made = await client.call_tool("shortlist", {"action": "create"})
            item = {"list_id": made.structured_content["id"], "platform": "f", "native_id": "a/b"}
            kept = await client.call_tool("shortlist", {"action": "add", **item})
            return [each.structured_content for each in (found, place, venue, kept)]

    with listening(desk, Guard()) as address:
        found, place, venue, kept = asyncio.run(ask(address))
    assert [each["title"] for each in found["suggestions"]] == ["Brighton Mums"]
    assert place["area"]["name"] == "Brighton"
    assert venue["title"] == "Brighton Mums"
    assert [each["title"] for each in kept["items"]] == ["Brighton Mums"]


_HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
_ACCEPTS = {"accept": "application/json, text/event-stream"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "rebound.example"}, 421),
        ({"host": "rebound.example:80"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_an_assistant_is_answered_under_the_names_of_this_machine_alone(
    desk: Desk, headers: dict[str, str], status: int
) -> None:
    with TestClient(create_app(desk, Guard()), "http://localhost", client=("127.0.0.1", 1)) as client:
        assert client.post("/mcp", json=_HELLO, headers=_ACCEPTS | headers).status_code == status
        assert client.get("/").status_code == 404


@pytest.mark.parametrize(("shown", "status"), [("", 403), ("Bearer wrong", 403), ("Bearer right", 200)])
def test_an_open_server_wants_its_token_of_an_assistant(desk: Desk, shown: str, status: int) -> None:
    guard = Guard(token="right", public=True)
    with TestClient(create_app(desk, guard), "http://venues.example", client=("203.0.113.5", 1)) as client:
        assert client.post("/mcp", json=_HELLO, headers=_ACCEPTS | {"authorization": shown}).status_code == status


def test_no_open_server_is_started_without_a_token(desk: Desk) -> None:
    with pytest.raises(SettingsError, match="VENUES_TOKEN"):
        serve_http(desk, "0.0.0.0", 1)
