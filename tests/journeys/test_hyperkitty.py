"""A real HyperKitty, which shows its lists in an API and in HTML, crawled through the whole engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from servers.base import told
from servers.django_site import crawl_of

from venues.model import Kind

if TYPE_CHECKING:
    from servers.django_site import Crawl, Forum

    from crawlers.running import CrawlOutcome

pytestmark = pytest.mark.slow

# How many wrote in the last 30 days stands in the HTML alone, what is not public in neither.
EXPECTED = {
    "leeds-parents@lists.example.test": ("Leeds-parents", "Parents of Leeds & around", 2),
    "york-runners@lists.example.test": ("York-runners", "Club runs in York", 0),
    "quiet@lists.example.test": ("quiet", None, 0),
}


@pytest.fixture(scope="module")
def crawl(hyperkitty: Forum) -> Crawl:
    return crawl_of(f"hyperkitty:{hyperkitty.base_url}?page_size=2", hyperkitty)


@pytest.fixture
def outcome(crawl: Crawl) -> CrawlOutcome:
    return crawl.outcome


def test_each_list_is_one_venue_though_two_directories_have_it(crawl: Crawl) -> None:
    outcome = crawl.outcome
    found = {each.native_id: (each.title, each.description, each.active_members) for each in outcome.listings}
    assert ("read", True, None) == (outcome.state, outcome.complete, outcome.error)
    assert found == EXPECTED
    assert {Kind.LIST} == {each.kind for each in outcome.listings}
    assert crawl.asked == [
        "GET /robots.txt",
        "GET /archives/api/lists/?limit=2&offset=0",
        "GET /archives/api/lists/?limit=2&offset=2",
        "GET /archives/?sort=name&count=2&page=1",
        "GET /archives/?sort=name&count=2&page=2",
    ]


def test_who_writes_is_in_no_listing(outcome: CrawlOutcome) -> None:
    assert not {"olga", "tariq"} & set(told(outcome).replace("@", " ").replace('"', " ").split())
    assert "olga" not in told(outcome)
