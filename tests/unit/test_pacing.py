"""When a host may be asked: by what it said, by what we know, and by what other crawls know."""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from crawlers.contract import Stopped
from crawlers.notes import Notes
from crawlers.pacing import Clock, Pacer, Waits
from crawlers.waiting import LONGEST_WAIT, asked_to_wait
from venues.errors import Blocked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from pathlib import Path
    from typing import Any

    from crawlers.pacing import Turn

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://a.example/"
HOST = "a.example"


# what a reply says


@pytest.mark.parametrize(
    ("headers", "status", "seconds"),
    [
        ({"retry-after": "20"}, 429, 20),
        ({"retry-after": "20"}, 200, 20),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=30), usegmt=True)}, 503, 30),
        ({"retry-after": "soon"}, 429, None),
        ({"retry-after": "-5"}, 429, None),
        ({"retry-after": "nan"}, 429, None),
        ({"retry-after": "1e300"}, 429, None),
        ({"retry-after": "99999999"}, 429, LONGEST_WAIT.total_seconds()),
        ({}, 429, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "20"}, 200, 20),
        ({"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "20"}, 200, 20),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "20"}, 200, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOW.timestamp() + 40)}, 200, 40),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-22T12:00:50.000Z"}, 200, 50),
        ({"x-ratelimit-remaining": "0"}, 200, None),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": "20"}, 429, 20),
        ({"ratelimit": "limit=100, remaining=0, reset=7"}, 200, 7),
        ({"ratelimit": '"default";r=0;t=8'}, 200, 8),
        ({"ratelimit": '"default";r=3;t=8'}, 200, None),
        ({"ratelimit": "nonsense"}, 200, None),
    ],
)
def test_what_headers_say_of_when_to_come_again(headers: dict[str, str], status: int, seconds: float | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert expected == asked_to_wait(headers, status, NOW)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}', 2.5),
        (b'{"retry_after": 64.5}', 64.5),
        (b'{"retry_after_ms": "soon"}', None),
        (b'{"retry_after_ms": NaN}', None),
        (b'{"retry_after": true}', None),
        (b"[1]", None),
        (b"[" * 4000, None),
        (b"<html>", None),
    ],
)
def test_a_refusal_may_say_it_in_its_body(body: bytes, seconds: float | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert expected == asked_to_wait({}, 429, NOW, body)
    assert asked_to_wait({}, 200, NOW, body) is None


# turns


class Slept:
    """A clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.at = 1000.0

    async def sleep(self, seconds: float) -> None:
        self.at += max(seconds, 0.0)
        await asyncio.sleep(0)

    @property
    def clock(self) -> Clock:
        return Clock(
            monotonic=lambda: self.at - 900, now=lambda: NOW + timedelta(seconds=self.at - 1000), sleep=self.sleep
        )


@asynccontextmanager
async def asking(pacer: Pacer, pace: float = 1.0) -> AsyncIterator[Turn]:
    async with pacer.turn(URL, HOST, pace) as turn:
        turn.sending()
        turn.heard()
        yield turn


def times(*pacers: Pacer, slept: Slept, pace: float = 1.0) -> list[float]:
    """Return when each was let in, relative to the first."""

    async def go() -> list[float]:
        found = []
        for pacer in pacers:
            async with asking(pacer, pace):
                found.append(slept.at)
        return [round(at - found[0], 2) for at in found]

    return asyncio.run(go())


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_the_pace_counts_from_when_the_host_began_to_answer() -> None:
    slept = Slept()
    pacer = Pacer(slept.clock, Waits())

    async def go() -> None:
        async with pacer.turn(URL, HOST, 1.0) as turn:
            turn.sending()
            slept.at += 0.02
            turn.heard()
            heard_at = slept.at
        async with asking(pacer):
            assert 1.0 == pytest.approx(slept.at - heard_at)

    run(go())


def test_a_host_that_answers_slowly_costs_a_little_and_not_its_slowness_besides() -> None:
    slept = Slept()
    pacer = Pacer(slept.clock, Waits())

    async def go() -> None:
        async with pacer.turn(URL, HOST, 1.0) as turn:
            turn.sending()
            sent_at = slept.at
            slept.at += 0.8
            turn.heard()
        async with asking(pacer):
            assert 1.0 < slept.at - sent_at < 1.2

    run(go())


def test_an_attempt_that_never_came_to_asking_counts_too() -> None:
    slept = Slept()
    pacer = Pacer(slept.clock, Waits())

    async def go() -> None:
        for _ in range(2):
            async with pacer.turn(URL, HOST, 1.0):
                pass
        assert 1.0 == pytest.approx(slept.at - 1000)

    run(go())


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_that_names_no_time_is_waited_for_and_halves_the_pace(status: int) -> None:
    slept = Slept()
    pacer = Pacer(slept.clock, Waits(busy=10.0))

    async def go() -> None:
        async with asking(pacer, 3.0) as turn:
            until = turn.told({}, status)
            assert until == slept.clock.now() + timedelta(seconds=10)
            assert until == turn.told({}, status), "the same refusal twice is one"
        at = slept.at
        async with asking(pacer, 3.0):
            assert 10.0 == pytest.approx(slept.at - at)
            at = slept.at
        async with asking(pacer, 3.0):
            assert 6.0 == pytest.approx(slept.at - at)

    run(go())


def test_a_host_that_wants_more_patience_than_there_is_counts_as_blocked() -> None:
    slept = Slept()
    pacer = Pacer(slept.clock, Waits(patience=60.0, slowest=600.0))

    async def go() -> None:
        async with asking(pacer, 300.0) as turn:
            turn.told({"retry-after": "90"}, 429)
        with pytest.raises(Blocked) as caught:
            async with asking(pacer, 1.0):
                pass
        assert caught.value.retry_after == slept.clock.now() + timedelta(seconds=90)
        slept.at += 90
        async with asking(pacer, 300.0):
            assert 300.0 == pytest.approx(slept.at - 1000), "a slow pace is no refusal"
        with pytest.raises(Blocked, match="3,600 s between"):
            async with asking(pacer, 3600.0):
                pass

    run(go())


# what other crawls know


def test_a_crawl_that_begins_after_a_crash_keeps_the_pace_of_the_one_that_crashed(tmp_path: Path) -> None:
    slept = Slept()
    with Notes(tmp_path / "hosts") as before, Notes(tmp_path / "hosts") as after:
        pacers = [Pacer(slept.clock, Waits(), notes) for notes in (before, after)]
        first, second = times(*pacers, slept=slept, pace=5.0)
    assert 0.0 == first
    assert 5.0 <= second < 5.3


def test_a_pace_that_another_crawl_learnt_is_kept(tmp_path: Path) -> None:
    slept = Slept()
    with Notes(tmp_path / "hosts") as before, Notes(tmp_path / "hosts") as after:
        one, two = Pacer(slept.clock, Waits(), before), Pacer(slept.clock, Waits(), after)

        async def go() -> None:
            async with asking(one, 5.0):
                pass
            async with asking(two, 1.0):
                assert 5.0 <= slept.at - 1000 < 5.3

        run(go())


def test_a_host_that_closed_to_one_crawl_is_closed_to_the_next(tmp_path: Path) -> None:
    slept = Slept()
    with Notes(tmp_path / "hosts") as before, Notes(tmp_path / "hosts") as after:
        one, two = Pacer(slept.clock, Waits(), before), Pacer(slept.clock, Waits(), after)

        async def go() -> None:
            async with asking(one) as turn:
                turn.told({"retry-after": "3600"}, 503)
            with pytest.raises(Blocked) as caught:
                async with asking(two):
                    pass
            assert caught.value.retry_after is not None
            assert timedelta(seconds=3599) < caught.value.retry_after - NOW <= timedelta(seconds=3600)
            slept.at += 3600
            async with asking(two):
                pass

        run(go())


def test_two_crawls_take_turns_and_never_ask_at_one_time(tmp_path: Path) -> None:
    asked: list[tuple[float, float]] = []

    async def crawl(pacer: Pacer) -> None:
        for _ in range(4):
            async with pacer.turn(URL, HOST, 0.1) as turn:
                began = time.monotonic()  # before the pace counts: a machine may stand still in between
                turn.sending()
                turn.heard()
                await asyncio.sleep(0.03)
                asked.append((began, time.monotonic()))

    async def both() -> None:
        with Notes(tmp_path / "hosts") as first, Notes(tmp_path / "hosts") as second:
            await asyncio.gather(*(crawl(Pacer(Clock(), Waits(), notes)) for notes in (first, second)))

    run(both())
    assert 8 == len(asked)
    asked.sort()
    for (began, ended), (next_began, _) in itertools.pairwise(asked):
        assert next_began >= ended
        assert next_began >= began + 0.099


def test_a_clock_that_was_set_back_costs_one_pace_and_not_a_day(tmp_path: Path) -> None:
    slept = Slept()
    with Notes(tmp_path / "hosts") as notes:
        notes.asked(HOST, (NOW + timedelta(days=1)).timestamp(), 1.0)
        pacer = Pacer(slept.clock, Waits(), notes)
        assert [0.0] == times(pacer, slept=slept)
    assert 1.0 == pytest.approx(slept.at - 1000)


# stopping


@pytest.mark.parametrize("with_book", [False, True])
def test_who_waits_when_the_crawl_is_stopped_is_told_at_once_and_who_asks_goes_on(
    tmp_path: Path, with_book: bool
) -> None:
    async def go() -> None:
        with Notes(tmp_path / "hosts") as notes:
            pacer = Pacer(Clock(), Waits(), notes if with_book else None)
            has_its_turn, may_go_on = asyncio.Event(), asyncio.Event()

            async def ask() -> str:
                async with asking(pacer, 30.0):
                    has_its_turn.set()
                    await may_go_on.wait()
                return "done"

            tasks = [asyncio.create_task(ask()) for _ in range(3)]
            await has_its_turn.wait()
            pacer.stop()
            may_go_on.set()
            first, *others = await asyncio.gather(*tasks, return_exceptions=True)
            assert "done" == first
            assert [Stopped, Stopped] == [type(other) for other in others]

    started = time.monotonic()
    run(go())
    assert time.monotonic() - started < 25


def test_a_wait_that_is_cancelled_is_cancelled() -> None:
    async def go() -> None:
        pacer = Pacer(Clock(), Waits())
        async with asking(pacer):
            pass
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), asking(pacer, 30.0):
                pass
        assert not pacer._sleeping

    run(go())
