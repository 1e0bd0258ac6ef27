"""From a room that somebody has just opened to the answer that an organiser reads, through the installed command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from crawlers.registry import site_from
from venues import cli

if TYPE_CHECKING:
    from servers.synapse import Synapse

COMMAND = str(Path(os.environ.get("VENUES_TEST_BIN") or Path(sys.executable).parent) / "venues")


def venues(*words: str, db: Path, code: int = 0) -> Any:
    done = subprocess.run(
        [COMMAND, *words, "--db", str(db), "--json"], capture_output=True, text=True, check=False, timeout=300
    )
    assert code == done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_room_created_a_minute_ago_is_crawled_and_found(synapse: Synapse, tmp_path: Path) -> None:
    db = tmp_path / "venues.db"
    synapse.create_room("Leeds Wheelers", "Rides, repairs and routes for people who cycle in Leeds", "leeds-wheelers")
    synapse.create_room("Chess club", "Openings and endgames", "chess-club")
    site = f"matrix:{synapse.base_url}"
    (run,) = venues("crawl", "--site", site, db=db)
    assert ("read", True) == (run["state"], run["complete"])
    assert run["added"] >= 2
    answer = venues("find", "--no-crawl", "cyclists in Leeds", db=db)
    # The server is that of the whole session, and another test may have opened a room like it.
    room = next(each for each in answer["suggestions"][:2] if each["title"] == "Leeds Wheelers")
    assert ("local", "matrix", site) == (room["scope"], room["platform"], room["sources"][0]["source"])
    assert [(site, "read")] == [(each["site"], each["state"]) for each in answer["coverage"]]


@pytest.mark.slow
def test_a_second_crawl_changes_nothing_and_each_run_is_on_record(synapse: Synapse, tmp_path: Path) -> None:
    db = tmp_path / "venues.db"
    synapse.create_room("Hull Hikers", "Walks at weekends", "hull-hikers")
    site = f"matrix:{synapse.base_url}"
    venues("crawl", "--site", site, db=db)
    (again,) = venues("crawl", "--site", site, db=db)
    assert (0, 0, 0) == (again["added"], again["updated"], again["gone"])
    assert 2 == len(venues("runs", db=db))


def test_a_site_that_does_not_answer_is_a_line_in_the_answer_and_a_crawl_of_it_alone_says_so(tmp_path: Path) -> None:
    db = tmp_path / "venues.db"
    (run,) = venues("crawl", "--site", "matrix:http://127.0.0.1:9", db=db, code=1)
    assert "failed" == run["state"]
    answer = venues("find", "--no-crawl", "cyclists in Leeds", db=db)
    assert [("matrix:http://127.0.0.1:9", "failed")] == [(each["site"], each["state"]) for each in answer["coverage"]]
    assert answer["suggestions"]


@pytest.mark.slow
def test_a_first_find_that_crawls_has_the_starter_directory_and_the_room(
    synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synapse.create_room("Truro Tandems", "Two people, one bike, around Truro", "truro-tandems")
    monkeypatch.setattr("venues.app.packaged_sites", lambda: [site_from(f"matrix:{synapse.base_url}")])
    words = ["find", "cyclists in Truro", "--limit", "50", "--json", "--db", str(tmp_path / "venues.db")]
    done = CliRunner().invoke(cli.app, words)
    assert 0 == done.exit_code, done.output
    found = json.loads(done.stdout)["suggestions"]
    assert {"matrix", "reddit"} <= {each["platform"] for each in found}
    assert "Truro Tandems" in {each["title"] for each in found}
