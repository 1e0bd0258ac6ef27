r"""Markdown and HTML as sources write them, made plain: what is meant to be read, without marks, links and people.

>>> plain("**Welcome!** Ask @ann, see the [rules](https://x.example/rules).")
'Welcome! Ask …, see the rules.'
>>> rules_in("## Rules\n1. Be kind\n2. No adverts\n\nAbout us")
('Be kind', 'No adverts')
"""

from __future__ import annotations

import html
import re
from itertools import islice
from typing import TYPE_CHECKING

from crawlers.parsing import MAX_TEXT, text_or_none
from crawlers.persons import HANDLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_READ = 8 * MAX_TEXT
"""No more of a text is looked at than could be kept."""
_RULES = 50
_RULE = 300
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|/p|/li|/h[1-6]|/div)\b[^<>]{0,200}>", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\[\]]{0,500}\]\([^()\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\]\(([^()\s]{1,2000})(?:\s[^()\n]{0,300})?\)")
_PROFILE = re.compile(r"(?:^|/)(?:u|users?|profile|member)/[^/]+/?$|/@[^/]+/?$|^mailto:", re.IGNORECASE)
_MARKS = re.compile(r"\*{1,3}|_{2,3}|`{1,3}|~~")
_LINE_START = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}|>{1,3}|[-+]|\d{1,3}[.)])[ \t]+|^[ \t]{0,3}(?:-{3,}|={3,})[ \t]*$", re.MULTILINE
)
_ITEM = re.compile(r"[ \t]{0,6}(?:[-*+•]|\(?\d{1,2}[.):])[ \t]+(?P<text>\S.*)")
_HEADING = re.compile(r"[ \t]{0,3}(?:#{1,6}[ \t].*|\*\*.*|__.*|.*:[ \t]*)")
_SAYS_RULES = re.compile(r"(?<![a-z])(?:rules?|guidelines|code of conduct)(?![a-z])", re.IGNORECASE)


def plain(value: object, limit: int = MAX_TEXT) -> str | None:
    """Return a text without mark-up in one line, persons' handles and links to persons blanked; None without words."""
    if not isinstance(value, str):
        return None
    text = _IMAGE.sub(" ", html.unescape(_TAG.sub(" ", value[:_READ])))
    text = _MARKS.sub("", _LINE_START.sub("", _LINK.sub(_linked, text)))
    return text_or_none(HANDLE.sub("…", text), limit)


def _linked(link: re.Match[str]) -> str:
    return "…" if _PROFILE.search(link[2]) else link[1]


def rules_in(value: object) -> tuple[str, ...]:
    """Return the items of the list that stands under a heading about rules; none where there is no such list."""
    if not isinstance(value, str):
        return ()
    lines = iter(_BREAK.sub("\n", value[:_READ]).splitlines())
    for line in lines:
        if len(line) < 100 and _HEADING.fullmatch(line) and _SAYS_RULES.search(line):
            found = _plain_all(_items(lines))
            if found:
                return found
    return ()


def listed(value: object) -> tuple[str, ...]:
    """Return a text that is all rules, item by item or, where it is no list, line by line."""
    if not isinstance(value, str):
        return ()
    lines = _BREAK.sub("\n", value[:_READ]).splitlines()
    marked = [found["text"] for line in lines if (found := _ITEM.match(line))]
    return _plain_all(marked or (line for line in lines if not line.lstrip().startswith("#")))


def _items(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        found = _ITEM.match(line)
        if found:
            yield found["text"]
        elif line.strip():
            return


def _plain_all(texts: Iterable[str]) -> tuple[str, ...]:
    rules = (plain(text, _RULE) for text in islice(texts, _RULES))
    return tuple(rule for rule in rules if rule)
