"""Podcasts of an area, by the Podcast Index's search. It needs a free key, which the gate sends.

The whole index may also be had as one file, which is far kinder than a crawl: see crawlers/podcastindex_dump.py.
Setting: `limit`. A podcast that Apple lists too is the venue that Apple's number names, whoever tells of it.
Nothing is kept of `author` and `ownerName`: they are persons as often as stations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, Page, Request
from crawlers.fragments import name_or_none, sentences, told
from crawlers.parsing import count_or_none, date_or_none, dig, items, url_or_none
from crawlers.podcasts import country_of, language_of, names_of, speaks_of
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from venues.model import Area


@dataclass(frozen=True, slots=True, kw_only=True)
class PodcastIndex:
    """The podcasts that the Podcast Index finds by the names of an area."""

    limit: int = 500

    about: ClassVar[About] = About(
        platform="podcastindex",
        website="https://podcastindex.org",
        terms="https://podcastindex-org.github.io/docs-api/",
        official_api=True,
        how="`GET /api/1.0/search/byterm`, by the area's names; or its whole file, imported",
        limits="none are published; one search gives at most 1,000",
        needs_key=True,
        by_area=True,
        rest=7,
        marks=(Mark("markup", r'"podcastGuid"\s*:'),),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Search for the area's names; without an area there is nothing to search for."""
        for name in names_of(area) if area else ():
            yield Request(
                url="https://api.podcastindex.org/api/1.0/search/byterm", note=area.name if area else ""
            ).with_params(q=name, max=self.limit, fulltext="")

    def read(self, page: Page) -> Iterator[Listing]:
        """Read the feeds that were found; of those of a planned search, only what speaks of the area."""
        reply = page.json()
        if not isinstance(dig(reply, "feeds"), list):
            raise PageChanged(page.url, "is no search result: it has no feeds")
        for feed in items(reply, "feeds"):
            listing = listing_of(feed)
            if listing and speaks_of(page.request.note, listing.title, listing.description):
                yield listing


def listing_of(feed: Mapping[str, Any]) -> Listing | None:
    """Return the listing of one feed, as the search and the file name its fields; None for what is dead or music."""
    number = count_or_none(feed.get("id"))
    title = name_or_none(feed.get("title"))
    apple = count_or_none(feed.get("itunesId"))
    if not number or title is None or feed.get("dead") == 1 or feed.get("medium", "podcast") != "podcast":
        return None
    language = language_of(feed.get("language"))
    return Listing(
        platform="itunes" if apple else PodcastIndex.about.platform,
        native_id=str(apple or number),
        kind=Kind.PODCAST,
        title=title,
        url=url_or_none(feed.get("link")) or url_or_none(feed.get("url")),
        description=sentences(told(feed.get("description")), _categories(feed)),
        language=language,
        country=country_of(language),
        posts=count_or_none(feed.get("episodeCount")),
        last_post_at=date_or_none(feed.get("newestItemPubdate")),
    )


def _categories(feed: Mapping[str, Any]) -> str | None:
    given = feed.get("categories")
    named = [name_or_none(name, 60) for name in list(given.values())[:10]] if isinstance(given, dict) else []
    said = ", ".join(name for name in named if name)
    return f"Podcast: {said}." if said else None
