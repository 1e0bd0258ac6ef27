"""The file of a large store: its venues sorted into cells of near vectors, and all that a search reads of them.

Vectors are kept twice: in 8 bits to look at many, in 16, as the store has them, for the few hundred that count.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from index import postings
from index.nearness import Chains
from index.snapshot import COLUMNS_OF_TABLE, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from index.postings import Postings


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The file's arrays. Venues are in order of their cells; a place is a place in that order."""

    seq: int
    """The last change of the store that is in it."""
    table: Table
    by_id: NDArray[np.int32]
    """Places in order of row number."""
    centres: NDArray[np.float32]
    """Shape (cells, dimensions), rows of length 1."""
    ends: NDArray[np.int32]
    """Where each cell ends."""
    bytes: NDArray[np.int8]
    """The vectors, each divided by its scale and rounded: shape (n, dimensions)."""
    scales: NDArray[np.float32]
    halves: NDArray[np.float16]
    """The same vectors as the store has them."""
    by_chain: NDArray[np.int32]
    """Places in order of chain."""
    chain_ends: NDArray[np.int64]
    by_lat: NDArray[np.int32]
    """Places in order of latitude, those without one last."""
    lats: NDArray[np.float32]
    lons: NDArray[np.float32]
    lat_chains: NDArray[np.int32]
    """Their latitudes, longitudes and chains, in that order."""
    postings: Postings

    def about(self) -> dict[str, Any]:
        """Return what of it is no array."""
        return {"seq": self.seq, "chains": [" ".join(chain) for chain in self.table.chains.all]}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return its arrays by name."""
        own = {name: getattr(self, name) for name in _ARRAYS}
        return own | {f"table.{name}": getattr(self.table, name) for name in COLUMNS_OF_TABLE} | self.postings.arrays()


_ARRAYS = tuple(item.name for item in fields(Cells) if item.name not in {"seq", "table", "postings"})


def from_arrays(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Cells:
    """Return what `Cells.about` and `Cells.arrays` gave."""
    chains = Chains(tuple(chain.split()) for chain in about["chains"])
    table = Table(chains=chains, **{name: arrays[f"table.{name}"] for name in COLUMNS_OF_TABLE})
    own = {name: arrays[name] for name in _ARRAYS}
    return Cells(seq=about["seq"], table=table, postings=postings.from_arrays(arrays), **own)
