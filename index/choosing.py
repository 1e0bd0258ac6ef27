"""Which of the venues measured become candidates: each scope has its share, and what is left out is counted.

Pure functions of parallel arrays; places in them are places among the venues measured, whether those are all there are
or the part that a large index looks at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index import nearness
from index.snapshot import KINDS, STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.snapshot import Table
    from index.store import Wanted

SHARES = {nearness.LOCAL: 0.5, nearness.CONTAINING: 0.2, nearness.NEARBY: 0.1, nearness.EVERYWHERE: 0.2}
"""What part of the candidates each scope is sure of, so that neither thousands of local groups nor thousands of
place-less ones can crowd the others out. What a scope does not use goes to the best of the rest."""

POOL = 300
"""Among this many best matches of the whole index, those that a filter removes are counted aloud."""

WORDS_WEIGHT = 0.3
"""What full agreement in words adds to a cosine when candidates are chosen; ranking weighs the two anew."""

STANDING_WEIGHT = 0.1
"""What the first place by the whole question adds, so that none of the first few is left out."""

FUSED = 1000
RRF_K = 60
"""How far down each list is fused, and the constant of reciprocal rank fusion."""

REASONS = (*STATES, "another kind", "elsewhere")
"""Why a venue is left out; in arrays, by its place here. Of several reasons the earlier is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of some venues for one question; the arrays are parallel."""

    table: Table
    scope: NDArray[np.int8]
    """Place in `nearness.SCOPES`."""
    reasons: NDArray[np.int8]
    """Place in `REASONS`."""
    likeness: NDArray[np.float32]
    """With the audience's phrasings and the question, on average."""
    question: NDArray[np.float32]
    """With the question alone."""
    words: NDArray[np.float32]
    """BM25 of the audience words; 0 where none occurs."""
    asked: NDArray[np.intp]
    """Places of the venues that match the whole question as words, best first, at most `FUSED`."""

    def in_order(self, order: NDArray[np.intp]) -> Measured:
        """Return the same of the venues in another order, given by their places in this one."""
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return Measured(
            table=self.table.take(order),
            scope=self.scope[order],
            reasons=self.reasons[order],
            likeness=self.likeness[order],
            question=self.question[order],
            words=self.words[order],
            asked=back[self.asked],
        )


def nothing(table: Table) -> Measured:
    """Return what is measured of no venue."""
    codes, floats = np.empty(0, np.int8), np.empty(0, np.float32)
    return Measured(
        table=table,
        scope=codes,
        reasons=codes,
        likeness=floats,
        question=floats,
        words=floats,
        asked=np.empty(0, np.intp),
    )


def scopes(table: Table, wanted: Wanted) -> NDArray[np.int8]:
    """Return each venue's scope for a question, as a place in `nearness.SCOPES`."""
    area = wanted.area
    if area is None:
        return nearness.scopes_without_area(wanted.home, table.chains, table.chain_of, table.radius_km)
    distance = nearness.near(area, nearness.reach_km(area, wanted.radius_km), table.lat, table.lon)
    return nearness.scopes_to(area, wanted.radius_km, table.chains, table.chain_of, distance, table.radius_km)


def reasons(table: Table, wanted: Wanted, scope: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return why each venue is left out, as a place in `REASONS`: 0 where it is not."""
    why = np.where(scope == nearness.ELSEWHERE, np.int8(REASONS.index("elsewhere")), np.int8(0))
    if wanted.kinds:
        others = np.array([kind not in wanted.kinds for kind in KINDS])[table.kind]
        why[others] = REASONS.index("another kind")
    return np.where(table.state > 0, table.state, why)


def choose(measured: Measured, limit: int) -> tuple[NDArray[np.intp], NDArray[np.float32], dict[str, int]]:
    """Return the places of up to `limit` candidates, best first, each venue's standing, and what was left out why."""
    standing = standings(measured.question, measured.asked)
    merit = merits(measured) + STANDING_WEIGHT * standing
    allowed = measured.reasons == 0
    chosen = np.zeros(len(merit), dtype=bool)
    for code, share in SHARES.items():
        chosen[best(merit, allowed & (measured.scope == code), int(limit * share))] = True
    chosen[best(merit, allowed & ~chosen, limit - int(chosen.sum()))] = True
    places = np.flatnonzero(chosen)
    return places[np.argsort(-merit[places], kind="stable")], standing, _left_out(merit, measured.reasons)


def merits(measured: Measured) -> NDArray[np.float32]:
    """Return by what venues are chosen, but for their standing."""
    merit: NDArray[np.float32] = measured.likeness + WORDS_WEIGHT * measured.words / np.float32(
        measured.words.max(initial=0) or 1
    )
    return merit


def standings(question: NDArray[np.float32], asked: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return for each venue 1 / its place by the question's meaning and words fused; 0 where it is far down in both.

    The fusion is that of reciprocal ranks, as in `index.baselines.Fusion`.
    """
    fused = np.zeros(len(question), dtype=np.float32)
    meant = best(question, None, FUSED)
    meant = meant[np.argsort(-question[meant], kind="stable")]
    for order in (meant, asked):
        fused[order] += 1 / np.arange(RRF_K + 1, RRF_K + 1 + len(order), dtype=np.float32)
    places = np.flatnonzero(fused)
    places = places[np.argsort(-fused[places], kind="stable")]
    standing = np.zeros(len(question), dtype=np.float32)
    standing[places] = 1 / np.arange(1, len(places) + 1, dtype=np.float32)
    return standing


def place_of(standing: np.float32) -> int | None:
    """Return the place that a standing is of."""
    return round(1 / float(standing)) if standing else None


def best(merit: NDArray[np.float32], among: NDArray[np.bool_] | None, count: int) -> NDArray[np.intp]:
    """Return the places of the `count` best of those `among`, in no order; of equals at the edge, the first."""
    if among is None:
        places, values = None, merit
    else:
        places = np.flatnonzero(among)
        values = merit[places]
    if len(values) <= count:
        return np.arange(len(values)) if places is None else places
    edge = np.partition(values, len(values) - count)[len(values) - count] if count > 0 else np.inf
    surely = np.flatnonzero(values > edge)
    found = np.concatenate((surely, np.flatnonzero(values == edge)[: count - len(surely)]))
    return found if places is None else places[found]


def _left_out(merit: NDArray[np.float32], why: NDArray[np.int8]) -> dict[str, int]:
    """Count, by reason, the best matches of the whole index that were left out."""
    counts = np.bincount(why[best(merit, None, POOL)], minlength=len(REASONS))
    return {reason: int(counts[code]) for code, reason in enumerate(REASONS) if reason and counts[code]}
