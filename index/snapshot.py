"""What a search reads of every venue, as arrays: where it is, what it is, and its vector."""

from __future__ import annotations

from dataclasses import dataclass
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
STATES = ("", GONE, OPTED_OUT, UNSAFE, CRISIS)
"""Why a venue may never be suggested, "" where it may; in arrays, by its place here."""

COLUMNS = "id, kind, withheld, gone_at IS NOT NULL, lat, lon, radius_km, area"

WITHHELD = {None: "", "nsfw": UNSAFE, "crisis": CRISIS}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All venues of a store at one moment, in order of row number."""

    table: Table
    matrix: NDArray[np.float32]
    """Shape (n, dimensions), rows of length 1 to the precision of float16."""


def load(db: sqlite3.Connection, model: str) -> Snapshot:
    """Read all venues. Raises WrongModel where any has no vector of this model."""
    # Two runs through two tables, each in its own order, and no look-up for each row.
    rows = db.execute(f"SELECT {COLUMNS} FROM venues ORDER BY id").fetchall()  # noqa: S608 - a constant
    if not rows:
        return _empty()
    vectors = db.execute(
        """SELECT venue_id, vector FROM vectors WHERE model_id = (SELECT id FROM models WHERE name = ?)
        ORDER BY venue_id""",
        [model],
    ).fetchall()
    with undamaged():
        return _arrays(db, rows, vectors, model)


def _arrays(
    db: sqlite3.Connection, rows: list[tuple[Any, ...]], vectors: list[tuple[int, bytes]], model: str
) -> Snapshot:
    table = table_of(rows, _opted_out(db))
    if [venue_id for venue_id, _ in vectors] != table.ids.tolist():
        raise WrongModel(_other_model(db, model), model)
    halves = np.frombuffer(b"".join(vector for _, vector in vectors), dtype="<f2")
    return Snapshot(table=table, matrix=halves.reshape(len(rows), -1).astype(np.float32))


def table_of(rows: list[tuple[Any, ...]], opted_out: list[int]) -> Table:
    """Return what rows of `COLUMNS` say, in their order."""
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


def _other_model(db: sqlite3.Connection, model: str) -> str:
    row = db.execute("SELECT name FROM models WHERE name != ? ORDER BY id", [model]).fetchone()
    return row[0] if row else "another model"


def _empty() -> Snapshot:
    none = np.empty(0, dtype=np.float32)
    codes = np.empty(0, dtype=np.int8)
    table = Table(
        ids=np.empty(0, dtype=np.int64),
        kind=codes,
        state=codes,
        lat=none,
        lon=none,
        radius_km=none,
        chains=Chains(()),
        chain_of=np.empty(0, dtype=np.int32),
    )
    return Snapshot(table=table, matrix=np.empty((0, 0), dtype=np.float32))
