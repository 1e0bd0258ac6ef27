"""Lemmy servers, by either version of their API: v4 of Lemmy 1.0, and v3 of 0.19, which knows no v4.

What the server says of its rate limit is kept to. Communities of other servers are left to those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, NoList, Pace, Page, Request
from crawlers.parsing import address_id, count_or_none, dig, flag_or_none, items, text_or_none, url_or_none
from crawlers.prose import plain, rules_in
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_JOINING = {"open": Access.OPEN, "requireapplication": Access.ON_REQUEST, "closed": Access.CLOSED}
_SEEING = {
    "public": Access.OPEN,
    "unlisted": Access.OPEN,
    "localonlypublic": Access.OPEN,
    "localonly": Access.ON_REQUEST,
    "localonlyprivate": Access.ON_REQUEST,
    "private": Access.ON_REQUEST,
}
_BUCKETS = (
    ("message", "message_per_second"),
    ("search", "search_per_second"),
    ("message_max_requests", "message_interval_seconds"),
    ("search_max_requests", "search_interval_seconds"),
)
"""Each a number of requests and the seconds they are for: the names of v3, then those of v4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lemmy:
    """A server and its own communities."""

    base_url: str
    page_size: int = 50

    about: ClassVar[About] = About(
        platform="lemmy",
        website="https://join-lemmy.org",
        terms="https://join-lemmy.org/docs/contributors/04-api.html",
        official_api=True,
        how="local communities, GET /api/v4/community/list or /api/v3/community/list",
        limits="the slower of the message and search limits in the server's /site; 50 communities a page",
        marks=(
            Mark("nodeinfo", r"^lemmy$"),
            Mark("path", "/api/v4/site", r'"local_site_rate_limit"'),
            Mark("path", "/api/v3/site", r'"local_site_rate_limit"'),
            Mark("markup", r'"local_site_rate_limit"|"posting_restricted_to_mods"'),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - communities are not listed by place
        """Ask what the server is, by the newer version; one that does not know it answers 404."""
        yield Request(url=f"{self._root}/api/v4/site", note="index", tolerates=frozenset({404}))

    def read(self, page: Page) -> Iterator[Listing | Request | Pace]:
        """Read what the server says of itself, or a page of its communities."""
        # Some servers answer an address they do not know with their front page.
        if page.status == 404 or ("/api/v4/" in page.url and not page.body.lstrip().startswith(b"{")):
            yield Request(url=f"{self._root}/api/v3/site", note="index")
            return
        reply = page.json()
        if isinstance(dig(reply, "site_view", "site"), dict):
            yield from self._server(page, reply["site_view"])
        elif isinstance(dig(reply, "items"), list) or isinstance(dig(reply, "communities"), list):
            yield from self._communities(page, reply)
        elif dig(reply, "posts") or dig(reply, "comments"):
            raise NoList(page.url, "is a list of posts")
        else:
            raise PageChanged(page.url, "is neither a Lemmy server's description nor its list of communities")

    @property
    def _root(self) -> str:
        return self.base_url.rstrip("/")

    def _server(self, page: Page, view: dict[str, Any]) -> Iterator[Listing | Request | Pace]:
        site, local = view["site"], dig(view, "local_site") or {}
        facts = dig(view, "counts") or local
        yield Listing(
            platform=self.about.platform,
            native_id=address_id(self._root) or self._root,
            kind=Kind.INSTANCE,
            title=text_or_none(site.get("name")) or self._root.partition("//")[2],
            description=plain(dig(site, "summary")) or plain(dig(site, "description")) or plain(dig(site, "sidebar")),
            url=self._root,
            members=count_or_none(dig(facts, "users")),
            active_members=count_or_none(dig(facts, "users_active_month")),
            posts=count_or_none(dig(facts, "posts")),
            access=_JOINING.get(_word(dig(local, "registration_mode"))),
            rules=rules_in(dig(site, "sidebar")) or rules_in(dig(site, "description")),
        )
        pace = _pace(dig(view, "local_site_rate_limit"))
        if pace:
            yield Pace(pace)
        if dig(local, "private_instance") is not True:
            yield self._first("/api/v3/" if "/api/v3/" in page.url else "/api/v4/")

    def _first(self, api: str) -> Request:
        """Ask for the oldest first: what is founded while we read does not push the rest about."""
        request = Request(url=f"{self._root}{api}community/list", note="communities")
        if api == "/api/v3/":
            return request.with_params(type_="Local", sort="Old", limit=self.page_size, page=1)
        return request.with_params(type_="local", sort="old", limit=self.page_size)

    def _communities(self, page: Page, reply: dict[str, Any]) -> Iterator[Listing | Request]:
        views = [*items(reply, "items"), *items(reply, "communities")]
        for view in views:
            listing = self._community(view)
            if listing:
                yield listing
        cursor = reply.get("next_page")
        if isinstance(cursor, str) and cursor:
            if cursor == page.request.param("page_cursor"):
                raise PageChanged(page.url, "names itself as the next page")
            yield page.request.with_params(page_cursor=cursor)
        elif len(views) >= self.page_size and (number := count_or_none(page.request.param("page"))):
            yield page.request.with_params(page=number + 1)

    def _community(self, view: dict[str, Any]) -> Listing | None:
        community = dig(view, "community")
        if not isinstance(community, dict) or community.get("removed") is True or community.get("deleted") is True:
            return None
        name = text_or_none(community.get("name"), 255)
        url = url_or_none(community.get("ap_id")) or url_or_none(community.get("actor_id"))
        url = url or (f"{self._root}/c/{name}" if name else None)
        if url is None or community.get("local") is False:
            return None
        counts = dig(view, "counts") or community
        sidebar = community.get("sidebar") or community.get("description")
        return Listing(
            platform=self.about.platform,
            native_id=address_id(url) or url,
            kind=Kind.COMMUNITY,
            title=text_or_none(community.get("title")) or name or url,
            description=plain(community.get("summary")) or plain(community.get("description")) or plain(sidebar),
            url=url,
            members=count_or_none(dig(counts, "subscribers")),
            active_members=count_or_none(dig(counts, "users_active_month")),
            posts=count_or_none(dig(counts, "posts")),
            access=_access(community),
            nsfw=flag_or_none(community.get("nsfw")),
            rules=rules_in(sidebar),
        )


def _access(community: dict[str, Any]) -> Access | None:
    if community.get("posting_restricted_to_mods") is True:
        return Access.CLOSED  # open to read, but only its moderators may write
    return _SEEING.get(_word(community.get("visibility", "public")))


def _word(value: object) -> str:
    """Return a choice in one spelling: v3 writes RequireApplication where v4 writes require_application."""
    return value.replace("_", "").lower() if isinstance(value, str) else ""


def _pace(limits: object) -> float | None:
    """Return the seconds between requests; under which of two limits a list falls is not documented: the slower."""
    paces = []
    for count, seconds in _BUCKETS:
        allowed, span = count_or_none(dig(limits, count)), count_or_none(dig(limits, seconds))
        if allowed and span:
            paces.append(span / allowed)
    return max(paces, default=None)
