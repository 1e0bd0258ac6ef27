"""What crawls remember of hosts, and that nothing of it can cost a crawl."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crawlers.contract import Page, Request
from crawlers.notes import Notes
from crawlers.robots import KEPT_FOR, File

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "venues.db-hosts"


@pytest.fixture
def notes(path: Path) -> Iterator[Notes]:
    with Notes(path) as opened:
        yield opened


def a_page(url: str = "https://a.example/x", body: bytes = b"rooms", at: datetime = NOW) -> Page:
    headers = {"etag": '"1"', "content-type": "text/plain; charset=latin-1"}
    return Page(
        request=Request(url=url), url=url, status=200, body=body, fetched_at=at, headers=headers, encoding="latin-1"
    )


def test_what_is_noted_of_a_host_is_there_for_the_next_crawl(path: Path) -> None:
    with Notes(path) as notes:
        assert (0.0, 0.0, 0.0) == notes.times("a.example")
        notes.asked("a.example", 100.5, 2.0)
        notes.closed("a.example", 500.0)
        notes.asked("a.example", 102.5, 3.0)
        notes.closed("a.example", 400.0)
    with Notes(path) as notes:
        assert (102.5, 3.0, 500.0) == notes.times("a.example"), "and no later word makes a host open sooner"


def test_a_page_comes_back_as_it_was_and_only_for_what_was_asked(notes: Notes) -> None:
    page = a_page(body=os.urandom(5000))
    notes.keep(page)
    assert page == notes.recall(page.request)
    assert notes.recall(Request(url=f"{page.url}#part")), "a fragment is not sent"
    assert notes.recall(replace(page.request, accept="text/html")) is None
    assert notes.recall(Request(url=f"{page.url}?b")) is None


def test_a_page_kept_anew_takes_the_place_of_the_old_one(notes: Notes) -> None:
    notes.keep(a_page(body=b"old"))
    notes.keep(a_page(body=b"new"))
    found = notes.recall(a_page().request)
    assert found is not None
    assert b"new" == found.body


def test_the_oldest_pages_go_first_and_those_asked_for_lately_stay(path: Path) -> None:
    with Notes(path, limit=2500) as notes:
        pages = [a_page(f"https://a.example/{day}", os.urandom(1000), NOW + timedelta(days=day)) for day in range(4)]
        for page in pages:
            notes.keep(page)
        notes.still_good(pages[0], NOW + timedelta(days=9))
        notes.trim((NOW + timedelta(days=9)).timestamp())
        assert [True, False, False, True] == [notes.recall(page.request) is not None for page in pages]


def test_a_page_that_nobody_asks_for_is_forgotten(notes: Notes) -> None:
    notes.keep(a_page())
    notes.trim((NOW + timedelta(days=89)).timestamp())
    assert notes.recall(a_page().request)
    notes.trim((NOW + timedelta(days=91)).timestamp())
    assert notes.recall(a_page().request) is None


def test_a_host_is_remembered_for_as_long_as_it_is_closed(notes: Notes) -> None:
    now = NOW.timestamp()
    notes.closed("shut.example", now + 20 * 86400)
    notes.asked("open.example", now, 1.0)
    notes.keep_robots("https://a.example", File(200, b"User-agent: *", now))
    notes.trim(now + 2 * KEPT_FOR)
    assert notes.times("shut.example")[2] > now
    assert (0.0, 0.0, 0.0) == notes.times("open.example")
    assert notes.recall_robots("https://a.example") is None


def test_a_robots_file_is_kept_to_the_byte(notes: Notes) -> None:
    file = File(200, b"\xffUser-agent: *\nDisallow: /", 100.25)
    notes.keep_robots("https://a.example", file)
    assert file == notes.recall_robots("https://a.example")
    assert notes.recall_robots("http://a.example") is None


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\x00" + b"\x07" * 5000])
def test_a_damaged_file_is_begun_anew(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with Notes(path) as notes:
        notes.asked("a.example", 1.0, 1.0)
    with Notes(path) as notes:
        assert (1.0, 1.0, 0.0) == notes.times("a.example")


def test_a_file_of_another_version_is_begun_anew(path: Path) -> None:
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE hosts (host TEXT)")
        old.execute("PRAGMA user_version = 99")
    old.close()
    with Notes(path) as notes:
        notes.asked("a.example", 1.0, 1.0)
        assert 1.0 == notes.times("a.example")[0]


def test_where_no_file_can_be_made_memory_has_to_do(tmp_path: Path) -> None:
    with Notes(tmp_path / "no" / "folder") as notes:
        notes.asked("a.example", 1.0, 1.0)
        assert 1.0 == notes.times("a.example")[0]
        assert notes.hold("a.example")


def test_a_fault_of_the_file_costs_what_it_held_and_no_more(path: Path) -> None:
    with Notes(path) as notes:
        notes.keep(a_page())
        notes._db.execute("UPDATE pages SET body = x'00'")
        assert notes.recall(a_page().request) is None
        for table in ("hosts", "robots", "pages"):
            notes._db.execute(f"DROP TABLE {table}")
        notes.keep(a_page())
        notes.closed("a.example", 1.0)
        assert notes.recall(a_page().request) is None
        assert notes.recall_robots("https://a.example") is None
        assert (0.0, 0.0, 0.0) == notes.times("a.example")


def test_closing_twice_is_safe(path: Path) -> None:
    notes = Notes(path)
    notes.close()
    notes.close()
    assert notes.hold("a.example")
    assert (0.0, 0.0, 0.0) == notes.times("a.example")


# turns


def test_a_turn_belongs_to_one_crawl_until_it_is_given_back(path: Path) -> None:
    with Notes(path) as one, Notes(path) as two:
        assert one.hold("a.example")
        assert not two.hold("a.example")
        assert two.hold("b.example")
        one.release("a.example")
        assert two.hold("a.example")


def _hold_for_ever(path: Path, held: object) -> None:
    notes = Notes(path)
    held.send(notes.hold("a.example"))  # type: ignore[attr-defined]
    held.recv()  # type: ignore[attr-defined]


def test_a_turn_ends_with_its_process_however_that_ends(path: Path) -> None:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_hold_for_ever, args=(path, there), daemon=True)
    process.start()
    assert here.recv()
    with Notes(path) as notes:
        assert not notes.hold("a.example")
        process.kill()
        process.join()
        assert notes.hold("a.example")
    with suppress(OSError):
        here.close()
    there.close()
