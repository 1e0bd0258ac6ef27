from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.geohash import geohash


@pytest.mark.parametrize(
    ("lat", "lon", "length", "expected"),
    [(57.64911, 10.40744, 11, "u4pruydqqvj"), (42.6, -5.6, 5, "ezs42"), (0, 0, 3, "s00"), (-90, -180, 4, "0000")],
)
def test_known_places_have_their_known_names(lat: float, lon: float, length: int, expected: str) -> None:
    assert expected == geohash(lat, lon, length)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_longer_name_only_says_more(lat: float, lon: float) -> None:
    assert geohash(lat, lon, 9).startswith(geohash(lat, lon, 5))
