"""Podcasts of an area, by Apple's public search. Asked for one area at a time, and keeps what bears its name.

Settings: `store` (two letters; whose catalogue is searched, if not that of the area's own country) and `limit`.
Nothing is kept of `artistName`: it is a person's as often as a station's. Apple calls a podcast explicit for strong
language too, so that flag says nothing of whether it is safe for work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, Page, Request
from crawlers.fragments import name_or_none
from crawlers.parsing import count_or_none, date_or_none, dig, items, url_or_none
from crawlers.podcasts import names_of, speaks_of
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area


@dataclass(frozen=True, slots=True, kw_only=True)
class ITunes:
    """The podcasts that Apple's search finds by the names of an area."""

    store: str | None = None
    limit: int = 200

    about: ClassVar[About] = About(
        platform="itunes",
        website="https://podcasts.apple.com",
        terms="https://performance-partners.apple.com/search-api",
        official_api=True,
        how="the public search, `GET /search?media=podcast`, by the area's names",
        limits="about 20 calls a minute; no second page: one search gives at most 200",
        by_area=True,
        rest=7,
        pace=3.0,
        marks=(Mark("markup", r'"resultCount"\s*:\s*\d+\s*,\s*"results"\s*:'),),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Search for the area's names; without an area there is nothing to search for."""
        for name in names_of(area) if area else ():
            yield Request(url="https://itunes.apple.com/search", note=area.name if area else "").with_params(
                media="podcast",
                entity="podcast",
                country=self.store or (area and area.country) or "GB",
                limit=self.limit,
                term=name,
            )

    def read(self, page: Page) -> Iterator[Listing]:
        """Read the results; of those of a planned search, only what bears the area's name."""
        reply = page.json()
        if not isinstance(dig(reply, "results"), list):
            raise PageChanged(page.url, "is no search result: it has no results")
        for result in items(reply, "results"):
            listing = self._listing(result) if result.get("kind") == "podcast" else None
            if listing and speaks_of(page.request.note, listing.title):
                yield listing

    def _listing(self, result: dict[str, Any]) -> Listing | None:
        number = count_or_none(result.get("collectionId"))
        title = name_or_none(result.get("collectionName"))
        if not number or title is None:
            return None
        shown = url_or_none(result.get("collectionViewUrl"))
        return Listing(
            platform=self.about.platform,
            native_id=str(number),
            kind=Kind.PODCAST,
            title=title,
            url=shown.partition("?")[0] if shown else url_or_none(result.get("feedUrl")),
            description=self._genres(result),
            posts=count_or_none(result.get("trackCount")),
            last_post_at=date_or_none(result.get("releaseDate")),
        )

    def _genres(self, result: dict[str, Any]) -> str | None:
        given = result.get("genres")
        genres = given if isinstance(given, list) else [result.get("primaryGenreName")]
        # Every podcast is of the genre Podcasts.
        named = dict.fromkeys(name for name in map(name_or_none, genres[:10]) if name and name != "Podcasts")
        return f"Podcast: {', '.join(named)}." if named else None
