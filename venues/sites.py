"""The use cases behind `venues sites` and `venues read`: which sites are asked, and what a crawler sees in a page."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from crawlers.addresses import origin, says_it_is_private
from crawlers.bodies import encoding_of
from crawlers.cleaning import cleaned
from crawlers.contract import Page, Request
from crawlers.detecting import look_at, root_of
from crawlers.fetching import Fetcher
from crawlers.keys import missing_for
from crawlers.parsing import url_or_none
from crawlers.probing import probe
from crawlers.registry import build, platforms, site_from
from crawlers.running import manners_of
from crawlers.unfetched import is_never_fetched
from venues import __version__
from venues.errors import AddressRefused, QueryError, Unreachable
from venues.model import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from crawlers.detecting import Seen
    from crawlers.probing import Probed
    from venues.model import SiteState

_MOST_BYTES = 50 * 1024 * 1024


def read_saved(path: Path, url: str) -> Seen:
    """Return what a crawler sees in a saved page. Raises QueryError where the file or the address is unusable.

    Words such as "yesterday" in the page are taken from the time at which the file was written.
    """
    try:
        saved = path.stat()
        if saved.st_size > _MOST_BYTES:
            raise QueryError(f"{path} has {saved.st_size:,} bytes; a page has at most {_MOST_BYTES:,}.")
        body = path.read_bytes()
    except OSError as error:
        raise QueryError(f"{path} cannot be read: {error.strerror}. Check the name.") from error
    return read_page(body, url, datetime.fromtimestamp(saved.st_mtime, UTC))


def read_page(body: bytes, url: str, saved_at: datetime) -> Seen:
    """Return what a crawler sees in a page that was saved from an address. Raises QueryError if that is none."""
    if url_or_none(url) is None:
        raise QueryError(
            f'"{url}" is no address of a page. Write it whole, such as https://forum.example.org/index.php'
        )
    page = Page(
        request=Request(url=url),
        url=url,
        status=200,
        body=body,
        fetched_at=saved_at,
        encoding=encoding_of("", body),
    )
    seen = look_at(page)
    site = Site(name=f"{seen.platform}:{root_of(url)}", platform=seen.platform or "")
    kept = (cleaned(listing, site, page) for listing in seen.listings)
    return replace(seen, listings=tuple(listing for listing in kept if listing))


def address_in(text: str) -> str | None:
    """Return the address that a text is; None for the PLATFORM:ADDRESS of a site whose platform is known.

    >>> address_in("forum.example.org/talk")
    'https://forum.example.org/talk'
    """
    before, colon, rest = text.strip().partition(":")
    if before.lower() in {"http", "https"} or rest.startswith("//"):
        return text.strip()
    return f"https://{text.strip()}" if "." in before and (not colon or "/" not in before) else None


def leads_home(text: str) -> bool:
    """Tell whether an address, or the PLATFORM:ADDRESS of a site, names a host of a private network."""
    address = address_in(text)
    if address:
        return any(says_it_is_private(host) for host in [urlsplit(address).hostname] if host)
    site = site_from(text)
    return bool(manners_of(site, build(site)).homes)


def look_up(url: str, contact: str, now: Callable[[], datetime]) -> Probed:
    """Tell what runs at an address, by asking there.

    Raises QueryError where it is none that may be asked, UnknownPlatform or another CrawlError where asking failed.
    """

    async def asked() -> Probed:
        async with Fetcher(contact=contact, version=__version__) as fetcher:
            return await probe(url, fetcher, now)

    try:
        origin(url)
    except AddressRefused as error:
        one = " `venues add` takes in a single space there." if is_never_fetched(urlsplit(url).hostname or "") else ""
        raise QueryError(f"{url} {error.reason}. Give the address of a site that may be asked.{one}") from error
    try:
        return asyncio.run(asked())
    except Unreachable as error:
        hint = "check the address; if it is right, try later, or add it unasked as PLATFORM:ADDRESS"
        raise Unreachable(error.subject, f"{error.reason}; {hint}") from error


@lru_cache(4096)  # a page counts the sites that were not asked for its area yet
def with_common(site: Site, **common: str | None) -> Site:
    """Return a site that also says where its venues are, or which area to ask it for. Raises SettingsError."""
    wanted = {name: value for name, value in common.items() if value}
    if not wanted:
        return site
    return replace(site_from(site.name + ("&" if "?" in site.name else "?") + urlencode(wanted)), reason=site.reason)


def with_words(site: Site, words: str) -> Site:
    """Return a site that is also told whom a question wants, if it is a search that can be; else the same."""
    if not words or not _takes_words(site.platform):
        return site
    return replace(
        site_from(site.name + ("&" if "?" in site.name else "?") + urlencode({"words": words})), reason=site.reason
    )


@cache
def _takes_words(platform: str) -> bool:
    return any(each.name == "words" for each in fields(platforms()[platform]))  # type: ignore[arg-type]  # by contract


def permission_of(state: SiteState) -> str:
    """Say in a few words whether a site may be asked, by what came of the latest time it was."""
    if state.last is None:
        return "needs key" if build(state.site).about.needs_key else "not asked"
    return {
        "read": "permitted",
        "none found": "permitted",
        "not permitted": "refused",
        "needs key": "needs key",
    }.get(state.last.state, "unknown")


def asked_by_area(sites: Sequence[Site], keys: Mapping[str, str]) -> list[tuple[Site, list[str]]]:
    """Return the sites that are asked for the area of each question, each with the settings that it still lacks."""
    return [(site, missing_for(site.platform, keys)) for site in sites]


def state_record(state: SiteState, now: datetime) -> dict[str, object]:
    """Return a site's state as plain values for JSON."""
    last = state.last
    return {
        "site": state.site.name,
        "platform": state.site.platform,
        "reason": state.site.reason,
        "place": state.site.place,
        "country": state.site.country,
        "area": state.site.area,
        "state": standing_of(state, now),
        "permission": permission_of(state),
        "next_due": state.due_at.isoformat() if state.due_at else None,
        "last": None
        if last is None
        else {
            "at": last.finished_at.isoformat(),
            "state": last.state,
            "complete": last.complete,
            "requests": last.requests,
            "listings": last.listings,
            "added": last.added,
            "gone": last.gone,
            "error": last.error,
        },
    }


def added_record(site: Site, probed: Probed | None) -> dict[str, object]:
    """Return what came of adding a site as plain values for JSON."""
    trial = probed.trial if probed else None
    return {
        "site": site.name,
        "platform": site.platform,
        "told_by": probed.why if probed else None,
        "trial": None
        if trial is None
        else {"state": trial.state, "listings": len(trial.listings), "error": trial.error and trial.error.reason},
    }


def standing_of(state: SiteState, now: datetime) -> str:
    """Say in a word what a site is waiting for: off, at work, due, waiting."""
    if state.due_at is None:
        return "off"
    if state.leased_until and state.leased_until > now:
        return "at work"
    return "due" if state.due_at <= now else "waiting"
