"""Vanilla forums, by API v2; and by their pages, where the API is shut to guests or the page is a saved one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import THREAD, board, forum, nested, no_list, once
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.markup import (
    ancestors,
    attribute,
    by_class,
    classes,
    elements,
    language,
    link,
    meta,
    outermost,
    soup,
    title,
    words,
)
from crawlers.nesting import branches, first_count
from crawlers.parsing import absolute, count_or_none, date_or_none, dig, items, text_or_none, url_or_none
from crawlers.prose import plain
from venues.errors import PageChanged
from venues.model import Access, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import BeautifulSoup, Tag

    from venues.model import Area

_SHUT = frozenset({401, 403, 404})
_HTML = "text/html,application/xhtml+xml"
_CATEGORY = re.compile(r"/categories/(?!all$)(?P<code>[^/?#]+)(?:/p\d+)?/?$")
_DISCUSSION = re.compile(r"/discussion/\d+|/discussion/comment/")
_DEPTH = re.compile(r"^Depth(\d{1,2})$")
_NEXT = re.compile(r'<([^<>]{1,2000})>;\s?rel="?next"?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanilla:
    """A forum with its categories and those within them."""

    base_url: str

    about: ClassVar[About] = About(
        platform="vanilla",
        website="https://vanillaforums.com",
        terms="Each forum's own; the API is https://docs.vanillaforums.com/api/.",
        official_api=True,
        how="the front page for the name; GET /api/v2/categories, or /categories where that is shut to guests",
        limits="none is published",
        marks=(
            Mark("header", r"^x-garden-version:"),
            Mark("markup", r'/applications/(vanilla|dashboard)/(js|design)/|<body[^>]{0,40} id="(vanilla|dashboard)_'),
            Mark("markup", r'\bgdn\.meta\b|window\["__ACTIONS__"\]|"countAllDiscussions":'),
            Mark("markup", r'class="DataList (Discussions|CategoryList)\b'),
            Mark("path", "/api/v2/categories", r'"urlcode"'),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a forum is asked whole
        """Ask for the front page, which says what the forum is called."""
        yield Request(url=f"{self._root}/", note="index", accept=_HTML)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the forum's name, or its categories as JSON or in a page."""
        if page.status >= 400:
            yield Request(url=f"{self._root}/categories", note="categories", accept=_HTML)
        elif page.body.lstrip()[:1] in {b"[", b"{"}:
            yield from self._reply(page, page.json())
        elif page.request.note == "index":
            tree = soup(page)
            if tree.select_one("input[type=password]") and not tree.select_one(".Discussions, .CategoryList"):
                raise no_list(page.url, tree)  # a forum that shows nothing to guests
            yield self._forum(tree)
            first = Request(url=f"{self._root}/api/v2/categories", note="categories", tolerates=_SHUT)
            yield first.with_params(maxDepth=10, expand="lastPost")
        else:
            yield from self._html(page)

    @property
    def _root(self) -> str:
        return self.base_url.rstrip("/")

    def _forum(self, tree: BeautifulSoup) -> Listing:
        return forum(
            self.about.platform,
            self._root,
            meta(tree, "og:site_name") or (title(tree) or "").rpartition(" - ")[2],  # "All Discussions - Leeds Forum"
            description=meta(tree, "og:description") or meta(tree, "description"),
            language=language(tree),
        )

    def _reply(self, page: Page, reply: Any) -> Iterator[Listing | Request]:
        rows = list(items(reply)) if isinstance(reply, list) else [reply]
        if any("discussionID" in row for row in rows):
            raise NoList(page.url, "is a list of discussions" if isinstance(reply, list) else THREAD)
        if reply != [] and not any("categoryID" in row for row in rows):
            raise PageChanged(page.url, "is no list of Vanilla categories")
        for category, above in branches(rows, "children"):
            listing = self._category(category, above)
            if listing:
                yield listing
        following = _NEXT.search(page.headers.get("link", ""))
        url = absolute(page.url, following[1]) if following else None
        if url and url == page.request.url:
            raise PageChanged(page.url, "names itself as the next page")
        if url:
            yield Request(url=url, note=page.request.note)

    def _category(self, category: dict[str, Any], above: tuple[dict[str, Any], ...]) -> Listing | None:
        name, url = text_or_none(category.get("name")), url_or_none(category.get("url"))
        code = text_or_none(category.get("urlcode"), 300)
        url = url or (absolute(f"{self._root}/", f"categories/{code}") if code else None)
        # A heading holds categories and no discussions.
        if not name or not url or category.get("displayAs") == "heading":
            return None
        closed = category.get("isArchived") is True
        return board(
            self.about.platform,
            url,
            name,
            parent=nested(*(text_or_none(each.get("name")) for each in above)),
            description=plain(category.get("description")),
            topics=first_count(category, "countAllDiscussions", "countDiscussions"),
            posts=first_count(category, "countAllComments", "countComments"),
            last_post_at=date_or_none(dig(category, "lastPost", "dateInserted")),
            access=Access.CLOSED if closed else None,
        )

    def _html(self, page: Page) -> Iterator[Listing]:
        tree, path = soup(page), urlsplit(page.url).path
        found = [] if _DISCUSSION.search(path) else list(self._list(page, tree))
        if not found:
            parts = by_class(tree)
            here = parts.get("Discussions", []) if not _DISCUSSION.search(path) else []
            found = (
                list(self._one(page, parts) if _CATEGORY.search(path) else self._beside(page, parts)) if here else []
            )
        if not found:
            raise no_list(page.url, tree, _DISCUSSION)
        yield from once(found)

    def _list(self, page: Page, tree: BeautifulSoup) -> Iterator[Listing]:
        """Read a list or table of categories; its classes say how deep in the tree each stands."""
        way: dict[int, str] = {}
        for item in outermost(filter(_is_row, elements(tree, "li", "tr", "h2"))):
            parts = by_class(item)
            depth = next((int(found[1]) for each in classes(item) if (found := _DEPTH.match(each))), 1)
            anchor = next((each for each in parts.get("<a>", ()) if _leads_to_category(each) and _label(each)), None)
            name = _label(anchor) or words(next(iter(parts.get("ItemContent", ())), item), 300)
            way = {level: each for level, each in way.items() if level < depth}
            parent = nested(*(way[level] for level in sorted(way)))
            way[depth] = name or ""
            yield from self._linked(page, anchor, parent=parent, **_numbers(parts))
            for child in _within(parts, "ChildCategories"):
                yield from self._linked(page, child, parent=nested(parent, name))

    def _one(self, page: Page, parts: dict[str, list[Tag]]) -> Iterator[Listing]:
        address = re.sub(r"/p\d+/?$", "", page.url)
        # A theme without a heading still leads back to the category, by its own name.
        trails = [*parts.get("breadcrumb", ()), *parts.get("Breadcrumbs", ())]
        leading = [*(each for trail in trails for each in elements(trail, "a")), *parts.get("Category", ())]
        here = [each for each in leading if link(page, each) == address and words(each, 300)]
        shown = [*parts.get("HomepageTitle", ()), *parts.get("<h1>", ()), *here, *parts.get("<title>", ())]
        name = words(next(iter(shown), None), 300)
        description = words(next(iter(parts.get("PageDescription", ())), None))
        if name:
            yield board(self.about.platform, address, name, description=description)

    def _beside(self, page: Page, parts: dict[str, list[Tag]]) -> Iterator[Listing]:
        """Read the categories beside a list of all discussions, or else those that its discussions are in."""
        for panel in parts.get("PanelCategories", ())[:1]:
            for item in outermost(elements(panel, "li")):
                anchor = next(filter(_leads_to_category, elements(item, "a")), None)
                yield from self._linked(page, anchor, topics=_shown(by_class(item), "Count"))
        for each in outermost(parts.get("Category", ())):
            yield from self._linked(page, each if each.name == "a" else each.find("a"))

    def _linked(self, page: Page, anchor: Tag | None, **facts: Any) -> Iterator[Listing]:
        url, name = link(page, anchor), _label(anchor)
        if url and name and _CATEGORY.search(urlsplit(url).path):
            yield board(self.about.platform, url, name, **facts)


def _is_row(tag: Tag) -> bool:
    names = classes(tag)
    if "CategoryHeading" in names:
        return True
    kinds = {"CategoryList", "CategoryTable"}
    return "Item" in names and any(not kinds.isdisjoint(classes(each)) for each in ancestors(tag, 2))


def _leads_to_category(anchor: Tag) -> bool:
    return _CATEGORY.search(attribute(anchor, "href").partition("?")[0]) is not None


def _within(parts: dict[str, list[Tag]], name: str) -> list[Tag]:
    return [anchor for each in parts.get(name, ())[:1] for anchor in elements(each, "a")]


def _label(anchor: Tag | None) -> str | None:
    """Return what a link says, without the count that may stand within it."""
    aside = words(anchor.find("span"), 100) if anchor else None
    return text_or_none((words(anchor, 300) or "").removeprefix(aside or "")) or aside


def _numbers(parts: dict[str, list[Tag]]) -> dict[str, Any]:
    return {
        "description": words(next(iter(parts.get("CategoryDescription", ())), None)),
        "topics": _shown(parts, "DiscussionCount", "CountDiscussions"),
        "posts": _shown(parts, "CommentCount", "CountComments"),
        "last_post_at": date_or_none(attribute(next(iter(parts.get("<time>", ())), None), "datetime")),
    }


def _shown(parts: dict[str, list[Tag]], *names: str) -> int | None:
    """Return a count as shown, or in full where the page says it beside the rounded one: title="1,204 discussions"."""
    place = next((each for name in names for each in parts.get(name, ())), None)
    exact = next((each for each in elements(place, "span") if attribute(each, "title")), None) if place else None
    return count_or_none(attribute(exact, "title")) or count_or_none(words(place, 100))
