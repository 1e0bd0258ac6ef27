"""What may be claimed of a suggestion: under which heading it stands, and how sure we are of it."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from index.signals import is_on_target
from venues.model import Scope, Section

if TYPE_CHECKING:
    from collections.abc import Iterable

    from venues.model import Candidate, Part, Query

_SLOPE, _EVEN = 0.13, 61.5
"""Fitted on the development judgments: a score of 61.5 is right as often as not."""


_NO_EVIDENCE = {"variety", "second look"}
"""Parts that the chance was not fitted with."""


def confidence(parts: Iterable[Part]) -> float:
    """Return the chance that a suggestion of this score is judged right, by the parts that signals measured."""
    score = sum(part.points for part in parts if part.signal not in _NO_EVIDENCE)
    return 1 / (1 + exp(-_SLOPE * (score - _EVEN)))


def section_of(query: Query, candidate: Candidate) -> Section:
    """Return the heading for a candidate: an area's own people first, the same people elsewhere, then everybody."""
    if not is_on_target(candidate):
        return Section.GENERAL
    here = query.area is None or candidate.scope is Scope.LOCAL
    return Section.LOCAL if here else Section.WIDER
