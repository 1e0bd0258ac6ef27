"""A text cut into words, and the names of places found at them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from venues.place_words import LANDSCAPES, MODIFIERS, NEVER, TRAILING
from venues.placenames import normalise
from venues.settling import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from venues.gazetteer import Gazetteer
    from venues.model import Area
    from venues.settling import Claim

_TOWN = 6_000
"""People of a town whose name may stand for it although it is among the commonest words: Street, in Somerset."""
_LONGEST_NAME = 6
_MOST_MODIFIERS = 4
_WORD = re.compile(r"[^\s,;:!?()\[\]{}\"“”/|–—<>]+")
_OUTCODE = re.compile(r"([A-Za-z]{1,2})[0-9][0-9A-Za-z]?")
_INCODE = re.compile(r"[0-9][A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text and where it stands."""

    text: str
    start: int
    end: int
    gap: str
    """The punctuation between this word and the one before it."""

    @property
    def low(self) -> str:
        """The word in lower case, without a full stop."""
        return self.text.lower().rstrip(".")

    @property
    def capital(self) -> bool:
        """Whether it begins like a name."""
        return self.text[0].isupper() or self.text[0].isdigit()


@dataclass(frozen=True, slots=True)
class Match:
    """A name found at the words from `first` up to but without `last`, and all the places that it may mean."""

    first: int
    last: int
    name: str
    claims: Sequence[Claim]
    container: Area | None = None
    """What was named beside it as containing it."""

    @property
    def norm(self) -> str:
        """The normalised name."""
        return normalise(self.name)

    def largest(self, home: str) -> tuple[float, float]:
        """Give the largest claim on the name at home and that abroad; 0 where there is none."""
        here = max((size for area, size in self.claims if area.country == home), default=0.0)
        return here, max((size for area, size in self.claims if area.country != home), default=0.0)


class Text:
    """A text in words, with what its capitals are worth."""

    def __init__(self, text: str, gazetteer: Gazetteer) -> None:
        self.text = text
        self.gazetteer = gazetteer
        self.words = list(_split(text))
        self.cased = _is_cased(text, self.words)

    def __len__(self) -> int:
        return len(self.words)

    def low(self, index: int) -> str:
        """Give a word in lower case, or nothing where there is none."""
        return self.words[index].low if 0 <= index < len(self.words) else ""

    def gap(self, index: int) -> str:
        """Give the punctuation before a word, or a full stop at either end of the text."""
        return self.words[index].gap if 0 < index < len(self.words) else "."

    def named(self, index: int) -> bool:
        """Tell whether a word's capital marks it as a name: not where the writer capitalises all words or none."""
        return self.cased and 0 < index < len(self.words) and self.words[index].capital

    def part(self, first: int, last: int) -> str:
        """Give the words from `first` up to but without `last` as they were written."""
        return self.text[self.words[first].start : self.words[last - 1].end]

    def without(self, first: int, last: int) -> str:
        """Give the text without those words, tidied."""
        if first >= last:
            return tidy(self.text)
        return tidy(self.text[: self.words[first].start] + " " + self.text[self.words[last - 1].end :])

    def matches(self, first: int) -> Iterator[Match]:
        """Give the names that begin at a word, the longest first."""
        if first >= len(self):
            return
        last = first + 1
        while last < min(len(self), first + _LONGEST_NAME) and self.gap(last) in {"", "."}:
            last += 1
        for end in range(min(last, len(self)), first, -1):
            match = self._match(first, end)
            if match is not None:
                yield match

    def _match(self, first: int, last: int) -> Match | None:
        end = self.words[last - 1]
        if last - first > 1 and end.low in TRAILING and self.words[first].capital and not end.capital:
            return None  # "Lincoln city centre" is not in Lincoln City
        name = without_possessive(self.part(first, last))
        norm = normalise(name)
        if not norm or norm.removeprefix("the ") in MODIFIERS or (norm == "us" and not name.replace(".", "").isupper()):
            return None
        claims = self.gazetteer.ranked(name, limit=40)
        if norm in NEVER:
            claims = [claim for claim in claims if self.named(first) and claim[1] >= _TOWN and claim[0].country == "GB"]
        outcode = _OUTCODE.fullmatch(name)
        if outcode is not None:
            claims = [claim for claim in claims if claim[0].kind == "postcode"]
            claims = claims or [c for c in self.gazetteer.ranked(outcode[1]) if c[0].kind == "postcode"]
            if claims and last < len(self) and _INCODE.fullmatch(self.words[last].text):
                last += 1
        elif len(norm) <= 2 and not (name.isupper() and self.cased):
            claims = [claim for claim in claims if claim[0].kind in {"country", "nation"}]
        return Match(first, last, name, claims) if claims else None

    def is_landscape(self, first: int) -> bool:
        """Tell whether a mountain range, a park or a river is named at a word, perhaps after "the"."""
        first += self.low(first) == "the"
        ends = range(first + 1, min(len(self), first + 4) + 1)
        return any(normalise(self.part(first, end)) in LANDSCAPES for end in ends)

    def qualified(self, match: Match) -> Match:
        """Take in what is named next to a place as containing it: "Perth, Scotland", "Cambridge MA"."""
        for _ in range(3):
            wider = self._containing(match)
            if wider is None:
                break
            match = wider
        return match

    def _containing(self, match: Match) -> Match | None:
        gap = self.gap(match.last)
        if match.last >= len(self) or gap not in {"", ",", "("}:
            return None
        start = match.last + (self.low(match.last) in {"in", "the"} and gap == "")
        if gap == "" and self.cased and not self.named(start):
            return None
        for outer in self._containers(start):
            everywhere = self.gazetteer.ranked(match.name, limit=300) if match.container is None else match.claims
            held, container = inside(everywhere, [area for area, _ in outer.claims])
            if held:
                return Match(match.first, outer.last, match.name, held, match.container or container)
        return None

    def _containers(self, first: int) -> Iterator[Match]:
        yield from self.matches(first)
        code = self.words[first].text.replace(".", "") if first < len(self) else ""
        # Two letters may be a state, but only beside a place: "Birmingham, AL".
        if len(code) == 2 and code.isalpha() and (code.isupper() or self.gap(first) == ","):
            claims = self.gazetteer.ranked(code)
            if claims:
                yield Match(first, first + 1, code, claims)

    def trailing(self, last: int) -> int:
        """Give the end of a place phrase with what belongs to it: "the Leeds area", "Hull and the surrounding area"."""
        for end in range(min(len(self), last + 4), last, -1):
            if self.gap(last) == "" and self.part(last, end).lower() in TRAILING:
                return end
        return last

    def skip_modifiers(self, first: int) -> Iterator[int]:
        """Give the words at which a name may begin after a locating word: "in and around north Leeds"."""
        yield first
        for index in range(first, min(len(self), first + _MOST_MODIFIERS)):
            if self.low(index) not in MODIFIERS or self.gap(index + 1) not in {"", "."}:
                return
            if index + 1 < len(self):
                yield index + 1


def without_possessive(name: str) -> str:
    """Give a name without the ending that makes it an owner or an adjective.

    >>> without_possessive("Brighton's"), without_possessive("London-based")
    ('Brighton', 'London')
    """
    return re.sub(r"(['’]s?|-(based|area|born|dwelling))$", "", name)


def tidy(text: str) -> str:
    """Mend a text that a place was taken out of: spaces, stray punctuation, words that led to the place.

    >>> tidy("  dads  , ( ) and carers in the ")
    'dads, and carers'
    """
    text = re.sub(r"\(\s*\)|\[\s*\]", " ", text)
    text = re.sub(r"\s+([,;:.!?)])", r"\1", re.sub(r"\s+", " ", text))
    text = re.sub(r",(\s*,)+", ",", text).strip(" ,;:|/–—-.?!")
    shorter = re.sub(r"(?i)\s+(in|of|from|at|and|or|the|near|around|based|living|across|between)$", "", text)
    shorter = re.sub(r"(?i)^(the|in|of|and|from|for)\s+", "", shorter)
    return text if text == shorter else tidy(shorter)


def _split(text: str) -> Iterator[Word]:
    end = 0
    for found in _WORD.finditer(text):
        word = found[0].strip("'’‘-*_")
        if word and word != "." and any(char.isalnum() or char == "&" for char in word):
            start = found.start() + found[0].index(word)
            yield Word(word, start, start + len(word), text[end:start].strip(" '’‘*_\t\n"))
            end = start + len(word)


def _is_cased(text: str, words: Sequence[Word]) -> bool:
    """Tell whether the writer sets names apart by capitals: uses them, but not for all words of any length."""
    if text.isupper() or not any(word.capital and word.text[0].isalpha() for word in words[1:]):
        return False
    long = [word for word in words[1:] if len(word.text) > 3 and word.text[0].isalpha()]
    return not words[0].capital or len(long) <= 1 or not all(word.capital for word in long)
