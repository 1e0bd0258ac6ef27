"""The United Kingdom for the gazetteer: our table of nations, counties, boroughs and districts, and what lies in what.

GeoNames says of a place in the UK only which nation it is in. The rest is found from the towns that our table lists
for each county or borough: a place lies where the nearest listed town of its nation lies.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from venues.gazetteer_drafts import ALTERNATE, OWN, SHORT, Draft, settlement, split, table
from venues.placenames import distance_km, normalise, quarter_radius_for, radius_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NATIONS = {"ENG": "uk:england", "SCT": "uk:scotland", "WLS": "uk:wales", "NIR": "uk:northern-ireland"}
_LOCAL = frozenset({"city", "borough", "district", "town", "village", "neighbourhood"})
"""Kinds of rows that may be a place of GeoNames' list under another hat."""
_TELLING = frozenset({"city", "borough", "district", "county", "nation"})
"""Kinds of areas that people name to tell a place from its namesakes; regions are for statisticians."""
_ENDINGS = (" on sea", " by the sea", " by sea", " next the sea", " super mare")
_JOINTS = (" on ", " under ", " in ", " le ", " cum ", " by ", " with ", " and ")
_NEIGHBOURHOOD_PEOPLE = 6_000


@dataclass(slots=True)
class _Row:
    """One row of the table and the draft made from it."""

    draft: Draft
    parent: _Row | None
    towns: list[str]
    is_small: bool
    """Whether it is a single town or neighbourhood, and no area that others are sought in."""
    ours: list[Draft] = field(default_factory=list)

    @property
    def chain(self) -> list[_Row]:
        """This row and all that contain it, smallest first."""
        return [self, *(self.parent.chain if self.parent else [])]


@dataclass(slots=True)
class _Known:
    """GeoNames' places of the UK, and how to find them by name and by nearness."""

    places: list[Draft]
    nation: dict[int, str]
    by_name: dict[str, list[Draft]] = field(default_factory=lambda: defaultdict(list))

    def near(self, names: Iterable[str], lat: float, lon: float, reach_km: float) -> list[Draft]:
        """Give the places with one of the names at most that far from a point, the largest first, then the nearest."""
        found = {
            place.key: place
            for name in names
            for place in self.by_name.get(normalise(name), ())
            if distance_km(lat, lon, place.lat, place.lon) <= reach_km
        }
        return sorted(
            found.values(), key=lambda place: (-place.population, distance_km(lat, lon, place.lat, place.lon))
        )


def uk_drafts(raws: Iterable[Mapping[str, Any]]) -> list[Draft]:
    """Give all areas of the UK from GeoNames' rows for it and from our tables, each with what contains it.

    Raises ValueError, naming the row, where a row of our table can be placed neither by itself nor by GeoNames.
    """
    known = _known(raws)
    rows = _rows(known)
    taken = {place.key for row in rows.values() for place in row.ours}
    free = [place for place in known.places if place.key not in taken]
    for row in rows.values():
        _set_chain(row.draft, row.parent.chain if row.parent else [])
    _place_in_counties(free, known, list(rows.values()))
    drafts = [*(row.draft for row in rows.values()), *free]
    _place_in_cities(free, drafts)
    return [*drafts, *_postcodes(drafts)]


def _known(raws: Iterable[Mapping[str, Any]]) -> _Known:
    known = _Known([], {})
    for raw in raws:
        place = settlement(raw)
        spoken, place.names = place.names, {}
        for name, weight in spoken.items():
            place.call(name, weight)
        for norm in list(place.names):
            if place.names[norm] == ALTERNATE and f" {norm} " in f" {normalise(place.name)} ":
                place.names[norm] = SHORT
        for short, weight in short_names(place.name).items():
            place.call(short, weight)
        known.places.append(place)
        known.nation[place.key] = _NATIONS.get(str(raw["admin1code"]), "")
        for norm, weight in place.names.items():
            if weight >= SHORT:
                known.by_name[norm].append(place)
    return known


def short_names(name: str) -> dict[str, float]:
    """Give the shorter names that people use for a place with a long one, each with its weight.

    >>> short_names("Royal Leamington Spa")
    {'leamington spa': 0.7, 'leamington': 0.2}
    >>> short_names("Ashton-under-Lyne")
    {'ashton': 0.2}
    """
    norm = normalise(name)
    short: dict[str, float] = {}
    for start in ("royal ", "city of ", "the "):
        if norm.startswith(start):
            norm = norm.removeprefix(start)
            short[norm] = SHORT
    for end in _ENDINGS:
        if norm.endswith(end):
            short[norm.removesuffix(end)] = SHORT
    for joint in (*_JOINTS, " spa"):
        stem, found, _ = norm.partition(joint)
        if found and len(stem) > 3:
            short.setdefault(stem, ALTERNATE)
    return short


def _rows(known: _Known) -> dict[str, _Row]:
    rows: dict[str, _Row] = {}
    for number, cells in enumerate([*table("uk.tsv"), *map(_completed, table("uk-places.tsv"))], start=1):
        parent = rows[cells["parent"]] if cells["parent"] else None
        rows[cells["id"]] = _row(-number, cells, parent, known)
    return rows


def _completed(cells: dict[str, str]) -> dict[str, str]:
    """Give a row of the table of places the columns that it has not."""
    area_id = f"{normalise(cells['name'])} {cells['parent']}".replace(" ", "-")
    return cells | {"id": area_id, "kind": cells["kind"] or "neighbourhood", "radius_km": ""}


def _row(key: int, cells: Mapping[str, str], parent: _Row | None, known: _Known) -> _Row:
    names = [cells["name"], *(alias for alias in split(cells["aliases"]) if not alias.endswith("?"))]
    here = parent.draft if parent else None
    if cells["lat"]:
        lat, lon, reach = float(cells["lat"]), float(cells["lon"]), 6.0
    elif here is not None:
        lat, lon, reach = here.lat, here.lon, 1.5 * here.radius_km + 5
    else:
        raise ValueError(f"uk.tsv: {cells['id']} has neither a centre nor a parent")
    same = known.near(names, lat, lon, reach) if cells["kind"] in _LOCAL else []
    if not cells["lat"]:
        if not same:
            raise ValueError(
                f"uk.tsv: {cells['id']} has no centre, and GeoNames has no {cells['name']} near its parent"
            )
        lat, lon = same[0].lat, same[0].lon
        same = [place for place in same if distance_km(lat, lon, place.lat, place.lon) <= 6]
    population = int(cells["population"] or max((place.population for place in same), default=0))
    small = cells["kind"] == "neighbourhood"
    draft = Draft(
        key=key,
        slug=f"uk:{cells['id']}",
        name=cells["name"],
        kind=cells["kind"],
        country="GB",
        lat=lat,
        lon=lon,
        radius_km=float(cells["radius_km"] or radius_for(population or _NEIGHBOURHOOD_PEOPLE) * (0.7 if small else 1)),
        population=population,
        importance=float(population or _NEIGHBOURHOOD_PEOPLE),
        settled=cells["kind"] in _LOCAL,
    )
    for place in same:
        draft.names.update(place.names)
    draft.call(draft.name, OWN)
    draft.call_all(split(cells["aliases"]))
    return _Row(draft, parent, split(cells.get("towns", "")), "towns" not in cells, same)


def _set_chain(draft: Draft, chain: Sequence[_Row], city: Draft | None = None) -> None:
    """Say what contains a place: a city that it is a part of, if any, then the rows of the table, then the country."""
    inside = [*([city] if city else []), *(row.draft for row in chain)]
    draft.within = (*(area.id for area in inside), "country:GB")
    telling = [area for area in inside if area.kind in _TELLING and not _same_town(area, draft)]
    counties = [area for area in telling if area.kind == "county"]
    dropped = counties if draft.kind == "county" else counties[1:]
    draft.part_of = tuple(area.name for area in telling if area not in dropped)


def _same_town(area: Draft, draft: Draft) -> bool:
    """Tell whether an area would only repeat a place's name: Brighton in Brighton and Hove."""
    return area.name == draft.name or (area.kind != "county" and area.name.startswith(draft.name))


def _place_in_counties(places: Iterable[Draft], known: _Known, rows: Sequence[_Row]) -> None:
    """Give each place the chain of the row whose listed town is nearest, among the rows of its nation."""
    seeds: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
    numbers = {row.draft.key: number for number, row in enumerate(rows)}
    for number, row in enumerate(rows):
        nation = row.chain[-1].draft.id
        if row.is_small and row.parent is not None:
            seeds[nation].append((row.draft.lat, row.draft.lon, numbers[row.parent.draft.key]))
        for town in row.towns:
            found = known.near([town], row.draft.lat, row.draft.lon, max(15.0, 1.5 * row.draft.radius_km))
            seeds[nation].extend((place.lat, place.lon, number) for place in found[:1])
    for sown in seeds.values():
        sown.sort()
    for place in places:
        here = seeds.get(known.nation[place.key])
        if here:
            _set_chain(place, rows[_nearest(here, place.lat, place.lon)].chain)
        else:
            place.within, place.part_of = ("country:GB",), ("United Kingdom",)


def _nearest(seeds: Sequence[tuple[float, float, int]], lat: float, lon: float) -> int:
    """Give the number of the nearest seed; they are sorted by latitude, and those within a band are compared first."""
    for band in (0.15, 0.6, 10.0):
        start, end = bisect_left(seeds, (lat - band, 0.0, 0)), bisect_left(seeds, (lat + band, 0.0, 0))
        # A degree of longitude is 0.6 of one of latitude at the middle of Britain.
        near = [((seed[0] - lat) ** 2 + 0.36 * (seed[1] - lon) ** 2, seed[2]) for seed in seeds[start:end]]
        if near and min(near)[0] <= band**2:
            return min(near)[1]
    raise ValueError(f"no town of the table is within ten degrees of {lat}, {lon}")


def _place_in_cities(places: Iterable[Draft], drafts: Iterable[Draft]) -> None:
    """Put a small place that lies well inside a city's circle into that city, as a neighbourhood."""
    cities = [draft for draft in drafts if draft.kind in {"city", "town"} and draft.population >= 50_000]
    for place in places:
        for city in cities:
            if (
                abs(city.lat - place.lat) > 0.1
                or abs(city.lon - place.lon) > 0.2
                or 5 * place.population > city.population
            ):
                continue
            if distance_km(city.lat, city.lon, place.lat, place.lon) > 0.6 * city.radius_km:
                continue
            place.kind = "neighbourhood"
            place.radius_km = min(place.radius_km, quarter_radius_for(place.population))
            if city.id not in place.within and city.within == place.within:
                place.within = (city.id, *place.within)
                place.part_of = (city.name, *place.part_of)
            break


def _postcodes(drafts: Sequence[Draft]) -> list[Draft]:
    """Give the postcode areas and districts of our table, each at the place that it is known by."""
    by_name: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        for norm, weight in draft.names.items():
            if weight >= ALTERNATE:
                by_name[norm].append(draft)
    made = []
    for number, cells in enumerate(table("uk-postcodes.tsv"), start=1):
        parent = f"uk:{cells['parent']}"
        here = [d for d in by_name[normalise(cells["place"])] if parent in (d.id, *d.within)]
        if not here:
            raise ValueError(f"uk-postcodes.tsv: {cells['id']} is at {cells['place']}, which is not in {parent}")
        at = max(here, key=lambda draft: draft.importance * draft.names[normalise(cells["place"])])
        slug, radius = f"uk:{cells['id'].lower()}", float(cells["radius_km"] or 2.0)
        code = Draft(
            -50_000 - number, slug, cells["id"], "postcode", "GB", at.lat, at.lon, radius, 0, 1000.0, settled=False
        )
        code.within, code.part_of = (
            (at.within, (at.name, *at.part_of)) if radius < 5 else (at.within[-2:], at.part_of[-1:])
        )
        code.call(cells["id"], OWN)
        made.append(code)
    return made
