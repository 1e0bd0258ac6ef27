"""Which audiences of the lexicon a venue's own words name: "for landlords" is not for tenants, however near in meaning.

>>> sorted(mentioned("Dads and toddlers in Leeds"))
['fathers', 'new_parents']
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from venues.audience_lexicon import TOKEN, lexicon, plain_form, stem
from venues.audiences import read_audience
from venues.model import Naming

if TYPE_CHECKING:
    from collections.abc import Mapping

READ_CHARS = 300
"""Of a venue's words the beginning is read: there it says whom it is for."""

KIN = 0.6
"""The share of what is wanted that near kin of it is."""

_EVERYBODY = re.compile(
    r"\b(?:residents|neighbours|neighbourhood|locals?|local people|people living|(?:community|local|city|town) news"
    r"|news (?:site|and discussion)|notice ?board|what['’]?s on|mutual aid|community group|magazine)\b",
    re.IGNORECASE,
)
"""What spaces for everybody in a place say of themselves."""

GENERAL = frozenset({"residents", "neighbours", "whats_on", "local_news", "notice_board", "newcomers", "buy_and_sell"})
"""Audiences that are everybody in a place."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The audiences that a query names, and those nearly the same."""

    groups: tuple[frozenset[str], ...]
    """One of each group is wanted, all groups at once."""
    kin: frozenset[str]
    against: frozenset[str]
    """Those that no venue serves beside these: landlords, where tenants are wanted."""


@lru_cache(maxsize=1024)
def aim_of(words: str) -> Aim:
    """Return what a query's audience words name, and what the lexicon calls near kin of it."""
    groups = read_audience(words).groups
    entries = lexicon().entries
    wanted = frozenset[str]().union(*groups)
    kin = frozenset[str]().union(*(mentioned(kin) for name in wanted for kin in entries[name].kin))
    against = _against(wanted)
    return Aim(groups, kin - against, against)


def _against(wanted: frozenset[str]) -> frozenset[str]:
    pairs = lexicon().opposites.items()
    return frozenset(b if a in wanted else a for a, b in pairs if a in wanted or b in wanted) - wanted


def naming(title: str, description: str | None, aim: Aim) -> Naming:
    """Return how what a venue names stands to what is wanted."""
    named, general = _said(title, description)
    if not aim.groups:
        return Naming(None, general)
    if others := _others_in_name(title, aim) or _instead(named, aim):
        return Naming(0.0, general, _people_of(min(others)))
    shared = sum(not named.isdisjoint(group) or (general and not group - GENERAL) for group in aim.groups)
    if shared:
        everybody = general and all(group <= GENERAL for group in aim.groups)
        return Naming(shared / len(aim.groups), general, everybody_wanted=everybody)
    if named & aim.kin:
        return Naming(KIN, general, kin=True)
    if others := named - GENERAL:
        return Naming(0.0, general, _people_of(min(others)))
    return Naming(None, general)


@lru_cache(maxsize=8192)
def _said(title: str, description: str | None) -> tuple[frozenset[str], bool]:
    """Return the audiences that a venue's words name, and whether they say that it is for everybody in a place."""
    text = f"{title}. {description[:READ_CHARS]}" if description else title
    return mentioned(text), bool(_EVERYBODY.search(text))


def _others_in_name(title: str, aim: Aim) -> frozenset[str]:
    """Return those not served beside the wanted that a name holds: landlords speak of tenants, and are not for them."""
    if not aim.against:
        return frozenset()
    named = mentioned(title)
    return named & aim.against if named.isdisjoint(frozenset[str]().union(*aim.groups)) else frozenset()


_EXCLUSIVE = frozenset({"people", "faith"})
"""Facets of which a venue is for one or another: Indian women are not Latin American women, whatever they share."""


def _instead(named: frozenset[str], aim: Aim) -> frozenset[str]:
    """Return whom a venue names in the stead of those wanted, of one nation or faith."""
    entries = lexicon().entries
    for group in aim.groups:
        facets = {entries[name].facet for name in group} & _EXCLUSIVE
        of_them = {name for name in named if entries[name].facet in facets}
        if of_them and of_them.isdisjoint(group | aim.kin):
            return frozenset(of_them)
    return frozenset()


def _people_of(name: str) -> str:
    entry = lexicon().entries[name]
    return next(iter((*entry.who, *entry.sorts_of_who)), name.replace("_", " "))


class _Phrase(NamedTuple):
    """A phrase of the lexicon: the stems after the first, and the audience it names."""

    rest: tuple[str, ...]
    name: str


@cache
def _by_first() -> Mapping[str, tuple[_Phrase, ...]]:
    """Return the lexicon's phrases by their first stem, the longest first."""
    found: dict[str, list[_Phrase]] = {}
    for phrase, entry in lexicon().phrases.items():
        first, *rest = phrase.split()
        found.setdefault(first, []).append(_Phrase(tuple(rest), entry.name))
    return {first: tuple(sorted(rows, key=lambda row: -len(row.rest))) for first, rows in found.items()}


@lru_cache(maxsize=65536)
def _stem_of(word: str) -> str:
    return stem(plain_form(word))


@lru_cache(maxsize=8192)
def mentioned(text: str) -> frozenset[str]:
    """Return the names of the audiences that a text names, longest phrases first, from left to right."""
    stems = [_stem_of(word) for word in TOKEN.findall(text)]
    table = _by_first()
    other = {word for word, beside in lexicon().homographs.items() if not beside.isdisjoint(stems)}
    names: set[str] = set()
    at = 0
    while at < len(stems):
        for rest, name in table.get(stems[at], ()):
            if not rest and stems[at] in other:
                continue
            if not rest or tuple(stems[at + 1 : at + 1 + len(rest)]) == rest:
                names.add(name)
                at += len(rest)
                break
        at += 1
    return frozenset(names)
