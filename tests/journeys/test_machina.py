"""A real django-machina, five boards deep at a path of its own choosing, crawled through the whole engine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from servers.base import told
from servers.django_site import crawl_of

from venues.model import Kind

if TYPE_CHECKING:
    from servers.django_site import Crawl, Forum

    from crawlers.running import CrawlOutcome

pytestmark = pytest.mark.slow

TALK = "Yorkshire Talk"
PARENTS = f"{TALK} > Leeds > Parents of Leeds"
HALF_TERM = datetime(2025, 10, 20, 9, 30, tzinfo=UTC)
TUESDAY = datetime(2025, 11, 3, 16, 5, tzinfo=UTC)
SUNDAY = datetime(2025, 9, 6, 12, 0, tzinfo=UTC)
# As the forum counts: with all that is in the boards below.
EXPECTED = {
    "Parents of Leeds": (f"{TALK} > Leeds", "Playgroups, schools & swaps", 2, 3, TUESDAY),
    "Toddler groups": (PARENTS, "Where to take a two-year-old", 1, 1, TUESDAY),
    "Tuesday mornings": (f"{PARENTS} > Toddler groups", "In church halls", 1, 1, TUESDAY),
    "Armley hall": (f"{PARENTS} > Toddler groups > Tuesday mornings", "Ten o'clock, bring a cushion", 0, 0, None),
    "Sport": (f"{TALK} > Leeds", None, 1, 3, SUNDAY),
    "Leeds Cyclists": (f"{TALK} > Leeds > Sport", "Weekly rides", 1, 3, SUNDAY),
    "Noticeboard": (TALK, None, 0, 0, None),
    "Lost and found": (f"{TALK} > Noticeboard", "Keys, cats", 0, 0, None),
}


@pytest.fixture(scope="module")
def crawl(machina: Forum) -> Crawl:
    return crawl_of(f"machina:{machina.base_url}", machina)


@pytest.fixture
def outcome(crawl: Crawl) -> CrawlOutcome:
    return crawl.outcome


def test_every_board_is_found_at_any_depth_with_all_that_the_forum_says_of_it(
    machina: Forum, outcome: CrawlOutcome
) -> None:
    boards = [each for each in outcome.listings if each.kind is Kind.BOARD]
    found = {each.title: (each.parent, each.description, each.topics, each.posts, each.last_post_at) for each in boards}
    assert ("read", True, None) == (outcome.state, outcome.complete, outcome.error)
    assert found == EXPECTED
    assert len(boards) == len(EXPECTED)
    [forum] = [each for each in outcome.listings if each.kind is Kind.FORUM]
    assert (TALK, machina.base_url, 3, 6) == (forum.title, forum.url, forum.topics, forum.posts)


def test_only_boards_with_boards_in_them_are_asked_for(machina: Forum, crawl: Crawl) -> None:
    below = machina.base_url.partition("//")[2].partition("/")[2]
    asked = [each.removeprefix(f"GET /{below}/") for each in crawl.asked]
    assert asked == [
        "GET /robots.txt",
        "",
        "forum/parents-of-leeds-2/",
        "forum/sport-7/",
        "forum/noticeboard-9/",
        "forum/toddler-groups-3/",
        "forum/tuesday-mornings-4/",
    ]


def test_who_writes_is_in_no_listing(outcome: CrawlOutcome) -> None:
    assert "olga" not in told(outcome)
