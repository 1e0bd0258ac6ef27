"""A real Spirit, whose page of categories is an empty shell with status 200, crawled through the whole engine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from servers.base import crawled, probed, told
from servers.django_site import crawl_of

from crawlers.contract import NoList
from venues.model import Kind

if TYPE_CHECKING:
    from servers.django_site import Crawl, Forum

    from crawlers.running import CrawlOutcome

pytestmark = pytest.mark.slow

EXPECTED = {
    "Leeds Parents": ("Spirit", datetime(2025, 10, 20, 9, 30, tzinfo=UTC)),
    "Toddlers & babies": ("Spirit > Leeds Parents", datetime(2025, 11, 3, 16, 5, tzinfo=UTC)),
    "York Runners": ("Spirit", datetime(2025, 9, 6, 7, 45, tzinfo=UTC)),
    "Quiet corner": ("Spirit", None),
    "Uncategorized": ("Spirit", None),
}


@pytest.fixture(scope="module")
def crawl(spirit: Forum) -> Crawl:
    return crawl_of(f"spirit:{spirit.base_url}", spirit)


@pytest.fixture
def outcome(crawl: Crawl) -> CrawlOutcome:
    return crawl.outcome


def test_every_category_is_found_with_its_parent_and_its_last_post(outcome: CrawlOutcome) -> None:
    boards = [each for each in outcome.listings if each.kind is Kind.BOARD]
    assert ("read", True, None) == (outcome.state, outcome.complete, outcome.error)
    assert {each.title: (each.parent, each.last_post_at) for each in boards} == EXPECTED
    assert len(boards) == len(EXPECTED)
    assert {None} == {each.description or each.topics or each.posts for each in boards}


def test_the_empty_shell_is_not_asked_for(crawl: Crawl) -> None:
    assert crawl.asked[:2] == ["GET /robots.txt", "GET /"]
    assert "GET /category/" not in crawl.asked


def test_a_site_that_is_the_empty_shell_ends_without_a_list_and_without_being_complete(spirit: Forum) -> None:
    shell = f"{spirit.base_url}/category"
    assert probed(f"{shell}/").status_code == 200
    outcome = crawled(f"spirit:{shell}")
    assert outcome.listings == ()
    # What is complete may mark venues as gone.
    assert (outcome.state, outcome.complete) == ("failed", False)
    assert isinstance(outcome.error, NoList)
    assert "empty shell" in outcome.error.reason


def test_who_writes_is_in_no_listing(outcome: CrawlOutcome) -> None:
    assert "olga" not in told(outcome)
