"""What every encoder keeps to: the default model, any other, and the double that tests use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.embedding import load_encoder
from index.testing import HashEncoder, save_tiny_bert

if TYPE_CHECKING:
    from pathlib import Path

    from index.embedding import Encoder

TEXTS = [
    "young mums",
    "",
    "cycling in Leeds, every Sunday, for all",
    "Books",
    "a " * 5000,
    "nul\0in",
    "half \ud800 pair",
]


def save_tiny_model(folder: Path) -> Path:
    """Save a sentence-transformers model of two small random layers."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    parts = save_tiny_bert(folder, "BertModel")
    transformer = Transformer(parts, max_seq_length=128)
    SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu").save(str(folder / "tiny"))
    return folder / "tiny"


@pytest.fixture(scope="module", params=["default", "other", "hash"])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    if request.param == "default":
        return load_encoder()
    if request.param == "hash":
        return HashEncoder()
    return load_encoder(str(save_tiny_model(tmp_path_factory.mktemp("model"))))


pytestmark = [
    # torch and transformers announce changes of their own to come; nothing of ours is meant.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


def test_each_text_has_a_row_of_length_one(encoder: Encoder) -> None:
    rows = encoder.encode(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.dimensions)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows_of_the_right_width(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_the_same_texts_give_the_same_vectors_again(encoder: Encoder) -> None:
    np.testing.assert_array_equal(encoder.encode(TEXTS), encoder.encode(TEXTS))


def test_rows_are_in_the_order_of_the_texts(encoder: Encoder) -> None:
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    together = encoder.encode(TEXTS)
    nearest = np.argmax(alone @ together.T, axis=1).tolist()
    assert [TEXTS[place] for place in nearest] == TEXTS


def test_equal_texts_have_equal_rows(encoder: Encoder) -> None:
    rows = encoder.encode(["books", "cycling", "books"])
    np.testing.assert_allclose(rows[0], rows[2], atol=1e-6)  # torch sums in another order at another place of a batch


def test_the_model_is_named(encoder: Encoder) -> None:
    assert encoder.model
