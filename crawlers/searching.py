"""Search as a source for what must not be crawled: an area's queries, and the venues that hits are of. Pure.

A hit on a Facebook group becomes a listing from its title, address and snippet alone; the group itself is never
fetched. No listing is given the place that was asked for: an engine asked for Brighton also finds Brighton, Michigan,
and where a venue is has to be told by its own words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from crawlers.links import Link, read_link
from crawlers.snippets import access_in, description_in, is_of_a_person, members_in, name_in, plain
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

MOST_QUERIES = 40
"""For one area: a paid search costs money, and one's own instance asks others."""
_MOST_NAMES = 8
_TOWNS = frozenset({"borough", "district", "city", "town"})

SITES = (
    "site:facebook.com/groups",
    "site:meetup.com",
    "site:nextdoor.co.uk",
    "site:chat.whatsapp.com",
    "site:reddit.com/r",
    "site:t.me",
    "site:discord.com/invite",
    "site:mumsnet.com/talk",
    "site:netmums.com/coffeehouse",
    "site:gransnet.com/forums",
    "forum",
)
"""Where the people wanted are looked for, the most promising first."""

LOOKS = (
    ("memories of a place", "you know you're from"),
    ("notice boards", "community notice board"),
    ("buying and selling", "buy sell swap"),
    ("school parents", "school parents"),
    ("new parents", "new parents baby toddler"),
    ("neighbourhoods", "residents neighbours"),
    ("renters", "renters tenants housing"),
    ("worship", "church mosque temple"),
    ("sport", "football running sports club"),
    ("work", "jobs small business"),
    ("newcomers", "newcomers expats international"),
    ("older people", "over 50s retired"),
    ("pets", "dog walkers pet owners"),
    ("gardens and allotments", "allotment gardening"),
    ("help and giving", "mutual aid freecycle volunteers"),
    ("outings", "what's on things to do"),
)
"""The kinds of place that an organiser looks in besides those of the people wanted, with the words to find them by."""


class Hit(NamedTuple):
    """One result of a search."""

    title: str
    url: str
    snippet: str = ""


def names_of(area: Area, others: str = "") -> list[str]:
    """Return the names to search for: the area's, how else that is spelt, and `others` (divided by ";" or ",").

    St Albans is also Saint Albans, and Newcastle upon Tyne is Newcastle.
    """
    # People of Barking and Dagenham say either; Tyne and Wear, a county, has two rivers in it.
    parts = area.name.split(" and ") if area.kind in _TOWNS and " and " in area.name else []
    names = [area.name, *_respelt(area.name), *parts, *re.split(r"[;,]", others[:1000])]
    tidied = (" ".join(name.replace('"', " ").split()) for name in names)
    return list(dict.fromkeys(name for name in tidied if name))[:_MOST_NAMES]


def container_of(area: Area) -> str:
    """Return the name of what an area lies in, as one says it beside the area's own; empty where it needs none."""
    return area.part_of[0] if area.part_of else ""


def _respelt(name: str) -> Iterator[str]:
    """Yield the other spellings of a name that people use."""
    for pattern, instead in (
        (r"\bSt\.? ", "Saint "),
        (r" and ", " & "),
        (r" (upon|on|under|le|in) .*", ""),
        (r"-", " "),
    ):
        other = re.sub(pattern, instead, name, count=1)
        if other != name and len(other) > 3:
            yield other


def queries(names: list[str], words: str = "", limit: int = MOST_QUERIES, within: str = "") -> list[str]:
    """Return what to ask a search engine, the most promising first and never more than the limit.

    `names` are those of one area, its own first; `words` are for the people wanted; `within` is what the area lies in,
    which brings forward a Newport among its namesakes.
    """
    if not names:
        return []
    wanted = " ".join(words.split())[:100] or "community group"
    first, *others = names
    asked = [f'{SITES[0]} "{first}" {within} {wanted}'] if within else []
    asked += [f'{site} "{first}" {wanted}' for site in SITES]
    asked += [f'{SITES[0]} "{name}" {wanted}' for name in others]
    for name in names:
        asked += [f'{SITES[0]} "{name}" {look}' for _, look in LOOKS]
    return list(dict.fromkeys(asked))[: max(0, limit)]


def listings_of(hits: Iterable[Hit]) -> Iterator[Listing]:
    """Yield the venue that each hit is of, or leads to; a hit of anything else yields nothing."""
    for hit in hits:
        if listing := listing_of(hit):
            yield listing


_ACCEPTED = {
    "facebook": {Kind.GROUP},
    "whatsapp": {Kind.CHAT, Kind.CHANNEL},
    "nextdoor": {Kind.GROUP, Kind.COMMUNITY},
    "meetup": {Kind.MEETUP},
    "reddit": {Kind.COMMUNITY},
    "discord": {Kind.SERVER},
    "telegram": {Kind.CHAT},
    "mumsnet": {Kind.BOARD, Kind.FORUM},
    "netmums": {Kind.BOARD, Kind.FORUM},
    "gransnet": {Kind.BOARD, Kind.FORUM},
    "mailinglist": {Kind.LIST},
    "signal": {Kind.CHAT},
    "linkedin": {Kind.GROUP},
    "healthunlocked": {Kind.COMMUNITY},
}
"""Pages and accounts are not here: most are a business's or one person's."""
_BRITISH = re.compile(r"(^|\.)(nextdoor\.co\.uk|mumsnet\.com|netmums\.com|gransnet\.com)$")


def listing_of(hit: Hit) -> Listing | None:
    """Return the venue that a hit is of or leads to; None for posts' and people's pages, events, items for sale."""
    link = read_link(hit.url)
    if link is None or link.native_id is None:
        return None
    title, snippet = plain(hit.title), plain(hit.snippet)
    if link.platform == "website":
        return _forum(link, title, snippet)
    if link.kind not in _ACCEPTED.get(link.platform, ()) or is_of_a_person(link, title, snippet):
        return None
    named = name_in(link, title, snippet)
    if named is None:
        return None
    facts = f"{title} · {snippet}"
    return Listing(
        platform=link.platform,
        native_id=link.native_id,
        title=named.title,
        kind=link.kind,
        url=link.url,
        # Below a venue, the snippet is what one person wrote there.
        description=None if link.below else description_in(snippet),
        place=named.place,
        country="GB" if _BRITISH.search(urlsplit(link.url).hostname or "") else None,
        members=members_in(facts),
        access=access_in(facts),
    )


_WITHIN = re.compile(
    r"viewtopic|showthread|showtopic|/threads?/|/topics?/|/t/[\w-]+|/d/\d|/discussions?/\d|/posts?/|/comments/|/profile"
    r"|/members?\b|/users?/|/u/|memberlist|log[-_]?in|register|/tags?/|/search|[?&;](t|tid|topic|p|pid)=|\.pdf$",
    re.IGNORECASE,
)
"""What lies within a forum and is no board of it."""
_SHAPES = (
    (r"/viewforum\.php\?.*\bf=\d", "phpbb", Kind.BOARD),
    (r"/forumdisplay\.php\?.*\bfid=\d", "mybb", Kind.BOARD),
    (r"/forumdisplay\.php\?", "vbulletin", Kind.BOARD),
    (r"/index\.php\?.*\bboard=\d", "smf", Kind.BOARD),
    (r"/(index\.php\?)?forums/[\w%-]+\.\d+/?$", "xenforo", Kind.BOARD),
    (r"/forum/\d+-[\w%-]+/?$", "invision", Kind.BOARD),
    (r"/c/[\w-]+(/[\w-]+)?/\d+/?$", "discourse", Kind.BOARD),
    (
        r"^[^/]*/(.*/)?(forums?|boards?|messageboards?|talk|bb|phpbb\d?|smf|community)/?(index\.\w+)?$",
        "forum",
        Kind.FORUM,
    ),
    (r"^(forums?|boards?|talk|community|discuss|bbs)\.[^/]*/?(index\.\w+)?$", "forum", Kind.FORUM),
)
_SAYS_FORUM = re.compile(
    r"\b(forums?|boards?|discussions?|message ?boards?|threads|topics|community of|chat)\b", re.IGNORECASE
)


def _forum(link: Link, title: str, snippet: str) -> Listing | None:
    """Return a forum or a board where the address is shaped like one's and the title or the snippet says so too."""
    address = link.native_id or ""
    if _WITHIN.search(address) or not _SAYS_FORUM.search(f"{title} {snippet}"):
        return None
    for shape, platform, kind in _SHAPES:
        if re.search(shape, address, re.IGNORECASE):
            named = name_in(link, title, "")
            return named and Listing(
                platform=platform,
                native_id=address,
                title=named.title,
                kind=kind,
                url=link.url,
                description=description_in(snippet),
            )
    return None
