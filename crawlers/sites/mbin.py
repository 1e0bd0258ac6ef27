"""Mbin servers (and Kbin, from which Mbin came), by their API. Magazines of other servers are left to those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, Page, Request
from crawlers.parsing import address_id, count_or_none, dig, flag_or_none, items, text_or_none, url_or_none
from crawlers.prose import listed, plain
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area


@dataclass(frozen=True, slots=True, kw_only=True)
class Mbin:
    """A server and its own magazines, as Mbin calls its communities."""

    base_url: str
    page_size: int = 50

    about: ClassVar[About] = About(
        platform="mbin",
        website="https://joinmbin.org",
        terms="None are published for the API; each server documents it at /api/docs.",
        official_api=True,
        how="local magazines, GET /api/magazines",
        limits="what the replies' X-RateLimit headers say; 50 magazines a page",
        marks=(
            Mark("nodeinfo", r"^(mbin|kbin)$"),
            Mark("path", "/api/info", r'"softwareName"'),
            Mark("markup", r'"magazineId"|"softwareName":\s?"[mk]bin"'),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - magazines are not listed by place
        """Ask what the server is."""
        yield Request(url=f"{self._root}/api/info", note="index")

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read what the server says of itself, or a page of its magazines."""
        reply = page.json()
        if isinstance(dig(reply, "items"), list):
            yield from self._magazines(page, reply)
        elif isinstance(dig(reply, "websiteTitle") or dig(reply, "websiteDomain"), str):
            yield self._server(reply)
            first = Request(url=f"{self._root}/api/magazines", note="magazines")
            yield first.with_params(federation="local", sort="newest", perPage=self.page_size, p=1)
        else:
            raise PageChanged(page.url, "is neither an Mbin server's description nor its list of magazines")

    @property
    def _root(self) -> str:
        return self.base_url.rstrip("/")

    def _server(self, info: dict[str, Any]) -> Listing:
        joining = {True: Access.OPEN, False: Access.CLOSED}
        stated = info.get("websiteOpenRegistrations")
        return Listing(
            platform=self.about.platform,
            native_id=address_id(self._root) or self._root,
            kind=Kind.INSTANCE,
            title=text_or_none(info.get("websiteTitle")) or self._root.partition("//")[2],
            url=self._root,
            access=joining[stated] if isinstance(stated, bool) else None,
            language=text_or_none(info.get("websiteDefaultLang"), 20),
        )

    def _magazines(self, page: Page, reply: dict[str, Any]) -> Iterator[Listing | Request]:
        for magazine in items(reply, "items"):
            listing = self._magazine(magazine)
            if listing:
                yield listing
        current = count_or_none(dig(reply, "pagination", "currentPage")) or 1
        if current < (count_or_none(page.request.param("p")) or 1):
            raise PageChanged(page.url, "answers with a page before the one asked for")
        if current < (count_or_none(dig(reply, "pagination", "maxPage")) or 1) and reply["items"]:
            yield page.request.with_params(p=current + 1)

    def _magazine(self, magazine: dict[str, Any]) -> Listing | None:
        name = text_or_none(magazine.get("name"), 255)
        # Only what came from another server has an id of ActivityPub's here.
        if name is None or text_or_none(magazine.get("apId")):
            return None
        url = url_or_none(magazine.get("apProfileId")) or f"{self._root}/m/{name}"
        numbers = [count_or_none(magazine.get(each)) for each in ("entryCount", "postCount")]
        return Listing(
            platform=self.about.platform,
            native_id=address_id(url) or url,
            kind=Kind.COMMUNITY,
            title=text_or_none(magazine.get("title")) or name,
            description=plain(magazine.get("description")),
            url=url,
            members=count_or_none(magazine.get("subscriptionsCount")),
            posts=None if None in numbers else sum(filter(None, numbers)),
            access=Access.CLOSED if magazine.get("isPostingRestrictedToMods") is True else Access.OPEN,
            nsfw=flag_or_none(magazine.get("isAdult")),
            rules=listed(magazine.get("rules")),
        )
