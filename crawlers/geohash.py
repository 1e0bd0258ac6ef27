"""Geohashes: a place as a short text, which is how some services are told where to search.

>>> geohash(50.8225, -0.1372)
'gcpchgu'
"""

from __future__ import annotations

_LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"


def geohash(lat: float, lon: float, length: int = 7) -> str:
    """Return the geohash of a point; seven letters are within some 80 m of it."""
    number = 0
    bounds = [[-180.0, 180.0], [-90.0, 90.0]]
    for bit in range(length * 5):
        # Longitude and latitude are halved in turn.
        side = bounds[bit % 2]
        middle = (side[0] + side[1]) / 2
        above = (lat if bit % 2 else lon) >= middle
        number = number * 2 + above
        side[0 if above else 1] = middle
    return "".join(_LETTERS[number >> 5 * (length - 1 - at) & 31] for at in range(length))
