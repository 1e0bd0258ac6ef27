"""Numbers on the page: never more exact than what is known, never 0 where there are some."""

from __future__ import annotations

import pytest

from venues.amounts import part, rounded, span


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.7, 159.1, "1 to 160"),
        (0.2, 28.1, "up to 28"),
        (0.0, 0.4, "fewer than 1"),
        (300, 300, "300"),
        (4234.5, 1_049_999, "4,200 to 1,000,000"),
        (99, 101, "99 to 100"),
    ],
)
def test_a_range_is_said_with_two_digits_that_count(low: float, high: float, said: str) -> None:
    assert said == span(low, high)


@pytest.mark.parametrize(
    ("share", "said"),
    [(1.0, "100 %"), (0.389, "39 %"), (0.095, "10 %"), (0.094, "9 %"), (0.0061, "0.6 %"), (0.00068, "0.07 %")],
)
def test_a_share_is_a_percentage_with_one_digit_where_it_is_small(share: float, said: str) -> None:
    assert said == part(share)


def test_nothing_is_rounded_below_nothing() -> None:
    assert 0 == rounded(-3.0)
