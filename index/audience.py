"""Who takes part: small trained heads that read five axes from what a venue says of itself.

Likeness of words is not presence of people: "a community for women minus a community for men" says next to nothing of
who is there. The heads were trained on communities of which it is known who really takes part (see
`benchmarks/train_audience.py`, which makes the file beside this module, and its figures in benchmarks/README.md).

A head is a kernel regression: a venue's name, its description and both together are compared with those of communities
whose audience is known, and their words and the letters of their names with those that went with it. Where there is
no description, a smaller head of names alone is heard too. Texts are compared as two encoders see them: the default
one, and one of its size that comes with the heads and was taught what a larger model knows
(`benchmarks/distil_audience.py`). Each value comes with the interval that held nine in ten communities that the heads
had never seen; without a description it is nearly as wide as all there is, which means "not known". Nothing here is
about a person.
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

from index.embedding import OnnxEncoder
from index.exporting import Export, model_folder
from index.words import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from index.embedding import Encoder
    from venues.model import Listing

AXES = ("gender", "age", "affluence", "partisan", "sociality")
"""High is: more women, older, richer, more to the right, more sociable subjects."""
WORD_SLOTS = 1 << 16
LETTER_SLOTS = 1 << 16
LETTERS = (3, 4, 5)
"""How many letters of a name in a row are compared."""
MOST = 512
"""Characters read of a description: none of those that the heads learnt from is longer."""
SHORT = 60
"""Characters of a description that say little."""
BARE = 0.3
"""What the head of names counts where there is no description; the whole heads count the rest."""
NAME = 1
"""The view of the name by the reader: see `views_of`."""
_TOKEN = re.compile(r"\w\w+")
_ENDING = re.compile(r"(?:ing|ers?|ed|e?s|ly)$")


class Estimate(NamedTuple):
    """One axis of one venue, in the units of the scores that the heads were trained on."""

    value: float
    low: float
    high: float
    """Nine in ten communities never seen lay between low and high."""


class Grams(NamedTuple):
    """A linear part of the heads: hashed words, or letters in a row."""

    rarity: NDArray[np.float32]
    """Of each slot: shape (slots,)."""
    says: NDArray[np.float32]
    """What each slot says of each axis: shape (slots, axes)."""


@dataclass(frozen=True, slots=True)
class Heads:
    """What the training kept."""

    model: str
    """The encoder whose vectors they read beside those of the reader that comes with them."""
    means: NDArray[np.float32]
    """Of the views' parts: shape (views, dimensions)."""
    turns: NDArray[np.float32]
    """To the strongest directions of each view: shape (views, dimensions, kept)."""
    known: NDArray[np.float32]
    """The communities compared with: shape (views, n, kept), rows of length 1."""
    shares: NDArray[np.float32]
    """What each view counts; their sum is 1."""
    duals: NDArray[np.float32]
    """What each community says of each axis: shape (n, axes)."""
    words: Grams
    letters: Grams
    bare: NDArray[np.float32]
    """What each community's name alone says of each axis, where names are all that is compared: shape (n, axes)."""
    bare_letters: Grams
    width: float
    """Of the kernel: exp(-width x squared distance)."""
    levels: NDArray[np.float32]
    """Predictions and the scores that go with them, rising: shape (axes, 2, steps)."""
    margins: NDArray[np.float32]
    """How far below and above, by how much is said: shape (3, axes, 2)."""


class Reader(OnnxEncoder):
    """The encoder that comes with the heads: a vector in the larger model's directions, and what its first token is."""

    model = "venues-audience-reader"
    dimensions = 768


def texts_of(listing: Listing) -> tuple[str, str, str]:
    """Return what the heads read of a listing: its name, its description, and both."""
    name = readable(listing.title)
    about = " ".join((listing.description or "").split())[:MOST]
    return name, about, f"{name}. {about}" if about else name


def profile(listings: Sequence[Listing], encoder: Encoder, heads: Heads | None = None) -> list[dict[str, Estimate]]:
    """Return the five axes of each listing. The encoder must be the one that the heads were trained with."""
    heads = heads or load_heads()
    if encoder.model != heads.model:
        raise ValueError(f"The heads read vectors of {heads.model}, not of {encoder.model}.")
    texts = [texts_of(listing) for listing in listings]
    raw = predict(heads, views_of(texts, encoder, load_reader()), texts)
    return [_estimates(heads, row, kind) for row, kind in zip(raw, said(texts), strict=True)]


def said(texts: Sequence[tuple[str, str, str]]) -> NDArray[np.intp]:
    """Return how much each text's description says: 0 where there is none, 1 where it is short, 2 else."""
    return np.array([0 if not about else 1 if len(about) < SHORT else 2 for _, about, _ in texts], dtype=np.intp)


def views_of(texts: Sequence[tuple[str, str, str]], encoder: Encoder, reader: Encoder) -> NDArray[np.float32]:
    """Return the vectors compared: the encoder's of both together, the reader's of each text, its first token of both.

    The shape is (views, n, dimensions).
    """
    half = encoder.dimensions
    flat = list(dict.fromkeys(text for row in texts for text in row))
    places = {text: place for place, text in enumerate(flat)}
    at = np.array([[places[text] for text in row] for row in texts], dtype=np.intp).reshape(-1, 3)
    own = reader.encode(flat)[at].transpose(1, 0, 2)
    return np.stack([encoder.encode([both for _, _, both in texts]), *own[..., :half], own[2, :, half:]])


def turned(views: NDArray[np.float32], means: NDArray[np.float32], turns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vectors less their mean in the directions kept, of length 1: shape (views, n, kept)."""
    moved = (views - means[:, None]) @ turns
    shown: NDArray[np.float32] = moved / np.maximum(np.linalg.norm(moved, axis=-1, keepdims=True), 1e-9)
    return shown


def likeness(
    one: NDArray[np.float32], other: NDArray[np.float32], shares: NDArray[np.float32], width: float
) -> NDArray[np.float32]:
    """Return the kernel of two sets of turned vectors: the views' mean by their shares, each 1 for the same."""
    total = np.zeros((one.shape[1], other.shape[1]), dtype=np.float32)
    for view, share in enumerate(shares):
        total += share * np.exp(np.float32(-width) * (2 - 2 * one[view] @ other[view].T))
    return total


def predict(heads: Heads, views: NDArray[np.float32], texts: Iterable[tuple[str, str, str]]) -> NDArray[np.float32]:
    """Return raw predictions, one row a text: shape (n, axes)."""
    asked, whole = turned(views, heads.means, heads.turns), np.ones(1, np.float32)
    rows = likeness(asked, heads.known, heads.shares, heads.width) @ heads.duals
    for place, (name, about, both) in enumerate(texts):
        rows[place] += _say(heads.words, words_of(both)) + _say(heads.letters, letters_of(name))
        if not about:
            alike = likeness(
                asked[NAME : NAME + 1, place : place + 1], heads.known[NAME : NAME + 1], whole, heads.width
            )
            named = alike[0] @ heads.bare + _say(heads.bare_letters, letters_of(name))
            rows[place] += BARE * (named - rows[place])
    return rows


def _say(part: Grams, grams: Iterable[str]) -> NDArray[np.float32]:
    slots, weights = gram_weights(grams, part.rarity)
    shown: NDArray[np.float32] = weights @ part.says[slots]
    return shown


def words_of(text: str) -> list[str]:
    """Return a text's words without their endings, and its pairs of these."""
    words = [_ENDING.sub("", word) for word in _TOKEN.findall(text.casefold())]
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def letters_of(name: str) -> list[str]:
    """Return the letters in a row of a name written as one word, its ends marked."""
    glued = f"<{''.join(_TOKEN.findall(name.casefold()))[:MOST]}>"
    return [glued[start : start + size] for size in LETTERS for start in range(len(glued) - size + 1)]


def gram_weights(grams: Iterable[str], rarity: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the slots of words or letters, and their weights: 1 + log count, by rarity, of length 1."""
    counts: dict[int, int] = {}
    for gram in grams:
        slot = crc32(gram.encode("utf-8", "replace")) % len(rarity)
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
def load_reader(threads: int | None = None) -> Reader:
    """Load the encoder that comes with the package; its tokenizer is the default model's. Raises ModelError."""
    with as_file(files("index") / "data" / "audience.onnx") as path:
        return Reader(Export(path, model_folder() / "tokenizer.json"), threads=threads)


@cache
def load_heads() -> Heads:
    """Read the heads that come with the package."""
    with as_file(files("index") / "data" / "audience.npz") as path, np.load(path, allow_pickle=False) as kept:
        wide = {name: kept[name].astype(np.float32) for name in kept.files if kept[name].dtype.kind in "fi"}
        return Heads(
            model=str(kept["model"]),
            known=wide["known"] * wide["step"],
            words=Grams(wide["word_rarity"], wide["words"]),
            letters=Grams(wide["letter_rarity"], wide["letters"]),
            bare_letters=Grams(wide["letter_rarity"], wide["bare_letters"]),
            width=float(kept["width"]),
            **{name: wide[name] for name in ("means", "turns", "shares", "duals", "bare", "levels", "margins")},
        )
