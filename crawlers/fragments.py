"""Names, descriptions and links as directories send them: HTML and escapes, telephone numbers, links without https.

>>> name_or_none("Sew &amp; Natter<br>"), told("<p>*Sew* &amp; natter.<br>Ring 01632 960983, or ask @ann</p>")
('Sew & Natter', 'Sew & natter. Ring …, or ask …')
"""

from __future__ import annotations

import html
import math
import re
from typing import TYPE_CHECKING

from crawlers.links import read_link
from crawlers.parsing import MAX_TEXT, text_or_none
from crawlers.persons import without_telephones
from crawlers.prose import plain

if TYPE_CHECKING:
    from crawlers.links import Link

_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_INLINE = re.compile(r"</?(?:a|abbr|b|em|i|span|strong|u)(?=[\s>/])[^<>]*>", re.IGNORECASE)
_BARE = re.compile(r"(?:[\w-]{1,63}\.){1,4}[a-z]{2,20}/\S")


def name_or_none(value: object, limit: int = 300) -> str | None:
    """Return a short text that may hold tags and escapes in one line; None where there are no words."""
    if not isinstance(value, str):
        return None
    # Tags may be most of a text; what comes after many times the limit is not looked at.
    return text_or_none(html.unescape(_TAG.sub(" ", _INLINE.sub("", value[: limit * 8]))), limit)


def told(value: object, limit: int = MAX_TEXT) -> str | None:
    """Return a description, be it HTML, Markdown or plain, in one line; None where there are no words.

    Telephone numbers are blanked: whoever gave one to a directory gave it for their own members to ring.
    """
    text = plain(_INLINE.sub("", value[: MAX_TEXT * 8]), limit) if isinstance(value, str) else None
    return text_or_none(without_telephones(text), limit) if text else None


def sentences(*parts: str | None) -> str | None:
    """Join what several fields say into one text, each a sentence of its own; None where none says anything.

    >>> sentences("A choir", None, "All voices!")
    'A choir. All voices!'
    """
    said = dict.fromkeys(part for part in parts if part)
    return " ".join(part if part.endswith((".", "!", "?", "…", ":")) else f"{part}." for part in said) or None


def venue_at(value: object) -> Link | None:
    """Return the venue of another platform that a link leads to; None for a site of its own, or for a person."""
    text = value.strip() if isinstance(value, str) else ""
    link = read_link(f"https://{text}" if _BARE.match(text) else text)
    return link if link and link.native_id and link.platform != "website" else None


def degrees_or_none(value: object) -> float | None:
    """Return a latitude or longitude, which many a service sends as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= 180 else None
