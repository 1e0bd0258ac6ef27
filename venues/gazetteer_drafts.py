"""What the compiler of the gazetteer knows of a place before it is written, and the places of the wide world."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from venues.placenames import distance_km, normalise, radius_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

OWN, ALIAS, SHORT, ALTERNATE, WEAK = 1.0, 0.9, 0.7, 0.2, 0.05
"""How much of a place's importance goes with a name: its own, one kept by hand, a part of its own, one that GeoNames
lists (which may be in any language), and one kept by hand but marked as a lesser claim."""

HAMLET = 300
"""People taken for a settlement whose population GeoNames does not know."""


@dataclass(slots=True)
class Draft:
    """A place on its way into the gazetteer."""

    key: int
    """GeoNames' number, or a negative one of ours."""
    slug: str | None
    """The id where it is not made from the key."""
    name: str
    kind: str
    country: str
    lat: float
    lon: float
    radius_km: float
    population: int
    importance: float
    names: dict[str, float] = field(default_factory=dict)
    """Names, normalised or not, and the weight of each."""
    within: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    settled: bool = True
    """Whether it is a settlement, which a point on the map may be said to lie in."""

    @property
    def id(self) -> str:
        """The id of the area it becomes."""
        return self.slug or f"geonames:{self.key}"

    def call(self, name: str, weight: float) -> None:
        """Add a name, unless it is empty or already known with more weight."""
        norm = normalise(name)
        if norm:
            self.names[norm] = max(weight, self.names.get(norm, 0.0))

    def call_all(self, aliases: Iterable[str]) -> None:
        """Add the aliases of a table kept by hand, where a trailing "?" marks a lesser claim."""
        for alias in aliases:
            self.call(alias.removesuffix("?"), WEAK if alias.endswith("?") else ALIAS)


def table(name: str) -> Iterator[dict[str, str]]:
    """Read one of our tables. Its last comment line, "# id<tab>name...", names the columns."""
    columns: list[str] = []
    for line in files("venues").joinpath("data", name).read_text(encoding="utf-8").splitlines():
        row = line.split("\t")
        if line.startswith("#"):
            columns = [row[0].removeprefix("# "), *row[1:]] if len(row) > 1 else columns
        elif line:
            yield dict(zip(columns, row + [""] * (len(columns) - len(row)), strict=True))


def split(cell: str) -> list[str]:
    """Split a cell that lists several values."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def worth_keeping(alternate: str) -> bool:
    """Tell whether one of GeoNames' alternate names is a name that a person may type.

    Not airport codes ("BTN"), nor the romanised forms that machines made of names in other scripts, which alone are
    in lower case ("bai li dun").
    """
    if not alternate.isascii():
        return True
    return len(alternate) > 2 and not alternate[0].islower() and not (alternate.isupper() and len(alternate) < 6)


def settlement(raw: Mapping[str, Any], kind: str | None = None) -> Draft:
    """Turn a row of GeoNames into a draft, with its main and alternate names."""
    population = int(raw["population"])
    draft = Draft(
        key=int(raw["geonameid"]),
        slug=None,
        name=str(raw["name"]),
        kind=kind or settlement_kind(population),
        country=str(raw["countrycode"]),
        lat=float(raw["latitude"]),
        lon=float(raw["longitude"]),
        radius_km=radius_for(population),
        population=population,
        importance=float(max(population, HAMLET)),
    )
    draft.names = dict.fromkeys(filter(worth_keeping, raw["alternatenames"]), ALTERNATE)
    draft.names[draft.name] = OWN
    return draft


def settlement_kind(population: int) -> str:
    """Say what a settlement of that many people is called."""
    return "city" if population >= 100_000 else "town" if population >= 5_000 else "village"


def world_drafts(
    raws: Iterable[Mapping[str, Any]], countries: Mapping[str, Mapping[str, Any]], home_centres: Iterable[Draft]
) -> Iterator[Draft]:
    """Give the countries, the states of those that we have states for, and all settlements but those of the UK.

    `home_centres` are drafts of the UK, which has no rows in `raws`: they are only counted into its centre.
    """
    ours = list(table("world.tsv"))
    states = {(row["id"][:2].upper(), row["code"]): row for row in ours if row["code"]}
    called = _country_names(ours, countries)
    points: dict[str, list[tuple[float, float, int]]] = {"country:GB": [(d.lat, d.lon, 0) for d in home_centres]}
    for raw in raws:
        country = str(raw["countrycode"])
        draft = settlement(raw)
        name = called.get(country, country)
        draft.within, draft.part_of = (f"country:{country}",), (name,)
        points.setdefault(f"country:{country}", []).append((draft.lat, draft.lon, draft.population))
        state = states.get((country, str(raw["admin1code"])))
        if state is not None:
            draft.within, draft.part_of = (state["id"], *draft.within), (state["name"], name)
            points.setdefault(state["id"], []).append((draft.lat, draft.lon, draft.population))
        yield draft
    yield from _wide_areas(ours, countries, called, points)


def _country_names(ours: Iterable[Mapping[str, str]], countries: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Give each country's name by its code: ours where we have one, which leaves out "The"."""
    named = {row["id"].removeprefix("country:"): row["name"] for row in ours if not row["code"]}
    return {code: named.get(code) or str(country["name"]) for code, country in countries.items()}


def _wide_areas(
    ours: list[dict[str, str]],
    countries: Mapping[str, Mapping[str, Any]],
    called: Mapping[str, str],
    points: Mapping[str, list[tuple[float, float, int]]],
) -> Iterator[Draft]:
    by_id = {row["id"]: row for row in ours}
    key = -100_000
    for code, country in countries.items():
        row = by_id.get(f"country:{code}", {})
        inside = points.get(f"country:{code}")
        if inside:
            key -= 1
            people = int(country["population"])
            radius = 1.4 * math.sqrt(float(country["areakm2"] or 1) / math.pi)
            draft = _wide_area(key, f"country:{code}", "country", code, called[code], row, inside, radius)
            draft.population, draft.importance = people, float(max(people, HAMLET))
            yield draft
    for row in ours:
        inside = points.get(row["id"])
        if row["code"] and inside:
            key -= 1
            country_code = row["id"][:2].upper()
            draft = _wide_area(key, row["id"], "region", country_code, row["name"], row, inside, None)
            draft.within, draft.part_of = (f"country:{country_code}",), (called[country_code],)
            # A state and its chief city often share a name, and then the city is meant: people add "State" otherwise.
            draft.population, draft.importance = 0, 0.05 * sum(point[2] for point in inside)
            if not row["code"].isdecimal():
                draft.call(row["code"], WEAK)
            yield draft


def _wide_area(  # its callers know a country from a state
    key: int,
    slug: str,
    kind: str,
    country: str,
    name: str,
    row: Mapping[str, str],
    inside: list[tuple[float, float, int]],
    radius_km: float | None,
) -> Draft:
    lat = float(row.get("lat") or sum(point[0] for point in inside) / len(inside))
    lon = float(row.get("lon") or sum(point[1] for point in inside) / len(inside))
    if radius_km is None:
        far = sorted(distance_km(lat, lon, point[0], point[1]) for point in inside)
        radius_km = far[int(0.97 * (len(far) - 1))]
    radius_km = float(row.get("radius_km") or max(3.0, round(radius_km)))
    draft = Draft(key, slug, name, kind, country, lat, lon, radius_km, 0, 0.0, settled=False)
    draft.call(name, OWN)
    draft.call_all(split(row.get("aliases", "")))
    return draft
