"""Every listing passes here before anyone keeps it: texts made plain, impossible values dropped, people left out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from crawlers.parsing import count_or_none, date_or_none, text_or_none, url_or_none
from crawlers.persons import without_persons, without_telephones
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from datetime import datetime

    from crawlers.contract import Page
    from venues.model import Site

_TITLE = 300
_NATIVE_ID = 512
_RULES = 50


def cleaned(listing: Listing, site: Site, page: Page) -> Listing | None:
    """Return the listing as it may be kept, with where and when it was read; None if it names no venue."""
    platform = text_or_none(listing.platform, 64)
    native_id = text_or_none(listing.native_id, _NATIVE_ID + 1)
    if platform is None or native_id is None or len(native_id) > _NATIVE_ID:
        return None
    lat, lon = _position(listing.lat, listing.lon)
    # Every field is named, and none is copied unseen: one that is added later has to be thought of here.
    return Listing(
        platform=platform,
        native_id=native_id,
        title=_named(listing.title, listing.kind) or native_id,
        kind=listing.kind if isinstance(listing.kind, Kind) else Kind.OTHER,
        access=listing.access if isinstance(listing.access, Access) else None,
        url=url_or_none(listing.url),
        description=_impersonal(listing.description),
        place=text_or_none(listing.place, _TITLE) or (site.place if lat is None else None),
        country=_matching(r"[A-Z]{2}", listing.country) or (site.country if lat is None else None),
        lat=lat,
        lon=lon,
        parent=_named(listing.parent, listing.kind),
        members=count_or_none(listing.members),
        active_members=count_or_none(listing.active_members),
        topics=count_or_none(listing.topics),
        posts=count_or_none(listing.posts),
        posts_per_week=_rate(listing.posts_per_week),
        last_post_at=_past(listing.last_post_at, page.fetched_at),
        language=_matching(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", listing.language),
        nsfw=listing.nsfw if isinstance(listing.nsfw, bool) else None,
        rules=tuple(rule for rule in map(_impersonal, listing.rules[:_RULES]) if rule),
        licence=text_or_none(listing.licence, 200),
        seen_at=page.fetched_at,
        source=site.name,
        source_url=page.url,
    )


def _impersonal(value: object) -> str | None:
    text = text_or_none(value)
    if text is None:
        return None
    kept = without_telephones(without_persons(text))
    return text if kept == text else text_or_none(kept)


def _named(value: object, kind: Kind | None) -> str | None:
    """Return a name without persons in it; a mailing list may be called by its address."""
    text = text_or_none(value, _TITLE)
    if text is None or kind is Kind.LIST:
        return text
    kept = without_persons(text)
    if kept == text:
        return text
    plain = text_or_none(kept)
    return None if plain == "…" else plain


def _matching(pattern: str, value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(pattern, value) else None


def _rate(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 10**9 else None


def _position(lat: object, lon: object) -> tuple[float | None, float | None]:
    """Return both or neither; (0, 0) is a form left empty, not a spot in the Gulf of Guinea."""
    if not isinstance(lat, int | float) or not isinstance(lon, int | float):
        return None, None
    if not (abs(lat) <= 90 and abs(lon) <= 180) or lat == lon == 0:  # no NaN and no infinity lies within
        return None, None
    return float(lat), float(lon)


def _past(value: object, now: datetime) -> datetime | None:
    """Return a time that is not in the future; clocks that run a day ahead are forgiven."""
    found = date_or_none(value)
    if found is None or found > now + timedelta(days=1):
        return None
    return min(found, now)
