"""Writing changes into a SQLite store, inside a transaction that the store opens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from index.rows import run_record, to_json, whereabouts_record
from index.shelter import is_adult, is_closed, is_for_people_in_crisis
from index.words import readable
from venues.model import Kind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from index.merging import Gone, Missed, Put, Touch
    from index.store import Vector, Vectors
    from venues.model import CrawlRun, Listing


def put(db: sqlite3.Connection, puts: Sequence[Put], vectors: Vectors, model_id: int) -> None:
    """Write venues as merged, their sources' listings, and vectors where the words changed."""
    db.executemany(
        """INSERT INTO venues (platform, native_id, kind, name, description, body, withheld, country, lat, lon,
            radius_km, area, whereabouts, first_seen)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (platform, native_id) DO UPDATE SET kind = excluded.kind, name = excluded.name,
            description = excluded.description, body = excluded.body, withheld = excluded.withheld,
            country = excluded.country, lat = excluded.lat, lon = excluded.lon, radius_km = excluded.radius_km,
            area = excluded.area, whereabouts = excluded.whereabouts, gone_at = NULL""",
        [_venue_row(put) for put in puts],
    )
    db.executemany(
        """INSERT INTO listings (venue_id, source, listing_hash, body, seen_at)
        SELECT id, ?, ?, ?, ? FROM venues WHERE (platform, native_id) = (?, ?)
        ON CONFLICT (venue_id, source) DO UPDATE SET listing_hash = excluded.listing_hash, body = excluded.body,
            seen_at = excluded.seen_at, missed = 0, gone_at = NULL""",
        [
            (put.source, put.listing_hash, to_json(put.listing.to_record()), stamp(put.seen_at), *put.listing.id)
            for put in puts
        ],
    )
    embedded = [put for put in puts if put.embed]
    # Another model's vector, left by an embedding anew that was stopped half-way, is of words that are no more.
    db.executemany(
        """DELETE FROM vectors WHERE model_id IN (SELECT id FROM models WHERE id != ?)
        AND venue_id = (SELECT id FROM venues WHERE (platform, native_id) = (?, ?))""",
        [(model_id, *put.listing.id) for put in embedded],
    )
    pairs = zip(embedded, vectors, strict=True)
    db.executemany(
        """INSERT OR REPLACE INTO vectors (model_id, venue_id, words_hash, vector)
        SELECT ?, id, ?, ? FROM venues WHERE (platform, native_id) = (?, ?)""",
        [(model_id, put.words_hash, blob(vector), *put.listing.id) for put, vector in pairs],
    )


def _venue_row(put: Put) -> tuple[object, ...]:
    merged, where = put.merged, put.whereabouts
    chain = " ".join((where.area_id or "", *where.within)).strip() if where else None
    return (
        *merged.id,
        merged.kind or Kind.OTHER,
        readable(merged.title),
        merged.description,
        to_json(merged.to_record()),
        _withheld(merged),
        where.country if where else merged.country,
        where.lat if where else None,
        where.lon if where else None,
        where.radius_km if where else None,
        chain,
        to_json(whereabouts_record(where)) if where else None,
        stamp(put.seen_at),
    )


def _withheld(merged: Listing) -> str | None:
    if is_adult(merged):
        return "nsfw"
    if is_closed(merged):
        return "closed"
    return "crisis" if is_for_people_in_crisis(merged) else None


def touch(db: sqlite3.Connection, touches: Sequence[Touch]) -> None:
    """Move the date of listings that say what they said."""
    db.executemany(
        """UPDATE listings SET seen_at = ? WHERE source = ?
        AND venue_id = (SELECT id FROM venues WHERE (platform, native_id) = (?, ?))""",
        [(stamp(touch.seen_at), touch.source, *touch.id) for touch in touches],
    )


def miss(db: sqlite3.Connection, misses: Sequence[Missed]) -> None:
    """Count the runs that missed a venue."""
    db.executemany(
        """UPDATE listings SET missed = ? WHERE source = ?
        AND venue_id = (SELECT id FROM venues WHERE (platform, native_id) = (?, ?))""",
        [(miss.times, miss.source, *miss.id) for miss in misses],
    )


def lose(db: sqlite3.Connection, losses: Sequence[Gone], now: datetime) -> None:
    """Mark what a source lists no longer; a venue that no source lists is gone."""
    for loss in losses:
        db.execute(
            """UPDATE listings SET gone_at = ?, missed = missed + 1 WHERE source = ?
            AND venue_id = (SELECT id FROM venues WHERE (platform, native_id) = (?, ?))""",
            [stamp(now), loss.source, *loss.id],
        )
        db.execute(
            """UPDATE venues SET gone_at = ? WHERE (platform, native_id) = (?, ?)
            AND NOT EXISTS (SELECT 1 FROM listings WHERE venue_id = venues.id AND gone_at IS NULL)""",
            [stamp(now), *loss.id],
        )


def record(db: sqlite3.Connection, run: CrawlRun) -> None:
    """Write what happened, and give the site back with its next due time."""
    db.execute(
        "INSERT INTO runs (site, area, started_at, finished_at, state, complete, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            run.site,
            run.area,
            stamp(run.started_at),
            stamp(run.finished_at),
            run.state,
            run.complete,
            to_json(run_record(run)),
        ],
    )
    if run.next_due:
        db.execute("UPDATE sites SET due_at = ?, leased_until = NULL WHERE name = ?", [stamp(run.next_due), run.site])


def stamp(moment: datetime) -> str:
    """Write a time so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def blob(vector: Vector) -> bytes:
    """Return a vector as stored: half the bytes, and cosines good to three digits."""
    return vector.astype("<f2").tobytes()
