"""BuddyPress: the groups of a WordPress site that is a community, by its REST API.

Setting: `base_url`. Newer sites answer under v2, older ones under v1 alone. Administrators, moderators and the
creator, whom the API may name, are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.fragments import name_or_none, told
from crawlers.parsing import address_id, count_or_none, date_or_none, dig, items, url_or_none
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_ACCESS = {"public": Access.OPEN, "private": Access.ON_REQUEST, "hidden": Access.INVITED}
_VERSIONS = ("v2", "v1")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuddyPress:
    """The groups of one site."""

    base_url: str

    about: ClassVar[About] = About(
        platform="buddypress",
        website="https://buddypress.org",
        terms="Each site has its own.",
        official_api=True,
        how="`GET /wp-json/buddypress/v2/groups`, or v1",
        limits="none are published",
        marks=(
            Mark("markup", r"/wp-content/plugins/buddypress/|\bid=[\"']buddypress[\"']|\"total_member_count\"\s*:"),
            Mark("path", "/wp-json/buddypress/v2/groups", says=r"^\s*\["),
            Mark("path", "/wp-json/buddypress/v1/groups", says=r"^\s*\["),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - groups cannot be asked for by place
        """Ask for the first page of groups."""
        yield self._request(0)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read one page of groups; ask for the next page, or the older version where the newer is not there."""
        if page.status == 404:
            yield self._older(page)
            return
        reply = page.json()
        if not isinstance(reply, list):
            if dig(reply, "code") == "bp_rest_authorization_required":
                raise NoList(page.url, "shows its groups only to members who are logged in")
            raise PageChanged(page.url, "is no list of groups")
        for group in items(reply):
            listing = self._listing(group)
            if listing:
                yield listing
        number = count_or_none(page.request.param("page")) or 1
        if reply and number < (count_or_none(page.headers.get("x-wp-totalpages")) or 0):
            yield page.request.with_params(page=number + 1)

    def _request(self, version: int) -> Request:
        url = f"{self.base_url.rstrip('/')}/wp-json/buddypress/{_VERSIONS[version]}/groups"
        first = Request(url=url, note=_VERSIONS[version], tolerates=frozenset({404}))
        # In order of the name, a group that becomes active in mid-crawl moves to no other page.
        return first.with_params(per_page=100, page=1, type="alphabetical", populate_extras="true")

    def _older(self, page: Page) -> Request:
        if page.request.note != _VERSIONS[0]:
            raise PageChanged(page.url, "is not there: the site has no groups that BuddyPress shows")
        return self._request(1)

    def _listing(self, group: dict[str, Any]) -> Listing | None:
        url = url_or_none(group.get("link"))
        title = name_or_none(group.get("name"))
        native_id = address_id(url) if url else None
        if native_id is None or title is None:
            return None
        status = group.get("status")
        return Listing(
            platform=self.about.platform,
            native_id=native_id,
            kind=Kind.GROUP,
            title=title,
            description=told(dig(group, "description", "rendered")) or told(dig(group, "description", "raw")),
            url=url,
            members=count_or_none(group.get("total_member_count")) or None,  # 0 is what is sent where it is not told
            last_post_at=date_or_none(group.get("last_activity_gmt")) or date_or_none(group.get("last_activity")),
            access=_ACCESS.get(status) if isinstance(status, str) else None,
        )
