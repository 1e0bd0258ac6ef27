"""What a search engine's title and snippet say of a venue: its name, how many are in it, who may come in."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

from crawlers.parsing import count_or_none, text_or_none
from venues.model import Access, Kind

if TYPE_CHECKING:
    from crawlers.links import Link

_READ = 2000
"""Characters of a text that are looked at: no engine shows more."""
_TAG = re.compile(r"<[^<>]{0,200}>")
_SITES = (
    r"Facebook(?: groups?)?|Meetup|Nextdoor|Reddit|Telegram(?: (?:Group|Channel))?|WhatsApp(?: Group(?: Invite)?)?"
    r"|Discord|Mumsnet(?: Talk| Forum)?|Netmums(?: Chat)?|Gransnet|LinkedIn|Slack|Log ?in|Home"
)
_ENDING = re.compile(rf"\s*(?:\s[|\-–—•·:]|[|•·:])\s*(?:{_SITES})\s*\.{{0,3}}$", re.IGNORECASE)
_LEADING = re.compile(
    rf"^(?:\(\d{{1,3}}\+?\)\s*|(?:{_SITES})\s*[|\-–—•·:]\s*|Join (?:the )?(?=\S.{{0,200}}Discord Server!?$))",
    re.IGNORECASE,
)
_SERVER = re.compile(r"\s*Discord Server!?$", re.IGNORECASE)
_INDEX = re.compile(r"\s*[|\-–—•·:]\s*(?:Index page|Forum index|Home ?page|Index)$", re.IGNORECASE)
_SAYS_NOTHING = re.compile(
    rf"(?:{_SITES}|log ?in(?:to)?.{{0,60}}|sign up.{{0,40}}|.{{0,40}}log in or sign up.{{0,40}}|groups?"
    r"|join (?:group chat|whatsapp.{0,20}|group|.{0,20}server)|(?:contact|view) @\w+|index(?: page)?|redirecting.{0,5}"
    r"|error|(?:page|content) (?:not found|isn.t available.{0,30})|invite|group invite|untitled|posts?|forums?|@\w+)",
    re.IGNORECASE,
)
"""Titles of pages that have no title of their own."""
_PLACED = re.compile(r"^(?P<name>.{2,150}?)\s*\((?P<place>[^()]{2,80})\)$")
_SENTENCE = re.compile(
    r"[?!]$|(?:\.\.\.|…)$"
    r"|\b(?:i|i'm|im|my|me|anyone|anybody|does|hi|hello|hey|looking for|please|selling|lost|found)\b",
    re.IGNORECASE,
)
_WORDS_OF_A_NAME = 10
_MEMBERS = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[ ,.\u00a0\u202f]\d{3})+|\d{1,9}(?:[.,]\d{1,2})?)(\s?(?:k|m|thousand|million)\b)?\+?\s{1,3}"
    r"(?:other |active |total )?(?:members|subscribers|neighbou?rs|people are (?:in|members))\b",
    re.IGNORECASE,
)
_ACCESS = re.compile(r"\b(public|private|closed|secret) group\b", re.IGNORECASE)
_ACCESSES = {"public": Access.OPEN, "private": Access.ON_REQUEST, "closed": Access.ON_REQUEST, "secret": Access.INVITED}
_FACTS = re.compile(
    r"\s*(?:\b(?:public|private|closed|secret) group\b|\b[\d.,]{1,12}[km]?\+? (?:members|subscribers|followers)\b"
    r"|\b\d{1,4}\+? posts? a (?:day|week|month)\b|\bjoin group\b|\bjoined\b|\b\d{1,3} (?:hours?|days?|weeks?) ago\b)"
    r"\s*[.·•|—–-]?",
    re.IGNORECASE,
)
_IN_TELEGRAM = re.compile(
    r"you can (?P<does>contact|view and join|join|view) (?P<name>.{1,120}?) right away", re.IGNORECASE
)
_ON_DISCORD = re.compile(r"check out the (?P<name>.{2,100}?) community on discord", re.IGNORECASE)


class Named(NamedTuple):
    """What a hit calls a venue."""

    title: str
    place: str | None = None
    """Where the title says that it is, in words."""


def plain(text: object) -> str:
    """Return a hit's text without marks of emphasis and the like; empty where there is none."""
    if not isinstance(text, str):
        return ""
    return text_or_none(html.unescape(_TAG.sub("", text[:_READ]))) or ""


def members_in(text: str) -> int | None:
    """Return how many are in a venue: "Public group · 12K members"."""
    found = _MEMBERS.search(text)
    return count_or_none(f"{found[1]}{(found[2] or '').strip()}") if found else None


def access_in(text: str) -> Access | None:
    """Return who may come in, where the platform's own words say it."""
    found = _ACCESS.search(text)
    return _ACCESSES[found[1].lower()] if found else None


def description_in(snippet: str) -> str | None:
    """Return what a snippet says beyond the counts; None where that is next to nothing."""
    rest = _FACTS.sub(" ", snippet).lstrip(" .·•|—–-").rstrip(" ·•|—–-")
    return text_or_none(rest, 500) if len(rest) >= 12 and not _SAYS_NOTHING.fullmatch(rest) else None


def is_of_a_person(link: Link, title: str, snippet: str) -> bool:
    """Tell whether a public name on Telegram is a person's, or may be: people and groups have addresses alike."""
    if link.platform != "telegram" or (link.native_id or "").startswith("+") or link.below:
        return False
    told = _IN_TELEGRAM.search(snippet)
    if told:
        return told["does"].lower() == "contact"
    return not re.search(r"\b(members|subscribers|channel|group|chat|community)\b", f"{title} {snippet}", re.IGNORECASE)


def name_in(link: Link, title: str, snippet: str) -> Named | None:
    """Return the venue's name from its hit; None where nothing in it is one."""
    if link.platform == "reddit" and link.name:
        return Named(link.name)
    if link.platform in {"mumsnet", "netmums", "gransnet"}:
        site = link.platform.capitalize()
        return Named(f"{site}: {spelt_out(link.name)}" if link.name else f"{site} forum")
    said = _in_snippet(snippet) or _in_title(title)
    if link.below:
        said = _above_post(said) if link.platform == "facebook" else ""
    if _SAYS_NOTHING.fullmatch(said):
        said = ""
    if link.platform == "nextdoor" and link.kind is Kind.COMMUNITY and (where := _neighbourhood(link)):
        return Named(said or where[0], ", ".join(where))
    placed = _PLACED.match(said) if link.platform == "meetup" else None
    if placed:
        return Named(placed["name"], placed["place"])
    return Named(said or spelt_out(link.name or "")) if said or link.name else None


def _above_post(said: str) -> str:
    """Return the group's name in the title of a post's page: "Group | What was written", or the group's name alone."""
    before, divided, _ = said.partition(" | ")
    return before if divided or _is_a_name(before) else ""


def _neighbourhood(link: Link) -> list[str]:
    """Return the names in ".../neighbourhood/hanover--brighton--england", the smallest first."""
    parts = [spelt_out(part) for part in (link.native_id or "").rpartition("/")[2].split("--")]
    return [part.upper() if len(part) == 2 else part.title() for part in parts if part]


def spelt_out(slug: str) -> str:
    """Return the name in an address as words.

    >>> spelt_out("brighton-mums_club"), spelt_out("brightonMums"), spelt_out("brightonmums")
    ('Brighton mums club', 'Brighton Mums', 'brightonmums')
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", slug)
    words = " ".join(re.split(r"[-_.\s]+", words)).strip()
    return words[:1].upper() + words[1:] if " " in words else words


def _in_snippet(snippet: str) -> str:
    found = _IN_TELEGRAM.search(snippet) or _ON_DISCORD.search(snippet)
    return found["name"].strip() if found else ""


def _in_title(title: str) -> str:
    said = title[:300]
    for _ in range(3):
        said = _INDEX.sub("", _ENDING.sub("", _LEADING.sub("", said))).strip(" |•·-–—")
    return _SERVER.sub("", said)


def _is_a_name(text: str) -> bool:
    """Tell whether words are a group's name rather than what somebody wrote there."""
    return bool(text) and len(text.split()) <= _WORDS_OF_A_NAME and not _SENTENCE.search(text)
