"""SearXNG: a search engine of one's own, asked for what must not be crawled.

Settings: `base_url` (one's own instance, with `json` among its formats), `words` (the people wanted), `names` (further
names to search an area by: its boroughs or districts, divided by ";"), `queries` (most queries for one area).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from crawlers.contract import About, Mark, Page, Request
from crawlers.parsing import dig, items
from crawlers.searching import MOST_QUERIES, Hit, container_of, listings_of, names_of, queries
from venues.errors import PageChanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area, Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Searxng:
    """What one's own search instance finds of an area's groups elsewhere."""

    base_url: str
    words: str = ""
    names: str = ""
    queries: int = MOST_QUERIES
    language: str = "en-GB"

    about: ClassVar[About] = About(
        platform="searxng",
        website="https://docs.searxng.org",
        terms="One's own instance; public ones answer people and not programs.",
        official_api=True,
        how="an instance of one's own, `GET /search?q=...&format=json`; hits only, no page behind them",
        limits="at most 40 queries an area, 1 in 3 seconds",
        own=True,  # its robots.txt keeps others' crawlers from its searches, as it should
        by_area=True,
        rest=7,
        marks=(Mark("generator", r"^searxng/"),),
        pace=3.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Ask for the area by its names; without an area there is nothing to ask."""
        if area is None:
            return
        search = Request(url=f"{self.base_url.rstrip('/')}/search", note="hits")
        for query in queries(names_of(area, self.names), self.words, self.queries, container_of(area)):
            yield search.with_params(q=query, format="json", language=self.language, safesearch=1)

    def read(self, page: Page) -> Iterator[Listing]:
        """Read one page of hits."""
        reply = page.json()
        if not isinstance(dig(reply, "results"), list):
            raise PageChanged(page.url, "is no page of search results: it has no results")
        silent = dig(reply, "unresponsive_engines")
        if isinstance(silent, list) and silent and not reply["results"]:
            raise PageChanged(page.url, f"found nothing, since {len(silent)} of its engines gave no answer")
        for hit in items(reply, "results"):
            yield from listings_of([Hit(hit.get("title") or "", hit.get("url") or "", hit.get("content") or "")])
