"""The peers that a ranking is measured against: what anybody would build, and what others have published.

Each peer is given the very rows that ours has and the user's text as typed. They stand here and not in a benchmark so
that `venues eval` can show them beside ours on any judged set: a ranking that does not beat them is not worth keeping.

What the user typed is all they get: none of them knows what a place is. (Dialog's "distance" is that of two vectors.)
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import numpy as np

from venues.model import Access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Self, TypeAlias

    from numpy.typing import NDArray

    from venues.model import Listing, VenueId

    Encode: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]
    """Texts to rows of length 1: the `encode` of any Encoder."""
    Ranked: TypeAlias = list[tuple[VenueId, float]]
    """Venues with their scores, best first, each venue once."""

DEPTH = 1000
"""How far down a peer's list goes, and how much of each list is fused: the depth usual at TREC."""
RERANKED = 100
"""How many of the fusion's first results a published formula puts in its own order."""
RRF_K = 60
"""The constant of reciprocal rank fusion, as its authors set it."""


class Peer(Protocol):
    """A ranking that is not ours."""

    @property
    def name(self) -> str:
        """What the tables call it."""
        ...

    def rank(self, text: str) -> Ranked:
        """Return the venues that answer what was typed, best first, at most `DEPTH`."""
        ...


class Formula(Protocol):
    """A published way to score one venue; it cannot see the others."""

    def __call__(self, text: str, listing: Listing, cosine: float) -> tuple[float, ...]:
        """Return the score, then what settles ties, larger first. `cosine` is of the text with the venue's words."""
        ...


@contextmanager
def peers(listings: Iterable[Listing], vectors: NDArray[np.float32], encode: Encode) -> Iterator[tuple[Peer, ...]]:
    """Build all six peers over the same rows, and let go of them at the end.

    `vectors` holds one row of length 1 for each listing, in the same order. A venue listed twice is ranked once, where
    its better listing stands. Raises ValueError if the two do not match.
    """
    rows = tuple(listings)
    words, cosine = Words(rows), Cosine(rows, vectors, encode)
    fusion = Fusion((words, cosine))
    try:
        yield (
            words,
            cosine,
            fusion,
            Reranked("CommunityRanker", community_ranker, fusion, cosine),
            Reranked("Lemmy Explorer", lemmy_explorer, fusion, cosine),
            Reranked("Dialog", dialog, fusion, cosine),
        )
    finally:
        words.close()


class Words:
    """Okapi BM25 over title, description and place, by SQLite's FTS5 in memory: a search box as most sites have it.

    Words are stemmed (Porter) and lose their accents; a venue needs one of the words typed, function words apart.
    Of the variants tried on the development queries (with and without stemming, place, and function words; the title
    weighed up) this is the strongest: nDCG@10 0.48, against 0.38 for FTS5 as it comes. k1 and b are FTS5's own.
    """

    name = "BM25"

    def __init__(self, listings: Sequence[Listing]) -> None:
        self._ids = [listing.id for listing in listings]
        self._index = sqlite3.connect(":memory:")
        self._index.execute(
            "create virtual table words using fts5(text, content='', tokenize='porter unicode61 remove_diacritics 2')"
        )
        self._index.executemany(
            "insert into words (rowid, text) values (?, ?)",
            ((row, _words_of(listing)) for row, listing in enumerate(listings)),
        )

    def rank(self, text: str) -> Ranked:
        """Return the venues that hold any of the words, best first."""
        wanted = _any_of(text)
        if not wanted:
            return []
        # FTS5's bm25() is smaller for better, so that ascending order is best first.
        found = self._index.execute(
            "select rowid, -bm25(words) from words where words match ? order by bm25(words), rowid limit ?",
            (wanted, DEPTH),
        )
        return _each_once((self._ids[row], score) for row, score in found)

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Cosine:
    """Cosine of the text's vector with each venue's: semantic search as most people build it."""

    name = "cosine"

    def __init__(self, listings: Sequence[Listing], vectors: NDArray[np.float32], encode: Encode) -> None:
        """`vectors` holds one row of length 1 for each listing, in the same order."""
        if len(listings) != len(vectors):
            raise ValueError(f"{len(listings)} listings were given with {len(vectors)} vectors")
        self.listings = listings
        self._vectors = vectors
        self._encode = encode

    def similarities(self, text: str) -> NDArray[np.float32]:
        """Return the cosine of the text with every listing, in their order."""
        similarities: NDArray[np.float32] = self._vectors @ self._encode([text])[0]
        return similarities

    def rank(self, text: str) -> Ranked:
        """Return the venues nearest in meaning, best first."""
        similarities = self.similarities(text)
        best = np.argsort(-similarities, kind="stable")[:DEPTH]
        return _each_once((self.listings[row].id, float(similarities[row])) for row in best)


class Fusion:
    """Reciprocal rank fusion: each list gives a venue 1 / (60 + rank), and the sums are sorted.

    Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
    SIGIR 2009. Lists are fused to `DEPTH`; equal sums end on the venue's id.
    """

    name = "fusion"

    def __init__(self, fused: Sequence[Peer]) -> None:
        self._fused = fused

    def rank(self, text: str) -> Ranked:
        """Return the venues that any of the lists holds, best first."""
        scores: defaultdict[VenueId, float] = defaultdict(float)
        for peer in self._fused:
            for place, (venue, _) in enumerate(peer.rank(text), 1):
                scores[venue] += 1 / (RRF_K + place)
        return sorted(scores.items(), key=lambda scored: (-scored[1], scored[0]))[:DEPTH]


class Reranked:
    """The fusion's first hundred in the order of a published formula; equal scores keep the fusion's order."""

    def __init__(self, name: str, formula: Formula, fusion: Fusion, cosine: Cosine) -> None:
        self.name = name
        self._formula = formula
        self._fusion = fusion
        self._cosine = cosine
        self._rows: dict[VenueId, int] = {}
        for row, listing in enumerate(cosine.listings):
            self._rows.setdefault(listing.id, row)

    def rank(self, text: str) -> Ranked:
        """Return at most a hundred venues, best first."""
        similarities = self._cosine.similarities(text)
        scored = []
        for venue, _ in self._fusion.rank(text)[:RERANKED]:
            row = self._rows[venue]
            scored.append((venue, self._formula(text, self._cosine.listings[row], float(similarities[row]))))
        scored.sort(key=lambda pair: pair[1], reverse=True)  # stable, also in reverse
        return [(venue, score[0]) for venue, score in scored]


def community_ranker(text: str, listing: Listing, cosine: float) -> tuple[float, ...]:  # noqa: ARG001 - a Formula
    """Score a venue as communityranker.com does, whatever was asked.

    0.25 size + 0.25 activity + 0.20 age + 0.10 each of access, reputation and freshness, all 0 to 1: the page
    communityranker.com/methodology, and for what is not known the function that its authors publish
    (github.com/ryarasi/communityranker-scraper, migrations/001_ranking_function.sql).

    - size: log10 of the members over log10 of a million, at most 1; unknown 0
    - activity: in steps, see `_activity`; unknown 0.3
    - age: years over ten, at most 1; no listing says when a venue began, so always their 0.3 for unknown
    - access: open 1, on request 0.5, by invitation 0.2; unknown 0.5. They have no closed communities: 0.2 here
    - reputation: the mean of age and size, which they call a placeholder
    - freshness: when they last checked a community themselves, which is nothing of ours: their 0.5 for unknown
    """
    size = min(math.log10(listing.members) / 6, 1) if listing.members else 0.0
    age, freshness = 0.3, 0.5
    return (
        0.25 * size
        + 0.25 * _activity(listing.posts_per_week)
        + 0.20 * age
        + 0.10 * _ACCESS[listing.access]
        + 0.10 * (age + size) / 2
        + 0.10 * freshness,
    )


_ACCESS = {Access.OPEN: 1.0, Access.ON_REQUEST: 0.5, Access.INVITED: 0.2, Access.CLOSED: 0.2, None: 0.5}


def _activity(posts_per_week: float | None) -> float:
    """Return CommunityRanker's five steps, read from posts a week: daily, several a week, weekly, sporadic, none."""
    if posts_per_week is None:
        return 0.3
    steps = ((7, 1.0), (2, 0.8), (1, 0.5))
    sporadic = 0.2 if posts_per_week > 0 else 0.0
    return next((score for least, score in steps if posts_per_week >= least), sporadic)


def lemmy_explorer(text: str, listing: Listing, cosine: float) -> tuple[float, ...]:  # noqa: ARG001 - a Formula
    """Score a venue as Lemmy Explorer (lemmyverse.net) does, whatever was asked.

    Subscribers + 20 a weekly active user + 5 a monthly active user + 0.1 a post + 0.05 a comment. A listing has one
    figure for active members, taken as the monthly one, and counts neither posts nor comments: what is not known is 0.
    """
    return ((listing.members or 0) + 5.0 * (listing.active_members or 0),)


def dialog(text: str, listing: Listing, cosine: float) -> tuple[float, ...]:
    """Score a venue as Dialog's Reddit research server does (github.com/king-of-the-grackles/reddit-research-mcp).

    From src/tools/discover.py: confidence falls in straight lines with the squared distance of the two vectors (0 to 4,
    here 2 - 2 cosine, as their vector store measures it), is cut to 0.3 for six general communities unless the text is
    in their name, is raised by a tenth (to 1 at most) above a million members and lowered by a tenth below ten
    thousand, where unknown counts as none; rounded to three places, ties to the larger. Their model is the one
    packaged here. What they do not do, we do not either: no place, no activity.
    """
    distance = 2 - 2 * cosine
    confidence = float(np.interp(distance, _DISTANCES, _CONFIDENCES))
    name = listing.native_id.casefold()
    if name in _GENERAL and text.casefold() not in name:
        confidence *= 0.3
    members = listing.members or 0
    if members > 1_000_000:
        confidence = min(1.0, confidence * 1.1)
    elif members < 10_000:
        confidence *= 0.9
    return round(confidence, 3), members


_DISTANCES = (0.0, 0.8, 1.0, 1.2, 1.4, 1.8)
_CONFIDENCES = (1.0, 0.9, 0.7, 0.5, 0.3, 0.1)  # level beyond the last
_GENERAL = frozenset({"aww", "funny", "gifs", "memes", "pics", "videos"})


def _words_of(listing: Listing) -> str:
    return "\n".join(part for part in (listing.title, listing.description, listing.place) if part)


def _any_of(text: str) -> str:
    """Return the FTS5 question for any of the words: quoted, so that AND, NEAR or a star in the text are words too."""
    words = re.findall(r"\w+", text.casefold())
    told = [word for word in words if word not in _FUNCTION_WORDS] or words
    return " OR ".join(f'"{word}"' for word in told)


def _each_once(ranked: Iterable[tuple[VenueId, float]]) -> Ranked:
    best: dict[VenueId, float] = {}
    for venue, score in ranked:
        best.setdefault(venue, score)
    return list(best.items())


# The closed classes of English: articles, pronouns, prepositions, conjunctions, auxiliaries, and adverbs of no content.
_FUNCTION_WORDS = frozenset(
    word
    for line in (
        "a an the",
        "i me my we us our you your he him his she her it its they them their who whom whose which what that this",
        "these those one ones someone somebody anyone anybody everyone everybody",
        "about above after against among around as at before behind below beside between by down during for from in",
        "into near of off on onto out over since through to toward towards under until up upon with within without",
        "and but or nor so yet if because while than then although though",
        "am are is was were be been being have has had having do does did doing will would shall should can could may",
        "might must not no only just also very too each other another any some all both few more most much many such",
        "own same here there when where why how",
    )
    for word in line.split()
)
