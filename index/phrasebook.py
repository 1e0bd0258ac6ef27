"""An encoder that has the vectors of known phrases ready, so that a query waits only for its own words.

The phrases are those by which the lexicon of audiences says a thing in other words. Each is encoded by itself, once for
a model and a lexicon, in a few seconds, and kept in a file of about 3 MB that opens in a few milliseconds.
"""

from __future__ import annotations

import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.embedding import Encoder


_REMEMBERED = 1024
"""Other texts kept: people ask for the same audience in many places."""


class Phrasebook:
    """The encoder given, quicker for the phrases given. Safe to use from several threads.

    Each text is encoded by itself, so that its vector is its own, whatever it is asked with.
    """

    def __init__(self, encoder: Encoder, phrases: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """`vectors` holds one row of length 1 for each phrase."""
        self.model = encoder.model
        self.dimensions = encoder.dimensions
        self._places = {phrase: place for place, phrase in enumerate(phrases)}
        self._vectors = vectors
        self._other = lru_cache(_REMEMBERED)(lambda text: encoder.encode([text])[0])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of length 1 for each text, in order: shape (n, dimensions)."""
        rows = np.empty((len(texts), self.dimensions), np.float32)
        known = [place for place, text in enumerate(texts) if text in self._places]
        rows[known] = self._vectors[[self._places[texts[place]] for place in known]]
        for place, text in enumerate(texts):
            if text not in self._places:
                rows[place] = self._other(text)
        return rows


def open_phrasebook(
    encoder: Encoder, edition: str, phrases: Callable[[], Collection[str]], folder: Path, say: Callable[[str], None]
) -> Phrasebook:
    """Return the phrasebook for these phrases, made now if `folder` has none that is whole.

    `edition` names the phrases, so that they need not be read where the book is there already. A folder that cannot
    be written costs the making anew each time, and nothing else.
    """
    digest = sha256(f"{encoder.model}\n{edition}".encode()).hexdigest()[:16]
    path = folder / f"phrases-{digest}.npz"
    book = _read(path, encoder)
    if book is None:
        say("Preparing the words for audiences, once: a few seconds.")
        listed = sorted(phrases())
        book = listed, _encoded(encoder, listed)
        _write(path, *book)
    return Phrasebook(encoder, *book)


def _encoded(encoder: Encoder, phrases: Sequence[str]) -> NDArray[np.float32]:
    # Each by itself: in a batch, a vector depends a little on its neighbours.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(lambda phrase: encoder.encode([phrase])[0], phrases))
    return np.stack(rows) if rows else np.empty((0, encoder.dimensions), np.float32)


def _read(path: Path, encoder: Encoder) -> tuple[list[str], NDArray[np.float32]] | None:
    """Return what `_write` wrote, or None where there is nothing, or nothing whole."""
    try:
        # numpy leaves a file open that it cannot read, if it opened it itself.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            phrases = bytes(kept["phrases"]).decode().split("\n")
            vectors = kept["vectors"].astype(np.float32)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return (phrases, vectors) if vectors.shape == (len(phrases), encoder.dimensions) else None


def _write(path: Path, phrases: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Keep a book under its name once it is whole; one that cannot be kept is made again next time."""
    text = np.frombuffer("\n".join(phrases).encode(), np.uint8)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            try:
                np.savez(file, phrases=text, vectors=vectors.astype(np.float16))
                file.close()
                os.replace(file.name, path)  # noqa: PTH105 - a Path for one call
            except BaseException:
                file.close()
                os.unlink(file.name)  # noqa: PTH108 - as above
                raise
