"""Numbers as people say them: an estimate is never more exact than what is known."""

from __future__ import annotations

_DIGITS = 2


def rounded(number: float) -> int:
    """Return a number with two digits that count, at least 0.

    >>> rounded(4234.5)
    4200
    """
    whole = max(0, round(number))
    return round(whole, _DIGITS - len(str(whole))) if whole >= 10**_DIGITS else whole


def span(low: float, high: float) -> str:
    """Say a range of people in words.

    >>> span(0.7, 159.1), span(0.2, 28.1), span(0.0, 0.4), span(300, 300)
    ('1 to 160', 'up to 28', 'fewer than 1', '300')
    """
    few, many = rounded(low), rounded(high)
    if not many:
        return "fewer than 1"
    if not few:
        return f"up to {many:,}"
    return f"{many:,}" if few == many else f"{few:,} to {many:,}"


def part(share: float) -> str:
    """Say a share of people, as a percentage that is never 0 where there are some.

    >>> part(0.389), part(0.00068), part(0.00609), part(1.0)
    ('39 %', '0.07 %', '0.6 %', '100 %')
    """
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 9.5 else f"{percent:.1g} %"
