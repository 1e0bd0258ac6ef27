"""The import, export and embed commands, with their progress: long work that may be stopped at any moment."""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import tempfile
import time
from collections import deque
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from crawlers.podcastindex_dump import read_dump
from venues.errors import ListingError, QueryError
from venues.interchange import Source, open_source, read_lines, to_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.progress import Progress, TaskID

    from crawlers.podcastindex_dump import Wanted
    from venues.app import App
    from venues.interchange import Line
    from venues.refresh import Tally

_SHOWN_ERRORS = 20


class SupportsWrite(Protocol):
    """Somewhere to put bytes."""

    def write(self, data: bytes, /) -> object:
        """Take them."""
        ...

    def flush(self) -> None:
        """Pass on what was taken."""
        ...


class _Refusals:
    """Bad lines: the first ones are shown as they come, the others counted."""

    def __init__(self, console: Console) -> None:
        self.count = 0
        self._console = console

    def add(self, error: ListingError) -> None:
        self.count += 1
        if self.count <= _SHOWN_ERRORS:
            self._console.print(f"  refused {error}", markup=False, soft_wrap=True)
        elif self.count == _SHOWN_ERRORS + 1:
            self._console.print("  ... further refused lines are counted, not shown")


def import_files(venues: App, files: Sequence[str], *, strict: bool, console: Console) -> None:
    """Take each file in. Raises ListingError where `strict` and a line is bad, QueryError where no line is good."""
    with ExitStack() as opened:
        sources = [opened.enter_context(open_source(name)) for name in files]
        if strict:
            sources = [opened.enter_context(_rereadable(source)) for source in sources]
            for source in sources:
                _check_all(source)
        for source in sources:
            _import_file(venues, source, console)


DUMPS = (".db", ".tgz")
"""How the names of the Podcast Index's own files end."""


def import_podcasts(venues: App, file: str, wanted: Wanted, console: Console) -> None:
    """Take in the podcasts that are wanted from a file of the Podcast Index. Raises QueryError; the rest stays."""
    tally: Tally | None = None
    with _bar(console, file, None) as (progress, task):
        started = time.monotonic()
        for tally in venues.intake().take(read_dump(Path(file), wanted)):
            rate = tally.total / (time.monotonic() - started)
            progress.update(task, rows=tally.total, rate=f"{rate:,.0f}/s")
    console.print(f"{file}: {_told(tally, 0)}", markup=False, soft_wrap=True)


@contextmanager
def _rereadable(source: Source) -> Iterator[Source]:
    """Yield a source that can be read twice: a pipe is first laid down in a temporary file."""
    if source.size is not None:
        yield source
        return
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as spool:
        shutil.copyfileobj(source.raw, spool)  # as it came: what is damaged is told line by line
        spool.flush()
        with open_source(spool.name) as laid_down:
            yield laid_down._replace(name=source.name)


def _check_all(source: Source) -> None:
    bad = next((line.error for line in read_lines(source) if line.error), None)
    source.stream.seek(0)
    if bad:
        reason = f"{bad.reason}. Nothing was imported from any file, as --strict asks."
        raise ListingError(bad.field, f"{source.name}: {reason}", bad.line)


def _import_file(venues: App, source: Source, console: Console) -> None:
    refusals = _Refusals(console)
    tally: Tally | None = None
    with _bar(console, source.name, source.size) as (progress, task):
        read: deque[int] = deque()  # for each good line that is not written yet, how far into the file it ends

        def on_line(line: Line) -> None:
            if line.listing:
                read.append(line.position)

        written, started = 0, time.monotonic()
        for tally in venues.import_lines(read_lines(source), refusals.add, on_line):
            position = [read.popleft() for _ in range(min(tally.total - written, len(read)))][-1:]
            written = tally.total
            rate = written / (time.monotonic() - started)
            progress.update(task, completed=(position or [0])[0], rows=written, rate=f"{rate:,.0f}/s")
    if tally is None and refusals.count:
        raise QueryError(f"{source.name}: none of its {refusals.count} lines is a listing.")
    console.print(f"{source.name}: {_told(tally, refusals.count)}", markup=False, soft_wrap=True)


def _told(tally: Tally | None, refused: int) -> str:
    if tally is None:
        return "nothing in it."
    said = f"{tally.added:,} new, {tally.updated:,} changed, {tally.unchanged:,} as before"
    return f"{said}, {refused:,} refused." if refused else f"{said}."


@contextmanager
def _bar(console: Console, name: str, total: int | None) -> Iterator[tuple[Progress, TaskID]]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[rows]:,} rows"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield progress, progress.add_task(Path(name).name, total=total, rows=0, rate="")


def export_file(venues: App, to: str) -> int:
    """Write all listings to a file, which appears whole or not at all, or to standard output; return how many."""
    if to == "-":
        return _write(venues, sys.stdout.buffer)
    target = Path(to)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    # A pipe or a device is written to; put in its place, a file would take it from everyone else.
    special = target.exists() and not target.is_file()
    written = target if special else partial
    try:
        with gzip.open(written, "wb") if to.endswith(".gz") else written.open("wb") as stream:
            count = _write(venues, stream)
        if not special:
            partial.replace(target)
    except OSError as error:
        raise QueryError(f"{to} cannot be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _write(venues: App, stream: SupportsWrite) -> int:
    count = 0
    for listing in venues.store.listings():
        stream.write(to_line(listing).encode() + b"\n")
        count += 1
    stream.flush()
    return count


def embed_all(venues: App, console: Console) -> None:
    """Embed the whole index with the model of the settings, with a bar."""
    total = venues.store.count()
    with _bar(console, "embedding", total) as (progress, task):
        done = 0
        for count in venues.embed_again():
            done += count
            progress.update(task, completed=done, rows=done)
    console.print(f"{done:,} venues embedded with {venues.encoder.model}.", markup=False)
