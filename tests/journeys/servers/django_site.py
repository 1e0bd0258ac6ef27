"""Forums that are Django projects: settings, addresses and a script that fills them are in `sites/`."""

from __future__ import annotations

import contextlib
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servers.base import HERE, answers, crawled, free_port, installed, started

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crawlers.running import CrawlOutcome


@dataclass(frozen=True)
class Forum:
    """A forum of our own on loopback."""

    base_url: str
    log: Path
    access_log: Path

    def requests(self, agent: str = "venues") -> list[str]:
        """Return "GET /path" of each request that those with this User-Agent made, in order.

        The forum's one worker writes a request's line after its answer, and before it takes the next request:
        so it is asked once more, lest the last line be missed.
        """
        answers(f"{self.base_url}/")
        lines = [line.split('"') for line in self.access_log.read_text().splitlines()]
        return [parts[1].rpartition(" ")[0] for parts in lines if agent in parts[5]]


@dataclass(frozen=True)
class Crawl:
    """What came of one crawl of a forum, and what its own access log says of it."""

    outcome: CrawlOutcome
    asked: list[str]


def crawl_of(site: str, forum: Forum) -> Crawl:
    """Crawl a forum through the whole engine."""
    before = len(forum.requests())
    outcome = crawled(site)
    return Crawl(outcome, forum.requests()[before:])


@contextlib.contextmanager
def running(
    name: str, folder: Path, *packages: str, path: str = "", settings: Mapping[str, str] = {}
) -> Iterator[Forum]:
    """Install, fill and start the forum of `sites/<name>_site.py`; `path` is where its own addresses put it."""
    python = installed(name, *packages, "gunicorn")
    sites = HERE / "sites"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": f"{name}_site",
        "PYTHONPATH": str(sites),
        "VENUES_SITE_FOLDER": str(folder),
        **settings,
    }
    for command in (["-m", "django", "migrate", "-v0"], [str(sites / f"{name}_fill.py")]):
        done = subprocess.run([str(python), *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name}: {command} failed\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    port = free_port()
    forum = Forum(f"http://127.0.0.1:{port}{path}", folder / "server.log", folder / "access.log")
    command = [python, "-m", "gunicorn", "--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    command += ["--access-logfile", forum.access_log, "django.core.wsgi:get_wsgi_application()"]
    with started(command, forum.log, lambda: answers(f"{forum.base_url}/"), env=environment, cwd=folder):
        yield forum
