"""Which platform a page is of, by the marks that each crawler names; and what any crawler sees in a saved page.

Marks are weighed: what names the software outright (generator, NodeInfo, header) counts more than the source's look.
No mark, no platform: to take an unknown page for a forum would list what is none.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from crawlers.boards import OTHER
from crawlers.contract import NoList
from crawlers.parsing import dig
from crawlers.registry import build, platforms, site_from
from crawlers.sites.web import sureness
from crawlers.strangers import said_of
from venues.errors import PageChanged, SettingsError
from venues.model import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from crawlers.contract import About, Crawler, Mark, Page

GENERIC = "web"
"""The platform of pages that no other crawler knows."""
_WEIGHTS = {"generator": 4, "nodeinfo": 4, "header": 4, "path": 3, "markup": 2}
_LOOKED_AT = 400_000
"""Characters of a page that are searched for marks: generators stand at its top, "Powered by" at its end."""
_GENERATOR = re.compile(r"<meta\b[^>]{0,300}?\bname\s*=\s*[\"']?generator\b[^>]{0,300}>", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*=\s*(?:\"([^\"]{0,200})\"|'([^']{0,200})')", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Guess:
    """A platform that a page may be of."""

    platform: str
    weight: int
    """Of all marks found: larger is surer."""
    why: str
    """The surest mark, in words."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in one page."""

    platform: str | None
    listings: tuple[Listing, ...]
    remark: str | None = None
    """What the page is instead, where it lists nothing."""
    sure: float = 1.0
    """How sure the reader is that it is about venues, 0 to 1: only the generic one has doubts."""


def guesses(page: Page) -> list[Guess]:
    """Return the platforms whose marks a page bears, surest first."""
    features = _features(page)
    found = [guess for name, crawler in platforms().items() if (guess := _guess(name, crawler.about, features))]
    return sorted(found, key=lambda guess: (-guess.weight, guess.platform))


def look_at(page: Page) -> Seen:
    """Return the listings that a crawler sees in a page, its platform found by its marks. Raises nothing."""
    remark = None
    known = [guess.platform for guess in guesses(page)]
    for name in [*known, *_untold(page, known)]:
        try:
            listings = _listed(page, _crawler(name, page))
        except NoList as error:
            if name in known or name == GENERIC:
                remark = remark or error.reason
            continue
        except PageChanged:
            continue
        except Exception:  # noqa: BLE001, S112 - a page no one foresaw is no list; the next reader may know it
            continue
        if listings:
            return Seen(name, listings, sure=sureness(page) if name == GENERIC else 1.0)
    return Seen(known[0] if known else None, (), _remark(page, known, remark))


def _untold(page: Page, known: Sequence[str]) -> list[str]:
    """Return whom else to ask: for a reply in JSON every crawler, since an API bears no marks; then the generic one."""
    if page.body.lstrip()[:1] in {b"{", b"["}:
        return [name for name in platforms() if name not in known and name != GENERIC]
    return [GENERIC] if GENERIC in platforms() and not known else []


def _listed(page: Page, crawler: Crawler) -> tuple[Listing, ...]:
    """Return each venue once, in the order of the page."""
    found = {item.id: item for item in crawler.read(page) if isinstance(item, Listing)}
    return tuple(found.values())


def _remark(page: Page, known: Sequence[str], remark: str | None) -> str:
    """Say what a page is that lists nothing, the most telling first; a reader that only shrugged tells least."""
    if not page.body.strip():
        return "is empty"
    if remark and remark != OTHER:
        return remark
    shrug = (
        f"holds no list that the crawler of {known[0]} can read" if known else "bears the marks of no platform known"
    )
    return said_of(page) or remark or shrug


def _crawler(name: str, page: Page) -> Crawler:
    """Build the crawler of the site that a page is of, as far as its address tells. Raises SettingsError."""
    for address in (root_of(page.url), ""):
        try:
            return build(site_from(f"{name}:{address}"))
        except SettingsError:
            continue
    raise NoList(page.url, f"is of {name}, which needs more settings to be read")


def root_of(url: str) -> str:
    """Return the address of a site's root, without a slash at the end."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "", "", ""))


# marks


@dataclass(frozen=True, slots=True)
class _Features:
    """What of a page may bear a mark."""

    generator: str
    nodeinfo: str
    headers: tuple[str, ...]
    path: str
    source: str


def _features(page: Page) -> _Features:
    text = page.text
    source = text if len(text) <= _LOOKED_AT else text[: _LOOKED_AT // 2] + text[-_LOOKED_AT // 2 :]
    return _Features(
        generator=" ".join(_generators(source)),
        nodeinfo=_software(page),
        headers=tuple(f"{name}: {value}" for name, value in page.headers.items()),
        path=urlsplit(page.url).path,
        source=source,
    )


def _generators(source: str) -> Iterator[str]:
    for tag in _GENERATOR.finditer(source):
        content = _CONTENT.search(tag[0])
        if content:
            yield content[1] or content[2] or ""


def _software(page: Page) -> str:
    """Return the software that a NodeInfo document names, or nothing."""
    if not page.body.lstrip().startswith(b"{") or len(page.body) > 100_000:
        return ""
    try:
        reply: Any = json.loads(page.body)
    except (ValueError, RecursionError):
        return ""
    name = dig(reply, "software", "name")
    return name if isinstance(name, str) and dig(reply, "version") else ""


def _guess(platform: str, about: About, features: _Features) -> Guess | None:
    borne = [mark for mark in about.marks if _bears(features, mark)]
    if not borne:
        return None
    surest = max(borne, key=lambda mark: _WEIGHTS[mark.where])
    return Guess(platform, sum(_WEIGHTS[mark.where] for mark in borne), _WHY[surest.where])


_WHY = {
    "generator": "its generator tag names it",
    "nodeinfo": "its NodeInfo names it",
    "header": "a header of its reply names it",
    "path": "it answers where only this platform does",
    "markup": "its source looks so",
}


def _bears(features: _Features, mark: Mark) -> bool:
    if mark.where == "path":
        return features.path.rstrip("/").endswith(mark.pattern.partition("?")[0].rstrip("/")) and bool(
            re.search(mark.says, features.source, re.IGNORECASE)
        )
    texts = {
        "generator": (features.generator,),
        "nodeinfo": (features.nodeinfo,),
        "header": features.headers,
        "markup": (features.source,),
    }[mark.where]
    return any(text and re.search(mark.pattern, text, re.IGNORECASE) for text in texts)
