"""The page and the API under load: 50 people at once for 60 seconds, and a txtai API over the same rows beside it.

    python benchmarks/serving.py [--listings FILE] [--people N] [--seconds S]

Each person asks the next question as soon as the last is answered, over a connection that stays open. Two loads: 39
questions again and again, as people do who follow the same link; and questions that nobody asked before. The load comes
from this same machine and takes a part of it. Prints a Markdown table.
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
        print("| server | questions | answers a second | median | p95 | errors |\n|---|---|--:|--:|--:|--:|")
        with _serving([_venues(), "serve", "--db", str(database)], "/healthz") as port:
            for what, path in (("API", "/api/v1/find?q="), ("page", "/?q=")):
                _row(f"venues, {what}", "asked before", port, _paths(path, again=True), arguments)
                _row(f"venues, {what}", "all new", port, _paths(path, again=False), arguments)
        peer = [str(_peers_python()), str(ROOT / "benchmarks/txtai_peer.py")]
        index = folder / "txtai"
        subprocess.run(
            [*peer, "build", str(model_folder()), str(listings), str(index)], check=True, capture_output=True
        )
        with _serving([*peer, "serve", str(index)], "/count") as port:
            _row("txtai API", "asked before", port, _paths("/search?limit=10&query=", again=True), arguments)
            _row("txtai API", "all new", port, _paths("/search?limit=10&query=", again=False), arguments)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listings", type=Path)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    return parser.parse_args()


def _paths(prefix, *, again):
    if again:
        texts = itertools.cycle(QUERIES)
    else:
        texts = (f"{a} and {b} in {place}" for a, b in itertools.permutations(WHO, 2) for place in WHERE)
    return (prefix + quote(text) for text in texts)


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
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _row(server, questions, port, paths, arguments):
    taken, errors = asyncio.run(_load(port, paths, arguments.people, arguments.seconds))
    ordered = sorted(taken)
    p95 = ordered[int(0.95 * len(ordered))] * 1000
    print(
        f"| {server} | {questions} | {len(taken) / arguments.seconds:.0f} | {statistics.median(taken) * 1000:.0f} ms "
        f"| {p95:.0f} ms{'' if 'txtai' in server else f' (at most {BOUND_MS})'} | {errors} |",
        flush=True,
    )


async def _load(port, paths, people, seconds):
    taken, errors = [], 0
    ends = time.monotonic() + seconds

    async def person():
        nonlocal errors
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < ends:
            start = time.perf_counter()
            writer.write(
                f"GET {next(paths)} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept-encoding: gzip\r\n\r\n".encode()
            )
            if await _status(reader) != 200:
                errors += 1
            taken.append(time.perf_counter() - start)
        writer.close()

    await asyncio.gather(*(person() for _ in range(people)))
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
