"""What a reply says of when to come again: pure readings of its headers, and of the body of a refusal."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crawlers.parsing import date_or_none, dig

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WAIT = timedelta(days=30)
"""No reply can keep us from a site for longer: a larger figure is a mistake or a joke."""
_REMAINING = ("x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining")
_RESET = ("x-ratelimit-reset", "ratelimit-reset", "x-ratelimit-reset-after", "x-rate-limit-reset")
_LONGEST_WORD = 4096
"""Bytes of a refusal's body that are read for a time."""


def asked_to_wait(headers: Mapping[str, str], status: int, now: datetime, body: bytes = b"") -> datetime | None:
    """Return the time before which a reply asks not to be asked again.

    It is said by Retry-After, by a limit that is used up, or, where a 429 has no such header, by its JSON body.
    """
    after = _moment(headers.get("retry-after"), now)
    if after:
        return after
    left, reset = _limit(headers)
    if status == 429 or (left is not None and left < 1):
        after = _moment(reset, now)
    if after is None and status == 429 and body:
        after = _from_body(body, now)
    return after


def _limit(headers: Mapping[str, str]) -> tuple[float | None, str | None]:
    """Return how many requests are left, and when there are more, as three generations of headers say it."""
    left = next((headers[name] for name in _REMAINING if name in headers), None)
    reset = next((headers[name] for name in _RESET if name in headers), None)
    if left is None and "ratelimit" in headers:
        said = dict(re.findall(r"\b(r|t|remaining|reset)\s*=\s*(\d{1,10})", headers["ratelimit"][:200]))
        left, reset = said.get("r", said.get("remaining")), said.get("t", said.get("reset"))
    return _number(left) if left is not None else None, reset


def _from_body(body: bytes, now: datetime) -> datetime | None:
    """Read Matrix's and Discord's ways to say it."""
    try:
        said = json.loads(body[:_LONGEST_WORD])
    except (ValueError, RecursionError):
        return None
    for name, unit in (("retry_after_ms", 0.001), ("retry_after", 1.0)):
        value = dig(said, name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _moment(str(value * unit), now)
    return None


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _moment(text: str | None, now: datetime) -> datetime | None:
    """Read seconds from now, seconds since 1970, or a date; a past one is none at all."""
    if text is None:
        return None
    number = _number(text.strip())
    if number is None:
        found = date_or_none(text)
    elif number > 10**8:
        found = date_or_none(number)
    else:
        found = now + timedelta(seconds=max(number, 0.0))
    return min(found, now + LONGEST_WAIT) if found and found > now else None
