"""What a search reads of every venue, as arrays: where it is, what it is, and its vector."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from index.nearness import Chains
from index.rows import undamaged
from venues.errors import WrongModel
from venues.model import Kind

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

KINDS = tuple(Kind)
GONE = "gone"
OPTED_OUT = "opted out"
UNSAFE = "not safe for work"
CRISIS = "support spaces for people in crisis"
CLOSED = "closed by their own words"
STATES = ("", GONE, OPTED_OUT, UNSAFE, CRISIS, CLOSED)
"""Why a venue may never be suggested, "" where it may; in arrays, by its place here."""

_COLUMNS = "id, kind, withheld, gone_at IS NOT NULL, lat, lon, radius_km, area"

WITHHELD = {None: "", "nsfw": UNSAFE, "crisis": CRISIS, "closed": CLOSED}
"""What a row says of it. The words for people may change; these may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What is known of venues but their words; the arrays are parallel."""

    ids: NDArray[np.int64]
    """Row numbers."""
    kind: NDArray[np.int8]
    """Place in `KINDS`."""
    state: NDArray[np.int8]
    """Place in `STATES`."""
    lat: NDArray[np.float32]
    """Degrees; NaN where unknown, as are the next two."""
    lon: NDArray[np.float32]
    radius_km: NDArray[np.float32]
    chains: Chains
    chain_of: NDArray[np.int32]
    """Place in `chains`."""

    def take(self, places: NDArray[np.intp]) -> Table:
        """Return the venues at these places."""
        return Table(chains=self.chains, **{name: getattr(self, name)[places] for name in COLUMNS_OF_TABLE})

    def followed_by(self, other: Table) -> Table:
        """Return the venues of both; the other's chains must begin with these."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in COLUMNS_OF_TABLE}
        return Table(chains=other.chains, **{name: np.concatenate(pair) for name, pair in pairs.items()})


COLUMNS_OF_TABLE = tuple(item.name for item in fields(Table) if item.name != "chains")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All venues of a store at one moment, in order of row number."""

    table: Table
    matrix: NDArray[np.float32]
    """Shape (n, dimensions), rows of length 1 to the precision of float16."""


def load(db: sqlite3.Connection, model: str, since: int | None = None) -> Snapshot:
    """Read all venues, or those changed after a change of that number. Raises WrongModel where any has no vector."""
    # Two runs through two tables, each in its own order, and no look-up for each row.
    table = load_table(db, since)
    if not len(table.ids):
        return Snapshot(table=table, matrix=np.empty((0, 0), dtype=np.float32))
    among, given = _among("venue_id", since)
    vectors = db.execute(
        f"""SELECT venue_id, vector FROM vectors WHERE model_id = (SELECT id FROM models WHERE name = ?)
        AND {among} ORDER BY venue_id""",  # noqa: S608 - a constant
        [model, *given],
    ).fetchall()
    with undamaged():
        if [venue_id for venue_id, _ in vectors] != table.ids.tolist():
            raise WrongModel(other_model(db, model), model)
        halves = np.frombuffer(b"".join(vector for _, vector in vectors), dtype="<f2")
        return Snapshot(table=table, matrix=halves.reshape(len(vectors), -1).astype(np.float32))


def load_table(db: sqlite3.Connection, since: int | None = None) -> Table:
    """Read what is known of venues but their words and vectors, in order of row number."""
    among, given = _among("id", since)
    rows = db.execute(f"SELECT {_COLUMNS} FROM venues WHERE {among} ORDER BY id", given).fetchall()  # noqa: S608 - as above
    with undamaged():
        return _table(rows, _opted_out(db)) if rows else _empty()


def _among(column: str, since: int | None) -> tuple[str, list[int]]:
    """Return the condition for venues changed after a change of that number, and its values."""
    if since is None:
        return "true", []
    return f"{column} IN (SELECT venue_id FROM changed WHERE seq > ?)", [since]  # noqa: S608 - one of two names


def _table(rows: list[tuple[Any, ...]], opted_out: list[int]) -> Table:
    """Return what rows of `_COLUMNS` say, in their order."""
    ids, kinds, withheld, gone, lats, lons, radii, areas = zip(*rows, strict=True)
    codes: dict[str | None, int] = {}
    chain_of = [codes.setdefault(area, len(codes)) for area in areas]
    numbers = {kind.value: code for code, kind in enumerate(KINDS)}
    rows_of = np.array(ids, dtype=np.int64)
    codes_of = {reason: code for code, reason in enumerate(STATES)}
    state = np.array([codes_of[WITHHELD[reason]] for reason in withheld], dtype=np.int8)
    state[np.isin(rows_of, opted_out)] = codes_of[OPTED_OUT]
    state[np.array(gone, dtype=bool)] = codes_of[GONE]
    return Table(
        ids=rows_of,
        kind=np.array([numbers[kind] for kind in kinds], dtype=np.int8),
        state=state,
        lat=np.array(lats, dtype=np.float32),
        lon=np.array(lons, dtype=np.float32),
        radius_km=np.array(radii, dtype=np.float32),
        chains=Chains(tuple(area.split()) if area else () for area in codes),
        chain_of=np.array(chain_of, dtype=np.int32),
    )


def _opted_out(db: sqlite3.Connection) -> list[int]:
    rows = db.execute("SELECT v.id FROM opt_outs o CROSS JOIN venues v USING (platform, native_id)")
    return [venue_id for (venue_id,) in rows]


def other_model(db: sqlite3.Connection, model: str) -> str:
    """Return what model a store speaks that does not speak this one."""
    row = db.execute("SELECT name FROM models WHERE name != ? ORDER BY id", [model]).fetchone()
    return row[0] if row else "another model"


def _empty() -> Table:
    none = np.empty(0, dtype=np.float32)
    codes = np.empty(0, dtype=np.int8)
    return Table(
        ids=np.empty(0, dtype=np.int64),
        kind=codes,
        state=codes,
        lat=none,
        lon=none,
        radius_km=none,
        chains=Chains(()),
        chain_of=np.empty(0, dtype=np.int32),
    )
