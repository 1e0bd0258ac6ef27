"""Shortlists: kept under addresses that nobody can guess, and changed only where they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from index import shortlists
from index.shortlists import MOST_ITEMS, Item, ListNotFound, ShortlistBook, Status, changes_since
from index.sqlite import SqliteStore
from venues.errors import StoreError
from venues.model import Access, Listing, VenueId

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


def listing(native_id: str = "a", **fields: Any) -> Listing:
    return Listing(**{"platform": "forum", "native_id": native_id, "title": f"Forum {native_id}"} | fields)


@pytest.fixture
def book() -> Iterator[ShortlistBook]:
    with ShortlistBook(":memory:") as opened:
        yield opened


def test_a_list_keeps_what_is_put_on_it_once_each_in_order(book: ShortlistBook) -> None:
    made = book.create("Spring", NOW)
    for number, name in enumerate("bab"):
        held = book.add(made.id, listing(name), NOW + timedelta(minutes=number))
    assert ["b", "a"] == [item.id.native_id for item in held.items]
    assert held == book.get(made.id)
    assert "Spring" == held.title


def test_no_two_lists_share_an_address_and_none_is_short(book: ShortlistBook) -> None:
    ids = {book.create("", NOW).id for _ in range(50)}
    assert 50 == len(ids)
    assert {22} == {len(each) for each in ids}


@pytest.mark.parametrize("list_id", ["", "x", "' OR 1=1 --", "A" * 22, "é" * 22, "A" * 23])
def test_a_wrong_address_finds_nothing(book: ShortlistBook, list_id: str) -> None:
    book.create("x", NOW)
    with pytest.raises(ListNotFound):
        book.get(list_id)
    with pytest.raises(ListNotFound):
        book.add(list_id, listing(), NOW)


def test_what_is_noted_is_kept_and_what_is_not_given_stays(book: ShortlistBook) -> None:
    made = book.create("x", NOW)
    book.add(made.id, listing(), NOW)
    book.change(made.id, VenueId("forum", "a"), status=Status.ASKED, note="wrote\x00 to them")
    (item,) = book.change(made.id, VenueId("forum", "a"), outcome="no answer").items
    assert (Status.ASKED, "wrote to them", "no answer") == (item.status, item.note, item.outcome)


def test_a_venue_that_is_not_on_the_list_cannot_be_changed_but_may_be_taken_off(book: ShortlistBook) -> None:
    made = book.create("x", NOW)
    with pytest.raises(ListNotFound):
        book.change(made.id, VenueId("forum", "a"), note="x")
    assert () == book.remove(made.id, VenueId("forum", "a")).items


def test_one_list_is_changed_without_the_other(book: ShortlistBook) -> None:
    first, second = book.create("1", NOW), book.create("2", NOW)
    for each in (first, second):
        book.add(each.id, listing(), NOW)
    book.remove(first.id, VenueId("forum", "a"))
    assert [0, 1] == [len(book.get(each.id).items) for each in (first, second)]


def test_a_list_that_is_deleted_takes_its_venues_with_it(book: ShortlistBook) -> None:
    made = book.create("x", NOW)
    book.add(made.id, listing(), NOW)
    book.delete(made.id)
    with pytest.raises(ListNotFound):
        book.get(made.id)
    assert [(0,)] == book._db.execute("SELECT count(*) FROM shortlist_items").fetchall()


def test_a_full_list_says_so(book: ShortlistBook) -> None:
    made = book.create("x", NOW)
    for number in range(MOST_ITEMS):
        book._db.execute(
            "INSERT INTO shortlist_items VALUES (?, 'f', ?, 't', NULL, 'to join', '', '', ?, ?)",
            [made.id, str(number), NOW.isoformat(), f'{{"platform":"f","native_id":"{number}","title":"t"}}'],
        )
    with pytest.raises(StoreError, match="500 venues at most"):
        book.add(made.id, listing(), NOW)


def test_lists_lie_in_the_stores_file_and_outlive_the_process(tmp_path: Path) -> None:
    path = str(tmp_path / "venues.db")
    with SqliteStore(path), ShortlistBook(path) as book:
        made = book.create("x", NOW)
        book.add(made.id, listing(rules=("Be kind",), last_post_at=NOW), NOW)
    with ShortlistBook(path) as again:
        assert [listing(rules=("Be kind",), last_post_at=NOW)] == [item.listing for item in again.get(made.id).items]


LIVELY = listing(
    posts_per_week=12.0, access=Access.OPEN, members=100, last_post_at=NOW - timedelta(days=3), rules=("Be kind",)
)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (None, "closed, or no source lists it any more"),
        (listing(access=Access.CLOSED), "who may join: open before, closed now"),
        (listing(rules=("No adverts",)), "its rules have changed"),
        (listing(last_post_at=NOW - timedelta(days=200)), "quieter: no post for over 90 days"),
        (listing(members=40), "100 members before, 40 now"),
        (listing(posts_per_week=3.0), "quieter: 12 posts a week before, 3 now"),
        (replace(listing(), title="Renamed"), "it is called Renamed now"),
        (listing(url="https://new.example"), "its address is https://new.example now"),
    ],
)
def test_each_change_since_is_said(now: Listing | None, said: str) -> None:
    (line,) = changes_since(held(LIVELY), now, NOW)
    assert line.startswith(said)


def test_what_stays_or_is_no_longer_said_is_no_change() -> None:
    assert [] == changes_since(held(LIVELY), LIVELY, NOW)
    assert [] == changes_since(held(LIVELY), listing(), NOW)
    assert [] == changes_since(held(listing(last_post_at=NOW - timedelta(days=200))), listing(), NOW)


def test_a_venue_where_nobody_wrote_since_it_was_added_has_gone_quiet() -> None:
    later = NOW + timedelta(days=100)
    assert ["quieter: no post for over 90 days"] == changes_since(held(LIVELY), LIVELY, later)


def held(of: Listing) -> Item:
    return Item(listing=of, added_at=NOW)


def test_a_store_keeps_no_more_lists_and_venues_than_fit(book: ShortlistBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortlists, "MOST_LISTS", 2)
    monkeypatch.setattr(shortlists, "MOST_LISTED", 3)
    first, second = book.create("", NOW), book.create("", NOW)
    with pytest.raises(StoreError, match="Forget some"):
        book.create("", NOW)
    for list_id, name in ((first.id, "a"), (first.id, "b"), (second.id, "a")):
        book.add(list_id, listing(name), NOW)
    with pytest.raises(StoreError, match="Remove some"):
        book.add(second.id, listing("b"), NOW)
    book.delete(first.id)
    assert 2 == len(book.add(second.id, listing("b"), NOW).items)
