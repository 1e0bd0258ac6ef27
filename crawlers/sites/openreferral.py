"""Open Referral UK: councils' directories of local services: playgroups, lunch clubs, support groups.

Setting: `base_url`, the feed's address up to "/services". Both versions of the standard are read, and the form of
Outpost, which is older than either: 3 tells where a service is in a second list, of services at locations. A service's
links to its groups on Facebook and elsewhere are listings of their own. Contacts, telephones and e-mails are not read,
and what one person offers by name (child-minders, personal assistants) is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.contract import About, Mark, Page, Request
from crawlers.fragments import degrees_or_none, name_or_none, sentences, told, venue_at
from crawlers.parsing import count_or_none, dig, items, text_or_none, url_or_none
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_OVER = {"inactive", "defunct", "temporarily closed"}
_ONE_PERSON = re.compile(
    r"\b(?:child[\s-]?mind|nann(?:y|ies)\b|au pair|personal assistant|registered person)", re.IGNORECASE
)
_ENTRIES = ("contents", "content")
_AGES = (("minimum", "maximum"), ("min", "max"))
_DAYS = {"MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday",
         "SU": "Sunday"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReferral:
    """The services of one feed."""

    base_url: str
    page_size: int = 100

    about: ClassVar[About] = About(
        platform="openreferral",
        website="https://openreferraluk.org",
        terms="Open data, each publisher's licence; access without a key is part of the standard.",
        official_api=True,
        how="`GET /services` and `GET /service_at_locations`",
        limits="publishers may throttle",
        marks=(
            Mark("markup", r'"(?:total_items|totalElements)"\s*:\s*\d+[^\[]{0,400}"contents?"\s*:\s*\['),
            Mark("path", "/services?per_page=1", says=r'"(?:total_items|totalElements)"\s*:'),
        ),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - a feed is of one area as it is
        """Ask for the first page of services, and of where they are: a list that is optional."""
        base = self.base_url.rstrip("/")
        absent = frozenset({400, 404, 405, 501})
        places = Request(url=f"{base}/service_at_locations", note="places", tolerates=absent)
        services = Request(url=f"{base}/services", note="services")
        # In this order the second list tells something new on every page, which a run asks of a list that goes on.
        for request in (services, places):
            yield request.with_params(page=1, per_page=self.page_size)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read one page of either list, and ask for the next while there is one."""
        if page.status >= 400:
            return
        reply = page.json()
        entries = next((found for name in _ENTRIES if isinstance(found := dig(reply, name), list)), None)
        if entries is None:
            raise PageChanged(page.url, "is no list of services: it has no contents")
        for entry in items(entries):
            service = entry.get("service")
            # An entry of the second list is a place with its service; one of the first is a service with its places.
            yield from self._listings(*((service, entry) if isinstance(service, dict) else (entry, _at(entry))))
        number = count_or_none(page.request.param("page")) or 1
        last = count_or_none(dig(reply, "total_pages")) or count_or_none(dig(reply, "totalPages")) or 0
        if entries and number < last:
            yield page.request.with_params(page=number + 1)

    def _listings(self, service: dict[str, Any], at: dict[str, Any]) -> Iterator[Listing]:
        listing = self._listing(service, at)
        if listing is None:
            return
        yield listing
        for link in dict.fromkeys(venue_at(each.get("url")) for each in items(service, "links")):
            if link and link.native_id:
                yield replace(
                    listing, platform=link.platform, native_id=link.native_id, kind=link.kind, url=link.url, parent=None
                )

    def _listing(self, service: dict[str, Any], at: dict[str, Any]) -> Listing | None:
        number, title = _number(service.get("id")), name_or_none(service.get("name"))
        status = service.get("status")
        if number is None or title is None or (isinstance(status, str) and status in _OVER):
            return None
        kinds = " ".join(filter(None, (name_or_none(each, 100) for each in _taxonomy(service))))
        if _ONE_PERSON.search(f"{title} {kinds}"):
            return None
        schedules = [*items(service, "regular_schedules"), *items(service, "schedules"), *items(at, "schedules")]
        lat, lon = _position(dig(at, "location"))
        by = dig(service, "organization", "name") or dig(service, "organisation", "name")
        return Listing(
            platform=self.about.platform,
            native_id=f"{urlsplit(self.base_url).netloc.lower()}/{number}",
            kind=Kind.MEETUP if schedules else Kind.OTHER,
            title=title,
            description=sentences(told(service.get("description")), _for_whom(service), *map(_when, schedules[:5])),
            url=url_or_none(service.get("url")),
            parent=name_or_none(by),
            place=_place(dig(at, "location")) or _served(service),
            lat=lat,
            lon=lon,
            country="GB",
        )


def _at(service: dict[str, Any]) -> dict[str, Any]:
    """Return the first place of a service; one who goes to a service goes to one place."""
    return next(items(service, "service_at_locations"), {"location": next(items(service, "locations"), None)})


def _number(given: object) -> str | None:
    """Return the id of a service, a text by the standard and a number in some feeds."""
    counted = None if isinstance(given, str) else count_or_none(given)
    return text_or_none(given, 100) if counted is None else str(counted)


def _position(location: object) -> tuple[float | None, float | None]:
    lat, lon = degrees_or_none(dig(location, "latitude")), degrees_or_none(dig(location, "longitude"))
    if lat is not None and lon is not None:
        return lat, lon
    point = dig(location, "geometry", "coordinates")
    return degrees_or_none(dig(point, 1)), degrees_or_none(dig(point, 0))


def _taxonomy(service: dict[str, Any]) -> Iterator[object]:
    for name, path in (("service_taxonomys", ("taxonomy",)), ("attributes", ("taxonomy_term",)), ("taxonomies", ())):
        for each in items(service, name):
            yield dig(each, *path, "name")


def _for_whom(service: dict[str, Any]) -> str | None:
    ages = [(service.get(f"{least}_age"), service.get(f"{most}_age")) for least, most in _AGES]
    said = []
    for each in items(service, "eligibilitys"):
        ages.append((each.get("minimum_age"), each.get("maximum_age")))
        said.append(told(each.get("eligibility"), 300))
    spans = ((count_or_none(least), count_or_none(most)) for least, most in ages)
    said += [_span(least, most) for least, most in spans if least or most]
    return sentences(told(service.get("eligibility_description"), 500), *said)


def _span(least: int | None, most: int | None) -> str:
    return f"Ages {least or 0} to {most}" if most else f"Ages {least} and over"


def _when(schedule: dict[str, Any]) -> str | None:
    given = text_or_none(schedule.get("byday"), 40) or text_or_none(schedule.get("weekday"), 40) or ""
    days = ", ".join(_DAYS.get(day[-2:].upper(), day.title()) for day in given.replace(",", " ").split())
    hours = [text_or_none(schedule.get(name), 12) for name in ("opens_at", "closes_at")]
    times = " to ".join(hour[:5] for hour in hours if hour)
    return told(schedule.get("description"), 300) or " ".join(part for part in (days, times) if part) or None


def _place(location: object) -> str | None:
    """Return town, county and the first half of the postcode: enough to find it by."""
    whole = location if isinstance(location, dict) else {}
    address = next((each for name in ("physical_addresses", "addresses") for each in items(whole, name)), whole)
    code = text_or_none(address.get("postal_code"), 10)
    parts = [name_or_none(address.get("city"), 100), name_or_none(address.get("state_province"), 100)]
    parts.append(code.split()[0] if code and " " in code else None)
    return ", ".join(dict.fromkeys(part for part in parts if part)) or None


def _served(service: dict[str, Any]) -> str | None:
    named = (each.get("name") or each.get("service_area") for each in items(service, "service_areas"))
    return next((text for text in (name_or_none(name, 100) for name in named) if text), None)
