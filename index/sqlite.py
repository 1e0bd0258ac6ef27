"""The store in one SQLite file: sqlite-utils for its schema, WAL, full-text search, vectors beside the rows.

The one process that may write at a time is enough for one machine; more writers are what `postgresql://` is for.
Cost: opening reads nothing; the first search reads every vector once (0.8 kB a venue) and keeps them as one matrix
(1.5 kB a venue), so a search is linear in the number of venues: 20,000 take milliseconds. From 100,000 on a file beside
the store (1.3 kB a venue) says which of them to look at: see `index.looking`.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from index import claiming, writing
from index.keeping import LARGE
from index.merging import Gone, Missed, Put, Touch
from index.rows import listing_from, options_of, run_from, site_from, undamaged
from index.searching import Searcher
from index.store import Found, Known, Said
from index.words import words_hash
from index.writing import blob, stamp
from venues.errors import StoreError, VenueNotFound, WrongModel
from venues.model import Coverage, CrawlJob, SiteState, VenueId

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import timedelta
    from types import TracebackType
    from typing import Self

    from index.merging import Change
    from index.store import Vectors, Wanted
    from venues.model import Area, CrawlRun, Listing, Site, Venue

_CHUNK = 400  # identities in one SQL statement: at two values each, under the 999 that old builds of SQLite allow

_PATIENCE = 30.0  # seconds to wait while another process writes

_MOST_CHANGES = 1 << 31
"""The count of changes, which SQLite keeps in the file's head as 31 bits, begins again here."""

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a site is due that is switched off."""

_SCHEMA = (
    "m001_venues",
    "m002_words",
    "m003_vectors",
    "m004_sites",
    "m005_opt_outs",
    "m006_claims",
    "m201_places_in_words",
    "m202_changes",
)
"""The steps in index/migrations/sqlite.py: where all are taken, a search need not load the migration library."""


class SqliteStore:
    """Keeps venues in one file, or in memory for tests (`:memory:`). Safe to share between threads."""

    def __init__(self, path: str | Path, *, large: int = LARGE, say: Callable[[str], None] | None = None) -> None:
        """Open the file, creating it and its folder if there is none. Raises StoreError.

        From `large` venues on, a search does not look at all of them. `say` is told of what takes long.
        """
        self.path = str(path)
        self._lock = RLock()
        if self.path != ":memory:":
            self._make_folder(Path(self.path))
        with self._faults():
            self._db = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                self._db.execute("PRAGMA foreign_keys = ON")
                self._use_wal()
                self._db.execute("PRAGMA synchronous = NORMAL")
                self.migrate()
            except BaseException:
                self._db.close()
                raise
        self._searcher = Searcher(self._db, Path(self.path) if self.path != ":memory:" else None, large, say)

    @staticmethod
    def _make_folder(path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The folder of the index, {path.parent}, cannot be made: {error.strerror}.") from error

    def _use_wal(self) -> None:
        """Let readers and a writer work side by side. For this one step SQLite does not wait for others by itself."""
        ends = time.monotonic() + _PATIENCE
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > ends:
                    raise
                time.sleep(0.02)
            else:
                return

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn SQLite's errors into ours, with a sentence that says what to do."""
        try:
            with self._lock:
                yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise StoreError(f"The index at {self.path}: {_advice(error)}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, whatever is raised within."""
        with self._faults():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()  # does nothing where SQLite did it already, as on a full disk
                raise

    def _changed(self) -> None:
        """Count a change of what answers are made of, so that whoever remembers any knows. Within a transaction."""
        (count,) = self._db.execute("PRAGMA user_version").fetchone()
        self._db.execute(f"PRAGMA user_version = {(count + 1) % _MOST_CHANGES}")  # a pragma takes no parameters

    @contextmanager
    def _moment(self) -> Iterator[None]:
        """All that is read within is of one moment, whatever others write meanwhile."""
        with self._faults():
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.rollback()

    # searching

    def candidates(self, wanted: Wanted, limit: int) -> Found:
        """Return up to `limit` venues that may answer. Raises WrongModel if the vectors are of another model."""
        with self._faults():
            self._searcher.prepare(wanted.model)
            with self._moment():
                return self._searcher.search(wanted, limit)

    def read_ahead(self) -> None:
        """Read all vectors now, if they are of one model; whatever is wrong with them is for the search to say."""
        with self._faults():
            models = [name for (name,) in self._db.execute("SELECT name FROM models LIMIT 2")]
            if len(models) == 1:
                with suppress(WrongModel):
                    self._searcher.read_ahead(models[0])

    def venue(self, venue_id: VenueId) -> Venue:
        """Return one venue with all its evidence. Raises VenueNotFound."""
        with self._moment():
            row = self._db.execute("SELECT id FROM venues WHERE (platform, native_id) = (?, ?)", venue_id).fetchone()
            if row is None:
                raise VenueNotFound(venue_id)
            return self._searcher.venues([row[0]])[row[0]]

    def version(self) -> str:
        """Return a text that changes whenever an answer might, whoever wrote; a shortlist makes no difference."""
        with self._faults():
            return str(self._db.execute("PRAGMA user_version").fetchone()[0])

    def count(self) -> int:
        """Return how many venues there are that are not gone."""
        with self._faults():
            # The gone have an index: counting the others one by one would read the whole file.
            (count,) = self._db.execute(
                "SELECT (SELECT count(*) FROM venues) - (SELECT count(*) FROM venues WHERE gone_at IS NOT NULL)"
            ).fetchone()
            return int(count)

    # refreshing

    def known(self, ids: Collection[VenueId], model: str) -> dict[VenueId, Known]:
        """Return what the store has of each of these venues; one that it does not have is absent."""
        found: dict[VenueId, Known] = {}
        with self._faults(), undamaged():
            model_id = self._model_id(model)
            for chunk in _chunks(list(ids), _CHUNK):
                places = ",".join(["(?,?)"] * len(chunk))
                # CROSS JOIN keeps the order of the tables: the few wanted look up the many kept, never the reverse.
                rows = self._db.execute(
                    f"""
                    WITH wanted (platform, native_id) AS (VALUES {places})
                    SELECT v.platform, v.native_id, x.words_hash, l.source, l.listing_hash, l.seen_at, l.missed, l.body
                    FROM wanted w CROSS JOIN venues v ON (v.platform, v.native_id) = (w.platform, w.native_id)
                    CROSS JOIN listings l ON l.venue_id = v.id
                    LEFT JOIN vectors x ON x.venue_id = v.id AND x.model_id = ?""",  # noqa: S608 - question marks
                    [*(part for venue_id in chunk for part in venue_id), model_id],
                )
                for platform, native_id, digest, source, listing_hash, seen_at, missed, body in rows:
                    known = found.setdefault(VenueId(platform, native_id), Known(digest, {}))
                    known.said[source] = Said(listing_hash, datetime.fromisoformat(seen_at), missed, body)
        return found

    def listed_by(self, source: str) -> dict[VenueId, int]:
        """Return the venues a source lists that are not gone, each with the complete runs in a row that missed it."""
        with self._faults():
            rows = self._db.execute(
                """SELECT v.platform, v.native_id, l.missed FROM listings l JOIN venues v ON v.id = l.venue_id
                WHERE l.source = ? AND l.gone_at IS NULL ORDER BY v.platform, v.native_id""",
                [source],
            )
            return {VenueId(platform, native_id): missed for platform, native_id, missed in rows}

    def apply(self, changes: Sequence[Change], vectors: Vectors, model: str, run: CrawlRun | None = None) -> None:
        """Write changes, their vectors and the run: all or none. Raises WrongModel."""
        puts = [change for change in changes if isinstance(change, Put)]
        if sum(put.embed for put in puts) != len(vectors):
            raise ValueError("one vector is needed for each change that embeds")
        with self._transaction() as db:
            model_id = self._model_for(model, vectors) if len(vectors) else 0
            writing.put(db, puts, vectors, model_id)
            writing.touch(db, [change for change in changes if isinstance(change, Touch)])
            writing.miss(db, [change for change in changes if isinstance(change, Missed)])
            finished = run.finished_at if run else datetime.now(UTC)
            writing.lose(db, [change for change in changes if isinstance(change, Gone)], finished)
            if run:
                writing.record(db, run)
            self._changed()

    def _model_id(self, model: str) -> int:
        row = self._db.execute("SELECT id FROM models WHERE name = ?", [model]).fetchone()
        return int(row[0]) if row else 0

    def _model_for(self, model: str, vectors: Vectors, *, only: bool = True) -> int:
        """Return the number of a model, registering it; with `only`, another one in the store is an error."""
        if only:
            self._refuse_other(model)
        self._db.execute("INSERT OR IGNORE INTO models (name, dimensions) VALUES (?, ?)", [model, vectors.shape[1]])
        number, dimensions = self._db.execute("SELECT id, dimensions FROM models WHERE name = ?", [model]).fetchone()
        if dimensions != vectors.shape[1]:
            raise StoreError(f"The index holds vectors of {model} with {dimensions} numbers, not {vectors.shape[1]}.")
        return int(number)

    def _refuse_other(self, model: str) -> None:
        stored = [name for (name,) in self._db.execute("SELECT name FROM models ORDER BY id")]
        if stored and model not in stored:
            raise WrongModel(stored[0], model)

    def unembedded(self, model: str, limit: int) -> list[Listing]:
        """Return up to `limit` venues, as merged, that have no vector of this model."""
        with self._faults(), undamaged():
            rows = self._db.execute(
                """SELECT body FROM venues v WHERE NOT EXISTS
                (SELECT 1 FROM vectors x WHERE x.venue_id = v.id AND x.model_id = ?) ORDER BY v.id LIMIT ?""",
                [self._model_id(model), limit],
            )
            return [listing_from(body) for (body,) in rows]

    def embed(self, listings: Sequence[Listing], vectors: Vectors, model: str) -> None:
        """Write a vector of this model for each of these venues."""
        with self._transaction() as db:
            model_id = self._model_for(model, vectors, only=False)
            pairs = zip(listings, vectors, strict=True)
            db.executemany(
                """INSERT OR REPLACE INTO vectors (model_id, venue_id, words_hash, vector)
                SELECT ?, id, ?, ? FROM venues WHERE (platform, native_id) = (?, ?)""",
                [(model_id, words_hash(listing), blob(vector), *listing.id) for listing, vector in pairs],
            )
            self._changed()

    def keep_model(self, model: str) -> None:
        """Drop the vectors of every other model."""
        with self._transaction() as db:
            db.execute("DELETE FROM vectors WHERE model_id != ?", [self._model_id(model)])
            db.execute("DELETE FROM models WHERE name != ?", [model])
            self._changed()

    def withdrawn(self, ids: Collection[VenueId]) -> dict[VenueId, bool]:
        """Return those of these venues that are suggested no more: True where they asked for that, False where gone."""
        found: dict[VenueId, bool] = {}
        with self._moment():
            for one in ids:
                (asked,) = self._db.execute(
                    "SELECT count(*) FROM opt_outs WHERE (platform, native_id) = (?, ?)", one
                ).fetchone()
                row = self._db.execute(
                    "SELECT gone_at FROM venues WHERE (platform, native_id) = (?, ?)", one
                ).fetchone()
                if asked or row is None or row[0] is not None:
                    found[one] = bool(asked)
        return found

    def opt_out(self, venue_id: VenueId, reason: str) -> None:
        """Never suggest this venue again, whether or not it is in the index yet."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO opt_outs VALUES (?, ?, ?, ?)",
                [*venue_id, reason, datetime.now(UTC).isoformat()],
            )
            self._changed()

    # sites

    def set_jobs(self, jobs: Iterable[tuple[Site, datetime]]) -> None:
        """Register sites with the time each is first due; a site already known keeps its time. Idempotent."""
        with self._transaction() as db:
            db.executemany(
                """INSERT INTO sites (name, platform, options, reason, due_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET
                platform = excluded.platform, options = excluded.options, reason = excluded.reason""",
                [(site.name, site.platform, options_of(site), site.reason, stamp(due)) for site, due in jobs],
            )

    def claim_due(
        self, now: datetime, lease: timedelta, limit: int, among: Collection[str] | None = None
    ) -> list[CrawlJob]:
        """Claim sites whose time has come: one claim for each (site, due time), held until the lease ends.

        `among` are the names of those that may be claimed; None: any.
        """
        with self._transaction() as db:
            rows = claiming.claim(db, now, lease, limit, among)
        with undamaged():
            return [CrawlJob(site=site_from(*row[:4]), due_at=datetime.fromisoformat(row[4])) for row in rows]

    def prolong(self, sites: Collection[str], until: datetime) -> None:
        """Hold this process's claims on these sites, by name, until then; a time that has come gives them back."""
        with self._transaction() as db:
            claiming.prolong(db, sites, until)

    def sites(self) -> list[SiteState]:
        """Return every site that is registered, by name, each with its latest run."""
        with self._faults(), undamaged():
            rows = self._db.execute(
                """SELECT s.name, s.platform, s.options, s.reason, s.due_at, s.leased_until, r.body, max(r.started_at)
                FROM sites s LEFT JOIN runs r ON r.site = s.name GROUP BY s.name ORDER BY s.name"""
            ).fetchall()
            return [_site_state(row) for row in rows]

    def set_due(self, site: str, due_at: datetime | None) -> bool:
        """Set when a site is due, or with None that it never is; False if no such site is registered."""
        with self._transaction() as db:
            done = db.execute("UPDATE sites SET due_at = ? WHERE name = ?", [stamp(due_at or _NEVER), site])
            self._changed()
        return bool(done.rowcount)

    def runs(self, limit: int, site: str | None = None) -> list[CrawlRun]:
        """Return the latest runs, newest first."""
        with self._faults(), undamaged():
            rows = self._db.execute(
                "SELECT body FROM runs WHERE ? IS NULL OR site = ? ORDER BY started_at DESC, id DESC LIMIT ?",
                [site, site, limit],
            )
            return [run_from(body) for (body,) in rows]

    def coverage(self, area: Area | None) -> list[Coverage]:
        """Return the last word on each site that was ever crawled, for the area or for everywhere."""
        with self._faults(), undamaged():
            rows = self._db.execute(
                """SELECT body, max(started_at) FROM runs WHERE area IS NULL OR area = ?
                GROUP BY site ORDER BY site""",
                [area.id if area else None],
            )
            runs = [run_from(body) for body, _ in rows]
        return [Coverage(site=run.site, state=run.state, seen_at=run.finished_at, note=run.error) for run in runs]

    # interchange

    def listings(self) -> Iterator[Listing]:
        """Yield every listing as its source gave it, in order of identity and source."""
        after: tuple[str, ...] = ("", "", "")
        while True:
            with self._faults():
                rows = self._db.execute(
                    """SELECT v.platform, v.native_id, l.source, l.body
                    FROM venues v JOIN listings l ON l.venue_id = v.id
                    WHERE l.gone_at IS NULL AND (v.platform, v.native_id, l.source) > (?, ?, ?)
                    ORDER BY v.platform, v.native_id, l.source LIMIT ?""",
                    [*after, _CHUNK],
                ).fetchall()
            if not rows:
                return
            after = rows[-1][:3]
            with undamaged():
                listings = [listing_from(body) for *_, body in rows]
            yield from listings

    # life

    def migrate(self) -> list[str]:
        """Bring the schema up to date; return the names of the steps taken."""
        with self._faults():
            try:
                done = {name for (name,) in self._db.execute("SELECT name FROM _sqlite_migrations")}
            except sqlite3.OperationalError:
                done = set()
            if done.issuperset(_SCHEMA):
                return []
            return self._take_steps()

    def _take_steps(self) -> list[str]:
        from sqlite_utils import Database

        from index.migrations.sqlite import steps

        # One process takes the steps; another that opened the file at the same time waits, and finds them taken.
        with self._transaction() as db:
            database = Database(db)
            names = [step.name for step in steps.pending(database)]
            steps.apply(database)
        return names

    def close(self) -> None:
        """Release what is held. Safe to call twice."""
        with self._lock:
            self._searcher.close()
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _site_state(row: Sequence[Any]) -> SiteState:
    due_at = datetime.fromisoformat(row[4])
    return SiteState(
        site=site_from(*row[:4]),
        due_at=due_at if due_at < _NEVER else None,
        leased_until=datetime.fromisoformat(row[5]) if row[5] else None,
        last=run_from(row[6]) if row[6] else None,
    )


def _chunks(items: Sequence[VenueId], size: int) -> Iterator[Sequence[VenueId]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _advice(error: Exception) -> str:
    """Return what went wrong and what to do, for the faults that people can mend."""
    text = str(error)
    if "not a database" in text or "malformed" in text or isinstance(error, UnicodeDecodeError):
        return f"{text}. Move the file away and import again, or name another with --db."
    if "disk is full" in text or "disk I/O" in text:
        return f"{text}. Nothing of the last batch was written; make room and run the command again."
    if "unable to open" in text or "readonly" in text:
        return f"{text}. Check that the file and its folder may be written, or name another with --db."
    if "locked" in text:
        return "another command has been writing for over 30 seconds. Run this one again when it is done."
    return text
