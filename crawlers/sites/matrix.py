"""Matrix homeservers, by the public room directory of the client-server API.

Settings: `base_url` (the server that is asked) and `server` (whose rooms, if not its own: the directory is federated).
A server may refuse to show its directory to those who are not logged in; then it needs a key, which we do not send.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlsplit

from crawlers.contract import About, Mark, Page, Request
from crawlers.parsing import count_or_none, dig, items, text_or_none
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_ACCESS = {
    "public": Access.OPEN,
    "knock": Access.ON_REQUEST,
    "knock_restricted": Access.ON_REQUEST,
    "restricted": Access.INVITED,
    "invite": Access.INVITED,
    "private": Access.CLOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The public rooms and spaces that one homeserver lists."""

    base_url: str
    server: str | None = None
    page_size: int = 100

    about: ClassVar[About] = About(
        platform="matrix",
        website="https://matrix.org",
        terms="https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3publicrooms",
        official_api=True,
        how="the public room directory of a homeserver, `GET /_matrix/client/v3/publicRooms`",
        limits="a server may refuse guests",
        marks=(
            Mark("path", "/_matrix/client/v3/publicRooms?limit=1", says=r'"chunk"'),
            Mark("path", "/_matrix/client/versions", says=r'"versions"\s*:\s*\['),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - the directory cannot be asked for a place
        """Ask for the first page of the directory."""
        first = Request(url=f"{self.base_url.rstrip('/')}/_matrix/client/v3/publicRooms", note="rooms")
        first = first.with_params(limit=self.page_size)
        yield first.with_params(server=self.server) if self.server else first

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read one page of rooms, and ask for the next where the server offers one."""
        reply = page.json()
        if not isinstance(dig(reply, "chunk"), list):
            raise PageChanged(page.url, "is no list of public rooms: it has no chunk")
        for room in items(reply, "chunk"):
            listing = self._listing(room)
            if listing:
                yield listing
        token = dig(reply, "next_batch")
        if not isinstance(token, str) or not token:
            return
        if token == page.request.param("since"):
            raise PageChanged(page.url, "names itself as the next page")
        yield page.request.with_params(since=token)

    def _listing(self, room: dict[str, Any]) -> Listing | None:
        alias = text_or_none(room.get("canonical_alias"), 255)
        native_id = alias or text_or_none(room.get("room_id"), 255)
        if native_id is None:
            return None
        # A room without a rule is public, says the specification; a rule not known here says nothing.
        rule = room.get("join_rule", "public")
        return Listing(
            platform=self.about.platform,
            native_id=native_id,
            kind=Kind.COMMUNITY if room.get("room_type") == "m.space" else Kind.CHAT,
            # An alias says something, an opaque id nothing: before that, the first words of the topic.
            title=text_or_none(room.get("name")) or alias or text_or_none(room.get("topic"), 80) or native_id,
            description=text_or_none(room.get("topic")),
            url=self._address(native_id, known_by_alias=alias is not None),
            members=count_or_none(room.get("num_joined_members")),
            access=_ACCESS.get(rule) if isinstance(rule, str) else None,
        )

    def _address(self, native_id: str, *, known_by_alias: bool) -> str:
        link = f"https://matrix.to/#/{quote(native_id, safe='#!:@+=&~')}"
        if known_by_alias:
            return link
        # The id of a room does not say where it is, so a client must be told whom to ask.
        return f"{link}?via={quote(self.server or urlsplit(self.base_url).netloc, safe=':')}"
