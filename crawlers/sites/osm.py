"""The OpenStreetMap community index: where its mappers meet, place by place, on every platform there is.

Each entry becomes a venue of the platform that it is on, under that platform's own name for it, so that a chat listed
here and elsewhere is one venue. Left out are code stores, wikis and accounts that only announce: nobody meets there.
The index names contact persons with their e-mails; they are not read. Setting: `version` (of the npm package).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from crawlers.contract import About, Mark, Page, Request
from crawlers.fragments import degrees_or_none, name_or_none, sentences, venue_at
from crawlers.parsing import address_id, dig, text_or_none, url_or_none
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area


class _Type(NamedTuple):
    """What an entry's type means: its kind, where its account is found, and how it is called if it has no name."""

    kind: Kind
    address: str = ""
    title: str = "{community}"
    platform: str = ""
    """Where it is another than the type."""


_TYPES = {
    "bluesky": _Type(Kind.PAGE, "https://bsky.app/profile/{account}", "{community} on Bluesky"),
    "discord": _Type(Kind.SERVER, "https://discord.gg/{account}", "{community} on Discord"),
    "discourse": _Type(Kind.BOARD, "https://community.openstreetmap.org/c/communities/{account}"),
    "facebook": _Type(Kind.PAGE, "https://www.facebook.com/{account}", "{community} on Facebook"),
    "forum": _Type(Kind.FORUM, title="{community} forum"),
    "group": _Type(Kind.CLUB, platform="website"),
    "irc": _Type(Kind.CHAT, "https://webchat.oftc.net/?channels={account}", "{community} on IRC"),
    "mailinglist": _Type(Kind.LIST, "https://lists.openstreetmap.org/listinfo/{account}", "{account} mailing list"),
    "mastodon": _Type(Kind.PAGE, title="{community} on Mastodon"),
    "matrix": _Type(Kind.CHAT, "https://matrix.to/#/{account}:matrix.org", "{community} on Matrix"),
    "meetup": _Type(Kind.MEETUP, "https://www.meetup.com/{account}", "{community} Meetup"),
    "newsletter": _Type(Kind.NEWSLETTER, title="{community} newsletter"),
    "osm": _Type(Kind.CLUB, platform="website"),
    "osm-lc": _Type(Kind.CLUB, platform="website"),
    "reddit": _Type(Kind.COMMUNITY, "https://www.reddit.com/r/{account}", "{community} on Reddit"),
    "signal": _Type(Kind.CHAT, title="{community} on Signal"),
    "slack": _Type(Kind.SERVER, title="{community} on Slack"),
    "telegram": _Type(Kind.CHAT, "https://t.me/{account}", "{community} on Telegram"),
    "xmpp": _Type(Kind.CHAT, title="{community} on XMPP"),
    "youthmappers": _Type(Kind.CLUB, platform="website"),
    "youtube": _Type(Kind.CHANNEL, "https://www.youtube.com/channel/{account}", "{community} on YouTube"),
    "zulip": _Type(Kind.SERVER, title="{community} on Zulip"),
}
_NATIONS = {"gb-eng": "England", "gb-nir": "Northern Ireland", "gb-sct": "Scotland", "gb-wls": "Wales",
            "q3336843": "United Kingdom"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStreetMap:
    """The meeting places of OpenStreetMap's mappers."""

    version: str = "6"

    about: ClassVar[About] = About(
        platform="osm",
        website="https://openstreetmap.community",
        terms="The index is under the ISC licence.",
        official_api=True,
        how="the npm package osm-community-index, `dist/json/resources.min.json` from a CDN: one file",
        limits="one request",
        marks=(Mark("markup", r'"resources"\s*:\s*\{[^{]{0,200}\{[^{}]{0,400}"locationSet"\s*:'),),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - it is one file
        """Ask for the index."""
        package = f"osm-community-index@{self.version}"
        yield Request(url=f"https://cdn.jsdelivr.net/npm/{package}/dist/json/resources.min.json", note="resources")

    def read(self, page: Page) -> Iterator[Listing]:
        """Read the whole index."""
        resources = dig(page.json(), "resources")
        if not isinstance(resources, dict):
            raise PageChanged(page.url, "is no community index: it has no resources")
        for resource in resources.values():
            listing = self._listing(resource) if isinstance(resource, dict) else None
            if listing:
                yield listing

    def _listing(self, resource: dict[str, Any]) -> Listing | None:
        given = resource.get("type")
        kind = _TYPES.get(given) if isinstance(given, str) else None
        if kind is None:
            return None
        url = url_or_none(self._said(resource, "url") or self._filled(resource, kind.address))
        title = self._said(resource, "name") or self._filled(resource, kind.title)
        if title is None or url is None:
            return None
        link = venue_at(url)
        languages = resource.get("languageCodes")
        return Listing(
            platform=link.platform if link else kind.platform or str(given),
            native_id=(link and link.native_id) or _name_of(url),
            kind=link.kind if link else kind.kind,
            title=title,
            url=link.url if link else url,
            description=sentences(
                self._said(resource, "description"),
                self._said(resource, "extendedDescription"),
                "OpenStreetMap mappers",
            ),
            language=languages[0] if isinstance(languages, list) and len(languages) == 1 else None,
            licence="ISC",
            **_where(dig(resource, "locationSet", "include")),
        )

    def _said(self, resource: dict[str, Any], name: str) -> str | None:
        return self._filled(resource, dig(resource, "strings", name))

    def _filled(self, resource: dict[str, Any], form: object) -> str | None:
        """Fill in what stands in braces; None where something is missing."""
        text = name_or_none(form, 2000)
        for name in re.findall(r"\{(\w+)\}", text or ""):
            value = text_or_none(resource.get(name) if name == "account" else dig(resource, "strings", name), 500)
            if value is None or text is None:
                return None
            text = text.replace(f"{{{name}}}", value)
        return text or None


def _name_of(url: str) -> str:
    """Return an address as an identity, with what follows "#" where nothing else tells one chat from another."""
    fragment = urlsplit(url).fragment
    native_id = address_id(url) or url
    return f"{native_id}#{fragment}" if fragment and "/" not in native_id else native_id


def _where(includes: object) -> dict[str, Any]:
    """Read where an entry is; nothing where it is in several countries at once: its name tells more."""
    found = [said for include in (includes if isinstance(includes, list) else []) if (said := _whereabouts(include))]
    alike = found and all(said.get("country") == found[0].get("country") for said in found)
    return found[0] if alike else {}


def _whereabouts(include: object) -> dict[str, Any]:
    """Read one location: a point, a code of a country or nation, or the name of a drawn area."""
    if isinstance(include, list):
        lon, lat = (degrees_or_none(dig(include, at)) for at in (0, 1))
        return {"lat": lat, "lon": lon}
    code = include.lower() if isinstance(include, str) else ""
    if code in _NATIONS:
        return {"place": _NATIONS[code], "country": "GB"}
    if re.fullmatch(r"[a-z]{2}", code):
        return {"country": code.upper()}
    drawn = re.fullmatch(r"(?:(de|fr|gb|us)-)?([\w-]{4,80})\.geojson", code)
    if drawn is None:
        return {}
    words = re.sub(r"[\W_]+", " ", drawn[2]).strip().title()
    place = re.sub(r"^(England|India|Thailand) (.+)$", r"\2, \1", words)
    return {"place": place, "country": drawn[1].upper() if drawn[1] else None}
