"""A real Misago, whose robots.txt forbids an API that answers, crawled through the whole engine."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from servers.base import probed, told
from servers.django_site import crawl_of

from crawlers.contract import Manners, Request
from crawlers.fetching import Fetcher
from crawlers.registry import build, site_from
from crawlers.running import manners_of
from venues.errors import RobotsForbidden
from venues.model import Kind

if TYPE_CHECKING:
    from servers.django_site import Crawl, Forum

    from crawlers.running import CrawlOutcome

pytestmark = pytest.mark.slow

TALK = "Yorkshire Talk"
# As the forum counts: with all that is in the categories below.
EXPECTED = {
    "First category": (TALK, None, 0, 0, None),
    "Leeds": (TALK, "Everything in the city & around", 4, 7, datetime(2025, 8, 1, 8, 0, tzinfo=UTC)),
    "Parents of Leeds": (
        f"{TALK} > Leeds",
        "Playgroups, schools, swaps",
        2,
        3,
        datetime(2025, 11, 3, 16, 5, tzinfo=UTC),
    ),
    "Toddler groups": (
        f"{TALK} > Leeds > Parents of Leeds",
        "Where to take a two-year-old",
        None,
        None,
        datetime(2025, 11, 3, 16, 5, tzinfo=UTC),
    ),
    "Tuesday mornings": (
        f"{TALK} > Leeds > Parents of Leeds > Toddler groups",
        "In church halls",
        None,
        None,
        datetime(2025, 11, 3, 16, 5, tzinfo=UTC),
    ),
    "Leeds Cyclists": (f"{TALK} > Leeds", None, 1, 3, datetime(2025, 9, 6, 7, 45, tzinfo=UTC)),
    "York": (TALK, None, 0, 0, None),
}


@pytest.fixture(scope="module")
def crawl(misago: Forum) -> Crawl:
    return crawl_of(f"misago:{misago.base_url}", misago)


@pytest.fixture
def outcome(crawl: Crawl) -> CrawlOutcome:
    return crawl.outcome


def test_every_category_is_found_with_all_that_the_forum_says_of_it(misago: Forum, outcome: CrawlOutcome) -> None:
    boards = [each for each in outcome.listings if each.kind is Kind.BOARD]
    found = {each.title: (each.parent, each.description, each.topics, each.posts, each.last_post_at) for each in boards}
    assert ("read", True, None) == (outcome.state, outcome.complete, outcome.error)
    assert found == EXPECTED
    assert len(boards) == len(EXPECTED)
    [forum] = [each for each in outcome.listings if each.kind is Kind.FORUM]
    assert (TALK, misago.base_url, "en") == (forum.title, forum.url, forum.language)


def test_no_request_reaches_the_api_that_robots_txt_forbids(misago: Forum, crawl: Crawl) -> None:
    assert probed(f"{misago.base_url}/api/threads/").is_success
    assert crawl.asked == [
        "GET /robots.txt",
        "GET /categories/",
        "GET /c/toddler-groups/6/",
        "GET /c/tuesday-mornings/7/",
    ]
    assert [] == [each for each in misago.requests() if "/api/" in each]


def test_a_crawler_that_asks_the_api_all_the_same_is_stopped_before_it_is_asked(misago: Forum) -> None:
    site = site_from(f"misago:{misago.base_url}")

    async def ask(manners: Manners) -> None:
        async with Fetcher() as fetcher:
            await fetcher.fetch(Request(url=f"{misago.base_url}/api/threads/"), manners)

    with pytest.raises(RobotsForbidden):
        asyncio.run(ask(manners_of(site, build(site))))
    assert [] == [each for each in misago.requests() if "/api/" in each]


def test_who_writes_is_in_no_listing(outcome: CrawlOutcome) -> None:
    assert "olga" not in told(outcome)
