"""A real Matrix homeserver, crawled through the whole engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from servers.base import crawled

from venues.model import Access, Kind

if TYPE_CHECKING:
    from servers.synapse import Synapse

    from crawlers.running import CrawlOutcome
    from venues.model import Listing


pytestmark = pytest.mark.slow


def by_title(outcome: CrawlOutcome) -> dict[str, Listing]:
    return {listing.title: listing for listing in outcome.listings}


def test_every_room_of_the_directory_becomes_a_listing(synapse: Synapse) -> None:
    synapse.create_room("Leeds Cyclists", "Weekly rides and commuting chat around Leeds", "leeds-cyclists")
    synapse.create_room("Leeds Communities", "A space", "leeds-space", creation_content={"type": "m.space"})
    synapse.create_room(None, None, "nameless")
    synapse.create_room("Knock first", None, "knock-first", initial_state=[_rule("knock")])
    room_id = synapse.create_room(None, "A topic, and neither name nor alias")
    outcome = crawled(f"matrix:{synapse.base_url}?page_size=2")
    found = by_title(outcome)

    assert (outcome.state, outcome.complete, outcome.error) == ("read", True, None)
    cyclists = found["Leeds Cyclists"]
    assert cyclists.native_id == "#leeds-cyclists:synapse.test"
    assert cyclists.kind is Kind.CHAT
    assert cyclists.url == "https://matrix.to/#/#leeds-cyclists:synapse.test"
    assert cyclists.description == "Weekly rides and commuting chat around Leeds"
    assert (cyclists.members, cyclists.access, cyclists.nsfw) == (1, Access.OPEN, None)
    assert cyclists.source == f"matrix:{synapse.base_url}?page_size=2"
    assert found["Leeds Communities"].kind is Kind.COMMUNITY
    assert found["#nameless:synapse.test"].description is None
    assert found["Knock first"].access is Access.ON_REQUEST
    assert found["A topic, and neither name nor alias"].native_id == room_id
    assert outcome.requests == -(-len(outcome.listings) // 2)


def test_a_server_that_it_cannot_ask_for_its_directory_is_a_value(synapse: Synapse) -> None:
    outcome = crawled(f"matrix:{synapse.base_url}?server=nowhere.invalid")
    assert not outcome.listings
    assert outcome.state in {"failed", "needs key", "not permitted"}
    assert outcome.error is not None


def _rule(rule: str) -> dict[str, object]:
    return {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": rule}}
