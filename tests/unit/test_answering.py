"""Processes that compute answers: each can die, none outlives its server, and what cannot be answered says why."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from venues.answering import Answers, Here, Workers, default_workers
from venues.api import Finding
from venues.app import App
from venues.discovery import Narrowing
from venues.errors import QueryError, UnknownPlace
from venues.model import Listing
from venues.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from venues.replies import Made

ROWS = [Listing(platform="f", native_id=str(n), title=f"Leeds mums {n}", place="Leeds", country="GB") for n in range(3)]


def asking(q: str) -> Finding:
    return Finding(q=q, narrowing=Narrowing(), country=None, offset=0, limit=10, url="http://localhost/api/v1/find")


def titles(made: Made) -> list[str]:
    return sorted(each["title"] for each in json.loads(made.reply.body)["suggestions"])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(db=str(tmp_path_factory.mktemp("answering") / "venues.db"))
    with App(made) as app:
        for _ in app.intake().take(ROWS):
            pass
    return made


@pytest.fixture(scope="module")
def workers(settings: Settings) -> Iterator[Workers]:
    made = Workers(settings, 2)
    yield made
    made.close()


def test_an_answer_is_the_same_wherever_it_is_computed(settings: Settings, workers: Workers) -> None:
    with App(settings) as app:
        here = Here(Answers(app)).run(asking("mums in Leeds"))
    there = workers.run(asking("mums in Leeds"))
    assert titles(here) == ["Leeds mums 0", "Leeds mums 1", "Leeds mums 2"]
    assert here == there


def test_what_cannot_be_answered_says_why_across_processes(workers: Workers) -> None:
    with pytest.raises(UnknownPlace) as told_why:
        workers.run(asking("mums in Brigton"))
    assert told_why.value.place == "Brigton"
    assert "Brighton" in told_why.value.suggestions
    assert str(told_why.value).startswith('No place called "Brigton" is known. Did you mean Brighton')
    with pytest.raises(QueryError):
        workers.run(asking(""))


def test_a_worker_sees_at_once_what_was_taken_in(settings: Settings, workers: Workers) -> None:
    with App(settings) as app:
        for _ in app.intake().take([Listing(platform="f", native_id="new", title="York mums", place="York")]):
            pass
    assert titles(workers.run(asking("mums in York")))[-1] == "York mums"


def test_a_fault_of_ours_is_told_and_the_worker_goes_on(workers: Workers) -> None:
    before = workers.pids
    with pytest.raises(RuntimeError, match="AttributeError in a worker"):
        workers.run(replace(asking("mums in Leeds"), narrowing=None))  # type: ignore[arg-type]
    assert "Leeds mums 0" in titles(workers.run(asking("mums in Leeds")))
    assert workers.pids == before


def test_a_worker_that_dies_is_replaced_and_its_question_asked_again(settings: Settings) -> None:
    workers = Workers(settings, 1)
    (before,) = workers.pids
    os.kill(before, signal.SIGKILL)
    assert "Leeds mums 0" in titles(workers.run(asking("mums in Leeds")))
    assert before not in workers.pids
    workers.close()


def test_no_worker_outlives_a_server_that_was_killed(settings: Settings) -> None:
    program = (
        "import os, sys, time\nfrom venues.answering import Workers\nfrom venues.settings import Settings\n"
        "if __name__ == '__main__':\n"
        "    workers = Workers(Settings(db=sys.argv[1]), 2)\n"
        "    print(*workers.pids, flush=True)\n    time.sleep(60)\n"
    )
    path = Path(settings.db).with_name("server.py")
    path.write_text(program, "utf-8")
    with subprocess.Popen([sys.executable, str(path), settings.db], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pids = [int(pid) for pid in server.stdout.readline().split()]
        server.kill()
    assert len(pids) == 2
    deadline = time.monotonic() + 60  # each still has its libraries to load before it looks
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_there_is_at_least_one_worker_and_never_a_crowd() -> None:
    assert 1 <= default_workers() <= 4
