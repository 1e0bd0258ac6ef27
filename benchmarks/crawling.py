"""What the crawl engine costs: time beside what politeness allows, pages a second beside Scrapy, bytes the second time.

    python benchmarks/crawling.py [--rounds N] [--out FILE]

All servers are on loopback, in processes of their own. Prints a Markdown table; Scrapy is installed once into
build/scrapy. Linux only: each host is an address below 127.0.0.0/8.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from crawlers.fetching import Fetcher
from crawlers.notes import Notes
from crawlers.registry import build, platforms, site_from
from crawlers.running import Limits, run
from crawlers.simulating import World, address_of
from crawlers.sites.matrix import Matrix
from index.sqlite import SqliteStore
from index.testing import HashEncoder
from venues.crawling import Crawl, _rare_collections
from venues.refresh import Intake

ROOT = Path(__file__).parent.parent
HOSTS = 16
PAGES = 100
ROOMS = {"light": 5, "heavy": 100}
"""On each page: about 1 and 30 kB of JSON."""
GENEROUS = Limits(pages=10**6, listings=10**6)


def main() -> None:
    arguments = _arguments()
    if arguments.serve:
        asyncio.run(_serve(arguments.serve))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    rows = [*_speed(arguments.rounds), *_politeness(), *_again()]
    lines = ["| what | median (min to max) | ratio or bound |", "|---|--:|--:|"]
    report = "\n".join([*lines, *(f"| {name} | {value} | {note} |" for name, value, note in rows)])
    print(report)
    if arguments.out:
        arguments.out.write_text(report + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--serve", choices=ROOMS, help=argparse.SUPPRESS)
    return parser.parse_args()


# pages a second, without limits


def _speed(rounds: int):
    python = _scrapys_python()
    for weight in ROOMS:
        ours, kept, theirs = [], [], []
        with _serving(weight) as sites:
            for _ in range(rounds):
                ours.append(_engine(sites))
                theirs.append(_scrapy(python, sites))
                kept.append(_crawl(sites))
        middle = statistics.median(theirs)
        size = "5 rooms, 1 kB" if weight == "light" else "100 rooms, 30 kB"
        yield f"Scrapy, pages of {size}", _spread(theirs, "pages/s"), "1"
        yield (
            f"the engine, the same pages and readers ({size})",
            _spread(ours, "pages/s"),
            f"{statistics.median(ours) / middle:.2f} of Scrapy (at least 0.9)",
        )
        yield (
            f"the same with merging and writing to a store ({size})",
            _spread(kept, "pages/s"),
            f"{statistics.median(kept) / middle:.2f} of Scrapy, which keeps nothing",
        )


def _spread(values: list[float], unit: str) -> str:
    return f"{statistics.median(values):,.0f} {unit} ({min(values):,.0f} to {max(values):,.0f})"


@contextmanager
def _serving(weight: str):
    server = subprocess.Popen([sys.executable, __file__, "--serve", weight], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline())
        yield [f"matrix:http://{address_of(each)}:{port}?page_size={ROOMS[weight]}" for each in range(HOSTS)]
    finally:
        server.kill()
        server.communicate()


def _without_pace() -> None:
    platforms()  # which would refuse such a crawler
    Matrix.about = replace(Matrix.about, pace=0.0)


def _engine(names: list[str]) -> float:
    """Return pages a second through the gate, the readers and the cleaning."""
    _without_pace()
    sites = [site_from(name) for name in names]

    outcomes = []

    async def all_sites() -> None:
        async with Fetcher() as fetcher:
            runs = (run(site, build(site), fetcher, now=_now, limits=GENEROUS) for site in sites)
            outcomes.extend(await asyncio.gather(*runs))

    start = time.perf_counter()
    with _rare_collections():  # as Crawl.all does
        asyncio.run(all_sites())
    taken = time.perf_counter() - start
    assert all(outcome.complete for outcome in outcomes), outcomes
    return sum(outcome.requests for outcome in outcomes) / taken


def _crawl(names: list[str]) -> float:
    """Return pages a second through all that `venues crawl` does but the embedding model."""
    _without_pace()
    with tempfile.TemporaryDirectory() as folder, _kept(Path(folder)) as (crawl, _):
        start = time.perf_counter()
        runs = crawl.all([site_from(name) for name in names])
        taken = time.perf_counter() - start
    assert all(each.complete for each in runs), runs
    return sum(each.requests for each in runs) / taken


class _kept:  # noqa: N801 - a context manager
    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder / "venues.db")
        self.notes = Notes(folder / "venues.db-hosts")

    def __enter__(self):
        def intake() -> Intake:
            return Intake(store=self.store, encoder=HashEncoder(), locate=lambda _: None, now=_now())

        return Crawl(intake=intake, now=_now, memory=self.notes, limits=GENEROUS), self.store

    def __exit__(self, *_: object) -> None:
        self.notes.close()
        self.store.close()


def _now() -> datetime:
    return datetime.now(UTC)


def _scrapy(python: Path, sites: list[str]) -> float:
    command = [str(python), str(ROOT / "benchmarks/crawling_scrapy.py"), *sites]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    said = json.loads(done.stdout)
    assert said["pages"] == HOSTS * PAGES, said
    return said["pages"] / said["seconds"]


def _scrapys_python() -> Path:
    """Return a Python that has Scrapy: the libraries of this environment, and Scrapy beside them."""
    home = ROOT / "build/scrapy"
    python = home / "bin/python"
    if not (home / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        script = "import sysconfig; print(sysconfig.get_path('purelib'))"
        site = subprocess.run([str(python), "-c", script], check=True, capture_output=True, text=True).stdout.strip()
        (Path(site) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "scrapy>=2.13"], check=True)
        (home / ".ready").touch()
    return python


async def _serve(weight: str) -> None:
    """Answer as fast as can be: every reply is made beforehand."""
    replies = {f"{page}": _reply(page, ROOMS[weight]) for page in range(PAGES)}
    nothing = b"HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n"

    class Connection(asyncio.Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            path = data[4 : data.index(b" ", 4)].decode()
            _, _, since = path.partition("since=")
            self.transport.write(nothing if path == "/robots.txt" else replies[since or "0"])

    loop = asyncio.get_running_loop()
    first = await loop.create_server(Connection, address_of(0), 0)
    port = first.sockets[0].getsockname()[1]
    await loop.create_server(Connection, [address_of(each) for each in range(1, HOSTS)], port)
    print(port, flush=True)
    await asyncio.Event().wait()


def _reply(page: int, rooms: int) -> bytes:
    chunk = [
        {
            "room_id": f"!{page}-{each}:x",
            "name": f"Room {each} of page {page}",
            "topic": "Where we talk of this and that, and of the other thing too. " * 4,
            "num_joined_members": each,
        }
        for each in range(rooms)
    ]
    body = json.dumps({"chunk": chunk} | ({"next_batch": f"{page + 1}"} if page + 1 < PAGES else {})).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


# time beside what politeness allows, and bytes the second time


def _politeness():
    """Crawl 200 hosts within their pace: the slowest host bounds how soon all can be done."""
    Matrix.about = replace(Matrix.about, pace=1.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with World(folder, hosts=200, pages=20, plain=True) as world, _kept(folder) as (crawl, store):
            start = time.perf_counter()
            runs = crawl.all([site_from(site) for site in world.sites])
            taken = time.perf_counter() - start
            assert all(each.complete for each in runs), runs
            asked: dict[str, int] = {}
            for entry in world.entries():
                asked[entry.host] = asked.get(entry.host, 0) + 1
            bound = max(asked.values()) * 1.0
            found = store.count()
    yield f"200 hosts, {bound:.0f} requests each at 1 a second: the bound", f"{bound:.1f} s", "1"
    yield f"`Crawl.all`, {found:,} rooms kept", f"{taken:.1f} s", f"{taken / bound:.3f} of the bound (at most 1.05)"


def _again():
    """Crawl an unchanged area twice."""
    Matrix.about = replace(Matrix.about, pace=0.05)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with World(folder, hosts=50, pages=5, plain=True) as world, _kept(folder) as (crawl, _):
            moved = []
            for _ in range(2):
                crawl.all([site_from(site) for site in world.sites])
                moved.append(sum(entry.size for entry in world.entries()) - sum(moved))
    yield "bytes of the first crawl of 50 hosts, 5 pages each", f"{moved[0]:,}", "1"
    yield "bytes of the second, nothing changed", f"{moved[1]:,}", f"{moved[1] / moved[0]:.3f} of the first (under 0.1)"


if __name__ == "__main__":
    main()
