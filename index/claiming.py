"""Who crawls which site: claims on due sites in a SQLite store, inside a transaction that the store opens.

A claim is a lease that its holder prolongs while it works. It ends with its time, or at once where its holder is a
process of this machine that is no more: after a crash the next crawl need not wait for it.
"""

from __future__ import annotations

import json
import os
import platform
from typing import TYPE_CHECKING

from index.writing import stamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection
    from datetime import datetime, timedelta


def holder() -> str:
    """Return the name under which this process holds claims."""
    return f"{platform.node()} {os.getpid()}"


def claim(
    db: sqlite3.Connection, now: datetime, lease: timedelta, limit: int, among: Collection[str] | None = None
) -> list[tuple[str, ...]]:
    """Claim sites that are due, and return their columns: name, platform, options, reason, due_at.

    `among` are the names of those that may be claimed; None: any.
    """
    _free_the_dead(db, now)
    names = None if among is None else json.dumps(sorted(among))
    rows = db.execute(
        """SELECT name, platform, options, reason, due_at FROM sites
        WHERE due_at <= ? AND (leased_until IS NULL OR leased_until <= ?)
        AND (? IS NULL OR name IN (SELECT value FROM json_each(?))) ORDER BY due_at, name LIMIT ?""",
        [stamp(now), stamp(now), names, names, limit],
    ).fetchall()
    db.executemany(
        "UPDATE sites SET leased_until = ?, leased_by = ? WHERE name = ?",
        [(stamp(now + lease), holder(), row[0]) for row in rows],
    )
    return rows


def prolong(db: sqlite3.Connection, sites: Collection[str], until: datetime) -> None:
    """Move the end of this process's claims on these sites."""
    db.executemany(
        "UPDATE sites SET leased_until = ? WHERE name = ? AND leased_by = ? AND leased_until IS NOT NULL",
        [(stamp(until), site, holder()) for site in sites],
    )


def _free_the_dead(db: sqlite3.Connection, now: datetime) -> None:
    held = db.execute("SELECT DISTINCT leased_by FROM sites WHERE leased_until > ?", [stamp(now)]).fetchall()
    dead = [(name,) for (name,) in held if name and _has_ended(name)]
    db.executemany("UPDATE sites SET leased_until = NULL WHERE leased_by = ?", dead)


def _has_ended(name: str) -> bool:
    """Tell whether a holder is surely gone; one of another machine, or whose number was given anew, may be alive."""
    node, _, number = name.rpartition(" ")
    if node != platform.node() or os.name != "posix" or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
