"""What a crawl leaves in the store: what was listed, what is gone, how it went, and when to come again."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.registry import site_from
from crawlers.sites.matrix import Matrix
from crawlers.testing import Loopback, Reply
from index.sqlite import SqliteStore
from index.testing import HashEncoder
from venues.crawling import Crawl, exit_code, summary
from venues.errors import SettingsError, StoreError
from venues.model import CrawlRun, Site, VenueId
from venues.refresh import Intake

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@dataclass
class Server:
    """A room directory whose rooms a test sets as it goes."""

    rooms: list[str] = field(default_factory=list)
    status: int = 200
    more: bool = False
    """Whether there seems to be no end of it."""
    seconds: float = 0.0
    """How long a reply takes."""
    listed: int = 0
    """How often it was asked for its rooms."""

    def answer(self, path: str) -> Reply:
        if path == "/robots.txt":
            return Reply(b"", 404)
        self.listed += 1
        time.sleep(self.seconds)
        chunk = [{"room_id": f"!{name}:x", "name": name, "num_joined_members": 3} for name in self.rooms]
        following = {"next_batch": path} if self.more else {}
        return Reply(json.dumps({"chunk": chunk} | following).encode(), self.status)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as opened:
        yield opened


@dataclass
class World:
    """Servers, and crawls of them into one store."""

    store: SqliteStore
    stack: ExitStack

    def serve(self, server: Server) -> Site:
        loopback = self.stack.enter_context(Loopback(server.answer))
        site = site_from(f"matrix:{loopback.url}")
        self.store.set_jobs([(site, NOW)])
        return site

    def crawling(self, **more: Any) -> Crawl:
        def intake() -> Intake:
            return Intake(store=self.store, encoder=HashEncoder(), locate=lambda _: None, now=NOW)

        return Crawl(intake=intake, now=lambda: NOW, **more)

    def crawl(self, *sites: Site, **more: Any) -> list[CrawlRun]:
        return self.crawling(**more).all(sites)

    def gone(self, name: str) -> bool:
        row = self.store._db.execute("SELECT gone_at FROM venues WHERE native_id = ?", [f"!{name}:x"]).fetchone()
        return row[0] is not None


@pytest.fixture
def world(store: SqliteStore) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(store, stack)


def test_what_a_site_lists_is_kept_with_the_run_and_its_next_time(world: World) -> None:
    site = world.serve(Server(["walkers", "readers"]))
    (run,) = world.crawl(site)
    assert ("read", True, 2, 2, None) == (run.state, run.complete, run.listings, run.added, run.error)
    assert [run] == world.store.runs(10)
    venue = world.store.venue(VenueId("matrix", "!walkers:x"))
    assert [site.name] == [one.source for one in venue.evidence]
    assert run.next_due is not None
    assert NOW < run.next_due
    assert [] == world.store.claim_due(NOW, timedelta(hours=1), 10)


def test_a_venue_is_gone_after_two_whole_runs_without_it_and_not_before(world: World) -> None:
    server = Server(["walkers", "readers"])
    site = world.serve(server)
    world.crawl(site)
    server.rooms = ["readers"]
    (first,) = world.crawl(site)
    assert (0, False) == (first.gone, world.gone("walkers"))
    (second,) = world.crawl(site)
    assert (1, True, False) == (second.gone, world.gone("walkers"), world.gone("readers"))
    server.rooms = ["readers", "walkers"]
    world.crawl(site)
    assert not world.gone("walkers")


@pytest.mark.parametrize(("rooms", "status"), [([], 200), (["other"], 403), (["other"], 404)])
def test_a_failed_or_empty_run_marks_nothing_gone_however_often(world: World, rooms: list[str], status: int) -> None:
    server = Server(["walkers"])
    site = world.serve(server)
    world.crawl(site)
    server.rooms, server.status = rooms, status
    for _ in range(3):
        (run,) = world.crawl(site)
        assert 0 == run.gone
    assert not world.gone("walkers")


def test_one_sites_fault_is_in_its_run_and_costs_the_others_nothing(world: World) -> None:
    good, bad = world.serve(Server(["walkers"])), world.serve(Server(status=403))
    unset = Site(name="matrix:old", platform="matrix", options=(("colour", "red"),))
    runs = world.crawl(bad, unset, good)
    assert ["not permitted", "failed", "read"] == [run.state for run in runs]
    assert "colour" in (runs[1].error or "")
    assert 1 == world.store.count()


def test_a_wish_to_stop_keeps_what_was_read_and_says_that_it_is_not_all(world: World) -> None:
    server = Server(["walkers"], more=True)
    site = world.serve(server)
    crawl = world.crawling(on_progress=lambda _: setattr(crawl, "stopping", True))
    (run,) = crawl.all([site])
    assert ("read", False, 1, None) == (run.state, run.complete, run.listings, run.error)
    assert 1 == world.store.count()
    assert [site] == [job.site for job in world.store.claim_due(NOW, timedelta(hours=1), 10)], "it goes on at once"


def test_what_was_not_begun_when_the_crawl_was_stopped_has_no_run(world: World) -> None:
    assert [] == world.crawl(world.serve(Server(["walkers"])), stopping=True)


def test_a_crawl_that_is_to_end_waits_for_no_page_longer_than_a_moment_and_may_go_on_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venues.crawling.GRACE", 0.3)
    quick = world.serve(Server(["walkers"]))
    server = Server(["readers"], seconds=30)
    hanging = world.serve(server)
    started = time.monotonic()
    read, left = world.crawl(quick, hanging, ending=lambda: bool(server.listed and world.store.runs(1)))
    assert time.monotonic() - started < 25
    assert ("read", True) == (read.state, read.complete)
    assert ("failed", NOW) == (left.state, left.next_due)
    assert [hanging.name] == [job.site.name for job in world.store.claim_due(NOW, timedelta(hours=1), 10)]


def test_a_store_that_cannot_be_written_is_a_fault_of_ours_and_is_raised_as_such(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.serve(Server(["walkers"]))

    def full(*_: object, **__: object) -> None:
        raise StoreError("disk is full")

    monkeypatch.setattr(world.store, "apply", full)
    with pytest.raises(StoreError, match="disk is full"):
        world.crawl(site)


def test_a_source_whose_key_is_not_set_is_not_asked_and_says_which_setting_it_needs(world: World) -> None:
    site = site_from("reddit:?subreddits=brighton")
    world.store.set_jobs([(site, NOW)])
    (run,) = world.crawl(site)  # the test would fail at a look-up of the host
    assert "needs key" == run.state
    assert "VENUES_REDDIT_ID" in (run.error or "")


def test_a_key_that_cannot_be_sent_is_refused_before_anything_is_asked(world: World) -> None:
    with pytest.raises(SettingsError, match="VENUES_BRAVE_KEY"):
        world.crawl(world.serve(Server(["walkers"])), keys={"brave_key": "two words"})


# crawls of what is due


def test_what_is_due_is_claimed_and_crawled_and_then_no_longer_due(world: World) -> None:
    sites = [world.serve(Server(["walkers"])), world.serve(Server(status=404))]
    runs = world.crawling().due(world.store, timedelta(minutes=10))
    assert {(sites[0].name, "read"), (sites[1].name, "failed")} == {(run.site, run.state) for run in runs}
    assert [] == world.crawling().due(world.store, timedelta(minutes=10))


def test_no_more_hosts_are_open_at_once_than_is_set_and_all_have_their_turn(world: World) -> None:
    sites = [world.serve(Server([f"room{number}"])) for number in range(5)]
    open_now: set[str] = set()
    most = 0
    crawl = world.crawling(most_open=2)
    begin = crawl._one

    async def counted(site: Site, *rest: Any) -> CrawlRun:
        nonlocal most
        open_now.add(site.name)
        most = max(most, len(open_now))
        try:
            return await begin(site, *rest)
        finally:
            open_now.discard(site.name)

    crawl._one = counted  # type: ignore[method-assign,assignment]
    runs = crawl.all(sites)
    assert [site.name for site in sites] == [run.site for run in runs], "in the order in which they were given"
    assert (2, 5) == (most, world.store.count())


def test_a_crawl_of_what_is_due_gives_back_what_it_had_not_begun_when_it_was_stopped(world: World) -> None:
    sites = [world.serve(Server([f"room{number}"], more=True)) for number in range(3)]
    crawl = world.crawling(most_open=1, on_progress=lambda _: setattr(crawl, "stopping", True))
    (run,) = crawl.due(world.store, timedelta(minutes=10))
    assert not run.complete
    claimed = world.store.claim_due(NOW, timedelta(minutes=10), 10)
    assert {site.name for site in sites} == {job.site.name for job in claimed}


def test_claims_are_prolonged_while_the_crawl_lives(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.serve(Server(["walkers"]))
    prolonged: list[list[str]] = []
    monkeypatch.setattr(world.store, "prolong", lambda names, until: prolonged.append(list(names)))
    world.crawling().due(world.store, timedelta(seconds=1))
    assert len(prolonged) >= 2, "a crawl takes a second at least, since it asks for robots.txt first"


def test_a_site_that_is_searched_rests_as_long_as_its_platform_says(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.serve(Server(["walkers"]))
    monkeypatch.setattr(Matrix, "about", replace(Matrix.about, rest=20))
    (run,) = world.crawl(site)
    assert run.next_due is not None
    assert run.next_due >= run.finished_at + timedelta(days=20)


def test_a_page_is_kept_before_the_site_is_done_where_the_site_is_slow(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.serve(Server(["walkers"], more=True))
    monkeypatch.setattr("venues.crawling._OFTEN", 0.0)
    kept: list[int] = []
    world.crawl(site, on_progress=lambda _: kept.append(world.store.count()))
    assert 1 in kept


# what a scheduler is told


def a_run(site: str = "matrix:https://a.example", state: str = "read", **more: Any) -> CrawlRun:
    fields = {"started_at": NOW, "finished_at": NOW, "complete": state == "read"}
    return CrawlRun(site=site, state=state, **fields | more)


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        (["read"], 0),
        (["failed", "read"], 0),
        (["failed", "failed"], 1),
        (["failed", "not permitted"], 0),
        (["needs key"], 0),
    ],
)
def test_only_a_crawl_in_which_every_site_failed_is_a_fault_of_ours(states: list[str], code: int) -> None:
    assert code == exit_code([a_run(state=state) for state in states])


def test_the_summary_has_a_line_for_each_site_and_one_for_all() -> None:
    good = a_run(listings=1200, added=3, updated=2, gone=1, requests=14, next_due=NOW + timedelta(days=1))
    bad = a_run("matrix:https://b.example", "failed", error="answered\n\x1b[31m500 " + "x" * 999)
    first, second, last = summary([bad, good])
    assert (
        "matrix:https://a.example: read; 1,200 listed, 3 added, 2 updated, 1 gone; 14 requests; "
        "next 2026-11-02 09:00 UTC"
    ) == first
    assert second.startswith("matrix:https://b.example: failed, not all; 0 listed")
    assert second.isprintable()
    assert len(second) < 400
    assert "2 sites: 1 failed, 1 read; 3 added, 2 updated, 1 gone; 14 requests" == last
    assert ["0 sites: no site was due; 0 added, 0 updated, 0 gone; 0 requests"] == summary([])
