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

_KEPT_COPY = re.compile(r"^https?://[^/]+/web/\d{4,14}[a-z_]{0,4}/(https?://.+)$")
"""An address of a public archive, around that of the page it has a copy of."""
_NOT_PLAIN = re.compile(r"#|/web/\d|[?&;](?:s|sid|\w*sess\w*|oscsid|zenid)=|;", re.IGNORECASE)

LOG_IN = "is a log-in page"
REGISTER = "is a registration page"
LOST = "is a page for lost passwords"
SEARCH = "is a search page"
THREAD = "is a single thread"
MEMBERS = "is a page about members"
CONTACT = "is a contact form"
CALENDAR = "is a calendar"
PORTAL = "is a portal page"
POSTING = "is a form to write a post"
ERROR = "is an error page"
OTHER = "is no list of boards"

_BY_ADDRESS = (
    (LOST, r"lost-?password|sendpassword|forgot|lostpw|reminder|do=lost|password-?reset"),
    (REGISTER, r"regist(er|ration)|sign-?up|mode=agreement"),
    (LOG_IN, r"log-?in\b|logon|sign-?in\b|do=log\b"),
    (
        SEARCH,
        r"search\b|search_?id|/tags?/|whats-?new|find-new|active-?topics|unanswered|newposts|unread|action=recent",
    ),
    (MEMBERS, r"member|profile|usercp|ucp\.php|/users?/|showgroups|online\b"),
    (CONTACT, r"contact|sendmessage"),
    (CALENDAR, r"calendar"),
    (PORTAL, r"portal\.php|action=portal"),
    (POSTING, r"newthread|newreply|posting\.php|action=post\b|add-?(reply|thread)|create-?topic"),
)
_BODY = re.compile(r"<body\b[^>]{0,300}\b(?:section-|action_)(\w{1,20})")
_SCRIPTS = {
    **dict.fromkeys(("search", "search2", "recent", "unread", "unreadreplies"), SEARCH),
    **dict.fromkeys(("memberlist", "mlist", "profile", "viewonline", "who", "ucp"), MEMBERS),
    **dict.fromkeys(("login", "login2"), LOG_IN),
    **dict.fromkeys(("register", "signup"), REGISTER),
    **dict.fromkeys(("posting", "post"), POSTING),
    **dict.fromkeys(("viewtopic", "display"), THREAD),
    "reminder": LOST,
    "calendar": CALENDAR,
}
"""phpBB 3 and Simple Machines 2.1 name it."""
_ADDRESS_RULES = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _BY_ADDRESS)


_FAULT = re.compile(r"\b(?:error|not found|404|403|forbidden|fehler|erreur|ошибка)\b", re.IGNORECASE)
_ENTRANCE = re.compile(
    r"\blog ?-?in\b|sign ?-?in|anmeld|connexion|identif|acceso|iniciar|accedi|вход|zaloguj|giriş|inlog|logga|ورود",
    re.IGNORECASE,
)


def canonical(url: str) -> str:
    """Return an address without session ids and fragment, the same for every visitor.

    >>> canonical("https://x.example/viewforum.php?f=12&sid=0a1b#top")
    'https://x.example/viewforum.php?f=12'
    """
    if not _NOT_PLAIN.search(url):
        return url
    copy = _KEPT_COPY.match(url)
    url = copy[1] if copy else url
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


def by_body(source: str) -> str | None:
    """Return what a page without boards is, as far as its <body> names the script that made it."""
    found = _BODY.search(source)
    return _SCRIPTS.get(found[1].lower()) if found else None


def by_address(url: str) -> str | None:
    """Return what a page without boards is, as far as its address shows it."""
    asked = _asked(url)
    return next((reason for reason, pattern in _ADDRESS_RULES if pattern.search(asked)), None)


def _asked(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _what_is(url: str, tree: Tag, threads: re.Pattern[str] | None) -> str:
    if threads and threads.search(_asked(url)):
        return THREAD
    known = by_address(url)
    if known:
        return known
    heading = f"{title(tree) or ''} {words(tree.find('h1'), 200) or ''}"
    if _FAULT.search(heading):
        return ERROR
    return _by_forms(tree, heading) or OTHER


def _by_forms(tree: Tag, heading: str) -> str | None:
    """Tell log-in and registration by their password fields; a page full of links has a small log-in form besides."""
    fields = [each for each in tree.find_all("input") if attribute(each, "type").lower() == "password"]
    forms = [id(each.find_parent("form")) for each in fields]
    if len(forms) > len(set(forms)):
        return REGISTER
    few_links = len(tree.find_all("a", limit=60)) < 60
    return LOG_IN if fields and (few_links or _ENTRANCE.search(heading)) else None
