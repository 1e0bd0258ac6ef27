"""The heads that say who takes part: their files, their order, and their "don't know"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.audience import (
    AXES,
    LETTER_SLOTS,
    MOST,
    WORD_SLOTS,
    gram_weights,
    letters_of,
    load_heads,
    load_reader,
    profile,
    texts_of,
    turned,
    views_of,
    words_of,
)
from index.embedding import OnnxEncoder, load_encoder
from index.testing import HashEncoder
from venues.model import Listing

DATA = Path(__file__).parents[2] / "index" / "data"
LONG = "A community where people talk about their gardens, flowers, vegetables and allotments all year round."


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    loaded = load_encoder()
    assert isinstance(loaded, OnnxEncoder)
    return loaded


def listing(title: str, description: str | None = None) -> Listing:
    return Listing(platform="reddit", native_id=title, title=title, description=description)


def test_the_files_are_small_and_of_the_default_encoder() -> None:
    assert OnnxEncoder.model == load_heads().model
    assert (DATA / "audience.npz").stat().st_size < 10_000_000
    assert (DATA / "audience.onnx").stat().st_size < 25_000_000


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
        ("partisan", ("Hunters and gun owners", None), ("Vegan feminists", None)),
        ("affluence", ("r/finewine", "Wine, travel and investing"), ("r/freestuff", "Free samples and cheap games")),
    ],
)
def test_the_order_is_what_anybody_would_say(
    encoder: OnnxEncoder, axis: str, more: tuple[str, str | None], less: tuple[str, str | None]
) -> None:
    high, low = profile([listing(*more), listing(*less)], encoder)

    assert high[axis].value > low[axis].value


def test_without_a_description_less_is_known(encoder: OnnxEncoder) -> None:
    bare, told = profile([listing("r/gardening"), listing("r/gardening", LONG)], encoder)

    widths = [np.mean([one.high - one.low for one in axes.values()]) for axes in (bare, told)]
    assert widths[0] > widths[1]


def test_what_is_said_does_not_depend_on_who_else_is_asked_about(encoder: OnnxEncoder) -> None:
    some = [listing("r/knitting", "Yarn and patterns"), listing("Leeds Dads", LONG), listing("r/chess")]

    together = profile(some, encoder)
    for one, axes in zip(some, together, strict=True):
        (alone,) = profile([one], encoder)
        # 8-bit arithmetic moves a vector a little with its batch: far less than the interval.
        assert all(abs(alone[axis].value - axes[axis].value) < (axes[axis].high - axes[axis].low) / 5 for axis in AXES)


def test_nothing_to_profile_is_nothing(encoder: OnnxEncoder) -> None:
    assert [] == profile([], encoder)


def test_vectors_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="not of"):
        profile([listing("a")], HashEncoder())


def test_the_views_are_as_many_as_the_heads_compare(encoder: OnnxEncoder) -> None:
    heads = load_heads()
    views = views_of([texts_of(listing("r/chess", LONG))] * 2, encoder, load_reader())

    assert (len(heads.shares), 2, encoder.dimensions) == views.shape
    assert pytest.approx(1.0, abs=1e-5) == heads.shares.sum()


def test_each_view_is_of_its_own_text(encoder: OnnxEncoder) -> None:
    texts = texts_of(listing("r/chess", LONG))
    own = load_reader().encode(texts)

    views = views_of([texts], encoder, load_reader())[:, 0]

    expected = [encoder.encode([texts[2]])[0], *own[:, :384], own[2, 384:]]
    assert all(np.allclose(*pair, atol=1e-5) for pair in zip(expected, views, strict=True))


def test_the_reader_puts_the_same_people_together_whatever_they_are_called() -> None:
    young, new, cars = load_reader().encode(["young mums", "new mothers", "tuning car engines"])[:, :384]

    assert young @ new > young @ cars


def test_turned_vectors_have_length_one_and_the_mean_itself_has_none() -> None:
    heads = load_heads()
    mean = heads.means[:, None]

    lengths = np.linalg.norm(turned(np.concatenate([mean, mean + 1], axis=1), heads.means, heads.turns), axis=-1)
    assert np.allclose(0, lengths[:, 0])
    assert np.allclose(1, lengths[:, 1], atol=1e-4)


def test_the_words_and_letters_count_too(encoder: OnnxEncoder) -> None:
    heads = load_heads()
    asked = [listing("r/knitting", "Yarn and patterns for women")]
    (whole,) = profile(asked, encoder, heads)

    for part in ("words", "letters"):
        silent = replace(heads, **{part: getattr(heads, part)._replace(says=np.zeros_like(getattr(heads, part).says))})
        (without,) = profile(asked, encoder, silent)
        assert whole["gender"].value != without["gender"].value


def test_a_description_is_read_no_further_than_those_that_the_heads_learnt_from() -> None:
    _, about, both = texts_of(listing("r/chess", "word " * 1000))

    assert MOST == len(about)
    assert len(both) == MOST + len("chess. ")


def test_words_are_taken_without_endings_alone_and_in_pairs() -> None:
    assert ["young", "garden", "read", "young garden", "garden read"] == words_of("Young gardeners, a Reading")


def test_letters_are_those_of_the_name_in_one_word_with_its_ends() -> None:
    assert {"<ol", "boy", "ys>", "<oldb", "oys>"} <= set(letters_of("Old Boys"))
    assert letters_of("OldBoys") == letters_of("old boys")


@pytest.mark.parametrize("text", ["", "!", "a", "\U0001f476"])
def test_a_text_without_words_weighs_nothing(text: str) -> None:
    slots, weights = gram_weights(words_of(text), np.ones(WORD_SLOTS, np.float32))

    assert 0 == len(slots) == len(weights)


@pytest.mark.parametrize("text", ["", "\ud800", "half \udc00 of a pair", "a" * 100_000])
def test_any_text_has_weights_of_length_one_or_none(text: str) -> None:
    for grams, slots in ((words_of(text), WORD_SLOTS), (letters_of(text), LETTER_SLOTS)):
        _, weights = gram_weights(grams, np.ones(slots, np.float32))
        assert not len(weights) or pytest.approx(1.0, abs=1e-5) == np.linalg.norm(weights)


def test_any_title_has_a_profile(encoder: OnnxEncoder) -> None:
    found = profile([listing("\ud800"), listing("\U0001f476", " "), listing("x" * 5000, "\udfff" * 2000)], encoder)

    assert all(np.isfinite(value) for axes in found for one in axes.values() for value in one)
