"""YouTube channels that speak of an area, by the Data API and with the user's key.

Settings: `words` (the people wanted), `names` (further names to search an area by, divided by ";"), `searches` (most
searches for one area: a key has 100 a day), `market` (the country searched for).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Page, Request
from crawlers.parsing import count_or_none, dig, items, text_or_none
from crawlers.searching import names_of
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_API = "https://youtube.googleapis.com/youtube/v3"
_CHANNELS = "youtube#channelListResponse"
_FOUND = "youtube#searchListResponse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Youtube:
    """Channels whose title or description names the area."""

    words: str = ""
    names: str = ""
    searches: int = 6
    market: str = "GB"

    about: ClassVar[About] = About(
        platform="youtube",
        website="https://www.youtube.com",
        terms="https://developers.google.com/youtube/terms/api-services-terms-of-service",
        official_api=True,
        how="the Data API v3, `search.list` for channels, then `channels.list` for their counts",
        limits="at most 6 searches an area (a key has 100 a day), 1 request a second",
        needs_key=True,
        by_area=True,
        rest=30,
        pace=1.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Search for channels by the area's names, with the words and alone."""
        if area is None:
            return
        names = names_of(area, self.names)
        wanted = [f"{name} {words}".strip() for words in (self.words, "community") for name in names]
        for query in list(dict.fromkeys(wanted))[: self.searches]:
            # The note carries the names on to where the channels' own words are read.
            yield Request(url=f"{_API}/search", note="|".join(names)).with_params(
                part="snippet", type="channel", q=query, regionCode=self.market, maxResults=50
            )

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read search results into one request for their channels, and channels into listings."""
        reply = page.json()
        kind = dig(reply, "kind")
        if kind == _FOUND:
            ids = [text_or_none(dig(each, "id", "channelId"), 64) for each in items(reply, "items")]
            wanted = [each for each in dict.fromkeys(ids) if each][:50]
            if wanted:
                yield Request(url=f"{_API}/channels", note=page.request.note).with_params(
                    part="snippet,statistics", id=",".join(wanted), maxResults=50
                )
            return
        if kind != _CHANNELS:
            raise PageChanged(page.url, "is no list of channels")
        for each in items(reply, "items"):
            listing = self._listing(each)
            if listing and _speaks_of(listing, page.request.note):
                yield listing

    def _listing(self, data: dict[str, Any]) -> Listing | None:
        channel, title = text_or_none(data.get("id"), 64), text_or_none(dig(data, "snippet", "title"))
        if channel is None or title is None:
            return None
        hidden = dig(data, "statistics", "hiddenSubscriberCount") is True
        return Listing(
            platform=self.about.platform,
            native_id=channel,
            kind=Kind.CHANNEL,
            title=title,
            url=f"https://www.youtube.com/channel/{channel}",
            description=text_or_none(dig(data, "snippet", "description"), 1000),
            country=text_or_none(dig(data, "snippet", "country"), 2),
            language=text_or_none(dig(data, "snippet", "defaultLanguage"), 20),
            members=None if hidden else count_or_none(dig(data, "statistics", "subscriberCount")),
            posts=count_or_none(dig(data, "statistics", "videoCount")),
            access=Access.OPEN,
        )


def _speaks_of(listing: Listing, names: str) -> bool:
    """Tell whether a channel names the area: most that a search adds are somebody's own, about anything."""
    said = f"{listing.title} {listing.description or ''}".lower()
    return not names or any(name.lower() in said for name in names.split("|"))
