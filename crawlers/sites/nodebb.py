"""NodeBB forums, by the JSON that each of their pages has under /api; a saved page carries it within it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import forum, nested, no_list, once
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.embedded import json_behind
from crawlers.markup import attribute, by_class, classes, elements, link, outermost, soup, words
from crawlers.nesting import branches, containers, first_count
from crawlers.parsing import address_id, count_or_none, date_or_none, dig, items, text_or_none
from crawlers.prose import plain
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bs4 import BeautifulSoup, Tag

    from venues.model import Area

_DATA = re.compile(r"""_ajaxifyData\s?=\s?(?=\{)|<script[^<>]{0,60}\bid=["']ajaxify-data["'][^<>]{0,60}>\s*(?=\{)""")
_WITHIN = "within"
"""A request's note for one category's page that is asked for what is in it."""
_ITEM = "categories/category"
_TOPIC = re.compile(r"/topic/\d+|/post/\d+")
_CATEGORY = re.compile(r"/category/(?P<number>\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeBB:
    """A forum with its categories and those within them."""

    base_url: str

    about: ClassVar[About] = About(
        platform="nodebb",
        website="https://nodebb.org",
        terms="Each forum's own; the API is https://docs.nodebb.org/api/read/.",
        official_api=True,
        how="GET /api/config and /api/categories",
        limits="none is published",
        marks=(
            Mark("header", r"^x-powered-by: nodebb"),
            Mark("nodeinfo", r"^nodebb$"),
            Mark(
                "markup", r'nodebb(\.min)?\.js|component="categories/category"|id="ajaxify-data"|"descriptionParsed":'
            ),
            Mark("path", "/api/config", r'"relative_path"'),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a forum is asked whole
        """Ask what the forum is called."""
        yield Request(url=f"{self._root}/api/config", note="index")

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the forum's name or its categories, as JSON or in a page."""
        if page.body.lstrip()[:1] not in {b"{", b"["}:
            yield from self._html(page)
            return
        reply = page.json()
        if isinstance(dig(reply, "siteTitle"), str):
            yield forum(
                self.about.platform,
                self._root,
                _name(dig(reply, "siteTitle")) or _name(dig(reply, "browserTitle")),
                description=plain(dig(reply, "description")),
            )
            yield Request(url=f"{self._root}/api/categories", note="categories")
        else:
            yield from self._reply(page, reply)

    @property
    def _root(self) -> str:
        return self.base_url.rstrip("/")

    def _reply(self, page: Page, reply: Any) -> Iterator[Listing | Request]:
        listed = dig(reply, "categories") or dig(reply, "response", "categories")
        if isinstance(dig(reply, "cid"), int) and isinstance(dig(reply, "name"), str):
            within = page.request.note == _WITHIN
            yield from self._boards([reply] if within else [{**reply, "children": None}])
            yield from self._further(list(items(reply, "children")) if within else [])
        elif isinstance(listed, list) and not isinstance(dig(reply, "topics"), list):
            yield from self._boards(list(items(listed)))
            yield from self._further(list(items(listed)))
            yield from self._next(page, dig(reply, "pagination", "next"))
        elif dig(reply, "posts") or dig(reply, "topics"):
            raise NoList(page.url, "is a list of topics or posts")
        else:
            raise PageChanged(page.url, "is neither a NodeBB forum's settings nor its categories")

    def _further(self, top: list[dict[str, Any]]) -> Iterator[Request]:
        """Ask for the categories of which only the first few children are sent."""
        for category, _ in branches(top, "children"):
            slug = text_or_none(category.get("slug"), 300)
            if category.get("hasMoreSubCategories") is True and slug:
                yield Request(url=f"{self._root}/api/category/{slug}", note=_WITHIN)

    def _next(self, page: Page, following: object) -> Iterator[Request]:
        number = count_or_none(dig(following, "page"))
        if dig(following, "active") is not True or number is None:
            return
        if number <= (count_or_none(page.request.param("page")) or 1):
            raise PageChanged(page.url, "names itself, or one before it, as the next page")
        yield page.request.with_params(page=number)

    def _boards(self, top: list[dict[str, Any]]) -> Iterator[Listing]:
        by_number = containers(top, "cid", "parentCid")
        for category, above in branches(top, "children"):
            number = category.get("cid")
            # A category with a link leads elsewhere, a section holds nothing of its own, -1 stands for other servers.
            if (
                not isinstance(number, int)
                or number < 1
                or text_or_none(category.get("link"))
                or category.get("isSection") == 1
            ):
                continue
            way = (
                above
                or by_number.get(number, ())
                or [each for each in [category.get("parent")] if isinstance(each, dict)]
            )
            yield self._board(
                number,
                text_or_none(category.get("slug"), 300) or str(number),
                _name(category.get("name")),
                parent=nested(*(_name(each.get("name")) for each in way)),
                description=plain(category.get("descriptionParsed")) or plain(category.get("description")),
                topics=first_count(category, "totalTopicCount", "topic_count"),
                posts=first_count(category, "totalPostCount", "post_count"),
                last_post_at=_newest(category),
            )

    def _board(self, number: int, slug: str, name: str | None, **facts: Any) -> Listing:
        return Listing(
            platform=self.about.platform,
            native_id=f"{address_id(self._root) or self._root}/category/{number}",  # a slug may be changed
            title=name or slug,
            kind=Kind.BOARD,
            url=f"{self._root}/category/{slug}",
            **facts,
        )

    def _html(self, page: Page) -> Iterator[Listing]:
        reply = json_behind(_DATA, page.text)
        if dig(reply, "categories") or dig(reply, "cid"):
            yield from (each for each in self._reply(page, reply) if isinstance(each, Listing))
            return
        tree = soup(page)
        found = [] if _TOPIC.search(urlsplit(page.url).path) else list(self._list(page, tree))
        if not found:
            raise no_list(page.url, tree, _TOPIC)
        yield from once(found)

    def _list(self, page: Page, tree: BeautifulSoup) -> Iterator[Listing]:
        """Read the list itself, of a page that lost its scripts."""
        for item in outermost(each for each in elements(tree, "li") if attribute(each, "component") == _ITEM):
            parts = by_class(item)
            title = next((each.find("a") for each in parts.get("title", ())), None)
            numbers = [count_or_none(attribute(each, "title")) for each in _counted(parts)]
            yield from self._linked(
                page,
                title,
                description=words(next(iter(parts.get("description", ())), None)),
                topics=numbers[0] if numbers else None,
                posts=numbers[1] if len(numbers) > 1 else None,
                last_post_at=date_or_none(attribute(next(iter(parts.get("timeago", ())), None), "title")),
            )
            for child in parts.get("category-children-item", ()):
                yield from self._linked(page, child.find("a"), parent=words(title, 300))

    def _linked(self, page: Page, anchor: Tag | None, **facts: Any) -> Iterator[Listing]:
        url = link(page, anchor)
        parts = _CATEGORY.search(url) if url else None
        if url and parts:
            yield self._board(int(parts["number"]), url.partition("/category/")[2], words(anchor, 300), **facts)


def _counted(parts: dict[str, list[Tag]]) -> list[Tag]:
    """Return the elements that state a category's counts in full."""
    stats = next((each for each in parts.get("stats", ()) if "meta" in classes(each)), None)
    return [each for each in elements(stats, "span") if attribute(each, "title")] if stats else []


def _name(value: object) -> str | None:
    """Return a name, which NodeBB sends escaped; one that is a key of its translations is no name."""
    name = text_or_none(html.unescape(value)) if isinstance(value, str) else None
    return name if name and not name.startswith("[[") else None


def _newest(category: dict[str, Any]) -> datetime | None:
    times = [dig(category, "teaser", "timestampISO"), *(each.get("timestampISO") for each in items(category, "posts"))]
    return max((time for each in times if (time := date_or_none(each))), default=None)
