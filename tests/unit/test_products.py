"""Products of many vectors with two: as floats, and packed as whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.products import Packed, products

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.products import Pair

NEAR = 1e-4
"""As the docstring promises for vectors of length 1."""


def vectors(count: int, dimensions: int = 384, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pair_of(rows: NDArray[np.float32]) -> Pair:
    return rows[0], rows[1]


def exact(matrix: NDArray[np.float32], pair: Pair) -> NDArray[np.float64]:
    return np.stack(pair).astype(np.float64) @ matrix.astype(np.float64).T


@pytest.mark.parametrize("count", [1, 3, 1024, 2500])
def test_both_are_the_products(count: int) -> None:
    matrix, pair = vectors(count), pair_of(vectors(2, seed=1))
    np.testing.assert_allclose(products(matrix, pair), exact(matrix, pair), atol=1e-6)
    np.testing.assert_allclose(Packed(matrix).products(pair), exact(matrix, pair), atol=NEAR)


def test_two_layers_tell_apart_what_one_would_not() -> None:
    pair = pair_of(vectors(2, seed=1))
    near = pair[0] + 0.01 * vectors(300, seed=2)
    near = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    found, wanted = Packed(near).products(pair)[0], exact(near, pair)[0]
    assert wanted.std() < 2e-5
    assert np.abs(found - wanted).max() < NEAR


@pytest.mark.parametrize("signs", [1, -1])
def test_the_largest_numbers_do_not_overflow(signs: int) -> None:
    """All of one sign and size, rows and vectors: what adds up most in 16 bits."""
    matrix = np.full((5, 384), 384**-0.5, np.float32)
    pair = (signs * matrix[0], -signs * matrix[0])
    np.testing.assert_allclose(Packed(matrix).products(pair), [[signs] * 5, [-signs] * 5], atol=NEAR)


def test_rows_and_vectors_of_nothing_or_of_one_number_are_right() -> None:
    matrix = vectors(4)
    matrix[1] = 0
    matrix[2] = np.eye(384, dtype=np.float32)[7]
    pair = (np.zeros(384, np.float32), matrix[2])
    np.testing.assert_allclose(Packed(matrix).products(pair), exact(matrix, pair), atol=NEAR)


def test_equal_rows_have_equal_products() -> None:
    matrix = vectors(40)
    matrix[30] = matrix[2]
    for found in Packed(matrix).products(pair_of(vectors(2, seed=1))):
        assert found[30] == found[2]
