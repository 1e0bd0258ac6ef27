"""What an assistant is given over the Model Context Protocol, asked by the protocol's own client."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client

from index.testing import HashEncoder
from venues import app as app_module
from venues.app import App
from venues.assistants import create_server
from venues.desk import Desk
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
