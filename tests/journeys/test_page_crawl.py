"""A crawl from the page: watched, left alone, and cut short by whoever stops the server. Nothing is lost or broken."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect
from servers.base import probed, until
from servers.page import follow, run, search, serving, visiting

from crawlers.testing import Loopback, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
NEVER = 60.0
ROW = {"platform": "forum", "native_id": "known", "title": "Leeds mums", "place": "Leeds", "country": "GB"}


def homeserver(room: str, may_answer: threading.Event | None = None) -> Loopback:
    """A Matrix server with one room, which keeps it to itself until it may answer."""

    def answer(path: str) -> Reply:
        if "publicRooms" not in path:
            return Reply(status=404)
        if may_answer:
            may_answer.wait(NEVER)
        rooms = [{"room_id": f"!{room}:x", "name": room, "num_joined_members": 40, "join_rule": "public"}]
        return Reply(json.dumps({"chunk": rooms}).encode(), headers={"Content-Type": "application/json"})

    return Loopback(answer)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of an index that holds one venue in Leeds."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(ROW) + "\n", "utf-8")
    run(tmp_path, "import", str(rows))
    return tmp_path


@pytest.fixture
def may_answer(folder: Path) -> Iterator[threading.Event]:
    """Two servers that the index knows as sites to be asked, of which one answers at once, and one when it may."""
    later = threading.Event()
    with homeserver("Mums of Leeds at once") as one, homeserver("Mums of Leeds later", later) as two:
        for server in (one, two):
            run(folder, "sites", "add", f"matrix:{server.url}", "--place", "Leeds", "--country", "GB")
        yield later


def test_a_crawl_is_watched_and_what_it_finds_joins_the_answer(
    browser: Browser, folder: Path, may_answer: threading.Event
) -> None:
    with serving(folder) as server, visiting(browser, server.address) as page:
        search(page, server.address, "mums in Leeds")
        expect(page.get_by_text("2 public sources were not asked for Leeds lately.")).to_be_visible()
        expect(page.get_by_role("heading", name="Leeds mums")).to_be_visible()
        follow(page, page.get_by_role("button", name="Ask them now"))
        page.get_by_text("1 source, 1 page asked for, 1 space listed").wait_for()
        may_answer.set()
        page.wait_for_selector("#results >> text=Mums of Leeds later")
        assert "2 are new" in (page.locator("[data-progress]").text_content() or "")
        page.reload()
        expect(page.get_by_text("2 of 2 public sources answered; 2 new spaces.")).to_be_visible()
        expect(page.get_by_role("button", name="Ask them now")).to_have_count(0)


def test_a_list_is_checked_again_and_shows_what_has_changed(browser: Browser, folder: Path) -> None:
    members = [400]

    def answer(path: str) -> Reply:
        if "publicRooms" not in path:
            return Reply(status=404)
        room = {"room_id": "!m:x", "name": "Mums of Leeds", "num_joined_members": members[0], "join_rule": "public"}
        return Reply(json.dumps({"chunk": [room]}).encode(), headers={"Content-Type": "application/json"})

    with Loopback(answer) as source:
        run(folder, "sites", "add", f"matrix:{source.url}", "--place", "Leeds", "--country", "GB")
        run(folder, "crawl", "--site", f"matrix:{source.url}")
        _an_hour_passes(folder)
        with serving(folder) as server, visiting(browser, server.address) as page:
            search(page, server.address, "mums in Leeds")
            follow(page, page.get_by_role("button", name="Add to shortlist: Mums of Leeds"))
            page.goto(f"{server.address}/lists")
            members[0] = 40
            follow(page, page.get_by_role("button", name="Check them again now"))
            page.get_by_text("; done").wait_for()
            follow(page, page.get_by_role("link", name="See what has changed"))
            expect(page.get_by_text("Since then: 400 members before, 40 now.")).to_be_visible()
            expect(page.get_by_text("1 of 1 source answered.")).to_be_visible()
            expect(page.get_by_role("button", name="Check them again now")).to_have_count(0)


def _an_hour_passes(folder: Path) -> None:
    """Move the end of every crawl back: a site is not asked twice within the hour."""
    with closing(sqlite3.connect(folder / "venues.db")) as db, db:
        for number, body in db.execute("SELECT id, body FROM runs").fetchall():
            told = json.loads(body)
            told["finished_at"] = "2020-01-01T00:00:00+00:00"
            db.execute("UPDATE runs SET body = ? WHERE id = ?", [json.dumps(told), number])


def test_leaving_the_page_stops_nothing_and_breaks_nothing(
    browser: Browser, folder: Path, may_answer: threading.Event
) -> None:
    with serving(folder) as server, visiting(browser, server.address) as page:
        search(page, server.address, "mums in Leeds")
        follow(page, page.get_by_role("button", name="Ask them now"))
        page.wait_for_selector("[data-crawl]")
        page.goto("about:blank")
        may_answer.set()
        until(lambda: all(each["done"] for each in items(f"{server.address}/api/v1/crawls")), "the crawl to end")
        search(page, server.address, "mums in Leeds")
        expect(page.get_by_role("link", name="Mums of Leeds at once")).to_be_visible()
        expect(page.get_by_role("link", name="Mums of Leeds later")).to_be_visible()


def items(address: str) -> list[dict[str, Any]]:
    """What a list of the server's API holds."""
    held: list[dict[str, Any]] = probed(address).json()["items"]
    return held


def test_stopping_the_server_ends_its_crawl_within_seconds_and_loses_nothing(folder: Path) -> None:
    never = threading.Event()
    with homeserver("Mums of Leeds at once") as quick, homeserver("Mums of Leeds", never) as hanging:
        for source in (quick, hanging):
            run(folder, "sites", "add", f"matrix:{source.url}", "--place", "Leeds", "--country", "GB")
        with serving(folder) as server:
            with httpx.Client(base_url=server.address, trust_env=False, timeout=60) as client:
                assert client.post("/api/v1/crawls", params={"q": "mums in Leeds"}).status_code == 202
            until(lambda: any("publicRooms" in path for path in hanging.paths), "the second source to be asked")
            until(lambda: bool(items(f"{server.address}/api/v1/runs")), "the first to be read and kept")
            started = time.monotonic()
            server.interrupt(within=60)
            assert time.monotonic() - started < 15, "the crawl itself would end 20 seconds after it began"
    answer = json.loads(run(folder, "find", "mums in Leeds", "--no-crawl", "--json"))
    assert "Mums of Leeds at once" in [each["title"] for each in answer["suggestions"]]
    states = {each["site"]: each for each in json.loads(run(folder, "sites", "--json"))}
    left = next(state for name, state in states.items() if hanging.url in name)
    assert left["state"] == "due"
    read = next(state for name, state in states.items() if quick.url in name)
    assert read["state"] != "due"
