"""Progress on a terminal: nothing in the way of what is printed, and nothing at all where nobody looks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.progress import Progress, TaskID

    from crawlers import running


class Bars:
    """Notices as bars on standard error, drawn only once there is something to say."""

    def __init__(self) -> None:
        """Draw nothing yet: most commands prepare nothing."""
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._said: set[str] = set()

    def say(self, sentence: str) -> None:
        """Write a sentence on a line of its own."""
        sys.stderr.write(f"{sentence}\n")

    def preparing(self, what: str, done: int, total: int) -> None:
        """Show how far a one-time preparation is; on no terminal, say once that it began."""
        if not sys.stderr.isatty():
            if what not in self._said:
                self._said.add(what)
                sys.stderr.write(f"Preparing {what}, once ...\n")
            return
        self._draw(what, done, total)

    def _draw(self, what: str, done: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        if self._progress is None:
            self._progress = Progress(
                TextColumn("Preparing {task.description}, once"),
                BarColumn(bar_width=24),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._progress.start()
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total or None)
        self._progress.update(self._tasks[what], completed=done, total=total or None)
        if total and done >= total:
            self.done(what)

    def done(self, what: str) -> None:
        """Take a bar away; with the last one, the terminal is as it was."""
        task = self._tasks.pop(what, None)
        if self._progress and task is not None:
            self._progress.remove_task(task)
            if not self._tasks:
                self._progress.stop()
                self._progress = None


class CrawlBars:
    """One line for each site being crawled, on standard error. Use it in a `with` statement."""

    def __init__(self) -> None:
        """Draw nothing until entered."""
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.fields[pages]} pages read, {task.fields[listings]} listed"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._tasks: dict[str, TaskID] = {}

    def update(self, progress: running.Progress) -> None:
        """Show how far one site's run has come."""
        if progress.site not in self._tasks:
            self._tasks[progress.site] = self._progress.add_task(progress.site, total=None, pages=0, listings=0)
        self._progress.update(self._tasks[progress.site], pages=progress.requests, listings=progress.listings)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
