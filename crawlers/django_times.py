"""Times as Django writes them for people: "Nov. 3, 2026, 4:05 p.m.", "Sept. 6, 2026, noon", "May 1, 2026, 8 a.m."."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawlers.times import Times

if TYPE_CHECKING:
    from datetime import datetime

_WHOLE_HOUR = re.compile(r"\b(\d{1,2}) ?([ap])\.m\.")
_MIDDAY = re.compile(r"\bnoon\b")


def django_time(text: str | None, now: datetime) -> datetime | None:
    """Return the time that a text names, as if in UTC: a site's own time zone is not known. None if it names none."""
    if not text:
        return None
    return Times(now).read(_MIDDAY.sub("12:00 p.m.", _WHOLE_HOUR.sub(r"\1:00 \2.m.", text)))
