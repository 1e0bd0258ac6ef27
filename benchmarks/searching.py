"""How well search hits are read: which of them are venues, and which of those are in the place that was asked for.

    python benchmarks/searching.py [--faults]

Over a set of our own, made up in the form in which engines show such pages: tests/unit/searching-hits.jsonl. Its "seen"
half was at hand while the rules were written; the "unseen" half was written afterwards and the rules left as they were.
A venue's place is told by `venues.locating` from its listing alone, as when a crawl's listings are taken in.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crawlers.searching import Hit, listing_of
from venues.gazetteer import Gazetteer
from venues.locating import Locator
from venues.placenames import distance_km

if TYPE_CHECKING:
    from venues.model import Area, Whereabouts

HITS = Path(__file__).parents[1] / "tests" / "unit" / "searching-hits.jsonl"
_NEAR_KM = 15.0


class Measure(NamedTuple):
    """Counts of a yes-or-no question."""

    right: int
    """Said yes, and it is."""
    said: int
    wanted: int

    @property
    def precision(self) -> float:
        """How many of those said to be it are."""
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """How many of those that are it were said to be."""
        return self.right / self.wanted if self.wanted else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} ({self.right} of {self.said}), "
            f"recall {self.recall:.3f} ({self.right} of {self.wanted})"
        )


class Judged(NamedTuple):
    """One hit, and what was made of it."""

    row: dict[str, Any]
    found: str | None
    """platform:native_id."""
    place: str
    """right, wrong, untold, or "-" for what is no venue."""


def read_hits(half: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of the set, or of one half."""
    rows = [json.loads(line) for line in HITS.read_text("utf-8").splitlines()]
    return [row for row in rows if half in {None, row["half"]}]


def judge(rows: list[dict[str, Any]], gazetteer: Gazetteer) -> list[Judged]:
    """Read every hit as a crawl would."""
    locator = Locator(gazetteer)
    judged = []
    for row in rows:
        listing = listing_of(Hit(row["title"], row["url"], row["snippet"]))
        if listing is None:
            judged.append(Judged(row, None, "-"))
            continue
        asked = gazetteer.find(row["asked"], country="GB")[0]
        judged.append(Judged(row, str(listing.id), relation(locator.locate(listing), asked)))
    return judged


def relation(found: Whereabouts | None, asked: Area) -> str:
    """Say how a venue stands to the place asked: a whole country tells of no town in it."""
    if found is None or found.area_id in {None, f"country:{asked.country}", "uk:england", "uk:scotland", "uk:wales"}:
        return "untold"
    if asked.id in {found.area_id, *found.within} or found.area_id in asked.within:
        return "right"
    if found.lat is None or found.lon is None:
        return "wrong"
    far = distance_km(found.lat, found.lon, asked.lat, asked.lon)
    return "right" if far <= asked.radius_km + _NEAR_KM else "wrong"


def measures(judged: list[Judged]) -> dict[str, Measure]:
    """Return the two questions' measures, and how many of the venues elsewhere were kept from being taken for local."""
    both = [each for each in judged if each.found and each.found == each.row["venue"]]
    return {
        "venue": Measure(
            len(both), sum(bool(each.found) for each in judged), sum(bool(e.row["venue"]) for e in judged)
        ),
        "right place": Measure(
            sum(each.place == each.row["place"] == "right" for each in both),
            sum(each.place == "right" for each in judged),
            sum(each.row["place"] == "right" for each in judged),
        ),
        "wrong place": Measure(
            sum(each.place == each.row["place"] == "wrong" for each in both),
            sum(each.place == "wrong" for each in judged),
            sum(each.row["place"] == "wrong" for each in judged),
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", action="store_true", help="show each hit that was read wrong")
    options = parser.parse_args()
    with Gazetteer.open() as gazetteer:
        for half in ("seen", "unseen", None):
            rows = read_hits(half)
            if not rows:
                continue
            judged = judge(rows, gazetteer)
            print(f"{half or 'all'}: {len(rows)} hits")
            for question, measure in measures(judged).items():
                print(f"  {question}? {measure}")
            faults = [e for e in judged if (e.found, e.place) != (e.row["venue"], e.row["place"])]
            for row, found, place in faults if options.faults and half else ():
                print(f"    {row['asked']}: {row['title']!r} is {row['venue']} {row['place']}, read {found} {place}")


if __name__ == "__main__":
    main()
