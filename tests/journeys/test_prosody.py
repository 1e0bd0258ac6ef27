"""A real Prosody, with rooms that it shows on the web, crawled through the whole engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from servers.base import crawled, probed, told

from venues.model import Kind

if TYPE_CHECKING:
    from servers.prosody import Prosody

    from crawlers.running import CrawlOutcome

pytestmark = pytest.mark.slow

EXPECTED = {
    "leeds-cyclists@rooms.test": ("Leeds Cyclists", "Weekly rides & repairs", "en"),
    "members@rooms.test": ("For members", None, None),
    "plain@rooms.test": ("plain", None, None),
}


@pytest.fixture(scope="module")
def outcome(prosody: Prosody) -> CrawlOutcome:
    return crawled(f"prosody:{prosody.base_url}")


def test_every_public_room_is_found_under_its_address(prosody: Prosody, outcome: CrawlOutcome) -> None:
    found = {each.native_id: (each.title, each.description, each.language) for each in outcome.listings}
    assert ("read", True, None) == (outcome.state, outcome.complete, outcome.error)
    assert found == EXPECTED
    assert {(Kind.CHAT, "Leeds chat")} == {(each.kind, each.parent) for each in outcome.listings}
    assert f"{prosody.base_url}/leeds-cyclists/" in {each.url for each in outcome.listings}


def test_what_is_said_in_the_rooms_is_not_asked_for(prosody: Prosody, outcome: CrawlOutcome) -> None:
    day = probed(f"{prosody.base_url}/leeds-cyclists/2025-11-07")
    assert "organiser-olga" in day.text
    assert outcome.requests == 1
    assert "olga" not in told(outcome)
