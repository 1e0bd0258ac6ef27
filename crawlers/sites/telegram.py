"""Telegram channels and groups, by public names that an organiser or an open list gives; off unless a setting says so.

Settings: `names` (names or links, divided by spaces, ";" or ","), `allowed` (true: look them up). Telegram's terms
speak against scraping, so this is for single look-ups of a preview that anyone sees. No message is read, and no name
in one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bs4 import BeautifulSoup

from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.links import read_link
from crawlers.parsing import count_or_none, date_or_none, text_or_none
from venues.errors import Blocked, PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from venues.model import Area

_COUNT = re.compile(r"(\d[\d\s.,]{0,14}[KM]?)\s*(subscriber|member)s?\b", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w/])@\w{4,32}")
"""Descriptions name whom to write to, and we keep nothing of persons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telegram:
    """Channels and groups looked up one by one."""

    names: str = ""
    allowed: bool = False

    about: ClassVar[About] = About(
        platform="telegram",
        website="https://telegram.org",
        terms="https://telegram.org/tos",
        official_api=False,
        how="by link only, and off by default: the preview at t.me of names that an organiser gives",
        limits="1 request in 5 seconds; no search, no messages, no members",
        marks=(Mark("markup", r"class=\"tgme_(page_title|channel_info|header_info)"),),
        pace=5.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a name is one group's, wherever
        """Ask for each preview. Raises Blocked unless the settings allow it."""
        if not self.allowed:
            raise Blocked(
                "telegram", "is off: its terms speak against automated reading; allowed=true permits single look-ups"
            )
        for name in dict.fromkeys(_name(each) for each in re.split(r"[\s;,]+", self.names)):
            if name:
                # A channel has a preview with its latest messages' times; a group is sent on to its plain page.
                yield Request(url=f"https://t.me/s/{name}", accept="text/html", note="preview")

    def read(self, page: Page) -> Iterator[Listing]:
        """Read a preview."""
        soup = BeautifulSoup(page.text, "lxml")
        name = _name(page.url)
        title = _text(soup, ".tgme_channel_info_header_title", ".tgme_page_title", ".tgme_header_title")
        if title is None or name is None:
            if soup.select_one(".tgme_widget_message, .tgme_page"):
                raise NoList(page.url, "shows a message, or a page that is nobody's, and no channel or group")
            raise PageChanged(page.url, "is no preview of Telegram's")
        count = _COUNT.search(_counters(soup))
        if count is None:
            raise NoList(page.url, "is a person's page, or a channel or group that says nothing of its size")
        described = _text(soup, ".tgme_channel_info_description", ".tgme_page_description")
        yield Listing(
            platform=self.about.platform,
            native_id=name,
            kind=Kind.CHANNEL if count[2].lower() == "subscriber" else Kind.CHAT,
            title=title,
            url=f"https://t.me/{name}",
            description=_MENTION.sub("…", described) if described else None,
            members=count_or_none("".join(count[1].split())),
            last_post_at=_latest(soup),
        )


def _name(text: str) -> str | None:
    """Return the public name in what was given: the name itself, with or without "@", or a link with it."""
    link = read_link(text if "://" in text else f"https://{text}") if "/" in text else None
    name = link.native_id if link and link.platform == "telegram" else text.removeprefix("@").lower()
    return name if name and re.fullmatch(r"[a-z]\w{3,31}", name) else None


def _text(soup: BeautifulSoup, *selectors: str) -> str | None:
    """Return the words of the first of these that the page has."""
    for selector in selectors:
        found = soup.select_one(selector)
        if found and (text := text_or_none(found.get_text(" "))):
            return text
    return None


def _counters(soup: BeautifulSoup) -> str:
    found = soup.select(".tgme_channel_info_counter, .tgme_page_extra, .tgme_header_counter")
    return " · ".join(each.get_text(" ", strip=True) for each in found[:20])


def _latest(soup: BeautifulSoup) -> datetime | None:
    """Return the time of the latest message that the preview shows."""
    times = [date_or_none(each.get("datetime")) for each in soup.select(".tgme_widget_message time[datetime]")]
    return max((each for each in times if each), default=None)
