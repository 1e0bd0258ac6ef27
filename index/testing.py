"""Doubles for tests: an encoder that needs no model."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
