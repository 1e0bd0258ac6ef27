"""Mailing lists of Mailman 3, by HyperKitty's API and by the HTML list of its archives.

Settings: `base_url` (the archives' address, such as "https://lists.example.org/archives"; without a path, /archives is
meant) and `page_size`. The API has all public lists; the HTML adds how many wrote in the last 30 days, and stands in
where the API is closed. A list is known by its address in both, and in the list of Postorius beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, unquote, urlsplit

from crawlers.boards import no_list
from crawlers.by_class import ByClass, outermost
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.markup import ancestors, attribute, classes, link, soup, words
from crawlers.parsing import count_or_none, dig, items, text_or_none
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4 import Tag

    from venues.model import Area

API, ACTIVITY, LISTS = "API", "activity", "lists"
_ABSENT = frozenset({401, 403, 404, 405, 410, 501})
_LIST = re.compile(r"/list/([^/@\s]+@[^/@\s]+)/?$")
_MANAGED = re.compile(r"/lists/[^/@]+\.[^/@]+/?$")
_ADDRESS = re.compile(r"[^@\s/]{1,120}@[^@\s/]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HyperKitty:
    """The public mailing lists of one Mailman server."""

    base_url: str
    page_size: int = 100

    about: ClassVar[About] = About(
        platform="hyperkitty",
        website="https://docs.mailman3.org/projects/hyperkitty",
        terms="None are common to all servers; each server's own, and its robots.txt.",
        official_api=True,
        how="GET /archives/api/lists/; HTML of /archives/ beside it, and where the API is closed",
        limits="never a message or its author",
        marks=(
            Mark("markup", r"/static/(hyperkitty|postorius)/|Powered by <a [^>]{0,80}>HyperKitty<"),
            Mark("path", "/archives/api/lists/", r'"archive_policy"'),
            Mark("path", "/hyperkitty/api/lists/", r'"archive_policy"'),
        ),
    )

    def plan(self, area: Area | None) -> Iterator[Request]:  # noqa: ARG002 - neither list can be asked for a place
        """Ask the API for the first of its lists."""
        first = Request(url=f"{self._root}/api/lists/", note=API, tolerates=_ABSENT)
        yield first.with_params(limit=self.page_size, offset=0)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read a page of the API or of the HTML, and ask for the next."""
        asked_api = page.request.note == API
        is_json = page.body.lstrip()[:1] in {b"[", b"{"}
        if asked_api and (page.status in _ABSENT or not is_json):
            yield self._html(LISTS)
        elif page.status in _ABSENT:
            return
        elif is_json:
            yield from self._read_api(page)
            if asked_api and page.request.param("offset") == "0":
                yield replace(self._html(ACTIVITY), tolerates=_ABSENT)
        else:
            yield from self._read_html(page)

    @property
    def _root(self) -> str:
        base = self.base_url.rstrip("/")
        return base if urlsplit(base).path else f"{base}/archives"

    def _html(self, note: str) -> Request:
        first = Request(url=f"{self._root}/", accept="text/html", note=note)
        return first.with_params(sort="name", count=self.page_size, page=1)

    def _read_api(self, page: Page) -> Iterator[Listing | Request]:
        """Read lists: all at once, or in an envelope that says how many there are."""
        reply = page.json()
        results = reply if isinstance(reply, list) else dig(reply, "results")
        if not isinstance(results, list):
            raise PageChanged(page.url, "is no list of mailing lists: it has no results")
        if results and not any("archive_policy" in each for each in items(results)):
            raise NoList(page.url, "lists threads or messages, and no mailing lists")
        for each in items(results):
            listing = self._list(each.get("name"), each.get("display_name"), each.get("description"))
            if listing and each.get("archive_policy") != "private":
                yield listing
        seen = (count_or_none(page.request.param("offset")) or 0) + len(results)
        if results and seen < (count_or_none(dig(reply, "count")) or 0):
            yield page.request.with_params(offset=seen)

    def _read_html(self, page: Page) -> Iterator[Listing | Request]:
        tree = soup(page)
        rows = [row for row in outermost(tree.find_all("tr", class_="list")) if "private" not in classes(row)]
        if not rows and page.request.note == ACTIVITY:
            return
        managed = [] if rows else [_row_of(each) for each in tree.find_all("a", href=_MANAGED)]
        if any(managed):
            yield from self._read_managed(page, list(outermost(row for row in managed if row)))
            return
        yield from self._read_rows(rows) if rows else self._read_one(page, tree)
        current = count_or_none(page.request.param("page")) or 1
        links = [attribute(each, "href") for each in tree.find_all("a", class_="page-link", limit=100)]
        if page.request.note and rows and any(re.search(rf"[?&]page={current + 1}(?!\d)", each) for each in links):
            yield page.request.with_params(page=current + 1)

    def _read_rows(self, rows: list[Tag]) -> Iterator[Listing]:
        """Read the table; the page holds it twice, for small screens and for large."""
        seen: set[str] = set()
        for row in rows:
            address, told = attribute(row, "data-list-name"), ByClass(row)
            name, description = words(told.first("list-name")), words(told.first("list-description"))
            listing = self._list(address, name, description, active_members=_participants(told))
            if listing and address not in seen:
                seen.add(address)
                yield listing

    def _read_managed(self, page: Page, rows: list[Tag]) -> Iterator[Listing]:
        """Read the list of Postorius, which is where people join: name, address, description."""
        for row in rows:
            cells = row.find_all("td", limit=3)
            listing = (
                self._list(words(cells[1]), words(cells[0].find("a")), words(cells[2])) if len(cells) == 3 else None
            )
            if listing:
                yield replace(listing, url=link(page, cells[0].find("a")) or listing.url)

    def _read_one(self, page: Page, tree: Tag) -> Iterator[Listing]:
        """Read the front page of one list's archive."""
        if tree.find(class_="all-lists"):
            raise NoList(page.url, "shows no list to guests")
        found = _LIST.search(unquote(urlsplit(page.url).path))
        told = tree.find(id="title")
        if found is None or told is None:
            raise no_list(page.url, tree)
        listing = self._list(found[1], words(told.find("h1")), words(told.find(id="description")))
        if listing:
            yield listing

    def _list(self, address: object, name: object, description: object, **facts: Any) -> Listing | None:
        known = text_or_none(address, 320)
        if known is None or not _ADDRESS.fullmatch(known):
            return None
        return Listing(
            platform=self.about.platform,
            native_id=known.lower(),
            title=text_or_none(name) or known.partition("@")[0],
            kind=Kind.LIST,
            url=f"{self._root}/list/{quote(known, safe='@')}/",
            description=text_or_none(description),
            **facts,
        )


def _row_of(anchor: Tag) -> Tag | None:
    return next((each for each in ancestors(anchor) if each.name == "tr"), None)


def _participants(told: ByClass) -> int | None:
    """Return how many wrote in the last 30 days: the figure beside the picture of a person."""
    icon = told.first("fa-user")
    return count_or_none(words(icon.parent)) if icon and icon.parent else None
