"""Titles of venues as words: what `r/LeedsDads`, `!leeds@feddit.uk` and `R-Ladies Leeds` have in common.

>>> read_title("r/LeedsDads").words
('leeds', 'dads')
>>> read_title("SE23 mums").words
('se23', 'mums')
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from venues.placenames import normalise

_MOVED = re.compile(r"^(?P<name>\S+) \(\w+ home of r/.*\)$")
_SUBREDDIT = re.compile(r"^/?[rc]/(?P<name>\w+)$")
_COMMUNITY = re.compile(r"^!(?P<name>[^@\s]+)@\S+$")
_WORDS = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_OUTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]?$")
_SEAM = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class Title:
    """A title taken apart."""

    words: tuple[str, ...]
    """Normalised."""
    capital: tuple[bool, ...]
    """Whether each was written with a capital letter."""
    handle: bool
    """Written as one word, as platforms demand: its parts may be glued together."""

    @property
    def glued(self) -> str:
        """The words without spaces between them."""
        return "".join(self.words)


def read_title(text: str) -> Title:
    """Take a title apart at spaces, marks and inner capitals."""
    for form in (_MOVED, _SUBREDDIT, _COMMUNITY):
        if found := form.match(text):
            text = found["name"]
            break
    spoken = _WORDS.findall(text)
    pieces = [piece for word in spoken for piece in _pieces(word)]
    pairs = [(norm, piece[:1].isupper()) for piece in pieces if (norm := normalise(piece))]
    words, capital = tuple(norm for norm, _ in pairs), tuple(upper for _, upper in pairs)
    return Title(words, capital, handle=len(spoken) == 1)


def _pieces(word: str) -> list[str]:
    """Split a word at its inner capitals and numbers, but leave postcodes and capitals throughout alone."""
    if _OUTCODE.match(word) or word.islower() or (word.isupper() and word.isalpha()):
        return [word]
    return _SEAM.split(word)
