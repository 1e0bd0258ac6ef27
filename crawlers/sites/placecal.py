"""PlaceCal: community calendars of neighbourhoods, and the groups ("partners") that fill them.

Settings: `base_url` and `page_size`. Partners name their pages on Facebook: each is a listing of its own, from this
open source alone. Contacts and opening hours are not asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, Page, Request
from crawlers.fragments import degrees_or_none, name_or_none, sentences, told, venue_at
from crawlers.parsing import address_id, dig, items, text_or_none, url_or_none
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_QUERY = """query ($size: Int, $after: String) { partnerConnection(first: $size, after: $after) {
pageInfo { hasNextPage endCursor }
edges { node { id name summary description url facebookUrl areasServed { name unit }
address { addressLocality addressRegion postalCode geo { latitude longitude } } } } } }"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCal:
    """The groups of one PlaceCal."""

    base_url: str = "https://placecal.org"
    page_size: int = 100

    about: ClassVar[About] = About(
        platform="placecal",
        website="https://placecal.org",
        terms="https://placecal.org/terms-of-use",
        official_api=True,
        how="GraphQL, `POST /api/v1/graphql` partnerConnection",
        limits="none are published",
        marks=(Mark("markup", r'"partnerConnection"\s*:'),),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - it cannot be asked for a place
        """Ask for the first partners."""
        yield self._request(None)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read one page of partners and their pages on Facebook, and ask for the next where there is one."""
        reply = page.json()
        edges = dig(reply, "data", "partnerConnection", "edges")
        if not isinstance(edges, list):
            problem = text_or_none(dig(reply, "errors", 0, "message"), 100)
            raise PageChanged(page.url, f"is no list of partners: {problem or 'it has no edges'}")
        for edge in items(edges):
            node = edge.get("node")
            if isinstance(node, dict):
                yield from self._listings(node)
        cursor = dig(reply, "data", "partnerConnection", "pageInfo", "endCursor")
        if dig(reply, "data", "partnerConnection", "pageInfo", "hasNextPage") is True and isinstance(cursor, str):
            following = self._request(cursor)
            if following.body == page.request.body:
                raise PageChanged(page.url, "names itself as the next page")
            yield following

    def _request(self, after: str | None) -> Request:
        return Request(
            url=f"{self.base_url.rstrip('/')}/api/v1/graphql",
            note="partners",
            method="POST",
            body=json.dumps({"query": _QUERY, "variables": {"size": self.page_size, "after": after}}),
        )

    def _listings(self, node: dict[str, Any]) -> Iterator[Listing]:
        number, title = text_or_none(node.get("id"), 40), name_or_none(node.get("name"), 200)
        if number is None or title is None:
            return
        served = [name for area in items(node, "areasServed") if (name := name_or_none(area.get("name"), 100))][:10]
        shared: dict[str, Any] = {
            "title": title,
            "description": sentences(
                told(node.get("summary")),
                told(node.get("description")),
                f"Serves {', '.join(served)}" if served else None,
            ),
            "place": self._place(node) or ", ".join(served) or None,
            "lat": degrees_or_none(dig(node, "address", "geo", "latitude")),
            "lon": degrees_or_none(dig(node, "address", "geo", "longitude")),
            "country": "GB",
        }
        own_page = f"{self.base_url.rstrip('/')}/partners/{number}"
        yield Listing(
            platform=self.about.platform,
            native_id=address_id(own_page) or number,
            kind=Kind.GROUP,
            url=url_or_none(node.get("url")) or own_page,
            **shared,
        )
        for link in dict.fromkeys((venue_at(node.get("facebookUrl")), venue_at(node.get("url")))):
            if link and link.native_id:
                yield Listing(platform=link.platform, native_id=link.native_id, kind=link.kind, url=link.url, **shared)

    def _place(self, node: dict[str, Any]) -> str | None:
        """Return ward, district and the first half of the postcode: enough to find it by, and nobody's front door."""
        names = [name_or_none(dig(node, "address", part), 100) for part in ("addressLocality", "addressRegion")]
        code = name_or_none(dig(node, "address", "postalCode"), 10)
        parts = [*names, code.split()[0] if code and " " in code else None]
        return ", ".join(dict.fromkeys(part for part in parts if part)) or None
