from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.fragments import degrees_or_none, name_or_none, sentences, told, venue_at


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
    assert expected == told(text)


@given(st.text())
def test_nothing_raises(value: str) -> None:
    assert told(value) != ""


@pytest.mark.parametrize("hostile", ["<a" * 500_000, "0 " * 500_000, "+1" * 500_000, "<" * 1_000_000, "&" * 1_000_000])
def test_a_megabyte_of_anything_is_read_at_once(hostile: str) -> None:
    start = time.process_time()
    told(hostile)
    name_or_none(hostile)
    assert time.process_time() - start < 1.0


def test_what_several_fields_say_is_joined_once() -> None:
    assert sentences("A choir", None, "All voices!", "A choir", "") == "A choir. All voices!"
    assert sentences(None, "") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. FC Ambridge", "1. FC Ambridge"),
        ("Carers&#8217; <em>Cor</em>ner", "Carers’ Corner"),
        ("snake_case *star*", "snake_case *star*"),
        ("<br>", None),
        (7, None),
    ],
)
def test_a_name_keeps_its_signs_and_loses_its_tags(text: object, expected: str | None) -> None:
    assert expected == name_or_none(text)


@pytest.mark.parametrize(
    ("link", "platform"),
    [
        ("https://www.facebook.com/groups/hulme.swaps", "facebook"),
        (" facebook.com/TransitionAmbridge ", "facebook"),
        ("t.me/ambridge_swaps", "telegram"),
        ("https://www.facebook.com/profile.php?id=100012345", None),
        ("https://blog.example.org/about", None),
        ("example.org", None),
        ("mailto:someone@example.org", None),
        (None, None),
    ],
)
def test_a_link_leads_to_a_venue_of_another_platform_or_to_none(link: object, platform: str | None) -> None:
    found = venue_at(link)
    assert platform == (found and found.platform)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("52.2", 52.2), (-2, -2.0), ("", None), ("north", None), ("nan", None), (181, None), (True, None), ([1], None)],
)
def test_degrees_come_as_numbers_or_as_text(value: object, expected: float | None) -> None:
    assert expected == degrees_or_none(value)
