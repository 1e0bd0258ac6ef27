"""Tolerant readers: each takes anything a page may hold and returns a value or None; none ever raises.

>>> count_or_none("12.3k members")
12300
>>> text_or_none("  Leeds   cyclists ")
'Leeds cyclists'
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEXT = 4000
MAX_URL = 2000
MAX_COUNT = 10**11
"""More than there are people: a larger figure is not a count of them."""

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_JOINERS = "\u200c\u200d"
"""Invisible, but Persian, Hindi and family emoji are misspelt without them."""
_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "thousand": 10**3, "million": 10**6}
_COUNT = re.compile(
    r"(?<![\d.,\w-])"
    r"(?P<figure>\d{1,3}(?:[ ,.'’\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d{1,15}(?:[.,]\d{1,3})?)"
    r"\s?(?P<scale>thousand|million|mn|bn|k|m|b)?(?![\w])",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:[ ,.'’\u00a0\u202f]\d{3})+")
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+(?:[/?#][!-~]*)?", re.IGNORECASE | re.ASCII)
"""What needs no closer look: no port, no user name, nothing beyond ASCII."""
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def text_or_none(value: object, limit: int = MAX_TEXT) -> str | None:
    """Return the words in one line without control or direction marks, cut at a word's end; None where there are none.

    Only a string is text: a page that sends a list where a name belongs has said nothing.
    """
    if not isinstance(value, str):
        return None
    if value.isprintable() and len(value) <= limit and "  " not in value and value == value.strip(" "):
        return value or None  # as most texts are: nothing to fold, to drop or to cut
    # No more is looked at than can matter: a page may hold megabytes where a name belongs.
    kept = " ".join(value[: limit * 8].split())
    if not kept.isprintable():  # what is printable holds nothing that is dropped
        kept = "".join(char for char in kept if char in _JOINERS or unicodedata.category(char) not in _DROPPED)
        kept = " ".join(kept.split()).strip(_JOINERS + " ")
    if len(kept) > limit:
        cut = kept[: limit - 1]
        kept = (cut[: cut.rfind(" ")] if " " in cut[limit // 2 :] else cut).rstrip() + "…"
    return kept or None


def count_or_none(value: object) -> int | None:
    """Return a number of people or posts from 12, 12.0, "12,345", "1.2k", "12 345 members", "1.234"; never below 0."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if 0 <= value <= MAX_COUNT else None  # which no NaN and no infinity is
    text = text_or_none(value, 200)
    found = _COUNT.search(text) if text else None
    if found is None:
        return None
    count = _figure(found["figure"], _SCALES.get((found["scale"] or "").lower(), 1))
    return count if count <= MAX_COUNT else None


def _figure(text: str, scale: int) -> int:
    """Read digits in which a comma or a point may divide thousands or mark the decimals."""
    grouped = _GROUPED.match(text)
    if grouped and (scale == 1 or grouped.end() < len(text) or not re.fullmatch(r"\d{1,3}[.,]\d{3}", text)):
        whole = int(re.sub(r"\D", "", grouped[0]))
        rest = text[grouped.end() + 1 :]
        return round((whole + (float(f"0.{rest}") if rest else 0.0)) * scale)
    return int(float(text.replace(",", ".")) * scale + 1e-6)


def flag_or_none(value: object) -> bool | None:
    """Return a truth that is stated as one."""
    return value if isinstance(value, bool) else None


def date_or_none(value: object) -> datetime | None:
    """Return an aware UTC time from ISO 8601, seconds or milliseconds since 1970, or RFC 2822; a bare time is UTC."""
    try:
        found = _date(value)
        aware = found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
        utc = aware.astimezone(UTC) if aware else None
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
    return utc if utc and _EARLIEST <= utc <= _LATEST else None


def _date(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        text = value.strip()[:80]
        if not re.fullmatch(r"\d{9,13}(\.\d+)?", text):
            # 20261122 is a date to fromisoformat, and any other short number would be nonsense.
            return datetime.fromisoformat(text) if re.match(r"\d{4}-?\d\d", text) else parsedate_to_datetime(text)
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return datetime.fromtimestamp(value / 1000 if abs(value) > 10**11 else value, tz=UTC)


def url_or_none(value: object) -> str | None:
    """Return an absolute http or https address, or None."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if len(text) <= MAX_URL and _PLAIN_URL.fullmatch(text):
        return text
    # Of all white space only the blank itself counts as printable.
    if not text or len(text) > MAX_URL or " " in text or not text.isprintable():
        return None
    try:
        parts = urlsplit(text)
        usable = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and parts.username is None
        _ = parts.port
    except ValueError:
        return None
    return text if usable else None


def absolute(base: str, href: object) -> str | None:
    """Return a link of the page at `base` as an absolute http or https address, or None."""
    if not isinstance(href, str) or len(href) > MAX_URL:
        return None
    try:
        return url_or_none(urljoin(base, href.strip()))
    except ValueError:
        return None


def address_id(url: str) -> str | None:
    """Return an address as an identity: host without "www.", path without end slash, query; no scheme, no fragment.

    >>> address_id("https://www.Example.org/forum/?f=2#top")
    'example.org/forum?f=2'
    """
    usable = url_or_none(url)
    if usable is None:
        return None
    parts = urlsplit(usable)
    host = parts.netloc.lower().removeprefix("www.")
    return host + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")


def dig(value: Any, *path: str | int) -> Any:
    """Return what lies at the end of a path of keys and positions, or None where any step is missing."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None
        if value is None:
            return None
    return value


def items(value: Any, *path: str | int) -> Iterator[dict[str, Any]]:
    """Yield the objects in the list at the end of a path; whatever else is in it is passed over."""
    found = dig(value, *path)
    if isinstance(found, list):
        yield from (item for item in found if isinstance(item, dict))
