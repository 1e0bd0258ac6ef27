"""How venues stand to an area: containment first, distance second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.nearness import NEARBY_KM, SCOPES, Chains, distances, scopes_to, scopes_without_area
from index.testing import BRIGHTON, SUSSEX
from venues.model import Area, Scope

if TYPE_CHECKING:
    from numpy.typing import NDArray

BRITAIN = Area(id="country:GB", name="United Kingdom", kind="country", country="GB", lat=54.0, lon=-2.5, radius_km=700)

HOVE = ("town:hove", "town:brighton", "county:sussex", "country:GB")
LEWES = ("town:lewes", "county:sussex", "country:GB")
PARIS = ("town:paris", "country:FR")


def floats(*values: float) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def scope_of(
    area: Area,
    chain: tuple[str, ...],
    *,
    km: float = float("nan"),
    serves_km: float = float("nan"),
    radius_km: float | None = None,
) -> Scope:
    codes = scopes_to(area, radius_km, Chains([("x",), chain]), np.array([1], np.int32), floats(km), floats(serves_km))
    return SCOPES[codes[0]]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param((51.5074, -0.1278), (48.8566, 2.3522), 343.6, id="London to Paris"),
        pytest.param((51.5074, -0.1278), (40.7128, -74.0060), 5570.2, id="London to New York"),
        pytest.param((50.8225, -0.1372), (50.8274, -0.1709), 2.43, id="Brighton to Hove"),
        pytest.param((10, 179.5), (10, -179.5), 109.5, id="across the date line"),
        pytest.param((90, 0), (-90, 0), 20015.1, id="pole to pole"),
        pytest.param((0, 0), (0, 180), 20015.1, id="half-way round"),
        pytest.param((90, 17), (90, -140), 0.0, id="the pole has every longitude"),
        pytest.param((51.5, -0.1), (51.5, -0.1), 0.0, id="nowhere further"),
    ],
)
def test_distances_are_those_of_the_great_circle(
    start: tuple[float, float], end: tuple[float, float], expected: float
) -> None:
    there = distances(*start, floats(end[0]), floats(end[1]))[0]
    back = distances(*end, floats(start[0]), floats(start[1]))[0]

    assert expected == pytest.approx(there, rel=1e-3, abs=0.05)
    assert there == pytest.approx(back, rel=1e-4, abs=0.01)


def test_a_distance_from_nowhere_is_not_known() -> None:
    assert [True, True, False] == np.isnan(distances(50, 0, floats(np.nan, 50, 50), floats(0, np.nan, 0))).tolist()


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_no_distance_is_negative_or_more_than_half_round_the_earth(a: float, b: float, c: float, d: float) -> None:
    assert 0 <= distances(a, b, floats(c), floats(d))[0] <= 20_016


@pytest.mark.parametrize(
    ("area", "chain", "more", "expected"),
    [
        (BRIGHTON, ("town:brighton", "county:sussex", "country:GB"), {"km": 0}, Scope.LOCAL),
        (BRIGHTON, HOVE, {"km": 3}, Scope.LOCAL),
        (BRIGHTON, HOVE, {}, Scope.LOCAL),
        (BRIGHTON, ("county:sussex", "country:GB"), {"km": 5, "serves_km": 60}, Scope.CONTAINING),
        (BRIGHTON, ("country:GB",), {"km": 400, "serves_km": 700}, Scope.CONTAINING),
        (BRIGHTON, (), {}, Scope.EVERYWHERE),
        (BRIGHTON, LEWES, {"km": 7.9}, Scope.LOCAL),
        (BRIGHTON, LEWES, {"km": 8.1}, Scope.NEARBY),
        (BRIGHTON, LEWES, {"km": 8 + NEARBY_KM - 0.1}, Scope.NEARBY),
        (BRIGHTON, LEWES, {"km": 8 + NEARBY_KM + 0.1}, Scope.ELSEWHERE),
        (BRIGHTON, LEWES, {}, Scope.ELSEWHERE),
        (BRIGHTON, LEWES, {"km": 8.1, "radius_km": 20}, Scope.LOCAL),
        (BRIGHTON, ("region:kent", "country:GB"), {"km": 5, "serves_km": 61}, Scope.ELSEWHERE),
        (BRIGHTON, PARIS, {"km": 280}, Scope.ELSEWHERE),
        (BRIGHTON, ("country:FR",), {"km": 600}, Scope.ELSEWHERE),
        (BRIGHTON, LEWES, {"km": 8.1, "radius_km": 1}, Scope.NEARBY),
        (BRIGHTON, LEWES, {"km": 3, "radius_km": 1}, Scope.NEARBY),
        (BRIGHTON, HOVE, {"km": 3, "radius_km": 1}, Scope.LOCAL),
        (SUSSEX, ("town:dover", "county:kent", "country:GB"), {"km": 70, "radius_km": 75}, Scope.LOCAL),
        (SUSSEX, LEWES, {"km": 100}, Scope.LOCAL),
        (SUSSEX, ("town:dover", "county:kent", "country:GB"), {"km": 5}, Scope.NEARBY),
        (SUSSEX, ("town:dover", "county:kent", "country:GB"), {"km": 74}, Scope.NEARBY),
        (SUSSEX, ("town:dover", "county:kent", "country:GB"), {"km": 76}, Scope.ELSEWHERE),
        (SUSSEX, ("country:GB",), {"km": 300}, Scope.CONTAINING),
        (BRITAIN, HOVE, {"km": 400}, Scope.LOCAL),
        (BRITAIN, PARIS, {"km": 600}, Scope.ELSEWHERE),
        (BRITAIN, ("town:dublin", "country:IE"), {"km": 240}, Scope.ELSEWHERE),
        (BRITAIN, (), {}, Scope.EVERYWHERE),
    ],
)
def test_the_scope_of_a_venue(area: Area, chain: tuple[str, ...], more: dict[str, Any], expected: Scope) -> None:
    assert expected == scope_of(area, chain, **more)


@pytest.mark.parametrize(("serves_km", "expected"), [(9.0, Scope.LOCAL), (12.0, Scope.LOCAL), (60.0, Scope.CONTAINING)])
def test_what_just_covers_the_place_is_local_and_what_holds_much_more_is_not(serves_km: float, expected: Scope) -> None:
    assert expected == scope_of(BRIGHTON, ("county:sussex", "country:GB"), km=2, serves_km=serves_km)


def test_venues_keep_their_own_scopes_side_by_side() -> None:
    chains = [(), HOVE, PARIS]
    chain_of = np.array([2, 0, 1, 1], np.int32)
    codes = scopes_to(BRIGHTON, 8, Chains(chains), chain_of, floats(280, np.nan, 3, 3), floats(10, np.nan, 2, 2))

    assert [Scope.ELSEWHERE, Scope.EVERYWHERE, Scope.LOCAL, Scope.LOCAL] == [SCOPES[code] for code in codes]


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0.1, 50))
def test_the_nearer_of_two_is_never_in_the_worse_scope(first: float, second: float, radius: float) -> None:
    near, far = sorted([first, second])
    order = list(Scope)

    near_scope = scope_of(BRIGHTON, LEWES, km=near, radius_km=radius)
    far_scope = scope_of(BRIGHTON, LEWES, km=far, radius_km=radius)
    assert order.index(near_scope) <= order.index(far_scope)


@pytest.mark.parametrize(
    ("chain", "serves_km", "expected"),
    [
        ((), float("nan"), Scope.EVERYWHERE),
        (HOVE, 5, Scope.NEARBY),
        (HOVE, float("nan"), Scope.NEARBY),
        (("country:GB",), 700, Scope.CONTAINING),
        (PARIS, 10, Scope.ELSEWHERE),
        (("country:FR",), 700, Scope.ELSEWHERE),
    ],
)
def test_where_no_area_is_asked_the_home_country_decides(
    chain: tuple[str, ...], serves_km: float, expected: Scope
) -> None:
    codes = scopes_without_area("GB", Chains([("x",), chain]), np.array([1], np.int32), floats(serves_km))

    assert expected == SCOPES[codes[0]]


LONDON = Area(
    id="uk:london",
    name="London",
    kind="city",
    country="GB",
    lat=51.5,
    lon=-0.1,
    radius_km=28,
    within=("uk:england", "country:GB"),
)
WATFORD = ("geonames:2634677", "uk:hertfordshire", "uk:england", "country:GB")


def test_a_district_next_door_is_not_local_however_near() -> None:
    assert scope_of(LONDON, WATFORD, km=25) is Scope.NEARBY
    assert scope_of(LONDON, ("uk:camden", "uk:london", "uk:england", "country:GB"), km=25) is Scope.LOCAL
    assert scope_of(LONDON, ("geonames:1", "uk:england", "country:GB"), km=25) is Scope.LOCAL


def test_who_asks_for_a_radius_gets_the_district_next_door_too() -> None:
    assert scope_of(LONDON, WATFORD, km=25, radius_km=30) is Scope.LOCAL
