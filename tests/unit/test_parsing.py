from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.parsing import absolute, count_or_none, date_or_none, dig, items, text_or_none, url_or_none

MOMENT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" Leeds \n\t cyclists ", "Leeds cyclists"),
        ("zero\u200bwidth \u202eright to left\u202c \x07bell", "zerowidth right to left bell"),
        ("\ud800lone surrogate", "lone surrogate"),
        ("👨\u200d👩\u200d👧 families", "👨\u200d👩\u200d👧 families"),
        ("", None),
        (" \n ", None),
        ("\u200b", None),
        (12, None),
        (None, None),
        (["a"], None),
        (b"bytes", None),
    ],
)
def test_text(value: object, expected: str | None) -> None:
    assert text_or_none(value) == expected


def test_long_text_is_cut_at_a_word() -> None:
    assert text_or_none("seven letter words are here", 20) == "seven letter words…"
    assert text_or_none("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12, 12),
        (12.0, 12),
        (0, 0),
        ("12,345", 12345),
        ("12.345", 12345),
        ("1,234,567", 1234567),
        ("12 345 members", 12345),
        ("12\u202f345 membres", 12345),
        ("12'345", 12345),
        ("1.2k", 1200),
        ("1.2K members", 1200),
        ("3,5k", 3500),
        ("2M", 2_000_000),
        ("1.5 million", 1_500_000),
        ("Members: 1,204 (3 online)", 1204),
        ("47 topics", 47),
        (-1, None),
        ("-5", None),
        (True, None),
        (math.nan, None),
        (math.inf, None),
        (10**30, None),
        (10**400, None),
        ("9" * 400, None),
        ("none", None),
        ("", None),
        (None, None),
        ({}, None),
    ],
)
def test_count(value: object, expected: int | None) -> None:
    assert count_or_none(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22T09:30:00Z",
        "2026-11-22T09:30:00+00:00",
        "2026-11-22 10:30:00+01:00",
        "2026-11-22T09:30:00",
        "Sun, 22 Nov 2026 09:30:00 GMT",
        1795339800,
        1795339800.0,
        1795339800000,
        "1795339800",
        "1795339800000",
        MOMENT,
        MOMENT.replace(tzinfo=None),
    ],
)
def test_date(value: object) -> None:
    assert date_or_none(value) == MOMENT


@pytest.mark.parametrize(
    "value", ["yesterday", "", "12", 12, "2026", "0001-01-01", 1e30, math.nan, True, None, [], "9" * 99]
)
def test_what_is_no_date(value: object) -> None:
    assert date_or_none(value) is None


@pytest.mark.parametrize("value", ["https://example.org", "http://example.org:8080/a?b=c#d", "HTTPS://EXAMPLE.org/é"])
def test_url(value: str) -> None:
    assert url_or_none(value) == value


@pytest.mark.parametrize(
    "value",
    [
        *("example.org", "//example.org", "javascript:alert(1)", "ftp://a.org", "http://", "http://a b", "http://[::1"),
        *("http://u:p@a.org", "http://a.org:99999", "http://a.org/\x00", "", None, 1),
    ],
)
def test_what_is_no_url(value: object) -> None:
    assert url_or_none(value) is None


def test_links_are_made_absolute() -> None:
    assert absolute("https://a.org/forum/index.php", "viewforum.php?f=2") == "https://a.org/forum/viewforum.php?f=2"
    assert absolute("https://a.org/forum/", "/x") == "https://a.org/x"
    assert absolute("https://a.org/", "mailto:someone@a.org") is None
    assert absolute("https://a.org/", "http://[bad") is None
    assert absolute("https://a.org/", None) is None


def test_digging() -> None:
    tree = {"a": [{"b": 1}, None, "x"], "c": {}}
    assert dig(tree, "a", 0, "b") == 1
    assert dig(tree, "a", -1) == "x"
    for path in (("a", 3), ("a", "b"), ("c", "d"), ("a", 1, "b"), ("a", 2, 0)):
        assert dig(tree, *path) is None
    assert list(items(tree, "a")) == [{"b": 1}]
    assert list(items(tree, "c")) == list(items(None)) == []


@given(st.text() | st.integers() | st.floats() | st.binary() | st.lists(st.text()) | st.datetimes() | st.none())
def test_nothing_makes_a_reader_raise(value: Any) -> None:
    for reader in (text_or_none, count_or_none, date_or_none, url_or_none, dig):
        reader(value)
    absolute("https://example.org/", value)


@pytest.mark.parametrize("piece", ["1,", "1 ", "12.", "9", " ", "1'234", "a@", "\u200b"])
def test_a_huge_text_costs_little(piece: str) -> None:
    started = time.process_time()
    for reader in (text_or_none, count_or_none, date_or_none, url_or_none):
        reader(piece * 1_000_000)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("limit", [5, 12, 4000])
@given(text=st.text(st.sampled_from("ab \u200c\u200d\u202e\x00é…\n\t😀"), max_size=40))
def test_a_text_made_plain_is_plain_already(text: str, limit: int) -> None:
    once = text_or_none(text, limit)
    assert once is None or text_or_none(once, limit) == once
