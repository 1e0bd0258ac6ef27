"""Mobilizon: federated groups and their gatherings, by the instance's own search of groups.

Settings: `base_url` and `page_size`. Asked for an area, an instance searches about it; otherwise it lists every
group that it knows of, those of the instances it follows too. Members are counted, never named.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, Page, Request
from crawlers.fragments import degrees_or_none, name_or_none, told
from crawlers.geohash import geohash
from crawlers.parsing import address_id, count_or_none, dig, items, text_or_none, url_or_none
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_QUERY = """query ($term: String, $location: String, $radius: Float, $page: Int, $limit: Int) {
config { name description registrationsOpen }
searchGroups(term: $term, location: $location, radius: $radius, page: $page, limit: $limit) { total elements {
id type url name domain preferredUsername summary membersCount followersCount
physicalAddress { geom locality region country } ... on Group { openness } } } }"""

_ACCESS = {"OPEN": Access.OPEN, "MODERATED": Access.ON_REQUEST, "INVITE_ONLY": Access.INVITED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mobilizon:
    """The groups that one instance knows of."""

    base_url: str
    page_size: int = 50

    about: ClassVar[About] = About(
        platform="mobilizon",
        website="https://mobilizon.org",
        terms="Each instance has its own, at /terms.",
        official_api=True,
        how="GraphQL, `POST /api` searchGroups, by place too",
        limits="none are published",
        marks=(
            Mark("nodeinfo", r"^mobilizon$"),
            Mark("markup", r"sorry but mobilizon doesn\W{1,8}t work properly without JavaScript|\"searchGroups\"\s*:"),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Search about an area, or ask for all groups."""
        about = {"location": geohash(area.lat, area.lon), "radius": area.radius_km} if area else {}
        yield self._request({"term": "", "page": 1, "limit": self.page_size, **about})

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read one page of groups, and ask for the next while the total says that there are more."""
        reply = page.json()
        elements = dig(reply, "data", "searchGroups", "elements")
        if not isinstance(elements, list):
            problem = text_or_none(dig(reply, "errors", 0, "message"), 100)
            raise PageChanged(page.url, f"is no list of groups: {problem or 'it has no elements'}")
        if page.request.note == "index" and (instance := self._instance(dig(reply, "data", "config"))):
            yield instance
        for group in items(elements):
            listing = self._listing(group) if group.get("type", "GROUP") == "GROUP" else None
            if listing:
                yield listing
        following = self._next(page, count_or_none(dig(reply, "data", "searchGroups", "total")) or 0)
        if following and elements:
            yield following

    def _request(self, variables: dict[str, Any]) -> Request:
        body = json.dumps({"query": _QUERY, "variables": variables})
        return Request(url=f"{self.base_url.rstrip('/')}/api", note="index", method="POST", body=body)

    def _next(self, page: Page, total: int) -> Request | None:
        """Return the request for the page after this one; None after the last, or where nobody asked for this one."""
        if page.request.body is None:
            return None
        asked = json.loads(page.request.body)
        variables = asked["variables"]
        if variables["page"] * variables["limit"] >= total:
            return None
        body = json.dumps(asked | {"variables": variables | {"page": variables["page"] + 1}})
        return replace(page.request, note="groups", body=body)

    def _instance(self, config: object) -> Listing | None:
        title, native_id = name_or_none(dig(config, "name")), address_id(self.base_url)
        if title is None or native_id is None:
            return None
        return Listing(
            platform=self.about.platform,
            native_id=native_id,
            kind=Kind.INSTANCE,
            title=title,
            description=told(dig(config, "description")),
            url=self.base_url,
            access=Access.OPEN if dig(config, "registrationsOpen") is True else None,
        )

    def _listing(self, group: dict[str, Any]) -> Listing | None:
        url = url_or_none(group.get("url"))
        name = text_or_none(group.get("preferredUsername"), 200)
        native_id = address_id(url) if url else None
        if native_id is None:
            return None
        lon, lat = self._point(group)
        members = count_or_none(group.get("membersCount"))
        openness = group.get("openness")
        return Listing(
            platform=self.about.platform,
            native_id=native_id,
            kind=Kind.GROUP,
            title=name_or_none(group.get("name"), 200) or name or native_id,
            description=told(group.get("summary")),
            url=url,
            members=count_or_none(group.get("followersCount")) if members is None else members,
            access=_ACCESS.get(openness) if isinstance(openness, str) else None,
            place=self._place(group),
            lat=lat,
            lon=lon,
        )

    def _point(self, group: dict[str, Any]) -> tuple[float | None, float | None]:
        """Read "longitude;latitude"."""
        text = text_or_none(dig(group, "physicalAddress", "geom"), 80) or ""
        lon, _, lat = text.partition(";")
        return degrees_or_none(lon), degrees_or_none(lat)

    def _place(self, group: dict[str, Any]) -> str | None:
        parts = [name_or_none(dig(group, "physicalAddress", part), 100) for part in ("locality", "region", "country")]
        return ", ".join(dict.fromkeys(part for part in parts if part)) or None
