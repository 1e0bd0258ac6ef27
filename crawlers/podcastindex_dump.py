"""The Podcast Index's whole file, read as listings: one download of its users' own instead of thousands of searches.

The file is at https://public.podcastindex.org/podcastindex_feeds.db.tgz, some 1.5 GB; it holds one SQLite database,
several times as large, with a row a feed. It is opened read-only and walked row by row, so memory stays small; of a
.tgz the database is unpacked into a temporary file first, which is gone at the end.
"""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
import time
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawlers.cleaning import cleaned
from crawlers.contract import Page, Request
from crawlers.podcasts import speaks_of
from crawlers.sites.podcastindex import listing_of
from venues.errors import QueryError
from venues.model import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from venues.model import Listing

ADDRESS = "https://public.podcastindex.org/podcastindex_feeds.db.tgz"
"""Where the file is to be had; every listing names it as its source."""

_SQLITE = b"SQLite format 3\x00"
_GZIP = b"\x1f\x8b"
_LARGEST = 32 << 30
"""Bytes of the unpacked database; the file had 5 GB in 2026."""
_CHUNK = 1 << 20
_ROOM = 1 << 30
"""Bytes of the disk that unpacking leaves free."""
_LONGEST = 64 << 20
"""Bytes of one value."""
_STEPS = 100_000
"""Virtual machine instructions of SQLite between two looks at the clock."""
_NEEDED = ("id", "title", "url")
_WANTED = ("link", "description", "language", "dead", "itunesId", "episodeCount", "newestItemPubdate")
_CATEGORIES = tuple(f"category{number}" for number in range(1, 11))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which podcasts of the millions; what is left out does not restrict."""

    country: str | None = None
    """ISO 3166-1 alpha-2: those whose language names it (en-GB), or whose site has its ending (.uk)."""
    language: str | None = None
    """The first part of a BCP 47 tag: "en"."""
    words: tuple[str, ...] = ()
    """At least one of these, as whole words in the title or description: the names of an area's places."""
    limit: int = 20_000
    """Most listings."""
    seconds: float = 1800.0
    """Longest time, unpacking apart."""


def read_dump(path: Path, wanted: Wanted | None = None) -> Iterator[Listing]:
    """Yield the listings of a downloaded .tgz or .db that are wanted, in the file's order.

    Raises QueryError where the file cannot be read, is not the index, or takes too long; what was given before stands.
    """
    wanted = wanted or Wanted()
    with _database(path) as database:
        seen_at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
        try:
            with closing(_opened(database, wanted)) as connection:
                yield from _listings(connection, wanted, seen_at)
        except sqlite3.Error as error:
            raise QueryError(f"{path} is no readable Podcast Index database: {error}.") from error


def _listings(connection: sqlite3.Connection, wanted: Wanted, seen_at: datetime) -> Iterator[Listing]:
    site = Site(name="podcastindex:file", platform="podcastindex")
    page = Page(request=Request(url=ADDRESS), url=ADDRESS, status=200, body=b"", fetched_at=seen_at)
    given = 0
    for row in connection.execute(*_query(_columns(connection), wanted)):
        listing = listing_of(_feed(row))
        kept = cleaned(listing, site, page) if listing and _matches(listing, wanted) else None
        if kept is None:
            continue
        yield kept
        given += 1
        if given >= wanted.limit:
            return


def _columns(connection: sqlite3.Connection) -> list[str]:
    """Return which of the columns we read are there: the index has added some over the years."""
    kinds = [row[0] for row in connection.execute("SELECT type FROM sqlite_master WHERE name = 'podcasts'")]
    present = {row[1] for row in connection.execute("PRAGMA table_info(podcasts)")}
    if kinds != ["table"] or not present.issuperset(_NEEDED):
        raise sqlite3.DatabaseError("it has no table of podcasts")
    return [name for name in (*_NEEDED, *_WANTED, *_CATEGORIES) if name in present]


def _query(columns: list[str], wanted: Wanted) -> tuple[str, list[str]]:
    """Return a query that lets pass all that is wanted and little else; what it lets pass is looked at again."""
    conditions, values = [], []
    if "dead" in columns:
        conditions.append("dead IS NOT 1")
    if wanted.language and "language" in columns:
        conditions.append("language LIKE ?")
        values.append(f"{wanted.language}%")
    if wanted.country:
        places = [name for name in ("link", "url") if name in columns]
        tests = ["language LIKE ?"] if "language" in columns else []
        conditions.append("(" + " OR ".join([*tests, *(f"{name} LIKE ?" for name in places)]) + ")")
        values += [f"%_{wanted.country}" for _ in tests] + [f"%{_ending(wanted.country)}%" for _ in places]
    if wanted.words:
        texts = [name for name in ("title", "description") if name in columns]
        conditions.append("(" + " OR ".join(f"{name} LIKE ?" for _ in wanted.words for name in texts) + ")")
        values += [f"%{_first_word(word)}%" for word in wanted.words for _ in texts]
    chosen = ", ".join("substr(description, 1, 20000) AS description" if name == "description" else name
                       for name in columns)  # fmt: skip
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {chosen} FROM podcasts{where} ORDER BY rowid", values  # noqa: S608 - names from our own lists


def _first_word(words: str) -> str:
    """Return the part of a name that any spelling of it has: "Stoke-on-Trent" is also written with spaces."""
    return max(
        "".join(char if char.isascii() and char.isalnum() else " " for char in words).split(), key=len, default=""
    )


def _feed(row: sqlite3.Row) -> dict[str, Any]:
    feed = dict(zip(row.keys(), row, strict=True))
    categories = {name: feed[name] for name in _CATEGORIES if feed.get(name)}
    return feed | {"categories": categories}


def _matches(listing: Listing, wanted: Wanted) -> bool:
    if wanted.country and wanted.country != listing.country and not _is_at_home(listing, wanted.country):
        return False
    if wanted.language and (listing.language or "").partition("-")[0] != wanted.language:
        return False
    return not wanted.words or any(speaks_of(word, listing.title, listing.description) for word in wanted.words)


def _is_at_home(listing: Listing, country: str) -> bool:
    host = (listing.url or "").partition("//")[2].partition("/")[0].lower()
    return host.endswith(_ending(country))


def _ending(country: str) -> str:
    return ".uk" if country == "GB" else f".{country.lower()}"


def _opened(database: Path, wanted: Wanted) -> sqlite3.Connection:
    """Open a database that may be anyone's: read-only, without what its author could have put in to be run."""
    connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    end = time.monotonic() + wanted.seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    return connection


@contextmanager
def _database(path: Path) -> Iterator[Path]:
    """Give the database's file: the path itself, or what is unpacked from it. Raises QueryError."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
        if head == _SQLITE:
            yield path
            return
        if not head.startswith(_GZIP):
            raise QueryError(f"{path} is neither the Podcast Index's .tgz nor its .db.")
        with tempfile.TemporaryDirectory(prefix="venues-", ignore_cleanup_errors=True) as folder:
            yield _unpacked(path, Path(folder) / "feeds.db")
    except OSError as error:
        raise QueryError(f"{path} cannot be read: {error.strerror or error}. Check the name.") from error


def _unpacked(path: Path, target: Path) -> Path:
    """Write the first database of an archive to a file of our own naming. Raises QueryError."""
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                source = archive.extractfile(member) if member.isreg() and member.name.endswith(".db") else None
                if source is None:
                    continue
                room = shutil.disk_usage(target.parent).free - _ROOM
                if member.size > min(room, _LARGEST):
                    raise QueryError(f"{path} unpacks to {member.size:,} bytes, for which {target.parent} has no room.")
                with target.open("wb") as out:
                    shutil.copyfileobj(source, out, _CHUNK)
                return target
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise QueryError(f"{path} is damaged: {error}. Download it again.") from error
    raise QueryError(f"{path} holds no database.")
