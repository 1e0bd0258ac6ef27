"""The main use case: a sentence in, ranked suggestions out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.judging import section_of
from index.ranking import rank
from index.signals import SECOND_LOOK, SIGNALS
from index.store import Wanted
from index.words import readable
from venues.audience_mentions import aim_of, naming
from venues.audiences import read_audience
from venues.errors import EmptyIndex
from venues.model import Answer, Scope, Section
from venues.queries import ANYONE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from index.embedding import Encoder
    from index.second_look import SecondLook
    from index.signals import Signal
    from index.store import Store
    from venues.model import Candidate, Query, Suggestion

CANDIDATES = 60
"""How many venues are ranked for one answer; a larger limit widens it."""

NEAREST_AMONG = 20
NEAREST = 3
"""How many are named as nearest in kind where nothing is on target, and among how many of the best."""

DOUBT = {"theirs": 0.1, "everybody's": 0.2, "others'": 0.25}
"""The confidence under which a space is called less likely: one whose words name the people wanted, one for everybody
in the place, and any other. Of those under it in first tens, one in seventeen was right (158 judged)."""

LOCALS = "residents, neighbours and what is going on"
"""Whom a query means that names a place and no people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a door lets the user narrow or widen."""

    limit: int = 10
    kinds: frozenset[str] = frozenset()
    radius_km: float | None = None
    """How far from the centre still counts as local; None: as far as the area goes."""


def discover(
    query: Query,
    store: Store,
    encoder: Encoder,
    now: datetime,
    narrowing: Narrowing | None = None,
    second: SecondLook | None = None,
) -> Answer:
    """Return the best venues for a query; `second` looks at each candidate again.

    Raises EmptyIndex, or WrongModel if the store speaks another model.
    """
    narrowing = narrowing or Narrowing()
    found = store.candidates(_wanted(query, encoder, narrowing), max(CANDIDATES, 4 * narrowing.limit))
    if not found.candidates and not store.count():
        raise EmptyIndex(store.path)
    candidates = _named(query, found.candidates)
    signals: tuple[Signal, ...] = SIGNALS
    if second is not None:
        candidates, signals = _looked_at(second, query, candidates), (*SIGNALS, SECOND_LOOK)
    missing = _is_missing(query, candidates)
    ranked = rank(query, candidates, now, max(narrowing.limit, NEAREST_AMONG if missing else 0), signals)
    return Answer(
        query=query,
        suggestions=tuple(_doubted(query, one) for one in ranked[: narrowing.limit]),
        notes=(_note(query, ranked),) if missing else (),
        left_out=found.left_out,
        coverage=tuple(store.coverage(query.area)),
    )


def _looked_at(second: SecondLook, query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:
    judged = second.judge(query.text, [one.venue.listing for one in candidates])
    return [replace(one, second_look=float(value)) for one, value in zip(candidates, judged, strict=True)]


def _doubted(query: Query, one: Suggestion) -> Suggestion:
    """Return a suggestion under the heading of those that are seldom right, if it is of them."""
    return replace(one, section=Section.DOUBTFUL) if one.confidence < _floor(query, one) else one


def _floor(query: Query, one: Suggestion) -> float:
    """Return the confidence that a suggestion must have to be claimed, by what speaks for it beside its score."""
    here = query.area is not None and one.candidate.scope is Scope.LOCAL
    if (here and one.section is Section.LOCAL) or one.candidate.scope is Scope.CONTAINING:
        return 0.0
    if one.candidate.naming.share == 1:
        return DOUBT["theirs"]
    for_all = here and any(part.signal == "commons" and part.value for part in one.parts)
    return DOUBT["everybody's" if for_all else "others'"]


def candidates_for(query: Query, store: Store, encoder: Encoder, limit: int) -> list[Candidate]:
    """Return what would be ranked, for benchmarks."""
    return _named(query, store.candidates(_wanted(query, encoder, Narrowing()), limit).candidates)


def _is_missing(query: Query, candidates: Sequence[Candidate]) -> bool:
    """Tell whether people are wanted of whom nothing is in the index: on target, and local where a place is named."""
    if query.audience == ANYONE or not candidates:
        return False
    return not any(section_of(query, one) is Section.LOCAL for one in candidates)


def _note(query: Query, suggestions: Sequence[Suggestion]) -> str:
    """Say that nothing local and on target is in the index, and what is nearest in kind."""
    found = f" found in {query.area.name}" if query.area else " found"
    nearest = [one.venue.listing.title for one in suggestions if one.section is Section.WIDER][:NEAREST]
    rest = f"Nearest in kind: {'; '.join(nearest)}." if nearest else "Nothing near it in kind is in the index either."
    return f"No group for {query.audience}{found}. {rest} Others may exist that are not indexed."


def _named(query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates with whom their own words name."""
    aim = aim_of(_audience_of(query))
    return [
        replace(one, naming=naming(readable(one.venue.listing.title), one.venue.listing.description, aim))
        for one in candidates
    ]


def _audience_of(query: Query) -> str:
    return LOCALS if query.audience == ANYONE else query.audience


def _wanted(query: Query, encoder: Encoder, narrowing: Narrowing) -> Wanted:
    """Return what to look for: the audience in the user's words and in others, each with what it counts."""
    audience = read_audience(_audience_of(query))
    question, own, *others = encoder.encode([query.text, *(phrasing.text for phrasing in audience.phrasings)])
    return Wanted(
        words=audience.words,
        asked=query.text,
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
