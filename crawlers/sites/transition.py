"""Transition initiatives: local groups for the climate and community, from the movement's own open directory.

Setting: `nation` (the two letters of whose initiatives are asked for; empty for all). The directory also names groups
elsewhere, above all on Facebook: each is a listing of its own, from this page alone. Its e-mail fields are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, Page, Request
from crawlers.fragments import degrees_or_none, name_or_none, sentences, told, venue_at
from crawlers.parsing import count_or_none, dig, items, url_or_none
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_LICENCE = "ODbL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The initiatives of one nation, or of all."""

    nation: str = "GB"
    page_size: int = 100

    about: ClassVar[About] = About(
        platform="transition",
        website="https://maps.transitionnetwork.org",
        terms="The directory is under the Open Database Licence.",
        official_api=True,
        how="`GET /wp-json/cds/v1/initiatives`",
        limits="none are published",
        marks=(Mark("markup", r'"hubs"\s*:\s*"[^"]{0,500}"\s*,\s*"countries"\s*:'),),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a nation's list is one short crawl
        """Ask for the first page of initiatives."""
        first = Request(url="https://maps.transitionnetwork.org/wp-json/cds/v1/initiatives", note="initiatives")
        first = first.with_params(per_page=self.page_size, page=1)
        yield first.with_params(country=self.nation) if self.nation else first

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read one page of initiatives and where else they meet, and ask for the next page where there is one."""
        reply = page.json()
        body = dig(reply, "body")
        if not isinstance(body, list):
            if isinstance(body, str) and body.startswith("No "):
                return  # so the service says that there are none
            raise PageChanged(page.url, "is no list of initiatives: it has no body")
        for item in items(reply, "body"):
            yield from self._listings(item, page)
        number, last = count_or_none(dig(reply, "page_number")), count_or_none(dig(reply, "total_pages"))
        if number and last and body and number < last:
            yield page.request.with_params(page=number + 1)

    def _listings(self, item: dict[str, Any], page: Page) -> Iterator[Listing]:
        number, title = count_or_none(item.get("id")), name_or_none(item.get("title"), 200)
        if not number or title is None:
            return
        shared: dict[str, Any] = {
            "title": title,
            "description": sentences(told(item.get("description")), self._topics(item)),
            "place": self._place(item),
            "lat": degrees_or_none(dig(item, "location", "lat")),
            "lon": degrees_or_none(dig(item, "location", "lng")),
            "country": page.request.param("country"),
            "licence": _LICENCE,
        }
        yield Listing(
            platform=self.about.platform,
            native_id=str(number),
            kind=Kind.GROUP,
            url=url_or_none(item.get("url")) or url_or_none(dig(item, "contact", "website")),
            **shared,
        )
        for link in dict.fromkeys(map(venue_at, self._addresses(item))):
            if link and link.native_id:
                yield Listing(platform=link.platform, native_id=link.native_id, kind=link.kind, url=link.url, **shared)

    def _topics(self, item: dict[str, Any]) -> str | None:
        topics = name_or_none(item.get("topics"))
        return f"Topics: {topics.replace(' |', ',')}" if topics else None

    def _place(self, item: dict[str, Any]) -> str | None:
        parts = [name_or_none(dig(item, "location", name), 100) for name in ("city", "province", "country")]
        return ", ".join(dict.fromkeys(part for part in parts if part)) or None

    def _addresses(self, item: dict[str, Any]) -> Iterator[object]:
        yield dig(item, "contact", "facebook")
        for more in items(item, "contact", "additional_web_addresses"):
            yield from list(more.values())[:5]
