"""A question and a store make an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from index.sqlite import SqliteStore
from index.testing import HashEncoder
from venues.discovery import LOCALS, Narrowing, discover
from venues.errors import EmptyIndex, WrongModel
from venues.model import CrawlRun, Kind, Listing, Query, Section
from venues.queries import ANYONE
from venues.refresh import Intake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from venues.model import Whereabouts

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
ENCODER = HashEncoder()
MUMS = Query(text="young mums", audience="young mums")


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


def take(store: SqliteStore, *titles: str, **fields: Any) -> None:
    def nowhere(_listing: Listing) -> Whereabouts | None:
        return None

    listings = [Listing(**{"platform": "forum", "native_id": title, "title": title} | fields) for title in titles]
    for _ in Intake(store=store, encoder=ENCODER, locate=nowhere, now=NOW).take(listings):
        pass


def titles(store: SqliteStore, query: Query = MUMS, **narrowing: Any) -> list[str]:
    said = discover(query, store, ENCODER, NOW, Narrowing(**narrowing))
    return [one.venue.listing.title for one in said.suggestions]


def test_the_best_match_comes_first(store: SqliteStore) -> None:
    take(store, "Old cars", "Young mums", "Young farmers")

    assert "Young mums" == titles(store)[0]


def test_what_is_for_others_and_elsewhere_is_called_less_likely(store: SqliteStore) -> None:
    take(store, "Young mums", "Old cars")

    answer = discover(MUMS, store, ENCODER, NOW)

    assert [("Young mums", Section.LOCAL), ("Old cars", Section.DOUBTFUL)] == [
        (one.venue.listing.title, one.section) for one in answer.suggestions
    ]


def test_no_more_than_the_limit_and_only_the_kinds_wanted(store: SqliteStore) -> None:
    take(store, "Mums one", "Mums two", kind=Kind.CHAT)
    take(store, "Mums three", kind=Kind.FORUM)

    assert 2 == len(titles(store, limit=2))
    assert ["Mums three"] == titles(store, kinds=frozenset({"forum"}))


def test_a_limit_beyond_the_usual_candidates_is_kept(store: SqliteStore) -> None:
    take(store, *(f"Mums {number}" for number in range(450)))

    assert 400 == len(titles(store, limit=400))


def test_a_query_that_names_no_people_means_those_who_live_there(store: SqliteStore) -> None:
    take(store, "Steam engines", LOCALS)

    assert LOCALS == titles(store, Query(text="in Brighton", audience=ANYONE))[0]


def test_an_empty_index_is_an_error_that_names_it(store: SqliteStore) -> None:
    with pytest.raises(EmptyIndex, match=":memory:"):
        discover(MUMS, store, ENCODER, NOW)


def test_an_index_that_holds_nothing_fit_is_an_empty_answer(store: SqliteStore) -> None:
    take(store, "Mums", nsfw=True)
    said = discover(MUMS, store, ENCODER, NOW)

    assert ((), {"not safe for work": 1}) == (said.suggestions, said.left_out)


def test_another_models_index_is_refused(store: SqliteStore) -> None:
    take(store, "Mums")

    with pytest.raises(WrongModel):
        discover(MUMS, store, HashEncoder(model="other"), NOW)


def test_the_answer_says_what_was_crawled(store: SqliteStore) -> None:
    take(store, "Mums")
    run = CrawlRun(site="matrix:x", started_at=NOW, finished_at=NOW, state="failed", complete=False, error="down")
    store.apply([], np.empty((0, 64), np.float32), ENCODER.model, run)
    (coverage,) = discover(MUMS, store, ENCODER, NOW).coverage

    assert ("matrix:x", "failed", "down") == (coverage.site, coverage.state, coverage.note)


def test_nothing_on_target_is_said_first(store: SqliteStore) -> None:
    take(store, "Steam engines", "Old cars")

    (note,) = discover(MUMS, store, ENCODER, NOW).notes
    assert note.startswith("No group for young mums found.")
    assert note.endswith("Others may exist that are not indexed.")


def test_nothing_is_said_where_something_on_target_is_there(store: SqliteStore) -> None:
    take(store, "Young mums", "Old cars")

    assert () == discover(MUMS, store, ENCODER, NOW).notes
