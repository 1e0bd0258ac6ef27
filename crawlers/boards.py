"""What all HTML forums share: a board as a listing, addresses without sessions, and what a page without boards is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from crawlers.contract import NoList
from crawlers.markup import attribute, title, words
from crawlers.parsing import address_id
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bs4 import Tag

_SESSION = re.compile(
    r"(?:sid|phpsessid|session_?id|oscsid|jsessionid|zenid)=[^&;]*|s=(?:[0-9a-f]{16,})?", re.IGNORECASE
)
_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.IGNORECASE)

LOG_IN = "is a log-in page"
REGISTER = "is a registration page"
LOST = "is a page for lost passwords"
SEARCH = "is a search page"
THREAD = "is a single thread"
MEMBERS = "is a page about members"
POSTING = "is a form to write a post"
ERROR = "is an error page"
OTHER = "is no list of boards"

_BY_ADDRESS = (
    (LOST, r"lost-?password|sendpassword|forgot|lostpw|reminder|do=lost|password-?reset"),
    (REGISTER, r"regist(er|ration)|sign-?up|mode=agreement"),
    (LOG_IN, r"log-?in\b|logon|sign-?in\b|do=log\b"),
    (SEARCH, r"search\b|search\.php|/tags?/|whats-?new|find-new"),
    (MEMBERS, r"member|profile|usercp|ucp\.php|/users?/|showgroups|online\b|calendar|contact|sendmessage"),
    (POSTING, r"newthread|newreply|posting\.php|action=post\b|add-?(reply|thread)|create-?topic"),
)
_ADDRESS_RULES = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _BY_ADDRESS)


def canonical(url: str) -> str:
    """Return an address without session ids and fragment, the same for every visitor.

    >>> canonical("https://x.example/viewforum.php?f=12&sid=0a1b#top")
    'https://x.example/viewforum.php?f=12'
    """
    parts = urlsplit(url)
    kept = [(sep, part) for sep, part in _query_parts(parts.query) if part and not _SESSION.fullmatch(part)]
    query = "".join((sep if at else "") + part for at, (sep, part) in enumerate(kept))
    return urlunsplit((parts.scheme, parts.netloc, _IN_PATH.sub("", parts.path), query, ""))


def _query_parts(query: str) -> Iterable[tuple[str, str]]:
    """Split at & and at ;, which Simple Machines uses too."""
    pieces = re.split(r"(&amp;|[&;])", query)
    return zip(["", *pieces[1::2]], pieces[::2], strict=True)


def board(platform: str, url: str, name: str, **facts: Any) -> Listing:
    """Return the listing of a board; `facts` are further fields of Listing."""
    plain = canonical(url)
    return Listing(
        platform=platform, native_id=address_id(plain) or plain, title=name, kind=Kind.BOARD, url=plain, **facts
    )


def forum(platform: str, base_url: str, name: str | None, **facts: Any) -> Listing:
    """Return the listing of the forum as a whole."""
    return Listing(
        platform=platform,
        native_id=address_id(base_url) or base_url,
        title=name or urlsplit(base_url).netloc,
        kind=Kind.FORUM,
        url=base_url,
        **facts,
    )


def nested(*names: str | None) -> str | None:
    """Return the parent of a board from what contains it, outermost first: "Region > Town"."""
    return " > ".join(name for name in names if name) or None


def once(listings: Iterable[Listing]) -> list[Listing]:
    """Return each venue once, the first with what the later ones add of it left out."""
    found: dict[str, Listing] = {}
    for listing in listings:
        found.setdefault(listing.native_id, listing)
    return list(found.values())


def no_list(url: str, tree: Tag, threads: re.Pattern[str] | None = None) -> NoList:
    """Return the error that says what a page without boards is. `threads` matches the addresses of single threads."""
    return NoList(url, _what_is(url, tree, threads))


def _what_is(url: str, tree: Tag, threads: re.Pattern[str] | None) -> str:
    parts = urlsplit(url)
    asked = parts.path + "?" + parts.query
    if threads and threads.search(asked):
        return THREAD
    for reason, pattern in _ADDRESS_RULES:
        if pattern.search(asked):
            return reason
    passwords = [each for each in tree.find_all("input") if attribute(each, "type").lower() == "password"]
    if len(passwords) > 1:
        return REGISTER
    heading = f"{title(tree) or ''} {words(tree.find('h1'), 200) or ''}".lower()
    if re.search(r"\b(error|not found|404|403|forbidden|fehler|erreur)\b", heading):
        return ERROR
    return LOG_IN if passwords else OTHER
