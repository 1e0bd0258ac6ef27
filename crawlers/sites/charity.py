"""Registered charities of England and Wales whose name has an area's, by the Charity Commission's register API.

Settings: `names` (further names to search an area by, divided by ";"), `charities` (most charities looked at closely
for one area). Of a charity its name, activities, website and area of operation are read. The endpoints that give
trustees' names are never asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from crawlers.contract import About, Page, Request
from crawlers.parsing import dig, text_or_none, url_or_none
from crawlers.searching import names_of
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_API = "https://api.charitycommission.gov.uk/register/api"
_DETAILS = ("charityoverview", "charitydetails", "charityareaofoperation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charity:
    """Charities that bear an area's name."""

    names: str = ""
    charities: int = 40

    about: ClassVar[About] = About(
        platform="charity",
        website="https://register-of-charities.charitycommission.gov.uk",
        terms="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        official_api=True,
        how="the register API, `GET /searchCharityName/{name}`, `/charityoverview`, `/charitydetails`, "
        "`/charityareaofoperation`",
        limits="1 request a second, at most 40 charities an area",
        needs_key=True,
        by_area=True,
        rest=30,
        pace=1.0,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Search for charities by the area's names."""
        for name in names_of(area, self.names) if area else ():
            yield Request(url=f"{_API}/searchCharityName/{quote(name, safe='')}", note="search")

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read a search, or one of the three pages about one charity."""
        reply = page.json()
        known = re.match(r"(?P<number>\d+) (?P<name>.+)", page.request.note)
        if known is None:
            yield from self._found(page, reply)
            return
        if page.url.startswith(f"{_API}/charityoverview/"):
            yield self._of(known, description=text_or_none(dig(reply, "activities")))
        elif page.url.startswith(f"{_API}/charitydetails/"):
            register = f"{self.about.website}/en/charity-search/-/charity-details/{dig(reply, 'organisation_number')}"
            yield self._of(known, url=_address(dig(reply, "web")) or register)
        else:
            yield self._of(known, place=_only_authority(reply))

    def _found(self, page: Page, reply: Any) -> Iterator[Listing | Request]:
        if not isinstance(reply, list):
            raise PageChanged(page.url, "is no list of charities")
        registered = [each for each in reply if isinstance(each, dict) and each.get("reg_status") == "R"]
        # A suffix is a branch or a fund under another charity's number.
        mains = [each for each in registered if not each.get("group_subsid_suffix")]
        for each in mains[: self.charities]:
            name, number = text_or_none(each.get("charity_name"), 300), each.get("reg_charity_number")
            if name and isinstance(number, int) and not isinstance(number, bool):
                yield self._listing(str(number), name)
                for detail in _DETAILS:
                    yield Request(url=f"{_API}/{detail}/{number}/0", note=f"{number} {name}")

    def _of(self, known: re.Match[str], **facts: str | None) -> Listing:
        return self._listing(known["number"], known["name"], **facts)

    def _listing(self, number: str, name: str, **facts: Any) -> Listing:
        return Listing(
            platform=self.about.platform,
            native_id=number,
            kind=Kind.CLUB,
            title=name,
            country="GB",
            licence="Open Government Licence v3.0",
            **facts,
        )


def _address(web: Any) -> str | None:
    """Return a charity's website; most leave the scheme out."""
    text = text_or_none(web, 500)
    return url_or_none(text if text and "://" in text else f"https://{text}") if text else None


def _only_authority(reply: Any) -> str | None:
    """Return the local authority that a charity works in, if it is one and no more."""
    areas = [each for each in reply if isinstance(each, dict)] if isinstance(reply, list) else []
    named = {text_or_none(each.get("area_of_operation"), 100) for each in areas}
    local = {text_or_none(each.get("geographic_area_type"), 100) for each in areas} == {"Local Authority"}
    return named.pop() if local and len(named) == 1 else None
