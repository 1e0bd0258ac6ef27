"""Train the heads of `index.audience`, and say how well they do on communities that they never saw.

    python benchmarks/train_audience.py --scores community-scores.csv --listings listings.jsonl.gz [--write]

The scores are a CSV file with the columns community, description, age, gender, affluence, partisan and sociality: those
of Waller and Anderson, "Quantifying social organization and political polarization in online platforms", Nature 600
(2021), computed from who takes part in which subreddit. They have no licence file and are not shipped: the file that
`--write` makes holds coefficients, and rounded vectors of the public descriptions that they belong to.

The listings are in the interchange form. Where they have another description of a community, the heads learn from both;
they are tried on the description beside the scores alone, by heads that saw neither.

Figures are Spearman's rank correlations over five folds of communities, each fold's trained without it; the interval is
that of 1,000 resamples of the communities. The encoder that comes with the heads, `benchmarks/distil_audience.py`,
was taught without any of these communities. One processor, about four minutes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.audience import (
    AXES,
    LETTER_SLOTS,
    NAME,
    WORD_SLOTS,
    Grams,
    Heads,
    gram_weights,
    letters_of,
    likeness,
    load_reader,
    predict,
    said,
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
WIDTH, WORDS, LETTERS = 2.0, 0.15, 0.07
"""Of the kernel, and what the words' and the letters' kernel count beside that of the vectors."""
RIDGES = np.array([0.4, 0.25, 0.15])
"""The penalty by how much a description says: the less, the less its community's scores are taken at their word."""
BARE_RIDGE, BARE_LETTERS = 0.3, 0.1
"""The penalty and what the letters' kernel counts where names are all that is compared."""
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
    arguments.add_argument("--listings", type=Path, required=True, help="in the interchange form, gzipped")
    arguments.add_argument("--write", action="store_true", help=f"write {TARGET.name}, trained on all communities")
    options = arguments.parse_args()
    listings, scores = read(options.scores)
    encoder = load_encoder(threads=1)
    first = [texts_of(listing) for listing in listings]
    others = second(options.listings, listings, first)
    texts, owners = [*first, *others.values()], np.array([*range(len(first)), *others])
    views = views_of(texts, encoder, load_reader(threads=1))
    wanted = np.stack([even_ranks(column) for column in scores.T], axis=1).astype(np.float32)[owners]
    unseen = held_out(views, texts, wanted, owners, encoder.model)
    report(unseen, scores)
    if options.write:
        write(train(views, texts, wanted, encoder.model), calibration(unseen, scores, said(first)))


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


def second(path: Path, listings: Sequence[Listing], texts: Texts) -> dict[int, tuple[str, str, str]]:
    """Return other texts of these communities, by their places, where the file has another description of them."""
    places = {listing.native_id.casefold(): place for place, listing in enumerate(listings)}
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            place = places.get(row["native_id"].casefold().removeprefix("r/")) if row["platform"] == "reddit" else None
            if place is not None and row.get("description"):
                text = texts_of(replace(listings[place], description=row["description"]))
                if text[1] != texts[place][1]:
                    found[place] = text
    return found


def even_ranks(column: Rows) -> Rows:
    """Return the scores by rank, evenly spread, with mean 0 and variance 1: outliers teach nothing here."""
    from scipy.stats import rankdata

    ranks: Rows = ((rankdata(column) - 0.5) / len(column) - 0.5) * np.sqrt(12)
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
    kernel[np.diag_indices_from(kernel)] += RIDGES[said(texts)]
    duals = np.linalg.solve(kernel, wanted)
    bare = of_names(known[NAME], with_letters, [name for name, _, _ in texts], wanted)
    return Heads(
        model=model,
        means=means,
        turns=turns,
        known=known,
        shares=shares,
        duals=duals.astype(np.float32),
        words=Grams(rare_words, (WORDS * (with_words.T @ duals)).astype(np.float32)),
        letters=Grams(rare_letters, (LETTERS * (with_letters.T @ duals)).astype(np.float32)),
        bare=bare.astype(np.float32),
        bare_letters=Grams(rare_letters, (BARE_LETTERS * (with_letters.T @ bare)).astype(np.float32)),
        width=WIDTH,
        levels=np.zeros((len(AXES), 2, STEPS), np.float32),
        margins=np.zeros((3, len(AXES), 2), np.float32),
    )


def of_names(known: Rows, with_letters, names: Sequence[str], wanted: Rows) -> Rows:
    """Return what the communities say where names are all that is compared, 0 for a name that is there again."""
    first = np.array(list({name: place for place, name in reversed(list(enumerate(names)))}.values()))
    kernel = likeness(known[None, first], known[None, first], np.ones(1, np.float32), WIDTH).astype(np.float64)
    kernel += BARE_LETTERS * (with_letters[first] @ with_letters[first].T).toarray()
    kernel[np.diag_indices_from(kernel)] += BARE_RIDGE
    says = np.zeros((len(names), wanted.shape[1]))
    says[first] = np.linalg.solve(kernel, wanted[first])
    return says


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


def held_out(views: Rows, texts: Texts, wanted: Rows, owners: NDArray[np.intp], model: str) -> Rows:
    """Return each community's predictions by heads that were trained without any text of it.

    Owners are the communities of the texts, by number: the first text of each in that order, then others.
    """
    count = int(owners.max()) + 1
    fold_of = np.random.default_rng(0).permutation(count) % FOLDS
    unseen = np.zeros_like(wanted[:count])
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(fold_of[owners] != fold), np.flatnonzero(fold_of == fold)
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


def calibration(unseen: Rows, scores: Rows, kinds: NDArray[np.intp]) -> tuple[Rows, Rows]:
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
            low, high = np.quantile(error[kinds == kind], QUANTILES)
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
        bare=heads.bare,
        bare_letters=heads.bare_letters.says.astype(np.float16),
        width=heads.width,
        levels=levels,
        margins=margins,
        source="Waller and Anderson, Nature 600:264-268 (2021): coefficients of heads trained on their scores",
    )


if __name__ == "__main__":
    main()
