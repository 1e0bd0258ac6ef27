"""What may be claimed of a suggestion: under which heading it stands, and how sure we are of it."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from index.signals import is_on_target
from venues.model import Scope, Section

if TYPE_CHECKING:
    from collections.abc import Iterable

    from venues.model import Candidate, Part, Query

_IN_A_PLACE, _ANYWHERE = (0.15, 65.0), (0.2, 54.5)
"""Slope, and the score that is right as often as not, where a place was asked for and where none was: there what only a
place can earn is missing. Fitted on 860 judgments of first tens, of the development queries and of 30 others."""

_NO_EVIDENCE = {"variety", "second look"}
"""Parts that the chance was not fitted with."""


def confidence(query: Query, parts: Iterable[Part]) -> float:
    """Return the chance that a suggestion of this score is judged right, by the parts that signals measured."""
    slope, even = _IN_A_PLACE if query.area else _ANYWHERE
    score = sum(part.points for part in parts if part.signal not in _NO_EVIDENCE)
    return 1 / (1 + exp(-slope * (score - even)))


def section_of(query: Query, candidate: Candidate) -> Section:
    """Return the heading for a candidate: an area's own people first, the same people elsewhere, then everybody."""
    if not is_on_target(candidate):
        return Section.GENERAL
    here = query.area is None or candidate.scope is Scope.LOCAL
    return Section.LOCAL if here else Section.WIDER
