"""The page and the API under load: 50 people at once for 60 seconds, and a txtai API over the same rows beside it.

    python benchmarks/serving.py [--listings FILE] [--people N] [--seconds S]

Each person asks over a connection that stays open. Three loads: 39 questions again and again, as people do who follow
the same link; questions that nobody asked before, by people who read each answer for two seconds; and such questions
without a pause, which is what the machine can do at all. The load comes from this same machine; what part of a
processor it took, and how much the server took for an answer, stand in the table. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))

from run import AUDIENCES, PLACES, QUERIES, ROOT, _peers_python, _repeated_starter, _venues

from index.exporting import model_folder

BOUND_MS = 400
READING = 2.0
"""Seconds: brisk, for an answer of twenty cards."""
WHO = [each.strip() for each in AUDIENCES.split(",")]
WHERE = [each.strip() for each in PLACES.split(",")]


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        listings = arguments.listings or _repeated_starter(folder)
        database = folder / "venues.db"
        subprocess.run([_venues(), "import", str(listings), "--db", str(database)], check=True, capture_output=True)
        print(
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
            f"{arguments.people} people, {arguments.seconds:g} s each\n"
        )
        print(
            "| server | questions | answers a second | median | p95 | errors | processor an answer | load |\n"
            "|---|---|--:|--:|--:|--:|--:|--:|"
        )
        workers = ["--workers", str(arguments.workers)] if arguments.workers else []
        with _serving([_venues(), "serve", "--db", str(database), *workers], "/healthz") as server:
            for what, path in (("API", "/api/v1/find?q="), ("page", "/?q=")):
                _rows(f"venues, {what}", server, path, arguments)
        if arguments.no_peer:
            return
        peer = [str(_peers_python()), str(ROOT / "benchmarks/txtai_peer.py")]
        index = folder / "txtai"
        subprocess.run(
            [*peer, "build", str(model_folder()), str(listings), str(index)], check=True, capture_output=True
        )
        with _serving([*peer, "serve", str(index)], "/count") as server:
            _rows("txtai API", server, "/search?limit=10&query=", arguments)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listings", type=Path)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, help="As `venues serve` has it.")
    parser.add_argument("--no-peer", action="store_true", help="Leave the txtai API out.")
    return parser.parse_args()


def _rows(name, server, path, arguments):
    new = (f"{a} and {b} in {place}" for a, b in itertools.permutations(WHO, 2) for place in WHERE)
    for questions, texts, reading in (
        ("asked before", itertools.cycle(QUERIES), 0),
        (f"all new, {READING:g} s of reading", new, READING),
        ("all new, no pause", new, 0),
    ):
        _row(name, questions, server, (path + quote(text) for text in texts), reading, arguments)


@contextmanager
def _serving(command, ready):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5).read()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.3)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(30)


def _row(name, questions, server, paths, reading, arguments):
    port, process = server
    used, own = _processor(process), time.process_time()
    taken, errors = asyncio.run(_load(port, paths, arguments.people, arguments.seconds, reading))
    used, own = _processor(process) - used, time.process_time() - own
    ordered = sorted(taken)
    p95 = ordered[int(0.95 * len(ordered))] * 1000
    bound = "" if "txtai" in name else f" (at most {BOUND_MS})"
    print(
        f"| {name} | {questions} | {len(taken) / arguments.seconds:.0f} | {statistics.median(taken) * 1000:.0f} ms "
        f"| {p95:.0f} ms{bound} | {errors} | {used / len(taken) * 1000:.1f} ms | {own / arguments.seconds:.2f} |",
        flush=True,
    )


def _processor(process):
    """Return the processor seconds that a process and its children have used, their threads together."""
    # Children may be started by any of its threads.
    lists = Path(f"/proc/{process}/task").glob("*/children")
    children = {child for each in lists for child in each.read_text().split()}
    return sum(map(_own_processor, [process, *children]))


def _own_processor(process):
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _load(port, paths, people, seconds, reading):
    taken, errors = [], 0
    ends = time.monotonic() + seconds

    async def person(number):
        nonlocal errors
        await asyncio.sleep(reading * number / people)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < ends:
            start = time.perf_counter()
            writer.write(
                f"GET {next(paths)} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept-encoding: gzip\r\n\r\n".encode()
            )
            if await _status(reader) != 200:
                errors += 1
            taken.append(time.perf_counter() - start)
            if reading:
                await asyncio.sleep(reading)
        writer.close()

    await asyncio.gather(*(person(number) for number in range(people)))
    return taken, errors


async def _status(reader):
    """Read one reply, as little as can be done with it: the load should not be what is measured."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    if "content-length:" in head:
        await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
    else:
        while size := int((await reader.readuntil(b"\r\n")).strip() or b"0", 16):
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")
    return int(head.split()[1])


if __name__ == "__main__":
    main()
