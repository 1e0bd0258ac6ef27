"""How long each platform's crawler takes to read a page, per 100 kB, beside BeautifulSoup on lxml alone.

    python benchmarks/reading.py [--payloads FOLDER] [--platform PATTERN=NAME ...] [--rounds N]

Reads the pages of tests/recorded, by the platform of their folder, and all files of `--payloads` (by default `payloads`
in `shared` beside the checkout, if it is there). Whose page a file is: what a `--platform` says whose pattern fits its
path (`--platform 'forum-html/autopager.89*=mybb'`), else the folder's name if it is a platform's, else the platform's
marks. Prints a Markdown table. Times are of the processor, the best of the rounds for each page; pages without venues
count too.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import time
import warnings
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup

from crawlers.contract import Request
from crawlers.registry import build as crawler_of
from crawlers.registry import platforms, site_from
from crawlers.testing import Reply, page_of
from venues.errors import PageChanged, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawlers.contract import Crawler, Page

ROOT = Path(__file__).parent.parent
GENERATOR = re.compile(
    r"<meta[^>]{0,200}name=[\"']generator[\"'][^>]{0,200}content=[\"']([^\"']{0,200})"
    r"|<meta[^>]{0,200}content=[\"']([^\"']{0,200})[\"'][^>]{0,200}name=[\"']generator",
    re.IGNORECASE,
)


@dataclass
class Sum:
    """What was read for one platform."""

    pages: int = 0
    size: int = 0
    reading: float = 0.0
    parsing: float = 0.0


def main() -> None:
    arguments = _arguments()
    rules = [rule.rpartition("=")[::2] for rule in arguments.platform]
    sums: dict[tuple[str, str], Sum] = defaultdict(Sum)
    for name, crawler, page in _recorded():
        _measure(sums[name, "recorded"], crawler, page, arguments.rounds)
    for name, crawler, page in _payloads(arguments.payloads, rules):
        _measure(sums[name, "payloads"], crawler, page, arguments.rounds)
    print("| platform | from | pages | kB | ms per 100 kB | BeautifulSoup alone |")
    print("|---|---|--:|--:|--:|--:|")
    for (name, source), each in sorted(sums.items()):
        reading, parsing = (f"{seconds * 1e8 / each.size:.1f}" for seconds in (each.reading, each.parsing))
        print(f"| {name} | {source} | {each.pages} | {each.size / 1000:.0f} | {reading} | {parsing} |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payloads", type=Path, default=ROOT.parent / "shared" / "payloads")
    parser.add_argument("--platform", action="append", default=[], metavar="PATTERN=NAME")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _measure(total: Sum, crawler: Crawler, page: Page, rounds: int) -> None:
    def read() -> None:
        with contextlib.suppress(PageChanged):
            list(crawler.read(page))

    def parse() -> None:
        BeautifulSoup(page.text, "lxml")

    total.pages += 1
    total.size += len(page.body)
    total.reading += min(_seconds(read) for _ in range(rounds))
    total.parsing += min(_seconds(parse) for _ in range(rounds)) if b"<" in page.body[:500] else 0.0


def _seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _recorded() -> Iterator[tuple[str, Crawler, Page]]:
    for expected in sorted((ROOT / "tests" / "recorded").glob("*/*.expected.json")):
        case = json.loads(expected.read_text("utf-8"))
        stem = expected.name.removesuffix(".expected.json")
        body = next(each for each in expected.parent.glob(f"{stem}.*") if each != expected)
        request = Request(url=case["url"], note=case.get("note", ""))
        yield expected.parent.name, crawler_of(site_from(case["site"])), page_of(request, Reply(body.read_bytes()))


def _payloads(folder: Path, rules: list[tuple[str, str]]) -> Iterator[tuple[str, Crawler, Page]]:
    for file in sorted(each for each in folder.rglob("*.*") if each.suffix in {".html", ".json", ".xml"}):
        if file.name.endswith(".meta.json"):
            continue
        body = file.read_bytes()
        name = _platform(str(file.relative_to(folder)), body, rules)
        crawler = _crawler(name) if name else None
        if name and crawler:
            yield name, crawler, page_of(Request(url=_address(file)), Reply(body))


def _platform(path: str, body: bytes, rules: list[tuple[str, str]]) -> str | None:
    for pattern, name in rules:
        if fnmatch(path, pattern):
            return name
    top = path.partition("/")[0]
    return top if top in platforms() else _by_marks(body.decode("utf-8", "replace")) if path.endswith(".html") else None


def _by_marks(text: str) -> str | None:
    found = GENERATOR.search(text)
    generator = (found[1] or found[2] or "") if found else ""
    for where, said in (("generator", generator), ("markup", text)):
        for name, crawler in platforms().items():
            if any(
                mark.where == where and re.search(mark.pattern, said, re.IGNORECASE) for mark in crawler.about.marks
            ):
                return name
    return None


def _crawler(name: str) -> Crawler | None:
    try:
        return crawler_of(site_from(f"{name}:https://forum.example"))
    except SettingsError:
        return None  # one service with no address to choose, or one that needs a key


def _address(file: Path) -> str:
    """Return what the file was an answer to, as the file beside it says."""
    about, headers = file.with_name(f"{file.name}.meta.json"), file.with_name(f"{file.name}.headers")
    if about.exists():
        return json.loads(about.read_text("utf-8")).get("request_url") or "https://forum.example/"
    first = headers.read_text("utf-8", "replace").partition("\n")[0].split() if headers.exists() else []
    return f"https://forum.example{first[1]}" if len(first) > 1 else "https://forum.example/"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
