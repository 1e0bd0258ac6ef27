"""The only module that joins everything: settings, places, the store, the encoder, the crawlers, the use cases."""

from __future__ import annotations

import re
import tomllib
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, lru_cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Protocol

from index.store import open_store
from venues.discovery import Narrowing, discover
from venues.errors import SettingsError, UnknownPlace
from venues.interchange import open_source, read_lines
from venues.queries import ANYONE, parse
from venues.refresh import Intake, embed_again
from venues.short_names import short_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from crawlers.notes import Notes
    from crawlers.probing import Probed
    from crawlers.running import Limits, Progress
    from index.embedding import Encoder
    from index.second_look import SecondLook
    from index.store import Store
    from venues.adding import Added, Given
    from venues.crawling import Crawl
    from venues.errors import ListingError
    from venues.evaluation import Report
    from venues.gazetteer import Gazetteer
    from venues.interchange import Line
    from venues.model import Answer, Area, CrawlRun, Listing, Query, Site, SiteState, VenueId
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


_AREA_ID = re.compile(r"[a-z]+:[\w-]+$")
LEASE = timedelta(minutes=10)
"""How long a site is one worker's unless it is prolonged; a worker that died elsewhere gives it back by then."""
MOST_SITES = 1000
WAITED_PAGES = 30
WAITED_SECONDS = 20.0
"""What a site may cost when somebody waits for the answer."""
EVALUATED = 100
"""How deep our answers are measured: recall is taken at 50."""


def _ignore(_: object) -> None:
    pass


def _never() -> bool:
    return False


def _as_given(listing: Listing) -> str:
    """Return a listing's words as anyone would embed them: the baselines know nothing of how we read names."""
    return f"{listing.title}. {listing.description}" if listing.description else listing.title


@cache
def packaged_sites() -> tuple[Site, ...]:
    """Return the sites that are crawled by default: sites.toml, which says why each is there."""
    from crawlers.registry import site_from

    table = tomllib.loads((files("venues") / "data" / "sites.toml").read_text("utf-8"))
    return tuple(replace(site_from(entry["site"]), reason=entry["reason"]) for entry in table["sites"])


def whole_sites() -> list[Site]:
    """Return those of them that list all they have."""
    from crawlers.registry import is_by_area

    return [site for site in packaged_sites() if site.area or not is_by_area(site)]


def sites_by_area() -> list[Site]:
    """Return those of them that are asked for one area at a time: each question's area makes a site of its own."""
    from crawlers.registry import is_by_area

    return [site for site in packaged_sites() if not site.area and is_by_area(site)]


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
        self._name_of = lru_cache(4096)(self._name)

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

    @cached_property
    def second_look(self) -> SecondLook | None:
        """The cross-encoder that the settings name, if any. Raises ModelError."""
        if not self.settings.reranker:
            return None
        from index.second_look import SecondLook

        return SecondLook(self.settings.reranker)

    def _load_encoder(self) -> Encoder:
        from index.embedding import load_encoder

        return load_encoder(self.settings.model, cache=self.settings.cache_path, progress=self.notices.say)

    @cached_property
    def store(self) -> Store:
        """The index; its schema is brought up to date now if it is old."""
        return self._open.enter_context(open_store(self.settings.store, self.notices.say))

    # places and queries

    def query(self, text: str, *, radius_km: float | None = None, country: str | None = None) -> Query:
        """Understand a sentence. Raises QueryError."""
        return parse(text, self.gazetteer, country=country or self.settings.country, radius_km=radius_km)

    def find(self, text: str, narrowing: Narrowing | None = None, *, country: str | None = None) -> Answer:
        """Answer a sentence from what is in the index. Raises QueryError."""
        self.warm()
        query = self.query(text, radius_km=narrowing.radius_km if narrowing else None, country=country)
        self.store.read_ahead()
        return discover(query, self.store, self.asking, self.clock(), narrowing, self.second_look)

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

    def add(self, url: str, given: Given) -> Added:
        """Take in one space by its address. Raises QueryError where it is none, or too little is known of it."""
        from venues.adding import venue_at

        if given.place:
            self._named_area(given.place)
        added = venue_at(url, given, self.settings.contact, self.clock)
        for _ in self.intake().take([added.listing]):
            pass
        return added

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

    @cached_property
    def notes(self) -> Notes:
        """What crawls remember of hosts: a file beside the index, which may be deleted while nobody crawls."""
        from crawlers.notes import Notes

        path = self.store.path
        return self._open.enter_context(Notes(path if path == ":memory:" else f"{path}-hosts"))

    def _crawling(
        self,
        on_progress: Callable[[Progress], None],
        limits: Limits | None = None,
        ending: Callable[[], bool] = _never,
    ) -> Crawl:
        from crawlers.running import Limits
        from venues.crawling import Crawl

        return Crawl(
            intake=self.intake,
            now=self.clock,
            contact=self.settings.contact,
            memory=self.notes,
            keys=self.settings.keys,
            area_of=self._area_of,
            limits=limits or Limits(),
            on_progress=on_progress,
            ending=ending,
        )

    def crawl(
        self,
        sites: Sequence[Site],
        area: Area | None = None,
        *,
        limits: Limits | None = None,
        on_progress: Callable[[Progress], None] = _ignore,
        ending: Callable[[], bool] = _never,
    ) -> list[CrawlRun]:
        """Crawl these sites now, and remember them for later."""
        self.store.set_jobs((site, self.clock()) for site in sites)
        return self._crawling(on_progress, limits, ending).all(sites, area)

    def crawl_named(
        self,
        names: Sequence[str],
        *,
        area: str | None,
        due: bool,
        on_progress: Callable[[Progress], None] = _ignore,
        ending: Callable[[], bool] = _never,
    ) -> list[CrawlRun]:
        """Crawl the sites named, or those that are due, or all that are not off. Raises SettingsError, QueryError.

        With an `area`, the sites named are asked for it; without names, those that can be asked for one.
        """
        from crawlers.registry import site_from

        where = self._named_area(area) if area else None
        if names:
            return self.crawl([site_from(name) for name in names], where, on_progress=on_progress, ending=ending)
        known = {state.site.name: state for state in self.sites()}
        wanted = self._sites_for(where) if where else [state.site for state in known.values() if state.due_at]
        if due:
            now = self.clock()
            self.store.set_jobs((site, now) for site in wanted)
            return self._crawling(on_progress, ending=ending).due(self.store, LEASE, [site.name for site in wanted])
        return self.crawl(wanted, on_progress=on_progress, ending=ending) if wanted else []

    def _sites_for(self, area: Area, audience: str = "") -> list[Site]:
        """Return the sites that can be asked for one area, each as a site of its own for this one.

        Those that need a key the settings do not have are left out; a search is also told the `audience`.
        """
        from crawlers.keys import missing_for
        from venues.sites import with_common, with_words

        where = self._name_of(area.label, area.id)
        templates = [site for site in self.sites_by_area() if not missing_for(site.platform, self.settings.keys)]
        words = "" if audience == ANYONE else audience
        return [with_common(with_words(site, words), area=where) for site in templates]

    def _name(self, label: str, area_id: str) -> str:
        """Return what an area is called where a name is kept: one reads better, unless it could mean another place."""
        return label if self._named_area(label).id == area_id else area_id

    def sites_by_area(self) -> list[Site]:
        """Return the sites that are asked for the area of each question: the package's, and one's own search."""
        from crawlers.registry import site_from

        search = f"searxng:{self.settings.searxng}" if self.settings.searxng else None
        return sites_by_area() + ([site_from(search)] if search else [])

    def _area_of(self, site: Site) -> Area | None:
        if site.area is None:
            return None
        if _AREA_ID.match(site.area):
            return self.gazetteer.area(site.area)
        return self._named_area(site.area)

    def sites(self) -> list[SiteState]:
        """Return every site that is or was to be crawled: those that come with the package, and the user's own."""
        now = self.clock()
        self.store.set_jobs((site, now) for site in whole_sites())
        return self.store.sites()

    def add_site(
        self, text: str, *, place: str | None = None, country: str | None = None, area: str | None = None
    ) -> tuple[Site, Probed | None]:
        """Register a site, due now: PLATFORM:ADDRESS as given, or an address whose platform is found by asking there.

        Raises SettingsError, QueryError for an unknown place, or a CrawlError where the address cannot be asked.
        """
        from crawlers.registry import site_from
        from venues.sites import address_in, look_up, with_common

        for name in (place, area):
            if name:
                self._named_area(name)
        address = address_in(text)
        probed = look_up(address, self.settings.contact, self.clock) if address else None
        site = with_common(probed.site if probed else site_from(text), place=place, country=country, area=area)
        self.store.set_jobs([(site, self.clock())])
        self.store.set_due(site.name, self.clock())
        return site, probed

    def switch_off(self, name: str) -> None:
        """Never ask a site again by itself; it may be named in short. Raises SettingsError where none is so called."""
        named = [state.site.name for state in self.sites() if name in {state.site.name, short_name(state.site.name)}]
        if not (len(named) == 1 and self.store.set_due(named[0], None)):
            raise SettingsError(f"site {name}", "is not among those that `venues sites` lists; write it as it is there")

    def _named_area(self, name: str) -> Area:
        area = self.query(f"people in {name}").area
        if area is None:
            raise UnknownPlace(name)
        return area

    def open_sources(self, area: Area | None = None, audience: str = "") -> list[Site]:
        """Return the sites that a question is worth: the package's, those asked for its area, and the user's own."""
        from crawlers.registry import is_by_area

        named = {site.name: site for site in whole_sites() + (self._sites_for(area, audience) if area else [])}
        places = {None, area.label, area.id} if area else {None}
        for state in self.store.sites():
            site = state.site
            if state.due_at and site.area in places and (site.area or not is_by_area(site)):
                named.setdefault(site.name, site)
        return list(named.values())

    def unasked(self, area: Area | None, audience: str = "") -> list[str]:
        """Return the names of the open sources that were never asked for this, or whose time has come again."""
        now = self.clock()
        asked = {
            state.site.name
            for state in self.store.sites()
            if state.due_at is None or (state.last is not None and state.due_at > now)
        }
        return [site.name for site in self.open_sources(area, audience) if site.name not in asked]

    def freshen(
        self,
        area: Area | None = None,
        audience: str = "",
        *,
        on_progress: Callable[[Progress], None] = _ignore,
        ending: Callable[[], bool] = _never,
    ) -> list[CrawlRun]:
        """Crawl the open sources that were not read lately, within what somebody waiting will bear.

        With an area, also those that can be asked for it; from then on they are due for it as any site is.

        A site whose time has not come is left alone, so that a second question a minute later asks nobody. Once
        `ending` says so, open pages are finished in a moment and the rest is left for another day.
        """
        from crawlers.running import Limits

        now = self.clock()
        sites = self.open_sources(area, audience)
        self.store.set_jobs((site, now) for site in sites)
        jobs = self.store.claim_due(now, LEASE, MOST_SITES, among=[site.name for site in sites])
        if not jobs:
            return []
        count = "1 open source" if len(jobs) == 1 else f"{len(jobs)} open sources"
        self.notices.say(f"Asking {count} first, {WAITED_SECONDS:.0f} seconds at most (--no-crawl does without).")
        return self.crawl(
            [job.site for job in jobs],
            limits=Limits(pages=WAITED_PAGES, seconds=WAITED_SECONDS),
            on_progress=on_progress,
            ending=ending,
        )

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
