"""Reading a place out of what people type: `young mums in Brighton`, `Sheffield runners`, `Polish community, Leeds`.

A text may name a place in several ways. Each gives a `_Mention` with a strength; the strongest is taken out of the
text, and what is left is the audience. Where only its standing first or last speaks for a place, its name must be no
common word: `reading groups` are not in Berkshire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from venues.gazetteer import Gazetteer
from venues.place_matching import Match, Text, tidy
from venues.place_words import (
    ABSTRACT,
    CLUBS,
    CONNECTING,
    DEMONYMS,
    DOUBLE,
    DWELLING,
    FOLLOWERS,
    INSTITUTIONS,
    ISLANDS,
    LOCATING,
    NEVER,
    PARTS,
    PEOPLE,
    PERSONAL,
    PLAIN,
    RESIDENTS,
    SUBJECTS,
    TEAMS,
    THINGS,
)
from venues.placenames import normalise
from venues.settling import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from venues.model import Area

__all__ = ["Gazetteer", "PlaceReading", "normalise", "read"]

SMALL_QUARTER = 15_000
"""A neighbourhood of fewer people, said with its city, is a way of saying the city: nobody gathers by street."""

_KNOWN_TO_ALL = 50_000
"""A place at home of so many people is meant by its name with a capital, whatever stands before: jobs in Derby."""


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """What a text says of where."""

    audience: str
    """The text with the place taken out."""
    area: Area | None = None
    alternatives: tuple[Area, ...] = ()
    """Namesakes that were not taken, likeliest first."""
    place_text: str | None = None
    """The place in the writer's words. Given without an area, it is a place that the gazetteer does not know."""


@dataclass(frozen=True, slots=True)
class _Mention:
    """One way in which the text names a place: the words to take out, from `first` up to but without `last`."""

    first: int
    last: int
    strength: float
    name: str
    area: Area
    alternatives: tuple[Area, ...] = ()


def read(text: str, gazetteer: Gazetteer, home_country: str = "GB") -> PlaceReading:
    """Read who is wanted and where out of a text of a few words.

    Of namesakes the one is taken that the text tells by what contains it (`Perth, Scotland`), else one at home, else
    the largest. A text that names no place gives its words as they are; one that names a place unknown to the
    gazetteer gives that as `place_text` without an area.
    """
    reader = _Reader(Text(text, gazetteer), home_country)
    mentions = list(reader.mentions())
    if mentions:
        best = max(mentions, key=lambda mention: (mention.strength, -mention.first))
        return PlaceReading(reader.text.without(best.first, best.last), best.area, best.alternatives, best.name)
    unknown = reader.unknown()
    if unknown is not None:
        first, last = unknown
        return PlaceReading(reader.text.without(first - 1, last), place_text=reader.text.part(first, last))
    return PlaceReading(tidy(text))


class _Reader:
    """The ways of naming a place, tried on one text."""

    def __init__(self, text: Text, home: str) -> None:
        self.text = text
        self.home = home

    def mentions(self) -> Iterator[_Mention]:
        """Give every mention of a known place."""
        for index in range(len(self.text)):
            if self.text.low(index) in LOCATING:
                yield from self._located(index)
            elif self.text.gap(index) not in {"", "."}:
                yield from self._set_apart(index)
        yield from self._leading()
        yield from self._bare_end()
        yield from self._demonyms()

    def _located(self, at: int) -> Iterator[_Mention]:
        """Read "X in P": the place after a locating word, with all that belongs to the phrase on both sides."""
        word = self.text.low(at)
        if not self._may_locate(at) or self.text.is_landscape(at + 1):
            return
        for start in self.text.skip_modifiers(at + 1):
            for match in self.text.matches(start):
                if self._believable(match, at) and self._fits_article(match, at) and not self._is_team(match):
                    mention = self._mention(match, at, LOCATING[word])
                    if mention is not None and (word != "from" or mention.area.country == self.home):
                        yield mention
                        return
        yield from self._unknown_part(at)

    def _may_locate(self, at: int) -> bool:
        """Tell whether a place may follow this locating word, by what stands before it."""
        word, before = self.text.low(at), self.text.low(at - 1)
        if word == "of":
            return before in RESIDENTS or before in PARTS
        return word != "for" or self.text.cased

    def _believable(self, match: Match, at: int) -> bool:
        """Tell whether a name after the locating word at `at` is meant as a place."""
        here, abroad = match.largest(self.home)
        word, norm = self.text.low(at), match.norm
        if word == "on" and not (set(norm.split()) & ISLANDS or norm.endswith("side")):
            return False
        named = self.text.named(match.first)
        if norm in DOUBLE and self.text.low(at - 1) in ABSTRACT and not (named and here >= _KNOWN_TO_ALL):
            return False
        if named:
            return here > 0 or abroad >= 1_000
        if norm in DOUBLE:
            return word in PLAIN and here >= 5_000 and self._only_as_place(match)
        single = " " not in norm
        if self.text.cased and single:
            return here >= 20_000 or abroad >= 300_000
        return here >= (1_000 if single else 1) or abroad >= (100_000 if single else 20_000)

    def _only_as_place(self, match: Match) -> bool:
        """Tell whether a common word after "in" can only be a place: at the end, and no subject to be keen on."""
        again = any(self.text.low(index) == match.norm for index in range(match.first))
        at_end = self.text.gap(match.last) in {".", ","} or self.text.low(match.last) in CONNECTING
        return at_end and (match.norm not in SUBJECTS or again)

    def _fits_article(self, match: Match, at: int) -> bool:
        """Tell whether "the" before the name, if any, goes with it: "the Leeds area", but not "the Deal"."""
        if self.text.low(match.first - 1) != "the" or match.first - 1 <= at - 1:
            return True
        wide = {"region", "county", "country", "nation", "borough", "district"}
        return self.text.trailing(match.last) > match.last or match.claims[0][0].kind in wide

    def _is_team(self, match: Match) -> bool:
        """Tell whether the name goes on as that of a club: "Leeds United", "Hull City fans"."""
        after, then = self.text.low(match.last), self.text.low(match.last + 1)
        return after in TEAMS or after in FOLLOWERS or (after in CLUBS and then in FOLLOWERS)

    def _mention(self, match: Match, at: int, strength: float) -> _Mention | None:
        qualified = self.text.qualified(match)
        area, others = settle(match.name, qualified.claims, self.home)
        if area.country != self.home and qualified.container is None and self._home_follows(match.last):
            return None
        if qualified.container is None and self._is_cut_short(match):
            return None
        quarter = area.kind == "neighbourhood" and area.population < SMALL_QUARTER
        container = qualified.container
        if quarter and container is not None and container.kind in {"city", "town"} and container.radius_km <= 15:
            area, others = container, (area, *others)
        last = self.text.trailing(qualified.last)
        last, listed = self._listed(last, area, leads=at == match.first)
        strength += 0.5 if container is not None else 0.0
        first = self._phrase_start(at) if self._ends_phrase(last) else match.first
        return _Mention(
            first, last, strength, self.text.part(match.first, qualified.last), area, (*listed, *others)[:5]
        )

    def _home_follows(self, last: int) -> bool:
        """Tell whether a place at home follows after a comma: then the one before it is no foreign namesake."""
        if self.text.gap(last) != ",":
            return False
        return any(match.largest(self.home)[0] >= 1_000 for match in self.text.matches(last) if self.text.named(last))

    def _is_cut_short(self, match: Match) -> bool:
        """Tell whether a name goes on that we know only the first word of: "Milton Kaynes" is no town in Canada."""
        goes_on = self.text.gap(match.last) == "" and self.text.named(match.last)
        goes_on = goes_on and self.text.low(match.last) not in INSTITUTIONS
        return goes_on and " " not in match.norm and match.largest(self.home)[0] < 20_000

    def _ends_phrase(self, last: int) -> bool:
        """Tell whether the place stands by itself, and is not an adjective as in "teachers in Leeds schools"."""
        after = self.text.low(last)
        return self.text.gap(last) != "" or after in CONNECTING or after in LOCATING or after.endswith("ing")

    def _phrase_start(self, at: int) -> int:
        """Give the first word of the phrase that leads to a place: "who live in", "in the suburbs of"."""
        if self.text.low(at) == "of" and self.text.low(at - 1) in PARTS - RESIDENTS:
            back = at - 1
            while back > 0 and self.text.low(back - 1) in PARTS | {"the", "and", "whole"}:
                back -= 1
            if self.text.low(back - 1) in PLAIN:
                at = back - 1
        if self.text.low(at - 1) in {"and", "or"} and self.text.low(at - 2) in LOCATING:
            at -= 2
        while at > 0 and self.text.low(at - 1) in DWELLING and self.text.gap(at) == "":
            at -= 1
        return at

    def _listed(self, last: int, area: Area, *, leads: bool) -> tuple[int, tuple[Area, ...]]:
        """Take in the further places of a list: "Leeds and Bradford". Only one can be asked for; they are named."""
        found: list[Area] = []
        while last < len(self.text):
            joined = self.text.low(last) in {"and", "or", "&"}
            start = last + 1 if joined else last
            if not joined and self.text.gap(last) not in {",", "/"}:
                break
            match = next((m for m in self.text.matches(start) if self._believable(m, start - 1)), None)
            sure = match is not None and (self.text.named(start) or max(match.largest(self.home)) >= 20_000)
            if match is None or not sure or match.norm in DOUBLE or not (leads or self._ends_phrase(match.last)):
                break
            other, _ = settle(match.name, self.text.qualified(match).claims, self.home)
            if other.country != area.country:
                break
            if other.id != area.id:
                found.append(other)
            last = self.text.qualified(match).last
        return last, tuple(found)

    def _unknown_part(self, at: int) -> Iterator[_Mention]:
        """Read "in Q, P" where Q is no place we know and P is: some quarter of P."""
        for index in range(at + 2, min(len(self.text), at + 5)):
            if self.text.gap(index) == "," and self.text.low(at) in PLAIN | {"of"}:
                named = all(self.text.named(inner) for inner in range(at + 1, index))
                for match in self.text.matches(index) if named else ():
                    if self.text.named(index) and self._believable(match, at):
                        mention = self._mention(match, at, 2.6)
                        if mention is not None:
                            yield mention
                            return

    def _set_apart(self, at: int) -> Iterator[_Mention]:
        """Read "X, P": a place after a comma, up to the end."""
        for match in self.text.matches(at):
            if match.norm in DOUBLE and not self.text.named(at):
                continue
            if self._believable(match, at - 1) and not self._is_team(match):
                mention = self._mention(match, at, 2.5)
                if mention is not None and mention.last == len(self.text):
                    yield mention
                    return

    def _leading(self) -> Iterator[_Mention]:
        """Read "P X": a place that begins the text, followed by whom is wanted."""
        start = 1 if self.text.low(0) == "the" else 0
        for match in self.text.matches(start):
            if match.last >= len(self.text):
                if start == 0:
                    yield from self._alone(match)
                continue
            if self._leads(match) or self._leads_with_its_container(match):
                mention = self._mention(match, match.first, 1.5)
                if mention is not None:
                    last = mention.last if mention.last < len(self.text) else match.last
                    yield _Mention(0, last, 1.5, mention.name, mention.area, mention.alternatives)
                return

    def _leads(self, match: Match) -> bool:
        """Tell whether a name that begins the text is meant as a place, by what follows it."""
        here, abroad = match.largest(self.home)
        after, capital = self.text.low(match.last), self.text.words[match.first].capital
        if self._is_team(match) or self.text.is_landscape(match.first) or after in THINGS:
            return False
        if self.text.gap(match.last) != "":
            return capital and match.norm not in DOUBLE and (here >= 1_000 or abroad >= 100_000)
        if match.norm in DOUBLE:
            owner = self.text.part(match.first, match.last) != match.name
            return capital and here >= 5_000 and after in PEOPLE and (owner or match.norm not in SUBJECTS)
        single = " " not in match.norm
        if single and self._goes_on(match, here):
            return False
        if single:
            return here >= (1_000 if capital else 5_000) or abroad >= (100_000 if capital else 300_000)
        return here > 0 or abroad >= 20_000

    def _leads_with_its_container(self, match: Match) -> bool:
        """Tell whether a name that begins the text stands before what contains it: "London Ontario parents"."""
        capital = self.text.words[match.first].capital
        return capital and not self._is_team(match) and self.text.qualified(match).container is not None

    def _goes_on(self, match: Match, here: float) -> bool:
        """Tell whether a name goes on as a person's or a firm's: "Jordan Peterson fans", "Lincoln biographies"."""
        named = self.text.named(match.last)
        if match.norm in PERSONAL:
            return named or (here < 50_000 and self.text.low(match.last) not in PEOPLE)
        return named and here < 20_000

    def _alone(self, match: Match) -> Iterator[_Mention]:
        """Read a text that is nothing but a place."""
        here, abroad = match.largest(self.home)
        capital = self.text.words[match.first].capital
        if (here >= 1_000 or abroad >= 20_000) and (capital or match.norm not in DOUBLE):
            area, others = settle(match.name, match.claims, self.home)
            yield _Mention(match.first, match.last, 1.4, match.name, area, others)

    def _bare_end(self) -> Iterator[_Mention]:
        """Read "X P": a place that ends the text, as people type into a search box."""
        for start in range(1, len(self.text)):
            if self.text.low(start - 1) in LOCATING or self.text.low(start - 1) in CONNECTING:
                continue
            for match in self.text.matches(start):
                qualified = self.text.qualified(match)
                if qualified.last == len(self.text) and self._ends(match, qualified.container is not None):
                    area, others = settle(match.name, qualified.claims, self.home)
                    yield _Mention(start, qualified.last, 1.0, match.name, area, others)
                    return

    def _ends(self, match: Match, is_qualified: bool) -> bool:
        here, abroad = match.largest(self.home)
        before = self.text.low(match.first - 1)
        if match.norm in DOUBLE:
            return self.text.named(match.first) and here >= 5_000 and before in PEOPLE
        if self.text.named(match.first - 1) or before in FOLLOWERS:
            return False
        if self.text.named(match.first):
            return here >= 1_000 or abroad >= 100_000 or is_qualified
        single = " " not in match.norm
        return not self.text.cased and (here >= (20_000 if single else 1_000) or abroad >= 500_000)

    def _demonyms(self) -> Iterator[_Mention]:
        for index in range(len(self.text)):
            for last in (index + 1, index + 2):
                town = DEMONYMS.get(self.text.part(index, last).lower()) if last <= len(self.text) else None
                if town is not None:
                    area, others = settle(town, self.text.gazetteer.ranked(town), self.home)
                    # Nothing is taken out: the word says who as well as where.
                    yield _Mention(index, index, 0.8, self.text.part(index, last), area, others)

    def unknown(self) -> tuple[int, int] | None:
        """Give the words that name a place which the gazetteer does not know, if any do."""
        for at in range(len(self.text) - 1):
            if self.text.low(at) in PLAIN and not self.text.is_landscape(at + 1):
                last = at + 1
                while self.text.named(last) and last <= at + 4 and (last == at + 1 or self.text.gap(last) == ""):
                    last += 1
                if last > at + 1 and not any(_is_no_place(self.text.words[i].text) for i in range(at + 1, last)):
                    return at + 1, last
                if not self.text.cased and at + 2 == len(self.text) and self._nearly_a_town(at + 1):
                    return at + 1, at + 2
        return None

    def _nearly_a_town(self, index: int) -> bool:
        word = normalise(self.text.low(index))
        if len(word) < 5 or _is_no_place(word):
            return False
        return self.text.gazetteer.nearly(word, self.home) is not None


def _is_no_place(word: str) -> bool:
    """Tell whether a word, though capitalised, is an initialism, a field of work or a thing."""
    norm = normalise(word)
    ends = ("ing", "tion", "sion", "ment", "ness", "ics", "ology", "ism", "ship", "ance", "ence", "ware")
    short = word.isupper() and len(word) <= 5
    return not norm.isalpha() or short or norm in NEVER or norm in DOUBLE or (len(norm) > 5 and norm.endswith(ends))
