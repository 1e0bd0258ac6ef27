"""The steps that bring the shortlists' tables to today's schema. Append only, as those of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

steps = Migrations("venues-shortlists")


@steps()
def m001_shortlists(db: Database) -> None:
    """Keep lists under addresses that nobody can guess, and what is on each."""
    db.execute("""
        CREATE TABLE shortlists (
            id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            created_at TEXT NOT NULL
        )""")
    db.execute("""
        CREATE TABLE shortlist_items (
            list_id TEXT NOT NULL REFERENCES shortlists (id) ON DELETE CASCADE,
            platform TEXT NOT NULL,
            native_id TEXT NOT NULL,
            title TEXT NOT NULL,
            url TEXT,
            status TEXT NOT NULL,
            note TEXT NOT NULL,
            outcome TEXT NOT NULL,
            added_at TEXT NOT NULL,
            body TEXT NOT NULL,             -- the merged listing as it was when added, in JSON
            PRIMARY KEY (list_id, platform, native_id)
        ) WITHOUT ROWID""")
