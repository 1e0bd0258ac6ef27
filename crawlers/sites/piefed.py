"""PieFed servers, by the API that PieFed calls alpha. Communities of other servers are left to those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, Page, Request
from crawlers.parsing import address_id, count_or_none, dig, flag_or_none, items, text_or_none, url_or_none
from crawlers.prose import plain, rules_in
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_JOINING = {"Open": Access.OPEN, "RequireApplication": Access.ON_REQUEST, "Closed": Access.CLOSED}
_GONE = ("removed", "deleted", "banned", "hidden")


@dataclass(frozen=True, slots=True, kw_only=True)
class PieFed:
    """A server and its own communities."""

    base_url: str
    page_size: int = 50

    about: ClassVar[About] = About(
        platform="piefed",
        website="https://join.piefed.social",
        terms="None are published for the API; the code is https://codeberg.org/rimu/pyfedi.",
        official_api=True,
        how="local communities, GET /api/alpha/community/list",
        limits="50 communities a page",
        marks=(
            Mark("nodeinfo", r"^piefed$"),
            Mark("path", "/api/alpha/site", r'"version"'),
            Mark("markup", r'"restricted_to_mods"|"total_subscriptions_count"'),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - communities are not listed by place
        """Ask what the server is."""
        yield Request(url=f"{self._root}/api/alpha/site", note="index")

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read what the server says of itself, or a page of its communities."""
        reply = page.json()
        if isinstance(dig(reply, "communities"), list):
            yield from self._communities(page, reply)
        elif isinstance(dig(reply, "site"), dict):
            yield self._server(reply["site"])
            first = Request(url=f"{self._root}/api/alpha/community/list", note="communities")
            yield first.with_params(type_="Local", sort="Old", limit=self.page_size, page=1)
        else:
            raise PageChanged(page.url, "is neither a PieFed server's description nor its list of communities")

    @property
    def _root(self) -> str:
        return self.base_url.rstrip("/")

    def _server(self, site: dict[str, Any]) -> Listing:
        mode = site.get("registration_mode")
        return Listing(
            platform=self.about.platform,
            native_id=address_id(self._root) or self._root,
            kind=Kind.INSTANCE,
            title=text_or_none(site.get("name")) or self._root.partition("//")[2],
            description=plain(site.get("description")) or plain(site.get("sidebar_md")) or plain(site.get("sidebar")),
            url=self._root,
            members=count_or_none(site.get("user_count")),
            access=_JOINING.get(mode) if isinstance(mode, str) else None,
            rules=rules_in(site.get("sidebar_md")) or rules_in(site.get("sidebar")),
        )

    def _communities(self, page: Page, reply: dict[str, Any]) -> Iterator[Listing | Request]:
        for view in items(reply, "communities"):
            listing = self._community(view)
            if listing:
                yield listing
        following = count_or_none(reply.get("next_page"))
        if following is None:
            return
        if following <= (count_or_none(page.request.param("page")) or 1):
            raise PageChanged(page.url, "names itself, or one before it, as the next page")
        yield page.request.with_params(page=following)

    def _community(self, view: dict[str, Any]) -> Listing | None:
        community = dig(view, "community")
        if not isinstance(community, dict) or any(community.get(sign) is True for sign in _GONE):
            return None
        url = url_or_none(community.get("actor_id"))
        if url is None or community.get("local") is False:
            return None
        counts = dig(view, "counts")
        return Listing(
            platform=self.about.platform,
            native_id=address_id(url) or url,
            kind=Kind.COMMUNITY,
            title=text_or_none(community.get("title")) or text_or_none(community.get("name")) or url,
            description=plain(community.get("description")),
            url=url,
            members=count_or_none(dig(counts, "total_subscriptions_count")),
            active_members=count_or_none(dig(counts, "active_monthly")),
            posts=count_or_none(dig(counts, "post_count")),
            access=Access.CLOSED if community.get("restricted_to_mods") is True else Access.OPEN,
            nsfw=flag_or_none(community.get("nsfw")),
            rules=rules_in(community.get("description")),
        )
