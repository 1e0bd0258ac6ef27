"""Between rows of a store and the values of the model."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from venues.errors import ListingError, StoreError
from venues.model import Access, CrawlRun, Kind, Listing, Site, Whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RESTORE: dict[str, Callable[[Any], Any]] = {
    "kind": Kind,
    "access": Access,
    "last_post_at": datetime.fromisoformat,
    "seen_at": datetime.fromisoformat,
    "rules": tuple,
}

_COMMON = ("place", "country", "area")
"""What any site may have set, whatever its platform."""


@contextmanager
def undamaged() -> Iterator[None]:
    """Turn what only a row that is not as it was written can raise into a sentence that says what to do."""
    try:
        yield
    except (ListingError, AttributeError, KeyError, TypeError, ValueError) as error:
        advice = "Move it away and import again, or name another with --db."
        raise StoreError(f"The index is damaged ({type(error).__name__}: {error}). {advice}") from error


def to_json(record: object) -> str:
    """Write a record as the one line that stores keep."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def listing_from(body: str) -> Listing:
    """Return a listing that was checked before it was stored: nothing is checked again."""
    record = json.loads(body)
    for name in _RESTORE.keys() & record.keys():
        record[name] = _RESTORE[name](record[name])
    return Listing(**record)


def whereabouts_record(where: Whereabouts) -> dict[str, Any]:
    """Return what is known of a place, less what is not."""
    pairs = ((item.name, getattr(where, item.name)) for item in fields(Whereabouts))
    return {name: value for name, value in pairs if value not in (None, ())}


def whereabouts_from(body: str) -> Whereabouts:
    """Return what `whereabouts_record` wrote."""
    record = json.loads(body)
    return Whereabouts(**record | {"within": tuple(record.get("within", ()))})


def site_from(name: str, platform: str, options: str, reason: str | None) -> Site:
    """Return a site from its columns."""
    settings = json.loads(options)
    common = {each: settings.pop(each) for each in _COMMON if each in settings}
    return Site(name=name, platform=platform, options=tuple(sorted(settings.items())), reason=reason, **common)


def options_of(site: Site) -> str:
    """Return all of a site's settings as the one column that keeps them: no crawler has a setting of a common name."""
    common = {each: value for each in _COMMON if (value := getattr(site, each)) is not None}
    return to_json(dict(site.options) | common)


def run_record(run: CrawlRun) -> dict[str, Any]:
    """Return a run as plain values, its times as text."""
    pairs = ((item.name, getattr(run, item.name)) for item in fields(CrawlRun))
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in pairs}


def run_from(body: str) -> CrawlRun:
    """Return what `run_record` wrote."""
    record = json.loads(body)
    for name in ("started_at", "finished_at", "next_due"):
        record[name] = datetime.fromisoformat(record[name]) if record[name] else None
    return CrawlRun(**record | {"refused": tuple(record["refused"])})
