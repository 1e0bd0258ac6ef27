"""The queries that nobody tuned on, and the judgments of what was pooled for them, are in one form."""

from __future__ import annotations

from pathlib import Path

from venues.evaluation import TOP_GRADE, read_queries

HERE = Path(__file__).parent
QUERIES = read_queries(HERE / "unseen-queries.tsv")
ROWS = [line.split("\t") for line in (HERE / "unseen-judgments.tsv").read_text("utf-8").splitlines()]


def test_there_are_thirty_queries_with_ids_of_their_own() -> None:
    assert [f"n{number:02}" for number in range(1, 31)] == list(QUERIES)


def test_each_judgment_has_a_query_a_venue_a_grade_and_a_reason() -> None:
    grades = {str(grade) for grade in range(TOP_GRADE + 1)}
    assert {4} == {len(row) for row in ROWS}
    assert all(
        all(venue.partition(":")) and grade in grades and reason.strip() and query in QUERIES
        for query, venue, grade, reason in ROWS
    )


def test_every_query_is_judged() -> None:
    assert set(QUERIES) == {query for query, *_ in ROWS}


def test_no_venue_is_judged_twice_for_a_query() -> None:
    assert len(ROWS) == len({(query, venue) for query, venue, *_ in ROWS})
