"""What Django's usual format of times is read as."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.django_times import django_time

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "month", "day", "hour", "minute"),
    [
        ("Nov. 3, 2026, 4:05 p.m.", 11, 3, 16, 5),
        ("Sept. 6, 2026, noon", 9, 6, 12, 0),
        ("May 1, 2026, 8 a.m.", 5, 1, 8, 0),
        ("March 12, 2026, midnight", 3, 12, 0, 0),
        ("Oct. 20, 2026, 12:30 a.m.", 10, 20, 0, 30),
        ("By: someone Aug. 1, 2026, 11 p.m. - latest activity", 8, 1, 23, 0),
        ("3. November 2026 16:05", 11, 3, 16, 5),
    ],
)
def test_a_time_is_read_to_the_minute(text: str, month: int, day: int, hour: int, minute: int) -> None:
    assert django_time(text, NOW) == datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "No posts", "noon", "Nov. 31, 2026, noon", "Nov. 3, 2027, 4:05 p.m."])
def test_what_names_no_past_time_is_none(text: str | None) -> None:
    assert django_time(text, NOW) is None
