"""Likeness of many vectors with two, without waking the linear algebra's other threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Pair: TypeAlias = tuple[NDArray[np.float32], NDArray[np.float32]]

_BLOCK = 1024
"""Rows of a matrix at a time: a megabyte or two."""


def products(
    matrix: NDArray[np.float32] | NDArray[np.int8], pair: Pair, places: NDArray[np.intp] | None = None
) -> Pair:
    """Return the products of a matrix, or of its rows at some places, with each of two vectors.

    They are bound by memory, so each block is used twice while it is near. Blocks of this size are also too small for
    the linear algebra to call its other threads, which wait for each other in a busy loop: on two processors that are
    not idle, one product with all of 20,000 vectors took three times as long and five times the processor.
    """
    count = len(matrix) if places is None else len(places)
    first, second = np.empty(count, np.float32), np.empty(count, np.float32)
    for start in range(0, count, _BLOCK):
        span = slice(start, start + _BLOCK)
        block = matrix[span] if places is None else matrix.take(places[span], axis=0)
        block = block.astype(np.float32, copy=False)
        np.dot(block, pair[0], out=first[span])
        np.dot(block, pair[1], out=second[span])
    return first, second
