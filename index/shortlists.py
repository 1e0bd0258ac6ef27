"""Shortlists: what an organiser means to join, with notes and what came of it, under an address that nobody can guess.

They are kept in the store's file, over a connection of their own: a search never waits for a note being written.
Who made a list is not known and not asked; whoever has its address may read and change it.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from threading import RLock
from typing import TYPE_CHECKING

from index.rows import listing_from, to_json, undamaged
from index.writing import stamp
from venues.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Any, Self

    from venues.model import Listing, VenueId

LONGEST_NOTE = 2000
MOST_ITEMS = 500
"""Venues on one list."""
MOST_LISTS = 10_000
MOST_LISTED = 100_000
"""Venues on all lists of a store: with their notes, under a gigabyte."""
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
"""128 bits, as `secrets.token_urlsafe(16)` writes them."""


class Status(StrEnum):
    """How far an organiser has come with a venue."""

    TO_JOIN = "to join"
    ASKED = "asked"
    JOINED = "joined"
    POSTED = "posted"
    DECLINED = "declined"


class ListNotFound(StoreError):
    """No shortlist has that address."""

    def __init__(self) -> None:
        super().__init__("There is no shortlist at this address. Check that it was copied whole.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One venue on a list."""

    listing: Listing
    """As it was when it was added."""
    status: Status = Status.TO_JOIN
    note: str = ""
    outcome: str = ""
    added_at: datetime

    @property
    def id(self) -> VenueId:
        """Which venue it is."""
        return self.listing.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """A list and what is on it, oldest first."""

    id: str
    title: str
    created_at: datetime
    items: tuple[Item, ...] = ()


class ShortlistBook:
    """All shortlists of one store. Safe to share between threads."""

    def __init__(self, path: str) -> None:
        """Open the lists in the store's file, or in memory for tests (`:memory:`). Raises StoreError."""
        self._lock = RLock()
        self.path = path
        with self._faults():
            self._db = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA foreign_keys = ON")
            with self._transaction():
                self._migrate()

    def create(self, title: str, now: datetime) -> Shortlist:
        """Make an empty list with a new address. Raises StoreError if there are too many."""
        made = Shortlist(id=secrets.token_urlsafe(16), title=_short(title, 200) or "Shortlist", created_at=now)
        with self._transaction() as db:
            if _count(db, "shortlists") >= MOST_LISTS:
                raise StoreError(f"This index keeps {MOST_LISTS:,} shortlists already. Forget some that nobody needs.")
            db.execute("INSERT INTO shortlists VALUES (?, ?, ?)", [made.id, made.title, stamp(now)])
        return made

    def get(self, list_id: str) -> Shortlist:
        """Return a list. Raises ListNotFound."""
        with self._faults(), undamaged():
            found = self._db.execute(
                "SELECT id, title, created_at FROM shortlists WHERE id = ?", [_checked(list_id)]
            ).fetchone()
            if found is None:
                raise ListNotFound
            rows = self._db.execute(
                """SELECT body, status, note, outcome, added_at FROM shortlist_items
                WHERE list_id = ? ORDER BY added_at, platform, native_id""",
                [list_id],
            )
            return Shortlist(
                id=found[0],
                title=found[1],
                created_at=datetime.fromisoformat(found[2]),
                items=tuple(_item(row) for row in rows),
            )

    def add(self, list_id: str, listing: Listing, now: datetime) -> Shortlist:
        """Put a venue on a list; one that is there already stays as it is. Raises ListNotFound, StoreError if full."""
        with self._transaction() as db:
            held = self.get(list_id)
            if len(held.items) >= MOST_ITEMS:
                raise StoreError(f"A shortlist holds {MOST_ITEMS} venues at most. Remove some, or begin another.")
            if _count(db, "shortlist_items") >= MOST_LISTED:
                raise StoreError(f"All shortlists together hold {MOST_LISTED:,} venues already. Remove some.")
            db.execute(
                "INSERT OR IGNORE INTO shortlist_items VALUES (?, ?, ?, ?, ?, ?, '', '', ?, ?)",
                [
                    list_id,
                    *listing.id,
                    listing.title,
                    listing.url,
                    Status.TO_JOIN,
                    stamp(now),
                    to_json(listing.to_record()),
                ],
            )
            return self.get(list_id)

    def change(
        self,
        list_id: str,
        venue_id: VenueId,
        *,
        status: Status | None = None,
        note: str | None = None,
        outcome: str | None = None,
    ) -> Shortlist:
        """Set what is given, and leave the rest. Raises ListNotFound where the list or the venue on it is not there."""
        with self._transaction() as db:
            held = {item.id: item for item in self.get(list_id).items}
            if venue_id not in held:
                raise ListNotFound
            item = held[venue_id]
            item = replace(
                item,
                status=status or item.status,
                note=item.note if note is None else _short(note),
                outcome=item.outcome if outcome is None else _short(outcome),
            )
            db.execute(
                """UPDATE shortlist_items SET status = ?, note = ?, outcome = ?
                WHERE (list_id, platform, native_id) = (?, ?, ?)""",
                [item.status, item.note, item.outcome, list_id, *venue_id],
            )
            return self.get(list_id)

    def remove(self, list_id: str, venue_id: VenueId) -> Shortlist:
        """Take a venue off a list; one that is not on it makes no difference. Raises ListNotFound."""
        with self._transaction() as db:
            self.get(list_id)
            db.execute(
                "DELETE FROM shortlist_items WHERE (list_id, platform, native_id) = (?, ?, ?)", [list_id, *venue_id]
            )
            return self.get(list_id)

    def delete(self, list_id: str) -> None:
        """Forget a list and all that is on it. Raises ListNotFound."""
        with self._transaction() as db:
            self.get(list_id)
            db.execute("DELETE FROM shortlists WHERE id = ?", [list_id])

    def close(self) -> None:
        """Close the connection. Safe to call twice."""
        with self._lock:
            self._db.close()

    def _migrate(self) -> None:
        from sqlite_utils import Database

        from index.migrations.shortlists import steps

        steps.apply(Database(self._db))

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except sqlite3.Error as error:
            raise StoreError(f"The shortlists in {self.path}: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._faults():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - one of two names of ours


def _checked(list_id: str) -> str:
    if not _ID.fullmatch(list_id):
        raise ListNotFound
    return list_id


def _short(text: str, longest: int = LONGEST_NOTE) -> str:
    return " ".join(text.replace("\x00", "").split())[:longest]


def _item(row: Sequence[Any]) -> Item:
    body, status, note, outcome, added_at = row
    return Item(
        listing=listing_from(body),
        status=Status(status),
        note=note,
        outcome=outcome,
        added_at=datetime.fromisoformat(added_at).astimezone(UTC),
    )


QUIET_AFTER_DAYS = 90
_FEWER = 0.5
"""What part of its posts a week a venue must still have so as not to be called quieter."""


def changes_since(item: Item, now: Listing | None, today: datetime) -> list[str]:
    """Say what changed of a venue since it was put on a list: closed, quieter, other rules. `now` None: it is gone."""
    if now is None:
        return ["closed, or no source lists it any more"]
    then = item.listing
    said = []
    if then.access != now.access and now.access:
        said.append(f"who may join: {then.access or 'not said'} before, {now.access} now")
    if then.rules != now.rules and now.rules:
        said.append("its rules have changed: read them again")
    if _is_quiet(now, today) and not _is_quiet(then, item.added_at):
        said.append(f"quieter: no post for over {QUIET_AFTER_DAYS} days")
    elif then.posts_per_week and now.posts_per_week is not None and now.posts_per_week <= _FEWER * then.posts_per_week:
        said.append(f"quieter: {then.posts_per_week:g} posts a week before, {now.posts_per_week:g} now")
    if then.members and now.members and not 0.8 <= now.members / then.members <= 1.25:
        said.append(f"{then.members:,} members before, {now.members:,} now")
    if then.title != now.title:
        said.append(f"it is called {now.title} now")
    if now.url and then.url != now.url:
        said.append(f"its address is {now.url} now")
    return said


def _is_quiet(listing: Listing, at: datetime) -> bool:
    return listing.last_post_at is not None and (at - listing.last_post_at).days > QUIET_AFTER_DAYS
