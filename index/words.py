"""What of a listing is embedded, and the two hashes that tell whether it changed.

Half of all venues have no description: there the name is everything, and it is often glued: `r/LeedsDads`,
`!cycling@lemmy.world`, `r/youngmums`. The encoder's word pieces make little of those, so they are taken apart first.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache, lru_cache
from math import inf, log
from typing import TYPE_CHECKING

from index.exporting import model_folder

if TYPE_CHECKING:
    from datetime import datetime

    from venues.model import Listing

DESCRIPTION_CHARS = 1000
"""Of a longer description only the beginning is embedded: the model reads about as much."""

RULES = 2
"""Raised where a rule changes by which a listing is placed or withheld: what is stored is then decided anew when its
source is next read, and not embedded anew."""

_HASH_CHARS = 32  # 128 bits
_MARK = re.compile(r"^/?(?:[ruc]/|[!@#])", re.IGNORECASE)
_HOST = re.compile(r"@[\w.-]+\.\w+$")
_SEPARATORS = re.compile(r"[\s_\-.+~|/]+")
_ADDRESS = re.compile(r"://|\w\.\w")
# Between "leeds" and "Dads", "OSM" and "Saudi", "over" and "40", "40" and "Plus"; but "70s" and "3d" stay whole.
_SEAMS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z]{2})(?=\d)|(?<=\d)(?=[A-Z])")
# Pictures, their joiners and shades, private characters, and controls: they say nothing to the model but "unknown".
_PICTURES = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ue000-\uf8ff\ufeff\ufffd\x00-\x1f\x7f-\x9f\U000e0000-\U000e007f]+"
)

_SHORTEST_GLUED = 6
_LONGEST_GLUED = 40
_LONGEST_WORD = 16
_SHORT_WORDS = frozenset(
    "uk|us|eu|nz|dc|la|ny|tv|pc|of|in|to|my|me|is|it|at|on|by|or|no|we|up|go|so|do|an".split("|")  # noqa: SIM905 - dense
)
# The vocabulary holds these as words too; in the middle of a name they are what is left of a wrong cut.
_ENDINGS = frozenset(
    "ing|ion|ers|est|ism|ist|ity|ous|ful|able|ness|less|tion|ive|ish|ate|ent|ant|ter|esting".split("|")  # noqa: SIM905
)
_FIRST_WORD_LINE = 1996  # before it the vocabulary holds marks, gaps and single characters
_SUFFIXES = ("s", "ing", "er", "ers")
_SUFFIX_COST = 2.0


def text_of(listing: Listing) -> str:
    """Return the words to embed: the name, made readable too, what it is part of, the beginning of the description.

    A glued name is said both ways: taken apart it means something, and as it stands it is what other people's words
    are nearest to. Either alone ranks worse (see the benchmarks).
    """
    name, given = readable(listing.title), _collapse(listing.title)
    if name != given:
        name = f"{given}. {name}" if name else given
    if listing.parent:
        name = f"{name}. {_collapse(listing.parent)}"
    about = _collapse(listing.description[: 2 * DESCRIPTION_CHARS]) if listing.description else ""
    if not about:
        return name
    return f"{name}. {about[:DESCRIPTION_CHARS].rstrip()}" if name else about[:DESCRIPTION_CHARS].rstrip()


@lru_cache(maxsize=16384)
def readable(title: str) -> str:
    """Return a venue's name as words: "r/LeedsDads" and "r/leedsdads" as "Leeds Dads" and "leeds dads".

    A title that has spaces is written for people and keeps its words; an address is kept too.
    """
    plain = _collapse(title)
    bare = _HOST.sub("", _MARK.sub("", plain))
    if " " in plain or (bare == plain and _ADDRESS.search(plain)):
        return plain
    pieces = _SEAMS.sub(" ", _SEPARATORS.sub(" ", bare)).split()
    return " ".join(unglued(piece) for piece in pieces) or plain


@lru_cache(maxsize=4096)
def unglued(word: str) -> str:
    """Return an all-lower-case word that no one has heard of as the likeliest row of known ones, or as it is.

    The likeliest is the one whose words are together the most frequent, each new word having its price.
    """
    known = _costs()
    if not (_SHORTEST_GLUED <= len(word) <= _LONGEST_GLUED and word.isascii() and word.isalpha() and word.islower()):
        return word
    if _cost(word, known) < inf:
        return word
    best: list[tuple[float, int]] = [(0.0, 0)]  # for each length of the beginning: its cost, where its last word starts
    for end in range(1, len(word) + 1):
        cheapest = (inf, 0)
        for start in range(max(0, end - _LONGEST_WORD), end):
            before = best[start][0]
            if before < cheapest[0]:  # never where no row of words ends
                cheapest = min(cheapest, (before + _cost(word[start:end], known), start))
        best.append(cheapest)
    if best[-1][0] == inf:
        return word
    words: list[str] = []
    end = len(word)
    while end:
        words.insert(0, word[best[end][1] : end])
        end = best[end][1]
    return " ".join(words)


def words_hash(listing: Listing) -> str:
    """Return 32 hexadecimal digits of the words that are embedded: equal ones need no new vector."""
    return _digest(text_of(listing))


def listing_hash(listing: Listing) -> str:
    """Return 32 hexadecimal digits of everything the source said of the venue, and of the edition of our rules.

    They are the same in every process. When and on which page it was read is not counted: a venue that moves to the
    next page of a list is no change.
    """
    said = [getattr(listing, name) if name != "last_post_at" else _instant(listing.last_post_at) for name in _HASHED]
    return _digest(json.dumps([RULES, *said], separators=(",", ":")))


@cache
def _costs() -> dict[str, float]:
    """Return the model's own whole words, each with minus the logarithm of how often it is met, by Zipf's law.

    The vocabulary is in falling order of frequency. Takes 15 ms, once, and only where something is glued.
    """
    lines = (model_folder() / "vocab.txt").read_text("utf-8").split("\n")[_FIRST_WORD_LINE:]
    scale = log(log(len(lines)))
    return {word: log(rank) + scale for rank, word in enumerate(lines, 1) if word.isascii() and word.isalpha()}


def _cost(word: str, known: dict[str, float]) -> float:
    """Return the cost of one word, infinite where it is not known; few words of two letters are, and no mere ending."""
    cost = known.get(word)
    if cost is not None:
        return inf if word in _ENDINGS or (len(word) <= 2 and word not in _SHORT_WORDS) else cost
    if len(word) > 3 and word[-1] in "sgr" and word.endswith(_SUFFIXES):
        stems = [word.removesuffix(suffix) for suffix in _SUFFIXES if word.endswith(suffix)]
        return min(known.get(stem, inf) if len(stem) > 2 else inf for stem in stems) + _SUFFIX_COST
    return inf


def _collapse(text: str) -> str:
    return " ".join(_PICTURES.sub(" ", text).split())


def _instant(moment: datetime | None) -> float | None:
    """Return a time as seconds: the same moment written with another offset is no change."""
    return None if moment is None else moment.timestamp()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_CHARS]


def _hashed_fields() -> tuple[str, ...]:
    from dataclasses import fields

    from venues.model import Listing

    return tuple(field.name for field in fields(Listing) if field.name not in {"seen_at", "source_url"})


_HASHED = _hashed_fields()
