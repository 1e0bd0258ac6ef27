"""Who computes answers: this process itself, or several beside it, each with the index open.

One interpreter computes one answer at a time, however many threads it has. So a server gives questions to workers and
keeps all else to itself: lists, limits, measures, crawls and what is remembered. A worker only reads; it may die and be
replaced, and nobody but whoever waits for that very answer is the wiser.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections import OrderedDict
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, Protocol

from venues.app import App
from venues.errors import StoreError, VenuesError

if TYPE_CHECKING:
    from collections.abc import Hashable
    from multiprocessing.connection import Connection

    from venues.discovery import Narrowing
    from venues.model import Answer
    from venues.replies import Made
    from venues.settings import Settings

REMEMBERED = 512
"""Answers kept: a megabyte or two."""
MOST_BY_DEFAULT = 4
"""Workers that a server starts by itself: each holds the model and the index, some 330 MB for 22,755 venues."""


_LEAVING = 5.0
"""Seconds that a worker has to finish an answer once it is to go."""


class Answers:
    """Answers from one index; the same question a second time costs nothing. Safe to share between threads."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, first: Task | None = None) -> None:
        """Open all that an answer needs, and give a `first`, so that no visitor waits for what comes once."""
        _ = (self.app.gazetteer, self.app.asking)
        with suppress(VenuesError):  # whatever is amiss with the index is told to whoever asks
            self.app.store.read_ahead()
            if first:
                first(self)

    def find(self, text: str, narrowing: Narrowing, *, country: str | None = None) -> Answer:
        """Answer a sentence. Raises QueryError."""
        key = (text, narrowing, country, self.app.store.version())
        with self._lock:
            known = self._kept.get(key)
            if known:
                self._kept.move_to_end(key)
                return known
        answer = self.app.find(text, narrowing, country=country)
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return answer


class CrawlSeen(NamedTuple):
    """A crawl as the page shows it, at one moment."""

    key: str
    label: str
    done: bool
    error: str | None
    read: int
    asked: int
    added: int


class Task(Protocol):
    """A question with all that its reply depends on beside the index; it can be sent to another process."""

    def __call__(self, answers: Answers) -> Made:
        """Compute the reply. Raises QueryError."""
        ...


class Computing(Protocol):
    """Who computes the replies to questions."""

    def run(self, task: Task) -> Made:
        """Return the reply; waits for it. Raises whatever the task raises."""
        ...

    def close(self) -> None:
        """Compute nothing more."""
        ...


class Here:
    """Replies are computed in this process."""

    def __init__(self, answers: Answers, first: Task | None = None) -> None:
        self._answers = answers
        answers.open(first)

    def run(self, task: Task) -> Made:
        """Compute it in the thread that asks."""
        return task(self._answers)

    def close(self) -> None:
        """Nothing is held."""


class _Worker:
    """One process and the way to it. For one thread at a time."""

    def __init__(self, settings: Settings, first: Task | None) -> None:
        # Started anew and not forked: this process has threads, and whatever they hold would be held for ever.
        context = multiprocessing.get_context("spawn")
        self._way, its_end = context.Pipe()
        self._process = context.Process(target=_work, args=(settings, first, its_end), name="worker", daemon=True)
        self._process.start()
        its_end.close()  # only the worker has it now: once that is gone, we are told

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def ask(self, task: Task) -> Made | VenuesError:
        """Return what came of a task. Raises EOFError or OSError where the process has died."""
        self._way.send(task)
        came: Made | Exception = self._way.recv()
        if isinstance(came, Exception) and not isinstance(came, VenuesError):
            raise came
        return came

    def wait(self) -> None:
        """Return once it can answer. Raises StoreError where it could not open the index."""
        try:
            self._way.recv()
        except EOFError as error:
            raise StoreError("A worker could not open the index; what went wrong stands in the log.") from error

    def end(self) -> None:
        """Let it finish what it does, and go."""
        self._way.close()
        self._process.join(_LEAVING)
        self._process.kill()
        self._process.join()


class Workers:
    """Replies are computed by processes of their own. Safe to share between threads."""

    def __init__(self, settings: Settings, count: int, first: Task | None = None) -> None:
        """Start them, and return once all can answer and have answered a `first` question."""
        self._settings, self._first = settings, first
        self._all = [_Worker(settings, first) for _ in range(count)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._all:
            worker.wait()
            self._idle.put(worker)

    @property
    def pids(self) -> list[int | None]:
        """The numbers of the processes."""
        return [worker.pid for worker in self._all]

    def run(self, task: Task) -> Made:
        """Have the next free worker compute it; if that one dies, another takes its place, once."""
        worker = self._idle.get()
        try:
            came = worker.ask(task)
        except (EOFError, OSError):
            worker = self._instead_of(worker)
            came = worker.ask(task)
        finally:
            self._idle.put(worker)
        if isinstance(came, VenuesError):
            raise came
        return came

    def _instead_of(self, dead: _Worker) -> _Worker:
        dead.end()
        started = _Worker(self._settings, self._first)
        self._all[self._all.index(dead)] = started
        started.wait()
        return started

    def close(self) -> None:
        """End them; an answer that is being computed is finished first."""
        for worker in self._all:
            worker.end()


def _work(settings: Settings, first: Task | None, way: Connection) -> None:
    """Answer whatever comes, until nobody can ask any more: the server has ended, or was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal's processes; the server ends us
    with App(settings) as app, suppress(EOFError, OSError):
        answers = Answers(app)
        answers.open(first)
        way.send(None)
        while True:
            way.send(_came_of(way.recv(), answers))


def _came_of(task: Task, answers: Answers) -> Made | Exception:
    try:
        return task(answers)
    except VenuesError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a fault of ours is the server's to tell; the worker goes on
        traceback.print_exc()
        return RuntimeError(f"{type(error).__name__} in a worker")


def default_workers() -> int:
    """Return how many workers suit this machine: one for each processor that may be used, within bounds."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_BY_DEFAULT)
