"""One space by its address: asked where that is allowed, else taken in from the organiser's own words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawlers.testing import Loopback, Reply
from venues.adding import SOURCE, Given, venue_at
from venues.errors import QueryError
from venues.model import Kind

if TYPE_CHECKING:
    from venues.adding import Added

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
CLUB = b"""<html><head><title>Leeds Ukulele Club</title><meta property="og:site_name" content="Leeds Ukulele Club">
<meta property="og:title" content="Leeds Ukulele Club"><meta name="description" content="We meet on Tuesdays in Leeds.">
</head><body><h1>Leeds Ukulele Club</h1></body></html>"""


def added(url: str, **given: object) -> Added:
    return venue_at(url, Given(**given), "", lambda: NOW)  # type: ignore[arg-type]


def test_a_page_that_may_be_read_tells_what_it_is() -> None:
    with Loopback(lambda path: Reply(b"", 404) if path == "/robots.txt" else Reply(CLUB)) as server:
        found = added(server.url, place="Leeds")
    assert found.asked
    assert 0.5 < found.sure < 1
    listing = found.listing
    assert (listing.title, listing.description) == ("Leeds Ukulele Club", "We meet on Tuesdays in Leeds.")
    assert (listing.platform, listing.place, listing.source) == ("website", "Leeds", SOURCE)
    assert listing.native_id == server.url.removeprefix("http://")


def test_what_the_organiser_says_counts_before_the_page() -> None:
    with Loopback(lambda path: Reply(b"", 404) if path == "/robots.txt" else Reply(CLUB)) as server:
        listing = added(server.url, title="Ukes", kind=Kind.CLUB, members=0).listing
    assert (listing.title, listing.kind, listing.members) == ("Ukes", Kind.CLUB, 0)


def test_a_facebook_group_is_taken_in_by_its_title_and_never_asked() -> None:
    found = added("https://m.facebook.com/groups/leedsdads/?ref=share", title="Leeds Dads", members=900)
    assert not found.asked
    listing = found.listing
    assert (listing.platform, listing.native_id, listing.kind) == ("facebook", "groups/leedsdads", Kind.GROUP)
    assert listing.url == "https://www.facebook.com/groups/leedsdads/"
    assert (listing.title, listing.members) == ("Leeds Dads", 900)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://www.facebook.com/groups/leedsdads", "Say it with --title"),
        ("https://chat.whatsapp.com/AbCdEfGhIjK1234567890a", "Say it with --title"),
        ("leeds dads", "is no web address"),
        ("https://www.facebook.com/events/123456789/", "not a space to join"),
    ],
)
def test_what_cannot_be_added_says_what_to_do(url: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        added(url)


def test_a_page_that_is_closed_to_programs_is_added_by_its_title_with_the_reason() -> None:
    robots = b"User-agent: *\nDisallow: /\n"
    with Loopback(lambda path: Reply(robots) if path == "/robots.txt" else Reply(CLUB)) as server:
        with pytest.raises(QueryError, match="does not permit it"):
            added(server.url)
        found = added(server.url, title="Ukes")
    assert server.paths == ["/robots.txt", "/robots.txt"]
    assert not found.asked
    assert found.trouble == "robots.txt does not permit it"
