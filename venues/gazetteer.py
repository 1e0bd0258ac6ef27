"""The gazetteer: which places there are, what they are called and what contains them.

One SQLite file in the user's cache folder, compiled once by `venues.gazetteer_build`. Opening it reads nothing but its
first pages, so that a cold process answers in milliseconds.
"""

from __future__ import annotations

import difflib
import json
import logging
import sqlite3
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from venues.errors import UnknownPlace
from venues.gazetteer_file import connect, ready
from venues.model import Area
from venues.placenames import cells_around, distance_km, normalise, one_slip_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)

_BY_KEY = "SELECT * FROM areas WHERE key = ?"
_BY_SLUG = "SELECT * FROM areas WHERE slug = ?"
_BY_CELL = "SELECT * FROM areas WHERE cell IN (SELECT value FROM json_each(?)) AND (? IS NULL OR country = ?)"
_BY_NAME = """
SELECT areas.*, areas.importance * names.weight FROM names JOIN areas ON areas.key = names.place
WHERE names.norm = ? AND (? IS NULL OR names.country = ?)
ORDER BY areas.importance * names.weight DESC, areas.key LIMIT ?
"""
_SURE_NAMES = """
SELECT names.norm, areas.key, areas.slug FROM names JOIN areas ON areas.key = names.place
WHERE names.country = ? AND names.weight >= 0.5 ORDER BY areas.importance * names.weight DESC, areas.key
"""
_ALIKE = """
SELECT names.norm, places.name, places.importance FROM names JOIN places ON places.key = names.place
WHERE names.country = ? AND names.weight >= 0.5 AND length(names.norm) BETWEEN ? AND ?
"""
_ALIKE_ANYWHERE = "SELECT name, name, importance FROM places WHERE importance > 50000 AND length(name) BETWEEN ? AND ?"
_ONE_OF = """
SELECT places.name FROM names JOIN places ON places.key = names.place
WHERE names.country = ? AND names.weight >= 0.5 AND names.norm IN (SELECT value FROM json_each(?))
AND places.importance >= 20000 ORDER BY places.importance DESC LIMIT 1
"""
_FAR_KM = 40.0
"""Beyond this a point is in no settlement that we could name."""
_REMEMBERED = 2048
"""Names whose areas are kept, most of them of no place: each question asks for some twenty, the same words again."""


class Gazetteer:
    """Look-ups in a compiled gazetteer. May be shared between threads; close it, or use it in a `with` statement."""

    def __init__(self, path: Path) -> None:
        """`path` is a compiled file; `open` is what compiles one where there is none."""
        self.path = path
        self._lock = threading.Lock()
        self._names: dict[str, dict[str, tuple[str, ...]]] = {}
        self._db = connect(path)
        self._named = lru_cache(_REMEMBERED)(self._read_named)

    @classmethod
    def open(cls, path: Path | None = None, *, progress: Callable[[int, int], None] | None = None) -> Self:
        """Open the gazetteer at `path`, or the user's own, and compile it first if it is missing or damaged.

        `progress` is called while compiling with the steps done and the steps in all. A cache folder that cannot be
        written is replaced by a temporary one, with a warning in the log; raises VenuesError if neither can.
        """
        return cls(ready(path, progress))

    def close(self) -> None:
        """Close the file. The gazetteer cannot be used after it."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def area(self, area_id: str) -> Area:
        """Give the area of that id, such as "geonames:2654710" or "uk:east-sussex"; raises UnknownPlace."""
        source, _, number = area_id.partition(":")
        is_key = source == "geonames" and number.isdecimal()
        rows = self._rows(_BY_KEY, (int(number),)) if is_key else self._rows(_BY_SLUG, (area_id,))
        if not rows:
            raise UnknownPlace(area_id)
        return _area(rows[0])

    def find(self, name: str, *, country: str | None = None, within: str | None = None, limit: int = 10) -> list[Area]:
        """Give the areas called `name`, the most important first; only those in a country or inside an area if said.

        Names are compared as `normalise` writes them. A place that merely has the name among GeoNames' alternate
        names stands below one whose own name it is, unless it is many times larger.
        """
        return [area for area, _ in self.ranked(name, country=country, within=within, limit=limit)]

    def ranked(
        self, name: str, *, country: str | None = None, within: str | None = None, limit: int = 10
    ) -> list[tuple[Area, float]]:
        """Give what `find` gives, each with its claim on the name: about its population, less for a lesser name."""
        found = self._named(normalise(name), country, 500 if within else limit)
        return [(area, claim) for area, claim in found if within is None or within in area.within][:limit]

    def _read_named(self, norm: str, country: str | None, limit: int) -> tuple[tuple[Area, float], ...]:
        return tuple((_area(row), float(row[-1])) for row in self._rows(_BY_NAME, (norm, country, country, limit)))

    def similar(self, name: str, *, country: str | None = None, limit: int = 3) -> list[str]:
        """Give the names that are spelt most like `name`, best first: in a country, or among all larger places."""
        wanted = normalise(name)
        if not wanted or limit < 1:
            return []
        lengths = (len(wanted) - 2, len(wanted) + 2)
        rows = self._rows(_ALIKE, (country, *lengths)) if country else self._rows(_ALIKE_ANYWHERE, lengths)
        shown = {normalise(norm): (shown, size) for norm, shown, size in sorted(rows, key=lambda row: row[2])}
        near = difflib.get_close_matches(wanted, shown, n=12, cutoff=0.7)
        near.sort(key=lambda norm: (-_likeness(wanted, norm, shown[norm][1]), norm))
        return list(dict.fromkeys(shown[norm][0] for norm in near))[:limit]

    def nearly(self, name: str, country: str) -> str | None:
        """Give the name of a town of 20,000 or more in a country that is one slip of the keys from `name`, if any."""
        rows = self._rows(_ONE_OF, (country, json.dumps(sorted(one_slip_from(normalise(name))))))
        return str(rows[0][0]) if rows else None

    def containing(self, lat: float, lon: float, country: str | None = None) -> Area | None:
        """Give the populated place nearest to a point in degrees, or None if none lies within 40 km."""
        for reach in (1, 4):
            rows = self._rows(_BY_CELL, (json.dumps(cells_around(lat, lon, reach)), country, country))
            if rows:
                nearest = min((_area(row) for row in rows), key=lambda area: distance_km(lat, lon, area.lat, area.lon))
                return nearest if distance_km(lat, lon, nearest.lat, nearest.lon) <= _FAR_KM else None
        return None

    def names(self, country: str) -> Mapping[str, tuple[str, ...]]:
        """Give every normalised name of a country's areas with the ids it may mean, the most important first.

        For scanning text: main names and the aliases kept by hand, without GeoNames' alternate names. Kept in memory
        after the first call.
        """
        if country not in self._names:
            gathered: dict[str, list[str]] = {}
            for norm, key, slug in self._rows(_SURE_NAMES, (country,)):
                gathered.setdefault(norm, []).append(slug or f"geonames:{key}")
            self._names[country] = {norm: tuple(ids) for norm, ids in gathered.items()}
        return self._names[country]

    def importance(self, area_id: str) -> float:
        """Give how likely an area is meant when its name is said: about its population. Raises UnknownPlace."""
        area = self.area(area_id)
        return next((claim for other, claim in self.ranked(area.name, limit=500) if other.id == area.id), 0.0)

    def _rows(self, query: str, values: Sequence[object]) -> list[Any]:
        """Ask the file. One that proves damaged only now is compiled again, and asked again, once."""
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.ProgrammingError):
                    raise
                _log.warning("The gazetteer %s is damaged (%s); it is compiled again.", self.path, error)
            self._db.close()
            self.path.unlink(missing_ok=True)
            self._db = connect(ready(self.path, None))
            return self._db.execute(query, values).fetchall()


def _area(row: Sequence[Any]) -> Area:
    key, slug, name, kind, country, lat, lon, radius_km, population, within, part_of = row[:11]
    return Area(
        id=slug or f"geonames:{key}",
        name=name,
        kind=kind,
        country=country,
        lat=lat,
        lon=lon,
        radius_km=radius_km,
        population=population,
        within=tuple(within.split()),
        part_of=tuple(part_of.split("|")) if part_of else (),
    )


def _likeness(wanted: str, norm: str, importance: float) -> float:
    """Weigh spelling first, then size: "Brighten" is Brighton rather than Brightling, a village."""
    bonus = min(0.15, 0.03 * len(str(int(importance))))
    same_start = 0.05 if wanted[:2] == norm[:2] else 0.0
    return difflib.SequenceMatcher(None, wanted, norm).ratio() + bonus + same_start
