"""The main use case: a sentence in, ranked suggestions out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.ranking import rank
from index.store import Wanted
from venues.audiences import read_audience
from venues.errors import EmptyIndex
from venues.model import Answer
from venues.queries import ANYONE

if TYPE_CHECKING:
    from datetime import datetime

    from index.embedding import Encoder
    from index.store import Store
    from venues.model import Query

CANDIDATES = 60
"""How many venues are ranked for one answer; a larger limit widens it."""

LOCALS = "residents, neighbours and what is going on"
"""Whom a query means that names a place and no people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a door lets the user narrow or widen."""

    limit: int = 10
    kinds: frozenset[str] = frozenset()
    radius_km: float | None = None
    """How far from the centre still counts as local; None: as far as the area goes."""


def discover(query: Query, store: Store, encoder: Encoder, now: datetime, narrowing: Narrowing | None = None) -> Answer:
    """Return the best venues for a query. Raises EmptyIndex, or WrongModel if the store speaks another model."""
    narrowing = narrowing or Narrowing()
    found = store.candidates(_wanted(query, encoder, narrowing), max(CANDIDATES, 4 * narrowing.limit))
    if not found.candidates and not store.count():
        raise EmptyIndex(store.path)
    return Answer(
        query=query,
        suggestions=rank(query, found.candidates, now, narrowing.limit),
        left_out=found.left_out,
        coverage=tuple(store.coverage(query.area)),
    )


def _wanted(query: Query, encoder: Encoder, narrowing: Narrowing) -> Wanted:
    """Return what to look for: the audience in the user's words and in others, each with what it counts."""
    audience = read_audience(LOCALS if query.audience == ANYONE else query.audience)
    # In one batch: a vector depends a little on its batch, and so only on the question.
    question, own, *others = encoder.encode([query.text, *(phrasing.text for phrasing in audience.phrasings)])
    return Wanted(
        words=audience.words,
        terms=audience.terms,
        question=question,
        vector=own,
        phrasings=tuple(
            (vector, phrasing.weight) for vector, phrasing in zip(others, audience.phrasings[1:], strict=True)
        ),
        model=encoder.model,
        area=query.area,
        radius_km=narrowing.radius_km,
        kinds=narrowing.kinds,
        home=query.home,
    )
