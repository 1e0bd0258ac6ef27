"""What runs at an address: told by few requests, each through the gate, and tried before it is believed."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawlers.probing import Probed, UnknownPlatform, manners_for, probe
from crawlers.testing import Recorded, Reply
from venues.errors import AddressRefused, RobotsForbidden

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOMS = json.dumps({"chunk": [{"room_id": "!a:x", "name": "Leeds Cyclists", "num_joined_members": 3}]})
DIRECTORY = "https://m.example/_matrix/client/v3/publicRooms"


def probed(url: str, pages: Mapping[str, Reply | str | Exception]) -> tuple[Probed, list[str]]:
    gate = Recorded(pages)
    found = asyncio.run(probe(url, gate, lambda: datetime(2026, 11, 1, tzinfo=UTC)))
    return found, [request.url for request in gate.asked]


def test_a_site_is_told_by_a_path_that_only_its_platform_answers() -> None:
    found, asked = probed(
        "https://m.example",
        {"https://m.example": "<p>Welcome", f"{DIRECTORY}?limit=1": ROOMS, f"{DIRECTORY}?limit=100": ROOMS},
    )
    assert found.site.name == "matrix:https://m.example"
    assert [listing.title for listing in found.trial.listings] == ["Leeds Cyclists"]
    assert asked[:2] == ["https://m.example", "https://m.example/.well-known/nodeinfo"]
    assert asked[-1] == f"{DIRECTORY}?limit=100"


def test_an_address_deep_in_a_site_leads_to_its_root() -> None:
    found, _ = probed(
        "https://m.example/a/b/c/d.html",
        {
            "https://m.example/a/b/c/d.html": "<p>Welcome",
            f"{DIRECTORY}?limit=1": ROOMS,
            f"{DIRECTORY}?limit=100": ROOMS,
        },
    )
    assert found.site.name == "matrix:https://m.example"


def test_a_site_that_wants_a_key_is_told_all_the_same() -> None:
    found, _ = probed(
        "https://m.example",
        {"https://m.example": "", f"{DIRECTORY}?limit=1": ROOMS, f"{DIRECTORY}?limit=100": Reply(b"{}", 401)},
    )
    assert (found.site.name, found.trial.state) == ("matrix:https://m.example", "needs key")


def test_nodeinfo_of_another_host_is_not_asked() -> None:
    links = json.dumps({"links": [{"rel": "x", "href": "https://other.example/nodeinfo/2.0"}]})
    gate = Recorded({"https://m.example": "", "https://m.example/.well-known/nodeinfo": links})
    with pytest.raises(UnknownPlatform):
        asyncio.run(probe("https://m.example", gate, lambda: datetime(2026, 11, 1, tzinfo=UTC)))
    assert not [request.url for request in gate.asked if "other.example" in request.url]


def test_an_unknown_platform_is_said_to_be_so_after_few_requests() -> None:
    gate = Recorded({"https://m.example": "<p>A shop"})
    with pytest.raises(UnknownPlatform, match="PLATFORM:ADDRESS"):
        asyncio.run(probe("https://m.example", gate, lambda: datetime(2026, 11, 1, tzinfo=UTC)))
    assert len(gate.asked) <= 26


def test_a_site_that_forbids_the_address_is_asked_no_further() -> None:
    refusal = RobotsForbidden("https://m.example", "robots.txt does not permit it")
    gate = Recorded({"https://m.example": refusal})
    with pytest.raises(RobotsForbidden):
        asyncio.run(probe("https://m.example", gate, lambda: datetime(2026, 11, 1, tzinfo=UTC)))
    assert len(gate.asked) == 1


def test_only_an_address_that_is_private_by_its_spelling_may_be_asked_there() -> None:
    assert manners_for("http://127.0.0.1:8008/x").homes == {("127.0.0.1", 8008)}
    assert manners_for("https://m.example/x").homes == frozenset()
    with pytest.raises(AddressRefused):
        manners_for("ftp://m.example")
