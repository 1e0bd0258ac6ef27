"""XenForo 1 and 2, by the page that lists all forums.

Settings: `base_url`, the address of the forum (where the list of boards is, or a home page that links to it). The
site's API needs a key even for what guests may see, so the page is read: XenForo 1 shows boards as `li.node`,
XenForo 2 as `div.node`, whatever the style.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import ERROR, LOG_IN, MEMBERS, REGISTER, SEARCH, THREAD, board, forum, nested, no_list, once
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.markup import ancestors, attribute, base_of, classes, link, soup, title, words
from crawlers.nodes import Node, beside, figures, listings_of, moment, topics_and_posts
from crawlers.parts import Parts, all_of, first, links, same_site, within
from crawlers.times import times_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import Tag

    from crawlers.times import Times
    from venues.model import Area, Listing

_INDEX = "index"
_NO_BOARDS = {"link", "page", "search", "LinkForum", "node--link", "node--page", "node--search", "node--linkforum"}
_NO_BOARDS |= {"subNodeLink--link", "subNodeLink--page", "subNodeLink--search"}
"""Nodes that lead elsewhere: to other sites, to pages of text, to a saved search."""
_THREADS = re.compile(r"(^|[/?])(threads|posts)/")
_LISTS = re.compile(r"(^|[/?])(find-new|whats-new|watched|recent-activity|members|search|account|online|tags?)(/|\?|$)")
_HOME_OF_BOARDS = re.compile(r"(^|[/?])(forums?|boards?|community)/?(index\.php)?$")
_FRONT = re.compile(r"/?(index\.php)?")
_PAGE = re.compile(r"/?(?:/page-\d+.*|[?&](?:order|direction|page|prefix_id|last_days|no_date_limit|s)=.*)?$")
"""How an address says which of a board's threads are shown."""
_TEMPLATES = (
    (LOG_IN, "login"),
    (REGISTER, "register"),
    (THREAD, "thread_view|post_"),
    (SEARCH, "search|whats_new|tag_|find_threads"),
    (MEMBERS, "member|online|account|conversation|contact"),
    (ERROR, "error"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class XenForo:
    """The boards of one forum."""

    base_url: str

    about: ClassVar[About] = About(
        platform="xenforo",
        website="https://xenforo.com",
        terms="Each forum has its own; the software sets none.",
        official_api=False,
        how="the HTML page that lists all forums",
        limits="one page, or two where the home page is not the list",
        marks=(
            Mark("markup", r"<html[^>]{0,300}\sid=[\"']?(XenForo|XF)\b"),
            Mark("markup", r"\sdata-xf-init=|XenForo\.(init|extend)|XF\.(extendObject|config)\b"),
            Mark("markup", r"Forum software by XenForo|community platform by XenForo"),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a forum lists all its boards
        """Ask for the list of boards."""
        yield Request(url=self.base_url, accept="text/html", note=_INDEX)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the boards of a page; one that shows a board's threads lists that board and those within it."""
        tree = soup(page)
        base, parts = base_of(page, tree), Parts(tree)
        own = self._own(page, parts, base)
        boards = once([*own, *self._boards(page, parts, base, own[0].title if own else None)])
        if page.request.note == _INDEX:
            if not boards and (list_at := _list_of_boards(page, parts, base)):
                yield Request(url=list_at, accept="text/html", note=_INDEX)
                return
            yield self._forum(tree, parts)
        if not boards:
            if reason := _reason(parts):
                raise NoList(page.url, reason)
            raise no_list(page.url, tree, _THREADS)
        yield from boards

    def _boards(self, page: Page, parts: Parts, base: str, above: str | None) -> Iterator[Listing]:
        if re.search(r"[/?]watched/", page.url):
            return iter(())  # a member's own choice of boards
        nodes = _nodes(parts, times_of(page.text, page.fetched_at, parts.language))
        return listings_of(self.about.platform, page, base, nodes, above, _plain)

    def _own(self, page: Page, parts: Parts, base: str) -> list[Listing]:
        """Return the board whose threads the page lists, if it does."""
        name = _board_shown(page, parts)
        if name is None:
            return []
        told = parts.first("p-description") or parts.by_id("pageDescription")
        url = _PAGE.sub("/", parts.canonical(page, base), count=1)
        return [board(self.about.platform, url, name, description=words(told), parent=_trail(parts))]

    def _forum(self, tree: Tag, parts: Parts) -> Listing:
        name = parts.meta("og:site_name") or words(parts.first("p-title-value"), 300) or title(tree)
        return forum(self.about.platform, self.base_url, name, language=parts.language, **_totals(parts))


def _nodes(parts: Parts, times: Times) -> Iterator[Node]:
    for node in filter(_is_board, parts.all("node")):
        named, parent = _named(node), _parent(node)
        yield Node(named, parent, _facts(node, times))
        for below in all_of(node, "subNodeLink"):
            if not _NO_BOARDS & set(classes(below)):
                yield Node(below, nested(parent, words(named, 300), _listed_under(below)))


def _plain(url: str) -> str | None:
    return None if _THREADS.search(_path(url)) else url


def _is_board(node: Tag) -> bool:
    names = set(classes(node))
    if names & _NO_BOARDS or beside(node):
        return False
    if "node--forum" in names or "node--category" in names:
        return True
    if node.name == "li":  # XenForo 1; its categories of the first level are headings
        return not {"category", "level_1"} <= names and bool(names & {"forum", "category"} or first(node, "nodeTitle"))
    return any(name.startswith("node--") for name in names) and first(node, "node-title") is not None


def _named(node: Tag) -> Tag | None:
    """Return the link that carries a node's title."""
    heading = first(node, "node-title", "nodeTitle") or next(iter(within(node, "h2", "h3", "h4")), None)
    return next((each for each in links(heading) if words(each)), None)


def _parent(node: Tag) -> str | None:
    """Return the titles of what contains a node: of categories, and in XenForo 1 of the boards above."""
    names: list[str | None] = []
    for each in ancestors(node):
        held = set(classes(each))
        if "node" in held:
            names.append(words(_named(each) or first(each, "nodeTitle", "node-title"), 300))
        elif "block--category" in held:
            names.append(words(_heading(each), 300))
    return nested(*reversed(names))


def _listed_under(below: Tag) -> str | None:
    """Return the title of the board under which a list within a node names another."""
    item = below.find_parent("li")
    outer = item.find_parent("li") if item else None
    holder = outer.find("a", class_="subNodeLink", recursive=False) if outer else None
    return words(holder, 300)


def _heading(block: Tag) -> Tag | None:
    heading = first(block, "block-header")
    return next((each for each in within(heading, "a") if words(each)), heading)


def _facts(node: Tag, times: Times) -> dict[str, Any]:
    counted = first(node, "node-stats", "node-statsMeta", "nodeStats")
    told = _own_part(node, first(node, "node-description", "nodeDescription"))
    last = _own_part(node, first(node, "node-extra", "nodeLastPost"))
    counts = figures(within(_own_part(node, counted), "dd")[:4])
    return {"description": words(told), "last_post_at": moment(last, times), **topics_and_posts(counts)}


def _own_part(node: Tag, part: Tag | None) -> Tag | None:
    """Return the part if it is the node's own and not that of a board below."""
    if part is None:
        return None
    owner = next((each for each in part.parents if "node" in classes(each)), None)
    return part if owner is node else None


def _template(parts: Parts) -> str:
    """Return the name of the page's template, which XenForo 2 states."""
    return next(filter(None, (attribute(each, "data-template") for each in parts.named("html", "body"))), "")


def _board_shown(page: Page, parts: Parts) -> str | None:
    template = _template(parts)
    if template and not template.startswith("forum_view"):
        return None
    asked = _path(page.url)
    elsewhere = _FRONT.fullmatch(asked) or _HOME_OF_BOARDS.search(asked) or _LISTS.search(asked)
    if not template and (elsewhere or not _shows_threads(parts)):
        return None
    heading = parts.first("p-title-value", "titleBar")
    own = [heading] if heading is not None and heading.name == "h1" else within(heading, "h1") or parts.named("h1")
    return words(next(iter(own), None), 300)


def _shows_threads(parts: Parts) -> bool:
    if parts.first("messageList", "message--post") is not None:
        return False
    return parts.first("discussionListItems", "structItem--thread") is not None


def _trail(parts: Parts) -> str | None:
    """Return the categories and boards above a board, by the trail at the top of its page."""
    above = [
        each
        for each in links(parts.first("p-breadcrumbs", "breadcrumb"))
        if re.search(r"\.\d+/?$", attribute(each, "href"))
    ]
    return nested(*(words(each, 200) for each in above))


def _list_of_boards(page: Page, parts: Parts, base: str) -> str | None:
    """Return where a home page says that its boards are."""
    if parts.first("p-nav", "navTabs") is None and parts.by_id("XF", "XenForo") is None:
        return None
    found = (link(page, each, base) for each in parts.named("a")[:300])
    return next((url for url in found if url and same_site(url, base) and _HOME_OF_BOARDS.search(_path(url))), None)


def _totals(parts: Parts) -> dict[str, int | None]:
    """Return what the forum's own statistics count: threads, messages, members, in this order since XenForo 1."""
    widgets = {attribute(each, "data-widget-key"): each for each in parts.with_data("data-widget-key")}
    shown = widgets.get("forum_overview_forum_statistics") or parts.by_id("boardStats")
    counts = figures(within(shown, "dd")[:4])
    return dict(zip(("topics", "posts", "members"), counts, strict=False))


def _reason(parts: Parts) -> str | None:
    """Return what a page without boards is, by its template or by the posts on it."""
    template = _template(parts)
    if not template and parts.first("messageList") is not None:
        return THREAD
    return next((reason for reason, pattern in _TEMPLATES if re.match(pattern, template)), None)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
