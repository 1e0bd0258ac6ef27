"""What a crawl leaves in the store: what was listed, what is gone, how it went, and when to come again."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.registry import site_from
from crawlers.testing import Loopback, Reply
from index.sqlite import SqliteStore
from index.testing import HashEncoder
from venues.crawling import Crawl
from venues.errors import StoreError
from venues.model import Site, VenueId
from venues.refresh import Intake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from venues.model import CrawlRun

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@dataclass
class Server:
    """A room directory whose rooms a test sets as it goes."""

    rooms: list[str] = field(default_factory=list)
    status: int = 200
    more: bool = False
    """Whether there seems to be no end of it."""

    def answer(self, path: str) -> Reply:
        if path == "/robots.txt":
            return Reply(b"", 404)
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


def test_a_store_that_cannot_be_written_is_a_fault_of_ours_and_is_raised_as_such(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = world.serve(Server(["walkers"]))

    def full(*_: object, **__: object) -> None:
        raise StoreError("disk is full")

    monkeypatch.setattr(world.store, "apply", full)
    with pytest.raises(StoreError, match="disk is full"):
        world.crawl(site)
