"""The use case behind `venues add`: one space that an organiser knows, by its address.

What may be asked is asked, politely and once; what may not (Facebook, WhatsApp, Nextdoor, Meetup ...) is taken in from
the organiser's own words alone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawlers.contract import Manners
from crawlers.detecting import GENERIC
from crawlers.fetching import Fetcher
from crawlers.links import read_link
from crawlers.registry import build
from crawlers.running import Limits, run
from crawlers.sites.web import sureness
from venues import __version__
from venues.errors import QueryError
from venues.model import Kind, Listing, Site

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crawlers.contract import Gate, Page, Request
    from crawlers.links import Link
    from crawlers.running import CrawlOutcome

SOURCE = "added by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the organiser says of it; it counts before what a page says."""

    title: str | None = None
    description: str | None = None
    place: str | None = None
    country: str | None = None
    kind: Kind | None = None
    members: int | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What came of it."""

    listing: Listing
    asked: bool
    """Whether the address itself was read."""
    trouble: str | None = None
    """Why it was not, where it might have been."""
    sure: float = 1.0
    """How sure the reader is that the page is about this one venue, 0 to 1."""


def venue_at(url: str, given: Given, contact: str, now: Callable[[], datetime]) -> Added:
    """Return the venue at an address, as far as it can be known. Keeps nothing.

    Raises QueryError, with what to do, where the address is of no venue or too little is known of it.
    """
    link = read_link(url)
    if link is None:
        raise QueryError(
            f'"{url}" is no web address. Write it whole, such as https://www.facebook.com/groups/leedsdads'
        )
    if link.native_id is None:
        raise QueryError(f"{url} is {link.what}, not a space to join. Give the address of the space itself.")
    site = _site_of(link)
    outcome, sure = asyncio.run(_asked(site, contact, now)) if site else (None, 1.0)
    found = _own(outcome, link) if outcome else None
    trouble = outcome.error.reason if outcome and outcome.error and not found else None
    return Added(_listing(link, found, given, trouble, now()), asked=found is not None, trouble=trouble, sure=sure)


def _site_of(link: Link) -> Site | None:
    """Return whom to ask about a link, if anybody may be."""
    if link.platform == "discord":
        return Site(name="discord:", platform="discord", options=(("invites", link.url),))
    # A Telegram preview is off by default, and Reddit's pages are closed to programs.
    if not link.may_fetch or link.platform in {"telegram", "reddit"}:
        return None
    return Site(name="web:", platform="web", options=(("url", link.url),))


async def _asked(site: Site, contact: str, now: Callable[[], datetime]) -> tuple[CrawlOutcome, float]:
    """Return what came of asking, and how sure the generic reader is of the first page."""
    async with Fetcher(contact=contact, version=__version__) as fetcher:
        gate = _Remembering(fetcher)
        outcome = await run(site, build(site), gate, now=now, limits=Limits(pages=2, seconds=60.0))
    return outcome, sureness(gate.first) if gate.first and site.platform == GENERIC else 1.0


@dataclass(slots=True)
class _Remembering:
    """A gate that keeps the first page it let through."""

    gate: Gate
    first: Page | None = None

    async def fetch(self, request: Request, manners: Manners = Manners()) -> Page:  # noqa: B008 - frozen
        page = await self.gate.fetch(request, manners)
        self.first = self.first or page
        return page


def _own(outcome: CrawlOutcome, link: Link) -> Listing | None:
    """Return what a page says of the venue that it is about; the boards it lists are venues of their own."""
    same = [each for each in outcome.listings if each.native_id == link.native_id]
    others = [each for each in outcome.listings if each.kind is not Kind.BOARD]
    return next(iter([*same, *others]), None)


def _listing(link: Link, found: Listing | None, given: Given, trouble: str | None, now: datetime) -> Listing:
    title = given.title or (found.title if found else None)
    if not title:
        why = f" ({trouble})" if trouble else ": it is not asked" if not link.may_fetch else ""
        raise QueryError(f"What {link.url} is called could not be told{why}. Say it with --title.")
    base = found or Listing(platform=link.platform, native_id=link.native_id or link.url, title=title)
    return replace(
        base,
        platform=link.platform,
        native_id=link.native_id or link.url,
        title=title,
        url=link.url,
        kind=given.kind or (found.kind if found and found.kind not in {None, Kind.OTHER} else None) or link.kind,
        description=given.description or base.description,
        place=given.place or base.place,
        country=given.country or base.country,
        members=given.members if given.members is not None else base.members,
        seen_at=now,
        source=SOURCE,
        source_url=link.url,
    )
