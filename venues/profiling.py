"""The use case of `venues profile`: who takes part in each venue of a file, as far as its words tell."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from index.audience import profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from index.audience import Estimate
    from index.embedding import Encoder
    from venues.errors import ListingError
    from venues.interchange import Line
    from venues.model import Listing

BATCH = 256
DIGITS = 4


def profiles(
    lines: Iterable[Line], encoder: Encoder, on_error: Callable[[ListingError], None]
) -> Iterator[dict[str, Any]]:
    """Yield a record for each good line, in order; each bad one goes to `on_error`."""
    good = _good(lines, on_error)
    while batch := list(islice(good, BATCH)):
        for listing, axes in zip(batch, profile(batch, encoder), strict=True):
            yield {
                "platform": listing.platform,
                "native_id": listing.native_id,
                "axes": {axis: _record(estimate) for axis, estimate in axes.items()},
            }


def _good(lines: Iterable[Line], on_error: Callable[[ListingError], None]) -> Iterator[Listing]:
    for line in lines:
        if line.error:
            on_error(line.error)
        elif line.listing:
            yield line.listing


def _record(estimate: Estimate) -> dict[str, float]:
    return {name: round(value, DIGITS) for name, value in estimate._asdict().items()}
