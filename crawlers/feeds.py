"""RSS 0.9 to 2.0, RSS 1.0 (RDF), Atom and podcast feeds: what one says of its venue, never who writes.

A feed is read with the entities that XML itself knows and no others: one that defines its own is refused unread, so
it can neither grow in memory (a "billion laughs") nor name a file or an address to be fetched.
"""

from __future__ import annotations

import html
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from bs4.exceptions import ParserRejectedMarkup

from crawlers.markup import attribute, words
from crawlers.parsing import absolute, date_or_none, text_or_none
from venues.errors import PageChanged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bs4 import Tag

    from crawlers.contract import Page

MOST = 200
"""Entries that are read: activity shows in the newest."""
_READ = 2_000_000
"""Characters that are read; a feed may hold twenty years of programmes, the newest first."""
_ROOTS = {"rss", "feed", "rdf", "channel"}
_FIRST = re.compile(r"<([A-Za-z][\w.-]{0,40}(?::[\w.-]{1,40})?)[\s>/]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DATES = ("pubDate", "published", "updated", "date", "modified", "issued")
_MARKUP = re.compile(r"<[^<>]{0,1000}>")
_WEEK = 7 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed says of itself."""

    title: str | None
    description: str | None
    url: str | None
    """The page that the feed belongs to."""
    language: str | None
    podcast: bool
    """Whether its entries are to be listened to."""
    explicit: bool | None
    """Whether it says that it is, or is not, for adults only."""
    entries: int
    newest: datetime | None
    per_week: float | None
    """Entries a week between the oldest and the newest read; None where fewer than three have dates."""


def is_feed(page: Page) -> bool:
    """Tell whether a page is a feed, by its first element."""
    first = _FIRST.search(_COMMENT.sub("", page.text[:4000]))
    return first is not None and _local(first[1]).lower() in _ROOTS


def read_feed(page: Page) -> Feed:
    """Return what a feed says. Raises PageChanged where the page is none, or defines entities of its own."""
    if not is_feed(page):
        raise PageChanged(page.url, "is no feed")
    tree = _tree(page)
    root = tree.find(lambda tag: _local(tag.name).lower() in _ROOTS)
    if root is None:
        raise PageChanged(page.url, "is a feed without a channel")
    channel = root.find("channel", recursive=False) or root
    entries = tree.find_all(["item", "entry"], limit=MOST)
    dates = sorted(date for date in map(_date, entries) if date)
    return Feed(
        title=_text(channel, "title"),
        description=_text(channel, "description", "subtitle", "summary", "tagline"),
        url=_home(page, channel),
        language=_language(channel, root),
        podcast=_is_podcast(channel, entries),
        explicit=_explicit(channel),
        entries=len(entries),
        newest=dates[-1] if dates else _date(channel),
        per_week=_per_week(dates),
    )


def _tree(page: Page) -> BeautifulSoup:
    text = page.text[:_READ].lstrip("\ufeff \t\r\n")
    if "<!ENTITY" in text.upper():
        raise PageChanged(page.url, "is a feed that defines entities of its own, which none needs")
    # The text is decoded by now, and a declaration of another encoding would only mislead.
    text = re.sub(r"^<\?xml[^>]{0,200}\?>", "", text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        try:
            return BeautifulSoup(text, "xml")
        except (ParserRejectedMarkup, ValueError, RecursionError) as error:
            raise PageChanged(page.url, "is XML that cannot be read") from error


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _children(tag: Tag, *names: str) -> list[Tag]:
    """Return an element's own children of these names, in any namespace, in the order of the names."""
    own = tag.find_all(recursive=False)
    return [child for name in names for child in own if _local(child.name) == name]


def _text(tag: Tag, *names: str) -> str | None:
    """Return the first child's words; a feed's texts may hold HTML of their own."""
    for child in _children(tag, *names):
        found = words(child)
        plain = text_or_none(html.unescape(_MARKUP.sub(" ", found))) if found else None
        if plain:
            return plain
    return None


def _home(page: Page, channel: Tag) -> str | None:
    links = [link for link in _children(channel, "link") if attribute(link, "rel") in {"", "alternate"}]
    found = [absolute(page.url, attribute(link, "href") or words(link)) for link in links]
    return next(filter(None, found), None)


def _language(channel: Tag, root: Tag) -> str | None:
    stated = (_text(channel, "language") or attribute(root, "xml:lang")).replace("_", "-")
    return stated if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", stated) else None


def _is_podcast(channel: Tag, entries: Sequence[Tag]) -> bool:
    """Tell by the sound files: a blog that was once fitted with a podcast's fields and has none is a blog."""
    heard = sum(1 for entry in entries if any(map(_is_sound, _children(entry, "enclosure", "link", "content"))))
    if entries:
        return heard * 2 >= len(entries)
    return any(child.prefix == "itunes" for child in channel.find_all(recursive=False))


def _is_sound(tag: Tag) -> bool:
    if attribute(tag, "type").lower().startswith("audio/"):
        return True
    return re.search(r"\.(mp3|m4a|ogg|opus|aac)(\?|$)", attribute(tag, "url").lower()) is not None


def _explicit(channel: Tag) -> bool | None:
    said = next((words(child) for child in _children(channel, "explicit")), None)
    return {"yes": True, "true": True, "explicit": True, "no": False, "false": False, "clean": False}.get(
        (said or "").lower()
    )


def _per_week(dates: Sequence[datetime]) -> float | None:
    weeks = (dates[-1] - dates[0]).total_seconds() / _WEEK if len(dates) > 2 else 0.0
    return round((len(dates) - 1) / weeks, 2) if weeks > 0 else None


def _date(tag: Tag) -> datetime | None:
    return next(filter(None, (date_or_none(words(child)) for child in _children(tag, *_DATES))), None)
