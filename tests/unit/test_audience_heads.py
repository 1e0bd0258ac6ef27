"""The heads that say who takes part: their file, their order, and their "don't know"."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.audience import AXES, load_heads, profile, word_weights
from index.embedding import OnnxEncoder, load_encoder
from index.testing import HashEncoder
from venues.model import Listing

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    loaded = load_encoder()
    assert isinstance(loaded, OnnxEncoder)
    return loaded


def listing(title: str, description: str | None = None) -> Listing:
    return Listing(platform="reddit", native_id=title, title=title, description=description)


def test_the_file_is_small_and_of_the_default_encoder() -> None:
    assert OnnxEncoder.model == load_heads().model
    assert (ROOT / "index" / "data" / "audience.npz").stat().st_size < 8_000_000


def test_each_axis_has_a_value_within_its_interval(encoder: OnnxEncoder) -> None:
    (axes,) = profile([listing("r/knitting", "Yarn and patterns")], encoder)

    assert list(AXES) == list(axes)
    assert all(one.low <= one.value <= one.high for one in axes.values())


@pytest.mark.parametrize(
    ("axis", "more", "less"),
    [
        (
            "gender",
            ("r/makeup", "Cosmetics and beauty advice for women"),
            ("r/carmods", "Tuning car engines"),
        ),
        ("age", ("r/gardening", "Vegetables, roses and retirement"), ("r/teens", "Memes for teenagers at school")),
    ],
)
def test_the_order_is_what_anybody_would_say(
    encoder: OnnxEncoder, axis: str, more: tuple[str, str], less: tuple[str, str]
) -> None:
    high, low = profile([listing(*more), listing(*less)], encoder)

    assert high[axis].value > low[axis].value


def test_without_a_description_less_is_known(encoder: OnnxEncoder) -> None:
    long = "A community where people talk about their gardens, flowers, vegetables and allotments all year round."
    bare, told = profile([listing("r/gardening"), listing("r/gardening", long)], encoder)

    widths = [np.mean([one.high - one.low for one in axes.values()]) for axes in (bare, told)]
    assert widths[0] > widths[1]


def test_nothing_to_profile_is_nothing(encoder: OnnxEncoder) -> None:
    assert [] == profile([], encoder)


def test_vectors_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="not of"):
        profile([listing("a")], HashEncoder())


@pytest.mark.parametrize("text", ["", "!", "a", "\U0001f476"])
def test_a_text_without_words_weighs_nothing(text: str) -> None:
    slots, weights = word_weights(text, np.ones(1 << 15, np.float32))

    assert 0 == len(slots) == len(weights)
