"""What runs at an address that a user names: the page itself, then NodeInfo, then paths that only one platform answers.

All requests go through the gate, one at a time, and few of them: a site that is looked at is not yet crawled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from crawlers.addresses import origin, says_it_is_private
from crawlers.contract import Manners, Request
from crawlers.detecting import Guess, guesses, root_of
from crawlers.parsing import absolute, items
from crawlers.registry import build, platforms, site_from
from crawlers.running import NEEDS_KEY, NOT_PERMITTED, Limits, run
from venues.errors import CrawlError, PageChanged, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from crawlers.contract import Crawler, Gate, Page
    from crawlers.running import CrawlOutcome
    from venues.model import Listing, Site

_MOST_PROBES = 24
"""Known paths that are tried where nothing else tells; at a second each, what a user will wait for."""
_MOST_BASES = 4
"""Folders at and above the address given that are tried as the root of what runs there."""
_TRIED = 3
"""Pages that a trial may ask for, until one lists something."""
_HTML = "text/html, application/xhtml+xml, */*;q=0.5"
_NOTHING_THERE = frozenset({400, 401, 403, 404, 405, 406, 410, 500, 501})


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found at an address."""

    site: Site
    why: str
    """How its platform was told."""
    trial: CrawlOutcome
    """What came of asking for its first page."""


class UnknownPlatform(PageChanged):
    """Nothing at an address bears the marks of a platform known here."""


async def probe(url: str, gate: Gate, now: Callable[[], datetime]) -> Probed:
    """Tell what runs at an address, and try its first page.

    Raises UnknownPlatform, or another CrawlError where the address cannot be asked at all.
    """
    manners = manners_for(url)
    page = await gate.fetch(Request(url=url, accept=_HTML, tolerates=_NOTHING_THERE), manners)
    unsure: Probed | None = None
    for look in (_by_itself, _by_nodeinfo, _by_paths):
        where, found = await look(page, gate, manners)
        for guess in found:
            tried = await _tried((page.url, where), guess, gate, now)
            if tried and (tried.trial.listings or tried.trial.state in {NEEDS_KEY, NOT_PERMITTED}):
                return tried
            unsure = unsure or tried
        if unsure:
            return unsure
    raise UnknownPlatform(url, "bears the marks of no platform known here; if you know it, write PLATFORM:ADDRESS")


def manners_for(url: str) -> Manners:
    """Return the manners for an address that a user spells out: if it is private, it is meant to be asked."""
    _, host, port = origin(url)
    return Manners(homes=frozenset({(host, port)} if says_it_is_private(host) else ()))


# Each way of looking returns the address that bore the marks, with what they tell.


async def _by_itself(page: Page, _gate: Gate, _manners: Manners) -> tuple[str, list[Guess]]:
    return page.url, guesses(page)


async def _by_nodeinfo(page: Page, gate: Gate, manners: Manners) -> tuple[str, list[Guess]]:
    """Ask what software the site says it runs: https://nodeinfo.diaspora.software/protocol.html."""
    try:
        links = await gate.fetch(Request(url=f"{root_of(page.url)}/.well-known/nodeinfo"), manners)
        hrefs = [absolute(links.url, each.get("href")) for each in items(links.json(), "links")]
        # Its own site alone says what runs on it.
        own = [href for href in hrefs if href and origin(href)[1:] == origin(page.url)[1:]]
        return page.url, guesses(await gate.fetch(Request(url=own[-1]), manners)) if own else []
    except CrawlError:
        return page.url, []


async def _by_paths(page: Page, gate: Gate, manners: Manners) -> tuple[str, list[Guess]]:
    """Try the paths that only one platform answers, each once, until one does."""
    tried: set[str] = set()
    for path in _known_paths():
        url = root_of(page.url) + path
        if url in tried or len(tried) >= _MOST_PROBES:
            continue
        tried.add(url)
        try:
            answer = await gate.fetch(Request(url=url, accept="application/json, */*;q=0.5"), manners)
        except CrawlError:
            continue
        if found := guesses(answer):
            return answer.url, found
    return page.url, []


def _known_paths() -> Iterator[str]:
    for crawler in platforms().values():
        yield from (mark.pattern for mark in crawler.about.marks if mark.where == "path")


async def _tried(urls: Iterable[str], guess: Guess, gate: Gate, now: Callable[[], datetime]) -> Probed | None:
    """Ask for the first page of what a guess says runs there, with each folder that may be its root."""
    found: Probed | None = None
    marks = platforms()[guess.platform].about.marks
    # What is known by fixed paths stands at a site's root, as a rule; a forum of pages in whatever folder it was put.
    bases = list(dict.fromkeys(base for url in urls for base in _bases(url)))
    if any(mark.where in {"path", "nodeinfo"} for mark in marks):
        bases.sort(key=len)
    for base in bases:
        try:
            site = site_from(f"{guess.platform}:{base}")
            crawler = build(site)
        except SettingsError:
            return found
        trial = await _trial(site, crawler, gate, now)
        probed = Probed(site, guess.why, trial)
        if trial.listings or trial.state in {NEEDS_KEY, NOT_PERMITTED} or not trial.requests:
            return probed
        found = found or probed
    return found


async def _trial(site: Site, crawler: Crawler, gate: Gate, now: Callable[[], datetime]) -> CrawlOutcome:
    """Ask for the first page that lists anything: what tells one version of an API from another lists nothing."""
    listed: list[Listing] = []
    return await run(
        site,
        crawler,
        gate,
        now=now,
        limits=Limits(pages=_TRIED),
        on_listings=listed.extend,
        stop=lambda: bool(listed),
    )


def _bases(url: str) -> Iterable[str]:
    """Return the folder of an address and those above it, innermost first, with the site's root among them.

    >>> list(_bases("https://example.org/forum/index.php?x=1"))
    ['https://example.org/forum', 'https://example.org']
    """
    parts = urlsplit(url)
    folders = [each for each in parts.path.split("/") if each]
    if folders and "." in folders[-1]:
        folders.pop()
    depths = range(len(folders), -1, -1)
    chosen = list(depths)[: _MOST_BASES - 1] + ([0] if len(folders) >= _MOST_BASES - 1 else [])
    for depth in dict.fromkeys(chosen):
        yield urlunsplit((parts.scheme, parts.netloc, "/".join(["", *folders[:depth]]), "", ""))
