"""Doubles for tests: an encoder that needs no model, a tiny model, and two areas of which one holds the other."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from venues.model import Area

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BRIGHTON = Area(
    id="town:brighton",
    name="Brighton",
    kind="city",
    country="GB",
    lat=50.82,
    lon=-0.14,
    radius_km=8,
    within=("county:sussex", "country:GB"),
)
SUSSEX = Area(
    id="county:sussex",
    name="Sussex",
    kind="county",
    country="GB",
    lat=50.9,
    lon=-0.1,
    radius_km=60,
    within=("country:GB",),
)
TINY_WORDS = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "young", "mums", "in", "leeds", "cycling", "books", "a", "##s"),
)
_WORD = re.compile(r"\w+")


class HashEncoder:
    """Texts that share words have similar vectors; nothing else is understood. The same in every process."""

    def __init__(self, dimensions: int = 64, *, model: str = "hash") -> None:
        """`dimensions` of at least 2."""
        self.model = f"{model}/{dimensions}"
        self.dimensions = dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of length 1 for each text, in order: shape (n, dimensions)."""
        rows = np.empty((len(texts), self.dimensions), np.float32)
        for place, text in enumerate(texts):
            total = self._sum(text)
            rows[place] = total / np.linalg.norm(total)
        return rows

    def _sum(self, text: str) -> NDArray[np.float32]:
        """Return the sum of the words' directions and of a small constant: an empty text points somewhere too."""
        total = np.zeros(self.dimensions, np.float32)
        total[0] = 0.5
        for word in _WORD.findall(text.casefold()):
            total += _direction(word, self.dimensions)
        return total


@lru_cache(maxsize=4096)
def _direction(word: str, dimensions: int) -> NDArray[np.float32]:
    """Return a word's own direction, of length 1."""
    seed = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
    direction = np.random.default_rng(list(seed)).standard_normal(dimensions).astype(np.float32)
    return np.asarray(direction / np.linalg.norm(direction), np.float32)


def save_tiny_bert(folder: Path, architecture: str, **shape: Any) -> str:
    """Save a transformers model of two small random layers with its tokenizer, and return its folder's name.

    `architecture` is the name of a class of transformers, such as BertModel; `shape` goes to its BertConfig.
    """
    import torch
    import transformers

    torch.manual_seed(1)
    parts = folder / "parts"
    parts.mkdir(parents=True)
    (parts / "vocab.txt").write_text("\n".join(TINY_WORDS), "utf-8")
    transformers.BertTokenizer(str(parts / "vocab.txt")).save_pretrained(parts)
    small: dict[str, Any] = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    }
    config = transformers.BertConfig(vocab_size=len(TINY_WORDS), **small, **shape)
    getattr(transformers, architecture)(config).save_pretrained(parts)
    return str(parts)
