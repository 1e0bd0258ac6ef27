"""Chat rooms of a Prosody server, by the HTML list of its module http_muc_log.

Settings: `base_url` (the address of the list: "https://rooms.example.org/muc_log", whose host is that of the rooms).
The list has each public room's name and description. The logs behind it are what people said: they are never read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urljoin, urlsplit

from crawlers.boards import no_list
from crawlers.by_class import outermost
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.markup import attribute, link, soup, words
from crawlers.parsing import address_id
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4 import Tag

    from venues.model import Area

_UNNAMED = "Prosody Chatrooms"
"""What a server is called that nobody named."""
_ADDRESS = re.compile(r"xmpp:(?:(?P<room>[^@/?#\s]{1,250})@)?(?P<host>[^@/?#\s]{1,250})$")

_DAY = re.compile(r" - \d{4}-\d\d-\d\d$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    """The public rooms of one Prosody server."""

    base_url: str

    about: ClassVar[About] = About(
        platform="prosody",
        website="https://prosody.im",
        terms="None are common to all servers; each server's own, and its robots.txt.",
        official_api=False,
        how="HTML, the room list of mod_http_muc_log (/muc_log/)",
        limits="never a room's log",
        marks=(
            Mark("markup", r"class=\"powered-by\">\s*Prosody<|<dl class=\"room-list\">"),
            Mark("path", "/muc_log/", r"<dl class=\"room-list\">"),
        ),
    )

    def plan(self, area: Area | None) -> Iterator[Request]:  # noqa: ARG002 - the list cannot be asked for a place
        """Ask for the list of rooms."""
        yield Request(url=f"{self.base_url.rstrip('/')}/", accept="text/html", note="rooms")

    def read(self, page: Page) -> Iterator[Listing]:
        """Read the list of rooms; of a room's own page, that one room."""
        tree = soup(page)
        heading = tree.find("h1")
        rooms = tree.find("dl", class_="room-list")
        address = _ADDRESS.match(attribute(heading, "title"))
        if rooms is None or heading is None:
            raise no_list(page.url, tree)
        if address and address["room"]:
            # Also a day of its log names the room; what was said that day is not read.
            name = _DAY.sub("", words(heading, 300) or "")
            yield self._room(urljoin(page.url, "./"), address[0].removeprefix("xmpp:"), name, heading)
            return
        entries = rooms.find_all("dt", class_="name")
        if not entries:
            raise NoList(page.url, "shows no public room")
        for entry in outermost(entries):
            yield from self._entry(page, entry, address["host"] if address else None, words(heading, 300))

    def _entry(self, page: Page, entry: Tag, host: str | None, server: str | None) -> Iterator[Listing]:
        anchor = entry.find("a")
        url = link(page, anchor)
        if url is None:
            return
        # The link may lead to the newest day's log; the room is its first part.
        local = attribute(anchor, "href").removeprefix("./").partition("/")[0].partition("?")[0]
        described = entry.find_next_sibling()
        yield self._room(
            urljoin(page.url, f"{local}/"),
            f"{unquote(local)}@{host}" if host and local else None,
            words(anchor, 300),
            entry,
            description=words(described) if described is not None and described.name == "dd" else None,
            parent=None if server == _UNNAMED else server,
        )

    def _room(
        self,
        url: str,
        address: str | None,
        name: str | None,
        stated: Tag,
        description: str | None = None,
        parent: str | None = None,
    ) -> Listing:
        return Listing(
            platform=self.about.platform,
            native_id=address or address_id(url) or url,
            title=name or address or urlsplit(url).path,
            kind=Kind.CHAT,
            url=url,
            description=description,
            parent=parent,
            language=attribute(stated, "lang") or None,
        )
