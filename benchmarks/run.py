"""Every figure that the project claims about speed and memory, measured in one run beside its peers.

    python benchmarks/run.py [--listings FILE] [--rounds N] [--out FILE]

`--listings` is a file of listings in the interchange form; without it, the starter directory repeated under other
names to 22,755 rows. Prints a Markdown table; medians and ratios are what to read, since machines are noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS = 22_755
QUERY = "young mums in Brighton"
AUDIENCES = """young mums, dads, students, cyclists, runners, vegans, teachers, nurses, carers, knitters, gardeners,
book lovers, board game players, football fans, anglers, birdwatchers, dog owners, wheelchair users, deaf people,
older people, people paying off debt, tenants struggling with rent, small business owners, people learning to code,
Muslim women, Polish families, Spanish speakers, LGBT people, refugees, new parents, parents of autistic children,
climbers, swimmers, photographers, musicians, home educators, single parents, people who have just retired, actors"""
PLACES = "Brighton, Bristol, Leeds, Cardiff, Oxford, Hastings, Norwich, Glasgow, Hackney, Bradford, Hull, Exeter, York"
QUERIES = [f"{who.strip()} in {place.strip()}" for who, place in zip(AUDIENCES.split(","), cycle(PLACES.split(",")))]
"""Each is asked once: nothing about it can have been remembered."""


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        listings = arguments.listings or _repeated_starter(folder)
        database = folder / "venues.db"
        lines = [f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", ""]
        lines += _table("Import", _import(listings, database, arguments.rounds))
        lines += _table("Query, warm, in process", _warm(database, arguments.rounds))
        lines += _table("Query, cold, whole process", _cold(listings, database, folder, arguments.rounds))
    report = "\n".join(lines)
    print(report)
    if arguments.out:
        arguments.out.write_text(report + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listings", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def _repeated_starter(folder: Path) -> Path:
    rows = [json.loads(line) for line in (ROOT / "venues/data/starter.jsonl").read_text("utf-8").splitlines()]
    path = folder / "listings.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for number in range(ROWS):
            row = rows[number % len(rows)]
            copy = number // len(rows)
            row = row | {"native_id": f"{row['native_id']}-{copy}", "title": f"{row['title']} {copy or ''}".strip()}
            out.write(json.dumps(row) + "\n")
    return path


def _table(title: str, rows: list[tuple[str, str, str]]) -> list[str]:
    lines = [f"### {title}", "", "| what | median (min to max) | ratio or bound |", "|---|--:|--:|"]
    return [*lines, *(f"| {name} | {value} | {note} |" for name, value, note in rows), ""]


def _spread(values: list[float], unit: str, digits: int = 2) -> str:
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f} {unit} ({low:.{digits}f} to {high:.{digits}f})"


# import


def _import(listings: Path, database: Path, rounds: int) -> list[tuple[str, str, str]]:
    """Import into a fresh store, beside bare onnxruntime on the same texts sorted by length; the two take turns."""
    ours, bare, again = [], [], []
    count = 0
    for _ in range(max(1, rounds // 2)):
        for stale in database.parent.glob(database.name + "*"):
            stale.unlink()
        ours.append(_timed([_venues(), "import", str(listings), "--db", str(database)]))
        again.append(_timed([_venues(), "import", str(listings), "--db", str(database)]))
        count, seconds = _bare(listings)
        bare.append(seconds)
    ratio = statistics.median(bare) / statistics.median(ours)
    share = statistics.median(again) / statistics.median(ours)
    return [
        ("bare onnxruntime, same model and texts, sorted by length", _rate(bare, count), "1"),
        ("`venues import`, whole process", _rate(ours, count), f"{ratio:.2f} of bare (at least 0.85)"),
        ("the same file again", _spread(again, "s"), f"{share:.3f} of the first (under 0.1)"),
    ]


def _rate(seconds: list[float], count: int) -> str:
    return _spread([count / one for one in seconds], "rows/s", 0)


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def _bare(listings: Path) -> tuple[int, float]:
    """Return how many texts there are and how long bare onnxruntime takes for them, at its best batch size."""
    out = subprocess.run(
        [sys.executable, __file__.replace("run.py", "bare_onnxruntime.py"), str(listings)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return int(out[0]), float(out[1])


# queries


def _warm(database: Path, rounds: int) -> list[tuple[str, str, str]]:
    from venues.app import App
    from venues.settings import Settings

    taken = []
    for _ in range(rounds):
        with App(Settings(db=str(database))) as venues:
            venues.find("people who collect stamps in Truro")  # loads the model and the vectors
            for text in QUERIES:
                start = time.perf_counter()
                venues.find(text)
                taken.append((time.perf_counter() - start) * 1000)
    ordered = sorted(taken)
    worst = ordered[int(0.95 * len(ordered))]
    return [
        (
            f"{len(QUERIES)} different queries, each once, encoder included",
            _spread(taken, "ms", 1),
            f"p95 {worst:.1f} ms (median at most 12)",
        )
    ]


def _cold(listings: Path, database: Path, folder: Path, rounds: int) -> list[tuple[str, str, str]]:
    """Run whole processes in turns: ours, then txtai's with its index loaded from disk."""
    from index.exporting import model_folder

    index = folder / "txtai"
    peer = [str(_peers_python()), str(ROOT / "benchmarks/txtai_peer.py")]
    subprocess.run([*peer, "build", str(model_folder()), str(listings), str(index)], check=True, capture_output=True)
    command = [_venues(), "find", "--no-crawl", "--db", str(database), QUERY]
    other = [*peer, "query", str(index), QUERY]
    ours, theirs = [], []
    for each in range(rounds + 1):
        first, second = _timed(command), _timed(other)
        if each:  # the first of each warms the file cache
            ours.append(first)
            theirs.append(second)
    ratio = statistics.median(ours) / statistics.median(theirs)
    return [
        ("txtai, same model and rows, index from disk", _spread(theirs, "s"), "1"),
        ("`venues find --no-crawl`", _spread(ours, "s"), f"{ratio:.2f} of txtai (at most 0.2; at most 1.0 s)"),
        ("resident memory of `venues find`", f"{_peak(command):.0f} MB", "at most 400 MB"),
        ("resident memory of txtai", f"{_peak(other):.0f} MB", ""),
    ]


def _peak(command: list[str]) -> float:
    """Return the largest resident memory of a command, in MB; asked of a parent of its own, which keeps a maximum."""
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    out = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True).stdout
    # Linux counts in KiB, macOS in bytes.
    return int(out) / (1024 if sys.platform != "darwin" else 1024**2)


def _venues() -> str:
    return str(Path(sysconfig.get_path("scripts")) / "venues")


def _peers_python() -> Path:
    """Return a Python that has the peers: the libraries of this environment, and txtai beside them."""
    home = ROOT / "build/peers"
    python = home / "bin/python"
    if not (home / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        site = subprocess.run(
            [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        (Path(site) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "txtai[api]>=9", "faiss-cpu"], check=True)
        (home / ".ready").touch()
    return python


if __name__ == "__main__":
    main()
