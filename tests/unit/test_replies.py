"""Replies: remembered while they are true, computed once for all who ask, bounded in bytes and in number."""

from __future__ import annotations

import asyncio
import gzip
import threading

import pytest

from venues.replies import Busy, Made, Replies, Reply, reply_of

HELLO = reply_of(b"hello", "text/plain")


def test_a_reply_is_made_again_once_the_index_has_changed() -> None:
    made: list[int] = []

    def make() -> Made:
        made.append(1)
        return Made(HELLO)

    async def asked() -> None:
        replies = Replies(1)
        for state in ("a", "a", "b", "b"):
            assert await replies.get("q", state, make) is HELLO
        replies.close()

    asyncio.run(asked())
    assert len(made) == 2


def test_the_same_question_asked_by_many_at_once_is_computed_once() -> None:
    made, may_go_on = [], threading.Event()

    def make() -> Made:
        may_go_on.wait(10)
        made.append(1)
        return Made(HELLO, keep=False)

    async def asked() -> None:
        replies = Replies(2)
        waiting = [asyncio.create_task(replies.get("q", "a", make)) for _ in range(20)]
        await asyncio.sleep(0.05)
        waiting[0].cancel()
        may_go_on.set()
        assert await asyncio.gather(*waiting[1:]) == [HELLO] * 19
        assert replies.known("q", "a") is None
        replies.close()

    asyncio.run(asked())
    assert len(made) == 1


def test_more_than_can_be_answered_soon_is_turned_away() -> None:
    may_go_on = threading.Event()

    def make() -> Made:
        may_go_on.wait(10)
        return Made(HELLO)

    async def asked() -> None:
        replies = Replies(1, most_waiting=3)
        waiting = [asyncio.create_task(replies.get(number, "a", make)) for number in range(3)]
        await asyncio.sleep(0.05)
        with pytest.raises(Busy):
            await replies.get("one more", "a", make)
        may_go_on.set()
        await asyncio.gather(*waiting)
        assert await replies.get("one more", "a", make) is HELLO
        replies.close()

    asyncio.run(asked())


def test_a_fault_is_told_to_whoever_asked_and_not_remembered() -> None:
    def fail() -> Made:
        raise ValueError("a fault")

    async def asked() -> None:
        replies = Replies(1)
        with pytest.raises(ValueError, match="a fault"):
            await replies.get("q", "a", fail)
        assert await replies.get("q", "a", lambda: Made(HELLO)) is HELLO
        replies.close()

    asyncio.run(asked())


def test_what_was_not_asked_for_longest_makes_room() -> None:
    def large() -> Made:
        return Made(Reply("text/plain", b"x" * 1000, b"", b'W/"x"'))

    async def asked() -> None:
        replies = Replies(1, most_bytes=3100)
        for name in ("a", "b", "c", "a", "d"):
            await replies.get(name, 0, large)
        assert [name for name in "abcd" if replies.known(name, 0)] == ["a", "c", "d"]
        await replies.get("x" * 5000, 0, lambda: Made(HELLO))
        assert replies.known("x" * 5000, 0) is None
        replies.close()

    asyncio.run(asked())


def test_a_reply_goes_out_packed_plain_or_not_at_all() -> None:
    status, headers, body = HELLO.for_request({b"accept-encoding": b"br, gzip"})
    assert (status, gzip.decompress(body), dict(headers)[b"content-encoding"]) == (200, b"hello", b"gzip")
    status, headers, body = HELLO.for_request({})
    assert (status, body, dict(headers)[b"content-length"]) == (200, b"hello", b"5")
    assert b"content-encoding" not in dict(headers)
    tag = dict(headers)[b"etag"]
    assert tag.startswith(b'W/"')
    assert HELLO.for_request({b"if-none-match": b'"other", ' + tag})[0] == 304
    assert HELLO.for_request({b"if-none-match": b'"other"'})[0] == 200
    assert reply_of(b"other", "text/plain").tag != tag
