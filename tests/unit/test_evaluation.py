"""Measures computed by hand on a few venues, the bootstrap, and files that are not as they should be."""

from __future__ import annotations

import json
import subprocess
import sys
from math import log2
from typing import TYPE_CHECKING

import pytest

from venues.errors import EmptyIndex, QueryError, UnknownPlace
from venues.evaluation import (
    MEASURES,
    Comparison,
    Judgment,
    QueryRow,
    Row,
    answer,
    compare,
    evaluate,
    read_qrels,
    read_queries,
)
from venues.model import VenueId

if TYPE_CHECKING:
    from pathlib import Path

    from venues.evaluation import Report


def venue(native_id: str) -> VenueId:
    return VenueId("forum", native_id)


def venues(native_ids: str) -> list[VenueId]:
    return [venue(native_id) for native_id in native_ids]


QUERIES = {"q1": "mums", "q2": "dads", "q3": "cats"}
JUDGMENTS = [
    *(Judgment("q1", venue(name), grade) for name, grade in {"a": 3, "b": 2, "c": 1, "d": 0}.items()),
    *(Judgment("q2", venue(name), grade) for name, grade in {"a": 0, "b": 2}.items()),
    *(Judgment("q3", venue(name), grade) for name, grade in {"a": 1, "b": 0}.items()),
]
IDEAL = 3 + 2 / log2(3) + 1 / 2


def report(**runs: dict[str, str]) -> Report:
    """Evaluate runs written as one letter a venue."""
    return evaluate(
        {name: {query: venues(order) for query, order in run.items()} for name, run in runs.items()},
        JUDGMENTS,
        QUERIES,
        resamples=500,
    )


def value(order: str, measure: str, query: str = "q1") -> float:
    return report(ours={query: order}).systems[0].queries[query][measure]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("abc", 1.0),
        ("abcdxyz", 1.0),
        ("cba", (1 + 2 / log2(3) + 3 / 2) / IDEAL),
        ("bxad", (2 + 3 / 2) / IDEAL),  # the gain is the grade: with 2^grade - 1 this would be 0.69, not 0.74
        ("uvwxyzklma", 3 / log2(11) / IDEAL),
        ("uvwxyzklmna", 0.0),
        ("", 0.0),
    ],
)
def test_ndcg_takes_the_grade_as_the_gain_and_stops_at_ten(order: str, expected: float) -> None:
    assert pytest.approx(expected) == value(order, "nDCG@10")


@pytest.mark.parametrize(("order", "expected"), [("ab", 0.4), ("cdxyzab", 0.0), ("cdxya", 0.2), ("", 0.0)])
def test_precision_counts_grades_of_two_and_three_among_five(order: str, expected: float) -> None:
    assert pytest.approx(expected) == value(order, "P@5")


@pytest.mark.parametrize(("order", "expected"), [("ba", 1.0), ("c" + "xyz" + "a", 0.5), ("cd", 0.0)])
def test_recall_is_of_the_venues_of_grade_two_and_three(order: str, expected: float) -> None:
    assert pytest.approx(expected) == value(order, "recall@50")


def test_recall_stops_at_fifty() -> None:
    judgments = [Judgment("q1", venue("right"), 3)]
    others = [venue(f"other {number}") for number in range(50)]
    runs = {
        "within": {"q1": [*others[:49], venue("right")]},
        "beyond": {"q1": [*others, venue("right")]},
    }
    within, beyond = evaluate(runs, judgments, QUERIES, resamples=10).systems
    assert (1.0, 0.0) == (within.mean["recall@50"], beyond.mean["recall@50"])


def test_the_order_of_the_run_is_kept_whatever_the_ids_sort_like() -> None:
    assert value("ab", "nDCG@10") > value("ba", "nDCG@10")


def test_a_venue_answered_twice_counts_where_it_stood_first() -> None:
    assert value("abc", "nDCG@10") == value("aabbcc", "nDCG@10")


def test_names_beyond_ascii_and_with_spaces_are_measured_as_any_other() -> None:
    odd = VenueId("matrix", "#café du coin:example.org")
    found = evaluate({"ours": {"q1": [odd]}}, [Judgment("q1", odd, 3)], QUERIES, resamples=10)
    assert 1.0 == found.systems[0].mean["nDCG@10"]


def test_the_mean_counts_unanswered_queries_and_those_without_a_right_venue_as_nothing() -> None:
    ours = report(ours={"q1": "ab", "q3": "a"}).systems[0]
    assert pytest.approx((0.4 + 0 + 0) / 3) == ours.mean["P@5"]
    assert pytest.approx((1 + 0 + 0) / 3) == ours.mean["recall@50"]
    assert dict.fromkeys(MEASURES, 0.0) == ours.queries["q2"]
    assert {"nDCG@10": 1.0, "P@5": 0.0, "recall@50": 0.0} == ours.queries["q3"]


def test_the_report_names_what_cannot_be_measured() -> None:
    queries = {**QUERIES, "q4": "nobody judged this"}
    elsewhere = Judgment("q9", venue("a"), 3)
    found = evaluate({"ours": {}}, [*JUDGMENTS, elsewhere], queries, {venue("a"), venue("c")}, resamples=10)
    assert ("q4",) == found.unjudged
    assert QUERIES == found.queries
    assert ("q3",) == found.barren
    assert (4, 2) == (found.absent, found.absent_right)


def test_without_an_index_nothing_is_said_to_be_absent() -> None:
    assert 0 == report(ours={}).absent


def test_files_that_do_not_speak_of_the_same_queries_are_refused() -> None:
    with pytest.raises(QueryError, match="same ids"):
        evaluate({"ours": {}}, JUDGMENTS, {"q7": "other"})


def test_identical_runs_differ_by_nothing_in_every_resample() -> None:
    run = {"q1": "ba", "q2": "ab"}
    assert {
        Comparison(peer="peer", measure=measure, difference=0.0, low=0.0, high=0.0, ahead=0.0) for measure in MEASURES
    } == set(report(ours=run, peer=run).comparisons)


def test_a_run_that_is_better_on_every_query_is_ahead_in_every_resample() -> None:
    best = {"q1": "abc", "q2": "b", "q3": "a"}
    worst = {"q1": "cba", "q2": "", "q3": "ba"}
    lead = report(ours=best, peer=worst).rows()[1].lead
    assert lead is not None
    assert 1.0 == lead.ahead
    assert 0 < lead.low <= lead.difference <= lead.high


def test_one_query_won_and_one_lost_leave_the_interval_about_nothing() -> None:
    judgments = [judgment for judgment in JUDGMENTS if judgment.query != "q3"]
    runs = {"ours": {"q1": venues("ab")}, "peer": {"q2": venues("b")}}
    lead = evaluate(runs, judgments, QUERIES).rows("recall@50")[1].lead
    assert lead is not None
    assert (0.0, -1.0, 1.0) == (lead.difference, lead.low, lead.high)
    assert pytest.approx(0.25, abs=0.02) == lead.ahead  # both draws fall on the query won


def test_the_same_seed_draws_the_same_resamples() -> None:
    runs = {"ours": {"q1": "ab", "q2": "ab"}, "peer": {"q1": "ba", "q2": "b", "q3": "a"}}
    assert report(**runs) == report(**runs)


def test_rows_give_the_means_and_the_lead_over_each_peer() -> None:
    found = report(ours={"q1": "abc"}, peer={"q2": "b"})
    means = [tuple(system.mean[measure] for measure in MEASURES) for system in found.systems]
    lead = next(each for each in found.comparisons if each.measure == "P@5")
    assert [Row("ours", means[0], None), Row("peer", means[1], lead)] == found.rows("P@5")
    assert pytest.approx(means[0][1] - means[1][1]) == lead.difference


def test_rows_by_query_give_every_systems_value() -> None:
    found = report(ours={"q1": "abc"}, peer={"q2": "b"})
    assert [
        QueryRow("q1", "mums", (1.0, 0.0)),
        QueryRow("q2", "dads", (0.0, 1.0)),
        QueryRow("q3", "cats", (0.0, 0.0)),
    ] == found.query_rows()


def test_the_record_goes_through_json_unchanged() -> None:
    record = report(ours={"q1": "abc"}, peer={"q2": "b"}).to_record()
    assert record == json.loads(json.dumps(record))
    assert ["ours", "peer"] == [system["name"] for system in record["systems"]]
    assert {"peer", "measure", "difference", "interval", "ahead"} == set(record["comparisons"][0])


def test_a_refused_query_stays_without_an_answer_and_says_why() -> None:
    def ask(text: str) -> list[VenueId]:
        if text == "dads":
            raise UnknownPlace("Nowhere")
        return venues("ab")

    answers = answer(ask, QUERIES)
    assert {"q1": venues("ab"), "q2": [], "q3": venues("ab")} == answers.run
    assert ["q2"] == list(answers.refused)
    assert "Nowhere" in answers.refused["q2"]


def test_ours_is_compared_with_peers_that_know_only_the_text() -> None:
    class Reversed:
        name = "reversed"

        def rank(self, text: str) -> list[tuple[VenueId, float]]:
            return [(each, 1.0) for each in venues("cba")] if text == "mums" else []

    def ours(text: str) -> list[VenueId]:
        if text == "dads":
            raise UnknownPlace("Nowhere")
        return venues("abc") if text == "mums" else []

    found = compare(ours, [Reversed()], QUERIES, JUDGMENTS, {venue("a")}, resamples=10)
    assert ["venues", "reversed"] == [system.name for system in found.systems]
    assert ["q2"] == list(found.refused)
    assert 5 == found.absent
    assert [1.0, 0.0, 0.0] == [row.values[0] for row in found.query_rows()]
    assert found.query_rows()[0].values[1] < 1


def test_an_empty_index_is_no_answer_to_measure() -> None:
    def ask(text: str) -> list[VenueId]:
        raise EmptyIndex("venues.db")

    with pytest.raises(EmptyIndex):
        answer(ask, QUERIES)


def test_queries_are_read_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "queries.tsv"
    path.write_bytes("\ufeffq1\tmums in Hove\r\n\r\nq2\tdads\u2028with\ttabs \n".encode())
    assert {"q1": "mums in Hove", "q2": "dads\u2028with\ttabs"} == read_queries(path)


def test_judgments_are_read_with_spaces_and_colons_in_the_native_id(tmp_path: Path) -> None:
    path = tmp_path / "qrels.txt"
    path.write_text("q1 0 reddit:mums 3\n\nq1\t0\tmatrix:#a room:example.org  0\n", encoding="utf-8")
    assert [
        Judgment("q1", VenueId("reddit", "mums"), 3),
        Judgment("q1", VenueId("matrix", "#a room:example.org"), 0),
    ] == read_qrels(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q1 mums\n", r"line 1: expected a query's id, a tab and its text, and found 'q1 mums'"),
        ("q1\tmums\n\n\tdads\n", "line 3: expected"),
        ("q1\t \n", "line 1: expected"),
        ("q1\tmums\nq1\tdads\n", "line 2: the query q1 is there already"),
        (" \n", "is empty"),
        (f"q1 {'m' * 100}\n", "m…'"),
    ],
)
def test_a_bad_file_of_queries_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "queries.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QueryError, match=message):
        read_queries(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q1 0 reddit:mums\n", "line 1: expected"),
        ("q1 0 mums 3\n", "line 1: expected"),
        ("q1 0 reddit:mums 3\nq1 0 reddit:dads high\n", "line 2: expected"),
        ("q1 0 reddit:mums 4\n", "grade from 0 to 3"),
        ("q1 0 reddit:mums -1\n", "grade from 0 to 3"),
        ("q1 0 reddit: 1\n", "line 1: expected"),
        ("q1 0 reddit:mums 3\nq1 0 reddit:mums 3\n", "line 2: reddit:mums is judged twice for q1"),
        ("", "is empty"),
    ],
)
def test_a_bad_file_of_judgments_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "qrels.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QueryError, match=message):
        read_qrels(path)


def test_a_file_that_is_missing_or_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "queries.tsv"
    with pytest.raises(QueryError, match="cannot be read"):
        read_queries(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QueryError, match="cannot be read"):
        read_queries(path)


def test_importing_the_module_does_not_load_what_measures() -> None:
    code = "import sys, venues.evaluation; sys.exit('ir_measures' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
