"""Say what the ranking's figures leave out: fit, confidence, abstention, spread, other countries' places.

    python benchmarks/ranking.py --db eval.db --queries queries.tsv --qrels qrels.txt [--more FILE] [--fit]

The index must hold the listings that were judged. `--more` adds judgments of our own (id, venue, grade, reason).
`--fit` fits the weights anew, on all queries and with an eighth of them left out in turn.
"""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.signals import SIGNALS
from venues.app import App
from venues.discovery import Narrowing, candidates_for
from venues.evaluation import read_qrels, read_queries
from venues.model import Scope, Section, VenueId
from venues.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from venues.model import Answer

DEPTH, RIGHT, FOLDS = 400, 2, 8
DISCOUNT = 1 / np.log2(np.arange(2, 12))
RIDGE, SHARPNESS, TURNS = 0.02, 10.0, 400
ABSENT = Path(__file__).with_name("abstention-queries.tsv")


class Judged(NamedTuple):
    """One query's candidates as the weights see them."""

    readings: NDArray[np.float64]
    """Shape (candidates, signals)."""
    grades: NDArray[np.int64]
    ideal: float
    """The best discounted gain there is."""


def main() -> None:
    """Print each figure."""
    options = _options()
    grades = _grades(options.qrels, options.more)
    queries = {query: text for query, text in read_queries(options.queries).items() if query in grades}
    with App(read_settings(db=options.db)) as app:
        answers = {query: app.find(text, Narrowing(limit=10)) for query, text in queries.items()}
        _say("unjudged among the first ten", _mean(_unjudged(answers[query], grades[query]) for query in queries))
        _say("platforms among the first ten", _mean(len(_of(one, "platform")) for one in answers.values()))
        _say("kinds among the first ten", _mean(len(_of(one, "kind")) for one in answers.values()))
        _say("communities with several addresses", sum(bool(s.also) for a in answers.values() for s in a.suggestions))
        _say("venues of another country shown as local", sum(map(_foreigners, answers.values())))
        _first_alone(answers, grades)
        _less_likely(answers, grades)
        _calibration(answers, grades)
        _abstention(app)
        if options.fit:
            _fit([_judged(app, text, grades[query]) for query, text in queries.items()])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--db", required=True)
    for name in ("--queries", "--qrels"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--fit", action="store_true")
    return parser.parse_args()


def _grades(qrels: Path, more: Path | None) -> dict[str, dict[VenueId, int]]:
    grades: dict[str, dict[VenueId, int]] = {}
    for judgment in read_qrels(qrels):
        grades.setdefault(judgment.query, {})[judgment.venue] = judgment.grade
    for line in more.read_text("utf-8").splitlines() if more else ():
        query, venue, grade, _ = line.split("\t")
        grades[query][VenueId(*venue.split(":", 1))] = int(grade)
    return grades


def _say(what: str, value: float) -> None:
    print(f"{what}: {value:.2f}" if isinstance(value, float) else f"{what}: {value}")


def _mean(values: object) -> float:
    return float(np.mean(list(values)))  # type: ignore[call-overload]


def _unjudged(answer: Answer, grades: dict[VenueId, int]) -> int:
    return sum(one.venue.id not in grades for one in answer.suggestions)


def _of(answer: Answer, name: str) -> set[object]:
    return {getattr(one.venue.listing, name) for one in answer.suggestions}


def _foreigners(answer: Answer) -> int:
    """Count venues shown as local whose country is known to be another."""
    home = answer.query.area.country if answer.query.area else None
    local = [one.venue for one in answer.suggestions if one.candidate.scope is Scope.LOCAL and home]
    return sum(bool(one.whereabouts and one.whereabouts.country not in {None, home}) for one in local)


def _first_alone(answers: dict[str, Answer], grades: dict[str, dict[VenueId, int]]) -> None:
    """Print the measures of the first address of each suggestion alone."""
    gains, rights = [], []
    for query, answer in answers.items():
        seen = np.array([grades[query].get(one.venue.id, 0) for one in answer.suggestions])
        ideal = np.sort(list(grades[query].values()))[::-1][:10]
        gains.append((seen * DISCOUNT[: len(seen)]).sum() / max((ideal * DISCOUNT[: len(ideal)]).sum(), 1e-9))
        rights.append((seen[:5] >= RIGHT).sum() / 5)
    print(f"first addresses alone: nDCG@10 {np.mean(gains):.3f}, P@5 {np.mean(rights):.3f}")


def _less_likely(answers: dict[str, Answer], grades: dict[str, dict[VenueId, int]]) -> None:
    """Print how many of the first ten stand under "less likely", and how many of those that are judged are right."""
    of_all = [(query, one) for query, answer in answers.items() for one in answer.suggestions]
    known = [grades[query].get(one.venue.id) for query, one in of_all if one.section is Section.DOUBTFUL]
    judged = [grade for grade in known if grade is not None]
    right = sum(grade >= RIGHT for grade in judged)
    print(f"less likely: {len(known)} of {len(of_all)}; of {len(judged)} judged, {right} right")


def _calibration(answers: dict[str, Answer], grades: dict[str, dict[VenueId, int]]) -> None:
    """Print how often suggestions of each confidence are right, of those that are judged."""
    asked: Counter[int] = Counter()
    right: Counter[int] = Counter()
    claimed: Counter[int] = Counter()
    for query, answer in answers.items():
        for one in answer.suggestions:
            if one.venue.id in grades[query]:
                bin_ = min(4, int(one.confidence * 5))
                asked[bin_] += 1
                claimed[bin_] += one.confidence  # type: ignore[assignment]
                right[bin_] += grades[query][one.venue.id] >= RIGHT
    for bin_, count in sorted(asked.items()):
        said = f"confidence {bin_ / 5:.1f} to {bin_ / 5 + 0.2:.1f} ({count} judged): right"
        _say(f"{said}, said {claimed[bin_] / count:.2f}", right[bin_] / count)


def _abstention(app: App) -> None:
    """Print how often the answer says that there is nothing, where there is nothing and where there is something."""
    said: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for line in ABSENT.read_text("utf-8").splitlines():
        text, truth = line.split("\t")
        asked[truth] += 1
        said[truth] += bool(app.find(text).notes)
    for truth, count in asked.items():
        print(f"said that nothing was found, where it is {truth}: {said[truth]} of {count}")


def _judged(app: App, text: str, grades: dict[VenueId, int]) -> Judged:
    query, now = app.query(text), datetime.now(UTC)
    found = candidates_for(query, app.store, app.asking, DEPTH)
    readings = [[_counted(signal.measure(query, one, now).value, signal.middle) for signal in SIGNALS] for one in found]
    best = np.sort(list(grades.values()))[::-1][:10]
    seen = np.array([grades.get(one.venue.id, 0) for one in found])
    return Judged(np.array(readings), seen, float((best * DISCOUNT[: len(best)]).sum()))


def _counted(value: float | None, middle: float) -> float:
    return middle if value is None else value


def _fit(judged: Sequence[Judged]) -> None:
    start = np.array([signal.weight for signal in SIGNALS], dtype=float)
    _figures("weights as they are", start, judged)
    for place, signal in enumerate(SIGNALS):
        without = start.copy()
        without[place] = 0
        _figures(f"  without {signal.name}", without, judged)
    best = _fitted(judged)
    _figures("weights fitted on all", best, judged)
    print({one.name: round(100 * w / best.sum(), 1) for one, w in zip(SIGNALS, best, strict=True)})
    order = np.random.default_rng(0).permutation(len(judged))
    held = []
    for fold in range(FOLDS):
        outside = set(order[fold::FOLDS].tolist())
        fitted = _fitted([one for place, one in enumerate(judged) if place not in outside])
        held += [_measures(fitted, [judged[place]]) for place in outside]
    ndcg, precision = np.mean(held, axis=0)
    print(f"an eighth left out in turn: nDCG@10 {ndcg:.3f}, P@5 {precision:.3f}")


def _figures(what: str, weights: NDArray[np.float64], judged: Sequence[Judged]) -> None:
    print("{}: nDCG@10 {:.3f}, P@5 {:.3f}".format(what, *_measures(weights, judged)))


def _measures(weights: NDArray[np.float64], judged: Sequence[Judged]) -> tuple[float, float]:
    """Return mean nDCG@10 and P@5, before folding and variety."""
    gains, rights = [], []
    for one in judged:
        grades = one.grades[np.argsort(-(one.readings @ weights), kind="stable")[:10]]
        gains.append((grades * DISCOUNT[: len(grades)]).sum() / max(one.ideal, 1e-9))
        rights.append((grades[:5] >= RIGHT).sum() / 5)
    return float(np.mean(gains)), float(np.mean(rights))


def _fitted(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """Return weights, none below 0, under which the softmax of a query's scores is nearest to its grades.

    The loss is convex: it does not matter where the search begins.
    """
    weights, pace, smooth = np.full(len(SIGNALS), 0.1), np.zeros(len(SIGNALS)), np.zeros(len(SIGNALS))
    for step in range(1, TURNS + 1):
        slope = 2 * RIDGE * weights
        for one in judged:
            scores = SHARPNESS * one.readings @ weights
            odds = np.exp(scores - scores.max())
            aim = one.grades / max(1, one.grades.sum())
            slope -= SHARPNESS * one.readings.T @ (aim - aim.sum() * odds / odds.sum()) / len(judged)
        pace, smooth = 0.9 * pace + 0.1 * slope, 0.999 * smooth + 0.001 * slope**2
        move = pace / (1 - 0.9**step) / (np.sqrt(smooth / (1 - 0.999**step)) + 1e-9)
        weights = np.maximum(0, weights - 0.01 * move)
    return weights


if __name__ == "__main__":
    main()
