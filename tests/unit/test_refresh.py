"""Listings come in through windows: nothing twice, nothing half, and a stopped intake carries on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from index.sqlite import SqliteStore
from index.testing import HashEncoder
from index.words import text_of
from venues.errors import ModelError, WrongModel
from venues.interchange import to_line
from venues.model import Listing, VenueId, Whereabouts
from venues.refresh import Intake, embed_again

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from index.store import Vectors

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@dataclass
class Counting:
    """An encoder that remembers what it was asked."""

    inner: HashEncoder = field(default_factory=HashEncoder)
    texts: list[str] = field(default_factory=list)
    fails_at: int | None = None

    @property
    def model(self) -> str:
        return self.inner.model

    @property
    def dimensions(self) -> int:
        return self.inner.dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        if self.fails_at is not None and len(self.texts) >= self.fails_at:
            raise ModelError("the model is damaged")
        return self.inner.encode(texts)


def listing(native_id: int | str, **fields: Any) -> Listing:
    given = {"platform": "forum", "native_id": str(native_id), "title": f"Forum {native_id}", "source": "s"} | fields
    return Listing(**given)


def nowhere(_listing: Listing) -> Whereabouts | None:
    return None


@pytest.fixture
def encoder() -> Counting:
    return Counting()


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


def intake(store: SqliteStore, encoder: Any, **more: Any) -> Intake:
    return Intake(**{"store": store, "encoder": encoder, "locate": nowhere, "now": NOW, "window": 10} | more)


def take(store: SqliteStore, encoder: Any, listings: Iterable[Listing], **more: Any) -> tuple[int, int, int, int]:
    taking = intake(store, encoder, **more)
    for _ in taking.take(listings):
        pass
    tally = taking.tally
    return tally.added, tally.updated, tally.unchanged, tally.embedded


MANY = [listing(number) for number in range(35)]


def test_what_is_new_changed_and_as_before_is_counted(store: SqliteStore, encoder: Counting) -> None:
    assert (35, 0, 0, 35) == take(store, encoder, MANY)

    changed = [*(listing(number, members=5) for number in range(20, 30)), listing(30, title="New")]
    later = [*MANY[:20], *changed, listing(99)]
    assert (1, 11, 20, 2) == take(store, encoder, later)


def test_nothing_in_is_nothing_out(store: SqliteStore, encoder: Counting) -> None:
    assert [] == list(intake(store, encoder).take([]))
    assert [] == encoder.texts


def test_the_same_again_embeds_and_locates_nothing(store: SqliteStore, encoder: Counting) -> None:
    located = []

    def locate(one: Listing) -> None:
        located.append(one.id)

    take(store, encoder, MANY, locate=locate)
    assert (35, 35) == (len(encoder.texts), len(located))

    assert (0, 0, 35, 0) == take(store, encoder, MANY, locate=locate)
    assert (35, 35) == (len(encoder.texts), len(located))


def test_after_a_change_of_our_rules_the_same_again_is_located_anew_and_not_embedded(
    store: SqliteStore, encoder: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    located = []

    def locate(one: Listing) -> None:
        located.append(one.id)

    take(store, encoder, MANY, locate=locate)
    monkeypatch.setattr("index.words.RULES", -1)

    assert (0, 35, 0, 0) == take(store, encoder, MANY, locate=locate)
    assert (35, 70) == (len(encoder.texts), len(located))


def test_the_tally_after_each_window_counts_what_is_committed(store: SqliteStore, encoder: Counting) -> None:
    committed = [(tally.total, store.count()) for tally in intake(store, encoder).take(MANY)]

    assert [(10, 10), (20, 20), (30, 30), (35, 35)] == committed


def test_each_vector_is_that_of_its_own_venues_words(store: SqliteStore, encoder: Counting) -> None:
    from index.store import Wanted

    take(store, encoder, [*MANY, *(listing(number, members=1) for number in range(0, 35, 3))], window=7)

    for one in MANY:
        asked = Wanted(words="", vector=encoder.inner.encode([text_of(one)])[0], model=encoder.model)
        assert one.id == store.candidates(asked, 1).candidates[0].venue.id


def test_where_a_venue_is_is_asked_of_the_merged_view_and_kept(store: SqliteStore, encoder: Counting) -> None:
    def locate(one: Listing) -> Whereabouts | None:
        return Whereabouts(told_by="place", confidence=1, name=one.place) if one.place else None

    take(store, encoder, [listing(1, place="Hove", source="a")], locate=locate)
    take(store, encoder, [listing(1, members=5, source="b")], locate=locate)
    where = store.venue(VenueId("forum", "1")).whereabouts

    assert where is not None
    assert "Hove" == where.name


@pytest.mark.parametrize("window", [1, 2, 3, 10])
def test_one_venue_in_windows_side_by_side_is_one_venue(store: SqliteStore, encoder: Counting, window: int) -> None:
    words = [
        listing(1, description="From a", source="a"),
        listing(2),
        listing(1, members=7, source="b"),
        listing(2),
        listing(1, description="From a", source="a"),
        listing(1, language="en", source="c"),
    ]
    take(store, encoder, words, window=window)
    venue = store.venue(VenueId("forum", "1"))

    assert ("From a", 7, "en") == (venue.listing.description, venue.listing.members, venue.listing.language)
    assert {"a", "b", "c"} == {one.source for one in venue.evidence}
    assert 2 == store.count()
    assert (0, 0, 4, 0) == take(store, encoder, words, window=window * 10)


def interrupted(error: BaseException, after: int) -> Iterator[Listing]:
    yield from MANY[:after]
    raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("the stick was pulled out"), GeneratorExit()])
@pytest.mark.parametrize("after", [0, 5, 10, 15, 29, 35])
def test_an_interrupted_intake_keeps_whole_windows_and_the_next_carries_on(
    store: SqliteStore, encoder: Counting, error: BaseException, after: int
) -> None:
    with pytest.raises(type(error)):
        take(store, encoder, interrupted(error, after))
    kept = store.count()
    assert 0 == kept % 10
    assert kept >= after - 20
    if isinstance(error, KeyboardInterrupt):
        assert 10 * (after // 10) == kept, "Ctrl-C lets go of a window that was whole"

    added, _, unchanged, _ = take(store, encoder, MANY)
    assert (35 - kept, kept) == (added, unchanged)
    assert sorted(map(to_line, MANY)) == sorted(map(to_line, store.listings()))


def test_whoever_stops_listening_keeps_what_was_committed(store: SqliteStore, encoder: Counting) -> None:
    windows = intake(store, encoder).take(MANY)
    next(windows)
    windows.close()  # type: ignore[attr-defined]

    assert 10 == store.count()
    assert (25, 0, 10, 25) == take(store, encoder, MANY)


def test_an_encoder_that_fails_fails_the_intake_and_keeps_what_was_committed(
    store: SqliteStore, encoder: Counting
) -> None:
    encoder.fails_at = 25

    with pytest.raises(ModelError, match="damaged"):
        take(store, encoder, MANY)
    assert 20 == store.count()


def test_no_thread_is_left_behind(store: SqliteStore, encoder: Counting) -> None:
    with pytest.raises(KeyboardInterrupt):
        take(store, encoder, interrupted(KeyboardInterrupt(), 25))

    assert [] == [thread.name for thread in threading.enumerate() if thread.name.startswith("embedding")]


def test_reading_goes_no_further_ahead_than_a_few_windows(store: SqliteStore, encoder: Counting) -> None:
    ahead = 0

    def endless() -> Iterator[Listing]:
        nonlocal ahead
        for number in range(1000):
            yield listing(number)
            ahead = max(ahead, number - store.count())

    take(store, encoder, endless())

    assert ahead <= 30


def test_a_store_of_another_model_is_refused_before_anything_is_written(store: SqliteStore, encoder: Counting) -> None:
    take(store, encoder, MANY[:5])

    with pytest.raises(WrongModel):
        take(store, Counting(HashEncoder(model="other")), MANY)
    assert 5 == store.count()


def test_what_comes_out_is_what_went_in(store: SqliteStore, encoder: Counting) -> None:
    given = [
        listing(1, description="", rules=("a", "b"), lat=-0.0, lon=180.0, seen_at=NOW - timedelta(days=400)),
        listing(2, source=None, members=0, nsfw=False, title=" \u202e<b>é\u0301🎉 "),
        listing(2, source="another", country="GB", last_post_at=NOW),
    ]
    take(store, encoder, given)

    assert [one.to_record() for one in given[:1] + given[:0:-1]] == [one.to_record() for one in store.listings()]


def test_a_store_and_the_copy_made_of_its_export_are_the_same(store: SqliteStore, encoder: Counting) -> None:
    take(store, encoder, [*MANY, listing(1, source="t", members=4)])
    with SqliteStore(":memory:") as copy:
        take(copy, encoder, store.listings())

        assert list(store.listings()) == list(copy.listings())
        assert store.venue(VenueId("forum", "1")).listing == copy.venue(VenueId("forum", "1")).listing


def test_all_is_embedded_anew_for_another_model_and_the_old_vectors_are_dropped(
    store: SqliteStore, encoder: Counting
) -> None:
    take(store, encoder, MANY)
    other = Counting(HashEncoder(model="other"))

    assert [35] == list(embed_again(store, other))
    assert [] == store.unembedded(other.model, 5)
    assert 5 == len(store.unembedded(encoder.model, 5))
    assert (0, 0, 35, 0) == take(store, other, MANY)


def test_embedding_anew_goes_on_where_it_was_stopped(
    store: SqliteStore, encoder: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venues.refresh.WINDOW", 10)
    take(store, encoder, MANY)
    other = Counting(HashEncoder(model="other"), fails_at=25)

    with pytest.raises(ModelError):
        list(embed_again(store, other))
    other.fails_at = None
    other.texts.clear()

    assert [10, 5] == list(embed_again(store, other))
    assert 15 == len(other.texts)


def test_a_store_on_disk_ends_the_same_after_any_number_of_interruptions(tmp_path: Path, encoder: Counting) -> None:
    for after in (3, 12, 27, 33):
        with SqliteStore(tmp_path / "venues.db") as store, pytest.raises(KeyboardInterrupt):
            take(store, encoder, interrupted(KeyboardInterrupt(), after))
    with SqliteStore(tmp_path / "venues.db") as store:
        take(store, encoder, MANY)

        assert 35 == store.count() == len(list(store.listings()))
        assert [] == store.unembedded(encoder.model, 5)
