"""The values that pass between the parts: frozen, small, and without input or output.

Times are aware and in UTC; degrees are WGS 84; distances are kilometres; `None` means "not said".
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from venues import field_readers as read
from venues.errors import ListingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Kind(StrEnum):
    """What sort of space a venue is."""

    COMMUNITY = "community"
    GROUP = "group"
    FORUM = "forum"
    BOARD = "board"
    CHAT = "chat"
    SERVER = "server"
    CHANNEL = "channel"
    LIST = "list"
    NEWSLETTER = "newsletter"
    PODCAST = "podcast"
    BLOG = "blog"
    PAGE = "page"
    MEETUP = "meetup"
    CLUB = "club"
    INSTANCE = "instance"
    OTHER = "other"


class Access(StrEnum):
    """Who may come in."""

    OPEN = "open"
    ON_REQUEST = "on request"
    INVITED = "invited"
    CLOSED = "closed"


class Scope(StrEnum):
    """How a venue's area stands to the area asked for, best first."""

    LOCAL = "local"
    CONTAINING = "containing"
    NEARBY = "nearby"
    EVERYWHERE = "everywhere"
    ELSEWHERE = "elsewhere"


class VenueId(NamedTuple):
    """The identity of a venue: which platform, and the platform's own name for it."""

    platform: str
    native_id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.native_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A resolved place."""

    id: str
    """Stable across releases: "geonames:2654710", "uk:east-sussex", "country:GB"."""
    name: str
    kind: str
    """country, nation, region, county, borough, district, city, town, village or neighbourhood."""
    country: str | None
    """ISO 3166-1 alpha-2."""
    lat: float
    lon: float
    radius_km: float
    """A circle of this radius about the centre holds nearly all of the area."""
    population: int = 0
    """0 where unknown."""
    within: tuple[str, ...] = ()
    """Ids of the areas that contain this one, smallest first, the country last."""
    part_of: tuple[str, ...] = ()
    """Names of those areas that tell it from its namesakes, in the same order: ("East Sussex", "England")."""

    @property
    def label(self) -> str:
        """The name with enough of what contains it to be told from its namesakes."""
        return ", ".join((self.name, *self.part_of[:2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was asked, understood."""

    text: str
    audience: str
    """The words for the people wanted, with the place taken out."""
    area: Area | None = None
    alternatives: tuple[Area, ...] = ()
    """Namesakes that were not taken, likeliest first."""
    home: str = "GB"
    """The country assumed where the text names no place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one page said about one venue at one moment. Only the first three fields are mandatory."""

    platform: str
    native_id: str
    title: str
    kind: Kind | None = None
    url: str | None = None
    description: str | None = None
    place: str | None = None
    """In the source's own words."""
    country: str | None = None
    """ISO 3166-1 alpha-2; some sources give the country's name instead, and it is kept as given."""
    lat: float | None = None
    lon: float | None = None
    parent: str | None = None
    """What it is a part of, by title: the forum, category or board above a board, outermost first, " > " between."""
    members: int | None = None
    active_members: int | None = None
    topics: int | None = None
    posts: int | None = None
    posts_per_week: float | None = None
    last_post_at: datetime | None = None
    seen_at: datetime | None = None
    access: Access | None = None
    language: str | None = None
    """BCP 47."""
    nsfw: bool | None = None
    rules: tuple[str, ...] = ()
    source: str | None = None
    """Who said so: a crawled site, a data set, "starter"."""
    source_url: str | None = None
    """The page that was read, where it is not the venue's own."""
    licence: str | None = None

    @property
    def id(self) -> VenueId:
        """The identity of the venue that this listing is about."""
        return VenueId(self.platform, self.native_id)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Listing:
        """Return the listing that an interchange record states; null is the same as absent.

        Raises ListingError naming the first field that is unknown, missing or not of its type.
        """
        if not record.keys() <= _READERS.keys():  # even one that is null: it is a misspelt name
            raise _blame(record)
        try:
            return cls(**{name: _READERS[name](value) for name, value in record.items() if value is not None})
        except (TypeError, ValueError, OverflowError) as error:
            raise _blame(record) from error

    def to_record(self) -> dict[str, Any]:
        """Return the interchange record: what is not said is absent, times are ISO 8601 with offset."""
        return {
            name: _plain(value) for name in _FIELD_NAMES if (value := getattr(self, name)) is not None and value != ()
        }


_READERS: dict[str, Callable[[object], Any]] = {
    "platform": read.a_name,
    "native_id": read.a_name,
    "title": read.a_name,
    "kind": read.one_of(Kind),
    "url": read.a_text,
    "description": read.a_text,
    "place": read.a_text,
    "country": read.a_name,
    "lat": read.degrees_within(90),
    "lon": read.degrees_within(180),
    "parent": read.a_text,
    "members": read.a_count,
    "active_members": read.a_count,
    "topics": read.a_count,
    "posts": read.a_count,
    "posts_per_week": read.a_rate,
    "last_post_at": read.a_time,
    "seen_at": read.a_time,
    "access": read.one_of(Access),
    "language": read.a_text,
    "nsfw": read.a_flag,
    "rules": read.texts,
    "source": read.a_text,
    "source_url": read.a_text,
    "licence": read.a_text,
}
_FIELD_NAMES = tuple(item.name for item in fields(Listing))


def _blame(record: Mapping[str, Any]) -> ListingError:
    """Return the error for the first field of a bad record."""
    for name, value in record.items():
        if name not in _READERS:
            return ListingError(_shown(name), "no such field")
        if value is None:
            continue
        try:
            _READERS[name](value)
        except (TypeError, ValueError, OverflowError) as error:
            return ListingError(name, str(error))
    missing = next(name for name in ("platform", "native_id", "title") if record.get(name) is None)
    return ListingError(missing, "is mandatory")


def _shown(name: object) -> str:
    """Return a stranger's name for a field so that it can neither move the cursor nor fill the screen."""
    text = str(name)
    return text if len(text) <= 40 and text.isprintable() else ascii(text[:40])


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a venue is, as far as its listing tells."""

    told_by: str
    """coordinates, place, name, parent, description or country, in falling trust."""
    confidence: float
    """0 to 1."""
    country: str | None = None
    area_id: str | None = None
    name: str | None = None
    lat: float | None = None
    lon: float | None = None
    radius_km: float | None = None
    within: tuple[str, ...] = ()
    """Ids of the areas that contain it, as in `Area.within`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One source's word on a venue."""

    source: str
    url: str | None
    seen_at: datetime
    licence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A place where people gather: what all its listings say together."""

    listing: Listing
    """The merged view: for each field, the most recent source that states it."""
    whereabouts: Whereabouts | None
    evidence: tuple[Evidence, ...]
    first_seen: datetime
    last_seen: datetime

    @property
    def id(self) -> VenueId:
        """The venue's identity."""
        return self.listing.id


class Naming(NamedTuple):
    """Whom a venue's own words name, beside whom a query wants."""

    share: float | None
    """1 if it names all that is wanted, less where some of it or near kin, 0 if only others; None if nobody at all."""
    general: bool = False
    """Whether it is for everybody in its place: residents, news, what is on."""
    instead: str | None = None
    """Whom it names where it names only others."""
    kin: bool = False
    """Whether those named are near kin of those wanted."""
    everybody_wanted: bool = False
    """Whether everybody in a place is wanted, and it is for them."""


NOBODY = Naming(None)
"""Its words name nobody in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A venue that may answer a query, with what the store measured about the pair."""

    venue: Venue
    similarity: float
    """Likeness with the audience, a cosine averaged over phrasings, -1 to 1."""
    words: float
    """Okapi BM25 of the audience words over the venue's, at least 0; larger is better."""
    scope: Scope
    distance_km: float | None = None
    """Between the centres, where both are known."""
    question: float | None = None
    """Cosine of the venue's vector with that of the whole question, place and all; None: as `similarity`."""
    standing: int | None = None
    """Its place, from 1, among all venues by the whole question's words and meaning together; None: far down."""
    naming: Naming = NOBODY
    """Whom its own words name."""
    second_look: float | None = None
    """How well it answers the whole question to a cross-encoder, 0 to 1; None where none was asked."""


class Reading(NamedTuple):
    """What one signal makes of one candidate."""

    value: float | None
    """0 to 1, or None where it cannot be known."""
    reason: str
    """Plain words with the fact: "12,400 members", "last post 3 days ago"."""


@dataclass(frozen=True, slots=True)
class Part:
    """One signal's share of a score."""

    signal: str
    weight: float
    value: float
    """What was counted: the reading, or the signal's stated middle value where the reading was None."""
    reason: str
    known: bool = True

    @property
    def points(self) -> float:
        """What the signal adds to the score."""
        return self.weight * self.value


class Section(StrEnum):
    """Under which heading a suggestion stands."""

    LOCAL = "local"
    """The wanted people, in the place asked for; without a place, the wanted people."""
    WIDER = "wider"
    """The wanted people, in what contains the place, near it, or anywhere."""
    GENERAL = "general"
    """Others or everybody, where some of the wanted people may be."""
    DOUBTFUL = "doubtful"
    """Of any of these the ones that are seldom right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many of the wanted people may read a venue, from few to many, and the factors whose product it is."""

    low: float
    high: float
    factors: tuple[tuple[str, float, float, str], ...]
    """Each with its name, low, high, and where it comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A venue to join, and why it stands where it stands."""

    rank: int
    candidate: Candidate
    parts: tuple[Part, ...]
    section: Section = Section.GENERAL
    confidence: float = 0.0
    """The chance that the wanted people are there, 0 to 1, as such scores were judged."""
    reach: Reach | None = None
    """None where nothing is known of its size."""
    also: tuple[Venue, ...] = ()
    """The same community on other platforms."""

    @property
    def venue(self) -> Venue:
        """The venue suggested."""
        return self.candidate.venue

    @property
    def score(self) -> float:
        """The sum of the parts: what is shown is what was counted."""
        return sum(part.points for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What is known of one source for the area asked."""

    site: str
    state: str
    """read, not permitted, needs key, failed or none found."""
    seen_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything a door needs to answer one query."""

    query: Query
    suggestions: tuple[Suggestion, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    """How many candidates each filter removed, by its name."""
    coverage: tuple[Coverage, ...] = ()
    notes: tuple[str, ...] = ()
    """What is to be said before the list: that nothing local and on target was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One configured place that runs some platform: what a crawler is told to read."""

    name: str
    """Unique: "matrix:https://matrix.example.org"."""
    platform: str
    options: tuple[tuple[str, str], ...] = ()
    """The crawler's own settings, such as ("base_url", "https://..."), sorted by name."""
    place: str | None = None
    """Where its venues are if they do not say: a town's forum has boards that never name the town."""
    country: str | None = None
    """Likewise, ISO 3166-1 alpha-2."""
    area: str | None = None
    """The place it is asked for at each crawl, in words; None: all it lists."""
    reason: str | None = None
    """Why it is on the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlJob:
    """One site whose time has come, claimed for one due time by one worker."""

    site: Site
    due_at: datetime
    area: Area | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteState:
    """A site that is known, and how it stands with it."""

    site: Site
    due_at: datetime | None
    """When it is asked next; None: never, it was switched off."""
    leased_until: datetime | None = None
    """Until then some process has it in hand."""
    last: CrawlRun | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRun:
    """One crawl of one site: what was asked, read, refused and changed."""

    site: str
    started_at: datetime
    finished_at: datetime
    state: str
    """read, not permitted, needs key, failed or none found."""
    complete: bool
    """Whether every planned page was read to the end: only then may an absence mean that a venue is gone."""
    requests: int = 0
    listings: int = 0
    added: int = 0
    updated: int = 0
    gone: int = 0
    refused: tuple[str, ...] = ()
    """Addresses not fetched, with the reason."""
    error: str | None = None
    next_due: datetime | None = None
    area: str | None = None
    """Id of the area crawled for, if the crawl was for one."""
