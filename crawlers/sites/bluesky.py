"""Bluesky: starter packs and feeds whose name or description names the place, by the public search of the app view.

A pack or a feed belongs to someone, and the service addresses it by that account's machine id. The id is kept in the
one place where nothing works without it, the venue's address; the venue's identity is a digest that leads back to
nobody, and names, handles and members are never read. Both searches answer without an account.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, Page, Request
from crawlers.parsing import count_or_none, dig, items, text_or_none
from crawlers.prose import plain
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_PACKS = "app.bsky.graph.searchStarterPacks"
_FEEDS = "app.bsky.unspecced.getPopularFeedGenerators"
_ADDRESS = re.compile(
    r"at://(?P<owner>did:[a-z]+:[\w.:%-]{1,200})/(?P<what>app\.bsky\.[\w.]{1,60})/(?P<key>[\w.~:-]{1,512})"
)
_ADULT = frozenset({"porn", "sexual", "nudity", "graphic-media"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bluesky:
    """Starter packs (lists of whom to follow, the doors to a local circle) and custom feeds of one area."""

    base_url: str = "https://public.api.bsky.app"
    page_size: int = 100

    about: ClassVar[About] = About(
        platform="bluesky",
        website="https://bsky.app",
        terms="https://bsky.social/about/support/tos",
        official_api=True,
        how=f"GET /xrpc/{_PACKS} and /xrpc/{_FEEDS}, by the area's name",
        limits="only what names the area; a search ends at the first page that does not",
        by_area=True,
        rest=7,
        marks=(Mark("markup", r"at://did:[a-z]+:[^/\"]+/app\.bsky\.(graph\.starterpack|feed\.generator)/"),),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Ask for packs and for feeds by the area's name; without an area there is nothing to ask."""
        if area is None:
            return
        root = f"{self.base_url.rstrip('/')}/xrpc/"
        yield Request(url=root + _PACKS, note="packs").with_params(q=area.name, limit=self.page_size)
        yield Request(url=root + _FEEDS, note="feeds").with_params(query=area.name, limit=self.page_size)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read a page of hits; the next is asked for as long as a page names the place at all."""
        reply = page.json()
        if not isinstance(dig(reply, "starterPacks"), list) and not isinstance(dig(reply, "feeds"), list):
            raise PageChanged(page.url, "is neither a list of starter packs nor one of feeds")
        asked = page.request.param("q") or page.request.param("query")
        found = [*map(self._pack, items(reply, "starterPacks")), *map(self._feed, items(reply, "feeds"))]
        hits = [each for each in found if each and (asked is None or _names(asked, each))]
        yield from hits
        cursor = text_or_none(dig(reply, "cursor"), 2000)
        if cursor and cursor == page.request.param("cursor"):
            raise PageChanged(page.url, "names itself as the next page")
        if cursor and hits:
            yield page.request.with_params(cursor=cursor)

    def _pack(self, pack: dict[str, Any]) -> Listing | None:
        return self._listing(
            pack,
            "app.bsky.graph.starterpack",
            "https://bsky.app/starter-pack/{owner}/{key}",
            kind=Kind.COMMUNITY,
            title=text_or_none(dig(pack, "record", "name"), 300) or "",
            description=plain(dig(pack, "record", "description")),
            members=count_or_none(pack.get("listItemCount")),
        )

    def _feed(self, feed: dict[str, Any]) -> Listing | None:
        return self._listing(
            feed,
            "app.bsky.feed.generator",
            "https://bsky.app/profile/{owner}/feed/{key}",
            kind=Kind.CHANNEL,
            title=text_or_none(feed.get("displayName"), 300) or "",
            description=plain(feed.get("description")),
            members=count_or_none(feed.get("likeCount")),  # nobody joins a feed: those who liked it stand nearest
        )

    def _listing(self, item: dict[str, Any], what: str, address: str, **facts: Any) -> Listing | None:
        uri = item.get("uri")
        parts = _ADDRESS.fullmatch(uri) if isinstance(uri, str) else None
        if parts is None or parts["what"] != what or not facts["title"]:
            return None
        facts["title"] = plain(facts["title"]) or facts["title"]
        labels = {text_or_none(each.get("val"), 50) for each in items(item, "labels")}
        return Listing(
            platform=self.about.platform,
            native_id=f"{what.rpartition('.')[2]}/{hashlib.blake2b(parts[0].encode(), digest_size=10).hexdigest()}",
            url=address.format(owner=parts["owner"], key=parts["key"]),
            nsfw=True if labels & _ADULT else None,
            **facts,
        )


def _names(place: str, listing: Listing) -> bool:
    """Whether a listing has the place's name in it, as words of their own: Bath is not in bathrooms."""
    text = f"{listing.title} {listing.description or ''}".casefold()
    return re.search(rf"(?<!\w){re.escape(place.casefold())}(?!\w)", text) is not None
