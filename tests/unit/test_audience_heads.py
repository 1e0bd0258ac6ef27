"""The heads that say who takes part: their files, their order, and their "don't know"."""

from __future__ import annotations

import gzip
import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

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
    said,
    texts_of,
    turned,
    views_of,
    words_of,
)
from index.embedding import OnnxEncoder, load_encoder
from index.testing import HashEncoder
from venues.model import Listing

if TYPE_CHECKING:
    from types import ModuleType

DATA = Path(__file__).parents[2] / "index" / "data"
TRAINING = Path(__file__).parents[2] / "benchmarks" / "train_audience.py"
LONG = "A community where people talk about their gardens, flowers, vegetables and allotments all year round."


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    loaded = load_encoder()
    assert isinstance(loaded, OnnxEncoder)
    return loaded


@pytest.fixture(scope="module")
def training() -> ModuleType:
    """The script that trains the heads."""
    spec = importlib.util.spec_from_file_location("train_audience", TRAINING)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def test_names_have_a_head_of_their_own_where_there_is_no_description(encoder: OnnxEncoder) -> None:
    heads = load_heads()
    silent = replace(
        heads,
        bare=np.zeros_like(heads.bare),
        bare_letters=heads.bare_letters._replace(says=np.zeros_like(heads.bare_letters.says)),
    )
    asked = [listing("r/knitting"), listing("r/knitting", "Yarn and patterns for women")]

    (bare, told), (bare_silent, told_silent) = profile(asked, encoder, heads), profile(asked, encoder, silent)
    assert all(bare[axis].value != bare_silent[axis].value for axis in AXES)
    assert told == told_silent


def test_a_name_counts_once_in_the_head_of_names(training: ModuleType) -> None:
    known = np.float32([[1, 0], [0, 1], [1, 0], [0.6, 0.8]])
    letters = csr_matrix(np.eye(4, dtype=np.float32))
    wanted = np.float32([[1], [-1], [5], [0]])

    says = training.of_names(known, letters, ["a", "b", "a", "c"], wanted)
    alone = training.of_names(known[[0, 1, 3]], letters[[0, 1, 3]], ["a", "b", "c"], wanted[[0, 1, 3]])

    assert 0 == says[2, 0]
    assert np.allclose(alone, says[[0, 1, 3]])


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


def test_the_heads_were_trained_with_the_encoder_that_comes_with_them(encoder: OnnxEncoder) -> None:
    heads = load_heads()
    # A community of the scores without a description: its views are those of its name, whoever else is encoded.
    views = views_of([texts_of(listing("r/csharp"))], encoder, load_reader())

    asked = turned(views, heads.means, heads.turns)[:, 0]
    nearest = np.einsum("vnk,vk->nv", heads.known, asked).min(axis=1).max()
    assert nearest > 0.97


def test_how_much_is_said_is_nothing_little_or_more() -> None:
    assert [0, 1, 2] == said([texts_of(listing("a", about)) for about in (None, "Yarn", LONG)]).tolist()


def test_scores_are_learnt_by_rank_evenly_spread(training: ModuleType) -> None:
    ranks = training.even_ranks(np.float32([5, 1000, -3, 6] * 50 + [7]))

    assert pytest.approx(0, abs=1e-6) == ranks.mean()
    assert pytest.approx(1, abs=0.05) == ranks.std()
    assert ranks[2] < ranks[0] < ranks[3] < ranks[-1] < ranks[1] < 2


def test_another_description_of_a_community_is_learnt_from_and_no_other_listing(
    training: ModuleType, tmp_path: Path
) -> None:
    told = {"Chess": "A game", "knitting": "Yarn", "ska": None, "go": None}
    communities = [replace(listing(f"r/{name}", about), native_id=name) for name, about in told.items()]
    rows: list[dict[str, Any]] = [
        {"platform": "reddit", "native_id": "r/chess", "title": "x", "description": "Openings"},
        {"platform": "reddit", "native_id": "knitting", "title": "x", "description": " Yarn "},
        {"platform": "lemmy", "native_id": "ska", "title": "x", "description": "Music"},
        {"platform": "reddit", "native_id": "go", "title": "x", "description": None},
        {"platform": "reddit", "native_id": "radio", "title": "x", "description": "Waves"},
    ]
    path = tmp_path / "listings.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))

    found = training.second(path, communities, [texts_of(one) for one in communities])
    assert {0: ("Chess", "Openings", "Chess. Openings")} == found


def test_heads_are_tried_on_communities_of_which_they_saw_no_text(
    training: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners = np.array([*range(20), *range(0, 20, 2)])
    texts = [(str(owner), "", str(owner)) for owner in owners]
    tried = []

    def train(_views: Any, seen: Any, _wanted: Any, _model: str) -> set[str]:
        return {name for name, _, _ in seen}

    def predict(seen: set[str], _views: Any, asked: Any) -> Any:
        names = [name for name, _, _ in asked]
        assert seen.isdisjoint(names)
        assert 20 == len(seen) + len(names)
        tried.extend(names)
        return np.zeros((len(names), 5), np.float32)

    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(training, "predict", predict)
    training.held_out(np.zeros((5, 30, 2)), texts, np.zeros((30, 5), np.float32), owners, "m")

    assert sorted(map(str, range(20))) == sorted(tried)
