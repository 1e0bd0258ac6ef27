"""What tells one forum engine from another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from bs4 import Tag

TITLE, SUB = "title", "sub"
"""What an engine's own markup may say of a link: the title of a board's row, or one of the sub-boards named in it."""

_PEOPLE = (
    r"(?:member(?:list|s)?|profile|showgroups|usercp|groupcp|private|online)\.php|(?:^|/)(?:members?|users?|profile|author)"
    r"(?:/|-?\d|$)|(?:^|/)(?:user|profile|membre)-|viewprofile|action=(?:profile|who|mlist)|(?:^|/)u\d+(?:[-/.]|$)|userid="
    r"|[?&;]u=\d|mode=group|do=finduser|blog\.php\?u="
)
_POSTS = (
    r"\b(?:postbody|postbit|postbitlegacy|post_body|postcontent|post_content)(?: [^\"'<>]{0,60})?[\"']"
    r"|id=[\"'](?:post_message_|pid_)\d"
)


def _none(_: object) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How one engine writes its pages."""

    platform: str
    board: re.Pattern[str]
    """Addresses of boards; the first group that matches is the board's number or name."""
    thread: re.Pattern[str]
    """Addresses of threads and posts, as far as they are not those of boards."""
    people: re.Pattern[str] = re.compile(_PEOPLE, re.IGNORECASE)
    """Addresses of members and groups of them."""
    mark: Callable[[Tag], str]
    """What its own markup says of a link: TITLE, SUB, rows.THREAD or nothing."""
    heading: Callable[[Tag], str | None]
    """The text of an element that heads a category; "" for a heading without a name, None for any other element."""
    heads: frozenset[str]
    """Names of elements that may be headings."""
    own_title: Callable[[Tag], Tag | None]
    """Where the page of one board names it."""
    own_page: re.Pattern[str]
    """What the source of one board's page has."""
    posts: re.Pattern[str] = re.compile(_POSTS)
    """What the source of a thread's page has."""
    posts_first: bool = False
    """Whether the number of posts stands before that of topics."""
    more: Callable[[Tag, bool], bool] = lambda _, __: False
    """Whether a row's board has sub-boards that the row does not name; told the row, and whether it names any."""
    totals: Callable[[Tag], dict[str, Any]] = _none
    """What the index says of the whole forum: topics, posts, members."""
