"""The phrasebook: the same vectors as the encoder's own, made once and read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.phrasebook import Phrasebook, open_phrasebook
from index.testing import HashEncoder
from venues.audience_lexicon import edition, phrases

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

PHRASES = ["new parents", "baby and toddler group", "notice board — what's on"]


class Counting(HashEncoder):
    """An encoder that tells what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return super().encode(texts)


def open_book(folder: Path, encoder: HashEncoder, edition: str = "1", said: list[str] | None = None) -> Phrasebook:
    return open_phrasebook(encoder, edition, lambda: PHRASES, folder, (said if said is not None else []).append)


def test_known_and_unknown_texts_come_back_in_order_with_the_encoders_vectors(tmp_path: Path) -> None:
    texts = ["dads", PHRASES[1], "mums", PHRASES[0], PHRASES[1]]
    expected = HashEncoder().encode(texts)
    open_book(tmp_path, HashEncoder())
    for book in (open_book(tmp_path, HashEncoder()), open_book(tmp_path / "new", HashEncoder())):
        np.testing.assert_allclose(book.encode(texts), expected, atol=1e-3)


def test_a_second_opening_encodes_nothing_and_says_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    open_book(tmp_path, Counting(), said=said)
    assert 1 == len(said)
    again = Counting()
    open_book(tmp_path, again, said=said).encode(PHRASES)
    assert ([], 1) == (again.asked, len(said))


def test_only_what_is_not_in_the_book_is_asked_of_the_encoder(tmp_path: Path) -> None:
    encoder = Counting()
    book = open_book(tmp_path, encoder)
    encoder.asked.clear()
    book.encode([PHRASES[2], "cyclists", PHRASES[0]])
    assert ["cyclists"] == encoder.asked


def test_a_text_is_encoded_by_itself_and_once(tmp_path: Path) -> None:
    class OneAtATime(Counting):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            assert 1 == len(texts)
            return super().encode(texts)

    encoder = OneAtATime()
    book = open_book(tmp_path, encoder)
    encoder.asked.clear()
    first = book.encode(["cyclists in Leeds", "cyclists"])
    again = book.encode(["cyclists in York", "cyclists"])
    assert ["cyclists in Leeds", "cyclists", "cyclists in York"] == encoder.asked
    np.testing.assert_array_equal(first[1], again[1])


def test_another_edition_or_model_gets_a_book_of_its_own(tmp_path: Path) -> None:
    open_book(tmp_path, HashEncoder())
    for encoder, edition_ in ((HashEncoder(), "2"), (HashEncoder(dimensions=32), "1")):
        asked = Counting() if edition_ == "2" else encoder
        assert encoder.dimensions == open_book(tmp_path, asked, edition_).encode(PHRASES).shape[1]
    assert 3 == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", None])
def test_a_damaged_book_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    open_book(tmp_path, HashEncoder())
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-40] if damage is None else damage)
    encoder = Counting()
    open_book(tmp_path, encoder)
    assert sorted(PHRASES) == sorted(encoder.asked)
    assert [path] == list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_costs_the_book_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert (3, 64) == open_book(blocked, HashEncoder()).encode(PHRASES).shape


def test_the_lexicons_phrases_are_many_and_its_edition_is_that_of_its_file() -> None:
    assert {"baby and toddler group", "renters"} & phrases()
    assert len(phrases()) > 2_000
    assert 64 == len(edition())
