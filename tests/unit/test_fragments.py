from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.fragments import plain, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Sew <b>to</b>gether.</p><p>Tea&nbsp;&amp; cake</p>", "Sew together. Tea & cake"),
        ("Ages 5 < 12 > 3", "Ages 5 < 12 > 3"),
        ("Call 01632 960983 or +44 (0)7700 900123 now", "Call … or … now"),
        ("Ring (01632) 960 983.", "Ring …."),
        ("Open 09:00 - 17:00, 0-12 months, since 2024-01-05", "Open 09:00 - 17:00, 0-12 months, since 2024-01-05"),
        ("Charity 01234567, number 0 10-12", "Charity 01234567, number 0 10-12"),
        ("  ", None),
        ("<br/>", None),
        (["a"], None),
    ],
)
def test_a_fragment_becomes_its_words(text: object, expected: str | None) -> None:
    assert expected == plain(text)


@given(st.text())
def test_nothing_raises(value: str) -> None:
    assert plain(value) != ""


@pytest.mark.parametrize("hostile", ["<a" * 500_000, "0 " * 500_000, "+1" * 500_000, "<" * 1_000_000, "&" * 1_000_000])
def test_a_megabyte_of_anything_is_read_at_once(hostile: str) -> None:
    start = time.perf_counter()
    plain(hostile)
    assert time.perf_counter() - start < 1.0


def test_what_several_fields_say_is_joined_once() -> None:
    assert sentences("A choir", None, "All voices!", "A choir", "") == "A choir. All voices!"
    assert sentences(None, "") is None
