"""What may be claimed of a suggestion: under which heading it stands, and how sure we are of it."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from index.signals import on_target
from venues.model import Scope, Section

if TYPE_CHECKING:
    from collections.abc import Iterable

    from venues.model import Candidate, Part, Query

_SLOPE, _EVEN = 0.12, 64.0
"""Fitted on the development judgments: a score of 64 is right as often as not."""

ENOUGH = {"nobody": 0.6, "others": 0.85, "some": 0.65, "kin": 0.5, "all": 0.4}
"""How near in meaning a venue must be to count as one of the people wanted, by whom its words name."""


def confidence(parts: Iterable[Part]) -> float:
    """Return the chance that a suggestion of this score is judged right, by the parts that signals measured."""
    score = sum(part.points for part in parts if part.signal != "variety")
    return 1 / (1 + exp(-_SLOPE * (score - _EVEN)))


def is_on_target(candidate: Candidate) -> bool:
    """Tell whether a venue is for the people wanted, and not only for others or for everybody."""
    share = candidate.naming.share
    if candidate.naming.everybody_wanted:
        return True
    if share is None:
        need = "nobody"
    elif not share:
        need = "others"
    elif share == 1:
        need = "all"
    else:
        need = "kin" if candidate.naming.kin else "some"
    return on_target(candidate) >= ENOUGH[need]


def section_of(query: Query, candidate: Candidate) -> Section:
    """Return the heading for a candidate: an area's own people first, the same people elsewhere, then everybody."""
    if not is_on_target(candidate):
        return Section.GENERAL
    here = query.area is None or candidate.scope is Scope.LOCAL
    return Section.LOCAL if here else Section.WIDER
