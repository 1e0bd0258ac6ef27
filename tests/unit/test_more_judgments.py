"""Our own judgments of pairs that the pool left out are in one form, each with its reason."""

from __future__ import annotations

from pathlib import Path

ROWS = [line.split("\t") for line in (Path(__file__).with_name("more-judgments.tsv")).read_text("utf-8").splitlines()]


def test_each_has_a_query_a_venue_a_grade_and_a_reason() -> None:
    assert {4} == {len(row) for row in ROWS}
    assert all(":" in venue and grade in {"0", "1", "2", "3"} and reason.strip() for _, venue, grade, reason in ROWS)


def test_none_is_judged_twice() -> None:
    assert len(ROWS) == len({(query, venue) for query, venue, *_ in ROWS})
