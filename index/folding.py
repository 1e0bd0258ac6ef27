"""Mirrors: one community that has an address on several platforms is one suggestion with several addresses.

Two venues are the same community if one says that it is a home of the other, or if both have one name and, on different
platforms, the same description or the same place. A glued name such as `r/cars` and `!cars@lemmy.world` is no evidence
by itself: those are two communities of one subject.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Candidate

_HOME_OF = re.compile(r"\bhome of /?(r/\w+|[!@]\S+|\S+\.\S+)", re.IGNORECASE)
_ASIDE = re.compile(r"\s*\([^)]*\)|@\S+$")
_MARK = re.compile(r"^/?(?:[rcu]/|[!@#])", re.IGNORECASE)
_TELLING = 40
"""Characters of a description that are no coincidence."""
_NAME = 8
"""Letters of a name that are none within one place."""


def keys_of(candidate: Candidate) -> tuple[tuple[str, ...], ...]:
    """Return what a venue shares with its mirrors; two venues with one key in common are one community."""
    listing, where = candidate.venue.listing, candidate.venue.whereabouts
    return _keys(listing.title, listing.description, where.area_id if where else None)


@lru_cache(maxsize=4096)
def _keys(title: str, description: str | None, area_id: str | None) -> tuple[tuple[str, ...], ...]:
    return tuple(_each_key(title.strip(), description, area_id))


def _each_key(title: str, description: str | None, area_id: str | None) -> Iterator[tuple[str, ...]]:
    name = _MARK.sub("", _ASIDE.sub("", title)).casefold().strip()
    home = _HOME_OF.search(title)
    if home:
        yield ("home", home[1].casefold().rstrip(")"))
    elif title.casefold().lstrip("/").startswith("r/"):
        yield ("home", title.casefold().lstrip("/"))
    about = " ".join((description or "").casefold().split())
    if name and len(about) >= _TELLING:
        yield ("words", name, about[:200])
    if len(name) >= _NAME and not _MARK.match(title) and area_id:
        yield ("place", name, area_id)


def fold(candidates: Iterable[Candidate]) -> list[list[Candidate]]:
    """Return the candidates by community, in the order in which the first of each came.

    Only venues of different platforms are mirrors: two of one name on one platform are two.
    """
    groups: list[list[Candidate]] = []
    group_of: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in candidates:
        keys = keys_of(candidate)
        group = next((found for key in keys if (found := group_of.get(key)) and _may_join(candidate, found)), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(candidate)
        for key in keys:
            group_of.setdefault(key, group)
    return groups


def _may_join(candidate: Candidate, group: list[Candidate]) -> bool:
    return all(candidate.venue.listing.platform != other.venue.listing.platform for other in group)
