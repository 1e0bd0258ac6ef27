"""Who takes part: small trained heads that read five axes from what a venue says of itself.

Likeness of words is not presence of people: "a community for women minus a community for men" says next to nothing of
who is there. The heads were trained on communities of which it is known who really takes part (see
`benchmarks/train_audience.py`, which makes the file beside this module, and its figures in benchmarks/README.md).

A head is a kernel regression: a venue's name, its description and both together are compared with those of communities
whose audience is known, and their words with the words that went with it. Each value comes with the interval that held
nine in ten communities that the heads had never seen; without a description it is nearly as wide as all there is,
which means "not known". Nothing here is about a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from index.words import DESCRIPTION_CHARS, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from index.embedding import Encoder
    from venues.model import Listing

AXES = ("gender", "age", "affluence", "partisan", "sociality")
"""High is: more women, older, richer, more to the right, more sociable subjects."""
WORD_SLOTS = 1 << 15
SHORT = 60
"""Characters of a description that say little."""
_TOKEN = re.compile(r"\w\w+")


class Estimate(NamedTuple):
    """One axis of one venue, in the units of the scores that the heads were trained on."""

    value: float
    low: float
    high: float
    """Nine in ten communities never seen lay between low and high."""


@dataclass(frozen=True, slots=True)
class Heads:
    """What the training kept."""

    model: str
    """The encoder whose vectors they read."""
    means: NDArray[np.float32]
    """Of the three vectors' parts: shape (3, dimensions)."""
    known: NDArray[np.float32]
    """The communities compared with: shape (n, 3, dimensions), rows of length 1."""
    duals: NDArray[np.float32]
    """What each says of each axis: shape (n, axes)."""
    rarity: NDArray[np.float32]
    """Of each slot of words, and what it says of each axis: shape (slots,) and (slots, axes)."""
    words: NDArray[np.float32]
    width: float
    """Of the kernel: exp(-width x squared distance)."""
    levels: NDArray[np.float32]
    """Predictions and the scores that go with them, rising: shape (axes, 2, steps)."""
    margins: NDArray[np.float32]
    """How far below and above, by how much is said: shape (3, axes, 2)."""


def texts_of(listing: Listing) -> tuple[str, str, str]:
    """Return what the heads read of a listing: its name, its description, and both."""
    name = readable(listing.title)
    about = " ".join((listing.description or "").split())[:DESCRIPTION_CHARS]
    return name, about, f"{name}. {about}" if about else name


def profile(listings: Sequence[Listing], encoder: Encoder, heads: Heads | None = None) -> list[dict[str, Estimate]]:
    """Return the five axes of each listing. The encoder must be the one that the heads were trained with."""
    heads = heads or load_heads()
    if encoder.model != heads.model:
        raise ValueError(f"The heads read vectors of {heads.model}, not of {encoder.model}.")
    texts = [texts_of(listing) for listing in listings]
    raw = predict(heads, parts_of(texts, encoder), [both for _, _, both in texts])
    said = np.array([0 if not about else 1 if len(about) < SHORT else 2 for _, about, _ in texts])
    return [_estimates(heads, row, kind) for row, kind in zip(raw, said, strict=True)]


def parts_of(texts: Sequence[tuple[str, str, str]], encoder: Encoder) -> NDArray[np.float32]:
    """Return the vectors of names, descriptions and both: shape (n, 3, dimensions)."""
    flat = list(dict.fromkeys(text for row in texts for text in row))
    places = {text: place for place, text in enumerate(flat)}
    vectors = encoder.encode(flat)
    return vectors[np.array([[places[text] for text in row] for row in texts], dtype=np.intp).reshape(-1, 3)]


def centred(parts: NDArray[np.float32], means: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vectors less their mean, of length 1 again."""
    moved = parts - means
    length = np.linalg.norm(moved, axis=-1, keepdims=True)
    shown: NDArray[np.float32] = moved / np.maximum(length, 1e-9)
    return shown


def likeness(one: NDArray[np.float32], other: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """Return the kernel of two sets of centred vectors: the mean over the three parts, each 1 for the same."""
    total = np.zeros((len(one), len(other)), dtype=np.float32)
    for part in range(3):
        total += np.exp(np.float32(-width) * (2 - 2 * one[:, part] @ other[:, part].T))
    return total / np.float32(3)


def predict(heads: Heads, parts: NDArray[np.float32], texts: Iterable[str]) -> NDArray[np.float32]:
    """Return raw predictions, one row a text: shape (n, axes)."""
    rows = likeness(centred(parts, heads.means), heads.known, heads.width) @ heads.duals
    for place, text in enumerate(texts):
        slots, weights = word_weights(text, heads.rarity)
        rows[place] += weights @ heads.words[slots]
    return rows


def word_weights(text: str, rarity: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the slots of a text's words and pairs, and their weights: 1 + log count, by rarity, of length 1."""
    words = _TOKEN.findall(text.casefold())
    counts: dict[int, int] = {}
    for gram in (*words, *(f"{a} {b}" for a, b in pairwise(words))):
        slot = crc32(gram.encode()) % WORD_SLOTS
        counts[slot] = counts.get(slot, 0) + 1
    slots = np.fromiter(counts, dtype=np.intp, count=len(counts))
    weights = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * rarity[slots]
    return slots, weights / max(float(np.linalg.norm(weights)), 1e-9)


def _estimates(heads: Heads, row: NDArray[np.float32], said: int) -> dict[str, Estimate]:
    found = {}
    for place, axis in enumerate(AXES):
        predicted, scores = heads.levels[place]
        value = float(np.interp(row[place], predicted, scores))
        below, above = heads.margins[said, place]
        found[axis] = Estimate(value, value - float(below), value + float(above))
    return found


@cache
def load_heads() -> Heads:
    """Read the heads that come with the package."""
    with as_file(files("index") / "data" / "audience.npz") as path, np.load(path, allow_pickle=False) as kept:
        return Heads(
            model=str(kept["model"]),
            means=kept["means"],
            known=kept["known"].astype(np.float32) * kept["step"],
            duals=kept["duals"],
            rarity=kept["rarity"].astype(np.float32),
            words=kept["words"].astype(np.float32),
            width=float(kept["width"]),
            levels=kept["levels"],
            margins=kept["margins"],
        )
