"""Train the heads of `index.audience`, and say how well they do on communities that they never saw.

    python benchmarks/train_audience.py --scores community-scores.csv [--write]

The scores are a CSV file with the columns community, description, age, gender, affluence, partisan and sociality: those
of Waller and Anderson, "Quantifying social organization and political polarization in online platforms", Nature 600
(2021), computed from who takes part in which subreddit. They have no licence file and are not shipped: the file that
`--write` makes holds coefficients, and rounded vectors of the public descriptions that they belong to.

Figures are Spearman's rank correlations over five folds of communities, each fold's trained without it; the interval is
that of 1,000 resamples of the communities. The encoder that comes with the heads, `benchmarks/distil_audience.py`,
was taught without any of these communities. One processor, about two minutes.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.audience import (
    AXES,
    LETTER_SLOTS,
    SHORT,
    WORD_SLOTS,
    Grams,
    Heads,
    gram_weights,
    letters_of,
    likeness,
    load_reader,
    predict,
    texts_of,
    turned,
    views_of,
    words_of,
)
from index.embedding import load_encoder
from venues.model import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Rows = NDArray[np.float32]
    Texts = Sequence[tuple[str, str, str]]

TARGET = Path(__file__).parents[1] / "index" / "data" / "audience.npz"
WIDTH, RIDGE, WORDS, LETTERS = 2.0, 0.2, 0.15, 0.07
"""Of the kernel, of the penalty, and what the words' and the letters' kernel count beside that of the vectors."""
SHARES = np.array([2, 1, 1, 3, 2], np.float32)
"""What each view counts: both texts by the default encoder; name, description, both by the reader; its first token."""
KEPT = 160
"""Directions kept of each view."""
FOLDS, STEPS, RESAMPLES = 5, 41, 1000
QUANTILES = (0.05, 0.95)


def main() -> None:
    """Measure, and write if asked."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--scores", type=Path, required=True)
    arguments.add_argument("--write", action="store_true", help=f"write {TARGET.name}, trained on all communities")
    options = arguments.parse_args()
    listings, scores = read(options.scores)
    encoder = load_encoder(threads=1)
    texts = [texts_of(listing) for listing in listings]
    views = views_of(texts, encoder, load_reader(threads=1))
    wanted = np.stack([gaussian_ranks(column) for column in scores.T], axis=1).astype(np.float32)
    unseen = held_out(views, texts, wanted, encoder.model)
    report(unseen, scores)
    said = np.array([0 if not about else 1 if len(about) < SHORT else 2 for _, about, _ in texts])
    if options.write:
        write(train(views, texts, wanted, encoder.model), calibration(unseen, scores, said))


def read(path: Path) -> tuple[list[Listing], Rows]:
    """Return the communities as listings, and their scores: shape (n, axes)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    listings = [
        Listing(
            platform="reddit",
            native_id=row["community"],
            title=f"r/{row['community']}",
            description=row["description"] or None,
        )
        for row in rows
    ]
    return listings, np.array([[float(row[axis]) for axis in AXES] for row in rows], dtype=np.float32)


def gaussian_ranks(column: Rows) -> Rows:
    """Return the scores by rank, spread as a normal distribution: outliers teach nothing here."""
    from scipy.stats import norm, rankdata

    ranks: Rows = norm.ppf((rankdata(column) - 0.5) / len(column))
    return ranks


def train(views: Rows, texts: Texts, wanted: Rows, model: str) -> Heads:
    """Fit the heads on these communities."""
    words, letters = [words_of(both) for _, _, both in texts], [letters_of(name) for name, _, _ in texts]
    rare_words, rare_letters = rarities(words, WORD_SLOTS), rarities(letters, LETTER_SLOTS)
    with_words, with_letters = matrix(words, rare_words), matrix(letters, rare_letters)
    means = views.mean(axis=1)
    turns = directions(views, means)
    known, shares = turned(views, means, turns), SHARES / SHARES.sum()
    kernel = likeness(known, known, shares, WIDTH).astype(np.float64)
    for part, counts in ((with_words, WORDS), (with_letters, LETTERS)):
        kernel += counts * (part @ part.T).toarray()
    kernel[np.diag_indices_from(kernel)] += RIDGE
    duals = np.linalg.solve(kernel, wanted)
    return Heads(
        model=model,
        means=means,
        turns=turns,
        known=known,
        shares=shares,
        duals=duals.astype(np.float32),
        words=Grams(rare_words, (WORDS * (with_words.T @ duals)).astype(np.float32)),
        letters=Grams(rare_letters, (LETTERS * (with_letters.T @ duals)).astype(np.float32)),
        width=WIDTH,
        levels=np.zeros((len(AXES), 2, STEPS), np.float32),
        margins=np.zeros((3, len(AXES), 2), np.float32),
    )


def directions(views: Rows, means: Rows) -> Rows:
    """Return the strongest directions of each view's vectors, less their mean, of length 1."""
    found = []
    for view, mean in zip(views, means, strict=True):
        moved = view - mean
        moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        found.append(np.linalg.eigh(moved.T @ moved)[1][:, ::-1][:, :KEPT])
    return np.stack(found)


def rarities(rows: Iterable[list[str]], slots: int) -> Rows:
    """Return how rare each slot is: the logarithm of texts over texts that hold it."""
    ones, counts, texts = np.ones(slots, np.float32), np.zeros(slots), 0
    for grams in rows:
        counts[gram_weights(grams, ones)[0]] += 1
        texts += 1
    return (1 + np.log((1 + texts) / (1 + counts))).astype(np.float32)


def matrix(rows: Iterable[list[str]], rarity: Rows):
    """Return the words or letters of texts as a sparse matrix: shape (n, slots)."""
    from scipy.sparse import csr_matrix

    found = [gram_weights(grams, rarity) for grams in rows]
    ends = np.cumsum([0, *(len(slots) for slots, _ in found)])
    slots, weights = (np.concatenate([row[which] for row in found]) for which in (0, 1))
    return csr_matrix((weights, slots, ends), shape=(len(found), len(rarity)))


def held_out(views: Rows, texts: Texts, wanted: Rows, model: str) -> Rows:
    """Return each community's predictions by heads that were trained without it."""
    fold_of = np.random.default_rng(0).permutation(len(texts)) % FOLDS
    unseen = np.zeros_like(wanted)
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        heads = train(views[:, inside], [texts[place] for place in inside], wanted[inside], model)
        unseen[outside] = predict(heads, views[:, outside], [texts[place] for place in outside])
        sys.stderr.write(f"fold {fold + 1} of {FOLDS}\n")
    return unseen


def report(unseen: Rows, scores: Rows) -> None:
    """Print the rank correlation of each axis with its interval."""
    draws = np.random.default_rng(0).integers(len(scores), size=(RESAMPLES, len(scores)))
    print("| axis | Spearman, unseen communities (95 %) |\n|---|--:|")
    for place, axis in enumerate(AXES):
        resampled = [correlation(unseen[draw, place], scores[draw, place]) for draw in draws]
        low, high = np.percentile(resampled, (2.5, 97.5))
        whole = correlation(unseen[:, place], scores[:, place])
        print(f"| {axis} | {whole:.3f} ({low:.3f} to {high:.3f}) |")


def correlation(one: Rows, other: Rows) -> float:
    """Return Spearman's rank correlation."""
    from scipy.stats import spearmanr

    return float(spearmanr(one, other)[0])


def calibration(unseen: Rows, scores: Rows, said: NDArray[np.int64]) -> tuple[Rows, Rows]:
    """Return the scores that go with predictions (isotonic), and conformal margins by how much is said."""
    from sklearn.isotonic import IsotonicRegression

    levels = np.zeros((len(AXES), 2, STEPS), np.float32)
    margins = np.zeros((3, len(AXES), 2), np.float32)
    for place in range(len(AXES)):
        fit = IsotonicRegression(out_of_bounds="clip").fit(unseen[:, place], scores[:, place])
        steps = np.quantile(unseen[:, place], np.linspace(0, 1, STEPS))
        # Steps of a staircase would make ties of what is not tied: a slope a thousandth of the range keeps the order.
        levels[place] = steps, fit.predict(steps) + 1e-3 * np.linspace(-1, 1, STEPS) * scores[:, place].std()
        error = scores[:, place] - np.interp(unseen[:, place], *levels[place])
        for kind in range(3):
            low, high = np.quantile(error[said == kind], QUANTILES)
            margins[kind, place] = max(0.0, -low), max(0.0, high)
    return levels, margins


def write(heads: Heads, calibrated: tuple[Rows, Rows]) -> None:
    """Keep the heads beside `index.audience`: vectors in 8 bits, words in 16."""
    step = float(np.abs(heads.known).max()) / 127
    levels, margins = calibrated
    TARGET.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        TARGET,
        model=heads.model,
        means=heads.means,
        turns=heads.turns.astype(np.float16),
        known=np.round(heads.known / step).astype(np.int8),
        step=np.float32(step),
        shares=heads.shares,
        duals=heads.duals,
        word_rarity=heads.words.rarity.astype(np.float16),
        words=heads.words.says.astype(np.float16),
        letter_rarity=heads.letters.rarity.astype(np.float16),
        letters=heads.letters.says.astype(np.float16),
        width=heads.width,
        levels=levels,
        margins=margins,
        source="Waller and Anderson, Nature 600:264-268 (2021): coefficients of heads trained on their scores",
    )


if __name__ == "__main__":
    main()
