"""Who is meant: audience words read into phrasings to match by meaning and terms to match as words.

>>> read_audience("people who are into bouldering").phrasings[0]
Phrasing(text='bouldering', weight=1.0)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from venues.audience_lexicon import TOKEN, key_of, lexicon, plain_form, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    from venues.audience_lexicon import Entry

    _Pieces: TypeAlias = "Sequence[str | _Facet]"

MOST_PHRASINGS = 5
MOST_TERMS = 12

OWN = 1.0
"""The user's own words."""
SAME = 0.97
"""Other words of the same meaning."""
COMPOSED = 0.95
"""Several facets said anew, all of them kept."""
CROSSED = 0.9
"""What people of two facets at once call themselves."""
KIN = 0.85
"""Near kin, or what something is a sort of: "music" for "techno"."""
FAR = 0.8
"""Kin of what it is a sort of."""
ALONE = 0.65
"""One facet of several: it widens, so that it may never outdo what was asked."""

_LONGEST = 8  # words in the longest phrase of the lexicon; a test holds it

_REACH = 3  # words between a negator and what it denies: "not all that religious"

# Facets that only say "here" or repeat what a parent has anyway: dropped where another facet says more.
_WEAK = {"residents": None, "social_clubs": None, "children": {"mothers", "fathers", "parents", "carers"}}

_ANYONE = r"(?:people|those|anyone|anybody|someone|somebody|folks?|persons?|individuals)"
_ASKING = (
    r"(?:interested in|into|keen on|passionate about|fond of|looking for|searching for|seeking|in search of"
    r"|struggling with|dealing with|coping with|suffering (?:from|with)|affected by|going through|living with"
    r"|experiencing|curious about"
    r"|(?:want(?:s|ing)?|would like|hop(?:e|ing)|wish(?:ing)?|try(?:ing)?) to"
    r"(?: (?:know|learn|find out|meet|hear|join|talk|chat|do|play|get into|take up|start))?(?: about| more about| of)?)"
)
_FILLER = re.compile(
    rf"^(?:i am |i'm |i’m |we are |we're )?(?:a |an )?(?:{_ASKING} )?"
    rf"(?:(?:groups?|forums?|communit(?:y|ies)|places?|spaces?|venues) (?:for|of) )?(?:other |some |all |any )?"
    rf"(?:{_ANYONE}(?= \S))?"
    rf"|\b(?:who|that)(?:['’]re|['’]s)?\b"
    rf"(?: (?:are|is|have|has|just|recently|really|also|currently|newly|now|would|feel))*"
    rf"(?: {_ASKING}| (?:like|love|enjoy|want|need)s?\b)?"
    rf"|\b{_ASKING}(?= \S)",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"^(?:(?:and|or|with|of|in|for|the|to|are|is|on|from|just|recently|newly|who|that|about|have|an?|at|by) "
    r"|[ ,.;:&?!-])+|(?: (?:and|or|with|of|in|for|the|to|are|is|who|that|about|an?|at|by)|[ ,.;:&?!-])+$",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\s*(?:,|&|/|\band\b|\bor\b|\bplus\b|,\s*and\b|,\s*or\b)\s*(?:the\s+)?", re.IGNORECASE)

_NUMBER_WORDS = {
    "five": 5, "ten": 10, "twelve": 12, "sixteen": 16, "eighteen": 18, "twenty": 20, "twenty-five": 25, "thirty": 30,
    "thirty-five": 35, "forty": 40, "forty-five": 45, "fifty": 50, "fifty-five": 55, "sixty": 60, "sixty-five": 65,
    "seventy": 70, "seventy-five": 75, "eighty": 80, "ninety": 90, "twenties": 20, "thirties": 30, "forties": 40,
    "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
}  # fmt: skip
_DECADES = {
    "teens": 13, "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
    "eighties": 80, "nineties": 90,
}  # fmt: skip
_N = rf"(?:\d{{1,2}}|{'|'.join(sorted((word.replace('-', '[- ]') for word in _NUMBER_WORDS), key=len, reverse=True))})"
_AGE = re.compile(
    rf"\b(?:aged? |ages )?(?:"
    rf"(?:over|above|older than|more than)(?: the age of)?[ -](?P<over>{_N})(?:['’]?s)?\b(?! (?:miles|people|k)\b)"
    rf"|(?:under|below|younger than|less than)(?: the age of)?[ -](?P<under>{_N})(?:['’]?s)?\b(?! (?:miles|people|k)\b)"
    rf"|(?:between )(?P<low>{_N}) (?:and|to) (?P<high>{_N})\b"
    rf"|(?P<low2>\d\d) ?(?:-|–|to) ?(?P<high2>\d\d)(?: year olds?|s\b)"
    rf"|(?<=aged )(?P<low3>\d\d) ?(?:-|–|to|and) ?(?P<high3>\d\d)\b"
    rf"|(?P<plus>{_N})(?:\+| plus\b|(?: years)? (?:and|or) (?:over|older|above)\b)"
    rf"|(?:in (?:their|your|our|my)(?: (?:early|mid|late))? )(?P<decade>{'|'.join(_DECADES)}|[2-9]0['’]?s)\b"
    rf")",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One way to say who is wanted."""

    text: str
    weight: float
    """1 for the user's own words, less the further it strays from them."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The people wanted, in their own words, the user's first."""

    words: str
    """As they were given."""
    phrasings: tuple[Phrasing, ...]
    """To match by meaning: the user's words without filler, then as many as help; at most MOST_PHRASINGS."""
    terms: tuple[str, ...]
    """Words and short phrases that count as word matches, the user's first; at most MOST_TERMS."""
    groups: tuple[frozenset[str], ...] = ()
    """Names of the lexicon's audiences that are meant: one of each group is wanted, all groups at once."""


class _Token(NamedTuple):
    stem: str
    plain: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class _Facet:
    """A stretch of the text that the lexicon knows."""

    entry: Entry
    start: int
    end: int
    said: str
    same: tuple[str, ...]
    """What may stand in its place, the likeliest first."""
    modifier: str
    """As it stands before another facet."""
    genus: str | None = None
    """What it is a sort of."""


@lru_cache(maxsize=1024)
def read_audience(words: str) -> Audience:
    """Return the phrasings and terms for audience words from which the place has been taken out."""
    text = " ".join(words.split())
    tokens = _tokens(text)
    facets, denied = _facets(text, tokens)
    pieces = _pieces(text, facets)
    faint = lexicon().words["faint"]
    covered = [(facet.start, facet.end) for facet in facets]
    rest = [token for token in tokens if token not in denied and not any(a <= token.start < b for a, b in covered)]
    foreign = [
        token
        for token in rest
        if token.plain not in faint and token.stem not in lexicon().phrases and not token.plain.rstrip("s").isdigit()
    ]
    own = _render(pieces, {}) or text
    candidates = [Phrasing(own, OWN)] if own else []
    groups = _groups(text, facets)
    if len(groups) == 1 and not _loose(foreign, groups[0], text):
        candidates += _of_one(pieces, groups[0])
    elif groups:
        candidates += _of_several(pieces, groups, foreign=bool(foreign))
    named = tuple(frozenset(facet.entry.name for facet in group) for group in groups)
    return Audience(words, _distinct(candidates, denied), _terms(foreign, facets, denied), named)


def _tokens(text: str) -> list[_Token]:
    found = ((plain_form(match[0]), match.span()) for match in TOKEN.finditer(text))
    return [_Token(stem(plain), plain, *span) for plain, span in found if plain]


def _facets(text: str, tokens: Sequence[_Token]) -> tuple[list[_Facet], list[_Token]]:
    """Return what the lexicon knows in the text, in order, and the words that are denied."""
    found = [(facet, first, last) for facet, first, last in chain(_ages(text, tokens), _known(text, tokens))]
    found.sort(key=lambda item: item[1])
    kept: list[_Facet] = []
    denied: list[_Token] = []
    taken = -1
    for facet, first, last in found:
        if first <= taken:
            continue  # an age has been read here
        taken = last
        if facet is not None and not _is_denied(tokens, first, last):
            kept.append(facet)
        elif facet is not None:
            denied += tokens[first : last + 1]
    denied += [
        token
        for at, token in enumerate(tokens)
        if token not in denied
        and token.plain not in lexicon().words["fillers"]
        and not any(facet.start <= token.start < facet.end for facet in kept)
        and _is_denied(tokens, at, at)
    ]
    return _without_opposed(text, _without_weak(kept)), denied


def _known(text: str, tokens: Sequence[_Token]) -> Iterator[tuple[_Facet, int, int]]:
    """Yield the longest phrases of the lexicon, from left to right."""
    phrases = lexicon().phrases
    at = 0
    while at < len(tokens):
        for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
            entry = phrases.get(" ".join(token.stem for token in tokens[at : at + length]))
            if entry:
                yield _facet(entry, text, tokens[at].start, tokens[at + length - 1].end), at, at + length - 1
                at += length - 1
                break
        at += 1


def _facet(entry: Entry, text: str, start: int, end: int) -> _Facet:
    said = text[start:end]
    key = key_of(said)
    plain = " ".join(plain_form(word) for word in TOKEN.findall(said))
    if plain in entry.sorts_of_who or any(key == key_of(sort) for sort in (*entry.sorts_of_who, *entry.sorts_of_what)):
        names_people, genus = plain in entry.sorts_of_who, (*entry.what, *entry.who, *entry.kin)[0]
        forms = [form for form in (*entry.sorts_of_what, *entry.sorts_of_who) if _akin(form, key)]
    else:
        names_people, genus = plain in entry.who, None
        first, second = (entry.who, entry.what) if names_people else (entry.what, entry.who)
        forms = _by_turns(
            [form for form in first if key_of(form) != key], [form for form in second if key_of(form) != key]
        )
    what = entry.what[0] if entry.what and genus is None else said
    return _Facet(entry, start, end, said, tuple(forms), what, genus)


def _akin(form: str, key: str) -> bool:
    """Tell whether a sort is the one meant, in another form: "guitar" where "guitarists" was said."""
    if key_of(form) == key:
        return False
    one, other = _marks(key_of(form)), _marks(key)
    return bool(one) and len(one) == len(other) and all(a[:4] == b[:4] for a, b in zip(one, other, strict=True))


def _marks(key: str) -> list[str]:
    return [word for word in key.split() if word not in lexicon().words["faint"]]


def _by_turns(*rows: Iterable[str]) -> list[str]:
    return [item for row in zip_longest(*rows) for item in row if item]


def _ages(text: str, tokens: Sequence[_Token]) -> Iterator[tuple[_Facet | None, int, int]]:
    """Yield the bounds of age in the text, None for one that tells no group of people from another."""
    for match in _AGE.finditer(text):
        inside = [at for at, token in enumerate(tokens) if match.start() <= token.start < match.end()]
        if inside:
            yield _age_facet(match), inside[0], inside[-1]


def _age_facet(match: re.Match[str]) -> _Facet | None:
    low, high = _bounds(match)
    if (low is not None and low < 30 and high is None) or (low is None and (high or 0) > 40):
        return None  # "over 18": nearly everyone
    name = _age_group(low, high)
    if high is None:
        forms: tuple[str, ...] = (f"over {low}s", f"{low}+", f"people aged {low} and over")
    elif low is None:
        forms = (f"under {high}s", f"people under {high}")
    else:
        forms = (f"{low} to {high} year olds", f"aged {low}-{high}")
        if high == low + 9:
            forms = (f"in their {low}s", f"{low}s", *forms)
    entry = lexicon().entries[name]
    said = match[0]
    others = tuple(form for form in (*forms, *_of_age(entry, low)) if key_of(form) != key_of(said))
    return _Facet(entry, match.start(), match.end(), said, others, forms[0])


def _of_age(entry: Entry, low: int | None) -> Iterator[str]:
    """Yield an age group's names, without those that state another bound."""
    for name in entry.who:
        if not re.search(r"\d", name) and (low is None or low >= 60 or "pensioner" not in name):
            yield name


def _bounds(match: re.Match[str]) -> tuple[int | None, int | None]:
    given = {name: value.casefold() for name, value in match.groupdict().items() if value}
    if decade := given.get("decade"):
        low = _DECADES.get(decade) or int(decade[:2])
        return low, (19 if low == 13 else low + 9)
    number = {name.rstrip("23"): _number(value) for name, value in given.items()}
    return number.get("over", number.get("plus", number.get("low"))), number.get("under", number.get("high"))


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBER_WORDS[word.replace(" ", "-")]


def _age_group(low: int | None, high: int | None) -> str:
    """Return the entry of the lexicon for the people between two ages."""
    if low is None or high is not None:
        middle = (high or 0) if low is None else (low + (high or low)) / 2
        limits = ((12, "children"), (19, "teenagers"), (30, "young_adults"), (40, "thirties"), (50, "midlife"))
        return next((name for limit, name in limits if middle <= limit), "older_people")
    bounds = {30: "thirties", 40: "midlife"}
    return next((name for bound, name in bounds.items() if low <= bound), "older_people")


def _is_denied(tokens: Sequence[_Token], first: int, last: int) -> bool:
    """Tell whether a negator before these words, or "free" after them, reaches them."""
    if last + 1 < len(tokens) and tokens[last + 1].plain == "free":
        return True
    words = lexicon().words
    for at in range(first - 1, max(-1, first - 2 - _REACH), -1):
        if tokens[at].plain in words["negators"]:
            return not (tokens[at].plain == "not" and tokens[at + 1].plain in {"only", "just"})
        if tokens[at].plain in words["clause_ends"]:
            return False
    return False


def _without_weak(facets: list[_Facet]) -> list[_Facet]:
    names = {facet.entry.name for facet in facets}

    def says_nothing(facet: _Facet) -> bool:
        name = facet.entry.name
        if name not in _WEAK:
            return False
        stronger = _WEAK[name]
        return bool(names - _WEAK.keys() if stronger is None else names & stronger)

    return [facet for facet in facets if not says_nothing(facet)]


def _without_opposed(text: str, facets: list[_Facet]) -> list[_Facet]:
    """Return the facets without one whose opposite stands before it: "renters with a bad landlord" are renters."""
    opposites = lexicon().opposites.items()
    kept: list[_Facet] = []
    for facet in facets:
        name = facet.entry.name
        before = {a if b == name else b for a, b in opposites if name in {a, b}}
        opposed = next((other for other in kept if other.entry.name in before), None)
        if opposed is None or _EITHER.fullmatch(text[opposed.end : facet.start]):
            kept.append(facet)
    return kept


def _pieces(text: str, facets: Sequence[_Facet]) -> list[str | _Facet]:
    """Return the text cut at its facets, with the filler between them gone."""
    pieces: list[str | _Facet] = []
    spans = [match.span() for match in _FILLER.finditer(text) if match[0]]
    spans = [(a, b) for a, b in spans if not any(a < facet.end and facet.start < b for facet in facets)]
    at = 0
    for start, end, facet in sorted(
        [(a, b, None) for a, b in spans] + [(f.start, f.end, f) for f in facets], key=lambda cut: cut[0]
    ):
        pieces.append(text[at:start])
        if facet is not None:
            pieces.append(facet)
        at = end
    pieces.append(text[at:])
    return pieces


def _render(pieces: Iterable[str | _Facet], instead: dict[_Facet, str]) -> str:
    text = "".join(piece if isinstance(piece, str) else instead.get(piece, piece.said) for piece in pieces)
    return _DANGLING.sub("", " ".join(text.split()))


def _groups(text: str, facets: Sequence[_Facet]) -> list[list[_Facet]]:
    """Return the facets with those that are joined by "and" or "or" together: either will do."""
    groups: list[list[_Facet]] = []
    for facet in facets:
        if groups:
            last = groups[-1][-1]
            if any(facet.entry is other.entry for other in groups[-1]):
                continue
            if _EITHER.fullmatch(text[last.end : facet.start]):
                groups[-1].append(facet)
                continue
        groups.append([facet])
    return groups


def _loose(foreign: Sequence[_Token], group: Sequence[_Facet], text: str) -> bool:
    """Tell whether words that the lexicon does not know narrow the group, instead of standing beside it."""
    for token in foreign:
        before, after = text[group[-1].end : token.start], text[token.end : group[0].start]
        if not ((before and _EITHER.fullmatch(before)) or (after and _EITHER.fullmatch(after))):
            return True
    return False


def _of_one(pieces: _Pieces, group: Sequence[_Facet]) -> Iterator[Phrasing]:
    """Yield other words for one audience, or for each of several of which any will do."""
    alone = sum(isinstance(piece, _Facet) for piece in pieces) == 1
    for facet in group:
        for other in facet.same[: 2 if alone else 1]:
            yield Phrasing(_render(pieces, {facet: other}) if alone else other, SAME)
        if facet.genus:
            yield Phrasing(facet.genus, KIN)
    for row in zip_longest(*([(kin, FAR if facet.genus else KIN) for kin in facet.entry.kin] for facet in group)):
        yield from (Phrasing(*kin) for kin in row if kin)


def _of_several(pieces: _Pieces, groups: Sequence[Sequence[_Facet]], *, foreign: bool) -> Iterator[Phrasing]:
    """Yield other words for people of several facets at once; one facet alone comes last and weighs least."""
    facets = [group[0] for group in groups]
    for facet in facets[:2]:
        if facet.same:
            yield Phrasing(_render(pieces, {facet: facet.same[0]}), SAME)
    if not foreign:
        yield from (Phrasing(text, CROSSED) for text in _crossed(facets))
    if len(facets) > 1:
        yield Phrasing(_render(pieces, {facet: facet.same[0] for facet in facets if facet.same}), COMPOSED)
        if not foreign:
            yield Phrasing(" ".join((*(facet.modifier for facet in facets[:-1]), facets[-1].said)), COMPOSED)
    strongest = min(facets, key=lambda facet: _STRENGTH.index(facet.entry.facet))
    yield from (Phrasing(text, ALONE) for text in (strongest.said, *strongest.entry.kin))


_STRENGTH = (
    *("health", "interest", "faith", "people", "sexuality", "cause"),
    *("work", "money", "tenure", "life", "local", "gender"),
)
"""Which facet of two says most about where people gather."""


def _crossed(facets: Sequence[_Facet]) -> Iterator[str]:
    """Yield what people of two facets at once call themselves."""
    crossings = lexicon().crossings
    for one in facets:
        for two in facets:
            for first in (one.entry.name, one.entry.facet):
                for second in (two.entry.name, two.entry.facet):
                    if one is not two:
                        for text in crossings.get(f"{first}+{second}", ()):
                            yield text.format(one.modifier, two.modifier)


def _distinct(candidates: Sequence[Phrasing], denied: Sequence[_Token]) -> tuple[Phrasing, ...]:
    """Return the first of each wording, without those that bring back what was denied."""
    if not candidates:
        return ()
    own = key_of(candidates[0].text)
    unwanted = {token.stem for token in denied} - set(own.split())
    kept = {own: candidates[0]}
    for phrasing in candidates[1:]:
        key = key_of(phrasing.text)
        if key and not unwanted & set(key.split()):
            kept.setdefault(key, phrasing)
    return tuple(kept.values())[:MOST_PHRASINGS]


def _terms(foreign: Sequence[_Token], facets: Sequence[_Facet], denied: Sequence[_Token]) -> tuple[str, ...]:
    """Return the words that count as matches: the user's own, then each facet's in turn."""
    unwanted = {token.stem for token in denied}
    own = [token.plain for token in foreign] + [facet.said.casefold() for facet in facets]
    wanted = chain(own, _by_turns(*map(_short_forms, facets)))
    unwanted |= {stem(word) for word in lexicon().words["negators"]}
    kept: dict[str, str] = {}
    for term in wanted:
        key = key_of(term)
        if key and key not in kept and not unwanted & set(key.split()):
            kept[key] = term
    return tuple(kept.values())[:MOST_TERMS]


def _short_forms(facet: _Facet) -> Iterator[str]:
    """Yield its other forms of one or two words."""
    forms = facet.same if facet.genus else _by_turns(facet.entry.what, facet.entry.who)
    for form in forms:
        digits = re.search(r"\d", form) and form not in facet.same  # another bound of age
        if len(form.split()) <= 2 and not digits and not set(form.split()) & {"people", "adults", "the"}:
            yield form
