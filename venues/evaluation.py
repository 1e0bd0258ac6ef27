"""The use case of `venues eval`: how well rankings answer judged queries, ours beside its peers.

Three measures, computed by ir-measures (which asks trec_eval):

- nDCG@10 with the grade as the gain and log2(rank + 1) as the discount, against the best order of all judged venues
- P@5, where a venue is right if its grade is 2 or 3
- recall@50 of the venues of grade 2 or 3

An unjudged venue counts as 0. The mean is over the queries that have judgments: one that a system left without an
answer counts 0, as ir-measures has it, and so does one for which no venue is right (the report names those). Scores are
handed on as positions counted down, because trec_eval settles equal scores by the document's name.

Confidence is the paired bootstrap over queries: the queries are drawn anew, with replacement, ten thousand times, and
each time the first system's mean is compared with each other's over the same draw (Sakai, "Evaluating evaluation
metrics based on the bootstrap", SIGIR 2006). The interval runs from the 2.5th to the 97.5th percentile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from venues.errors import EmptyIndex, QueryError
from venues.model import VenueId

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from numpy.typing import NDArray

    from index.baselines import Peer

    Run: TypeAlias = Mapping[str, Sequence[VenueId]]
    """For each query's id, what one system answered, best first."""

MEASURES = ("nDCG@10", "P@5", "recall@50")
RIGHT = 2
"""The least grade of a venue that is right, for P@5 and recall@50."""
TOP_GRADE = 3


class Judgment(NamedTuple):
    """What a person said of one venue for one query."""

    query: str
    venue: VenueId
    grade: int
    """0 to 3."""


class Answers(NamedTuple):
    """What one system answered to a set of queries."""

    run: dict[str, list[VenueId]]
    refused: dict[str, str]
    """For each query that was refused, the reason; its answer is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What one system scored."""

    name: str
    mean: dict[str, float]
    """By measure."""
    queries: dict[str, dict[str, float]]
    """By query, then by measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The first system minus one other, by one measure: the difference of the means and how far it can be trusted."""

    peer: str
    measure: str
    difference: float
    low: float
    """Where the 95 % interval begins."""
    high: float
    ahead: float
    """The share of resamples in which the first system's mean was the larger."""


class Row(NamedTuple):
    """One line of the table: a system, its means in the order of `MEASURES`, and the first system's lead over it."""

    system: str
    means: tuple[float, ...]
    lead: Comparison | None
    """None for the first system itself."""


class QueryRow(NamedTuple):
    """One line of the table by query: each system's value of one measure, in the order of the systems."""

    query: str
    text: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How all systems did on the same queries and judgments."""

    systems: tuple[System, ...]
    """In the order given; the first is the one compared with the others."""
    comparisons: tuple[Comparison, ...]
    """For each other system, one for each measure."""
    queries: dict[str, str]
    """Those that were measured: id and text."""
    unjudged: tuple[str, ...]
    """Queries left out because nobody judged anything for them."""
    barren: tuple[str, ...]
    """Queries for which no venue is right: everybody's precision and recall are 0."""
    absent: int
    """Judgments of venues that are not in the index, so that nobody can find them."""
    absent_right: int
    """How many of those venues are right: what recall cannot reach."""
    refused: dict[str, str] = field(default_factory=dict)
    """Queries that the first system refused, each with the reason; they count as left without an answer."""

    def rows(self, measure: str = MEASURES[0]) -> list[Row]:
        """Return the table of means, with the first system's lead by one measure."""
        leads = {each.peer: each for each in self.comparisons if each.measure == measure}
        return [
            Row(system.name, tuple(system.mean[each] for each in MEASURES), leads.get(system.name))
            for system in self.systems
        ]

    def query_rows(self, measure: str = MEASURES[0]) -> list[QueryRow]:
        """Return the table by query of one measure."""
        return [
            QueryRow(query, text, tuple(system.queries[query][measure] for system in self.systems))
            for query, text in self.queries.items()
        ]

    def to_record(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return {
            "measures": list(MEASURES),
            "queries": self.queries,
            "systems": [
                {"name": system.name, "mean": system.mean, "queries": system.queries} for system in self.systems
            ],
            "comparisons": [
                {
                    "peer": each.peer,
                    "measure": each.measure,
                    "difference": each.difference,
                    "interval": [each.low, each.high],
                    "ahead": each.ahead,
                }
                for each in self.comparisons
            ],
            "unjudged": list(self.unjudged),
            "barren": list(self.barren),
            "absent": self.absent,
            "absent_right": self.absent_right,
            "refused": self.refused,
        }


def read_queries(path: Path) -> dict[str, str]:
    """Read queries, one a line: an id, a tab, the text. Raises QueryError with the number of a line that is not."""
    queries: dict[str, str] = {}
    for place, line in _lines(path):
        query, _, text = (part.strip() for part in line.partition("\t"))
        if not (query and text):
            raise QueryError(f"{place}: expected a query's id, a tab and its text, and found {_shown(line)}.")
        if query in queries:
            raise QueryError(f"{place}: the query {query} is there already. Give each query an id of its own.")
        queries[query] = text
    return queries


def read_qrels(path: Path) -> list[Judgment]:
    """Read judgments in TREC form, `query 0 platform:native_id grade`, where the native id may hold spaces.

    Raises QueryError with the number of a line that is not in that form or that judges a venue again.
    """
    judgments: dict[tuple[str, VenueId], Judgment] = {}
    for place, line in _lines(path):
        judgment = _judgment(line)
        if judgment is None:
            raise QueryError(
                f"{place}: expected `query 0 platform:native_id grade` with a grade from 0 to {TOP_GRADE}, "
                f"and found {_shown(line)}."
            )
        key = judgment.query, judgment.venue
        if key in judgments:
            raise QueryError(f"{place}: {judgment.venue} is judged twice for {judgment.query}. Keep one of the two.")
        judgments[key] = judgment
    return list(judgments.values())


def compare(
    ours: Callable[[str], Sequence[VenueId]],
    peers: Sequence[Peer],
    queries: Mapping[str, str],
    judgments: Sequence[Judgment],
    indexed: Container[VenueId] | None = None,
    *,
    name: str = "venues",
    resamples: int = 10_000,
) -> Report:
    """Ask ours and every peer all the queries, and measure them: what `venues eval` does. See `evaluate`."""
    answers = answer(ours, queries)
    runs: dict[str, Run] = {name: answers.run}
    for peer in peers:
        runs[peer.name] = {query: [venue for venue, _ in peer.rank(text)] for query, text in queries.items()}
    return replace(evaluate(runs, judgments, queries, indexed, resamples=resamples), refused=answers.refused)


def answer(ask: Callable[[str], Sequence[VenueId]], queries: Mapping[str, str]) -> Answers:
    """Ask one system every query. One that it refuses stays without an answer; an empty index is raised."""
    answers = Answers({}, {})
    for query, text in queries.items():
        try:
            answers.run[query] = list(ask(text))
        except EmptyIndex:
            raise
        except QueryError as error:
            answers.run[query] = []
            answers.refused[query] = str(error)
    return answers


def evaluate(
    runs: Mapping[str, Run],
    judgments: Sequence[Judgment],
    queries: Mapping[str, str],
    indexed: Container[VenueId] | None = None,
    *,
    resamples: int = 10_000,
    seed: int = 0,
) -> Report:
    """Measure every run, and compare the first with each of the others.

    `indexed`, best a set, holds the venues that the systems could find; without it nothing is said of absent ones.
    Judgments of other queries are left aside. Raises QueryError if no query is judged.
    """
    asked = [judgment for judgment in judgments if judgment.query in queries]
    known = {judgment.query for judgment in asked}
    if not known:
        raise QueryError("None of the queries is judged. Check that the two files use the same ids.")
    judged = {query: text for query, text in queries.items() if query in known}
    right = {judgment.query for judgment in asked if judgment.grade >= RIGHT}
    absent = [] if indexed is None else [judgment for judgment in asked if judgment.venue not in indexed]
    systems = _measure(runs, asked, judged)
    return Report(
        systems=systems,
        comparisons=_compare(systems, resamples, seed),
        queries=judged,
        unjudged=tuple(query for query in queries if query not in known),
        barren=tuple(query for query in judged if query not in right),
        absent=len(absent),
        absent_right=sum(judgment.grade >= RIGHT for judgment in absent),
    )


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the lines that are not blank, each with the words that say where it stands."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"{path} cannot be read as text: {error}") from error
    lines = [(f"{path}, line {number}", line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise QueryError(f"{path} is empty.")
    yield from lines


def _shown(line: str) -> str:
    return repr(line if len(line) <= 60 else f"{line[:60]}…")


def _judgment(line: str) -> Judgment | None:
    form = re.fullmatch(r"\s*(\S+)\s+\S+\s+([^\s:]+):(.*\S)\s+([0-9])\s*", line)
    if form is None or int(form[4]) > TOP_GRADE:
        return None
    return Judgment(form[1], VenueId(form[2], form[3]), int(form[4]))


def _measure(runs: Mapping[str, Run], judgments: Sequence[Judgment], judged: Mapping[str, str]) -> tuple[System, ...]:
    import ir_measures
    from ir_measures import P, R, nDCG

    measures = dict(zip(MEASURES, (nDCG @ 10, P(rel=RIGHT) @ 5, R(rel=RIGHT) @ 50), strict=True))
    names = {measure: name for name, measure in measures.items()}
    grades: dict[str, dict[str, int]] = {query: {} for query in judged}
    for judgment in judgments:
        grades[judgment.query][str(judgment.venue)] = judgment.grade
    evaluator = ir_measures.evaluator(list(measures.values()), grades)
    systems = []
    for name, run in runs.items():
        values: dict[str, dict[str, float]] = {query: dict.fromkeys(MEASURES, 0.0) for query in judged}
        for metric in evaluator.iter_calc(_scored(run, judged)):
            values[metric.query_id][names[metric.measure]] = float(metric.value)
        mean = {each: float(np.mean([values[query][each] for query in judged])) for each in MEASURES}
        systems.append(System(name=name, mean=mean, queries=values))
    return tuple(systems)


def _scored(run: Run, judged: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return a run as ir-measures takes it: no two scores equal, so that the order stays the system's own."""
    scored = {}
    for query in judged:
        order = dict.fromkeys(str(venue) for venue in run.get(query, ()))
        scored[query] = {venue: float(len(order) - position) for position, venue in enumerate(order)}
    return scored


def _compare(systems: Sequence[System], resamples: int, seed: int) -> tuple[Comparison, ...]:
    first, *others = systems
    number = len(first.queries)
    draws = np.random.default_rng(seed).integers(number, size=(resamples, number))
    return tuple(
        _comparison(other.name, measure, _values(first, measure) - _values(other, measure), draws)
        for other in others
        for measure in MEASURES
    )


def _values(system: System, measure: str) -> NDArray[np.float64]:
    return np.array([values[measure] for values in system.queries.values()])


def _comparison(peer: str, measure: str, differences: NDArray[np.float64], draws: NDArray[np.int64]) -> Comparison:
    means = differences[draws].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return Comparison(
        peer=peer,
        measure=measure,
        difference=float(differences.mean()),
        low=float(low),
        high=float(high),
        ahead=float((means > 0).mean()),
    )
