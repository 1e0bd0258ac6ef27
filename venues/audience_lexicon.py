"""The lexicon of audiences: which words mean which people, and how two words are told to be the same."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).with_name("data") / "audiences.toml"

TOKEN = re.compile(r"\w+(?:['’&]\w+)*\+?")
_APOSTROPHE = re.compile(r"(?<!what)['’]s\b|['’]")
_IRREGULAR = {"woman": "women", "man": "men", "child": "children", "kid": "kid", "person": "people", "news": "news"}
_SIBILANTS = ("se", "xe", "ze", "che", "she")


@dataclass(frozen=True, slots=True)
class Entry:
    """One audience of the lexicon."""

    name: str
    facet: str
    who: tuple[str, ...]
    """The people, in the plural."""
    sorts_of_who: tuple[str, ...]
    """People who are some of these and not the same."""
    what: tuple[str, ...]
    """The adjective or the activity."""
    sorts_of_what: tuple[str, ...]
    kin: tuple[str, ...]
    """How venues of nearly the same people describe themselves."""


class Lexicon(NamedTuple):
    """All audiences, and which words mean which."""

    entries: dict[str, Entry]
    phrases: dict[str, Entry]
    """By the stems of a phrase."""
    crossings: dict[str, tuple[str, ...]]
    opposites: dict[str, str]
    homographs: dict[str, frozenset[str]]
    """Words of an entry, and those beside which they mean something else."""
    words: dict[str, frozenset[str]]
    """Negators, clause_ends, fillers, and faint: words that narrow too little to count as a facet of their own."""


@cache
def lexicon() -> Lexicon:
    """Return the lexicon, read when first asked for."""
    sections = tomllib.loads(DATA.read_text(encoding="utf-8"))
    crossings = {pair: _items(kin) for pair, kin in sections.pop("crossings").items()}
    opposites: dict[str, str] = sections.pop("opposites")
    homographs = {word: frozenset(map(stem, beside.split())) for word, beside in sections.pop("homographs").items()}
    words = {part: frozenset(listed.split()) for part, listed in sections.pop("words").items()}
    entries = {
        name: _entry(name, facet, *rows) for facet, section in sections.items() for name, rows in section.items()
    }
    phrases = {  # the lexicon is written plainly: nothing in it needs `key_of`, which takes three times as long
        " ".join(map(stem, phrase.split())): entry
        for entry in entries.values()
        for phrase in (*entry.who, *entry.sorts_of_who, *entry.what, *entry.sorts_of_what)
    }
    words["faint"] = words["carriers"] | words["fillers"] | words["soft"]
    return Lexicon(entries, phrases, crossings, opposites, homographs, words)


def _entry(name: str, facet: str, who: str, what: str, kin: str) -> Entry:
    people, _, sorts_of_people = who.partition(";")
    thing, _, sorts_of_thing = what.partition(";")
    return Entry(name, facet, *map(_items, (people, sorts_of_people, thing, sorts_of_thing, kin)))


def _items(row: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in row.split(",")) if row.strip() else ()


def plain_form(word: str) -> str:
    """Return a word without capitals and apostrophes, nor the s that follows one."""
    return _APOSTROPHE.sub("", word.casefold())


@lru_cache(maxsize=16384)  # the lexicon is half of it
def stem(word: str) -> str:
    """Return what singular and plural have in common; both sides of a comparison must come from here."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if len(word) > 3 and word.endswith("ie"):
        return word[:-2] + "y"
    return word[:-1] if len(word) > 4 and word.endswith(_SIBILANTS) else word


@lru_cache(maxsize=16384)
def key_of(phrase: str) -> str:
    """Return the stems of a phrase: what its entry is found by."""
    return " ".join(stem(plain) for word in TOKEN.findall(phrase) if (plain := plain_form(word)))


def phrases() -> frozenset[str]:
    """Return every phrase of the lexicon: what a reading may say in other words."""
    read = lexicon()
    forms = ("who", "sorts_of_who", "what", "sorts_of_what", "kin")
    said = [form for entry in read.entries.values() for part in forms for form in getattr(entry, part)]
    return frozenset(said).union(*read.crossings.values())


def edition() -> str:
    """Return what changes with the lexicon, without reading it: the digest of its file."""
    return sha256(DATA.read_bytes()).hexdigest()
