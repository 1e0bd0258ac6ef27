"""How well a name in a title must be proven before it is believed to be a place, and how sure that then is."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

from venues.locating_names import ENGLISH, WIDE_KINDS, by_tongue
from venues.locating_words import COMPANY, NEIGHBOURS, SAY_LITTLE, STATES, TEAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from venues.locating_evidence import Evidence
    from venues.model import Area

_TOWN = 20_000.0
"""A town of so many people is meant even beside words that might make it half of a village's name."""
_FAMOUS = 100_000.0
"""A town of so many people is known by its bare name beyond its own county."""
_GREAT = 500_000.0
"""A town of so many people is meant by its bare name even where that is also a word."""


class Spoken(NamedTuple):
    """A name as it stands in a title."""

    name: str
    rest: tuple[str, ...]
    """The other words of the title."""
    capital: bool
    edge: bool
    """First or last in the title, or after "in" or the like."""
    half: bool = False
    """Beside another word with a capital that is no group's word."""
    glued: bool = False
    """Written in one word with the rest."""


class Proof(NamedTuple):
    """What speaks for one place of a name."""

    settled: bool
    """The place field or the title itself says in what it lies."""
    likely: bool
    """The description names something that it lies in."""
    told: bool
    """The description uses the name as a place's."""
    alone: bool
    """No namesake comes near it in size."""


def demand(spoken: Spoken, evidence: Evidence, area: Area, proof: Proof) -> float:
    """Give how many people a place must have for its name to be believed here; infinity where it is not at all."""
    company = spoken.glued or all(word in COMPANY or word in TEAMS for word in spoken.rest)
    told = proof.told
    sure = company and (proof.settled or (proof.likely and (told or evidence.open or not evidence.description)))
    if spoken.name in SAY_LITTLE:
        return _demand_of_word(spoken, evidence, area, proof, company=company)
    if sure or (proof.likely and told) or (area.kind == "postcode" and evidence.open):
        return 1_000
    if evidence.strange and not evidence.open and not (company and spoken.rest):
        return inf
    if company:
        weigh = _demand_in_company if spoken.rest else _demand_alone
        return weigh(evidence, area, told=told or proof.likely)
    if evidence.open:
        return _demand_in_group(spoken, evidence, area, alone=proof.alone)
    return _demand_on_handle(spoken, evidence, area, told=told)


def _demand_of_word(spoken: Spoken, evidence: Evidence, area: Area, proof: Proof, *, company: bool) -> float:
    """Give the demand on a name that is also a word."""
    likely = proof.likely or proof.settled
    if proof.told and (likely or evidence.local):
        return 1_000 if likely else 10_000
    if company and (proof.settled or (likely and not spoken.rest)) and (evidence.local or not evidence.description):
        return 1_000
    if evidence.open and evidence.country and spoken.capital and not NEIGHBOURS.isdisjoint(spoken.rest):
        return _TOWN if company else _FAMOUS
    great = company and area.country in ENGLISH and area.kind not in WIDE_KINDS and not evidence.strange
    return _GREAT if great else inf


def _demand_on_handle(spoken: Spoken, evidence: Evidence, area: Area, *, told: bool) -> float:
    """Give the demand on a name with strangers beside it: "ImagesOfTexas" is believed of whole countries and states."""
    if told and evidence.local:
        return by_tongue(area, 50_000, 300_000)
    wide = area.kind in {"country", "nation"} or area.id.startswith(("us:", "ca:", "au:"))
    return 1_000 if wide and area.country in ENGLISH and spoken.edge and spoken.name not in STATES else inf


def _demand_alone(evidence: Evidence, area: Area, *, told: bool) -> float:
    if told:
        return by_tongue(area, 5_000, 30_000) if evidence.local else by_tongue(area, 30_000, 500_000)
    if not evidence.description:
        return by_tongue(area, 40_000, 200_000)
    return by_tongue(area, 30_000, 100_000) if evidence.local else by_tongue(area, 200_000, 1_500_000)


def _demand_in_company(evidence: Evidence, area: Area, *, told: bool) -> float:
    if evidence.open:
        return by_tongue(area, 20_000, 100_000)
    return by_tongue(area, 10_000, 100_000) if told else by_tongue(area, 60_000, 500_000)


def _demand_in_group(spoken: Spoken, evidence: Evidence, area: Area, *, alone: bool) -> float:
    """Give the demand on a name in a group's title. Beside another capital it may be half of a longer name.

    "Swanton Morley" is not Morley, and "Hassocks Close" not Hassocks.
    """
    if area.kind in {"country", "nation"}:
        return 0
    if spoken.half:
        return by_tongue(area, _TOWN, _FAMOUS) if spoken.edge else inf
    if evidence.country and spoken.capital:
        # The longer a name, the fewer villages bear it that our table has not.
        return (1_000 if len(spoken.name) >= 7 else 6_000) if alone else _TOWN
    return by_tongue(area, 30_000, 100_000) if spoken.edge else inf


def confidence(spoken: Spoken, namesakes: Sequence[tuple[Area, float]], claim: float, *, proven: bool) -> float:
    """Give less where the place is one of several of about its size, and where the name is a club's."""
    if not TEAMS.isdisjoint(spoken.rest):
        return 0.35
    if any(word not in COMPANY and word not in STATES for word in spoken.rest):
        return 0.5
    if proven:
        return 0.85
    others = sum(other for _, other in namesakes) - claim
    return 0.5 + 0.3 * max(0.0, 1 - others / max(claim, 1.0))
