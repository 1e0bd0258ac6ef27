"""The only module that joins everything: settings, places, the store, the encoder, the crawlers, the use cases."""

from __future__ import annotations

import tomllib
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Protocol

from index.store import open_store
from venues.discovery import Narrowing, discover
from venues.errors import UnknownPlace
from venues.interchange import open_source, read_lines
from venues.queries import parse
from venues.refresh import Intake, embed_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from crawlers.running import Limits, Progress
    from index.embedding import Encoder
    from index.store import Store
    from venues.errors import ListingError
    from venues.evaluation import Report
    from venues.gazetteer import Gazetteer
    from venues.interchange import Line
    from venues.model import Answer, Area, CrawlRun, Listing, Query, Site, VenueId
    from venues.refresh import Tally
    from venues.settings import Settings


class Notices(Protocol):
    """How a door is told of work that takes long. All methods may be called from other threads."""

    def say(self, sentence: str) -> None:
        """Say a sentence."""
        ...

    def preparing(self, what: str, done: int, total: int) -> None:
        """Say how far a one-time preparation is; `total` is 0 where it cannot be known."""
        ...

    def done(self, what: str) -> None:
        """Say that it is over."""
        ...


class Silence:
    """Notices that nobody wants."""

    def say(self, sentence: str) -> None:
        """Say nothing."""

    def preparing(self, what: str, done: int, total: int) -> None:
        """Say nothing."""

    def done(self, what: str) -> None:
        """Say nothing."""


LEASE = timedelta(hours=2)
"""How long a site is one worker's; a worker that died gives it back by then."""
MOST_SITES = 50
WAITED_PAGES = 30
WAITED_SECONDS = 20.0
"""What a site may cost when somebody waits for the answer."""
EVALUATED = 100
"""How deep our answers are measured: recall is taken at 50."""


def _ignore(_: object) -> None:
    pass


def _as_given(listing: Listing) -> str:
    """Return a listing's words as anyone would embed them: the baselines know nothing of how we read names."""
    return f"{listing.title}. {listing.description}" if listing.description else listing.title


def packaged_sites() -> list[Site]:
    """Return the sites that are crawled by default: sites.toml, which says why each is there."""
    from crawlers.registry import site_from

    table = tomllib.loads((files("venues") / "data" / "sites.toml").read_text("utf-8"))
    return [replace(site_from(entry["site"]), reason=entry["reason"]) for entry in table["sites"]]


def utc_now() -> datetime:
    """Return the time; the one clock of the product, so that all below it takes `now` as a value."""
    return datetime.now(UTC)


@dataclass
class App:
    """One user's venues. Use it in a `with` statement; what is slow to open is opened at its first use."""

    settings: Settings
    notices: Notices = field(default_factory=Silence)
    clock: Callable[[], datetime] = utc_now

    def __post_init__(self) -> None:
        self._open = ExitStack()
        self._loading: Future[Encoder] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The places; compiled now if this is the first time."""
        from venues.gazetteer import Gazetteer

        return self._open.enter_context(
            Gazetteer.open(progress=lambda done, total: self.notices.preparing("the places of the world", done, total))
        )

    @cached_property
    def encoder(self) -> Encoder:
        """The model that makes vectors; exported now if this is the first time."""
        return self._loading.result() if self._loading else self._load_encoder()

    @cached_property
    def asking(self) -> Encoder:
        """The same model for queries, with the phrases of the audience lexicon ready."""
        from index.embedding import OnnxEncoder
        from index.phrasebook import open_phrasebook
        from venues.audience_lexicon import edition, phrases

        if not isinstance(self.encoder, OnnxEncoder):
            return self.encoder  # a larger model would take minutes for them, and is asked for what it is asked
        return open_phrasebook(self.encoder, edition(), phrases, self.settings.cache_path, self.notices.say)

    def _load_encoder(self) -> Encoder:
        from index.embedding import load_encoder

        return load_encoder(self.settings.model, cache=self.settings.cache_path, progress=self.notices.say)

    @cached_property
    def store(self) -> Store:
        """The index; its schema is brought up to date now if it is old."""
        return self._open.enter_context(open_store(self.settings.store))

    # places and queries

    def query(self, text: str, *, radius_km: float | None = None) -> Query:
        """Understand a sentence. Raises QueryError."""
        return parse(text, self.gazetteer, country=self.settings.country, radius_km=radius_km)

    def find(self, text: str, narrowing: Narrowing | None = None) -> Answer:
        """Answer a sentence from what is in the index. Raises QueryError."""
        self.warm()
        query = self.query(text, radius_km=narrowing.radius_km if narrowing else None)
        self.store.read_ahead()
        return discover(query, self.store, self.asking, self.clock(), narrowing)

    def warm(self) -> None:
        """Begin to load the model beside whatever comes next: it takes longest, and most of it needs no lock."""
        if self._loading is None:
            self._loading = ThreadPoolExecutor(1, thread_name_prefix="model").submit(self._load_encoder)

    # listings in and out

    def intake(self) -> Intake:
        """Return what takes listings into the store."""
        from venues.locating import Locator

        locator = Locator(self.gazetteer, self.settings.country)
        return Intake(store=self.store, encoder=self.encoder, locate=locator.locate, now=self.clock())

    def is_empty(self) -> bool:
        """Tell whether the store never held a listing."""
        return not self.store.count() and next(self.store.listings(), None) is None

    def starter_lines(self) -> Iterator[Line]:
        """Yield the starter directory that comes with the package."""
        with as_file(files("venues") / "data" / "starter.jsonl") as path, open_source(str(path)) as source:
            yield from read_lines(source)

    def import_lines(
        self, lines: Iterator[Line], on_error: Callable[[ListingError], None], on_line: Callable[[Line], None]
    ) -> Iterator[Tally]:
        """Take the good lines in, window by window; each bad one goes to `on_error`, and the others go in."""

        def good() -> Iterator[Listing]:
            for line in lines:
                if line.error:
                    on_error(line.error)
                elif line.listing:
                    yield line.listing
                on_line(line)

        return self.intake().take(good())

    def start(self) -> Tally | None:
        """Take the starter directory in, if the store is empty; never into one that already holds listings."""
        if not self.is_empty():
            return None
        tally = None
        for tally in self.intake().take(line.listing for line in self.starter_lines() if line.listing):
            self.notices.preparing("the starter directory of UK venues", tally.total, 0)
        self.notices.done("the starter directory of UK venues")
        return tally

    # crawls

    def crawl(
        self,
        sites: Sequence[Site],
        area: Area | None = None,
        *,
        limits: Limits | None = None,
        on_progress: Callable[[Progress], None] = _ignore,
    ) -> list[CrawlRun]:
        """Crawl these sites now, and remember them for later."""
        from crawlers.running import Limits
        from venues.crawling import Crawl

        self.store.set_jobs((site, self.clock()) for site in sites)
        crawl = Crawl(
            intake=self.intake,
            now=self.clock,
            contact=self.settings.contact,
            limits=limits or Limits(),
            on_progress=on_progress,
        )
        return crawl.all(sites, area)

    def crawl_named(
        self,
        names: Sequence[str],
        *,
        area: str | None,
        due: bool,
        on_progress: Callable[[Progress], None] = _ignore,
    ) -> list[CrawlRun]:
        """Crawl the sites named, or those that are due, or all. Raises SettingsError, QueryError."""
        from crawlers.registry import site_from

        where = self._named_area(area) if area else None
        now = self.clock()
        if names:
            return self.crawl([site_from(name) for name in names], where, on_progress=on_progress)
        sites = packaged_sites()
        if due:
            self.store.set_jobs((site, now) for site in sites)
            sites = [job.site for job in self.store.claim_due(now, LEASE, MOST_SITES)]
        return self.crawl(sites, where, on_progress=on_progress) if sites else []

    def _named_area(self, name: str) -> Area:
        area = self.query(f"people in {name}").area
        if area is None:
            raise UnknownPlace(name)
        return area

    def freshen(self) -> list[CrawlRun]:
        """Crawl the packaged sites that were not read lately, within what somebody waiting will bear.

        A site whose time has not come is left alone, so that a second question a minute later asks nobody.
        """
        from crawlers.running import Limits

        now = self.clock()
        self.store.set_jobs((site, now) for site in packaged_sites())
        jobs = self.store.claim_due(now, LEASE, MOST_SITES)
        if not jobs:
            return []
        sites = "1 open source" if len(jobs) == 1 else f"{len(jobs)} open sources"
        self.notices.say(f"Asking {sites} first, {WAITED_SECONDS:.0f} seconds at most (--no-crawl does without).")
        return self.crawl([job.site for job in jobs], limits=Limits(pages=WAITED_PAGES, seconds=WAITED_SECONDS))

    # measuring

    def evaluate(self, queries: Path, qrels: Path) -> Report:
        """Measure our answers and the baselines' on the same rows and judgments. Raises QueryError."""
        from index.baselines import peers
        from venues.evaluation import compare, read_qrels, read_queries

        asked, judgments = read_queries(queries), read_qrels(qrels)
        listings = list(self.store.listings())
        vectors = self.encoder.encode([_as_given(listing) for listing in listings])
        with peers(listings, vectors, self.encoder.encode) as others:
            return compare(self._ids, others, asked, judgments, {listing.id for listing in listings})

    def _ids(self, text: str) -> list[VenueId]:
        found = self.find(text, Narrowing(limit=EVALUATED))
        # A suggestion of a community with several addresses answers with each of them.
        return [venue.id for one in found.suggestions for venue in (one.venue, *one.also)]

    def embed_again(self) -> Iterator[int]:
        """Give every venue a vector of the model in the settings."""
        return embed_again(self.store, self.encoder)


__all__ = ["App", "Narrowing", "Notices", "Silence", "utc_now"]
