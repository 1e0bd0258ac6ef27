"""Open Referral UK: councils' directories of local services: playgroups, lunch clubs, support groups.

Setting: `base_url`, the feed's address up to "/services". Both versions of the standard are read: 1 tells where a
service is within its list; 3 tells it in a second list, of services at locations. Contacts, telephones and e-mails are
not read, and what one person offers by name (child-minders, personal assistants) is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.contract import About, Mark, Page, Request
from crawlers.fragments import degrees_or_none, name_or_none, sentences, told
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
        """Ask for the first page of where services are, a list that is optional and tells more, and of all services."""
        base = self.base_url.rstrip("/")
        absent = frozenset({400, 404, 405, 501})
        places = Request(url=f"{base}/service_at_locations", note="places", tolerates=absent)
        services = Request(url=f"{base}/services", note="services")
        for request in (places, services):
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
            listing = self._listing(*((service, entry) if isinstance(service, dict) else (entry, self._at(entry))))
            if listing:
                yield listing
        number = count_or_none(page.request.param("page")) or 1
        last = count_or_none(dig(reply, "total_pages")) or count_or_none(dig(reply, "totalPages")) or 0
        if entries and number < last:
            yield page.request.with_params(page=number + 1)

    def _at(self, service: dict[str, Any]) -> dict[str, Any]:
        return next(items(service, "service_at_locations"), {})

    def _listing(self, service: dict[str, Any], at: dict[str, Any]) -> Listing | None:
        number, title = text_or_none(service.get("id"), 100), name_or_none(service.get("name"))
        status = service.get("status")
        if number is None or title is None or (isinstance(status, str) and status in _OVER):
            return None
        kinds = " ".join(filter(None, (name_or_none(each, 100) for each in self._taxonomy(service))))
        if _ONE_PERSON.search(f"{title} {kinds}"):
            return None
        schedules = [*items(service, "regular_schedules"), *items(service, "schedules"), *items(at, "schedules")]
        return Listing(
            platform=self.about.platform,
            native_id=f"{urlsplit(self.base_url).netloc.lower()}/{number}",
            kind=Kind.MEETUP if schedules else Kind.OTHER,
            title=title,
            description=sentences(
                told(service.get("description")), self._for_whom(service), *map(self._when, schedules[:5])
            ),
            url=url_or_none(service.get("url")),
            parent=name_or_none(dig(service, "organization", "name")),
            place=self._place(dig(at, "location")) or self._served(service),
            lat=degrees_or_none(dig(at, "location", "latitude")),
            lon=degrees_or_none(dig(at, "location", "longitude")),
            country="GB",
        )

    def _taxonomy(self, service: dict[str, Any]) -> Iterator[object]:
        for each in items(service, "service_taxonomys"):
            yield dig(each, "taxonomy", "name")
        for each in items(service, "attributes"):
            yield dig(each, "taxonomy_term", "name")

    def _for_whom(self, service: dict[str, Any]) -> str | None:
        ages, said = [(service.get("minimum_age"), service.get("maximum_age"))], []
        for each in items(service, "eligibilitys"):
            ages.append((each.get("minimum_age"), each.get("maximum_age")))
            said.append(told(each.get("eligibility"), 300))
        spans = ((count_or_none(least), count_or_none(most)) for least, most in ages)
        said += [_ages(least, most) for least, most in spans if least or most]
        return sentences(told(service.get("eligibility_description"), 500), *said)

    def _when(self, schedule: dict[str, Any]) -> str | None:
        given = text_or_none(schedule.get("byday"), 40) or text_or_none(schedule.get("weekday"), 40) or ""
        days = ", ".join(_DAYS.get(day[-2:].upper(), day.title()) for day in given.replace(",", " ").split())
        hours = [text_or_none(schedule.get(name), 12) for name in ("opens_at", "closes_at")]
        times = " to ".join(hour[:5] for hour in hours if hour)
        return told(schedule.get("description"), 300) or " ".join(part for part in (days, times) if part) or None

    def _place(self, location: object) -> str | None:
        address = next((each for name in ("physical_addresses", "addresses") for each in items(location, name)), {})
        code = text_or_none(address.get("postal_code"), 10)
        parts = [name_or_none(address.get("city"), 100), name_or_none(address.get("state_province"), 100)]
        parts.append(code.split()[0] if code and " " in code else None)
        return ", ".join(dict.fromkeys(part for part in parts if part)) or None

    def _served(self, service: dict[str, Any]) -> str | None:
        named = (each.get("name") or each.get("service_area") for each in items(service, "service_areas"))
        return next((text for text in (name_or_none(name, 100) for name in named) if text), None)


def _ages(least: int | None, most: int | None) -> str:
    return f"Ages {least or 0} to {most}" if most else f"Ages {least} and over"
