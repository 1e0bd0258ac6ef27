"""Flarum forums, by their JSON:API: tags are Flarum's boards. A saved page carries the same JSON within it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import board, forum, nested, no_list
from crawlers.contract import About, Mark, Page, Request
from crawlers.embedded import json_behind
from crawlers.markup import soup
from crawlers.parsing import absolute, count_or_none, date_or_none, dig, items, text_or_none
from crawlers.prose import plain
from venues.errors import PageChanged
from venues.model import Access, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_PAYLOAD = re.compile(r"""<script[^<>]{0,100}\bid=["']?flarum-json-payload["']?[^<>]{0,100}>\s*""")
_TAG = re.compile(r"/t/(?P<slug>[^/?#]+)/?$")
_DISCUSSION = re.compile(r"/d/\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flarum:
    """A forum with its tags and the tags within them."""

    base_url: str

    about: ClassVar[About] = About(
        platform="flarum",
        website="https://flarum.org",
        terms="Each forum's own; the API is https://docs.flarum.org/rest-api/.",
        official_api=True,
        how="GET /api and /api/tags",
        limits="none is published",
        marks=(
            Mark(
                "markup",
                r'id="flarum-(json-payload|loading|content)"|^\s*\{"(data|links)":.*"(discussionCount|allowSignUp)"',
            ),
            Mark("header", r"^set-cookie: flarum_"),
            Mark("path", "/api", r'"type":\s?"forums"'),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a forum is asked whole
        """Ask what the forum is."""
        yield Request(url=f"{self._root}/api", note="index")

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the forum's description or its tags, as JSON or in a page."""
        if page.status == 404:
            return  # Tags are an extension: this forum has none.
        if page.body.lstrip()[:1] != b"{":
            yield from self._html(page)
            return
        reply = page.json()
        if dig(reply, "data", "type") == "forums":
            yield self._forum(dig(reply, "data", "attributes"))
            yield Request(url=f"{self._root}/api/tags", note="tags", tolerates=frozenset({404}))
        elif isinstance(dig(reply, "data"), list):
            yield from self._tags([*items(reply, "data"), *items(reply, "included")])
            yield from self._next(page, dig(reply, "links", "next"))
        else:
            raise PageChanged(page.url, "is neither a Flarum forum's description nor its tags")

    @property
    def _root(self) -> str:
        return self.base_url.rstrip("/")

    def _forum(self, facts: Any) -> Listing:
        joining = dig(facts, "allowSignUp")
        return forum(
            self.about.platform,
            self._root,
            text_or_none(dig(facts, "title")),
            description=plain(dig(facts, "description")) or plain(dig(facts, "welcomeMessage")),
            access={True: Access.OPEN, False: Access.INVITED}[joining] if isinstance(joining, bool) else None,
        )

    def _tags(self, resources: list[dict[str, Any]]) -> Iterator[Listing]:
        tags = {str(each.get("id")): each for each in resources if each.get("type") == "tags"}
        for tag in tags.values():
            name, slug = text_or_none(dig(tag, "attributes", "name")), text_or_none(dig(tag, "attributes", "slug"), 300)
            url = absolute(f"{self._root}/", f"t/{slug}") if slug else None
            if not name or not url:
                continue
            above = tags.get(str(dig(tag, "relationships", "parent", "data", "id")))
            yield board(
                self.about.platform,
                url,
                name,
                parent=nested(text_or_none(dig(above, "attributes", "name"))),
                description=plain(dig(tag, "attributes", "description")),
                topics=count_or_none(dig(tag, "attributes", "discussionCount")),
                last_post_at=date_or_none(dig(tag, "attributes", "lastPostedAt")),
            )

    def _next(self, page: Page, following: object) -> Iterator[Request]:
        url = absolute(page.url, following)
        if url is None:
            return
        if url == page.request.url:
            raise PageChanged(page.url, "names itself as the next page")
        yield Request(url=url, note=page.request.note)

    def _html(self, page: Page) -> Iterator[Listing]:
        payload = json_behind(_PAYLOAD, page.text)
        found = list(self._tags([*items(payload, "resources"), *items(payload, "apiDocument", "data")]))
        path = urlsplit(page.url).path
        one = _TAG.search(path)
        if one:
            found = [each for each in found if _slug(each) == one["slug"]]
        if not found or _DISCUSSION.search(path):
            raise no_list(page.url, soup(page), _DISCUSSION)
        yield from found


def _slug(listing: Listing) -> str:
    return (listing.url or "").rpartition("/t/")[2]
