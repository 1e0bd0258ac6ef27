"""Mastodon servers: each as a venue of its own, and the hashtags that trend there as channels of it.

No account is read: neither the directory, nor the contact account, nor who wrote under a tag.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from crawlers.contract import About, Mark, Page, Request
from crawlers.parsing import address_id, count_or_none, date_or_none, dig, items, text_or_none, url_or_none
from crawlers.prose import plain
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_SWITCHED_OFF = frozenset({401, 403, 404})
"""A server may hide its activity and its trends; it is a venue all the same."""
_TAGS = 20
"""The most that one page of trends may hold."""
_WEEKS = 4
_NAMES = frozenset({"mastodon", "hometown"})
"""What NodeInfo calls Mastodon and its fork: others answer to parts of the same API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mastodon:
    """A server, with its rules and how busy it is, and the tags that trend there."""

    base_url: str

    about: ClassVar[About] = About(
        platform="mastodon",
        website="https://joinmastodon.org",
        terms="https://docs.joinmastodon.org/api/guidelines/",
        official_api=True,
        how="GET /api/v2/instance, /api/v1/instance/activity, /nodeinfo/2.0, /api/v1/trends/tags",
        limits="300 requests in 5 minutes, X-RateLimit headers",
        marks=(
            Mark("nodeinfo", r"^mastodon$"),
            Mark("header", r"^server: mastodon"),
            Mark("markup", r'<div [^>]*id="mastodon"|"source_url":\s?"https://github\.com/mastodon/mastodon'),
            Mark("markup", r'^\s*\[\{"week":|"streaming_api":'),
            # Others answer here too; only Mastodon and its forks name this source.
            Mark("path", "/api/v2/instance", r'"https://github\.com/(mastodon|glitch-soc|hometown-fork)/'),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a server is one venue
        """Ask what the server is; one older than Mastodon 4 knows the first version only."""
        yield Request(url=f"{self._root}/api/v2/instance", note="index", tolerates=frozenset({404}))

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the server's description, its weeks, its totals or its trending tags."""
        if page.status >= 400:
            if page.request.note == "index":
                yield Request(url=f"{self._root}/api/v1/instance", note="first version")
            return
        reply = page.json()
        if isinstance(reply, list):
            yield from self._weeks(reply) if any("week" in each for each in items(reply)) else self._tags(page, reply)
        elif isinstance(dig(reply, "usage"), dict) and text_or_none(dig(reply, "software", "name"), 50) in _NAMES:
            yield self._server(
                members=count_or_none(dig(reply, "usage", "users", "total")),
                posts=count_or_none(dig(reply, "usage", "localPosts")),
            )
        elif isinstance(dig(reply, "title"), str) and (dig(reply, "usage") or dig(reply, "stats")):
            yield self._described(reply)
            yield from self._further()
        else:
            raise PageChanged(page.url, "is nothing that a Mastodon server says of itself")

    @property
    def _root(self) -> str:
        return self.base_url.rstrip("/")

    def _further(self) -> Iterator[Request]:
        for path in ("/api/v1/instance/activity", "/nodeinfo/2.0"):
            yield Request(url=self._root + path, tolerates=_SWITCHED_OFF)
        first = Request(url=f"{self._root}/api/v1/trends/tags", note="tags", tolerates=_SWITCHED_OFF)
        yield first.with_params(limit=_TAGS, offset=0)

    def _server(self, title: str | None = None, **facts: Any) -> Listing:
        host = self._root.partition("//")[2]
        return Listing(
            platform=self.about.platform,
            native_id=address_id(self._root) or self._root,
            kind=Kind.INSTANCE,
            # Every new server is called Mastodon until someone names it.
            title=title if title and title.lower() != "mastodon" else host,
            url=self._root,
            **facts,
        )

    def _described(self, reply: dict[str, Any]) -> Listing:
        languages = dig(reply, "languages")
        return self._server(
            text_or_none(reply["title"]),
            description=plain(reply.get("short_description")) or plain(reply.get("description")),
            members=count_or_none(dig(reply, "stats", "user_count")),
            posts=count_or_none(dig(reply, "stats", "status_count")),
            active_members=count_or_none(dig(reply, "usage", "users", "active_month")),
            access=_access(reply),
            language=text_or_none(languages[0]) if isinstance(languages, list) and languages else None,
            rules=tuple(rule for each in items(reply, "rules") if (rule := plain(each.get("text")))),
        )

    def _weeks(self, reply: list[Any]) -> Iterator[Listing]:
        """Say how busy the server is: the mean of some whole weeks, without the newest, which is under way."""
        counts = [count_or_none(each.get("statuses")) for each in items(reply)][1 : 1 + _WEEKS]
        known = [count for count in counts if count is not None]
        if known:
            yield self._server(posts_per_week=sum(known) / len(known))

    def _tags(self, page: Page, reply: list[Any]) -> Iterator[Listing | Request]:
        for tag in items(reply):
            listing = self._tag(tag)
            if listing:
                yield listing
        offset = count_or_none(page.request.param("offset"))
        if offset is not None and len(reply) >= _TAGS:
            yield page.request.with_params(offset=offset + len(reply))

    def _tag(self, tag: dict[str, Any]) -> Listing | None:
        name = text_or_none(tag.get("name"), 100)
        days = [(date_or_none(each.get("day")), count_or_none(each.get("uses"))) for each in items(tag, "history")]
        if name is None or not days:
            return None
        url = url_or_none(tag.get("url")) or f"{self._root}/tags/{quote(name)}"
        return Listing(
            platform=self.about.platform,
            native_id=f"{address_id(self._root) or self._root}/tags/{name.lower()}",
            kind=Kind.CHANNEL,
            title=f"#{name}",
            url=url,
            posts_per_week=float(sum(uses or 0 for _, uses in days[:7])),
            last_post_at=max((day for day, uses in days if day and uses), default=None),
        )


def _access(reply: dict[str, Any]) -> Access | None:
    """Read who may join, from either version of the description."""
    stated = reply.get("registrations")
    enabled = dig(stated, "enabled") if isinstance(stated, dict) else stated
    approved = dig(stated, "approval_required") if isinstance(stated, dict) else reply.get("approval_required")
    if enabled is True:
        return Access.ON_REQUEST if approved is True else Access.OPEN
    if enabled is False:
        return Access.INVITED if reply.get("invites_enabled") is True else Access.CLOSED
    return None
