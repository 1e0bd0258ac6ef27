"""Places in the names of venues: "r/LeedsDads", "R-Ladies Leeds", "leedsmums"."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from venues.locating_claims import Proof, Spoken, confidence, demand
from venues.locating_names import ENGLISH, WIDE_KINDS, Found, spans
from venues.locating_words import COMPANY, PEOPLES, PLAIN, SAY_LITTLE, SHORT, STATES, TEAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from venues.locating_evidence import Evidence
    from venues.locating_names import Names, Namesakes
    from venues.locating_titles import Title
    from venues.model import Area

_HOME_BOOST = 3.0
"""How much likelier a local group's bare name means the place in the home country."""
_TONGUE_BOOST = 5.0
"""How much likelier a bare name on an English-language platform means the town where English is spoken."""
_LEADING = frozenset({"in", "of", "for", "around", "near", "from", "at"})
_PARTS = frozenset(
    {"north", "south", "east", "west", "great", "little", "upper", "lower", "old", "new", "high", "on", "under", "by"}
)
"""Words that make a name another place's: "North Moreton" is not Moreton."""


class TitleReader:
    """Reads places in titles."""

    def __init__(self, names: Names, home: str) -> None:
        self._names = names
        self._home = home

    def read(self, evidence: Evidence, inside: Area | None) -> Found | None:
        """Take the best proven of all names in a title: the smallest where one contains the other."""
        best: Found | None = None
        longer = " "
        for spoken in self._spoken(evidence):
            if f" {spoken.name} " in longer:
                continue  # Kansas is not what "Kansas City" is about, whether that was believed or not
            if " " in spoken.name and self._names.namesakes(spoken.name, evidence.country):
                longer += f"{spoken.name} "
            found = self._judge(spoken, evidence, inside)
            if found and (
                best is None or best.area.id in found.area.within or found.confidence > best.confidence + 0.2
            ):
                best = found
        return best or self._by_people(evidence)

    def _spoken(self, evidence: Evidence) -> Iterator[Spoken]:
        """Give all names that a title may hold, the longest first; those glued to other words last."""
        title = evidence.title
        words = title.words
        if title.handle and len(words) > 1 and (glued := self._names.unglued(title.glued)) != title.glued:
            yield Spoken(glued, (), capital=True, edge=True)
        for name, start, end in spans(words):
            if title.handle and end - start > 1 and not self._names.has_glued(name):
                continue  # "MakeNewFriendsHere": most runs of a handle's words are no name, and asking is slow
            rest = words[:start] + words[end:]
            edge = start == 0 or end == len(words) or words[start - 1] in _LEADING
            capital = all(title.capital[start:end])
            half = _is_half(title, start, end)
            for said in dict.fromkeys((name, self._names.unglued(name))):  # "newcastle" before "new castle"
                yield Spoken(said, rest, capital, edge, half=half)
        if title.handle:
            for piece, other in _splits(title.glued):
                if (len(piece) >= 4 or piece in SHORT) and self._goes_with_places(other):
                    yield Spoken(self._names.unglued(piece), (other,), capital=True, edge=True, glued=True)

    def _goes_with_places(self, word: str) -> bool:
        return word in COMPANY or word in TEAMS or word in STATES or bool(self._names.wide(word))

    def _judge(self, spoken: Spoken, evidence: Evidence, inside: Area | None) -> Found | None:
        """Weigh one name: which place it means, and whether that is proven well enough."""
        name = spoken.name
        if len(name) <= 3 and name not in SHORT and not (name[-1:].isdigit() and evidence.open):
            return None
        namesakes = self._namesakes(spoken, evidence, inside)
        if said := evidence.containers_of(name):
            namesakes = tuple(pair for pair in namesakes if self._may_lie_in(pair[0], said))
        if not namesakes:
            return None
        own = {area.id for area, _ in namesakes}
        beside = self._beside(spoken) - own
        context = (evidence.context | beside) - own
        meant = [pair for pair in namesakes if not context.isdisjoint(pair[0].within)]
        area, claim = self.likeliest(meant or namesakes, evidence)
        proof = Proof(
            settled=inside is not None or not beside.isdisjoint(area.within),
            likely=bool(meant),
            told=evidence.tells_of(name),
            alone=sum(other for _, other in namesakes) < 1.5 * claim,
        )
        rest = tuple(word for word in spoken.rest if word not in STATES and not self._names.wide(word))
        spoken = spoken._replace(rest=rest)
        in_town = inside is not None and inside.kind not in WIDE_KINDS and name not in SAY_LITTLE
        if not in_town and claim < demand(spoken, evidence, area, proof):
            return None
        return Found(area, confidence(spoken, namesakes, claim, proven=proof.settled or proof.likely), claim)

    def _may_lie_in(self, area: Area, containers: frozenset[str]) -> bool:
        """Tell whether an area lies in one of these, or at least in their country: of counties people say old ones."""
        countries = {found.country for one in containers if (found := self._names.area(one))}
        return area.id in containers or not containers.isdisjoint(area.within) or area.country in countries

    def _namesakes(self, spoken: Spoken, evidence: Evidence, inside: Area | None) -> Namesakes:
        """Give the places that a name may mean: inside the area that the source gave, and the state beside the name."""
        namesakes = self._names.namesakes(spoken.name, evidence.country)
        if inside is not None:
            if any(area.id == inside.id for area, _ in namesakes):
                return ()  # the name says no more than the place field
            namesakes = tuple(pair for pair in namesakes if inside.id in pair[0].within)
        if state := _state_beside(spoken, evidence):
            namesakes = tuple(pair for pair in namesakes if state in pair[0].within)
        if spoken.glued and len(spoken.name) < 5:
            namesakes = tuple(pair for pair in namesakes if pair[0].country in ENGLISH)
        return namesakes

    def _beside(self, spoken: Spoken) -> frozenset[str]:
        """Give the wide areas named beside a name in the title."""
        beside = set(self._names.wide_in(spoken.rest))
        beside.update(STATES[word] for word in spoken.rest if word in STATES and word not in PLAIN)
        return frozenset(beside)

    def likeliest(self, namesakes: Sequence[tuple[Area, float]], evidence: Evidence) -> tuple[Area, float]:
        """Take the largest; a local group more likely means the home country's, a handle an English-speaking one."""

        def weight(pair: tuple[Area, float]) -> float:
            area, claim = pair
            if evidence.open:
                return claim * (_HOME_BOOST if area.country == self._home else 1.0)
            return claim * (_TONGUE_BOOST if area.country in ENGLISH and area.kind not in WIDE_KINDS else 1.0)

        return max(namesakes, key=weight)

    def _by_people(self, evidence: Evidence) -> Found | None:
        """Take the people named in a title for their country, where all else in it is company: "Canadian investing"."""
        words = evidence.title.words
        peoples = [word for word in words if word in PEOPLES]
        if not peoples or evidence.strange or evidence.country:
            return None
        area_id = PEOPLES[peoples[0]]
        alone = all(word in COMPANY or word in PEOPLES for word in words)
        area = self._names.area(area_id) if alone or area_id in evidence.context else None
        return Found(area, 0.5, inf) if area else None


def _is_half(title: Title, start: int, end: int) -> bool:
    """Tell whether a run of words stands beside another capital that may belong to the same name."""
    return any(
        title.words[at] in _PARTS
        or (title.capital[at] and title.words[at] not in COMPANY and not title.words[at].isdigit())
        for at in (start - 1, end)
        if 0 <= at < len(title.words)
    )


def _splits(word: str) -> Iterator[tuple[str, str]]:
    """Give the places that a word may begin or end with, each with the rest of the word."""
    for cut in range(2, len(word) - 1):
        yield word[:cut], word[cut:]
        yield word[cut:], word[:cut]


def _state_beside(spoken: Spoken, evidence: Evidence) -> str | None:
    """Give the state whose abbreviation stands after a name in a handle: "columbiamo", "OttawaIL"."""
    if not spoken.rest or not evidence.title.handle:
        return None
    last = spoken.rest[-1]
    return STATES.get(last) if spoken.glued or last not in PLAIN else None
