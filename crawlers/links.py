"""What an address is: of which platform, which venue there, and whether it may be fetched. Nothing is asked.

Each platform's addresses come in many spellings; `read_link` gives the one by which the platform itself knows a venue.
What lies below a venue (a post in a group) leads to the venue. What is no venue (a person, an event, an item for sale)
has no `native_id`, and `what` says what it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from crawlers.link_spellings import PLATFORMS, address_of
from crawlers.parsing import address_id, url_or_none
from crawlers.unfetched import is_never_fetched

if TYPE_CHECKING:
    from venues.model import Kind

_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|igshid|mc_[ce]id|ref(_src)?|si|srsltid|sid|phpsessid|s", re.IGNORECASE)
"""Parameters that say how one came, or who one is, and not where one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is known of an address from its letters alone."""

    platform: str
    """"website" where it is none of those known here."""
    url: str
    """The venue's address in the platform's own spelling; of what is no venue, the address as it was given."""
    what: str
    """In words, with its article: "a Facebook group", "a person's profile"."""
    native_id: str | None = None
    """The platform's own name for the venue; None: the address is of no venue."""
    kind: Kind | None = None
    below: bool = False
    """Whether the address given was of something within the venue, such as one post."""
    name: str | None = None
    """The name in the address, where it has one in words: "brighton-mums"; None for a number or a code."""
    may_fetch: bool = True
    """False: the host is never asked, so that a title must come from somewhere else."""


def read_link(url: str) -> Link | None:
    """Return what an address is; None if it is no http or https address at all."""
    usable = url_or_none(url)
    if usable is None:
        return None
    usable = _behind(usable)
    address = address_of(usable)
    may_fetch = not is_never_fetched(address.host)
    for platform, hosts, read in PLATFORMS:
        if hosts.fullmatch(address.host):
            found = read(address)
            if isinstance(found, str):
                return Link(platform=platform, url=usable, what=found, may_fetch=may_fetch)
            return Link(platform=platform, may_fetch=may_fetch, **found._asdict())
    tidy = untracked(usable)
    return Link(platform="website", url=tidy, what="a website", native_id=address_id(tidy), may_fetch=may_fetch)


_DETOUR = re.compile(
    r"(www\.)?google(\.[a-z]{2,3}){1,2}/url|lm?\.facebook\.com/l\.php|duckduckgo\.com/l/", re.IGNORECASE
)


def _behind(url: str) -> str:
    """Return the address that a search engine's or Facebook's own way out leads to, or the address itself."""
    parts = urlsplit(url)
    if not _DETOUR.fullmatch(f"{parts.hostname}{parts.path}"):
        return url
    given = dict(parse_qsl(parts.query))
    leads_to = (url_or_none(given.get(name)) for name in ("q", "url", "u", "uddg"))
    return next((each for each in leads_to if each), url)


def untracked(url: str) -> str:
    """Return an address without its fragment and the parameters that say how one came there, or who one is."""
    parts = urlsplit(url)
    # Piece by piece: some forums write queries that are no pairs, such as "?12-Main-Board".
    kept = [each for each in parts.query.split("&") if not _TRACKING.fullmatch(each.partition("=")[0])]
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path, "&".join(kept), ""))
