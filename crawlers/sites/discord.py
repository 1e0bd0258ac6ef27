"""Discord servers, by invitations that an organiser has: what the invitation itself shows, and never a member.

Setting: `invites`, the codes or links, divided by spaces, ";" or ",".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from crawlers.contract import About, NoList, Page, Request
from crawlers.links import read_link
from crawlers.parsing import count_or_none, dig, text_or_none
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_NSFW = {1: True, 2: False, 3: True}
"""Discord's levels: 1 explicit, 2 safe, 3 age-restricted; 0 says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discord:
    """The servers that some invitations lead to."""

    invites: str

    about: ClassVar[About] = About(
        platform="discord",
        website="https://discord.com",
        terms="https://discord.com/developers/docs/policies-and-agreements/developer-policy",
        official_api=True,
        how="by link only: `GET /api/v10/invites/{code}?with_counts=true` for invitations that an organiser gives",
        limits="1 request a second, X-RateLimit-*; no search, no members",
        pace=1.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - an invitation is to one server, wherever
        """Ask what each invitation is to."""
        for code in dict.fromkeys(_code(each) for each in re.split(r"[\s;,]+", self.invites)):
            if code:
                invite = Request(url=f"https://discord.com/api/v10/invites/{code}", note="invite")
                yield invite.with_params(with_counts="true")

    def read(self, page: Page) -> Iterator[Listing]:
        """Read one invitation."""
        reply = page.json()
        code = text_or_none(dig(reply, "code"), 64)
        if code is None or not isinstance(reply, dict):
            raise PageChanged(page.url, "is no invitation")
        name = text_or_none(dig(reply, "guild", "name"))
        if name is None:
            raise NoList(page.url, "is an invitation to a private conversation and not to a server")
        level = dig(reply, "guild", "nsfw_level")
        yield Listing(
            platform=self.about.platform,
            # The code is what search hits, open lists and organisers have; the server's number is behind it.
            native_id=code,
            kind=Kind.SERVER,
            title=name,
            url=f"https://discord.gg/{code}",
            description=text_or_none(dig(reply, "guild", "description")),
            members=count_or_none(dig(reply, "approximate_member_count")),
            active_members=count_or_none(dig(reply, "approximate_presence_count")),
            access=Access.OPEN,
            nsfw=_NSFW.get(level) if isinstance(level, int) else None,
        )


def _code(text: str) -> str | None:
    """Return the code in what an organiser gave: the code itself, or a link with it."""
    link = read_link(text if "://" in text else f"https://{text}") if "/" in text else None
    code = link.native_id if link and link.platform == "discord" else text
    return code if code and re.fullmatch(r"[\w-]{2,64}", code) else None
