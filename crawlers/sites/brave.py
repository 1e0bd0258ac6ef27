"""Brave Search, with the user's key, asked for what must not be crawled.

Settings: `words` (the people wanted), `names` (further names to search an area by: its boroughs or districts, divided
by ";"), `queries` (most queries for one area: they cost money), `market` (the country searched for).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from crawlers.contract import About, Page, Request
from crawlers.parsing import dig, items
from crawlers.searching import MOST_QUERIES, Hit, container_of, listings_of, names_of, queries
from venues.errors import PageChanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area, Listing

_SEARCH = Request(url="https://api.search.brave.com/res/v1/web/search", note="hits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brave:
    """What Brave Search finds of an area's groups elsewhere."""

    words: str = ""
    names: str = ""
    queries: int = MOST_QUERIES
    market: str = "GB"

    about: ClassVar[About] = About(
        platform="brave",
        website="https://brave.com/search/api/",
        terms="https://api-dashboard.search.brave.com/terms-of-service",
        official_api=True,
        how="the Web Search API, `GET /res/v1/web/search`; hits only, no page behind them",
        limits="at most 40 queries an area, 1 a second; the key's own budget",
        needs_key=True,
        by_area=True,
        rest=30,
        pace=1.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Ask for the area by its names; without an area there is nothing to ask."""
        if area is None:
            return
        for query in queries(names_of(area, self.names), self.words, self.queries, container_of(area)):
            # Without text_decorations=false the words asked for come wrapped in <strong>.
            yield _SEARCH.with_params(
                q=query, country=self.market, search_lang="en", count=20, text_decorations="false"
            )

    def read(self, page: Page) -> Iterator[Listing]:
        """Read one page of hits; a reply without web results is one in which nothing was found."""
        reply = page.json()
        if dig(reply, "type") != "search" and not isinstance(dig(reply, "web", "results"), list):
            raise PageChanged(page.url, "is no page of search results")
        for hit in items(reply, "web", "results"):
            yield from listings_of([Hit(hit.get("title") or "", hit.get("url") or "", hit.get("description") or "")])
