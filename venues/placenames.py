"""Names and distances: what the gazetteer and its compiler must do in the same way.

>>> normalise("Saint-Étienne & Stoke upon Trent")
'st etienne and stoke on trent'
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

EARTH_RADIUS_KM = 6371.0

# Letters that Unicode does not decompose, as English writes them, and the apostrophes and full stops, which go.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "&": " and ", "\r": " "}
    | dict.fromkeys("'’‘`´.ʻʼ", "")
)
_MARKS = re.compile("[\u0300-\u036f]+")
_GAPS = re.compile(r"(?:[^\w\n]|_)+")
_EDGES = re.compile(r" ?\n ?")
_WORDS = re.compile(r"\b(?:saint|sainte|upon|mount)\b")
_SAME_WORD = {"saint": "st", "sainte": "ste", "upon": "on", "mount": "mt"}


def normalise(name: str) -> str:
    """Give the one form in which names are compared.

    Case, accents and apostrophes go, hyphens and other marks become spaces, and words with two spellings get one:
    "saint" is "st", "&" is "and", "upon" is "on". An empty result means that the name has no letter or digit.
    """
    return _fold(name.replace("\n", " ")).strip()


def normalise_all(names: Iterable[str]) -> list[str]:
    """Normalise many names at once, twenty times as fast as one by one. No name may hold a line break."""
    return _EDGES.sub("\n", _fold("\n".join(names))).strip(" ").split("\n")


def _fold(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    text = text.casefold().translate(_LETTERS)
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return _WORDS.sub(lambda word: _SAME_WORD[word[0]], _GAPS.sub(" ", text))


def distance_km(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> float:
    """Give the great-circle distance of two points in degrees, by the haversine formula."""
    phi_1, phi_2 = math.radians(lat_1), math.radians(lat_2)
    half = math.sin((phi_2 - phi_1) / 2) ** 2
    half += math.cos(phi_1) * math.cos(phi_2) * math.sin(math.radians(lon_2 - lon_1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def radius_for(population: int) -> float:
    """Give the radius in km of a circle that holds nearly all of a settlement of that many people.

    A power law through what a map shows: 3 km for 10,000 people (a market town), 9 for Brighton, 14 for Birmingham,
    27 for London. A settlement of unknown size counts as a village.
    """
    return round(min(40.0, max(1.5, 3.0 * math.pow(population / 10_000, 0.32))), 1)


def quarter_radius_for(population: int) -> float:
    """Give the radius in km of a circle that holds a quarter of a city of that many people, with its edges.

    A settlement may have fields within its circle; round a quarter other quarters begin. 4,000 people to the square
    kilometre, which is about what the built-up parts of British cities have, and two fifths of the radius more.
    """
    return round(max(1.5, 1.4 * math.sqrt(population / 4_000 / math.pi)), 1)


def cell(lat: float, lon: float) -> int:
    """Give the number of the tenth-of-a-degree square that a point lies in, for look-ups by nearness."""
    return int((lat + 90) * 10) * 3600 + int((lon + 180) * 10) % 3600


def cells_around(lat: float, lon: float, reach: int) -> list[int]:
    """Give the squares at most `reach` squares away from that of the point."""
    steps = range(-reach, reach + 1)
    return [cell(lat + up / 10, lon + right / 10) for up in steps for right in steps]


def one_slip_from(word: str) -> set[str]:
    """Give all words with one letter more, less, other, or changed with its neighbour."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    less = {head + tail[1:] for head, tail in cuts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    other = {head + letter + tail[1:] for head, tail in cuts if tail for letter in letters}
    more = {head + letter + tail for head, tail in cuts for letter in letters}
    return (less | swapped | other | more) - {word}
