"""From the words that a user typed to a `Query`: who is wanted, and where."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from venues.errors import EmptyQuery, QueryError, UnknownPlace
from venues.model import Query
from venues.places import read

if TYPE_CHECKING:
    from venues.gazetteer import Gazetteer

LONGEST = 500
"""Characters: more is no query but a text pasted by mistake."""
ANYONE = "people"
"""The audience of a query that names only a place."""


def parse(text: str, gazetteer: Gazetteer, *, country: str = "GB", radius_km: float | None = None) -> Query:
    """Understand a query such as "young mums in Brighton".

    `country` is the home country by which namesakes are settled (ISO 3166-1 alpha-2); `radius_km` takes the place of
    the area's own radius. The query's `alternatives` are the namesakes that were not taken.

    Raises EmptyQuery for a text without a letter or digit, UnknownPlace, with near spellings, for one that names a
    place which the gazetteer does not know, and QueryError for one longer than 500 characters or for a radius that is
    not positive.
    """
    cleaned = clean(text)
    if not any(char.isalnum() for char in cleaned):
        raise EmptyQuery
    if len(cleaned) > LONGEST:
        raise QueryError(f"The query has {len(cleaned)} characters; at most {LONGEST} are read. Name whom and where.")
    if radius_km is not None and not 0 < radius_km < 20_000:
        raise QueryError(f"A radius of {radius_km} km is not possible; give one above 0, such as 10.")
    reading = read(cleaned, gazetteer, country)
    if reading.area is None and reading.place_text is not None:
        raise UnknownPlace(reading.place_text, gazetteer.similar(reading.place_text, country=country))
    area = reading.area
    if area is not None and radius_km is not None:
        area = replace(area, radius_km=radius_km)
    return Query(text=cleaned, audience=reading.audience or ANYONE, area=area, alternatives=reading.alternatives)


def clean(text: str) -> str:
    """Give a text without control and formatting characters, with single spaces."""
    spaced = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Zs"} else char for char in text)
    kept = "".join(char for char in spaced if unicodedata.category(char) not in {"Cf", "Cs", "Co", "Cn"})
    return re.sub(r" +", " ", kept).strip()
