"""JSON that a page of HTML carries within it for its own scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re

_DECODER = json.JSONDecoder()


def json_behind(start: re.Pattern[str], text: str) -> Any:
    """Return the JSON that begins where the first match of a pattern ends; None where there is no such thing."""
    found = start.search(text)
    if found is None:
        return None
    try:
        return _DECODER.raw_decode(text, found.end())[0]
    except (ValueError, RecursionError):
        return None


def json_of(text: object) -> Any:
    """Return what a text of JSON holds; None where it is no such text."""
    try:
        return json.loads(text) if isinstance(text, str) and text else None
    except (ValueError, RecursionError):
        return None
