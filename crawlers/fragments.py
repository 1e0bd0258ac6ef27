"""Descriptions as services send them: HTML, escapes and telephone numbers in a text that should be plain.

>>> plain("<p>Sew &amp; natter.<br>Ring 01632 960983</p>")
'Sew & natter. Ring …'
"""

from __future__ import annotations

import html
import math
import re

from crawlers.parsing import MAX_TEXT, text_or_none

_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_INLINE = re.compile(r"</?(?:a|abbr|b|em|i|span|strong|u)(?=[\s>/])[^<>]*>", re.IGNORECASE)
_TELEPHONE = re.compile(r"(?<![\w.,:/=-])(?:\+|\(?0)[\d ()-]{8,20}\d(?![\w-])")


def plain(value: object, limit: int = MAX_TEXT) -> str | None:
    """Return the words of an HTML or plain text in one line; None where there are none.

    Telephone numbers are blanked: whoever gave one to a directory gave it for their own members to ring.
    """
    if not isinstance(value, str):
        return None
    # Tags may be most of a text; what comes after many times the limit is not looked at.
    untagged = _TAG.sub(" ", _INLINE.sub("", value[: limit * 8]))
    text = text_or_none(html.unescape(untagged), limit * 2)
    return text_or_none(_TELEPHONE.sub(_blanked, text), limit) if text else None


def _blanked(found: re.Match[str]) -> str:
    return "…" if sum(char.isdigit() for char in found[0]) >= 10 else found[0]


def sentences(*parts: str | None) -> str | None:
    """Join what several fields say into one text, each a sentence of its own; None where none says anything.

    >>> sentences("A choir", None, "All voices!")
    'A choir. All voices!'
    """
    said = dict.fromkeys(part for part in parts if part)
    return " ".join(part if part.endswith((".", "!", "?", "…", ":")) else f"{part}." for part in said) or None


def degrees_or_none(value: object) -> float | None:
    """Return a latitude or longitude, which many a service sends as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= 180 else None
