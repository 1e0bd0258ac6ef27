"""Places in descriptions: "for people living in Leeds", "Grand Rapids, MI", "across the UK"."""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING

from venues.locating_names import ENGLISH, WIDE_KINDS, Found, by_tongue
from venues.locating_words import SAY_LITTLE
from venues.placenames import normalise

if TYPE_CHECKING:
    from venues.locating_evidence import Evidence
    from venues.locating_fields import PlaceReader
    from venues.locating_names import Names
    from venues.locating_naming import TitleReader
    from venues.model import Area

_TOPIC = re.compile(r"Topic: Locations > ([^\n.]+)")
_NAME = r"([A-Z][\w'’-]*\.?(?: (?:(?:of|on|upon|in|le|and|the|&|de|la) )?[A-Z][\w'’-]*){0,3})"
_PEOPLE_OF = re.compile(
    r"\b(?:(?:live|lives|living|based|located|reside|residing|staying|grew up) (?:in|around|near)"
    r"|(?:residents|citizens|people|inhabitants|redditors|folks|students|locals|families) (?:of|in|from|around)"
    r"|(?:city|town|village|county|borough) of|in (?:and|&|or) around"
    r"|(?:subreddit|community|sub|reddit|group|forum|server|hub|news|news site|news blog) (?:for|of|about|in)"
    r"(?: (?:all )?(?:the|things))?(?: city of)?"
    r"|(?:meet-?ups?|events|news|gigs|jobs|activities|life) in|here in|visiting|greater|welcome to"
    r"|(?:anything|everything) (?:about|related to)) (?:the )?(?:greater )?(?:city of )?" + _NAME
)
_MERELY_IN = re.compile(r"\b(?:in|around|across|near) (?:the )?" + _NAME)
_WITH_WIDER = re.compile(_NAME + r", ?([A-Z]{2,3}\b|[A-Z][a-z]+(?: [A-Z][a-z]+)?)")
_COUNTRYWIDE = re.compile(
    r"\b(?:in|across|for|throughout|around|within) (?:the )?(U\.K\.|[A-Z]\w*(?: [A-Z][a-z]+)?)\b(?! [A-Z])"
)


class DescriptionReader:
    """Reads places in descriptions. Only strong phrasings: most places there are where something happened once."""

    def __init__(self, names: Names, places: PlaceReader, titles: TitleReader) -> None:
        self._names = names
        self._places = places
        self._titles = titles

    def read(self, evidence: Evidence) -> Found | None:
        """Give the place that a description says its people are in, or None."""
        if not evidence.description:
            return None
        if topic := _TOPIC.search(evidence.description):
            found = self._places.read(", ".join(reversed(topic[1].split(" > "))), evidence.country)
            return found._replace(confidence=0.7) if found else None
        if evidence.odd and not evidence.open:
            return None
        return self._beside_wider(evidence) or self._among_people(evidence) or self._countrywide(evidence)

    def _beside_wider(self, evidence: Evidence) -> Found | None:
        """Take "Grand Rapids, MI" or "Cambridge, England": a name with what contains it."""
        for match in _WITH_WIDER.finditer(evidence.description):
            spoken, after = match.groups()
            wider = self._places.wider(after) | self._places.wider(after.split()[0])
            words = normalise(spoken).split()
            for start in range(len(words)) if wider else ():
                pairs = self._names.namesakes(" ".join(words[start:]), evidence.country)
                inside = [pair for pair in pairs if not wider.isdisjoint(pair[0].within) and pair[1] >= 1_000]
                if inside and evidence.is_about_people(match.start()):
                    return Found(inside[0][0], 0.6, inside[0][1])
        return None

    def _among_people(self, evidence: Evidence) -> Found | None:
        """Take "for people living in Leeds"; a mere "in Leeds" only where the platform or the other words are local."""
        phrases = [_PEOPLE_OF]
        if evidence.open or evidence.country:
            phrases.append(_MERELY_IN)
        elif not evidence.local:
            return None
        for phrase in phrases:
            for match in phrase.finditer(evidence.description):
                found = self._begins_with(match[1], evidence)
                if found and evidence.is_about_people(match.start()):
                    return found
        return None

    def _begins_with(self, spoken: str, evidence: Evidence) -> Found | None:
        """Take the longest place name that a run of capitalised words begins with."""
        words = normalise(spoken).split()
        for end in range(len(words), 0, -1):
            name = " ".join(words[:end])
            if end < len(words) and not evidence.open and not self._names.wide(" ".join(words[end:])):
                continue  # "the Detroit Lions" are not Detroit
            pairs = self._names.namesakes(name, evidence.country)
            if not pairs or name in SAY_LITTLE or len(name) <= 3 or pairs[0][0].kind in WIDE_KINDS:
                continue
            meant = [pair for pair in pairs if not evidence.context.isdisjoint(pair[0].within)]
            area, claim = self._titles.likeliest(meant or pairs, evidence)
            if claim >= (1_000 if meant or evidence.country else by_tongue(area, 50_000, 200_000)):
                return Found(area, 0.55, claim)
        return None

    def _countrywide(self, evidence: Evidence) -> Found | None:
        """Take "across the UK" and "in Texas" for the whole of them, where English is spoken as in most posts."""
        if len({area_id for area_id in evidence.context if area_id.startswith("country:")}) > 1:
            return None
        for match in _COUNTRYWIDE.finditer(evidence.description):
            area = self._wide_area(normalise(match[1]), evidence.country)
            if area and evidence.is_about_people(match.start()):
                return Found(area, 0.4, inf)
        return None

    def _wide_area(self, name: str, country: str | None) -> Area | None:
        """Give the country or state that a name stands for."""
        areas = (self._names.area(area_id) for area_id in self._names.wide(name))
        return next(
            (area for area in areas if area and area.country in ENGLISH and country in {None, area.country}), None
        )
