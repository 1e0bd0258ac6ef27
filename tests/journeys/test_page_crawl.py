"""A crawl from the page: watched, left alone, and cut short by whoever stops the server. Nothing is lost or broken."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import httpx
import pytest
from servers.page import run, search, serving, visiting

from crawlers.testing import Loopback, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
SLOW = 2.0
NEVER = 60.0
ROW = {"platform": "forum", "native_id": "known", "title": "Leeds mums", "place": "Leeds", "country": "GB"}


def homeserver(room: str, seconds: float) -> Loopback:
    """A Matrix server with one room, which takes its time."""

    def answer(path: str) -> Reply:
        if "publicRooms" not in path:
            return Reply(status=404)
        time.sleep(seconds)
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
def sources(folder: Path) -> Iterator[list[Loopback]]:
    """Two servers that the index knows as sites to be asked."""
    with ExitStack() as running:
        servers = [
            running.enter_context(homeserver(room, seconds))
            for room, seconds in (("Mums of Leeds at once", 0.0), ("Mums of Leeds later", SLOW))
        ]
        for server in servers:
            run(folder, "sites", "add", f"matrix:{server.url}", "--place", "Leeds", "--country", "GB")
        yield servers


@pytest.mark.usefixtures("sources")
def test_a_crawl_is_watched_and_what_it_finds_joins_the_answer(browser: Browser, folder: Path) -> None:
    with serving(folder) as server, visiting(browser, server.address) as page:
        search(page, server.address, "mums in Leeds")
        assert page.get_by_text("2 public sources were not asked for Leeds lately.").is_visible()
        assert page.get_by_role("heading", name="Leeds mums").is_visible()
        page.get_by_role("button", name="Ask them now").click()
        page.get_by_text("1 source, 1 page asked for, 1 space listed").wait_for()
        page.wait_for_selector("#results >> text=Mums of Leeds later", timeout=15_000)
        assert "2 are new" in (page.locator("[data-progress]").text_content() or "")
        page.reload()
        assert page.get_by_text("2 of 2 public sources answered; 2 new spaces.").is_visible()
        assert not page.get_by_role("button", name="Ask them now").count()


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
            page.get_by_role("button", name="Add to shortlist: Mums of Leeds").click()
            page.goto(f"{server.address}/lists")
            members[0] = 40
            page.get_by_role("button", name="Check them again now").click()
            page.get_by_text("; done").wait_for(timeout=15_000)
            page.get_by_role("link", name="See what has changed").click()
            assert page.get_by_text("Since then: 400 members before, 40 now.").is_visible()
            assert page.get_by_text("1 of 1 source answered.").is_visible()
            assert not page.get_by_role("button", name="Check them again now").count()


def _an_hour_passes(folder: Path) -> None:
    """Move the end of every crawl back: a site is not asked twice within the hour."""
    with closing(sqlite3.connect(folder / "venues.db")) as db, db:
        for number, body in db.execute("SELECT id, body FROM runs").fetchall():
            told = json.loads(body)
            told["finished_at"] = "2020-01-01T00:00:00+00:00"
            db.execute("UPDATE runs SET body = ? WHERE id = ?", [json.dumps(told), number])


@pytest.mark.usefixtures("sources")
def test_leaving_the_page_stops_nothing_and_breaks_nothing(browser: Browser, folder: Path) -> None:
    with serving(folder) as server, visiting(browser, server.address) as page:
        search(page, server.address, "mums in Leeds")
        page.get_by_role("button", name="Ask them now").click()
        page.wait_for_selector("[data-crawl]")
        page.goto("about:blank")
        page.wait_for_timeout(1000 * (SLOW + 2))
        search(page, server.address, "mums in Leeds")
        assert page.get_by_role("link", name="Mums of Leeds at once").is_visible()
        assert page.get_by_role("link", name="Mums of Leeds later").is_visible()


def test_stopping_the_server_ends_its_crawl_within_seconds_and_loses_nothing(folder: Path) -> None:
    with homeserver("Mums of Leeds at once", 0.0) as quick, homeserver("Mums of Leeds", NEVER) as hanging:
        for source in (quick, hanging):
            run(folder, "sites", "add", f"matrix:{source.url}", "--place", "Leeds", "--country", "GB")
        with serving(folder) as server:
            with httpx.Client(base_url=server.address, trust_env=False) as client:
                assert client.post("/api/v1/crawls", params={"q": "mums in Leeds"}).status_code == 202
                deadline = time.monotonic() + 15
                while not hanging.paths[-1:] or "publicRooms" not in hanging.paths[-1]:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
                time.sleep(1)
            started = time.monotonic()
            server.interrupt(within=12)
        assert time.monotonic() - started < 8
    answer = json.loads(run(folder, "find", "mums in Leeds", "--no-crawl", "--json"))
    assert "Mums of Leeds at once" in [each["title"] for each in answer["suggestions"]]
    states = {each["site"]: each for each in json.loads(run(folder, "sites", "--json"))}
    left = next(state for name, state in states.items() if hanging.url in name)
    assert left["state"] == "due"
    read = next(state for name, state in states.items() if quick.url in name)
    assert read["state"] != "due"
