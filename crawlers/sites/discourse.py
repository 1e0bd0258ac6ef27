"""Discourse forums, by the JSON that stands behind each of their pages; saved pages too, which carry it within them.

Categories that only some may read are left out. Topics and posts name their writers and are never read, but for the
time of the newest of those that a category shows.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import THREAD, board, forum, nested, no_list, once
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.embedded import json_behind, json_of
from crawlers.markup import ancestors, attribute, by_class, classes, elements, link, outermost, soup, words
from crawlers.nesting import branches, containers
from crawlers.parsing import address_id, count_or_none, date_or_none, dig, items, text_or_none
from crawlers.prose import plain
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bs4 import BeautifulSoup, Tag

    from venues.model import Area

_OWN = frozenset({"stats", "can_see_about_stats", "moderator_ids", "header_primary_color", "login_required"})
"""What a forum's description has, of which many a reply with a title has nothing."""
_HIDDEN = frozenset({403, 404})
_PER_PAGE = 20
"""Top categories on a page of a forum that has so many that it sends them page by page."""
_IN = "in "
"""A request's note for the boards within one: "in Regions > Leeds"."""
_AFTER = "\t"
"""Parts from the note of a further page the number of the category with which the page before it began."""
_CATEGORY = re.compile(r"/c/(?:[^/?#]+/)*?(?P<number>\d+)(?:\.json|/|$)")
_ADDRESS = re.compile(r"/(?:c|category)/(?P<slugs>[^?#]+?)(?:/(?P<number>\d{1,9}))?/?$")
_TOPIC = re.compile(r"^/t/")
_PRELOADED = re.compile(r'\bdata-preloaded="([^"]*)"')
_LIST_CALL = re.compile(r"""\.store\(\s*["']categories_list["']\s*,\s*(?=\{)""")
_SITE_CALL = re.compile(r"""\.store\(\s*["']site["']\s*,\s*(?=\{)""")
_NOT_BOARDS = re.compile(r"^/(?:login|signup|password-reset|u|users|search|session|badges|invites|my)(?:/|$|\.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discourse:
    """A forum with its categories and their subcategories."""

    base_url: str

    about: ClassVar[About] = About(
        platform="discourse",
        website="https://www.discourse.org",
        terms="Each forum's own, at /tos; the API is https://docs.discourse.org.",
        official_api=True,
        how="GET /about.json for the totals, /categories.json?include_subcategories=true",
        limits="50 requests in 10 seconds, 200 a minute",
        marks=(
            Mark("generator", r"^discourse\b"),
            Mark("header", r"^x-discourse-"),
            Mark("markup", r"""id="data-preloaded"|data-discourse-|<table class=["']category-list\b"""),
            Mark("markup", r'^\s*\{"(category_list|users)":.*"(category_list|topic_list)"'),
            Mark("path", "/site/basic-info.json", r'"apple_touch_icon_url"|"header_primary_color"'),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a forum is asked whole
        """Ask for the forum's totals first; a forum may hide them."""
        yield Request(url=f"{self._root}/about.json", note="index", tolerates=_HIDDEN)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the forum's totals or a list of its categories, as JSON or in a page."""
        if page.status >= 400:
            yield Request(url=f"{self._root}/site/basic-info.json", note="index")
            return
        if page.body.lstrip()[:1] in {b"{", b"["}:
            yield from self._reply(page, page.json())
        else:
            yield from self._html(page)

    @property
    def _root(self) -> str:
        return self.base_url.rstrip("/")

    def _reply(self, page: Page, reply: Any) -> Iterator[Listing | Request]:
        facts = dig(reply, "about") or reply
        if isinstance(dig(reply, "category_list", "categories"), list):
            yield from self._categories(page, list(items(reply, "category_list", "categories")))
        elif isinstance(dig(reply, "categories"), list):
            yield from self._categories(page, list(items(reply, "categories")))
        elif isinstance(dig(reply, "category", "id"), int):
            yield from self._boards([reply["category"]])
        elif dig(reply, "topic_list") is not None or dig(reply, "post_stream") is not None:
            raise NoList(page.url, "is a list of topics" if dig(reply, "topic_list") else THREAD)
        elif isinstance(dig(facts, "title"), str) and not _OWN.isdisjoint(facts):
            yield self._forum(facts)
            yield Request(url=f"{self._root}/categories.json?include_subcategories=true", note="categories")
        else:
            raise PageChanged(page.url, "holds neither a Discourse forum's description nor its categories")

    def _forum(self, about: dict[str, Any]) -> Listing:
        stats, locale = dig(about, "stats"), about.get("locale")
        total = {name: count_or_none(dig(stats, f"{name}s_count")) for name in ("topic", "post", "user")}
        for name, count in total.items():
            total[name] = count if count is not None else count_or_none(dig(stats, f"{name}_count"))  # before 3.2
        week = count_or_none(dig(stats, "posts_7_days"))
        return forum(
            self.about.platform,
            self._root,
            text_or_none(about.get("title")),
            description=plain(about.get("description")),
            members=total["user"],
            active_members=count_or_none(dig(stats, "active_users_30_days")),
            topics=total["topic"],
            posts=total["post"],
            posts_per_week=None if week is None else float(week),
            language=locale.replace("_", "-") if isinstance(locale, str) else None,
        )

    def _categories(self, page: Page, top: list[dict[str, Any]]) -> Iterator[Listing | Request]:
        what, _, before = page.request.note.partition(_AFTER)
        within = what.removeprefix(_IN) if what.startswith(_IN) else None
        yield from self._boards(top, within)
        shown = {each.get("id") for each, _ in branches(top, "subcategory_list") if isinstance(each.get("id"), int)}
        for category, above in branches(top, "subcategory_list"):
            inner = dig(category, "subcategory_ids")
            lacking = isinstance(inner, list) and any(isinstance(each, int) and each not in shown for each in inner)
            number = count_or_none(category.get("id"))
            if lacking and number is not None:
                path = nested(within, *(text_or_none(each.get("name")) for each in (*above, category)))
                yield Request(url=f"{self._root}/categories.json", note=f"{_IN}{path}").with_params(
                    parent_category_id=number, include_subcategories="true"
                )
        if what:
            yield from self._next(page, top, what, before)

    def _next(self, page: Page, top: list[dict[str, Any]], what: str, before: str) -> Iterator[Request]:
        """Ask for the next page where one is full; a forum that knows no pages sends the first again."""
        asked = count_or_none(page.request.param("parent_category_id"))
        level = [each for each in top if each.get("parent_category_id") == asked]
        first = str(dig(level, 0, "id"))
        if len(level) == _PER_PAGE and first != before:
            number = count_or_none(page.request.param("page")) or 1
            yield replace(page.request, note=f"{what}{_AFTER}{first}").with_params(page=number + 1)

    def _boards(self, top: list[dict[str, Any]], within: str | None = None) -> Iterator[Listing]:
        by_number = containers(top, "id", "parent_category_id")
        for category, above in branches(top, "subcategory_list"):
            number = category.get("id")
            if not isinstance(number, int) or category.get("read_restricted") is True:
                continue
            way = above or by_number.get(number, ())
            slugs = [slug for each in (*way, category) if (slug := text_or_none(each.get("slug"), 200))]
            names = (text_or_none(each.get("name")) for each in way)
            yield self._board(
                number,
                "/".join(slugs),
                text_or_none(category.get("name")),
                parent=nested(within, *names),
                description=text_or_none(category.get("description_text")) or plain(category.get("description")),
                topics=count_or_none(category.get("topic_count")),
                posts=count_or_none(category.get("post_count")),
                last_post_at=_newest(category),
            )

    def _board(self, number: int, slugs: str, name: str | None, **facts: Any) -> Listing:
        return Listing(
            platform=self.about.platform,
            native_id=f"{address_id(self._root) or self._root}/c/{number}",  # a slug may be changed
            title=name or slugs or str(number),
            kind=Kind.BOARD,
            url=f"{self._root}/c/{slugs}/{number}" if slugs else f"{self._root}/c/{number}",
            **facts,
        )

    def _html(self, page: Page) -> Iterator[Listing]:
        path = urlsplit(page.url).path.removeprefix(urlsplit(self._root).path)
        other = _NOT_BOARDS.search(path) or _TOPIC.search(path)
        found = [] if other else list(self._boards(_preloaded(page.text)))
        tree = None if found else soup(page)
        if tree and not other:
            found = list(self._shown(page, tree))
        one = _CATEGORY.search(path) or _ADDRESS.search(path)
        if one:
            found = [each for each in found if _is_of(each, one)]
        if not found:
            raise no_list(page.url, tree or soup(page), _TOPIC)
        yield from once(found)

    def _shown(self, page: Page, tree: BeautifulSoup) -> Iterator[Listing]:
        """Read the list itself: the plain table that those without scripts are sent, or what scripts made of it."""
        for row in outermost(filter(_is_row, elements(tree, "tr", "div"))):
            parts = by_class(row)
            anchors = [*parts.get("category-title-link", ()), *parts.get("parent-box-link", ()), *parts.get("<a>", ())]
            anchor = anchors[0] if anchors else None
            described = [*parts.get("category-description", ()), *parts.get("description", ()), *parts.get("<div>", ())]
            yield from self._linked(
                page,
                anchor,
                description=words(next(filter(_describes, described), None)),
                topics=_total(words(next(iter(parts.get("topics", ())), None), 100)),
            )
            for inner in [*parts.get("subcategories", ()), *parts.get("subcategory", ())][:1]:
                for each in elements(inner, "a"):
                    yield from self._linked(page, each, parent=_label(anchor))

    def _linked(self, page: Page, anchor: Tag | None, **facts: Any) -> Iterator[Listing]:
        url, name = link(page, anchor), _label(anchor)
        parts = _ADDRESS.search(urlsplit(url).path) if url else None
        if url and name and parts and parts["number"]:
            yield self._board(int(parts["number"]), parts["slugs"], name, **facts)
        elif url and name and parts:
            yield board(self.about.platform, url, name, **facts)  # as addresses were before 2020


def _is_row(tag: Tag) -> bool:
    if tag.name == "div":
        return "category-box" in classes(tag)
    return any("category-list" in classes(each) for each in ancestors(tag, 2))


def _describes(tag: Tag) -> bool:
    return attribute(tag, "itemprop") == "description" or not {"category-description", "description"}.isdisjoint(
        classes(tag)
    )


def _is_of(listing: Listing, category: re.Match[str]) -> bool:
    """Whether a board is that of a category's address, by its number or, as before 2020, by its slugs."""
    if category["number"]:
        return listing.native_id.endswith(f"/c/{category['number']}")
    return re.sub(r"/\d+$", "", (listing.url or "").partition("/c/")[2]) == category["slugs"]


def _label(anchor: Tag | None) -> str | None:
    return words(anchor, 300) if anchor else None


def _total(text: str | None) -> int | None:
    """Return how many topics a category has; "12 / week" does not say."""
    return count_or_none(text) if text and "/" not in text else None


def _newest(category: dict[str, Any]) -> datetime | None:
    times = [date_or_none(each.get("last_posted_at") or each.get("bumped_at")) for each in items(category, "topics")]
    return max((time for time in times if time), default=None)


def _preloaded(text: str) -> list[dict[str, Any]]:
    """Return the categories that a page carries for its scripts: JSON as text in JSON or, before 2018, in calls."""
    attribute = _PRELOADED.search(text)
    held = json_of(html.unescape(attribute[1])) if attribute else None
    lists = [json_of(dig(held, name)) for name in ("categoriesList", "categories_list")]
    for each in [*lists, json_behind(_LIST_CALL, text)]:
        found = list(items(each, "category_list", "categories"))
        if found:
            return found
    return list(items(json_of(dig(held, "site")) or json_behind(_SITE_CALL, text), "categories"))
