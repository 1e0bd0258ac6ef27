"""The steps that bring a SQLite store to today's schema. Append only: a step that has shipped is never edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

steps = Migrations("venues")


@steps()
def m001_venues(db: Database) -> None:
    """Create venues as merged, and each source's own listing of them."""
    db.execute("""
        CREATE TABLE venues (
            id INTEGER PRIMARY KEY,
            platform TEXT NOT NULL,
            native_id TEXT NOT NULL,
            -- What every search reads of every row comes first, the long texts last.
            kind TEXT NOT NULL,
            withheld TEXT,                  -- nsfw, closed or crisis: why it is never suggested; else NULL
            gone_at TEXT,
            country TEXT,                   -- from here to area: where it is, as resolved
            lat REAL,
            lon REAL,
            radius_km REAL,
            area TEXT,                      -- ids, space between: its own area, then what contains it
            first_seen TEXT NOT NULL,
            name TEXT NOT NULL,             -- the title made readable: what the words index sees
            description TEXT,
            body TEXT NOT NULL,             -- the merged listing, an interchange record in JSON
            whereabouts TEXT,               -- where it is with the reasons, in JSON
            UNIQUE (platform, native_id)
        )""")
    db.execute("""
        CREATE TABLE listings (
            venue_id INTEGER NOT NULL REFERENCES venues (id) ON DELETE CASCADE,
            source TEXT NOT NULL,
            listing_hash TEXT NOT NULL,
            body TEXT NOT NULL,
            seen_at TEXT NOT NULL,
            missed INTEGER NOT NULL DEFAULT 0,
            gone_at TEXT,
            PRIMARY KEY (venue_id, source)
        ) WITHOUT ROWID""")
    db.execute("CREATE INDEX listings_by_source ON listings (source)")


@steps()
def m002_words(db: Database) -> None:
    """Index the words of names and descriptions."""
    db.table("venues").enable_fts(
        ["name", "description"],
        tokenize="porter unicode61 remove_diacritics 2",
        create_triggers=True,
    )


@steps()
def m003_vectors(db: Database) -> None:
    """Keep vectors beside the name of the model that made them."""
    db.execute("CREATE TABLE models (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, dimensions INTEGER NOT NULL)")
    db.execute("""
        CREATE TABLE vectors (
            model_id INTEGER NOT NULL REFERENCES models (id) ON DELETE CASCADE,
            venue_id INTEGER NOT NULL REFERENCES venues (id) ON DELETE CASCADE,
            words_hash TEXT NOT NULL,
            vector BLOB NOT NULL,           -- little-endian float16
            PRIMARY KEY (model_id, venue_id)
        ) WITHOUT ROWID""")


@steps()
def m004_sites(db: Database) -> None:
    """Remember sites, when each is next due, who holds it, and what happened at each run."""
    db.execute("""
        CREATE TABLE sites (
            name TEXT PRIMARY KEY,
            platform TEXT NOT NULL,
            options TEXT NOT NULL,
            reason TEXT,
            due_at TEXT NOT NULL,
            leased_until TEXT
        )""")
    db.execute("""
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            site TEXT NOT NULL,
            area TEXT,
            started_at TEXT NOT NULL,
            finished_at TEXT NOT NULL,
            state TEXT NOT NULL,
            complete INTEGER NOT NULL,
            body TEXT NOT NULL
        )""")
    db.execute("CREATE INDEX runs_by_site ON runs (site, started_at)")


@steps()
def m005_opt_outs(db: Database) -> None:
    """Remember venues that asked not to be suggested."""
    db.execute("""
        CREATE TABLE opt_outs (
            platform TEXT NOT NULL,
            native_id TEXT NOT NULL,
            reason TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (platform, native_id)
        )""")


@steps()
def m006_claims(db: Database) -> None:
    """Remember which process holds a site, so that a crashed one need not be waited for."""
    db.execute("ALTER TABLE sites ADD COLUMN leased_by TEXT")


@steps()
def m201_places_in_words(db: Database) -> None:
    """Index the words of the place too: a question names people and place, and both should be found."""
    db.execute("ALTER TABLE venues ADD COLUMN place TEXT GENERATED ALWAYS AS (json_extract(body, '$.place')) VIRTUAL")
    db.table("venues").disable_fts()
    db.table("venues").enable_fts(
        ["name", "description", "place"],
        tokenize="porter unicode61 remove_diacritics 2",
        create_triggers=True,
    )


@steps()
def m202_changes(db: Database) -> None:
    """Count which venues changed, from when a large store has a file of cells that must be told; find the gone."""
    db.execute("CREATE INDEX gone_venues ON venues (gone_at) WHERE gone_at IS NOT NULL")
    db.execute("CREATE TABLE cells (one INTEGER PRIMARY KEY CHECK (one = 1), token TEXT NOT NULL)")
    db.execute("CREATE TABLE changed (seq INTEGER PRIMARY KEY AUTOINCREMENT, venue_id INTEGER NOT NULL UNIQUE)")
    for table, event, column in (
        ("venues", "INSERT", "new.id"),
        ("venues", "UPDATE", "new.id"),
        ("venues", "DELETE", "old.id"),
        ("vectors", "INSERT", "new.venue_id"),
        ("vectors", "UPDATE", "new.venue_id"),
        ("vectors", "DELETE", "old.venue_id"),
        ("opt_outs", "INSERT", "(SELECT id FROM venues WHERE (platform, native_id) = (new.platform, new.native_id))"),
    ):
        # Not OR REPLACE, for which the statement that fires it may have another word.
        db.execute(f"""
            CREATE TRIGGER changed_by_{event.lower()}_{table} AFTER {event} ON {table}
            WHEN EXISTS (SELECT 1 FROM cells) AND {column} IS NOT NULL
            BEGIN
                DELETE FROM changed WHERE venue_id = {column};
                INSERT INTO changed (venue_id) VALUES ({column});
            END""")  # noqa: S608 - names of our own
