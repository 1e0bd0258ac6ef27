from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
import stamina

from crawlers.contract import About, Manners, NeedsKey, Pace, Page, Request, RobotsFailed, Stopped
from crawlers.fetching import Fetcher
from crawlers.registry import site_from
from crawlers.running import Limits, manners_of, run
from crawlers.sites.matrix import Matrix
from crawlers.testing import MOMENT, Loopback, Recorded, Reply, page_of
from venues.errors import Blocked, PageChanged, RobotsForbidden, TooLarge, Unreachable
from venues.model import Access, Kind, Listing, Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crawlers.running import CrawlOutcome
    from venues.model import Area

BASE = "https://forum.example"
POLITE = Manners()


@dataclass(frozen=True)
class Lines:
    """Reads one listing or link a line: "+name" or ">path"; "!" is a fault of the reader."""

    first: tuple[str, ...] = ("/",)
    more: Mapping[str, Any] = field(default_factory=dict)
    about: ClassVar[About] = About(
        platform="lines", website="https://lines.example", terms="None.", official_api=True, pace=2.5
    )

    def plan(self, area: Area | None) -> Iterator[Request]:
        yield from (Request(url=f"{BASE}{path}") for path in self.first)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        for line in page.text.split():
            if line == "!":
                raise ZeroDivisionError("no one foresaw this")
            if line == "?":
                raise PageChanged(page.url, "is a log-in page")
            if line.startswith(">"):
                yield Request(url=f"{BASE}{line[1:]}")
            else:
                yield Listing(platform="lines", native_id=line[1:], title=line[1:], **self.more)


SITE = Site(name="lines:forum.example", platform="lines")


def crawl(pages: dict[str, Any], crawler: Any = None, gate: Any = None, **settings: Any) -> CrawlOutcome:
    recorded = gate or Recorded({f"{BASE}{path}": body for path, body in pages.items()})
    return asyncio.run(
        run(settings.pop("site", SITE), crawler or Lines(), recorded, **{"now": lambda: MOMENT} | settings)
    )


def names(outcome: CrawlOutcome) -> list[str]:
    return [listing.native_id for listing in outcome.listings]


def test_planned_pages_are_read_and_their_links_followed() -> None:
    gate = Recorded({f"{BASE}/": "+a >/two", f"{BASE}/two": "+b >/ >/two#again"})
    outcome = crawl({}, gate=gate)
    assert names(outcome) == ["a", "b"]
    assert (outcome.state, outcome.complete, outcome.requests, outcome.error) == ("read", True, 2, None)
    assert [request.url for request in gate.asked] == [f"{BASE}/", f"{BASE}/two"]
    assert gate.manners == Manners(pace=2.5)


def test_listings_say_where_and_when_they_were_read() -> None:
    (listing,) = crawl({"/": "+a"}).listings
    assert (listing.source, listing.source_url, listing.seen_at) == (SITE.name, f"{BASE}/", MOMENT)


def test_nothing_there_is_no_fault() -> None:
    outcome = crawl({"/": ""})
    assert (outcome.state, outcome.complete, outcome.error) == ("none found", True, None)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Unreachable("x", "gave no answer"), "failed"),
        (RobotsForbidden("x", "robots.txt does not permit it"), "not permitted"),
        (RobotsFailed("x", "robots.txt answered 503, which counts as a no"), "failed"),
        (Blocked("x", "answered 403"), "not permitted"),
        (Blocked("x", "answered 429", MOMENT + timedelta(hours=1)), "failed"),
        (NeedsKey("x", "answered 401"), "needs key"),
        (PageChanged("x", "answered 404"), "failed"),
        (TooLarge("x", "is too large"), "failed"),
        (ZeroDivisionError("a mistake in the gate"), "failed"),
    ],
)
def test_every_fault_of_a_site_becomes_a_value(fault: Exception, state: str) -> None:
    outcome = crawl({"/": fault})
    assert (outcome.state, outcome.complete, outcome.listings) == (state, False, ())
    assert outcome.error is not None
    assert fault in {outcome.error, outcome.error.__cause__}
    assert outcome.refused
    assert outcome.refused[0].startswith(f"{BASE}/: ")


def test_the_time_that_a_site_names_is_in_the_outcome() -> None:
    until = MOMENT + timedelta(hours=1)
    assert crawl({"/": Blocked("x", "answered 429", until)}).retry_after == until


def test_one_bad_page_costs_only_itself() -> None:
    outcome = crawl({"/": "+a >/gone >/b", "/b": "+b"})
    assert names(outcome) == ["a", "b"]
    assert (outcome.state, outcome.complete) == ("read", False)
    assert outcome.refused == (f"{BASE}/gone: is not recorded",)


@pytest.mark.parametrize("mark", ["!", "?"])
def test_what_a_page_listed_before_its_reader_failed_is_kept(mark: str) -> None:
    outcome = crawl({"/": f"+a {mark} +b"})
    assert names(outcome) == ["a"]
    assert not outcome.complete
    assert isinstance(outcome.error, PageChanged)
    assert outcome.error.subject == f"{BASE}/"
    assert isinstance(outcome.error.__cause__, ZeroDivisionError | None)


def test_a_crawler_that_cannot_plan_is_a_value_too() -> None:
    outcome = crawl({}, crawler=Broken())
    assert (outcome.state, outcome.complete) == ("failed", False)


@dataclass(frozen=True)
class Broken(Lines):
    """Cannot plan."""

    def plan(self, area: Area | None) -> Iterator[Request]:
        raise KeyError("area")


# limits


def endless(path: str) -> str:
    return f"+{path[1:]} >{path}x"


class Endless(dict[str, Any]):
    def get(self, url: str, default: Any = None) -> Any:
        return endless(url.removeprefix(BASE))


def test_endless_pages_end() -> None:
    outcome = crawl({}, gate=Recorded(Endless()), limits=Limits(pages=7))
    assert (outcome.requests, outcome.state, outcome.complete) == (7, "read", False)
    assert isinstance(outcome.error, TooLarge)


def test_a_page_leads_to_no_host_but_the_sites_own() -> None:
    other = "https://other.example/b"
    gate = Recorded({f"{BASE}/": f"+a >{other}", other: "+b"})
    outcome = crawl({}, gate=gate, crawler=Leading())
    assert [f"{BASE}/"] == [each.url for each in gate.asked]
    assert (["a"], "read", False) == (names(outcome), outcome.state, outcome.complete)
    assert "another host" in outcome.refused[0]


def test_a_page_leads_on_where_its_site_was_moved_to() -> None:
    moved = replace(
        page_of(Request(url=f"{BASE}/"), Reply(b"+a >https://moved.example/b")), url="https://moved.example/"
    )
    gate = Moved({"https://moved.example/b": "+b"}, first=moved)
    assert ["a", "b"] == names(crawl({}, gate=gate, crawler=Leading()))


@dataclass(frozen=True)
class Leading(Lines):
    """Follows whole addresses."""

    def read(self, page: Page) -> Iterator[Listing | Request]:
        for line in page.text.split():
            if line.startswith(">"):
                yield Request(url=line[1:])
            else:
                yield Listing(platform="lines", native_id=line[1:], title=line[1:])


@dataclass
class Moved(Recorded):
    first: Page | None = None

    async def fetch(self, request: Request, manners: Manners = Manners()) -> Page:  # noqa: B008 - frozen
        if request.url == f"{BASE}/" and self.first:
            return self.first
        return await super().fetch(request, manners)


def test_endless_listings_end() -> None:
    listed = " ".join(f"+{number}" for number in range(50))
    kept: list[str] = []
    outcome = crawl(
        {"/": f">/b {listed}"},
        limits=Limits(listings=20),
        on_listings=lambda batch: kept.extend(x.title for x in batch),
    )
    assert (len(outcome.listings), outcome.complete, outcome.requests) == (20, False, 1)
    assert kept == names(outcome)
    assert isinstance(outcome.error, TooLarge)
    assert crawl({"/": listed}, limits=Limits(listings=50)).complete


def test_pages_that_repeat_themselves_end() -> None:
    class Loop(Endless):
        def get(self, url: str, default: Any = None) -> Any:
            return f"+same >{url.removeprefix(BASE)}x"

    outcome = crawl({}, gate=Recorded(Loop()), limits=Limits(repeats=3))
    assert (outcome.requests, names(outcome), outcome.complete) == (4, ["same"], False)


def test_many_faults_end_the_run() -> None:
    outcome = crawl({"/": " ".join(f">/{number}" for number in range(20))}, limits=Limits(faults=3))
    assert outcome.requests == 4


class Slow:
    def __init__(self) -> None:
        self.waiting = asyncio.Event()

    async def fetch(self, request: Request, manners: Manners = POLITE) -> Page:
        if request.url != f"{BASE}/":
            self.waiting.set()
            await asyncio.sleep(60)
        return await Recorded({f"{BASE}/": "+a >/b"}).fetch(request)


def test_the_whole_run_has_a_time_limit_and_keeps_what_it_had() -> None:
    outcome = crawl({}, gate=Slow(), limits=Limits(seconds=1.0))
    assert (names(outcome), outcome.complete) == (["a"], False)
    assert isinstance(outcome.error, TooLarge)


# stopping


def test_a_stop_ends_the_run_after_the_open_page() -> None:
    pages = iter([False, True])
    outcome = crawl({"/": "+a >/b", "/b": "+b"}, stop=lambda: next(pages))
    assert (names(outcome), outcome.state, outcome.complete, outcome.error) == (["a"], "read", False, None)


def test_cancelling_passes_through_and_finished_pages_were_handed_over() -> None:
    kept: list[str] = []

    async def cancelled() -> None:
        gate = Slow()
        work = asyncio.ensure_future(
            run(SITE, Lines(), gate, now=lambda: MOMENT, on_listings=lambda batch: kept.extend(x.title for x in batch))
        )
        await gate.waiting.wait()
        work.cancel()
        await work

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert kept == ["a"]


def test_progress_is_told_after_each_page() -> None:
    told: list[tuple[int, int, int]] = []
    crawl({"/": "+a >/b >/c", "/b": "+b"}, on_progress=lambda at: told.append((at.requests, at.waiting, at.listings)))
    assert told == [(1, 2, 1), (2, 1, 2), (3, 0, 2)]


@pytest.mark.parametrize("others", ["", " >/b"])
def test_a_page_that_was_waiting_when_the_crawl_was_stopped_is_nobodys_fault(others: str) -> None:
    outcome = crawl({"/": f"+a >/later{others}", "/later": Stopped("x", "was waiting"), "/b": "+b"})
    assert (names(outcome), outcome.state, outcome.complete, outcome.stopped) == (["a"], "read", False, True)
    assert (outcome.requests, outcome.refused, outcome.error) == (1, (), None)


def test_more_links_than_there_may_be_pages_are_not_held() -> None:
    gate = Recorded({f"{BASE}/": " ".join(f">/{number}" for number in range(50_000))})
    outcome = crawl({}, gate=gate, limits=Limits(pages=10, faults=100))
    assert (outcome.requests, outcome.complete) == (10, False)
    assert "more than 10 pages" in outcome.refused[-1]


# what a page says of pace


@dataclass(frozen=True)
class Paced(Lines):
    """Reads a pace from "=seconds"."""

    def read(self, page: Page) -> Iterator[Any]:
        for word in page.text.split():
            if word.startswith("="):
                yield Pace(float(word[1:]))
        yield from super().read(replace(page, body=" ".join(w for w in page.text.split() if w[0] != "=").encode()))


@pytest.mark.parametrize(
    ("said", "kept"),
    [("=10", 10.0), ("=0.5", 2.5), ("=4 =3", 4.0), ("=nan", 2.5), ("=inf", 2.5), ("=-5", 2.5), ("=999999", 2.5)],
)
def test_a_slower_pace_that_a_page_states_is_kept_to_from_then_on(said: str, kept: float) -> None:
    class Watched(Recorded):
        paces: ClassVar[list[float]] = []

        async def fetch(self, request: Request, manners: Manners = POLITE) -> Page:
            self.paces.append(manners.pace)
            return await super().fetch(request, manners)

    gate = Watched({f"{BASE}/": f"+a {said} >/b", f"{BASE}/b": "+b >/c", f"{BASE}/c": "+c"})
    gate.paces.clear()
    outcome = crawl({}, crawler=Paced(), gate=gate)
    assert (names(outcome), outcome.complete) == (["a", "b", "c"], True)
    assert gate.paces == [2.5, kept, kept]


# where a board is


@dataclass(frozen=True)
class Forum(Lines):
    """Reads "#Title" as the forum itself, "+Board" as a board and "+Board<Category" as one in a category."""

    def read(self, page: Page) -> Iterator[Listing | Request]:
        for word in page.text.split():
            name, _, parent = word[1:].partition("<")
            if word[0] == ">":
                yield Request(url=f"{BASE}{name}")
            else:
                kind = Kind.FORUM if word[0] == "#" else Kind.CHAT if word[0] == "~" else Kind.BOARD
                yield Listing(platform="lines", native_id=name, title=name, kind=kind, parent=parent or None)


def test_the_forums_own_title_is_put_before_what_each_board_is_in() -> None:
    outcome = crawl({"/": "#Leeds +General +Rides<Out >/two", "/two": "#Other +Later<Out ~Chat"}, crawler=Forum())
    assert {listing.native_id: listing.parent for listing in outcome.listings} == {
        "Leeds": None,
        "General": "Leeds",
        "Rides": "Leeds > Out",
        "Other": None,
        "Later": "Leeds > Out",
        "Chat": None,
    }


def test_boards_of_a_page_that_names_no_forum_stay_as_they_are() -> None:
    outcome = crawl({"/": "+General<Talk +Rides"}, crawler=Forum())
    assert ["Talk", None] == [listing.parent for listing in outcome.listings]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, ("Hebden Bridge", "GB")),
        ({"place": "Todmorden"}, ("Todmorden", "GB")),
        ({"country": "IE"}, ("Hebden Bridge", "IE")),
        ({"lat": 53.7, "lon": -2.0}, (None, None)),
        ({"lat": 53.7, "lon": -2.0, "country": "GB"}, (None, "GB")),
        ({"lat": 99.0, "lon": -2.0}, ("Hebden Bridge", "GB")),
    ],
)
def test_a_sites_place_and_country_stand_in_where_a_listing_says_nothing(
    said: dict[str, Any], kept: tuple[str | None, str | None]
) -> None:
    site = replace(SITE, place="Hebden Bridge", country="GB")
    (listing,) = crawl({"/": "+a"}, crawler=Lines(more=said), site=site).listings
    assert kept == (listing.place, listing.country)


# waiting when asked to


class Moody:
    def __init__(self, *answers: Any) -> None:
        self.answers = iter(answers)

    async def fetch(self, request: Request, manners: Manners = POLITE) -> Page:
        return await Recorded({request.url: next(self.answers)}).fetch(request)


def test_a_short_wait_is_waited_and_a_long_one_ends_the_run() -> None:
    soon, late = (Blocked("x", "answered 429", MOMENT + timedelta(seconds=seconds)) for seconds in (30, 3000))
    assert crawl({}, gate=Moody(soon, soon, "+a")).complete
    assert crawl({}, gate=Moody(soon, soon, soon)).error is soon
    outcome = crawl({}, crawler=Lines(first=("/", "/b")), gate=Moody(late, "+a"))
    assert (outcome.requests, names(outcome)) == (1, [])


# what is kept of a listing


def test_a_venue_listed_twice_is_one_with_both_its_sayings() -> None:
    @dataclass(frozen=True)
    class Twice(Lines):
        """Says a little on each page."""

        def read(self, page: Page) -> Iterator[Listing | Request]:
            first = page.url == f"{BASE}/"
            said: dict[str, Any] = {"members": 5} if first else {"description": "d"}
            yield Listing(platform="lines", native_id="a", title="A", **said)
            if first:
                yield Request(url=f"{BASE}/b")

    batches: list[int] = []
    outcome = crawl({"/": "", "/b": ""}, crawler=Twice(), on_listings=lambda batch: batches.append(len(batch)))
    (listing,) = outcome.listings
    assert (listing.members, listing.description, batches) == (5, "d", [1, 1])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"title": " A\x00 \u202eB \n"}, {"title": "A B"}),
        ({"title": "\u200b"}, {"title": "a"}),
        ({"description": "x" * 9000}, {"description": "x" * 3999 + "…"}),
        ({"description": "Mail jo@example.org or @jo:example.org"}, {"description": "Mail … or …"}),
        ({"description": "by /u/some_one and u/other"}, {"description": "by … and …"}),
        ({"url": "javascript:alert(1)"}, {"url": None}),
        ({"members": -3}, {"members": None}),
        ({"members": "1.2k"}, {"members": 1200}),
        ({"posts_per_week": float("nan")}, {"posts_per_week": None}),
        ({"lat": 0.0, "lon": 0.0}, {"lat": None, "lon": None}),
        ({"lat": 91.0, "lon": 1.0}, {"lat": None, "lon": None}),
        ({"lat": 10**400, "lon": 1}, {"lat": None, "lon": None}),
        ({"lat": float("nan"), "lon": 1.0}, {"lat": None, "lon": None}),
        ({"lat": 53.8, "lon": -1.5}, {"lat": 53.8, "lon": -1.5}),
        ({"country": "gb"}, {"country": None}),
        ({"language": "en-GB"}, {"language": "en-GB"}),
        ({"language": "English!"}, {"language": None}),
        ({"kind": "nonsense"}, {"kind": Kind.OTHER}),
        ({"access": "nonsense"}, {"access": None}),
        ({"nsfw": "no"}, {"nsfw": None}),
        ({"last_post_at": MOMENT + timedelta(days=400)}, {"last_post_at": None}),
        ({"last_post_at": MOMENT + timedelta(hours=3)}, {"last_post_at": MOMENT}),
        ({"last_post_at": datetime(2020, 1, 1)}, {"last_post_at": datetime(2020, 1, 1, tzinfo=UTC)}),  # noqa: DTZ001
        ({"rules": ("Be kind\n", " ")}, {"rules": ("Be kind",)}),
        ({"source": "made up", "seen_at": None}, {"source": SITE.name, "seen_at": MOMENT}),
    ],
)
def test_listings_are_cleaned(given: dict[str, Any], kept: dict[str, Any]) -> None:
    @dataclass(frozen=True)
    class One(Lines):
        """Gives one listing."""

        def read(self, page: Page) -> Iterator[Listing | Request]:
            yield Listing(**({"platform": "lines", "native_id": "a", "title": "A"} | given))

    (listing,) = crawl({"/": ""}, crawler=One()).listings
    assert kept == {name: getattr(listing, name) for name in kept}


def test_no_field_of_a_listing_is_lost_on_the_way() -> None:
    said: dict[str, Any] = {
        "kind": Kind.BOARD,
        "url": "https://forum.example/a",
        "description": "d",
        "place": "Leeds",
        "country": "GB",
        "lat": 53.8,
        "lon": -1.5,
        "parent": "p",
        "members": 1,
        "active_members": 2,
        "topics": 3,
        "posts": 4,
        "posts_per_week": 5.0,
        "last_post_at": MOMENT,
        "access": Access.OPEN,
        "language": "en",
        "nsfw": False,
        "rules": ("r",),
        "licence": "CC0",
    }
    added = {"platform", "native_id", "title", "seen_at", "source", "source_url"}
    assert {each.name for each in fields(Listing)} == said.keys() | added, "a new field is not tried here"
    (listing,) = crawl({"/": "+a"}, crawler=Lines(more=said)).listings
    assert said == {name: getattr(listing, name) for name in said}


@pytest.mark.parametrize("native_id", ["", " ", "\u200b", "x" * 600])
def test_what_has_no_identity_is_no_listing(native_id: str) -> None:
    assert crawl({"/": f"+{native_id}"}).listings == ()


# the private addresses that settings spell out


def test_only_private_looking_hosts_of_the_settings_are_homes() -> None:
    def homes(url: str) -> set[tuple[str, int]]:
        site = Site(name="x", platform="lines", options=(("base_url", url), ("other", "word")))
        return set(manners_of(site, Lines()).homes)

    assert homes("http://127.0.0.1:8008/a") == {("127.0.0.1", 8008)}
    assert homes("https://forum.lan") == {("forum.lan", 443)}
    assert homes("https://forum.example.org") == set()


def test_only_a_platform_of_the_users_own_instances_goes_without_robots() -> None:
    @dataclass(frozen=True)
    class Own(Lines):
        """Reads an instance of one's own."""

        about: ClassVar[About] = replace(Lines.about, own=True)

    def own(url: str, crawler: Lines) -> set[tuple[str, int]]:
        return set(manners_of(Site(name="x", platform="lines", options=(("base_url", url),)), crawler).own)

    assert own("http://search.lan:8888", Own()) == {("search.lan", 8888)}
    assert own("https://search.example.org", Own()) == set()
    assert own("http://search.lan:8888", Lines()) == set()


def test_queries_whose_answers_overlap_are_all_asked() -> None:
    paths = tuple(f"/search?q={number}" for number in range(9))
    outcome = crawl(dict.fromkeys(paths, "+a +b"), crawler=Lines(first=paths), limits=Limits(repeats=3))
    assert (9, True, None) == (outcome.requests, outcome.complete, outcome.error)
    assert names(outcome) == ["a", "b"]


# Matrix, whole, over a real socket


@pytest.fixture
def _no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


def matrix(answer: Any) -> tuple[CrawlOutcome, list[str]]:
    with Loopback(lambda path: Reply(status=404) if path == "/robots.txt" else answer(path)) as server:

        async def crawl_it() -> CrawlOutcome:
            site = site_from(f"matrix:{server.url}")
            crawler = Hasty(base_url=server.url, page_size=1)
            async with Fetcher() as fetcher:
                return await run(site, crawler, fetcher, now=lambda: datetime.now(UTC), limits=Limits(pages=20))

        return asyncio.run(crawl_it()), server.paths


@dataclass(frozen=True, kw_only=True)
class Hasty(Matrix):
    """A crawler without a pace, for a server that is ours."""

    about: ClassVar[About] = replace(Matrix.about, pace=0.0)


def rooms(*ids: str, **more: Any) -> Reply:
    return Reply(json.dumps({"chunk": [{"room_id": each, "name": each} for each in ids]} | more).encode())


@pytest.mark.usefixtures("_no_backoff")
def test_a_directory_that_goes_round_in_circles_ends() -> None:
    outcome, _ = matrix(lambda path: rooms("!a:x", next_batch="1" if "since=2" in path else "2"))
    assert (names(outcome), outcome.requests) == (["!a:x"], 3)
    outcome, _ = matrix(lambda _: rooms("!a:x", next_batch="same"))
    assert (names(outcome), outcome.complete) == (["!a:x"], False)


@pytest.mark.usefixtures("_no_backoff")
def test_a_directory_whose_token_never_ends_ends() -> None:
    outcome, _ = matrix(lambda path: rooms("!a:x", next_batch=f"{len(path)}{'x' * len(path)}"))
    assert outcome.complete is False
    assert outcome.requests <= 7


@pytest.mark.usefixtures("_no_backoff")
@pytest.mark.parametrize("body", [b"<html>log in</html>", b"[]", b"{}", b'{"chunk": 5}', b"null", b""])
def test_what_is_no_directory_is_a_changed_page(body: bytes) -> None:
    outcome, _ = matrix(lambda _: Reply(body))
    assert (outcome.state, type(outcome.error)) == ("failed", PageChanged)


@pytest.mark.usefixtures("_no_backoff")
def test_a_server_that_wants_a_token_needs_a_key() -> None:
    outcome, _ = matrix(lambda _: Reply(b'{"errcode":"M_MISSING_TOKEN"}', status=401))
    assert outcome.state == "needs key"
