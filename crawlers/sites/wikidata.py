"""Wikidata: the venues that the items of a place name: its subreddit, its clubs' channels and sites, its podcasts.

Asked for one area at a time, for what lies in its circle and what has its seat there. Items of human beings are kept
out by the query, and again when the reply is read. Settings: `base_url`, the SPARQL service, and `around`, whether it
knows Wikidata's own search by distance (false: it is asked in plain GeoSPARQL, as QLever is). The robots.txt of
query.wikidata.org forbids programs its /sparql, and so does the gate: name a mirror that permits it, or give
`venues read` the reply to a query that you ran there by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from crawlers.contract import About, Mark, Page, Request
from crawlers.fragments import degrees_or_none, name_or_none, venue_at
from crawlers.parsing import address_id, dig, items, text_or_none, url_or_none
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area


class _Property(NamedTuple):
    """What a property names: a platform, the sort of venue, its address, and what its values look like."""

    platform: str
    kind: Kind
    address: str
    form: str
    title: str = "{label}"


_PROPERTIES = {
    "P3984": _Property("reddit", Kind.COMMUNITY, "https://www.reddit.com/r/{}/", r"\w{2,50}", "r/{value} ({label})"),
    "P3789": _Property("telegram", Kind.CHANNEL, "https://t.me/{}", r"\w{4,50}", "{label} on Telegram"),
    "P9345": _Property("discord", Kind.SERVER, "https://discord.com/channels/{}", r"\d{15,22}", "{label} on Discord"),
    "P5842": _Property("itunes", Kind.PODCAST, "https://podcasts.apple.com/podcast/id{}", r"\d{5,15}"),
    "P11947": _Property("lemmy", Kind.COMMUNITY, "https://{host}/c/{name}", r"[\w.-]+@[\w.-]+", "{label} on Lemmy"),
    "P4033": _Property("mastodon", Kind.PAGE, "https://{host}/@{name}", r"[\w.-]+@[\w.-]+", "{label} on Mastodon"),
    "P2397": _Property("youtube", Kind.CHANNEL, "https://www.youtube.com/channel/{}", r"UC[\w-]{22}",
                       "{label} on YouTube"),
    "P12361": _Property("bluesky", Kind.PAGE, "https://bsky.app/profile/{}", r"[\w.-]{4,100}", "{label} on Bluesky"),
    "P2013": _Property("facebook", Kind.PAGE, "https://www.facebook.com/{}/", r"[\w.-]{4,100}", "{label} on Facebook"),
    "P856": _Property("website", Kind.CLUB, "{}", r"https?://\S+"),
}  # fmt: skip
_PEOPLE = frozenset({"Q5", "Q15632617", "Q95074"})
"""Human beings, and those of fiction."""
_WIDEST = 60.0
"""Kilometres: in a larger circle the service would not end within its minute."""

_QUERY = """PREFIX wd: <http://www.wikidata.org/entity/>
PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX wikibase: <http://wikiba.se/ontology#>
PREFIX bd: <http://www.bigdata.com/rdf#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <http://schema.org/>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
SELECT ?item ?itemLabel ?itemDescription ?kind ?property ?value ?at WHERE {
CIRCLE
LINK VALUES ?property { PROPERTIES } ?item ?property ?value.
OPTIONAL { ?item wdt:P31 ?kind. }
FILTER NOT EXISTS { ?item wdt:P31 wd:Q5. } FILTER NOT EXISTS { ?item wdt:P569 ?born. }
OPTIONAL { ?item rdfs:label ?itemLabel. FILTER(LANG(?itemLabel) = "en") }
OPTIONAL { ?item schema:description ?itemDescription. FILTER(LANG(?itemDescription) = "en") }
} LIMIT 5000"""
_AROUND = """SERVICE wikibase:around { WHAT wdt:P625 ?at. bd:serviceParam wikibase:center CENTRE;
wikibase:radius "RADIUS". }"""
_WITHIN = "WHAT wdt:P625 ?at. FILTER(geof:distance(?at, CENTRE) <= RADIUS)"
_SEAT = "?item wdt:P159|wdt:P291|wdt:P2541 ?seat."
"""Headquarters, place of publication, area of operation."""
_CLUBS = "?item wdt:P31/wdt:P279* ?class. VALUES ?class { wd:Q988108 wd:Q48204 wd:Q847017 wd:Q77115 }"
"""Whose own site is a place to meet: clubs, voluntary associations, sports clubs, community centres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wikidata:
    """The venues that Wikidata's items in an area name."""

    base_url: str = "https://query.wikidata.org/sparql"
    around: bool = True

    about: ClassVar[About] = About(
        platform="wikidata",
        website="https://www.wikidata.org",
        terms="https://www.wikidata.org/wiki/Wikidata:Data_access",
        official_api=True,
        how="SPARQL, `GET /sparql`, items in a circle or with their seat in it",
        limits="60 s a query; the public service's robots.txt forbids it, so a mirror is needed",
        by_area=True,
        pace=5.0,
        marks=(Mark("markup", r'"bindings"\s*:\s*\[\s*\{[^\[\]]{0,2000}wikidata\.org/prop/direct/P'),),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Ask for what lies in the area's circle, what has its seat in it, and for the sites of its clubs."""
        if area is None or area.radius_km > _WIDEST:
            return
        accounts = [name for name in _PROPERTIES if name != "P856"]
        yield self._request(area, "here", accounts)
        yield self._request(area, "seated", accounts, what="?seat", link=_SEAT)
        yield self._request(area, "clubs", ["P856"], link=_CLUBS)

    def read(self, page: Page) -> Iterator[Listing]:
        """Read the rows of a reply, without those of any item that is a human being."""
        rows = dig(page.json(), "results", "bindings")
        if not isinstance(rows, list):
            raise PageChanged(page.url, "is no reply of a SPARQL service: it has no bindings")
        people = {_tail(row, "item") for row in items(rows) if _tail(row, "kind") in _PEOPLE}
        seen = set()
        for row in items(rows):
            key = (_tail(row, "item"), _tail(row, "property"), text_or_none(dig(row, "value", "value")))
            # An item of several kinds has a row for each.
            if key[0] is None or key[0] in people or key in seen:
                continue
            seen.add(key)
            listing = self._listing(row, key[1], key[2])
            if listing:
                yield listing

    def _request(
        self, area: Area, note: str, properties: Iterable[str], *, what: str = "?item", link: str = ""
    ) -> Request:
        query = _filled(
            _filled(_QUERY, CIRCLE=_AROUND if self.around else _WITHIN),
            WHAT=what,
            CENTRE=f'"Point({area.lon:.4f} {area.lat:.4f})"^^geo:wktLiteral',
            RADIUS=f"{max(area.radius_km, 1.0):.1f}",
            LINK=link,
            PROPERTIES=" ".join(f"wdt:{name}" for name in properties),
        )
        request = Request(url=self.base_url, accept="application/sparql-results+json", note=note)
        return request.with_params(query=query, format="json")

    def _listing(self, row: dict[str, Any], name: str | None, value: str | None) -> Listing | None:
        found = _PROPERTIES.get(name or "")
        label = name_or_none(dig(row, "itemLabel", "value"))
        if found is None or value is None or label is None or not re.fullmatch(found.form, value):
            return None
        account, _, host = value.partition("@")
        url = url_or_none(found.address.format(value, name=account, host=host.lower()))
        if url is None:
            return None
        lon, lat = _point(row)
        return Listing(
            platform=found.platform,
            native_id=_native_id(found, value, url),
            kind=found.kind,
            title=found.title.format(label=label, value=value),
            description=name_or_none(dig(row, "itemDescription", "value"), 500),
            url=url,
            lat=lat,
            lon=lon,
            licence="CC0",
        )


def _filled(text: str, **values: str) -> str:
    """Put values in the place of words in capitals: braces are SPARQL's own."""
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def _native_id(found: _Property, value: str, url: str) -> str:
    link = venue_at(url)
    if link and link.native_id and link.platform == found.platform:
        return link.native_id
    by_number = found.platform == "itunes"
    by_name = found.platform == "bluesky"
    return value if by_number else value.lower() if by_name else address_id(url) or url


def _tail(row: dict[str, Any], name: str) -> str | None:
    """Return the last part of an entity's address: Q131491 or P3984."""
    return (text_or_none(dig(row, name, "value"), 200) or "").rpartition("/")[2] or None


def _point(row: dict[str, Any]) -> tuple[float | None, float | None]:
    """Read "Point(longitude latitude)"."""
    found = re.fullmatch(r"Point\((\S{1,30}) (\S{1,30})\)", text_or_none(dig(row, "at", "value"), 80) or "")
    return (degrees_or_none(found[1]), degrees_or_none(found[2])) if found else (None, None)
