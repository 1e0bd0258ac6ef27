"""Two hundred hosts on loopback, most of them difficult: what they saw of us is what counts."""

from __future__ import annotations

import itertools
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawlers.fetching import Bounds
from crawlers.notes import Notes
from crawlers.registry import site_from
from crawlers.running import Limits
from crawlers.simulating import (
    AWAY,
    DELAY,
    DIRECTORY,
    INSIDE,
    READABLE,
    ROOMS,
    Entry,
    Temper,
    World,
    address_of,
    rooms_of,
    temper_of,
)
from index.sqlite import SqliteStore
from index.testing import HashEncoder
from venues.crawling import Crawl
from venues.refresh import Intake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from venues.model import CrawlRun

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8"),
]
PACE = 1.0
"""That of the crawler for Matrix."""
MOST_PAGES = 6


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def crawling(db: Path) -> Iterator[Crawl]:
    with SqliteStore(db) as store, Notes(f"{db}-hosts") as notes:

        def intake() -> Intake:
            return Intake(store=store, encoder=HashEncoder(), locate=lambda _: None, now=utc_now())

        limits, bounds = Limits(pages=MOST_PAGES), Bounds(seconds=10.0, attempts=2)
        yield Crawl(intake=intake, now=utc_now, memory=notes, limits=limits, bounds=bounds)


def by_host(world: World) -> dict[int, list[Entry]]:
    """Return what each host was asked, in order of arrival."""
    found: dict[int, list[Entry]] = defaultdict(list)
    numbers = {address_of(number): number for number in range(world.hosts)}
    for entry in world.entries():
        found[numbers[entry.host]].append(entry)  # an address that nobody configured is no host of ours
    return {number: sorted(entries) for number, entries in found.items()}


def assert_polite(world: World) -> None:
    for number, entries in by_host(world).items():
        temper = temper_of(number)
        for earlier, later in itertools.pairwise(entries):
            told = f"{temper.name} {earlier} {later}"
            assert later.at >= earlier.at - earlier.late + PACE, told
            assert later.at >= earlier.until, f"two at once: {told}"
            delayed = temper in {Temper.DELAYED, Temper.ROBOTS_MOVED}
            if delayed and not later.path.endswith("robots.txt") and later is not entries[1]:
                assert later.at >= earlier.at - earlier.late + DELAY, told
            if earlier.status == 429:
                assert later.at >= earlier.at + AWAY, told
            if temper is Temper.USED_UP and "since=1" in earlier.path:
                assert later.at >= earlier.at + AWAY, told
        if temper in {Temper.FORBIDDEN, Temper.ROBOTS_FAIL}:
            assert {"/robots.txt"} == {entry.path for entry in entries}
        assert entries[0].path == "/robots.txt"


def ids(db: Path) -> list[str]:
    with sqlite3.connect(db) as connection:
        found = [native_id for (native_id,) in connection.execute("SELECT native_id FROM venues ORDER BY native_id")]
    connection.close()
    return found


STATES = {
    Temper.FORBIDDEN: "not permitted",
    Temper.ROBOTS_FAIL: "failed",
    Temper.DRIPPING: "failed",
    Temper.BOMB: "failed",
    Temper.LOOPING: "failed",
    Temper.INWARD: "failed",
    Temper.HTML: "failed",
}


def test_nobody_of_two_hundred_hosts_is_hurt_and_all_that_can_be_found_is_found(tmp_path: Path) -> None:
    db = tmp_path / "venues.db"
    with World(tmp_path, hosts=200, pages=3) as world, crawling(db) as crawl:
        started = time.monotonic()
        runs = crawl.all([site_from(site) for site in world.sites])
        assert time.monotonic() - started < 120
    assert 200 == len(runs)
    assert_polite(world)
    assert set(range(200)) == set(by_host(world)), "and the address inside was never asked"
    assert INSIDE not in {entry.host for entry in world.entries()}
    expected: set[str] = set()
    for number, run in enumerate(runs):
        temper = temper_of(number)
        assert STATES.get(temper, "read") == run.state, (temper, run)
        assert (temper in READABLE) is run.complete, (temper, run)
        assert run.complete or run.error, (temper, run)
        pages = 0 if temper in STATES else MOST_PAGES if temper is Temper.ENDLESS else 3
        expected |= rooms_of(number, pages)
        assert pages * ROOMS == run.listings
    assert sorted(expected) == ids(db)


def crawl_in_a_process(db: Path, sites: list[str]) -> subprocess.Popen[bytes]:
    words = itertools.chain.from_iterable(("--site", site) for site in sites)
    command = [sys.executable, "-m", "venues", "crawl", "--db", str(db), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_crawl_that_is_killed_again_and_again_loses_nothing_and_asks_nobody_too_soon(tmp_path: Path) -> None:
    db = tmp_path / "venues.db"
    moments = random.Random(3)
    with World(tmp_path, hosts=40, pages=4, plain=True) as world:
        committed: list[str] = []
        for _ in range(4):
            process = crawl_in_a_process(db, world.sites)
            _until_asked(world, len(list(world.entries())) + 1, process)
            time.sleep(moments.uniform(0.0, 4.0))
            process.kill()
            process.communicate()
            if db.exists():
                kept = ids(db)
                assert set(committed) <= set(kept)
                committed = kept
        process = crawl_in_a_process(db, world.sites)
        output, _ = process.communicate(timeout=120)
        assert 0 == process.returncode, output.decode()
    assert sorted(set().union(*(rooms_of(number, 4) for number in range(40)))) == ids(db)
    with sqlite3.connect(db) as connection:
        assert "ok" == connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    for entries in by_host(world).values():
        for earlier, later in itertools.pairwise(entries):
            assert later.at >= earlier.at - earlier.late + PACE, f"{earlier} {later}"
        # What a kill came upon between its reply and its keeping is asked for again, and nothing else is.
        first, *others = [*itertools.dropwhile(lambda entry: entry.path == "/robots.txt", entries)]
        assert DIRECTORY in first.path
        assert "/robots.txt" not in {entry.path for entry in others}


def _until_asked(world: World, count: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 120
    while len(list(world.entries())) < count:
        assert process.poll() is None, process.communicate()[0].decode()
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_two_crawls_at_once_are_together_no_faster_than_one(tmp_path: Path) -> None:
    db = tmp_path / "venues.db"
    with World(tmp_path, hosts=4, pages=3, plain=True) as world:
        both = [crawl_in_a_process(db, world.sites) for _ in range(2)]
        for process in both:
            output, _ = process.communicate(timeout=120)
            assert 0 == process.returncode, output.decode()
    assert 4 * 3 * ROOMS == len(ids(db)), "each room once"
    assert_polite(world)
    asked = [entry for entries in by_host(world).values() for entry in entries if DIRECTORY in entry.path]
    assert 2 * 4 * 3 == len(asked), "both asked for all pages"


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_a_wish_to_stop_lets_open_pages_finish_and_keeps_them(tmp_path: Path, wish: signal.Signals) -> None:
    db = tmp_path / "venues.db"
    with World(tmp_path, hosts=10, pages=30, plain=True) as world:
        process = crawl_in_a_process(db, world.sites)
        _until_asked(world, 25, process)
        process.send_signal(wish)
        started = time.monotonic()
        output, _ = process.communicate(timeout=60)
        assert 0 == process.returncode, output.decode()
        assert time.monotonic() - started < 25
        read = {entry.path + entry.host for entry in world.entries() if DIRECTORY in entry.path}
    assert len(read) * ROOMS == len(ids(db)), "every page that was answered is kept"


def test_a_second_crawl_of_an_unchanged_world_moves_a_tenth_of_the_bytes_at_most(tmp_path: Path) -> None:
    with World(tmp_path, hosts=20, pages=2, plain=True) as world, crawling(tmp_path / "venues.db") as crawl:
        moved: list[int] = []
        runs: list[CrawlRun] = []
        for _ in range(2):
            runs = crawl.all([site_from(site) for site in world.sites])
            moved.append(sum(entry.size for entry in world.entries()) - sum(moved))
    assert moved[1] < moved[0] / 10
    assert {(True, 20, 0, 0, 0)} == {(run.complete, run.listings, run.added, run.updated, run.gone) for run in runs}
